"""What orders brought and customers cost: the statement, the figures over the lake and a count by
hand say the same."""

from __future__ import annotations

import random
import statistics
from collections import defaultdict
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

import duckdb
import pytest

from siyu.analytics.compile import money
from siyu.analytics.views.margins import Margin, earned, margins
from siyu.commerce import views as commerce
from siyu.db.pool import Pool
from siyu.segments.model import Expression
from siyu.segments.predicates.facts import COLUMNS, ibis
from siyu.staff import actions as staff
from siyu.staff.model import Brand

SHANGHAI = ZoneInfo("Asia/Shanghai")
START = datetime(2026, 9, 28, 14, 0, tzinfo=UTC)
EVER = date.min
# Of each table the fact whose day, by the brand's clock, is the row's.
DAYS = {
    "orders": "paid_at", "refund": "refunded_at", "touch": "wished_at",
    "friendship": "first_added_at", "ledger_entry": "occurred_at",
}  # fmt: skip
TABLES = (*DAYS, "order_item", "goods_cost", "goods_share")


class Base(NamedTuple):
    """Rows of tables, as dicts."""

    rows: dict[str, list[dict[str, Any]]]

    def add(self, table: str, **row: Any) -> dict[str, Any]:
        self.rows[table].append(row)
        return row


def day_of(at: datetime) -> date:
    return at.astimezone(SHANGHAI).date()


def world(seed: int) -> Base:
    """A shop with everything that a margin can meet: guests, two currencies, orders without lines,
    skus twice in an order, refunds of lines, of money alone, of other currencies and of nothing."""
    chance = random.Random(seed)
    base = Base(defaultdict(list))
    skus = {f"x{n}": chance.choice(["shoes", "hats", ""]) for n in range(8)}
    for sku in list(skus)[:4]:
        for since in chance.sample([EVER, date(2026, 10, 5), date(2026, 11, 1)], 2):
            base.add("goods_cost", sku=sku, currency="CNY", valid_from=since,
                     unit_minor=chance.randint(0, 400))  # fmt: skip
    base.add("goods_share", category="shoes", valid_from=date(2026, 10, 10), basis_points=4_333)
    base.add("goods_share", category="", valid_from=date(2026, 10, 20), basis_points=5_001)
    for number in range(1, 120):
        _order(base, chance, number, skus)
    return base


def _order(base: Base, chance: random.Random, number: int, skus: dict[str, str]) -> None:
    paid = START + timedelta(hours=chance.randint(0, 24 * 60))
    currency = chance.choice(["CNY", "CNY", "CNY", "GBP"])
    lines = [chance.choice(list(skus)) for _ in range(chance.choice([0, 1, 2, 3]))]
    sold = [(sku, chance.randint(1, 3), chance.randint(0, 2_000)) for sku in lines]
    total = max(sum(one[2] for one in sold) + chance.choice([0, 500, -300]), 0)
    order = base.add(
        "orders", id=number, customer_id=chance.choice([1, 2, 3, 4, None]), shop="s", state="paid",
        paid_at=paid, currency=currency, total_minor=total, refunded_minor=0, synthetic=False,
    )  # fmt: skip
    for line, (sku, many, amount) in enumerate(sold, start=1):
        base.add("order_item", order_id=number, line=line, sku=sku, category=skus[sku],
                 quantity=many, unit_minor=0, amount_minor=amount)  # fmt: skip

    def back(sku: str, many: int, amount: int, *, of: int | None = number, whole: bool = False,
             money: str = currency) -> None:  # fmt: skip
        base.add(
            "refund", id=len(base.rows["refund"]) + 1, order_id=of, shop="s",
            customer_id=order["customer_id"], refund_no=f"r{len(base.rows['refund'])}",
            sku=sku, quantity=many, amount_minor=amount, currency=money,
            refunded_at=paid + timedelta(days=3), whole=whole,
        )  # fmt: skip
        if of is not None and money == currency:
            order["refunded_minor"] += amount

    what = chance.random()
    if what < 0.2 and sold:
        back(sold[0][0], 1, chance.randint(0, sold[0][2]))
    elif what < 0.3:
        back("", 0, chance.randint(0, total))
    elif what < 0.4:
        back("", 0, 0, whole=True)
        order["state"] = "cancelled"
    elif what < 0.5:
        back("", 0, total + chance.choice([0, 7]))
    elif what < 0.6:
        back("x1", 1, 90, of=None)
        back("x1", 1, 90, money="USD")
    if order["state"] == "paid" and any(
        one["order_id"] == number and one["currency"] == currency and not one["whole"]
        for one in base.rows["refund"]
    ) and order["refunded_minor"] >= total:  # fmt: skip
        order["state"] = "refunded"


