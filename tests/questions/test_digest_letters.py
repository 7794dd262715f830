"""The mail itself: what it may say, what it never says, and when it does not go."""

import email
import re
from datetime import date, timedelta
from email import policy
from html import unescape

import pytest
from django.conf import settings
from django.core import mail
from django.utils import timezone

from circles.models import Application, Circle, Membership
from members import bounces, delivery
from members.models import Letter, Member, Profile
from questions.digests import building, planning
from questions.digests.ceilings import ceiling_of
from questions.models import Answer, DigestIssue, DigestPlan, Event, Question, Tag, Tagging
from tests import make
from tests.questions import digest_make as rows

pytestmark = pytest.mark.django_db
CANARY = "zeekomkommer"


@pytest.fixture
def clock(monkeypatch):
    return rows.Clock(monkeypatch)


@pytest.fixture
def plan_and_build(house):
    def go():
        with house():
            for issue_id in planning.plan_due():
                building.build(issue_id)

    return go


@pytest.fixture
def bring(house):
    def go():
        with house():
            delivery.deliver_waiting()

    return go


@pytest.fixture
def digest_of(plan_and_build, bring):
    """Plan, build and bring; return what this member got, or None."""

    def go(member):
        Member.objects.filter(pk=member.pk).update(language="en")
        rows.plan(member)
        plan_and_build()
        bring()
        sent = [letter for letter in mail.outbox if letter.to == [member.email]]
        assert len(sent) <= 1
        return sent[0] if sent else None

    return go


def html_of(sent) -> str:
    return sent.alternatives[0][0]


def _shown(html: str) -> str:
    body = re.sub(r"(?s)<(style|title).*?</\1>", "", html)
    return re.sub(r"(?s)<div style=\"display:none.*?</div>", "", body)


def words_of(html: str) -> str:
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", _shown(html))).split())


def end_of(member) -> tuple[str, str]:
    return DigestIssue.objects.values_list("state", "reason").get(member=member)


def shows(ceiling: str, *circles: Circle) -> None:
    Circle.objects.filter(pk__in=[c.pk for c in circles]).update(mail_ceiling=ceiling)


# --- what it says -------------------------------------------------------------------------
def test_an_ordinary_circle_may_show_the_question(circle, anna, bram, digest_of):
    shows("title", circle)
    make.question(circle, by=anna, title="Splint or pin after a fall?")
    sent = digest_of(bram)
    assert sent.subject == "Kring: 1 thing for you this week"
    assert "One thing for you, Bram" in sent.body
    assert "Splint or pin after a fall?" in sent.body
    assert "From Hand surgeons." in sent.body


def test_a_circle_may_allow_the_mail_safe_line_only(circle, anna, bram, digest_of):
    shows("line", circle)
    make.question(circle, by=anna, title="Splint for the mayor?", mail_line="Splint or pin?")
    make.question(circle, by=anna, title="Without a line?")
    sent = digest_of(bram)
    assert "Splint or pin?" in sent.body
    assert "mayor" not in sent.body + html_of(sent)
    assert "1 question waits" in sent.body
    assert "Without a line" not in sent.body + html_of(sent)


def test_numbers_only_says_how_many_how_long_and_what_may_be_said(
    circle, anna, bram, vera, digest_of, clock
):
    mine = make.question(circle, by=vera)
    rows.answered(mine, anna)
    rows.answered(mine, bram)
    old = make.question(circle, by=anna, created_at=clock.now - timedelta(days=5))
    make.question(circle, by=anna, created_at=clock.now - timedelta(days=1))
    for name, safe in (("wrist", True), ("secret", False)):
        tag = Tag.objects.create(circle=circle, name=name, mail_safe=safe)
        Tagging.objects.create(circle=circle, question=old, tag=tag)
    make.application(circle, review_since=clock.now - timedelta(days=6))
    make.question(circle, by=vera, state="answered", outcome_due_at=clock.now + timedelta(days=2))
    rows.solved(make.question(circle, by=anna))
    rows.known(make.question(circle, by=anna))
    make.membership(circle, make.member("new"), since=clock.now - timedelta(days=1))
    body = digest_of(vera).body
    for line in (
        "Four things for you, Vera",
        "From Kring A. This email has numbers only; the content is behind your sign-in.",
        "2 answers on your question",
        "1 outcome to report",
        "Promised for 26 November",
        "1 application waits for your vote",
        "The longest: 6 days",
        "2 questions wait",
        "The longest: 5 days · wrist",
        "1 question solved, 1 outcome reported",
        "and 1 more",  # the new member: a circle has five lines
        "That is all. After that you are up to date.",
    ):
        assert line in body
    assert "secret" not in body


