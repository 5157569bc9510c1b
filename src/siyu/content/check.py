"""What is wrong with a material before anybody reads it, by line; and what could be better."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from jinja2 import Environment, TemplateSyntaxError, nodes

from siyu.content.model import LOCALES, LONGEST, TYPES, Material
from siyu.content.render import segments_of
from siyu.kernel.errors import Problem

_PARSER = Environment(autoescape=False)  # noqa: S701 - only parses
_ALLOWED = (nodes.Template, nodes.Output, nodes.TemplateData, nodes.Name)
MOST_SEGMENTS = 5
_OPT_OUT = {"zh": ("拒收", "退订"), "en": ("stop",)}


class Checked(NamedTuple):
    """`problems` keep a material from being installed, `advice` does not."""

    problems: tuple[Problem, ...]
    advice: tuple[Problem, ...]


def check(material: Material) -> Checked:
    """Everything that can be said of a material without a customer."""
    where = f"{material.code}.{material.locale}"
    problems = [*_form(material, where)]
    if problems:
        return Checked(tuple(problems), ())
    problems = [*_template(material, where)]
    if not problems and material.channel == "sms":
        problems = [*_sms(material, where)]
    return Checked(tuple(problems), tuple(_advice(material, where)) if not problems else ())


def _form(material: Material, where: str) -> Iterator[Problem]:
    if material.locale not in LOCALES:
        yield Problem(where, f"{material.locale!r} is no language of ours; write zh or en")
    if not material.body.strip():
        yield Problem(where, "the text is empty")
    if len(material.body) > LONGEST:
        yield Problem(where, f"the text is longer than {LONGEST} characters")
    for name, kind in material.variables.items():
        if kind not in TYPES:
            known = ", ".join(TYPES)
            yield Problem(f"{where}.variables.{name}", f"{kind!r} is no type; known are {known}")


def _template(material: Material, where: str) -> Iterator[Problem]:
    try:
        tree = _PARSER.parse(material.body)
    except TemplateSyntaxError as error:
        yield Problem(where, f"not a template: {error.message}", error.lineno)
        return
    strange = next((n for n in _walk(tree) if not isinstance(n, _ALLOWED)), None)
    if strange is not None:
        yield Problem(
            where,
            f"only {{{{ name }}}} can be used here, no {type(strange).__name__.lower()}",
            strange.lineno,
        )
        return
    used = {node.name: node.lineno for node in tree.find_all(nodes.Name)}
    for name in sorted(used.keys() - material.variables.keys()):
        yield Problem(where, f"{{{{ {name} }}}} is not among the variables", used[name])
    for name in sorted(material.variables.keys() - used.keys()):
        # the same variables serve both languages; a link that is declared must be said in both
        if material.variables[name] == "link":
            yield Problem(where, f"the link {name!r} is declared but not in the text")


def _walk(node: nodes.Node) -> Iterator[nodes.Node]:
    yield node
    for child in node.iter_child_nodes():
        yield from _walk(child)


def _sms(material: Material, where: str) -> Iterator[Problem]:
    if material.locale == "zh" and not material.body.startswith("【"):
        yield Problem(where, "an SMS begins with the brand's signature: 【{{ brand }}】", 1)
    if segments_of(material.body) > MOST_SEGMENTS:
        yield Problem(where, f"longer than {MOST_SEGMENTS} SMS segments")


def _advice(material: Material, where: str) -> Iterator[Problem]:
    if material.channel == "sms":
        words = _OPT_OUT[material.locale]
        if not any(word in material.body.lower() for word in words):
            yield Problem(where, f"says nothing of opting out; many carriers want “{words[0]}”")
    first = material.body.strip().splitlines()[0]
    if "offer_value" in material.variables and "offer_value" not in first[: max(60, len(first) // 2)]:
        yield Problem(where, "the benefit stands late; people read the first line", 1)
