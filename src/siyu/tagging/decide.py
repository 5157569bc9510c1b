"""Which rules a fact hits: pure, and what it costs hardly depends on how many rules there are."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

from siyu.events.model import (
    CallFinished,
    Event,
    FriendAdded,
    Key,
    LinkClicked,
    MessageReceived,
    OrderItemised,
    OrderLine,
    OrderPaid,
    SurveyAnswered,
    TaskDone,
)
from siyu.kernel.words import Words
from siyu.tagging.model import FIELDS, Form, Happening, Rule, What

HEARD = (
    FriendAdded, OrderPaid, OrderItemised, LinkClicked, CallFinished, TaskDone, MessageReceived,
    SurveyAnswered,
)  # fmt: skip


class Touched(NamedTuple):
    """What a click came by."""

    material: str
    journey: str


class Plan:
    """Rules by each value that one of them asks for."""

    def __init__(self, rules: Sequence[Rule], states: Mapping[bytes, str]) -> None:
        self.rules = tuple(rules)
        self.states = states  # hash of a channel code → the code
        self._titles = Words(sorted({w for rule in rules for w in rule.values("product", "title")}))
        self._by_value: dict[tuple[What, str, str], list[tuple[Form, Rule]]] = {}
        for rule in rules:
            for form in rule.when:
                name, values = min(form.asks, key=lambda ask: FIELDS[form.what].index(ask[0]))
                for value in values:
                    self._by_value.setdefault((form.what, name, value), []).append((form, rule))

    @property
    def words(self) -> set[str]:
        """What is listened for in messages."""
        return {word for rule in self.rules for word in rule.values("keyword", "word")}

    @property
    def clicks(self) -> bool:
        """Whether any rule asks what a click came by."""
        return any(form.what == "click" for rule in self.rules for form in rule.when)

    def hits(self, event: Event, touched: Touched | None = None) -> list[Rule]:
        """The rules that this fact hits, in the order of their codes."""
        happened = list(self._happened(event, touched))
        found: dict[str, Rule] = {}
        for one in happened:
            for name, values in one.said.items():
                for value in values:
                    for form, rule in self._by_value.get((one.what, name, value), ()):
                        if form.holds(one):
                            found[rule.code] = rule
        return [rule for _, rule in sorted(found.items()) if not _among(rule.unless, happened)]

    def _happened(self, event: Event, touched: Touched | None) -> Iterator[Happening]:
        match event.data:
            case FriendAdded(way=way):
                yield Happening("source", {"way": _some(way), "code": self._codes(event.keys)})
            case OrderPaid(lines=lines) | OrderItemised(lines=lines):
                yield from map(self._line, lines)
            case LinkClicked() if touched is not None:
                said = {"material": _some(touched.material), "journey": _some(touched.journey)}
                yield Happening("click", said)
            case CallFinished() as call:
                said = {"intent": _some(call.intent), "outcome": _some(call.outcome)}
                yield Happening("answer", {**said, "label": frozenset(call.labels)})
            case TaskDone(outcome=outcome):
                yield Happening("answer", {"task": frozenset({outcome})})
            case SurveyAnswered() as told:
                choice = told.answer.removeprefix(f"{told.question}/")
                said = {"survey": _some(told.survey), "question": _some(told.question)}
                yield Happening("answer", {**said, "choice": _some(choice)})
            case MessageReceived(words=words) if words:
                yield Happening("keyword", {"word": frozenset(words)})
            case _:
                pass

    def _line(self, line: OrderLine) -> Happening:
        title = frozenset(self._titles.found(line.title))
        said = {"sku": _some(line.sku), "category": _some(line.category), "title": title}
        return Happening("product", said)

    def _codes(self, keys: Iterable[Key]) -> frozenset[str]:
        if not self.states:
            return frozenset()
        found = (self.states.get(key.hash) for key in keys if key.kind == "state")
        return frozenset(code for code in found if code is not None)


def _some(value: str) -> frozenset[str]:
    return frozenset({value}) if value else frozenset()


def _among(forms: Sequence[Form], happened: Sequence[Happening]) -> bool:
    return any(form.holds(one) for form in forms for one in happened)
