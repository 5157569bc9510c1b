"""How fast the lake answers: `python bench/lake.py --json --customers 1000000 --home FOLDER`.

A segment as it is compiled beside the same question written by hand (bench/lake.sql), in turns on
the same rows, by DuckDB and, where it is asked for, by PostgreSQL; on Spark (a master and two
workers here) the same segment and cohorts with the same result; all reports, one after the other.
The base of a size is kept in the folder, and made anew where it has changed. Export:
bench/lake_export.py.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import house
from lakebase import NOW, REPORTS, ROWS, SEGMENTS, filled, made

import engine
from siyu.acquisition import actions as acquisition
from siyu.acquisition.model import Source
from siyu.analytics.compile import cohorts
from siyu.analytics.model.answer import Sources
from siyu.analytics.views.questions import QUESTIONS
from siyu.app import App
from siyu.kernel.errors import Refused
from siyu.kernel.sql import Conn, parse
from siyu.lake import files
from siyu.lake.engine import Duck
from siyu.lake.model import Engine
from siyu.segments import check
from siyu.segments.compile import compile_members, lake_values
from siyu.segments.model import Tree
from siyu.segments.predicates import FAMILIES
from siyu.segments.views import members

PARTS = ("segment", "postgres", "reports", "spark")
ZONE = ZoneInfo("Asia/Shanghai")
BY_HAND = parse(Path(__file__).with_name("lake.sql").read_text("utf-8"))
_PARSED = check.parse(
    {
        "all": [
            {"orders": {"category": "cat-3", "at_least": 2, "within": "90d"}},
            {"not": {"tag": "tag-7"}},
            {"touched": {"last_older_than": "7d"}},
        ]
    },
    FAMILIES,
)
assert not isinstance(_PARSED, tuple), _PARSED
TREE: Tree = _PARSED


def main() -> None:
    """Run and print."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--customers", type=int, default=1_000_000)
    options.add_argument("--runs", type=int, default=5)
    options.add_argument("--home", type=Path, required=True)
    options.add_argument("--only", choices=PARTS, action="append", help="some of the parts")
    options.add_argument("--memory", help="DuckDB's, while it makes the base: 8GB")
    options.add_argument("--json", action="store_true")
    options.add_argument("--plan", action="store_true", help="show both plans and stop")
    given = options.parse_args()
    parts = given.only or PARTS
    tables = ROWS if "reports" in parts else SEGMENTS
    base = made(given.home, given.customers, tables, given.memory)
    if given.plan:
        _plans(base)
        return
    found = measure(base, parts, given.runs)
    size = {f"{of}": many * given.customers for of, many in SIZES.items()}
    print(json.dumps({**size, **found}, indent=None if given.json else 2))


SIZES = {"customers": 1, "events": 10, "tags": 3}


def measure(base: Path, parts: tuple[str, ...] | list[str], runs: int) -> dict[str, Any]:
    """The figures of these parts, each with the load at its beginning. Reports have a process of
    their own: what it had of memory is theirs."""
    work: dict[str, Callable[[], dict[str, Any]]] = {
        "segment": lambda: segment(base, runs),
        "postgres": lambda: postgres(base, runs),
        "reports": lambda: on_its_own(base),
        "spark": lambda: spark(base),
    }
    alone = len(parts) == 1
    found: dict[str, Any] = {}
    for part in parts:
        load = round(os.getloadavg()[0], 1)
        if part == "reports" and not alone:
            found[part] = _apart(base)
        else:
            found[part] = {"load": load, **work[part]()}
    return found


def _apart(base: Path) -> dict[str, Any]:
    folder, customers = base.parent, base.name.removeprefix("lake-")
    command = [sys.executable, __file__, "--json", "--home", str(folder), "--only", "reports"]
    said = subprocess.run(
        [*command, "--customers", customers], check=True, stdout=subprocess.PIPE, text=True
    )
    return dict(json.loads(said.stdout)["reports"])


def opened(base: Path, into: Engine) -> Engine:
    """With the tables of the base."""
    into.open(base, files.read(base))
    return into


def segment(base: Path, runs: int) -> dict[str, Any]:
    """The segment on DuckDB, compiled and by hand, in turns."""
    compiled = compile_members(TREE, "duckdb")
    values = lake_values(compiled, NOW, ZONE, "CNY")
    with opened(base, Duck()) as duck:
        return _turns(
            lambda: _ids(duck, compiled.sql, values),
            lambda: _ids(duck, BY_HAND["bought_untagged_quiet"], {"now": values["now"]}),
            runs,
        )


def postgres(base: Path, runs: int) -> dict[str, Any]:
    """The same on PostgreSQL, in one transaction with the settings of the product's own."""
    with engine.home() as app:
        began = time.perf_counter()
        filled(base, app.db.url, dict.fromkeys(SEGMENTS, "true"))
        took = time.perf_counter() - began
        with app.db.transaction() as conn:
            by_hand = BY_HAND["bought_untagged_quiet_postgres"]

            def theirs(conn: Conn = conn) -> set[int]:
                return {row[0] for row in conn.fetch(by_hand, {"now": NOW})}

            def spent() -> float:
                return house.database_seconds(app.settings.home)

            found = _turns(partial(members, conn, TREE, NOW), theirs, runs, spent)
    return {"filled_s": round(took, 1), **found}


