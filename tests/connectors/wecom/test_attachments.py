"""What goes beside the words: pictures that WeCom was handed, links and mini programs as cards."""

from __future__ import annotations

from datetime import timedelta

import pytest

from siyu.connectors.wecom.client import Failed
from siyu.outbox.model import Attachment

CREATE, WELCOME = "externalcontact/add_msg_template", "externalcontact/send_welcome_msg"
UPLOAD, ADDRESS = "media/upload", "media/uploadimg"
ANNA, BELLA = "wmanna0000000000001", "wmbella0000000000001"
PNG = b"\x89PNG\r\n\x1a\n" + b"\0" * 64
OTHER = PNG + b"another"
CARD = {"heading": "新品", "appid": "wx1", "page": "pages/new.html"}
SMALL = "https://p.example/a.png"
VIDEO = {"heading": "试穿", "url": "https://v.example/1"}
LINK = {"heading": "春季图册", "description": "慢慢看", "url": "https://shop.example/spring"}


@pytest.fixture
def friends(corp):
    for who in (ANNA, BELLA):
        corp.fake.existing("lisi", who, corp.clock.now() - timedelta(days=9))


@pytest.fixture
def mass(message):
    def make(number: int, to: str, attachment: Attachment | None, text: str = "周六到店有礼"):
        given = {"channel": "wecom_message", "staff": "lisi", "text": text, "to": to}
        return message(number, attachment=attachment, **given)

    return make


def pressed(corp) -> list[list[dict]]:
    corp.clock.advance(minutes=1)
    corp.fake.confirm_mass("lisi")
    return [one.attachments for one in corp.fake.received]


def shown(corp, attachment: dict) -> bytes:
    """The picture as the customer sees it."""
    (said,) = [inner for name, inner in attachment.items() if name != "msgtype"]
    name = said.get("media_id") or said.get("pic_media_id") or said["picurl"]
    return corp.fake.media[name].content


def test_each_kind_arrives_as_what_it_is(corp, channel, mass, friends) -> None:
    sent = [
        mass(0, ANNA, Attachment("image", {}, PNG)),
        mass(1, ANNA, Attachment("card", CARD, PNG), "小程序"),
        mass(2, ANNA, Attachment("link", LINK, OTHER), "链接"),
        mass(3, ANNA, Attachment("article", {**LINK, "picture": SMALL}), "文章"),
        mass(4, ANNA, Attachment("video", VIDEO), "看"),
        mass(5, ANNA, None, "只有文字"),
    ]  # fmt: skip

    assert {one.status for one in channel.send(sent)} == {"awaiting_staff"}

    image, card, link, article, video, nothing = pressed(corp)
    assert ([one["msgtype"] for one in image], shown(corp, image[0])) == (["image"], PNG)
    program = card[0]["miniprogram"]
    assert (program["title"], program["appid"], program["page"]) == ("新品", "wx1", CARD["page"])
    assert shown(corp, card[0]) == PNG
    assert link[0]["link"] | {"picurl": ""} == {
        "title": "春季图册", "desc": "慢慢看", "url": LINK["url"], "picurl": "",
    }  # fmt: skip
    assert shown(corp, link[0]) == OTHER
    assert article[0]["link"]["picurl"] == SMALL
    assert video == [{"msgtype": "link", "link": {"title": "试穿", "url": "https://v.example/1"}}]
    assert nothing == []
    assert (corp.fake.requests[UPLOAD], corp.fake.requests[ADDRESS]) == (1, 1)


def test_who_gets_the_same_beside_the_words_is_one_press_and_who_does_not_another(
    corp, channel, mass, friends
) -> None:
    picture = Attachment("image", {}, PNG)
    sent = [mass(0, ANNA, picture), mass(1, BELLA, picture)]

    channel.send([*sent, mass(2, BELLA, Attachment("link", LINK))])

    assert sorted(len(one.tasks["lisi"]) for one in corp.fake.masses.values()) == [1, 2]
    assert corp.fake.requests[UPLOAD] == 1


def test_a_picture_without_words_is_sent(corp, channel, mass, friends) -> None:
    channel.send([mass(0, ANNA, Attachment("image", {}, PNG), "")])

    assert [one[0]["msgtype"] for one in pressed(corp)] == ["image"]


