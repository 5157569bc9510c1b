"""`siyu segment`: a set is kept, counted, explained by its facts, and written as a file."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

FILES = Path(__file__).parents[2] / "docs" / "tutorial"
PHONE = "13800000001"
TEXT = """segment: buyers
title: {zh: 买过的人, en: Buyers}
when:
  all:
    - orders: {at_least: 1}
    - not: {friend: true}
    - orders: {at_least: 2, within: 30d}
"""


def test_a_set_is_kept_counted_explained_and_exported(
    run: Callable, brandless: Path, tmp_path: Path
) -> None:
    orders = Path(shutil.copy(FILES / "orders.csv", tmp_path))
    home = ("--home", brandless)
    run("import", "orders", orders, "--mapping", FILES / "shop-export.yaml", *home)
    file, out = tmp_path / "buyers.yaml", tmp_path / "out.csv"
    file.write_text(TEXT, "utf-8")
    loose = tmp_path / "loose.yaml"
    loose.write_text("orders: {at_least: 1}\n", "utf-8")
    wrong = tmp_path / "wrong.yaml"
    wrong.write_text(TEXT.replace("friend", "freind"), "utf-8")

    kept = run("segment", "set", file, "--by", "ana", *home, "--json").json
    refused = run("segment", "set", wrong, *home)
    listed = next(
        one
        for one in run("segment", "list", *home, "--json").json["segments"]
        if one["code"] == "buyers"
    )
    shown = run("segment", "show", "buyers", *home)
    loosely = run("segment", "count", loose, *home, "--json").json
    counted = run("segment", "count", "buyers", *home, "--json").json
    on_lake = run("segment", "count", "buyers", "--on", "lake", *home, "--json").json
    people = run("segment", "members", loose, *home, "--json").json["customers"]
    by_list = run("segment", "list", loose, *home, "--json").json["customers"]
    behind = ("--after", people[0]["customer"], "--limit", 2, "--on", "lake")
    some = run("segment", "members", loose, *behind, *home, "--json").json
    told = run("segment", "explain", "buyers", people[0]["customer"], *home)
    reason = ("--reason", "a mailing", "--by", "ana")
    written = run("segment", "export", loose, "--out", out, *reason, *home, "--json").json
    by_lake = tmp_path / "lake.csv"
    also = run("segment", "export", loose, "--out", by_lake, "--on", "lake", *reason, *home)
    installed = run("segment", "install", "rfm", *home)
    cut = run("segment", "layers", "--days", 3650, *home, "--json").json["bands"]
    retired = run("segment", "retire", "buyers", *home)
    gone = run("segment", "count", "buyers", *home)

    assert (kept["version"], listed["code"], listed["live"]) == (1, "buyers", False)
    assert "line 6: when.all[1].not.freind: unknown condition" in refused.err
    assert "at_least: 2, within: 30d" in shown.out
    assert [part["where"] for part in counted["parts"]] == [
        "", "all[0]", "all[1]", "all[1].not", "all[2]",
    ]  # fmt: skip
    assert counted["parts"][1]["customers"] == loosely["count"] == len(people) == written["rows"]
    assert by_list == people
    assert (counted["on"], on_lake) == ("database", {**counted, "on": "lake"})
    assert some == {"customers": people[1:3], "on": "lake"}
    assert (also.code, by_lake.read_text()) == (0, out.read_text())
    assert counted["everybody"] >= loosely["count"] > 0
    assert '{"orders": {"at_least": 2, "within": "30d"}}: false: ' in told.out
    assert '{"friend": true}: false: never was one' in told.out
    assert all("****" in one["phone_masked"] for one in people if one["phone_masked"])
    assert PHONE not in out.read_text("utf-8")
    assert out.stat().st_mode & 0o777 == 0o600
    assert "All of it is there." in installed.out
    assert [len(cut), {one["outcome"] for one in cut}] == [15, {"new"}]
    assert run("segment", "count", "rfm-m1", *home, "--json").json["count"] == cut[-1]["people"] > 0
    assert (retired.code, gone.code) == (0, 1)
    assert "retired" in gone.err


def test_cycles_become_numbers_of_a_set(run: Callable, brandless: Path, tmp_path: Path) -> None:
    orders = Path(shutil.copy(FILES / "orders.csv", tmp_path))
    home = ("--home", brandless)
    run("import", "orders", orders, "--mapping", FILES / "shop-export.yaml", *home)

    cycles = run("segment", "cycles", "--by", "ana", *home, "--json").json
    lapsed = run("segment", "show", "lapsed-cycle", *home).out

    assert (cycles["outcome"], cycles["cycles"]) == ("new", {})  # a day of orders tells no cycle
    assert "older_than: 91d" in lapsed
    assert "by 91d to 183d" in lapsed
