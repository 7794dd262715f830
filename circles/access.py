"""The doors of a circle: each hands over only rows this person may see, or says 404.

Reads; decides nothing else, writes nothing. Row-level security asks the same once more.
"""

from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import connection
from django.db.models import Count, Exists, F, Func, IntegerField, OuterRef, Q
from django.http import Http404
from django.shortcuts import get_object_or_404
from django.utils import timezone

from circles.models import (
    Appeal,
    Application,
    Archiving,
    Check,
    Circle,
    Confirmation,
    Decider,
    DoorAnswer,
    DoorQuestion,
    Endorsement,
    GuideEntry,
    Inquiry,
    Invitation,
    Membership,
    Note,
    Objection,
    Paper,
    Parameter,
    Referee,
    Reference,
    RegisterExtract,
    Vote,
)
from circles.models.admission import MAY_VOTE
from kring.lib.acting import acting_with, at_the_desk
from kring.lib.kept import kept
from members.access import steward_for
from members.models import Member

_TAKEN = Func(F("circle_id"), function="kring_seats_taken", output_field=IntegerField())
MOST_LISTED = 100
# One that an admin may settle: the database shows it to no others.
_open_objection = Objection.objects.filter(
    circle_id=OuterRef("circle_id"),
    application_id=OuterRef("id"),
    settled_at=None,
)
DECLINED_SHOWN = timedelta(days=28)


class FactorAsked(Exception):
    """Whoever knocks is in this circle, which asks for a second factor that they do not have."""

    def __init__(self, circle: Circle):
        super().__init__()
        self.circle = circle


# --- inside -------------------------------------------------------------------------------
def circle_for(member: Member, circle_id: str) -> Membership:
    """Hand over one's membership, with its circle and `taken`, the seats in use.

    Raises FactorAsked, which leads to setting one up, where the circle demands a second factor.
    """
    membership = membership_for(member, circle_id)
    if membership.is_locked:
        raise FactorAsked(membership.circle)
    return membership


def membership_for(member: Member, circle_id: str) -> Membership:
    """Hand over one's membership, with `is_locked`; only for what may be seen before the door."""
    membership = _membership.first(member.pk, circle_id)
    if membership is None:
        raise Http404
    return membership


@kept
def _membership(member_id: int, circle_id: str):
    rows = Membership.objects.reading().with_lock().select_related("circle")
    return rows.annotate(taken=_TAKEN).filter(member_id=member_id, circle__public_id=circle_id)


def knock(member: Member, circle_pk: int) -> None:
    """Raise FactorAsked when one is in this circle and it is locked; else leave it to the door."""
    locked = Membership.objects.reading().with_lock().filter(member_id=member.pk, is_locked=True)
    if found := locked.select_related("circle").filter(circle_id=circle_pk).first():
        raise FactorAsked(found.circle)


def memberships_of(member: Member) -> list[Membership]:
    """Hand over every circle one is in, by name, with `is_locked`."""
    return list(
        Membership.objects.reading()
        .with_lock()
        .select_related("circle")
        .annotate(taken=_TAKEN)
        .filter(member_id=member.pk)
        .order_by("circle__name", "id")
    )


def people_of(membership: Membership) -> list[Membership]:
    """Hand over the people of one's circle, by name; a circle is capped, so are they."""
    return list(
        Membership.objects.seated()
        .select_related("member")
        .filter(circle_id=membership.circle_id)
        .order_by("member__name", "id")
    )


def desk_for(member: Member, circle_id: str) -> Membership:
    """Hand over the membership of somebody who vets in this circle."""
    membership = circle_for(member, circle_id)
    if not membership.vets:
        raise Http404
    return membership


def administering(member: Member, circle_id: str) -> Membership:
    """Hand over the membership of somebody who administers this circle."""
    membership = circle_for(member, circle_id)
    if not membership.administers:
        raise Http404
    return membership


def leading(member: Member, circle_id: str) -> Membership:
    """Hand over the membership of an admin, also of a circle that is archived."""
    membership = circle_for(member, circle_id)
    if not membership.leads:
        raise Http404
    return membership


def archiving_of(membership: Membership) -> Archiving | None:
    """Hand over to an admin what waits for a second one."""
    rows = Archiving.objects.open().select_related("by")
    return rows.filter(circle_id=membership.circle_id).first()


