"""Checks: done by themselves, tried again, and the facts two people answer for."""

from datetime import date, timedelta

import pytest
from celery.exceptions import SoftTimeLimitExceeded
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import DatabaseError
from django.urls import reverse
from django.utils import timezone

from circles import applying, checks, forgetting, inviting, registers, tasks, vetting
from circles.models import (
    Application,
    Check,
    Circle,
    Confirmation,
    RegisterEntry,
    RegisterExtract,
)
from kring.lib.acting import acting_as
from kring.lib.refused import Refused
from tests import make

DIRK = {"number": "19012345601", "name": "D. de Boer", "status": "active"}


@pytest.fixture
def checked(house):
    """`checked(application)` lets the worker check it, and says {kind: (state, code)}."""

    def run(application) -> dict:
        with house(), acting_as(None):
            checks.begin(type("Due", (), {"subject_id": application.pk}))
            checks.run_waiting()
        rows = Check.objects.filter(application=application)
        return {row.kind: (row.state, row.code) for row in rows}

    return run


@pytest.fixture
def dirk_applies(circle):
    return make.application(
        circle, name="Dirk de Boer", email="dirk@hospital.example", register_number="1901 23456 01"
    )


# --- by themselves ------------------------------------------------------------------------
def test_sending_in_lets_the_worker_check(sent, circle, falls_due, house):
    application = sent(circle)
    falls_due("application_checks")
    with house(), acting_as(None):
        assert checks.run_waiting() == 4
    assert not Check.objects.filter(application=application, state="waiting").exists()


def test_without_lists_a_check_says_nothing_either_way(checked, dirk_applies):
    found = checked(dirk_applies)
    assert found == {
        "duplicate": ("good", "first"),
        "mailbox": ("unknown", "no list"),
        "number": ("good", "fits"),
        "register": ("unknown", "no extract"),
    }


@pytest.mark.parametrize(
    ("domains", "found"),
    [
        (["hospital.example"], ("good", "institution")),
        (["clinic.example"], ("unknown", "elsewhere")),
        (["pital.example"], ("unknown", "elsewhere")),
    ],
)
def test_the_mailbox_is_compared_with_the_list_of_the_circle(
    domains, found, checked, dirk_applies
):
    Circle.objects.update(mailbox_domains=domains)
    assert checked(dirk_applies)["mailbox"] == found


@pytest.mark.parametrize(
    ("entry", "found"),
    [
        (DIRK, ("good", "found")),
        ({**DIRK, "name": "P. Jansen"}, ("look", "another name")),
        ({**DIRK, "measures": True}, ("look", "measures")),
        ({**DIRK, "number": "19012345602"}, ("look", "not found")),
    ],
)
def test_name_and_number_are_matched_with_the_extract(entry, found, circle, checked, dirk_applies):
    make.extract(circle, entry)
    assert checked(dirk_applies)["register"] == found


def test_the_extract_of_another_circle_is_not_read(elsewhere, checked, dirk_applies):
    make.extract(elsewhere, DIRK)
    assert checked(dirk_applies)["register"] == ("unknown", "no extract")


def test_a_number_of_another_form_is_to_be_looked_at_where_the_circle_wants_big(checked, circle):
    policy = {"approvals_needed": 2, "declines_to_stop": 2, "objection_days": 0, "registry": "big"}
    application = make.application(circle, register_number="1234567", policy=policy)
    assert checked(application)["number"] == ("look", "fits none")


def test_a_check_that_fails_is_tried_again_and_then_given_up(checked, dirk_applies, monkeypatch):
    def fails(_application):
        raise OSError("the register does not answer")

    monkeypatch.setitem(checks._CHECKERS, "register", fails)
    for _ in range(Check.MOST_TRIES):
        assert checked(dirk_applies)["register"] == ("waiting", "not reached")
        Check.objects.filter(state="waiting").update(try_at=timezone.now())
        if Check.objects.get(kind="register").tries == Check.MOST_TRIES - 1:
            break
    assert checked(dirk_applies)["register"] == ("failed", "not reached")
    assert checked(dirk_applies)["number"] == ("good", "fits")


def test_a_check_that_somebody_is_at_is_left_to_them(house, dirk_applies):
    make.check(dirk_applies, state="waiting", try_at=timezone.now() + timedelta(minutes=5))
    with house(), acting_as(None):
        assert checks.run_waiting() == 0


def test_a_slow_check_ends_and_the_others_go_on(checked, dirk_applies, vera, as_, monkeypatch):
    def slow(_application):
        raise SoftTimeLimitExceeded  # as the worker does after ten seconds

    monkeypatch.setitem(checks._CHECKERS, "duplicate", slow)
    found = checked(dirk_applies)
    assert found["duplicate"] == ("waiting", "not reached")
    assert found["register"][0] != "waiting"
    row = Check.objects.get(kind="duplicate")
    Check.objects.filter(pk=row.pk).update(try_at="2031-01-01T12:34Z")
    page = [dirk_applies.circle.public_id, dirk_applies.public_id]
    text = as_(vera).get(reverse("vetting_page", args=page)).content.decode()
    assert "out of reach just now; tried again at 13:34" in text


