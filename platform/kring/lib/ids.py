"""Names for rows in addresses: random, so that nobody can count or guess what others wrote."""

import secrets

_ALPHABET = "23456789bcdfghjkmnpqrstvwxyz"  # no vowels: no words; nothing that looks alike


def public_id() -> str:
    """Return 10 random characters, 28^10 possibilities."""
    return "".join(secrets.choice(_ALPHABET) for _ in range(10))
