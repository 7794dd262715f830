"""Django's templates, drawn in a third of the time: the same templates, the same output.

A page is hundreds of small lookups, and Django's way through them is general. Here the plain cases
are short: a path through dictionaries and attributes, text that is a string, a constant to
translate, an address made of random names. Whatever is not plain goes Django's own way.
"""

from functools import cache
from html import escape

from django.template import Origin, Template
from django.template.base import (
    FilterExpression,
    Lexer,
    Node,
    NodeList,
    Parser,
    Token,
    Variable,
    VariableNode,
    render_value_in_context,
)
from django.template.context import BaseContext
from django.template.defaulttags import CsrfTokenNode, URLNode
from django.template.loader_tags import IncludeNode, construct_relative_path
from django.template.loaders import base, cached
from django.templatetags.i18n import BlockTranslateNode, TranslateNode
from django.templatetags.static import StaticNode
from django.urls import NoReverseMatch, get_script_prefix, reverse
from django.utils.safestring import SafeData, SafeString, mark_safe
from django.utils.timezone import template_localtime
from django.utils.translation import get_language, gettext, ngettext, npgettext, pgettext

_GENERAL = object()  # not plain: ask Django
_ABSENT = object()  # Django would find nothing either


def _find(context: BaseContext, path: tuple[str, ...]):
    """Follow a path through the context; what is called, indexed or missing is not plain."""
    name = path[0]
    for layer in reversed(context.dicts):
        if name in layer:
            current = layer[name]
            break
    else:
        return _GENERAL if hasattr(context, name) or name.isdigit() else _ABSENT
    if callable(current):
        return _GENERAL
    for bit in path[1:]:
        kind = type(current)
        try:
            if kind is dict:
                current = current[bit]
            elif current is None:
                return _ABSENT
            elif hasattr(kind, "__getitem__"):
                return _GENERAL
            else:
                current = getattr(current, bit)
        except Exception:  # Django knows which of them mean that nothing is there
            return _GENERAL
        if callable(current):
            return _GENERAL
    return current


class Expression(FilterExpression):
    """A value and its filters."""

    __slots__ = ("path", "steps")

    def __init__(self, token: str, parser: Parser):
        super().__init__(token, parser)
        self.path = None
        if self.is_var and self.var.lookups is not None and not self.var.translate:
            self.path = self.var.lookups
        self.steps = [
            (
                func,
                [(lookup, arg if lookup else mark_safe(arg)) for lookup, arg in args],  # noqa: S308
                getattr(func, "expects_localtime", False),
                getattr(func, "needs_autoescape", False),
                getattr(func, "is_safe", False),
            )
            for func, args in self.filters
        ]

    def resolve(self, context: BaseContext, ignore_failures: bool = False):
        if self.path is None:
            return super().resolve(context, ignore_failures)
        value = _find(context, self.path)
        if value is _ABSENT:
            if context.template.engine.string_if_invalid:
                return super().resolve(context, ignore_failures)
            value = None if ignore_failures else ""
        elif value is _GENERAL:
            return super().resolve(context, ignore_failures)
        for func, args, local, escaping, safe in self.steps:
            given = [arg.resolve(context) if lookup else arg for lookup, arg in args]
            if local:
                value = template_localtime(value, context.use_tz)
            how = {"autoescape": context.autoescape} if escaping else {}
            new = func(value, *given, **how)
            value = mark_safe(new) if safe and isinstance(value, SafeData) else new  # noqa: S308
        return value


class Value(VariableNode):
    """A value where it is shown: most are text."""

    def render(self, context: BaseContext) -> str:
        value = self.filter_expression.resolve(context)
        kind = type(value)
        if kind is SafeString:
            return value
        if kind is str:
            return SafeString(escape(value)) if context.autoescape else value
        return render_value_in_context(value, context)


class Translation(TranslateNode):
    """A sentence without variables: looked up once a language."""

    def render(self, context: BaseContext) -> str:
        key = get_language(), context.autoescape
        said = self.said.get(key)
        if said is None:
            shown = super().render(context)
            said = self.said[key] = context[self.asvar] if self.asvar else shown
        if self.asvar:
            context[self.asvar] = said
            return ""
        return said


