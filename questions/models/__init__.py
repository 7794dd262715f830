"""Rows of what is said: questions, answers, what became of them, and the digest about them."""

from questions.models.archive import ArchiveImport, ImportedAuthor, ImportFinding
from questions.models.digest import DigestIssue, DigestPlan
from questions.models.question import Answer, Comment, Outcome, Question, Revision
from questions.models.traces import Event, Mark, Tag, Tagging

__all__ = [
    "Answer",
    "ArchiveImport",
    "Comment",
    "DigestIssue",
    "DigestPlan",
    "Event",
    "ImportFinding",
    "ImportedAuthor",
    "Mark",
    "Outcome",
    "Question",
    "Revision",
    "Tag",
    "Tagging",
]
