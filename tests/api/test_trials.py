"""A journey's messages on one's own phone: real, marked, at most once, and counted nowhere."""

from __future__ import annotations

import json
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx
import pytest
from PIL import ImageFont

from siyu.content.render.poster import Face
from siyu.outbox import sweep
from siyu.outbox.model import Asked, Found, Message, Result, Stopped

TESTS = "/api/v1/journeys/cascade/tests"
PHONE = "13711112222"
BY = {"by": "ana"}


@pytest.fixture
def zhou(story) -> Any:
    """A story in which guide-1 has said where they are reached."""
    _reach(story, PHONE)
    return story


def _reach(story: Any, value: str, kind: str = "phone", who: str = "guide-1") -> httpx.Response:
    return story.ask("PUT", f"/api/v1/staff/{who}/addresses/{kind}", {**BY, "value": value})


def _ask(story: Any, **more: Any) -> httpx.Response:
    return story.ask("POST", TESTS, {"to": "guide-1", **BY, **more})


def _states(story: Any) -> list[tuple[str, str, str]]:
    found = story.read(TESTS)["tests"]
    return [(one["step"], one["state"], one["reason"]) for one in reversed(found)]


def _costs(story: Any) -> list[tuple[Any, ...]]:
    return story.facts(
        "select cause, kind, journey, step, customer_id, amount_minor from ledger_entry order by id"
    )


def _uncounted(story: Any) -> None:
    for table in ("touch", "visit", "customer", "ruling", "quota_use", "holdout", "promise"):
        assert story.facts(f"select count(*) from {table}") == [(0,)], table


def test_every_message_of_a_journey_comes_marked_and_counts_nowhere(zhou) -> None:
    asked = _ask(zhou)
    zhou.tick()

    assert [one["state"] for one in asked.json()["tests"]] == ["owed", "owed"]
    sms, call = zhou.got(PHONE)
    assert (sms.step, sms.channel, call.step, call.channel) == ("sms", "sms", "call", "voice_ai")
    assert all(one.text.startswith("[测试] ") for one in (sms, call))
    assert "花间" in sms.text
    assert "面膜" in sms.text  # of the offer that the text promises before it
    assert sms.link.endswith("/test")
    assert _states(zhou) == [("sms", "sent", ""), ("call", "sent", "")]
    segments = zhou.facts("select segments from trial where step = 'sms'")[0][0]
    assert _costs(zhou) == [("trial", "sms_segment", "", "test", None, 5 * segments)]
    _uncounted(zhou)
    assert ("ana", "journey.test", "cascade", "to guide-1: sms, call") in zhou.facts(
        "select actor, action, object, reason from audit"
    )
    zhou.go(hours=2)
    assert len(zhou.got(PHONE)) == 2


def test_receipts_of_a_test_are_about_nobody_and_a_call_costs(zhou) -> None:
    _ask(zhou, step="call")
    zhou.tick()
    (call,) = zhou.got(PHONE)
    for number in range(2):
        receipts = [
            {"id": call.token, "kind": "call", "at": zhou.now.isoformat(), "seconds": 61,
             "receipt_id": f"c{number}", "answered": True, "intent": "A"},
            {"id": call.token, "kind": "clicked", "at": zhou.now.isoformat(),
             "receipt_id": f"k{number}"},
        ]  # fmt: skip
        assert {one["status"] for one in zhou.receipts(receipts)} == {"accepted"}
    zhou.go(minutes=1)

    assert _costs(zhou) == [("trial", "call_minute", "", "test", None, 24)]
    assert zhou.facts("select count(*) from event_pending") == [(0,)]
    _uncounted(zhou)


def test_a_text_that_is_not_published_is_tried_in_another_language(zhou) -> None:
    text = zhou.read("/api/v1/journeys/cascade")["text"].replace("invite-sms", "invite-call")
    other = text.replace("journey: cascade", "journey: other")

    tried = _ask(zhou, text=text, locale="en", step="sms").json()["tests"]
    foreign = _ask(zhou, text=other)
    broken = _ask(zhou, text="journey: cascade")

    assert [(one["material"], one["text"][:7]) for one in tried] == [("invite-call", "[Test] ")]
    assert (foreign.status_code, broken.status_code) == (400, 400)
    assert "the text of other" in foreign.json()["detail"]
    assert broken.json()["problems"]


