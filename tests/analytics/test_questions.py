"""Reports over years: against figures worked out here, and against what comes late."""

from __future__ import annotations

import csv
import gzip
import os
from collections import Counter, defaultdict
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from statistics import median_high
from typing import Any, ClassVar, NamedTuple

import pytest
from sqlglot import parse_one
from tests.build import DAY, KEYS, NOW, facts, tell

from siyu.analytics.check import described, read
from siyu.analytics.compile import standing
from siyu.analytics.model import Freshness
from siyu.analytics.model.answer import Answer, Column, Question, Sources, Span, Table, Told
from siyu.analytics.render.answer import plain, sheet
from siyu.analytics.render.page import page
from siyu.analytics.views.asked import Home, ask
from siyu.analytics.views.questions import QUESTIONS, named
from siyu.analytics.views.questions.repurchase import Repurchase
from siyu.analytics.views.questions.rfm import Rfm
from siyu.db.clock import RealClock
from siyu.db.pool import Pool
from siyu.kernel.errors import BadInput, NotFound, Refused
from siyu.kernel.ids import PublicIds
from siyu.kernel.sentence import Sentence
from siyu.lake.engine import Duck, columns
from siyu.lake.lake import Lake
from siyu.lake.model import COLUMNS
from siyu.segments.predicates.facts import ibis
from siyu.staff import actions as staff
from siyu.staff.model import Brand

BRAND = Brand("B", "Asia/Shanghai", "CNY", "CN", "zh")
IDS = PublicIds(b"i" * 32)


def answer(home: Home, question: Question) -> dict[str, Any]:
    """All that a report says but how fresh it is, or why it says nothing."""
    try:
        told = plain(ask(home, question, NOW))
    except Refused as refused:
        return {"refused": refused.detail}
    del told["fresh"]
    return told


class Twice(Duck):
    """DuckDB; and whatever it is asked must be said in Spark's words as well."""

    asked: ClassVar[Counter[str]] = Counter()

    def fetch(self, expression: Any) -> list[Any]:
        self._for_spark(expression)
        return super().fetch(expression)

    def arrays(self, expression: Any) -> dict[str, Any]:
        self._for_spark(expression)
        return super().arrays(expression)

    def once(self, expression: Any) -> Any:
        self._for_spark(expression)
        return super().once(expression)

    def _for_spark(self, expression: Any) -> None:
        assert parse_one(ibis().to_sql(expression, dialect="pyspark"), dialect="spark")
        self.asked["spark"] += 1


@pytest.fixture
def home(db: Pool, tmp_path: Path) -> Home:
    return Home(db, KEYS, IDS, BRAND, Lake(db, tmp_path, RealClock(), Twice))


def test_whatever_a_report_asks_can_be_said_to_spark(home: Home) -> None:
    keys, line = {"phone": "13800000001"}, {"sku": "x", "quantity": 1, "category": "x"}
    line |= {"unit_minor": 9, "amount_minor": 9}
    tell(home.db, [facts()("order.paid", keys=keys, order_no="1", total_minor=9, lines=[line])])
    asking: set[str] = set()
    for question in QUESTIONS:
        before = Twice.asked["spark"]
        answer(home, question())
        if Twice.asked["spark"] > before:
            asking.add(question.name)
    assert asking >= {"totals", "cohorts", "repurchase", "rfm", "value", "lapsed"}


def bought(home: Home, brand: Brand, *times: datetime, phone: str = "") -> Home:
    """The home of this brand, in which somebody bought at each of these times."""
    made = facts()
    with home.db.transaction() as conn:
        staff.seed(conn, brand, [], [])
    for number, at in enumerate(times):
        keys = {"phone": phone or f"1380000000{number}", "order": f"s/{number}"}
        data = {"order_no": f"{number}", "total_minor": 900, "currency": brand.currency}
        days = (at - DAY) / timedelta(days=1)
        tell(home.db, [made("order.paid", at=days, keys=keys, **data)])
    return home._replace(brand=brand)


