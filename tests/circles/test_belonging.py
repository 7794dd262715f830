"""How a membership goes on and ends: each state gives its rights and no more, each act moves once,
and the database refuses what the code forgot."""

from datetime import timedelta

import pytest
from django.db import DatabaseError, ProgrammingError, connection, transaction
from django.utils import timezone

from circles.belonging import (
    appointing,
    leaving,
    moves,
    renewing,
    roles,
    sanctions,
    verifying,
    year,
)
from circles.models import Fact, Membership, Renewal, Sanction
from kring.lib.refused import Refused
from members.letters import KINDS
from members.models import AuditEntry, Letter
from tests import make

pytestmark = pytest.mark.django_db
S = Membership.State
WHY = {"code": "breach", "why": "Told a patient's name outside the circle, on 3 May."}


@pytest.fixture
def of():
    """`of(circle, bram)` is the membership as it stands now."""

    def read(circle, member) -> Membership:
        rows = Membership.objects.select_related("circle", "member")
        return rows.get(circle=circle, member_id=member.pk)

    return read


@pytest.fixture
def other_admin(circle, vera):
    Membership.objects.filter(circle=circle, member_id=vera.pk).update(role="admin")
    return vera


@pytest.fixture
def suspended(circle, bram, anna, of, acting):
    with acting(anna):
        return sanctions.suspend(of(circle, bram), by=anna, **WHY)


def rights() -> dict[str, bool]:
    with connection.cursor() as cursor:
        cursor.execute(
            "select cardinality(kring_reads()), cardinality(kring_writes()), "
            "cardinality(kring_vets()), cardinality(kring_administers()), "
            "cardinality(kring_invites())"
        )
        names = ("reads", "writes", "vets", "administers", "invites")
        return {name for name, n in zip(names, cursor.fetchone(), strict=True) if n}


def told(member) -> list[str]:
    rows = Letter.objects.filter(member_id=member.pk).order_by("id")
    return list(rows.values_list("kind", flat=True))


def warned(steward, circle) -> list[str]:
    rows = Letter.objects.filter(member_id=steward.pk, subject_id=circle.pk)
    return list(rows.values_list("kind", flat=True))


def late(membership, **facts):
    """Let it have been so since long ago."""
    Membership.objects.filter(pk=membership.pk).update(**facts)


# --- what each state gives ------------------------------------------------------------------
ALL = {"reads", "writes", "vets", "administers", "invites"}
GIVES = {
    "probation": {"reads", "writes"},
    "active": ALL,
    "reverify_due": {"reads", "writes"},
    "grace": {"reads"},
    "lapsed": set(),
    "paused": set(),
    "suspended": set(),
    "left": set(),
    "removed": set(),
}


@pytest.mark.parametrize("state", S)
def test_each_state_gives_its_rights_and_no_more(state, circle, anna, of, acting):
    late(of(circle, anna), state=state)
    with acting(anna):
        assert rights() == GIVES[state]


def test_every_state_has_its_moves_and_the_database_the_same(circle, anna, bram, of, acting):
    """Each move that is not in the table is refused by the database, whoever tries."""
    table = {(who, old, new) for old, to in moves.MOVES.items() for new in to for who in to[new]}
    for who, actor in (("member", bram), ("admin", anna)):
        for old in S:
            late(of(circle, bram), state=old)
            for new in set(S) - {old}:
                if (who, old, new) not in table:
                    assert not tried(of(circle, bram), new, actor, acting), (who, old, new)


def tried(membership, new, actor, acting) -> bool:
    try:
        with acting(actor), transaction.atomic():
            return bool(Membership.objects.filter(pk=membership.pk).update(state=new))
    except ProgrammingError:  # refused by the trigger; a violated constraint is another error
        return False


# --- pause, come back, leave ----------------------------------------------------------------
def test_a_pause_ends_access_at_once_and_keeps_the_seat(circle, bram, of, acting):
    day = timezone.localdate() + timedelta(days=30)
    with acting(bram):
        leaving.pause(of(circle, bram), until=day, by=bram)
        assert rights() == set()
    assert of(circle, bram).back_on == day
    assert Membership.objects.seated().filter(member_id=bram.pk).exists()
    assert told(bram) == ["membership_paused"]