def test_a_check_is_claimed_once_and_comes_back_from_a_lost_worker(house, dirk_applies):
    for kind in checks._CHECKERS:
        make.check(dirk_applies, kind=kind, state="waiting", code="", checked_at=None)
    with house(), acting_as(None):
        assert len(checks.claim()) == 4
        assert checks.claim() == []
        Check.objects.update(try_at=timezone.now())
        assert len(checks.claim()) == 4
    assert set(Check.objects.values_list("tries", flat=True)) == {2}


def test_a_check_that_loses_every_worker_is_given_up(house, dirk_applies):
    row = make.check(dirk_applies, state="waiting", tries=Check.MOST_TRIES, try_at=timezone.now())
    with house(), acting_as(None):
        checks.run_waiting()
    row.refresh_from_db()
    assert row.state == "failed"


def test_each_check_has_a_task_with_a_time_limit():
    assert tasks.run_check.soft_time_limit < tasks.run_check.time_limit <= 30


# --- known again --------------------------------------------------------------------------
def declined(circle, **facts) -> Application:
    reason = {"decline_code": "other", "decline_text": "Not this time, we are sorry."}
    return make.application(circle, state="declined", **reason, **facts)


def erased(application, house):
    with house(), acting_as(None):
        forgetting.erase(application)
    application.refresh_from_db()


def test_an_earlier_application_is_known_after_its_erasure(circle, checked, house):
    earlier = declined(circle, email="dirk@hospital.example")
    erased(earlier, house)
    assert earlier.email == ""
    again = make.application(circle, email="Dirk+again@hospital.example")
    assert checked(again)["duplicate"] == ("look", "before")


def test_the_same_number_in_two_running_applications_is_to_be_looked_at(circle, checked):
    make.application(circle, register_key="k")
    assert checked(make.application(circle, register_key="k"))["duplicate"] == ("look", "running")


def test_whoever_was_refused_reads_when_they_may_apply_again(circle, sent, house):
    erased(declined(circle, email="dirk@example.org"), house)
    with pytest.raises(Refused, match="three months"):
        sent(circle)


def test_after_that_time_nobody_knows_them_any_more(circle, house, falls_due, sent):
    long_ago = timezone.now() - timedelta(days=91)
    earlier = declined(circle, email="dirk@example.org", moved_at=long_ago)
    erased(earlier, house)
    falls_due("application_forget")
    earlier.refresh_from_db()
    assert (earlier.address_key, earlier.register_key) == ("", "")
    assert sent(circle).state == "review"


def test_of_who_withdrew_no_hash_is_kept(circle, house):
    application = make.application(circle, state="withdrawn", register_key="k")
    erased(application, house)
    assert (application.address_key, application.register_key) == ("", "")


def test_a_vetter_who_invites_reads_of_a_refusal_also_after_its_erasure(
    circle, vera, bram, house, acting
):
    erased(declined(circle, email="noor@example.org"), house)
    words = {"name": "Noor", "words": "x" * 30, "how": "met", "language": "en"}
    with acting(vera), pytest.raises(Refused, match="refused an application"):
        inviting.invite(circle, by=vera, address="noor@example.org", **words)
    with acting(bram):  # who does not vet is told nothing
        assert inviting.invite(circle, by=bram, address="noor@example.org", **words)


# --- facts of people ----------------------------------------------------------------------
OTHER_NAME = {"name_matches": False, "measures": False, "source": "BIG, by hand", "status": ""}


def test_a_name_that_differs_needs_a_second_signature_before_anybody_is_admitted(
    circle, anna, vera, votes, acting
):
    application = make.application(circle)
    with acting(vera):
        checks.confirm(application, by=vera, fact="practice", **OTHER_NAME)
    votes(application, vera)
    with pytest.raises(Refused, match="second person"):
        votes(application, anna)
    row = Confirmation.objects.get()
    with acting(vera), pytest.raises(Refused, match="Somebody else"):
        checks.sign(application, row.pk, by=vera)
    with acting(anna):
        checks.sign(application, row.pk, by=anna)
    votes(application, anna)
    application.refresh_from_db()
    assert application.state == "offered"


def test_the_database_refuses_it_too(circle, anna, vera, acting, monkeypatch):
    application = make.application(circle)
    make.confirmation(application, by=vera, **OTHER_NAME)
    make.vote(application, vera)
    monkeypatch.setattr(checks, "refuse_unsigned", lambda _application: None)
    with pytest.raises(DatabaseError, match="second signature"), acting(anna):
        vetting.vote(application, by=anna, choice="approve", sentence="Fine.")


