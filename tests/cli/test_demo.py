"""`siyu demo`: one object of figures, and refusals in words before anything is begun."""

from __future__ import annotations

import shlex
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from siyu.cli.sandbox import follow_ups
from siyu.sandbox.demo import GENERATED, example_of
from siyu.sandbox.phones import Add, Records, Touch

FIGURES = {
    "orders", "customers", "in_scope", "invited", "friends_added", "friends_unmatched", "add_rate",
    "add_rate_invited", "by_step", "parcels", "sms", "sms_within_60s_share", "touches_after_add",
    "raced", "duplicate_touches", "withheld", "cost_minor", "cost_per_add_minor", "currency",
    "wall_seconds",
}  # fmt: skip


def test_the_demo_prints_one_object_with_every_figure(played) -> None:
    figures = played.figures

    assert set(figures) >= FIGURES
    assert figures["orders"] == 60
    assert figures["touches_after_add"] == figures["duplicate_touches"] == 0
    assert 0 < figures["friends_added"] < figures["in_scope"]


def test_a_used_home_is_refused_by_name(run: Callable, played) -> None:
    said = run("demo", "--home", played.home, "--no-serve", "--count", 1)

    assert said.code == 1
    assert GENERATED.name in said.err
    assert "━" not in said.err
    assert "Choose another --home" in said.err


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        (["--world", "nowhere"], "known are cold, default, indifferent, loved"),
        (["--world", __file__], "is not YAML"),
        (["--policy", "nothing"], "shipped are card-only, care-3-3-3, cascade,"),
        (["--without", "luck"], "known are certain, tempting, timely"),
        (["--orders", "orders.csv", "--from", "2011-13-45"], "write it like 2011-03-01"),
        (["--orders", "/nowhere/orders.csv", "--from", "2011-03-01"], "/nowhere/orders.csv"),
        (["--orders", "/nowhere/orders.csv"], "--from"),
        (["--from", "2011-03-01"], "name the file with --orders"),
        (["--mapping", "mapping.yaml"], "name the file with --orders"),
        (["--playbooks", "some"], "known is all"),
        (["--playbooks", "all", "--outage", "sms"], "it takes no --orders"),
        (["--playbooks", "all", "--lang", "fr"], "known are"),
        (["--playbooks", "all", "--world", "nowhere"], "known are cold, default"),
    ],
)
def test_what_the_demo_cannot_do_it_says(
    run: Callable, empty_home: Path, wrong: list[str], words: str
) -> None:
    said = run("demo", "--home", empty_home / "home", "--no-serve", *wrong)

    assert said.code == 1
    assert words in said.err
    assert "━" not in said.err  # no bar of a run that never began
    assert not (empty_home / "home" / "pg").exists()


@pytest.mark.parametrize(
    ("option", "value"), [("--count", "many"), ("--count", "0"), ("--days", "-1")]
)
def test_a_wrong_number_is_a_wrong_option(
    run: Callable, empty_home: Path, option: str, value: str
) -> None:
    said = run("demo", "--home", empty_home, option, value)

    assert said.code == 2
    assert option in said.err


def test_a_refusal_in_json_is_one_object_too(run: Callable, empty_home: Path) -> None:
    said = run("demo", "--home", empty_home, "--json", "--world", "nowhere")

    assert said.code == 1
    assert said.json["error"] == "not_found" or said.json["error"] == "bad_input"


def test_the_bar_counts_the_days_that_are_really_played(played) -> None:
    days = [line for line in played.told.splitlines() if "day " in line]

    assert days
    assert all("of 15" in line for line in days)  # one of orders, fourteen quiet ones


def test_what_to_ask_next_can_be_typed_as_it_is(run: Callable, played) -> None:
    order = next(
        visit.about
        for one in played.customers
        for visit in one.visits
        if visit.journey == "cascade"
    )

    lines = follow_ups("siyu", played.home, order)

    assert any(line.startswith("siyu explain ") for line in lines)
    for line in lines:
        assert run(*shlex.split(line)[1:]).code == 0, line


def _touch(seq: int, order_no: str, buyer: str) -> Touch:
    at = datetime(2026, 3, 2, tzinfo=UTC)
    return Touch(seq, at, "sms", "sms", "cascade", "shop", order_no, f"t{seq}", "", buyer)


def test_the_example_is_an_order_of_a_friend_that_much_was_sent_about() -> None:
    records = Records()
    records.add(Add("bought", datetime(2026, 3, 2, tzinfo=UTC), "sms", True, "x"))
    about = [("1", "no")] * 3 + [("2", "bought")] + [("3", "bought")] * 2
    for seq, (order_no, buyer) in enumerate(about):
        records.touches.append(_touch(seq, order_no, buyer))

    assert example_of(records) == "shop/3"
    assert example_of(Records()) == ""
