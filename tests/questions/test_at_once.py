"""Letters at once: of which acts, how few, when, and what they never say."""

import email
import re
import threading
from datetime import UTC, datetime, timedelta
from email import policy

import pytest
from django.core import mail
from django.db import connections
from django.urls import reverse

from circles.models import Circle, Membership
from kring.lib.acting import acting_as
from kring.lib.ids import public_id
from members import delivery, letters
from members.models import Letter, Member, Profile
from questions import answering, closing, reading
from questions.at_once import leaving
from questions.digests import building, planning
from questions.models import Answer, DigestIssue, DigestPlan, Event, Question, Tag, Tagging
from tests import make
from tests.conftest import role
from tests.questions import digest_make as rows

pytestmark = pytest.mark.django_db
CANARY = "zeekomkommer"
SOON = timedelta(minutes=6)


@pytest.fixture
def clock(monkeypatch):
    return rows.Clock(monkeypatch, datetime(2026, 11, 25, 9, 0, tzinfo=UTC))  # Wednesday, ten


@pytest.fixture(autouse=True)
def plans(circle, anna, bram, vera, clock):
    """Everybody's digest comes on Tuesday; it is Wednesday."""
    for member in (anna, bram, vera):
        plan = rows.plan(member)
        DigestPlan.objects.filter(pk=plan.pk).update(next_due_at=planning.next_due(plan))


@pytest.fixture
def give(acting, clock):
    """Somebody answers; return the answer."""

    def go(question, by, **minutes):
        with acting(by):
            given = answering.answer(question, by=by, public_id=public_id(), body=f"{CANARY}.")
        Answer.objects.filter(pk=given.pk).update(created_at=clock.now)  # not that of the wall
        clock.on(**minutes)
        return given

    return go


@pytest.fixture
def bring(house, clock):
    """Let some time pass and bring what waits; return the mails that left."""

    def go(**by):
        clock.on(**(by or {"minutes": 6}))
        before = len(mail.outbox)
        with house():
            delivery.deliver_waiting()
        return mail.outbox[before:]

    return go


@pytest.fixture
def digest(house, clock):
    """The worker's round, digests included; return the mails that left."""

    def go():
        before = len(mail.outbox)
        with house():
            for issue_id in planning.plan_due():
                building.build(issue_id)
            delivery.deliver_waiting()
        return mail.outbox[before:]

    return go


@pytest.fixture
def mine(circle, anna):
    Circle.objects.filter(pk=circle.pk).update(mail_ceiling="title")
    return make.question(circle, by=anna, title="Splint or pin?", mail_line="After a fall")


def reason_of(kind="answer_on_mine") -> str:
    return Letter.objects.filter(kind=kind).order_by("id").last().reason


def to_tuesday(clock):
    clock.to(datetime(2026, 12, 1, 6, 52, tzinfo=UTC))


# --- an answer on mine --------------------------------------------------------------------
def test_who_asked_hears_of_an_answer_after_a_few_minutes(mine, anna, bram, give, bring):
    give(mine, bram)
    assert bring(minutes=4) == []
    (sent,) = bring(minutes=1)
    assert sent.to == [anna.email]
    assert sent.subject == "Kring: Splint or pin?"
    assert "An answer on your question" in sent.body
    assert CANARY not in sent.message().as_string()


def test_answers_that_come_together_make_one_letter(mine, bram, vera, give, bring):
    give(mine, bram, minutes=1)
    give(mine, vera, minutes=1)
    give(mine, bram)
    (sent,) = bring()
    assert "3 answers you have not read yet." in sent.body
    assert bring(days=1) == []


def test_one_letter_a_thread_and_day_and_the_rest_the_next_morning(
    mine, bram, vera, give, bring, clock
):
    give(mine, bram)
    assert len(bring()) == 1
    give(mine, vera, hours=2)
    assert bring() == []
    give(mine, bram)
    assert bring(hours=8) == []
    clock.to(datetime(2026, 11, 26, 6, 30, tzinfo=UTC))
    (sent,) = bring()
    assert "2 answers you have not read yet." in sent.body


