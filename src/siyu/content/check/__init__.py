"""What is wrong with a material before anybody reads it, by line; and what could be better."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from jinja2 import TemplateSyntaxError, nodes

from siyu.content.check.advice import advice
from siyu.content.check.kinds import kinds
from siyu.content.check.words import intercepted
from siyu.content.model import (
    BYTES,
    CHANNELS,
    CHILD,
    LOCALES,
    LONGEST_TITLE,
    SAYS_CHILD,
    TYPES,
    Material,
)
from siyu.content.render import parse, segments_of, usual
from siyu.kernel.errors import Problem
from siyu.kernel.sentence import Sentence

MOST_SEGMENTS = 5
_ALLOWED = (nodes.Template, nodes.Output, nodes.TemplateData, nodes.Name)
_CODE = re.compile(r"[a-z0-9][a-z0-9-]{0,40}")
_NAME = re.compile(r"[a-z][a-z0-9_]{0,40}")
_TAKEN = frozenset({"self"})  # a word of the template language
_UNSTORABLE = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff]")
_SIGNATURE = re.compile(r"【[^【】\n]*[^【】\s][^【】\n]*】")


class Checked(NamedTuple):
    """`problems` keep a material from being installed, `advice` does not."""

    problems: tuple[Problem, ...]
    advice: tuple[Problem, ...]


def check(material: Material, words: Mapping[str, bool] | None = None) -> Checked:
    """Everything that can be said of a material without a customer. `words`: what the brand adds
    to the words that carriers intercept (False), or allows (True)."""
    where = material.where
    problems = [*_form(material, where), *_variables(material, where), *kinds(material, where)]
    if problems:
        return Checked(tuple(problems), ())
    problems = [*_template(material, where)]
    if not problems and material.channel == "sms":
        problems = [*_sms(material, where), *intercepted(material, where, words or {})]
    if not problems and material.channel in BYTES:
        problems = [*_bytes(material, where)]
    return Checked(tuple(problems), tuple(advice(material, where)) if not problems else ())


def twice(materials: Sequence[Material]) -> Iterator[Problem]:
    """The same code and language more than once: nobody could say which one is meant."""
    counted = Counter(one.where for one in materials)
    for where, times in counted.items():
        if times > 1:
            yield Problem(
                where,
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
    if not material.body.strip() and material.kind == "text":
        yield Problem(where, Sentence("the text is empty", "文本是空的"))
    if len(material.title) > LONGEST_TITLE:
        yield Problem(
            where,
            Sentence(
                f"the title is longer than {LONGEST_TITLE} characters",
                f"标题超过 {LONGEST_TITLE} 个字符",
            ),
        )
    for part in (material.body, material.title, *material.form.values()):
        if found := _UNSTORABLE.search(part):
            line = part.count("\n", 0, found.start()) + 1
            yield Problem(where, Sentence("there is a control character", "含有控制字符"), line)


def _variables(material: Material, where: str) -> Iterator[Problem]:
    if CHILD in material.variables and material.channel not in SAYS_CHILD:
        only = ", ".join(sorted(SAYS_CHILD))
        yield Problem(
            f"{where}.variables.{CHILD}",
            Sentence(
                f"a child's age is told to its parent alone: only by {only}",
                f"孩子月龄只能对家长本人说：仅限 {only}",
            ),
        )
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
        # the same variables serve both languages; a link that is declared must be said in both,
        # or be in the code of a poster
        if material.variables[name] == "link" and material.kind != "poster":
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
    count = segments_of(usual(material))
    if count > MOST_SEGMENTS:
        yield Problem(
            where,
            Sentence(
                f"takes about {count} SMS segments, more than {MOST_SEGMENTS}",
                f"约占 {count} 条短信，超过 {MOST_SEGMENTS} 条",
            ),
        )


def _bytes(material: Material, where: str) -> Iterator[Problem]:
    most, found = BYTES[material.channel], len(usual(material).encode())
    if found > most:
        yield Problem(
            where,
            Sentence(
                f"takes about {found:,} bytes filled in; WeCom takes {most:,}",
                f"填好后约 {found:,} 字节；企业微信最多 {most:,} 字节",
            ),
        )
