"""Channels side by side, by the brand's own numbers."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import NamedTuple

from siyu.analytics.compile import channels as figures
from siyu.analytics.decide.median import Median, median
from siyu.analytics.model import Group, per_add
from siyu.analytics.model.answer import (
    Answer,
    Cell,
    Chart,
    Column,
    Question,
    Sources,
    Span,
    Table,
    between,
    main_currency,
    percent,
)
from siyu.analytics.views.channels import channel_name
from siyu.analytics.views.days import Days, Since, Until, check, days
from siyu.analytics.views.questions import face
from siyu.kernel.errors import Refused
from siyu.kernel.money import show
from siyu.kernel.sentence import Sentence
from siyu.segments.model import Expression

USUAL = 28
PERSONAL: Mapping[str, Sentence] = {
    "parcel_insert": Sentence("no", "无"),
    "sms": Sentence("some", "少许"),
    "voice_ai": Sentence("yes", "有"),
    "voice_human": Sentence("most", "最强"),
    "wecom_request": Sentence("most", "最强"),
}
_BACK, _CLICK, _ANSWER = (
    Sentence("Told as delivered", "回执送达率"),
    Sentence("Clicked or replied", "点击/回复率"),
    Sentence("Answered", "应答率"),
)
_SUCCESS, _SPEED = (
    Sentence("Success", "成功率"),
    Sentence("Seconds to an outcome", "结果耗时（秒）"),
)
BACK = (
    Column("channel", Sentence("Channel", "触点")),
    Column("personal", Sentence("Personal", "人情味")),
    Column("contacts", Sentence("Contacts", "触达次数"), "count"),
    Column("people", Sentence("People reached", "触达人数"), "count"),
    Column("delivered", _BACK, "rate"),
    Column("clicked", _CLICK, "rate"),
    Column("answered", _ANSWER, "rate"),
    Column("outcome_seconds", _SPEED, "count"),
    Column("outcome_seconds_low", _SPEED, "count", low_of="outcome_seconds"),
    Column("outcome_seconds_high", _SPEED, "count", high_of="outcome_seconds"),
)
WON = (
    BACK[0],
    Column("currency", Sentence("Currency", "币种")),
    Column("unit_minor", Sentence("Unit cost", "单次成本"), "money"),
    Column("cost_minor", Sentence("Cost", "成本"), "money"),
    Column("could", Sentence("Could be won", "可争取人数"), "count"),
    Column("won", Sentence("Friends won", "加微人数"), "count"),
    Column("success", _SUCCESS, "rate"),
    Column("success_low", _SUCCESS, "rate", low_of="success"),
    Column("success_high", _SUCCESS, "rate", high_of="success"),
    Column("per_friend_minor", Sentence("Cost per friend", "单个好友成本"), "money"),
    Column("friend_seconds", Sentence("Seconds to the friend", "加微耗时（秒）"), "count"),
)


class Channel(NamedTuple):
    """What one did in the period; `cost_minor` None: nothing was booked of it."""

    code: str
    contacts: int
    people: int
    told: int
    clicked: int
    answered: int
    success: Group
    outcome: Median | None
    friend: Median | None
    cost_minor: int | None

    @property
    def per_friend(self) -> int | None:
        """Rounded up."""
        return None if self.cost_minor is None else per_add(self.cost_minor, self.success.friends)


@dataclass(frozen=True)
class Channels(Question):
    """Channels side by side by your own numbers: unit cost, reach, data that comes back, speed,
    success and what a friend costs."""

    name = "channels"
    title = Sentence("Which channel wins friends, at what cost?", "哪个触点加微更有效、更省钱？")
    facts = ("touch", "friendship")

    since: Since = None
    until: Until = None
    talk_minutes: face.Minutes = 0.0

    def __post_init__(self) -> None:
        check(self.since, self.until)
        face.check(self.talk_minutes)

    def answer(self, of: Sources) -> Answer:
        span = days(of, self.since, self.until, USUAL)
        costs = of.lake.fetch(figures.costs(span.first, span.last))
        currency = main_currency(of, [its for its, *_ in costs])
        found = _channels(of, span, {name: cost for its, name, cost in costs if its == currency})
        talked = face.face(of, span, self.talk_minutes, currency)
        if not found and not (talked and talked.won):
            raise Refused(
                Sentence(
                    f"Nothing was sent, called or packed from {span.first} to {span.last}.",
                    f"{span.first} 至 {span.last} 没有任何触达。",
                )
            )
        return Answer(
            says=_says(found, talked, currency),
            definition=DEFINITION,
            population=Sentence(
                "Touches that left us in these days, cards that were packed, and new friends of "
                "staff of stores",
                "期内发出的触达、实际放入包裹的卡片，以及门店员工的新好友",
            ),
            period=Span(span.first, span.last),
            currency=currency,
            tables=(
                Table("success", Sentence("Cost and success", "成本与成功率"), WON,
                      (*(_won(one, currency) for one in found),
                       *([face.success(talked, currency)] if talked else []))),
                Table("back", Sentence("What comes back", "数据回收"), BACK,
                      (*map(_back, found), *([_BACK_FACE] if talked else []))),
            ),
            charts=(
                Chart("success", _SUCCESS, "bar", "success", x="channel", y=("success",)),
                Chart("cost", Sentence("Cost per friend", "单个好友成本"), "bar", "success",
                      x="channel", y=("per_friend_minor",)),
            ),
            notes=(*_notes({its for its, *_ in costs} - {currency}),
                   *face.notes(talked, self.talk_minutes)),
        )  # fmt: skip


DEFINITION = Sentence(
    "Success = friends won ÷ people reached who were nobody's friend then. A friend is won within "
    "14 days, once: by the channel of the code they came by, if it reached them, else by the last "
    "one before. Unit cost = what its texts, call minutes, staff minutes or cards cost ÷ contacts; "
    "cost per friend = the same ÷ friends won, without gifts. Delivered, clicked, answered are "
    "shares of contacts. Seconds to an outcome: the median from the wish until it was known what "
    f"came of it. Personal is a judgement and not measured. {face.DEFINITION}",
    "成功率 = 加微人数 ÷ 触达时尚非好友的人数。14 天内加微，每人只计一次："
    "归其活码所属触点（若触达过），否则归之前最后一次触达。"
    "单次成本 =（短信、通话分钟、人工分钟或卡片成本）÷ 次数；单个好友成本 = 同一成本 ÷ 加微人数，"
    "不含赠品。送达、点击、应答均为占触达次数的比例。"
    f"结果耗时为从提出意愿到得知结果的中位数。人情味为定性判断，并非测量。{face.DEFINITION.zh}",
)
_BACK_FACE = (face.FACE, Sentence("most", "最强"), *(None,) * (len(BACK) - 2))


def _channels(of: Sources, span: Days, costs: Mapping[str, int]) -> list[Channel]:
    outcome = _medians(of, figures.lasted(span.begin, span.end))
    friend = _medians(of, figures.won(span.begin, span.end))
    found: list[Channel] = []
    for code, *numbers in of.lake.fetch(figures.reached(span.begin, span.end)):
        contacts, people, told, clicked, answered, could = map(int, numbers)
        success = Group(could, friend[code].many if code in friend else 0)
        found.append(
            Channel(
                code,
                contacts,
                people,
                told,
                clicked,
                answered,
                success,
                outcome.get(code),
                friend.get(code),
                costs.get(code),
            )
        )
    return found


def _medians(of: Sources, rows: Expression) -> dict[str, Median]:
    counts: dict[str, list[tuple[int, int]]] = {}
    for code, seconds, many in of.lake.fetch(rows):
        counts.setdefault(code, []).append((int(seconds), int(many)))
    return {code: found for code, some in counts.items() if (found := median(some)) is not None}


def _back(one: Channel) -> tuple[Cell, ...]:
    def share(some: int) -> float | None:
        """What was never told of by a channel is not 0, it is not known."""
        return some / one.contacts if some else None

    took = one.outcome[:3] if one.outcome else (None, None, None)
    return (
        channel_name(one.code), PERSONAL.get(one.code), one.contacts, one.people, share(one.told),
        share(one.clicked), share(one.answered), *took,
    )  # fmt: skip


def _won(one: Channel, currency: str) -> tuple[Cell, ...]:
    unit = None if one.cost_minor is None else round(one.cost_minor / one.contacts)
    return (
        channel_name(one.code), currency, unit, one.cost_minor, one.success.buyers,
        one.success.friends, one.success.rate, *(one.success.interval or (None, None)),
        one.per_friend, one.friend.value if one.friend else None,
    )  # fmt: skip


def _says(found: list[Channel], talked: face.Face | None, currency: str) -> Sentence:
    told = list(_told(found, currency))
    if talked and talked.won:
        told.append(face.says(talked, currency))
    said = "; ".join(told)
    return Sentence(f"{said[0].upper()}{said[1:]}.", "；".join(one.zh for one in told) + "。")


def _told(found: list[Channel], currency: str) -> Iterator[Sentence]:
    tried = [one for one in found if one.success.interval is not None]
    if not tried:
        yield Sentence(
            "no contact came to anybody who was not a friend yet, so no channel could win one",
            "期内触达的都已是好友，没有触点可以加微",
        )
        return
    best = max(tried, key=lambda one: one.success.interval or (0.0, 0.0))
    yield _success(best)
    priced = [(one.per_friend, one) for one in tried if one.per_friend is not None]
    if priced:
        cost, cheapest = min(priced, key=lambda pair: pair[0])
        name, money = channel_name(cheapest.code), show(cost, currency)
        yield Sentence(
            f"the cheapest friend comes by {name} at {money}",
            f"单个好友最省的是{name.zh}，{money}",
        )


def _success(best: Channel) -> Sentence:
    rate, sure = best.success.rate, best.success.interval
    assert rate is not None and sure is not None  # noqa: S101, PT018 - `_says` has looked
    name, people = channel_name(best.code), f"{best.success.buyers:,}"
    if not best.success.friends:
        return Sentence(
            f"No channel has won a friend in these days; {name} reached {people} people",
            f"期内没有触点加到好友；{name.zh}触达 {people} 人",
        )
    share, span = percent(rate), between(sure)
    return Sentence(
        f"The surest channel is {name}: of {people} people whom it reached {share} ({span}) became"
        " friends",
        f"{name.zh}最有把握：触达 {people} 人，其中 {share}（{span}）加微",
    )


def _notes(others: set[str]) -> Iterator[Sentence]:
    yield Sentence(
        "Channels come one after another to whoever is left, so a later one has the harder people, "
        "and a last contact is a habit of counting: success here is no claim of cause. Who was "
        "reached in the last 14 days may still add.",
        "各触点先后触达剩下的人，靠后的面对更难争取的人；按最后触达归因只是惯例，不代表因果。"
        "最近 14 天触达的人仍可能加微。",
    )
    yield Sentence(
        "Empty: nothing of the kind was told by this channel in these days.",
        "留空：该触点在期内从未回传此类数据。",
    )
    if others:
        names = ", ".join(sorted(others))
        yield Sentence(f"Costs in {names} are left out.", f"未计入 {names} 的成本。")
