"""What is one's own goes when one says so, and nothing of it is found anywhere afterwards."""

import io
import json
import zipfile

import pytest
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from django.db import DatabaseError, connection, transaction
from django.urls import reverse
from django.utils import timezone, translation

from circles.models import Membership, Portrait, Referee
from kring.lib.acting import acting_as
from kring.lib.refused import Refused
from members import erasing
from members.models import Browser, Letter, Member
from questions import own_data, own_export
from questions.models import Answer, DigestIssue, Outcome, Question, Revision, Tag, Tagging
from tests import make

pytestmark = pytest.mark.django_db
CANARY = "sleutelbloem"


@pytest.fixture(autouse=True)
def _in_english():
    with translation.override("en"):
        yield


def said(response) -> str:
    return " ".join(response.content.decode().split())


@pytest.fixture
def lived(circle, bram, anna):
    """bram with a life in the circle: the canary stands wherever one leaves words."""
    Member.objects.filter(pk=bram.pk).update(email=f"{CANARY}@example.org")
    bram.refresh_from_db()
    type(bram.profile).objects.filter(pk=bram.pk).update(
        name=f"Bram {CANARY}", title=CANARY, about=CANARY
    )
    words = {"title": f"{CANARY}?", "body": CANARY, "mail_line": CANARY}
    question = make.question(circle, by=bram, parameters=[{"shown": CANARY}], **words)
    make.answer(question, by=anna, body="What anna says stays.")
    make.answer(make.question(circle, by=anna), by=bram, body=CANARY)
    make.comment(question, by=bram, body=CANARY)
    facts = {"circle": circle, "question": question, "by_id": bram.pk}
    Revision.objects.create(**facts, body=CANARY, html=CANARY, written_at="2026-01-01T00:00Z")
    Outcome.objects.create(**facts, helped="yes", body=CANARY, html=CANARY)
    EmailAddress.objects.create(user=bram, email=f"{CANARY}@example.net", verified=True)
    make.passkey(bram, name=CANARY)
    Browser.objects.create(member=bram, print=CANARY, browser=CANARY)
    Letter.objects.create(kind="x", member=bram, subject_id=1)
    DigestIssue.objects.create(member=bram, week="2026-W48", state="sent")
    mine = Membership.objects.get(circle=circle, member_id=bram.pk)
    make.sanction(mine, by=anna, why=CANARY * 2, answer=CANARY, ended_at="2026-01-01T00:00Z")
    make.fact(mine, by=anna, source=CANARY)
    make.portrait(circle, bram, expertise=[CANARY], brings=CANARY, seeks=CANARY)
    texts = dict.fromkeys(["name", "profession", "brings", "seeks"], CANARY)
    admitted = make.application(
        circle, "approved", member_id=bram.pk, email=f"{CANARY}@example.org", **texts
    )
    make.door_answer(admitted, value=CANARY)
    make.paper(admitted, content=CANARY.encode(), what=CANARY)
    make.referee(admitted, name="Wim", relation=CANARY, address="wim@example.org")
    make.invitation(circle, by=bram, words=CANARY)
    asked = {"address": f"{CANARY}@example.org", "name": CANARY, "words": CANARY}
    make.invitation(circle, by=anna, **asked)
    tag(question, CANARY)
    names_him(circle, bram)
    founds(bram, anna)
    return bram


def founds(bram, anna) -> None:
    """He writes a proposal, and is asked to join another."""
    mine = make.founding(bram, before={"name": CANARY})
    type(mine).objects.filter(pk=mine.pk).update(charter={"name": CANARY})
    make.cofounder(mine, name=CANARY)
    make.cofounder(make.founding(anna), name=CANARY, address=f"{CANARY}@example.net")


def tag(question, name) -> None:
    made = Tag.objects.create(circle_id=question.circle_id, name=name)
    Tagging.objects.create(circle_id=question.circle_id, question=question, tag=made)


