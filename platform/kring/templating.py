"""How a page is drawn: Jinja2, and what our templates may call.

Templates draw; they ask nothing. There is one environment a language, so a sentence without
variables is translated once, when its template is compiled. What is not there shows as nothing, as
somebody without a title does. The text parts of letters (`.txt`) are not escaped.
"""

from functools import cache, partial

from django.conf import settings
from django.template import defaultfilters
from django.template.backends import jinja2 as backend
from django.templatetags.static import static
from django.urls import NoReverseMatch, reverse
from django.utils import translation
from django.utils.safestring import SafeString
from django_htmx.jinja import htmx_script
from jinja2 import ChainableUndefined, Environment, nodes, select_autoescape
from jinja2.visitor import NodeTransformer

from kring import tags


class Pages(backend.Jinja2):
    """The templates, in the language of whoever reads."""

    @property
    def env(self) -> Environment:
        return self._of.get(translation.get_language()) or self._of[settings.LANGUAGE_CODE]

    @env.setter
    def env(self, made: "InLanguage") -> None:
        self._of = {code: made.spoken(code) for code, _name in settings.LANGUAGES}


class Nothing(ChainableUndefined):
    """What is not there: nothing, whatever is asked of it."""

    __slots__ = ()

    def __call__(self, *_args, **_kwargs) -> "Nothing":
        return self


class InLanguage(Environment):
    """Templates whose constant sentences are in one language."""

    language = settings.LANGUAGE_CODE

    def spoken(self, language: str) -> "InLanguage":
        """The same templates in another language."""
        made = self.overlay()
        made.language = language
        made.globals = {**self.globals, "LANGUAGE_CODE": language}
        made.filters = {**self.filters, "moment": partial(tags.moment, language=language)}
        return made

    def _parse(self, source: str, name: str | None, filename: str | None) -> nodes.Template:
        with translation.override(self.language):
            return _Translating().visit(super()._parse(source, name, filename))


class _Translating(NodeTransformer):
    """Put the translation in the place of each sentence that stands in the template itself.

    `_("…")` is a sentence as it is; what {% trans %} made of its words has places for variables.
    """

    def visit_Call(self, node: nodes.Call) -> nodes.Node:
        self.generic_visit(node)
        name = node.node.name if isinstance(node.node, nodes.Name) else ""
        plain = all(isinstance(arg, nodes.Const) for arg in node.args)
        if name not in _SPEAK or not plain or node.dyn_args or node.dyn_kwargs:
            return node
        said = _SPEAK[name](*(arg.value for arg in node.args))
        sentence = nodes.MarkSafeIfAutoescape(nodes.Const(said, lineno=node.lineno))
        if name == "_":
            return sentence
        given = [nodes.Pair(nodes.Const(pair.key), pair.value) for pair in node.kwargs]
        return nodes.Mod(sentence, nodes.Dict(given)) if given or "%" in said else sentence


_SPEAK = {
    "_": translation.gettext,
    "gettext": translation.gettext,
    "pgettext": translation.pgettext,
}


def engine(**options) -> InLanguage:
    """Return what draws all templates, as Django asks for them."""
    made = InLanguage(
        **options
        | {
            "autoescape": select_autoescape(disabled_extensions=("txt",), default=True),
            "extensions": ["jinja2.ext.i18n"],
            "keep_trailing_newline": True,
            "undefined": Nothing,
        }
    )
    made.install_gettext_callables(
        translation.gettext,
        translation.ngettext,
        newstyle=True,
        pgettext=translation.pgettext,
        npgettext=translation.npgettext,
    )
    made.globals |= {
        "LANGUAGES": settings.LANGUAGES,
        "choice": tags.choice,
        "field": tags.field,
        "htmx_script": htmx_script,
        "labels": tags.labels,
        "now": tags.now,
        "rings": tags.rings,
        "seats": tags.seats,
        "static": _static,
        "url_for": url_for,
    }
    made.filters |= {
        "ago": tags.ago,
        "capfirst": defaultfilters.capfirst,
        "clock": tags.clock,
        "date": tags.date_as,
        "day": tags.day,
        "default_if_none": defaultfilters.default_if_none,
        "euros": tags.euros,
        "filesizeformat": defaultfilters.filesizeformat,
        "floatformat": defaultfilters.floatformat,
        "json_script": defaultfilters.json_script,
        "language_name_local": tags.language_name_local,
        "lasting": tags.lasting,
        "letter_kind": tags.letter_kind,
        "letter_reason": tags.letter_reason,
        "linebreaksbr": defaultfilters.linebreaksbr,
        "stringformat": defaultfilters.stringformat,
        "urlencode": defaultfilters.urlencode,
        "urlize": defaultfilters.urlize,
        "words": tags.words,
        "written": tags.written,
    }
    return made


# --- addresses ----------------------------------------------------------------------------
@cache
def _static(path: str) -> str:
    """The address of a file the browser fetches; its name stays while we run."""
    return static(path)


def url_for(view: str, *names) -> SafeString:
    """The address of a view. With random names only, it is put together once a view."""
    shape = _shape(view, len(names))
    if shape is None or not all(map(_is_plain, names)):
        return SafeString(reverse(view, args=names))
    return SafeString(shape.format(*names))


def _is_plain(name) -> bool:
    return type(name) is str and name.isascii() and name.isalnum()


@cache
def _shape(view: str, count: int) -> str | None:
    """The address of a view with a place for each name; None when not any name would do."""
    marks = [f"{place}plain{place}name" for place in range(count)]
    try:
        shape = reverse(view, args=marks)
    except NoReverseMatch:
        return None
    if ":" in view or "{" in shape or "}" in shape:
        return None
    for place, mark in enumerate(marks):
        shape = shape.replace(mark, f"{{{place}}}")
    return shape
