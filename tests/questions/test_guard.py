"""The privacy guard on every form that posts: what is found is shown, redacted or answered for."""

import re

import pytest
from django.db import connection

from kring.lib.ids import public_id
from members.models import AuditEntry
from questions import privacy
from questions.models import Answer, Comment, Question
from tests import make

NAMED = "Mrs Pemberton, call her on 07700 900123."
CERTAIN = {
    "BSN": "111222333",
    "NATID": "943 476 5919",
    "IBAN": "NL91ABNA0417164300",
    "PHONE": "07700 900123",
    "EMAIL": "j.pemberton@example.org",
    "ADDRESS": "3 Bramble Close, Nailsworth GL6 0QT",
    "PERSON_ID": "00918274",
    "BIRTHDATE": "14/02/1949",
}
SENTENCE = {
    "BSN": "BSN {}", "NATID": "NHS number {}", "BIRTHDATE": "DOB {}", "PERSON_ID": "MRN {}",
}  # fmt: skip


@pytest.fixture
def blocking(circle):
    circle.sensitivity, circle.mail_ceiling = "sensitive", "counts"
    circle.save()
    return circle


@pytest.fixture
def question(circle, bram):
    return make.question(circle, by=bram, title="Splint or screw?")


def asked(circle, **typed):
    given = {"public_id": public_id(), "title": "Splint or screw?", "body": "Thanks."}
    given |= {"need": "opinion", "outcome_weeks": "6", "untraceable": "on"}
    return f"/c/{circle.public_id}/ask/", given | typed


def page(response) -> str:
    return response.content.decode()


def seal(response) -> str:
    return re.search(r'name="guard_seal" value="(\w+)"', page(response))[1]


def test_a_text_that_names_somebody_waits_until_it_is_answered_for(circle, bram, as_):
    address, typed = asked(circle, body=NAMED)
    shown = as_(bram).post(address, typed)
    assert not Question.objects.filter(circle=circle).exists()
    assert "<mark>Mrs Pemberton<sup>1</sup></mark>" in page(shown)
    assert NAMED in page(shown)  # nothing typed is lost


def test_a_reason_posts_what_was_shown(circle, bram, as_):
    address, typed = asked(circle, body=NAMED)
    shown = as_(bram).post(address, typed)
    typed |= {"guard_seal": seal(shown), "guard_reason": "agreed"}
    assert as_(bram).post(address, typed).status_code == 302
    assert Question.objects.get(circle=circle).body == NAMED


def test_without_a_reason_it_still_waits(circle, bram, as_):
    address, typed = asked(circle, body=NAMED)
    typed["guard_seal"] = seal(as_(bram).post(address, typed))
    assert "Choose why it stays" in page(as_(bram).post(address, typed))
    assert not Question.objects.filter(circle=circle).exists()


def test_an_answer_counts_for_that_text_alone(circle, bram, as_):
    address, typed = asked(circle, body=NAMED)
    typed |= {"guard_seal": seal(as_(bram).post(address, typed)), "guard_reason": "agreed"}
    as_(bram).post(address, typed | {"body": NAMED + " And Mr Okonkwo."})
    assert not Question.objects.filter(circle=circle).exists()


def test_an_answer_counts_for_its_giver_alone(circle, bram, anna, as_):
    address, typed = asked(circle, body=NAMED)
    typed |= {"guard_seal": seal(as_(anna).post(address, typed)), "guard_reason": "agreed"}
    as_(bram).post(address, typed)
    assert not Question.objects.filter(circle=circle).exists()


def test_one_button_redacts_all_and_the_text_can_be_posted(circle, bram, as_):
    address, typed = asked(circle, body=NAMED)
    shown = as_(bram).post(address, typed | {"redact": "all"})
    assert "[name 1], call her on [phone].</textarea>" in page(shown)
    assert not Question.objects.filter(circle=circle).exists()
    as_(bram).post(address, typed | {"body": "[name 1], call her on [phone]."})
    assert Question.objects.get(circle=circle).body == "[name 1], call her on [phone]."


def test_one_button_redacts_one(circle, bram, as_):
    address, typed = asked(circle, body=NAMED)
    value = re.search(r'value="(body\.[\d.]+)"', page(as_(bram).post(address, typed)))[1]
    shown = page(as_(bram).post(address, typed | {"redact": value}))
    assert "[name 1], call her on 07700 900123.</textarea>" in shown


def test_a_preview_shows_what_was_found_and_posts_nothing(circle, bram, as_):
    address, typed = asked(circle, body=NAMED)
    assert "<mark>" in page(as_(bram).post(address, typed | {"preview": "1"}))
    assert not Question.objects.filter(circle=circle).exists()


def test_a_clean_preview_says_that_it_is_no_guarantee(circle, bram, as_):
    address, typed = asked(circle, preview="1")
    assert "That is no guarantee" in page(as_(bram).post(address, typed))


