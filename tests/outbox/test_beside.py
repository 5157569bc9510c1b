"""What a message carries beside its words, and what it may say of a child: looked at as it goes."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any

import pytest
from tests.content.test_posters import photo

from siyu.content import actions as content
from siyu.content.model import Made, Material
from siyu.customers.actions.children import ChildTold, forget_children, tell_child
from siyu.outbox.model import Attachment
from siyu.outbox.sweep.prepare import attached

PNG = b"\x89PNG\r\n\x1a\n and so on"
NAME = f"{'a' * 32}.png"
CARD = {"heading": "新品", "appid": "wx1", "page": "p/new", "picture": NAME}


@pytest.fixture
def friends(house: Any) -> Any:
    """The outbox of a brand whose buyers are friends on WeCom."""
    house.wecom = type(house.sms)()
    house.channels["wecom_message"] = house.wecom

    def owed(many: int, material: str) -> list[int]:
        customers = house.buyers(many)
        house.tell(
            *(
                house.event(
                    "friend.added", {"staff": "guide-1"},
                    keys={"phone": house.phone(n), "external_userid": f"wm{n}"},
                )
                for n in range(1, many + 1)
            )
        )  # fmt: skip
        words = {"channel": "wecom_message", "purpose": "service", "lane": "window"}
        touches = house.wish(customers, material=material, **words)
        with house.db.transaction() as conn:  # the budget's pace is none of this
            conn.execute("update touch set state = 'owed', staff = 'guide-1'")
        return touches

    house.friends = owed
    return house


def put(house: Any, *materials: Material) -> None:
    with house.db.transaction() as conn:
        content.install(conn, list(materials), "own", {}, Made())


def test_a_card_goes_with_its_picture_which_is_read_once_for_a_batch(friends: Any) -> None:
    read: list[str] = []

    def pictures(name: str) -> bytes | None:
        read.append(name)
        return PNG

    friends.ctx = friends.ctx._replace(pictures=pictures)
    put(friends, Material("card", "zh", "wecom_message", "看看", {}, kind="card", form=CARD))
    friends.friends(3, "card")

    friends.send()

    sent = friends.wecom.messages
    assert [(one.text, one.attachment) for one in sent] == [
        ("看看", Attachment("card", CARD, PNG))
    ] * 3
    assert read == [NAME]
    assert "wx1" not in repr(sent)


@pytest.mark.parametrize("form", [{"heading": "a", "url": "https://a.example"}, {}])
def test_an_address_is_no_file_and_words_alone_have_nothing_beside_them(
    friends: Any, form: dict[str, str]
) -> None:
    picture = {"picture": "https://p.example/a.png"} if form else {}
    kind, said = ("link" if form else "text"), {**form, **picture}
    put(friends, Material("m", "zh", "wecom_message", "看看", {}, kind=kind, form=said))
    friends.friends(1, "m")

    friends.send()

    (one,) = friends.wecom.messages
    assert one.attachment == (Attachment("link", said) if form else None)


def test_without_the_file_of_its_picture_nothing_goes_and_the_reason_says_so(friends: Any) -> None:
    put(friends, Material("card", "zh", "wecom_message", "看看", {}, kind="card", form=CARD))
    (touch,) = friends.friends(1, "card")

    friends.send()

    found = friends.touch(touch)
    assert (found.state, found.reason) == ("withheld", "no_picture")
    assert friends.wecom.messages == []


SHOP = "https://shop.example/spring"


def poster(code: str, form: dict[str, str]) -> Material:
    return Material(
        code, "zh", "wecom_message", "看看", {"shop": "link", "name": "text"}, kind="poster",
        links={"shop": SHOP}, form=form,
    )  # fmt: skip


@pytest.mark.parametrize("same", [False, True])
def test_a_posters_code_is_each_customers_own_or_the_same_for_all_and_names_nobody(
    friends: Any, same: bool
) -> None:
    friends.ctx = friends.ctx._replace(pictures=lambda _: photo(), short="https://s.example")
    form = {"picture": NAME, "qr": "0.1 0.1 0.3"} | ({"same_code": "yes"} if same else {})
    put(friends, poster("wall", form))
    friends.friends(2, "wall")

    friends.send()

    links = [one.attachment.poster.link for one in friends.wecom.messages]
    if same:
        assert links == [SHOP, SHOP]
    else:
        assert all(re.fullmatch(r"https://s\.example/l/\w{13}", one) for one in links)
        assert len(set(links)) == 2


@pytest.mark.parametrize(
    ("form", "picture", "reason"),
    [
        ({"picture": NAME, "qr": "0.1 0.1 0.3"}, None, "no_picture"),
        ({"picture": NAME, "qr": "0.1 0.1 0.3"}, PNG, "no_poster"),
        ({"colour": "#c8102e", "heading": "到店"}, None, "no_font"),
    ],
)
def test_a_poster_that_can_not_be_drawn_is_withheld_with_its_reason(
    friends: Any, form: dict[str, str], picture: bytes | None, reason: str
) -> None:
    friends.ctx = friends.ctx._replace(pictures=lambda _: picture, face=lambda: None)
    put(friends, poster("wall", form))
    (touch,) = friends.friends(1, "wall")

    friends.send()

    found = friends.touch(touch)
    assert (found.state, found.reason) == ("withheld", reason)
    assert friends.wecom.messages == []


def test_a_childs_age_is_said_as_long_as_the_parent_lets_us_know_it(friends: Any) -> None:
    """The clock stands at 20 November 2026."""
    body, names = "宝宝{{ child_months }}个月了", {"child_months": "code"}
    put(friends, Material("baby", "zh", "wecom_message", body, names))
    touches = friends.friends(3, "baby")
    today = friends.now.date()
    with friends.db.transaction() as conn:
        for number, months in ((1, ("2023-01", "2026-03")), (2, ("2026-03",))):
            for child, month in enumerate(months, 1):
                told = ChildTold(child, month, "form", today)
                tell_child(conn, friends.ids, friends.customer(number), told, "t", friends.now)
        forget_children(conn, friends.ids, friends.customer(2), "t", friends.now)

    friends.send()

    assert [one.text for one in friends.wecom.messages] == ["宝宝8个月了"]
    assert [friends.touch(touch).reason for touch in touches] == ["", "no_child", "no_child"]
    with friends.db.transaction() as conn:
        held = conn.fetch("select count(*) from event where data like '%%2026-03%%'")
    assert held == [(0,)]


@pytest.mark.parametrize(("channel", "fits"), [("parcel_insert", True), ("wecom_message", False)])
def test_only_a_screen_has_codes_that_are_too_fine(house: Any, channel: str, *, fits: bool) -> None:
    ctx = house.ctx._replace(pictures=lambda _: photo(), face=lambda: None)
    form = {"picture": NAME, "qr": "0.1 0.1 0.2", "same_code": "yes"}
    long = {"shop": "https://shop.example/" + "a" * 250}
    card = replace(poster("wall", form), channel=channel, links=long)

    found = attached(card, ctx)

    assert isinstance(found, Attachment) is fits
    assert fits or found == "no_poster"
