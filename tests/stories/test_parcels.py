"""README: every parcel carries exactly one of the promised gift and a card, by its cut-off."""

from __future__ import annotations

from datetime import timedelta

from siyu.kernel.time import instant
from siyu.offers import actions as offers

MEI, HUA = "13800000001", "13800000002"
SHOP, BARE = "tmall-flagship", "bare-shop"


def _friend_with_a_promise(story, phone: str = MEI) -> str:
    """Somebody who bought and added within minutes; the order."""
    order = story.order()
    story.pay(order, phone)
    story.go(minutes=2)
    story.add(f"wm-{phone}", link=story.got(phone)[0].link)
    story.go(minutes=1)
    return order


def _stock(story, sku: str, on_hand: int) -> None:
    with story.app.db.transaction() as conn:
        offers.stock(conn, sku, on_hand)


def _promises(story, phone: str = MEI) -> list[tuple[str, str]]:
    return [(one["state"], one["reason"]) for one in story.explain(phone)["promises"]]


def test_a_promise_is_never_sent_past_its_cut_off(story) -> None:
    order = story.order()
    story.ask("POST", "/api/v1/pause", {"by": "ops"})
    story.pay(order, MEI)
    story.go(minutes=1)
    story.plan("P1", [order], story.now + timedelta(hours=2))
    story.go(hours=3)
    story.ask("POST", "/api/v1/resume", {"by": "ops"})
    story.go(days=2)

    assert story.received == []
    assert story.withheld()["sms"] == "promise_expired"
    assert set(story.withheld().values()) == {"promise_expired"}
    assert story.decision("P1")["content"] == "card"


def test_a_cut_off_that_is_moved_forward_holds_for_what_is_owed_already(story) -> None:
    order = story.order()
    story.pay(order, MEI)
    story.go(minutes=1)
    story.plan("P1", [order], story.now + timedelta(minutes=3))
    story.go(hours=1)

    assert story.steps(MEI) == ["sms"]
    assert story.withheld() == {"call": "promise_expired"}


def test_an_open_task_is_taken_back_at_the_cut_off(story) -> None:
    order = story.order()
    story.pay(order, MEI)
    story.go(minutes=6)
    story.call_ends(story.got(MEI)[1], "A")
    story.go(minutes=1)
    before = story.tasks()
    story.plan("P1", [order], story.now + timedelta(hours=1))
    story.go(hours=1)

    assert len(before) == 1
    assert story.tasks() == []


def test_a_late_add_is_owed_its_gift_and_the_next_parcel_carries_it(story) -> None:
    order = story.order()
    story.pay(order, MEI)
    story.go(minutes=2)
    story.plan("P1", [order], story.now + timedelta(hours=2))
    story.go(hours=3)
    story.pack("P1")
    story.go(days=1)
    story.add("wm-mei", link=story.decision("P1")["card_link"])
    story.go(minutes=1)
    owed = _promises(story)
    again = story.order()
    story.pay(again, MEI)
    story.plan("P2", [again], story.now + timedelta(hours=2))
    story.go(hours=3)
    story.pack("P2")
    story.go(minutes=1)

    assert owed == [("claimable", "late_add")]
    gift = story.decision("P2")
    assert (gift["content"], gift["gift"], gift["reason"]) == ("gift", "GIFT-MASK", "owed")
    assert _promises(story)[0][0] == "fulfilled"


def test_a_gift_that_is_out_of_stock_has_a_substitute_and_then_a_card_and_stays_owed(story) -> None:
    _stock(story, "GIFT-MASK", 1)
    _stock(story, "GIFT-CREAM", 1)
    phones = [MEI, HUA, "13800000003"]
    orders = [_friend_with_a_promise(story, phone) for phone in phones]
    for order in orders:
        story.plan(f"P-{order}", [order], instant("2026-11-20T15:00:00+08:00"))
    story.until(instant("2026-11-20T15:01:00+08:00"))

    told = [story.decision(f"P-{order}") for order in orders]
    assert sorted(one["gift"] for one in told) == ["", "GIFT-CREAM", "GIFT-MASK"]
    assert [one["card"] for one in told if not one["gift"]] == ["card-gift"]
    without = next(p for p, one in zip(phones, told, strict=True) if not one["gift"])
    assert _promises(story, without) == [("claimable", "out_of_stock")]


def test_a_cancelled_order_ends_the_cascade_and_the_gift_that_has_not_left(story) -> None:
    order = story.order()
    story.pay(order, MEI)
    story.go(minutes=2)
    story.cancel(order)
    story.plan("P1", [order], story.now + timedelta(hours=2))
    story.go(days=1)

    assert story.steps(MEI) == ["sms"]
    assert _promises(story) == [("revoked", "order_gone")]
    assert story.decision("P1")["reason"] == "order_gone"
    assert story.decision("P1")["gift"] == ""


