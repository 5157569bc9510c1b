"""What stands in the way of a start, and what may: said before anything is installed. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from difflib import get_close_matches
from typing import Protocol

from siyu.budget.model import CHANNELS
from siyu.journeys.model import Journey
from siyu.journeys.model.enter import Enter, EnterEvery, EnterOnDate, EnterWaves
from siyu.kernel.sentence import Sentence
from siyu.ledger.check import unfit_budget
from siyu.outbox.model import names
from siyu.playbooks.model import Manifest, Playbook
from siyu.playbooks.model.settings import SettingText
from siyu.playbooks.model.start import (
    Choices,
    FromShop,
    Lacking,
    Permit,
    Preview,
    Trouble,
    Way,
)

LATELY_DAYS = 180  # of whose orders categories are known
INSERT = "parcel_insert"  # the channel of what parcels carry
Said = tuple[str, str, bool, str]  # what a shop is to permit: shop, channel, allowed, note


class Heard(Protocol):
    """A shop as it is known: no name where it sells and nobody has listed it."""

    @property
    def code(self) -> str: ...
    @property
    def name(self) -> str | None: ...
    @property
    def last_order_at(self) -> datetime | None: ...


class Needed(Protocol):
    """A need of a playbook, as it was looked up."""

    @property
    def what(self) -> str: ...
    @property
    def name(self) -> str: ...
    @property
    def why(self) -> Sentence: ...
    @property
    def there(self) -> bool: ...


def lacking(one: Needed) -> Lacking:
    """The need, and what to do where it isn't there."""
    todo = None if one.there else _todo(one.what, one.name)
    return Lacking(one.what, one.name, one.why, one.there, todo)


def _todo(what: str, name: str) -> Sentence:
    match what:
        case "connector":
            return Sentence(f"Connect it: siyu connect {name}.", f"请接入：siyu connect {name}。")
        case "channel":
            return Sentence(f"Connect what carries {name}: siyu connect shows which.",
                            f"请接入能发送 {name} 的连接：siyu connect 会列出。")  # fmt: skip
        case "playbook":
            return Sentence(f"Start it first: siyu playbook start {name}.",
                            f"请先启动：siyu playbook start {name}。")  # fmt: skip
        case _:
            return Sentence(
                f"Nothing has told of {name} in thirty days: connect what does, or import a file.",
                f"三十天内没有收到 {name}：请接入相应系统，或导入文件。",
            )


def unheard(
    settings: Mapping[str, SettingText], values: Mapping[str, str], categories: Sequence[str]
) -> dict[str, Sentence]:
    """Categories that no order line has: nobody would ever come in. Where there are no orders yet,
    nothing can be said."""
    found: dict[str, Sentence] = {}
    for name, one in settings.items():
        said = values.get(name, "")
        if one.type != "category" or not said or not categories or said in categories:
            continue
        near = get_close_matches(said, categories, 1)
        known = ", ".join(categories[:20])
        hint = Sentence(f"did you mean {near[0]!r}?", f"是不是 {near[0]!r}？") if near else (
            Sentence(f"there are {known}", f"现有 {known}"))  # fmt: skip
        found[name] = Sentence(
            f"no order line of the last {LATELY_DAYS} days says {said!r}; {hint}",
            f"最近 {LATELY_DAYS} 天的订单行没有 {said!r}；{hint.zh}",
        )
    return found


def ways(journeys: Sequence[Journey]) -> list[Way]:
    """How people come into each."""
    return [Way(one.journey, *_way(one)) for one in sorted(journeys, key=lambda one: one.journey)]


def _way(journey: Journey) -> tuple[str, Sentence]:
    match journey.enter:
        case Enter(on=kind):
            return kind, Sentence(f"whenever {kind} is told of somebody",
                                  f"收到客户的 {kind} 时")  # fmt: skip
        case EnterWaves():
            return "waves", Sentence("in waves, the best first, out of a set of customers",
                                     "从一个人群里分波进入，优者先")  # fmt: skip
        case EnterEvery():
            return "schedule", Sentence("on a schedule, whoever is in a set then",
                                        "按时间表，届时在人群里的客户")  # fmt: skip
        case EnterOnDate(date=name):
            return "date", Sentence(f"round their {name}", f"在客户的 {name} 前后")
        case _:
            return "segment", Sentence("as they come into a set of customers", "进入某个人群时")