SHANGHAI_S = datetime(2026, 10, 31, 16, tzinfo=UTC)  # midnight, of November
LONDONS = datetime(2026, 9, 30, 23, tzinfo=UTC), datetime(2026, 11, 1, tzinfo=UTC)  # either side of
LONDON = Brand("B", "Europe/London", "GBP", "GB", "en")  # the last Sunday of October


@pytest.mark.parametrize(
    ("brand", "midnights", "months"),
    [
        (BRAND, [SHANGHAI_S], {"2026-10": 1, "2026-11": 1}),
        (LONDON, LONDONS, {"2026-09": 1, "2026-10": 2, "2026-11": 1}),
    ],
    ids=["Shanghai", "London"],
)
def test_the_month_of_an_order_is_the_brands_at_its_end_too(
    home: Home, brand: Brand, midnights: list[datetime], months: dict[str, int]
) -> None:
    """Half an hour before and after midnight at the brand, where UTC has another month, and an hour
    of summer or not decides."""
    half = timedelta(minutes=30)
    home = bought(home, brand, *(at + off for at in midnights for off in (-half, half)))

    cohorts = answer(home, named("cohorts")())["tables"][0]["rows"]
    assert {row[0][:7]: row[4] for row in cohorts} == months
    by_month = answer(home, named("totals")())["tables"][1]["rows"]
    assert {row[0][:7]: row[2] for row in by_month} == months


def test_a_day_of_25_hours_and_one_of_23_are_one_day_each(home: Home) -> None:
    """In London, when the clocks go back, and forward: whoever buys ten minutes after midnight and
    ten before the next bought on one day, and twenty minutes later on the next."""
    first = datetime(2026, 3, 29, 0, 10, tzinfo=UTC), datetime(2026, 10, 24, 23, 10, tzinfo=UTC)
    last = datetime(2026, 3, 29, 22, 50, tzinfo=UTC), datetime(2026, 10, 25, 23, 50, tzinfo=UTC)
    after = [at + timedelta(minutes=20) for at in last]
    home = bought(home, LONDON, *first, *last, *after, phone="13800000001")

    with home.lake.asked() as lake:
        days = Counter(row[0] for row in lake.fetch(standing().select("day")))
    assert days == {
        date(2026, 3, 29): 2, date(2026, 3, 30): 1,
        date(2026, 10, 25): 2, date(2026, 10, 26): 1,
    }  # fmt: skip
    (whole,) = answer(home, Repurchase())["tables"][0]["rows"]
    assert whole[-1] == 3  # of one day, of seven months, of one day


def test_a_thing_given_back_takes_its_category_out_and_leaves_the_order(home: Home) -> None:
    made = facts()
    lines = [
        {"sku": sku, "category": sku, "quantity": 2, "unit_minor": 50, "amount_minor": 100}
        for sku in ("x", "y")
    ]
    for number, at in (("1", -80.0), ("2", -70.0)):
        keys = {"phone": "13800000001", "order": f"s/{number}"}
        tell(home.db, [made("order.paid", at=at, keys=keys, order_no=number, total_minor=200,
                            lines=lines)])  # fmt: skip
    rows = answer(home, Repurchase())["tables"][0]["rows"]
    assert [row[:4] for row in rows[1:]] == [["x", 1, 1, 1], ["y", 1, 1, 1]]

    given = [{"sku": "y", "quantity": 2, "amount_minor": 100}]
    tell(home.db, [made("order.refunded", at=-60, order_no="2", refund_no="r", amount_minor=100,
                        lines=given)])  # fmt: skip
    rows = answer(home, Repurchase())["tables"][0]["rows"]
    assert [row[1:4] for row in rows] == [[1, 1, 1], [1, 1, 1], [1, 1, 0]]
    (cell,) = answer(home, Rfm())["tables"][0]["rows"]
    assert (cell[3], cell[5], cell[6]) == (1, 2, 300)


class Line(NamedTuple):
    """A line of the public file."""

    invoice: str
    category: str
    units: int
    minor: int
    at: datetime
    customer: int | None


