"""Our words and the provider's JSON are the same thing, and nobody can put more into it."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import get_args

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from siyu.connectors.calling import again
from siyu.connectors.webhook import wire
from siyu.content.model import called
from siyu.events.check import Parsed, parse
from siyu.events.model import Intent
from siyu.kernel.errors import BadInput
from siyu.kernel.sentence import Sentence
from siyu.outbox.model import Attachment, Message

NOW = datetime(2026, 11, 20, 4, tzinfo=UTC)
TEXT = st.text(st.characters(codec="utf-8"), max_size=30)
SAYABLE = st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Nd"]), max_size=30)
TOKEN = st.from_regex(r"tch_[0-9a-z]{13}", fullmatch=True)
MOMENTS = st.datetimes(datetime(2020, 1, 1), datetime(2026, 11, 20), timezones=st.just(UTC))  # noqa: DTZ001 - the strategy adds the zone
STATUSES = st.sampled_from(["accepted", "rejected", "retry"])
WHEREABOUTS = st.sampled_from(["delivered", "accepted", "absent", "unknown"])

MESSAGE = st.builds(
    Message, token=TOKEN, channel=TEXT, to=TEXT, text=TEXT, material=TEXT, step=TEXT, journey=TEXT,
    order_no=TEXT, shop=TEXT, customer=TEXT, staff=TEXT, valid_until=st.none() | MOMENTS, link=TEXT,
    attachment=st.none() | st.builds(Attachment, poster=st.none()),
)  # fmt: skip


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        ("120", 120),
        ("0", 0),
        ("Fri, 20 Nov 2026 04:02:00 GMT", 120),
        ("Fri, 20 Nov 2026 03:00:00 GMT", -3600),
        ("Fri, 20 Nov 2026 04:02:00 -0000", 120),
    ],
)
def test_when_to_ask_again_is_said_in_seconds_or_as_a_time(header: str, seconds: int) -> None:
    """The time is the provider's, which is real; ours may be the sandbox's."""
    ours = NOW + timedelta(days=400)

    assert again(header, ours, NOW) == ours + timedelta(seconds=seconds)


@pytest.mark.parametrize("header", ["", "soon", "-5", "1.5", "²", "9" * 10, "99999999999999999999"])
def test_what_says_no_time_is_none(header: str) -> None:
    assert again(header, NOW, NOW) is None


@given(st.text() | st.from_regex(r"\A\w{3}, \d+ \w{3} \d+ \d+:\d+:\d+ .*\Z"))
def test_no_header_breaks_the_answer(header: str) -> None:
    found = again(header, NOW, NOW)

    assert found is None or found.tzinfo is not None


CALL = st.fixed_dictionaries(
    {"answered": st.booleans()},
    optional={
        "seconds": st.integers(0, 86_400),
        "intent": st.sampled_from(get_args(Intent)),
        "outcome": SAYABLE,
        "labels": st.lists(SAYABLE, max_size=3),
    },
)


def a_receipt(**changed: object) -> dict[str, object]:
    receipt = {"id": "tch_1", "kind": "delivered", "at": "2026-11-20T10:00:05+08:00"}
    return {**receipt, "receipt_id": "r-1", **changed}


def read(*receipts: object) -> list[Parsed | str]:
    return [parse(one, "CN", NOW) for one in wire.incoming(json.dumps(receipts).encode())]


def said(parsed: Parsed) -> dict[str, object]:
    """What the payload says beyond its defaults."""
    found = msgspec.to_builtins(parsed.payload)
    return {name: value for name, value in found.items() if name != "type"}


@given(st.lists(MESSAGE, max_size=3))
def test_a_message_says_in_json_what_it_says_here(messages: list[Message]) -> None:
    said = json.loads(wire.written(messages))["messages"]

    assert [
        (
            one["id"], one["channel"], one["to"], one["text"], one["template"], one["link"],
            one["reference"],
            datetime.fromisoformat(one["valid_until"]) if "valid_until" in one else None,
        )
        for one in said
    ] == [
        (
            m.token, m.channel, m.to, m.text, called(m.material, m.variant), m.link,
            {"order_no": m.order_no, "shop": m.shop, "journey": m.journey, "step": m.step},
            m.valid_until,
        )
        for m in messages
    ]  # fmt: skip


def test_neither_customer_nor_staff_leave_the_house() -> None:
    message = Message(
        "tch_1", "sms", "to", "text", "material", "step", "journey", "order", "shop",
        "cus_of_ours", "li.na", None, "",
    )  # fmt: skip

    assert b"cus_of_ours" not in wire.written([message])
    assert b"li.na" not in wire.written([message])


@given(st.lists(st.tuples(TOKEN, STATUSES, SAYABLE, SAYABLE), max_size=4))
def test_an_answer_is_read_as_it_was_meant(answers: list[tuple[str, str, str, str]]) -> None:
    names = ("id", "status", "vendor_id", "reason")
    body = json.dumps({"results": [dict(zip(names, one, strict=True)) for one in answers]})

    assert [tuple(one)[:4] for one in wire.results(body.encode())] == answers


@given(st.lists(st.tuples(TOKEN, WHEREABOUTS), max_size=4), st.lists(TOKEN, max_size=4))
def test_what_a_provider_knows_is_read_as_it_was_meant(
    known: list[tuple[str, str]], cancelled: list[str]
) -> None:
    found = json.dumps({"found": [{"id": token, "status": status} for token, status in known]})

    assert [one[:2] for one in wire.found(found.encode())] == known
    assert wire.cancelled(json.dumps({"cancelled": cancelled}).encode()) == cancelled
    assert json.loads(wire.ids(cancelled)) == {"ids": cancelled}


def test_what_can_not_be_stored_is_left_out_of_a_providers_words() -> None:
    said = {"id": "t", "status": "rejected", "vendor_id": "v\0" * 200, "reason": "a\0b" * 200}

    result = wire.results(json.dumps({"results": [said]}).encode())[0]

    assert result.vendor_id == "v " * 100
    assert (len(result.reason), "\0" in result.reason) == (200, False)


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"[]",
        b"{}",
        b"<html>",
        b"\xff",
        b"[" * 5_000,
        b'{"results": [{"id": "t"}]}',
        b'{"results": [{"id": "t", "status": "perhaps"}]}',
    ],
)
def test_another_answer_is_no_answer(body: bytes) -> None:
    for decode in (wire.results, wire.found, wire.cancelled):
        with pytest.raises((msgspec.DecodeError, UnicodeDecodeError, RecursionError)):
            decode(body)


@given(TOKEN, st.sampled_from(["delivered", "read", "clicked"]), MOMENTS)
def test_a_receipt_becomes_the_event_that_it_tells_of(token: str, kind: str, at: datetime) -> None:
    parsed = read(a_receipt(id=token, kind=kind, at=at.isoformat(), receipt_id=f"r-{token}"))[0]

    ours = {"delivered": "touch.delivered", "read": "touch.read", "clicked": "link.clicked"}
    assert isinstance(parsed, Parsed)
    assert (parsed.source, parsed.id, parsed.kind, parsed.occurred_at, said(parsed)) == (
        "webhook", f"r-{token}", ours[kind], at, {"touch": token},
    )  # fmt: skip


@given(CALL)
def test_a_call_keeps_everything_that_was_told_of_it(call: dict[str, object]) -> None:
    parsed = read(a_receipt(kind="call", **call))[0]

    assert isinstance(parsed, Parsed)
    assert (parsed.kind, parsed.keys, parsed.person) == ("call.finished", (), ())
    told = {name: value for name, value in call.items() if value not in ("", 0, [])}
    assert said(parsed) == {"touch": "tch_1", "answered": call["answered"], **told}


def test_a_failure_keeps_its_reason_but_not_the_number_that_was_dialled() -> None:
    parsed = read(a_receipt(kind="failed", reason="empty number 138 0013 8000"))[0]

    assert isinstance(parsed, Parsed)
    assert said(parsed) == {"touch": "tch_1", "reason": "empty number …"}


def test_labels_and_outcome_of_a_call_lose_a_number_too() -> None:
    call = {"answered": True, "outcome": "call 13800138000", "labels": ["ok", "+8613800138000"]}

    parsed = read(a_receipt(kind="call", **call))[0]

    assert isinstance(parsed, Parsed)
    assert said(parsed) == {
        "touch": "tch_1", "answered": True, "outcome": "call …", "labels": ["ok", "…"],
    }  # fmt: skip


def test_a_provider_may_send_the_same_form_for_every_kind() -> None:
    everything = {"reason": "", "answered": False, "seconds": 0, "intent": "", "labels": []}

    assert isinstance(read(a_receipt(kind="delivered", **everything))[0], Parsed)


@pytest.mark.parametrize(
    ("bad", "why"),
    [
        ({"kind": "delivered"}, "id: 1 to 200 characters"),
        ({"id": None}, "data.touch: Expected str"),
        ({"id": ""}, "data.touch: "),
        ({"kind": "arrived"}, "kind: 'receipt.arrived' is not a kind of event that can be sent"),
        ({"kind": "order.paid"}, "kind: 'receipt.order.paid' is not a kind"),
        ({"kind": "touch.withdrawn"}, "kind: 'receipt.touch.withdrawn' is not a kind"),
        ({"kind": 5}, "kind: 'receipt.' is not a kind"),
        ({"at": "yesterday"}, "occurred_at: is not an ISO 8601 time"),
        ({"at": "2026-11-20T10:00:05"}, "occurred_at: has no offset"),
        ({"at": "2027-11-20T10:00:05Z"}, "occurred_at: lies more than a day in the future"),
        ({"at": 1_763_600_000}, "occurred_at: is not an ISO 8601 time"),
        ({"receipt_id": ""}, "id: 1 to 200 characters"),
        ({"receipt_id": "r\0"}, "id: 1 to 200 characters"),
        ({"receipt_id": 7}, "id: 1 to 200 characters"),
        ({"kind": "failed", "reason": 5}, "data.reason: Expected str, got int"),
        ({"kind": "failed", "reason": "a\0b"}, "data.reason: holds a NUL character"),
        ({"kind": "call"}, "data.answered: is missing"),
        ({"kind": "call", "answered": True, "seconds": -1}, "data.seconds: Expected int"),
        ({"kind": "call", "answered": True, "intent": "Z"}, "data.intent: has a value"),
        ({"kind": "call", "answered": True, "labels": "x"}, "data.labels: Expected array"),
        ({"colour": "red"}, "data.colour: is unknown"),
    ],
)
def test_a_bad_receipt_is_refused_by_its_field_and_the_others_are_taken(
    bad: dict[str, object], why: str
) -> None:
    wrong = bad if bad == {"kind": "delivered"} else a_receipt(**bad)

    first, refused, last = read(a_receipt(), wrong, a_receipt(receipt_id="r-2"))

    assert isinstance(first, Parsed)
    assert isinstance(last, Parsed)
    assert isinstance(refused, str)
    assert refused.startswith(why)


@pytest.mark.parametrize("item", [None, 5, "x", [], [[]], True])
def test_what_is_no_receipt_at_all_is_refused_in_its_place(item: object) -> None:
    refused, taken = read(item, a_receipt())

    assert isinstance(refused, str)
    assert isinstance(taken, Parsed)


@pytest.mark.parametrize("body", [b"", b"{}", b"null", b"[", b"\xff\xfe", b"[" * 100_000])
def test_a_body_that_is_no_array_is_refused_as_a_whole(body: bytes) -> None:
    with pytest.raises(BadInput, match="must be a JSON array"):
        wire.incoming(body)


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.floats() | TEXT,
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXT, inner, max_size=3),
        max_leaves=8,
    ).map(lambda item: json.dumps([item]).encode())
    | st.dictionaries(
        st.sampled_from(["id", "kind", "at", "receipt_id", "reason", "labels", "seconds"]),
        st.none() | TEXT | st.integers() | st.lists(TEXT, max_size=2) | st.just("failed"),
    ).map(lambda item: json.dumps([item]).encode())
)
def test_whatever_is_posted_gets_an_answer_per_item(body: bytes) -> None:
    try:
        items = wire.incoming(body)
    except BadInput:
        return
    assert [type(parse(item, "CN", NOW)) in (Parsed, Sentence) for item in items] == [True]