@pytest.fixture
def week_of_letters(circle, anna, bram, give, bring):
    """Two questions of anna that had a letter each."""
    asked = [make.question(circle, by=anna) for _ in range(2)]
    for question in asked:
        give(question, bram)
    assert len(bring()) == 2
    return asked


def test_the_first_answer_to_a_question_always_comes_at_once(
    week_of_letters, mine, bram, give, bring
):
    give(mine, bram)
    assert len(bring()) == 1


def test_after_two_letters_what_follows_waits_for_the_digest(
    week_of_letters, anna, vera, give, bring, digest, clock
):
    clock.on(days=1)
    given = give(week_of_letters[0], vera)
    assert bring() == []
    rows.event(week_of_letters[0], "answered", vera, answer=given)
    to_tuesday(clock)
    (sent,) = [letter for letter in digest() if letter.to == [anna.email]]
    assert sent.subject == "Kring: 1 thing for you this week"
    assert bring(days=8) == []


def test_who_wants_no_digest_hears_the_rest_when_the_week_is_over(
    week_of_letters, anna, vera, give, bring, clock
):
    DigestPlan.objects.filter(member=anna).update(every="never")
    clock.on(days=1)
    give(week_of_letters[0], vera)
    assert bring() == []
    assert Letter.objects.get(seq=0).due_at == datetime(2026, 12, 2, 6, 30, tzinfo=UTC)
    assert len(bring(days=6)) == 1


def test_thanks_wait_too_when_the_week_had_two_letters(
    week_of_letters, circle, anna, bram, acting, bring
):
    other = make.question(circle, by=bram)
    make.answer(other, by=anna)
    with acting(bram):
        closing.report_outcome(other, by=bram, helped="yes", body="")
    assert bring() == []


def test_each_thread_has_its_own_day(circle, mine, anna, bram, give, bring):
    give(mine, bram)
    give(make.question(circle, by=anna, title="Another?"), bram)
    assert {sent.subject for sent in bring()} == {"Kring: Splint or pin?", "Kring: Another?"}


def test_what_was_read_before_the_hand_over_is_not_told(mine, anna, bram, give, bring, acting):
    give(mine, bram, minutes=1)
    with acting(anna):
        reading.mark_read(mine, by=anna)
    assert bring() == []
    assert reason_of() == "read or told"


def test_after_a_letter_that_was_not_needed_the_next_answer_has_one(
    mine, anna, bram, give, bring, acting
):
    for _ in range(2):
        give(mine, bram, minutes=1)
        with acting(anna):
            reading.mark_read(mine, by=anna)
        assert bring() == []
    give(mine, bram)
    assert len(bring()) == 1


def test_nobody_is_told_of_their_own_answer(mine, anna, give, bring):
    give(mine, anna)
    assert bring() == []
    assert not Letter.objects.exists()


def test_remarks_are_no_letters(mine, anna, bram, acting, bring, give):
    given = give(mine, bram)
    assert len(bring()) == 1
    with acting(anna):
        answering.comment(mine, by=anna, body="Which splint?", under=given)
        answering.comment(mine, by=anna, body="It is the left hand.")
    assert bring() == []


def test_an_answer_sent_twice_is_told_once(mine, bram, acting, bring):
    with acting(bram):
        for _ in range(2):
            answering.answer(mine, by=bram, public_id="same", body="Splint.")
    (sent,) = bring()
    assert "1 answer you have not read yet." in sent.body


def test_an_addition_to_a_closed_question_tells_the_asker_once(mine, bram, give, bring):
    Question.objects.filter(pk=mine.pk).update(state="closed")
    mine.refresh_from_db()
    give(mine, bram)
    assert len(bring()) == 1
    assert bring(days=1) == []


# --- never twice: the digest --------------------------------------------------------------
def test_d9_instant_mail_sent_is_not_in_the_digest(mine, anna, bram, give, bring, digest, clock):
    given = give(mine, bram)
    assert len(bring()) == 1
    rows.event(mine, "answered", bram, answer=given)  # as the window of the test sees it
    to_tuesday(clock)
    digest()
    issue = DigestIssue.objects.get(member=anna)
    assert (issue.state, issue.reason) == ("skipped", "empty")


