"""Questions, answers, comments, their earlier versions, and the outcome.

`author` and `by` are profiles (the person one may see; the account behind it is its owner's
alone), whose key is the member's id. Children carry their circle too: composite keys
(circle_id, id) tie them to a parent of the same circle, so `question` and `answer` below are
plain columns to Django and checked in PostgreSQL.
"""

from django.contrib.postgres.indexes import GinIndex
from django.contrib.postgres.search import SearchVectorField
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from kring.lib.choices import in_words
from kring.lib.ids import public_id


class Written(models.Model):
    """A text in a circle by a member, or by somebody in an archive that was moved in."""

    circle = models.ForeignKey("circles.Circle", models.CASCADE, related_name="+")
    author = models.ForeignKey("members.Profile", models.SET_NULL, null=True, related_name="+")
    imported_author = models.ForeignKey(
        "questions.ImportedAuthor",
        models.PROTECT,
        null=True,
        db_constraint=False,
        related_name="+",
    )
    source_url = models.URLField(blank=True)
    source_key = models.CharField(max_length=40, blank=True)  # its number in the archive
    licence = models.CharField(max_length=60, blank=True)  # under which it came, if any
    body = models.TextField()  # Markdown as typed, or HTML as imported
    html = models.TextField()  # cleaned when written, shown as it is
    created_at = models.DateTimeField(default=timezone.now)
    edited_at = models.DateTimeField(null=True)

    class Meta:
        abstract = True


class Questions(models.QuerySet):
    def in_circles(self, circle_ids: list[int]) -> "Questions":
        return self.filter(circle_id__in=circle_ids)

    def newest_first(self) -> "Questions":
        return self.order_by("-created_at", "-id")

    def open(self) -> "Questions":
        return self.filter(state=Question.State.OPEN)

    def unanswered(self) -> "Questions":
        return self.filter(state=Question.State.OPEN, answer_count=0)

    def solved(self) -> "Questions":
        return self.filter(state__in=Question.SOLVED)

    def asked_by(self, member_id: int) -> "Questions":
        return self.filter(author_id=member_id)

    def with_people(self) -> "Questions":
        """With who wrote; the search words stay where they are, they are long."""
        return self.select_related("author", "imported_author").defer("search")

    def in_short(self) -> "Questions":
        """What a row of a list shows: no text."""
        return self.defer("search", "body", "html")


class Question(Written):
    class State(models.TextChoices):
        OPEN = "open", _("Open")
        ANSWERED = "answered", _("Answered")
        OUTCOME_DUE = "outcome_due", _("Outcome due")
        CLOSED = "closed", _("Outcome known")
        NOT_KNOWN = "not_known", _("Outcome not known")
        ABANDONED = "abandoned", _("Lapsed")
        WITHDRAWN = "withdrawn", _("Withdrawn")
        HELD = "held", _("Held for review")

    class Need(models.TextChoices):
        OPINION = "opinion", _("A second opinion")
        DECISION = "decision", _("A decision between two options")
        REFERENCE = "reference", _("A source or protocol")

    SOLVED = ("answered", "outcome_due", "closed", "not_known")

    public_id = models.CharField(max_length=10, default=public_id, editable=False)
    title = models.CharField(max_length=300)
    mail_line = models.CharField(max_length=60, blank=True)
    need = models.CharField(max_length=9, choices=Need, default=Need.OPINION)
    needed_by = models.DateField(null=True)
    # What the circle asked for when this was asked: [{"id", "name", "unit", "value", "shown"}]
    parameters = models.JSONField(default=list)
    state = models.CharField(max_length=11, choices=State, default=State.OPEN)
    accepted_answer_id = models.BigIntegerField(null=True)
    outcome_weeks = models.SmallIntegerField(null=True)
    outcome_due_at = models.DateTimeField(null=True)
    # Kept by triggers, so that lists and pages count nothing.
    answer_count = models.IntegerField(default=0)
    last_activity_at = models.DateTimeField(default=timezone.now)
    search = SearchVectorField(null=True, editable=False)

    objects = Questions.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["circle", "public_id"], name="question_address_once_in_a_circle"
            ),
            models.UniqueConstraint(
                fields=["circle", "source_key"],
                condition=~Q(source_key=""),
                name="question_imported_once",
            ),
            models.CheckConstraint(
                condition=Q(author=None) | Q(imported_author=None), name="question_has_one_author"
            ),
        ]
        indexes = [
            models.Index(fields=["circle", "-created_at", "-id"], name="questions_newest"),
            models.Index(
                fields=["circle", "-created_at", "-id"],
                condition=Q(state="open"),
                name="questions_open",
            ),
            models.Index(
                fields=["circle", "-created_at", "-id"],
                condition=Q(state="open", answer_count=0),
                name="questions_unanswered",
            ),
            models.Index(
                fields=["circle", "-created_at", "-id"],
                condition=Q(state__in=["answered", "outcome_due", "closed", "not_known"]),
                name="questions_solved",
            ),
            models.Index(fields=["author", "-created_at", "-id"], name="questions_of_a_member"),
            models.Index(
                fields=["author", "outcome_due_at"],
                condition=Q(state__in=["answered", "outcome_due"]),
                name="questions_that_owe",
            ),
            GinIndex(fields=["circle", "search"], name="questions_search"),
        ]

    @property
    def is_open(self) -> bool:
        return self.state == self.State.OPEN

    @property
    def is_solved(self) -> bool:
        return self.state in self.SOLVED

    @property
    def state_in_words(self) -> str:
        return in_words(self.State, self.state)

    @property
    def takes_answers(self) -> bool:
        return self.state not in (self.State.WITHDRAWN, self.State.HELD)


