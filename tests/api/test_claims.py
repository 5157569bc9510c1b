"""The page on which a new friend gives an order number: nobody learns from it whether there is such
an order, and what is not proved is decided by staff."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from tests.stories.conftest import SHOP

from siyu.acquisition.render import CLAIMS, claim_token

PHONE, ACCOUNT = "13800000001", "wmANNA"


class Page:
    """A buyer, and a friend of whom nobody knows which buyer it is."""

    def __init__(self, story: Any) -> None:
        self.story = story
        self.order = story.order()
        story.pay(self.order, PHONE)
        story.add(ACCOUNT)
        story.tick()
        (self.buyer,) = story.customers(PHONE)
        (self.friend,) = story.customers(ACCOUNT, "external_userid")
        self.token = claim_token(story.app.settings.derived(CLAIMS), self.friend, story.now)

    def give(self, order: str = "", token: str = "", **more: str) -> Any:
        data = {"order": order or self.order, "shop": SHOP, **more}
        answer = self.story.http.post(f"/a/claim/{token or self.token}", data=data)
        self.story.tick()
        return answer

    def one(self) -> bool:
        return self.story.customers(PHONE) == self.story.customers(ACCOUNT, "external_userid")

    def claims(self) -> list[dict[str, Any]]:
        return self.story.read("/api/v1/matches")["claims"]

    def told(self) -> list[tuple[str, str]]:
        (who,) = self.story.customers(ACCOUNT, "external_userid")
        lines = self.story.read(f"/api/v1/customers/{who}/timeline?kinds=friend")["lines"]
        return [(one["what"], one["note"]) for one in lines if one["what"] != "added"]


@pytest.fixture
def page(story: Any) -> Page:
    return Page(story)


def test_an_order_with_the_end_of_its_phone_makes_buyer_and_friend_one(page: Page) -> None:
    asked = page.story.http.get(f"/a/claim/{page.token}")
    assert (asked.status_code, asked.headers["cache-control"]) == (200, "no-store")
    assert "frame-ancestors 'none'" in asked.headers["content-security-policy"]
    assert "Last 4 digits" in asked.text

    assert "谢谢" in page.give(phone=PHONE[-4:]).text

    assert page.one()
    assert page.claims() == []
    ((what, note),) = page.told()
    assert (what, note.endswith(f"/{page.order}")) == ("claimed_confirmed", True)


def test_without_it_staff_confirm_and_the_friend_who_said_so_is_named(page: Page) -> None:
    page.give(phone="9999")
    page.give(phone=PHONE[-4:])  # a second try at the same order proves nothing any more
    told = page.story.facts("select count(*) from event where kind = 'order.claimed'")
    assert told == [(1,)]

    assert not page.one()
    (claim,) = page.claims()
    (candidate,) = claim["candidates"]
    assert (claim["customer"], candidate["customer"]) == (page.buyer, page.friend)
    friend = {"friend": candidate["friend"], "by": "ana"}
    said = page.story.ask("POST", f"/api/v1/matches/{claim['id']}/confirm", friend)
    assert said.status_code == 200, said.text
    page.story.tick()
    assert page.one()
    assert page.claims() == []


def test_a_wrong_order_gets_the_same_answer_and_is_noted_with_the_friend(page: Page) -> None:
    wrong, right = page.give("T404", phone=PHONE[-4:]), page.give()

    assert (wrong.status_code, wrong.text) == (right.status_code, right.text)
    assert [(what, note.rpartition("/")[2]) for what, note in page.told()] == [
        ("claimed_refused", "T404")
    ]


def test_what_is_no_order_number_is_asked_again_and_not_kept(page: Page) -> None:
    for order in (PHONE, "林小雨", "x" * 65, "a\x00b"):
        assert page.give(order).status_code == 400
    assert page.told() == []


def test_a_token_that_is_forged_or_over_opens_nothing(page: Page) -> None:
    named, until, _ = page.token.split(".")
    secret = page.story.app.settings.derived(CLAIMS)
    over = claim_token(secret, page.friend, page.story.now - timedelta(days=91))
    for token in ("x", f"{named}.{until}.{'0' * 32}", f"{page.buyer}{page.token[17:]}", over):
        assert page.give(token=token, phone=PHONE[-4:]).status_code == 404
        assert page.story.http.get(f"/a/claim/{token}").status_code == 404
    assert not page.one()


def test_who_tries_too_often_waits(page: Page) -> None:
    answers = [page.give(f"T{number}") for number in range(7)]

    assert [one.status_code for one in answers] == [200] * 6 + [429]
    assert int(answers[-1].headers["retry-after"]) > 0
