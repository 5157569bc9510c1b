"""Values of a playbook: what is wrong with them, and texts with `${name}` filled in."""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Iterator, Mapping
from typing import NamedTuple, cast

from siyu.kernel.errors import Problem
from siyu.kernel.money import exponent, show, to_minor
from siyu.kernel.sentence import Sentence, wording
from siyu.kernel.time import duration
from siyu.playbooks.model.settings import WORDS, SettingText, Settled

Wrong = tuple[str, Sentence]  # where, and why
NAMED = re.compile(r"\$\{([^{}\n]*)\}")
_CODE = re.compile(r"[^\s\x00-\x1f\"'`\\{}\[\],#&*!|>%@]{0,60}")
_ADDRESS = re.compile(r"https?://[^\s{}<>\"\\^`|]{1,500}")
_OF_LINES = re.compile(r"[^\x00-\x1f\"\\{}$]{1,60}")
_COUNT = re.compile(r"\d{1,9}")
_SHARE = re.compile(r"0?\.\d{1,6}|[01](\.0*)?|(\d{1,2}(\.\d{1,4})?|100)%")


class _Form(NamedTuple):
    """What a value has to look like, and what it then is."""

    of: re.Pattern[str]
    what: Sentence


_CODES = _Form(_CODE, Sentence("code", "编码"))
_FORMS = {
    "address": _Form(
        _ADDRESS, Sentence("address; write https://… in full", "网址；请完整写出 https://…")
    ),
    "category": _Form(_OF_LINES, Sentence("category of order lines", "订单行的品类")),
    "sku": _Form(_OF_LINES, Sentence("SKU of order lines", "订单行的 SKU")),
}
_BLOCK = re.compile(r"[|>][-+0-9]*\s*(#.*)?$")


def declared(settings: Mapping[str, SettingText]) -> Iterator[Wrong]:
    """What is wrong with values as they are declared."""
    for name, one in settings.items():
        place = f"settings.{name}"
        if (one.type == "choice") is not bool(one.of):
            yield f"{place}.of", Sentence("is said of a choice, and of no other type",
                                          "只用于选项类型，且选项类型必须写")  # fmt: skip
            continue
        for field in ("least", "most"):
            if getattr(one, field) is not None and one.type in WORDS:
                yield f"{place}.{field}", Sentence(f"a {one.type} has no bounds",
                                                   f"{one.type} 没有上下限")  # fmt: skip
        for field in ("default", "least", "most"):
            said = getattr(one, field)
            if said is not None and (why := _misfit(one, said)):
                yield f"{place}.{field}", why


def _misfit(one: SettingText, said: object) -> Sentence | None:
    try:
        if one.type == "money":
            if not isinstance(said, dict) or not said:
                return Sentence('write money by currency, like {CNY: "15.00"}',
                                '金额请按币种写，如 {CNY: "15.00"}')  # fmt: skip
            for currency, amount in cast("dict[str, str]", said).items():
                _amount(str(amount), currency)
        else:
            _measure(one, said)
    except ValueError as error:
        return wording(error)
    return None


def _no_setting(settings: Collection[str]) -> Sentence:
    if not settings:
        return Sentence("there is no such setting; this playbook has none",
                        "没有这项设置；这个打法没有可以设置的")  # fmt: skip
    known = ", ".join(settings)
    return Sentence(f"there is no such setting; there are {known}",
                    f"没有这项设置；可以设置的有 {known}")  # fmt: skip


def settled(
    settings: Mapping[str, SettingText], given: Mapping[str, object], currency: str
) -> tuple[dict[str, Settled], list[Wrong]]:
    """The values: those given, else their defaults; and what is wrong with those given."""
    found: dict[str, Settled] = {}
    unknown = sorted(given.keys() - settings.keys())
    wrong: list[Wrong] = [(name, _no_setting(settings)) for name in unknown]
    for name, one in settings.items():
        said = given.get(name, one.default)
        if said is None:
            title = Sentence(one.title.en, one.title.zh)
            why = Sentence(f"has to be said: {title}", f"必须填写：{title.zh}")
            wrong.append((name, why))
            continue
        try:
            found[name] = _settle(one, said, currency)
        except ValueError as error:
            wrong.append((name, wording(error)))
    return found, wrong


def _settle(one: SettingText, said: object, currency: str) -> Settled:
    if one.type == "money":
        return _money(one, said, currency)
    text, amount = str(said).strip(), _measure(one, said)
    _bounded(one, amount)
    match one.type:
        case "share":
            return Settled(text, f"{amount:g}", f"{amount * 100:g}%")
        case "count":
            return Settled(text, str(int(amount)), str(int(amount)))
        case "duration":
            return Settled(text, text, text)
        case _:
            return Settled(text, json.dumps(text, ensure_ascii=False), text)


