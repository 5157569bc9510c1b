"""Pieces reserved on a page and collected in a store; and the wallet that shows all of it."""

from __future__ import annotations

import re
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from siyu.offers import actions as offers
from siyu.offers.actions import reservations
from siyu.offers.model import Offer, Prize, Terms, Wanted
from siyu.staff.actions import seed
from siyu.staff.model import Store

PHONES = [f"1380000000{place}" for place in range(1, 9)]
PAGES = (
    """
page: box
kind: reserve
title: {zh: 7.7 元盲盒, en: Blind box}
channel: new-orders/card
offer: box
hold: 2d
""",
    """
page: prizes
kind: reserve
title: {zh: 惊喜盲盒, en: Surprise}
offer: prizes
""",
    """
page: mine
kind: wallet
title: {zh: 我的卡包, en: My wallet}
channel: new-orders/card
""",
)
OFFERS = [
    Offer(
        "box", {"zh": "盲盒", "en": "Box"}, 770, "BOX", kind="presale",
        terms=Terms(stores={"hz-1": 2, "sh-1": 1}, price_minor=770),
    ),
    Offer(
        "prizes", {"zh": "惊喜", "en": "Surprise"}, 770, "", kind="blind_box",
        terms=Terms(prizes=(Prize("RING", 1, 1), Prize("PEN", 3, 3)), valid_seconds=86_400),
    ),
    Offer(
        "ten", {"zh": "十元券", "en": "Ten off"}, 1000, "", kind="coupon",
        terms=Terms(pieces=10, codes="generated"),
    ),
]  # fmt: skip


class Fair:
    """A brand that gives things away, and customers with links."""

    def __init__(self, story: Any) -> None:
        self.story = story
        with story.app.db.transaction() as conn:
            seed(conn, story.app.brand, [Store("sh-1", "新天地店", "华东")], [])
            offers.install(conn, OFFERS, "test")
        for text in PAGES:
            said = story.ask("PUT", "/api/v1/pages", {"text": text, "by": "ana"})
            assert said.status_code == 200, said.text
        self.whose: dict[str, str] = {}

    def who(self, phone: str) -> str:
        if phone not in self.whose:
            self.story.pay(self.story.order(), phone)
            self.story.tick()
            (self.whose[phone],) = self.story.customers(phone)
        return self.whose[phone]

    def path(self, phone: str = PHONES[0], page: str = "box") -> str:
        body = {"customer": self.who(phone)}
        made = self.story.ask("POST", f"/api/v1/pages/{page}/link", body).json()
        return made["url"].removeprefix("https://s.example")

    def page(self, phone: str = PHONES[0], page: str = "box") -> str:
        answer = self.story.http.get(self.path(phone, page))
        assert answer.status_code == 200, answer.text
        return answer.text

    def sent(self, phone: str, page: str, **said: str) -> tuple[str, dict[str, str]]:
        path = self.path(phone, page)
        form = re.findall(r'name="form" value="([^"]+)"', self.story.http.get(path).text)[-1]
        return path, {"form": form, **said}

    def does(self, does: str, phone: str = PHONES[0], page: str = "box", **said: str) -> Any:
        path, data = self.sent(phone, page, do=does, **said)
        answer = self.story.http.post(path, data=data)
        self.story.tick()
        return answer

    def code(self, phone: str = PHONES[0], page: str = "box") -> str:
        return re.findall(r'name="old" value="([^"]+)"', self.page(phone, page))[0]

    def told(self) -> list[str]:
        rows = self.story.facts(
            "select kind from event where kind in ('offer.reserved', 'offer.released',"
            " 'offer.missed', 'offer.redeemed', 'store.visited') order by id"
        )
        return [row[0] for row in rows]

    def taken(self) -> dict[str, int]:
        return dict(
            self.story.facts("select part, taken from allotment where offer = 'box' order by part")
        )


@pytest.fixture
def fair(story: Any) -> Fair:
    return Fair(story)


def test_a_piece_is_reserved_in_a_store_and_redeemed_by_its_code(fair: Fair) -> None:
    assert "¥7.70" in fair.page()
    answer = fair.does("reserve", store="hz-1")
    assert (answer.status_code, "已为您预留" in answer.text) == (200, True)
    assert "2026-11-22 周日 12:00" in answer.text
    assert "杭州湖滨店" in answer.text
    code = fair.code()

    said = fair.story.ask("POST", f"/api/v1/slots/bookings/{code}/keep", {"by": "guide-1"})
    assert said.json()["state"] == "kept", said.text
    fair.story.tick()

    assert fair.told() == ["offer.reserved", "offer.redeemed", "store.visited"]
    assert fair.story.facts("select state from promise where offer = 'box'") == [("fulfilled",)]
    assert fair.taken() == {"": 1, "hz-1": 1, "sh-1": 0}
    again = fair.does("reserve", store="sh-1")
    assert (again.status_code, "已经领过" in again.text) == (409, True)
    twice = fair.story.ask("POST", f"/api/v1/slots/bookings/{code}/keep", {"by": "guide-1"})
    assert twice.status_code == 409