def applications_for(membership: "Membership | Visiting"):
    """The applications somebody who vets may see, with `may_vote` and `voted` (in this round)."""
    own_vote = Vote.objects.filter(
        circle_id=OuterRef("circle_id"),
        application_id=OuterRef("id"),
        voter_id=membership.member_id,
        at__gte=OuterRef("review_since"),
    )
    rows = (
        Application.objects.filter(circle_id=membership.circle_id)
        .exclude(state__in=Application.UNSEEN)
        .exclude(member_id=membership.member_id)
        .exclude(email="")  # erased
        .annotate(may_vote=MAY_VOTE, voted=Exists(own_vote))
    )
    return rows.filter(_appointed(membership.member_id)) if membership.is_visiting else rows


@dataclass(frozen=True)
class Visiting:
    """Somebody whom a steward appointed to decide on an application: no more of its circle."""

    circle: Circle
    member_id: int
    is_visiting = True
    vets = administers = may_invite = False

    @property
    def circle_id(self) -> int:
        return self.circle.pk


def _appointed(member_id: int) -> Exists:
    mine = Decider.objects.filter(
        circle_id=OuterRef("circle_id"), application_id=OuterRef("id"), member_id=member_id
    )
    return Exists(mine)


def appointments_of(member: Member) -> list[Application]:
    """Hand over what one was appointed to decide in circles where one has no desk, oldest first,
    with `circle`; the database leaves out what one may see no more."""
    vetting = Membership.objects.deciding().filter(
        member_id=member.pk, circle_id=OuterRef("circle_id")
    )
    return list(
        Application.objects.filter(_appointed(member.pk), ~Exists(vetting))
        .filter(state__in=[*Application.DECIDING, Application.State.INFO_REQUESTED])
        .select_related("circle")
        .order_by("review_since", "id")[:MOST_LISTED]
    )


@kept
@kept
def appointed_and_awaited(member_id: int):
    """Hand over what one was appointed to decide and has not voted on, oldest promise first."""
    rows = Application.objects.filter(_appointed(member_id)).awaiting_vote_of(member_id)
    return rows.select_related("circle").order_by("decide_before", "id")[:MOST_LISTED]


def objected_in(circle_ids: list[int]) -> list[Application]:
    """Hand over who is objected to in circles one administers, for as long as it is not settled."""
    rows = Application.objects.filter(circle_id__in=circle_ids, state=Application.State.OBJECTION)
    return list(rows.filter(Exists(_open_objection)).order_by("moved_at", "id")[:MOST_LISTED])


def running_in(membership: Membership) -> int:
    """Count the applications that run in a circle, for whoever vets there."""
    return applications_for(membership).running().count()


def application_for(
    member: Member, circle_id: str, application_id: str
) -> tuple["Membership | Visiting", Application]:
    """Hand over one application to somebody who vets there, or whom a steward appointed to decide
    on it; never one's own."""
    membership = _membership.first(member.pk, circle_id)
    if membership is not None and membership.vets:
        if membership.is_locked:
            raise FactorAsked(membership.circle)
    else:
        circle = Circle.objects.filter(public_id=circle_id).first()
        if circle is None:
            raise Http404
        membership = Visiting(circle, member.pk)
    rows = applications_for(membership).annotate(**_has_beside(membership.member_id))
    application = get_object_or_404(rows, public_id=application_id)
    application.circle = membership.circle
    return membership, application


def _has_beside(member_id: int) -> dict[str, Exists]:
    """What there is besides the application, so that the page asks only for that."""
    of_it = {"circle_id": OuterRef("circle_id"), "application_id": OuterRef("id")}
    beside = {
        "endorsements": Endorsement,
        "inquiries": Inquiry,
        "notes": Note,
        "deciders": Decider,
        "objections": Objection,
        "referees": Referee,
        "door_answers": DoorAnswer,
        "papers": Paper,
        "checks": Check,
        "confirmations": Confirmation,
    }
    has = {f"has_{name}": Exists(model.objects.filter(**of_it)) for name, model in beside.items()}
    recused = Vote.objects.filter(**of_it, voter_id=member_id, choice=Vote.Choice.RECUSE)
    return has | {"recused": Exists(recused)}


