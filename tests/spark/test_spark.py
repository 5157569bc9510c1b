"""Spark over the lake says what DuckDB says: on a real cluster of a master and two workers."""

from __future__ import annotations

import tempfile
from collections import Counter, defaultdict
from collections.abc import Iterator
from datetime import date, datetime
from functools import partial
from pathlib import Path
from typing import Any, cast
from zoneinfo import ZoneInfo

import pytest
import yaml
from hypothesis import Phase, given, settings
from tests.analytics.pool import NOW as LATE
from tests.analytics.pool import World
from tests.build import KEYS
from tests.segments import reference
from tests.segments.engines import store
from tests.segments.worlds import NOW, SEGMENTS, TEXTS, ZONES, texts
from tests.spark.cluster import cluster
from tests.spark.crowd import FIRST, MANY, crowd
from tests.spark.heard import heard, known, parted, proofs, twice
from tests.spark.town import town

from siyu.analytics.model import Freshness
from siyu.analytics.model.answer import Question, Told
from siyu.analytics.render.answer import plain
from siyu.analytics.views.asked import Home, ask
from siyu.analytics.views.questions import QUESTIONS
from siyu.analytics.views.questions.cohorts import Cohorts
from siyu.analytics.views.questions.lapsed import Lapsed
from siyu.analytics.views.questions.rfm import Rfm
from siyu.db.clock import RealClock
from siyu.db.pool import Pool
from siyu.kernel.ids import PublicIds
from siyu.lake import files
from siyu.lake.engine import Duck
from siyu.lake.lake import Lake
from siyu.lake.model import COLUMNS, EVENT, Engine
from siyu.lake.spark import Spark
from siyu.segments.check import parse
from siyu.segments.compile import compile_members, lake_values
from siyu.segments.model import Tree
from siyu.segments.predicates import FAMILIES
from siyu.staff import actions as staff
from siyu.staff.model import Brand

pytestmark = pytest.mark.spark


FRESH = Freshness(LATE, 0, 0)  # as of when: each engine has its own
# Facts of the crowd have no event that was applied; what happened to it is told as if they had.
APPLIED = f"""
insert into event_applied (applied_seq, event_id, received_at)
select m.seq + row_number() over (order by e.id), e.id, e.received_at
from event e, (select max(applied_seq) as seq from event_applied) m where e.id >= {FIRST}
"""


@pytest.fixture(scope="module")
def master() -> Iterator[str]:
    with tempfile.TemporaryDirectory(prefix="siyu-spark-") as folder, cluster(Path(folder)) as url:
        yield url


@pytest.fixture(scope="module", params=ZONES, ids=str)
def installed(
    databases: Any, tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest
) -> Iterator[Home]:
    """A lake of some dozens of customers, some of whom were written anew, or merged: at a brand
    without summer time, and at one whose clocks were put back 26 days ago."""
    name, zone = databases.take(), request.param
    brand = Brand("B", str(zone), "CNY", "CN", "zh")
    db = Pool(databases.url(name))
    lake = Lake(db, tmp_path_factory.mktemp("lake"), RealClock())
    with db.transaction() as conn:
        staff.seed(conn, brand)
        conn.execute(f"alter table identity alter column id restart with {2 * FIRST}")
    told, gone = parted(heard(zone))
    twice(db, told)
    with db.transaction() as conn:
        rows = crowd(zone)
        del rows["brand"]
        store(conn, rows)
        conn.execute(APPLIED)
    lake.sync()
    twice(db, [*gone, *proofs()])
    with db.transaction() as conn:
        conn.execute(f"update touch set outcome = 'card' where customer_id < {FIRST + 8}")
    lake.sync()
    yield Home(db, KEYS, PublicIds(b"i" * 32), brand, lake)
    db.close()
    databases.give_back(name)


