"""The pages of questions, as members see and use them."""

import re
from functools import partial

import pytest
from django.utils import timezone

from kring.lib.ids import public_id
from questions.models import Mark, Question
from tests import make


@pytest.fixture
def question(circle, anna):
    return make.question(circle, by=anna, title="Splint or screw?")


def url(circle, question=None, rest=""):
    place = f"/c/{circle.public_id}/"
    return f"{place}q/{question.public_id}/{rest}" if question else f"{place}{rest}"


def text(response) -> str:
    return response.content.decode()


def shown(page: str) -> list[str]:
    """The titles of a list's rows, in their order."""
    return re.findall(r'class="title"[^>]*>([^<]*)</a>', page)


def link(page: str, rel: str) -> str:
    found = re.search(rf'href="([^"]*)" rel="{rel}"', page)
    return found[1].replace("&amp;", "&") if found else ""


def test_the_list_shows_the_circle_s_questions_and_no_others(question, circle, bram, as_):
    page = text(as_(bram).get(url(circle)))
    assert "Splint or screw?" in page
    assert "keepers" not in page.lower()


@pytest.mark.parametrize(
    ("state", "titles"),
    [
        ("", {"Open?", "Answered?", "Solved?", "Mine?"}),
        ("open", {"Open?", "Answered?", "Mine?"}),
        ("unanswered", {"Open?", "Mine?"}),
        ("solved", {"Solved?"}),
        ("mine", {"Mine?"}),
        ("nonsense", {"Open?", "Answered?", "Solved?", "Mine?"}),
    ],
)
def test_lists_hold_what_they_are_called(circle, anna, bram, as_, state, titles):
    make.question(circle, by=anna, title="Open?")
    make.answer(make.question(circle, by=anna, title="Answered?"), by=bram)
    make.question(circle, by=anna, title="Solved?", state="closed")
    make.question(circle, by=bram, title="Mine?")
    page = text(as_(bram).get(url(circle), {"state": state}))
    assert set(shown(page)) == titles


def test_pages_of_a_list_show_every_question_once(circle, anna, bram, as_):
    for number in range(45):
        make.question(circle, by=anna, title=f"Question {number}?")
    seen, address = [], url(circle)
    while address:
        page = text(as_(bram).get(address))
        seen += shown(page)
        address = link(page, "next") and url(circle) + link(page, "next")
    assert len(seen) == len(set(seen)) == 45


def test_newer_leads_back_to_the_first_page(circle, anna, bram, as_):
    for number in range(25):
        make.question(circle, by=anna, title=f"Question {number}?")
    browser = as_(bram)
    first = text(browser.get(url(circle)))
    second = text(browser.get(url(circle) + link(first, "next")))
    back = text(browser.get(url(circle) + link(second, "prev")))
    assert shown(back) == shown(first)


def ask(browser, circle, **typed):
    given = {
        "public_id": public_id(),
        "title": "Splint or screw?",
        "body": "He plays.",
        "need": "opinion",
        "outcome_weeks": "6",
        **typed,
    }
    return browser.post(url(circle, rest="ask/"), given)


def test_a_question_asked_without_javascript_leads_to_its_page(circle, bram, as_):
    response = ask(as_(bram), circle)
    question = Question.objects.get(circle=circle)
    assert response.status_code == 302
    assert response["Location"] == url(circle, question)


def test_a_required_parameter_is_asked_for_beside_its_field(circle, bram, as_):
    parameter = make.parameter(circle, "Side", required=True)
    response = ask(as_(bram), circle, body="Typed with care.")
    assert not Question.objects.filter(circle=circle).exists()
    assert f'id="id_p{parameter.pk}-e"' in text(response)
    assert "Typed with care." in text(response)


@pytest.mark.parametrize(
    ("typed", "kept"), [("22,5", "22.5 %"), ("unknown", "unknown"), ("onbekend", "unknown")]
)
def test_a_number_may_have_a_comma_or_be_unknown(circle, bram, as_, typed, kept):
    loss = make.parameter(circle, "Loss", kind="number", unit="%", minimum=0, maximum=60)
    ask(as_(bram), circle, **{f"p{loss.pk}": typed})
    assert Question.objects.get(circle=circle).parameters[0]["shown"] == kept


