"""Rows of archives for tests, and who listens while they move."""

from html import escape

from members.models import AuditEntry
from questions.archive.move import Watch
from questions.models import Answer, Comment, ImportedAuthor, Question, Revision, Tag

DAY = "2016-08-02T15:39:14.947"


def question(number, title="How?", body="<p>Say how.</p>", **more):
    return {
        "Id": number,
        "PostTypeId": 1,
        "CreationDate": DAY,
        "Title": title,
        "Body": body,
    } | more


def answer(number, to, body="<p>So.</p>", **more):
    return {
        "Id": number,
        "PostTypeId": 2,
        "ParentId": to,
        "CreationDate": DAY,
        "Body": body,
    } | more


def comment(number, on, text="Why?", **more):
    return {"Id": number, "PostId": on, "Text": text, "CreationDate": DAY} | more


def version(number, of, kind, text, day=DAY, **more):
    """A row of PostHistory: kind 1 and 4 are titles, 2 and 5 texts."""
    return {
        "Id": number,
        "PostHistoryTypeId": kind,
        "PostId": of,
        "RevisionGUID": f"edit-{day}",
        "CreationDate": day,
        "Text": text,
    } | more


def attributes(row):
    values = {name: escape(str(value)).replace("\n", "&#xA;") for name, value in row.items()}
    return " ".join(f'{name}="{value}"' for name, value in values.items())


class Killed(Watch):
    """Stops the import after so many bundles."""

    def __init__(self, after):
        self.left = after

    def moves(self, count):
        self.left -= 1
        if self.left < 0:
            raise KeyboardInterrupt


class Listener(Watch):
    def __init__(self):
        self.said = []

    def left_out(self, file, line, reason):
        self.said.append((file, line, reason))

    @property
    def reasons(self):
        return [(line, reason) for _file, line, reason in self.said]


def everything(circle):
    models = (Question, Answer, Comment, Revision, ImportedAuthor, Tag, AuditEntry)
    return [model.objects.filter(circle_id=circle.pk).count() for model in models]
