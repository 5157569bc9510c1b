"""One customer over HTTP: what is known of them, and their own word on being contacted."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest

from siyu.staff.views import audited

PREFIX = "/api/v1/customers"
PHONE = "13800000001"


@pytest.fixture
def customer(story: Any) -> str:
    """A buyer who has a phone, an account of a shop and a birthday, and said nothing yet."""
    keys = {"phone": PHONE, "buyer": "tmall/b7"}
    born = {"name": "birthday", "month": 2, "day": 29, "calendar": "lunar"}
    wed = {"name": "wedding", "month": 5, "day": 1}
    story.send([story.event("profile.dated", data, keys) for data in (born, wed)])
    story.tick()
    (found,) = story.customers(PHONE)
    return found


def test_dates_are_shown_as_month_and_day_with_their_calendar(story: Any, customer: str) -> None:
    keys = {"buyer": "tmall/b7"}
    story.tell("profile.dated", {"name": "wedding", "month": 10, "day": 1}, keys)
    story.tick()

    assert story.read(f"{PREFIX}/{customer}")["dates"] == [
        {"name": "birthday", "day": "02-29", "calendar": "lunar"},
        {"name": "wedding", "day": "10-01", "calendar": "solar"},
    ]


FORM = {
    "state": "given", "channels": ["sms", "voice"], "purposes": ["promotion"], "basis": "consent",
    "evidence": "form 2026-11-20/17", "by": "ana",
}  # fmt: skip
STOP = {"state": "withdrawn", "channels": ["sms"], "evidence": "said so in the store", "by": "bo"}


def _say(story: Any, customer: str, **word: object) -> Any:
    answer = story.ask("POST", f"{PREFIX}/{customer}/consents", word)
    story.tick()
    return answer


def _consents(story: Any, customer: str) -> dict[tuple[str, str], tuple[str, str, str]]:
    rows = story.read(f"{PREFIX}/{customer}/consents")["consents"]
    return {
        (one["channel"], one["purpose"]): (one["state"], one["basis"], one["evidence"])
        for one in rows
    }


def test_a_consent_is_told_as_a_fact_under_the_phone_and_audited(story: Any, customer: str) -> None:
    answer = _say(story, customer, **FORM)

    assert answer.status_code == 200, answer.text
    given = ("given", "consent", FORM["evidence"])
    assert _consents(story, customer) == dict.fromkeys(
        [("sms", "promotion"), ("voice", "promotion")], given
    )
    keys = {key["key"]: key["kind"] for key in story.read(f"{PREFIX}/{customer}")["known_by"]}
    assert keys[answer.json()["key"]] == "phone"
    assert answer.json()["customer"] == customer
    told = "select count(*) from event where kind = 'consent.given' and source = 'siyu'"
    assert story.facts(told) == [(1,)]
    with story.app.db.transaction() as conn:
        (line,) = audited(conn)
    assert (line.actor, line.action, line.object) == ("ana", "consent.given", customer)
    assert line.reason == f"sms, voice for promotion: {FORM['evidence']}"


def test_a_withdrawal_that_names_no_purpose_is_of_all(story: Any, customer: str) -> None:
    _say(story, customer, **FORM)
    story.go(minutes=1)
    answer = _say(story, customer, **STOP)

    assert answer.status_code == 200, answer.text
    gone = ("withdrawn", "", STOP["evidence"])
    purposes = ("order_invitation", "promotion", "service")
    assert _consents(story, customer) == {
        ("voice", "promotion"): ("given", "consent", FORM["evidence"]),
        **{("sms", purpose): gone for purpose in purposes},
    }


def test_the_same_word_of_the_same_time_is_told_once(story: Any, customer: str) -> None:
    for channels in (["sms", "voice"], ["voice", "sms", "sms"]):
        assert _say(story, customer, **{**FORM, "channels": channels}).status_code == 200
    _say(story, customer, **STOP)  # another word of that time is another fact

    assert story.facts("select count(*) from event where source = 'siyu'") == [(2,)]
    assert _consents(story, customer)["sms", "promotion"][0] == "withdrawn"


def test_an_older_form_that_is_written_down_later_brings_nothing_back(
    story: Any, customer: str
) -> None:
    yesterday = (story.now - timedelta(days=1)).isoformat()
    _say(story, customer, **STOP)
    story.go(minutes=1)
    answer = _say(story, customer, **FORM, said_at=yesterday)

    assert datetime.fromisoformat(answer.json()["said_at"]) == datetime.fromisoformat(yesterday)
    states = {place: said[0] for place, said in _consents(story, customer).items()}
    assert states["sms", "promotion"] == "withdrawn"
    assert states["voice", "promotion"] == "given"


def test_a_word_about_wecom_is_kept_under_the_account(story: Any, customer: str) -> None:
    story.tell("friend.added", {"staff": "guide-1"}, {"phone": PHONE, "external_userid": "wm-1"})
    story.tick()
    found = _say(story, customer, **{**FORM, "channels": ["wecom"]}).json()

    keys = {key["key"]: key["kind"] for key in story.read(f"{PREFIX}/{customer}")["known_by"]}
    assert keys[found["key"]] == "external_userid"


@pytest.mark.parametrize(
    ("change", "status", "said"),
    [
        ({"basis": None}, 400, "basis"),
        ({"evidence": " "}, 400, "evidence"),
        ({"evidence": f"her {PHONE[:3]} {PHONE[3:7]}-{PHONE[7:]}"}, 400, "evidence"),
        ({"evidence": "two\nlines"}, 400, "evidence"),
        ({"purposes": []}, 400, "purposes"),
        ({"channels": []}, 400, "channels"),
        ({"state": "withdrawn"}, 400, "basis"),
        ({"said_at": "2030-01-01T00:00:00Z"}, 400, "said_at"),
        ({"channels": ["fax"]}, 422, "channels"),
        ({"state": "maybe"}, 422, "state"),
    ],
)
def test_a_word_that_cannot_be_kept_is_refused_and_changes_nothing(
    story: Any, customer: str, change: dict[str, object], status: int, said: str
) -> None:
    answer = _say(story, customer, **{**FORM, **change})

    assert (answer.status_code, answer.headers["content-type"]) == (
        status,
        "application/problem+json",
    )
    assert [said in problem["where"] for problem in answer.json()["problems"]] == [True]
    assert PHONE[3:7] not in answer.text
    assert _consents(story, customer) == {}
    with story.app.db.transaction() as conn:
        assert audited(conn) == []


def test_nobody_consents_who_is_not_there(story: Any, customer: str) -> None:
    nobody = story.app.ids.encode("cus", 999)
    path = f"{PREFIX}/{customer}/consents"

    assert _say(story, nobody, **FORM).status_code == 404
    assert _say(story, "cus_x", **FORM).status_code == 404
    assert story.http.post(path, json=FORM).status_code == 401


def test_who_was_merged_speaks_for_the_customer_who_stays(story: Any, customer: str) -> None:
    story.send([story.event("customer.identified", {}, {"buyer": "tmall/b8"})])
    story.tick()
    (other,) = story.customers("tmall/b8", "buyer")
    story.ask("POST", f"{PREFIX}/{customer}/merge", {"other": other, "by": "ana", "why": ""})
    story.tick()

    assert _say(story, other, **FORM).json()["customer"] == customer
    assert ("sms", "promotion") in _consents(story, customer)
