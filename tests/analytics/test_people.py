"""Figures of friends, staff and channels: against what is counted here, person by person."""

from __future__ import annotations

import random
import statistics
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from tests.analytics.small import Small, day_of, rows_of

from siyu.analytics.decide.ratios import Sums
from siyu.analytics.model.answer import Answer, Question
from siyu.analytics.views.channels import NAMES
from siyu.analytics.views.questions.channels import Channels
from siyu.analytics.views.questions.face import FACE
from siyu.analytics.views.questions.members import KINDS, Members
from siyu.analytics.views.questions.staff import Staff
from siyu.analytics.views.questions.store import Store
from siyu.db.pool import Pool
from siyu.kernel.errors import Refused
from siyu.ledger.actions import set_prices
from siyu.ledger.model import Price

FIRST, LAST = date(2026, 10, 1), date(2026, 10, 28)
BEGIN, END = (datetime(2026, 9, 30, 16, tzinfo=UTC), datetime(2026, 10, 28, 16, tzinfo=UTC))


@pytest.fixture
def small() -> Iterator[Small]:
    with Small() as lake:
        yield lake


@pytest.fixture(scope="module")
def world() -> Iterator[Small]:
    with Small() as lake:
        people(lake, 3)
        yield lake


def some_time(chance: random.Random) -> datetime:
    """Around the period, and often on the edge of a day in Shanghai."""
    day = BEGIN + timedelta(days=chance.randint(-6, 33))
    return day + chance.choice(
        [timedelta(0), timedelta(seconds=-1), timedelta(hours=chance.randint(0, 23))]
    )


def people(small: Small, seed: int, many: int = 400) -> None:
    """Customers with orders of both currencies, late refunds, friendships that end and begin again,
    groups that they join and leave, and work of staff in two stores."""
    chance = random.Random(seed)
    small.add("goods_share", category="", valid_from=date.min, basis_points=4_000)
    small.add("store", id=7, code="north", region="")
    for staff, store in (("ann", 7), ("bo", 7), ("chen", None)):
        small.add("staff_member", code=staff, role="guide", store_id=store, active=True)
    for who in range(1, many + 1):
        for kind in ("member", "member", "phone")[who % 3 :]:  # some have two cards
            small.add("identity", customer_id=who, kind=kind, created_at=BEGIN)
        for staff in chance.sample(["ann", "bo", "chen"], chance.choice([0, 1, 1, 2])):
            at = some_time(chance)
            gone = chance.choice([None, None, at + timedelta(days=chance.randint(1, 20))])
            again = gone + timedelta(days=3) if gone and chance.random() < 0.3 else at
            way = ("code", "link", "phone_search", "")[who % 4]
            small.friend(who, staff, at, deleted_at=gone, added_at=again, way=way)
        if chance.random() < 0.4:
            at = some_time(chance)
            left = chance.choice([None, at + timedelta(days=5), at - timedelta(days=1)])
            small.add("group_member", customer_id=who, carrier="wecom", chat="g", joined_at=at,
                      left_at=left, way="")  # fmt: skip
        for _ in range(chance.choice([0, 1, 2, 3])):
            total = chance.randint(100, 90_000)
            back = chance.choice([0, 0, 0, chance.randint(1, total)])
            state = "refunded" if back == total else chance.choice(["paid"] * 6 + ["cancelled"])
            small.order(
                chance.choice([who] * 9 + [None]), some_time(chance), total, refunded_minor=back,
                state=state, currency=chance.choice(["CNY"] * 8 + ["GBP"]),
                shop=chance.choice(["s", "t"]),
            )  # fmt: skip
        _contacts(small, chance, who)
        if chance.random() < 0.3:
            small.add("task", touch_id=who, customer_id=who, kind="call", staff="bo", shop="s",
                      state=chance.choice(["done", "done", "open", "cancelled"]), minutes=who % 7,
                      outcome=chance.choice(["agreed", "refused", "no_answer"]),
                      created_at=some_time(chance), due_at=some_time(chance),
                      done_at=some_time(chance))  # fmt: skip
            small.add("ledger_entry", customer_id=who, cause="task", kind="staff_minute",
                      journey="", step="", shop=chance.choice(["s", "t"]), variant="",
                      quantity=who % 5, amount_minor=9, currency="CNY",
                      occurred_at=some_time(chance))  # fmt: skip
        if chance.random() < 0.1:
            small.add("refund", order_id=None, customer_id=who, shop="s", refund_no="r", sku="",
                      quantity=0, amount_minor=500, currency="CNY", refunded_at=some_time(chance),
                      whole=False)  # fmt: skip


