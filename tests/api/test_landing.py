"""Where a link leads: to the carrier's page, counted once; a dead one says so in both languages."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

import pytest

PHONE = "13800000001"


@pytest.fixture
def state(story: Any) -> str:
    """What the link of a text carries."""
    story.pay(story.order(), PHONE)
    story.go(minutes=2)
    (got, *_) = story.got(PHONE)
    return urlsplit(got.link).path.rpartition("/")[2]


def clicks(story: Any) -> int:
    sql = "select count(*) from event where kind = 'link.clicked'"
    return int(story.app.db.fetch(sql)[0][0])


def leads(story: Any, to: str) -> None:
    """A connector with a page of its own, as WeCom's has one."""
    story.app.connections.landing = lambda state: f"{to}?customer_channel={state}"


def test_a_link_leads_to_the_carriers_page_and_is_counted_once(story, state) -> None:
    leads(story, "https://work.weixin.example/ca/cawcde")

    for _ in range(2):
        answer = story.http.get(f"/a/{state}")
        assert answer.status_code == 302
        assert answer.headers["location"] == (
            f"https://work.weixin.example/ca/cawcde?customer_channel={state}"
        )
    assert answer.headers["cache-control"] == "no-store"
    assert clicks(story) == 1


def test_a_link_that_nobody_was_given_is_no_link(story, state) -> None:
    leads(story, "https://work.weixin.example/ca/cawcde")

    answer = story.http.get("/a/0000000000")

    assert answer.status_code == 404
    assert "链接无效" in answer.text
    assert "not valid" in answer.text
    assert clicks(story) == 0


def test_where_no_carrier_has_a_page_people_are_asked_to_come_again(story, state) -> None:
    answer = story.http.get(f"/a/{state}")

    assert answer.status_code == 503
    assert "请稍后再点一次" in answer.text


def test_a_carrier_that_does_not_answer_loses_nobody(story, state) -> None:
    def breaks(_: str) -> str:
        raise TimeoutError

    story.app.connections.landing = breaks

    assert story.http.get(f"/a/{state}").status_code == 503