def test_new_members_are_told_beside_something_that_matters(circle, anna, bram, digest_of, clock):
    make.question(circle, by=anna)
    make.membership(circle, make.member("new"), since=clock.now - timedelta(days=1))
    sent = digest_of(bram)
    assert sent.subject == "Kring: 1 thing for you this week"
    assert "-  1 new member" in sent.body


@pytest.mark.parametrize(("later", "told"), [("objection", True), ("offered", False)])
def test_who_is_admitted_in_principle_is_a_number_while_members_may_object(
    circle, anna, bram, plan_and_build, bring, clock, later, told
):
    make.question(circle, by=anna)
    rules = {"objection_days": 7}
    newcomer = {"state": "objection", "moved_at": clock.now, "name": "Newt", "policy": rules}
    application = make.application(circle, **newcomer)
    Member.objects.filter(pk=bram.pk).update(language="en")
    rows.plan(bram)
    plan_and_build()
    Application.objects.filter(pk=application.pk).update(state=later)
    bring()
    [sent] = [letter for letter in mail.outbox if bram.email in letter.to]
    assert ("1 person is admitted in principle" in sent.body) == told
    assert "Newt" not in sent.body


def test_remarks_are_told_as_the_circle_allows(circle, anna, bram, digest_of):
    for title in ("Splint or pin?", "Which glove?"):
        rows.event(make.question(circle, by=bram, title=title), "remarked", anna)
    shows("title", circle)
    sent = digest_of(bram)
    assert "1 remark on your question or answer\n   Splint or pin?" in sent.body


def test_remarks_of_a_circle_with_numbers_only_are_one_line(circle, anna, bram, digest_of):
    for _ in range(2):
        rows.event(make.question(circle, by=bram), "remarked", anna)
    assert "2 remarks on your questions or answers" in digest_of(bram).body


def test_what_has_no_place_is_counted(circle, anna, bram, digest_of):
    shows("title", circle)
    for _ in range(9):
        make.question(circle, by=anna)
    sent = digest_of(bram)
    assert sent.subject == "Kring: 5 things for you this week"
    assert "and 4 more" in sent.body


def test_with_several_circles_each_line_names_its_own(circle, anna, bram, digest_of):
    other = make.circle("Foot surgeons", members=[anna, bram], sensitivity="sensitive")
    Circle.objects.filter(pk=other.pk).update(mail_alias="Kring F")
    shows("title", circle)
    make.question(circle, by=anna, title="Splint or pin?")
    make.question(other, by=anna, title="Which shoe?")
    body = digest_of(bram).body
    assert "Hand surgeons" in body
    assert "Kring F" in body
    assert "Foot surgeons" not in body
    assert "Where a circle wants it so, there are numbers only." in body


def test_what_was_solved_alone_is_worth_a_mail(circle, anna, bram, digest_of):
    rows.solved(make.question(circle, by=anna))
    rows.known(make.question(circle, by=anna))
    sent = digest_of(bram)
    assert sent.subject == "Kring: 1 thing for you this week"
    assert "1 question solved, 1 outcome reported" in sent.body


