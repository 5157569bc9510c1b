"""One of many says no before the press: WeCom stops a mass message only as a whole, so the others
are in a new one, and get it once."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from tests.connectors.wecom.installed import ANNA, BELLA, NOON, House

from siyu.connectors.wecom.channel import WeComChannel
from siyu.connectors.wecom.client import masses
from siyu.connectors.wecom.source import mass
from siyu.content import actions as content
from siyu.content.model import Material
from siyu.events.model import Incoming
from siyu.identities import views as identities
from siyu.outbox import sweep
from siyu.outbox.model import Asked, Found, Stopped
from siyu.vault.model import key_hash
from siyu.worker import tick

CLARA, DORA = "wmCLARA000000000001", "wmDORA0000000000001"
THREE = (ANNA, BELLA, CLARA)
STOP, MAKE = "externalcontact/cancel_groupmsg_send", "externalcontact/add_msg_template"


class Killed(BaseException):
    """As kill -9: nobody catches it."""


class Watched:
    """A store at whose nth write of a mass message something happens before it."""

    def __init__(self, real: Any, number: int, what: Callable[[], object]) -> None:
        self._real, self._left, self._what = real, number, what

    def __getattr__(self, name: str) -> Any:
        return getattr(self._real, name)

    def put(self, key: str, *more: Any) -> None:
        self._look(key)
        self._real.put(key, *more)

    def put_all(self, values: dict[str, str], *more: Any) -> None:
        self._look(*values)
        self._real.put_all(values, *more)

    def take(self, key: str) -> str | None:
        self._look(key)
        return self._real.take(key)

    def _look(self, *keys: str) -> None:
        if any(key.startswith(("mass/", "stopped/")) for key in keys):
            self._left -= 1
            if self._left == 0:
                self._what()


def killed() -> None:
    raise Killed


def watched(corp: Any, number: int, what: Callable[[], object]) -> WeComChannel:
    store: Any = Watched(corp.tools.store, number, what)
    return WeComChannel(corp.config, replace(corp.tools, store=store))


@pytest.fixture
def sent(corp, channel, message):
    """Anna, Bella and Clara are in one mass message, which lisi has to send."""
    for who in THREE:
        corp.fake.existing("lisi", who, corp.clock.now() - timedelta(days=9))
    given = {"channel": "wecom_mass", "staff": "lisi", "text": "周六到店有礼"}
    made = [message(n, to=who, **given) for n, who in enumerate(THREE)]
    channel.send(made)
    corp.clock.advance(minutes=1)
    return made


def asked(*numbers: int) -> list[Asked]:
    return [Asked(f"tch_{n}", "wecom_mass") for n in numbers]


def pulled(corp: Any) -> list[tuple[str, str]]:
    pages = mass.pull(corp.config, corp.tools, "")
    events = [one for page in pages for one in page.events if isinstance(one, Incoming)]
    return sorted((one.kind, json.loads(bytes(one.data))["touch"]) for one in events)


def got(fake: Any) -> list[str]:
    return sorted(one.external_userid for one in fake.received)


def test_one_who_is_to_have_it_no_more_stops_it_and_the_others_are_in_a_new_one(
    corp, channel, sent
) -> None:
    (first,) = corp.fake.masses
    answer = [Stopped("tch_0"), Stopped("tch_1", first), Stopped("tch_2", first)]

    assert [channel.cancel(asked(0)) for _ in range(2)] == [answer] * 2
    assert channel.reconcile(asked(1)) == [Found("tch_1", "absent")]
    assert (corp.fake.requests[STOP], corp.fake.confirm_mass("lisi")) == (1, 0)
    assert mass.waiting(corp.config, corp.tools) == []

    again = [channel.send(sent[1:]) for _ in range(2)]
    assert again[0] == again[1]
    assert len(corp.fake.masses) == 2
    assert channel.cancel(asked(0)) == [Stopped("tch_0")]  # the others are wanted where they are
    corp.clock.advance(minutes=1)
    assert corp.fake.confirm_mass("lisi") == 2
    assert got(corp.fake) == [BELLA, CLARA]
    assert pulled(corp) == [("touch.delivered", "tch_1"), ("touch.delivered", "tch_2")]
    corp.clock.advance(days=4)
    assert pulled(corp) == []


def test_what_forgotten_time_ends_is_the_new_one_and_not_the_one_that_was_stopped(
    corp, channel, sent
) -> None:
    corp.clock.advance(hours=48)
    channel.cancel(asked(0))
    channel.send(sent[1:])

    corp.clock.advance(hours=48)  # the first is over, the new one not yet
    assert pulled(corp) == []
    corp.clock.advance(hours=25)
    assert pulled(corp) == [("touch.failed", "tch_1"), ("touch.failed", "tch_2")]


def test_two_at_once_stop_it_once_and_who_is_asked_later_is_not_made_anew(
    corp, channel, sent
) -> None:
    (first,) = corp.fake.masses

    assert channel.cancel(asked(0, 1)) == [
        Stopped("tch_0"), Stopped("tch_1"), Stopped("tch_2", first),
    ]  # fmt: skip
    assert channel.cancel(asked(2)) == [
        Stopped("tch_2"), Stopped("tch_0", first), Stopped("tch_1", first),
    ]  # fmt: skip
    assert corp.fake.requests[STOP] == 1


def test_who_was_pressed_for_has_it_and_only_the_others_are_stopped(corp, channel, message) -> None:
    since = corp.clock.now() - timedelta(days=9)
    corp.fake.existing("lisi", ANNA, since)
    for who in (BELLA, DORA):
        corp.fake.existing("zhangsan", who, since)
    given = {"channel": "wecom_mass", "staff": "", "text": "周六到店有礼"}
    made = [message(n, to=who, **given) for n, who in enumerate((ANNA, BELLA, DORA))]
    channel.send(made)
    corp.clock.advance(minutes=1)
    (first,) = corp.fake.masses
    corp.fake.confirm_mass("lisi")

    assert channel.cancel(asked(0)) == []  # she has it
    assert channel.cancel(asked(1)) == [Stopped("tch_1"), Stopped("tch_2", first)]
    assert pulled(corp) == [("touch.delivered", "tch_0")]
    channel.send(made[2:])
    corp.clock.advance(minutes=1)
    corp.fake.confirm_mass("zhangsan")
    assert pulled(corp) == [("touch.delivered", "tch_2")]
    assert got(corp.fake) == [ANNA, DORA]


def test_who_presses_in_the_very_moment_has_sent_it_and_nothing_is_made_anew(corp, sent) -> None:
    quick = watched(corp, 1, lambda: corp.fake.confirm_mass("lisi"))

    assert quick.cancel(asked(0)) == []
    assert quick.cancel(asked(0)) == []
    assert pulled(corp) == [("touch.delivered", f"tch_{n}") for n in range(3)]


@pytest.mark.parametrize("number", [1, 2, 3])
def test_killed_anywhere_it_is_stopped_when_it_is_asked_again_and_says_the_same(
    corp, channel, sent, number
) -> None:
    (first,) = corp.fake.masses
    with suppress(Killed):
        watched(corp, number, killed).cancel(asked(0))
    if number > 1:
        corp.clock.advance(hours=corp.config.mass_expires_hours, minutes=30)  # its time is over
    assert pulled(corp) == []

    assert channel.cancel(asked(0)) == [
        Stopped("tch_0"), Stopped("tch_1", first), Stopped("tch_2", first),
    ]  # fmt: skip
    assert corp.fake.waiting_mass("lisi") == []
    channel.send(sent[1:])
    corp.clock.advance(minutes=1)
    corp.fake.confirm_mass("lisi")
    assert pulled(corp) == [("touch.delivered", "tch_1"), ("touch.delivered", "tch_2")]
    assert got(corp.fake) == [BELLA, CLARA]


def test_what_is_called_off_since_its_time_is_over_is_told_of_all_and_stopped_by_nobody_else(
    corp, channel, sent
) -> None:
    corp.clock.advance(days=4)
    page = next(mass.pull(corp.config, corp.tools, ""))  # killed before it is kept

    assert len(page.events) == 3
    assert channel.cancel(asked(0)) == []
    assert pulled(corp) == [("touch.failed", f"tch_{n}") for n in range(3)]
    assert got(corp.fake) == []


def test_who_began_to_stop_it_and_asks_no_more_keeps_nobody_from_hearing_that_it_is_over(
    corp, channel, sent
) -> None:
    (msgid,) = corp.fake.masses
    assert masses.ends(corp.tools.store, msgid, "asked back")  # and dies
    corp.clock.advance(hours=corp.config.mass_expires_hours, minutes=30)
    assert pulled(corp) == []  # it might be about to say so
    corp.clock.advance(hours=1)
    assert pulled(corp) == [("touch.failed", f"tch_{n}") for n in range(3)]


def test_one_that_is_being_given_out_is_asked_about_again_and_holds_up_no_other(
    corp, channel, sent, message
) -> None:
    given = {"channel": "wecom_mass", "staff": "lisi", "text": "另一段话"}
    channel.send([message(7, to=ANNA, **given), message(8, to=BELLA, **given)])

    first, second = corp.fake.masses
    assert channel.cancel(asked(7, 0)) == [
        Stopped("tch_0"), Stopped("tch_1", first), Stopped("tch_2", first),
        Stopped("tch_7", unclear=True),
    ]  # fmt: skip
    corp.clock.advance(minutes=1)
    assert corp.fake.waiting_mass("lisi") == [second]
    assert channel.cancel(asked(7, 0)) == [
        Stopped("tch_7"), Stopped("tch_8", second),
        Stopped("tch_0"), Stopped("tch_1", first), Stopped("tch_2", first),
    ]  # fmt: skip


def test_a_lost_answer_to_the_new_one_is_not_taken_for_the_one_that_was_stopped(
    corp, channel, sent
) -> None:
    channel.cancel(asked(0))
    corp.fake.faults.append("hang up after effect")
    with suppress(Exception):
        channel.send(sent[1:])
    corp.clock.advance(minutes=1)
    _, second = corp.fake.masses

    assert channel.reconcile(asked(1, 2)) == [
        Found("tch_1", "awaiting_staff", second), Found("tch_2", "awaiting_staff", second),
    ]  # fmt: skip


# ── with the outbox, its sweeps and the database ──

TOUCH = """
insert into touch (node, round, customer_id, journey, step, channel, purpose, lane, priority, shop,
  order_no, material, locale, state, wished_at, due_at, staff)
