"""The translations: whether they are complete, and compiling them.

All by Babel: it reads Python and the templates, and compiles.
"""

import contextlib
import os
import sys
from collections.abc import Iterator
from pathlib import Path

from babel.messages.catalog import Catalog, Message
from babel.messages.extract import DEFAULT_KEYWORDS, extract
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

from kring.local.home import REPOSITORY, say

LANGUAGE = "nl"  # the sources are English
SOURCES = ("platform", "members", "circles", "questions", "templates", "demo")
_KINDS = {".py", ".html", ".txt"}
_KEYWORDS = {
    **DEFAULT_KEYWORDS,
    "gettext_lazy": None,
    "ngettext_lazy": (1, 2),
    "pgettext_lazy": ((1, "c"), 2),
    "npgettext_lazy": ((1, "c"), 2, 3),
}


def compile_all(locale_dir: Path) -> int:
    """Compile every .po that is newer than its .mo; return how many that were."""
    count = 0
    for source in sorted(Path(locale_dir).glob("*/LC_MESSAGES/*.po")):
        target = source.with_suffix(".mo")
        if target.exists() and target.stat().st_mtime_ns > source.stat().st_mtime_ns:
            continue
        with source.open("rb") as text:
            catalog = read_po(text)
        draft = target.with_suffix(f".{os.getpid()}")
        with draft.open("wb") as compiled:
            write_mo(compiled, catalog)
        draft.replace(target)
        count += 1
    return count


def collect(tree: Path) -> Catalog:
    """Collect the texts of the sources under this folder, in the order of the files."""
    found = Catalog()
    for path, kind in sorted(_files(tree)):
        with path.open("rb") as source:
            texts = extract(
                kind, source, _KEYWORDS, ["Translators:"], {"newstyle_gettext": "true"}
            )
            for _line, text, comments, context in texts:
                place = (path.relative_to(tree).as_posix(), 0)
                found.add(text, locations=[place], auto_comments=comments, context=context)
    return found


def _files(tree: Path) -> Iterator[tuple[Path, str]]:
    """Each source with its kind, as Babel names it."""
    for name in SOURCES:
        for path in (tree / name).rglob("*"):
            if path.suffix in _KINDS and not path.is_relative_to(tree / "platform/kring/bench"):
                yield path, "python" if path.suffix == ".py" else "jinja2"


def update(tree: Path) -> None:
    """Bring the .po up to the sources: what is new is empty, or unsure where it is much alike."""
    path = _po(tree)
    with path.open("rb") as text:
        kept = read_po(text)
    kept.update(collect(tree), update_creation_date=False)
    with path.open("wb") as text:
        write_po(text, kept, width=99, ignore_obsolete=True, no_location=True, sort_output=True)


def complaints(tree: Path) -> list[str]:
    """One line for every text that is missing, unsure or no longer used in the .po."""
    kept, used = _read(tree), _keyed(collect(tree))
    found = []
    for key, message in used.items():
        known = kept.get(key)
        if known is None or not all(_strings(known)):
            found.append(f"missing: {_shown(message)} ({_where(message)})")
        elif known.fuzzy:
            found.append(f"fuzzy: {_shown(message)} ({_where(message)})")
    found += [f"obsolete: {_shown(kept[key])}" for key in kept.keys() - used.keys()]
    return sorted(found)


def _po(tree: Path) -> Path:
    return tree / "locale" / LANGUAGE / "LC_MESSAGES" / "django.po"


def _read(tree: Path) -> dict[tuple, Message]:
    """The texts of a .po by context and sentence; an obsolete one is there without a use."""
    with contextlib.suppress(FileNotFoundError), _po(tree).open("rb") as text:
        return _keyed(read_po(text))
    return {}


def _keyed(catalog: Catalog) -> dict[tuple, Message]:
    texts = [message for message in catalog if message.id] + list(catalog.obsolete.values())
    return {(message.context, message.id): message for message in texts}


def _strings(message: Message) -> list[str]:
    return [message.string] if isinstance(message.string, str) else list(message.string)


def _shown(message: Message) -> str:
    text = message.id if isinstance(message.id, str) else message.id[0]
    return repr(text if len(text) <= 70 else f"{text[:67]}...")


def _where(message: Message) -> str:
    return ", ".join(place for place, _ in message.locations[:2])


def main(argv: list[str]) -> int:
    """No argument checks, --update collects the texts, --compile compiles."""
    if argv == ["--update"]:
        update(REPOSITORY)
        return 0
    if argv == ["--compile"]:
        compile_all(REPOSITORY / "locale")
        return 0
    found = complaints(REPOSITORY)
    for line in found:
        say(line)
    if found:
        say(f"{len(found)} texts need work in locale/{LANGUAGE}/LC_MESSAGES/django.po.")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