def _contacts(small: Small, chance: random.Random, who: int) -> None:
    """Texts and calls with what they cost, cards, and codes by which some came."""
    for channel, kind in chance.sample(
        [("sms", "sms_segment"), ("voice_ai", "call_minute"), ("card", "card")],
        chance.randint(0, 3),
    ):
        at = some_time(chance)
        step = channel if channel == "card" else f"by_{channel}"
        if channel != "card":
            done = channel == "voice_ai" and chance.random() < 0.8
            small.add(
                "touch", customer_id=who, journey="plan", step=step, channel=channel, staff="",
                state=chance.choice(["sent", "delivered", "read", "failed"]), outcome=
                chance.choice(["answered", "no_answer"]) if done else "", sent_at=at,
                wished_at=at - timedelta(seconds=30),
                finished_at=at + timedelta(seconds=chance.randint(1, 99)) if done else None,
            )  # fmt: skip
        small.add("ledger_entry", customer_id=who, cause="t", kind=kind, journey="plan", step=step,
                  shop="s", variant="", quantity=1, amount_minor=chance.randint(1, 50),
                  currency="CNY", occurred_at=at)  # fmt: skip
    for one in small.told["friendship"]:
        if one["customer_id"] == who and chance.random() < 0.5:
            small.add("friend_match", customer_id=who, matched=True, how="state", source="orders",
                      step=chance.choice(["by_sms", "by_voice_ai", "card"]), journey="plan",
                      added_at=one["added_at"])  # fmt: skip


def lives(row: dict[str, Any], at: datetime) -> bool:
    """Whether this friendship lived at that moment, told from its story."""
    story = [(row["first_added_at"], True)]
    if row["deleted_at"] is not None:
        story.append((row["deleted_at"], False))
    if row["added_at"] != row["first_added_at"]:
        story.append((row["added_at"], True))
    past = [one for one in story if one[0] <= at]
    return bool(past) and past[-1][1]


def test_what_a_head_brings_is_counted_by_what_each_is_at_the_end(world: Small) -> None:
    end = END - timedelta(microseconds=1)
    friends = {one["customer_id"] for one in world.told["friendship"] if lives(one, end)}
    grouped = {
        one["customer_id"] for one in world.told["group_member"]
        if one["joined_at"] < END
        and not (one["left_at"] and one["joined_at"] <= one["left_at"] < END)
    }  # fmt: skip
    worth: dict[int, int] = {}
    for one in world.told["orders"]:
        who = one["customer_id"]
        counts = one["state"] == "paid" and who and one["currency"] == "CNY"
        if counts and FIRST <= day_of(one["paid_at"]) <= LAST:
            worth[who] = worth.get(who, 0) + one["total_minor"] - one["refunded_minor"]
    for one in world.told["refund"]:
        if one["customer_id"] in worth and FIRST <= day_of(one["refunded_at"]) <= LAST:
            worth[one["customer_id"]] -= one["amount_minor"]

    found = Members(FIRST, LAST).answer(world.sources(LAST))
    told = {row["kind"]: row for row in rows_of(found, "members") if row["currency"] == "CNY"}
    for row in rows_of(found, "loyal"):
        mine = [worth[who] for who in worth if (who % 3 < 2) == (row["kind"] == "members")]
        if row["currency"] == "CNY":
            assert (row["people"], row["net_minor"]) == (len(mine), sum(mine))
    for kind, friend, group in (
        ("group", True, True), ("friend", True, False),
        ("only_group", False, True), ("none", False, False),
    ):  # fmt: skip
        mine = [
            minor for who, minor in worth.items()
            if (who in friends) == friend and (who in grouped) == group
        ]  # fmt: skip
        row = told[KINDS[kind]]
        assert (row["people"], row["net_minor"]) == (len(mine), sum(mine))
        if len(mine) < 30:
            assert row["arpu_minor_low"] is None
            continue
        half = 1.96 * statistics.stdev(mine) / len(mine) ** 0.5
        mean = statistics.mean(mine)
        assert row["arpu_minor"] == round(mean)
        assert row["arpu_minor_low"] == pytest.approx(mean - half, abs=1)
        assert row["arpu_minor_high"] == pytest.approx(mean + half, abs=1)
    apart: Any = found.keys["apart_minor"]
    low, high = apart
    assert low < high


