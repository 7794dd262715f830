"""An archive moves in: whole, once, clean, and without waking anybody."""

import re
from html import escape
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.db import ProgrammingError
from django.db.models import Sum

from circles.models import Membership
from members.models import AuditEntry, Due, Letter, Member, Profile
from questions.archive.move import Watch
from questions.archive.moving_in import move_in
from questions.archive.reading import open_archive
from questions.models import Answer, Comment, Event, ImportedAuthor, Question, Tag
from tests import make

REAL = Path(__file__).parents[2] / "demo" / "ai"  # its README says what it holds
DAY = "2016-08-02T15:39:14.947"


def question(number, title="How?", body="<p>Say how.</p>", **more):
    return {
        "Id": number,
        "PostTypeId": 1,
        "CreationDate": DAY,
        "Title": title,
        "Body": body,
    } | more


def answer(number, to, body="<p>So.</p>", **more):
    return {
        "Id": number,
        "PostTypeId": 2,
        "ParentId": to,
        "CreationDate": DAY,
        "Body": body,
    } | more


def comment(number, on, text="Why?", **more):
    return {"Id": number, "PostId": on, "Text": text, "CreationDate": DAY} | more


@pytest.fixture
def dump(tmp_path):
    """Write a dump of these rows."""

    def write(posts, comments=(), users=()):
        for table, rows in (("posts", posts), ("comments", comments), ("users", users)):
            if rows:
                lines = [f"<row {attributes(row)} />" for row in rows]
                xml = "\n".join([f"<{table}>", *lines, f"</{table}>"])
                (tmp_path / f"{table.title()}.xml").write_text(xml)
        return tmp_path

    return write


def attributes(row):
    return " ".join(f'{name}="{escape(str(value))}"' for name, value in row.items())


@pytest.fixture
def move(circle, anna, house):
    """Move a folder in as anna, as the worker does."""

    def go(folder, site="ai.stackexchange.com", into=circle, by=anna, **options):
        with house():
            return move_in(open_archive(folder, site), into, by, **options)

    return go


@pytest.fixture
def command(house, capsys):
    """Run the command as its operator does; give back what it said."""

    def go(folder, circle, **options):
        with house():
            call_command(
                "import_archive", folder, format="stackexchange", circle=circle, **options
            )
        return capsys.readouterr()

    return go


class Killed(Watch):
    """Stops the import after so many bundles."""

    def __init__(self, after):
        self.left = after

    def moves(self, count):
        self.left -= 1
        if self.left < 0:
            raise KeyboardInterrupt


class Listener(Watch):
    def __init__(self):
        self.said = []

    def left_out(self, file, line, reason):
        self.said.append((file, line, reason))


def everything(circle):
    models = (Question, Answer, Comment, ImportedAuthor, Tag, AuditEntry)
    return [model.objects.filter(circle_id=circle.pk).count() for model in models]


# --- whole ---------------------------------------------------------------------------------


def test_a_real_archive_comes_in_whole(command, circle):
    said = command(REAL, circle.public_id).out
    assert re.search(r"questions +421 +421 +0 +0\n", said)
    assert re.search(r"accepted answers +212 +212 +0 +0\n", said)
    assert everything(circle)[:4] == [421, 749, 1165, 387]


def test_the_triggers_count_answers_that_come_in_bulk(move, circle):
    move(REAL)
    questions = Question.objects.filter(circle=circle)
    assert questions.aggregate(total=Sum("answer_count"))["total"] == 749
    first = questions.get(source_key="ai:q:1")
    texts = [first, *first.answers.all(), *first.comments.all()]
    assert first.last_activity_at == max(text.created_at for text in texts)


def test_what_came_in_can_be_searched(dump, move, circle):
    move(dump([question(1, body="<p>About tendons</p>")]))
    assert Question.objects.filter(circle=circle, search="tendon").exists()