def test_what_a_letter_told_that_came_back_stands_in_the_digest(
    mine, anna, bram, give, bring, digest, clock
):
    """A provider told it days later; meanwhile anna has another address."""
    given = give(mine, bram)
    assert len(bring()) == 1
    Letter.objects.filter(member=anna, state="sent").update(bounced="hard")
    rows.event(mine, "answered", bram, answer=given)
    to_tuesday(clock)
    assert [sent.to for sent in digest()] == [[anna.email]]


def test_d9_also_when_the_letter_left_after_the_digest_was_built(
    mine, anna, bram, give, bring, house, clock
):
    given = give(mine, bram)
    rows.event(mine, "answered", bram, answer=given)
    DigestPlan.objects.filter(member=anna).update(next_due_at=clock.now)
    with house():
        for issue_id in planning.plan_due():
            building.build(issue_id)
    issue = DigestIssue.objects.get(member=anna)
    assert [item["kind"] for item in issue.items] == ["answers"]
    Letter.objects.filter(kind="answer_on_mine").update(state="sent", tells=[given.pk])
    bring()
    issue.refresh_from_db()
    assert (issue.state, issue.reason) == ("skipped", "empty")


def test_an_answer_that_the_letter_did_not_tell_stands_in_the_digest(
    mine, anna, bram, vera, give, bring, digest, clock
):
    told = give(mine, bram)
    assert len(bring()) == 1
    later = give(mine, vera)
    for given in (told, later):
        rows.event(mine, "answered", bram, answer=given)
    DigestPlan.objects.filter(member=anna).update(next_due_at=clock.now)
    clock.on(minutes=1)
    (sent,) = digest()
    assert DigestIssue.objects.get(member=anna).items[0]["answers"] == [later.pk]
    assert "1 answer" in sent.body or "Answers" in sent.body
    assert bring(days=1) == []  # and no letter says it again
    assert reason_of() == "read or told"


def test_a_letter_that_was_not_sent_leaves_its_answer_to_the_digest(
    mine, anna, bram, give, bring, digest, clock
):
    DigestPlan.objects.filter(member=anna).update(letters={"answer_on_mine": False})
    given = give(mine, bram)
    assert bring() == []
    rows.event(mine, "answered", bram, answer=given)
    to_tuesday(clock)
    (sent,) = digest()
    assert sent.subject == "Kring: 1 thing for you this week"


def test_a_letter_right_before_the_digest_waits_for_it(
    mine, anna, bram, give, bring, digest, clock
):
    clock.to(datetime(2026, 12, 1, 6, 29, tzinfo=UTC))
    given = give(mine, bram)
    assert bring() == []
    rows.event(mine, "answered", bram, answer=given)
    to_tuesday(clock)
    (sent,) = digest()
    assert sent.subject == "Kring: 1 thing for you this week"
    assert bring(hours=2) == []


# --- when it goes -------------------------------------------------------------------------
def test_at_night_a_letter_waits_for_the_morning_of_its_reader(
    mine, anna, bram, give, bring, clock
):
    clock.to(datetime(2026, 11, 25, 21, 0, tzinfo=UTC))
    give(mine, bram)
    assert bring() == []
    assert Letter.objects.get().due_at == datetime(2026, 11, 26, 6, 30, tzinfo=UTC)
    clock.to(datetime(2026, 11, 26, 6, 25, tzinfo=UTC))
    assert len(bring()) == 1


def test_the_morning_is_that_of_their_own_zone(mine, anna, bram, give, bring):
    DigestPlan.objects.filter(member=anna).update(zone="Pacific/Auckland")
    give(mine, bram)  # ten in the morning in Amsterdam is eleven at night there
    assert bring() == []
    assert Letter.objects.get().due_at == datetime(2026, 11, 25, 18, 30, tzinfo=UTC)


