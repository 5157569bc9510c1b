"""Where a link leads: to the carrier's page, counted once; a dead one says so in both languages."""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import urlsplit

import pytest

from siyu.content import actions as content
from siyu.content.model import Material

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


SHOP = "https://shop.example/spring?from=sms&x=1"


@pytest.fixture
def short(story: Any) -> str:
    """The path of a short link that a customer was sent."""
    text = Material(
        "invite-sms", "zh", "sms", "【{{ brand }}】今天上新 {{ shop }} 拒收请回复R",
        {"brand": "text", "shop": "link"}, links={"shop": SHOP},
    )  # fmt: skip
    with story.app.db.transaction() as conn:
        content.install(conn, [text], "cascade")
    story.pay(story.order(), PHONE)
    story.go(minutes=2)
    (got, *_) = story.got(PHONE)
    found = re.search(r"https://s\.example(/l/[0-9a-z]{13}) ", got.text)
    assert found is not None, got.text
    return found.group(1)


def test_a_short_link_leads_to_the_published_address_and_counts_each_click(story, short) -> None:
    answers = [story.http.get(short) for _ in range(3)]
    story.go(minutes=1)
    answers.append(story.http.get(short))
    story.go(minutes=1)

    assert {(one.status_code, one.headers["location"]) for one in answers} == {(302, SHOP)}
    assert clicks(story) == 2  # a double tap is one
    rows = story.app.db.fetch(
        "select state, clicked_at, material_version, variant from touch"
        " where material = 'invite-sms'"
    )
    assert [(row[0], row[1] is not None, *row[2:]) for row in rows] == [("read", True, 2, "")]
    told = story.app.db.fetch(
        "select data::jsonb -> 'd' ->> 'link' from event where kind = 'link.clicked'"
    )
    assert {row[0] for row in told} == {"shop"}


@pytest.mark.parametrize(
    ("method", "headers"),
    [
        ("HEAD", {}),
        ("GET", {"User-Agent": "facebookexternalhit/1.1 Facebot Twitterbot/1.0"}),
        ("GET", {"Sec-Purpose": "prefetch;prerender"}),
    ],
)
def test_who_only_looks_ahead_is_no_click(story, short, method, headers) -> None:
    answer = story.http.request(method, short, headers=headers)

    assert (answer.status_code, answer.headers["location"], clicks(story)) == (302, SHOP, 0)


def test_letters_that_nobody_was_sent_lead_nowhere(story, short) -> None:
    ids = story.app.ids
    number = ids.decode("lnk", "lnk_" + short[3:])
    other = ids.encode("lnk", number + 1)[4:]  # the second link of a text that has one
    strange = ids.encode("lnk", 999_999 << 4)[4:]
    for letters in (other, strange, "0" * 13, "https:", "x", short[3:].upper()):
        answer = story.http.get(f"/l/{letters}")
        assert (answer.status_code, "链接无效" in answer.text) == (404, True)
    assert clicks(story) == 0
