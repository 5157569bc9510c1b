"""What friends bring, cost and think of our touches: against worlds whose truth is known."""

from __future__ import annotations

import random
from dataclasses import replace
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from tests.analytics.pool import NOW, SHANGHAI, World, at, table

from siyu.analytics.check import read
from siyu.analytics.views.questions.attribution import Attribution
from siyu.analytics.views.questions.health import Health
from siyu.analytics.views.questions.trust import Trust
from siyu.db.pool import Pool
from siyu.kernel.errors import BadInput
from siyu.kernel.sentence import within


@pytest.fixture
def world(db: Pool, tmp_path: Path) -> World:
    made = World(db, tmp_path)
    made.add("goods_share", category="", valid_from=date.min, basis_points=6_000)
    return made


def moments(world: World, people: int, touched: float, harm: float) -> None:
    """Friends of various ages who are touched now and then; of those whom a touch reaches, `harm`
    leave within two days."""
    chance = random.Random(8)
    for who in range(1, people + 1):
        begins = NOW - timedelta(days=chance.uniform(1, 70))
        sent: list[datetime] = []
        ends = NOW - timedelta(days=chance.uniform(0, 60)) if chance.random() < 0.2 else None
        at = begins + timedelta(hours=chance.uniform(0, 40))
        while at < min(NOW, ends or NOW):
            sent.append(at)
            if chance.random() < harm:
                ends = min(at + timedelta(hours=chance.uniform(1, 48)), ends or NOW, NOW)
            at += timedelta(days=chance.expovariate(touched))
        ends = ends if ends and begins < ends < NOW else None
        world.friend(who, begins, ends)
        for at in sent:
            if ends is None or at < ends:
                world.touch(who, at, chance.choice(["sms", "wecom_mass"]))
        if chance.random() < 0.5:
            world.order(who, begins + timedelta(days=chance.uniform(-20, 40)), 5_000)


def test_trust_compares_the_moments_that_a_count_by_hand_compares(world: World) -> None:
    moments(world, 120, touched=0.2, harm=0.05)
    rows = {name: list(found) for name, found in world.rows.items()}
    answer = world.ask(Trust(days=40))

    last = NOW.astimezone(SHANGHAI).date() - timedelta(days=8)
    first = last - timedelta(days=39)
    relations = {row["customer_id"]: row for row in rows["friendship"]}
    asked: list[tuple[str, int, datetime]] = [
        (row["channel"], row["customer_id"], row["sent_at"]) for row in rows["touch"]
    ]
    for day in range(40):
        asked += [("", who, at(first + timedelta(days=day))) for who in relations]
    strata: dict[tuple[str, Any], list[int]] = {}
    for channel, who, moment in asked:
        one = relations[who]
        if not at(first) <= moment < at(last) + timedelta(days=1):
            continue
        if moment < one["first_added_at"] or (one["deleted_at"] and moment >= one["deleted_at"]):
            continue
        past = [(moment - row["sent_at"]) / timedelta(days=1) for row in rows["touch"]
                if row["customer_id"] == who and row["sent_at"] < moment]  # fmt: skip
        bought = any(
            timedelta(0) <= moment - row["paid_at"] <= timedelta(days=30)
            for row in rows["orders"] if row["customer_id"] == who
        )  # fmt: skip
        age = (moment - one["first_added_at"]) / timedelta(days=1)
        stratum = (
            sum(age >= bound for bound in (1, 3, 7, 14, 30, 90)),
            min(sum(one <= 7 for one in past), 3), any(one <= 1 for one in past), bought,
        )  # fmt: skip
        gone = one["deleted_at"] is not None and one["deleted_at"] < moment + timedelta(days=7)
        for arm in {channel, "all" if channel else ""}:
            sums = strata.setdefault((arm, stratum), [0, 0])
            sums[0] += 1
            sums[1] += gone
    found = {row["channel"]: row for row in table(answer, "channels")}
    for arm, name in (("sms", "SMS"), ("wecom_mass", "WeCom mass send"), ("all", "every touch")):
        mine = {key: sums for (of, key), sums in strata.items() if of == arm}
        like = {key: strata["", key] for key in mine if strata.get(("", key), [0, 0])[0] >= 30}
        many = sum(mine[key][0] for key in like)
        rate = sum(mine[key][1] for key in like) / many
        without = sum(mine[key][0] * like[key][1] / like[key][0] for key in like) / many
        row = found[name]
        assert row["touches"] == sum(sums[0] for sums in mine.values())
        assert row["alone"] == row["touches"] - many
        assert (row["rate"], row["without"]) == pytest.approx((rate, without))
        assert row["cost"] is None  # nobody bought often enough for a model of value
    assert found["every touch"]["more_low"] > 0  # planted, and found
    assert "more are followed by a deletion" in answer.says