@dataclass(frozen=True)
class Desk:
    """What is on the desk: one's own to vote on or, as an admin, to settle, and what is under way."""

    mine: list[Application]
    others: list[Application]
    is_cut: bool  # there is more than is shown


def queue_for(membership: "Membership | Visiting") -> Desk:
    """Hand over what is on the desk, at most a hundred, the oldest promise first."""
    rows = applications_for(membership).on_the_desk()
    if membership.administers:
        rows = rows.annotate(objected=Exists(_open_objection))
    found = list(rows[: MOST_LISTED + 1])
    mine, others = [], []
    for row in found[:MOST_LISTED]:
        in_objection = row.state == Application.State.OBJECTION
        is_mine = (
            row.objected
            if in_objection and membership.administers
            else row.may_vote and not row.voted
        )
        (mine if is_mine else others).append(row)
    return Desk(mine, others, is_cut=len(found) > MOST_LISTED)


def votes_on(application: Application) -> list[Vote]:
    """Hand over the votes; the database shows those of others to whoever has voted."""
    return list(
        Vote.objects.filter(circle_id=application.circle_id, application=application)
        .select_related("voter")
        .order_by("at")
    )


def inquiries_of(application: Application) -> list[Inquiry]:
    """Hand over what the applicant was asked and answered, to whoever sees the application."""
    return list(
        Inquiry.objects.filter(circle_id=application.circle_id, application=application)
        .select_related("by")
        .order_by("asked_at", "id")
    )


def open_inquiry(application: Application) -> Inquiry | None:
    """Hand over to the holder of a link what they are asked now."""
    with acting_with(application.link_id):
        return Inquiry.objects.filter(
            circle_id=application.circle_id, application_id=application.pk, answered_at=None
        ).first()


def decision_for(
    member: Member, circle_id: str, application_id: str
) -> tuple[Membership, Application]:
    """Hand over an application to an admin, or to whom a steward appointed: they may decide where
    the votes differ."""
    membership, application = application_for(member, circle_id, application_id)
    if not (membership.administers or membership.is_visiting):
        raise Http404
    return membership, application


def notes_on(application: Application) -> list[Note]:
    """Hand over the notes; the database shows those of others to whoever has voted."""
    return list(
        Note.objects.filter(circle_id=application.circle_id, application=application)
        .select_related("by")
        .order_by("at", "id")
    )


def appeal_on(application: Application) -> Appeal | None:
    """Hand over the words of an appeal, to whoever judges it."""
    return Appeal.objects.filter(circle_id=application.circle_id, application=application).first()


def deciders_of(application: Application) -> list[Decider]:
    """Hand over whom a steward appointed for this stage."""
    return list(
        Decider.objects.filter(
            circle_id=application.circle_id, application=application, stage=application.state
        )
        .select_related("member")
        .order_by("id")
    )


def objections_to(
    membership: "Membership | Visiting", application: Application
) -> list[Objection]:
    """Hand over what members objected, to the admins."""
    if not membership.administers:
        return []
    return list(
        Objection.objects.filter(circle_id=application.circle_id, application=application)
        .select_related("by", "settled_by")
        .order_by("id")
    )


def objection_for(
    member: Member, circle_id: str, application_id: str, objection_id: str
) -> tuple[Membership, Application, Objection]:
    """Hand over one objection to an admin."""
    membership, application = application_for(member, circle_id, application_id)
    for objection in objections_to(membership, application):
        if objection.public_id == objection_id:
            return membership, application, objection
    raise Http404


def endorsements_of(application: Application) -> list[Endorsement]:
    """Hand over what members said for an applicant, to whoever sees the application."""
    return list(
        Endorsement.objects.filter(circle_id=application.circle_id, application=application)
        .select_related("by")
        .order_by("at", "id")
    )


def checks_of(application: Application) -> list[Check]:
    """Hand over what was checked of an applicant, to whoever vets."""
    return list(
        Check.objects.filter(circle_id=application.circle_id, application=application).order_by(
            "id"
        )
    )


def confirmations_of(application: Application) -> list[Confirmation]:
    """Hand over the facts people answered for, the latest first, to whoever vets."""
    return list(
        Confirmation.objects.filter(circle_id=application.circle_id, application=application)
        .select_related("by", "second_by")
        .order_by("-id")[:20]
    )