def test_d12_text_and_html_say_the_same(circle, anna, bram, vera, digest_of, clock):
    shows("title", circle)
    rows.answered(make.question(circle, by=vera, title="Mine & yours?"), anna)
    make.question(circle, by=anna, title="<b>Help</b>?")
    rows.solved(make.question(circle, by=anna, title="Done?"))
    make.application(circle)
    make.membership(circle, make.member("new"), since=clock.now - timedelta(days=1))
    sent = digest_of(vera)
    assert sent.body.count("\n-  ") == 2  # solved, and a new member: every section has its line
    said = words_of(html_of(sent))
    text = " ".join(sent.body.split())
    links = set(re.findall(r"https?://\S+", sent.body))
    assert links == set(re.findall(r'href="([^"]+)"', html_of(sent)))
    for line in sent.body.splitlines():
        plain = re.sub(r"^(\d+\.|-)\s+|https?://\S+|^--$", "", line).strip().rstrip(":")
        assert plain.lower() in said.lower(), plain
    for piece in re.findall(r">([^<>]+)<", _shown(html_of(sent))):
        plain = " ".join(unescape(piece).split()).strip("·. ◎")
        assert plain.lower() in text.lower() or plain == "Kring", plain


def test_d12_the_mail_is_small_and_fetches_nothing(circle, anna, bram, digest_of):
    shows("title", circle)
    long = "https://elsewhere.example/x?" + "a" * 260
    for number in range(12):
        make.question(circle, by=anna, title=f"{number} {long}")
    source = digest_of(bram).message().as_bytes()
    assert len(source) < 50_000
    html = html_of(mail.outbox[0])
    assert "<img" not in html
    assert "url(" not in html
    addresses = re.findall(r"https?://[^\s\"'<>)]+", source.decode())
    assert addresses
    assert all(address.startswith(settings.URL) for address in addresses)


def test_the_headers_let_one_click_stop_it(circle, anna, bram, digest_of):
    make.question(circle, by=anna)
    source = digest_of(bram).message().as_bytes()
    parsed = email.message_from_bytes(source, policy=policy.default)
    assert parsed["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert re.fullmatch(
        rf"<{settings.URL}/unsubscribe/[\w-]{{35}}/>, <mailto:[^>]+>", parsed["List-Unsubscribe"]
    )
    assert "weekly-digest" in parsed["List-Id"]
    letter = Letter.objects.get(member=bram)
    assert parsed["Message-ID"] == delivery.message_id(letter)
    assert parsed["Auto-Submitted"] == "auto-generated"


def test_it_speaks_dutch_to_who_reads_dutch(circle, anna, bram, plan_and_build, bring):
    Member.objects.filter(pk=bram.pk).update(language="nl")
    for number in range(2):
        make.question(circle, by=anna, title=f"Spalk of pen {number}?")
        rows.answered(make.question(circle, by=bram), anna)
    shows("title", circle)
    rows.plan(bram)
    plan_and_build()
    bring()
    (sent,) = [letter for letter in mail.outbox if letter.to == [bram.email]]
    assert sent.subject == "Kring: 4 dingen voor u deze week"
    for line in (
        "Vier dingen voor u, Bram",
        "U KUNT HELPEN",
        "1 antwoord op uw vraag",
        "07.30 uur",
    ):
        assert line in sent.body
    assert "Spalk of pen 1?" in html_of(sent)


