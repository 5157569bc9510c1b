"""The zeros: each is able to be something else."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from siyu.kernel.time import Hours
from siyu.sandbox.client import Decision
from siyu.sandbox.measure import Account, Measure, Rules
from siyu.sandbox.phones import Add, Paid, Parcel, Records, Touch

NOON = datetime(2026, 3, 2, 4, tzinfo=UTC)
RULES = Rules(ZoneInfo("Asia/Shanghai"), Hours(time(8), time(22)), sms_consent=frozenset({"b1"}))


def figures(records: Records, **account: Any) -> Any:
    return Measure(records, Account("CNY", **account), RULES).figures()


@pytest.fixture
def records() -> Records:
    found = Records()
    found.orders["s", "1"] = Paid("s", "1", "b1", NOON)
    return found


def touch(records: Records, after: timedelta, step: str = "sms", **more: Any) -> None:
    fields: dict[str, Any] = {"channel": "sms", "journey": "j", "shop": "s", "order_no": "1"}
    fields |= {"token": f"t{after}", "phone": "+86138", "buyer": "b1"} | more
    records.touches.append(Touch(seq=records.next_seq(), at=NOON + after, step=step, **fields))


def added(records: Records, after: timedelta, *, applied: bool = True, **more: Any) -> None:
    records.add(Add("b1", NOON + after, "sms", matched=True, external_userid="wm", **more))
    if applied:
        records.applied(NOON + after)


def parcel(records: Records, gift: str, card: str, **more: Any) -> None:
    fields: dict[str, Any] = {"main_order": "1", "buyer": "b1", "inserts": True} | more
    decision = fields.pop("decision", Decision("P1", "none", reason=fields.pop("reason", "")))
    records.parcels["P1"] = Parcel(
        "P1",
        "s",
        ["1"],
        cutoff=NOON,
        packed_at=NOON,
        gift=gift,
        card=card,
        decision=decision,
        **fields,
    )


def test_a_touch_after_the_commit_of_the_add_is_counted(records: Records) -> None:
    added(records, timedelta(minutes=1))
    touch(records, timedelta(minutes=5), "call")
    assert figures(records)["touches_after_add"] == 1
    assert figures(records)["raced"] == {"count": 0, "longest_lag_seconds": 0.0}


def test_a_touch_between_the_add_and_its_commit_is_raced_with_its_lag(records: Records) -> None:
    added(records, timedelta(minutes=1), applied=False)
    touch(records, timedelta(minutes=3), "call")
    records.applied(NOON + timedelta(minutes=4))
    assert figures(records)["touches_after_add"] == 0
    assert figures(records)["raced"] == {"count": 1, "longest_lag_seconds": 120.0}


def test_a_call_that_was_called_back_in_time_was_no_touch(records: Records) -> None:
    added(records, timedelta(minutes=1))
    touch(records, timedelta(minutes=5), "call", cancelled=True)
    assert figures(records)["touches_after_add"] == 0


def test_the_same_step_twice_within_two_weeks_is_a_duplicate(records: Records) -> None:
    touch(records, timedelta(seconds=30))
    touch(records, timedelta(days=13), order_no="2")
    touch(records, timedelta(days=40))
    assert figures(records)["duplicate_touches"] == 1


@pytest.mark.parametrize(
    ("gift", "card", "more", "content"),
    [
        ("MASK", "", {}, "gift"),
        ("", "card", {}, "card"),
        ("MASK", "card", {}, "both"),
        ("", "", {}, "neither"),
        ("", "", {"decision": None}, "neither"),
        ("", "", {"decision": Decision("P1", "card", card="c")}, "neither"),
        ("", "", {"reason": "guest"}, "neither"),
        ("", "", {"reason": "split_child"}, "neither"),
        ("", "", {"reason": "no_inserts"}, "neither"),
    ],
)
def test_a_parcel_counts_as_what_is_really_in_it(
    records: Records, gift: str, card: str, more: dict[str, Any], content: str
) -> None:
    parcel(records, gift, card, **more)
    found = figures(records)["parcels"]
    assert found[content] == found["packed"] == 1
    assert found["out_of_scope"] == {}


@pytest.mark.parametrize(
    ("reason", "more"),
    [
        ("guest", {"buyer": None}),
        ("split_child", {"main_order": None}),
        ("no_inserts", {"inserts": False}),
        ("holdout", {}),
    ],
)
def test_an_empty_parcel_is_out_of_scope_only_with_a_reason_that_holds(
    records: Records, reason: str, more: dict[str, Any]
) -> None:
    parcel(records, "", "", reason=reason, **more)
    assert figures(records)["parcels"]["out_of_scope"] == {reason: 1}


def test_an_sms_later_than_a_minute_is_counted_and_late(records: Records) -> None:
    touch(records, timedelta(seconds=61))
    assert figures(records)["sms"]["counted"] == 1
    assert figures(records)["sms_within_60s_share"] == 0.0


def test_each_order_without_a_due_sms_has_its_reason(records: Records) -> None:
    night = NOON + timedelta(hours=10, minutes=30)
    for number, (buyer, at) in enumerate(
        [
            (None, NOON),
            ("b1", NOON + timedelta(hours=1)),
            ("b2", NOON),
            ("b3", NOON),
            ("b4", night),
        ],
        2,
    ):
        records.orders["s", str(number)] = Paid("s", str(number), buyer, at)
    before = Add("b3", NOON - timedelta(days=9), "before", True, "wm3", before=True)
    records.add(before)
    rules = Rules(RULES.zone, RULES.sms_hours, sms_consent=frozenset({"b1", "b4"}))
    sms: Any = Measure(records, Account("CNY"), rules).figures()["sms"]
    assert sms["excluded"] == {
        "guest": 1, "joined_cascade": 1, "no_consent": 1, "friend_already": 1, "hour": 1
    }  # fmt: skip
    assert sms["counted"] + 5 == sms["paid_orders"] == 6


def test_the_held_out_are_not_in_scope(records: Records) -> None:
    assert figures(records)["in_scope"] == 1
    found = figures(records, held_out=frozenset({("s", "1")}))
    assert found["in_scope"] == 0
    assert found["sms"]["excluded"] == {"holdout": 1}


def test_an_add_after_two_weeks_is_no_longer_counted(records: Records) -> None:
    added(records, timedelta(days=15))
    assert figures(records)["friends_added"] == 0


def test_where_the_engine_counts_otherwise_both_figures_are_shown(records: Records) -> None:
    touch(records, timedelta(seconds=30))
    assert figures(records)["reconciled"] == {"touches.sms": {"sandbox": 1, "engine": 0}}
    assert figures(records, touches_by_step={"sms": 1})["reconciled"] == {}
