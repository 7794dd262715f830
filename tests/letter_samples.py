"""One letter of every kind, as it goes out: for tests that look at all of them.

`STAGES` says for each kind what must have happened; a kind without a stage is an error, so that a
new one is looked at too. Rows are made as the owner, letters are composed by the worker.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta

from allauth.account.models import EmailAddress
from django.core import mail
from django.core.mail import EmailMultiAlternatives
from django.utils import timezone

from circles.belonging.letters import NEWS as MEMBERSHIP_NEWS
from circles.belonging.letters import TO_OTHERS
from circles.models import Application, Archiving, Circle, Founding, Inquiry
from members import account_letters, delivery, letters
from members.letters import KINDS
from members.models import Browser, Letter, Member
from questions.at_once.kinds import KINDS as AT_ONCE
from questions.digests import building, planning
from questions.models import DigestIssue, DigestPlan, Outcome, Question, Tag, Tagging
from tests import make
from tests.live import kind_of
from tests.questions import digest_make as rows

STAGES: dict[str, Callable[["Stage"], None]] = {}


@dataclass
class Stage:
    """A circle with its people, and the language in which everybody reads."""

    circle: Circle
    reader: Member  # is in the circle, asked and answered; vets
    others: list[Member]  # the first of them leads
    language: str = "en"
    words: dict[str, str] = field(default_factory=dict)  # what texts say, where a sample has them

    def post(self, kind: str, **facts) -> None:
        facts.setdefault("subject_id", self.reader.pk)
        if "link" not in facts:
            facts.setdefault("member", self.reader)
        letters.post(kind, **facts)

    def of_application(self, kind: str, state: str, seq: int = 9, **facts) -> Application:
        made = make.application(self.circle, state=state, language=self.language, **facts)
        about = {"circle_id": self.circle.pk, "subject_id": made.pk, "seq": seq}
        self.post(kind, link=made.link_id, **about)
        return made

    def say(self, what: str, default: str) -> str:
        return self.words.get(what, default)


def stage(*kinds: str):
    def register(sets: Callable[[Stage, str], None]):
        for kind in kinds:
            assert kind not in STAGES, kind
            STAGES[kind] = sets
        return sets

    return register


@stage(*account_letters.NEWS, account_letters.RESET, "mail_try")
def _account(at: Stage, kind: str) -> None:
    subject = at.reader.pk
    if kind == account_letters.NEW_BROWSER:
        browser = Browser.objects.create(
            member=at.reader, print="p", browser="Firefox", system="Linux"
        )
        subject = browser.pk
    if kind == account_letters.ADDRESS_CHANGED:
        address = at.reader.email
        subject = EmailAddress.objects.create(user=at.reader, email=address, verified=True).pk
    at.post(kind, subject_id=subject)


@stage(account_letters.PROOF)
def _address_proof(at: Stage, kind: str) -> None:
    new = EmailAddress.objects.create(user=at.reader, email="new@example.org", verified=False)
    at.post(kind, subject_id=new.pk)


_APPLICATIONS = {
    "application_address": "draft",
    "application_referees": "referees",
    "application_referee_lost": "referees",
    "application_unconfirmed": "expired",
    "application_received": "review",
    "application_delayed": "review",
    "application_waitlisted": "waitlisted",
    "application_offered": "offered",
    "application_offer_reminder": "offered",
    "application_expired": "expired",
    "application_ended": "expired",
    "application_withdrawn": "withdrawn",
    "application_question": "info_requested",
    "application_question_reminder": "info_requested",
    "application_declined": "declined",
    "application_declined_final": "declined_final",
    "application_appealed": "appealed",
}


@stage(*_APPLICATIONS)
def _application(at: Stage, kind: str) -> None:
    state = _APPLICATIONS[kind]
    refusal = at.say("refusal", "You operate on feet, we on hands.")
    facts = {"decline_code": "other", "decline_text": refusal} if "declined" in state else {}
    made = at.of_application(kind, state, seq=0 if state == "draft" else 9, **facts)
    if state == "info_requested":
        Inquiry.objects.create(
            circle=at.circle,
            application=made,
            by_id=at.others[0].pk,
            question=at.say("inquiry", "How many wrists a month do you operate?"),
        )


@stage("vetting_queue")
def _vetting_queue(at: Stage, kind: str) -> None:
    make.application(at.circle)
    at.post(kind, subject_id=at.circle.pk, circle_id=at.circle.pk)


@stage("decider_appointed", "decider_reminder")
def _decider(at: Stage, kind: str) -> None:
    at.post(kind, subject_id=make.application(at.circle).pk, circle_id=at.circle.pk)


@stage("steward_case")
def _steward(at: Stage, kind: str) -> None:
    steward = make.member(f"steward{at.language}", is_steward=True, language=at.language)
    late = make.application(at.circle, decide_before=timezone.now() - timedelta(days=1))
    at.post(kind, member=steward, subject_id=late.pk)


@stage("factor_demanded")
def _factor_demanded(at: Stage, kind: str) -> None:
    locked = _like(at.circle, demands_second_factor=True)
    make.membership(locked, at.reader)
    at.post(kind, subject_id=locked.pk, circle_id=locked.pk)


@stage(*MEMBERSHIP_NEWS)
def _membership(at: Stage, kind: str) -> None:
    """In a circle like it, where the reader's membership is in the state the letter speaks of."""
    states = MEMBERSHIP_NEWS[kind].states or ("active",)
    made = make.membership(_like(at.circle), at.reader, state=states[0])
    at.post(kind, subject_id=made.pk, circle_id=made.circle_id)


