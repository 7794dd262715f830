"""Papers for the demo: a sheet with a few lines, as somebody would have photographed or scanned it."""

import io

from PIL import Image, ImageDraw, ImageFont

SHEET = (1240, 1754)  # A4 at 150 dots an inch
INK, PAPER = (38, 38, 44), (250, 249, 245)


def paper(lines: list[str], *, kind: str) -> bytes:
    """Draw a sheet, as JPEG or as a PDF of one page."""
    sheet = Image.new("RGB", SHEET, PAPER)
    pen = ImageDraw.Draw(sheet)
    for number, line in enumerate(lines):
        font = ImageFont.load_default(size=34 if number else 56)
        pen.text((150, 240 + 70 * number), line, fill=INK, font=font)
    pen.line([(150, 210), (1090, 210)], fill=INK, width=3)
    out = io.BytesIO()
    sheet.save(out, "PDF" if kind == "pdf" else "JPEG", resolution=150)
    return out.getvalue()