def test_an_old_form_never_says_that_a_piece_is_reserved_which_is_not(fair: Fair) -> None:
    path, data = fair.sent(PHONES[0], "box", do="reserve", store="hz-1")

    def sends(**other: str) -> tuple[int, bool, bool]:
        answer = fair.story.http.post(path, data={**data, **other})
        fair.story.tick()
        return answer.status_code, "已为您预留" in answer.text, "之前已提交过" in answer.text

    assert sends() == sends() == (200, True, False)
    assert sends(store="sh-1") == (409, False, True)
    fair.does("cancel", old=fair.code())
    assert sends() == (409, False, True)
    assert fair.taken() == {"": 0, "hz-1": 0, "sh-1": 0}
    assert fair.does("reserve", store="hz-1").status_code == 200


def test_of_many_at_once_no_store_gives_more_than_it_has(fair: Fair) -> None:
    asks = [
        fair.sent(phone, "box", do="reserve", store="hz-1" if place % 2 else "sh-1")
        for place, phone in enumerate(PHONES)
    ]
    with ThreadPoolExecutor(len(asks)) as threads:
        answers = list(threads.map(lambda ask: fair.story.http.post(ask[0], data=ask[1]), asks))
    fair.story.tick()

    assert sorted(one.status_code for one in answers) == [200] * 3 + [409] * 5
    assert fair.taken() == {"": 3, "hz-1": 2, "sh-1": 1}
    assert fair.told() == ["offer.reserved"] * 3
    lost = next(phone for phone in PHONES if "old" not in fair.page(phone))
    assert "已全部订完" in fair.page(lost)


def test_who_does_not_collect_loses_it_to_the_others(fair: Fair) -> None:
    fair.does("reserve", store="sh-1")
    assert "sh-1" not in fair.page(PHONES[1])
    fair.story.go(hours=47)
    assert fair.told() == ["offer.reserved"]
    fair.story.go(hours=2)

    assert fair.told() == ["offer.reserved", "offer.missed"]
    assert fair.taken() == {"": 0, "hz-1": 0, "sh-1": 0}
    assert "sh-1" in fair.page(PHONES[1])


def test_it_can_be_given_back_and_a_till_that_redeems_it_counts(fair: Fair) -> None:
    fair.does("reserve", store="sh-1")
    assert fair.does("cancel", old=fair.code()).status_code == 200
    assert fair.told() == ["offer.reserved", "offer.released"]
    fair.does("reserve", store="sh-1")
    fair.story.tell("offer.redeemed", {"promise": fair.code()})
    fair.story.tick()

    assert fair.story.facts("select state from booking order by booked_at, promise_id") == [
        ("cancelled",), ("kept",),
    ]  # fmt: skip
    assert fair.told()[-1] == "store.visited"


def test_a_store_must_be_one_that_has_some(fair: Fair) -> None:
    for store in ("", "xx", "gz-1"):
        answer = fair.does("reserve", store=store)
        assert (answer.status_code, "请选择门店" in answer.text) == (400, True)
    assert fair.told() == []
    assert "预留" not in fair.story.http.get("/p/box").text.split("</h1>")[1].split("<button")[0]


def test_a_blind_box_is_collected_in_any_store_and_tells_nothing_before(fair: Fair) -> None:
    answer = fair.does("reserve", page="prizes", store="sh-1")

    assert answer.status_code == 200, answer.text
    wallet = fair.page(page="mine")
    for word in ("RING", "PEN"):
        assert word not in answer.text + wallet
    assert fair.story.facts("select store from booking") == [("sh-1",)]


def test_the_wallet_shows_what_is_there_was_used_and_is_over(fair: Fair) -> None:
    assert "这里还没有内容" not in fair.page(page="mine")  # the order's own promise
    with fair.story.app.db.transaction() as conn:
        who = fair.story.app.ids.decode("cus", fair.who(PHONES[0]))
        wanted = Wanted("t:1", "ten", who, commit=True)
        (coupon,) = reservations.reserve(conn, fair.story.app.keys, [wanted], fair.story.now)
    fair.does("reserve", store="hz-1")
    code = fair.code()
    have = fair.page(page="mine")
    assert isinstance(coupon, reservations.Reservation)
    assert coupon.code is not None
    for part in (coupon.code, "十元券", "盲盒", "杭州湖滨店", "有效期至", "随包裹寄出"):
        assert part in have, part
    assert have.count('role="img"') == 2
    assert ("已使用" in have, "已失效" in have) == (False, False)

    fair.story.ask("POST", f"/api/v1/slots/bookings/{code}/keep", {"by": "guide-1"})
    fair.story.go(days=29)
    over = fair.page(page="mine")
    assert over.index("已使用") > 0
    fair.story.go(days=3)
    assert "已失效" in fair.page(page="mine")
    assert coupon.code not in fair.page(page="mine")
    english = fair.story.http.get(fair.path(page="mine"), headers={"Accept-Language": "en"}).text
    assert "Over" in english
    assert fair.who(PHONES[0]).partition("_")[2] not in english


def test_a_wallet_of_somebody_else_stays_shut(fair: Fair) -> None:
    fair.does("reserve", store="hz-1")
    code = fair.code().partition("_")[2]

    token = fair.path(page="box").rpartition("/")[2]
    assert fair.story.http.get(f"/p/mine/{token}").status_code == 404
    assert "请先添加" in fair.story.http.get("/p/mine").text
    other = fair.page(PHONES[1], "mine")
    assert code[:4] not in other
