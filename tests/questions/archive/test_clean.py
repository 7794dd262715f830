"""What could run, fetch or mislead in an archive is gone when it stands in Kring."""

import re

from questions.models import Answer, Comment, Question
from tests.questions.archive_rows import (
    answer,
    comment,
    question,
)


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
