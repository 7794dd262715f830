"""The wiring of Kring: settings, addresses, the queue. Nobody imports it except its cellar, kring.lib."""

VERSION = "0.1.0"  # as in pyproject.toml