class Sentence(BlockTranslateNode):
    """A sentence with variables: its message is put together once."""

    def render(self, context: BaseContext, nested: bool = False) -> str:
        if self.asvar or nested:
            return super().render(context, nested)
        given = {name: value.resolve(context) for name, value in self.extra_context.items()}
        words = self.message_context.resolve(context) if self.message_context else None
        (singular, names), many = self.one, self.many
        if many:
            count = given[self.countervar] = self.counter.resolve(context)
            if type(count) is not int:
                return super().render(context)
            plural, more = many
            names = names + more
            said = npgettext(words, singular, plural, count) if words else None
            said = said or ngettext(singular, plural, count)
        else:
            said = pgettext(words, singular) if words else gettext(singular)
        try:
            return said % {name: self._shown(name, given, context) for name in names}
        except (KeyError, ValueError):
            return super().render(context)

    @staticmethod
    def _shown(name: str, given: dict, context: BaseContext) -> str:
        value = given[name] if name in given else context[name]
        if type(value) is str and context.autoescape:
            return escape(value)
        return render_value_in_context(value, context)


class Address(URLNode):
    """An address of random names: put together once, then the names are put in."""

    def render(self, context: BaseContext) -> str:
        names = [name.resolve(context) for name in self.args]
        shape = _shape(self.view_name.var, len(names), get_script_prefix())
        if shape is None or not all(map(_is_plain, names)):
            return super().render(context)
        address = shape.format(*names)
        if self.asvar:
            context[self.asvar] = address
            return ""
        return SafeString(address)


def _is_plain(name) -> bool:
    return type(name) is str and name.isascii() and name.isalnum()


@cache
def _shape(view: str, count: int, prefix: str) -> str | None:
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


class File(StaticNode):
    """A file the browser fetches: its name with its print stays while we run."""

    def render(self, context: BaseContext) -> str:
        if self.said is None:
            self.said = super().render(context)
        return self.said


class Part(IncludeNode):
    """A part with a constant name: found once."""

    def render(self, context: BaseContext) -> str:
        if self.found is None:
            name = construct_relative_path(self.origin.template_name, self.template.var)
            self.found = context.template.engine.get_template(name)
        values = {name: value.resolve(context) for name, value in self.extra_context.items()}
        drawing = context.render_context
        outer, drawing.template = drawing.template, self.found
        drawing.push()
        context.dicts.append(values)
        try:
            return self.found.nodelist.render(context)
        finally:
            context.dicts.pop()
            drawing.pop()
            drawing.template = outer


class Proof(CsrfTokenNode):
    """The proof of a form: one for all forms of a page."""

    def render(self, context: BaseContext) -> str:
        drawn = context.render_context.dicts[0]
        if Proof not in drawn:
            drawn[Proof] = super().render(context)
        return drawn[Proof]


def _quicken(node: Node) -> None:
    """Let a node of Django draw itself the short way, when it is of a plain kind."""
    kind = type(node)
    if kind is VariableNode:
        node.__class__ = Value
    elif kind is CsrfTokenNode:
        node.__class__ = Proof
    elif kind is TranslateNode:
        if _is_constant(node):
            node.__class__, node.said = Translation, {}
        else:
            node.filter_expression.path = None  # what it finds is to be translated
    elif kind is BlockTranslateNode:
        node.__class__ = Sentence
        node.one = node.render_token_list(node.singular)
        plural = node.plural and node.countervar and node.counter
        node.many = node.render_token_list(node.plural) if plural else None
    elif kind is StaticNode and not node.path.is_var and node.varname is None:
        node.__class__, node.said = File, None
    elif kind is IncludeNode and not node.template.is_var and not node.isolated_context:
        node.__class__, node.found = Part, None
    elif kind is URLNode and not node.kwargs and not node.view_name.is_var:
        node.__class__ = Address


def _is_constant(node: TranslateNode) -> bool:
    expression, words = node.filter_expression, node.message_context
    plain = isinstance(expression.var, Variable) and expression.var.lookups is None
    return plain and not expression.filters and (words is None or not words.is_var)


# --- how they come into being -------------------------------------------------------------
class QuickParser(Parser):
    def compile_filter(self, token: str) -> Expression:
        return Expression(token, self)

    def extend_nodelist(self, nodelist: NodeList, node: Node, token: Token) -> None:
        super().extend_nodelist(nodelist, node, token)
        _quicken(node)


class QuickTemplate(Template):
    def compile_nodelist(self) -> NodeList:
        if self.engine.debug:
            return super().compile_nodelist()
        tokens = Lexer(self.source).tokenize()
        engine = self.engine
        parser = QuickParser(
            tokens, engine.template_libraries, engine.template_builtins, self.origin
        )
        return parser.parse()


class _Sources(base.Loader):
    def get_template(self, template_name: str, skip: list[Origin] | None = None) -> Template:
        found = super().get_template(template_name, skip)
        return QuickTemplate(found.source, found.origin, found.name, self.engine)


class Loader(cached.Loader, _Sources):
    """Django's cached loader, whose templates draw themselves quickly."""
