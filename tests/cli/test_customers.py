"""`siyu explain`, `find` and `reveal`: one customer, told to the one who asks."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from rich.cells import cell_len

from siyu.analytics.views.explain import Explained

ZONE = ZoneInfo("Asia/Shanghai")
SIYU = Path(sys.executable).with_name("siyu")


def _withheld(reason: str) -> Callable[[Explained], bool]:
    return lambda one: any(t.state == "withheld" and t.reason == reason for t in one.touches)


def _invited(one: Explained) -> Any:
    """The visit of the cascade: a friend is welcomed by a journey of its own."""
    return next((visit for visit in one.visits if visit.journey == "cascade"), None)


def _friend_by_invitation(one: Explained) -> bool:
    visit = _invited(one)
    return bool(visit and one.friendships and visit.outcome == "friend")


def test_explain_tells_who_what_when_and_what_it_cost(run: Callable, played) -> None:
    one = played.one(_friend_by_invitation)

    told = run("explain", one.customer, "--home", played.home).out

    assert one.customer in told
    for known in one.known_by:
        assert known.masked in told
    for part in (
        "Known by",
        "Friend of",
        "Consents",
        "Orders",
        "Touches, sent and not",
        "Parcels",
        "Costs",
    ):
        assert part in told
    assert f"cascade about {_invited(one).about}: friend at" in told
    for touch in one.touches:
        assert touch.wished_at.astimezone(ZONE).strftime("%Y-%m-%d %H:%M:%S") in told
        assert touch.step in told


def test_explain_in_json_is_the_whole_account(run: Callable, played) -> None:
    one = played.one(_friend_by_invitation)

    told = run("explain", one.customer, "--home", played.home, "--json").json

    assert told["customer"] == one.customer
    assert {"known_by", "friendships", "visits", "touches", "parcels", "costs"} <= set(told)
    assert all(touch["rulings"] for touch in told["touches"])
    assert told["cost_minor"] == sum(cost["amount_minor"] for cost in told["costs"])


def test_a_withheld_touch_has_its_reason_in_words(run: Callable, played) -> None:
    one = played.one(_withheld("no_consent"))

    told = run("explain", one.customer, "--home", played.home).out

    assert "withheld" in told
    assert "no consent" in " ".join(told.split())


def test_who_is_held_out_is_said_first(run: Callable, played) -> None:
    one = played.one(_withheld("holdout"))

    told = run("explain", one.customer, "--home", played.home).out

    assert "held out of: cascade" in told.splitlines()[1]
    assert "held out: nothing is sent" in told


def test_moves_are_told_in_the_time_of_the_brand(run: Callable, played) -> None:
    one = played.one(lambda one: bool(one.visits and one.entries))

    told = run("explain", one.customer, "--home", played.home).out

    for move in _invited(one).moves:
        local = move.at.astimezone(ZONE)
        assert f"    {local:%Y-%m-%d %H:%M:%S} {move.node}: {move.why}" in told


def test_moves_and_orders_are_objects_in_json(run: Callable, played) -> None:
    one = played.one(_friend_by_invitation)

    told = run("explain", one.customer, "--home", played.home, "--json").json

    visit = next(one for one in told["visits"] if one["journey"] == "cascade")
    move, order = visit["moves"][0], told["orders"][0]
    assert set(move) == {"at", "node", "why"}
    assert datetime.fromisoformat(move["at"]).tzinfo is not None
    assert visit["about"] in {each["order"] for each in told["orders"]}
    assert (order["state"], order["currency"]) == ("paid", "CNY")
    assert order["total_minor"] > 0


@pytest.mark.parametrize("columns", [80, 120])
def test_nothing_is_cut_off_and_tables_fit_the_screen(played, columns: int) -> None:
    one = played.one(_friend_by_invitation)

    told = subprocess.run(
        [SIYU, "explain", one.customer, "--home", played.home],
        env={"COLUMNS": str(columns), "PATH": "/usr/bin:/bin", "PYTHONUTF8": "1"},
        capture_output=True, text=True, check=True, timeout=60,
    ).stdout  # fmt: skip

    assert max(cell_len(line) for line in told.splitlines()) <= columns
    assert _invited(one).about in told
    assert "…" not in told.replace("…  ", "")  # but for the keys, which are shown in part


@pytest.mark.parametrize(
    "who",
    ["nobody", "", " ", "cus_", "cus_0000000000000", "13900000000", "no-shop/1", "/", "張", "😀",
     "%", "x' or 1=1 --", "a" * 5_000, "\x00"],
)  # fmt: skip
@pytest.mark.parametrize("json", [False, True])
def test_an_unknown_customer_is_said_in_words(run: Callable, played, who: str, json: bool) -> None:
    said = run("explain", "--home", played.home, *(["--json"] if json else []), "--", who)

    assert said.code == 1
    if json:
        assert said.json["error"] in {"not_found", "bad_input"}
    else:
        assert said.err.startswith("siyu: ")
        assert said.out == ""


def test_a_customer_is_found_by_order_phone_and_public_id(run: Callable, played) -> None:
    one = played.one(_friend_by_invitation)
    home = ("--home", played.home)
    seen = run("reveal", one.customer, *home, "--by", "ana", "--reason", "test", "--json").json

    for value in (_invited(one).about, seen["phone"], seen["phone"][-4:], seen["name"]):
        assert one.customer in run("find", value, *home, "--json").json["customers"]
        assert one.customer in run("find", value, *home).out


def test_a_revealed_value_is_shown_nowhere_else(run: Callable, played) -> None:
    one = played.one(_friend_by_invitation)
    home = ("--home", played.home)

    seen = run("reveal", one.customer, *home, "--by", "ana", "--reason", "test", "--json").json

    told = (
        run("explain", one.customer, *home).out + run("explain", one.customer, *home, "--json").out
    )
    assert seen["phone"].removeprefix("+86") not in told
    assert seen["name"] not in told
    assert f"{seen['name']}  {seen['phone']}  (audited)" in run(
        "reveal", one.customer, *home, "--by", "ana", "--reason", "test"
    ).out  # fmt: skip


@pytest.mark.parametrize(("by", "reason"), [("", "a reason"), ("ana", ""), (" ", " ")])
def test_nobody_sees_a_phone_without_name_and_reason(
    run: Callable, played, by: str, reason: str
) -> None:
    one = played.customers[0]

    said = run("reveal", one.customer, "--home", played.home, "--by", by, "--reason", reason)

    assert said.code == 1
    assert "audit" in said.err


def test_a_childs_month_of_birth_is_kept_with_consent_and_forgotten(
    run: Callable, played: Any
) -> None:
    customer, home = played.customers[0].customer, ("--home", played.home)
    assert run("customer", "child", customer, "2025-03", *home).code == 1
    told = run("customer", "child", customer, "2025-03", "--evidence", "form 7", *home, "--json")
    kept = {"child": 1, "month": "2025-03", "health_at": None, "health_until": None}
    assert told.json["children"] == [kept]
    assert "2025-03" in run("customer", "child", customer, *home).out
    assert run("customer", "child", customer, "2025-03-01", *home).code == 1
    ill = run("customer", "child", customer, "--health", "eczema", *home)
    assert (ill.code, "siyu customer health" in ill.err) == (1, True)
    gone = run("customer", "forget-children", customer, *home, "--json").json
    assert (gone["children"], gone["consent_at"], gone["evidence"]) == ([], None, None)


def test_a_note_on_health_is_written_shown_and_deleted(run: Callable, played: Any) -> None:
    one, home = played.customers[1].customer, ("--home", played.home)
    health = ("customer", "health", one)
    assert run(*health, "--write", *home, typed="oats\n").code == 1  # no month, no child
    assert run("customer", "child", one, "2025-03", "--evidence", "form 7", *home).code == 0
    refused = run(*health, "--write", *home, typed="oats\n")
    assert (refused.code, "separate consent" in refused.err) == (1, True)
    empty = run(*health, "--write", "--evidence", "form 9", *home, typed="\n")
    assert (empty.code, "standard input" in empty.err) == (1, True)
    told = run(*health, "--write", "--evidence", "form 9", *home, "--json", typed="oats\n")
    assert (told.code, "oats" in told.out) == (0, False)
    (child,) = told.json["children"]
    shown = run(*health, *home)
    assert ("deleted on" in shown.out, "oats" in shown.out) == (True, False)
    assert child["health_until"] > child["health_at"]
    assert run(*health, "--reveal", *home, "--by", "ana").code == 1  # nobody says why
    both = run(*health, "--write", "--reveal", "--reason", "asks", *home, typed="rye\n")
    assert (both.code, "--write or --reveal, not both" in both.err) == (1, True)
    read = run(*health, "--reveal", "--reason", "asks", "--by", "ana", *home, "--json")
    assert read.json == {"child": 1, "note": "oats"}
    assert run("customer", "forget-health", one, *home, "--json").code == 1  # nobody can be asked
    gone = run("customer", "forget-health", one, "--number", "1", "--yes", *home, "--json").json
    assert (gone["children"][0]["health_until"], gone["health_evidence"]) == (None, "form 9")
    gone = run("customer", "forget-health", one, "--yes", *home, "--json").json
    assert (gone["health_evidence"], gone["evidence"]) == (None, "form 7")
    run("customer", "forget-children", one, *home)


def test_a_complaint_is_opened_listed_and_settled(run: Callable, played: Any) -> None:
    customer, home = played.customers[0].customer, ("--home", played.home)
    opened = run(
        "complaint", "open", customer, "--why", "late", "--complaint", "K1", *home, "--json"
    )
    assert opened.json["complaints"] == ["K1"]
    assert run("complaint", "open", customer, "--why", "late", "--order", "K1", *home).code == 1
    (one,) = run("complaint", "list", *home, "--json").json["complaints"]
    assert (one["customer"], one["complaint"]) == (customer, "K1")
    assert run("complaint", "list", "--days", "14", *home, "--json").json == {"complaints": []}
    assert "K1" in run("complaint", "list", *home).out
    assert "must not be contacted" in run("explain", customer, *home).out
    (shown,) = run("complaint", "show", customer, *home, "--json").json["complaints"]
    assert (shown["open"], shown["why"]) == (True, "late")
    assert run("complaint", "settle", customer, "--why", "paid back", *home).code == 0
    assert run("complaint", "settle", customer, "--why", "again", *home).code == 1
    assert "No complaint waits" in run("complaint", "list", *home).out
    assert "K1" in run("complaint", "show", customer, *home).out