@pytest.fixture(scope="module")
def retail() -> list[Line]:
    path = Path(os.environ.get("SIYU_SAMPLE_DATA", "")) / "online_retail_2010-12_2011-08.csv.gz"
    if not path.is_file():
        pytest.skip("needs the sample data: set SIYU_SAMPLE_DATA to their folder")
    with gzip.open(path, "rt", encoding="utf-8") as file:
        return [
            Line(
                row["InvoiceNo"],
                row["StockCode"][:2],
                int(row["Quantity"]),
                round(int(row["Quantity"]) * float(row["UnitPrice"]) * 100),
                datetime.fromisoformat(row["InvoiceDate"]),
                int(row["CustomerID"]) if row["CustomerID"] else None,
            )
            for row in csv.DictReader(file)
        ]


class Order(NamedTuple):
    """An invoice of customers that sold something."""

    customer: int
    at: datetime
    minor: int
    categories: frozenset[str]


@pytest.fixture(scope="module")
def orders(retail: list[Line]) -> list[Order]:
    by_invoice: dict[str, list[Line]] = defaultdict(list)
    for line in retail:
        if line.customer is not None and not line.invoice.startswith("C"):
            by_invoice[line.invoice].append(line)
    return [
        Order(
            lines[0].customer or 0, lines[0].at, sum(one.minor for one in lines),
            frozenset(one.category for one in lines),
        )
        for lines in by_invoice.values()
        if sum(one.minor for one in lines) > 0
    ]  # fmt: skip


@pytest.fixture(scope="module")
def sources(orders: list[Order], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sources]:
    """The same orders in the tables of a lake."""
    folder = tmp_path_factory.mktemp("retail")
    text = {name: folder / f"{name}.csv" for name in ("orders", "order_item")}
    with text["orders"].open("w") as heads, text["order_item"].open("w") as lines:
        for number, one in enumerate(orders):
            heads.write(f"{number},{one.customer},{one.at},{one.at.date()},{one.minor}\n")
            lines.writelines(f"{number},{category}\n" for category in one.categories)
    with Duck() as duck:
        for table in COLUMNS:
            typed = ", ".join(
                f"{name} {kind}" for name, kind in {**columns(table), "day": "date"}.items()
            )
            duck.rows(f"create table {table} ({typed})")
        duck.rows(
            "insert into orders by name select column0 as id, column1 as customer_id, column2 as"
            " paid_at, column3 as day, column4 as total_minor, 0 as refunded_minor, 'paid' as"
            f" state, 'GBP' as currency from read_csv('{text['orders']}', header = false)"
        )
        duck.rows(
            "insert into order_item by name select column0 as order_id, column1 as sku, column1 as"
            " category, 1 as quantity from"
            f" read_csv('{text['order_item']}', header = false, all_varchar = true)"
        )
        brand = Brand("R", "Europe/London", "GBP", "GB", "en")
        today = date(2011, 9, 1)
        yield Sources(duck, None, KEYS, IDS, brand, NOW, today, folder)  # type: ignore[arg-type]


def rows(found: Answer, name: str) -> list[dict[str, Any]]:
    (table,) = [one for one in found.tables if one.name == name]
    return [dict(zip([one.name for one in table.columns], row, strict=True)) for row in table.rows]


