"""Channels side by side: against what is counted here, contact by contact and friend by friend."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from tests.analytics.small import Small, day_of, rows_of
from tests.analytics.staffed import FIRST, LAST, in_time, lives, people

from siyu.analytics.model.answer import Answer
from siyu.analytics.views.channels import NAMES
from siyu.analytics.views.questions.channels import Channels
from siyu.analytics.views.questions.face import FACE
from siyu.db.pool import Pool
from siyu.ledger.actions import set_prices
from siyu.ledger.model import Price


@pytest.fixture(scope="module")
def world() -> Iterator[Small]:
    with Small() as lake:
        people(lake, 3)
        yield lake


def test_whom_channels_reached_and_won_and_what_a_friend_cost(world: Small) -> None:
    contacts = [
        (one["id"], one["customer_id"], one["channel"], one["sent_at"], one)
        for one in world.told["touch"] if in_time(one, "sent_at")
    ] + [
        (-one["id"], one["customer_id"], "parcel_insert", one["occurred_at"], {"state": "sent"})
        for one in world.told["ledger_entry"]
        if one["kind"] == "card" and in_time(one, "occurred_at")
    ]  # fmt: skip
    friends: dict[int, list[dict[str, Any]]] = {}
    for one in world.told["friendship"]:
        friends.setdefault(one["customer_id"], []).append(one)
    codes = {
        (one["customer_id"], one["added_at"], one["step"]) for one in world.told["friend_match"]
    }
    of_code = {"sms": "by_sms", "voice_ai": "by_voice_ai", "parcel_insert": "card"}
    could: dict[str, set[int]] = {}
    ways: dict[int, list[Any]] = {}
    for number, who, channel, at, row in contacts:
        mine = friends.get(who, [])
        if row["state"] == "failed" or any(lives(one, at) for one in mine):
            continue
        could.setdefault(channel, set()).add(who)
        for added in {one[name] for one in mine for name in ("first_added_at", "added_at")}:
            if at < added <= at + timedelta(days=14):
                other = (who, added, of_code[channel]) not in codes
                ways.setdefault(who, []).append((added, other, -at.timestamp(), number, channel))
    won = [min(some)[4] for some in ways.values()]

    found = Channels(FIRST, LAST).answer(world.sources(LAST))
    success = {one["channel"]: one for one in rows_of(found, "success")}
    back = {one["channel"]: one for one in rows_of(found, "back")}
    kinds = {"sms": "sms_segment", "voice_ai": "call_minute", "parcel_insert": "card"}
    for channel, kind in kinds.items():
        row, its = success[NAMES[channel]], [one for one in contacts if one[2] == channel]
        cost = sum(
            one["amount_minor"] for one in world.told["ledger_entry"]
            if one["kind"] == kind and in_time(one, "occurred_at")
        )  # fmt: skip
        people = {who for _, who, _, _, one in its if one["state"] != "failed"}
        assert (row["could"], row["won"]) == (len(could[channel]), won.count(channel))
        assert row["success"] == won.count(channel) / len(could[channel])
        assert (row["cost_minor"], row["unit_minor"]) == (cost, round(cost / len(its)))
        assert row["per_friend_minor"] == -(-cost // won.count(channel))
        assert back[NAMES[channel]]["people"] == len(people)
    calls = [one for *_, one in contacts if one.get("channel") == "voice_ai"]
    took = sorted(
        round((one["finished_at"] - one["wished_at"]).total_seconds())
        for one in calls if one["outcome"]
    )  # fmt: skip
    row = back[NAMES["voice_ai"]]
    assert row["outcome_seconds"] == took[(len(took) + 1) // 2 - 1]
    assert row["answered"] == sum(one["outcome"] == "answered" for one in calls) / len(calls)
    assert back[NAMES["sms"]]["answered"] is None


def test_whom_guides_of_stores_won_face_to_face_and_what_their_time_cost(
    world: Small, db: Pool
) -> None:
    """Nobody's friend before, and no step of ours came before: neither a code nor a contact."""
    reached = [
        (one["customer_id"], one["sent_at"]) for one in world.told["touch"]
        if one["state"] != "failed"
    ] + [
        (one["customer_id"], one["occurred_at"]) for one in world.told["ledger_entry"]
        if one["kind"] == "card"
    ]  # fmt: skip
    coded = {(one["customer_id"], one["added_at"]) for one in world.told["friend_match"]}
    came: dict[int, list[Any]] = {}
    for one in world.told["friendship"]:
        who, added = one["customer_id"], one["added_at"]
        before = added - timedelta(seconds=1)
        mine = [its for its in world.told["friendship"] if its["customer_id"] == who]
        if (
            one["staff"] != "chen"  # of head office
            and in_time(one, "added_at")
            and not any(lives(its, before) for its in mine)
            and (who, added) not in coded
            and not any(
                who == its and at <= added <= at + timedelta(days=14) for its, at in reached
            )
        ):
            came.setdefault(who, []).append((added, one["way"] not in ("code", "phone_search")))
    first = [min(some) for some in came.values()]
    won = sum(not otherwise for _, otherwise in first)
    assert 0 < won < len(first)
    early = sum(not otherwise and day_of(at) < date(2026, 10, 15) for at, otherwise in first)
    assert 0 < early < won

    def asked(minutes: float) -> tuple[dict[str, Any], Answer]:
        found = Channels(FIRST, LAST, minutes).answer(world.sources(LAST, db))
        return rows_of(found, "success")[-1], found

    row, found = asked(0)
    assert (row["channel"], row["won"], row["cost_minor"]) == (FACE, won, None)
    assert row["success"] is row["could"] is row["unit_minor"] is None
    assert f"guides of stores won {won} face to face at a cost that is not known" in found.says
    assert any(f"{len(first) - won} more new friends" in one for one in found.notes)
    assert rows_of(found, "back")[-1]["personal"] == "most"

    assert "no rate for a minute of guide" in " ".join(asked(2.5)[1].notes)
    for variant, minor, since in (("", 900, date.min), ("guide", 50, date.min),
                                  ("guide", 60, date(2026, 10, 15))):  # fmt: skip
        with db.transaction() as conn:
            set_prices(conn, [Price("staff_minute", minor, "CNY", "", variant, since)])
    cost = int(Decimal("2.5") * (50 * early + 60 * (won - early)) + Decimal("0.5"))
    row, found = asked(2.5)
    assert (row["cost_minor"], row["per_friend_minor"]) == (cost, -(-cost // won))
    assert "2.5 minutes for each, as given" in " ".join(found.notes)