def by_hand(base: Base) -> list[Margin]:
    """One order after the other."""
    return [_margin(base, order) for order in base.rows["orders"]]


def _margin(base: Base, order: dict[str, Any]) -> Margin:
    lost = order["refunded_minor"]
    if order["state"] == "cancelled":
        lost = max(lost, order["total_minor"])
    net, stands, day = (
        order["total_minor"] - lost,
        order["state"] == "paid",
        day_of(order["paid_at"]),
    )
    sums = {"known": 0, "assumed": 0, "unknown": 0}
    cost = 0
    for sku, category, many, amount in _left(base, order, net) if stands else ():
        how, its = _cost(base, order["currency"], day, sku, category, many, amount)
        sums[how] += amount
        cost += its
    unknown = min(sums["unknown"], max(net, 0))
    assumed = min(sums["assumed"], max(net, 0) - unknown)
    return Margin(
        order["id"], order["customer_id"], day, order["currency"], stands, net, cost,
        net - assumed - unknown, assumed, unknown, net - unknown - cost,
    )  # fmt: skip


def _left(base: Base, order: dict[str, Any], net: int) -> Iterator[tuple[str, str, int, int]]:
    mine = [one for one in base.rows["order_item"] if one["order_id"] == order["id"]]
    if not mine:
        yield "", "", 0, net
    for sku in {one["sku"]: 0 for one in mine}:
        many = sum(one["quantity"] for one in mine if one["sku"] == sku)
        amount = sum(one["amount_minor"] for one in mine if one["sku"] == sku)
        for one in base.rows["refund"]:
            its = one["order_id"], one["sku"], one["currency"]
            if its == (order["id"], sku, order["currency"]) and not one["whole"]:
                many, amount = many - one["quantity"], amount - one["amount_minor"]
        category = next(one["category"] for one in mine if one["sku"] == sku)
        yield sku, category, max(many, 0), max(amount, 0)


def _cost(
    base: Base, currency: str, day: date, sku: str, category: str, many: int, amount: int
) -> tuple[str, int]:
    listed = [
        (one["valid_from"], one["unit_minor"])
        for one in base.rows["goods_cost"]
        if (one["sku"], one["currency"]) == (sku, currency) and one["valid_from"] <= day
    ]
    if listed:
        return "known", max(listed)[1] * many
    for name in (category, ""):
        shares = [
            (one["valid_from"], one["basis_points"])
            for one in base.rows["goods_share"]
            if one["category"] == name and one["valid_from"] <= day
        ]
        if shares:
            return "assumed", (amount * max(shares)[1] + 5_000) // 10_000
    return "unknown", 0


class Lake:
    """The tables of facts in DuckDB, each row with its day."""

    def __init__(self, base: Base) -> None:
        self.db = duckdb.connect(":memory:")
        self.db.execute("set timezone = 'UTC'")
        kinds = {"timestamp('UTC')": "timestamp", "string": "varchar"}
        for table in TABLES:
            typed = {**COLUMNS[table], "day": "date"}
            columns = ", ".join(f"{name} {kinds.get(kind, kind)}" for name, kind in typed.items())
            self.db.execute(f"create table {table} ({columns})")
            for row in base.rows[table]:
                values = {**row, "day": day_of(row[DAYS[table]]) if table in DAYS else None}
                told = [_plain(values.get(name)) for name in typed]
                marks = ", ".join("?" * len(told))
                self.db.execute(f"insert into {table} values ({marks})", told)

    def fetch(self, expression: Expression) -> list[tuple[Any, ...]]:
        return self.db.execute(ibis().to_sql(expression, dialect="duckdb")).fetchall()


