"""Filling an empty database, once a size: circles with people, questions and all that hangs on them.

What triggers keep (counters, search words) is filled directly. The same size is always the same,
except for the moments, which count back from now.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from psycopg import Connection

from circles.models import Application, Circle, Membership, Parameter
from circles.models.circle import Guard
from kring.bench import copying
from kring.bench.copying import Ready, Table, ready
from kring.bench.sizes import SEATS, Size
from kring.bench.words import LANGUAGES, Writer, as_html, as_markdown
from members.models import Link, Member, Profile
from questions.models import (
    Answer,
    Comment,
    DigestIssue,
    DigestPlan,
    Event,
    Mark,
    Outcome,
    Question,
    Tag,
    Tagging,
)

TEXTS = 4_000  # different questions (and as many answers) a language; a circle has fewer
TAGS, APPLICATIONS, PARAMETERS = 30, 8, 4  # of each circle
FULL = 10  # every so many questions of a circle one has ten answers and five remarks: a `page`
FULL_ANSWERS, FULL_REMARKS = 10, 5
ANSWERS = (0, 1, 1, 2, 3, 0, 2, 1, 4)  # of the others, in turn
LONG = 300  # answers of the longest thread, the first question of all
EARLIER = 8  # digests each member had, where circles have lived
STATES = ("open", "answered", "closed", "open", "answered", "outcome_due", "closed")
BATCH = 5_000
ALPHABET = "23456789bcdfghjkmnpqrstvwxyz"  # of the product's addresses
LAPSES, SETTLED = timedelta(weeks=4), timedelta(weeks=8)  # in circles that have lived
NEVER = datetime(2100, 1, 1, tzinfo=UTC)  # no digest falls due until one is wanted
POLICY = {"approvals_needed": 2, "declines_to_stop": 2, "objection_days": 0}


@dataclass(frozen=True)
class Text:
    """One text of the pool, escaped, with its search words as the triggers make them."""

    title: Ready
    body: Ready
    html: Ready
    search: Ready


def public_id(number: int) -> str:
    """An address like those of the product, but of a number."""
    letters = ""
    for _ in range(10):
        number, rest = divmod(number, len(ALPHABET))
        letters += ALPHABET[rest]
    return letters[::-1]


def fill(connection: Connection, size: Size, told: Callable[[float], None] = lambda _: None):
    """Fill an empty, migrated database as a superuser; `told` hears the share that is done."""
    now = datetime.now(UTC).replace(microsecond=0)
    with connection.transaction(), copying.untouched_by_triggers(connection):
        _people(connection, size, now)
        tables = [
            model._meta.db_table for model in (Question, Answer, Comment, Tagging, Mark, Event)
        ]
        with copying.indexes_put_aside(connection, tables):
            Questions(connection, size, now).fill(told)
        copying.set_sequences(connection)
    connection.execute("vacuum analyze")


# --- circles and people -------------------------------------------------------------------
def _people(connection: Connection, size: Size, now: datetime) -> None:
    joined = now - size.span - timedelta(days=1)
    circles = Table(
        connection, Circle, "id", "public_id", "name", "profession", "purpose", "belongs",
        "pledge", "language", "sensitivity", "mail_ceiling", "mail_alias", "size_cap", "founded_at",
        "confirmed_at", "guard",
    )  # fmt: skip
    memberships = Table(connection, Membership, "circle_id", "member_id", "role", "state", "since")
    parameters = Table(connection, Parameter, "id", "circle_id", "name", "kind", "position")
    tags = Table(connection, Tag, "id", "circle_id", "name")
    for circle in range(size.circles):
        language = language_of(circle)
        writer = Writer(language, circle)
        circles.add(
            circle + 1, public_id(circle), f"{writer.words(2).title()} {circle + 1}",
            writer.words(4), writer.sentence(), writer.sentence(), writer.sentence(), language,
            "sensitive" if language == "nl" else "normal",
            "counts" if language == "nl" else "title", f"Kring {circle + 1}", SEATS, joined,
            joined, Guard.CONFIRM if language == "nl" else Guard.OFF,
        )  # fmt: skip
        for place in range(SEATS):
            role = "admin" if place == 0 else "vetter" if place < 3 else "member"
            memberships.add(circle + 1, size.seat(circle, place) + 1, role, "active", joined)
        for place in range(PARAMETERS):
            number = circle * PARAMETERS + place + 1
            parameters.add(number, circle + 1, f"Parameter {place + 1}", "text", place)
        for place in range(TAGS):
            tags.add(circle * TAGS + place + 1, circle + 1, f"tag {place + 1}")
    _members(connection, size, joined)
    for table in (circles, memberships, parameters, tags):
        table.send()
    _applications(connection, size, now)


def _members(connection: Connection, size: Size, joined: datetime) -> None:
    members = Table(
        connection, Member, "id", "password", "email", "language", "joined_at", "last_login"
    )
    profiles = Table(connection, Profile, "member_id", "name", "title")
    links = Table(connection, Link, "id", "purpose")
    plans = Table(connection, DigestPlan, "member_id", "link_id", "next_due_at", "cursor_xid")
    for number in range(1, size.members + 1):
        language = language_of(number)
        members.add(number, "!nobody signs in with it", address(number), language, joined, NEVER)
        profiles.add(number, f"Member {number} de Vries", "member of the bench")
        links.add(number, "unsubscribe")
        plans.add(number, number, NEVER, 1)
    for table in (members, profiles, links, plans):
        table.send()
    if size.weekly:
        _earlier(connection, size, joined + size.span)


def _earlier(connection: Connection, size: Size, now: datetime) -> None:
    """Digests that were sent, each with four questions of old to answer and two outcomes."""
    issues = Table(
        connection, DigestIssue, "member_id", "week", "state", "items", "told", "planned_at",
        "built_at", "settled_at",
    )  # fmt: skip
    for member in range(size.members):
        circle, other = size.circles_of(member)
        for turn in range(EARLIER):
            at = now - timedelta(weeks=EARLIER - turn)
            items = [
                {
                    "kind": "help" if place < 4 else "outcome",
                    "circle": (circle if place % 2 else other) + 1,
                    "question": (turn * 6 + place) * size.circles + circle + 1,
                    "reason": "open" if place < 4 else "due",
                    "at": round(at.timestamp() * 1_000_000),
                }
                for place in range(6)
            ]
            week = "{}-W{:02}".format(*at.isocalendar()[:2])
            issues.add(member + 1, week, "sent", items, list(range(6)), at, at, at)
    issues.send()


def _applications(connection: Connection, size: Size, now: datetime) -> None:
    links = Table(connection, Link, "id", "purpose")
    applications = Table(
        connection, Application, "circle_id", "link_id", "public_id", "state", "email", "name",
        "profession", "brings", "seeks", "policy", "submitted_at", "proven_at", "review_since",
        "decide_before",
    )  # fmt: skip
    sent, due = now - timedelta(days=3), now + timedelta(days=11)
    for number in range(size.circles * APPLICATIONS):
        circle, link = number // APPLICATIONS, size.members + number + 1
        writer = Writer(language_of(circle), number)
        links.add(link, "application")
        applications.add(
            circle + 1, link, public_id(number), "review", f"applicant{number}@bench.example",
            f"Applicant {number}", writer.words(3), writer.sentence(), writer.sentence(), POLICY,
            sent, sent, sent, due,
        )  # fmt: skip
    links.send()
    applications.send()


def language_of(number: int) -> str:
    return LANGUAGES[number % 2]


def address(member: int) -> str:
    return f"member{member}@bench.example"


# --- what is said -------------------------------------------------------------------------
class Questions:
    """The questions of one size, oldest first, circle by circle in turn."""

    def __init__(self, connection: Connection, size: Size, now: datetime):
        self.connection, self.size, self.now = connection, size, now
        text = ("id", "circle_id", "author_id", "body", "html", "created_at")
        self.questions = Table(
            connection, Question, *text, "search", "public_id", "title", "state", "parameters",
            "accepted_answer_id", "outcome_due_at", "answer_count", "last_activity_at",
        )  # fmt: skip
        self.answers = Table(connection, Answer, *text, "search", "public_id", "question_id")
        self.comments = Table(connection, Comment, *text, "question_id", "answer_id")
        self.taggings = Table(connection, Tagging, "circle_id", "question_id", "tag_id")
        self.marks = Table(connection, Mark, "circle_id", "member_id", "question_id", "read_at")
        self.outcomes = Table(
            connection, Outcome, "circle_id", "question_id", "by_id", "helped", "html", "at"
        )
        self.events = Table(
            connection,
            Event,
            "circle_id",
            "kind",
            "by_id",
            "question_id",
            "answer_id",
            "at",
            "xid",
        )
        self.answer_id = self.comment_id = 0
        pool = min(TEXTS, size.questions)
        self.asked = {at: _pool(connection, at, pool, 3, "question") for at in LANGUAGES}
        self.said = {at: _pool(connection, at, pool, 2, "answer") for at in LANGUAGES}

    def fill(self, told: Callable[[float], None]) -> None:
        tables = (
            self.questions, self.answers, self.comments, self.taggings, self.marks,
            self.outcomes, self.events,
        )  # fmt: skip
        for number in range(self.size.questions):
            self._question(number)
            if number % BATCH == BATCH - 1:
                for table in tables:
                    table.send()
                told((number + 1) / self.size.questions)
        for table in tables:
            table.send()

    def _question(self, number: int) -> None:
        circle, turn = number % self.size.circles, number // self.size.circles
        text = self._text(self.asked, circle, number)
        asker, at = self._person(circle, turn), self._moment(number)
        count = answers_of(number, turn)
        first_answer, last = self.answer_id + 1, at
        for place in range(count):
            last = at + timedelta(hours=5 * (place + 1))
            self._answer(number, circle, turn + place + 1, last)
        remarks = FULL_REMARKS if count == FULL_ANSWERS else turn % 2
        for place in range(remarks):
            self._remark(number, circle, turn + place, at, first_answer if count else None, place)
        state = self._state(STATES[turn % len(STATES)] if count else "open", at, last)
        chosen = first_answer if state not in ("open", "abandoned") else None
        due = (
            min(last + timedelta(weeks=6), NEVER) if state in ("answered", "outcome_due") else None
        )
        given = [
            {"id": p, "name": f"Parameter {p + 1}", "unit": "", "value": "7", "shown": f"{p} uur"}
            for p in range(PARAMETERS)
        ]
        self.questions.add(
            number + 1, circle + 1, asker, text.body, text.html, at, text.search,
            public_id(number), text.title, state, given, chosen, due, count, last,
        )  # fmt: skip
        self._traces(number, circle, turn, asker, state, chosen, last)

    def _state(self, state: str, at: datetime, last: datetime) -> str:
        """What became of it by now, where circles have lived."""
        if not self.size.weekly:
            return state
        if state == "open" and at < self.now - LAPSES:
            return "abandoned"
        if state in ("answered", "outcome_due") and last < self.now - SETTLED:
            return "closed"
        return state

    def _answer(self, number: int, circle: int, place: int, at: datetime) -> None:
        self.answer_id += 1
        text = self._text(self.said, circle, self.answer_id)
        self.answers.add(
            self.answer_id, circle + 1, self._person(circle, place), text.body, text.html, at,
            text.search, public_id(self.answer_id), number + 1,
        )  # fmt: skip

    def _remark(self, number, circle, turn, at, answer, place) -> None:
        self.comment_id += 1
        text = self._text(self.said, circle, self.comment_id)
        words = text.title
        self.comments.add(
            self.comment_id, circle + 1, self._person(circle, turn), words,
            Ready(f"<p>{words}</p>"), at, number + 1, answer if place % 2 else None,
        )  # fmt: skip

    def _traces(self, number, circle, turn, asker, state, chosen, last) -> None:
        for step in (0, 7):
            tag = circle * TAGS + (turn + step) % TAGS + 1
            self.taggings.add(circle + 1, number + 1, tag)
        for place in range(3):
            reader = self._person(circle, turn * 3 + place + 5)
            self.marks.add(circle + 1, reader, number + 1, last)
        if state == "closed":
            self.outcomes.add(circle + 1, number + 1, asker, "yes", "<p>It helped.</p>", last)
        if number >= self.size.questions - self.size.news * self.size.circles:
            self._event(circle, "asked", asker, number, None)
            if chosen or state == "open":
                other = self._person(circle, turn + 1)
                if answers_of(number, turn):
                    self._event(circle, "answered", other, number, self.answer_id)
            if chosen:
                self._event(circle, "accepted", asker, number, chosen)
            if state == "closed":
                self._event(circle, "outcome", asker, number, None)

    def _event(self, circle, kind, by, number, answer) -> None:
        self.events.add(circle + 1, kind, by, number + 1, answer, self.now, 5)

    def _text(self, pool: dict[str, list[Text]], circle: int, number: int) -> Text:
        texts = pool[language_of(circle)]
        return texts[number * 7919 % len(texts)]

    def _person(self, circle: int, number: int) -> int:
        return self.size.seat(circle, number % SEATS) + 1

    def _moment(self, number: int) -> datetime:
        """Evenly over the span, the newest of them an hour ago."""
        left = self.size.questions - number
        return self.now - timedelta(hours=1) - self.size.span * (left / self.size.questions)


def answers_of(number: int, turn: int) -> int:
    """How many answers a question has, by its number and its turn in its circle."""
    if number == 0:
        return LONG
    return FULL_ANSWERS if turn % FULL == 0 else ANSWERS[turn % len(ANSWERS)]


def _pool(connection: Connection, language: str, count: int, length: int, what: str) -> list[Text]:
    """Write texts, and let PostgreSQL find their words as its triggers would."""
    writer = Writer(language, length)
    config = {"nl": "dutch", "en": "english"}[language]
    title = "setweight(to_tsvector(%(config)s::regconfig, %(title)s), 'A') || "
    words = "setweight(to_tsvector(%(config)s::regconfig, %(html)s), 'C')"
    statement = f"select ({title if what == 'question' else ''}{words})::text"
    texts = []
    for _ in range(count):
        paragraphs = writer.paragraphs(length)
        told = {"config": config, "title": writer.sentence("?"), "html": as_html(paragraphs)}
        (search,) = connection.execute(statement, told).fetchone()
        body = as_markdown(paragraphs)
        texts.append(Text(ready(told["title"]), ready(body), ready(told["html"]), ready(search)))
    return texts