def extract_of(membership: Membership) -> RegisterExtract | None:
    """Hand over the register extract of a circle to its admins."""
    rows = RegisterExtract.objects.select_related("by")
    return rows.filter(circle_id=membership.circle_id).first()


def door_questions_of(membership: Membership) -> dict[int, DoorQuestion]:
    """Hand over what a circle asks at its door, by place, to a member of it."""
    rows = DoorQuestion.objects.filter(circle_id=membership.circle_id)
    return {row.position: row for row in rows}


def door_answers_of(application: Application) -> list[DoorAnswer]:
    """Hand over what an applicant answered to the circle's own questions, to whoever vets."""
    return list(
        DoorAnswer.objects.filter(circle_id=application.circle_id, application=application)
        .exclude(value="")
        .order_by("position")
    )


def papers_of(application: Application) -> list[Paper]:
    """Hand over the files an applicant added, to whoever vets."""
    rows = Paper.objects.kept()
    return list(rows.filter(circle_id=application.circle_id, application=application))


def paper_for(member: Member, circle_id: str, application_id: str, paper_id: str) -> Paper:
    """Hand over one of those files to somebody who vets there; never of one's own application."""
    _membership, application = application_for(member, circle_id, application_id)
    rows = Paper.objects.kept().filter(circle_id=application.circle_id, application=application)
    return get_object_or_404(rows, public_id=paper_id)


def referees_of(application: Application) -> list[Referee]:
    """Hand over whom an applicant named, each with `said`, its reference or None, to whoever vets
    the application."""
    whose = {"circle_id": application.circle_id, "application": application}
    said = {
        row.referee_id: row for row in Reference.objects.filter(**whose).select_related("member")
    }
    rows = list(Referee.objects.filter(**whose).named())
    for row in rows:
        row.said = said.get(row.pk)
    return rows


def references_of(membership: Membership) -> list[Reference]:
    """Hand over what one was asked about others in this circle, the newest first; at most a
    hundred. With `applicant` while the application is kept."""
    rows = Reference.objects.filter(
        circle_id=membership.circle_id, member_id=membership.member_id
    ).order_by("-asked_at", "-id")[:MOST_LISTED]
    return _with_applicants(*rows)


def references_asked(member_id: int, circle_ids: list[int]) -> list[Reference]:
    """Hand over what one is asked about others now, the nearest day first; with `applicant`."""
    rows = _asked_of(member_id, circle_ids, timezone.now())
    return [row for row in _with_applicants(*rows) if row.is_asked] if rows else []


@kept
def _asked_of(member_id: int, circle_ids: list[int], now: datetime):
    rows = Reference.objects.filter(circle_id__in=circle_ids, member_id=member_id)
    rows = rows.filter(answered_at=None, ended_at=None, until__gt=now)
    return rows.order_by("until", "id")[:MOST_LISTED]


def reference_for(
    member: Member, circle_id: str, reference_id: str
) -> tuple[Membership, Reference]:
    """Hand over what a member is asked about an applicant, to that member alone."""
    membership = circle_for(member, circle_id)
    reference = get_object_or_404(
        Reference.objects.select_related("referee"),
        circle_id=membership.circle_id,
        member_id=member.pk,
        public_id=reference_id,
    )
    return membership, _with_applicants(reference)[0]


def own_reference(link_id: int) -> Reference | None:
    """Hand over what the holder of a mailed link is asked, or None when it opens nothing."""
    with acting_with(link_id):
        reference = (
            Reference.objects.select_related("circle", "link", "referee")
            .annotate(taken=_TAKEN)
            .filter(link_id=link_id)
            .first()
        )
        if reference is None or not reference.link.is_alive or not reference.referee.address:
            return None
        return _with_applicants(reference)[0]


def _with_applicants(*references: Reference) -> list[Reference]:
    """Add `applicant`, `profession` and `is_asked`: as much as a referee may know."""
    with connection.cursor() as cursor:
        cursor.execute("select * from kring_asked_about(%s)", [[row.pk for row in references]])
        about = {row[0]: row[1:] for row in cursor.fetchall()}
    for row in references:
        row.applicant, row.profession, state = about[row.pk]
        row.is_asked = row.is_open and state in Reference.ASKED_IN
    return list(references)


