"""Who wrote what was moved in: names to show with a link, never an account, never an address."""

import hashlib
from collections.abc import Iterable

from django.utils import translation
from django.utils.translation import gettext as _

from circles.models import Circle
from questions.archive.texts import Author
from questions.models import ImportedAuthor

LONGEST_NAME = 120
LONGEST_KEY = 40
THE_SITE = -1  # what every Stack Exchange site calls its own user


def ids(authors: Iterable[Author], circle: Circle, archive) -> dict[Author, int]:
    """The rows of these authors in the circle; who is not there yet is added."""
    wanted = {author: key(author) for author in authors}
    known = _known(wanted.values(), circle, archive.name)
    missing = {k: author for author, k in wanted.items() if k not in known}
    if missing:
        with translation.override(circle.language):
            _add(missing, circle, archive)
        known |= _known(missing, circle, archive.name)
    return {author: known[k] for author, k in wanted.items()}


def key(author: Author) -> str:
    """The number; a name gets an equals sign, since a name can be a number too."""
    if author.number is not None:
        return str(author.number)
    if len(author.name) < LONGEST_KEY:
        return f"={author.name}"
    return "=" + hashlib.blake2b(author.name.encode(), digest_size=16).hexdigest()


def shown(author: Author, archive) -> str:
    """A name as the archive has it; without one the number, and nothing is made up."""
    if author.name:
        return author.name[:LONGEST_NAME]
    if author.number == THE_SITE:
        return "Community"
    if author.number is not None:
        return _("user %(number)s") % {"number": author.number}
    return str(archive.nobody)


def _known(keys: Iterable[str], circle: Circle, name: str) -> dict[str, int]:
    found = ImportedAuthor.objects.filter(circle=circle, archive=name, key__in=list(keys))
    return dict(found.values_list("key", "id"))


def _add(authors: dict[str, Author], circle: Circle, archive) -> None:
    ImportedAuthor.objects.bulk_create(
        [
            ImportedAuthor(
                circle=circle,
                archive=archive.name,
                key=k,
                name=shown(author, archive),
                url=archive.page(author),
            )
            for k, author in authors.items()
        ],
        ignore_conflicts=True,
    )
