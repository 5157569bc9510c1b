"""The two public order files, whole: totals as their publishers' data say, and what the reports of
a brand that has nothing else must then say, worked out here from the file alone."""

from __future__ import annotations

import csv
import gzip
import os
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Sequence
from datetime import date, datetime
from decimal import ROUND_HALF_UP, Decimal
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from tests.cli.conftest import siyu
from tests.cli.whole import report

from siyu.commerce import views
from siyu.commerce.model import Totals
from siyu.connectors.orderfile.source.run import Report
from siyu.db.pool import Pool

Bring = Callable[..., Report]
MAPPINGS = Path(__file__).parents[3] / "examples" / "mappings"
RETAIL = "online_retail_2010-12_2011-08.csv.gz"
ASKED = {
    "totals": ("totals",),
    "cohorts": ("cohorts", "--by", "month"),
    "lapsed": (
        "lapsed", "--as-of", "2011-08-31", "--from-months", "3", "--to-months", "6",
    ),
}  # fmt: skip


@pytest.fixture(scope="module")
def samples() -> Path:
    folder = os.environ.get("SIYU_SAMPLE_DATA", "")
    if not (Path(folder) / "cdnow_sample.csv").is_file():
        pytest.skip("needs the sample data: set SIYU_SAMPLE_DATA to their folder")
    return Path(folder)


# ── Online Retail, read and reckoned without a line of ours ───────────────────────────────────


class Row(NamedTuple):
    """A line of an invoice; `minor`: its amount, rounded once."""

    sku: str
    units: int
    minor: int
    at: datetime
    customer: str


class Order(NamedTuple):
    """An invoice that sold something, and what was given back of it."""

    customer: str
    at: datetime
    minor: int
    back: int


class Reckoned(NamedTuple):
    """What the file says: all orders, what was given back of none of them, and its sums."""

    orders: list[Order]
    loose: list[Row]
    invoices: Counter[str]
    minor: Counter[str]

    @property
    def standing(self) -> list[Order]:
        """Orders of customers of which something is left."""
        return [one for one in self.orders if one.customer and one.minor > one.back]


@pytest.fixture(scope="module")
def reckoned(samples: Path) -> Reckoned:
    invoices: dict[str, list[Row]] = defaultdict(list)
    with gzip.open(samples / RETAIL, "rt", encoding="utf-8") as file:
        rows = csv.reader(file)
        assert next(rows)[:2] == ["InvoiceNo", "StockCode"]
        for number, sku, _, units, at, price, customer, _ in rows:
            many, minor = int(units), amount(price, int(units))
            invoices[number].append(Row(sku, many, minor, moment(at), customer))
    return _reckoned(invoices)


@cache
def amount(price: str, units: int) -> int:
    """Rounded to pence, half up."""
    return int((Decimal(price) * units * 100).quantize(Decimal(1), ROUND_HALF_UP))


moment = cache(datetime.fromisoformat)


def _reckoned(invoices: dict[str, list[Row]]) -> Reckoned:
    many, minor = Counter[str](), Counter[str]()
    kinds: dict[str, dict[str, list[Row]]] = {"sold": {}, "back": {}, "booked": {}}
    for number, rows in invoices.items():
        total = sum(one.minor for one in rows)
        kind = "back" if number.startswith("C") else "sold" if total > 0 else "booked"
        kinds[kind][number] = rows
        many[kind] += 1
        minor[kind] += total
    taken, loose = _taken(kinds["sold"], kinds["back"])
    orders = [
        Order(rows[0].customer, _at(rows), sum(one.minor for one in rows), taken[number])
        for number, rows in kinds["sold"].items()
    ]
    return Reckoned(orders, loose, many, minor)


def _at(rows: Sequence[Row]) -> datetime:
    """An invoice is whole with its last line."""
    return max(one.at for one in rows)


