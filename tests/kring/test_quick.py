"""Quick templates draw what Django draws: each snippet under both, and the product's pages."""

import re
from datetime import UTC, datetime
from decimal import Decimal
from types import SimpleNamespace

import pytest
from django.core.exceptions import ObjectDoesNotExist
from django.template import Context, Engine, engines
from django.template.base import Template
from django.template.context import RequestContext
from django.utils import translation
from django.utils.safestring import mark_safe

from kring.lib.quick import QuickTemplate
from tests import make


class Odd:
    """What templates meet: a property, a method, one with arguments, one that must not run."""

    name = "<b>odd</b>"
    items = (1, 2)

    def called(self):
        return "called & done"

    def needs(self, more):
        return more

    def change(self):
        raise AssertionError("alters data")

    change.alters_data = True

    @property
    def broken(self):
        raise AttributeError("inside")

    @property
    def unseen(self):
        raise ObjectDoesNotExist("a row of somebody else")


class Keyed(dict):
    """A dictionary with attributes, as a form has."""

    errors = "from the attribute"


VALUES = {
    "text": "<i>a & b</i>",
    "safe": mark_safe("<i>a & b</i>"),
    "word": "Circles",
    "number": 12345,
    "amount": Decimal("1234.5"),
    "yes": True,
    "nothing": None,
    "moment": datetime(2026, 11, 22, 23, 30, tzinfo=UTC),
    "row": SimpleNamespace(title="<Title>", circle=SimpleNamespace(name="Kring")),
    "rows": [{"id": "a1"}, {"id": "b2"}],
    "table": {"a": {"b": "<deep>"}, "items": "a key"},
    "keyed": Keyed(body="by key"),
    "odd": Odd(),
    "function": lambda: "<from a function>",
}
SNIPPETS = """
{{ text }}|{{ safe }}|{{ number }}|{{ amount }}|{{ yes }}|{{ nothing }}|{{ moment }}
{{ row.title }}|{{ row.circle.name }}|{{ row.circle.none }}|{{ row.none.name }}|{{ none }}
{{ table.a.b }}|{{ table.items }}|{{ table.none }}|{{ rows.0.id }}|{{ rows.1.id.0 }}|{{ rows.9 }}
{{ keyed.body }}|{{ keyed.errors }}|{{ keyed.none }}|{{ nothing.name }}|{{ text.upper }}
{{ odd.name }}|{{ odd.called }}|{{ odd.needs }}|{{ odd.change }}|{{ odd.items }}|{{ function }}
{{ text|upper }}|{{ safe|upper }}|{{ text|default:"x" }}|{{ none|default:"<x>" }}|{{ 3|add:4 }}
{{ text|join:"-" }}|{{ nothing|default_if_none:text }}|{{ moment|date:"c" }}|{{ moment|day }}
{{ rows|length }}|{{ rows|length|add:1 }}|{{ text|safe }}|{{ "lit<" }}|{{ 1.5 }}|{{ -3 }}
{% if row.none %}a{% elif none.b %}b{% elif odd.called %}c{% endif %}{% if not none %}d{% endif %}
{% for row in rows %}{{ forloop.counter }}{{ row.id }}{% if forloop.last %}.{% endif %}{% endfor %}
{% with a=row.title b=none %}{{ a }}{{ b }}{% endwith %}{% firstof none text %}
{% autoescape off %}{{ text }}{{ number }}{% endautoescape %}
{% translate "Circles" %}|{% translate "Circles" as word %}{{ word }}|{% translate text %}
{% translate "About" context "tab" %}
{% blocktranslate count n=rows|length %}{{ n }} answer{% plural %}{{ n }} answers{% endblocktranslate %}
{% blocktranslate with when=text %}since {{ when }}{% endblocktranslate %}
{% blocktranslate %}Week {{ text }} 100%{% endblocktranslate %}
{% blocktranslate with a=text asvar said %}since {{ a }}{% endblocktranslate %}{{ said }}
{% url 'home' %}|{% url 'question_list' rows.0.id %}|{% url 'question_page' 'abc' "x-y" %}
{% url 'question_list' 'abc' as there %}{{ there }}|{% url 'nowhere' as there %}{{ there }}
{% include "parts/_void.html" with title=text %}{{ title }}|{% include "parts/_rings_open.html" %}
{% static 'icon.svg' %}|{% static 'icon.svg' as file %}{{ file }}|{% include none %}
{{ moment|stamp }}|{{ request }}{{ autoescape }}{{ True }}{{ False }}{{ None }}|{{ odd.broken|default:"x" }}
{{ odd.unseen }}|{{ odd.unseen.name|default:"x" }}|{% if odd.unseen %}a{% else %}b{% endif %}
{% translate word %}|{% translate word|upper %}|{% translate word as said %}{{ said }}
""".strip().splitlines()