def test_a_circle_that_advises_asks_once(circle, bram, as_):
    type(circle).objects.filter(pk=circle.pk).update(guard="advise")
    address, typed = asked(circle, body=NAMED)
    typed["guard_seal"] = seal(as_(bram).post(address, typed))
    assert as_(bram).post(address, typed).status_code == 302


def test_a_circle_without_a_guard_looks_at_nothing(circle, bram, as_):
    type(circle).objects.filter(pk=circle.pk).update(guard="off")
    address, typed = asked(circle, body=NAMED)
    assert as_(bram).post(address, typed).status_code == 302


def test_the_circle_s_own_words_are_let_through(circle, bram, as_):
    type(circle).objects.filter(pk=circle.pk).update(guard_words=["Pemberton"])
    address, typed = asked(circle, body="Mrs Pemberton of the college wrote this.")
    assert as_(bram).post(address, typed).status_code == 302


def test_a_blocking_circle_takes_a_likely_name_with_a_reason(blocking, bram, as_):
    address, typed = asked(blocking, body="Mrs Pemberton wrote the guideline.")
    typed |= {"guard_seal": seal(as_(bram).post(address, typed)), "guard_reason": "public"}
    assert as_(bram).post(address, typed).status_code == 302


ENTRIES = ["ask", "title", "mail_line", "tags", "parameter", "edit", "answer", "answer edit"]
ENTRIES += ["comment", "answer comment", "outcome"]


def entry(name, circle, question, bram, text) -> tuple[str, dict]:
    """Where one posts a text, and what the form holds then."""
    place = f"/c/{circle.public_id}/q/{question.public_id}/"
    if name in {"title", "mail_line", "tags"}:
        return asked(circle, **{name: text})
    if name == "parameter":
        return asked(circle, **{f"p{make.parameter(circle, public_id()).pk}": text})
    if name in {"answer edit", "answer comment"}:
        answer = make.answer(question, by=bram)
        place += f"a/{answer.public_id}/"
        text_of = {"body": text, "seen": answer.created_at.isoformat()}
    if name == "outcome":
        make.answer(question, by=bram)
        Question.objects.filter(pk=question.pk).update(state="answered")
    seen = {"seen": question.created_at.isoformat(), "title": "Splint?", "untraceable": "on"}
    return {
        "ask": asked(circle, body=text),
        "edit": (place + "edit/", {"body": text, **seen}),
        "answer": (place + "answers/", {"body": text}),
        "answer edit": (place + "edit/", text_of if name == "answer edit" else {}),
        "comment": (place + "comments/", {"body": text}),
        "answer comment": (place + "comments/", {"body": text}),
        "outcome": (place + "outcome/", {"body": text, "helped": "yes"}),
    }[name]


def tables_with(needle: str) -> list[str]:
    """Every table in which a text stands, whatever the column."""
    with connection.cursor() as cursor:
        cursor.execute("select tablename from pg_tables where schemaname = 'public'")
        found = []
        for (table,) in cursor.fetchall():
            cursor.execute(
                f'select exists (select 1 from "{table}" t where t::text ilike %s)',
                [f"%{needle}%"],
            )
            found += [table] if cursor.fetchone()[0] else []
    return found


@pytest.mark.parametrize("name", ENTRIES)
def test_nothing_certain_gets_into_a_blocking_circle(
    name, blocking, question, bram, as_, caplog, mailoutbox
):
    for kind, value in CERTAIN.items():
        text = SENTENCE.get(kind, "see {}").format(value)
        address, typed = entry(name, blocking, question, bram, text)
        shown = as_(bram).post(address, typed)
        again = typed | {"guard_reason": "agreed", "guard_seal": "0" * 64}
        assert shown.status_code == 200, kind
        assert as_(bram).post(address, again).status_code == 200, kind
        assert tables_with(value) == [], kind
        assert value not in caplog.text + "".join(mail.body for mail in mailoutbox)


@pytest.mark.parametrize("name", ENTRIES)
def test_every_form_asks_before_it_posts_a_name(name, circle, question, bram, as_):
    text = "Mrs Pemberton rang"
    address, typed = entry(name, circle, question, bram, text)
    shown = as_(bram).post(address, typed)
    assert "<mark>Mrs Pemberton<sup>" in page(shown)
    assert tables_with("Pemberton") == []
    typed |= {"guard_seal": seal(shown), "guard_reason": "agreed"}
    assert as_(bram).post(address, typed).status_code == 302
    assert tables_with("Pemberton") != []