def test_orders_are_credited_as_a_count_by_hand_credits_them(world: World) -> None:
    chance = random.Random(3)
    for who in range(1, 81):
        for _ in range(chance.randint(0, 4)):
            channel = chance.choice(["sms", "voice_ai", "wecom_mass"])
            world.touch(who, NOW - timedelta(days=chance.uniform(0, 120)), channel)
        for _ in range(chance.randint(0, 3)):
            when = NOW - timedelta(days=chance.uniform(0, 120))
            world.order(who, when, chance.randint(1, 9_999))
    world.order(None, NOW - timedelta(days=1), 777)
    rows = {name: list(found) for name, found in world.rows.items()}
    answer = world.ask(Attribution(days=60, within=20))

    first = NOW.astimezone(SHANGHAI).date() - timedelta(days=59)
    last: dict[str, list[int]] = {}
    firsts: dict[str, list[int]] = {}
    total = [0, 0]
    for order in rows["orders"]:
        if order["paid_at"].astimezone(SHANGHAI).date() < first:
            continue
        mine = [one["paid_at"] for one in rows["orders"]
                if one["customer_id"] == order["customer_id"] is not None
                and one["paid_at"] < order["paid_at"]]  # fmt: skip
        since = max([*mine, order["paid_at"] - timedelta(days=20)])
        path = sorted(
            (one["sent_at"], one["channel"]) for one in rows["touch"]
            if one["customer_id"] == order["customer_id"]
            and since <= one["sent_at"] < order["paid_at"]
        )  # fmt: skip
        for into, step in ((last, path[-1:]), (firsts, path[:1])):
            sums = into.setdefault(step[0][1] if step else "", [0, 0])
            sums[0] += 1
            sums[1] += order["total_minor"]
        total = [total[0] + 1, total[1] + order["total_minor"]]
    names = {"SMS": "sms", "AI call": "voice_ai", "WeCom mass send": "wecom_mass",
             "without a touch": ""}  # fmt: skip
    credited = table(answer, "credited")
    for rule in {row["rule"] for row in credited}:
        mine = {names[row["to"]]: [row["orders"], row["worth_minor"]] for row in credited
                if row["rule"] == rule}  # fmt: skip
        assert [sum(column) for column in zip(*mine.values(), strict=True)] == total
        if rule in ("last touch", "first touch"):
            assert mine == (last if rule == "last touch" else firsts)
    (shop,) = table(answer, "assisted")
    assert (shop["orders"], shop["touched"]) == (total[0], total[0] - last[""][0])
    assert table(answer, "truth") == []
    assert "no hold-out" in answer.says

    with world.home.db.transaction() as conn:  # given back whole, long after
        conn.execute("update orders set state = 'refunded', refunded_minor = total_minor"
                     " where customer_id is not null")  # fmt: skip
    world.again()
    found = table(world.ask(Attribution(days=60, within=20)), "credited")
    assert {(row["to"], row["orders"], row["worth_minor"]) for row in found} == {
        ("without a touch", 1, 777)
    }


