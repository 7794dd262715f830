"""An admin brings a list in the browser: sees two rows that cannot come, mends nothing, says yes."""

from playwright.sync_api import expect

from members.models import Member
from questions.models import Question
from tests.journeys.visitor import PHONE, windows

LIST = """vraag;antwoord;datum
Splint or pins?;Pins.;9-3-2024
;nobody asked;9-3-2024
Which hand?;The left.;31-2-2024
And then?;;10-3-2024
"""
ENGLISH = {
    "way": "Move in what was written elsewhere",
    "source": "Where does it come from?",
    "look": "Show what would come",
    "two": "Two rows stay out",
    "empty": "its title is empty",
    "date": "its datum is '31-2-2024'",
    "go": "Move in",
    "done": "Moved in",
    "read": "Read it in your circle",
    "again": "Look again",
}
DUTCH = {
    "way": "Breng over wat elders is geschreven",
    "source": "Waar komt het vandaan?",
    "look": "Toon wat er zou komen",
    "two": "Twee rijen blijven weg",
    "empty": "de titel is leeg",
    "date": "datum is '31-2-2024'",
    "go": "Breng over",
    "done": "Overgebracht",
    "read": "Lees het in uw kring",
    "again": "Kijk opnieuw",
}


@windows((PHONE, True), (PHONE, False))
def test_a_list_is_looked_at_and_moves_in(circle, visit, window, anna, tmp_path):
    language, words = ("en", ENGLISH) if window.script else ("nl", DUTCH)
    Member.objects.filter(pk=anna.pk).update(language=language)
    anna.refresh_from_db()
    path = tmp_path / "list.csv"
    path.write_text(LIST)
    admin = visit(anna)
    admin.open(f"/c/{circle.public_id}/settings/")
    admin.follow(words["way"])
    admin.page.locator("#id_file").set_input_files(path)
    admin.write(words["source"], "Mail list")
    admin.press(words["look"])

    come(admin, words["two"], window, words)
    admin.sees(words["empty"])
    admin.sees(words["date"])
    assert not Question.objects.filter(circle=circle).exists()

    admin.press(words["go"])
    come(admin, words["done"], window, words)
    admin.follow(words["read"])
    admin.sees("Splint or pins?")
    admin.sees("And then?")


def come(admin, heading, window, words):
    """With script the page turns by itself; without it one looks again."""
    wanted = admin.page.get_by_role("heading", name=heading, exact=True)
    for _ in range(0 if window.script else 40):
        if wanted.count():
            break
        admin.page.wait_for_timeout(250)
        admin.follow(words["again"])
    expect(wanted).to_be_visible()
    admin.look()