def _money(one: SettingText, said: object, currency: str) -> Settled:
    usual = one.default if isinstance(one.default, dict) else {}
    of = cast("dict[str, str]", said) if isinstance(said, dict) else {currency: str(said)}
    if currency not in of:
        raise ValueError(Sentence(f"has no amount in {currency}", f"没有 {currency} 的金额"))
    minor = _amount(str(of[currency]), currency)
    for field, sign in (("least", 1), ("most", -1)):
        bound = cast("dict[str, str] | None", getattr(one, field))
        if bound and currency in bound and (minor - _amount(bound[currency], currency)) * sign < 0:
            raise _beyond(one, f"{currency} {bound[currency]}", least=sign > 0)
    every = {**usual, **of}
    whole = ", ".join(f'{name}: "{amount}"' for name, amount in every.items())
    return Settled(str(of[currency]), f"{{{whole}}}", show(minor, currency))


def _amount(text: str, currency: str) -> int:
    exponent(currency)
    minor = to_minor(text, currency)
    if minor < 0:
        raise ValueError(Sentence("is below nothing", "不能小于零"))
    return minor


def _measure(one: SettingText, said: object) -> float:
    """How much a value is; of a choice or a code 0. ValueError says what would be right."""
    text = str(said).strip()
    match one.type:
        case "duration":
            return duration(text).total_seconds()
        case "count":
            if not _COUNT.fullmatch(text):
                raise ValueError(Sentence(f"{text!r} is no whole number", f"{text!r} 不是整数"))
            return int(text)
        case "share":
            if not _SHARE.fullmatch(text):
                raise ValueError(Sentence(f"{text!r} is no share; write 0.1 or 10%",
                                          f"{text!r} 不是比例；请写 0.1 或 10%"))  # fmt: skip
            return float(text[:-1]) / 100 if text.endswith("%") else float(text)
        case "choice":
            if text not in one.of:
                known = ", ".join(one.of)
                raise ValueError(Sentence(f"{text!r} is none of {known}",
                                          f"{text!r} 不在选项之中：{known}"))  # fmt: skip
        case _:
            form = _FORMS.get(one.type, _CODES)
            if isinstance(said, dict) or not form.of.fullmatch(text):
                raise ValueError(
                    Sentence(f"{text!r} is no {form.what}", f"{text!r} 不是{form.what.zh}")
                )
    return 0.0


def _bounded(one: SettingText, amount: float) -> None:
    if one.least is not None and amount < _measure(one, one.least):
        raise _beyond(one, str(one.least), least=True)
    if one.most is not None and amount > _measure(one, one.most):
        raise _beyond(one, str(one.most), least=False)


def _beyond(one: SettingText, bound: str, *, least: bool) -> ValueError:
    name = Sentence(one.title.en, one.title.zh)
    if least:
        return ValueError(Sentence(f"{name}: at least {bound}", f"{name.zh}：最少 {bound}"))
    return ValueError(Sentence(f"{name}: at most {bound}", f"{name.zh}：最多 {bound}"))


def blank(text: str) -> str:
    """The text with something harmless in the place of each value, to read what it declares."""
    return NAMED.sub("0", text)


def fill(
    path: str, text: str, values: Mapping[str, Settled], used: set[str]
) -> tuple[str, list[Problem]]:
    """The text with its values, line by line; what nobody declared is a problem with its line."""
    problems: list[Problem] = []
    lines: list[str] = []
    block: int | None = None  # how far the key of a text in lines is indented
    for number, line in enumerate(text.split("\n"), 1):
        indent = len(line) - len(line.lstrip())
        if block is not None and line.strip() and indent <= block:
            block = None
        if NAMED.search(line) and not (block is None and line.lstrip().startswith("#")):
            line = _line(line, values, used, problems, (path, number, block is not None))  # noqa: PLW2901
        if block is None and _BLOCK.search(line) and not line.lstrip().startswith("#"):
            block = indent
        lines.append(line)
    return "\n".join(lines), problems


def _line(
    line: str,
    values: Mapping[str, Settled],
    used: set[str],
    problems: list[Problem],
    place: tuple[str, int, bool],
) -> str:
    path, number, text = place

    def said(found: re.Match[str]) -> str:
        name = found[1].strip()
        used.add(name)
        value = values.get(name)
        if value is None:
            known = ", ".join(values) or "–"
            why = Sentence(
                f"`{found[0]}`: playbook.yaml declares no such setting; it has {known}",
                f"`{found[0]}`：playbook.yaml 没有声明这项设置；已有 {known}",
            )
            problems.append(Problem(path, why, number))
            return "0"
        before, after = line[: found.start()].rstrip(), line[found.end() :].lstrip()
        alone = before[-1:] in (":", "-", ",", "[", "{") and after[:1] in ("", ",", "]", "}", "#")
        return value.whole if alone and not text else value.inside

    return NAMED.sub(said, line)
