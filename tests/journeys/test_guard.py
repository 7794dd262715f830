"""A text with six things in it that point at a person, on its way into a circle that blocks."""

from playwright.sync_api import expect

from circles.models import Circle
from questions.models import Question
from tests.journeys.visitor import phone_with_script

CASE = (
    "Mrs Pemberton, DOB 14/02/1949, NHS number 943 476 5919, fell again. Her son Declan rings me "
    "from 07700 900123. She lives at 3 Bramble Close, Nailsworth GL6 0QT. Fixation or sling?"
)
PLANTED = [
    "Mrs Pemberton",
    "14/02/1949",
    "943 476 5919",
    "Declan",
    "07700 900123",
    "Bramble Close",
]


@phone_with_script
def test_what_points_at_a_person_is_redacted_before_it_is_posted(circle, visit, window, bram):
    Circle.objects.filter(pk=circle.pk).update(sensitivity="sensitive", mail_ceiling="counts")
    asker = visit(bram)
    asker.open(f"/c/{circle.public_id}/ask/")
    asker.write("Your question in one sentence", "Fixation or sling?")
    asker.write("What is going on, and what did you try?", CASE)
    asker.choose("Nothing in this text can be traced to a person")
    asker.press("Put the question")
    asker.sees_heading("Six details point at a person")
    expect(asker.page.locator(".guard mark").first).to_have_text("Mrs Pemberton1")

    asker.press("Redact 1")
    asker.sees_heading("Five details point at a person")
    asker.press("Redact all")
    asker.sees("The guard found nothing that points at a person.")
    asker.press("Put the question")
    asker.sees("Your question stands. The circle sees it now.")
    asker.sees("[name 1], DOB 70\u201379 years, NHS number [national number], fell again.")
    body = Question.objects.get(title="Fixation or sling?").body
    assert not [planted for planted in PLANTED if planted in body]


@phone_with_script
def test_a_name_may_stay_for_a_reason(circle, visit, window, bram):
    asker = visit(bram)
    asker.open(f"/c/{circle.public_id}/ask/")
    asker.write("Your question in one sentence", "Fixation or sling?")
    asker.write("What is going on, and what did you try?", "Mrs Pemberton wrote the guideline.")
    asker.press("Put the question")
    asker.sees_heading("One detail points at a person")
    reason = asker.field("Why does the rest stay?")
    reason.select_option(label="In public: an author, an office, a company")
    asker.press("Put the question")
    asker.sees("Your question stands. The circle sees it now.")
    expect(asker.page.get_by_text("Mrs Pemberton wrote the guideline.")).to_be_visible()