def test_who_has_no_plan_yet_has_the_quiet_hours_everybody_begins_with(
    mine, anna, bram, give, bring, clock
):
    DigestPlan.objects.filter(member=anna).delete()
    clock.to(datetime(2026, 11, 25, 21, 0, tzinfo=UTC))
    give(mine, bram)
    assert bring() == []
    assert DigestPlan.objects.filter(member=anna).exists()


@pytest.mark.parametrize("state", ["removed", "lapsed", "suspended"])
def test_who_is_out_meanwhile_hears_nothing(mine, anna, bram, give, bring, clock, state):
    give(mine, bram)
    ended = clock.now if state in ("removed", "lapsed") else None
    Membership.objects.filter(member_id=anna.pk).update(state=state, ended_at=ended)
    assert bring() == []
    assert reason_of() == "not_member"


@pytest.mark.parametrize("state", ["withdrawn", "held"])
def test_of_a_question_that_is_hidden_nothing_is_told(mine, bram, give, bring, state):
    give(mine, bram)
    Question.objects.filter(pk=mine.pk).update(state=state)
    assert bring() == []
    assert reason_of() == "hidden"


def test_of_an_answer_that_is_gone_nothing_is_told(mine, bram, give, bring):
    given = give(mine, bram)
    Event.objects.filter(answer_id=given.pk).delete()
    Answer.objects.filter(pk=given.pk).delete()
    assert bring() == []


def test_an_account_that_is_closed_gets_nothing(mine, anna, bram, give, bring):
    give(mine, bram)
    Member.objects.filter(pk=anna.pk).update(is_active=False)
    assert bring() == []
    assert reason_of() == "closed"


def test_a_mail_server_that_is_away_costs_no_letter(mine, bram, give, bring, settings, clock):
    settings.EMAIL_BACKEND, settings.EMAIL_PORT = "members.smtp.Server", 1
    give(mine, bram)
    assert bring() == []
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    assert len(bring(hours=1)) == 1


def test_a_letter_refused_for_good_gives_its_day_back(mine, bram, vera, give, bring, house):
    give(mine, bram)
    refused = Letter.objects.get()
    with house():
        leaving.take_its_day(refused)
        delivery._settle(refused, "dead", "550", was="queued")
    give(mine, vera)
    (sent,) = bring()
    assert "2 answers you have not read yet." in sent.body


@pytest.mark.django_db(transaction=True)
def test_of_two_workers_with_one_thread_only_one_takes_the_day(circle, mine, anna, clock):
    kinds = ("answer_on_mine", "outcome_due")
    for kind in kinds:
        letters.post(kind, member=anna, subject_id=mine.pk, circle_id=circle.pk)
    ready, refused = threading.Barrier(2), []

    def work(kind):
        with role("kring_worker"), acting_as(None):
            letter = Letter.objects.get(kind=kind)
            ready.wait()
            try:
                leaving.take_its_day(letter)
            except letters.Later:
                refused.append(kind)
        connections.close_all()

    workers = [threading.Thread(target=work, args=[kind]) for kind in kinds]
    [worker.start() for worker in workers]
    [worker.join() for worker in workers]
    assert len(refused) == 1


# --- an outcome I promised ----------------------------------------------------------------
@pytest.fixture
def promised(mine, anna, bram, acting, clock, bring):
    """anna chose bram's answer and promised the outcome in two weeks: on 9 December."""
    Question.objects.filter(pk=mine.pk).update(outcome_weeks=2)
    given = make.answer(mine, by=bram)
    with acting(anna):
        closing.accept(mine, given, by=anna)
        reading.mark_read(mine, by=anna)
    mine.refresh_from_db()
    return mine


def test_three_days_before_the_asker_is_reminded_once(promised, anna, bring, clock):
    DigestPlan.objects.filter(member=anna).update(every="never")
    clock.to(datetime(2026, 12, 6, 8, 0, tzinfo=UTC))
    assert bring() == []
    (sent,) = bring(hours=2)
    assert sent.to == [anna.email]
    assert "How did it end?" in sent.body
    assert "Promised for Wednesday 9 December." in sent.body
    assert bring(days=2) == []


