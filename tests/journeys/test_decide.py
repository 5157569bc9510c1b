"""A visit always blocks, ends or parks; it never loses a touch and never wishes for one twice."""

# ruff: noqa: E501 - journeys as people write them, one step a line

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from siyu.journeys.check import check
from siyu.journeys.decide import step
from siyu.journeys.model import (
    End,
    Facts,
    Fitted,
    Issued,
    Journey,
    Kept,
    Node,
    Order,
    Park,
    Promised,
    Rest,
    Step,
    StepId,
    Visit,
    Wished,
)
from siyu.journeys.nodes.fit import INVITED, UNTIL
from siyu.journeys.nodes.split import Arm, Split
from siyu.journeys.nodes.tag import Tag
from siyu.journeys.nodes.wait import Wait
from siyu.journeys.predicates.conditions import kinds
from siyu.kernel.calendar import Yearly
from siyu.outbox.model import TouchFact
from siyu.segments.model import Words
from siyu.segments.predicates import FAMILIES
from siyu.segments.predicates.friendship import Friend

NOON = datetime(2026, 11, 20, 4, 0, tzinfo=UTC)
SHANGHAI = ZoneInfo("Asia/Shanghai")
FRIEND = frozenset({Friend(True)})
ORDER = Order("tmall", "T1", "paid")
HEAD = "journey: j\ntitle: {zh: 一, en: J}\n"
CASCADE = (
    HEAD
    + """\
ends_when: {any: [{friend: true}, {order: gone}]}
steps:
  - {id: promise, offer: {promise: mask, expires: 30d}}
  - {id: sms, send: {channel: sms, material: m, purpose: order_invitation, code: c/sms, true_until: parcel_cutoff}}
  - {id: pause, wait: 5m}
  - {id: call, send: {channel: voice_ai, material: m, purpose: order_invitation}}
  - {id: called, until: {touch: {step: call, is: finished}}, timeout: 1d}
  - {id: ways, branch: [{when: {touch: {step: call, intent: [A, B]}}, go: ask}, {else: true, go: watch}]}
  - {id: ask, task: {kind: friend_request, channel: wecom_request, material: m, purpose: order_invitation}}
  - {id: watch, until: {friend: true}, timeout: 14d}
  - {id: end, exit: not added}
"""
)


def journey(text: str) -> Journey:
    found = check(text, FAMILIES)
    assert isinstance(found, Journey), [str(problem) for problem in found]
    return found


def a_visit(node: str, since: datetime = NOON, **changed: object) -> Visit:
    visit = Visit(
        id=7,
        journey_id=1,
        version=1,
        customer_id=3,
        identity_id=4,
        key="tmall/T1",
        shop="tmall",
        order_no="T1",
        node=node,
        round=0,
        since=since,
        held_out=False,
        arms={},
    )
    return visit._replace(**changed)


def facts(**known: object) -> Facts:
    return Facts(SHANGHAI, "zh", (ORDER,))._replace(**known)


def a_touch(node: str, state: str = "delivered", intent: str = "") -> TouchFact:
    return TouchFact(node, node, state, "", intent, NOON, NOON)


# ── One visit ────────────────────────────────────────────────────────────────────────────────────


def test_entering_promises_wishes_and_waits_in_one_walk():
    cutoff = NOON + timedelta(hours=6)
    known = facts(orders=(ORDER._replace(cutoff_at=cutoff),))

    move = step(journey(CASCADE), a_visit("promise"), known, NOON)

    assert isinstance(move, Rest)
    assert (move.node, move.due_at) == ("pause", NOON + timedelta(minutes=5))
    promised, wished = move.effects
    expires = NOON + timedelta(days=30)
    assert promised == Promised("visit:7/promise/0", "mask", "tmall", "T1", expires)
    assert isinstance(wished, Wished)
    assert (wished.code, wished.promise_key) == ("c/sms", "visit:7/promise/0")
    assert (wished.wish.valid_until, wished.wish.locale) == (cutoff, "zh")
    assert move.why == "promise: promised · sms: wished"


