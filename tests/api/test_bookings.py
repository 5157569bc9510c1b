"""Times in stores: booked, moved, given back, kept and missed over HTTP, never one too many."""

from __future__ import annotations

import re
from concurrent.futures import ThreadPoolExecutor, wait
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from tests.people import People

from siyu.kernel.sql import load
from siyu.offers.decide import from_states
from siyu.pages.actions import bookings
from siyu.pages.actions.bookings import Asked
from siyu.pages.decide import part
from siyu.pages.sweep import missed
from siyu.staff.actions import seed
from siyu.staff.model import Member, Store

PAGE = """
page: visit
kind: booking
title: {zh: 到店清洗, en: Cleaning in store}
channel: new-orders/card
service: cleaning
"""
SERVICE = """
service: cleaning
title: {zh: 免费清洗, en: Free cleaning}
minutes: 30
ahead: 7d
notice: 1h
late: 2h
stores:
  hz-1: {week: "mon-sun 10:00-18:00", capacity: 1, closed: [2026-11-22]}
  sh-1: {week: "mon-fri 10:00-12:00", capacity: 2}
"""
PHONES = [f"1380000000{place}" for place in range(1, 9)]
TEN = "20261121T0200Z"  # Saturday, ten in Shanghai


class Salon:
    """A brand whose stores take bookings, and customers with links."""

    def __init__(self, story: Any) -> None:
        self.story = story
        with story.app.db.transaction() as conn:
            seed(
                conn, story.app.brand, [Store("sh-1", "新天地店", "华东")],
                [Member("guide-9", "郑", "guide", "sh-1")],
            )  # fmt: skip
        self.set(SERVICE)
        said = story.ask("PUT", "/api/v1/pages", {"text": PAGE, "by": "ana"})
        assert said.status_code == 200, said.text
        self.paths: dict[str, str] = {}

    def set(self, text: str) -> None:
        said = self.story.ask("PUT", "/api/v1/slots", {"text": text, "by": "ana"})
        assert said.status_code == 200, said.text

    def path(self, phone: str = PHONES[0]) -> str:
        if phone not in self.paths:
            self.story.pay(self.story.order(), phone)
            self.story.tick()
            (who,) = self.story.customers(phone)
            made = self.story.ask("POST", "/api/v1/pages/visit/link", {"customer": who}).json()
            self.paths[phone] = made["url"].removeprefix("https://s.example")
        return self.paths[phone]

    def page(self, phone: str = PHONES[0], query: str = "") -> str:
        answer = self.story.http.get(f"{self.path(phone)}{query}")
        assert answer.status_code == 200, answer.text
        return answer.text

    def form(self, phone: str = PHONES[0]) -> str:
        return re.findall(r'name="form" value="([^"]+)"', self.page(phone))[-1]

    def old(self, phone: str = PHONES[0]) -> str:
        return re.findall(r'name="old" value="([^"]+)"', self.page(phone))[0]

    def does(self, does: str, phone: str = PHONES[0], **said: str) -> Any:
        data = {"do": does, "form": self.form(phone), "store": "hz-1", **said}
        answer = self.story.http.post(self.path(phone), data=data)
        self.story.tick()
        return answer

    def told(self) -> list[str]:
        rows = self.story.facts(
            "select kind from event where kind like 'slot.%' or kind in ('store.visited',"
            " 'offer.redeemed') order by id"
        )
        return [row[0] for row in rows]

    def day(self, on: str = "2026-11-21", store: str = "hz-1") -> list[dict[str, Any]]:
        return self.story.read(f"/api/v1/slots/bookings?store={store}&day={on}")["bookings"]

    def states(self) -> list[str]:
        sql = "select state from promise where allotted order by id"
        return [row[0] for row in self.story.facts(sql)]


@pytest.fixture
def salon(story: Any) -> Salon:
    return Salon(story)


def test_a_page_shows_the_times_of_a_store_and_a_day(salon: Salon) -> None:
    today = salon.page()
    assert "14:00–14:30" in today  # noon is now, and an hour's notice is wanted
    assert "12:30–13:00" not in today
    closed = salon.page(query="?store=hz-1&day=2026-11-22")
    assert "请换一天" in closed
    monday = salon.page(query="?store=sh-1&day=2026-11-23")
    assert monday.count('type="radio"') == 4
    assert "11:30–12:00" in monday
    assert "2 个余位" in monday
    assert len(today.encode()) < 30_000
    odd = salon.page(query="?store=%3Cb%3E&day=2026-13-40")
    assert "<b>" not in odd


