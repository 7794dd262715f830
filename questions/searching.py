"""Plain search: the words of questions and answers, in the language of each circle."""

from django.db.models import QuerySet
from django.db.models.expressions import RawSQL

from circles.models import Circle
from questions.models import Question

CONFIGS = {"nl": "dutch", "en": "english"}
MAX_CHARACTERS = 200


def find(words: str, circles: list[Circle]) -> QuerySet[Question]:
    """Questions of these circles that hold the words, themselves or in an answer, newest first.

    kring_find() looks into the index, in the circles of whoever acts only; the rows themselves are
    read under the policies.
    """
    parts, given = [], []
    for language, config in CONFIGS.items():
        ids = [circle.pk for circle in circles if circle.language == language]
        if ids:
            parts.append("select kring_find(%s::bigint[], %s::regconfig, %s)")
            given += [ids, config, words[:MAX_CHARACTERS]]
    if not parts:
        return Question.objects.none()
    return (
        Question.objects.in_circles([circle.pk for circle in circles])
        .filter(pk__in=RawSQL(" union all ".join(parts), given))  # noqa: S611 (constant text)
        .exclude(state__in=[Question.State.WITHDRAWN, Question.State.HELD])
        .newest_first()
    )