def test_what_ends_the_visit_is_asked_before_its_step():
    move = step(journey(CASCADE), a_visit("pause"), facts(true=FRIEND), NOON + timedelta(hours=1))

    assert move == End("pause", "friend", withdraw=True, why="friend")


@pytest.mark.parametrize("has_more", [True, False])
def test_of_a_visit_that_is_over_only_what_it_has_still_to_say_is_decided(has_more: bool):
    plan, visit = journey(CASCADE), a_visit("end", over=True)
    known = facts(touches={"sms": a_touch("sms", "owed")._replace(open=has_more)})
    listens = kinds(plan.ends) if has_more else frozenset[str]()

    kept = step(plan, visit, known, NOON)
    taken = step(plan, visit, known._replace(true=FRIEND), NOON)

    assert kept == End("end", "", withdraw=False, why="", waiting_for=listens)
    assert isinstance(taken, End)
    assert (taken.withdraw, taken.outcome) == ((True, "friend") if has_more else (False, ""))
    assert taken.waiting_for == frozenset()


def test_an_order_that_joined_keeps_the_visit_going_and_is_the_one_spoken_of():
    gone = ORDER._replace(state="cancelled")
    known = facts(orders=(gone, Order("tmall", "T2", "paid")))

    move = step(journey(CASCADE), a_visit("call"), known, NOON)
    over = step(journey(CASCADE), a_visit("call"), facts(orders=(gone,)), NOON)

    assert isinstance(move, Rest)
    assert [effect.wish.order_no for effect in move.effects if isinstance(effect, Wished)] == ["T2"]
    assert isinstance(over, End)
    assert over.outcome == "order_gone"


def test_a_visit_waits_for_its_timer_and_hears_its_step_and_its_end():
    move = step(journey(CASCADE), a_visit("called"), facts(), NOON)

    assert isinstance(move, Rest)
    assert (move.node, move.since, move.due_at) == ("called", NOON, NOON + timedelta(days=1))
    assert {
        "call.finished",
        "touch.withheld",
        "friend.added",
        "order.cancelled",
    } <= move.waiting_for
    assert "tag.set" not in move.waiting_for
    assert (move.why, move.effects) == ("", ())


def test_intent_decides_the_way():
    def way(touch: TouchFact) -> str:
        move = step(journey(CASCADE), a_visit("called"), facts(touches={"call": touch}), NOON)
        assert isinstance(move, Rest)
        return move.why

    assert way(a_touch("call", intent="B")) == "called: touch · ways: touch · ask: wished"
    assert way(a_touch("call", intent="F")) == "called: touch · ways: else"
    assert way(a_touch("call", "withheld")) == "called: touch · ways: else"


def test_who_is_held_out_walks_the_same_way_without_promise_tag_or_code():
    move = step(journey(CASCADE), a_visit("promise", held_out=True), facts(), NOON)

    assert isinstance(move, Rest)
    (wished,) = move.effects
    assert isinstance(wished, Wished)
    assert (wished.code, wished.promise_key, wished.wish.promise_id) == ("", "", None)


def test_a_wish_carries_the_promise_of_an_earlier_walk():
    move = step(journey(CASCADE), a_visit("call"), facts(promise=42), NOON)

    assert isinstance(move, Rest)
    assert [e.wish.promise_id for e in move.effects if isinstance(e, Wished)] == [42]


def test_a_second_round_does_not_hear_the_first_rounds_call():
    text = HEAD + (
        "steps:\n"
        "  - {id: call, send: {channel: voice_ai, material: m, purpose: service}}\n"
        "  - {id: called, until: {touch: {step: call, is: finished}}, timeout: 1d}\n"
        "  - {id: pause, wait: 1d, go: call}\n"
    )
    later = NOON + timedelta(days=2)

    move = step(journey(text), a_visit("pause"), facts(touches={"call": a_touch("call")}), later)

    assert isinstance(move, Rest)
    assert (move.node, move.round) == ("called", 1)
    assert [e.wish.round for e in move.effects if isinstance(e, Wished)] == [1]