# --- what it never says -------------------------------------------------------------------
def test_d4_of_a_sensitive_circle_no_word_is_in_the_mail(circle, anna, bram, vera, digest_of):
    """Canaries in every field of content, and the whole source of the mail."""
    Circle.objects.update(
        name=f"name {CANARY}", purpose=f"purpose {CANARY}", profession=f"profession {CANARY}",
        sensitivity="sensitive", mail_ceiling="counts", mail_alias="Kring A",
    )  # fmt: skip
    Profile.objects.exclude(pk=vera.pk).update(name=f"{CANARY} X", title=CANARY, about=CANARY)
    words = {"title": f"title {CANARY}?", "body": CANARY, "mail_line": f"line {CANARY}"}
    mine = make.question(circle, by=vera, **words)
    rows.answered(mine, anna, body=CANARY)
    make.comment(mine, by=anna, body=CANARY)
    rows.event(make.question(circle, by=vera, **words), "remarked", anna)
    make.question(circle, by=bram, parameters=[{"name": CANARY, "shown": CANARY}], **words)
    rows.solved(make.question(circle, by=bram, **words))
    rows.known(make.question(circle, by=anna, **words))
    make.question(circle, by=vera, state="outcome_due", outcome_due_at=timezone.now(), **words)
    make.application(circle, name=CANARY, email=f"{CANARY}@example.org", brings=CANARY)
    tag = Tag.objects.create(circle=circle, name=CANARY)
    for question in Question.objects.filter(circle=circle):
        Tagging.objects.create(circle=circle, question=question, tag=tag)
    sent = digest_of(vera)
    parsed = email.message_from_bytes(sent.message().as_bytes(), policy=policy.default)
    source = sent.message().as_string() + str(parsed.items())
    source += "".join(part.get_content() for part in parsed.walk() if not part.is_multipart())
    source = source.lower()
    assert sent.body.count("/d/") >= 5
    assert CANARY not in source
    rows_ = [*Question.objects.all(), *Answer.objects.all(), *Circle.objects.all()]
    for row in rows_:
        assert row.public_id not in source


def test_a_sensitive_circle_mails_numbers_whatever_its_ceiling_says():
    assert ceiling_of(Circle(sensitivity="sensitive", mail_ceiling="title")) == "counts"


# --- when it does not go ------------------------------------------------------------------
@pytest.fixture
def built(circle, anna, bram, plan_and_build):
    """A digest for bram that is built and waits; it tells of two questions of anna."""
    Member.objects.update(language="en")
    shows("title", circle)
    made = [make.question(circle, by=anna, title=title) for title in ("One?", "Two?")]
    rows.plan(bram)
    plan_and_build()
    assert Letter.objects.filter(member=bram).count() == 1
    return made


@pytest.mark.parametrize("state", ["removed", "lapsed", "suspended"])
def test_d5_who_was_removed_after_the_building_gets_none(built, bram, bring, state):
    ended = timezone.now() if state in ("removed", "lapsed") else None
    Membership.objects.filter(member_id=bram.pk).update(state=state, ended_at=ended)
    bring()
    assert mail.outbox == []
    assert end_of(bram) == ("skipped", "not_member")
    assert DigestPlan.objects.get(member=bram).cursor_xid == 1


def test_of_two_circles_only_the_one_left_is_told(
    built, circle, anna, bram, plan_and_build, bring, clock
):
    other = make.circle("Foot surgeons", members=[anna, bram], mail_ceiling="title")
    make.question(other, by=anna, title="Which shoe?")
    Letter.objects.all().delete()
    DigestIssue.objects.all().delete()
    rows.plan(bram)
    plan_and_build()
    Membership.objects.filter(member_id=bram.pk, circle=other).update(
        state="removed", ended_at=clock.now
    )
    bring()
    (sent,) = [letter for letter in mail.outbox if letter.to == [bram.email]]
    assert "One?" in sent.body
    assert "Which shoe?" not in sent.body + html_of(sent)
    assert "Foot surgeons" not in sent.body + html_of(sent)


def test_d6_without_news_there_is_no_mail(circle, bram, clock, digest_of):
    make.membership(circle, make.member("new"), since=clock.now - timedelta(days=1))
    assert digest_of(bram) is None
    assert end_of(bram) == ("skipped", "empty")
    assert DigestPlan.objects.get(member=bram).cursor_xid > 1
    assert not Letter.objects.filter(member=bram).exists()


def test_d7_who_read_everything_meanwhile_gets_none(built, bram, bring):
    for question in built:
        rows.read(question, bram)
    bring()
    assert mail.outbox == []
    assert end_of(bram) == ("skipped", "empty")
    assert DigestPlan.objects.get(member=bram).cursor_xid > 1