def test_a_whole_refund_ends_the_cascade_a_part_of_it_does_not(story) -> None:
    whole, part = story.order(), story.order()
    story.pay(whole, MEI)
    story.pay(part, HUA)
    story.go(minutes=2)
    story.refund(whole, 19900)
    story.refund(part, 100)
    story.go(hours=1)

    assert story.steps(MEI) == ["sms"]
    assert story.steps(HUA) == ["sms", "call"]
    assert _promises(story, MEI)[0][0] == "revoked"
    assert _promises(story, HUA)[0][0] == "promised"


def test_a_refund_after_the_gift_was_frozen_gives_the_stock_back(story) -> None:
    order = _friend_with_a_promise(story)
    story.plan("P1", [order], story.now + timedelta(hours=1))
    story.go(hours=2)
    reserved = story.facts("select reserved from gift_stock where sku = 'GIFT-MASK'")
    story.cancel(order)
    story.go(minutes=1)

    assert reserved == [(1,)]
    assert story.facts("select reserved from gift_stock where sku = 'GIFT-MASK'") == [(0,)]
    assert _promises(story)[0][0] == "revoked"


def test_an_order_that_is_cancelled_out_of_several_ends_nothing(story) -> None:
    first, second = story.order(), story.order()
    story.pay(first, MEI)
    story.pay(second, MEI)
    story.go(minutes=2)
    story.cancel(first)
    story.go(hours=1)

    assert story.steps(MEI) == ["sms", "call"]


def test_a_parcel_out_of_scope_carries_nothing_and_says_why(story) -> None:
    cutoff = story.now + timedelta(hours=2)
    guest, bare, split = "G1", story.order(), story.order()
    paid = story.paid(guest, MEI) | {"keys": {}, "person": {}}
    story.send([paid])
    story.pay(bare, HUA, shop=BARE)
    story.pay(split, MEI)
    story.plan("P-guest", [guest], cutoff)
    story.plan("P-bare", [bare], cutoff, shop=BARE)
    story.plan("P-main", [split], cutoff)
    child = {
        "parcel_no": "P-child", "shop": SHOP, "orders": [split], "main_order": None,
        "cutoff_at": cutoff.isoformat(),
    }  # fmt: skip
    story.tell("parcel.planned", child)
    story.go(hours=3)

    names = ("P-guest", "P-bare", "P-child", "P-main")
    assert [(story.decision(n)["content"], story.decision(n)["reason"]) for n in names] == [
        ("none", "guest"), ("none", "no_inserts"), ("none", "split_child"), ("card", "not_friend"),
    ]  # fmt: skip


def test_a_frozen_decision_never_changes_and_pages_lead_past_it_once(story) -> None:
    orders = [story.order() for _ in range(5)]
    for number, order in enumerate(orders):
        story.pay(order, f"1380000010{number}")
        story.plan(f"P{number}", [order], story.now + timedelta(hours=1 + number))
    story.go(hours=3, minutes=1)
    first = story.read("/api/v1/parcels?limit=2")
    story.add("wm-late", phone="13800000100")
    story.go(hours=3)
    rest = story.read(f"/api/v1/parcels?after={first['next']}")
    end = story.read(f"/api/v1/parcels?after={rest['next']}")

    told = [one["parcel_no"] for one in [*first["parcels"], *rest["parcels"]]]
    assert told == ["P0", "P1", "P2", "P3", "P4"]
    assert (end["parcels"], end["next"]) == ([], rest["next"])
    assert first["parcels"] == story.read("/api/v1/parcels?limit=2")["parcels"]


def test_what_it_all_cost_is_booked_once_to_the_minor_unit(story) -> None:
    order = story.order()
    story.pay(order, MEI)
    story.go(minutes=6)
    story.call_ends(story.got(MEI)[1], "A")
    story.go(minutes=1)
    story.task_ends(story.tasks()[0], "requested", minutes=2)
    story.go(minutes=1)
    story.add("wm-mei", link=story.got(MEI)[0].link)
    story.plan("P1", [order], story.now + timedelta(hours=2))
    story.go(hours=3)
    story.pack("P1")
    story.go(days=1)

    costs = {one["kind"]: one["amount_minor"] for one in story.explain(MEI)["costs"]}
    texts = -(-len(story.got(MEI)[0].text) // 67)  # segments
    assert costs == {
        "sms_segment": texts * 5, "call_minute": 12, "staff_minute": 120, "gift": 250,
        "shipping_extra": 0,
    }  # fmt: skip
    assert story.explain(MEI)["cost_minor"] == sum(costs.values())