def test_a_round_that_comes_back_to_its_wait_in_one_walk_waits_again():
    text = HEAD + "steps:\n  - {id: w, wait: 5m}\n  - {id: t, tag: {add: x}, go: w}\n"
    later = NOON + timedelta(minutes=9)

    move = step(journey(text), a_visit("w"), facts(), later)

    assert isinstance(move, Rest)
    assert (move.node, move.round, move.due_at) == ("w", 1, later + timedelta(minutes=5))


def test_an_unknown_step_and_a_circle_without_time_park():
    ring = (Step(StepId("a"), Tag("x")), Step(StepId("b"), Tag("y"), StepId("a")))
    turning = Journey("j", Words("一", "J"), ring)

    assert isinstance(step(turning, a_visit("a"), facts(), NOON), Park)
    assert step(turning, a_visit("z"), facts(), NOON) == Park("version 1 has no step 'z'")


def test_a_parcels_cut_off_wakes_who_waits_for_it():
    text = (
        HEAD + "steps:\n  - {id: w, until: {parcel: frozen}, timeout: 9d}\n  - {id: e, exit: x}\n"
    )
    cutoff = NOON + timedelta(hours=3)
    known = facts(orders=(ORDER._replace(cutoff_at=cutoff),))

    before = step(journey(text), a_visit("w"), known, NOON)
    after = step(journey(text), a_visit("w"), known, cutoff)

    assert isinstance(before, Rest)
    assert (before.due_at, before.waiting_for) == (cutoff, frozenset({"parcel.planned"}))
    assert isinstance(after, End)


def test_a_wish_behind_a_split_says_how_likely_it_was():
    text = HEAD + (
        "steps:\n"
        "  - {id: deal, split: {arms: [{name: a, share: 0.25}, {name: b, share: 0.75}]}}\n"
        "  - {id: sms, send: {channel: sms, material: m, purpose: service}}\n"
        "  - {id: e, exit: x}\n"
    )
    plan = journey(text)
    found = {
        (move.why.split(" ")[1], effect.wish.probability)
        for number in range(20)
        if isinstance(move := step(plan, a_visit("deal", key=f"k{number}"), facts(), NOON), End)
        for effect in move.effects
        if isinstance(effect, Wished)
    }

    assert found == {("a", 0.25), ("b", 0.75)}


# ── Any journey, any history ─────────────────────────────────────────────────────────────────────

IDS = [f"s{number}" for number in range(6)]
WAITS = [
    "5m",
    {"until": "10:00"},
    {"weekday": "sunday", "at": "00:00"},
    {"until": "parcel_cutoff", "less": "2h"},
    {"date": "birthday", "at": "10:00", "less": "3d", "else": "s5"},
]
SENDS = {"channel": "sms", "material": "m", "purpose": "service"}
CONDITIONS = st.sampled_from(
    [
        {"friend": True},
        {"order": "gone"},
        {"parcel": "frozen"},
        {"any": [{"touch": {"step": "s0", "is": "finished"}}, {"not": {"friend": True}}]},
        {"touch": {"step": "s0", "intent": ["A"]}},
        {"value": {"name": "wave", "is": 1}},
    ]
)


GIVE = {"issue": "mask", "otherwise": IDS[2]}
OFFERS = ({"promise": "mask", "expires": "30d"}, GIVE, {"revoke": "mask"})


