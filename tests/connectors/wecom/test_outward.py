"""What we know is written on friends' cards, once, and never comes back as news."""

from __future__ import annotations

import json
from dataclasses import replace

import msgspec
import pytest
from tests.connectors.wecom.both import ANNA

from siyu.connectors.wecom.client import Failed
from siyu.connectors.wecom.source.check import check
from siyu.connectors.wecom.source.corp_tags import unfit, unmade
from siyu.events.model import Incoming


def test_a_tag_of_a_journey_is_on_every_guides_card_and_is_no_news(both) -> None:
    both.set("vip")
    both.by_hand("状态/复购", on=True)

    calls = both.write()

    assert both.card("lisi") == both.card("zhangsan") == {"Siyu/vip", "状态/复购"}
    assert calls == {"get_corp_tag_list": 2, "add_corp_tag": 2, "mark_tag": 2}
    assert both.look() == []
    both.set("vip")
    assert (both.write(), both.look(), both.write()) == ({}, [], {})


def test_what_staff_take_away_stays_away_until_it_is_set_again(both) -> None:
    both.set("vip")
    both.write()
    tag = both.fake.relations["lisi", ANNA].tags[0]
    both.look()

    both.fake.labels("lisi", ANNA, off=tag)
    assert (both.look(), both.write()) == ([], {})  # the other guide says so still
    both.fake.labels("zhangsan", ANNA, off=tag)
    assert both.look() == ["-vip"]
    assert (both.ours(), both.write()) == (set(), {})

    both.corp.clock.advance(minutes=1)
    both.set("vip")
    assert (both.write(), both.card()) == ({"mark_tag": 2}, {"Siyu/vip"})
    assert both.look() == []


def test_what_is_taken_away_here_goes_from_cards_whoever_set_it(both) -> None:
    both.set("vip")
    both.write()
    theirs = both.fake.makes_tag("状态", "复购")
    both.fake.labels("lisi", ANNA, on=(theirs,))
    assert both.look() == ["+状态/复购"]
    assert both.write() == {}  # what came from WeCom is not given to the other guide

    both.corp.clock.advance(minutes=1)
    both.by_hand("vip", on=False)
    both.by_hand("状态/复购", on=False)
    assert both.write() == {"mark_tag": 2}
    assert both.card("lisi") == both.card("zhangsan") == set()
    assert both.look() == []
    both.fake.labels("lisi", ANNA, on=(theirs,))
    assert (both.look(), both.write(), both.card()) == (["+状态/复购"], {}, {"状态/复购"})


def test_internal_tags_and_those_of_other_systems_stay_here(both) -> None:
    both.set("_risk")
    both.tell(_tag("crm", "gold"))
    both.set("season/spring")
    both.settings(tags_kept=("_*", "season/*"))
    assert both.write() == {}

    both.settings(tags_of_systems=True)
    both.write()
    assert both.card() == {"Siyu/gold"}
    both.settings(tags_out=())
    both.set("vip")
    assert both.write() == {}


def test_a_new_friend_gets_what_is_known_before_anybody_looked(both) -> None:
    both.set("vip")
    both.write()
    both.fake.members["wangwu"] = replace(both.fake.members["lisi"], userid="wangwu")
    both.fake.searches_phone("wangwu", "", ANNA, "安娜")
    both.corp.deliver()
    both.tell(*both.corp.ours.events)

    assert both.write() == {"get": 1, "mark_tag": 1}
    assert both.card("wangwu") == {"Siyu/vip"}
    assert (both.look(), both.write()) == ([], {})


def test_a_card_that_began_anew_is_written_anew_and_ours_does_not_end(both) -> None:
    both.set("vip")
    both.write()
    both.look()
    for userid in ("zhangsan", "lisi"):
        both.fake.deletes_customer(userid, ANNA)
    both.corp.deliver()
    both.tell(*both.corp.ours.events)
    assert (both.look(), both.ours(), both.write()) == ([], {"vip"}, {})

    both.corp.clock.advance(minutes=1)
    both.fake.searches_phone("lisi", "", ANNA, "安娜")
    both.corp.deliver()
    both.tell(*both.corp.ours.events)
    assert both.write() == {"get": 1, "mark_tag": 1}
    assert (both.look(), both.card(), both.write()) == ([], {"Siyu/vip"}, {})


def test_what_was_in_doubt_is_written_again_and_told_by_nobody(both) -> None:
    both.set("vip")
    both.write()
    both.set("mum")
    both.fake.faults += ["none", "none", "none", "garbage after effect"]
    with pytest.raises(Exception, match="answer"):
        both.write()
    assert "Siyu/mum" in both.card("zhangsan") | both.card("lisi")
    assert both.look() == []

    assert both.write() == {"mark_tag": 2}
    assert both.card("zhangsan") == both.card("lisi") == {"Siyu/vip", "Siyu/mum"}
    assert (both.look(), both.write(), both.ours()) == ([], {}, {"vip", "mum"})


