"""`siyu warehouse`, `export parcels` and `import shipped` on the home of a demonstration."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

HEAD = "原始单号,发货时间,货品编码"


def test_a_warehouse_is_set_and_shown(run: Callable, played) -> None:
    home = ("--home", played.home)
    made = run(
        "warehouse", "set", "north", "--shop", "nowhere", "--audit-delay", "30m", "--ship-cutoff",
        "16:00", "--item", "h-card=CARD-A", *home, "--json",
    )  # fmt: skip
    (listed,) = run("warehouse", "list", *home, "--json").json["warehouses"]
    then, now = made.json, listed.pop("paid_now_until")

    assert then.pop("paid_now_until") <= now
    assert then == listed
    assert (listed["lag_minutes"], listed["audit_minutes"], listed["ship_cutoff"]) == (
        15,
        30,
        "16:00:00",
    )
    assert "16:00" in run("warehouse", "list", *home).out
    said = run("warehouse", "set", "south", *home)
    assert (said.code, "When does it audit?" in said.err) == (1, True)
    assert run("warehouse", "drop", "north", *home, "--json").json == {"dropped": "north"}
    assert run("warehouse", "drop", "north", *home).code == 1


def test_gifts_are_counted_one_by_one_and_as_a_file(run: Callable, played, tmp_path: Path) -> None:
    home = ("--home", played.home)
    gifts = run("warehouse", "stock", *home, "--json").json["gifts"]
    gift = next(one for one in gifts if one["on_hand"] is not None)  # others were never counted
    sku, there = gift["sku"], gift["on_hand"]
    file = tmp_path / "stock.csv"
    run("export", "stock", file, *home)
    blank = run("import", "stock", file, "--dry", *home, "--json").json
    file.write_text(f"sku,counted,was\n{sku},{there + 7},{there}\nX,1,\n", "utf-8")

    told = run("import", "stock", file, *home, "--json").json
    counted = run("warehouse", "count", sku, str(there), *home, "--json").json

    assert (blank["changes"], blank["blank"] > 0, blank["refused"]) == ([], True, [])
    assert told["changes"] == [{"sku": sku, "was": there, "on_hand": there + 7}]
    assert [(one["line"], one["field"]) for one in told["refused"]] == [(3, "sku")]
    assert counted == gift
    assert run("warehouse", "count", sku, "5", "--was", "-3", *home).code == 1


def test_a_file_of_decisions_is_written_and_listed(run: Callable, played, tmp_path: Path) -> None:
    home = ("--home", played.home)
    run("warehouse", "set", "east", "--shop", "nowhere", "--audit-delay", "1h", *home)
    out = tmp_path / "plan.xlsx"

    due = run("warehouse", "due", *home, "--json").json["due"]
    said = run("export", "parcels", out, "--warehouse", "east", *home, "--json")
    again = run(
        "export", "parcels", out, "--warehouse", "east", "--again", said.json["list"], *home
    )

    assert (said.json["gifts"], said.json["cards"]) == (0, 0)
    assert "east" not in {one["warehouse"] for one in due}
    assert out.read_bytes().startswith(b"PK")
    assert "0 parcels" in again.out
    (one, *_) = run("export", "lists", *home, "--json").json["lists"]
    assert one["warehouse"] == "east"
    assert run("export", "parcels", out, "--warehouse", "none", *home).code == 1
    assert run("export", "parcels", tmp_path / "x.pdf", "--warehouse", "east", *home).code == 1


def test_what_was_shipped_is_brought_in_and_reported(run: Callable, played, tmp_path: Path) -> None:
    home = ("--home", played.home)
    path = tmp_path / "shipped.csv"
    path.write_text(f"{HEAD}\nunknown,2026-11-20 18:00,X\n", "utf-8")

    said = run("import", "shipped", path, *home)
    report = run("report", "packing", *home, "--json").json["differences"]

    assert said.code == 0
    assert "1 line could not be used" in said.out
    told = played.figures["parcels"]
    assert sum(one["packed"] for one in report) == sum(
        told[name] for name in ("gift", "card", "both", "neither")
    ) + sum(told["out_of_scope"].values())