@pytest.fixture(params=["nl", "en"])
def language(request):
    with translation.override(request.param):
        yield


def drawn(kind: type[Template], source: str) -> str:
    engine = engines["django"].engine
    try:
        return kind(source, engine=engine).render(Context(dict(VALUES)))
    except Exception as error:
        return repr(error)


@pytest.mark.parametrize("source", SNIPPETS)
def test_a_snippet_is_drawn_as_django_draws_it(source, language):
    expected = drawn(Template, source)
    assert drawn(QuickTemplate, source) == expected
    assert drawn(QuickTemplate, source) == expected


def test_a_constant_speaks_each_language_from_one_template():
    template = QuickTemplate('{% translate "Circles" %}', engine=engines["django"].engine)
    said = []
    for language in ("nl", "en", "nl"):
        with translation.override(language):
            said.append(template.render(Context()))
    assert said == ["Kringen", "Circles", "Kringen"]


def test_a_missing_value_shows_what_the_engine_wants():
    engine = Engine(string_if_invalid="(no %s)")
    source = "{{ none }}{{ row.none }}{{ nothing.x|upper }}{% if none %}x{% endif %}"
    expected = Template(source, engine=engine).render(Context(VALUES))
    assert QuickTemplate(source, engine=engine).render(Context(VALUES)) == expected


def test_all_forms_of_a_page_have_a_proof_and_two_pages_have_two(rf):
    template = QuickTemplate("{% csrf_token %}{% csrf_token %}", engine=engines["django"].engine)
    request = rf.get("/")
    found = [re.findall('value="([^"]+)"', template.render(RequestContext(request))) for _ in "ab"]
    assert [len(proofs) for proofs in found] == [2, 2]
    assert found[0] != found[1]


CHANGING = re.compile(
    r'name="(csrfmiddlewaretoken|public_id|seen)" value="[^"]*"|nonce="[^"]*"|value="[^"]*" id="id_public_id"'
    r'|<input type="hidden" name="(seen|public_id)"[^>]*>'
)


def test_the_pages_are_the_same_under_django_s_own_loader(circle, anna, bram, as_, settings):
    question = make.question(circle, by=bram, title="<Tendon> & co?")
    make.comment(question, by=anna, answer=make.answer(question, by=anna, body="Splint"))
    make.comment(question, by=bram)
    make.application(circle)
    here = f"/c/{circle.public_id}/"
    paths = ["/", here, f"{here}q/{question.public_id}/", f"{here}ask/", f"{here}about/"]
    paths += [f"{here}vetting/", "/search/?q=tendon", "/settings/", "/circles/", "/guide/"]
    browser = as_(anna)
    quick = [CHANGING.sub("", browser.get(path).content.decode()) for path in paths]
    options = {**settings.TEMPLATES[0]["OPTIONS"]}
    options["loaders"] = [("django.template.loaders.cached.Loader", options["loaders"][0][1])]
    settings.TEMPLATES = [{**settings.TEMPLATES[0], "OPTIONS": options}]
    for path, page in zip(paths, quick, strict=True):
        assert CHANGING.sub("", browser.get(path).content.decode()) == page, path
