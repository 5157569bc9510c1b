"""Rates as a text: what is wrong with it, by place; and the ones that are assumed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from importlib.resources import files
from math import inf
from typing import Any, cast

import yaml

from siyu.budget.model import CHANNELS
from siyu.dryrun.model import Rate, Rates, Reaction
from siyu.kernel.errors import BadInput, Problem
from siyu.kernel.sentence import Sentence

NONE = Rate(0, 0, 0)
SHARES = ("reached", "added", "refused")
AMOUNTS = ("seconds", "minutes")
INTENTS = "ABCDEF"
MOST = {"seconds": 3_600, "minutes": 480}


def assumed() -> Rates:
    """What comes with Siyu."""
    return rates(files("siyu.dryrun").joinpath("rates.yaml").read_text("utf-8"))


def given(text: str) -> Rates:
    """What a text of rates says of its channels; an empty text says nothing."""
    return rates(text) if text.strip() else {}


def rates(text: str) -> Rates:
    """A text of rates: channel → {reached: [low, likely, high], …}."""
    try:
        found = yaml.safe_load(text)
    except yaml.YAMLError as error:
        raise BadInput(Sentence(f"Not YAML: {error}", f"不是 YAML：{error}")) from None
    problems = list(_problems(found))
    if problems:
        said = Sentence("These rates can't be used:", "这些比率不能使用：")
        raise BadInput(said, tuple(problems))
    return {channel: _reaction(said or {}) for channel, said in found.items()}


def _problems(found: object) -> Iterator[Problem]:
    if not isinstance(found, dict):
        yield Problem("", Sentence("write CHANNEL: {reached: [0.9, 0.95, 0.99]}",
                                   "请写成 触点: {reached: [0.9, 0.95, 0.99]}"))  # fmt: skip
        return
    for channel, said in cast("dict[Any, Any]", found).items():
        if channel not in CHANNELS:
            known = ", ".join(CHANNELS)
            yield Problem(str(channel), Sentence(f"is no channel; known are {known}",
                                                 f"不是触点；可用的有 {known}"))  # fmt: skip
        elif not isinstance(said, dict) or "reached" not in said:
            yield Problem(channel, Sentence("says no `reached`", "没有写 `reached`"))
        else:
            for name, value in cast("dict[Any, Any]", said).items():
                yield from _wrong(f"{channel}.{name}", str(name), value)


def _wrong(where: str, name: str, value: object) -> Iterator[Problem]:
    if name == "intents":
        weights = cast("Mapping[Any, Any]", value) if isinstance(value, dict) else {"": 0}
        if not set(weights) <= set(INTENTS) or not all(map(_number, weights.values())):
            yield Problem(where, Sentence("write weights, {A: 10, B: 20}",
                                          "请写权重，如 {A: 10, B: 20}"))  # fmt: skip
        return
    if name not in (*SHARES, *AMOUNTS):
        known = ", ".join((*SHARES, *AMOUNTS, "intents"))
        yield Problem(where, Sentence(f"is no rate; known are {known}",
                                      f"不是比率；可用的有 {known}"))  # fmt: skip
        return
    most = MOST.get(name, 1)
    three = cast("list[Any]", value) if isinstance(value, list) else []
    if len(three) != 3 or not all(map(_number, three)) or sorted(three) != three or three[2] > most:
        yield Problem(where, Sentence(f"write [low, likely, high], from 0 to {most:,} and rising",
                                      f"请写 [低, 可能, 高]，0 到 {most:,}，依次不减"))  # fmt: skip


def _number(value: object) -> bool:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return False
    return 0 <= value < inf


def _reaction(said: Mapping[str, Any]) -> Reaction:
    three = {name: Rate(*said[name]) if name in said else NONE for name in (*SHARES, *AMOUNTS)}
    return Reaction(**three, intents=said.get("intents", {}))