@st.composite
def texts(draw: st.DrawFn) -> str:
    """Journeys of every shape; many of them are refused by `check`."""
    steps: list[dict[str, object]] = [{"id": "s0", "send": SENDS}]
    go = st.sampled_from(IDS)
    for name in IDS[1:-1]:
        kind = draw(st.sampled_from(
            ["send", "wait", "until", "branch", "split", "tag", "offer", "fit", "set", "start", "goal"]
        ))  # fmt: skip
        bodies: dict[str, dict[str, object]] = {
            "send": {"send": SENDS},
            "wait": {"wait": draw(st.sampled_from(WAITS))},
            "until": {"until": draw(CONDITIONS), "timeout": "1d"},
            "branch": {"branch": [{"when": draw(CONDITIONS), "go": draw(go)}]},
            "split": {"split": {"arms": [{"name": "a", "share": 0.5, "go": draw(go)},
                                         {"name": "b", "share": 0.5}]}},
            "tag": {"tag": {"add": "x"}},
            "offer": {"offer": draw(st.sampled_from(OFFERS))},
            "fit": {"fit": {"size_tag": "shoe-", "else": draw(go)}},
            "set": {"set": {"wave": draw(st.integers(0, 2))}},
            "start": {"start": "other"},
            "goal": {"goal": "seen"},
        }  # fmt: skip
        jumps = kind in ("tag", "send", "wait", "set", "goal") and draw(st.booleans())
        jump = {"go": draw(go)} if jumps else {}
        steps.append({"id": name, **bodies[kind], **jump})
    steps.append({"id": IDS[-1], "exit": "over"})
    ends = {"ends_when": {"friend": True}} if draw(st.booleans()) else {}
    return json.dumps({"journey": "j", "title": {"zh": "一", "en": "J"}, **ends, "steps": steps})


SAID = {Issued: ("out", "issued"), Fitted: (INVITED, "")}
FACTS = st.builds(
    lambda true, state, cutoff, touch, dates: facts(
        true=true,
        orders=(Order("tmall", "T1", state, NOON + timedelta(hours=cutoff)),),
        touches={"s0": touch} if touch else {},
        dates=dates,
    ),
    st.sampled_from([frozenset(), FRIEND]),
    st.sampled_from(["paid", "cancelled"]),
    st.integers(0, 100),
    st.sampled_from([None, a_touch("s0", intent="A"), a_touch("s0", "sent")]),
    st.sampled_from([{}, {"birthday": Yearly("solar", 11, 23)}]),
)


@given(texts(), st.lists(st.tuples(FACTS, st.integers(0, 3_000)), min_size=1, max_size=15))
def test_a_visit_blocks_ends_or_parks_and_wishes_for_a_touch_once(text, history):
    found = check(text, FAMILIES)
    if not isinstance(found, Journey):
        return
    visit, now = a_visit("s0"), NOON
    effects: list[object] = []
    for known, minutes in history:
        now += timedelta(minutes=minutes)
        move = step(found, visit, known, now)
        again = step(found, visit, known, now)
        assert move == again  # a crash and a replay decide the same
        if not isinstance(move, Rest):
            assert isinstance(move, End), f"a checked journey parks nobody: {move}"
            effects += move.effects
            break
        asks = [e for e in move.effects if isinstance(e, Issued | Fitted)]
        assert move.due_at is not None
        assert move.due_at > now or asks
        waits = f"{UNTIL}{(now + timedelta(days=1)).isoformat()}"
        effects += move.effects
        visit = visit._replace(
            node=move.node,
            round=move.round,
            since=move.since,
            arms=dict(move.arms),
            vars={
                **visit.vars,
                **dict(v for e in move.effects if isinstance(e, Kept) for v in e.values),
                **{e.asked: SAID[type(e)][minutes % 2] or waits for e in asks},
            },
        )
    wishes = [(e.wish.node, e.wish.round) for e in effects if isinstance(e, Wished)]
    assert len(wishes) == len(set(wishes))
    keys = [e.key for e in effects if isinstance(e, Promised | Issued)]
    assert len(keys) == len(set(keys))
    assert ("s0", 0) in wishes or (isinstance(move, End) and move.withdraw)


NODES = st.one_of(
    st.just(Tag("x")),
    st.just(Wait(timedelta(minutes=5))),
    st.just(Split((Arm("a", 0.5, StepId("s0")), Arm("b", 0.5)))),
)


@given(st.lists(st.tuples(NODES, st.none() | st.sampled_from(IDS)), min_size=1, max_size=6))
def test_even_a_journey_that_nobody_checked_comes_to_rest(steps: list[tuple[Node, str | None]]):
    plan = Journey(
        "j",
        Words("一", "J"),
        tuple(
            Step(StepId(f"s{number}"), node, StepId(go) if go else None)
            for number, (node, go) in enumerate(steps)
        ),
    )

    assert isinstance(step(plan, a_visit("s0"), facts(), NOON), Rest | End | Park)