@pytest.mark.parametrize("days", [0, -1, 184, 4000])
def test_a_pause_has_a_day_within_half_a_year(days, circle, bram, of, acting):
    day = timezone.localdate() + timedelta(days=days)
    with acting(bram), pytest.raises(Refused, match="half a year"):
        leaving.pause(of(circle, bram), until=day, by=bram)


def test_whoever_paused_comes_back_when_they_like(circle, bram, of, acting):
    with acting(bram):
        leaving.pause(of(circle, bram), until=timezone.localdate() + timedelta(days=9), by=bram)
        leaving.come_back(of(circle, bram), by=bram)
        assert rights() == {"reads", "writes", "invites"}
    assert of(circle, bram).back_on is None
    assert told(bram) == ["membership_paused", "membership_active"]


def test_whoever_comes_back_after_their_year_is_verified_first(circle, bram, of, acting):
    late(of(circle, bram), state="paused", verified_at=timezone.now() - timedelta(days=400))
    with acting(bram):
        leaving.come_back(of(circle, bram), by=bram)
    assert of(circle, bram).state == S.REVERIFY_DUE


def test_leaving_ends_access_at_once_and_writes_it_down(circle, bram, of, acting):
    with acting(bram):
        leaving.leave(of(circle, bram), by=bram)
        assert rights() == set()
    assert told(bram) == ["membership_left"]
    line = AuditEntry.objects.get(act="membership.moved")
    assert (line.by_id, line.about_id) == (bram.pk, bram.pk)
    assert line.facts == {"old": "active", "new": "left"}


def test_one_of_two_admins_neither_leaves_nor_pauses_nor_steps_down(
    circle, anna, other_admin, of, acting
):
    day = timezone.localdate() + timedelta(days=30)
    for act in (
        lambda own: leaving.leave(own, by=anna),
        lambda own: leaving.pause(own, until=day, by=anna),
        lambda own: roles.step_down(own, "vetter", by=anna),
    ):
        with acting(anna), pytest.raises(Refused, match="keeps two admins"):
            act(of(circle, anna))
    assert of(circle, anna).state == S.ACTIVE
    assert told(anna) == []


# --- suspend and remove ---------------------------------------------------------------------
def test_a_suspension_shuts_out_at_once_and_asks_the_other_admins(
    circle, bram, other_admin, suspended, acting
):
    with acting(bram):
        assert rights() == set()
    assert told(bram) == ["membership_suspended"]
    assert told(other_admin) == ["suspension_waits"]


def test_a_second_admin_confirms_and_the_first_does_not(
    circle, bram, anna, other_admin, of, acting, suspended
):
    with acting(anna), pytest.raises(Refused, match="takes two"):
        sanctions.confirm(suspended, of(circle, bram), by=anna)
    with acting(other_admin):
        sanctions.confirm(suspended, of(circle, bram), by=other_admin)
        with pytest.raises(Refused, match="Already confirmed by Vera"):
            sanctions.confirm(suspended, of(circle, bram), by=other_admin)
    assert told(bram) == ["membership_suspended", "suspension_confirmed"]


def test_the_first_admin_cannot_confirm_by_sql_either(circle, bram, anna, acting, suspended):
    with acting(anna), pytest.raises(DatabaseError, match="nobody_confirms"), transaction.atomic():
        Sanction.objects.filter(pk=suspended.pk).update(
            second_by_id=anna.pk, second_at=timezone.now()
        )


def test_the_suspended_reads_why_and_answers_once(bram, acting, suspended):
    with acting(bram):
        mine = Sanction.objects.get(pk=suspended.pk)
        assert mine.why == WHY["why"]
        sanctions.answer(mine, words="That was a colleague, not a patient.", by=bram)
        with pytest.raises(Refused, match="answered already"):
            sanctions.answer(mine, words="And more.", by=bram)


def test_nobody_else_reads_why(circle, vera, carla, eva, acting, suspended):
    for other in (vera, carla, eva):
        with acting(other):
            assert not Sanction.objects.exists()


def test_ending_a_suspension_lets_back_in(circle, bram, anna, of, acting, suspended):
    with acting(anna):
        sanctions.lift(suspended, of(circle, bram), by=anna)
    with acting(bram):
        assert rights() == {"reads", "writes", "invites"}
    assert told(bram)[-1] == "suspension_over"


