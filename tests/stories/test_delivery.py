"""README: nothing is sent twice and nothing is lost, however facts come in."""

from __future__ import annotations

import random
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest

from siyu.app import order_file
from siyu.worker.imports import import_file

MEI = "13800000001"
SHOP = "tmall-flagship"


def test_a_webhook_redelivered_a_month_later_changes_nothing(story) -> None:
    paid = story.pay(story.order(), MEI)
    story.go(days=31)
    before = story.explain(MEI), story.received[:]
    (answer,) = story.send([paid])
    story.go(days=1)

    assert answer == {"id": paid["id"], "status": "duplicate", "reason": "was accepted before"}
    assert (story.explain(MEI), story.received) == before


def test_the_same_order_told_under_another_id_is_still_one_order(story) -> None:
    order = story.order()
    paid = story.pay(order, MEI)
    story.go(days=31)
    (answer,) = story.send([{**paid, "id": "told-again"}])
    story.go(days=1)

    assert answer["status"] == "accepted"
    assert story.steps(MEI) == ["sms", "call"]
    assert story.facts("select count(*), sum(total_minor) from orders") == [(1, 19900)]


def test_an_old_order_that_comes_late_is_kept_and_invites_nobody(story) -> None:
    old = story.paid(story.order(), MEI, at=story.now - timedelta(hours=3))
    story.send([story.agreed(MEI), old])
    story.go(days=2)

    assert story.received == []
    (entry,) = story.explain(MEI)["entries"]
    assert (entry["outcome"], entry["reason"]) == ("refused", "too_old")


MAPPING = """
mapping: old-shop
title: {zh: 旧店, en: An old shop}
source: old-shop
header: [number, at, phone, sku, title, count, price]
shop: {code: tmall-flagship, name: 花间旗舰店, platform: tmall}
currency: CNY
time: {column: at, format: "%Y-%m-%d %H:%M:%S", zone: Asia/Shanghai}
order: {column: number}
line: {sku: sku, title: title, quantity: count, price: price}
customer: {phone: phone}
"""


def test_a_backfill_of_orders_texts_nobody_however_young_they_are(story, tmp_path: Path) -> None:
    phones = [f"138000003{number:02d}" for number in range(20)]
    story.send([story.agreed(phone) for phone in phones])
    rows = [f"B{n},2026-11-20 11:59:00,{phone},S1,面霜,1,9.00" for n, phone in enumerate(phones)]
    file, mapping = tmp_path / "orders.csv", tmp_path / "mapping.yaml"
    file.write_text("number,at,phone,sku,title,count,price\n" + "\n".join(rows) + "\n", "utf-8")
    mapping.write_text(MAPPING, "utf-8")
    report = import_file(story.app, order_file(file, mapping), lambda _: None)
    story.go(days=20)

    assert (report.orders, report.rejected) == (20, 0)
    (customer,) = story.customers(phones[0])
    assert story.customers(f"{SHOP}/B0", "order") == [customer]
    assert (story.received, story.touches(), story.explain(phones[0])["visits"]) == ([], [], [])


def test_who_was_backfilled_is_invited_with_the_next_live_order(story, tmp_path: Path) -> None:
    file, mapping = tmp_path / "orders.csv", tmp_path / "mapping.yaml"
    file.write_text(
        f"number,at,phone,sku,title,count,price\nB1,2026-11-19 11:59:00,{MEI},S1,面霜,1,9\n"
    )
    mapping.write_text(MAPPING, "utf-8")
    import_file(story.app, order_file(file, mapping), lambda _: None)
    story.pay(story.order(), MEI)
    story.go(minutes=1)

    assert story.steps(MEI) == ["sms"]
    assert story.facts("select count(*) from orders") == [(2,)]


def _told(story) -> list[dict]:
    """A busy day, as its events: six buyers, refunds, cancellations, adds, parcels."""
    told: list[dict] = []
    for number in range(6):
        phone, order = f"1380000020{number}", story.order()
        at = story.now - timedelta(minutes=90 - number)
        told += [story.agreed(phone), story.paid(order, phone, at=at)]
        keys = {"external_userid": f"wm-{number}", "phone": phone}
        plan = {
            "parcel_no": f"P{number}", "shop": "tmall-flagship", "orders": [order],
            "main_order": order, "cutoff_at": (story.now + timedelta(hours=3)).isoformat(),
        }  # fmt: skip
        told.append(story.event("parcel.planned", plan, at=at + timedelta(minutes=3)))
        if number % 2:
            told.append(
                story.event("friend.added", {"staff": "guide-1"}, keys, at=at + timedelta(hours=1))
            )
        if number % 3 == 0:
            back = {
                "shop": "tmall-flagship", "order_no": order, "refund_no": f"R{number}",
                "currency": "CNY", "amount_minor": 500,
            }  # fmt: skip
            told.append(story.event("order.refunded", back, at=at + timedelta(minutes=50)))
        if number == 4:
            gone = {"shop": "tmall-flagship", "order_no": order}
            told.append(story.event("order.cancelled", gone, at=at + timedelta(minutes=20)))
    gone = {"staff": "guide-1"}
    told.append(story.event("friend.deleted_by_customer", gone, {"external_userid": "wm-1"}))
    return told


def _natural(story) -> dict[str, list]:
    """The facts under names that no order of arrival has a part in."""
    return {
        "orders": story.facts(
            "select shop, order_no, state, paid_at, total_minor, refunded_minor from orders"
            " order by 1, 2"
        ),
        "friends": story.facts(
            "select i.hash, f.state, f.added_at, f.deleted_at from friendship f"
            " join identity i on i.id = f.identity_id order by 1"
        ),
        "parcels": story.facts("select parcel_no, main_order_no, cutoff_at from parcel order by 1"),
        "decisions": sorted(
            (one["parcel_no"], one["content"])  # the reason says what was known at the time
            for one in story.read("/api/v1/parcels")["parcels"]
        ),
        "people": story.facts(
            "select array_agg(i.hash order by i.hash) from identity i where i.kind <> 'state'"
            " group by i.customer_id order by 1"
        ),
        "consents": story.facts(
            "select i.hash, channel, purpose, state from consent c"
            " join identity i on i.id = c.identity_id order by 1, 2, 3"
        ),
        "counts": story.facts("select count(*), count(distinct customer_id) from orders"),
    }


@pytest.fixture
def another(story, begun: Callable):
    """The same installation once more, on a database of its own."""
    return begun()


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_shuffled_and_repeated_delivery_ends_in_the_same_facts(story, another, seed: int) -> None:
    told = _told(story)
    chance = random.Random(seed)
    mixed = told * 2
    chance.shuffle(mixed)
    story.send(told)
    story.tick()
    while mixed:
        size = chance.randint(1, 7)
        another.send(mixed[:size])
        another.tick()
        del mixed[:size]
    for one in (story, another):
        one.go(hours=4)

    assert _natural(another) == _natural(story)
    texts = [sorted((got.to, got.step) for got in one.received) for one in (story, another)]
    assert len(texts[1]) == len(set(texts[1]))