def test_nobody_signs_for_another(circle, anna, vera, acting):
    row = make.confirmation(make.application(circle), by=vera, **OTHER_NAME)
    with pytest.raises(DatabaseError), acting(anna):
        Confirmation.objects.filter(pk=row.pk).update(second_by_id=vera.pk)


def test_identity_and_right_to_practise_are_written_down_apart(circle, vera, as_):
    application = make.application(circle)
    address = reverse("vetting_confirm", args=[circle.public_id, application.public_id])
    browser = as_(vera)
    browser.post(address, {"fact": "identity", "how": "met", "source": "At the congress."})
    typed = {"fact": "practice", "name_matches": "yes", "measures": "no", "source": "BIG"}
    page = browser.post(address, typed, follow=True).content.decode()
    assert "At the congress." in page
    assert "The register names this person, without a measure." in page
    assert set(Confirmation.objects.values_list("fact", flat=True)) == {"identity", "practice"}


def test_what_is_missing_is_said_beside_its_field(circle, vera, as_):
    application = make.application(circle)
    address = reverse("vetting_confirm", args=[circle.public_id, application.public_id])
    page = as_(vera).post(address, {"fact": "practice", "source": "BIG"}).content.decode()
    assert "Choose yes or no." in page
    assert 'value="BIG"' in page


# --- registers ----------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("number", "register"),
    [("19012345601", "BIG"), ("1901 2345 601", "BIG"), ("1234567", "GMC"), ("12", ""), ("", "")],
)
def test_a_number_is_known_by_its_form(number, register):
    assert registers.fits(number) == register


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("Dirk de Boer", "D. de Boer", True),
        ("dr. Zoë Çelik", "Z. Celik", True),
        ("A. Smit-de Vries", "A. de Vries", True),
        ("Dirk de Boer", "P. Jansen", False),
        ("", "P. Jansen", False),
    ],
)
def test_names_are_compared_by_surname(one, other, same):
    assert registers.same_person(one, other) is same


def test_a_new_extract_takes_the_place_of_the_old_one(circle, anna, as_):
    make.extract(circle, {"number": "1", "name": "Old"})
    file = SimpleUploadedFile("big.csv", "number;name;measures\n2;Zoë Celik;ja\n".encode())
    sent = {"which": "extract", "name": "BIG", "dated": "2026-11-20", "file": file}
    as_(anna).post(reverse("circle_checks", args=[circle.public_id]), sent)
    assert list(RegisterEntry.objects.values_list("number", "name", "measures")) == [
        ("2", "Zoë Celik", True)
    ]
    assert RegisterExtract.objects.get().dated == date(2026, 11, 20)


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"a,b\n1,2\n", "must name the columns"),
        (b"number,name\n1,A\n1,B\n", "Line 3"),
        (b"number,name\n1,A\n2,\n", "Line 3"),
        (b"number,name\n", "no rows"),
        (b"", "must name the columns"),
    ],
)
def test_a_bad_extract_leaves_the_old_one(content, sentence, circle, anna, acting):
    make.extract(circle, {"number": "1", "name": "Old"})
    with acting(anna), pytest.raises(Refused, match=sentence):
        registers.bring(circle, by=anna, name="BIG", dated=date(2026, 1, 1), content=content)
    assert RegisterEntry.objects.get().name == "Old"


def test_the_domains_are_kept_and_a_bad_one_is_said(circle, anna, as_):
    address = reverse("circle_checks", args=[circle.public_id])
    as_(anna).post(address, {"which": "domains", "domains": "@Hospital.example\nclinic.example"})
    circle.refresh_from_db()
    assert circle.mailbox_domains == ["clinic.example", "hospital.example"]
    page = as_(anna).post(address, {"which": "domains", "domains": "nonsense"}).content.decode()
    assert "nonsense is no domain" in page


def test_a_vetter_who_is_no_admin_sets_none_of_it(circle, vera, as_):
    assert as_(vera).get(reverse("circle_checks", args=[circle.public_id])).status_code == 404


def test_erasing_forgets_what_was_found(circle, vera, checked, house, dirk_applies):
    make.extract(circle, DIRK)
    checked(dirk_applies)
    make.confirmation(dirk_applies, by=vera, status="active")
    Application.objects.filter(pk=dirk_applies.pk).update(state="withdrawn")
    dirk_applies.refresh_from_db()
    erased(dirk_applies, house)
    assert set(Check.objects.values_list("source", "code")) == {("", "")}
    assert {str(row) for row in Check.objects.values_list("detail", flat=True)} == {"{}"}
    assert list(Confirmation.objects.values_list("source", "status")) == [("", "")]


def test_a_stranger_never_learns_that_an_address_was_refused(circle, started, house, acting):
    erased(declined(circle, email="dirk@example.org"), house)
    application = started(circle)  # the same page as for any address
    with acting(None):
        applying.keep(application, mailed=False, name="Dirk")
        applying.submit(application, mailed=False)
    assert application.state == "email_pending"
