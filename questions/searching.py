"""Plain search: the words of questions and answers, in the language of each circle."""

from django.contrib.postgres.search import SearchQuery
from django.db.models import Q, QuerySet

from circles.models import Circle
from questions.models import Answer, Question

CONFIGS = {"nl": "dutch", "en": "english"}
MAX_CHARACTERS = 200


def find(words: str, circles: list[Circle]) -> QuerySet[Question]:
    """Questions of these circles that hold the words, themselves or in an answer, newest first.

    The circles are named in every part of the query: text operators are not leakproof, so under
    the row policies alone PostgreSQL would test each row before it looks at the index.
    """
    matching = Q(pk__in=[])
    for language, config in CONFIGS.items():
        ids = [circle.pk for circle in circles if circle.language == language]
        if ids:
            query = SearchQuery(words[:MAX_CHARACTERS], config=config, search_type="websearch")
            answers = Answer.objects.filter(circle_id__in=ids, search=query)
            matching |= Q(circle_id__in=ids, search=query)
            matching |= Q(circle_id__in=ids, pk__in=answers.values("question_id"))
    return (
        Question.objects.in_circles([circle.pk for circle in circles])
        .filter(matching)
        .exclude(state__in=[Question.State.WITHDRAWN, Question.State.HELD])
        .newest_first()
    )
