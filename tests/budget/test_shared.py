"""What customers share and what sets them apart, over real rows, ruled by two at once."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier
from typing import Any

import pytest

from siyu.budget import actions, sweep, views
from siyu.budget.model import Account, Cap, Pace, Quota
from siyu.kernel.errors import BadInput
from siyu.staff import actions as staff
from siyu.staff.model import Brand, Member

Bureau = Any


def rows(bureau: Bureau, sql: str) -> list[Any]:
    with bureau.db.transaction() as conn:
        return conn.fetch(sql)


def quota(bureau: Bureau, *quotas: Quota) -> None:
    with bureau.db.transaction() as conn:
        actions.set_quotas(conn, quotas)


def pace(bureau: Bureau, **words: Any) -> None:
    with bureau.db.transaction() as conn:
        actions.set_pace(conn, Pace(**words))


def guides(bureau: Bureau, *codes: str) -> None:
    with bureau.db.transaction() as conn:
        members = [Member(code, code, "guide") for code in codes]
        staff.seed(conn, Brand("花研", "Asia/Shanghai", "CNY", "CN", "zh"), members=members)


def friend(bureau: Bureau, number: int, code: str, kind: str = "friend.added") -> None:
    keys = {"phone": bureau.phone(number), "external_userid": f"wm{number}"}
    bureau.tell((kind, {"staff": code}, keys))


def states(bureau: Bureau) -> dict[str, int]:
    return dict(rows(bureau, "select state || reason, count(*) from touch group by 1"))


def test_two_sweeps_at_once_never_exceed_a_quota_and_leave_nothing_of_it(bureau: Bureau) -> None:
    quota(bureau, Quota("sms", "brand", "day", 25), Quota("*", "brand", "month", 60))
    customers = bureau.buyers(50)
    bureau.wish(customers)
    bureau.wish(customers, channel="voice_ai", node="call")
    together = Barrier(2)

    def rule(_: int) -> None:
        together.wait()
        for _ in range(12):
            with bureau.db.transaction() as conn:
                sweep.rule(conn, bureau.zone, bureau.now, limit=10)

    with ThreadPoolExecutor(2) as pool:
        list(pool.map(rule, range(2)))
    bureau.rule()

    owed = dict(rows(bureau, "select channel, count(*) from touch where state = 'owed' group by 1"))
    assert sum(owed.values()) == 60
    assert owed["sms"] <= 25
    accounts = dict(rows(bureau, "select name, used from quota_account"))
    assert accounts == {"channel:sms": owed["sms"], "channel:*": 60}
    assert rows(bureau, "select count(*) from touch where state = 'wished'") == [(40,)]


def test_what_a_quota_defers_goes_out_in_the_next_period(bureau: Bureau) -> None:
    quota(bureau, Quota("sms", "brand", "day", 3))
    bureau.wish(bureau.buyers(5))

    assert bureau.rule().deferred == {"quota": 2}
    bureau.clock.advance(hours=20)  # eight in the morning
    assert bureau.rule().allowed == 2
    with bureau.db.transaction() as conn:
        assert list(views.used(conn, views.policy(conn), bureau.now).values()) == [2]


def test_a_second_ruling_gives_the_first_place_back(bureau: Bureau) -> None:
    quota(bureau, Quota("sms", "brand", "month", 2))
    first, second = bureau.wish(bureau.buyers(2))
    bureau.rule()
    rows(bureau, "update touch set state = 'wished' returning id")  # their hours were over

    assert bureau.rule().allowed == 2
    assert rows(bureau, "select used from quota_account") == [(2,)]
    assert {bureau.touch(touch).state for touch in (first, second)} == {"owed"}


def test_a_quota_per_customer_follows_a_merge(bureau: Bureau) -> None:
    quota(bureau, Quota("sms", "customer", "day", 2))
    one, other = bureau.buyers(2)
    bureau.wish([one, other])
    bureau.rule()
    rows(bureau, "update touch set state = 'sent', sent_at = due_at returning id")
    bureau.marry(1, 2)

    (touch,) = bureau.wish([one], node="third")

    assert bureau.rule().deferred == {"quota": 1}
    assert bureau.touch(touch).due_at == bureau.now + timedelta(days=1)


def test_a_guides_presses_of_a_day_are_counted_by_the_guide(bureau: Bureau) -> None:
    pace(bureau, presses=2)
    guides(bureau, "li", "wang")
    customers = bureau.buyers(5)
    for number in range(1, 5):
        friend(bureau, number, "li")
    friend(bureau, 5, "wang")
    bureau.wish(customers, channel="wecom_mass", purpose="promotion")

    assert bureau.rule().deferred == {"presses": 2}
    who = rows(
        bureau, "select staff, count(*) from touch where state = 'owed' group by 1 order by 1"
    )
    assert who == [("li", 2), ("wang", 1)]
    waiting = rows(bureau, "select customer_id from touch where state = 'wished' order by 1")
    assert waiting == [(customers[2],), (customers[3],)]  # the first to ask went first

    bureau.clock.advance(hours=21)
    assert bureau.rule().allowed == 2


def test_a_task_goes_to_the_guide_whose_press_was_counted(bureau: Bureau) -> None:
    pace(bureau, presses=1)
    guides(bureau, "li")
    bureau.wish(bureau.buyers(2), channel="voice_human")

    assert bureau.rule().deferred == {"presses": 1}
    assert rows(bureau, "select staff from touch where state = 'owed'") == [("li",)]


def test_two_sweeps_rank_all_that_is_due_for_a_customer(bureau: Bureau) -> None:
    """However a customer's wishes fall into batches, the higher one has the last place."""
    pace(bureau, window_hours=2)
    with bureau.db.transaction() as conn:
        actions.set_caps(conn, [Cap("*", "promotion", 7, 1)])
    customers = bureau.buyers(6)
    words = {"lane": "window", "purpose": "promotion"}
    low = bureau.wish(customers, node="low", **words)
    high = bureau.wish(customers, node="high", value=5, **words)
    assert bureau.rule().deferred == {"window": 12}
    bureau.clock.advance(hours=2)

    def rule(_: int) -> None:
        for _ in range(6):
            with bureau.db.transaction() as conn:
                sweep.rule(conn, bureau.zone, bureau.now, limit=3)

    with ThreadPoolExecutor(2) as pool:
        list(pool.map(rule, range(2)))
    bureau.rule()

    assert {bureau.touch(touch).state for touch in high} == {"owed"}
    assert {bureau.touch(touch).reason for touch in low} == {"outranked"}
    with bureau.db.transaction() as conn:
        last = {views.rulings(conn, [touch])[touch][-1].by_touch for touch in low}
    assert last == set(high)


