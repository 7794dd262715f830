"""From a starting point to the first hour of a new circle, on a phone, without script, in Dutch: a
member writes it, a stranger agrees from the mail, a steward confirms, and the hour is left and
taken up again."""

from circles.models import Circle
from members.models import Member
from tests.journeys.visitor import PHONE, windows
from tests.live import link_in

NEL = "nel@example.org"


@windows((PHONE, False))
def test_a_member_founds_a_circle_with_somebody_from_outside(kring, visit, circle, bram, sam):
    Member.objects.update(language="nl")
    lead = visit(bram)
    lead.open("/circles/")
    lead.follow("Stel er een voor")
    lead.page.get_by_role("radio", name="Leraar").check()
    lead.press("Begin")
    lead.write("Naam van de kring", "Leraren van het Noorden")
    lead.press("Verder naar het vraagformulier")
    lead.sees("1. Soort onderwijs")
    down = lead.page.get_by_role("button", name="Omlaag").first
    with lead.page.expect_navigation():
        down.click()
    lead.look()
    lead.sees("2. Soort onderwijs")
    lead.press("Bewaar voor later")
    lead.follow("Ga verder met de volgende stap")
    lead.press("Verder naar toelating")
    lead.sees("Wie komt erin, en hoe?")
    lead.press("Verder naar de medeoprichters")
    lead.write("Naam", "Nel Bakker")
    lead.write("Mailadres", NEL)
    lead.press("Vraag mee te doen")
    lead.sees("Gevraagd. De mail gaat nu de deur uit.")

    other = visit(speaks="nl-NL")
    other.open(link_in(kring.mailbox.wait_for("cofounder_asked", NEL), "/cofounder/open/"))
    other.sees_heading("Leraren van het Noorden")
    other.write("Vak en plaats", "leraar wiskunde, Assen")
    other.write("Kies een wachtwoord", "zeven natte winters achter elkaar")
    other.choose("Ik onderschrijf het handvest en leid de kring met de anderen")
    other.press("Ja, ik richt hem mee op")
    other.sees("Bram de Vries legt het voor aan de rentmeester.")

    kring.mailbox.wait_for("cofounder_answered", bram.email)
    lead.open("/found/together/")
    lead.follow("Bekijk alles nog eens")
    lead.press("Leg voor aan de rentmeester")
    lead.sees("Wacht op de rentmeester")

    steward = visit(sam)
    proposed = Circle.objects.get(confirmed_at=None)
    steward.open(f"/steward/circles/{proposed.public_id}/")
    steward.sees("Nel Bakker")
    steward.sees("Soort onderwijs")
    steward.press("Bevestig de kring")

    kring.mailbox.wait_for("circle_confirmed", NEL)
    lead.open(f"/c/{proposed.public_id}/")
    lead.follow("Ga verder met het eerste uur")
    lead.press("Wij staan erachter")
    lead.sees("Handvest nog eens gelezen")
    other.open(f"/c/{proposed.public_id}/")  # left by the one, taken up by the other
    other.sees("Uw eerste uur: één van de vijf stappen gedaan.")
    other.follow("Ga verder met het eerste uur")
    other.follow("Probeer het formulier")
    other.page.get_by_label("Groep of leerjaar").fill("groep 6")
    other.page.get_by_label("Soort onderwijs").select_option("Basisonderwijs")
    other.page.get_by_label("Waar het om gaat").select_option("Ouders")
    other.press("Toon hoe het staat")
    other.sees_heading("Zo staat het er")
    other.follow("Ga verder met het eerste uur")
    other.sees("Vraagformulier geprobeerd")
