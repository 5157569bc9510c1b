"""What things cost, on the command line: typed and from files."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from siyu.app import open_app
from siyu.settings import load


@pytest.fixture
def home(played: Any) -> Iterator[tuple[str, str]]:
    """The played home, with its prices and costs put back afterwards."""
    kept = (
        "price",
        "tool",
        "tool_month",
        "goods_cost",
        "goods_share",
        "goods_stock",
        "goods_variant",
        "size_stock",
        "ledger_entry",
    )
    with open_app(load({}, home=played.home)) as app, app.db.transaction() as conn:
        for name in kept:
            conn.execute(f"create table kept_{name} as table {name}")
    yield "--home", str(played.home)
    with open_app(load({}, home=played.home)) as app, app.db.transaction() as conn:
        for name in kept:
            conn.execute(f"truncate {name}")
            conn.execute(f"insert into {name} overriding system value table kept_{name}")
            conn.execute(f"drop table kept_{name}")


def test_a_price_of_a_vendor_is_set_from_a_day_on_and_what_is_posted_changes_when_asked(
    run: Callable, home: Any
) -> None:
    listed = run("prices", "list", *home, "--json").json["prices"]
    (text,) = [one for one in listed if one["kind"] == "sms_segment"]
    words = ("sms_segment", "0.50", "--note", "contract", "--by", "ana")
    assert run("prices", "set", *words, *home, "--json").json == {"changed": 1}
    assert run("prices", "set", *words, *home).out == "Nothing changed.\n"
    run(
        "prices",
        "set",
        "call_minute",
        "1",
        "--variant",
        "voice_calls",
        "--from",
        "2026-01-01",
        *home,
    )
    after = run("prices", "list", *home, "--json").json["prices"]
    new = [one for one in after if one not in listed]
    dry = run("prices", "reprice", "--from", "2020-01-01", *home, "--json").json
    again = run("prices", "reprice", "--from", "2020-01-01", *home, "--json").json
    done = run("prices", "reprice", "--from", "2020-01-01", "--write", *home, "--json").json
    nothing = run("prices", "reprice", "--from", "2020-01-01", *home).out

    assert (text["valid_from"], text["holds"]) == (None, True)
    dated = {(one["kind"], one["variant"], one["unit_minor"], one["holds"]) for one in new}
    assert ("sms_segment", "", 50, True) in dated
    assert ("sms_segment", "", text["unit_minor"], False) in dated
    assert ("call_minute", "voice_calls", 100, True) in dated
    assert dry == again
    assert done == {**dry, "written": True}
    (calls,) = [one for one in dry["kinds"] if one["kind"] == "call_minute"]
    assert calls["after_minor"] > calls["before_minor"] > 0
    assert "at the list's price already" in nothing
    assert run("ledger", "check", *home).code == 0
    assert run("prices", "drop", "card", "--from", "2031-01-01", *home).code == 1


def test_a_file_of_prices_is_taken_whole_or_each_wrong_line_is_named(
    run: Callable, home: Any, tmp_path: Path
) -> None:
    good, bad = tmp_path / "good.csv", tmp_path / "bad.csv"
    good.write_text(
        "项目,角色,单价,生效日期\nstaff_minute,guide,1.20,2026-11-01\ngift,mask,8,\n"
        "tool_fee,scrm,299,2026-01-01\n",
        "utf-8",
    )
    bad.write_text(
        "kind,price,valid_from,currency\nfax,1,,\ncard,cheap,,\ncard,1,soon,\ncard,1,,XXX\ncard,-1,,\n",
        "utf-8",
    )
    refused = run("prices", "import", bad, *home)
    before = run("prices", "list", *home, "--json").json
    said = run("prices", "import", good, *home, "--json").json
    fee = run("prices", "tool", "scrm", "--per", "friend", *home, "--json").json

    assert refused.code == 1
    for words in (
        "line 2, kind: has no price", "line 3, price: 'cheap' is not", "line 4, valid_from: 'soon'",
        "line 5, currency: is none of", "line 6, price: is negative",
    ):  # fmt: skip
        assert words in refused.err
    assert said == {"rows": 3, "changed": 3}
    assert "fax" not in str(before)
    assert fee["booked"] > 0
    assert "friends at the end" in run("prices", "list", *home).out
    assert run("prices", "tool", "scrm", "--per", "off", *home).code == 0
    assert run("prices", "tool", "scrm", "--per", "head", *home).code == 1


def test_costs_of_goods_come_by_file_or_as_a_share_and_wrong_lines_are_named(
    run: Callable, home: Any, tmp_path: Path
) -> None:
    file = tmp_path / "costs.csv"
    file.write_text(
        "sku,cost,valid_from\nx1,3.5,2026-10-01\nx1,4,2026-11-01\n,2,\nx2,free,\n", "utf-8"
    )
    before = run("costs", "list", *home, "--json").json["shares"]
    said = run("costs", "import", file, *home, "--json").json
    again = run("costs", "import", file, *home, "--json").json
    run("costs", "share", "shoes", "0.45", *home)
    run("costs", "share", "*", "0.5", "--from", "2026-11-01", *home)
    found = run("costs", "list", *home, "--json").json

    assert (said["rows"], said["changed"], again["changed"]) == (2, 2, 0)
    assert [(one["line"], one["field"]) for one in said["refused"]] == [(4, "sku"), (5, "cost")]
    assert Path(said["rejects"]).read_text("utf-8-sig").count("\n") == 3
    assert (found["costs"], found["skus"]) == (2, 1)
    assert [one["unit_minor"] for one in found["first"]] == [350, 400]
    assert [(one["category"], one["basis_points"]) for one in before] == [("", 3_500)]  # the demo's
    assert [one for one in before if one not in found["shares"]] == []
    assert sorted(
        (one["category"], one["basis_points"]) for one in found["shares"] if one not in before
    ) == [("", 5_000), ("shoes", 4_500)]
    assert run("costs", "share", "shoes", "1.2", *home).code == 1
    assert run("costs", "share", "shoes", "half", *home).code == 1
    assert run("costs", "share", "shoes", "off", *home).code == 0


def test_the_calculator_takes_own_numbers_and_those_that_are_given(
    run: Callable, home: Any
) -> None:
    own = run("report", "calculator", *home, "--json").json
    given = ("--margin", "20/35/50", "--repurchase", "0.3", "--orders", "2")
    full = run("report", "calculator", *home, *given, "--cost", "sms=0.5", "--json").json
    wrong = run("report", "calculator", *home, "--margin", "60/35/50", "--success", "sms")

    assert own["missing"] == ["repurchase", "orders"]
    assert "own" in str(own["inputs"]["margin"]["source"])  # by the share that the demo states
    assert "payback_days" not in own["results"]
    assert "own" in str(own["inputs"]["success.sms"]["source"])
    friends = full["results"]["friends"]
    assert friends == own["results"]["friends"]
    assert friends["low"] < friends["likely"] < friends["high"]
    assert full["inputs"]["cost.sms"]["likely"] == 50
    assert full["results"]["payback_days"]["likely"] > 0
    assert full["sensitivity"][0]["name"] in full["inputs"]
    assert wrong.code == 1
    assert "60/35/50" in wrong.err
    margin, *_ = [row for row in full["tables"][1]["rows"] if row[0]["en"].startswith("Margin")]
    assert (margin[0], margin[2]) == ({"zh": "每单毛利（¥）", "en": "Margin of an order (¥)"}, 35)
    results = [row[0]["zh"] for row in full["tables"][0]["rows"]]
    assert {"单个好友成本（¥）", "保本加微率（0–1）", "回本天数"} < {*results}
    assert "brand's currency" in run("report", "calculator", "--help").out.replace("\n", " ")


def test_a_count_of_goods_comes_by_file_and_what_is_wrong_with_a_row_is_said(
    run: Callable, home: Any, tmp_path: Path
) -> None:
    file = tmp_path / "盘点.csv"
    rows = '门店,商品编码,库存,日期\nnorth,x1,3,2025/11/1\n,x1,"1,200",\nnorth,x1,2,2025-11-1\n'
    file.write_bytes(
        (rows + "north,x2,-1,\nnorth,x2,4,soon\n,,5,\nnorth,x2,1,2099-01-01\n").encode("gb18030")
    )

    said = run("goods", "import", file, "--place", "south", *home, "--json").json
    run("goods", "import", file, "--place", "south", *home)
    found = run("goods", "list", *home, "--json").json["places"]

    assert (said["rows"], said["counts"]) == (3, 2)
    assert [(one["line"], one["field"]) for one in said["refused"]] == [
        (5, "库存"), (6, "日期"), (7, "商品编码"), (8, "日期"),
    ]  # fmt: skip
    assert Path(said["rejects"]).exists()
    assert [(one["place"], one["skus"], one["pieces"], one["counts"]) for one in found] == [
        ("north", 1, 5, 1), ("south", 1, 1_200, 1),
    ]  # fmt: skip
    assert "north" in run("goods", "list", *home).out
    assert run("goods", "import", file, "--day", "soon", *home).code == 1


def test_sizes_come_with_a_count_and_what_is_left_over_is_shown(
    run: Callable, home: Any, tmp_path: Path
) -> None:
    file = tmp_path / "尺码.csv"
    file.write_text(
        "门店,编码,数量,款号,尺码,款名,停产\nwest,r42,2,R7,42,跑鞋,否\nwest,r43,1,R7,43,,\n"
        "west,b40,1,B1,40,靴子,是\nwest,b41,1,B1,,,\nwest,b42,1,B1,42,,maybe\n",
        "utf-8",
    )

    said = run("goods", "import", file, *home, "--json").json
    found = run("goods", "stock", "--place", "west", "--left-over", *home, "--json").json["sizes"]
    few = run("goods", "stock", "--place", "west", "--left-over", "--few", 1, *home, "--json").json
    styles = run("goods", "stock", "--place", "west", "--by", "style", *home).out

    assert (said["rows"], said["sizes"]) == (3, 3)
    assert [(one["line"], one["field"]) for one in said["refused"]] == [(5, "尺码"), (6, "停产")]
    assert [(one["style"], one["size"], one["pieces"]) for one in found] == [
        ("B1", "40", 1), ("R7", "42", 2), ("R7", "43", 1),
    ]  # fmt: skip
    assert {one["style"] for one in few["sizes"]} == {"B1"}
    assert "42 43" in styles
    assert run("goods", "invitations", *home, "--json").json == {"invitations": []}
    assert "nobody waits" in run("goods", "invitations", *home).out