def test_a_draw_that_journeys_share_is_credited_nothing_and_that_of_all_is_no_headline(
    world: World,
) -> None:
    when = NOW - timedelta(days=45)
    for who in range(1, 401):
        held = who % 4 == 0
        for scope, out in (("*", who % 2 == 0), ("playbook:p", held), ("plan", held)):
            world.add("holdout", scope=scope, customer_id=who, held=out, probability=0.25,
                      assigned_at=when)  # fmt: skip
        if not held:
            world.touch(who, when + timedelta(days=1))
            world.order(who, when + timedelta(days=2), 100)
    answer = world.ask(Attribution(days=60, within=20))

    truth = {row["journey"]: row for row in table(answer, "truth")}
    assert truth["plan"]["last"] == 300
    for scope in ("*", "playbook:p"):
        assert truth[scope]["brought"] is not None
        assert [truth[scope][rule] for rule in ("last", "first", "position", "removal")] == [
            None
        ] * 4
    assert "hold-out plan brought" in answer.says


def test_of_two_orders_of_one_moment_touches_led_to_the_one_that_was_told_first(
    world: World,
) -> None:
    when = NOW - timedelta(days=5)
    for who in range(1, 21):
        world.touch(who, when - timedelta(hours=1))
        world.order(who, when, 100)
        world.order(who, when, 900)
    world.rows["orders"].reverse()  # however they lie
    credited = table(world.ask(Attribution(days=60, within=20)), "credited")
    last = {row["to"]: row["worth_minor"] for row in credited if row["rule"] == "last touch"}
    assert last == {"SMS": 20 * 100, "without a touch": 20 * 900}


def test_health_counts_what_happened_in_the_brands_28_days(world: World) -> None:
    end = at(NOW.astimezone(SHANGHAI).date(), 0)
    within, before = end - timedelta(days=10), end - timedelta(days=40)
    for who in range(1, 101):
        gone = {1: within, 2: end - timedelta(minutes=1), 3: end, 4: before}.get(who)
        world.friend(who, end - timedelta(days=80), gone)
    for who in range(101, 151):
        world.cost(who, before, 1)  # known, and no friends
    for who in (1, 2):
        world.touch(who, within - timedelta(days=1))
    for who, state in ((10, "replied"), (11, "delivered"), (12, "failed"), (13, "read")):
        world.touch(who, within, purpose="service", state=state)
    world.order(14, within, 100)
    for who, when in ((20, within), (21, before), (120, within)):  # the last is no friend
        world.add("consent", identity_id=who, customer_id=who, channel="sms", purpose="promotion",
                  state="withdrawn", basis="consent", evidence="e", changed_at=when,
                  changed_source="t", changed_source_id="1")  # fmt: skip
    for who, when in ((20, within), (22, within), (23, before)):
        world.add("complaint", identity_id=who, customer_id=who, complaint=f"c{who}",
                  opened_at=when)  # fmt: skip
    world.said(11, within + timedelta(days=2))
    world.said(13, within + timedelta(days=4))
    answer = world.ask(Health())

    parts = {row["component"]: (row["people"], row["some"]) for row in table(answer, "parts")}
    assert parts == {
        "deletions": (99, 2),
        "opt-outs and complaints": (99, 2),
        "replies to service messages": (3, 2),
        "reachable customers": (150, 97),
        "silent friends": (97, 93),
    }
    causes = {row["cause"]: row["left"] for row in table(answer, "causes")}
    assert (causes["a promotion"], causes["become a friend"]) == (1, 0)
    weights = {row["component"]: row["weight"] for row in table(answer, "parts")}
    rates = {name: some / people for name, (people, some) in parts.items()}
    well = {name: rate if name.startswith("re") else 1 - rate for name, rate in rates.items()}
    score = 100 * sum(weights[name] * well[name] for name in well)
    assert table(answer, "scores")[-1]["score"] == pytest.approx(score)


FACT = {"friendship": "first_added_at", "friend_match": "added_at", "touch": "sent_at",
        "orders": "paid_at"}  # fmt: skip