@pytest.mark.parametrize("typed", ["61", "-1", "many", "nan", "1e400"])
def test_a_number_outside_its_bounds_is_refused_with_the_bounds(circle, bram, as_, typed):
    bram.language = "en"
    bram.save()
    loss = make.parameter(circle, "Loss", kind="number", minimum=0, maximum=60)
    response = ask(as_(bram), circle, **{f"p{loss.pk}": typed})
    assert "Enter a number from 0 to 60" in text(response)


def test_a_preview_posts_nothing(circle, bram, as_):
    response = ask(as_(bram), circle, body="He **plays**.", preview="1")
    assert "<strong>plays</strong>" in text(response)
    assert not Question.objects.filter(circle=circle).exists()


def test_unstorable_characters_are_no_error(circle, bram, as_):
    ask(as_(bram), circle, body="He\x00 plays.")
    assert Question.objects.get(circle=circle).body == "He plays."


def test_the_page_names_people_by_their_profile(question, circle, bram, as_):
    assert "Anna de Vries" in text(as_(bram).get(url(circle, question)))


def test_the_page_costs_the_same_with_three_answers_and_three_hundred(
    question, circle, anna, bram, as_, queries
):
    read = partial(as_(bram).get, url(circle, question))
    for _ in range(3):
        make.comment(question, by=anna, answer=make.answer(question, by=anna))
    for_three = queries(read)
    for _ in range(297):
        make.answer(question, by=anna)
    assert queries(read) == for_three <= 12


def test_a_list_costs_the_same_for_one_question_and_twenty(circle, anna, bram, as_, queries):
    read = partial(as_(bram).get, url(circle))
    make.question(circle, by=anna)
    for_one = queries(read)
    for _ in range(19):
        make.question(circle, by=anna)
    assert queries(read) == for_one <= 12


def test_home_and_search_stay_within_twelve_queries(question, circle, bram, as_, queries):
    browser = as_(bram)
    assert queries(partial(browser.get, "/")) <= 12
    assert queries(partial(browser.get, "/search/?q=splint")) <= 12


def test_opening_a_page_marks_nothing_read(question, circle, bram, as_):
    as_(bram).get(url(circle, question))
    assert not Mark.objects.exists()


@pytest.mark.parametrize("under", [False, True])
def test_the_form_of_a_remark_comes_where_it_is_wanted(question, circle, anna, bram, as_, under):
    answer = make.answer(question, by=anna)
    place = f"a/{answer.public_id}/comments/" if under else "comments/"
    field = f'id="remark-{answer.public_id if under else "q"}"'
    browser = as_(bram)
    assert field not in text(browser.get(url(circle, question)))
    page = text(browser.get(url(circle, question, place)))
    assert page.count(field) == page.count("<textarea") - 1 == 1  # beside that of an answer
    part = text(browser.get(url(circle, question, place), headers={"HX-Request": "true"}))
    assert field in part
    assert "<html" not in part


def test_reading_is_marked_by_its_own_post(question, circle, bram, as_):
    script = {"HX-Request": "true"}
    answer = as_(bram).post(url(circle, question, "read/"), headers=script)
    assert answer.status_code == 204
    assert Mark.objects.get().member == bram


def test_what_came_after_the_page_was_made_stays_unread(question, circle, anna, bram, as_):
    browser = as_(anna)
    make.answer(question, by=bram)
    page = text(browser.get(url(circle, question)))
    seen = re.search(r'name="seen" value="([^"]*)"', page)[1]
    make.answer(question, by=bram, body="A second thought.")
    browser.post(url(circle, question, "read/"), {"seen": seen})
    assert "Read and choose" in text(browser.get("/"))


@pytest.mark.parametrize("seen", ["", "yesterday", "2999-01-01T00:00:00.000000+00:00"])
def test_a_strange_moment_counts_as_now(question, circle, bram, as_, seen):
    as_(bram).post(url(circle, question, "read/"), {"seen": seen})
    assert Mark.objects.get().read_at <= timezone.now()


def test_an_answer_without_javascript_leads_back_to_itself(question, circle, bram, as_):
    response = as_(bram).post(url(circle, question, "answers/"), {"body": "Splint."})
    answer = question.answers.get()
    assert response["Location"] == url(circle, question) + f"#a-{answer.public_id}"


def test_an_empty_answer_gets_its_sentence_beside_the_field(question, circle, bram, as_):
    response = as_(bram).post(url(circle, question, "answers/"), {"body": " "})
    assert 'id="answer_body-e"' in text(response)