def test_every_text_links_to_its_original_and_its_author(dump, move, circle):
    users = [{"Id": 7, "DisplayName": "Ada"}]
    owner = {"OwnerUserId": 7}
    move(dump([question(1, **owner), answer(2, to=1)], [comment(3, on=2)], users))
    asked = Question.objects.get(circle=circle)
    assert asked.source_url == "https://ai.stackexchange.com/questions/1"
    assert asked.imported_author.name == "Ada"
    assert asked.imported_author.url == "https://ai.stackexchange.com/users/7"
    assert asked.answers.get().source_url == "https://ai.stackexchange.com/a/2"
    remark = Comment.objects.get(circle=circle)
    assert remark.source_url == "https://ai.stackexchange.com/a/2#comment3_2"
    assert (remark.question, remark.answer) == (asked, asked.answers.get())


def test_without_names_an_author_is_a_number(dump, move, circle):
    nameless = question(1, OwnerUserId=21)
    move(dump([nameless, answer(2, to=1, OwnerDisplayName="gone5"), answer(3, to=1)]))
    people = ImportedAuthor.objects.filter(circle=circle).order_by("id").values_list("name", "url")
    page = "https://ai.stackexchange.com/users/21"
    assert list(people) == [("user 21", page), ("gone5", ""), ("deleted user", "")]


@pytest.mark.parametrize(
    ("facts", "state"),
    [
        ({}, "open"),
        ({"AcceptedAnswerId": 2}, "answered"),
        ({"ClosedDate": DAY}, "abandoned"),
        ({"ClosedDate": DAY, "AcceptedAnswerId": 2}, "answered"),
    ],
)
def test_a_question_comes_in_its_state(dump, move, circle, facts, state):
    move(dump([question(1, **facts), answer(2, to=1)]))
    asked = Question.objects.get(circle=circle)
    accepted = asked.answers.get().pk if "AcceptedAnswerId" in facts else None
    assert (asked.state, asked.accepted_answer_id) == (state, accepted)


@pytest.mark.parametrize("tags", ["<a-b><c>", "|a-b|c|"])
def test_tags_come_in_both_ways_of_writing(dump, move, circle, tags):
    move(dump([question(1, Tags=tags)]))
    taggings = Question.objects.get(circle=circle).taggings
    assert sorted(taggings.values_list("tag__name", flat=True)) == ["a-b", "c"]


# --- once ----------------------------------------------------------------------------------


def test_twice_adds_nothing(move, circle):
    move(REAL)
    before = everything(circle)
    again = move(REAL)
    assert everything(circle) == before
    assert (again.moved.total(), again.there["comment"]) == (0, 1165)


@pytest.mark.parametrize("bundles", [2, 5, 9])
def test_a_killed_import_goes_on_where_it_was(move, circle, monkeypatch, bundles):
    monkeypatch.setattr("questions.archive.move.BUNDLE", 200)
    with pytest.raises(KeyboardInterrupt):
        move(REAL, watch=Killed(after=bundles))
    counts = move(REAL)
    assert everything(circle)[:4] == [421, 749, 1165, 387]
    assert counts.there.total() > 0
    answered = Question.objects.filter(circle=circle, state="answered")
    assert answered.count() == 212


def test_a_second_import_leaves_alone_what_an_admin_withdrew(dump, move, circle):
    folder = dump([question(1, AcceptedAnswerId=2), answer(2, to=1)])
    move(folder)
    Question.objects.filter(circle=circle).update(
        state="withdrawn", html="", accepted_answer_id=None
    )
    move(folder)
    asked = Question.objects.get(circle=circle)
    assert (asked.state, asked.html) == ("withdrawn", "")


def test_two_archives_in_one_circle_do_not_mix(dump, move, circle):
    move(dump([question(1)]))
    move(dump([question(1, title="Another?"), answer(2, to=1)]), site="math.stackexchange.com")
    counts = Question.objects.filter(circle=circle).order_by("id").values_list("answer_count")
    assert list(counts) == [(0,), (1,)]


# --- clean ---------------------------------------------------------------------------------