def test_a_time_is_booked_moved_and_given_back(salon: Salon) -> None:
    answer = salon.does("book", at=TEN)
    assert (answer.status_code, "预约成功" in answer.text) == (200, True)
    assert "2026-11-21 周六 10:00" in answer.text
    assert 'role="img"' in answer.text
    (one,) = salon.day()
    assert (one["starts_at"], one["state"], one["store"]) == (
        "2026-11-21T02:00:00Z",
        "open",
        "hz-1",
    )

    moved = salon.does("move", at="20261121T0230Z", old=salon.old())
    assert "已改到新的时间" in moved.text
    assert [one["starts_at"] for one in salon.day()] == ["2026-11-21T02:30:00Z"]

    gone = salon.does("cancel", old=salon.old())
    assert "已取消" in gone.text
    assert salon.told() == ["slot.booked", "slot.booked", "slot.cancelled"]
    moved_told = salon.story.facts(
        "select data::jsonb -> 'd' ->> 'moved' from event where kind = 'slot.booked' order by id"
    )
    assert moved_told == [(None,), ("true",)]
    assert salon.states() == ["lapsed", "lapsed"]
    assert salon.story.facts("select sum(taken) from allotment where offer = 'cleaning'") == [(0,)]
    assert salon.does("book", at=TEN).status_code == 200


def test_of_many_at_once_for_the_last_place_one_gets_it(salon: Salon) -> None:
    forms = {phone: salon.form(phone) for phone in PHONES}

    def asks(phone: str) -> Any:
        data = {"do": "book", "form": forms[phone], "store": "hz-1", "at": TEN}
        return salon.story.http.post(salon.path(phone), data=data)

    with ThreadPoolExecutor(len(PHONES)) as threads:
        answers = list(threads.map(asks, PHONES))
    salon.story.tick()

    codes = sorted(one.status_code for one in answers)
    assert codes == [200] + [409] * (len(PHONES) - 1)
    lost = next(one for one in answers if one.status_code == 409)
    assert "刚刚被约满" in lost.text
    assert salon.told() == ["slot.booked"]
    part = salon.story.facts("select pieces, taken from allotment where part like 'hz-1@%'")
    assert part == [(1, 1)]
    losers = [phone for phone, one in zip(PHONES, answers, strict=True) if one.status_code == 409]
    assert "10:00–10:30" not in salon.page(losers[0], "?day=2026-11-21")


def test_two_who_swap_the_same_times_at_once_never_take_one_too_many(salon: Salon) -> None:
    one, two = PHONES[:2]
    salon.does("book", one, at=TEN)
    salon.does("book", two, at="20261121T0230Z")
    asked = [(one, "20261121T0230Z"), (two, TEN)]
    forms = {phone: (salon.form(phone), salon.old(phone)) for phone, _ in asked}

    def moves(ask: tuple[str, str]) -> int:
        phone, at = ask
        form, old = forms[phone]
        data = {"do": "move", "form": form, "store": "hz-1", "at": at, "old": old}
        return salon.story.http.post(salon.path(phone), data=data).status_code

    with ThreadPoolExecutor(2) as threads:
        answers = list(threads.map(moves, asked))
    salon.story.tick()

    assert 409 in answers  # each would first have to leave
    open_ones = [one for one in salon.day() if one["state"] == "open"]
    assert len(open_ones) == 2
    taken = salon.story.facts("select part, taken from allotment where part <> '' order by part")
    assert [many for _, many in taken] == [1, 1]


def test_a_form_sent_twice_books_once_and_a_customer_has_one(salon: Salon) -> None:
    form = salon.form()
    data = {"do": "book", "form": form, "store": "hz-1", "at": TEN}
    twice = [salon.story.http.post(salon.path(), data=data).status_code for _ in range(2)]
    salon.story.tick()
    another = salon.does("book", at="20261121T0300Z")

    assert twice == [200, 200]
    assert (another.status_code, "您已有预约" in another.text) == (409, True)
    assert salon.told() == ["slot.booked"]


def test_an_old_form_never_says_that_something_is_booked_which_is_not(salon: Salon) -> None:
    form = salon.form()
    salon.does("book", at=TEN, form=form)
    for other in ({"at": "20261121T0300Z"}, {"at": "20261123T0200Z", "store": "sh-1"}):
        answer = salon.does("book", form=form, **other)
        assert (answer.status_code, "预约成功" in answer.text) == (409, False)
        assert "之前已提交过" in answer.text
    assert [one["state"] for one in salon.day()] == ["open"]

    salon.does("cancel", old=salon.old())
    again = salon.does("book", at=TEN, form=form)
    assert (again.status_code, "之前已提交过" in again.text) == (409, True)
    assert [one["state"] for one in salon.day()] == ["cancelled"]
    assert salon.told() == ["slot.booked", "slot.cancelled"]
    fresh = re.findall(r'name="form" value="([^"]+)"', again.text)[-1]
    assert "预约成功" in salon.does("book", at=TEN, form=fresh).text


