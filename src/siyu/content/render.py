"""A template and its values → the text that somebody reads. Pure; templates can only name values."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache

from jinja2 import StrictUndefined, Template, TemplateError
from jinja2.sandbox import ImmutableSandboxedEnvironment

from siyu.content.model import LONGEST_VALUE, Amount, Material
from siyu.kernel.errors import BadInput
from siyu.kernel.money import show

_ENVIRONMENT = ImmutableSandboxedEnvironment(
    undefined=StrictUndefined,
    autoescape=False,
    keep_trailing_newline=False,
)
_ENVIRONMENT.globals.clear()
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f]")


@lru_cache(1024)
def template(body: str) -> Template:
    """A body made ready once; TemplateError if it is none."""
    return _ENVIRONMENT.from_string(body)


def render(material: Material, values: Mapping[str, str | Amount]) -> str:
    """The text with every declared variable filled in; BadInput names the one that is missing.

    A value is text and nothing else: braces in a customer's name stay braces.
    """
    missing = sorted(set(material.variables) - values.keys())
    if missing:
        raise BadInput(f"material {material.code} needs {', '.join(missing)}")
    given = {name: _plain(values[name]) for name in material.variables}
    try:
        return template(material.body).render(given)
    except TemplateError as error:
        raise BadInput(f"material {material.code} can't be filled in: {error}") from None


def _plain(value: str | Amount) -> str:
    if isinstance(value, Amount):
        return show(value.minor, value.currency).removesuffix(".00")
    return _CONTROL.sub("", value)[:LONGEST_VALUE]


_GSM7 = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿"
    "abcdefghijklmnopqrstuvwxyzäöñüà"
)
_GSM7_DOUBLE = frozenset("^{}\\[~]|€\f")


def segments_of(text: str) -> int:
    """How many SMS segments a text takes (3GPP TS 23.038): what an SMS is billed by.

    Only Latin letters: 160, or 153 each when there are several; anything else 70, or 67.

    >>> segments_of("a" * 160), segments_of("a" * 161), segments_of("面" * 70), segments_of("面" * 71)
    (1, 2, 1, 2)
    """
    if not text:
        return 0
    if all(letter in _GSM7 or letter in _GSM7_DOUBLE for letter in text):
        return _septets(text)
    units = len(text.encode("utf-16-be")) // 2
    return 1 if units <= 70 else -(-units // 67)


def _septets(text: str) -> int:
    length = sum(2 if letter in _GSM7_DOUBLE else 1 for letter in text)
    if length <= 160:
        return 1
    # an escaped letter is never cut in two: it moves to the next segment whole
    count, room = 1, 153
    for letter in text:
        width = 2 if letter in _GSM7_DOUBLE else 1
        if width > room:
            count, room = count + 1, 153
        room -= width
    return count
