"""Taking along what is one's own: an archive of everything one wrote and gave, made by the worker
as its owner, in every circle one is or was in.

It lies in the folder of files under a name only its owner's pages know, with how far it is beside
it while it is made, and goes after a week.
"""

import json
import zipfile
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from time import time

from allauth.account.models import EmailAddress
from django.conf import settings
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from circles.models import Membership, Portrait
from kring.lib.refused import Refused
from members import audit, due, links, poke
from members.due import when_due
from members.models import Due, Member, Profile
from questions import own_papers
from questions.models import Answer, Comment, Outcome, Question

KIND, GONE = "own_export", "own_export_gone"
KEEP_DAYS = 7
PATIENCE = 600  # seconds after which one may ask anew, should the worker have died


@dataclass(frozen=True)
class Export:
    """Where an archive stands: how far it is, or since when it lies ready."""

    done: int
    total: int
    made_at: datetime | None = None
    size: int = 0

    @property
    def is_ready(self) -> bool:
        return self.made_at is not None

    @property
    def goes_on(self) -> datetime:
        return self.made_at + timedelta(days=KEEP_DAYS)


def path_of(member_id: int) -> Path:
    return settings.FILES / "exports" / f"{links.token('export', member_id)}.zip"


def _progress(member_id: int) -> Path:
    return path_of(member_id).with_suffix(".part")


def standing(member: Member) -> Export | None:
    """Say where one's archive stands; None when there is none."""
    part, made = _progress(member.pk), path_of(member.pk)
    if part.exists():
        return Export(**json.loads(part.read_text() or '{"done": 0, "total": 0}'))
    if made.exists():
        found = made.stat()
        at = datetime.fromtimestamp(found.st_mtime, UTC)
        return Export(0, 0, at, found.st_size)
    return None


@transaction.atomic
def ask(*, by: Member) -> None:
    """Let the worker make the archive. Raises Refused while one is being made."""
    part = _progress(by.pk)
    if part.exists() and time() - part.stat().st_mtime < PATIENCE:
        raise Refused(_("It is being made. Look again in a minute."))
    part.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    _tell(by.pk, 0, 0)
    now = timezone.now()
    due.set_timer(KIND, by.pk, now, member_id=by.pk, seq=int(time()) // 10 % 32_000)
    audit.record("export.asked", by=by, about=by.pk)
    transaction.on_commit(lambda: poke.ask_for("members.tasks.run_due"))


@when_due(KIND)
def make(row: Due) -> None:
    """Make the archive of everything somebody wrote and gave, as themselves."""
    member_id = row.subject_id
    if row.member_id != member_id:
        return
    made = path_of(member_id)
    made.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    whole, texts, papers = _gathered(member_id)
    fresh = made.with_suffix(".new")
    with zipfile.ZipFile(fresh, "w", zipfile.ZIP_DEFLATED) as archive:
        for number, (name, text) in enumerate(texts):
            if number % 25 == 0:
                _tell(member_id, number, len(texts))
            archive.writestr(name, text)
        for name, path in papers:
            if path.exists():
                archive.write(path, name)
        archive.writestr("all.json", json.dumps(whole, ensure_ascii=False, indent=1, default=str))
    fresh.chmod(0o600)
    fresh.replace(made)
    _progress(member_id).unlink(missing_ok=True)
    at = timezone.now() + timedelta(days=KEEP_DAYS)
    due.set_timer(GONE, member_id, at, seq=row.seq)


@when_due(GONE)
def forget(row: Due) -> None:
    """Drop an archive after a week, unless it was made anew."""
    made = path_of(row.subject_id)
    if made.exists() and time() - made.stat().st_mtime > (KEEP_DAYS - 1) * 86_400:
        drop(row.subject_id)


def drop(member_id: int) -> None:
    """Leave nothing of an archive."""
    for path in (path_of(member_id), _progress(member_id)):
        path.unlink(missing_ok=True)


def _tell(member_id: int, done: int, total: int) -> None:
    _progress(member_id).write_text(json.dumps({"done": done, "total": total}))


def _gathered(member_id: int) -> tuple[dict, list[tuple[str, str]], list[tuple[str, Path]]]:
    """Everything that is one's own: as rows for programs, as texts to read, as files."""
    own = {"author_id": member_id}
    circles = {
        row.circle_id: row.circle.name
        for row in Membership.objects.select_related("circle").filter(member_id=member_id)
    }
    written = {
        "questions": Question.objects.filter(**own).order_by("id"),
        "answers": Answer.objects.filter(**own).order_by("id"),
        "remarks": Comment.objects.filter(**own).order_by("id"),
        "outcomes": Outcome.objects.filter(by_id=member_id).order_by("id"),
    }
    whole = {"profile": _rows(Profile.objects.filter(pk=member_id), "name", "title", "about")}
    addresses = EmailAddress.objects.filter(user_id=member_id)
    whole["addresses"] = _rows(addresses, "email", "verified", "primary")
    memberships = Membership.objects.filter(member_id=member_id)
    whole["memberships"] = _rows(memberships, "circle__name", "role", "state", "since", "ended_at")
    portraits = Portrait.objects.filter(membership__member_id=member_id)
    said = ("expertise", "brings", "seeks", "welcomes", "away_until")
    whole["profiles"] = _rows(portraits, "circle__name", *said)
    at_doors, papers = own_papers.gathered(member_id)
    whole |= at_doors
    texts = []
    for kind, rows in written.items():
        whole[kind] = []
        for row in rows:
            at = getattr(row, "created_at", None) or row.at
            told = {"circle": circles.get(row.circle_id, ""), "at": at, "body": row.body}
            told |= {name: getattr(row, name) for name in _MORE.get(kind, ())}
            whole[kind].append(told)
            head = told.get("title") or kind
            lines = [f"# {head}", "", f"{told['circle']}, {at:%Y-%m-%d}", "", row.body, ""]
            texts.append((f"{kind}/{at:%Y-%m-%d}-{row.pk}.md", "\n".join(lines)))
    return whole, texts, papers


_MORE = {"questions": ("title", "mail_line", "state", "parameters"), "outcomes": ("helped",)}


def _rows(rows, *names: str) -> list[dict]:
    return [dict(zip(names, row, strict=True)) for row in rows.values_list(*names)]
