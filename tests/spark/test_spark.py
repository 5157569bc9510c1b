"""Spark over the lake says what DuckDB says: on a real cluster of a master and two workers."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any, cast

import pytest
import yaml
from hypothesis import Phase, given, settings
from tests.analytics.pool import NOW as LATE
from tests.analytics.pool import World
from tests.build import KEYS
from tests.segments.engines import store
from tests.segments.worlds import NOW, SEGMENTS, TEXTS, ZONE, texts
from tests.spark.cluster import cluster
from tests.spark.crowd import crowd
from tests.spark.town import town

from siyu.analytics.model import Freshness
from siyu.analytics.model.answer import Question, Told
from siyu.analytics.render.answer import plain
from siyu.analytics.views.asked import Home, ask
from siyu.analytics.views.questions import QUESTIONS
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
from siyu.staff.model import Brand

pytestmark = pytest.mark.spark


BRAND = Brand("B", "Asia/Shanghai", "CNY", "CN", "zh")
FRESH = Freshness(LATE, 0, 0)  # as of when: each engine has its own


@pytest.fixture(scope="module")
def master() -> Iterator[str]:
    with tempfile.TemporaryDirectory(prefix="siyu-spark-") as folder, cluster(Path(folder)) as url:
        yield url


@pytest.fixture(scope="module")
def installed(databases: Any, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Home]:
    """A lake of some dozens of customers, some of whom were written anew."""
    name = databases.take()
    db = Pool(databases.url(name))
    lake = Lake(db, tmp_path_factory.mktemp("lake"), RealClock())
    with db.transaction() as conn:
        store(conn, crowd())
    lake.sync()
    with db.transaction() as conn:
        conn.execute(
            "update orders set state = 'refunded' where customer_id < 9 and state = 'paid'"
        )
        conn.execute("update touch set outcome = 'card' where customer_id < 9")
    lake.sync()
    yield Home(db, KEYS, PublicIds(b"i" * 32), BRAND, lake)
    db.close()
    databases.give_back(name)


@pytest.fixture(scope="module")
def engines(installed: Home, master: str) -> Iterator[tuple[Engine, Engine]]:
    folder = installed.lake.folder
    with files.reading(folder) as manifest, Duck() as duck, Spark(master) as spark:
        for one in (duck, spark):
            one.open(folder, manifest)
        yield duck, spark


def test_every_table_has_the_same_rows(engines: tuple[Engine, Engine]) -> None:
    for table in (*COLUMNS, EVENT, "event_subject"):
        duck, spark = (sorted(map(str, one.rows(f"select * from {table}"))) for one in engines)
        assert spark == duck, table
    (((rows,),), _) = (one.rows("select count(*) from orders") for one in engines)
    assert rows > 100


def members(one: Engine, tree: Tree) -> set[int]:
    asked = compile_members(tree, one.dialect)
    return {row[0] for row in one.rows(asked.sql, lake_values(asked, NOW, ZONE, "CNY"))}


def parsed(text: object) -> Tree:
    found = parse(text, FAMILIES, segments=SEGMENTS.get)
    assert not isinstance(found, tuple), found
    return found


def test_every_segment_has_the_same_members(engines: tuple[Engine, Engine]) -> None:
    some = 0
    for text in TEXTS:
        duck, spark = (members(one, parsed(yaml.safe_load(text))) for one in engines)
        assert spark == duck, text
        some += bool(spark)
    assert some > len(TEXTS) * 0.8  # a set that is empty in both says little


@settings(max_examples=40, phases=[Phase.generate], derandomize=True)
@given(text=texts)
def test_any_segment_has_the_same_members(
    engines: tuple[Engine, Engine], text: dict[str, Any]
) -> None:
    """Random trees; what the naive interpreter says of them DuckDB says, in tests/segments."""
    duck, spark = (members(one, parsed(text)) for one in engines)
    assert spark == duck


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
