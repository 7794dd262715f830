"""Where: circle, charter, membership, roles, admission."""