@pytest.mark.parametrize("state", ["withdrawn", "held", "answered"])
def test_d10_what_changed_a_second_before_is_not_told(built, bram, bring, state):
    Question.objects.filter(pk=built[0].pk).update(state=state)
    bring()
    (sent,) = mail.outbox
    assert "One?" not in sent.body + html_of(sent)
    assert "Two?" in sent.body


@pytest.mark.parametrize("state", ["withdrawn", "held"])
def test_d10_answers_to_a_question_that_is_hidden_are_not_told(
    circle, anna, bram, plan_and_build, bring, state
):
    mine = make.question(circle, by=bram)
    rows.answered(mine, anna)
    rows.plan(bram)
    plan_and_build()
    Question.objects.filter(pk=mine.pk).update(state=state)
    bring()
    assert end_of(bram) == ("skipped", "empty")


def test_an_answer_that_is_gone_is_not_counted(circle, anna, bram, plan_and_build, bring):
    Member.objects.update(language="en")
    mine = make.question(circle, by=bram)
    gone = rows.answered(mine, anna)
    rows.answered(mine, anna)
    rows.plan(bram)
    plan_and_build()
    Event.objects.filter(answer_id=gone.pk).delete()
    Answer.objects.filter(pk=gone.pk).delete()
    bring()
    assert "1 answer on your question" in mail.outbox[-1].body


@pytest.mark.parametrize(
    ("wish", "reason"),
    [({"every": "never"}, "unsubscribed"), ({"paused_until": date(2099, 1, 1)}, "paused")],
)
def test_a_wish_counts_also_for_what_is_built(built, bram, bring, wish, reason):
    DigestPlan.objects.filter(member=bram).update(**wish)
    bring()
    assert mail.outbox == []
    assert end_of(bram) == ("skipped", reason)


def test_an_account_that_is_closed_gets_none(built, bram, bring):
    Member.objects.filter(pk=bram.pk).update(is_active=False)
    bring()
    assert mail.outbox == []
    assert end_of(bram) == ("skipped", "closed")


def test_a_mail_refused_for_good_is_told_by_the_next_digest(built, bram, house, monkeypatch):
    letter = Letter.objects.get(member=bram)
    with house():
        delivery._settle(letter, "dead", "550", was="queued")
    assert end_of(bram) == ("failed", "550")
    assert DigestPlan.objects.get(member=bram).cursor_xid == 1


def test_the_letter_speaks_the_language_and_the_zone_of_its_reader(
    circle, anna, bram, digest_of, clock
):
    Member.objects.update(language="en")
    plan = rows.plan(bram, zone="Pacific/Auckland")
    mine = make.question(circle, by=bram)
    rows.answered(mine, anna, at=clock.now.replace(hour=20) - timedelta(days=1))
    assert plan.zone == "Pacific/Auckland"
    assert "The newest: Tuesday 24 November" in digest_of(bram).body  # Monday, here


@pytest.fixture
def no_mail(bram):
    """From when it is called, mail to bram does not arrive."""

    def go():
        Member.objects.filter(pk=bram.pk).update(
            mail_off_why="hard", mail_off_since=timezone.now()
        )

    return go


def test_no_digest_goes_to_an_address_where_nothing_arrives(built, bram, no_mail, bring):
    no_mail()
    bring()
    issue = DigestIssue.objects.get(member=bram)
    assert (issue.state, issue.reason, mail.outbox) == ("skipped", "bouncing", [])


def test_what_a_digest_could_not_bring_the_next_one_tells(
    circle, anna, bram, no_mail, acting, plan_and_build, bring
):
    Member.objects.update(language="en")
    shows("title", circle)
    make.question(circle, by=anna, title="One?")
    plan = rows.plan(bram)
    no_mail()
    plan_and_build()
    assert DigestIssue.objects.get(member=bram).reason == "bouncing"
    with acting(bram):
        bounces.works_again(by=bram)
        building.ask(bram)
    bring()
    assert DigestPlan.objects.get(pk=bram.pk).cursor_xid == plan.cursor_xid
    assert "One?" in mail.outbox[0].body
