"""What is wrong with a material before anybody reads it, by line; and what could be better."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from jinja2 import TemplateSyntaxError, nodes

from siyu.content.model import BYTES, CHANNELS, LOCALES, LONGEST_TITLE, TYPES, Material
from siyu.content.render import parse, render, segments_of, unusual
from siyu.kernel.errors import Problem
from siyu.kernel.sentence import Sentence

MOST_SEGMENTS = 5
_ALLOWED = (nodes.Template, nodes.Output, nodes.TemplateData, nodes.Name)
_CODE = re.compile(r"[a-z0-9][a-z0-9-]{0,40}")
_NAME = re.compile(r"[a-z][a-z0-9_]{0,40}")
_TAKEN = frozenset({"self"})  # a word of the template language
_UNSTORABLE = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff]")
_READ = frozenset(
    {"sms", "wecom_message", "wecom_welcome", "parcel_insert"}
)  # by customers; scripts are spoken
_SIGNATURE = re.compile(r"【[^【】\n]*[^【】\s][^【】\n]*】")
_OPT_OUT: Mapping[str, tuple[re.Pattern[str], str]] = {
    "zh": (
        re.compile(r"(拒收|退订|回)\s*请?回?复?\s*[“\"']?(TD|[TRN])(?![A-Za-z0-9])", re.IGNORECASE),
        "拒收请回复R",
    ),
    "en": (
        re.compile(r"\b(reply|text|send)\s+[“\"']?stop\b", re.IGNORECASE),
        "Reply STOP to opt out",
    ),
}
# Values of usual length, by language: what an SMS is going to take.
_LINK = "https://s.example.com/a1b2c3"
_USUAL: Mapping[str, Mapping[str, str]] = {
    "zh": {"text": "示例文字", "money": "¥15", "link": _LINK, "code": "A1B2C3"},
    "en": {"text": "some words", "money": "£3.40", "link": _LINK, "code": "A1B2C3"},
}


class Checked(NamedTuple):
    """`problems` keep a material from being installed, `advice` does not."""

    problems: tuple[Problem, ...]
    advice: tuple[Problem, ...]


def check(material: Material) -> Checked:
    """Everything that can be said of a material without a customer."""
    where = f"{material.code}.{material.locale}"
    problems = [*_form(material, where), *_variables(material, where)]
    if problems:
        return Checked(tuple(problems), ())
    problems = [*_template(material, where)]
    if not problems and material.channel == "sms":
        problems = [*_sms(material, where)]
    if not problems and material.channel in BYTES:
        problems = [*_bytes(material, where)]
    return Checked(tuple(problems), tuple(_advice(material, where)) if not problems else ())


def twice(materials: Sequence[Material]) -> Iterator[Problem]:
    """The same code and language more than once: nobody could say which one is meant."""
    counted = Counter((one.code, one.locale) for one in materials)
    for (code, locale), times in counted.items():
        if times > 1:
            yield Problem(
                f"{code}.{locale}",
                Sentence(
                    f"is there {times} times; a code names one text",
                    f"出现了 {times} 次；一个编码只对应一个文本",
                ),
            )


def _form(material: Material, where: str) -> Iterator[Problem]:
    if not _CODE.fullmatch(material.code):
        yield Problem(
            where,
            Sentence(
                "a code has small letters, digits and hyphens, at most 41",
                "编码由小写字母、数字和连字符组成，最多 41 个",
            ),
        )
    if material.locale not in LOCALES:
        yield Problem(
            where,
            Sentence(
                f"{material.locale!r} is no language of ours; write zh or en",
                f"{material.locale!r} 不是 Siyu 的语言；请写 zh 或 en",
            ),
        )
    if material.channel not in CHANNELS:
        known = ", ".join(CHANNELS)
        yield Problem(
            where,
            Sentence(
                f"{material.channel!r} is no channel; known are {known}",
                f"{material.channel!r} 不是触点；可用的有 {known}",
            ),
        )
    elif len(material.body) > CHANNELS[material.channel]:
        most = CHANNELS[material.channel]
        yield Problem(
            where, Sentence(f"the text is longer than {most} characters", f"文本超过 {most} 个字符")
        )
    if not material.body.strip():
        yield Problem(where, Sentence("the text is empty", "文本是空的"))
    if len(material.title) > LONGEST_TITLE:
        yield Problem(
            where,
            Sentence(
                f"the title is longer than {LONGEST_TITLE} characters",
                f"标题超过 {LONGEST_TITLE} 个字符",
            ),
        )
    for part in (material.body, material.title):
        if found := _UNSTORABLE.search(part):
            line = part.count("\n", 0, found.start()) + 1
            yield Problem(where, Sentence("there is a control character", "含有控制字符"), line)


def _variables(material: Material, where: str) -> Iterator[Problem]:
    for name, kind in material.variables.items():
        place = f"{where}.variables.{name}"
        if not _NAME.fullmatch(name) or name in _TAKEN:
            yield Problem(
                place,
                Sentence(
                    "a name has small letters, digits and underscores; not `self`",
                    "名称由小写字母、数字和下划线组成；不能是 `self`",
                ),
            )
        if kind not in TYPES:
            yield Problem(
                place,
                Sentence(
                    f"{kind!r} is no type; known are {', '.join(TYPES)}",
                    f"{kind!r} 不是类型；可用的有 {', '.join(TYPES)}",
                ),
            )


def _template(material: Material, where: str) -> Iterator[Problem]:
    try:
        tree = parse(material.body)
    except TemplateSyntaxError as error:
        yield Problem(
            where,
            Sentence(f"not a template: {error.message}", f"不是模板：{error.message}"),
            error.lineno,
        )
        return
    except RecursionError:
        yield Problem(where, Sentence("not a template: nested too deeply", "不是模板：嵌套太深"), 1)
        return
    strange = next((n for n in _walk(tree) if not isinstance(n, _ALLOWED)), None)
    if strange is not None:
        what = type(strange).__name__.lower()
        yield Problem(
            where,
            Sentence(
                f"only {{{{ name }}}} can be used here, no {what}",
                f"这里只能用 {{{{ name }}}}，不能用 {what}",
            ),
            strange.lineno,
        )
        return
    used: dict[str, int] = {}
    for node in tree.find_all(nodes.Name):
        used.setdefault(node.name, node.lineno)
    for name in sorted(used.keys() - material.variables.keys()):
        yield Problem(
            where,
            Sentence(
                f"{{{{ {name} }}}} is not among the variables", f"{{{{ {name} }}}} 不在变量之中"
            ),
            used[name],
        )
    for name in sorted(material.variables.keys() - used.keys()):
        # the same variables serve both languages; a link that is declared must be said in both
        if material.variables[name] == "link":
            yield Problem(
                where,
                Sentence(
                    f"the link {name!r} is declared but not in the text",
                    f"声明了链接 {name!r}，但文本里没有",
                ),
            )


def _walk(node: nodes.Node) -> Iterator[nodes.Node]:
    yield node
    for child in node.iter_child_nodes():
        yield from _walk(child)


def _sms(material: Material, where: str) -> Iterator[Problem]:
    if material.locale == "zh" and not _SIGNATURE.match(material.body):
        yield Problem(
            where,
            Sentence(
                "an SMS begins with the brand's signature: 【{{ brand }}】",
                "短信以品牌签名开头：【{{ brand }}】",
            ),
            1,
        )
    count = segments_of(_usual(material))
    if count > MOST_SEGMENTS:
        yield Problem(
            where,
            Sentence(
                f"takes about {count} SMS segments, more than {MOST_SEGMENTS}",
                f"约占 {count} 条短信，超过 {MOST_SEGMENTS} 条",
            ),
        )


def _bytes(material: Material, where: str) -> Iterator[Problem]:
    most, found = BYTES[material.channel], len(_usual(material).encode())
    if found > most:
        yield Problem(
            where,
            Sentence(
                f"takes about {found:,} bytes filled in; WeCom takes {most:,}",
                f"填好后约 {found:,} 字节；企业微信最多 {most:,} 字节",
            ),
        )


def _usual(material: Material) -> str:
    """About the text that is going out."""
    usual = _USUAL[material.locale]
    return render(material, {name: usual[kind] for name, kind in material.variables.items()})


def _advice(material: Material, where: str) -> Iterator[Problem]:
    if material.channel == "sms":
        # Whether it is asked for hangs on the purpose, and only the step that sends it knows that.
        pattern, words = _OPT_OUT[material.locale]
        if not pattern.search(material.body):
            yield Problem(
                where,
                Sentence(
                    f"says nothing of opting out; many carriers want “{words}”",
                    f"没有说明如何退订；许多运营商要求写“{words}”",
                ),
            )
        odd = unusual(_usual(material)) if material.locale == "en" else ""
        if odd:
            yield Problem(
                where,
                Sentence(
                    f"{odd} makes every SMS segment 70 characters long, not 160",
                    f"{odd} 会使每条短信只有 70 个字符，而不是 160 个",
                ),
            )
    worth = [name for name, kind in material.variables.items() if kind == "money"]
    if material.channel in _READ and worth and not _seen_first(material.body, worth):
        yield Problem(
            where,
            Sentence(
                "the benefit stands late; people read the first line",
                "利益点太靠后；人们只看第一行",
            ),
            1,
        )


def _seen_first(body: str, names: Sequence[str]) -> bool:
    first = body.strip().splitlines()[0]
    return any(name in first[: max(60, len(first) // 2)] for name in names)
