"""The chart of docs/performance.svg: processor time of each page beside the bare view. Pure."""

from html import escape

from kring.bench.budgets import SEARCH, Run
from kring.bench.measuring import BARE, BARE_BETWEEN

# The product's colours (static/css/tokens.css), by day and by night.
STYLE = """
text { font: 15px "Public Sans", system-ui, sans-serif; fill: #13201a }
.quiet { fill: #43514a } .paper { fill: #fdfefd } .line { stroke: #d3dcd6 }
.s0 { fill: #0b5a42 } .s1 { fill: #5a9480 } .s2 { fill: #d3dcd6 }
@media (prefers-color-scheme: dark) {
  text { fill: #edf3ef } .quiet { fill: #b5c2bb } .paper { fill: #0f1512 } .line { stroke: #2d3933 }
  .s0 { fill: #83d8b7 } .s1 { fill: #3f8a6f } .s2 { fill: #2d3933 }
}"""
WIDTH, LEFT, RIGHT, TOP = 760, 100, 90, 70
BAR, GAP = 16, 18  # height of a bar, space between pages


def chart(run: Run) -> str:
    """Draw a bar for each page and size, its milliseconds and times bare at the end."""
    sizes = run.sizes[:3]
    pages = [page for page in run.figures.pages(sizes[0]) if not page.startswith(SEARCH)]
    pages = [page for page in pages if run.figures.has(sizes[0], page) and page != BARE_BETWEEN]
    longest = max(run.figures.cpu(size, page) for size in sizes for page in pages)
    scale = (WIDTH - LEFT - RIGHT) / longest
    row = len(sizes) * BAR + GAP
    height = TOP + len(pages) * row + 10
    parts = [_legend(run, sizes)]
    for place, page in enumerate(pages):
        top = TOP + place * row
        middle = top + len(sizes) * BAR / 2 + 5
        parts.append(
            f'<text x="{LEFT - 12}" y="{middle:.0f}" text-anchor="end">{escape(page)}</text>'
        )
        for number, size in enumerate(sizes):
            parts.append(_bar(run, size, page, number, top + number * BAR, scale))
    at = LEFT + run.figures.cpu(sizes[0], BARE) * scale
    parts.append(
        f'<path class="line" d="M{at:.0f} {TOP - 8}V{height - 10}" stroke-dasharray="4 4" fill="none"/>'
    )
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" role="img" '
        f'aria-label="Processor milliseconds of a request, by page and number of questions">'
        f"<style>{STYLE}</style>"
        f'<rect class="paper" width="{WIDTH}" height="{height}"/>{"".join(parts)}</svg>\n'
    )


def _bar(run: Run, size: str, page: str, number: int, top: float, scale: float) -> str:
    cpu = run.figures.cpu(size, page)
    words = f"{cpu:.1f} ms"
    if page != BARE:
        words += f" · {run.figures.ratio(size, page):.1f}×"
    width = cpu * scale
    return (
        f'<rect class="s{number}" x="{LEFT}" y="{top}" width="{width:.1f}" height="{BAR - 3}"/>'
        f'<text class="quiet" x="{LEFT + width + 8:.0f}" y="{top + 11}" font-size="12">'
        f"{words}</text>"
    )


def _legend(run: Run, sizes: list[str]) -> str:
    parts = ['<text x="12" y="26">Processor time of one request, all processes together</text>']
    at = 12
    for number, size in enumerate(sizes):
        words = f"{run.labels[size]} questions"
        parts.append(f'<rect class="s{number}" x="{at}" y="40" width="12" height="12"/>')
        parts.append(f'<text class="quiet" x="{at + 18}" y="51">{words}</text>')
        at += 40 + 8 * len(words)
    return "".join(parts)