def names_him(circle, bram) -> None:
    """Somebody else applies, and names him as a referee."""
    running = make.application(circle, "referees")
    relation = {"name": f"Bram {CANARY}", "relation": CANARY}
    referee = make.referee(running, address=bram.email, state="asked", **relation)
    make.reference(running, by=bram, referee=referee)


def found() -> list[str]:
    """Every table in which the canary stands, in any column."""
    with connection.cursor() as cursor:
        cursor.execute("set role kring_owner")
        tables = connection.introspection.table_names(cursor)
        hits = []
        for table in tables:
            cursor.execute(
                f'select count(*) from "{table}" t where t::text ilike %s', [f"%{CANARY}%"]
            )
            hits += [table] * bool(cursor.fetchone()[0])
    return hits


@pytest.fixture(autouse=True)
def folder(tmp_path, settings):
    """A folder of files of one's own."""
    settings.FILES = tmp_path
    return tmp_path


def test_after_erasing_no_table_and_no_file_holds_a_word_of_it(
    lived, acting, folder, django_capture_on_commit_callbacks
):
    """At once, before any timer has run."""
    assert len(found()) > 18
    own_export.path_of(lived.pk).parent.mkdir()
    own_export.path_of(lived.pk).write_text(CANARY)
    with django_capture_on_commit_callbacks(execute=True), acting(lived):
        own_data.erase_account(by=lived, with_words=True)
    assert found() == []
    assert [path for path in folder.rglob("*") if path.is_file()] == []


def test_files_that_were_missed_go_with_the_next_timer(lived, acting, folder, falls_due_now):
    """The process died between the commit and the files."""
    with acting(lived):
        own_data.erase_account(by=lived, with_words=False)
    assert list((folder / "evidence").iterdir())
    falls_due_now()
    assert list((folder / "evidence").iterdir()) == []


def test_what_one_asked_for_elsewhere_ends_with_the_account(
    lived, elsewhere, acting, falls_due_now
):
    running = make.application(elsewhere, email=lived.email, name=CANARY, brings=CANARY)
    with acting(lived):
        own_data.erase_account(by=lived, with_words=True)
    falls_due_now()
    running.refresh_from_db()
    assert (running.state, running.email) == ("withdrawn", "")
    assert found() == []


def test_a_circle_that_loses_an_admin_so_is_told_to_its_steward(
    circle, vera, sam, acting, falls_due_now
):
    Membership.objects.filter(circle=circle, member_id=vera.pk).update(role="admin")
    falls_due_now()
    assert not Letter.objects.filter(member=sam, subject_id=circle.pk).exists()
    with acting(vera):
        own_data.erase_account(by=vera, with_words=False)
    falls_due_now()
    assert Letter.objects.filter(member=sam, subject_id=circle.pk).count() == 1


def test_whoever_named_an_erased_member_names_another(lived, acting, falls_due_now):
    with acting(lived):
        own_data.erase_account(by=lived, with_words=False)
    referee = Referee.objects.get(state="unconfirmed")
    assert (referee.name, referee.relation) == ("Former member", "")
    assert referee.address.endswith("@invalid")


def test_whoever_leaves_their_words_is_a_former_member_to_the_others(
    lived, circle, anna, acting, as_
):
    with acting(lived):
        own_data.erase_account(by=lived, with_words=False)
    question = Question.objects.get(title=f"{CANARY}?")
    page = said(
        as_(anna).get(reverse("question_page", args=[circle.public_id, question.public_id]))
    )
    assert "Former member" in page
    assert f"Bram {CANARY}" not in page


def test_an_erased_account_is_signed_out_and_in_no_circle(lived, circle, as_):
    browser = as_(lived)
    Authenticator.objects.filter(user=lived).delete()
    page = browser.post(
        reverse("own_account_erase"), {"words": "leave", "sure": "on"}, follow=True
    )
    assert "Your account is erased" in said(page)
    assert browser.get(reverse("home")).url.startswith(("/guide/", "/account", "/accounts"))
    assert Membership.objects.get(circle=circle, member_id=lived.pk).state == "left"