def test_what_was_decided_is_written_down_without_a_word_of_the_text(circle, bram, as_):
    address, typed = asked(circle, body=NAMED)
    shown = as_(bram).post(address, typed | {"redact": "all", "guard_redacted": "EMAIL"})
    carried = re.search(r'name="guard_redacted" value="([^"]+)"', page(shown))[1]
    typed |= {"body": "Mr Okonkwo.", "guard_redacted": carried, "guard_reason": "agreed"}
    typed |= {"guard_seal": seal(as_(bram).post(address, typed))}
    as_(bram).post(address, typed)
    lines = {e.act: e.facts for e in AuditEntry.objects.filter(act__startswith="guard.")}
    assert lines == {
        "guard.redacted": {"kinds": {"EMAIL": 1, "NAME": 1, "PHONE": 1}},
        "guard.kept": {"kinds": {"NAME": 1}, "reason": "agreed"},
    }


def test_what_could_not_be_read_in_time_is_never_posted_where_the_guard_blocks(
    blocking, bram, as_, monkeypatch
):
    monkeypatch.setattr(privacy, "SECONDS", -1)
    address, typed = asked(blocking, body="A quiet text.")
    assert "could not be checked in time" in page(as_(bram).post(address, typed))
    assert not Question.objects.filter(circle=blocking).exists()


def test_what_could_not_be_read_in_time_is_said_and_asked_elsewhere(
    circle, bram, as_, monkeypatch
):
    monkeypatch.setattr(privacy, "SECONDS", -1)
    address, typed = asked(circle, body="A quiet text.")
    shown = as_(bram).post(address, typed)
    assert "Not checked" in page(shown)
    typed |= {"guard_seal": seal(shown), "guard_reason": "needed"}
    assert as_(bram).post(address, typed).status_code == 302


def test_a_clean_text_is_posted_at_once(circle, question, bram, as_):
    place = f"/c/{circle.public_id}/q/{question.public_id}/"
    as_(bram).post(place + "answers/", {"body": "Try a splint."})
    as_(bram).post(place + "comments/", {"body": "Which hand?"})
    assert Answer.objects.filter(circle=circle).count() == 1
    assert Comment.objects.filter(circle=circle).count() == 1
    assert not AuditEntry.objects.filter(act__startswith="guard.").exists()


def rule(circle, **typed):
    return f"/c/{circle.public_id}/settings/guard/", {"guard": "advise", "words": "", **typed}


def test_an_admin_sets_the_rule_and_the_words(circle, anna, as_):
    address, typed = rule(circle, words="Hartmann\n  Van  Doorne \nHartmann")
    assert as_(anna).post(address, typed).status_code == 302
    circle.refresh_from_db()
    assert (circle.guard, circle.guard_words) == ("advise", ["Hartmann", "Van Doorne"])
    assert AuditEntry.objects.get(act="guard.rule_set").facts == {
        "guard": ["confirm", "advise"],
        "words": 2,
    }


@pytest.mark.parametrize("who", ["bram", "vera"])
def test_only_an_admin_finds_the_rule(circle, who, as_, request):
    address, typed = rule(circle)
    assert as_(request.getfixturevalue(who)).post(address, typed).status_code == 404


def test_a_sensitive_circle_cannot_stop_blocking(blocking, anna, as_):
    address, typed = rule(blocking)
    assert "always blocks what is certain" in page(as_(anna).post(address, typed))
    assert type(blocking).objects.get(pk=blocking.pk).guard == "confirm"


@pytest.mark.parametrize("typed", [{"guard": "shout"}, {"words": "x" * 81}, {"guard": ""}])
def test_a_wrong_rule_is_said_beside_its_field(circle, anna, as_, typed):
    address, given = rule(circle, **typed)
    assert "One thing is not right yet" in page(as_(anna).post(address, given))
    assert not AuditEntry.objects.filter(act="guard.rule_set").exists()


def test_an_admin_sees_how_often_something_was_found(circle, anna, bram, as_):
    address, typed = asked(circle, body=NAMED)
    typed |= {"guard_seal": seal(as_(bram).post(address, typed)), "guard_reason": "agreed"}
    as_(bram).post(address, typed | {"guard_redacted": "EMAIL.EMAIL"})
    shown = page(as_(anna).get(rule(circle)[0]))
    rows = re.findall(
        r'<th scope="row">([^<]+)</th>\s*<td class="r">(\d+)</td>\s*<td class="r">(\d+)', shown
    )
    assert rows == [
        ("Name", "0", "1"),
        ("Telephone number", "0", "1"),
        ("Email address", "2", "0"),
    ]


def test_a_profile_is_saved_and_advised_upon(circle, bram, as_):
    typed = {"name": "Bram", "about": "Ask me about wrists, or Mrs Pemberton on 07700 900123."}
    shown = page(as_(bram).post("/settings/profile/", typed, follow=True))
    assert "point at a person: name, telephone number. Does it have to?" in shown
    assert "Saved." in shown
