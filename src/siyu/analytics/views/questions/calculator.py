"""Unit economics before scaling: the brand's own numbers where it has them, else what is given."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Annotated

from siyu.analytics.decide.economics import (
    BUYERS,
    DRAWS,
    Economics,
    Inputs,
    Range,
    Spread,
    economics,
)
from siyu.analytics.model.answer import (
    Answer,
    Ask,
    Cell,
    Chart,
    Column,
    Question,
    Sources,
    Span,
    Table,
    beside,
)
from siyu.analytics.views.channels import step_name
from siyu.analytics.views.own import Told, own
from siyu.kernel.errors import Refused
from siyu.kernel.money import EXPONENTS, show, sign
from siyu.kernel.sentence import Sentence

GIVEN = Sentence("given", "手工填写")
GROSS = Sentence("gross: all they buy counts", "毛口径：全部消费都算")
_FORM = Sentence(
    "One number, or low/likely/high, such as 20/35/50; empty: your own.",
    "一个数，或 低/中/高，如 20/35/50；留空用自有数据。",
)
_PART = Sentence(
    "One number, or low/likely/high, such as 0.2/0.3/0.4; empty: your own.",
    "一个数，或 低/中/高，如 0.2/0.3/0.4；留空用自有数据。",
)
_TIMES = Sentence(
    "One number, or low/likely/high, such as 2/3/4; empty: your own.",
    "一个数，或 低/中/高，如 2/3/4；留空用自有数据。",
)
_STEPS = Sentence(
    "By step, such as sms=0.05/0.08/0.1,card=0.04; steps left out: your own.",
    "按步骤写，如 sms=0.05/0.08/0.1,card=0.04；未写的步骤用自有数据。",
)
TITLES: Mapping[str, Sentence] = {
    "cost": Sentence("Cost of a touch", "单次触达成本"),
    "reach": Sentence("Share reached", "触达占比"),
    "success": Sentence("Share won", "加微成功率"),
    "gift": Sentence("Gift per friend", "每位好友的赠品"),
    "margin": Sentence("Margin of an order", "每单毛利"),
    "repurchase": Sentence("Buy again within a year", "一年内回购率"),
    "orders": Sentence("Orders a year of these", "回购者年单数"),
    "extra": Sentence("Only because friends", "因好友才有的占比"),
    "tools": Sentence("Tools per buyer", "每位买家的工具费"),
}
# Of inputs and of results, those that are money, and those that are a share.
AMOUNTS = frozenset({
    "cost", "gift", "margin", "tools", "cost_per_add", "margin_per_friend", "contribution",
    "breakeven_margin",
})  # fmt: skip
SHARES = frozenset({
    "reach", "success", "repurchase", "extra", "breakeven_add_rate", "breakeven_repurchase",
})  # fmt: skip


@dataclass(frozen=True)
class Calculator(Question):
    """Unit economics before scaling: what a friend costs and brings, payback, break-even and what
    it hangs on, from your own numbers or those that you give, each with a range."""

    name = "calculator"
    title = Sentence("Does it pay before it grows?", "放大之前，先算这笔账划不划算？")

    cost: Annotated[str, Ask(TITLES["cost"], _STEPS, unit="money")] = ""
    reach: Annotated[str, Ask(TITLES["reach"], _STEPS, unit="share")] = ""
    success: Annotated[str, Ask(TITLES["success"], _STEPS, unit="share")] = ""
    gift: Annotated[str, Ask(TITLES["gift"], _FORM, unit="money")] = ""
    margin: Annotated[str, Ask(TITLES["margin"], _FORM, unit="money")] = ""
    repurchase: Annotated[str, Ask(TITLES["repurchase"], _PART, unit="share")] = ""
    orders: Annotated[str, Ask(TITLES["orders"], _TIMES)] = ""
    extra: Annotated[
        str,
        Ask(
            TITLES["extra"],
            Sentence(
                "Which share of it they buy only because they are friends; empty: 1, gross.",
                "其中有多少是因为加了好友才买的；留空为 1（毛口径）。",
            ),
            unit="share",
        ),
    ] = ""
    tools: Annotated[str, Ask(TITLES["tools"], _FORM, unit="money")] = ""

    def __post_init__(self) -> None:
        for name in ("gift", "margin", "repurchase", "orders", "extra", "tools"):
            _range(name, getattr(self, name))
        for name in ("cost", "reach", "success"):
            _by_step(name, getattr(self, name))

    def answer(self, of: Sources) -> Answer:
        told = _told(self, of)
        steps = [name.partition(".")[2] for name in told if name.startswith("success.")]
        if not steps:
            raise Refused(
                Sentence(
                    "No step has numbers of its own yet; give them with cost, reach and success.",
                    "还没有任何步骤的自有数据；请填写成本、触达占比与成功率。",
                )
            )
        missing = [name for name in ("margin", "repurchase", "orders") if name not in told]
        found = economics(_inputs(told, steps))
        return _answer(of, told, found, missing)


def _range(name: str, text: str) -> Range | None:
    if not text.strip():
        return None
    parts = text.split("/")
    try:
        low, likely, high = map(float, parts if len(parts) == 3 else parts * 3)
    except ValueError:
        low, likely, high = -1.0, -1.0, -1.0
    found, share = Range(low, likely, high), name in SHARES
    if len(parts) not in (1, 3) or not found.right or not high < 1e12 or (share and high > 1):
        raise ValueError(
            Sentence(
                f"{name} {text!r} is not understood; write 0.3 or 0.2/0.3/0.4, low to high,"
                " a share at most 1",
                f"{name} 的 {text!r} 看不懂；请写 0.3 或 0.2/0.3/0.4（从低到高，占比不超过 1）",
            )
        )
    return found


def _by_step(name: str, text: str) -> dict[str, Range]:
    found: dict[str, Range] = {}
    for part in filter(None, (one.strip() for one in text.split(","))):
        step, _, value = part.partition("=")
        given = _range(name, value) if step else None
        if given is None:
            raise ValueError(
                Sentence(
                    f"{name} {part!r} is not understood; write it like sms=0.05",
                    f"{name} 的 {part!r} 看不懂；请写成 sms=0.05",
                )
            )
        found[step.strip()] = given
    return found


def _told(asked: Calculator, of: Sources) -> dict[str, Told]:
    """Every input that there is, by name: given, else the brand's own."""
    scale = 10 ** EXPONENTS[of.brand.currency]
    found = own(of)
    for name in ("cost", "reach", "success"):
        times = scale if name in AMOUNTS else 1
        for step, value in _by_step(name, getattr(asked, name)).items():
            found[f"{name}.{step}"] = Told(_times(value, times), GIVEN)
    for name in ("gift", "margin", "repurchase", "orders", "extra", "tools"):
        value = _range(name, getattr(asked, name))
        if value is not None:
            found[name] = Told(_times(value, scale if name in AMOUNTS else 1), GIVEN)
    found.setdefault("extra", Told(Range(1, 1, 1), GROSS))
    return _whole_steps(found)


