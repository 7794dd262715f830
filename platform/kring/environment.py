"""What an operator sets, read and judged once. Anything wrong stops the start with a sentence that
names the variable and says what to set; a value that may be secret is not repeated.

Each may lie in a file: NAME_FILE holds its path, as Docker and systemd hand over secrets.
"""

import os
import sys
from pathlib import Path
from types import ModuleType
from urllib.parse import SplitResult, urlsplit

from django.core.exceptions import ImproperlyConfigured

from kring import logs


def text(name: str, default: str = "") -> str:
    """Return what is set; an empty value counts as not set."""
    where = os.environ.get(f"{name}_FILE")
    if not where:
        return os.environ.get(name) or default
    if os.environ.get(name):
        raise ImproperlyConfigured(f"{name} and {name}_FILE are both set. Unset one of them.")
    try:
        return Path(where).read_text().strip() or default
    except (OSError, UnicodeDecodeError) as error:
        raise ImproperlyConfigured(
            f"{name}_FILE is {where!r}, which cannot be read ({type(error).__name__}). "
            "Set it to a text file that this account may read."
        ) from None


def required(name: str, hint: str) -> str:
    if found := text(name):
        return found
    raise ImproperlyConfigured(f"{name} is not set. {hint}")


def secret(name: str, least: int, *, optional: bool = False) -> str:
    """Return a secret of so many characters or more, with at least five different ones."""
    make = f"python3 -c 'import secrets; print(secrets.token_urlsafe({least}))'"
    found = text(name) if optional else required(name, f"Set it to what this prints: {make}")
    if (found or not optional) and (len(found) < least or len(set(found)) < 5):
        raise ImproperlyConfigured(
            f"{name} is too weak ({len(found)} characters). Set it to what this prints: {make}"
        )
    return found


def secrets(name: str, least: int) -> list[str]:
    """Return any number of secrets, separated by spaces, each as strong as `secret` wants."""
    found = text(name).split()
    for place, each in enumerate(found, 1):
        if len(each) < least or len(set(each)) < 5:
            raise ImproperlyConfigured(
                f"Number {place} of {name} is too weak ({len(each)} characters). Set it to earlier "
                "values of KRING_SECRET_KEY, separated by spaces, or leave it empty."
            )
    return found


def group(prefix: str) -> dict[str, str]:
    """Return everything that is set under a prefix, by the rest of its name."""
    names = {name.removesuffix("_FILE") for name in os.environ if name.startswith(prefix)}
    return {name.removeprefix(prefix): text(name) for name in sorted(names) if text(name)}


def number(name: str, default: int, least: int, most: int) -> int:
    found = text(name, str(default))
    if not found.isascii() or not found.isdecimal() or not least <= int(found) <= most:
        raise ImproperlyConfigured(
            f"{name} is {found!r}. Set it to a number from {least} to {most}."
        )
    return int(found)


def choice(name: str, default: str, *options: str) -> str:
    found = text(name, default)
    if found not in {default, *options}:
        known = ", ".join(filter(None, [default, *options]))
        raise ImproperlyConfigured(f"{name} is {found!r}. Set it to one of: {known}.")
    return found


def switch(name: str) -> bool:
    return choice(name, "0", "1") == "1"


def url(name: str, hint: str, *schemes: str, default: str = "") -> SplitResult:
    """Return the parts of an address with one of these schemes and, if any, a sound port."""
    found = text(name, default) or required(name, hint)
    try:
        parts = urlsplit(found)
        sound = parts.scheme in schemes and (parts.port is None or parts.port > 0)
    except ValueError:
        sound = False
    if not sound:
        raise ImproperlyConfigured(f"{name} is no address that Kring understands. {hint}")
    return parts


# --- what more than one kind of process reads -----------------------------------------------
BROKER_PATIENCE = {"socket_connect_timeout": 1, "socket_timeout": 5}  # seconds


def redis() -> str:
    """Return the address of the broker as redis-py takes it."""
    hint = "Set it to redis://HOST:6379/0 or unix:///path/to/socket."
    url("REDIS_URL", hint, "redis", "rediss", "unix")
    return text("REDIS_URL")


def broker() -> str:
    """Return the address of the broker as Celery takes it."""
    found = redis()
    path = found.removeprefix("unix://")
    return found if path == found else f"redis+socket://{path}"


def logging() -> dict:
    """Return how every process writes its log."""
    return logs.config(
        choice("KRING_LOG", "INFO", "DEBUG", "WARNING", "ERROR"),
        choice("KRING_LOG_FORMAT", "json", "line"),
    )


def settings() -> ModuleType:
    """Load the settings, or end this process with the sentence that says what is wrong."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "kring.settings")
    try:
        from kring import settings
    except ImproperlyConfigured as wrong:
        sys.exit(str(wrong))
    return settings
