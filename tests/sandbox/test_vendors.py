"""A brand in China plays over its vendors' own wires: they speak, are asked and call back."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any, cast

import pytest

from siyu.connectors.voice_calls.fake import Service
from siyu.outbox.model import WELCOME_WITHIN
from siyu.sandbox.demo import Demo, Plan, play
from siyu.sandbox.lines import CommonLines
from siyu.sandbox.vendors import LINKS, Vendors, link_in


@pytest.fixture(scope="module")
def demo() -> Iterator[Demo]:
    home = Path(tempfile.mkdtemp(prefix="siyu-", dir="/tmp"))
    played = play(Plan(home, orders=60, days=1, seed="5"))
    with played.held:
        yield played
    shutil.rmtree(home, ignore_errors=True)


@pytest.fixture(scope="module")
def calls(vendors: Vendors) -> Service:
    assert isinstance(vendors.calls, CommonLines)
    return vendors.calls.service


@pytest.fixture(scope="module")
def vendors(demo: Demo) -> Vendors:
    assert demo.vendors is not None
    return demo.vendors


def count(demo: Demo, kind: str, source: str) -> int:
    sql = "select count(*) from event where kind = %(kind)s and source = %(source)s"
    return int(demo.app.db.fetch(sql, {"kind": kind, "source": source})[0][0])


def test_every_zero_is_zero_and_both_accounts_agree(demo: Demo) -> None:
    found = demo.figures

    assert (found["touches_after_add"], found["duplicate_touches"]) == (0, 0)
    assert (found["refused_by_engine"], found["reconciled"]) == ({}, {})
    assert cast("int", found["friends_added"]) > 10


def test_texts_go_by_aliyun_in_its_words_and_its_reports_come_back(
    demo: Demo, vendors: Vendors
) -> None:
    sent = vendors.sms.received
    steps = cast("dict[str, dict[str, int]]", demo.figures["by_step"])

    assert len(sent) == steps["sms"]["touches"]
    assert all(one.text.startswith("【花间】") and one.text.endswith("拒收请回复R") for one in sent)
    assert all(LINKS in one.text for one in sent)
    assert count(demo, "touch.delivered", "sms_aliyun") > 0.9 * len(sent)
    assert vendors.sms.callbacks.given_up == []


def test_calls_are_tasks_of_the_vendors_and_end_by_its_callbacks(
    demo: Demo, calls: Service
) -> None:
    ended = [one for one in calls.received if one.state == "finished"]

    assert len(ended) > 10
    assert count(demo, "call.finished", "voice_calls") == len(ended)
    assert (calls.outside, calls.repeated) == ([], [])


def test_friends_come_by_wecom_with_the_state_of_their_link(demo: Demo, vendors: Vendors) -> None:
    by_link = [one for one in vendors.wecom.relations.values() if one.add_way == 16]

    assert len(by_link) > 10
    assert all(one.state for one in by_link)
    assert len(vendors.wecom.links) == 1
    assert {one.userid for one in by_link} > {"guide-1"}  # they take turns
    assert count(demo, "friend.added", "wecom") >= len(by_link)
    assert count(demo, "friend.added", "sandbox") == 0


def test_friends_found_by_phone_are_known_by_what_their_guide_noted(
    demo: Demo, vendors: Vendors
) -> None:
    noted = [one for one in vendors.wecom.relations.values() if one.mobiles]

    assert noted
    assert count(demo, "customer.identified", "wecom") >= len(noted)


def test_every_callback_was_taken_at_once(vendors: Vendors) -> None:
    statuses, seconds = zip(*vendors.wecom.post.answered, strict=True)

    assert set(statuses) == {200}
    assert vendors.wecom.post.lost == []
    assert sorted(seconds)[len(seconds) // 2] < 1.0


def test_every_new_friend_is_welcomed_once_within_its_seconds(vendors: Vendors) -> None:
    welcomed = [one for one in vendors.wecom.received if one.kind == "welcome"]
    added = {one.external_userid for one in vendors.wecom.relations.values() if one.add_way > 1}

    assert len(welcomed) == len({one.external_userid for one in welcomed})
    assert {one.external_userid for one in welcomed} == added
    assert all(one.text.startswith("您好，欢迎来到花间！") for one in welcomed)
    assert max(one.after for one in welcomed) <= WELCOME_WITHIN


def test_the_seconds_of_welcomes_are_told_as_people_had_them(demo: Demo) -> None:
    found = cast("dict[str, Any]", demo.figures["welcomes"])
    engine = found["engine"]

    assert found["received"] == engine["sent"] == engine["within"] == engine["wished"] > 10
    assert (engine["share_within"], engine["late"], engine["no_code"]) == (1.0, 0, 0)
    assert 0 <= engine["heard_p50"] <= engine["heard_p95"] <= engine["heard_max"] <= 20
    assert engine["added_max"] >= engine["heard_max"]
    assert found["slowest_seconds"] <= found["limit_seconds"] == 20


def test_head_office_is_told_every_morning_of_the_day_before(demo: Demo, vendors: Vendors) -> None:
    told = [(who, one["content"]) for who, one in vendors.wecom.notices]

    assert {who for who, _ in told} == {"operator", "owner"}
    to_owner = [words for who, words in told if who == "owner"]
    assert to_owner[1].startswith("花间 3月2日（周一）简报\n新增好友 ")
    assert len(to_owner) == len({words.splitlines()[0] for words in to_owner}) >= 14


def test_who_follows_a_link_is_counted_once(demo: Demo) -> None:
    assert count(demo, "link.clicked", "page") > 0


def test_no_secret_and_no_person_is_in_the_database_in_clear(demo: Demo, vendors: Vendors) -> None:
    tables = vendors.settings
    planted = {
        str(tables["sms_aliyun"]["access_key_secret"]),
        str(tables["voice_calls"]["secret"]),
        str(tables["wecom"]["secret"]),
        str(tables["wecom"]["aes_key"]),
        vendors.sms.received[0].phone,
    }
    names = demo.app.db.fetch(
        "select table_name from information_schema.tables where table_schema = 'public'"
    )
    for (name,) in names:
        rows = demo.app.db.fetch(f"select t::text from {name} t")
        text = "\n".join(row[0] for row in rows)
        assert [one for one in planted if one in text] == [], name


def test_a_link_is_found_in_a_text_as_a_person_would() -> None:
    assert link_in("加企业微信即可：https://hj.example/a/x1 拒收请回复R") == f"{LINKS}x1"
    assert link_in("没有链接") is None