def _whole_steps(found: dict[str, Told]) -> dict[str, Told]:
    """A step counts with all three of its numbers."""
    whole = {
        step
        for kind, _, step in (name.partition(".") for name in found)
        if kind == "success" and {f"cost.{step}", f"reach.{step}"} <= found.keys()
    }
    return {n: one for n, one in found.items() if "." not in n or n.partition(".")[2] in whole}


def _title(name: str) -> Sentence:
    """What an input is called; one of a step has the step's name with it."""
    kind, _, step = name.partition(".")
    if not step:
        return TITLES[kind]
    of = step_name(step)
    return Sentence(f"{TITLES[kind]}, {of}", f"{TITLES[kind].zh} · {of.zh}")


def _times(value: Range, times: float) -> Range:
    return Range(*(one * times for one in value))


def _inputs(told: Mapping[str, Told], steps: list[str]) -> Inputs:
    def one(name: str) -> Range:
        return told[name].value if name in told else Range(0, 0, 0)

    return Inputs(
        {step: one(f"cost.{step}") for step in steps},
        {step: one(f"reach.{step}") for step in steps},
        {step: one(f"success.{step}") for step in steps},
        *(one(name) for name in ("gift", "margin", "repurchase", "orders", "extra", "tools")),
    )


# ── as people read it ──