def test_what_the_digest_said_of_a_promise_is_not_said_again(promised, anna, bring, digest, clock):
    DigestPlan.objects.filter(member=anna).update(
        next_due_at=datetime(2026, 12, 3, 7, 0, tzinfo=UTC)
    )
    clock.to(datetime(2026, 12, 3, 7, 1, tzinfo=UTC))
    assert "Outcome" in digest()[0].body
    clock.to(datetime(2026, 12, 6, 12, 0, tzinfo=UTC))
    assert bring() == []
    assert reason_of("outcome_due") == "read or told"


def test_d9_a_promise_told_by_letter_is_not_in_the_digest_until_it_is_due(
    promised, anna, bring, digest, clock
):
    DigestPlan.objects.filter(member=anna).update(
        next_due_at=datetime(2026, 12, 8, 7, 0, tzinfo=UTC)
    )
    clock.to(datetime(2026, 12, 6, 12, 0, tzinfo=UTC))
    assert len(bring()) == 1
    clock.to(datetime(2026, 12, 8, 7, 1, tzinfo=UTC))
    assert digest() == []
    clock.to(datetime(2026, 12, 15, 7, 1, tzinfo=UTC))
    (sent,) = [letter for letter in digest() if letter.to == [anna.email]]
    assert "Outcome to report" in sent.body


def test_another_choice_moves_the_reminder_with_the_promise(
    promised, anna, bram, acting, bring, clock
):
    DigestPlan.objects.filter(member=anna).update(every="never")
    clock.on(days=4)
    better = make.answer(promised, by=bram)
    with acting(anna):
        closing.accept(promised, better, by=anna)
    clock.to(datetime(2026, 12, 6, 12, 0, tzinfo=UTC))
    assert bring() == []
    assert reason_of("outcome_due") == ""
    clock.to(datetime(2026, 12, 10, 12, 0, tzinfo=UTC))
    assert len(bring()) == 1


def test_who_reported_is_not_reminded(promised, anna, bram, acting, bring, clock):
    with acting(anna):
        closing.report_outcome(promised, by=anna, helped="yes", body="")
    clock.to(datetime(2026, 12, 6, 12, 0, tzinfo=UTC))
    assert [sent.to for sent in bring()] == [[bram.email]]  # thanks, that had waited
    assert reason_of("outcome_due") == "reported"


def test_who_may_only_read_is_not_asked_to_write(promised, anna, bring, clock):
    Membership.objects.filter(member_id=anna.pk).update(state="grace")
    clock.to(datetime(2026, 12, 6, 12, 0, tzinfo=UTC))
    assert bring() == []


# --- thanks -------------------------------------------------------------------------------
@pytest.fixture
def reported(mine, anna, bram, vera, acting):
    """bram answered twice and was chosen, vera answered once; anna reports."""
    chosen = make.answer(mine, by=bram)
    make.answer(mine, by=bram)
    make.answer(mine, by=vera)
    with acting(anna):
        closing.accept(mine, chosen, by=anna)
        closing.report_outcome(mine, by=anna, helped="yes", body=CANARY)
    return mine


def test_everybody_who_answered_is_thanked_once(reported, bram, vera, bring, anna, acting):
    sent = {letter.to[0]: letter.body for letter in bring()}
    assert set(sent) == {bram.email, vera.email}
    assert "The asker chose your answer" in sent[bram.email]
    assert "The asker has reported the outcome and thanks you." in sent[vera.email]
    assert all("Thank you for your answer" in body for body in sent.values())
    reported.refresh_from_db()
    with acting(anna):
        closing.report_outcome(reported, by=anna, helped="partly", body="Later.")
    assert bring(days=1) == []


def test_an_outcome_nobody_knows_is_no_letter(mine, anna, bram, acting, bring):
    make.answer(mine, by=bram)
    with acting(anna):
        closing.report_outcome(mine, by=anna, helped="unknown", body="")
    assert bring() == []


