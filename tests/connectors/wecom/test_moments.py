"""Moments: made once, published by members, counted; and the files that they show."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta

import pytest

from siyu.connectors.moments import Moment
from siyu.connectors.wecom.source import moments
from siyu.kernel.errors import BadInput, Broken, NotFound, Refused

ADD, ATTACH = "externalcontact/add_moment_task", "media/upload_attachment"
PNG = b"\x89PNG\r\n\x1a\n and a picture"
MP4 = b"\x00\x00\x00\x18ftypisom and a film"
NEW = Moment(text="今日上新：羊绒围巾", tags=("尺码/42",))
ANNA, BELLA = (f"wm{name}00000000000000000001" for name in ("ANNA", "BELLA"))


@pytest.fixture
def corp(corp):
    corp.fake.tag_groups = [{"group_id": "g1", "group_name": "尺码",
                             "tag": [{"id": "et42", "name": "42"}]}]  # fmt: skip
    for userid, who in (("zhangsan", ANNA), ("lisi", BELLA)):
        corp.fake.existing(userid, who, corp.clock.now() - timedelta(days=9))
    corp.fake.relations["zhangsan", ANNA].tags.append("et42")
    return corp


def make(corp, moment=NEW):
    return moments.make(corp.config, corp.tools, moment, "an")


def shown(corp):
    return moments.listed(corp.config, corp.tools)


def pulled(corp, *, seconds: float = 15):
    corp.clock.advance(seconds=seconds)
    return list(moments.pull(corp.config, corp.tools, ""))[-1].again


def wrong(corp, moment):
    with pytest.raises(BadInput) as caught:
        moments.plan(corp.config, corp.tools, moment)
    (problem,) = caught.value.problems
    return problem.where, problem.why


def test_a_plan_says_whom_it_asks_and_makes_nothing(corp) -> None:
    asking = moments.plan(corp.config, corp.tools, NEW._replace(members=("g-zhang", "nobody")))

    assert asking == (("g-zhang",), {"nobody": "not_able"})
    assert moments.plan(corp.config, corp.tools, NEW).members == ("g-zhang", "lisi")
    assert moments.tags(corp.config, corp.tools) == ["尺码/42"]
    assert corp.fake.requests[ADD] == 0


def test_what_members_publish_and_friends_do_is_counted(corp) -> None:
    id_ = make(corp)
    assert [(one.id, one.state, one.seen) for one in shown(corp)] == [(id_, "making", None)]
    pulled(corp)
    corp.fake.publishes("zhangsan")
    corp.fake.likes("zhangsan", ANNA)
    corp.fake.comments("zhangsan", ANNA)

    again = pulled(corp)

    (one,) = shown(corp)
    assert (one.state, one.members, one.published) == ("open", ("g-zhang", "lisi"), ("g-zhang",))
    assert (one.seen, one.likes, one.comments) == (1, 1, 1)  # Anna alone has the tag
    assert again == corp.clock.now() + timedelta(hours=2)
    corp.clock.advance(days=4)
    assert pulled(corp) == corp.clock.now() + timedelta(days=1)
    corp.clock.advance(days=30)
    asked = corp.fake.requests.total()
    assert pulled(corp) is None
    assert corp.fake.requests.total() == asked


def test_the_same_moment_of_a_day_is_made_once(corp) -> None:
    assert make(corp) == make(corp)
    assert corp.fake.requests[ADD] == 1
    assert make(corp, NEW._replace(text="再来一条")) != make(corp)


def test_one_that_is_called_off_asks_nobody_and_may_be_made_anew(corp) -> None:
    id_ = make(corp)
    with pytest.raises(Refused, match="try again"):
        moments.cancel(corp.config, corp.tools, id_)
    pulled(corp)

    moments.cancel(corp.config, corp.tools, id_)
    pulled(corp)

    assert [one.state for one in shown(corp)] == ["cancelled"]
    with pytest.raises(StopIteration):
        corp.fake.publishes("zhangsan")
    assert make(corp) != id_
    with pytest.raises(NotFound):
        moments.cancel(corp.config, corp.tools, "no such")


def test_after_a_lost_answer_it_is_looked_for_and_never_made_twice(corp) -> None:
    corp.fake.posts("zhangsan", NEW.text)  # her own, with the very same words
    corp.fake.faults.extend(["none", "none", "fail after effect"])
    make(corp)
    pulled(corp)

    (one,) = shown(corp)
    assert (one.state, one.members) == ("open", ("g-zhang", "lisi"))
    assert corp.fake.requests[ADD] == 1


def test_a_pull_that_read_it_before_wecom_answered_does_not_undo_the_answer(corp) -> None:
    id_ = make(corp)
    key = f"moment/{id_}"
    answered = corp.tools.store.get(key)
    corp.clock.advance(seconds=1)
    make(corp, NEW._replace(text="再来一条"))
    asking = json.dumps({**json.loads(answered), "job": ""})
    corp.tools.store.put(key, asking)  # as it is while WeCom makes it
    pages = moments.pull(corp.config, corp.tools, "")
    next(pages)
    corp.tools.store.put(key, answered)
    list(pages)

    assert corp.tools.store.get(key) == answered


def test_a_moment_that_many_published_is_counted_page_by_page(corp) -> None:
    corp.fake.members |= {
        f"m{n}": replace(corp.fake.members["lisi"], userid=f"m{n}") for n in range(20)
    }
    for n in range(20):
        corp.fake.existing(f"m{n}", BELLA, corp.clock.now() - timedelta(days=9))
    make(corp, Moment(text="上新"))
    pulled(corp)
    for n in range(20):
        corp.fake.publishes(f"m{n}")

    pages = list(moments.pull(corp.config, corp.tools, ""))

    assert len(pages) == 3  # forty calls: one in the middle, the Moment, the end
    assert shown(corp)[0].seen == 20


def test_what_never_came_to_wecom_is_said_so_after_a_while(corp) -> None:
    corp.fake.faults.extend(["none", "none", "fail"])
    make(corp)
    assert pulled(corp) == corp.clock.now() + timedelta(seconds=10)
    pulled(corp, seconds=700)

    (one,) = shown(corp)
    assert one.why is not None
    assert (one.state, one.why, one.why.zh) == (
        "failed", "WeCom never had it", "企业微信没有收到",
    )  # fmt: skip


def test_what_the_job_finds_wrong_is_said_in_words(corp) -> None:
    make(corp)
    next(iter(corp.fake.moments.values())).wrong = "invalid text size"
    pulled(corp)

    (one,) = shown(corp)
    assert (one.state, one.why) == ("failed", "the text is too long")


def test_wecoms_refusal_is_said_and_leaves_nothing_behind(corp) -> None:
    for number in range(3):
        make(corp, NEW._replace(text=f"第 {number} 条"))
    corp.config = replace(corp.config, moments_per_day=0)
    with pytest.raises(Refused, match="too many Moments"):
        make(corp)
    assert len(shown(corp)) == 3


def test_a_member_is_asked_so_often_a_day_and_no_more(corp) -> None:
    corp.config = replace(corp.config, moments_per_day=1)
    make(corp, NEW._replace(members=("lisi",)))

    assert moments.plan(corp.config, corp.tools, NEW) == (("g-zhang",), {"lisi": "enough_today"})
    with pytest.raises(Refused, match="None of these members"):
        make(corp, NEW._replace(text="x", members=("lisi",)))
    corp.clock.advance(days=1)
    assert moments.plan(corp.config, corp.tools, NEW).left_out == {}


def test_pictures_and_links_come_with_it(corp) -> None:
    name = moments.upload(corp.config, corp.tools, PNG)
    make(corp, Moment(media=(name,)))
    make(corp, Moment("看这里", (name,), "https://shop.example/new", "新品"))

    first, second = corp.fake.moments.values()
    assert [one["msgtype"] for one in first.attachments] == ["image"]
    assert second.attachments[0]["link"]["url"] == "https://shop.example/new"
    assert corp.fake.requests[ATTACH] == 1


def test_a_file_is_handed_over_again_when_its_time_is_nearly_over(corp) -> None:
    name = moments.upload(corp.config, corp.tools, PNG)
    corp.clock.advance(days=2, hours=22)
    moments.upload(corp.config, corp.tools, PNG)
    assert corp.fake.requests[ATTACH] == 1
    corp.clock.advance(hours=1)
    assert wrong(corp, Moment(media=(name,)))[0] == "media"

    assert moments.upload(corp.config, corp.tools, PNG) == name
    assert corp.fake.requests[ATTACH] == 2
    make(corp, Moment(media=(name,)))


def test_what_wecom_would_not_take_is_said_before_it_is_asked(corp) -> None:
    picture, film = (moments.upload(corp.config, corp.tools, one) for one in (PNG, MP4))
    asked = corp.fake.requests.total()

    for content in (b"", b"GIF89a......", PNG + bytes(10 << 20)):
        with pytest.raises(BadInput):
            moments.upload(corp.config, corp.tools, content)
    assert wrong(corp, Moment())[0] == "text"
    assert wrong(corp, Moment("长" * 2001))[0] == "text"
    assert wrong(corp, Moment("x", (picture, film)))[0] == "media"
    assert wrong(corp, Moment("x", link="https://shop.example"))[0] == "media"
    assert wrong(corp, Moment("x", (picture,), "shop.example", "x"))[0] == "link"
    assert wrong(corp, Moment("x", (picture,), "https://shop.example"))[0] == "title"
    assert corp.fake.requests.total() == asked
    assert wrong(corp, NEW._replace(tags=("尺码/99",))) == ("tags", "no such tags: 尺码/99")


def test_an_upload_without_an_answer_is_tried_again_and_then_said(corp) -> None:
    corp.fake.faults.extend(["fail after effect", "none"])
    assert moments.upload(corp.config, corp.tools, PNG)
    corp.fake.faults.extend(["fail"] * 3)
    with pytest.raises(Broken):
        moments.upload(corp.config, corp.tools, MP4)