INPUTS = (
    Column("input", Sentence("Input", "输入")),
    Column("low", Sentence("Low", "低"), "number"),
    Column("likely", Sentence("Likely", "中"), "number"),
    Column("high", Sentence("High", "高"), "number"),
    Column("source", Sentence("From", "来源")),
)
RESULTS = (
    Column("result", Sentence("Result", "结果")),
    Column("likely", Sentence("Likely", "中"), "number"),
    Column("low", Sentence("Low", "低"), "number", low_of="likely"),
    Column("high", Sentence("High", "高"), "number", high_of="likely"),
)
SWINGS = (
    Column("input", Sentence("Input", "输入")),
    Column("low_minor", Sentence("At its low end", "取低值时"), "money"),
    Column("high_minor", Sentence("At its high end", "取高值时"), "money"),
)
NEEDS = frozenset({"margin_per_friend", "payback_days", "contribution"})
NAMES: Mapping[str, Sentence] = {
    "friends": Sentence("friends of 1,000 buyers", "每千名买家的好友数"),
    "cost": Sentence("what winning them costs", "获取总成本"),
    "cost_per_add": Sentence("cost of a friend", "单个好友成本"),
    "margin_per_friend": Sentence("margin of a friend in a year", "每位好友年毛利"),
    "payback_days": Sentence("days until it is earned back", "回本天数"),
    "contribution": Sentence("contribution of 1,000 buyers in a year", "每千名买家年贡献"),
    "breakeven_add_rate": Sentence("break-even add rate", "保本加微率"),
    "breakeven_margin": Sentence("break-even margin of an order", "保本单均毛利"),
    "breakeven_repurchase": Sentence("break-even repurchase rate", "保本回购率"),
}


def _answer(of: Sources, told: Mapping[str, Told], found: Economics, missing: list[str]) -> Answer:
    currency = of.brand.currency
    rows = list(_results(found, currency, paid=not missing))
    swings = () if missing else found.sensitivity
    tables = [
        Table("results", Sentence("Results", "结果"), RESULTS, tuple(rows)),
        Table("inputs", Sentence("Inputs", "输入"), INPUTS, tuple(_inputs_told(told, currency))),
    ]
    charts: tuple[Chart, ...] = ()
    if swings:
        title = Sentence(
            "Contribution by input, low and high", "敏感度：各输入取低值与高值时的年贡献"
        )
        cells = tuple((_title(one.name), round(one.low), round(one.high)) for one in swings)
        tables.append(Table("sensitivity", title, SWINGS, cells))
        charts = (
            Chart("tornado", title, "bar", "sensitivity", "input", ("low_minor", "high_minor")),
        )
    return Answer(
        says=_says(found, currency, paid=not missing),
        definition=DEFINITION,
        population=Sentence(
            f"{BUYERS:,} buyers in scope, as they would be", f"假设 {BUYERS:,} 名在范围内的买家"
        ),
        period=Span(None, of.today),
        currency=currency,
        tables=tuple(tables),
        charts=charts,
        notes=tuple(_notes(missing)),
        keys={
            "inputs": {n: {**one.value._asdict(), "source": one.source} for n, one in told.items()},
            "missing": missing,
            "results": {
                name: value._asdict() if isinstance(value, Spread) else value
                for name, value in found._asdict().items()
                if name != "sensitivity" and not (missing and (name in NEEDS or "even" in name))
            },
            "sensitivity": [one._asdict() for one in swings],
        },
    )