def test_of_a_few_buyers_nothing_is_compared(small: Small) -> None:
    small.order(1, BEGIN, 100)
    small.friend(1, "ann", BEGIN)
    assert "Too few" in Members(FIRST, LAST).answer(small.sources(LAST)).says


def owner(world: Small, order: dict[str, Any]) -> str | None:
    """Whose friend the buyer was, of several whoever was added last."""
    mine = [
        (max(at for at in (one["first_added_at"], one["added_at"]) if at <= order["paid_at"]), one)
        for one in world.told["friendship"]
        if one["customer_id"] == order["customer_id"] and lives(one, order["paid_at"])
    ]
    latest = max((at for at, _ in mine), default=None)
    return min((one["staff"] for at, one in mine if at == latest), default=None)


def in_time(row: dict[str, Any], name: str) -> bool:
    return FIRST <= day_of(row[name]) <= LAST


def sold(world: Small) -> list[tuple[dict[str, Any], int, int, str | None]]:
    """Orders of the period in yuan that stand: net, margin, and whose friend bought."""
    return [
        (one, net, net - (net * 4_000 + 5_000) // 10_000, owner(world, one))
        for one in world.told["orders"]
        if one["state"] == "paid" and one["currency"] == "CNY" and in_time(one, "paid_at")
        for net in [one["total_minor"] - one["refunded_minor"]]
    ]


def test_what_shops_and_stores_bring_for_the_hours_worked(world: Small, db: Pool) -> None:
    every = sold(world)
    found = Store(FIRST, LAST).answer(world.sources(LAST, db))
    shares = {one["place"]: one for one in rows_of(found, "shops") if one["currency"] == "CNY"}
    hours = {one["place"]: one for one in rows_of(found, "hours") if one["currency"] == "CNY"}
    assert {*hours} == {"s", "t", "north"}
    for shop in ("s", "t"):
        mine = [one for one in every if one[0]["shop"] == shop]
        private = [one for one in mine if one[3]]
        row = shares[shop]
        assert (row["orders"], row["private_orders"]) == (len(mine), len(private))
        net = sum(one[1] for one in mine)
        share = sum(one[1] for one in private) / net
        assert (row["net_minor"], row["private_share"]) == (net, pytest.approx(share))
        assert row["private_share_low"] < share < row["private_share_high"]
        margin = sum(one[2] for one in mine)
        minutes = sum(
            one["quantity"] for one in world.told["ledger_entry"]
            if (one["shop"], one["kind"]) == (shop, "staff_minute") and in_time(one, "occurred_at")
        )  # fmt: skip
        assert hours[shop]["margin_minor"] == margin
        assert hours[shop]["hour_minor"] == round(margin * 60 / minutes)
    north = [one for one in every if one[3] in ("ann", "bo")]
    minutes = sum(
        one["minutes"] for one in world.told["task"]
        if one["state"] == "done" and in_time(one, "done_at")
    )  # fmt: skip
    margin = sum(one[2] for one in north)
    assert (hours["north"]["margin_minor"], hours["north"]["hours"]) == (
        margin, round(minutes / 60, 1),
    )  # fmt: skip
    assert "stock turnover is not known" in found.says
    assert "库存周转未知" in found.says.zh
    assert found.keys["stock_turnover"] is None


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


@pytest.mark.parametrize("question", [Members, Store, Staff, Channels])
def test_a_brand_without_anything_is_told_so_in_words(
    small: Small, question: type[Question]
) -> None:
    with pytest.raises(Refused) as refused:
        question().answer(small.sources(LAST))
    assert refused.value.detail.zh  # type: ignore[attr-defined]


FORMULA = "销售：0.02 * net; friends: 5 * max(added - 10, 0); -(late + overdue) / 3; kept / replied"


def test_what_each_of_staff_did_and_what_the_formula_pays(world: Small) -> None:
    every = sold(world)
    now = datetime(2026, 10, 28, 4, tzinfo=UTC)
    found = Staff(FIRST, LAST, FORMULA).answer(world.sources(LAST))
    work = {one["staff"]: one for one in rows_of(found, "work")}
    results = {one["staff"]: one for one in rows_of(found, "results")}
    skills = {one["staff"]: one for one in rows_of(found, "skills")}
    assert {*results} == {"ann", "bo", "chen"}
    assert [work[one]["store"] for one in ("ann", "chen")] == ["north", "head office"]

    tasks = world.told["task"]
    done = [one for one in tasks if one["state"] == "done" and in_time(one, "done_at")]
    late = sum(one["done_at"] > one["due_at"] for one in done)
    overdue = sum(one["state"] == "open" and one["due_at"] < now for one in tasks)
    yes = sum(one["outcome"] == "agreed" for one in done)
    answered = sum(one["outcome"] != "no_answer" for one in done)
    row = work["bo"]
    assert (row["done"], row["late"], row["overdue"]) == (len(done), late, overdue)
    assert (row["calls"], row["answered"], row["yes"]) == (len(done), answered, yes)
    assert row["minutes"] == sum(one["minutes"] for one in done)
    assert 0 < late < len(done)
    assert overdue

    buyers = {
        one["customer_id"] for one in world.told["orders"]
        if one["state"] == "paid" and in_time(one, "paid_at")
    }  # fmt: skip
    for staff in ("ann", "bo", "chen"):
        mine = [one for one in world.told["friendship"] if one["staff"] == staff]
        month = timedelta(days=30)
        old = [one for one in mine if BEGIN <= one["first_added_at"] + month < END]
        kept = [one for one in old if lives(one, one["first_added_at"] + month)]
        had = [one for one in mine if lives(one, BEGIN)]
        theirs = [one for one in every if one[3] == staff]
        row, net = results[staff], sum(one[1] for one in theirs)
        assert row["friends"] == sum(lives(one, END - timedelta(microseconds=1)) for one in mine)
        assert row["added"] == sum(in_time(one, "first_added_at") for one in mine)
        assert row["deleted"] == sum(
            one["deleted_at"] is not None and in_time(one, "deleted_at") for one in mine
        )
        assert row["kept_share"] == (len(kept) / len(old) if old else None)
        assert (row["orders"], row["net_minor"]) == (len(theirs), net)
        assert row["margin_minor"] == sum(one[2] for one in theirs)
        bought = [one for one in had if one["customer_id"] in buyers]
        assert skills[staff]["expertise"] == len(bought) / len(had)

        paid = [one for one in rows_of(found, "incentive") if one["staff"] == staff]
        assert [one["line"] for one in paid] == ["销售", "friends", "3", "4", "total"]
        assert paid[0]["amount_minor"] == (2 * net + 50) // 100
        assert paid[1]["amount_minor"] == 500 * max(row["added"] - 10, 0)
        assert paid[1]["numbers"] == f"5 * max({row['added']} - 10, 0)"
        assert (paid[3]["amount_minor"], paid[4]["amount_minor"]) == (
            None,
            None,
        )  # no replies known
    assert "not known" in " ".join(found.notes)


def test_how_sure_a_private_share_is_holds_as_often_as_it_says() -> None:
    """Simulated shops whose true share is known."""
    chance, held = random.Random(5), 0
    for _ in range(400):
        buyers = [(chance.lognormvariate(5, 1), chance.random() < 0.3) for _ in range(200)]
        pairs = [(net if friend else 0.0, net) for net, friend in buyers]
        sums = Sums(
            len(pairs), sum(x for x, _ in pairs), sum(y for _, y in pairs),
            sum(x * x for x, _ in pairs), sum(y * y for _, y in pairs),
            sum(x * y for x, y in pairs),
        )  # fmt: skip
        low, high = sums.interval or (1, 0)
        held += low <= 0.3 <= high
    assert 0.9 < held / 400 < 0.98
