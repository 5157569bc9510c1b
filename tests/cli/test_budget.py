"""The rules of contact on the command line."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from siyu.app import open_app
from siyu.budget import actions, views
from siyu.settings import load
from siyu.staff.views import audited


@pytest.fixture
def home(played: Any) -> Iterator[tuple[str, str]]:
    """The played home, with its rules put back afterwards."""
    app = open_app(load({}, home=played.home))
    with app, app.db.transaction() as conn:
        before = views.in_force(conn, app.clock.now())
    yield "--home", str(played.home)
    with open_app(load({}, home=played.home)) as app, app.db.transaction() as conn:
        after = views.in_force(conn, app.clock.now())
        actions.drop_caps(conn, sorted(set(after.caps) - set(before.caps)))
        actions.drop_quotas(conn, [one.quota for one in after.quotas])
        actions.set_pace(conn, before.pace)
        actions.set_hours(conn, before.hours)


def test_show_has_the_rules_that_a_brand_starts_with(run: Callable, home: Any) -> None:
    rules = run("budget", "show", *home, "--json").json

    assert {"channel": "*", "purpose": "promotion", "hours": "09:00-20:00"} in rules["hours"]
    assert rules["pace"] == {"window_hours": 2, "presses": None, "cooldown_days": 30}
    said = run("budget", "show", *home).out
    assert "Presses per guide and day: no limit" in said
    assert "Quotas: none" in said


def test_a_cap_of_a_layer_is_set_and_dropped(run: Callable, home: Any, played: Any) -> None:
    words = ("--layer", "tag:vip", "--purpose", "promotion", "--days", "7")
    wanted = {
        "layer": "tag:vip", "channel": "*", "purpose": "promotion", "days": 7, "most": 4
    }  # fmt: skip

    said = run("budget", "set", "cap", *words, "--most", "4", "--by", "ana", *home, "--json").json
    assert wanted in said["caps"]
    assert "tag:vip" in run("budget", "show", *home).out
    said = run("budget", "set", "cap", *words, "--drop", *home, "--json").json
    assert wanted not in said["caps"]

    again = run("budget", "set", "cap", *words, "--drop", *home)
    assert (again.code, "no such rule" in again.err) == (1, True)
    with open_app(load({}, home=played.home)) as app, app.db.transaction() as conn:
        lines = [(one.actor, one.action, one.object) for one in audited(conn)]
    assert ("ana", "budget.set", "cap tag:vip/*/promotion 7d 4") in lines


def test_hours_are_set_for_a_channel_and_dropped(run: Callable, home: Any) -> None:
    key = ("--channel", "sms", "--purpose", "service")

    said = run("budget", "set", "hours", "10:00-12:00,14:00-18:00", *key, *home, "--json").json
    wanted = {"channel": "sms", "purpose": "service", "hours": "10:00-12:00,14:00-18:00"}
    assert wanted in said["hours"]
    assert (
        wanted not in run("budget", "set", "hours", *key, "--drop", *home, "--json").json["hours"]
    )

    assert "08:00-22:00" in run("budget", "set", "hours", "8-22", *key, *home).err


def test_a_quota_is_set_shown_with_its_use_and_dropped(run: Callable, home: Any) -> None:
    sms = ("--channel", "sms", "--per", "brand", "--period", "day")
    mass = ("--channel", "wecom_mass", "--per", "customer", "--period", "month")

    run("budget", "set", "quota", *sms, "--most", "5000", *home)
    said = run("budget", "set", "quota", *mass, *home, "--json").json
    assert said["quotas"] == [
        {"channel": "sms", "per": "brand", "period": "day", "most": 5000, "used": 0},
        {"channel": "wecom_mass", "per": "customer", "period": "month", "most": None, "used": None},
    ]
    assert "5000" in run("budget", "show", *home).out
    assert run("budget", "set", "quota", *mass, "--drop", *home, "--json").json["quotas"] == [
        said["quotas"][0]
    ]
    assert "is no number" in run("budget", "set", "quota", *sms, "--most", "lots", *home).err
    assert "only a month" in run("budget", "set", "quota", *sms, *home).err


def test_the_pace_is_set_part_by_part(run: Callable, home: Any) -> None:
    assert run("budget", "set", "pace", "--presses", "60", *home, "--json").json["pace"] == {
        "window_hours": 2, "presses": 60, "cooldown_days": 30
    }  # fmt: skip
    said = run("budget", "set", "pace", "--window", "0", "--cooldown", "7", *home).out
    assert "Presses per guide and day: 60" in said
    assert "every wish is ruled at once" in said
    none = run("budget", "set", "pace", "--presses", "none", *home, "--json").json["pace"]
    assert none == {"window_hours": 0, "presses": None, "cooldown_days": 7}
    assert "0 to 24" in run("budget", "set", "pace", "--window", "99", *home).err


def test_a_shop_forbids_a_channel_until_that_is_dropped(run: Callable, home: Any) -> None:
    words = ("budget", "set", "shop", "tmall-flagship", "--channel", "voice")

    said = run(*words, "--forbid", "--note", "platform rule", *home, "--json").json
    unclear = run(*words, *home)
    gone = run(*words, "--drop", *home, "--json").json

    assert said["shops"] == [
        {"shop": "tmall-flagship", "channel": "voice", "allowed": False, "note": "platform rule"}
    ]
    assert "one of --forbid, --allow and --drop" in unclear.err
    assert gone["shops"] == []
    unknown = run("budget", "set", "shop", "nowhere", "--channel", "sms", "--allow", *home)
    assert "known shops are" in unknown.err
