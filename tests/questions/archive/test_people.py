"""A list of people becomes invitations: looked at first, sent once, by the rules of every one."""

import pytest
from django.core.management import CommandError
from django.utils import timezone

from circles.models import Circle, Invitation
from members.models import AuditEntry, Letter
from questions.archive.columns import PEOPLE
from questions.archive.people import open_people, person, send_all, try_all
from questions.archive.texts import Row
from questions.models import ArchiveImport
from tests.questions.archive_rows import Killed, Listener

WORDS = "You operate on hands as we do; come and see."
ADA, BEN = ("Ada Berg", "ada@example.com"), ("Ben Vos", "Ben@Example.com")


@pytest.fixture
def invite(circle, anna, house):
    def go(path, act=send_all, watch=None, **options):
        options = {"words": WORDS, "how": "met", **options}
        with house():
            return act(open_people(path, **options), circle, anna, watch or Listener())

    return go


def invited(circle):
    return sorted(Invitation.objects.filter(circle=circle).values_list("address", flat=True))


def test_each_row_becomes_an_invitation_of_the_admin(sheet, invite, circle, anna):
    counts = invite(sheet("name e-mail", ADA, BEN))
    assert invited(circle) == ["ada@example.com", "ben@example.com"]
    assert counts.moved["invitation"] == 2
    one = Invitation.objects.get(circle=circle, address="ada@example.com")
    assert (one.inviter_id, one.name, one.words, one.how) == (anna.pk, "Ada Berg", WORDS, "met")
    assert one.language == circle.language
    assert Letter.objects.filter(kind="invitation").count() == 2


def test_a_row_may_say_it_in_its_own_words(sheet, invite, circle):
    row = (
        "Ada",
        "van den",
        "Berg",
        "ada@example.com",
        "gewerkt",
        "We trained together in Gent.",
        "NL",
    )
    invite(sheet("Voornaam Tussenvoegsel Achternaam E-mailadres Hoe Woorden Taal", row))
    one = Invitation.objects.get(circle=circle)
    assert (one.name, one.how, one.language) == ("Ada van den Berg", "worked", "nl")
    assert one.words == "We trained together in Gent."


def test_a_dry_run_says_who_and_sends_nothing(sheet, invite, circle):
    counts = invite(sheet("name email", ADA, BEN), act=try_all)
    assert counts.moved["invitation"] == 2
    assert invited(circle) == []
    assert not Letter.objects.exists()
    assert not AuditEntry.objects.filter(circle_id=circle.pk).exists()


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        (("Ada", "no address"), "Their email address at work: Enter an email address"),
        (("", "ada@example.com"), "Their name: Enter their name."),
        (("Bram", "bram@example.org"), "is in this circle already"),
        (("Anna", "anna@example.org"), "This is your own address."),
    ],
)
@pytest.mark.parametrize("act", [try_all, send_all])
def test_a_row_that_cannot_be_invited_is_told(sheet, invite, circle, row, reason, act):
    listener = Listener()
    invite(sheet("name email", BEN, row), act=act, watch=listener)
    ((line, told),) = listener.reasons
    assert line == 3
    assert reason in told


def test_without_words_nobody_is_invited(sheet, invite, circle):
    listener = Listener()
    invite(sheet("name email", ADA), words="", watch=listener)
    assert "Say why they belong here." in listener.reasons[0][1]
    assert invited(circle) == []


def test_beyond_twice_the_free_seats_the_rest_is_left_out(sheet, invite, circle):
    Circle.objects.filter(pk=circle.pk).update(size_cap=6)
    rows = [(f"Person {n}", f"p{n}@example.com") for n in range(8)]
    looked, listener = invite(sheet("name email", *rows), act=try_all), Listener()
    sent = invite(sheet("name email", *rows), watch=listener)
    assert looked.moved == sent.moved
    assert len(invited(circle)) == 6
    assert "twice its free seats" in listener.reasons[0][1]


def test_twice_invites_nobody_again(sheet, invite, circle):
    path = sheet("name email", ADA, BEN, ("Ada again", "ADA@example.com"))
    first, again = invite(path), invite(path)
    assert (first.moved["invitation"], first.there["invitation"]) == (2, 1)
    assert (again.moved["invitation"], again.there["invitation"]) == (0, 3)
    assert Letter.objects.filter(kind="invitation").count() == 2


