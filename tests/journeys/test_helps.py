"""What scripts add to pages that work without them, and that they do work without them."""

import re

from playwright.sync_api import expect

from kring.lib.text import render
from questions.models import Mark
from tests import make
from tests.journeys.visitor import PHONE, desk_with_script, phone_with_script, windows
from tests.live import wait_until


@phone_with_script
def test_an_opened_question_is_read_by_itself_or_by_a_button(circle, visit, window, anna, bram):
    question = make.question(circle, by=anna, title="Who has seen this before?")
    reader = visit(bram)
    reader.open(f"/c/{circle.public_id}/q/{question.public_id}/")
    if not window.script:
        reader.press("I have read this")
    read = Mark.objects.filter(question=question, member_id=bram.pk).exclude(read_at=None)
    wait_until(read.exists, what="the mark of having read")
    reader.look()


@desk_with_script
def test_the_guide_finds_a_circle_in_place_or_on_a_new_page(circle, visit, window):
    stranger = visit()
    stranger.open("/guide/")
    stranger.write("Search by profession or purpose", "keepers")
    stranger.page.keyboard.press("Enter")
    expect(stranger.page.get_by_role("link", name="Hand surgeons")).to_have_count(0)
    stranger.sees("These are all that fit your search.")
    expect(stranger.page).to_have_url(re.compile("q=keepers"))
    stranger.page.evaluate("history.back()")
    expect(stranger.page.get_by_role("link", name="Hand surgeons").first).to_be_visible()


@phone_with_script
def test_a_text_is_previewed_in_place_or_on_a_new_page(circle, visit, window, anna):
    asker = visit(anna)
    asker.open(f"/c/{circle.public_id}/ask/")
    text = asker.field("What is going on, and what did you try?")
    text.fill("A **pianist** of 40.")
    if window.script:
        asker.page.get_by_role("button", name="Bold").click()
        asker.page.get_by_role("toolbar").get_by_role("button", name="Preview").click()
    else:
        asker.press("Preview")
    expect(asker.page.locator("strong", has_text="pianist")).to_be_visible()
    expect(text).to_have_value("A **pianist** of 40." + "**…**" * window.script)
    asker.look()


@desk_with_script
def test_language_and_appearance_are_chosen_at_the_foot(circle, visit):
    stranger = visit()
    stranger.open("/guide/")
    stranger.press("Dark")
    expect(stranger.page.locator("html")).to_have_attribute("data-theme", "dark")
    stranger.press("Nederlands")
    stranger.sees_heading("Gids")
    assert stranger.page.url.endswith("/guide/")


@windows((PHONE, True), (PHONE, False))
def test_a_remark_is_written_in_place_or_on_a_page_of_its_own(circle, visit, window, anna, bram):
    question = make.question(circle, by=anna)
    make.answer(question, by=anna)
    reader = visit(bram)
    reader.open(f"/c/{circle.public_id}/q/{question.public_id}/")
    own_page = re.compile("/comments/")
    if window.script:
        reader.page.get_by_role("link", name="Remark", exact=True).click()
        expect(reader.field("Your remark")).to_be_focused()
        expect(reader.page).not_to_have_url(own_page)
    else:
        reader.follow("Remark")
        expect(reader.page).to_have_url(own_page)
        reader.sees_heading(question.title)
    reader.look()
    reader.write("Your remark", "Which finger was it?")
    reader.press("Post the remark")
    reader.sees("Which finger was it?")
    expect(reader.field("Your remark")).to_have_count(0)


@windows((PHONE, True))
def test_long_code_scrolls_by_itself_and_not_the_page(circle, visit, anna):
    line = "pinch_strength = " + " + ".join(f"measured[{n}]" for n in range(60))
    body = f"Try `{line.replace(' ', '')}`:\n\n```\n{line}\n```\n"
    question = make.question(circle, by=anna)
    answer = make.answer(question, by=anna)
    for row in (question, answer):
        type(row).objects.filter(pk=row.pk).update(body=body, html=render(body))
    reader = visit(anna)
    reader.open(f"/c/{circle.public_id}/q/{question.public_id}/")
    for code in reader.page.locator("pre").all():
        wide, sight = code.evaluate("it => [it.scrollWidth, it.clientWidth]")
        assert sight <= PHONE < wide
    assert reader.page.locator("pre").count() == 2
