"""Every kind of letter there is, looked at together. What they say singly is told in their rooms."""

import base64
import quopri
import re
import shutil
import subprocess
from email import message_from_bytes, policy

import pytest
from django.apps import apps
from django.core import mail
from django.db import models

from circles.models import Circle, Cofounder, Invitation, Referee
from members import delivery, letters
from members.account_letters import NEW_BROWSER, NEWS
from members.letters import KINDS
from members.models import Member, Profile
from questions.digests import building, planning
from questions.models import DigestIssue, DigestPlan, Event, Question
from tests import letter_samples, make
from tests.letter_samples import Stage
from tests.questions import digest_make as rows

pytestmark = pytest.mark.django_db
CANARY = "zeekomkommer"
WEEKS = 13
# Text that is no content: names of things, states, addresses, and what a circle lets its mails say.
NO_CONTENT = {
    *("public_id", "mail_alias", "email", "address", "address_key", "url", "source_url", "link"),
    *("language", "old", "new", "week", "zone"),
}
# A letter says who it is for. The inviter says who invites; that is what the letter is.
OWN = {(Invitation, "name"), (Referee, "name"), (Cofounder, "name")}


@pytest.fixture
def hidden(anna, vera, bram, elsewhere):
    """A sensitive circle that is not listed. Numbers are all its mails may say."""
    return make.circle(
        *("Whistle-blowers",), admin=anna, vetters=[vera], members=[bram],
        sensitivity="sensitive", listed=False, mail_alias="Kring A",
        commitment=[{"label": "Hours", "value": "2", "note": ""}], size_cap=100,
    )  # fmt: skip


def poison(*plain: Member) -> int:
    """Write the canary into every text of every circle, and into everybody's family name; return
    how many. `plain`: whose whole name may stand in a letter."""
    names = [member.pk for member in plain]
    for person in Profile.objects.exclude(pk__in=names):
        first = person.name.split()[0]
        Profile.objects.filter(pk=person.pk).update(name=f"{first} {CANARY}", title=CANARY)
    changed = 0
    for app in ("circles", "questions"):
        for model in apps.get_app_config(app).get_models():
            fields = _texts(model)
            for row in model.objects.all() if model._meta.managed and fields else ():
                model.objects.filter(pk=row.pk).update(**{f.name: _with(row, f) for f in fields})
                changed += len(fields)
    return changed


def _texts(model: type[models.Model]) -> list[models.Field]:
    text = models.CharField | models.TextField | models.JSONField
    return [
        field
        for field in model._meta.concrete_fields
        if isinstance(field, text)
        and not field.choices
        and field.name not in NO_CONTENT
        and (model, field.name) not in OWN
        and model not in (DigestIssue, DigestPlan)  # ids and numbers
        and field.name not in ("policy", "counts", "passed")
    ]


def _with(row: models.Model, field: models.Field):
    value = getattr(row, field.name)
    if field.name == "declined_text" and not value:
        return value  # only a circle that was declined may have a reason
    if isinstance(value, dict):
        return dict.fromkeys(
            value, CANARY
        )  # a charter in the making: sensitive, unless it says no
    if isinstance(field, models.JSONField):
        return [dict.fromkeys(part, CANARY) for part in value or [{"label": ""}]]
    word = f"{CANARY}{row.pk}"
    assert not field.max_length or len(word) <= field.max_length, f"{field} holds no canary"
    return word


def whole(sent) -> str:
    """Everything a mail holds, as it travels and as it reads."""
    raw = sent.message().as_bytes()
    parsed = message_from_bytes(raw, policy=policy.default)
    parts = [part for part in parsed.walk() if not part.is_multipart()]
    said = [raw.decode(errors="replace"), quopri.decodestring(raw).decode(errors="replace")]
    said += [f"{name}: {value}" for part in parsed.walk() for name, value in part.items()]
    said += [str(part.get_content()) for part in parts]
    said += map(_unpacked, re.findall(r"[A-Za-z0-9+/_-]{16,}", "\n".join(said)))
    return "\n".join(said).lower()


