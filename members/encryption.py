"""Text that is stored but must be read back: sealed under a key that never lies in the database.

One key for each purpose, derived from KRING_SECRET_KEY. What earlier keys sealed
(KRING_SECRET_KEY_FALLBACKS) still opens; new text is sealed under the present one only.
"""

import base64
from functools import lru_cache

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings

__all__ = ["InvalidToken", "reseal", "seal", "unseal"]


def seal(purpose: str, text: str) -> str:
    """Encrypt and sign a text (AES-128-CBC and HMAC-SHA256, as Fernet does)."""
    return _box(purpose).encrypt(text.encode()).decode("ascii")


def unseal(purpose: str, sealed: str) -> str:
    """Return the text. Raises InvalidToken for what no key of ours sealed."""
    return _box(purpose).decrypt(sealed.encode()).decode()


def reseal(purpose: str, sealed: str) -> str:
    """Seal under the present key what an earlier one sealed. Raises InvalidToken."""
    return _box(purpose).rotate(sealed.encode()).decode("ascii")


def _box(purpose: str) -> MultiFernet:
    return _made(purpose, (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS))


@lru_cache(maxsize=16)
def _made(purpose: str, secrets: tuple[str, ...]) -> MultiFernet:
    return MultiFernet([Fernet(_key(purpose, secret)) for secret in secrets])


def _key(purpose: str, secret: str) -> bytes:
    derived = HKDF(SHA256(), length=32, salt=None, info=b"kring." + purpose.encode())
    return base64.urlsafe_b64encode(derived.derive(secret.encode()))