def _taken(
    sold: dict[str, list[Row]], back: dict[str, list[Row]]
) -> tuple[Counter[str], list[Row]]:
    """What was given back takes from the customer's latest earlier line of the same thing that has
    enough left: by invoice, and what took from none."""
    shelves: dict[tuple[str, str], list[tuple[datetime, str, int]]] = defaultdict(list)
    left: dict[tuple[str, int], int] = {}
    for number, rows in sold.items():
        at = _at(rows)
        for place, one in enumerate(rows):
            shelves[one.customer, one.sku].append((at, number, place))
            left[number, place] = one.units
    taken, loose = Counter[str](), []
    for at, _, rows in sorted((_at(rows), number, rows) for number, rows in back.items()):
        for one in rows:
            shelf = shelves[one.customer, one.sku] if one.customer else []
            fits = [
                (when, number, place)
                for when, number, place in shelf
                if when <= at and left[number, place] >= -one.units
            ]
            if fits:
                _, number, place = max(fits)
                left[number, place] += one.units
                taken[number] -= one.minor
            else:
                loose.append(one._replace(at=at))
    return taken, loose


# ── what the product says of it ───────────────────────────────────────────────────────────────


class Brand(NamedTuple):
    """A home into which that file alone was brought, how it went, and its reports."""

    db: Pool
    home: Path
    brought: dict[str, Any]
    reports: dict[str, dict[str, Any]]


def asked(home: Path) -> dict[str, dict[str, Any]]:
    """What each report says, but how fresh it is."""
    found = {name: siyu("report", *words, "--home", home, "--json").json
             for name, words in ASKED.items()}  # fmt: skip
    for one in found.values():
        del one["fresh"]
    return found


@pytest.fixture(scope="module")
def brand(
    samples: Path, databases: Any, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Brand]:
    name, home = databases.take(), tmp_path_factory.mktemp("retail")
    home.joinpath("siyu.toml").write_text(f'database_url = "{databases.url(name)}"\n', "utf-8")
    words = ("--mapping", MAPPINGS / "online-retail.yaml", "--home", home, "--json")
    db = Pool(databases.url(name))
    try:
        brought = siyu("import", "orders", samples / RETAIL, *words).json
        yield Brand(db, home, brought, asked(home))
    finally:
        db.close()
        databases.give_back(name)


def test_online_retail_comes_in_whole(brand: Brand) -> None:
    names = ("orders", "lines", "refunds", "corrections", "guests", "duplicates", "rejected")
    told = [brand.brought[name] for name in names]
    assert told == [12_495, 320_705, 2_554, 1_410, 1_082, 0, 0]


def test_what_was_given_back_of_no_order_is_what_no_earlier_one_had(
    brand: Brand, reckoned: Reckoned
) -> None:
    found, matched = books(brand.db), "select count(*) from refund where order_id is not null"
    with brand.db.transaction() as conn:
        ((many,),) = conn.fetch(matched)
        (unmatched,) = views.unmatched_refunds(conn)

    assert (found.net, found.refund_lines) == (576_193_138, 5_847)
    assert (many, unmatched.lines) == (5_847 - len(reckoned.loose), len(reckoned.loose))


def test_its_totals_are_its_publishers(brand: Brand, reckoned: Reckoned) -> None:
    """README of the data: 16,459 invoices, 320,705 lines, 3,360 customers, 5,761,931.382 pounds."""
    told, many, minor = brand.reports["totals"], reckoned.invoices, reckoned.minor

    assert (told["currency"], told["net"]) == ("GBP", 576_193_138)
    assert (told["lines"], told["customers"]) == (320_705, 3_360)
    assert sum(brand.brought[one] for one in ("orders", "refunds", "corrections")) == 16_459
    assert (told["orders"], told["orders_without_customer"], told["cancelled_orders"]) == (
        many["sold"], sum(not one.customer for one in reckoned.orders), 0,
    )  # fmt: skip
    assert [told[one] for one in ("gross", "refunded", "corrected")] == [
        minor["sold"], -minor["back"], minor["booked"],
    ]  # fmt: skip
    (months,) = [one["rows"] for one in told["tables"] if one["name"] == "months"]
    by_month = Counter[str]()
    for one in reckoned.orders:
        if one.minor > one.back:
            by_month[f"{one.at:%Y-%m}"] += one.minor - one.back
    assert {row[0][:7]: row[3] for row in months} == by_month