class Asked:
    """The lake in both engines, and its facts as the naive interpreter reads them."""

    def __init__(self, installed: Home, duck: Engine, spark: Engine) -> None:
        self.duck, self.spark = duck, spark
        self.zone = ZoneInfo(installed.brand.time_zone)
        self.facts = known(cast("Pool", installed.db), "CNY", self.zone)

    def members(self, one: Engine, tree: Tree) -> set[int]:
        asked = compile_members(tree, one.dialect)
        values = lake_values(asked, NOW, self.zone, "CNY")
        return {row[0] for row in one.rows(asked.sql, values)}

    def same(self, text: object) -> set[int]:
        """Whom it finds, if all find the same."""
        tree = parsed(text)
        expected = reference.matching(tree, self.facts, NOW)
        assert self.members(self.duck, tree) == expected, text
        assert self.members(self.spark, tree) == expected, text
        return expected


@pytest.fixture(scope="module")
def engines(installed: Home, master: str) -> Iterator[Asked]:
    folder = installed.lake.folder
    with files.reading(folder) as manifest, Duck() as duck, Spark(master) as spark:
        for one in (duck, spark):
            one.open(folder, manifest)
        yield Asked(installed, duck, spark)


def test_every_table_has_the_same_rows(engines: Asked) -> None:
    for table in (*COLUMNS, EVENT, "event_subject"):
        duck, spark = (
            sorted(map(str, one.rows(f"select * from {table}")))
            for one in (engines.duck, engines.spark)
        )
        assert spark == duck, table
    ((rows,),) = engines.spark.rows("select count(*) from orders")
    assert rows > 100


def test_the_facts_have_what_makes_sets_hard(engines: Asked) -> None:
    """Nobody's, merged, given back and doubled ones, told by events and as rows."""
    found = engines.facts
    for told in (True, False):  # by events
        customers, orders = (
            [one for one in found[table] if (one["id"] < FIRST) is told]
            for table in ("customer", "orders")
        )
        assert sum(one["merged_into"] is not None for one in customers) >= 5
        assert {one["state"] for one in orders} == {"paid", "cancelled", "refunded"}
        assert None in {one["customer_id"] for one in orders}
    assert len(found["refund"]) > MANY + 20
    ids = {one["id"] for one in found["event"]}
    assert len(ids) == len(found["event"])  # what was told twice is there once
    tags = Counter((one["customer_id"], one["name"]) for one in found["tag"])
    assert max(tags.values()) > 1  # by several of a customer's identities


def parsed(text: object) -> Tree:
    found = parse(text, FAMILIES, segments=SEGMENTS.get)
    assert not isinstance(found, tuple), found
    return found


def test_every_segment_has_the_members_that_the_naive_interpreter_finds(engines: Asked) -> None:
    some = [bool(engines.same(yaml.safe_load(text))) for text in TEXTS]
    assert sum(some) > len(TEXTS) * 0.8  # a set that is empty everywhere says little


@settings(max_examples=25, phases=[Phase.generate], derandomize=True)
@given(text=texts)
def test_any_segment_has_the_members_that_the_naive_interpreter_finds(
    engines: Asked, text: dict[str, Any]
) -> None:
    engines.same(text)


def test_cohorts_are_those_of_an_independent_count_by_the_brands_months(
    installed: Home, master: str
) -> None:
    lake, zone = cast("Lake", installed.lake), ZoneInfo(installed.brand.time_zone)
    other = Lake(installed.db, lake.folder, RealClock(), partial(Spark, master))
    told = plain(ask(installed._replace(lake=other), Cohorts(), LATE))

    def month(at: datetime) -> date:
        return at.astimezone(zone).date().replace(day=1)

    facts, first = known(cast("Pool", installed.db), "CNY", zone), dict[int, date]()
    paid = [
        one for one in facts["orders"] if one["state"] == "paid" and one["customer_id"] is not None
    ]
    for one in sorted(paid, key=lambda one: one["paid_at"], reverse=True):
        first[one["customer_id"]] = month(one["paid_at"])
    who, many, worth = defaultdict[Any, set[int]](set), Counter[Any](), Counter[Any]()
    for one in paid:
        cell = first[one["customer_id"]], month(one["paid_at"]), one["currency"]
        who[cell].add(one["customer_id"])
        many[cell] += 1
        worth[cell] += one["total_minor"] - one["refunded_minor"]
    for one in facts["refund"]:
        if one["order_id"] is None and one["customer_id"] in first and not one["whole"]:
            cell = first[one["customer_id"]], month(one["refunded_at"]), one["currency"]
            worth[cell] -= one["amount_minor"]
    sizes = Counter(first.values())

    assert {
        (one["cohort"], one["month"], one["currency"]): (
            one["size"], one["customers"], one["orders"], one["worth_minor"],
        )
        for one in cast("list[dict[str, Any]]", told["cohorts"])
    } == {
        (f"{cell[0]:%Y-%m}", f"{cell[1]:%Y-%m}", cell[2]): (
            sizes[cell[0]], len(who[cell]), many[cell], worth[cell],
        )
        for cell in worth
    }  # fmt: skip
    summer = {one["paid_at"].astimezone(zone).utcoffset() for one in paid}
    assert len(summer) == (2 if str(zone) == "Europe/London" else 1)