@pytest.mark.parametrize("does", ["cancel", "move", "miss", "sweep"])
def test_who_gives_back_and_a_till_that_redeems_never_wait_crosswise(
    salon: Salon, does: str
) -> None:
    salon.does("book", at=TEN)
    app, later = salon.story.app, salon.story.now + timedelta(days=2)
    ((promise, who),) = salon.story.facts("select promise_id, customer_id from booking")
    ids, at = app.ids, datetime(2026, 11, 21, 3, tzinfo=UTC)
    asked = Asked("visit", "a" * 16, "cleaning", who, "hz-1", part("hz-1", at), at, later, 1)

    def give_back() -> None:
        with app.db.transaction() as conn:
            if does == "cancel":
                bookings.cancel(conn, ids, promise, who, later)
            elif does == "move":
                bookings.move(conn, app.keys, ids, promise, asked, later)
            elif does == "miss":
                bookings.miss(conn, ids, promise, "ann", later)
            else:
                missed(conn, ids, later)

    with ThreadPoolExecutor(1) as threads:
        with app.db.transaction() as conn:  # as an apply does: first the promise
            params = {"ids": [promise], "states": from_states("redeem"), "now": later}
            conn.fetch(load("siyu.offers").redeem, params)
            other = threads.submit(give_back)
            wait([other], 1)
            assert len(conn.fetch(load("siyu.pages").booked, {"ids": [promise]})) == 1
        other.result(10)


@pytest.mark.parametrize(
    "said",
    [
        {"at": "20261120T0430Z"}, {"at": "20261121T0215Z"}, {"at": "20261122T0200Z"},
        {"at": "20261201T0200Z"}, {"at": "x"}, {"at": TEN, "store": "gz-1"}, {"store": "hz-1"},
        {"at": TEN, "store": "sh-1"},
    ],
)  # fmt: skip
def test_a_time_that_there_is_not_is_refused(salon: Salon, said: dict[str, str]) -> None:
    answer = salon.does("book", **said)

    assert (answer.status_code, "已不能预约" in answer.text) == (400, True)
    assert salon.told() == []


def test_nobody_touches_what_is_anothers(salon: Salon) -> None:
    salon.does("book", at=TEN)
    old = salon.old()

    for does in ("cancel", "move"):
        answer = salon.does(does, PHONES[1], old=old, at="20261121T0300Z")
        assert answer.status_code == 409
    assert salon.does("cancel", PHONES[1], old="x").status_code == 409
    assert [one["state"] for one in salon.day()] == ["open"]
    assert old.partition("_")[2] not in salon.page(PHONES[1])
    stranger = salon.story.http.get("/p/visit", headers={"Accept-Language": "en"})
    assert "Open the link in the message" in stranger.text
    assert "radio" not in stranger.text


def test_who_comes_has_kept_it_and_may_book_again(salon: Salon) -> None:
    salon.does("book", at=TEN)
    (one,) = salon.day()
    salon.story.go(hours=22)
    said = f" {one['code'].partition('_')[2][:4].upper()}-{one['code'].partition('_')[2][4:]} "

    kept = salon.story.ask("POST", f"/api/v1/slots/bookings/{said}/keep", {"by": "guide-1"})
    assert (kept.status_code, kept.json()["state"]) == (200, "kept")
    again = salon.story.ask("POST", f"/api/v1/slots/bookings/{said}/keep", {"by": "guide-1"})
    assert again.status_code == 409
    salon.story.tick()

    assert sorted(salon.told()) == ["offer.redeemed", "slot.booked", "slot.kept", "store.visited"]
    assert salon.states() == ["fulfilled"]
    assert salon.does("book", at="20261123T0200Z").status_code == 200
    assert salon.story.facts("select action from audit where action like 'booking.%'") == [
        ("booking.keep",)
    ]


