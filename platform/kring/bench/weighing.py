"""What a page weighs on the line: as the proxy compresses it, with what a first visit fetches."""

import re
import zlib
from dataclasses import dataclass

from kring.bench.visiting import Request, Visitor

_FILE = re.compile(r'(?:href|src)="(/static/[^"]+)"')
_ITALIC = re.compile(r"<(em|i|cite)\b")


@dataclass(frozen=True)
class Weight:
    """Bytes of a page: plain, compressed, and all a first visit fetches with it."""

    plain: int
    page: int
    first: int


def weigh(port: int, request: Request) -> Weight:
    """Fetch a page and what it names. Fonts are fetched when their letters are on the page."""
    visitor = Visitor(port)
    page, _ = visitor.ask(request)
    html = page.decode()
    files = set(_FILE.findall(html))
    for sheet in [name for name in files if name.endswith(".css")]:
        text, _ = visitor.ask(Request(request.member, sheet))
        fonts = re.findall(r'url\("?(?:\.\./)?(fonts/[^")]+)"?\)', text.decode())
        files |= {
            f"/static/{font}" for font in fonts if "italic" not in font or _ITALIC.search(html)
        }
    sizes = [_size(visitor, request.member, name) for name in files]
    visitor.close()
    return Weight(len(page), len(gzipped(page)), len(gzipped(page)) + sum(sizes))


def _size(visitor: Visitor, member: int, name: str) -> int:
    body, _ = visitor.ask(Request(member, name), **{"Accept-Encoding": "gzip, br"})
    return len(body)


def gzipped(body: bytes) -> bytes:
    """Compress as a proxy does: gzip at its usual level."""
    packer = zlib.compressobj(6, zlib.DEFLATED, 31)
    return packer.compress(body) + packer.flush()