def test_nobody_is_let_back_in_while_the_suspension_stands(
    circle, bram, anna, of, acting, suspended
):
    assert not tried(of(circle, bram), "active", anna, acting)
    assert not tried(of(circle, bram), "active", bram, acting)


def test_nobody_is_suspended_or_removed_without_a_written_reason(circle, bram, anna, of, acting):
    assert not tried(of(circle, bram), "suspended", anna, acting)
    assert not tried(of(circle, bram), "removed", anna, acting)
    with acting(anna), pytest.raises(Refused, match="20 characters"):
        sanctions.remove(of(circle, bram), code="other", why="Rude.", by=anna)


def test_removal_ends_access_and_tells_who_vouched_of_a_breach(
    circle, bram, vera, anna, of, acting
):
    admitted = make.application(circle, state="approved", member_id=bram.pk)
    make.endorsement(admitted, by=vera)
    with acting(anna):
        sanctions.remove(of(circle, bram), by=anna, **WHY)
    with acting(bram):
        assert rights() == set()
        assert Sanction.objects.get().why == WHY["why"]
    assert (told(bram), told(vera)) == (["membership_removed"], ["voucher_told"])


def test_who_vouched_hears_nothing_of_another_reason(circle, bram, vera, anna, of, acting):
    make.endorsement(make.application(circle, state="approved", member_id=bram.pk), by=vera)
    with acting(anna):
        sanctions.remove(of(circle, bram), by=anna, **{**WHY, "code": "absent"})
    assert told(vera) == []


def test_an_admin_is_removed_only_after_two_have_signed(
    circle, anna, bram, other_admin, of, acting
):
    late(of(circle, bram), role="admin")
    with acting(anna), pytest.raises(Refused, match="two steps"):
        sanctions.remove(of(circle, bram), by=anna, **WHY)
    with acting(anna):
        suspension = sanctions.suspend(of(circle, bram), by=anna, **WHY)
    with acting(other_admin):
        sanctions.confirm(suspension, of(circle, bram), by=other_admin)
        sanctions.remove(of(circle, bram), by=other_admin, **WHY)
    assert of(circle, bram).state == S.REMOVED


# --- once a year ----------------------------------------------------------------------------
@pytest.fixture
def asked(circle, bram, of):
    late(of(circle, bram), verified_at=timezone.now() - timedelta(days=350))
    return of(circle, bram)


def test_two_facts_by_an_admin_make_a_year(asked, circle, bram, anna, of, acting):
    with acting(bram):
        verifying.still_practise(asked, by=bram)
    with acting(anna):
        assert not verifying.confirm(of(circle, bram), fact="identity", how="met", by=anna)
        assert verifying.confirm(of(circle, bram), fact="practice", source="BIG", by=anna)
    assert not year.is_asked(of(circle, bram))
    assert told(bram) == ["membership_verified"]


def test_nothing_is_confirmed_before_it_is_asked(circle, bram, anna, of, acting):
    with acting(anna), pytest.raises(Refused, match="Nothing is asked"):
        verifying.confirm(of(circle, bram), fact="identity", how="met", by=anna)


def test_facts_of_the_year_before_do_not_count(asked, circle, bram, anna, of, acting):
    for fact in ("identity", "practice"):
        old = timezone.now() - timedelta(days=360)
        facts = {"membership_id": asked.pk, "by_id": anna.pk, "at": old}
        Fact.objects.create(circle=circle, fact=fact, **facts)
    with acting(anna), pytest.raises(DatabaseError, match="both facts"), transaction.atomic():
        Membership.objects.filter(pk=asked.pk).update(verified_at=timezone.now())


def test_nobody_confirms_their_own_facts(circle, anna, of, acting):
    late(of(circle, anna), verified_at=timezone.now() - timedelta(days=350))
    own = of(circle, anna)
    with acting(anna), pytest.raises(Refused):
        verifying.confirm(own, fact="identity", how="met", by=anna)
    fact = Fact(circle=circle, membership=own, fact="identity", how="met", by_id=anna.pk)
    with acting(anna), pytest.raises(DatabaseError, match="row-level"), transaction.atomic():
        fact.save(force_insert=True)


def test_what_was_confirmed_at_the_door_goes_with_the_member(circle, vera, dirk, of):
    application = make.application(circle, state="offered", email=dirk.email)
    make.confirmation(application, by=vera)
    make.membership(circle, dirk)
    application.state, application.member_id = "approved", dirk.pk
    application.save()
    assert Fact.objects.get(membership=of(circle, dirk)).by_id == vera.pk


