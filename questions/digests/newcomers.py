"""Who is admitted in principle in the reader's circles, as a number: their names stand behind sign-in."""

from django.db import connection

from questions.digests.items import Item
from questions.digests.reader import Reader


def newcomers(reader: Reader) -> list[Item]:
    """Return one item for each circle where the members may still object to somebody."""
    with connection.cursor() as cursor:
        cursor.execute(
            "select circle_id, count(*) from kring_newcomers() "
            "where circle_id = any ((select %s::bigint[])::bigint[]) and until > %s group by 1 order by 1",
            [reader.reads, reader.now],
        )
        found = cursor.fetchall()
    return [{"kind": "newcomers", "circle": pk, "count": count} for pk, count in found]