def test_what_could_run_or_fetch_is_gone(dump, move, circle):
    body = (
        "<p onclick='x()'>Kept <strong>words</strong></p><script>alert(1)</script>"
        "<iframe src='https://x.example'></iframe><style>p{}</style>"
        '<a href="javascript:alert(1)">link</a><img src="https://x.example/a.png" alt="figure">'
    )
    move(dump([question(1, body=body), answer(2, to=1, body=body)], [comment(3, 1, body)]))
    for model in (Question, Answer):
        kept = model.objects.get(circle=circle)
        assert "Kept <strong>words</strong>" in kept.html
        assert '<a href="https://x.example/a.png"' in kept.html
        assert not re.search(r"<script|<iframe|<style|<img|javascript:|onclick", kept.html)
        assert kept.body == kept.html
    assert not re.search(r"<script|<iframe|<img", Comment.objects.get(circle=circle).html)


def test_a_link_within_the_site_leads_to_the_site(dump, move, circle):
    body = '<a href="/q/2" title="t">a</a> <a href="//x.example/">b</a> <p>href="/c"</p>'
    move(dump([question(1, body=body)]))
    html = Question.objects.get(circle=circle).html
    assert re.findall(r'<a href="([^"]*)', html) == [
        "https://ai.stackexchange.com/q/2",
        "https://x.example/",
    ]
    assert '<p>href="/c"</p>' in html


def test_a_comment_is_light_markdown(dump, move, circle):
    move(dump([question(1)], [comment(3, 1, "**No**: `x < y` <b>bold</b>")]))
    html = Comment.objects.get(circle=circle).html.strip()
    expected = "<strong>No</strong>: <code>x &lt; y</code> &lt;b&gt;bold&lt;/b&gt;"
    assert html == f"<p>{expected}</p>"


def test_a_title_is_one_decoded_line(dump, move, circle):
    folder = dump([question(1, title="  A&amp;B\n said &quot;no&quot; ")])
    posts = folder / "Posts.xml"
    posts.write_bytes(posts.read_bytes().replace(b"said", b"sa\0i&#x0;d"))
    move(folder)
    assert Question.objects.get(circle=circle).title == 'A&B said "no"'


# --- what cannot come ----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        (question("", title="x"), "it has no Id"),
        (question("seven"), "its Id is 'seven'"),
        (question(3, title=" "), "its title is empty"),
        (question(3, title="t" * 301), "its title has 301 characters; 300 fit"),
        (question(3, body="<script>x</script>"), "its text is empty"),
        (question(3, body="t" * 100_001), "its text has 100001 characters; 100000 fit"),
        (question(3, CreationDate="yesterday"), "its CreationDate is 'yesterday'"),
        (question(3, AcceptedAnswerId=8), "only its accepted answer, which is not there"),
        (
            question(3, Tags=f"<{'t' * 61}>"),
            "only its tag tttttttttttttttttttt…, which is too long",
        ),
        (answer(3, to=9), "its question 9 is not there"),
        (answer(3, to=""), "it has no ParentId"),
        ({"Id": 3, "Body": "x"}, "it has no PostTypeId"),
    ],
)
def test_a_bad_post_is_told_with_its_line_and_left_out(dump, move, circle, row, reason):
    listener = Listener()
    move(dump([question(1), row, answer(2, to=1)]), watch=listener)
    assert listener.said == [("Posts.xml", 3, reason)]
    came = Question.objects.filter(circle=circle).count() + Answer.objects.count()
    assert came == (4 if "only" in reason else 3)  # with the answer among the keepers


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        (comment(3, on=9), "its post 9 is not there"),
        (comment(3, on=1, text=" "), "its text is empty"),
        (comment(3, on=1, CreationDate=""), "it has no CreationDate"),
    ],
)
def test_a_bad_comment_is_told_with_its_line_and_left_out(dump, move, circle, row, reason):
    listener = Listener()
    move(dump([question(1)], [row, comment(4, on=1)]), watch=listener)
    assert listener.said == [("Comments.xml", 2, reason)]
    assert Comment.objects.filter(circle=circle).count() == 1


def test_a_title_of_300_characters_comes(dump, move, circle):
    move(dump([question(1, title=f" {'t' * 300} ")]))
    assert len(Question.objects.get(circle=circle).title) == 300


def test_bad_rows_fail_nothing_unless_nothing_came(dump, command, circle):
    folder = dump([question(1), question(2, title="")])
    said = command(folder, circle.name, site="a.example.org").out
    assert "Posts.xml line 3 left out: its title is empty" in said
    with pytest.raises(CommandError, match=r"Nothing could be moved in\."):
        command(dump([question(2, title="")]), circle.name, site="b.example.org")