def _results(found: Economics, currency: str, *, paid: bool) -> Iterator[tuple[Cell, ...]]:
    for name, value in found._asdict().items():
        if name == "sensitivity" or (not paid and (name in NEEDS or "even" in name)):
            continue
        unit, times = _unit(name, currency)
        cells = value if isinstance(value, Spread) else (value, None, None)
        shown = (None if one is None else round(one / times, 4) for one in cells)
        yield (beside(NAMES[name], unit), *shown)


def _inputs_told(told: Mapping[str, Told], currency: str) -> Iterator[tuple[Cell, ...]]:
    for name, one in told.items():
        unit, times = _unit(name.partition(".")[0], currency)
        shown = (round(value / times, 4) for value in one.value)
        yield (beside(_title(name), unit), *shown, one.source)


def _unit(name: str, currency: str) -> tuple[str, int]:
    """In what it is shown, and how many of its own units that is."""
    if name in AMOUNTS:
        return sign(currency), 10 ** EXPONENTS[currency]
    return ("0–1" if name in SHARES else ""), 1


def _says(found: Economics, currency: str, *, paid: bool) -> Sentence:
    each, friends = found.cost_per_add, found.friends.likely or 0
    if each.likely is None:
        return Sentence("No step wins anybody.", "没有任何步骤能加到好友。")
    cost = show(round(each.likely), currency)
    range_ = "–".join("∞" if one is None else show(round(one), currency) for one in each[1:])
    words = Sentence(
        f"Of {BUYERS:,} buyers {friends:,.0f} become friends at {cost} each ({range_})",
        f"每 {BUYERS:,} 名买家可加 {friends:,.0f} 位好友，每位成本 {cost}（{range_}）",
    )
    if not paid:
        return Sentence(f"{words}.", f"{words.zh}。")
    days = found.payback_days.likely
    if days is None:
        return Sentence(f"{words}, not earned back within a year.", f"{words.zh}，一年内无法回本。")
    return Sentence(
        f"{words}, earned back in {days:,.0f} days.", f"{words.zh}，{days:,.0f} 天回本。"
    )


DEFINITION = Sentence(
    "Each step reaches a share of the buyers left and wins a share of these. Cost of a friend = "
    "touches, gifts and tools ÷ friends. A friend's margin of a year = repurchase × orders × "
    "margin of an order × the share bought only because of the friendship, evenly over the year; "
    "payback is the day on which it equals the cost. Contribution = margin − cost, in a year.",
    "每一步触达剩余买家的一部分，并加到其中一部分。单个好友成本 =（触达 + 赠品 + 工具）÷ 好友数。"
    "好友年毛利 = 回购率 × 年单数 × 单均毛利 × 因好友才有的占比，按全年均匀计；"
    "累计毛利等于成本之日即回本。年贡献 = 毛利 − 成本。",
)


def _notes(missing: list[str]) -> Iterator[Sentence]:
    yield Sentence(
        f"Ranges hold 95 % of {DRAWS:,} draws with a fixed seed: each input by itself, from a "
        "triangle over its low, likely and high value. The bars move one input at a time.",
        f"区间包含固定种子的 {DRAWS:,} 次模拟中的 95%：各输入相互独立，按低/中/高的三角分布抽取。"
        "敏感度每次只变动一个输入。",
    )
    if missing:
        titles = [TITLES[name] for name in missing]
        names = Sentence(", ".join(titles), "、".join(one.zh for one in titles))
        yield Sentence(
            f"Without {names} nothing is said of payback, contribution and break-even: you have "
            "too few orders of your own, or no cost of goods; give them.",
            f"缺少{names.zh}，因此不给出回本、贡献与保本值：自有订单太少，或没有商品成本；请填写。",
        )