def invitations_for(membership: Membership):
    """Hand over one's own invitations, to an admin all of the circle; none that was erased."""
    rows = (
        Invitation.objects.filter(circle_id=membership.circle_id)
        .select_related("inviter")
        .exclude(address="")
    )
    return rows if membership.administers else rows.filter(inviter_id=membership.member_id)


@dataclass(frozen=True)
class Quota:
    """How many invitations a member has out, of how many."""

    open: int
    lately: int
    most_open = Invitation.OPEN_AT_ONCE
    most_lately = Invitation.IN_90_DAYS

    @property
    def is_used_up(self) -> bool:
        return self.open >= self.most_open or self.lately >= self.most_lately


def quota_of(membership: Membership) -> Quota | None:
    """Count one's own invitations; None for an admin, who has the seats of the circle to fill."""
    if membership.administers:
        return None
    lately = timezone.now() - timedelta(days=90)
    counted = Invitation.objects.filter(
        circle_id=membership.circle_id, inviter_id=membership.member_id
    ).aggregate(
        open=Count("id", filter=Q(state=Invitation.State.OPEN)),
        lately=Count("id", filter=Q(created_at__gt=lately)),
    )
    return Quota(**counted)


def invitation_for(
    member: Member, circle_id: str, invitation_id: str
) -> tuple[Membership, Invitation]:
    """Hand over one invitation to its inviter, or to an admin."""
    membership = circle_for(member, circle_id)
    invitation = get_object_or_404(invitations_for(membership), public_id=invitation_id)
    return membership, invitation


# --- before it is confirmed ---------------------------------------------------------------
def proposals_for(steward: Member) -> list[Circle]:
    """Hand over the circles that wait for a steward, oldest first, with `proposers`."""
    steward_for(steward)
    return _with_proposers(*Circle.objects.proposed()[:MOST_LISTED])


def proposal_for(steward: Member, proposal_id: str) -> Circle:
    """Hand over one of them."""
    steward_for(steward)
    return _with_proposers(get_object_or_404(Circle.objects.proposed(), public_id=proposal_id))[0]


def form_of(circle: Circle) -> list[Parameter]:
    """Hand over the question form of a circle, to whoever may read its charter."""
    return list(Parameter.objects.asked().filter(circle_id=circle.pk))


def installation_for(steward: Member) -> dict[str, int]:
    """Tell how many circles and how many people there are."""
    steward_for(steward)
    with connection.cursor() as cursor:
        cursor.execute("select circles, people from kring_installation()")
        found = cursor.fetchone()
    return dict(zip(("circles", "people"), found, strict=True))


def own_proposals(member: Member) -> list[Circle]:
    """Hand over the circles one proposes, until they are confirmed; a no stays for a while."""
    since = timezone.now() - DECLINED_SHOWN
    rows = Membership.objects.proposing().select_related("circle").filter(member_id=member.pk)
    circles = [row.circle for row in rows.order_by("circle__name", "id")]
    return [circle for circle in circles if not circle.is_declined or circle.declined_at > since]


def own_proposal(member: Member, proposal_id: str) -> Circle:
    """Hand over a circle one proposes, with `proposers`."""
    rows = Membership.objects.proposing().select_related("circle")
    row = get_object_or_404(rows, member_id=member.pk, circle__public_id=proposal_id)
    return _with_proposers(row.circle)[0]


def _with_proposers(*circles: Circle) -> list[Circle]:
    """Add to each who proposes it, as (name, title): to its stewards, and to each other."""
    named = defaultdict(list)
    with connection.cursor() as cursor:
        cursor.execute("select * from kring_proposers(%s)", [[circle.pk for circle in circles]])
        for circle_id, name, title in cursor.fetchall():
            named[circle_id].append({"name": name, "title": title})
    for circle in circles:
        circle.proposers = named[circle.pk]
    return list(circles)


# --- outside ------------------------------------------------------------------------------
@dataclass(frozen=True)
class Guide:
    rows: list[GuideEntry]
    total: int
    is_cut: bool  # more were found than are shown


def professions_listed() -> list[str]:
    """Hand over the professions of the listed circles, at most a hundred."""
    rows = GuideEntry.objects.order_by("profession").values_list("profession", flat=True)
    return list(rows.distinct()[:MOST_LISTED])


