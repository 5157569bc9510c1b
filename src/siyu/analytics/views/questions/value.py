"""What customers will buy, and what that is worth."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Annotated, NamedTuple, cast

from siyu.analytics.decide.outlook import Bin, Outlook, calibration, outlook
from siyu.analytics.decide.value import BgNbd, GammaGamma, History, fit_bgnbd
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
)
from siyu.analytics.views.histories import (
    DAYS,
    UNITS,
    Currency,
    Tried,
    Unit,
    known_since,
    spent,
)
from siyu.analytics.views.models import SHOWN, Model, fitted, versions
from siyu.kernel.errors import Refused
from siyu.kernel.money import EXPONENTS, show
from siyu.kernel.sentence import Sentence
from siyu.kernel.time import zone

HORIZONS = (90, 180, 365)  # days
LEAST_DAYS = 42  # of orders: from less the model takes the first rush for the usual
NOBODY = 1e-3  # the share who leave with a purchase, below which the fit has lost them
PURCHASES, MONEY = Sentence("Purchases", "购买次数"), Sentence("Worth", "消费")
EXPECTED = (
    Column("days", Sentence("Days ahead", "未来天数"), "count"),
    Column("purchases", PURCHASES, "number"),
    Column("purchases_low", PURCHASES, "number", low_of="purchases"),
    Column("purchases_high", PURCHASES, "number", high_of="purchases"),
    Column("money", MONEY, "money"),
    Column("money_low", MONEY, "money", low_of="money"),
    Column("money_high", MONEY, "money", high_of="money"),
)
_REAL = Sentence("Real, each", "实际（人均次数）")
HELD_OUT = (
    Column("repeats", Sentence("Repeat purchases before", "此前复购次数")),
    Column("customers", Sentence("Customers", "客户"), "count"),
    Column("expected", Sentence("Expected, each", "预期（人均次数）"), "number"),
    Column("actual", _REAL, "number"),
    Column("actual_low", _REAL, "number", low_of="actual"),
    Column("actual_high", _REAL, "number", high_of="actual"),
)
MODELS = (
    Column("version", Sentence("Version", "版本"), "count"),
    Column("fitted", Sentence("Fitted", "拟合于")),
    Column("until", Sentence("Known up to", "数据截至")),
    Column("customers", Sentence("Customers", "客户"), "count"),
    Column("unit", Sentence("Unit of time", "时间单位")),
    *(
        Column(name, Sentence(f"BG/NBD {letter}", f"BG/NBD 参数 {letter}"), "number")
        for name, letter in (("r", "r"), ("alpha", "α"), ("a", "a"), ("b", "b"))
    ),
    Column("log_likelihood", Sentence("BG/NBD log-likelihood", "BG/NBD 对数似然"), "number"),
    *(
        Column(name, Sentence(f"Gamma-gamma {letter}", f"Gamma-Gamma 参数 {letter}"), "number")
        for name, letter in (("spend_p", "p"), ("spend_q", "q"), ("spend_gamma", "γ"))
    ),
)


class _HeldOut(NamedTuple):
    since: date
    bins: list[Bin]
    expected: float
    actual: float


@dataclass(frozen=True)
class Value(Question):
    """What customers will buy: BG/NBD and gamma-gamma, fitted by maximum likelihood."""

    name = "value"
    title = Sentence("What will our customers be worth?", "客户未来还会带来多少？")

    until: Annotated[
        date | None,
        Ask(
            Sentence("Known up to", "数据截至"),
            Sentence(
                "Fitted on orders up to this day; empty: today.",
                "用截至这一天的订单拟合；留空为今天。",
            ),
        ),
    ] = None
    unit: Annotated[
        Unit,
        Ask(
            Sentence("Unit of time", "时间单位"),
            Sentence("In which the models' parameters are told.", "模型参数的时间单位。"),
            UNITS,
        ),
    ] = "week"
    holdout: Annotated[
        int,
        Ask(
            Sentence("Tested on (days)", "检验天数"),
            Sentence(
                "The model is tried on so many last days, fitted on those before.",
                "用最后这么多天检验：以之前的数据拟合，再与实际对照。",
            ),
        ),
    ] = 90
    currency: Currency = ""

    def __post_init__(self) -> None:
        if not 1 <= self.holdout <= 3650:
            raise ValueError(
                Sentence("`holdout` must be between 1 and 3650", "`holdout` 必须在 1 到 3650 之间")
            )

    def answer(self, of: Sources) -> Answer:
        until, currency = self.until or of.today, self.currency or of.brand.currency
        since = until - timedelta(days=self.holdout)
        then, known = known_since(of.lake, since, until, self.unit, currency)
        purchases, money = fit_bgnbd(known.history), spent(known.history)
        units = tuple(days / DAYS[self.unit] for days in HORIZONS)
        ahead = outlook(purchases, money, known.history, units)
        held = self._tried(then, since)
        tried = {
            "holdout_days": self.holdout,
            "holdout_expected": held.expected if held else None,
            "holdout_actual": held.actual if held else None,
        }
        name = f"value-{currency.lower()}"
        model = fitted(of, name, until, self.unit, known, (purchases, money), tried)
        return Answer(
            says=_says(ahead[0], len(known.customers), currency),
            definition=Sentence(
                "BG/NBD says who will buy and how often, gamma-gamma what a purchase is worth; "
                "both "
                "by maximum likelihood on all orders that stand. Days with several orders count "
                "once. Intervals, 95 %: what the fit leaves open of its parameters, and chance of "
                "the customers themselves, simulated, as a normal spread, never below nothing. "
                "They take for granted that the model is right and that customers go on as they "
                "did: no season, sale or shortage is in them. How far off the model was on the "
                "days held out stands below.",
                "BG/NBD 给出谁会买、买几次，Gamma-Gamma 给出单次消费；"
                "均用全部有效订单做极大似然估计。"
                "同一天多单算一次。95% 区间由模拟得出（正态近似，不低于零）："
                "包含参数的不确定性与客户本身的偶然性；"
                "前提是模型成立、客户照旧购买，不含季节、大促与缺货。"
                "模型在检验期偏差多少，见下。",
            ),
            population=Sentence("All customers with an order", "全部下过单的客户"),
            period=Span(None, until),
            currency=currency,
            tables=(
                Table(
                    "expected",
                    Sentence("Expected of all customers", "全部客户的预期"),
                    EXPECTED,
                    tuple(
                        _row(days, one, currency)
                        for days, one in zip(HORIZONS, ahead, strict=True)
                    ),
                ),
                Table(
                    "calibration",
                    Sentence("Expected and real on the days held out", "检验期：预期与实际"),
                    HELD_OUT,
                    tuple(_bin(one) for one in held.bins) if held else (),
                ),
                Table(
                    "models",
                    Sentence("Fitted models, the newest first", "已拟合的模型（新的在前）"),
                    MODELS,
                    tuple(
                        _kept(one, of.brand.time_zone)
                        for one in versions(of.models, model.name)[:SHOWN]
                    ),
                ),
            ),
            charts=(
                Chart("expected", Sentence("Worth in the coming days", "未来消费"), "bar",
                      "expected", x="days", y=("money" if money else "purchases",)),
                Chart("calibration", Sentence("Expected against real", "预期与实际"), "scatter",
                      "calibration", x="expected", y=("actual",), diagonal=True),
            ),
            notes=(
                *_limits(purchases, known.history, DAYS[self.unit]),
                *_notes(held, self.holdout, model, money),
            ),
            keys={
                "until": str(until),
                "unit": self.unit,
                "bgnbd": purchases._asdict(),
                "gamma_gamma": money._asdict() if money else None,
                "expected": [
                    {
                        "days": days,
                        "purchases": one.purchases.value,
                        "money": one.money.value if one.money else 0.0,
                    }
                    for days, one in zip(HORIZONS, ahead, strict=True)
                ],
                "model_version": model.version,
            },
        )  # fmt: skip

    def _tried(self, known: Tried, since: date) -> _HeldOut | None:
        """Fitted on the days before the hold-out; None where these are too few for a model."""
        try:
            model = fit_bgnbd(known.history)
        except Refused:
            return None
        span = self.holdout / DAYS[self.unit]
        bins = calibration(model, known.history, known.later, span)
        due = sum(one.expected * one.customers for one in bins)
        return _HeldOut(since + timedelta(days=1), bins, due, float(known.later.sum()))


def _limits(model: BgNbd, known: History, unit: float) -> tuple[Sentence, ...]:
    """What the model can't know: too short a past, or nobody who was seen to leave."""
    days = round(float(known.span.max()) * unit)
    if days < LEAST_DAYS:
        raise Refused(
            Sentence(
                f"The orders span {days} days; a model of who comes back needs {LEAST_DAYS}.",
                f"订单只跨 {days} 天；回购模型至少需要 {LEAST_DAYS} 天。",
            )
        )
    found: list[Sentence] = []
    if days < HORIZONS[-1]:
        found.append(
            Sentence(
                f"The orders span {days} days: what lies further ahead than that was never seen.",
                f"订单只跨 {days} 天：更远的未来从未观察过。",
            )
        )
    if model.a / (model.a + model.b) < NOBODY:
        found.append(
            Sentence(
                "By this model hardly anybody ever leaves: the orders show no difference between "
                "who has left and who buys seldom. Take what is far ahead as an upper end.",
                "按该模型几乎没有人流失：订单看不出谁已离开、谁只是买得少。较远的预期请当作上限。",
            )
        )
    return tuple(found)


