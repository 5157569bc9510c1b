"""Offers over HTTP: reserved, committed, given back, listed, and their codes."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from siyu.offers import actions as offers
from siyu.offers.model import Offer, Prize, Terms

BASE = "/api/v1/offers"
TITLE = {"zh": "权益", "en": "offer"}


def an_offer(code: str, kind: Any = "sample", **terms: Any) -> Offer:
    return Offer(code, TITLE, 900, "S", None, kind, Terms(**terms))


@pytest.fixture
def people(story) -> list[str]:
    """Three customers, and some offers for them."""
    made = [
        an_offer("sample", pieces=2),
        an_offer("pool", "coupon", codes="pool"),
        an_offer("box", "blind_box", prizes=(Prize("BEAR", 1, 1), Prize("CAT", 1, 1))),
    ]
    with story.app.db.transaction() as conn:
        offers.install(conn, made, "own")
    story.send([story.paid(f"O{n}", f"1380000000{n}") for n in range(3)])
    story.tick()
    return [story.customers(f"1380000000{n}")[0] for n in range(3)]


def post(story, path: str, body: Any) -> Any:
    answer = story.ask("POST", f"{BASE}/{path}", body)
    assert answer.status_code == 200, answer.text
    return answer.json()


def ids(answers: Any) -> list[str]:
    return [one["id"] for one in answers["answers"] if one["id"]]


def upload(story, path: str, text: str) -> httpx.Response:
    bearer = {"Authorization": f"Bearer {story.app.settings.api_key}"}
    return story.http.post(f"{BASE}/{path}", content=text.encode(), headers=bearer)


def test_pieces_are_reserved_committed_and_given_back(story, people: list[str]) -> None:
    asks = [{"key": f"k{n}", "customer": one} for n, one in enumerate([*people, "cus_nobody"])]

    batch = post(story, "sample/reservations", {"asks": asks})
    single = post(story, "sample/reservations", asks[0])

    assert [(one["status"], one["state"] or one["reason"]) for one in batch["answers"]] == [
        ("reserved", "held"), ("reserved", "held"), ("refused", "out"), ("refused", "unknown"),
    ]  # fmt: skip
    assert batch["answers"][2]["words"] == "all pieces are taken"
    assert single["answers"] == batch["answers"][:1]
    first, second = ids(batch)
    committed = post(story, "sample/reservations/commit", {"reservations": [first]})
    released = post(story, "sample/reservations/release", {"reservations": [second]})
    assert (committed["answers"][0]["key"], committed["answers"][0]["state"]) == ("k0", "committed")
    assert released["answers"][0]["reason"] == "released"
    row = story.read(f"{BASE}/sample")
    assert row["allotted"] == [
        {"part": "", "pieces": 2, "taken": 1, "budget_minor": None, "spent_minor": 0}
    ]
    assert (row["held"], row["committed"], row["liability_minor"]) == (0, 1, 250)


def test_what_is_no_reservation_of_the_offer_moves_nothing(story, people: list[str]) -> None:
    (held,) = ids(post(story, "sample/reservations", {"key": "k", "customer": people[0]}))

    for path, named in (("pool", [held]), ("sample", [held, "prm_none"])):
        refused = story.ask("POST", f"{BASE}/{path}/reservations/commit", {"reservations": named})
        assert (refused.status_code, refused.json()["code"]) == (400, "bad_input")
    assert story.read(f"{BASE}/sample")["held"] == 1
    unknown = story.ask("POST", f"{BASE}/nothing/reservations", {"key": "k", "customer": people[0]})
    assert unknown.status_code == 404


def test_held_pieces_go_back_by_themselves(story, people: list[str]) -> None:
    ask = {"key": "k", "customer": people[0]}
    post(story, "sample/reservations", ask)

    story.go(minutes=16)

    assert story.read(f"{BASE}/sample")["allotted"][0]["taken"] == 0
    assert post(story, "sample/reservations", ask)["answers"][0]["state"] == "lapsed"


def test_codes_come_from_a_file_and_lead_to_whom_they_were_given(story, people: list[str]) -> None:
    file = "券码\nCODE-1\nCODE-1\n\u7801\nCODE-2\n"
    brought = upload(story, "pool/codes?by=ana", file).json()
    asks = [{"key": f"k{n}", "customer": one, "commit": True} for n, one in enumerate(people)]

    answers = post(story, "pool/reservations", {"asks": asks})["answers"]

    assert (brought["new"], brought["known"]) == (2, 0)
    assert [(one["line"], one["field"]) for one in brought["refused"]] == [(3, "券码"), (4, "券码")]
    assert "CODE" not in str(brought)
    assert [one["code"] for one in answers] == ["CODE-1", "CODE-2", None]
    found = post(story, "pool/codes/find", {"code": "CODE-2"})
    assert (found["id"], found["state"]) == (answers[1]["id"], "committed")
    assert story.read(f"{BASE}/pool/reservations/{found['id']}") == found
    other = story.ask("GET", f"{BASE}/sample/reservations/{found['id']}")
    assert other.status_code == 404
    assert story.ask("POST", f"{BASE}/pool/codes/find", {"code": "CODE-9"}).status_code == 404
    post(story, "pool/reservations/release", {"reservations": [answers[0]["id"]]})
    revoked = story.read(f"{BASE}/pool/codes/revoked")["codes"]
    assert [one["code"] for one in revoked] == ["CODE-1"]
    assert upload(story, "sample/codes?by=ana", file).status_code == 409


def test_how_much_is_given_changes_only_as_it_was_seen_and_never_below_what_is_taken(
    story, people: list[str]
) -> None:
    post(story, "box/reservations", {"key": "k", "customer": people[0]})
    (taken,) = [
        p["part"] for p in story.read(f"{BASE}/box")["allotted"] if p["part"] and p["taken"]
    ]

    def put(offer: str, **new: Any) -> int:
        body = {"by": "ana", **new}
        return story.ask("PUT", f"{BASE}/{offer}/allotment", body).status_code

    assert put("box", part=taken, pieces=5, was_pieces=1) == 200
    assert put("box", part=taken, pieces=6, was_pieces=1) == 409
    assert put("box", part=taken, pieces=0, was_pieces=5) == 409
    assert put("box", part="DOG", pieces=5) == 404
    assert put("pool", pieces=5, was_pieces=0) == 409
    rows = {one["code"]: one for one in story.read(BASE)["offers"]}
    assert {p["part"]: p["pieces"] for p in rows["box"]["allotted"]}[taken] == 5
    page = story.read("/api/v1/promises?offer=box")["promises"]
    assert [(one["kind"], one["part"], one["state"]) for one in page] == [
        ("blind_box", taken, "held")
    ]
