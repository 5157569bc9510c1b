"""Sizes, payment requests and credit over HTTP."""

from __future__ import annotations

from typing import Any

import pytest

from siyu.api.http import PREFIX

PHONE = "13800000001"


@pytest.fixture
def bought(story) -> Any:
    """A friend of guide-1's who buys afterwards."""
    story.first = story.order()
    story.pay(story.first, PHONE)
    story.go(minutes=2)
    story.add("wm-1", link=story.got(PHONE)[0].link)
    story.go(minutes=2)
    story.second = story.order()
    story.pay(story.second, PHONE)
    story.go(minutes=2)
    return story


def whole(story: Any, number: str) -> dict[str, Any]:
    (found,) = story.read(f"{PREFIX}/orders?order_no={number}")["orders"]
    return story.read(f"{PREFIX}/orders/{found['id']}")


def test_an_order_says_to_whom_it_is_credited_and_why_by_the_rule_that_holds(bought) -> None:
    assert whole(bought, bought.first)["credited"] == []  # nobody knew them then
    (one,) = whole(bought, bought.second)["credited"]
    assert (one["how"], one["parts"]) == ("owner", 1)
    assert one["because"] == "the customer was their friend"
    assert one["because_zh"] == "客户是其好友"

    rule = {"rule": "shared", "days": 14, "by": "ana"}
    assert bought.ask("PUT", f"{PREFIX}/settings/credit", rule).json() == {
        "rule": "shared",
        "days": 14,
    }
    assert bought.read(f"{PREFIX}/settings/credit")["rule"] == "shared"
    assert whole(bought, bought.second)["credited"][0]["staff"] == one["staff"]


def test_a_guide_asks_for_money_in_a_chat_and_the_order_becomes_theirs(bought) -> None:
    order = whole(bought, bought.second)["order"]
    wish = {"customer": order["customer"], "amount_minor": order["total_minor"], "about": "R7 42",
            "shop": order["shop"], "order_no": order["order_no"], "staff": "guide-2",
            "by": "guide-2"}  # fmt: skip
    asked = bought.ask("POST", f"{PREFIX}/payments/requests", wish).json()
    assert (asked["state"], asked["description"]) == ("asked", f"R7 42 {asked['request']}")

    paid = {"staff": "guide-2", "trade_no": "t1", "currency": order["currency"],
            "amount_minor": order["total_minor"], "request": asked["request"]}  # fmt: skip
    bought.tell("payment.received", paid, {"external_userid": "wm-1"})
    bought.go(minutes=1)

    (stands,) = bought.read(f"{PREFIX}/payments/requests?staff=guide-2")["requests"]
    assert (stands["state"], stands["paid_minor"]) == ("paid", order["total_minor"])
    (credit,) = whole(bought, bought.second)["credited"]
    assert (credit["staff"], credit["how"]) == ("guide-2", "paid")
    path = f"{PREFIX}/payments/requests/{asked['request']}/withdraw"
    assert bought.ask("POST", path, {"by": "guide-2"}).status_code == 409
    assert bought.ask("POST", path.replace("pay_", "pay_0"), {"by": "a"}).status_code == 404


def test_what_is_left_of_sizes_is_listed(bought) -> None:
    line = {"sku": "r42", "pieces": 2, "style": "R7", "size": "42", "title": "跑鞋"}
    bought.tell("stock.counted", {"place": "south", "lines": [line]})
    bought.go(minutes=1)

    (one,) = bought.read(f"{PREFIX}/goods/sizes?left_over=true&style=R7")["sizes"]
    assert (one["size"], one["pieces"], one["left_over"], one["invited"]) == ("42", 2, True, 0)
    assert bought.read(f"{PREFIX}/goods/sizes?place=north")["sizes"] == []
    assert bought.read(f"{PREFIX}/goods/invitations?state=waiting") == {"invitations": []}