def _says(ahead: Outlook, customers: int, currency: str) -> Sentence:
    days, found = HORIZONS[0], ahead.money
    if found is None:
        some = ahead.purchases
        span = f"{some.low:,.0f}–{some.high:,.0f}"
        return Sentence(
            f"In the coming {days} days {some.value:,.0f} purchases ({span}) are to be expected of "
            f"{customers:,} customers.",
            f"未来 {days} 天，预计 {customers:,} 位客户会购买 {some.value:,.0f} 次（{span}）。",
        )
    worth, low, high = (show(_minor(one, currency), currency) for one in found)
    return Sentence(
        f"In the coming {days} days {worth} ({low}–{high}) is to be expected of {customers:,} "
        "customers.",
        f"未来 {days} 天，预计 {customers:,} 位客户会消费 {worth}（{low}–{high}）。",
    )


def _minor(major: float, currency: str) -> int:
    return round(major * 10 ** EXPONENTS[currency])


def _row(days: int, one: Outlook, currency: str) -> tuple[Cell, ...]:
    money = [_minor(part, currency) for part in one.money] if one.money else [None] * 3
    return (days, *one.purchases, *money)


def _bin(one: Bin) -> tuple[Cell, ...]:
    repeats = f"{one.repeats}+" if one.last else str(one.repeats)
    return (repeats, one.customers, one.expected, one.actual, one.low, one.high)


