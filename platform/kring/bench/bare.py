"""The yardstick: a Django view with the product's middleware (session, account, member scope), one
indexed query and a template of 10 KB. And the count of a page's queries."""

from django.db import connection
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

from questions.models import Question

COUNTED = "X-Bench-Queries"
TRANSACTION = ("SAVEPOINT", "RELEASE", "ROLLBACK", "BEGIN", "COMMIT")


@require_safe
def bare(request: HttpRequest, circle_id: int, question_id: str) -> HttpResponse:
    """GET. One question by its key, without anything around it."""
    rows = Question.objects.only("title", "created_at", "answer_count")
    question = get_object_or_404(rows, circle_id=circle_id, public_id=question_id)
    return render(request, "bare.html", {"question": question})


def count_queries(get_response):
    """Say how many statements a reply took, without those of transactions, when that is asked."""

    def reply(request):
        if COUNTED not in request.headers:
            return get_response(request)
        asked = []

        def count(execute, sql, params, many, context):
            asked.append(sql)
            return execute(sql, params, many, context)

        with connection.execute_wrapper(count):
            response = get_response(request)
        response[COUNTED] = str(sum(not sql.startswith(TRANSACTION) for sql in asked))
        return response

    return reply
