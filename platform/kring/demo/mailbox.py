"""The mailbox of the demo: the mails the local mail server took, as files, newest first."""

from dataclasses import dataclass
from datetime import datetime
from email import message_from_bytes, policy
from email.message import EmailMessage
from email.utils import parsedate_to_datetime
from pathlib import Path

MOST = 200


@dataclass(frozen=True)
class Mail:
    key: str
    message: EmailMessage
    size: int

    @property
    def subject(self) -> str:
        return str(self.message["Subject"])

    @property
    def to(self) -> str:
        return str(self.message["To"])

    @property
    def sent_at(self) -> datetime:
        return parsedate_to_datetime(str(self.message["Date"]))

    @property
    def text(self) -> str:
        part = self.message.get_body(("plain",))
        return part.get_content() if part else ""

    @property
    def html(self) -> str:
        part = self.message.get_body(("html",))
        return part.get_content() if part else ""

    @property
    def source(self) -> str:
        return self.message.as_bytes().decode("utf-8", "replace")

    @property
    def headers(self) -> list[tuple[str, str]]:
        return [(name, str(value)) for name, value in self.message.items()]


def newest(folder: Path, *, to: str = "") -> list[Mail]:
    """The newest mails, all or those to one address."""
    paths = sorted(folder.glob("*.eml"), reverse=True)[:MOST]
    mails = [_read(path) for path in paths]
    return [mail for mail in mails if not to or to in mail.to]


def find(folder: Path, key: str) -> Mail | None:
    """One mail by its key, or None."""
    path = folder / f"{key}.eml"
    try:
        return _read(path) if path.parent == folder and path.is_file() else None
    except OSError:  # the name is longer than a file's can be, or the mail is gone by now
        return None


def empty(folder: Path) -> None:
    """Throw all mails away."""
    for path in folder.glob("*.eml"):
        path.unlink(missing_ok=True)


def _read(path: Path) -> Mail:
    raw = path.read_bytes()
    message = message_from_bytes(raw, policy=policy.default)
    return Mail(key=path.stem, message=message, size=len(raw))
