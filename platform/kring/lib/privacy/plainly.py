"""The text as the rules read it: one character for one, so that every offset stays true."""

import unicodedata
from array import array

_SAME = {
    **dict.fromkeys(map(ord, "\u00a0\u2007\u2009\u200a\u202f\u2002\u2003\u3000\t"), " "),
    **dict.fromkeys(map(ord, "‐‑‒–—−\ufe63\uff0d"), "-"),
    **dict.fromkeys(map(ord, "’‘ʼ´`\u02bb\u2032"), "'"),
    **dict.fromkeys(map(ord, "“”„«»\u2033"), '"'),
    ord("＠"): "@",
    ord("．"): ".",
    ord("\r"): "\n",
    ord("\u2028"): "\n",
    **{ord("０") + n: str(n) for n in range(10)},
    **{ord("٠") + n: str(n) for n in range(10)},
}
_GONE = dict.fromkeys("\u200b\u200c\u200d\u2060\ufeff\u00ad\u200e\u200f")


class Plain:
    """A text read plainly, and the way back to the places in the text as typed."""

    def __init__(self, typed: str):
        self._places: array | None = None
        self.text = typed.translate(_SAME)
        if not self.text.isascii() and self._has_more_than_letters():
            self._compose()

    def place(self, start: int, end: int) -> tuple[int, int]:
        if self._places is None:
            return start, end
        return self._places[start], self._places[end - 1] + self._widths[end - 1]

    def _has_more_than_letters(self) -> bool:
        return any(c in _GONE or unicodedata.combining(c) for c in self.text)

    def _compose(self) -> None:
        """Put letters and their loose accents together, and leave out what cannot be seen."""
        letters: list[str] = []
        places, widths = array("l"), array("l")
        for place, char in enumerate(self.text):
            if char in _GONE:
                continue
            if letters and unicodedata.combining(char):
                one = unicodedata.normalize("NFC", letters[-1] + char)
                letters[-1] = one if len(one) == 1 else letters[-1]
                widths[-1] = place + 1 - places[-1]
                continue
            letters.append(char)
            places.append(place)
            widths.append(1)
        self.text, self._places, self._widths = "".join(letters), places, widths