def test_a_picture_is_handed_over_once_and_again_when_its_three_days_are_over(
    corp, channel, mass, friends
) -> None:
    picture = Attachment("image", {}, PNG)
    channel.send([mass(0, ANNA, picture)])
    corp.clock.advance(hours=48)
    channel.send([mass(1, BELLA, picture)])
    assert corp.fake.requests[UPLOAD] == 1

    corp.clock.advance(hours=24)
    channel.send([mass(2, ANNA, picture)])

    assert corp.fake.requests[UPLOAD] == 2
    assert [shown(corp, one[0]) for one in pressed(corp)] == [PNG, PNG, PNG]


def test_one_that_wecom_has_lost_is_handed_over_again_and_the_message_goes(
    corp, channel, mass, message, friends
) -> None:
    picture = Attachment("image", {}, PNG)
    channel.send([mass(0, ANNA, picture)])
    corp.fake.media.clear()

    (result,) = channel.send([mass(1, BELLA, picture)])
    assert (result.status, corp.fake.requests[UPLOAD]) == ("awaiting_staff", 2)

    corp.fake.media.clear()
    corp.fake.searches_phone("lisi", "13800000001", "wmclara000000000001")
    corp.deliver()
    (result,) = channel.send([message(2, to="wmclara000000000001", attachment=picture)])
    assert (result.status, corp.fake.requests[UPLOAD]) == ("accepted", 3)


def test_a_welcome_carries_it_before_the_page_for_the_order_number(corp, channel, message) -> None:
    corp.fake.searches_phone("lisi", "13800000001", ANNA)
    corp.deliver()
    config = corp.config
    assert config.claim_url == ""

    (result,) = channel.send([message(to=ANNA, attachment=Attachment("card", CARD, PNG))])

    assert result.status == "accepted"
    (received,) = corp.fake.received
    assert [one["msgtype"] for one in received.attachments] == ["miniprogram"]
    assert shown(corp, received.attachments[0]) == PNG


@pytest.mark.parametrize("fault", ["fail after effect", "fail"])
def test_a_welcome_in_doubt_is_repeated_with_the_picture_that_was_handed_over_again(
    corp, channel, message, fault
) -> None:
    picture = Attachment("image", {}, PNG)
    for place, who in enumerate((ANNA, BELLA)):
        corp.fake.searches_phone("lisi", f"1380000000{place}", who)
    corp.deliver()
    channel.send([message(0, to=ANNA, attachment=picture)])
    corp.fake.media.clear()
    corp.fake.faults.extend([None, None, fault])  # lost, handed over, and who knows

    (result,) = channel.send([message(1, to=BELLA, attachment=picture)])

    assert (result.status, corp.fake.requests[UPLOAD]) == ("accepted", 2)
    assert corp.tools.store.get("welcomed/tch_1") is not None
    assert [shown(corp, one.attachments[0]) for one in corp.fake.received[1:]] == [PNG]


def test_a_picture_that_wecom_does_not_take_stops_its_material_and_nothing_else(
    corp, channel, mass, friends
) -> None:
    corp.fake.picture_mb = 0
    sent = [mass(0, ANNA, Attachment("image", {}, PNG)), mass(1, BELLA, None)]

    refused, fine = sorted(channel.send(sent), key=lambda one: one.token)

    assert (refused.status, refused.halt, fine.status) == ("retry", "material", "awaiting_staff")
    assert "too big" in str(refused.reason)
    assert len(corp.fake.masses) == 1


def test_where_the_picture_can_not_be_handed_over_nothing_is_in_doubt(
    corp, channel, mass, friends
) -> None:
    corp.fake.faults.extend(["fail"] * 3)

    (result,) = channel.send([mass(0, ANNA, Attachment("image", {}, PNG))])

    assert (result.status, result.shut) == ("retry", True)
    assert corp.tools.store.keys("doubt/") == []
    assert corp.fake.requests[CREATE] == 0


@pytest.mark.parametrize(
    ("attachments", "code"),
    [
        ([{"msgtype": "image", "image": {"media_id": "gone"}}], 40007),
        ([{"msgtype": "poem", "poem": {}}], 41065),
        ([{"msgtype": "link", "link": {"title": "a", "url": "https://a.example"}}] * 10, 41064),
        ([{"msgtype": "miniprogram", "miniprogram": {"title": "长" * 22}}], 40058),
    ],
)
def test_the_double_refuses_what_wecom_does(corp, friends, attachments, code) -> None:
    body = {"external_userid": [ANNA], "sender": "lisi", "text": {"content": "x"}}

    with pytest.raises(Failed) as refused:
        corp.client().do(CREATE, {**body, "attachments": attachments})

    assert refused.value.code == code