@stage(*TO_OTHERS)
def _about_a_membership(at: Stage, kind: str) -> None:
    if kind == "steward_circle":
        steward = make.member(f"warden{at.language}", is_steward=True, language=at.language)
        return at.post(kind, member=steward, subject_id=at.circle.pk)
    leads = make.membership(_like(at.circle), at.reader, role="admin")
    other = make.membership(leads.circle, at.others[0], state="suspended")
    why = at.say("refusal", "Told a name outside the circle.")
    sanction = make.sanction(other, by=at.others[1], why=why)
    subject = sanction.pk if kind == "suspension_waits" else other.pk
    return at.post(kind, subject_id=subject, circle_id=leads.circle_id)


@stage("circle_confirmed", "circle_declined")
def _proposed(at: Stage, kind: str) -> None:
    now, words = timezone.now(), at.say("refusal", "There is such a circle already.")
    facts = {"declined_at": now, "declined_text": words, "confirmed_at": None}
    made = _like(at.circle, **(facts if kind == "circle_declined" else {}))
    make.membership(made, at.reader, role="admin")
    at.post(kind, subject_id=made.pk, circle_id=made.pk)


@stage("invitation", "invitation_reminder")
def _invitation(at: Stage, kind: str) -> None:
    made = make.invitation(at.circle, by=at.others[0], language=at.language)
    at.post(kind, link=made.link_id, subject_id=made.pk, circle_id=at.circle.pk)


@stage("archiving_waits", "circle_archived", "circle_reopened", "application_archived")
def _archiving(at: Stage, kind: str) -> None:
    known = Archiving.objects.open().filter(circle=at.circle).first()
    about = known or make.archiving(at.circle, by=at.reader)
    if kind == "application_archived":
        at.of_application(kind, "expired")
        return
    place = at.circle
    if kind == "circle_archived":  # another one, since this one has more to tell
        same = {"sensitivity": place.sensitivity, "mail_alias": place.mail_alias}
        now = timezone.now()
        same |= {"listed": False, "archived_at": now, "closes_at": now + timedelta(days=90)}
        place = make.circle(place.name, members=[at.reader], **same)
    reader = at.others[0] if kind == "archiving_waits" else at.reader
    at.post(kind, member=reader, subject_id=about.pk, circle_id=place.pk)


@stage("cofounder_asked", "cofounder_asked_member", "cofounder_answered")
def _cofounder(at: Stage, kind: str) -> None:
    lead = at.reader if kind.endswith("answered") else at.others[0]
    known = Founding.objects.filter(lead_id=lead.pk).first()
    writing = known or make.founding(lead, language=at.language)
    if kind == "cofounder_asked":
        asked = make.cofounder(writing)
        at.post(kind, link=asked.link_id, subject_id=asked.pk)
    elif kind == "cofounder_asked_member":
        at.post(kind, subject_id=make.cofounder(writing, at.reader).pk)
    else:
        agreed = {"state": "agreed", "answered_at": timezone.now()}
        at.post(kind, subject_id=make.cofounder(writing, at.others[0], **agreed).pk)


_REFERENCES = ("reference_asked", "reference_reminder", "reference_thanks")


