"""The words of a choice, looked up once a language: Django makes a dictionary of all for each."""

from functools import cache

from django.db.models import Choices
from django.utils.translation import get_language


def in_words(choices: type[Choices], value: str) -> str:
    """Say a value of these choices in the reader's language. Raises ValueError for another."""
    return _words(choices, value, get_language())


@cache
def _words(choices: type[Choices], value: str, language: str | None) -> str:
    return str(choices(value).label)