def test_thanks_are_folded_into_a_digest_that_comes_within_three_days(
    mine, anna, bram, acting, bring, digest, clock
):
    clock.to(datetime(2026, 11, 28, 9, 0, tzinfo=UTC))  # Saturday; the digest comes on Tuesday
    make.answer(mine, by=bram)
    with acting(anna):
        closing.report_outcome(mine, by=anna, helped="yes", body="")
    rows.event(mine, "outcome", anna)
    assert bring() == []
    to_tuesday(clock)
    (sent,) = [letter for letter in digest() if letter.to == [bram.email]]
    assert "Outcome reported" in sent.body
    assert bring(hours=3) == []
    assert reason_of("outcome_thanks") == "read or told"


def test_d9_an_outcome_told_by_letter_is_not_in_the_digest(reported, bram, bring, digest, clock):
    assert len(bring()) == 2
    rows.event(reported, "accepted", reported.author)
    rows.event(reported, "outcome", reported.author)
    to_tuesday(clock)
    digest()
    assert DigestIssue.objects.get(member=bram).reason == "empty"


def test_who_read_the_outcome_needs_no_letter(reported, bram, vera, bring, acting, clock):
    clock.on(minutes=1)
    with acting(bram):
        reading.mark_read(reported, by=bram)
    assert [sent.to for sent in bring()] == [[vera.email]]


def test_an_asker_who_answered_is_not_thanked_by_themselves(mine, anna, acting, bring):
    make.answer(mine, by=anna)
    with acting(anna):
        closing.report_outcome(mine, by=anna, helped="yes", body="")
    assert not Letter.objects.filter(kind="outcome_thanks").exists()


# --- what it says -------------------------------------------------------------------------
def source_of(sent) -> str:
    parsed = email.message_from_bytes(sent.message().as_bytes(), policy=policy.default)
    source = sent.message().as_string() + str(parsed.items())
    source += "".join(part.get_content() for part in parsed.walk() if not part.is_multipart())
    return source.lower()


@pytest.mark.parametrize(
    ("ceiling", "shown"),
    [("title", "Splint or pin?"), ("line", "After a fall"), ("counts", "")],
)
def test_the_circle_says_how_much_a_mail_may_show(mine, circle, bram, give, bring, ceiling, shown):
    Circle.objects.filter(pk=circle.pk).update(mail_ceiling=ceiling)
    give(mine, bram)
    (sent,) = bring()
    source = source_of(sent)
    for words in ("Splint or pin?", "After a fall"):
        assert (words.lower() in source) == (words == shown)
    assert ("numbers only" in sent.body) == (not shown)
    assert (circle.name in sent.body) == bool(shown)


def test_of_a_sensitive_circle_no_word_is_in_any_letter(
    circle, mine, anna, bram, vera, acting, give, bring, clock
):
    """Canaries in every field of content, and the whole source of each mail."""
    Circle.objects.update(
        name=f"name {CANARY}", purpose=CANARY, profession=CANARY, sensitivity="sensitive",
        mail_ceiling="counts", mail_alias="Kring A", listed=False,
    )  # fmt: skip
    Profile.objects.update(name=f"{CANARY} X", title=CANARY, about=CANARY)
    Question.objects.update(
        title=f"{CANARY}?", body=CANARY, mail_line=CANARY,
        parameters=[{"name": CANARY, "shown": CANARY}], outcome_weeks=2,
    )  # fmt: skip
    tag = Tag.objects.create(circle=circle, name=CANARY, mail_safe=True)
    Tagging.objects.create(circle=circle, question=mine, tag=tag)
    DigestPlan.objects.update(every="never")
    mine.refresh_from_db()
    given = give(mine, bram)
    sent = bring()
    with acting(anna):
        closing.accept(mine, given, by=anna)
    clock.to(datetime(2026, 12, 7, 9, 0, tzinfo=UTC))
    sent += bring()
    with acting(anna):
        answering.comment(mine, by=anna, body=CANARY, under=given)
        closing.report_outcome(mine, by=anna, helped="no", body=CANARY)
    sent += bring()
    assert [letter.subject for letter in sent] == [
        "Kring: something new on your question",
        "Kring: one outcome to report",
        "Kring: one outcome, with thanks",
    ]
    public = [row.public_id for row in (circle, mine, given)]
    for letter in sent:
        source = source_of(letter)
        assert "kring a" in source
        for word in (CANARY, *public):
            assert word not in source, letter.subject