def test_with_htmx_only_the_thread_comes_back(question, circle, bram, as_):
    response = as_(bram).post(
        url(circle, question, "answers/"), {"body": ""}, headers={"HX-Request": "true"}
    )
    assert text(response).lstrip().startswith('<div id="thread">')
    assert "HX-Request" in response["Vary"]


def test_the_asker_chooses_the_answer_that_helped(question, circle, anna, bram, as_):
    answer = make.answer(question, by=bram)
    as_(anna).post(url(circle, question, f"a/{answer.public_id}/accept/"))
    question.refresh_from_db()
    assert question.accepted_answer_id == answer.pk


def test_another_member_cannot_choose(question, circle, bram, as_):
    answer = make.answer(question, by=bram)
    response = as_(bram).post(url(circle, question, f"a/{answer.public_id}/accept/"))
    question.refresh_from_db()
    assert (response.status_code, question.accepted_answer_id) == (404, None)


def test_somebody_else_s_words_cannot_be_changed(question, circle, bram, as_):
    assert as_(bram).get(url(circle, question, "edit/")).status_code == 404


def test_in_a_sensitive_circle_the_browser_s_history_says_nothing(circle, anna, bram, as_):
    circle.sensitivity = "sensitive"
    circle.save()
    question = make.question(circle, by=anna, title="Splint or screw?")
    title = text(as_(bram).get(url(circle, question))).split("<title>")[1].split("</title>")[0]
    assert "Splint" not in title


def test_home_ends(circle, bram, as_):
    bram.language = "en"
    bram.save()
    assert "That is all. You are up to date." in text(as_(bram).get("/"))


def test_home_offers_what_a_colleague_asked_until_it_is_set_aside(question, circle, bram, as_):
    browser = as_(bram)
    assert "Splint or screw?" in text(browser.get("/"))
    browser.post(url(circle, question, "aside/"))
    assert "Splint or screw?" not in text(browser.get("/"))


def test_home_tells_the_asker_of_answers_until_read(question, circle, anna, bram, as_):
    make.answer(question, by=bram)
    browser = as_(anna)
    assert "Read and choose" in text(browser.get("/"))
    browser.post(url(circle, question, "read/"))
    assert "Read and choose" not in text(browser.get("/"))


def test_home_asks_vetters_for_their_vote(circle, vera, bram, as_):
    make.application(circle)
    asked = "One application waits for your vote"
    assert asked in text(as_(vera).get("/"))
    assert asked not in text(as_(bram).get("/"))


def test_a_search_without_hits_offers_to_ask(circle, bram, as_):
    page = text(as_(bram).get("/search/", {"q": "tendinopathy & <b>"}))
    assert f"{url(circle, rest='ask/')}?title=tendinopathy%20%26%20%3Cb%3E" in page


def test_search_finds_nothing_of_another_circle(circle, elsewhere, bram, as_):
    page = text(as_(bram).get("/search/", {"q": "keepers", "circle": elsewhere.public_id}))
    assert "Only" not in page


def test_nothing_signed_in_is_kept_in_a_cache(question, circle, bram, as_):
    response = as_(bram).get(url(circle, question))
    assert response["Cache-Control"] == "private, no-store"


def area(page: str) -> str:
    return re.search(r"<textarea.*?</textarea>", page, re.DOTALL)[0]


def test_the_empty_field_is_kept_and_never_what_was_typed(question, circle, bram, as_):
    first = text(as_(bram).get(url(circle, question)))
    typed = {"body": "Mine alone.", "preview": "1"}
    assert "Mine alone." in area(text(as_(bram).post(url(circle, question, "answers/"), typed)))
    again = text(as_(bram).get(url(circle, question)))
    assert area(again) == area(first)
    assert "Mine alone." not in again


def test_the_kept_field_speaks_the_reader_s_language_and_asks_their_circle(
    question, circle, elsewhere, carla, bram, as_
):
    other = make.question(elsewhere, by=carla)
    pages = [
        text(as_(bram).get(url(circle, question))),
        text(as_(carla).get(url(elsewhere, other))),
    ]
    for page, own, not_own in zip(pages, (circle, elsewhere), (elsewhere, circle), strict=True):
        assert url(own, rest="preview/") in page
        assert not_own.public_id not in page
    bram.language = "en"
    bram.save()
    assert "Write what you would do" in text(as_(bram).get(url(circle, question)))