def guide(q: str = "", seats: str = "", profession: str = "", language: str = "") -> Guide:
    """Hand over the listed circles that have every word of `q`, by name, at most a hundred."""
    rows = GuideEntry.objects.in_order()
    total = rows.count()
    for word in q.split()[:8]:
        rows = rows.filter(
            Q(name__icontains=word)
            | Q(profession__icontains=word)
            | Q(purpose__icontains=word)
            | Q(belongs__icontains=word)
        )
    if profession:
        rows = rows.filter(profession=profession)
    if language:
        rows = rows.filter(language=language)
    if seats == "free":
        rows = rows.filter(seats_free__gt=0)
    elif seats == "full":
        rows = rows.filter(seats_free=0)
    found = list(rows[: MOST_LISTED + 1])
    return Guide(found[:MOST_LISTED], total, len(found) > MOST_LISTED)


def guide_entries(*circle_ids: str) -> list[GuideEntry]:
    """Hand over those of these circles that are listed, in this order."""
    found = {row.public_id: row for row in GuideEntry.objects.filter(public_id__in=circle_ids)}
    return [found[public_id] for public_id in circle_ids if public_id in found]


def guide_entry(circle_id: str) -> GuideEntry:
    """Hand over a listed circle to anybody."""
    return get_object_or_404(GuideEntry, public_id=circle_id)


def own_application(link_id: int, *, mailed: bool) -> Application | None:
    """Hand over the application of a link to its holder, or None when it opens nothing.

    Once the address is proven, only a browser that came in by the mail (`mailed`) is its holder:
    whoever typed somebody else's address stays outside.
    """
    with acting_with(link_id):
        application = (
            Application.objects.select_related("circle", "link")
            .filter(link_id=link_id)
            .exclude(email="")
            .first()
        )
    if application is None or not application.link.is_alive:
        return None
    if application.proven_at and not mailed:
        return None
    return application


@dataclass(frozen=True)
class Voucher:
    """Who vouches, as the holder of a link may know them."""

    name: str
    title: str


def vouchers() -> dict[int, Voucher]:
    """Who invites or vouches for the holder of the link that acts now, by their ids."""
    with connection.cursor() as cursor:
        cursor.execute("select member_id, name, title from kring_vouchers()")
        return {member_id: Voucher(name, title) for member_id, name, title in cursor.fetchall()}


def own_invitation(link_id: int) -> Invitation | None:
    """Hand over the invitation of a link to its holder, or None when it opens nothing."""
    with acting_with(link_id):
        invitation = (
            Invitation.objects.select_related("circle", "link")
            .annotate(taken=_TAKEN)
            .filter(link_id=link_id)
            .exclude(state__in=[Invitation.State.REVOKED, Invitation.State.EXPIRED])
            .exclude(address="")
            .first()
        )
    return invitation if invitation is not None and invitation.link.is_alive else None


def own_inviter(invitation: Invitation) -> Voucher:
    """Tell an invitee who invites them."""
    with acting_with(invitation.link_id):
        return vouchers()[invitation.inviter_id]


def begun_by(invitation: Invitation) -> int | None:
    """Hand over the link of the application that was begun by an invitation, to its holder."""
    with acting_with(invitation.link_id), connection.cursor() as cursor:
        cursor.execute("select kring_begun()")
        return cursor.fetchone()[0]


def words_for(application: Application) -> list[tuple[Voucher, Endorsement]]:
    """Hand over to an applicant who vouches for them and what they said."""
    with acting_with(application.link_id):
        rows = Endorsement.objects.filter(
            circle_id=application.circle_id, application_id=application.pk, withdrawn_at=None
        )
        said = list(rows.exclude(words="").order_by("at", "id"))
        known = vouchers() if said else {}
    return [(known[row.by_id], row) for row in said if row.by_id in known]


def place_in_line(application: Application) -> tuple[int, int]:
    """Tell the holder of a link their number on the waiting list and how many wait."""
    with acting_with(application.link_id):
        row = Application.objects.raw(
            "select a.id, line.place, line.waiting from circles_application a, "
            "kring_place_in_line(a.id) line where a.id = %s",
            [application.pk],
        )[0]
    return row.place, row.waiting


def has_account(email: str) -> bool:
    """Say whether an address signs in here. Only for whoever has proven that address."""
    with at_the_desk():
        return Member.objects.filter(email__iexact=email).exists()
