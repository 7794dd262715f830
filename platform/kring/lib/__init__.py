"""The cellar: leaf helpers every floor may use. Knows no app."""