def test_repurchase_of_the_public_file(sources: Sources, orders: list[Order]) -> None:
    until, days = date(2011, 8, 31), 60
    bought: dict[tuple[str, int], list[datetime]] = defaultdict(list)
    for one in orders:
        for category in ("", *one.categories):
            bought[category, one.customer].append(one.at)
    watched, again = Counter[str](), Counter[str]()
    gaps: dict[str, list[int]] = defaultdict(list)
    for (category, _), times in bought.items():
        times.sort()
        start = times[0].date()
        if start <= until - timedelta(days=days):
            watched[category] += 1
            again[category] += len(times) > 1 and (times[1].date() - start).days <= days
        seen = sorted({one.date() for one in times})
        gaps[category] += [(b - a).days for a, b in pairwise(seen)]

    found = rows(Repurchase(days, until).answer(sources), "categories")
    assert len(found) == len({category for category, _ in bought})
    for one in found:
        category = "" if isinstance(one["category"], Sentence) else one["category"]
        assert (one["watched"], one["again"]) == (watched[category], again[category]), category
        assert one["gaps"] == len(gaps[category])
        if gaps[category]:  # of two in the middle the lower
            ranked = sorted(gaps[category])
            assert one["cycle_days"] == ranked[(len(ranked) + 1) // 2 - 1]
            assert one["cycle_days_low"] <= median_high(ranked) <= one["cycle_days_high"]

    kinds: dict[int, set[str]] = defaultdict(set)
    for one in orders:
        kinds[one.customer] |= one.categories
    two = {who for (category, who), times in bought.items() if not category and len(times) > 1}
    ((many, crossed, *_),) = [
        tuple(one.values()) for one in rows(Repurchase(days, until).answer(sources), "crossing")
    ]
    assert (many, crossed) == (len(two), sum(len(kinds[who]) > 1 for who in two))


def test_rfm_puts_everybody_into_one_cell(sources: Sources, orders: list[Order]) -> None:
    day = date(2011, 8, 31)
    for bands in ("quantile", "fixed"):
        cells = rows(Rfm(bands, day).answer(sources), "cells")
        assert sum(one["people"] for one in cells) == len({one.customer for one in orders})
        assert sum(one["worth_minor"] for one in cells) == sum(one.minor for one in orders)
    often = Counter(one.customer for one in orders)
    fixed = Counter[int]()
    for one in cells:
        fixed[one["f"]] += one["people"]
    assert fixed[5] == sum(many >= 10 for many in often.values())
    assert fixed[1] == sum(many == 1 for many in often.values())


@pytest.mark.parametrize("question", QUESTIONS, ids=lambda one: one.name)
def test_every_report_is_asked_for_by_words_and_refuses_others(question: type[Question]) -> None:
    assert read(question, {}) == question()
    assert read(question, {one.name: one.default for one in described(question)}) == question()
    wrong = {"day": "soon", "whole": "many", "number": "nan", "choice": "?", "yes": "maybe"}
    said = {one.name: wrong[one.takes] for one in described(question) if one.takes != "text"}
    with pytest.raises(BadInput) as refused:
        read(question, said | {"nothing": "1"})
    assert {one.where for one in refused.value.problems} == {*said, "nothing"}
    for problem in refused.value.problems:
        assert isinstance(problem.why, Sentence)


def test_files_are_safe_to_open(home: Home) -> None:
    """A formula of a shop is text in a spreadsheet, and a script of theirs is text on a page."""
    evil, made = "=1+1</script><img src=x onerror=alert(1)>", facts()
    line = {"sku": "x", "category": evil, "quantity": 1, "unit_minor": 9, "amount_minor": 9}
    keys = {"phone": "13800000001", "order": "s/1"}
    tell(home.db, [made("order.paid", at=1, keys=keys, order_no="1", total_minor=9, lines=[line])])
    told = ask(home, Repurchase(), NOW)
    whole = page(told, "zh", "document.write('</script>')")
    assert "<img" not in whole
    assert whole.count("</script>") == 2
    assert "src=" not in whole.replace("src=x", "")
    assert "图表" in page(told, "zh", None)
    lines = list(csv.reader(sheet(told, "en", "categories").splitlines()))
    assert lines[2][0] == f"'{evil}"
    assert len({len(one) for one in lines}) == 1
    with pytest.raises(NotFound):
        sheet(told, "en", "nothing")


def test_amounts_of_a_file_have_their_currency_beside_them() -> None:
    text = Sentence("x", "x")
    amounts = Table("t", text, (Column("a", text, "money"),), ((123450,), (None,)))

    def lines(currency: str) -> list[str]:
        answer = Answer(
            says=text, definition=text, population=text, period=Span(None, None),
            currency=currency, tables=(amounts,),
        )  # fmt: skip
        return sheet(Told(Repurchase(), answer, Freshness(NOW, 1, 0)), "en", "t").splitlines()

    assert lines("JPY")[1:] == ["123450,JPY", ",JPY"]
    assert lines("CNY")[1] == "1234.50,CNY"