def test_a_list_that_was_killed_goes_on(sheet, invite, circle):
    path = sheet("name email", *[(f"Person {n}", f"p{n}@example.com") for n in range(6)])
    with pytest.raises(KeyboardInterrupt):
        invite(path, watch=Killed(after=2))
    assert len(invited(circle)) == 3
    invite(path)
    assert Letter.objects.filter(kind="invitation").count() == 6


def test_the_audit_says_how_many(sheet, invite, circle, anna):
    invite(sheet("name email", ADA, ("", "x")))
    line = AuditEntry.objects.get(act="import.invited")
    assert (line.by_id, line.circle_id, line.facts) == (
        anna.pk,
        circle.pk,
        {"sent": 1, "left_out": 1},
    )


@pytest.mark.parametrize("header", ["E-mail", "email", "Email address", "E-mailadres", "mail"])
def test_the_address_has_many_names(header):
    assert PEOPLE.named(header) == "address"


def test_a_name_without_its_middle():
    assert (
        person(Row("f", 1, {"first_name": "Ada", "infix": "", "last_name": "Berg"})) == "Ada Berg"
    )


# --- the command --------------------------------------------------------------------------------
def test_the_command_sends_only_when_told(sheet, command, circle):
    path = sheet("name email", ADA)
    told = {"format": "members", "words": WORDS, "how": "met"}
    said = command(path, circle.public_id, **told).out
    assert "list.csv line 2 invites Ada Berg, ada@example.com" in said
    assert "Nothing was sent. Add --send to send them." in said
    assert invited(circle) == []
    said = command(path, circle.public_id, send=True, **told).out
    assert "1 invited, 0 were already, 0 left out." in said
    assert invited(circle) == ["ada@example.com"]


def test_the_command_fails_when_nobody_can_be_invited(sheet, command, circle, tmp_path):
    report = tmp_path / "bad.csv"
    with pytest.raises(CommandError, match="Nothing could be moved in"):
        command(
            sheet("name email", ("Ada", "x")), circle.public_id, format="members", report=report
        )
    assert "list.csv,2," in report.read_text()


# --- the browser --------------------------------------------------------------------------------
def test_in_the_browser_they_are_shown_first_and_then_sent(
    bring, work, as_, anna, circle, press, page
):
    people = "naam;email\nAda Berg;ada@example.com\nBram;bram@example.org\n"
    bring(people, kind="members", how="met", words=WORDS)
    work()
    made = ArchiveImport.objects.get()
    shown = page(as_(anna), made).content.decode()
    assert "Ada Berg, ada@example.com" in shown
    assert "is in this circle already" in shown
    assert invited(circle) == []
    press(as_(anna), made, "go")
    work()
    made.refresh_from_db()
    assert (made.state, invited(circle)) == ("done", ["ada@example.com"])
    assert made.words == ""
    assert "ada@example.com" not in page(as_(anna), made).content.decode()


def test_a_slice_later_nobody_is_invited_twice(
    bring, work, as_, anna, circle, press, house, monkeypatch
):
    from questions.archive import running

    monkeypatch.setattr(running, "SLICE", -1)
    rows = "".join(f"Person {n};p{n}@example.com\n" for n in range(4))
    bring(f"naam;email\n{rows};no address\n", kind="members", how="met", words=WORDS)
    work()
    made = ArchiveImport.objects.get()
    press(as_(anna), made, "go")
    with house():
        assert running.run(made.pk)
    assert len(invited(circle)) == 1
    work()
    made.refresh_from_db()
    assert Letter.objects.filter(kind="invitation").count() == 4
    assert (made.counts["moved"], made.counts["bad"]) == ({"invitation": 4}, {"invitation": 1})


def test_people_need_how_one_knows_them(bring):
    shown = bring("naam;email\n", kind="members").content.decode()
    assert "Choose how you know them." in shown
    assert not ArchiveImport.objects.exists()


def test_who_asked_for_silence_is_told_before_anything_goes(sheet, invite, circle):
    from members.models import Silence
    from members.silence import key_of

    Silence.objects.create(address_key=key_of("ada@example.com"), at=timezone.now())
    listener = Listener()
    invite(sheet("name email", ADA, BEN), act=try_all, watch=listener)
    assert "asked never to be written to" in listener.reasons[0][1]