values ('n', %(customer)s, %(customer)s, 'care', 'news', 'wecom_message', 'promotion', 'window', 0,
  's', '', 'news', 'zh', 'owed', %(now)s, %(now)s, 'lisi')
"""
TOUCHES = "select state, count(*)::int from touch group by 1 order by 1"


class Dying:
    """A database whose worker dies before its nth transaction."""

    def __init__(self, real: Any, number: int) -> None:
        self._real, self._left = real, number

    def __getattr__(self, name: str) -> Any:
        return getattr(self._real, name)

    def transaction(self) -> Any:
        self._left -= 1
        if self._left == 0:
            raise Killed
        return self._real.transaction()


def customers(house: House, who: Sequence[str]) -> list[int]:
    keys = [("external_userid", key_hash(house.app.keys, "external_userid", one)) for one in who]
    with house.app.db.transaction() as conn:
        found = identities.resolve(conn, keys)
    return [found[one] for one in keys]


@pytest.fixture
def three(house: House) -> House:
    """Three friends of lisi are in one mass message, which nobody has sent."""
    for who in THREE:
        house.fake.existing("lisi", who, NOON - timedelta(days=90))
    house.go(minutes=1)
    news = Material("news", "zh", "wecom_message", "{{ brand }}上新了", {"brand": "text"})
    with house.app.db.transaction() as conn:
        content.install(conn, [news], "test")
    with house.app.db.transaction() as conn:
        for number in customers(house, THREE):
            conn.execute(TOUCH, {"customer": number, "now": house.now})
    house.go(minutes=1)
    (made,) = house.fake.masses.values()
    assert sorted(made.tasks["lisi"]) == sorted(THREE)
    return house


def withdraws(house: House, *who: str) -> None:
    no = {"state": "withdrawn", "channels": ["wecom"], "evidence": "wrote so", "by": "an"}
    for number in customers(house, who):
        public = house.app.ids.encode("cus", number)
        assert house.ask("POST", f"/customers/{public}/consents", json=no).is_success


def names(house: House) -> list[list[str]]:
    """Who is in each mass message that waits for lisi."""
    waits = house.fake.waiting_mass("lisi")
    return [sorted(house.fake.masses[one].tasks["lisi"]) for one in waits]


def pressed(house: House) -> None:
    """Lisi presses for all that waits, and WeCom is asked what became of it, now and for weeks."""
    house.go(minutes=1)
    house.fake.confirm_mass("lisi")
    house.go(minutes=11)
    house.go(days=4)


def test_who_withdraws_before_the_press_gets_nothing_and_the_others_get_it_once(
    three: House,
) -> None:
    withdraws(three, ANNA)
    three.go()  # one tick

    assert (names(three), got(three.fake)) == ([[BELLA, CLARA]], [])
    assert three.rows(TOUCHES) == [("awaiting_staff", 2), ("withdrawn", 1)]
    pressed(three)
    assert got(three.fake) == [BELLA, CLARA]
    assert three.rows(TOUCHES) == [("delivered", 2), ("withdrawn", 1)]
    kinds = "select kind, count(*)::int from event where kind like 'touch.%%' group by 1 order by 1"
    assert three.rows(kinds) == [("touch.delivered", 2), ("touch.withdrawn", 1)]
    assert (three.fake.requests[STOP], three.fake.requests[MAKE]) == (1, 2)


def test_two_who_withdraw_within_a_tick_stop_it_once(three: House) -> None:
    withdraws(three, ANNA, CLARA)
    three.go()

    assert (names(three), three.fake.requests[STOP]) == ([[BELLA]], 1)
    pressed(three)
    assert got(three.fake) == [BELLA]
    assert three.rows(TOUCHES) == [("delivered", 1), ("withdrawn", 2)]


def test_one_after_the_other_each_is_out_of_what_waits_then(three: House) -> None:
    withdraws(three, ANNA)
    three.go(minutes=1)
    three.fake.deletes_staff(BELLA, "lisi")
    three.go(minutes=1)

    assert names(three) == [[CLARA]]
    pressed(three)
    assert got(three.fake) == [CLARA]
    assert three.rows(TOUCHES) == [("delivered", 1), ("withdrawn", 2)]


def test_where_everybody_withdraws_nothing_is_made_anew(three: House) -> None:
    withdraws(three, *THREE)
    three.go()

    assert (names(three), three.fake.requests[MAKE]) == ([], 1)
    pressed(three)
    assert got(three.fake) == []
    assert three.rows(TOUCHES) == [("withdrawn", 3)]


@pytest.mark.parametrize("number", [2, 3])
def test_a_worker_killed_after_wecom_has_stopped_it_loses_nobody_and_doubles_nobody(
    three: House, number: int
) -> None:
    """Before what is owed again is kept, and before what is over is."""
    withdraws(three, ANNA)
    app = three.app
    tick(app, three.now, applier=three._applier, without=("cancel",))
    db: Any = Dying(app.db, number)
    with pytest.raises(Killed):
        sweep.cancel(db, app.channels, app.context, three.now)
    assert names(three) == []  # WeCom has stopped it

    three.go(minutes=3)

    assert names(three) == [[BELLA, CLARA]]
    pressed(three)
    assert got(three.fake) == [BELLA, CLARA]
    assert three.rows(TOUCHES) == [("delivered", 2), ("withdrawn", 1)]
    assert three.fake.requests[MAKE] == 2