def test_a_block_is_waited_out(both) -> None:
    both.fake.makes_tag("Siyu", "vip")
    both.look()
    both.set("vip")
    both.fake.per_minute = 1
    for _ in range(2):
        with pytest.raises(Failed, match="45009"):
            both.write()
    assert both.fake.refused_while_blocked == 0

    both.fake.per_minute = 10
    both.corp.clock.advance(minutes=2)
    assert both.write() == {"mark_tag": 1}  # the other one was written before the block
    assert both.card("zhangsan") == both.card("lisi") == {"Siyu/vip"}


def test_wecoms_limits_are_kept_and_what_can_not_be_made_waits_a_day(both) -> None:
    long = "x" * 31
    both.set(long)
    both.set("vip")
    both.fake.tag_cap = 0
    both.write()
    assert (unfit(both.tools), unmade(both.tools)) == ([long], 40126)
    lines = [(one.state, str(one.why)) for one in check(both.corp.config, both.tools)]
    assert ("unverified", f"longer than WeCom's 30 characters, so they stay here: {long}") in lines
    full = "missing ones can't be made: the corp has no room for another tag (40126)"
    assert ("wrong", full) in lines
    assert both.write() == {}

    both.fake.tag_cap = 10_000
    both.corp.clock.advance(hours=25)
    assert both.write()["mark_tag"] == 2
    assert (both.card(), unmade(both.tools)) == ({"Siyu/vip"}, 0)
    for number in range(120):
        both.set(f"t{number}")
    assert both.write()["mark_tag"] == 4
    assert len(both.card()) == 121


def test_only_friends_are_news_and_each_of_them_once(both) -> None:
    both.tell(_order("1", "王先生", "13800000009", account=None))
    both.set("vip")
    both.set("mum")

    found = both.tools.cards.news(0, 100)
    assert [one.customer for one in found] == [both.customer()]
    assert both.tools.cards.news(found[-1].seq, 100) == []


def test_no_tag_is_made_where_the_brand_makes_them_itself(both) -> None:
    both.settings(tags_made=False)
    both.fake.makes_tag("Siyu", "vip")
    both.set("vip")
    both.set("mum")
    assert "add_corp_tag" not in both.write()
    assert both.card() == {"Siyu/vip"}


# ── remarks and phones ──


def _order(number: str, name: str, phone: str, account: str | None = ANNA) -> Incoming:
    keys = {"phone": phone, **({"external_userid": account} if account else {})}
    data = {"order_no": number, "shop": "s7", "currency": "CNY", "total_minor": 100}
    return Incoming(
        source="shop", id=number, kind="order.paid", occurred_at="2026-11-01T00:00:00+00:00",
        keys=keys, person={"name": name}, data=msgspec.Raw(json.dumps(data).encode()),
    )  # fmt: skip


def test_a_remark_is_written_once_we_know_who_it_is_and_stays_a_writers_own(both) -> None:
    lisi, zhang = (both.fake.relations[one, ANNA] for one in ("lisi", "zhangsan"))
    both.settings(remark="{name}-{shop}", tags_out=())
    both.set("vip")
    assert both.write() == {}  # a nickname is no name

    lisi.remark, zhang.remark = "安娜", "我的老客户"
    both.tell(_order("1", "李小姐", "13800000001"))
    assert both.write() == {"get": 1, "remark": 1}
    assert (lisi.remark, zhang.remark) == ("李小姐-七号店", "我的老客户")
    assert (both.look(), both.write()) == ([], {})

    both.settings(remark="{name}" + "很长" * 20)
    assert both.write() == {"get": 1, "remark": 1}
    assert lisi.remark == "李小姐" + ("很长" * 20)[:17]
    lisi.remark = "手写的"
    both.settings(remark="{name}")
    assert both.write() == {"get": 1}
    assert (lisi.remark, lisi.mobiles) == ("手写的", [])


def test_a_phone_is_noted_only_where_that_is_wanted_and_proves_nothing_then(both) -> None:
    lisi, zhang = (both.fake.relations[one, ANNA] for one in ("lisi", "zhangsan"))
    both.tell(_order("1", "李小姐", "13800000001"))
    assert both.write() == {}
    zhang.mobiles = ["138 0000 0001"]
    lisi.mobiles = ["13900000002"]
    both.settings(remark_phones=True)

    assert both.write() == {"get": 1, "remark": 1}
    assert (lisi.mobiles, lisi.remark) == (["13900000002", "13800000001"], "")
    told = both.db.fetch("select count(*) from event where kind = 'customer.identified'")
    both.look()
    proved = both.db.fetch("select count(*) from event where kind = 'customer.identified'")
    assert proved[0][0] - told[0][0] == 2  # what the guides wrote by hand
    assert both.write() == {}


def _tag(source: str, name: str, *, on: bool = True) -> Incoming:
    return Incoming(
        source=source, id=f"{name}/{on}", kind="tag.set", occurred_at="2026-11-01T00:00:00+00:00",
        keys={"external_userid": ANNA},
        data=msgspec.Raw(json.dumps({"name": name, "on": on}).encode()),
    )  # fmt: skip