def _unpacked(word: str) -> str:
    """What a word says if it is base64, as text and addresses may hide it."""
    return base64.urlsafe_b64decode(
        word.translate(str.maketrans("+/", "-_"))[: len(word) // 4 * 4]
    ).decode("latin1")


def leaks(mails) -> list[tuple[str, str]]:
    """Which mails hold the canary, a public number of a circle, or the name of one."""
    words = [CANARY, "whistle", *Question.objects.values_list("public_id", flat=True)]
    return [
        (letter_samples.kind_of(sent.message()), word)
        for sent in mails
        for text in [whole(sent)]
        for word in words
        if word in text
    ]


@pytest.mark.parametrize("language", ["nl", "en"])
def test_d4_no_letter_of_any_kind_says_a_word_of_a_sensitive_circle(
    language, hidden, anna, vera, bram, house
):
    Circle.objects.exclude(pk=hidden.pk).update(
        sensitivity="sensitive", mail_ceiling="counts", listed=False
    )
    letter_samples.set_up(Stage(hidden, vera, [anna, bram], language))
    assert poison(anna) > 200
    with house():
        sent = letter_samples.bring()
    assert set(KINDS) - set(sent) == set(), letter_samples.not_sent()
    assert leaks(sent.values()) == []


def test_d4_in_a_quarter_of_digests_and_letters_no_word_is_told(
    hidden, anna, vera, bram, house, monkeypatch
):
    clock = rows.Clock(monkeypatch)
    clock.on(hours=5)  # letters at once go on Tuesday afternoons, the digests on Thursdays
    with house():
        planning.plan_due()
    poison()
    for week in range(WEEKS):
        Member.objects.update(last_login=clock.now)
        Event.objects.update(xid=0)  # what was told lies below the cursor
        for reader, other in ((vera, bram), (bram, anna), (anna, vera)):
            _a_week(hidden, reader, other, week)
        words = {"brings": CANARY, "seeks": CANARY, "profession": CANARY}
        make.application(hidden, name=CANARY, email=f"{CANARY}{week}@example.org", **words)
        Event.objects.exclude(xid=0).update(xid=rows.EARLY)
        with house():
            delivery.deliver_waiting()
        clock.on(days=2)
        DigestPlan.objects.update(cursor_xid=1, next_due_at=clock.now)
        with house():
            for issue_id in planning.plan_due():
                building.build(issue_id)
            delivery.deliver_waiting()
        clock.on(days=5)
    kinds = [letter_samples.kind_of(sent.message()) for sent in mail.outbox]
    assert kinds.count("weekly_digest") >= WEEKS * 3
    assert kinds.count("answer_on_mine") > 0
    assert leaks(mail.outbox) == []


def _a_week(circle: Circle, reader: Member, other: Member, week: int) -> None:
    words = {"title": f"{CANARY} {week}?", "body": CANARY, "mail_line": f"{CANARY} {week}"}
    question = make.question(circle, by=reader, **words)
    rows.answered(question, other, body=CANARY)
    rows.event(question, "remarked", other)
    (rows.solved, rows.known)[week % 2](make.question(circle, by=other, **words))
    about = {"subject_id": question.pk, "circle_id": circle.pk}
    if week % 2:
        letters.post("answer_on_mine", member=reader, **about)


@pytest.mark.skipif(not shutil.which("spamassassin"), reason="SpamAssassin is not installed")
@pytest.mark.parametrize("language", ["nl", "en"])
def test_no_letter_looks_like_spam(language, circle, anna, vera, bram, house, tmp_path):
    """By the rules that need no network. What points a letter gets stands in its report."""
    letter_samples.set_up(Stage(circle, vera, [anna, bram], language))
    with house():
        sent = letter_samples.bring()
    alike = [kind for kind in NEWS if kind != NEW_BROWSER]  # in the same words but for a line
    files = [tmp_path / kind for kind in sorted(sent) if kind not in alike]
    for file in files:
        file.write_bytes(sent[file.name].message().as_bytes())
    command = ["spamassassin", "--local", "--test-mode", *map(str, files)]
    told = subprocess.run(command, capture_output=True, text=True, errors="replace", check=True)
    points = re.findall(r"^Content analysis details: +\((-?[\d.]+) points", told.stdout, re.M)
    assert len(points) == len(files)
    reports = told.stdout.split("Content analysis details:")[1:]
    assert [report for report, n in zip(reports, points, strict=True) if float(n) >= 1] == []
