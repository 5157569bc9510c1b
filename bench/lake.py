"""How fast the lake answers: `python bench/lake.py --json --customers 1000000 --home FOLDER`.

A segment as it is compiled beside the same question written by hand (bench/lake.sql), in turns on
the same files; the sets must be the same. The base of a size is made once and kept in the folder.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from lakebase import NOW, made, opened

from siyu.kernel.sql import parse as named
from siyu.segments.check import parse
from siyu.segments.compile import compile_members, lake_values
from siyu.segments.predicates import FAMILIES

BY_HAND = named(Path(__file__).with_name("lake.sql").read_text("utf-8"))
SEGMENT = {
    "all": [
        {"orders": {"category": "cat-3", "at_least": 2, "within": "90d"}},
        {"not": {"tag": "tag-7"}},
        {"touched": {"last_older_than": "7d"}},
    ]
}


def segment(db: Any, *, runs: int) -> dict[str, Any]:
    """The segment, compiled and by hand, in turns."""
    tree = parse(SEGMENT, FAMILIES)
    assert not isinstance(tree, tuple), tree
    compiled = compile_members(tree, "duckdb")
    values = lake_values(compiled, NOW, ZoneInfo("Asia/Shanghai"), "CNY")
    by_hand = BY_HAND["bought_untagged_quiet"]

    def ours() -> set[int]:
        return {row[0] for row in db.execute(compiled.sql, values).fetchall()}

    def theirs() -> set[int]:
        return {row[0] for row in db.execute(by_hand, {"now": values["now"]}).fetchall()}

    found, expected = ours(), theirs()
    assert found == expected, (len(found), len(expected), len(found ^ expected))
    times: dict[str, list[float]] = {"compiled": [], "by_hand": []}
    for _ in range(runs):
        times["compiled"].append(_spent(ours))
        times["by_hand"].append(_spent(theirs))
    median = {name: statistics.median(some) for name, some in times.items()}
    return {
        "members": len(found),
        **{f"{name}_s": round(one, 3) for name, one in median.items()},
        "ratio": round(median["compiled"] / median["by_hand"], 2),
    }


def _spent(work: Callable[[], object]) -> float:
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


def main() -> None:
    """Every figure of the lake, so far one."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--customers", type=int, default=1_000_000)
    options.add_argument("--runs", type=int, default=5)
    options.add_argument("--home", type=Path, required=True)
    options.add_argument("--json", action="store_true")
    options.add_argument("--plan", action="store_true", help="show both plans and stop")
    given = options.parse_args()
    db = opened(made(given.home, given.customers))
    if given.plan:
        _plans(db)
        return
    answer = {
        "customers": given.customers,
        "events": 10 * given.customers,
        "tags": 3 * given.customers,
        "load": round(os.getloadavg()[0], 1),
        "segment": segment(db, runs=given.runs),
    }
    print(json.dumps(answer, indent=None if given.json else 2))


def _plans(db: Any) -> None:
    tree = parse(SEGMENT, FAMILIES)
    assert not isinstance(tree, tuple), tree
    compiled = compile_members(tree, "duckdb")
    values = lake_values(compiled, NOW, ZoneInfo("Asia/Shanghai"), "CNY")
    by_hand = BY_HAND["bought_untagged_quiet"], {"now": values["now"]}
    for sql, asked in (by_hand, (compiled.sql, values)):
        print(sql)
        print(db.execute("explain analyze " + sql, asked).fetchall()[0][1])


if __name__ == "__main__":
    main()