def spark(base: Path) -> dict[str, Any]:
    """The segment and cohorts on a cluster, each the first time and again."""
    sys.path.append(str(Path(__file__).parent.parent))
    from tests.spark.cluster import cluster  # noqa: PLC0415 - it is the tests'

    from siyu.lake.spark import Spark, missing  # noqa: PLC0415

    if why := missing():
        raise Refused(why)
    found: dict[str, Any] = {}
    with (
        tempfile.TemporaryDirectory() as folder,
        cluster(Path(folder), parts=8, java="") as master,
        opened(base, Duck()) as duck,
        opened(base, Spark(master)) as one,
    ):
        for name, ask in (("segment", _members), ("cohorts", _cohorts)):
            duck_s, expected = _timed(lambda ask=ask: ask(duck))
            first_s, rows = _timed(lambda ask=ask: ask(one))
            assert rows == expected, name
            again_s, _ = _timed(lambda ask=ask: ask(one))
            figures = {"duckdb_s": duck_s, "spark_first_s": first_s, "spark_s": again_s}
            found[name] = {"rows": len(rows)}
            found[name] |= {what: round(each, 2) for what, each in figures.items()}
    return found


def _members(one: Engine) -> set[int]:
    compiled = compile_members(TREE, one.dialect)
    return _ids(one, compiled.sql, lake_values(compiled, NOW, ZONE, "CNY"))


def _cohorts(one: Engine) -> set[tuple[Any, ...]]:
    return {tuple(str(cell)[:10] for cell in row) for row in one.fetch(cohorts())}


def on_its_own(base: Path) -> dict[str, Any]:
    """The reports of a brand that has nothing else."""
    with engine.home() as app:
        return reports(app, base)


def reports(app: App, base: Path) -> dict[str, Any]:
    """Every report once, as it is asked for without options: its seconds, and why it says nothing,
    if it does not. What it takes besides the lake it asks of the database, where the last months
    lie. On a busy machine `cpu_s` says more: what this process had of all cores."""
    _scene(app)
    filled(base, app.db.url, REPORTS)
    each, refused = dict[str, float](), dict[str, str]()
    cpu, database = time.process_time(), house.database_seconds(app.settings.home)
    with opened(base, Duck()) as duck, tempfile.TemporaryDirectory() as room:
        today = NOW.astimezone(ZONE).date()
        of = Sources(duck, app.db, app.keys, app.ids, app.brand, NOW, today, Path(room))
        for question in QUESTIONS:
            began = time.perf_counter()
            try:
                question().answer(of)
            except Refused as why:
                refused[question.name] = why.detail
            each[question.name] = round(time.perf_counter() - began, 2)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    spent = {
        "cpu_s": round(time.process_time() - cpu, 1),
        "database_cpu_s": round(house.database_seconds(app.settings.home) - database, 1),
        "peak_mb": round(peak),
    }
    return {"together_s": round(sum(each.values()), 1), **spent, "each_s": each, "refused": refused}


def _scene(app: App) -> None:
    """Those that the base's friends came from (one takes the place of the cascade's), and counts
    of its shops."""
    named = [
        Source(code, {"en": code, "zh": code}, {"everybody": True}, (), journey)
        for code, journey in (("new-orders", "j0"), ("bench", "j1"))
    ]
    with app.db.transaction() as conn:
        acquisition.install(conn, named, [], "bench")
        conn.execute(BY_HAND["counts"])


def _ids(one: Engine, statement: str, values: dict[str, object]) -> set[int]:
    return {row[0] for row in one.rows(statement, values)}


def _turns(
    ours: Callable[[], set[int]],
    theirs: Callable[[], set[int]],
    runs: int,
    cpu: Callable[[], float] = time.process_time,
) -> dict[str, Any]:
    """Beside each time the CPU that the engine spent, which other work on the machine leaves as it
    is."""
    found, expected = ours(), theirs()
    assert found == expected, (len(found), len(expected), len(found ^ expected))
    spent: dict[str, list[float]] = {}
    for _ in range(runs):
        for name, ask in (("compiled", ours), ("by_hand", theirs)):
            before = cpu()
            spent.setdefault(f"{name}_s", []).append(_timed(ask)[0])
            spent.setdefault(f"{name}_cpu_s", []).append(cpu() - before)
    median = {name: round(statistics.median(some), 3) for name, some in spent.items()}
    ratios = {
        "ratio": median["compiled_s"] / median["by_hand_s"],
        "cpu_ratio": median["compiled_cpu_s"] / median["by_hand_cpu_s"],
    }
    rounded = {name: round(one, 2) for name, one in ratios.items()}
    return {"members": len(found), **median, **rounded}


def _timed(work: Callable[[], Any]) -> tuple[float, Any]:
    began = time.perf_counter()
    found = work()
    return time.perf_counter() - began, found


def _plans(base: Path) -> None:
    compiled = compile_members(TREE, "duckdb")
    values = lake_values(compiled, NOW, ZONE, "CNY")
    by_hand = BY_HAND["bought_untagged_quiet"], {"now": values["now"]}
    with opened(base, Duck()) as duck:
        for sql, asked in (by_hand, (compiled.sql, values)):
            print(sql)
            print(duck.rows("explain analyze " + sql, asked)[0][1])


if __name__ == "__main__":
    main()
