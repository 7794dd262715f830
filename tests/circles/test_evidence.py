"""Papers: cleaned, for vetters only, gone with the application."""

import io
import re
from datetime import timedelta

import pikepdf
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from django.utils import timezone
from PIL import Image

from circles import evidence, forgetting
from circles.models import Paper
from kring.lib.acting import acting_as
from kring.lib.cleaning import cleaned
from kring.lib.refused import Refused
from kring.schedule import SWEEPS
from members import links
from members.erasing import Line
from members.models import Erasure
from tests import make
from tests.conftest import RestrictedClient

SECRET = b"taken in Assen by camera 12"


def picture(size=(40, 30)) -> bytes:
    image, out = Image.new("RGB", size, "green"), io.BytesIO()
    exif = image.getexif()
    exif[0x010E] = SECRET.decode()
    image.save(out, "JPEG", exif=exif)
    return out.getvalue()


def pdf(pages=1, **saved) -> bytes:
    made, out = pikepdf.new(), io.BytesIO()
    for _ in range(pages):
        made.add_blank_page()
    script = pikepdf.Dictionary(S=pikepdf.Name.JavaScript, JS=pikepdf.String("app.alert(1)"))
    made.Root.OpenAction = script
    made.pages[0].AA = pikepdf.Dictionary(O=script)
    made.attachments["note.txt"] = SECRET
    made.docinfo["/Author"] = SECRET.decode()
    photo = made.make_stream(picture())
    photo.Subtype, photo.Filter = pikepdf.Name.Image, pikepdf.Name.DCTDecode
    made.pages[0].Resources = pikepdf.Dictionary(XObject=pikepdf.Dictionary(Im=photo))
    made.save(out, compress_streams=False, **saved)
    return out.getvalue()


def laid_open(content: bytes) -> bytes:
    out = io.BytesIO()
    with pikepdf.open(io.BytesIO(content)) as source:
        source.save(out, qdf=True, object_stream_mode=pikepdf.ObjectStreamMode.disable)
    return out.getvalue()


@pytest.fixture
def draft(circle):
    return make.application(circle, state="draft", language="en", brings="x", seeks="y")


@pytest.fixture
def writer(draft):
    browser = RestrictedClient(headers={"accept-language": "en"})
    browser.get(reverse("application_open", args=[links.token_of(draft.link)]))
    return browser


def bring(browser, content, name="d.jpg", **more) -> str:
    sent = {"file": SimpleUploadedFile(name, content), "what": "Diploma", "add": "1", **more}
    return browser.post(reverse("application_page"), sent, follow=True).content.decode()


# --- cleaning -----------------------------------------------------------------------------
def test_of_a_picture_only_what_is_seen_stays():
    kind, clean = cleaned(picture())
    assert SECRET in picture()
    assert (kind, SECRET in clean) == ("jpg", False)


def test_of_a_pdf_only_the_pages_stay():
    before, after = laid_open(pdf()), laid_open(cleaned(pdf())[1])
    for hidden in (SECRET, b"app.alert", b"/OpenAction", b"/EmbeddedFiles"):
        assert hidden in before
        assert hidden not in after


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"MZ program", "no picture"),
        (b"<svg onload=alert(1)>", "no picture"),
        (b"%PDF-1.7 and nothing", "cannot be opened"),
        (b"\xff\xd8\xff\xe0 and nothing", "cannot be read"),
        (b"\x89PNG\r\n\x1a\n and nothing", "cannot be read"),
        (pdf(encryption=pikepdf.Encryption(owner="a", user="b")), "password"),
        (pdf(pages=51), "too many pages"),
    ],
)
def test_what_cannot_be_cleaned_is_refused_in_words(content, sentence):
    with pytest.raises(Refused, match=sentence):
        cleaned(content)


def test_a_picture_of_too_many_pixels_is_refused_before_it_is_drawn():
    out = io.BytesIO()
    Image.new("1", (6000, 5000)).save(out, "PNG")
    with pytest.raises(Refused, match="25 million"):
        cleaned(out.getvalue())


# --- adding -------------------------------------------------------------------------------
def test_a_file_is_kept_clean_with_the_draft(writer, draft):
    page = bring(writer, picture(), name="Dirk in Assen.jpg", name_="x")
    paper = Paper.objects.get(application=draft)
    assert "Diploma" in page
    assert SECRET not in evidence.path_of(paper).read_bytes()
    assert evidence.path_of(paper).stat().st_mode & 0o77 == 0


def test_adding_keeps_what_was_typed_and_sends_nothing(writer, draft):
    bring(writer, picture(), brings="Half a sentence")
    draft.refresh_from_db()
    assert (draft.state, draft.brings) == ("draft", "Half a sentence")


