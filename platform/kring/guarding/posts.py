"""Real posts without patients, clients or pupils in them: how often the guard speaks for nothing.

They do name people in public: authors, researchers, members of parliament. Those count as false here.
"""

import csv
import re
from html import unescape
from pathlib import Path
from xml.etree import ElementTree

ROOT = Path(__file__).parents[3]


def of_demo() -> list[tuple[str, str]]:
    """Language and text of every post of the demo's archive."""
    return _of_dump(ROOT / "demo/ai/Posts.xml")


def of_file(path: Path) -> list[tuple[str, str]]:
    """Posts of a Stack Exchange dump (Posts.xml) or a table with a column `question`."""
    if path.suffix == ".xml":
        return _of_dump(path)
    csv.field_size_limit(10**8)
    with path.open(newline="", encoding="utf-8") as file:
        return [("nl", row["question"]) for row in csv.DictReader(file)]


def _of_dump(path: Path) -> list[tuple[str, str]]:
    rows = ElementTree.parse(path).getroot()  # noqa: S314  (our own file)
    return [("en", _plain(row.get("Body") or "")) for row in rows]


def _plain(html: str) -> str:
    html = re.sub(r"<pre>.*?</pre>", " ", html, flags=re.S)
    html = re.sub(r"</p>|<br ?/?>|</li>", "\n", html)
    return unescape(re.sub(r"<[^>]+>", "", html))