def test_a_layers_cap_holds_for_who_is_in_it_now(bureau: Bureau) -> None:
    with bureau.db.transaction() as conn:
        actions.set_caps(
            conn, [Cap("*", "promotion", 7, 1), Cap("*", "promotion", 7, 3, "tag:vip")]
        )
        actions.set_caps(conn, [Cap("*", "promotion", 7, 2, "A2")])
    plain, vip, second = bureau.buyers(3)
    bureau.tell(("tag.set", {"name": "vip"}, {"phone": bureau.phone(2)}))
    rows(bureau, f"update customer set stage = 2 where id = {second} returning id")
    for node in ("a", "b", "c", "d"):
        bureau.wish([plain, vip, second], node=node, purpose="promotion")

    bureau.rule()

    sql = "select customer_id, count(*) from touch where state = 'owed' group by 1"
    assert dict(rows(bureau, sql)) == {plain: 1, vip: 3, second: 2}


def test_a_deletion_closes_wecom_until_somebody_is_a_friend_again(bureau: Bureau) -> None:
    (customer,) = bureau.buyers(1)
    friend(bureau, 1, "li")
    friend(bureau, 1, "li", "friend.deleted_by_customer")
    said: list[str] = []
    for node, code in (("a", ""), ("b", "wang")):
        if code:
            friend(bureau, 1, code)
        (touch,) = bureau.wish([customer], node=node, channel="wecom_message", purpose="service")
        (sms,) = bureau.wish([customer], node=f"{node}-sms", purpose="service")
        bureau.rule()
        said += [bureau.touch(touch).reason, bureau.touch(sms).state]

    assert said == ["deleted", "owed", "", "owed"]


