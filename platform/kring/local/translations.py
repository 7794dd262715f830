"""The translations: whether they are complete, and compiling them.

Collecting and checking the texts needs gettext; compiling is done by Babel and needs nothing.
"""

import contextlib
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from babel.messages.catalog import Catalog, Message
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

from kring.local.home import REPOSITORY, Trouble, say

LANGUAGE = "nl"  # the sources are English
SOURCES = ("platform", "members", "circles", "questions", "templates", "demo")
OPTIONS = ["--locale", LANGUAGE, "--no-wrap", "--add-location", "file", "--verbosity", "0"]


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


def collect(tree: Path) -> None:
    """Write the texts of the sources under this folder into its .po. Raises Trouble."""
    if not shutil.which("xgettext"):
        raise Trouble("Checking translations needs gettext. As root: apt-get install gettext")
    ignored = [part for name in ("tests", "build") for part in ("--ignore", name)]
    environment = {k: v for k, v in os.environ.items() if k != "DJANGO_SETTINGS_MODULE"}
    done = subprocess.run(
        [sys.executable, "-m", "django", "makemessages", *OPTIONS, *ignored],
        cwd=tree,
        env=environment,
        capture_output=True,
        text=True,
    )
    if done.returncode:
        raise Trouble(f"The texts could not be collected: {done.stderr.strip()}")


def complaints(tree: Path) -> list[str]:
    """One line for every text that is missing, unsure or no longer used in the .po."""
    kept = _read(tree)
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder)
        for name in SOURCES:
            if (tree / name).is_dir():
                skipped = shutil.ignore_patterns("__pycache__", "*.po", "*.mo")
                shutil.copytree(tree / name, copy / name, ignore=skipped)
        (copy / "locale").mkdir()
        collect(copy)
        used = _read(copy)
    found = []
    for key, message in used.items():
        known = kept.get(key)
        if known is None or not all(_strings(known)):
            found.append(f"missing: {_shown(message)} ({_where(message)})")
        elif known.fuzzy:
            found.append(f"fuzzy: {_shown(message)} ({_where(message)})")
    found += [f"obsolete: {_shown(kept[key])}" for key in kept.keys() - used.keys()]
    return sorted(found)


def _read(tree: Path) -> dict[tuple, Message]:
    """The texts of a .po by context and sentence; an obsolete one is there without a use."""
    path = tree / "locale" / LANGUAGE / "LC_MESSAGES" / "django.po"
    catalog = Catalog()
    with contextlib.suppress(FileNotFoundError), path.open("rb") as text:
        catalog = read_po(text)
    texts = [message for message in catalog if message.id]
    texts += catalog.obsolete.values()
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
        collect(REPOSITORY)
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
    try:
        sys.exit(main(sys.argv[1:]))
    except Trouble as trouble:
        sys.exit(str(trouble))