def test_the_headers_tie_a_thread_together_and_tell_the_kinds_apart(
    mine, anna, bram, vera, give, bring, clock
):
    heads = []
    give(mine, bram)
    heads += bring()
    clock.to(datetime(2026, 11, 26, 9, 0, tzinfo=UTC))
    give(mine, vera)
    heads += bring()
    first, second = (sent.message() for sent in heads)
    thread = re.fullmatch(r"<thread-[0-9a-f]{20}@[\w.-]+>", first["References"])
    assert thread
    assert first["In-Reply-To"] == first["References"] == second["References"]
    assert first["Subject"] == second["Subject"]
    assert first["Message-ID"] != second["Message-ID"]
    assert "<answer-on-mine." in first["List-Id"]
    assert first["Auto-Submitted"] == "auto-generated"
    assert first["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"


def test_two_readers_of_one_thread_have_no_header_in_common(reported, bram, vera, bring):
    first, second = bring()
    assert first.message()["References"] != second.message()["References"]
    assert first.message()["List-Unsubscribe"] != second.message()["List-Unsubscribe"]


def test_text_and_html_say_the_same_and_are_small(mine, bram, give, bring):
    Question.objects.update(title="<b>Splint</b> & pin? https://elsewhere.example/x")
    give(mine, bram)
    (sent,) = bring()
    html = sent.alternatives[0][0]
    links = set(re.findall(r"https?://\S+", sent.body))
    assert links == set(re.findall(r'href="([^"]+)"', html))
    assert all(link.startswith("http://localhost:8000") for link in links)
    assert "<img" not in html
    assert "&lt;b&gt;Splint" in html
    assert len(sent.message().as_bytes()) < 50_000
    plain = " ".join(re.sub(r"(?s)<(style|title).*?</\1>|<[^>]+>", " ", html).split())
    for line in ("An answer on your question", "because somebody answered a question of yours"):
        assert line in sent.body
        assert line in plain


def test_it_speaks_dutch_to_who_reads_dutch(mine, anna, bram, vera, give, bring):
    Member.objects.update(language="nl")
    give(mine, bram)
    give(mine, vera)
    (sent,) = bring()
    assert sent.subject == "Kring: Splint or pin?"
    for line in (
        "Antwoorden op uw vraag",
        "2 antwoorden die u nog niet hebt gelezen.",
        "Lees de antwoorden",
        "omdat iemand een vraag van u beantwoordde",
    ):
        assert line in sent.body
    assert 'lang="nl"' in sent.alternatives[0][0]


# --- where it leads -----------------------------------------------------------------------
def path_in(sent) -> str:
    return re.search(r"http://localhost:8000(/d/\S+)", sent.body)[1]


def test_the_link_asks_to_sign_in_and_lands_on_the_answer(
    mine, circle, anna, bram, give, bring, client, as_
):
    given = give(mine, bram)
    (sent,) = bring()
    page = reverse("question_page", args=[circle.public_id, mine.public_id])
    assert client.get(path_in(sent)).url.startswith(reverse("account_login"))
    assert as_(anna).get(path_in(sent)).url == f"{page}#a-{given.public_id}"


def test_the_link_of_another_opens_nothing_nor_does_that_of_who_left(
    mine, anna, bram, give, bring, as_
):
    give(mine, bram)
    (sent,) = bring()
    assert as_(bram).get(path_in(sent)).status_code == 404
    Membership.objects.filter(member_id=anna.pk).update(state="suspended")
    assert as_(anna).get(path_in(sent)).status_code == 404


def test_thanks_and_reminders_lead_to_the_outcome(reported, bram, bring, as_):
    (sent,) = [letter for letter in bring() if letter.to == [bram.email]]
    assert as_(bram).get(path_in(sent)).url.endswith("#outcome")
