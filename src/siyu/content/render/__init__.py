"""A template and its values → the text that somebody reads. Pure; templates only name values."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence
from functools import lru_cache

from jinja2 import StrictUndefined, Template, TemplateError, nodes
from jinja2.sandbox import ImmutableSandboxedEnvironment

from siyu.content.model import LONGEST_VALUE, Material
from siyu.kernel.errors import BadInput
from siyu.kernel.sentence import Sentence

_ENVIRONMENT = ImmutableSandboxedEnvironment(
    undefined=StrictUndefined,
    autoescape=False,
    keep_trailing_newline=False,
)
# Whatever could compute: `check` refuses its use, and here there is nothing to be used.
for _tools in ("globals", "filters", "tests"):
    getattr(_ENVIRONMENT, _tools).clear()

# Controls, direction marks, half characters: a value comes from a stranger.
_HIDDEN = frozenset({"Cc", "Cf", "Cs"})
_JOINER = "\u200d"  # holds the parts of an emoji together
_FORMS: Mapping[str, tuple[re.Pattern[str], Sentence]] = {
    "money": (
        re.compile(r"-?[^\s\d]{0,4}\d[\d,]*(\.\d+)?"),
        Sentence("an amount of money", "金额"),
    ),
    # many SMS links are written without their scheme
    "link": (
        re.compile(r"(?:(?:https?|weixin)://\S+|[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+(?::\d+)?/\S*)"),
        Sentence("a link", "链接"),
    ),
    "code": (re.compile(r"\S{1,64}"), Sentence("one word", "一个词")),
}


def parse(body: str) -> nodes.Template:
    """A body's syntax; TemplateSyntaxError has the line."""
    return _ENVIRONMENT.parse(body)


def alike(material: Material, same: frozenset[str]) -> bool:
    """Whether everybody gets the same: it fills in nothing but these values, which are the same for
    all. A link is another one for each, but for that of a code which is everybody's."""
    if material.form.get("same_code"):
        return {one.name for one in parse(material.body).find_all(nodes.Name)} <= same
    return set(material.variables) <= same and not material.links


@lru_cache(1024)
def _template(body: str) -> Template:
    return _ENVIRONMENT.from_string(body)


def render(material: Material, values: Mapping[str, str]) -> str:
    """The text with every declared variable filled in.

    A value is text on one line and nothing else: braces in a customer's name stay braces.
    BadInput names the variable that is missing or of another type, and never shows a value.
    """
    missing = sorted(set(material.variables) - values.keys())
    if missing:
        raise BadInput(
            Sentence(
                f"material {material.code} needs {', '.join(missing)}",
                f"素材 {material.code} 需要 {', '.join(missing)}",
            )
        )
    given = {
        name: _fitting(material.code, name, kind, values[name])
        for name, kind in material.variables.items()
    }
    try:
        return _template(material.body).render(given).strip()
    except TemplateError as error:
        why = Sentence(
            f"material {material.code} can't be filled in: {type(error).__name__}",
            f"素材 {material.code} 无法填充：{type(error).__name__}",
        )
        raise BadInput(why) from None


def _fitting(code: str, name: str, kind: str, value: str) -> str:
    clean = one_line(value)
    if len(clean) > LONGEST_VALUE:
        raise BadInput(
            Sentence(
                f"material {code}: {name} is longer than {LONGEST_VALUE} characters",
                f"素材 {code}：{name} 超过 {LONGEST_VALUE} 个字符",
            )
        )
    if kind in _FORMS:
        form, words = _FORMS[kind]
        if not form.fullmatch(clean):
            raise BadInput(
                Sentence(
                    f"material {code}: {name} is not {words}", f"素材 {code}：{name} 不是{words.zh}"
                )
            )
    return clean


def one_line(value: str) -> str:
    """A value as it is filled in: one line, without what can't be seen."""
    if value.isascii() and value.isprintable():
        return " ".join(value.split())
    kept = (
        " " if unicodedata.category(char) in _HIDDEN and char != _JOINER else char for char in value
    )
    return " ".join("".join(kept).split())


# Values of usual length, by language: what a text is going to take.
_LINK = "https://s.example.com/l/a1b2c3d4e5f6g"
EXAMPLES: Mapping[str, Mapping[str, str]] = {
    "zh": {"text": "示例文字", "money": "¥15", "link": _LINK, "code": "A1B2C3"},
    "en": {"text": "some words", "money": "£3.40", "link": _LINK, "code": "A1B2C3"},
}


def usual(material: Material) -> str:
    """About the text that is going out."""
    values = EXAMPLES[material.locale]
    return render(material, {name: values[kind] for name, kind in material.variables.items()})


# GSM 03.38: one septet each; those of the extension table are two.
_GSM7 = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
_GSM7_DOUBLE = frozenset("^{}\\[~]|€\f")


def unusual(text: str) -> str:
    """The characters of a text that GSM-7 lacks: any one of them makes every segment shorter."""
    return "".join(sorted(set(text) - _GSM7 - _GSM7_DOUBLE))


def segments_of(text: str) -> int:
    """How many SMS segments a text takes (3GPP TS 23.038): what an SMS is billed by.

    Only Latin letters: 160, or 153 each when there are several; anything else 70, or 67. What
    takes two places (`€`, most emoji) is never cut in two: it moves to the next segment whole.

    >>> [segments_of(text) for text in ("a" * 160, "a" * 161, "面" * 70, "面" * 71)]
    [1, 2, 1, 2]
    """
    if unusual(text):
        return _count([2 if ord(letter) > 0xFFFF else 1 for letter in text], 70, 67)
    return _count([2 if letter in _GSM7_DOUBLE else 1 for letter in text], 160, 153)


def _count(widths: Sequence[int], alone: int, each: int) -> int:
    total = sum(widths)
    if total <= alone:
        return min(total, 1)
    count, room = 1, each
    for width in widths:
        if width > room:
            count, room = count + 1, each
        room -= width
    return count