def _kept(one: Model, time_zone: str) -> tuple[Cell, ...]:
    names = ("r", "alpha", "a", "b", "log_likelihood", "spend_p", "spend_q", "spend_gamma")
    unit = UNITS[[*DAYS].index(cast("Unit", one.data["unit"]))]
    fitted = datetime.fromisoformat(one.fitted_at).astimezone(zone(time_zone))
    return (
        one.version, f"{fitted:%Y-%m-%d %H:%M}", str(one.data["until"]), int(one.data["customers"]),
        unit, *(one.parameters.get(name) for name in names),
    )  # fmt: skip


def _notes(
    held: _HeldOut | None, days: int, model: Model, money: GammaGamma | None
) -> tuple[Sentence, ...]:
    notes: list[Sentence] = []
    if held is None:
        notes.append(
            Sentence(
                f"Of what was before the last {days} days too little is known to try a model on "
                "them.",
                f"最后 {days} 天之前的数据太少，无法检验模型。",
            )
        )
    elif not held.actual:
        notes.append(
            Sentence(
                f"Tried from {held.since} on, fitted on what was before: {held.expected:,.0f} "
                "purchases expected, none made.",
                f"以 {held.since} 之前的数据拟合并检验：预期 {held.expected:,.0f} 次购买，"
                "实际没有。",
            )
        )
    else:
        off = held.expected / held.actual - 1
        notes.append(
            Sentence(
                f"Tried from {held.since} on, fitted on what was before: {held.expected:,.0f} "
                f"purchases expected, {held.actual:,.0f} made ({off:+.0%}).",
                f"以 {held.since} 之前的数据拟合并检验：预期 {held.expected:,.0f} 次购买，"
                f"实际 {held.actual:,.0f} 次（{off:+.0%}）。",
            )
        )
    if money is None:
        notes.append(
            Sentence(
                "Too few bought again for an amount: only purchases are told.",
                "复购客户太少，无法估计金额，只给出购买次数。",
            )
        )
    fitted_on, customers = int(model.data["fitted_on"]), int(model.data["customers"])
    notes.append(
        Sentence(
            f"Model version {model.version}, fitted on {fitted_on:,} of {customers:,} customers; "
            "kept in lake/models of the home.",
            f"模型版本 {model.version}，用 {customers:,} 位客户中的 {fitted_on:,} 位拟合；"
            "保存在安装目录的 lake/models。",
        )
    )
    return tuple(notes)