class Answer(Written):
    question = models.ForeignKey(
        Question, models.CASCADE, db_constraint=False, related_name="answers"
    )
    public_id = models.CharField(max_length=10, default=public_id, editable=False)
    search = SearchVectorField(null=True, editable=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["circle", "public_id"], name="answer_address_once_in_a_circle"
            ),
            models.UniqueConstraint(
                fields=["circle", "source_key"],
                condition=~Q(source_key=""),
                name="answer_imported_once",
            ),
            models.CheckConstraint(
                condition=Q(author=None) | Q(imported_author=None), name="answer_has_one_author"
            ),
        ]
        indexes = [
            models.Index(
                fields=["circle", "question", "created_at"], name="answers_of_a_question"
            ),
            models.Index(fields=["author", "-created_at", "-id"], name="answers_of_a_member"),
            GinIndex(fields=["circle", "search"], name="answers_search"),
        ]


class Comment(Written):
    """A short remark under a question, or under one of its answers."""

    question = models.ForeignKey(
        Question, models.CASCADE, db_constraint=False, related_name="comments"
    )
    answer = models.ForeignKey(
        Answer, models.CASCADE, null=True, db_constraint=False, related_name="comments"
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["circle", "source_key"],
                condition=~Q(source_key=""),
                name="comment_imported_once",
            ),
            models.CheckConstraint(
                condition=Q(author=None) | Q(imported_author=None), name="comment_has_one_author"
            ),
        ]
        indexes = [
            models.Index(
                fields=["circle", "question", "created_at"], name="comments_of_a_question"
            )
        ]


class Revision(models.Model):
    """A question or answer as it read before an edit."""

    circle = models.ForeignKey("circles.Circle", models.CASCADE, related_name="+")
    question = models.ForeignKey(
        Question, models.CASCADE, db_constraint=False, related_name="revisions"
    )
    answer = models.ForeignKey(
        Answer, models.CASCADE, null=True, db_constraint=False, related_name="revisions"
    )
    by = models.ForeignKey("members.Profile", models.SET_NULL, null=True, related_name="+")
    imported_author = models.ForeignKey(
        "questions.ImportedAuthor",
        models.PROTECT,
        null=True,
        db_constraint=False,
        related_name="+",
    )
    source_key = models.CharField(max_length=40, blank=True)  # its number in the archive
    title = models.CharField(max_length=300, blank=True)
    body = models.TextField()
    html = models.TextField()
    parameters = models.JSONField(default=list)
    written_at = models.DateTimeField()
    replaced_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["circle", "source_key"],
                condition=~Q(source_key=""),
                name="version_imported_once",
            ),
            models.CheckConstraint(
                condition=Q(by=None) | Q(imported_author=None), name="version_has_one_author"
            ),
        ]
        indexes = [
            models.Index(fields=["circle", "question", "answer"], name="revisions_of_a_text")
        ]


class Outcome(models.Model):
    """What came of it, as the asker reports it."""

    class Helped(models.TextChoices):
        YES = "yes", _("Yes")
        PARTLY = "partly", _("Partly")
        NO = "no", _("No")
        UNKNOWN = "unknown", _("I cannot tell")

    circle = models.ForeignKey("circles.Circle", models.CASCADE, related_name="+")
    question = models.ForeignKey(
        Question, models.CASCADE, db_constraint=False, related_name="outcomes"
    )
    by = models.ForeignKey("members.Profile", models.SET_NULL, null=True, related_name="+")
    helped = models.CharField(max_length=7, choices=Helped)
    body = models.TextField(blank=True)
    html = models.TextField(blank=True)
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        indexes = [models.Index(fields=["circle", "question"], name="outcomes_of_a_question")]
