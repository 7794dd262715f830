"""Who opens a backup: keys of age (age-encryption.org), as files of their own.

Whoever makes backups needs the public half only (`age1…`), so a stolen server reads none.
"""

import os
from pathlib import Path

from pyrage import IdentityError, RecipientError, x25519

from kring.local.home import Trouble

PUBLIC, SECRET = "age1", "AGE-SECRET-KEY-1"


def recipients(path: Path) -> list[x25519.Recipient]:
    """Read for whom to encrypt: public keys, or the public halves of secret ones. Raises Trouble."""
    found = []
    for word in _words(path):
        if word.upper().startswith(SECRET):
            found.append(_identity(word, path).to_public())
        else:
            try:
                found.append(x25519.Recipient.from_str(word))
            except RecipientError:
                raise Trouble(f"{path} holds something that is no age key.") from None
    return found


def identities(path: Path) -> list[x25519.Identity]:
    """Read the secret keys of a file. Raises Trouble."""
    words = _words(path)
    secret = [word for word in words if word.upper().startswith(SECRET)]
    if not secret:
        raise Trouble(f"{path} holds no secret key ({SECRET}…); reading a backup takes that one.")
    return [_identity(word, path) for word in secret]


def holds_a_secret(path: Path) -> bool:
    return any(word.upper().startswith(SECRET) for word in _words(path))


def make(path: Path) -> str:
    """Write a new secret key, for its owner alone, as age-keygen does; return the public one.

    Raises Trouble when something is there already.
    """
    identity = x25519.Identity.generate()
    public = str(identity.to_public())
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except OSError as error:
        raise Trouble(f"{path} cannot be written: {error.strerror}.") from error
    with open(descriptor, "w") as file:
        file.write(f"# public key: {public}\n{identity}\n")
    return public


def _words(path: Path) -> list[str]:
    """The lines of a key file that are no remark. Raises Trouble when there is none."""
    try:
        lines = [line.strip() for line in path.read_text(encoding="utf-8").splitlines()]
    except (OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", None) or "it is not a text"
        raise Trouble(f"The key {path} cannot be read: {reason}.") from error
    words = [line for line in lines if line and not line.startswith("#")]
    if not words:
        raise Trouble(f"{path} holds no key. A public key begins with {PUBLIC}.")
    return words


def _identity(word: str, path: Path) -> x25519.Identity:
    try:
        return x25519.Identity.from_str(word)
    except IdentityError:
        raise Trouble(f"{path} holds a secret key that is damaged.") from None