# --- by the calendar ------------------------------------------------------------------------
def test_probation_ends_by_itself_after_ninety_days(circle, bram, of, falls_due):
    late(of(circle, bram), state="probation", since=timezone.now() - timedelta(days=89))
    falls_due("membership")
    assert of(circle, bram).state == S.PROBATION
    late(of(circle, bram), since=timezone.now() - timedelta(days=90))
    falls_due("membership")
    assert of(circle, bram).state == S.ACTIVE
    assert told(bram) == ["probation_over"]


def test_a_year_without_the_facts_leads_step_by_step_to_a_lapse(circle, bram, of, falls_due):
    days = [(336, "active"), (366, "reverify_due"), (31, "grace"), (31, "lapsed")]
    for ago, state in days:
        then = timezone.now() - timedelta(days=ago)
        late(of(circle, bram), **({"verified_at": then} if ago > 99 else {"moved_at": then}))
        falls_due("membership")
        assert of(circle, bram).state == state
    kinds = ["verification_asked", "verification_due", "membership_grace", "membership_lapsed"]
    assert told(bram) == kinds


def test_a_look_too_many_does_nothing(asked, bram, of, falls_due):
    for _again in range(3):
        falls_due("membership")
    assert told(bram) == ["verification_asked"]


def test_the_calendar_never_takes_a_circle_its_two_admins(
    circle, anna, other_admin, sam, of, falls_due
):
    Membership.objects.filter(circle=circle).update(verified_at="2020-01-01T00:00Z")
    falls_due("membership")
    assert {of(circle, anna).state, of(circle, other_admin).state} == {S.ACTIVE}
    assert warned(sam, circle) == ["steward_circle"]


def test_a_pause_that_ended_leads_to_reading_and_back_by_one_click(
    circle, bram, of, falls_due, acting
):
    with acting(bram):
        leaving.pause(of(circle, bram), until=timezone.localdate() + timedelta(days=5), by=bram)
    falls_due("membership")
    late(of(circle, bram), back_on=timezone.localdate() - timedelta(days=1))
    falls_due("membership")
    assert of(circle, bram).state == S.GRACE
    with acting(bram):
        assert rights() == {"reads"}
        leaving.come_back(of(circle, bram), by=bram)
    assert of(circle, bram).state == S.ACTIVE
    assert told(bram) == [
        "membership_paused",
        "pause_ends",
        "membership_grace",
        "membership_active",
    ]


def test_a_suspension_nobody_confirms_comes_to_the_steward(
    circle, bram, sam, of, falls_due, other_admin, suspended
):
    falls_due("membership")
    assert warned(sam, circle) == []
    late(of(circle, bram), moved_at=timezone.now() - timedelta(days=8))
    falls_due("membership")
    assert warned(sam, circle) == ["steward_circle"]


# --- roles ----------------------------------------------------------------------------------
def test_an_admin_gives_another_a_role(circle, bram, anna, of, acting):
    with acting(anna):
        assert roles.give(of(circle, bram), "admin", by=anna)
        assert not roles.give(of(circle, bram), "admin", by=anna)
    with acting(bram):
        assert "administers" in rights()
    assert told(bram) == ["role_changed"]


@pytest.mark.parametrize("who", ["bram", "vera", "anna"])
def test_nobody_gives_themselves_a_role(who, circle, of, acting, request):
    me = request.getfixturevalue(who)
    late(of(circle, me), role="vetter" if who == "vera" else "member")
    for role in ("vetter", "admin"):
        if of(circle, me).role != role:
            with (
                acting(me),
                pytest.raises(DatabaseError, match="gives themselves"),
                transaction.atomic(),
            ):
                Membership.objects.filter(member_id=me.pk, circle=circle).update(role=role)


def test_nobody_takes_a_role_from_an_admin(circle, anna, other_admin, of, acting):
    with (
        acting(anna),
        pytest.raises(DatabaseError, match="takes an admin's"),
        transaction.atomic(),
    ):
        Membership.objects.filter(pk=of(circle, other_admin).pk).update(role="member")