def test_what_is_no_paper_is_said_beside_the_field_and_the_words_stay(writer, draft):
    page = bring(writer, b"MZ program", brings="Half a sentence")
    assert "This is no picture" in page
    assert "Half a sentence" in page
    assert not Paper.objects.exists()


def test_four_is_the_most(writer, draft):
    for _ in range(4):
        make.paper(draft)
    assert "Four files is the most" in bring(writer, picture())


def test_too_large_is_said(writer, draft, monkeypatch):
    from circles.views import applying

    monkeypatch.setattr(applying.application_page, "most_bytes", 1000)
    assert "larger than 10 MB" in bring(writer, picture((400, 300)))
    assert not Paper.objects.exists()


def test_of_an_address_that_is_not_proven_no_file_is_taken(circle):
    client = RestrictedClient(headers={"accept-language": "en"})
    client.post(
        reverse("application_start", args=[circle.public_id]), {"email": "new@example.org"}
    )
    assert "once you have opened the link" in bring(client, picture())
    assert not Paper.objects.exists()


def test_a_file_can_be_taken_back(writer, draft, falls_due):
    paper = make.paper(draft)
    writer.post(reverse("application_page"), {"remove": paper.public_id})
    falls_due("paper_gone")
    assert not evidence.path_of(paper).exists()
    assert Erasure.objects.filter(kind="paper", row_id=paper.pk).exists()


def test_enter_in_a_field_keeps_the_draft_and_removes_nothing(writer, draft):
    make.paper(draft)
    page = writer.get(reverse("application_page")).content.decode()
    buttons = re.findall(r'<button[^>]*name="(\w+)"', page[page.index("multipart") :])
    assert (buttons[0], "remove" in buttons) == ("later", True)


def test_another_s_file_cannot(writer, circle):
    other = make.paper(make.application(circle, state="draft"))
    writer.post(reverse("application_page"), {"remove": other.public_id})
    other.refresh_from_db()
    assert other.erased_at is None


# --- opening ------------------------------------------------------------------------------
@pytest.mark.parametrize(("kind", "how"), [("jpg", "inline"), ("pdf", "attachment")])
def test_vetters_open_it_in_a_sandbox(circle, vera, as_, kind, how):
    paper = make.paper(make.application(circle), b"content", kind=kind)
    answer = as_(vera).get(address_of(circle, paper))
    assert answer.getvalue() == b"content"
    assert answer["Content-Disposition"].startswith(how)
    assert answer["Content-Security-Policy"] == "default-src 'none'; sandbox"
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert "no-store" in answer["Cache-Control"]


@pytest.mark.parametrize("who", ["bram", "carla", "eva", "dirk"])
def test_nobody_else_does(circle, who, as_, request):
    paper = make.paper(make.application(circle))
    assert as_(request.getfixturevalue(who)).get(address_of(circle, paper)).status_code == 404


def test_before_it_is_sent_in_vetters_do_not_either(circle, vera, draft, as_):
    assert as_(vera).get(address_of(circle, make.paper(draft))).status_code == 404


def address_of(circle, paper) -> str:
    arguments = [circle.public_id, paper.application.public_id, paper.public_id]
    return reverse("vetting_paper", args=arguments)


# --- the end ------------------------------------------------------------------------------
def test_erasing_an_application_deletes_its_files(circle, house):
    application = make.application(circle, state="withdrawn")
    paper = make.paper(application)
    with house(), acting_as(None):
        forgetting.erase(application)
    assert not evidence.path_of(paper).exists()
    assert Paper.objects.get(pk=paper.pk).erased_at


def test_a_file_that_a_backup_brought_back_is_deleted_again(draft):
    paper = make.paper(draft)
    line = Line("paper", paper.pk, paper.added_at)
    assert evidence.drop_again(line)
    assert not evidence.path_of(paper).exists()
    assert not evidence.drop_again(line)


def test_a_file_that_belongs_to_nothing_is_swept_after_a_day(
    draft, house, settings, tmp_path, caplog
):
    settings.FILES = tmp_path
    kept, erased, lost = make.paper(draft), make.paper(draft), make.paper(draft)
    Paper.objects.filter(pk=erased.pk).update(erased_at=timezone.now())
    Paper.objects.filter(pk=lost.pk).delete()  # written, and then the crash before its commit
    with house(), acting_as(None):
        assert evidence.sweep() == 0
        assert evidence.sweep(older_than=timedelta(seconds=-5)) == 2
    assert [path.exists() for path in map(evidence.path_of, (kept, erased, lost))] == [
        True,
        False,
        False,
    ]
    assert lost.public_id not in caplog.text
    assert "2 files" in caplog.text


def test_strays_are_swept_every_night():
    assert "circles.tasks.sweep_papers" in {row["task"] for row in SWEEPS.values()}
