"""Making a file that somebody brought safe to hand to somebody else: only what can be seen stays.

Images are drawn anew, so nothing of the camera, the place or an editor comes along. Of a PDF the
pages are copied into a new one, without scripts, actions, attachments and metadata; also what lies
before the pixels of its pictures goes. Done by pikepdf, whose qpdf reads broken and hostile files in
well-tried C++; the reader written in Python was slow on such files.
"""

import io
import warnings

import pikepdf
from django.utils.translation import gettext as _
from PIL import Image, ImageOps

from kring.lib.refused import Refused

MOST_PIXELS = 25_000_000
MOST_PAGES = 50
LONGEST_SIDE = 3000  # pixels kept; a diploma can be read in them
_FORMATS = ("JPEG", "PNG", "WEBP")
_HIDDEN = (
    "/AA", "/OpenAction", "/Names", "/AcroForm", "/Metadata", "/PieceInfo", "/AF", "/JS",
    "/JavaScript", "/EmbeddedFiles", "/Annots", "/LastModified", "/Thumb", "/Dests", "/Outlines",
    "/StructTreeRoot", "/MarkInfo", "/URI", "/Collection", "/SpiderInfo", "/Perms", "/Legal",
    "/PresSteps", "/DSS", "/StructParents", "/Tabs",
)  # fmt: skip


def kind_of(content: bytes) -> str:
    """Say what a file is by its first bytes: 'pdf', 'jpg' (any picture), or '' for neither."""
    if content[:1024].lstrip().startswith(b"%PDF-"):
        return "pdf"
    if content.startswith((b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n")):
        return "jpg"
    return "jpg" if content[:4] == b"RIFF" and content[8:12] == b"WEBP" else ""


def cleaned(content: bytes, *, field: str | None = None) -> tuple[str, bytes]:
    """Return the kind and the clean content of a file. Raises Refused for what cannot be read."""
    kind = kind_of(content)
    if not kind:
        raise Refused(_("This is no picture (JPEG, PNG, WebP) and no PDF."), field=field)
    try:
        return kind, _picture(content) if kind == "jpg" else _pdf(content)
    except Refused as refused:
        raise Refused(refused.sentence, field=field) from refused
    except (pikepdf.PasswordError, pikepdf.PdfError) as error:
        raise Refused(
            _("This PDF cannot be opened. Save it without a password and try again."), field=field
        ) from error
    except (OSError, ValueError, SyntaxError, RuntimeError, MemoryError, Warning) as error:
        raise Refused(
            _("This file cannot be read. Save it anew and try again."), field=field
        ) from error


def _picture(content: bytes) -> bytes:
    with warnings.catch_warnings():
        warnings.simplefilter("error")  # a bomb is a warning to Pillow
        with Image.open(io.BytesIO(content), formats=_FORMATS) as image:
            if image.width * image.height > MOST_PIXELS:
                raise Refused(_("This picture has too many pixels: at most 25 million."))
            image.load()
            upright = ImageOps.exif_transpose(image).convert("RGB")
    upright.thumbnail((LONGEST_SIDE, LONGEST_SIDE))
    drawn = Image.new("RGB", upright.size)
    drawn.paste(upright)
    out = io.BytesIO()
    drawn.save(out, "JPEG", quality=85)
    return out.getvalue()


def _pdf(content: bytes) -> bytes:
    out = io.BytesIO()
    with pikepdf.open(io.BytesIO(content)) as source, pikepdf.new() as made:
        if not len(source.pages):
            raise Refused(_("This PDF has no pages."))
        if len(source.pages) > MOST_PAGES:
            raise Refused(_("This PDF has too many pages: at most 50."))
        for page in source.pages:
            _hide(page.obj)
            made.pages.append(page)
        for thing in made.objects:
            _hide(thing)
        del made.docinfo
        made.save(out, deterministic_id=True, object_stream_mode=pikepdf.ObjectStreamMode.generate)
    return out.getvalue()


def _hide(thing) -> None:
    if not isinstance(thing, pikepdf.Dictionary | pikepdf.Stream):
        return
    for name in _HIDDEN:
        if name in thing:
            del thing[name]
    if isinstance(thing, pikepdf.Stream) and thing.get("/Filter") == "/DCTDecode":
        thing.write(bare_jpeg(thing.read_raw_bytes()), filter=pikepdf.Name.DCTDecode)


def bare_jpeg(content: bytes) -> bytes:
    """Drop what a camera or an editor wrote before the pixels, and touch no pixel."""
    if not content.startswith(b"\xff\xd8"):
        return b""
    kept, at = [b"\xff\xd8"], 2
    while at + 4 <= len(content) and content[at] == 0xFF and content[at + 1] != 0xDA:
        marker = content[at + 1]
        end = at + 2 + int.from_bytes(content[at + 2 : at + 4])
        wanted = marker in (0xE0, 0xEE) or not (0xE0 <= marker <= 0xEF or marker == 0xFE)
        if wanted:
            kept.append(content[at:end])
        at = end
    return b"".join([*kept, content[at:]])