def test_handing_over_is_giving_and_laying_down(circle, anna, bram, other_admin, of, acting):
    with acting(anna):
        roles.give(of(circle, bram), "admin", by=anna)
        roles.step_down(of(circle, anna), "member", by=anna)
        assert rights() == {"reads", "writes", "invites"}


# --- letters --------------------------------------------------------------------------------
def test_a_letter_that_is_not_true_any_more_does_not_go(circle, bram, of, acting, house):
    from members.letters import Skip

    with acting(bram):
        leaving.pause(of(circle, bram), until=timezone.localdate() + timedelta(days=9), by=bram)
        leaving.come_back(of(circle, bram), by=bram)
    paused = Letter.objects.get(kind="membership_paused")
    with house(), pytest.raises(Skip):
        KINDS[paused.kind].compose(paused)


# --- a steward finds a second admin -----------------------------------------------------------
def test_a_circle_with_one_admin_waits_for_the_steward(circle, anna, bram, sam, of, acting):
    with acting(sam):
        (short,) = [one for one in appointing.short_for(sam) if one.circle == circle.name]
        names = {one.member_id for one in appointing.candidates_for(sam, short)}
        assert bram.pk in names
        assert anna.pk not in names
        appointing.appoint(short, bram.pk, by=sam)
        assert short not in appointing.short_for(sam)
        with pytest.raises(Refused, match="cannot be asked"):
            appointing.appoint(short, bram.pk, by=sam)
    assert of(circle, bram).role == "admin"
    assert told(bram) == ["role_changed"]


def test_nobody_but_a_steward_appoints(circle, anna, bram, acting):
    for who in (anna, bram):
        with (
            acting(who),
            pytest.raises(DatabaseError, match="only a steward"),
            transaction.atomic(),
            connection.cursor() as cursor,
        ):
            cursor.execute("select kring_appoint_admin(%s, %s)", [circle.pk, bram.pk])
        with acting(who), connection.cursor() as cursor:
            cursor.execute("select count(*) from kring_short_circles()")
            assert cursor.fetchone() == (0,)


def test_the_steward_is_told_within_a_sweep_of_too_few_admins(
    circle, anna, sam, other_admin, of, falls_due, acting
):
    falls_due("membership")
    assert warned(sam, circle) == []
    with acting(anna):
        sanctions.suspend(of(circle, other_admin), by=anna, **WHY)
    falls_due("membership")
    assert warned(sam, circle) == ["steward_circle"]


# --- once a term ------------------------------------------------------------------------------
def test_silence_leads_by_two_letters_to_a_pause_and_no_further(
    circle, bram, of, falls_due, acting
):
    for ago, state in ((340, "active"), (366, "active"), (400, "paused")):
        late(of(circle, bram), renewed_at=timezone.now() - timedelta(days=ago))
        falls_due("membership")
        falls_due("membership")
        assert of(circle, bram).state == state
    assert told(bram) == ["renewal_asked", "renewal_waits", "renewal_paused"]
    with acting(bram):
        leaving.come_back(of(circle, bram), by=bram)
    assert not year.is_renewing(of(circle, bram))


@pytest.mark.parametrize("choice", ["stay", "pause", "leave"])
def test_whoever_answers_is_asked_no_more_that_term(choice, circle, bram, of, acting, falls_due):
    late(of(circle, bram), renewed_at=timezone.now() - timedelta(days=350))
    until = timezone.localdate() + timedelta(days=60) if choice == "pause" else None
    with acting(bram):
        renewing.renew(of(circle, bram), choice=choice, worth="no", until=until, by=bram)
    falls_due("membership")
    assert of(circle, bram).state == {"stay": "active", "pause": "paused", "leave": "left"}[choice]
    assert not [kind for kind in told(bram) if kind.startswith("renewal")]


def test_what_one_says_of_the_year_is_read_by_nobody_else(circle, anna, bram, of, acting, house):
    with acting(bram):
        renewing.renew(of(circle, bram), choice="stay", worth="no", by=bram)
        assert Renewal.objects.count() == 1
    with acting(anna):
        assert not Renewal.objects.exists()


def test_nobody_says_for_another_that_they_stay(circle, anna, bram, of, acting):
    with acting(anna), pytest.raises(DatabaseError, match="only the member"), transaction.atomic():
        Membership.objects.filter(pk=of(circle, bram).pk).update(renewed_at=timezone.now())