def test_its_cohorts_are_those_of_an_independent_count(brand: Brand, reckoned: Reckoned) -> None:
    first: dict[str, datetime] = {}
    for one in reckoned.standing:
        first[one.customer] = min(first.get(one.customer, one.at), one.at)
    who: dict[tuple[str, str], set[str]] = defaultdict(set)
    many, worth = Counter[tuple[str, str]](), Counter[tuple[str, str]]()
    for one in reckoned.standing:
        cell = f"{first[one.customer]:%Y-%m}", f"{one.at:%Y-%m}"
        who[cell].add(one.customer)
        many[cell] += 1
        worth[cell] += one.minor - one.back
    for row in reckoned.loose:
        if row.customer in first:
            worth[f"{first[row.customer]:%Y-%m}", f"{row.at:%Y-%m}"] += row.minor

    assert {
        (one["cohort"], one["month"]): (
            one["size"], one["customers"], one["orders"], one["worth_minor"],
        )
        for one in brand.reports["cohorts"]["cohorts"]
    } == {
        cell: (len(who[cell[0], cell[0]]), len(who[cell]), many[cell], worth[cell])
        for cell in worth
    }  # fmt: skip
    assert len(many) == 45  # nine months, each with those behind it


def test_who_has_lapsed_is_whom_the_file_has_not_seen_for_three_months(
    brand: Brand, reckoned: Reckoned
) -> None:
    days: dict[str, set[date]] = defaultdict(set)
    for one in reckoned.standing:
        if one.at.date() < date(2011, 8, 31):
            days[one.customer].add(one.at.date())
    told = brand.reports["lapsed"]["customers"]

    assert {
        one["buyer_id"].removeprefix("online-retail/"): (one["last_order"], one["days_with_orders"])
        for one in told
    } == {
        who: (max(seen).isoformat(), len(seen))
        for who, seen in days.items()
        if date(2011, 2, 28) <= max(seen) < date(2011, 5, 31)
    }
    worth = [one["expected_minor"] for one in told]
    assert worth == sorted(worth, reverse=True)
    assert worth[0] > worth[-1] > 0
    assert all(0 < one["chance_within_90_days"] < 1 for one in told)


@pytest.mark.parametrize("name", ["totals", "cohorts", "repurchase", "rfm", "value"])
def test_its_reports_are_read_in_every_form(brand: Brand, reckoned: Reckoned, name: str) -> None:
    """As JSON, CSV, page and on screen, up to its last day; and each knows the same customers."""
    until = {"rfm": "--as-of", "repurchase": "--until", "value": "--until"}.get(name)
    told = report(brand.home, name, *([until, "2011-08-31"] if until else []))

    assert told is not None
    bought = {one.customer for one in reckoned.standing}
    names = [one["name"] for one in told["tables"][0]["columns"]]
    rows = [dict(zip(names, row, strict=True)) for row in told["tables"][0]["rows"]]
    known = {
        "totals": lambda: told["net"] == 576_193_138,
        "cohorts": lambda: (
            sum({one["cohort"]: one["size"] for one in told["cohorts"]}.values()) == len(bought)
        ),
        "repurchase": lambda: rows[0]["customers"] == len(bought),
        "rfm": lambda: sum(one["people"] for one in rows) == len(bought),
        "value": lambda: told["bgnbd"]["customers"] == len(bought),
    }
    assert known[name]()


def test_a_period_delivered_twice_changes_no_report(
    brand: Brand, samples: Path, tmp_path: Path
) -> None:
    """May once more, in a file of its own that is recognised by its header."""
    may, numbers = tmp_path / "may.csv", set[bytes]()
    with gzip.open(samples / RETAIL, "rb") as rows, may.open("wb") as few:
        few.write(next(rows))
        for row in rows:
            if b",2011-05-" in row:
                few.write(row)
                numbers.add(row.partition(b",")[0])

    again = siyu("import", "orders", may, "--home", brand.home, "--json").json

    assert (again["orders"], again["refunds"], again["corrections"]) == (0, 0, 0)
    assert again["duplicates"] == len(numbers) > 1_500
    assert asked(brand.home) == brand.reports


# ── CDNOW ─────────────────────────────────────────────────────────────────────────────────────


def books(db: Pool) -> Totals:
    with db.transaction() as conn:
        (found,) = views.totals(conn)
    return found


def test_cdnow_comes_in_with_an_order_for_each_row(db: Pool, samples: Path, bring: Bring) -> None:
    path = samples / "cdnow_sample.csv"

    assert bring(path, None) == Report(orders=6_919, lines=6_919)
    assert bring(path, None) == Report(lines=6_919, duplicates=6_919)
    assert (books(db).customers, books(db).net) == (2_357, 24_409_194)
