"""What waits on the desk of somebody who vets: how many applications, since when. No names."""

from django.db.models import BooleanField, Count, F, Func, Min

from circles.models import Application
from kring.lib.kept import kept
from questions.digests.items import Item, micros
from questions.digests.reader import Reader


class MayVote(Func):
    """Whether the acting member may vote on this application, and has not yet. The database
    answers: who voted what is not readable here."""

    template = (
        "(kring_may_vote(%(expressions)s) "
        "and %(expressions)s <> all ((select kring_voted())::bigint[]))"
    )
    output_field = BooleanField()


def desks(reader: Reader) -> list[Item]:
    """Return one item for each circle where applications wait for the reader's vote."""
    if not reader.vets:
        return []
    return [
        {
            "kind": "desk",
            "circle": row["circle_id"],
            "count": row["count"],
            "at": micros(row["oldest"] or reader.now),
        }
        for row in _waiting(reader.vets)
    ]


@kept
def _waiting(circle_ids: list[int]):
    return (
        Application.objects.filter(
            MayVote(F("id")), circle_id__among=circle_ids, state=Application.State.REVIEW
        )
        .values("circle_id")
        .annotate(count=Count("id"), oldest=Min("review_since"))
        .order_by("circle_id")
    )
