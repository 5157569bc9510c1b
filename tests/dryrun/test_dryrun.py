"""A journey tried on a brand's own past: what it tells is so, and nothing of it stays."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from tests.build import DAY

from siyu.app import PREDICATES, App
from siyu.budget import actions as budget
from siyu.budget.model import Cap
from siyu.dryrun import check, measure
from siyu.dryrun import run as dryrun
from siyu.dryrun.model import Asked, Counted, Rate, Rates, Told
from siyu.dryrun.run import Cancelled, run
from siyu.kernel.errors import BadInput, Refused
from siyu.playbooks import actions as playbooks

FIRST, LAST = date(2026, 11, 3), date(2026, 11, 5)  # days 2 to 4
NOTE = """
journey: note
title: {zh: 提醒, en: A note}
enter: {on: order.paid, max_age: 2h}
reenter: {after: 1d}
steps:
  - id: sms
    send: {channel: sms, material: note, purpose: service, lane: now, priority: 3}
  - {id: heard, until: {touch: {step: sms, is: finished}}, timeout: 1d}
  - id: often
    branch:
      - {when: {orders: {at_least: 2}}, go: again}
      - {else: true, go: end}
  - id: again
    send: {channel: sms, material: note, purpose: service, lane: now, priority: 3}
  - {id: end, exit: told}
"""
EVERYBODY = """
journey: everybody
title: {zh: 全部, en: Everybody}
enter: {every: day 10:00, segment: {stage: {at_least: A1}}, max_age: 12h}
reenter: never
steps:
  - id: sms
    send: {channel: sms, material: note, purpose: service, lane: window, priority: 3}
  - {id: end, exit: told}
"""
TABLES = """
select relname from pg_class
where relnamespace = 'public'::regnamespace and relkind in ('r', 'p')
"""


def certain(rates: Rates) -> Rates:
    """Everybody is reached, nobody adds us."""
    one, none = Rate(1, 1, 1), Rate(0, 0, 0)
    return {name: replace(it, reached=one, added=none, refused=none) for name, it in rates.items()}


def try_it(app: App, text: str = NOTE, **changes: object) -> Told:
    asked = Asked(text, FIRST, LAST, certain(check.assumed()), ranges=False)
    return run(app, replace(asked, **changes), lambda _, __: True)


def stored(app: App) -> dict[str, int]:
    with app.db.transaction() as conn:
        names = [name for (name,) in conn.fetch(TABLES)]
        return {name: conn.fetch(f"select count(*) from {name}")[0][0] for name in names}


def there(app: App) -> bool:
    return bool(app.db.fetch("select from pg_namespace where nspname = 'siyu_dry'"))


def test_who_comes_in_is_sent_to_and_what_it_costs_follow_from_what_happened(app: App) -> None:
    before = stored(app)

    told = try_it(app)

    assert (told.counted.entered, told.counted.customers, told.counted.parked) == (5, 5, 0)
    assert {one.day.day: one.entered for one in told.counted.days} == {3: 0, 4: 4, 5: 1}
    # the last one of all comes too late in the day for a text
    assert told.counted.steps[0].waiting == 1
    # one of them had cancelled the first order, but only on day 5: all four have bought twice
    assert [(one.step, one.sent, one.cost_minor) for one in told.counted.steps] == [
        ("sms", 4, 20), ("again", 4, 20),
    ]  # fmt: skip
    assert tuple(told.cost_minor) == (40, 40, 40)
    assert stored(app) == before
    assert not there(app)


def test_rates_make_the_ranges_and_a_seed_the_same_answer(app: App) -> None:
    """A call costs by its seconds: none at worst, some likely, the most at best."""
    calls = NOTE.replace("channel: sms, material: note", "channel: voice_ai, material: call")
    rates = certain(check.assumed())
    voice = replace(rates["voice_ai"], reached=Rate(0, 0.5, 1), seconds=Rate(30, 30, 30))
    rates = {**rates, "voice_ai": voice}

    one = try_it(app, calls, rates=rates, seed="7", ranges=True)
    again = try_it(app, calls, rates=rates, seed="7")

    assert one.counted == again.counted
    assert 0 == one.cost_minor.low < one.cost_minor.likely < one.cost_minor.high
    assert again.cost_minor.low == again.cost_minor.high


def test_ranges_of_a_share_choose_only_among_that_share(
    app: App, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever is outside of the share neither does anything nor is in any segment."""
    seen: list[int] = []
    whole = measure.counted

    def counted(*given: Any) -> Counted:
        found = whole(*given)
        seen.append(found.entered)
        return found

    monkeypatch.setattr(dryrun, "FEW", 0)
    monkeypatch.setattr(dryrun, "SAMPLE", 512)
    monkeypatch.setattr(measure, "counted", counted)

    told = try_it(app, EVERYBODY, ranges=True)

    assert told.ranges_of == 0.5
    assert told.counted.entered == seen[0] == 10
    assert 0 < seen[1] < 10
    assert seen[2:] == [seen[1]] * 2
    assert tuple(told.cost_minor) == (9 * 5,) * 3  # one never agreed to be sent to


