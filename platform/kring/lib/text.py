"""Markdown to clean HTML, once, when something is written."""

import re

import nh3
from django.utils.html import escape
from django.utils.translation import gettext as _
from markdown_it import MarkdownIt

from kring.lib.refused import Refused

MAX_CHARACTERS = 30_000
MAX_LINES = 1_500
MAX_COLUMNS = 20  # an 80 KB table of 20,000 columns took 4.6 s
MAX_CELLS = 5_000  # counted as drawn: rows are filled up to the width of their table
MAX_BARS = 6_000
MAX_BRACKETS = 2_000
MAX_HTML = 400_000
MAX_DEPTH = 20

_TAGS = {
    "p", "br", "hr", "h2", "h3", "h4", "strong", "em", "del", "s", "code", "pre", "blockquote",
    "ul", "ol", "li", "a", "table", "thead", "tbody", "tr", "th", "td", "sup", "sub",
}  # fmt: skip
_ATTRIBUTES = {"a": {"href", "title"}, "ol": {"start"}, "th": {"align"}, "td": {"align"}}
_PICTURE = re.compile(r"<img\b[^>]{0,2000}>")
_SOURCE = re.compile(r'src="([^"]+)"')
_LABEL = re.compile(r'alt="([^"]*)"')
_markdown = MarkdownIt("commonmark", {"html": False, "linkify": False, "maxNesting": MAX_DEPTH})
# One definition of a long address, named 1,900 times, made a page of 37 MB.
_markdown.enable(["table", "strikethrough"]).disable(["image", "reference"])


def clean(html: str) -> str:
    """Keep only the markup Kring shows; no remote picture, no script, no style."""
    return nh3.clean(
        html,
        tags=_TAGS,
        attributes=_ATTRIBUTES,
        url_schemes={"https", "http", "mailto"},
        link_rel="noopener noreferrer nofollow",
        strip_comments=True,
    )


def render(source: str, *, field: str | None = None) -> str:
    """Return the HTML of a Markdown text, headings one level down.

    Raises Refused when the text is longer, wider or deeper than a page can carry.
    """
    if problem := _too_much(source):
        raise Refused(problem, field=field)
    tokens = _markdown.parse(source)
    if sum(token.type in {"th_open", "td_open"} for token in tokens) > MAX_CELLS:
        raise Refused(_("The tables of a text may have at most 5,000 cells."), field=field)
    for token in tokens:
        if token.type in {"heading_open", "heading_close"}:
            token.tag = f"h{min(int(token.tag[1]) + 1, 4)}"
    html = clean(_markdown.renderer.render(tokens, _markdown.options, {}))
    if len(html) > MAX_HTML:
        raise Refused(
            _("This text makes too large a page. Shorten it, or use less markup."), field=field
        )
    return html


def _too_much(source: str) -> str | None:
    """Say what a text has too much of to be read at all."""
    lines = source.splitlines()
    if len(source) > MAX_CHARACTERS or len(lines) > MAX_LINES:
        return _("This text is too long: at most 30,000 characters and 1,500 lines.")
    if any(line.count("|") > MAX_COLUMNS + 1 for line in lines):
        return _("A table may have at most 20 columns.")
    if source.count("|") > MAX_BARS:
        return _("The tables of a text may have at most 5,000 cells.")
    if source.count("[") > MAX_BRACKETS:
        return _("This text has too many links or square brackets: at most 2,000.")
    if any(len(line) - len(line.lstrip(" \t>*+-")) > 4 * MAX_DEPTH for line in lines):
        return _("Lists and quotes may be nested at most 20 deep.")
    return None


def from_archive(html: str) -> str:
    """Clean the HTML of an archive. Pictures become links: no page of ours fetches elsewhere."""
    return clean(_pictures_as_links(html))


def _pictures_as_links(html: str) -> str:
    return _PICTURE.sub(_as_link, html)


def _as_link(picture: re.Match[str]) -> str:
    source, label = _SOURCE.search(picture[0]), _LABEL.search(picture[0])
    if not source:
        return ""
    return f'<a href="{source[1]}">{(label and label[1]) or escape(source[1])}</a>'