def test_the_last_admin_hands_over_first(circle, anna, acting):
    with acting(anna), pytest.raises(Refused, match="only admin"):
        own_data.erase_account(by=anna, with_words=False)
    assert Member.objects.get(pk=anna.pk).is_active


def test_a_steward_lays_that_down_first(sam, acting):
    with acting(sam), pytest.raises(Refused, match="duty first"):
        own_data.erase_account(by=sam, with_words=False)


def test_nobody_erases_another(circle, bram, anna, acting):
    for sql in (
        f"select kring_erase_person({bram.pk})",
        f"select kring_blank_words({bram.pk}, null)",
    ):
        with (
            acting(anna),
            pytest.raises(DatabaseError, match="permission denied"),
            transaction.atomic(),
            connection.cursor() as cursor,
        ):
            cursor.execute(sql)


def test_withdrawing_takes_one_s_own_words_in_one_circle_only(
    lived, circle, elsewhere, anna, acting, as_
):
    make.membership(elsewhere, lived)
    other = make.question(elsewhere, by=lived, body="Stays.")
    with acting(lived):
        assert own_data.withdraw(circle, by=lived) == 5
        assert own_data.withdraw(circle, by=lived) == 0
    other.refresh_from_db()
    assert other.body == "Stays."
    assert Answer.objects.filter(body="What anna says stays.").exists()
    assert not Revision.objects.filter(by_id=lived.pk).exists()
    assert not Portrait.objects.filter(circle=circle).exists()
    page = said(as_(anna).get(reverse("search_page") + f"?q={CANARY}"))
    assert f"/c/{circle.public_id}/q/" not in page


def test_whoever_has_left_withdraws_too(circle, eva, as_):
    make.question(circle, by=eva, body=CANARY)
    page = as_(eva).post(reverse("words_withdraw", args=[circle.public_id]), follow=True)
    assert "One text is withdrawn." in said(page)
    assert not Question.objects.filter(body=CANARY).exists()


def test_whoever_was_never_in_a_circle_finds_no_such_page(circle, carla, as_):
    assert as_(carla).get(reverse("words_withdraw", args=[circle.public_id])).status_code == 404


@pytest.mark.parametrize("typed", [{}, {"words": "withdraw"}, {"words": "x", "sure": "on"}])
def test_erasing_asks_whether_one_is_sure(typed, bram, as_):
    page = as_(bram).post(reverse("own_account_erase"), typed)
    assert page.status_code == 200
    assert "not right yet" in said(page)
    assert Member.objects.get(pk=bram.pk).is_active


def test_what_was_erased_is_erased_again_after_a_restore(lived):
    """The lines of the ledger alone do it, on rows that a backup brought back."""
    now = timezone.now()
    rows = [
        *[("question_words", q.pk) for q in Question.objects.filter(author_id=lived.pk)],
        *[("answer_words", a.pk) for a in Answer.objects.filter(author_id=lived.pk)],
        ("account", lived.pk),
        ("account", 10**12),
    ]
    answered = make.answer(Question.objects.get(title=f"{CANARY}?"), by=lived, body=CANARY)
    versions = {"circle": answered.circle, "question_id": answered.question_id}
    versions |= {"answer": answered, "by_id": lived.pk, "written_at": now}
    Revision.objects.create(**versions, body=CANARY, html=CANARY)
    rows.append(("answer_words", answered.pk))
    again = erasing.apply_again(erasing.Line(kind, row_id, now) for kind, row_id in rows)
    assert (again.erased, again.gone, again.unknown) == (len(rows) - 1, 1, 0)
    assert not Member.objects.get(pk=lived.pk).is_active
    left = {"questions_comment", "questions_outcome"}  # no line says that they were erased
    assert set(found()) <= left