def test_journeys_that_run_today_get_in_the_way_as_they_would_have(app: App) -> None:
    first = NOTE.replace("journey: note", "journey: first").replace("priority: 3", "priority: 9")
    with app.db.transaction() as conn:
        playbooks.publish(conn, first, PREDICATES, app.clock.now(), playbooks.Asked("ana"))
        budget.set_caps(conn, [Cap("sms", "*", 7, 1)])

    told = try_it(app)

    (met,) = told.counted.collisions
    assert (met.journey, met.customers) == ("first", 5)
    assert sum(one.sent for one in told.counted.steps) == 0
    assert {one.reason for one in told.counted.withheld} <= {"cap", "outranked"}


def test_a_dry_run_that_is_cancelled_leaves_nothing_and_makes_room_for_the_next(app: App) -> None:
    asked = Asked(NOTE, FIRST, LAST, check.assumed(), ranges=False)
    seen: list[bool] = []

    def stop(_: object, __: float) -> bool:
        seen.append(there(app))
        with pytest.raises(Refused, match="under way"):
            run(app, asked, stop)
        return False

    with pytest.raises(Cancelled):
        run(app, asked, stop)

    assert seen == [True]
    assert not there(app)


def test_what_can_not_be_tried_is_said_before_anything_begins(app: App) -> None:
    with pytest.raises(BadInput, match=r"line 8.*material"):
        try_it(app, NOTE.replace("material: note", "material: none"))
    with pytest.raises(Refused, match="can't lie ahead"):
        try_it(app, until=app.clock.now().date() + timedelta(days=30))
    with pytest.raises(Refused, match="1 to 92 days"):
        try_it(app, since=date(2026, 1, 1))


def test_an_answer_that_can_not_be_booked_ends_it_with_the_reason(app: App) -> None:
    with app.db.transaction() as conn:
        conn.execute("delete from price where kind = 'call_minute'")
    calls = NOTE.replace("channel: sms, material: note", "channel: voice_ai, material: call")

    with pytest.raises(Refused, match="no price for call_minute"):
        try_it(app, calls)
    assert not there(app)


@pytest.mark.parametrize(
    ("text", "where"),
    [
        ("pigeon: {reached: [0, 0, 0]}", "pigeon"),
        ("sms: {added: [0, 0, 0]}", "sms"),
        ("sms: {reached: [0.9, 0.5, 1]}", "sms.reached"),
        ("sms: {reached: [0, 0, 2]}", "sms.reached"),
        ("voice_ai: {reached: [0, 0, 1], intents: {G: 1}}", "voice_ai.intents"),
        ("voice_ai: {reached: [0, 0, 1], intents: {A: .inf}}", "voice_ai.intents"),
        ("sms: {reached: [0, 0, 1], liked: [0, 0, 1]}", "sms.liked"),
    ],
)
def test_rates_that_mean_nothing_are_refused_by_their_place(text: str, where: str) -> None:
    with pytest.raises(BadInput) as refused:
        check.rates(text)
    assert [problem.where for problem in refused.value.problems] == [where]


def test_rates_that_are_given_go_before_the_brands_own_and_these_before_assumed_ones(
    app: App,
) -> None:
    """A hundred SMS of which half arrived, thirty calls."""
    sent = """
    insert into touch (node, round, customer_id, journey, step, channel, purpose, lane, priority,
      shop, order_no, material, locale, state, wished_at, due_at, sent_at)
    select channel, n, 1, 'old', 's', channel, 'service', 'now', 5, '', '', 'm', 'zh',
      case when n %% 2 = 0 then 'delivered' else 'failed' end, %(at)s, %(at)s, %(at)s
    from (values ('sms', 100), ('voice_ai', 30)) c (channel, many), generate_series(1, many) n
    """
    assumed = check.assumed()
    with app.db.transaction() as conn:
        conn.execute(sent, {"at": DAY})
        own = measure.rates(conn, {}, assumed, DAY + timedelta(days=2))
        given = measure.rates(conn, {"sms": assumed["voice_ai"]}, assumed, DAY)

    assert (own["sms"].reached.likely, own["sms"].reached.seen) == (0.5, 100)
    assert 0.4 < own["sms"].reached.low < 0.5 < own["sms"].reached.high < 0.6
    assert own["voice_ai"] == assumed["voice_ai"]
    assert given["sms"] == assumed["voice_ai"]