@pytest.fixture(scope="module")
def brand(databases: Any, tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """Of whose customers every report has something to say."""
    name = databases.take()
    db = Pool(databases.url(name))
    yield town(db, tmp_path_factory.mktemp("town"))
    db.close()
    databases.give_back(name)


@pytest.mark.parametrize(
    "question",
    [*(one() for one in QUESTIONS), Rfm("fixed"), Lapsed(cycle="category")],
    ids=lambda one: one.name if one == type(one)() else f"{one.name}-otherwise",
)
def test_every_report_says_the_same(brand: World, master: str, question: Question) -> None:
    home = brand.home
    other = Lake(home.db, home.lake.folder, RealClock(), partial(Spark, master))
    duck = plain(Told(question, brand.ask(question), FRESH))
    spark = plain(ask(home._replace(lake=other), question, LATE)._replace(fresh=FRESH))
    assert list(differences(duck, spark)) == []


def differences(one: Any, other: Any, at: str = "") -> Iterator[str]:
    """Where two answers differ; numbers may by a part in a thousand million."""
    if isinstance(one, dict) and isinstance(other, dict) and one.keys() == other.keys():
        for name in one:
            yield from differences(one[name], other[name], f"{at}.{name}")
    elif isinstance(one, list | tuple) and len(one) == len(other):
        for place, (mine, its) in enumerate(zip(one, other, strict=True)):
            yield from differences(mine, its, f"{at}[{place}]")
    elif type(one) is not type(other) or one != (
        pytest.approx(other, rel=1e-9) if isinstance(other, float) else other
    ):
        yield f"{at}: {one!r} is not {other!r}"


def test_workers_find_the_lake_under_another_address(
    installed: Home, master: str, tmp_path: Path
) -> None:
    """What is no longer in force is forgotten there, a sync later."""
    lake, at = cast("Lake", installed.lake), tmp_path / "there"
    other = Lake(installed.db, lake.folder, RealClock(), partial(Spark, master, f"file://{at}"))

    def there() -> set[str]:
        return {str(one.relative_to(at)) for one in at.rglob("*.parquet")}

    def asked() -> set[str]:
        with other.asked() as spark, lake.asked() as duck:
            count = "select count(*) from orders where state = 'paid'"
            assert spark.rows(count) == duck.rows(count)
        return {one.path for one in files.named(lake.manifest())}

    first = asked()
    assert there() == first
    lake.sync(anew=True)
    second = asked()
    assert not first & second
    assert there() == first | second
    lake.sync(anew=True)
    third = asked()
    assert there() == second | third


def test_a_connection_that_the_cluster_drops_is_made_anew(installed: Home, master: str) -> None:
    lake = cast("Lake", installed.lake)
    other = Lake(installed.db, lake.folder, RealClock(), partial(Spark, master))
    for _ in range(2):
        with other.asked() as spark:
            assert spark.rows("select count(*) from orders")[0][0] > 100
            cast("Any", spark)._db.sparkContext._jsc.sc().stop()  # as where the master ends
