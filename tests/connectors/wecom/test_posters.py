"""Posters beside the words: drawn here, handed to WeCom as a picture, each once for its three
days."""

from __future__ import annotations

from datetime import timedelta
from io import BytesIO

import pytest
from PIL import Image, ImageFont
from tests.content.test_posters import LINK, OTHER, photo, read

from siyu.connectors.wecom.channel.mass import Mass
from siyu.content.render.poster import WIDTH, Face, Poster
from siyu.outbox.model import Attachment

CREATE, UPLOAD = "externalcontact/add_msg_template", "media/upload"
ANNA, BELLA = "wmanna0000000000001", "wmbella0000000000001"
LATIN = Face("latin", ImageFont.load_default)  # pyright: ignore[reportArgumentType]
FORM = {"picture": "p.png", "qr": "0.7 0.75 0.25", "heading": "Spring"}
PICTURE = photo()


def poster(link: str = LINK, picture: bytes = PICTURE) -> Attachment:
    return Attachment("poster", FORM, b"", Poster(FORM, picture, "Hua Jian", link, LATIN))


@pytest.fixture
def friends(corp):
    for who in (ANNA, BELLA):
        corp.fake.existing("lisi", who, corp.clock.now() - timedelta(days=9))


@pytest.fixture
def to(message):
    def make(number: int, who: str, attachment: Attachment):
        given = {"channel": "wecom_message", "staff": "lisi", "text": "周末到店有礼", "to": who}
        return message(number, attachment=attachment, **given)

    return make


def seen(corp) -> list[bytes]:
    """The pictures that customers got, by customer."""
    corp.clock.advance(minutes=1)
    corp.fake.confirm_mass("lisi")
    got = sorted(corp.fake.received, key=lambda one: one.external_userid)
    ids = [inner["image"]["media_id"] for one in got for inner in one.attachments]
    return [corp.fake.media[one].content for one in ids]


def leads_to(png: bytes, link: str) -> bool:
    return read(png, round(0.7 * WIDTH), round(0.75 * 1_620), WIDTH // 4, link)


def test_each_gets_a_picture_with_their_own_code(corp, channel, to, friends) -> None:
    results = channel.send([to(0, ANNA, poster()), to(1, BELLA, poster(OTHER))])

    assert {one.status for one in results} == {"awaiting_staff"}
    anna, bella = seen(corp)
    assert Image.open(BytesIO(anna)).format == "PNG"
    assert (leads_to(anna, LINK), leads_to(anna, OTHER)) == (True, False)
    assert (leads_to(bella, OTHER), leads_to(bella, LINK)) == (True, False)
    assert len(corp.fake.masses) == 2  # what differs is a press of its own


def test_the_same_code_for_all_is_one_picture_and_one_press(corp, channel, to, friends) -> None:
    channel.send([to(0, ANNA, poster()), to(1, BELLA, poster())])

    assert [len(one.tasks["lisi"]) for one in corp.fake.masses.values()] == [2]
    assert corp.fake.requests[UPLOAD] == 1


def test_it_is_handed_over_again_before_its_three_days_are_over(corp, channel, to, friends) -> None:
    channel.send([to(0, ANNA, poster())])
    corp.clock.advance(hours=70)
    channel.send([to(1, BELLA, poster())])
    assert corp.fake.requests[UPLOAD] == 1

    corp.clock.advance(hours=1, minutes=30)  # WeCom has it for half an hour yet
    channel.send([to(2, ANNA, poster())])

    assert corp.fake.requests[UPLOAD] == 2
    assert [leads_to(one, LINK) for one in seen(corp)] == [True] * 3


def test_one_that_wecom_has_lost_is_drawn_and_handed_over_again(
    corp, channel, to, message, friends
) -> None:
    channel.send([to(0, ANNA, poster())])
    corp.fake.media.clear()

    (result,) = channel.send([to(1, BELLA, poster())])
    assert (result.status, corp.fake.requests[UPLOAD]) == ("awaiting_staff", 2)

    corp.fake.media.clear()
    corp.fake.searches_phone("lisi", "13800000001", "wmclara000000000001")
    corp.deliver()
    (result,) = channel.send([message(2, to="wmclara000000000001", attachment=poster())])
    assert (result.status, corp.fake.requests[UPLOAD]) == ("accepted", 3)
    (beside,) = corp.fake.received[-1].attachments
    assert leads_to(corp.fake.media[beside["image"]["media_id"]].content, LINK)


def test_a_damaged_picture_stops_its_material_and_a_welcome_fails_with_the_reason(
    corp, channel, to, message, friends
) -> None:
    damaged = poster(picture=PICTURE[: len(PICTURE) // 2])
    corp.fake.searches_phone("lisi", "13800000001", "wmclara000000000001")
    corp.deliver()

    (mass,) = channel.send([to(0, ANNA, damaged)])
    (welcome,) = channel.send([message(1, to="wmclara000000000001", attachment=damaged)])

    assert (mass.status, mass.halt, welcome.status) == ("retry", "material", "rejected")
    assert "can't be read" in str(mass.reason)
    assert str(welcome.reason) == str(mass.reason)
    assert (corp.fake.requests[UPLOAD], corp.fake.requests[CREATE]) == (0, 0)


def test_one_that_wecom_refuses_stops_its_material(corp, channel, to, friends) -> None:
    corp.fake.picture_mb = 0

    (result,) = channel.send([to(0, ANNA, poster())])

    assert (result.status, result.halt, "too big" in str(result.reason)) == (
        "retry", "material", True,
    )  # fmt: skip
    assert not corp.fake.masses


def test_more_than_a_lease_has_time_for_wait_their_turn_and_it_is_no_fault(
    corp, to, friends
) -> None:
    channel = Mass(corp.config, corp.tools, corp.client(), seconds=0)
    links = [LINK, OTHER, f"{OTHER}2"]
    three = [to(place, ANNA, poster(link)) for place, link in enumerate(links)]

    first, second, third = sorted(channel.send(three), key=lambda one: one.token)
    assert (first.status, second.status, second.reason) == ("awaiting_staff", "retry", "in_turn")
    assert (second.halt, second.shut) == ("", False)
    minutes = [(one.again - corp.clock.now()) / timedelta(minutes=1) for one in (second, third)]
    assert minutes == [1, 2]  # as many at a time as were made of this batch
    assert (corp.fake.requests[UPLOAD], corp.fake.requests[CREATE]) == (1, 1)

    corp.clock.advance(minutes=1)
    assert [one.status for one in channel.send([three[1]])] == ["awaiting_staff"]