def from_shops(heard: Sequence[Heard], said: Manifest, wanted: Sequence[str]) -> list[FromShop]:
    """Which it takes people from: all of them where neither its files nor the brand names any."""
    named = {*wanted} or {shop for source in said.sources for shop in source.shops}
    return [
        FromShop(
            one.code,
            one.name or one.code,
            bool(said.sources) and (not named or one.code in named),
            one.last_order_at,
        )
        for one in heard
    ]


def permits_of(
    playbook: Playbook,
    shops: Sequence[FromShop],
    allowed: Mapping[tuple[str, str], bool],
    notes: Mapping[tuple[str, str], str],
    wanted: Sequence[Said],
) -> list[Permit]:
    """What each shop says of each of its channels, by the most specific word, as a ruling reads it;
    with what is about to be said."""
    may = {**allowed, **{(shop, channel): yes for shop, channel, yes, _ in wanted}}
    told = {**notes, **{(shop, channel): note for shop, channel, _, note in wanted}}
    channels = {text.channel for text in playbook.materials} & {*CHANNELS}
    if any(one.gift or one.card for one in playbook.manifest.sources):
        channels.add(INSERT)
    found: list[Permit] = []
    for shop in shops:
        for channel in sorted(channels):
            said = [(shop.code, name) for name in names(channel) if (shop.code, name) in may]
            allows = may[said[0]] if said else True
            note = told.get(said[0], "") if said else ""
            found.append(
                Permit(shop.code, shop.name, channel, allows, bool(said), note, shop.chosen)
            )
    return found


def troubles(found: Preview, choices: Choices) -> Iterator[Trouble]:
    """Everything to be said, the steps in their order."""
    for name, why in found.wrong.items():
        yield Trouble("settings", Sentence(f"{name}: {why}", f"{name}：{why.zh}"), stops=True)
    for one in found.needs:
        if one.todo is not None:
            todo = Sentence(
                f"{one.name} is not there. {one.todo}", f"缺少 {one.name}。{one.todo.zh}"
            )
            yield Trouble("needs", todo, stops=False)
    if found.takes_shops:
        yield from _no_shop(found)
        yield from forbidden([one for one in found.policy if one.taken_from])
    for given in found.offers:
        if given.enough is False:
            says = Sentence(f"{given.offer}: {given.says}", f"{given.offer}：{given.says.zh}")
            yield Trouble("offer", says, stops=False)
    yield from _too_much(found, choices)


def _no_shop(found: Preview) -> Iterator[Trouble]:
    if found.shops and not any(one.chosen for one in found.shops):
        says = Sentence("none of the shops that it takes people from has sold",
                        "它取人的店铺都还没有订单")  # fmt: skip
        yield Trouble("source", says, stops=False)


def _too_much(found: Preview, choices: Choices) -> Iterator[Trouble]:
    if found.work.enough is False:
        yield Trouble("staff", found.work.says, stops=False)
    if choices.staff and not any(one.chosen for one in found.guides):
        nobody = Sentence("nobody of those who are chosen works here", "选中的人都不在职")
        yield Trouble("staff", nobody, stops=True)
    if choices.budget and (wrong := unfit_budget(*choices.budget)):
        yield Trouble("budget", wrong, stops=True)
    elif found.purse.enough is False:
        yield Trouble("budget", found.purse.says, stops=False)


def forbidden(permits: Sequence[Permit]) -> Iterator[Trouble]:
    """Channels that the shops forbid from whose orders people come: all of them everywhere, and
    nothing could ever go out; else what is forbidden where is told."""
    no = [one for one in permits if not one.allowed]
    if permits and len(no) == len(permits):
        yield Trouble(
            "policy",
            Sentence("the shops that it takes people from forbid all of its channels",
                     "它取人的店铺禁止了它的全部触点"), stops=True,
        )  # fmt: skip
        return
    for channel in sorted({one.channel for one in no}):
        where = ", ".join(one.shop for one in no if one.channel == channel)
        yield Trouble(
            "policy",
            Sentence(f"{where} forbids {channel}: nothing of that goes out there",
                     f"{where} 禁止 {channel}：那里不会发出"), stops=False,
        )  # fmt: skip
