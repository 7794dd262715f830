"""Saying what one brings, being found by it, and by nobody outside the circle."""

from django.urls import reverse

from circles.belonging import doors
from circles.models import Membership
from members.models import Member
from tests.journeys.visitor import PHONE, windows


@windows((PHONE, False))
def test_a_member_is_found_by_what_they_bring_and_by_members_only(
    circle, visit, window, bram, vera, carla
):
    Member.objects.update(language="nl")
    writer = visit(bram, speaks="nl-NL")
    writer.open(f"/c/{circle.public_id}/")
    writer.follow("Leden")
    writer.follow("Vul uw profiel in")
    writer.write("Uw terreinen", "duim, pols")
    writer.write("Wat brengt u mee?", "Spalken die blijven zitten.")
    writer.write("Even niet, tot en met", "2020-01-01")
    writer.press("Bewaar profiel")
    writer.sees("Kies een dag vanaf vandaag.")
    writer.write("Even niet, tot en met", "")
    writer.choose("2")
    writer.tab_to("Bewaar profiel")
    writer.enter()
    writer.sees("Bewaard.")
    writer.sees("Gegeven en genomen")

    reader = visit(vera, speaks="nl-NL")
    reader.open(f"/c/{circle.public_id}/members/")
    reader.write("Zoek op naam of terrein", "spalken")
    reader.press("Toon")
    reader.follow("Bram de Vries")
    reader.sees("Ruimte voor twee vragen per week")
    assert reader.page.get_by_text("Gegeven en genomen").count() == 0

    person = Membership.objects.get(circle=circle, member_id=bram.pk)
    address = reverse("member_page", args=[circle.public_id, doors.name_in_address(person)])
    stranger = visit(carla)
    answer = stranger.page.request.get(stranger.address + address)
    assert answer.status == 404
    assert "Bram" not in answer.text()
