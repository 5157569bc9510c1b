"""`siyu demo`: one object of figures, and refusals in words before anything is begun."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from siyu.sandbox.demo import GENERATED

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
    assert "Choose another --home" in said.err


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        (["--world", "nowhere"], "known are cold, default, loved"),
        (["--world", __file__], "is not YAML"),
        (["--policy", "nothing"], "shipped are card-only, cascade"),
        (["--without", "luck"], "known are certain, tempting, timely"),
        (["--orders", "orders.csv", "--from", "2011-13-45"], "write it like 2011-03-01"),
        (["--orders", "/nowhere/orders.csv", "--from", "2011-03-01"], "/nowhere/orders.csv"),
        (["--orders", "/nowhere/orders.csv"], "--from"),
    ],
)
def test_what_the_demo_cannot_do_it_says(
    run: Callable, empty_home: Path, wrong: list[str], words: str
) -> None:
    said = run("demo", "--home", empty_home / "home", "--no-serve", *wrong)

    assert said.code == 1
    assert words in said.err
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