def test_who_does_not_come_has_missed_it_by_itself_or_as_staff_says(salon: Salon) -> None:
    salon.does("book", at=TEN)
    salon.does("book", PHONES[1], at="20261121T0230Z")
    early = salon.day()[0]["code"]
    said = salon.story.ask("POST", f"/api/v1/slots/bookings/{early}/miss", {"by": "guide-1"})
    assert said.status_code == 409

    salon.story.go(hours=24)  # noon: the first slot's two hours are not over
    assert salon.told() == ["slot.booked", "slot.booked"]
    said = salon.story.ask("POST", f"/api/v1/slots/bookings/{early}/miss", {"by": "guide-1"})
    assert said.json()["state"] == "missed"
    salon.story.go(hours=2)

    assert sorted(salon.told()) == ["slot.booked", "slot.booked", "slot.missed", "slot.missed"]
    assert salon.states() == ["lapsed", "lapsed"]
    late = salon.story.ask("POST", f"/api/v1/slots/bookings/{early}/keep", {"by": "guide-1"})
    assert late.json()["state"] == "kept"


def test_more_places_count_at_once_and_fewer_leave_what_is_booked(salon: Salon) -> None:
    salon.does("book", at=TEN)
    salon.set(SERVICE.replace("capacity: 1", "capacity: 2"))
    assert salon.does("book", PHONES[1], at=TEN).status_code == 200
    data = {"do": "book", "form": salon.form(PHONES[2]), "store": "hz-1", "at": TEN}
    salon.set(SERVICE.replace("capacity: 1", "capacity: 0"))
    assert salon.story.http.post(salon.path(PHONES[2]), data=data).status_code == 400
    assert [one["state"] for one in salon.day()] == ["open", "open"]
    assert salon.story.facts("select pieces, taken from allotment where part like 'hz-1@%'") == [
        (2, 2)
    ]


def test_a_service_that_is_wrong_is_named_by_line(salon: Salon) -> None:
    for wrong, where in (
        (SERVICE.replace("sh-1:", "xx-1:"), "stores.xx-1"),
        (SERVICE.replace("mon-fri 10", "mon-fry 10"), "stores.sh-1.week"),
        (SERVICE.replace("ahead: 7d", "ahead: 100d"), "ahead"),
        (SERVICE.replace("minutes", "minute"), "minute"),
    ):
        said = salon.story.ask("PUT", "/api/v1/slots", {"text": wrong, "by": "ana"})
        assert said.status_code == 400
        assert [one["where"] for one in said.json()["problems"]] == [where]
    assert salon.story.ask("POST", "/api/v1/slots/bookings/xx/keep", {"by": "a"}).status_code == 404
    assert salon.story.ask("GET", "/api/v1/slots").json()["services"][0]["text"] == SERVICE


def test_a_guide_sees_their_own_stores_bookings_alone(salon: Salon) -> None:
    salon.does("book", at=TEN)
    (one,) = salon.day()
    people = People(salon.story.app, salon.story.http.base_url)
    mine, other = people.signed_in("guide-1"), people.signed_in("guide-9")
    path = "slots/bookings?store=hz-1&day=2026-11-21"
    keep = f"slots/bookings/{one['code']}/keep"

    assert len(mine.ask("GET", path).json()["bookings"]) == 1
    assert other.status("GET", path) == 404
    assert other.status("POST", keep, {}) == 404
    assert mine.status("POST", keep, {}) == 200
    visited = salon.story.facts("select data::jsonb -> 'd' ->> 'staff' from event"
                                " where kind = 'store.visited'")  # fmt: skip
    assert visited == [("guide-1",)]
    people.close()


def test_bookings_go_with_their_customer(salon: Salon) -> None:
    salon.does("book", at=TEN)
    salon.story.add("wmANNA")
    salon.story.tick()
    salon.story.tell("customer.identified", {}, {"external_userid": "wmANNA", "phone": PHONES[0]})
    salon.story.tick()

    (who,) = salon.story.customers("wmANNA", "external_userid")
    assert [one["customer"] for one in salon.day()] == [who]
    assert "2026-11-21 周六 10:00" in salon.page()


def test_the_commands_do_the_same(salon: Salon, tmp_path) -> None:
    file = tmp_path / "service.yaml"
    file.write_text(SERVICE.replace("minutes: 30", "minutes: 60"), "utf-8")
    assert "hz-1, sh-1" in salon.story.siyu("slots", "set", file, "--by", "ana").output
    assert "minutes: 60" in salon.story.siyu("slots", "list").output
    salon.does("book", at=TEN)
    (one,) = salon.day()
    said = salon.story.siyu("slots", "day", "hz-1", "--on", "2026-11-21", "--json").output
    assert one["code"] in said
    assert salon.story.siyu("slots", "day", "hz-1", "--on", "x").exit_code != 0
    assert salon.story.siyu("slots", "miss", one["code"], "--by", "ana").exit_code != 0
    assert "kept" in salon.story.siyu("slots", "keep", one["code"], "--by", "ana").output
