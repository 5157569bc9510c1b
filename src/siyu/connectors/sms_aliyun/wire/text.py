"""What a message will say, and whether it may be sent so: before Aliyun bills another text."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from typing import NamedTuple

from siyu.connectors.sms_aliyun.config import LONGEST, VARIABLE, Config, Template
from siyu.content.render import one_line
from siyu.kernel.sentence import Sentence

ALONE, EACH = 70, 67  # characters of one segment, and of each of several
_SHOWN = 16  # characters of an approved text that a reason repeats
# An address as people write it: with a scheme, with www, or a domain and a slash.
_LINK = re.compile(
    r"https?:|weixin:|www\.|[a-z0-9-]+\.(?:com|cn|net|org|top|link|io|cc|me|vip|shop|xyz)\b|"
    r"[a-z0-9-]+\.[a-z]{2,}/",
    re.IGNORECASE,
)
_PHONE = re.compile(r"(?:\+?86|0086)?(1\d{10})")
STATE = "STATE"  # in a look at a template: a link's code
_SLOT = re.compile(r"\{\{\s*(\w+)\s*\}\}")
_BREAK = re.compile(r"[\W_]+")


class Filled(NamedTuple):
    """A template with a message's values: what is sent, what it says, what it is billed by."""

    template: Template
    values: Mapping[str, str]
    text: str

    @property
    def segments(self) -> int:
        return segments(self.text)

    def __repr__(self) -> str:
        return f"Filled({self.template.code})"


def segments(text: str) -> int:
    """As Aliyun counts: every character is one, the signature among them.

    >>> [segments("面" * length) for length in (1, 70, 71, 134, 135)]
    [1, 1, 2, 2, 3]
    """
    return 1 if len(text) <= ALONE else -(-len(text) // EACH)


def mainland(phone: str) -> str:
    """Eleven digits, as Aliyun knows a number of the mainland; empty if it is none.

    >>> mainland("+8613800138000"), mainland("+85251234567")
    ('13800138000', '')
    """
    found = _PHONE.fullmatch(phone)
    return found.group(1) if found else ""


def opts_out(words: Iterable[str], content: str) -> bool:
    """Whether a reply says nothing but that no more is wanted.

    >>> [opts_out(("R", "TD"), said) for said in ("ｒ", " “ＴＤ”。", "TD R", "R u there")]
    [True, True, True, False]
    """
    known = {unicodedata.normalize("NFKC", word).upper() for word in words}
    said = unicodedata.normalize("NFKC", content).upper()
    parts = [part for part in _BREAK.split(said) if part]
    return bool(parts) and all(part in known for part in parts)


def fill(config: Config, template: Template, values: Mapping[str, str]) -> Filled | Sentence:
    """The whole text with its signature; a sentence says why it must not be sent."""
    wanted = template.variables
    missing = [name for name in wanted if not values.get(name)]
    if missing:
        names = ", ".join(missing)
        return Sentence(
            f"template {template.code} wants {names}, which this message does not have",
            f"模板 {template.code} 需要变量 {names}，这条消息里没有",
        )
    given = {name: one_line(values[name]) for name in wanted}
    linked = [name for name, value in given.items() if _LINK.search(value)]
    if linked and not template.urls:
        names = ", ".join(linked)
        return Sentence(
            f"the variable {names} of template {template.code} holds a link, which Aliyun allows"
            " only where it was approved: put the domain into the template",
            f"模板 {template.code} 的变量 {names} 含链接，未经批准不能发送：请把域名写进模板",
        )
    body = VARIABLE.sub(lambda name: given[name.group(1)], template.text)
    return Filled(template, given, f"【{config.sign_name}】{body}")


def unfit(config: Config, filled: Filled) -> Sentence | None:
    """Why this text must not be sent, whatever we wanted to say."""
    template = filled.template
    if not config.sign_name:
        return Sentence("there is no signature: set sign_name", "没有签名：请设置 sign_name")
    if template.kind == "promotion" and not filled.text.endswith(config.opt_out_text):
        return Sentence(
            f"template {template.code} is a promotion and does not end with the opt-out text",
            f"模板 {template.code} 是推广短信，结尾没有退订语",
        )
    if len(filled.text) > LONGEST:
        return Sentence(
            f"the text has {len(filled.text)} characters; {LONGEST} is the most",
            f"短信有 {len(filled.text)} 个字，最多 {LONGEST} 个",
        )
    return None


def difference(config: Config, filled: Filled, text: str) -> Sentence | None:
    """Where our text leaves the filled template, in words of the template alone: they were
    approved, so they name nobody."""
    if filled.text == text:
        return None
    code, at = filled.template.code, 0
    for piece, name in _pieces(config, filled):
        if text.startswith(piece, at):
            at += len(piece)
            continue
        if name:
            return Sentence(
                f"the text is not that of template {code}: it has no {name} where one belongs",
                f"文案与模板 {code} 不一致：该有变量 {name} 的地方不是它",
            )
        same = next(n for n in range(len(piece) + 1) if not text.startswith(piece[: n + 1], at))
        words = piece[same : same + _SHOWN]
        return Sentence(
            f"the text is not that of template {code}: it lacks “{words}”",
            f"文案与模板 {code} 不一致：缺少“{words}”",
        )
    return Sentence(
        f"the text is not that of template {code}: it goes on after its end, by"
        f" {len(text) - at} characters",
        f"文案与模板 {code} 不一致：结尾多出 {len(text) - at} 个字",
    )


def _pieces(config: Config, filled: Filled) -> Iterator[tuple[str, str]]:
    """What the text is made of, in order; with its name, where it is a variable."""
    yield f"【{config.sign_name}】", ""
    for number, part in enumerate(VARIABLE.split(filled.template.text)):
        if number % 2:
            yield filled.values[part], part
        else:
            yield part, ""


def chosen(
    config: Config, material: str, values: Mapping[str, str], text: str
) -> Filled | Sentence:
    """The template that says exactly this; else a sentence of why it can't be sent."""
    standing = [one for one in config.templates if one.material == material]
    if not standing:
        return Sentence(
            f"no approved template stands for the material {material}",
            f"素材 {material} 没有对应的已审核模板",
        )
    complaints: list[Sentence] = []
    for template in standing:
        found = _judged(config, template, values, text)
        if isinstance(found, Filled):
            return found
        complaints.append(found)
    return complaints[0]


def _judged(
    config: Config, template: Template, values: Mapping[str, str], text: str
) -> Filled | Sentence:
    filled = fill(config, template, values)
    if isinstance(filled, Sentence):
        return filled
    return unfit(config, filled) or difference(config, filled, text) or filled


def compared(
    config: Config, template: Template, body: str, values: Mapping[str, str]
) -> Sentence | None:
    """Whether a material's body, with its `{{ slots }}`, is this template; in which words it is
    not. `values` are those that are alike for everybody, such as the brand and `link`."""
    alike = {**values, "state": STATE, "link": values.get("link", "").replace("{state}", STATE)}
    text = _SLOT.sub(lambda slot: alike.get(slot.group(1)) or slot.group(1).upper(), body)
    filled = fill(config, template, {n: alike.get(n) or n.upper() for n in template.variables})
    if isinstance(filled, Sentence):
        return filled
    return unfit(config, filled) or difference(config, filled, text.strip())