def test_after_a_refused_call_the_next_is_withheld_for_the_cool_down(bureau: Bureau) -> None:
    pace(bureau, cooldown_days=3)
    rows(bureau, "delete from cap returning days")
    (customer,) = bureau.buyers(1)
    (call,) = bureau.wish([customer], channel="voice_ai")
    bureau.rule()
    rows(bureau, "update touch set state = 'sent', sent_at = due_at, attempts = 1 returning id")
    end = {"touch": bureau.ids.encode("tch", call), "answered": True, "outcome": "refused"}
    bureau.tell(("call.finished", end, {}))

    (soon,) = bureau.wish([customer], channel="voice_human", node="soon")
    bureau.rule()
    bureau.clock.advance(days=3)
    (later,) = bureau.wish([customer], channel="voice_human", node="later")
    bureau.rule()

    assert [bureau.touch(one).reason for one in (soon, later)] == ["cooldown", ""]


def test_statements_grow_with_the_rules_in_use_and_not_with_the_batch(bureau: Bureau) -> None:
    quota(bureau, Quota("sms", "brand", "day", 1000))
    seen: list[int] = []
    first = 1
    for many in (1, 100):
        bureau.wish(bureau.buyers(many, first=first))
        first += many
        with bureau.db.counting() as statements:
            assert bureau.rule().allowed == many
        seen.append(len(statements))

    assert seen == [11, 11]  # two more than without a quota: lock and take


@pytest.mark.parametrize(
    ("bad", "words"),
    [
        (Quota("sms", "brand", "day", None), "only a month"),
        (Quota("sms", "brand", "day", 0), "pause it"),
        (Quota("fax", "brand", "day", 1), "no channel"),
        (Quota("sms", "guide", "day", 1), "per customer or per brand"),  # type: ignore[arg-type]
        (Quota("sms", "brand", "year", 1), "hour, day, week or month"),  # type: ignore[arg-type]
    ],
)
def test_quotas_that_cannot_be_are_refused_in_words(bureau: Bureau, bad: Quota, words: str) -> None:
    with bureau.db.transaction() as conn, pytest.raises(BadInput) as refused:
        actions.set_quotas(conn, [bad])
    assert words in str(refused.value)


def test_caps_and_paces_that_cannot_be_are_refused_in_words(bureau: Bureau) -> None:
    with bureau.db.transaction() as conn:
        with pytest.raises(BadInput, match="no layer"):
            actions.set_caps(conn, [Cap("*", "*", 1, 1, "vip")])
        with pytest.raises(BadInput, match="no purpose"):
            actions.set_caps(conn, [Cap("*", "answer", 1, 1)])
        with pytest.raises(BadInput, match="0 to 24"):
            actions.set_pace(conn, Pace(window_hours=25))
        with pytest.raises(BadInput, match="presses"):
            actions.set_pace(conn, Pace(presses=0))
        with pytest.raises(BadInput, match="0 to 366"):
            actions.set_pace(conn, Pace(cooldown_days=-1))


def test_rules_can_be_taken_away(bureau: Bureau) -> None:
    with bureau.db.transaction() as conn:
        actions.set_caps(conn, [Cap("sms", "promotion", 7, 1, "A4")])
        actions.set_quotas(conn, [Quota("wecom_mass", "customer", "month", None)])
        before = views.policy(conn)
        assert actions.drop_caps(conn, [Cap("sms", "promotion", 7, 9, "A4")]) == 1
        assert actions.drop_quotas(conn, [Quota("wecom_mass", "customer", "month", 5)]) == 1
        assert actions.drop_quotas(conn, [Quota("wecom_mass", "customer", "month", 5)]) == 0
        after = views.policy(conn)

    assert set(before.caps) - set(after.caps) == {Cap("sms", "promotion", 7, 1, "A4")}
    assert (before.quotas, after.quotas) == ((Quota("wecom_mass", "customer", "month", None),), ())


