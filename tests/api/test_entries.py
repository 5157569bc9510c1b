"""Customers let in by hand over HTTP: each gets an answer, and nobody comes in twice."""

from __future__ import annotations

from typing import Any

import pytest

from siyu.staff.views import audited

ENTRIES = "/api/v1/journeys/care/entries"
PHONE = "13800000001"
OTHER = "13800000002"
TEXT = """
journey: care
title: {zh: 关怀, en: Care}
steps:
  - {id: pause, wait: 5d}
  - {id: bye, exit: done}
"""


@pytest.fixture
def brand(story: Any) -> Any:
    """Two buyers, and a journey that nobody enters but by hand."""
    story.pay(story.order(), PHONE)
    story.pay(story.order(), OTHER)
    story.tick()
    answer = story.ask("POST", "/api/v1/journeys", {"text": TEXT, "by": "ana"})
    assert answer.status_code == 200, answer.text
    return story


def _ask(story: Any, *people: tuple[str, str], **more: Any) -> Any:
    named = [{"by": by, "value": value} for by, value in people]
    return story.ask("POST", ENTRIES, {"people": named, "by": "ana", **more})


def _orders(story: Any, phone: str) -> list[str]:
    return [one["order"] for one in story.explain(phone)["orders"]]


def test_each_is_told_what_became_of_them(brand: Any) -> None:
    (one,), (two,) = brand.customers(PHONE), brand.customers(OTHER)
    (order,) = _orders(brand, PHONE)
    nobody = brand.app.ids.encode("cus", 4711)

    answer = _ask(
        brand, ("order", order), ("phone", OTHER), ("customer", two), ("customer", one),
        ("order", "tmall-flagship/none"), ("phone", "13899999999"), ("customer", nobody),
        ("customer", "x"),
    )  # fmt: skip

    assert answer.status_code == 200, answer.text
    found = answer.json()["entries"]
    assert [(e["customer"], e["key"], e["outcome"]) for e in found[:4]] == [
        (one, order, "enrolled"),
        (two, "hand/2026-11-20", "enrolled"),
        (two, "hand/2026-11-20", "enrolled"),  # the same visit, named twice
        (one, "hand/2026-11-20", "enrolled"),
    ]
    assert found[1]["visit"] == found[2]["visit"] != found[3]["visit"]
    refused = ("", "", "refused", "", "unknown", "查无此人")
    assert [tuple(e.values()) for e in found[4:]] == [refused] * 4
    visits = brand.read("/api/v1/visits?journey=care")["visits"]
    assert {one["id"] for one in visits} == {one["visit"] for one in found if one["visit"]}
    with brand.app.db.transaction() as conn:
        (line, *_) = audited(conn)
    assert (line.actor, line.action, line.reason) == ("ana", "journey.start", "3 let in by hand")
    assert PHONE not in answer.text


def test_who_is_let_in_again_is_refused_until_the_next_day(brand: Any) -> None:
    assert _ask(brand, ("phone", PHONE)).json()["entries"][0]["outcome"] == "enrolled"
    again = _ask(brand, ("phone", PHONE)).json()["entries"]
    brand.go(days=1)
    later = _ask(brand, ("phone", PHONE)).json()["entries"]

    assert (again[0]["reason"], again[0]["visit"]) == ("known", "")
    assert (later[0]["key"], later[0]["outcome"]) == ("hand/2026-11-21", "enrolled")


def test_a_visit_about_a_phone_hangs_on_that_phone(brand: Any) -> None:
    _ask(brand, ("phone", PHONE))

    told = """
      select i.kind from visit v join identity i on i.id = v.identity_id where v.key like 'hand/%'
    """
    assert brand.facts(told) == [("phone",)]


@pytest.mark.parametrize(
    ("people", "status", "words"),
    [
        ([("phone", PHONE), ("phone", "12")], 400, "person 2"),
        ([], 422, "people"),
        ([("name", "x")], 422, "by"),
    ],
)
def test_what_cannot_be_read_lets_nobody_in(
    brand: Any, people: list[tuple[str, str]], status: int, words: str
) -> None:
    answer = _ask(brand, *people)

    assert (answer.status_code, words in answer.text) == (status, True), answer.text
    assert brand.read("/api/v1/visits?journey=care")["visits"] == []


def test_above_the_limits_it_is_refused_and_an_unknown_journey_is_said(brand: Any) -> None:
    limits = {"above_people": 1, "by": "olga"}
    assert brand.ask("PUT", "/api/v1/approvals/limits", limits).status_code == 200

    above = _ask(brand, ("phone", PHONE), ("phone", OTHER))
    body = {"people": [{"by": "phone", "value": PHONE}], "by": "ana"}
    nowhere = brand.ask("POST", "/api/v1/journeys/nothing/entries", body)

    assert (above.status_code, "one person may not decide" in above.text) == (409, True), above.text
    assert (nowhere.status_code, "is published" in nowhere.text) == (404, True)


def test_a_write_that_is_asked_twice_lets_in_once(brand: Any) -> None:
    key = brand.app.settings.api_key
    headers = {"Authorization": f"Bearer {key}", "Idempotency-Key": "crm-17"}
    body = {"people": [{"by": "phone", "value": PHONE}], "by": "ana"}

    first, second = (brand.http.post(ENTRIES, json=body, headers=headers) for _ in range(2))

    assert first.json()["entries"][0]["outcome"] == "enrolled"
    assert second.json() == first.json()


def test_parked_visits_are_taken_up_again_by_name_or_by_journey(brand: Any) -> None:
    _ask(brand, ("phone", PHONE), ("phone", OTHER))
    with brand.app.db.transaction() as conn:
        park = "update visit set state = 2, due_at = null, error = 'x' where key like 'hand/%'"
        conn.execute(park)
    listed = "/api/v1/visits?state=parked"
    first, second = (one["id"] for one in brand.read(listed)["visits"])
    retry = "/api/v1/visits/retry"

    named = brand.ask("POST", retry, {"by": "ana", "visits": [first]})
    assert (named.status_code, named.json()) == (200, {"retried": 1}), named.text
    assert [one["id"] for one in brand.read(listed)["visits"]] == [second]
    assert brand.ask("POST", retry, {"by": "ana", "visits": []}).json() == {"retried": 0}
    assert brand.ask("POST", retry, {"by": "ana", "visits": ["x"]}).status_code == 404
    assert brand.ask("POST", retry, {"by": "ana", "journey": "care"}).json() == {"retried": 1}
    assert brand.read(listed)["visits"] == []
    with brand.app.db.transaction() as conn:
        (line, *_) = audited(conn)
    assert (line.actor, line.action, line.object) == ("ana", "journey.retry", "care")
