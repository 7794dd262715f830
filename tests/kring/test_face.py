"""The face all pages share: words, drawings, language, theme, pages for when it goes wrong."""

import re
from datetime import date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from django import forms
from django.contrib.auth.models import AnonymousUser
from django.core.exceptions import PermissionDenied
from django.http import Http404
from django.template import engines
from django.template.loader import get_template
from django.test import RequestFactory
from django.utils import timezone, translation
from django.utils.translation import trans_real

from kring import context, errors, tags
from members.models import Member

ROOT = Path(__file__).parents[2]
TEMPLATES = ROOT / "templates"
PAGES = sorted(p.relative_to(TEMPLATES).as_posix() for p in TEMPLATES.rglob("*") if p.is_file())
AMSTERDAM = ZoneInfo("Europe/Amsterdam")


@pytest.fixture
def dutch(settings, tmp_path):
    """Speak Dutch from the sources of the translations, compiled or not."""
    folder = tmp_path / "nl" / "LC_MESSAGES"
    folder.mkdir(parents=True)
    sources = sorted((ROOT / "locale" / "nl").rglob("*.po"))
    catalog = read_po(sources[0].open("rb"), locale="nl")
    for source in sources[1:]:
        for message in read_po(source.open("rb"), locale="nl"):
            catalog[message.id] = message
    with (folder / "django.mo").open("wb") as compiled:
        write_mo(compiled, catalog)
    settings.LOCALE_PATHS = [tmp_path]
    trans_real._translations.clear()
    with translation.override("nl"):
        yield
    trans_real._translations.clear()


@pytest.fixture
def english():
    with translation.override("en"):
        yield


class Ask(forms.Form):
    title = forms.CharField(
        help_text="One sentence.", widget=forms.TextInput(attrs={"placeholder": "Title"})
    )
    detail = forms.ChoiceField(
        choices=[("count", "Numbers only"), ("title", "Titles")], widget=forms.RadioSelect
    )


def draw(source: str, **values) -> str:
    return engines["pages"].from_string(source).render(values)


# --- seats --------------------------------------------------------------------------------
def test_seats_stand_where_the_design_put_them():
    dots = tags.seat_dots(19, 24, small=True)
    assert [dots[0][:3], dots[9][:3], dots[19][:3]] == [
        ("122", "78", ""),
        ("157", "76", ""),
        ("44", "39", "free"),
    ]