@pytest.mark.parametrize(
    "question",
    [Attribution(days=40, within=10), Trust(days=30), Health(spans=2)],
    ids=lambda one: one.name,
)
def test_a_past_day_is_seen_as_it_was_on_that_day(world: World, question: Any) -> None:
    day = NOW.astimezone(SHANGHAI).date() - timedelta(days=25)
    then = at(day, 24)
    moments(world, 120, touched=0.2, harm=0.05)
    for who in range(1, 121):
        world.add("customer", id=who, created_at=NOW - timedelta(days=400))
        world.people.add(who)
    rows, world.rows = world.rows, {}

    def before(row: dict[str, Any]) -> dict[str, Any]:
        gone = row.get("deleted_at")
        return row | {"state": "live", "deleted_at": None} if gone and gone >= then else row

    early = {
        table: [before(row) for row in some if table not in FACT or row[FACT[table]] < then]
        for table, some in rows.items()
    }
    world.rows = {table: some for table, some in early.items() if some}
    asked = (
        then + timedelta(hours=1) if isinstance(question, Health) else then - timedelta.resolution
    )
    on_the_day = world.ask(question, asked)

    later = {
        table: [row for row in some if row[FACT[table]] >= then]
        for table, some in rows.items() if table in FACT
    }  # fmt: skip
    world.rows = {table: some for table, some in later.items() if some}
    with world.home.db.transaction() as conn:
        for row in rows["friendship"]:
            if before(row) != row and row["first_added_at"] < then:
                conn.execute("update friendship set deleted_at = %(deleted_at)s, state = %(state)s"
                             " where customer_id = %(customer_id)s", row)  # fmt: skip
    world.write()
    world.again()
    seen = world.ask(replace(question, until=day))
    assert seen.tables == on_the_day.tables
    assert seen.period == on_the_day.period
    assert any(row for one in seen.tables for row in one.rows)
    world.again()
    assert world.ask(question).tables != seen.tables


@pytest.mark.parametrize("question", [Attribution(), Trust(), Health()], ids=lambda one: one.name)
def test_where_nothing_falls_into_the_last_days_the_last_one_of_the_data_is_named(
    world: World, question: Any
) -> None:
    moments(world, 40, touched=0.2, harm=0.05)
    ends = max(row["sent_at"] for row in world.rows["touch"]).astimezone(SHANGHAI).date()
    if question.facts == ("orders",):
        ends = max(row["paid_at"] for row in world.rows["orders"]).astimezone(SHANGHAI).date()
    hint = world.ask(question, NOW + timedelta(days=300)).notes[0]
    assert f"--until {ends}" in hint
    assert f"--until {ends}" in within("zh", hint)
    assert not any("--until" in one for one in world.ask(question).notes)
    late = world.ask(replace(question, until=ends), NOW + timedelta(days=300))
    assert not any("--until" in one for one in late.notes)


def test_a_day_before_anybody_sold_anything_is_refused() -> None:
    for question in (Attribution, Trust, Health):
        with pytest.raises(BadInput) as refused:
            read(question, {"until": "0001-01-01"})
        assert "1990-01-01" in refused.value.problems[0].why


def test_before_the_first_friend_there_was_no_pool_to_compare_with(world: World) -> None:
    end = at(NOW.astimezone(SHANGHAI).date(), 0)
    for who in range(1, 401):
        world.cost(who, end - timedelta(days=150), 1)  # known long before
    for who in range(1, 201):
        world.friend(who, end - timedelta(days=20))
    answer = world.ask(Health())

    parts = {row["component"]: row for row in table(answer, "parts")}
    assert {row["verdict"] for row in parts.values()} == {"unknown"}
    assert parts["reachable customers"]["rate"] == 0.5
    assert parts["reachable customers"]["before"] is None
    scores = [row["score"] for row in table(answer, "scores")]
    assert scores[:-1] == [None] * (len(scores) - 1)
    assert scores[-1] is not None
    assert "better" not in answer.says
    assert "no span before to compare with" in answer.says