def test_quiet_hours_do_not_apply(zhou) -> None:
    zhou.go(hours=14)  # two at night in Shanghai

    _ask(zhou, step="sms")
    zhou.tick()

    assert zhou.steps(PHONE) == ["sms"]


def test_the_same_key_asks_once(zhou) -> None:
    headers = {
        "Authorization": f"Bearer {zhou.app.settings.api_key}", "Idempotency-Key": "try-17",
    }  # fmt: skip
    body = {"to": "guide-1", "step": "sms", **BY}

    first, again = (zhou.http.post(TESTS, json=body, headers=headers) for _ in range(2))
    zhou.tick()

    assert first.status_code == 200, first.text
    assert (again.json(), again.headers["Idempotency-Replayed"]) == (first.json(), "true")
    assert zhou.steps(PHONE) == ["sms"]


@pytest.mark.parametrize("scope", ["all", "channel:sms", "journey:cascade"])
def test_a_pause_refuses_in_words_and_holds_until_the_last_moment(zhou, scope: str) -> None:
    _ask(zhou, step="sms")
    zhou.ask("POST", "/api/v1/pause", {**BY, "scope": scope})

    refused = _ask(zhou, step="sms")
    zhou.tick()
    zhou.ask("POST", "/api/v1/resume", {**BY, "scope": scope})
    zhou.go(minutes=5)

    assert (refused.status_code, refused.json()["code"]) == (409, "paused")
    assert f"siyu resume {scope}" in refused.json()["detail"]
    assert _states(zhou) == [("sms", "withheld", "paused")]
    assert zhou.got(PHONE) == []
    assert _costs(zhou) == []


def test_what_nobody_sent_within_the_hour_does_not_come_later(zhou) -> None:
    _ask(zhou, step="sms")

    zhou.go(hours=1, without=["trial"])
    zhou.tick()

    assert _states(zhou) == [("sms", "withheld", "too_late")]
    assert zhou.got(PHONE) == []


@pytest.mark.parametrize(
    ("fault", "state", "came", "cost"),
    [
        ("fail after effect", "unknown", 1, True),
        ("hang up after effect", "unknown", 1, True),
        ("fail", "unknown", 0, True),
        ("busy", "failed", 0, False),
        ("refuse", "failed", 0, False),
    ],
)
def test_an_answer_that_is_lost_is_never_asked_for_by_sending_again(
    zhou, fault: Any, state: str, came: int, cost: bool
) -> None:
    zhou.provider.faults.append(fault)

    _ask(zhou, step="sms")
    zhou.go(hours=3)

    assert zhou.provider.requests == 1
    assert len(zhou.got(PHONE)) == came
    assert [one[:2] for one in _states(zhou)] == [("sms", state)]
    assert bool(sum(one[-1] for one in _costs(zhou))) is cost


class _Dies:
    """A channel in whose hands the process ends."""

    def send(self, messages: Sequence[Message]) -> list[Result]:
        raise KeyboardInterrupt(len(messages))

    def cancel(self, asked: Sequence[Asked]) -> list[Stopped]:
        return [Stopped(one.token) for one in asked]

    def reconcile(self, asked: Sequence[Asked]) -> list[Found]:
        return [Found(one.token, "unknown") for one in asked]


def test_a_process_that_dies_while_sending_leaves_nothing_to_be_sent(zhou) -> None:
    _ask(zhou, step="sms")

    with pytest.raises(KeyboardInterrupt):
        sweep.trial(zhou.app.db, {"sms": _Dies()}, zhou.app.context, zhou.now)
    zhou.go(minutes=5)

    assert _states(zhou) == [("sms", "unknown", "no answer")]
    assert zhou.got(PHONE) == []


class _Carries(_Dies):
    """A channel that takes whatever it is given."""

    def __init__(self) -> None:
        self.messages: list[Message] = []

    def send(self, messages: Sequence[Message]) -> list[Result]:
        self.messages += messages
        return [Result(one.token, "accepted") for one in messages]


DOOR = """\
- code: door
  channel: wecom_message
  kind: poster
  title: 到店
  variables: {shop: link}
  links: {shop: "https://shop.example/spring"}
  zh: 周末到店有礼
  en: A gift at the shop this weekend
  colour: "#c8102e"
  heading: {zh: 周末到店, en: Come this weekend}
"""


