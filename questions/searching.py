"""Plain search: the words of questions and answers, in the language of each circle."""

from django.db.models import Q, QuerySet
from django.db.models.expressions import RawSQL

from circles.models import Circle
from kring.lib import among  # noqa: F401 (the lookup)
from questions.models import Question

CONFIGS = {"nl": "dutch", "en": "english"}
MAX_CHARACTERS = 200
_FIND = "select kring_find(%s::bigint[], %s::regconfig, %s)"
_FIND_NEWEST = "select kring_find_newest(%%s::bigint[], %%s::regconfig, %%s, %d)"


def find(words: str, circles: list[Circle]) -> QuerySet[Question]:
    """Questions of these circles that hold the words, themselves or in an answer, newest first."""
    return found(words[:MAX_CHARACTERS], *by_language(circles))


def by_language(circles: list[Circle]) -> list[list[int]]:
    """The ids of circles, those that speak Dutch, then those that speak English."""
    return [[circle.pk for circle in circles if circle.language == code] for code in CONFIGS]


def found(words: str, *circle_ids: list[int], most: int | None = None) -> QuerySet[Question]:
    """The same, for circles by their language, in the order of CONFIGS; `most` takes the newest.

    kring_find() looks into the index, in the circles of whoever acts only; the rows themselves are
    read under the policies.
    """
    parts, given, here = [], [], Q()
    for config, ids in zip(CONFIGS.values(), circle_ids, strict=True):
        if ids:
            parts.append(_FIND if most is None else _FIND_NEWEST % most)
            given += [ids, config, words]
            here |= Q(circle_id__among=ids)
    if not parts:
        return Question.objects.none()
    rows = (
        Question.objects.filter(here, pk__in=RawSQL(" union all ".join(parts), given))  # noqa: S611 (constant text)
        .exclude(state__in=[Question.State.WITHDRAWN, Question.State.HELD])
        .newest_first()
    )
    return rows if most is None else rows[:most]