def test_a_profile_that_was_taken_back_stays_so_after_a_restore(lived, circle, acting):
    kept = Portrait.objects.get(circle=circle)
    with acting(lived):
        own_data.withdraw(circle, by=lived)
    lines = [line for line in erasing.lines_here() if line.kind == "portrait"]
    kept.save()
    again = make.portrait(circle, make.former_member("gijs", circle))
    assert erasing.apply_again(lines).erased == 1
    assert list(Portrait.objects.all()) == [again]


def test_an_archive_holds_every_text_of_one_s_own_and_nobody_else_s(
    lived, anna, as_, folder, falls_due_now
):
    Authenticator.objects.filter(user=lived).delete()
    browser = as_(lived)
    page = browser.post(reverse("own_export_ask"), follow=True)
    assert "Being made" in said(page)
    assert "It is being made" in said(browser.post(reverse("own_export_ask"), follow=True))
    falls_due_now()
    assert "Download the archive" in said(browser.get(reverse("own_data_page")))
    content = b"".join(browser.get(reverse("own_export_file")).streaming_content)
    archive = zipfile.ZipFile(io.BytesIO(content))
    whole = json.loads(archive.read("all.json"))
    kinds = ("questions", "answers", "remarks", "outcomes", "applications", "memberships")
    kinds += ("profiles",)
    assert [len(whole[kind]) for kind in kinds] == [1, 1, 1, 1, 1, 1, 1]
    assert whole["profiles"][0]["expertise"] == [CANARY]
    assert whole["questions"][0]["title"] == f"{CANARY}?"
    assert len(archive.namelist()) == 6
    assert b"What anna says stays." not in b"".join(map(archive.read, archive.namelist()))
    assert as_(anna).get(reverse("own_export_file")).status_code == 302


def test_an_archive_holds_what_one_gave_at_the_doors(
    lived, circle, anna, acting, folder, falls_due_now
):
    theirs = make.application(circle)
    said = {"how": "worked", "place": "Assen", "words": "Careful with nerves."}
    make.reference(theirs, by=lived, **said)
    make.reference(make.application(circle, "referees"), by=anna, how="met", words="Anna said so.")
    make.door_answer(theirs, value="What another answered.")
    with acting(lived):
        own_export.ask(by=lived)
    falls_due_now()
    archive = zipfile.ZipFile(own_export.path_of(lived.pk))
    whole = json.loads(archive.read("all.json"))
    kinds = ("answers_at_the_door", "papers", "references", "invitations", "renewals")
    assert [len(whole[kind]) for kind in kinds] == [1, 1, 1, 1, 0]
    assert whole["references"][0]["words"] == "Careful with nerves."
    assert whole["answers_to_a_suspension"][0]["answer"] == CANARY
    assert archive.read(f"papers/{whole['papers'][0]['file']}") == CANARY.encode()
    everything = archive.read("all.json").decode()
    assert not [word for word in ("Anna said", "another answered") if word in everything]


def test_an_archive_goes_after_a_week_and_with_the_account(lived, acting, folder, falls_due_now):
    with acting(lived):
        own_export.ask(by=lived)
    falls_due_now()
    assert [path.suffix for path in (folder / "exports").iterdir()] == [".zip"]
    with acting(lived):
        own_data.erase_account(by=lived, with_words=True)
    falls_due_now()
    assert list((folder / "exports").iterdir()) == []


def test_whoever_left_takes_along_what_they_wrote(circle, eva, acting, folder, falls_due_now):
    make.question(circle, by=eva, body="Written before I left.")
    with acting(eva):
        own_export.ask(by=eva)
    falls_due_now()
    with zipfile.ZipFile(own_export.path_of(eva.pk)) as archive:
        assert "Written before I left." in archive.read("all.json").decode()


@pytest.fixture
def falls_due_now(house):
    from members import due

    def run():
        with house(), acting_as(None):
            due.run_due()

    return run