def test_a_poster_that_can_not_be_drawn_is_not_tried_as_words_alone(zhou) -> None:
    wecom = _Carries()
    _reach(zhou, "wm-guide-1", "external_userid")
    assert zhou.ask("POST", "/api/v1/materials", {**BY, "text": DOOR}).status_code == 200
    text = zhou.read("/api/v1/journeys/cascade")["text"]
    text = text.replace("material: invite-sms", "material: door", 1)
    text = text.replace("channel: sms", "channel: wecom_message", 1)
    fonts = [None, Face("latin", ImageFont.load_default)]  # pyright: ignore[reportArgumentType]

    for face in fonts:
        assert _ask(zhou, text=text, step="sms").status_code == 200
        ctx = zhou.app.context._replace(face=lambda face=face: face)
        sweep.trial(zhou.app.db, {"wecom_message": wecom}, ctx, zhou.now)

    assert _states(zhou) == [("sms", "failed", "no_font"), ("sms", "sent", "")]
    assert [one.attachment is not None for one in wecom.messages] == [True]


def test_two_workers_send_it_once(zhou) -> None:
    for _ in range(10):
        _ask(zhou, step="sms")
    app = zhou.app

    with ThreadPoolExecutor(4) as pool:
        runs = [
            pool.submit(sweep.trial, app.db, app.channels, app.context, zhou.now, limit=3)
            for _ in range(8)
        ]
        did = sum(run.result() for run in runs)

    zhou.tick()
    assert did <= 10
    assert len(zhou.got(PHONE)) == 10
    assert zhou.provider.repeated == []


@pytest.mark.parametrize(
    ("asked", "status", "words"),
    [
        ({"to": "nobody"}, 404, "nobody"),
        ({"to": "g2"}, 409, "siyu staff phone g2"),
        ({"to": "gone"}, 409, "not active"),
        ({"step": "request"}, 404, "steps that send: sms, call"),
    ],
)
def test_what_can_not_go_out_is_refused_in_words(
    zhou, asked: dict[str, str], status: int, words: str
) -> None:
    for who, active in (("g2", True), ("gone", False)):
        body = {**BY, "name": "Bo", "role": "guide", "active": active}
        assert zhou.ask("PUT", f"/api/v1/staff/{who}", body).status_code == 200

    refused = _ask(zhou, **asked)

    assert (refused.status_code, words in refused.json()["detail"]) == (status, True), refused.text
    assert zhou.read(TESTS) == {"tests": []}


def test_a_material_that_is_missing_or_says_what_nothing_gives_names_its_step(zhou) -> None:
    text = zhou.read("/api/v1/journeys/cascade")["text"]
    missing = _ask(zhou, text=text.replace("material: invite-sms", "material: nothing"))
    linkless = _ask(zhou, text=text.replace(", code: new-orders/sms", ""))

    (first,) = missing.json()["problems"]
    (second,) = linkless.json()["problems"]
    assert (first["where"], "'nothing'" in first["why"]) == ("sms", True)
    assert (second["where"], "link" in second["why"]) == ("sms", True)


def test_a_phone_is_masked_replaced_and_forgotten(story) -> None:
    for value in (PHONE, "13733334444", PHONE):  # also back again
        assert _reach(story, value).status_code == 200
    _reach(story, "wm-guide-1", "external_userid")
    listed = story.ask("GET", "/api/v1/staff").text
    _ask(story, step="sms")
    story.tick()

    (shown,) = json.loads(listed)["staff"]
    assert shown["reached"] == {"phone": "137****2222", "external_userid": "****"}
    assert (PHONE in listed, "wm-guide" in listed) == (False, False)
    assert len(story.got(PHONE)) == 1
    assert story.facts("select count(*) from vault_item") == [(2,)]
    assert story.facts("select count(*) from vault_lookup") == [(0,)]  # nobody's customer
    _ask(story, step="sms")
    _reach(story, "")
    story.tick()
    assert _states(story)[-1] == ("sms", "failed", "no_address")
    assert _ask(story, step="sms").status_code == 409
    assert story.facts("select count(*) from vault_item") == [(1,)]
    assert _reach(story, "12").status_code == 400
    assert _reach(story, PHONE, who="nobody").status_code == 404
    audited = story.ask("GET", "/api/v1/audit").text
    assert ("staff.address" in audited, PHONE in audited) == (True, False)