def _plain(value: Any) -> Any:
    return value.astimezone(UTC).replace(tzinfo=None) if isinstance(value, datetime) else value


def into(db: Pool, base: Base) -> None:
    with db.transaction() as conn:
        staff.seed(conn, Brand("B", "Asia/Shanghai", "CNY", "CN", "zh"))
        for table in ("orders", "order_item", "refund", "goods_cost", "goods_share"):
            for number, row in enumerate(base.rows[table]):
                more: dict[str, Any] = {
                    "orders": {
                        "order_no": f"o{number}",
                        "source": "t",
                        "source_id": "",
                        "event_id": 1,
                    },
                    "order_item": {"title": ""},
                    "refund": {"line": 0, "source": "t", "source_id": ""},
                }.get(table, {})
                whole = {**row, **more}
                names = [name for name in whole if name != "id"]
                values = ", ".join(f"%({name})s" for name in names)
                sql = f"insert into {table} ({', '.join(names)}) values ({values})"
                conn.execute(sql, whole)


@pytest.mark.parametrize("seed", range(4))
def test_the_statement_the_lake_and_a_count_by_hand_agree_on_every_order(
    db: Pool, seed: int
) -> None:
    base = world(seed)
    into(db, base)
    lake = Lake(base)
    wanted = by_hand(base)
    with db.transaction() as conn:
        assert margins(conn, None) == wanted
        assert margins(conn, [1, 2]) == [one for one in wanted if one.customer_id in (1, 2)]
        books = {one.currency: one for one in commerce.totals(conn)}
    asked = money.margins()
    found = lake.fetch(asked.drop("shop").order_by("order_id"))

    assert [Margin(*row) for row in found] == wanted
    assert {one.unknown_minor > 0 for one in wanted} == {True, False}
    assert {one.assumed_minor > 0 for one in wanted} == {True, False}
    assert all(
        one.known_minor + one.assumed_minor + one.unknown_minor == one.net_minor for one in wanted
    )
    # By customer and day, with what was given back of no order, it is the books.
    sums: dict[str, int] = defaultdict(int)
    for row in lake.fetch(money.earned()):
        sums[row[2]] += row[4]
    assert sums == {currency: one.gross - one.refunded for currency, one in books.items()}


def test_currencies_are_never_added() -> None:
    lines = [
        Margin(1, 1, EVER, "CNY", True, 100, 40, 60, 30, 10, 50),
        Margin(2, 1, EVER, "GBP", True, 50, 0, 50, 0, 0, 50),
        Margin(3, 1, EVER, "CNY", False, 0, 0, 0, 0, 0, 0),
    ]
    chinese, british = earned(lines)

    assert chinese == ("CNY", 1, 100, 40, 60, 30, 10, 50)
    assert (chinese.assumed_share, chinese.unknown_share) == (0.3, 0.1)
    assert british == ("GBP", 1, 50, 0, 50, 0, 0, 50)