@pytest.mark.parametrize("cap", [1, 5, 24, 25, 40, 41, 80, 81, 150])
def test_every_seat_has_a_dot_within_the_drawing(cap):
    dots = tags.seat_dots(cap // 2, cap, small=False)
    assert len(dots) == cap
    assert sum(dot[2] == "free" for dot in dots) == cap - cap // 2
    for x, y, _, r in dots:
        assert float(r) <= min(float(x), float(y)) <= max(float(x), float(y)) <= 180 - float(r)


@pytest.mark.parametrize(("cap", "rings"), [(24, 2), (40, 3), (80, 4), (150, 5)])
def test_more_seats_take_more_rings(cap, rings):
    far = {
        round(((float(x) - 90) ** 2 + (float(y) - 90) ** 2) ** 0.5)
        for x, y, _, _ in tags.seat_dots(0, cap, small=False)
    }
    assert len(far) == rings


def test_no_two_seats_touch():
    for cap in range(2, 151):
        dots = [
            (float(x), float(y), float(r)) for x, y, _, r in tags.seat_dots(0, cap, small=False)
        ]
        nearest = min(
            (x1 - x2) ** 2 + (y1 - y2) ** 2
            for n, (x1, y1, _) in enumerate(dots)
            for x2, y2, _ in dots[:n]
        )
        assert nearest > (2 * dots[0][2]) ** 2, cap


def test_seats_say_their_numbers_to_those_who_do_not_see_them(dutch):
    drawn = draw("{{ seats(40, 40, waiting=3, you=2) }}")
    assert 'r="4.6"' in drawn  # and not 4,6, though the page is Dutch
    assert "40 van 40 plaatsen zijn bezet, 3 wachten, u bent nummer 2" in drawn


# --- words --------------------------------------------------------------------------------
def test_a_day_is_said_in_words(dutch):
    now = timezone.localdate()
    assert tags.day(date(now.year, 12, 2)).endswith("dag 2 december")
    assert tags.day(date(2019, 12, 2)) == "maandag 2 december 2019"


def test_a_day_is_said_in_english(english):
    assert tags.day(date(2019, 12, 2)) == "Monday 2 December 2019"


def test_a_time_is_said_as_dutch_readers_write_it(dutch):
    assert tags.clock(datetime(2026, 1, 1, 14, 2, tzinfo=AMSTERDAM)) == "14.02 uur"


def test_a_time_of_another_zone_is_said_in_ours(english):
    assert tags.clock(datetime(2026, 1, 1, 6, 30, tzinfo=ZoneInfo("UTC"))) == "07:30"


def test_money_is_written_as_each_language_does(dutch):
    assert tags.euros(123450) == "€\N{NO-BREAK SPACE}1.234,50"
    with translation.override("en"):
        assert tags.euros(5471) == "€54.71"


def test_numbers_up_to_twenty_are_words(dutch):
    assert [tags.words(n) for n in (1, 5, 20, 21)] == ["één", "vijf", "twintig", "21"]


@pytest.mark.parametrize(
    ("days", "said"),
    [(0, "today"), (1, "1 day"), (13, "13 days"), (21, "3 weeks"), (90, "3 months")],
)
def test_ages_are_said_in_the_largest_unit_that_fits(english, days, said):
    assert tags.ago(timezone.now() - timedelta(days=days)) == said


# --- fields -------------------------------------------------------------------------------
def test_a_refused_field_says_so_to_eye_and_ear(english):
    drawn = draw("{{ field(form.title) }}", form=Ask({}))
    assert 'aria-invalid="true"' in drawn
    assert 'aria-describedby="id_title-h id_title-e"' in drawn
    assert '<p class="error" id="id_title-e">This field is required.</p>' in drawn


def test_a_placeholder_never_takes_the_place_of_a_label():
    assert "placeholder" not in draw("{{ field(form.title) }}", form=Ask())


def test_attributes_of_a_control_come_through():
    assert 'data-hx-get="/x"' in draw('{{ field(form.title, data_hx_get="/x") }}', form=Ask())


def test_a_refused_choice_says_who_forbids_it():
    form = Ask()
    form.fields["detail"].refused_choices = {"title": "Your circle allows numbers only."}
    drawn = draw("{{ field(form.detail) }}", form=form)
    assert re.search(r'value="title"[^>]*disabled', drawn)
    assert "Your circle allows numbers only." in drawn


def test_the_notice_links_to_what_is_wrong(english):
    drawn = draw('{% include "parts/_errors.html" %}', form=Ask({}))
    assert "Two things are not right yet" in drawn
    assert '<a href="#id_title">Title</a>' in drawn


# --- language and theme -------------------------------------------------------------------
@pytest.mark.django_db
def test_a_visitor_chooses_a_language_and_stays_on_the_page(client):
    reply = client.post("/language/", {"language": "en", "next": "/guide/?sector=care"})
    assert reply.cookies["django_language"].value == "en"
    assert reply.url == "/guide/?sector=care"


def test_a_members_language_is_kept_with_the_account(bram, as_):
    as_(bram).post("/language/", {"language": "en"})
    assert Member.objects.get(pk=bram.pk).language == "en"


@pytest.mark.django_db
@pytest.mark.parametrize("address", ["https://elsewhere.example/", "//elsewhere.example", ""])
def test_nobody_is_sent_to_another_site(client, address):
    assert client.post("/theme/", {"theme": "dark", "next": address}).url == "/"


@pytest.mark.django_db
def test_a_theme_is_remembered_and_drawn(client):
    client.post("/theme/", {"theme": "dark"})
    assert b'data-theme="dark"' in client.get("/no-such-page/").content


@pytest.mark.django_db
@pytest.mark.parametrize("path", ["/language/", "/theme/"])
def test_choosing_takes_a_post(client, path):
    assert client.get(path).status_code == 405


@pytest.mark.django_db
def test_an_unknown_choice_changes_nothing(client):
    assert not client.post("/theme/", {"theme": "pink"}).cookies
    assert not client.post("/language/", {"language": "xx"}).cookies


def test_after_a_post_the_way_back_is_the_page_of_the_form():
    request = RequestFactory().post(
        "/act/", headers={"referer": "http://testserver/page/?a=1"}, HTTP_HOST="testserver"
    )
    assert context.here(request) == "/page/?a=1"


@pytest.mark.parametrize(
    ("referer", "back"),
    [
        ("http://[", "/"),
        ("http://testserver", "/"),
        ("http://testserver//evil.example/x", "/evil.example/x"),
        ("http://testserver///evil.example/x?a=1", "/evil.example/x?a=1"),
        ("http://testserver/\\evil.example/x", "/evil.example/x"),
    ],
)
def test_the_way_back_never_leaves_the_house(referer, back):
    request = RequestFactory().post("/", headers={"referer": referer}, HTTP_HOST="testserver")
    assert context.here(request) == back


# --- what is read at all ------------------------------------------------------------------
@pytest.mark.django_db
@pytest.mark.parametrize("charset", ["utf-7", "utf-16", "no-such"])
@pytest.mark.parametrize("kind", ["multipart/form-data; boundary=x", "text/plain"])
def test_text_in_another_charset_is_not_read(client, charset, kind):
    said = f"{kind}; charset={charset}"
    assert client.generic("POST", "/theme/", b"theme=+2AA-", said).status_code == 400
    assert client.get("/guide/?sector=%2B2AA-", CONTENT_TYPE=said).status_code == 400


@pytest.mark.django_db
@pytest.mark.parametrize("charset", ["utf-8", "UTF-8", '"utf-8"'])
def test_utf_8_is_read_however_it_is_spelt(client, charset):
    kind = f"application/x-www-form-urlencoded; charset={charset}"
    reply = client.generic("POST", "/theme/", b"theme=dark&next=/guide/", kind)
    assert reply.url == "/guide/"


# --- when it goes wrong -------------------------------------------------------------------
class Asked:
    """A member whose account nobody may look at."""

    def __getattr__(self, name):
        raise AssertionError(f"the page asked for request.user.{name}")


@pytest.mark.parametrize(
    ("answer", "problem", "status"),
    [
        (errors.not_found, Http404(), 404),
        (errors.denied, PermissionDenied(), 403),
        (errors.bad_request, ValueError(), 400),
    ],
)
def test_error_pages_ask_nothing_of_anybody(
    answer, problem, status, django_assert_num_queries, db
):
    request = RequestFactory().get("/somewhere/")
    request.user = Asked()
    with django_assert_num_queries(0):
        assert answer(request, problem).status_code == status


def test_our_own_mistake_gets_a_number_and_the_log_no_content(
    caplog, django_assert_num_queries, db
):
    request = RequestFactory().get("/questions/secret-title/")
    try:
        raise RuntimeError("text of a patient")
    except RuntimeError:
        with django_assert_num_queries(0):
            page = errors.server_error(request).content.decode()
    number = re.search(r"<code>(\w+)</code>", page)[1]
    assert number in caplog.text
    assert "RuntimeError" in caplog.text
    assert "test_our_own_mistake" in caplog.text
    assert "patient" not in caplog.text
    assert "secret-title" not in caplog.text


def test_a_broken_error_page_still_says_its_number(monkeypatch):
    monkeypatch.setattr(errors, "render_to_string", lambda *_, **__: 1 / 0)
    reply = errors.server_error(RequestFactory().get("/"))
    assert (reply.status_code, reply.content[:9]) == (500, b"<!doctype")


TYPED = "A long text that took somebody twenty minutes to write down."


def _refused_form(**headers) -> str:
    request = RequestFactory().post(
        "/ask/",
        {"body": TYPED, "title": "Short", "password": "p" * 50, "csrfmiddlewaretoken": "x" * 64},
        headers=headers,
    )
    request.user = AnonymousUser()
    reply = errors.csrf_failure(request)
    assert reply.status_code == 403
    return reply.content.decode()


def test_what_was_typed_into_an_old_form_is_given_back():
    page = _refused_form(origin="http://testserver")
    assert TYPED in page
    assert "p" * 50 not in page
    assert "x" * 64 not in page


def test_text_from_a_strangers_page_is_never_shown_as_ours():
    assert TYPED not in _refused_form(origin="https://elsewhere.example")


# --- templates ----------------------------------------------------------------------------
@pytest.mark.parametrize("name", PAGES)
def test_every_template_compiles(name):
    get_template(name)


INLINE = re.compile(
    r"\sstyle=|<style\b|<script(?![^>]*\ssrc=)[^>]*>|\son[a-z]+=[\"']|javascript:|\|safe\b",
    re.IGNORECASE,
)


# Mail needs inline style: programs that read mail drop style sheets.
@pytest.mark.parametrize("name", [name for name in PAGES if not name.startswith("mail/")])
def test_no_template_carries_inline_style_or_script(name):
    found = INLINE.search((TEMPLATES / name).read_text())
    assert not found, found


def test_the_style_sheet_stays_small():
    sheets = (ROOT / "static" / "css").glob("*.css")
    assert sum(sheet.stat().st_size for sheet in sheets if sheet.name != "tokens.css") < 32768


def test_no_script_is_longer_than_sixty_lines():
    for script in (ROOT / "static" / "js").glob("*.js"):
        assert len(script.read_text().splitlines()) < 60, script.name
