"""README: a sandbox of people decides; the same seed is the same story, other people another."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml

from siyu.analytics.views.proof import differences
from siyu.sandbox.demo import Plan, play
from siyu.sandbox.parameters import WORLDS

Figures = dict[str, Any]
Play = Callable[..., Figures]


@pytest.fixture(scope="session")
def play_anew(databases, tmp_path_factory: pytest.TempPathFactory) -> Play:
    """Plays 60 orders of a day on a home of its own, with keys of its own; its figures."""

    def run(**plan: Any) -> Figures:
        name = databases.take()
        home = tmp_path_factory.mktemp("demo")
        home.joinpath("siyu.toml").write_text(f'database_url = "{databases.url(name)}"\n', "utf-8")
        try:
            demo = play(Plan(home, seed="3", orders=60, days=1, **plan))
            with demo.held:
                with demo.app.db.transaction() as conn:
                    assert differences(conn) == []  # its ledger agrees with all that happened
                return demo.figures
        finally:
            databases.give_back(name)

    return run


@pytest.fixture(scope="session")
def played(play_anew: Play) -> Play:
    """The same, each plan once."""
    return cache(play_anew)


@pytest.fixture
def sceptical(tmp_path: Path) -> str:
    """The default world in a file, but its people hardly answer an SMS."""
    world = yaml.safe_load((WORLDS / "default.yaml").read_text("utf-8"))
    world["world"] = "sceptical"
    world["people"]["sms"]["adds"] = 0.02
    path = tmp_path / "sceptical.yaml"
    path.write_text(yaml.safe_dump(world, allow_unicode=True), "utf-8")
    return str(path)


def test_the_same_seed_gives_the_same_figures_whatever_the_keys(
    played: Play, play_anew: Play
) -> None:
    first, second = dict(played()), play_anew()
    assert first.pop("wall_seconds") > 0
    assert second.pop("wall_seconds") > 0

    assert first == second


def test_the_zeros_are_zero_and_both_accounts_agree(played: Play) -> None:
    figures = played()

    assert (figures["touches_after_add"], figures["duplicate_touches"]) == (0, 0)
    assert figures["reconciled"] == {}
    assert figures["refused_by_engine"] == {}
    assert figures["sms_within_60s_share"] == 1.0
    parcels, sms = figures["parcels"], figures["sms"]
    inside = sum(parcels[content] for content in ("gift", "card", "both", "neither"))
    assert inside + sum(parcels["out_of_scope"].values()) == parcels["packed"]
    assert (parcels["both"], parcels["neither"]) == (0, 0)
    assert sms["counted"] + sum(sms["excluded"].values()) == sms["paid_orders"] == 60
    assert sum(step["cost_minor"] for step in figures["by_step"].values()) == figures["cost_minor"]
    assert sum(step["adds"] for step in figures["by_step"].values()) == figures["friends_added"]


def test_the_cascade_wins_many_times_the_friends_of_a_card_alone(played: Play) -> None:
    cascade, card = played(), played(policy="card-only")

    assert card["in_scope"] == pytest.approx(cascade["in_scope"], abs=6)  # nobody is held out
    assert cascade["friends_added"] >= 5 * max(card["friends_added"], 1)
    assert card["sms"]["counted"] == 0


@pytest.mark.parametrize("without", ["timely", "certain", "tempting"])
def test_each_property_of_an_invitation_is_worth_friends(played: Play, without: str) -> None:
    whole, less = played(), played(without=without)

    assert less["in_scope"] == whole["in_scope"]
    assert 0 < less["friends_added"] <= whole["friends_added"] - 4


def test_other_people_answer_otherwise(played: Play, sceptical: str) -> None:
    default, others = played(), played(world=sceptical)

    assert others["in_scope"] == default["in_scope"]
    assert others["by_step"]["sms"]["adds"] < default["by_step"]["sms"]["adds"] / 3
    assert others["friends_added"] < default["friends_added"]
