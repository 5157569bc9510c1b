"""Payments in chats: told once, to whom they were paid, with what was given back."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest

from siyu.connectors.wecom.source import payments

ANNA, PATH = "wmANNA00000000000000000001", "externalpay/get_bill_list"


@pytest.fixture
def corp(corp):
    corp.config = replace(corp.config, payments=True)
    return corp


def pulled(corp, cursor="") -> tuple[list[Any], str]:
    pages = list(payments.pull(corp.config, corp.tools, cursor))
    return [one for page in pages for one in page.events], pages[-1].cursor if pages else cursor


def told(events):
    return sorted(
        (one.kind, one.keys.get("external_userid", ""), data["staff"], data["amount_minor"])
        for one in events
        for data in [json.loads(bytes(one.data))]
    )


def test_a_payment_is_told_once_however_often_it_is_listed(corp) -> None:
    corp.fake.pays(ANNA, "zhangsan", 19_900)
    corp.clock.advance(hours=1)
    first, cursor = pulled(corp)
    corp.clock.advance(hours=1)
    again, _ = pulled(corp, cursor)

    assert told(first) == [("payment.received", ANNA, "g-zhang", 19_900)]
    assert {one.id for one in again} == {one.id for one in first}
    assert first[0].person == {}  # who paid is known by the account alone
    assert "13800009999" not in repr(first[0].data)


def test_a_refund_is_one_fact_in_both_of_its_records_and_none_before_it_is_made(corp) -> None:
    number = corp.fake.pays(ANNA, "lisi", 500)
    corp.fake.pays_back(number, 100, status=1)
    corp.clock.advance(minutes=1)
    before, cursor = pulled(corp)
    corp.fake.pays_back(number, 200)
    corp.clock.advance(minutes=1)
    after, _ = pulled(corp, cursor)

    assert told(before) == [("payment.received", ANNA, "lisi", 500)]
    assert told({one.id: one for one in after}.values()) == [
        ("payment.received", ANNA, "lisi", 500),
        ("payment.refunded", ANNA, "lisi", 200),
    ]


def test_a_long_time_is_asked_for_in_windows_and_short_pages_are_no_end(corp) -> None:
    corp.config = replace(corp.config, payments_back_days=100)
    corp.fake.apps[corp.config.secret] = replace(corp.apps[0], visible=frozenset({"zhangsan"}))
    corp.fake.most = 2
    corp.clock.advance(days=-100)
    for number in range(30):
        corp.clock.advance(days=3)
        corp.fake.pays(ANNA, "lisi" if number < 12 else "zhangsan", number + 1)
    corp.clock.advance(days=10)

    events, cursor = pulled(corp)

    once = {one.id: one for one in events}
    assert [amount for *_, amount in told(once.values())] == list(range(13, 31))
    assert json.loads(cursor)[0] == int(corp.clock.now().timestamp())


def test_a_pull_that_is_killed_goes_on_with_its_page(corp) -> None:
    corp.config = replace(corp.config, payments_back_days=1)
    corp.fake.most = 2
    for number in range(6):
        corp.fake.pays(ANNA, "lisi", number + 1)
    corp.clock.advance(minutes=1)
    first = next(payments.pull(corp.config, corp.tools, ""))
    asked = corp.fake.requests[PATH]
    rest, _ = pulled(corp, first.cursor)

    assert len(first.events) == 2
    assert len({one.id for one in [*first.events, *rest]}) == 6
    assert corp.fake.requests[PATH] - asked == 3 - 1


def test_a_page_that_wecom_has_forgotten_begins_its_window_anew(corp) -> None:
    corp.fake.pays(ANNA, "lisi", 5)
    corp.clock.advance(minutes=1)
    now = int(corp.clock.now().timestamp())

    events, _ = pulled(corp, json.dumps([0, now - 60, now, "forgotten"]))

    assert told(events) == [("payment.received", ANNA, "lisi", 5)]


def test_nothing_is_asked_where_the_app_may_not(corp) -> None:
    corp.config = replace(corp.config, payments=False)
    corp.clock.advance(hours=1)

    assert pulled(corp)[0] == []
    assert corp.fake.requests[PATH] == 0


def test_a_payment_whose_form_named_our_request_says_so(corp) -> None:
    corp.fake.pays(ANNA, "zhangsan", 19_900, "跑鞋 R7 42 pay_0123456789abc")
    corp.fake.pays(ANNA, "zhangsan", 500, "payment pay_0")
    corp.clock.advance(hours=1)
    events, _ = pulled(corp)

    said = [json.loads(bytes(one.data)).get("request", "") for one in events]
    assert sorted(said) == ["", "pay_0123456789abc"]
