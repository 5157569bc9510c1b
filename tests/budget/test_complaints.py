"""While a complaint is open nothing promotes, from that moment on; all else goes on."""

from __future__ import annotations

from typing import Any

from siyu.budget import actions, views

Bureau = Any


def complains(bureau: Bureau, number: int, *, opened: bool = True, about: str = "K1") -> None:
    kind = "complaint.opened" if opened else "complaint.closed"
    bureau.tell((kind, {"complaint": about}, {"phone": bureau.phone(number)}))
    bureau.clock.advance(minutes=1)


def holds(bureau: Bureau, customer: int) -> list[str]:
    with bureau.db.transaction() as conn:
        return [one.reason for one in views.suppressions_of(conn, customer)]


def test_a_complaint_stays_open_until_the_last_of_a_person_is_settled(bureau: Bureau) -> None:
    one, other = bureau.buyers(2)
    complains(bureau, 1)
    complains(bureau, 2, about="K2")
    bureau.marry(1, 2)
    assert holds(bureau, min(one, other)) == ["open_complaint"]

    complains(bureau, 1, opened=False)
    assert holds(bureau, min(one, other)) == ["open_complaint"]
    complains(bureau, 1, opened=False, about="K2")  # by another key than it came by
    assert holds(bureau, min(one, other)) == []
    complains(bureau, 2, about="K2")
    assert holds(bureau, min(one, other)) == ["open_complaint"]


def test_a_complaint_stops_what_was_allowed_already(bureau: Bureau) -> None:
    (customer,) = bureau.buyers(1)
    (promotion,) = bureau.wish([customer], purpose="promotion")
    (service,) = bureau.wish([customer], purpose="service", node="s")
    bureau.rule()
    assert bureau.touch(promotion).state == "owed"

    complains(bureau, 1)

    assert (bureau.touch(promotion).state, bureau.touch(promotion).reason) == (
        "withheld",
        "open_complaint",
    )
    assert bureau.touch(service).state == "owed"


def test_a_complaint_holds_promotion_until_it_is_settled(bureau: Bureau) -> None:
    (customer,) = bureau.buyers(1)
    complains(bureau, 1)
    with bureau.db.transaction() as conn:
        actions.suppress(conn, [(customer, "voice", "do_not_call", None)], bureau.now)
    (promotion,) = bureau.wish([customer], purpose="promotion")
    (service,) = bureau.wish([customer], purpose="service", node="s")
    bureau.rule()
    assert bureau.touch(promotion).reason == "open_complaint"
    assert bureau.touch(service).state == "owed"

    complains(bureau, 1, opened=False)
    assert holds(bureau, customer) == ["do_not_call"]
    (again,) = bureau.wish([customer], purpose="promotion", node="again")
    bureau.rule()
    assert bureau.touch(again).state == "owed"