@stage(*_REFERENCES, *(f"{kind}_member" for kind in _REFERENCES))
def _reference(at: Stage, kind: str) -> None:
    thanks = "thanks" in kind
    application = make.application(
        at.circle, state="approved" if thanks else "referees", language=at.language
    )
    by = at.reader if kind.endswith("_member") else None
    made = make.reference(application, by=by, **({"how": "worked"} if thanks else {}))
    about = {"subject_id": made.pk, "circle_id": at.circle.pk}
    at.post(kind, **({} if by else {"link": made.link_id}), **about)


@stage(*AT_ONCE)
def _at_once(at: Stage, kind: str) -> None:
    other, now = at.others[0], timezone.now()
    title = at.say("title", "Splint or pin in a child of six?")
    # The thanks go to somebody else: nobody gets three of these letters in a week.
    reader = at.others[1] if kind == "outcome_thanks" else at.reader
    asker, helper = (other, reader) if kind == "outcome_thanks" else (reader, other)
    question = make.question(at.circle, by=asker, title=title)
    make.answer(question, by=helper)
    row = Question.objects.filter(pk=question.pk)
    if kind == "outcome_due":
        row.update(state="answered", outcome_due_at=now + timedelta(days=2))
    if kind == "outcome_thanks":
        row.update(state="closed")
        facts = {"helped": "yes", "body": title, "html": title}
        Outcome.objects.create(circle=at.circle, question=question, by_id=other.pk, **facts)
    at.post(kind, member=reader, subject_id=question.pk, circle_id=at.circle.pk)


@stage(building.KIND)
def _digest(at: Stage, kind: str) -> None:
    """Something in every part of it."""
    other = at.others[0]
    title = at.say("title", "Splint or pin in a child of six?")
    ask = {"title": title, "mail_line": title[:60]}
    make.membership(at.circle, make.member(f"newcomer{at.language}"), since=timezone.now())
    mine = make.question(at.circle, by=at.reader, **ask)
    rows.answered(mine, other)
    make.comment(mine, by=other)
    rows.event(make.question(at.circle, by=at.reader, **ask), "remarked", other)
    asked = make.question(at.circle, by=other, **ask)
    tag = Tag.objects.create(circle=at.circle, name=at.say("tag", "shoulder"))
    Tagging.objects.create(circle=at.circle, question=asked, tag=tag)
    rows.solved(make.question(at.circle, by=other, **ask))
    rows.known(make.question(at.circle, by=other, **ask))
    due = {"state": "outcome_due", "outcome_due_at": timezone.now()}
    make.question(at.circle, by=at.reader, **ask, **due)
    make.application(at.circle)
    rows.plan(at.reader)
    for issue_id in planning.plan_due():
        building.build(issue_id)


def _like(circle: Circle, **facts) -> Circle:
    """Another circle with the same charter."""
    charter = {f.name: getattr(circle, f.name) for f in Circle._meta.fields if not f.unique}
    charter |= {"pk": None, "public_id": f"like{circle.pk}{Circle.objects.count()}"[:10], **facts}
    if charter.get("confirmed_at") is None:
        charter["listed"] = False
    return Circle.objects.create(**charter)


def set_up(at: Stage) -> None:
    """Let everything happen that makes a letter of each kind wait."""
    Member.objects.filter(pk__in=[at.reader.pk, *(o.pk for o in at.others)]).update(
        language=at.language
    )
    at.reader.refresh_from_db()
    missing = set(KINDS) - set(STAGES)
    assert not missing, f"tests/letter_samples.py has no stage for {sorted(missing)}"
    for kind in KINDS:
        STAGES[kind](at, kind)
    # None of them waits for its hour.
    DigestPlan.objects.update(quiet_from="12:00", quiet_until="12:00", quiet_weekends=False)
    now = timezone.now()
    DigestPlan.objects.update(next_due_at=now + timedelta(days=7))
    DigestIssue.objects.update(planned_at=now - timedelta(hours=2))


def bring() -> dict[str, EmailMultiAlternatives]:
    """Bring all letters that wait; return what went out, by kind. As the house."""
    mail.outbox.clear()
    delivery.deliver_waiting()
    return {kind_of(sent.message()): sent for sent in mail.outbox}


def not_sent() -> list[tuple[str, str, str]]:
    """Which letters did not go, and why."""
    return list(Letter.objects.exclude(state="sent").values_list("kind", "state", "reason"))
