"""The acquisition link of the settings: made once, remembered, and made again."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest

from siyu.connectors.wecom.source import links
from siyu.kernel.errors import Broken, Refused

CREATE = "externalcontact/customer_acquisition/create_link"
ANNA = "wmANNA0000000000001"


@pytest.fixture
def config(corp):
    """Two members take new friends."""
    corp.config = replace(
        corp.config, link_users=("zhangsan", "lisi"), way_users=("zhangsan", "lisi")
    )
    return corp.config


def test_a_link_is_made_once_whoever_asks_for_it(corp, config) -> None:
    with ThreadPoolExecutor(4) as pool:
        urls = set(pool.map(lambda _: links.acquisition_url(config, corp.tools), range(8)))

    assert len(urls) == 1
    assert corp.fake.requests[CREATE] == 1


def test_the_state_of_an_order_comes_back_with_the_friend(corp, config) -> None:
    url = links.landing(config, corp.tools, "st_9/&+订单")
    corp.fake.follows_link(url, ANNA)
    corp.deliver()

    assert corp.ours.events[0].keys == {"external_userid": ANNA, "state": "st_9/&+订单"}


@pytest.mark.parametrize("state", ["", "x" * 65, "订" * 22, "a\nb"])
def test_a_state_that_would_not_come_back_whole_is_refused(state) -> None:
    with pytest.raises(ValueError, match="state"):
        links.with_state("https://work.weixin.qq.com/ca/x", state)


def test_a_link_whose_quota_is_used_up_offers_nobody(corp, config) -> None:
    url = links.acquisition_url(config, corp.tools)
    corp.fake.balance = 1

    assert [corp.fake.follows_link(url, f"wm{n}") for n in range(2)] == ["zhangsan", ""]
    corp.deliver()
    assert len(corp.ours.events) == 1
    assert corp.tools.store.keys("alarm/") == ["alarm/balance_exhausted"]


def test_a_link_that_was_deleted_is_made_anew(corp, config) -> None:
    before = links.acquisition_url(config, corp.tools)
    (link_id,) = corp.fake.links
    corp.fake.tell("customer_acquisition", "delete_link", LinkId=link_id)
    corp.deliver()

    assert links.acquisition_url(config, corp.tools) != before


def test_other_members_or_another_name_make_another_link(corp, config) -> None:
    urls = {
        links.acquisition_url(one, corp.tools)
        for one in (config, replace(config, link_users=("lisi",)), replace(config, link_name="B"))
    }

    assert len(urls) == 3


def test_members_who_had_their_share_today_step_back_and_return_tomorrow(corp, config) -> None:
    config = corp.config = replace(config, adds_per_day=2)
    url = links.acquisition_url(config, corp.tools)
    for number in range(2):
        corp.fake.searches_phone("zhangsan", f"1380000000{number}", f"wm{number}")
    corp.deliver()
    corp.deliver()
    (link,) = corp.fake.links.values()
    corp.clock.advance(minutes=11)
    assert links.acquisition_url(config, corp.tools) == url
    assert link.users == ["lisi"]

    corp.clock.advance(days=1)
    links.acquisition_url(config, corp.tools)
    assert link.users == ["zhangsan", "lisi"]


def test_without_members_without_permission_and_without_wecom_it_says_so(corp, config) -> None:
    with pytest.raises(Refused, match="link_users"):
        links.acquisition_url(replace(config, link_users=()), corp.tools)
    corp.fake.apps[config.secret] = replace(corp.apps[0], permissions=frozenset({"contact"}))
    with pytest.raises(Refused, match="48002"):
        links.acquisition_url(config, corp.tools)
    with pytest.raises(Broken):
        links.acquisition_url(replace(config, base_url="http://127.0.0.1:9"), corp.tools)