def test_what_was_ruled_comes_in_pages(bureau: Bureau) -> None:
    (customer,) = bureau.buyers(1)
    touches = [bureau.wish([customer], node=f"n{number}")[0] for number in range(5)]
    for _ in touches:
        bureau.rule()
    found: list[int] = []
    with bureau.db.transaction() as conn:
        after = 0
        while page := views.rulings_of_customer(conn, customer, after, 2):
            found += [one.touch_id for one in page]
            after = page[-1].id
        assert [one.verdict for one in views.rulings_of_touch(conn, touches[0], 0, 9)] == ["allow"]
        assert views.rulings_of_touch(conn, touches[0], after, 9) == []

    assert found == touches


def test_an_untouched_quota_shows_nothing_used(bureau: Bureau) -> None:
    quota(bureau, Quota("sms", "brand", "hour", 9))
    with bureau.db.transaction() as conn:
        assert views.used(conn, views.policy(conn), bureau.now) == {
            Account("channel:sms", "hour", bureau.now): 0
        }


def test_new_wishes_take_of_a_quota_under_the_ids_that_they_get(bureau: Bureau) -> None:
    quota(bureau, Quota("sms", "brand", "day", 3))
    customers = bureau.buyers(3)
    first, second = bureau.rule_new(customers[:2])

    third, repeated = bureau.rule_new([customers[2], customers[0]])

    assert repeated is None
    assert rows(bureau, "select used from quota_account") == [(3,)]
    taken = rows(bureau, "select touch_id from quota_use order by 1")
    assert taken == [(touch,) for touch in (first, second, third)]


def test_a_new_wish_for_a_guide_is_written_with_the_guide(bureau: Bureau) -> None:
    pace(bureau, presses=1)
    guides(bureau, "li")

    first, second = bureau.rule_new(bureau.buyers(2), channel="voice_human")

    found = dict(rows(bureau, "select id, state || staff from touch"))
    assert found == {first: "owedli", second: "wishedli"}  # it waits for li's press


def test_what_waited_in_its_window_learns_which_new_wish_outranked_it(bureau: Bureau) -> None:
    pace(bureau, window_hours=2)
    with bureau.db.transaction() as conn:
        actions.set_caps(conn, [Cap("*", "promotion", 7, 1)])
    customers = bureau.buyers(1)
    words = {"purpose": "promotion"}
    (waiting,) = bureau.rule_new(customers, lane="window", node="waits", priority=9, **words)
    assert bureau.reasons(waiting) == [("allow_at", "window")]
    bureau.clock.advance(hours=2)

    (urgent,) = bureau.rule_new(customers, lane="now", node="urgent", **words)

    assert bureau.touch(waiting).reason == "outranked"
    sql = "select touch_id, by_touch from ruling where reason = 'outranked'"
    assert rows(bureau, sql) == [(waiting, urgent)]


def test_only_who_was_chosen_for_a_playbook_presses_and_works_for_it(bureau: Bureau) -> None:
    guides(bureau, "li", "zhao", "wang")
    rows(bureau, "insert into journey (code, playbook) values ('cascade', 'p') returning id")
    rows(bureau, "insert into playbook (code, digest, installed_at, staff)"
                 " values ('p', '', now(), '{li}') returning code")  # fmt: skip
    customers = bureau.buyers(3)
    friend(bureau, 1, "zhao")
    friend(bureau, 2, "li")
    first, second, third = bureau.wish(customers, channel="wecom_mass", node="m")
    (call,) = bureau.wish(customers[:1], channel="voice_human", node="h")
    bureau.rule()

    assert bureau.touch(first).reason == "no_guide"
    assert (bureau.touch(second).state, bureau.touch(third).state) == ("owed", "withheld")
    assert dict(rows(bureau, "select id, staff from touch where staff <> ''")) == {
        second: "li", call: "li",
    }  # fmt: skip
