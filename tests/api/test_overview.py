"""Home: the loop's numbers and the lists behind them, the goal, what waits, what a stop holds."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

KEY = {"by": "ana"}
ANN, BEA, CAT = "13800000001", "13800000002", "13800000003"


def steps(story: Any) -> dict[str, dict[str, Any]]:
    return {one["step"]: one for one in story.read("/api/v1/overview")["steps"]}


def behind(story: Any, figure: str, limit: int = 50) -> list[dict[str, Any]]:
    """The whole list of a number, page by page."""
    told = story.read("/api/v1/overview")
    since, until = (told[one].replace("+", "%2B") for one in ("since", "until"))
    rows: list[dict[str, Any]] = []
    after = ""
    while True:
        where = f"/api/v1/overview/{figure}?since={since}&until={until}&limit={limit}"
        page = story.read(f"{where}&after={after}")
        rows += page["rows"]
        if page["next"] == after or not page["rows"]:
            return rows
        after = page["next"]


def lived(story: Any) -> None:
    """A week ago Ann bought, was invited and became a friend; today she buys again, and two others
    buy, of whom one adds by a door that tells nothing."""
    story.pay(story.order(), ANN)
    story.go(minutes=2)
    story.add("wm-ann", link=story.got(ANN)[0].link)
    story.go(days=7)
    story.pay(story.order(), ANN)
    story.pay(story.order(), BEA)
    story.pay(story.order(), CAT)
    story.go(minutes=20)
    story.add("wm-who")
    story.go(minutes=1)


def test_the_loop_counts_today_beside_the_same_time_last_week(story) -> None:
    lived(story)

    told = story.read("/api/v1/overview")

    assert {one["step"]: (one["count"], one["people"]) for one in told["steps"]} == {
        "orders": (3, 3), "invited": (2, 2), "friends": (1, 1), "again": (1, 1),
    }  # fmt: skip
    assert {one["step"]: one["count_before"] for one in told["steps"]} == {
        "orders": 1, "invited": 1, "friends": 1, "again": 0,
    }  # fmt: skip
    assert (told["unmatched"], told["unmatched_before"]) == (1, 0)


def test_every_number_opens_exactly_the_list_that_it_counts(story) -> None:
    lived(story)
    now = steps(story)

    lists = {one: behind(story, one, limit=1) for one in ("orders", "invited", "friends", "again")}

    assert {one: len(rows) for one, rows in lists.items()} == {
        one: now[one]["count"] for one in lists
    }
    assert behind(story, "unmatched") == lists["friends"]
    (again,) = lists["again"]
    assert [again["customer"]] == story.customers(ANN)
    assert (again["name_masked"], again["phone_masked"]) == ("林**", "138****0001")
    assert [one["at"] for one in lists["orders"]] == sorted(
        (one["at"] for one in lists["orders"]), reverse=True
    )


def test_what_was_taken_back_is_no_order_of_today(story) -> None:
    order = story.order()
    story.pay(order, ANN)
    story.go(minutes=1)
    story.cancel(order)
    story.go(minutes=1)

    assert steps(story)["orders"]["count"] == 0
    assert steps(story)["invited"]["count"] == 1  # it happened


def test_an_invitation_that_goes_on_the_next_day_is_not_counted_again(story) -> None:
    story.pay(story.order(), ANN)
    story.go(minutes=2)
    story.until(story.now.replace(hour=16, minute=0) + timedelta(hours=1))  # past midnight
    story.go(hours=10)

    assert {one.channel for one in story.got(ANN)} >= {"sms"}
    assert steps(story)["invited"]["count"] == 0


@pytest.mark.parametrize("since", ["2026-11-20T00:00:00Z", "2026-01-20T00:00:00Z"])
def test_a_list_has_a_span_that_can_be_looked_at(story, since: str) -> None:
    span = f"since={since}&until=2026-11-20T00:00:00Z"
    assert story.ask("GET", f"/api/v1/overview/orders?{span}").status_code == 400


# ── the goal ──


def _goal(story) -> dict[str, Any]:
    """The goal with its measure, which a busy machine may take a few requests for."""
    for _ in range(100):
        goal = story.read("/api/v1/goal")["goal"]
        if not goal["working"]:
            return goal
    raise AssertionError("the goal is never measured")


def test_one_goal_at_a_time_measured_by_those_whose_days_are_over(story) -> None:
    assert story.read("/api/v1/goal") == {"goal": None}
    story.pay(story.order(), ANN)
    story.pay(story.order(), BEA)
    story.go(minutes=2)
    story.add("wm-ann", link=story.got(ANN)[0].link)
    story.go(days=15)

    new = {"kind": "growth", "target": 0.48, "days": 14, **KEY}
    story.ask("PUT", "/api/v1/goal", new)
    goal = _goal(story)

    assert (goal["kind"], goal["target"], goal["days"], goal["by"]) == ("growth", 0.48, 14, "ana")
    measured = goal["measured"]
    assert (measured["people"], measured["hits"], measured["rate"]) == (2, 1, None)
    new = {"kind": "reputation", **KEY}
    assert story.ask("PUT", "/api/v1/goal", new).json()["goal"]["measured"] is None
    audited = story.read("/api/v1/audit")["lines"]
    assert [one["reason"] for one in audited if one["action"] == "goal.set"] == [
        "growth 48.0% within 14 days", "reputation",
    ]  # fmt: skip


def test_repurchase_is_measured_from_the_first_order_that_stands(story) -> None:
    story.pay(story.order(), ANN)
    story.pay(story.order(), BEA)
    story.go(days=3)
    story.pay(story.order(), ANN)
    story.go(days=6)

    new = {"kind": "repurchase", "target": 0.2, "days": 7, **KEY}
    story.ask("PUT", "/api/v1/goal", new)
    measured = _goal(story)["measured"]

    assert (measured["people"], measured["hits"]) == (2, 1)


@pytest.mark.parametrize(
    "wrong",
    [
        {"kind": "growth"},
        {"kind": "growth", "target": 48, "days": 14},
        {"kind": "growth", "target": 0.48, "days": 400},
        {"kind": "need", "target": 0.5, "days": 14},
        {"kind": "fame", "target": 0.5, "days": 14},
    ],
)
def test_a_goal_that_nothing_can_measure_is_refused(story, wrong: dict[str, object]) -> None:
    assert story.ask("PUT", "/api/v1/goal", {**wrong, **KEY}).status_code in {400, 422}
    assert story.read("/api/v1/goal") == {"goal": None}


def test_the_goal_is_set_and_shown_by_a_command(story) -> None:
    done = story.siyu("goal", "set", "growth", "--target", 48, "--days", 14, "--by", "ana")
    assert done.exit_code == 0, done.output
    assert "growth 48.0% within 14 days" in story.siyu("goal", "show").output
    assert story.siyu("goal", "set", "need", "--target", 48).exit_code != 0


# ── what waits ──


def needs(story: Any) -> dict[str, dict[str, Any]]:
    found = story.read("/api/v1/attention")["needs"]
    return {one["code"]: one for one in found if one["code"] != "nobody_works"}


def test_a_quiet_installation_needs_only_somebody_who_works_on_it(story) -> None:
    (need,) = story.read("/api/v1/attention")["needs"]

    assert (need["code"], need["severity"]) == ("nobody_works", "harm")


def test_a_dead_provider_is_named_since_when(story) -> None:
    story.provider.down = 503
    story.pay(story.order(), ANN)
    story.go(minutes=3)

    need = needs(story)["provider_down"]

    assert (need["about"], need["severity"]) == ("sms", "harm")
    assert need["count"] >= 1
    assert need["since"] is not None


def test_a_stranger_among_friends_a_late_task_and_a_claim_wait_for_somebody(story) -> None:
    story.add("wm-who")
    story.pay(story.order(), ANN)
    story.go(minutes=10)
    story.call_ends(next(one for one in story.got(ANN) if one.channel == "voice_ai"), "A")
    story.go(minutes=5)
    (task,) = story.tasks()
    story.go(days=1, hours=6)

    found = needs(story)

    assert found["friends_unmatched"]["count"] == 1
    assert found["tasks_overdue"]["count"] == 1
    assert found["tasks_overdue"]["since"] == task["due_at"]


def test_gifts_that_run_out_are_said_before_the_parcel_leaves(story) -> None:
    order = story.order()
    story.pay(order, ANN)
    story.go(minutes=2)
    story.plan("P1", [order], story.now + timedelta(hours=5))
    story.go(seconds=1)
    assert needs(story) == {}

    order = story.order()
    story.pay(order, BEA)
    story.go(minutes=2)

    with story.app.db.transaction() as conn:
        conn.execute("update gift_stock set on_hand = 1 where reserved = 0")
    assert needs(story).keys() == {"gift_low"}  # two are promised: said while there is one left

    with story.app.db.transaction() as conn:
        conn.execute("update gift_stock set on_hand = 0 where reserved = 0")

    found = needs(story)
    assert (found["gift_short"]["about"], found["gift_short"]["count"]) == ("GIFT-MASK", 1)
    assert (found["gift_low"]["about"], found["gift_low"]["count"]) == ("GIFT-MASK", 0)


def test_what_broke_is_counted_up_to_a_bound(story) -> None:
    with story.app.db.transaction() as conn:
        conn.execute(
            "insert into event_pending (event_id, received_at, bucket, error, parked_at)"
            " select n, %(now)s, 0, 'broken', %(now)s from generate_series(1, 10500) n",
            {"now": story.now},
        )
        conn.execute(
            "insert into subscriber (url, kinds, created_at, active, stopped_why, told_seq, due_at)"
            " values ('https://a.example', '{}', %(now)s, false, 'gone', 0, %(now)s)",
            {"now": story.now},
        )

    found = needs(story)

    counts = {code: (one["count"], one["more"]) for code, one in found.items()}
    assert counts["events_parked"] == (10_000, True)
    assert counts["subscribers_stopped"] == (1, False)


# ── the red switch ──


def test_before_a_stop_it_is_said_what_it_would_hold_and_ask_back(story) -> None:
    story.pay(story.order(), ANN)
    story.go(minutes=10)  # called, and the provider has not told how it ended
    story.pay(story.order(), BEA)
    story.tick(without={"send"})

    told = story.read("/api/v1/stops/preview?scope=all")

    found = {one["channel"]: one for one in told["channels"]}
    assert found["sms"]["waiting"] == 1
    assert found["voice_ai"]["back"] == 1
    assert not told["more"]
    only = story.read("/api/v1/stops/preview?scope=channel:sms")["channels"]
    assert [one["channel"] for one in only] == ["sms"]


def test_a_stop_says_what_it_asked_back_and_twice_is_harmless(story) -> None:
    story.pay(story.order(), ANN)
    story.go(minutes=10)

    first = story.ask("POST", "/api/v1/pause", KEY).json()
    again = story.ask("POST", "/api/v1/pause", KEY).json()

    assert (first["was"], first["asked_back"]) == (False, 1)
    assert (again["was"], again["asked_back"]) == (True, 0)
    assert [one["scope"] for one in again["stopped"]] == ["all"]
    assert story.ask("POST", "/api/v1/resume", KEY).json()["was"] is True
    back = story.ask("POST", "/api/v1/resume", KEY).json()
    assert (back["was"], back["stopped"]) == (False, [])


def test_what_is_past_its_promise_is_said_before_somebody_resumes(story) -> None:
    order = story.order()
    story.ask("POST", "/api/v1/pause", KEY)
    story.pay(order, ANN)
    story.plan("P1", [order], story.now + timedelta(hours=2))
    story.go(hours=3)

    channels = story.read("/api/v1/stops/preview")["channels"]

    found = {one["channel"]: (one["waiting"], one["untrue"]) for one in channels}
    assert found["sms"] == (1, 1)


@pytest.mark.parametrize("scope", ["channel:pigeon", "journey:none", "everything", ""])
def test_a_scope_that_holds_nothing_is_refused_before_anybody_relies_on_it(
    story, scope: str
) -> None:
    assert story.ask("GET", f"/api/v1/stops/preview?scope={scope}").status_code == 400
