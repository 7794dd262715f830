"""The list of words: one sorted file, mapped into memory, looked up by halving.

It costs no time to load and its pages are shared by every process. `words/README.md` says where
the words come from. The letters behind a word: f first name, s surname, n first name also where
it is a word as well, w ordinary word, p place, k other proper noun, e eponym.
"""

import functools
import math
import mmap
import unicodedata
from pathlib import Path

WORDS = Path(__file__).parent / "words"
_STROKES = str.maketrans({"ı": "i", "ł": "l", "ø": "o", "ß": "ss", "đ": "d"})


@functools.cache
def _mapped() -> mmap.mmap:
    with (WORDS / "lexicon.txt").open("rb") as file:
        return mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)


@functools.cache
def _shapes() -> dict[str, int]:
    lines = (WORDS / "shapes.txt").read_text("utf-8").split("\n")
    return {line[:3]: int(line[4:]) for line in lines if line}


@functools.lru_cache(maxsize=20_000)
def marks(word: str) -> str:
    """The marks of a word in lower case; empty for a word that stands in no list."""
    lines, wanted = _mapped(), word.encode("utf-8", "ignore")
    low, high = 0, len(lines) - 1  # each is the place of a line's end
    while low < high:
        start = lines.rfind(b"\n", 0, (low + high) // 2 + 1)
        end = lines.find(b"\n", start + 1)
        key, _, found = lines[start + 1 : end].partition(b"\t")
        if key == wanted:
            return found.decode()
        if key < wanted:
            low = end
        else:
            high = start
    return ""


def plain(word: str) -> str:
    """A word without accents and strokes."""
    if word.isascii():
        return word
    apart = unicodedata.normalize("NFD", word.translate(_STROKES))
    return "".join(c for c in apart if not unicodedata.combining(c))


@functools.lru_cache(maxsize=20_000)
def shape(word: str) -> float:
    """How much a word in lower case looks like a name (above 0) rather than a word or a brand.

    The mean log odds of its letters three by three, learned from the lists.
    """
    letters, odds = f"^{plain(word)}$", _shapes()
    count = max(len(letters) - 2, 1)
    total = math.fsum(odds.get(letters[i : i + 3], 0) for i in range(count))
    return total / 10 / count


def load() -> None:
    """Have everything ready before the first text comes."""
    marks("a")
    shape("a")