def test_a_tools_fee_is_spread_over_who_carries_it_and_its_parts_add_up() -> None:
    base = world(1)
    end = datetime(2026, 10, 31, 15, 59, 59, tzinfo=UTC)
    rules = ("friend", "customer", "touch", "order")
    for number, rule in enumerate(rules, start=1):
        _entry(base, number, "tool_fee", None, end, 10_000 + number, step=rule)
    _entry(base, 9, "tool_fee", None, datetime(2026, 2, 28, 15, tzinfo=UTC), 777, step="order")
    _entry(base, 10, "sms_segment", 1, end, 5, step="sms")
    _entry(base, 11, "sms_segment", 1, end - timedelta(hours=1), 6, step="sms")
    for customer, gone in ((1, None), (2, end - timedelta(days=1)), (3, end + timedelta(days=1))):
        base.add("friendship", customer_id=customer, staff="g", carrier="wecom", way="",
                 state="live" if gone is None else "deleted_by_customer", first_added_at=START,
                 added_at=START, deleted_at=gone)  # fmt: skip
    for customer, at in ((1, end), (1, end), (7, end), (8, end + timedelta(seconds=1))):
        base.add("touch", id=1, customer_id=customer, wished_at=at, sent_at=at)
    base.add("touch", id=2, customer_id=9, wished_at=end, sent_at=None)

    found = Lake(base).fetch(money.spent())
    parts: dict[str, dict[Any, int]] = defaultdict(dict)
    for customer, day, _, kind, _, step, amount in found:
        if kind == "tool_fee" and day == date(2026, 10, 31):
            parts[step][customer] = amount
    october = [
        one["customer_id"]
        for one in base.rows["orders"]
        if one["state"] == "paid" and one["customer_id"] and day_of(one["paid_at"]).month == 10
    ]

    assert {rule: sum(parts[rule].values()) for rule in rules} == {
        rule: 10_000 + number for number, rule in enumerate(rules, start=1)
    }
    assert parts["friend"] == {1: 5_000, 3: 5_001}
    assert set(parts["customer"]) == {*october, 1, 7}
    assert max(parts["customer"].values()) - min(parts["customer"].values()) <= 1
    assert parts["touch"] == {1: 6_668, 7: 3_335}
    for customer, amount in parts["order"].items():
        assert abs(amount - 10_004 * october.count(customer) / len(october)) < 1
    assert [row for row in found if row[3] == "tool_fee" and row[1].month == 2] == [
        (None, date(2026, 2, 28), "CNY", "tool_fee", "", "order", 777)
    ]
    assert sorted(row for row in found if row[3] == "sms_segment") == [
        (1, date(2026, 10, 31), "CNY", "sms_segment", "", "sms", each) for each in (5, 6)
    ]


def test_what_an_order_brings_and_who_buys_again_are_counted_as_by_hand() -> None:
    base = world(2)
    lake, since = Lake(base), date(2026, 10, 5)
    brought = [
        one
        for one in by_hand(base)
        if one.stands and one.currency == "CNY" and one.day >= since
        and one.net_minor > 0 and one.unknown_minor == 0
    ]  # fmt: skip
    ((many, mean, spread, assumed),) = lake.fetch(money.per_order("CNY", since))
    margin = [one.margin_minor for one in brought]

    assert many == len(brought) > 5
    assert mean == pytest.approx(statistics.mean(margin))
    assert spread == pytest.approx(statistics.stdev(margin))
    assert assumed == pytest.approx(
        sum(one.assumed_minor for one in brought) / sum(one.net_minor for one in brought)
    )

    days: dict[int, set[date]] = defaultdict(set)
    orders: dict[int, list[date]] = defaultdict(list)
    for one in base.rows["orders"]:
        if one["state"] == "paid" and one["customer_id"]:
            orders[one["customer_id"]].append(day_of(one["paid_at"]))
            days[one["customer_id"]].add(day_of(one["paid_at"]))
    today = date(2027, 10, 3)
    old = [one for one in orders if min(orders[one]) <= today - timedelta(days=365)]
    again = [sum(day > min(orders[one]) for day in orders[one]) for one in old]
    ((here, more, made),) = lake.fetch(money.within_a_year(today))
    assert (here, more, made) == (len(old), sum(one > 0 for one in again), sum(again))
    assert 0 < here < len(orders)
    first = [min(some) for some in days.values()]
    ((new,),) = lake.fetch(money.first_orders(date(2026, 9, 29), date(2026, 10, 1)))
    assert new == sum(date(2026, 9, 29) < one <= date(2026, 10, 1) for one in first)


def _entry(
    base: Base,
    number: int,
    kind: str,
    customer: int | None,
    at: datetime,
    amount: int,
    *,
    step: str,
) -> None:
    base.add(
        "ledger_entry", id=number, customer_id=customer, cause="t", kind=kind, journey="",
        step=step, shop="", variant="", quantity=1, amount_minor=amount, currency="CNY",
        occurred_at=at,
    )  # fmt: skip
