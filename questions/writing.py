"""Putting a text down once, however often it was sent."""

from typing import TypeVar

from django.db import IntegrityError, transaction

from kring.lib.ids import public_id as fresh_id
from members.models import Member
from questions.models import Answer, Question

Text = TypeVar("Text", Question, Answer)


def put_down(
    model: type[Text], *, by: Member, circle_id: int, public_id: str, **facts
) -> tuple[Text, bool]:
    """Create a question or answer under the number its form carried; say whether it is new.

    Sent twice (a second tap, a reload), the first one stands and is given back. A number that
    carries another text by now (somebody else's, or one's own from before) is replaced by a
    fresh one: nothing typed is lost.
    """
    try:
        with transaction.atomic():
            made = model.objects.create(
                circle_id=circle_id, author_id=by.pk, public_id=public_id, **facts
            )
            return made, True
    except IntegrityError:
        there = model.objects.filter(circle_id=circle_id, public_id=public_id).first()
        if there is None:
            raise  # not the number: something else is wrong
    if there.author_id == by.pk and there.body == facts["body"]:
        return there, False
    return put_down(model, by=by, circle_id=circle_id, public_id=fresh_id(), **facts)