# --- without waking anybody ----------------------------------------------------------------


def test_authors_get_no_account_and_nobody_gets_a_letter(move, circle):
    before = Member.objects.count(), Profile.objects.count(), Membership.objects.count()
    move(REAL)
    assert (Member.objects.count(), Profile.objects.count(), Membership.objects.count()) == before
    for silent in (Letter, Due, Event):
        assert not silent.objects.exists()


def test_who_never_wrote_is_not_taken_along(dump, move, circle):
    users = [{"Id": 7, "DisplayName": "Ada"}, {"Id": 8, "DisplayName": "Reader"}]
    move(dump([question(1, OwnerUserId=7)], users=users))
    assert ImportedAuthor.objects.filter(circle=circle).get().name == "Ada"


def test_nothing_comes_into_another_circle(move, elsewhere):
    before = everything(elsewhere)
    move(REAL)
    assert everything(elsewhere) == before


def test_the_audit_says_what_came_and_by_whom(dump, move, circle, anna):
    folder = dump([question(1), answer(2, to=1), question(3, title="")])
    move(folder)
    move(folder)
    line = AuditEntry.objects.get(act="archive.imported")
    assert (line.circle_id, line.by_id) == (circle.pk, anna.pk)
    assert (line.facts["questions"], line.facts["answers"], line.facts["left_out"]) == (1, 1, 1)


@pytest.mark.parametrize("who", ["bram", "vera", "carla"])
def test_the_policies_refuse_whoever_is_no_admin(dump, move, circle, request, who):
    with pytest.raises(ProgrammingError, match="row-level security"):
        move(dump([question(1)]), by=request.getfixturevalue(who))
    assert not Question.objects.filter(circle=circle).exists()


def test_a_dry_run_writes_nothing_and_says_what_would_come(command, circle):
    before = everything(circle)
    said = command(REAL, circle.public_id, dry_run=True).out
    assert re.search(r"answers +749 +749 +0 +0\n", said)
    assert re.search(r"comments +1,165 +1,165 +0 +0\n", said)
    assert re.search(r"accepted answers +212 +212 +0 +0\n", said)
    assert "Nothing was written." in said
    assert everything(circle) == before


# --- the command ---------------------------------------------------------------------------


def test_where_two_circles_share_a_name_their_ids_are_listed(dump, command, circle):
    other = make.circle(circle.name)
    with pytest.raises(CommandError) as refusal:
        command(dump([question(1)]), circle.name)
    assert circle.public_id in str(refusal.value)
    assert other.public_id in str(refusal.value)


@pytest.mark.parametrize("who", ["bram@example.org", "carla@example.org", "nobody@example.org"])
def test_only_an_admin_of_the_circle_is_accepted_as_doer(dump, command, circle, who):
    with pytest.raises(CommandError, match=f"{who} is no active admin of Hand surgeons"):
        command(dump([question(1)]), circle.name, site="a.example.org", by=who)


def test_the_named_admin_does_it(dump, command, circle, eva):
    second = make.member("fenna")
    make.membership(circle, second, role="admin")
    folder = dump([question(1)])
    command(folder, circle.name, site="a.example.org", by="Fenna@example.org")
    assert AuditEntry.objects.get(act="archive.imported").by_id == second.pk


def test_a_circle_without_an_active_admin_takes_nothing_in(dump, command):
    make.circle("Abandoned")
    with pytest.raises(CommandError, match="Nobody is an active admin of Abandoned"):
        command(dump([question(1)]), "Abandoned", site="a.example.org")


def test_the_site_must_be_known(dump, command, circle):
    folder = dump([question(1)])
    with pytest.raises(CommandError, match="--site"):
        command(folder, circle.name)
    (folder / "README.md").write_text("Link: https://a.example.org/questions/ID ; more")
    assert "Of a.example.org, Hand surgeons" in command(folder, circle.name).out


def test_elsewhere_than_on_a_terminal_a_line_tells_every_tenth(command, circle):
    said = command(REAL, circle.name).err
    assert "100 %  2,335 of 2,335 texts" in said
    assert said.count("\n") <= 10
