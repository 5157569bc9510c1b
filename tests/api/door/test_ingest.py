"""README: whatever comes to the door for facts is refused in words or stored, nothing between."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from siyu.api.gather import MOST_ITEMS
from siyu.api.pressure import MOST_BYTES
from siyu.events.model import KEY_KINDS, KINDS, PERSON_FIELDS

ORDER = {"shop": "s", "order_no": "T1", "currency": "CNY", "total_minor": 100}
DEEP = 100_000


def _event(name: str, **more: Any) -> dict[str, Any]:
    return {
        "source": "shop", "id": name, "kind": "order.paid",
        "occurred_at": "2026-03-02T10:00:00+08:00", "keys": {"buyer": f"tmall/{name}"},
        "data": {**ORDER, "order_no": name},
    } | more  # fmt: skip


def _body(*events: object) -> bytes:
    return json.dumps({"events": events}).encode()


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"null",
        b"7",
        b'"events"',
        b"{}",
        b'{"events": null}',
        b'{"events": {}}',
        b'{"events": [}',
        b"[1, 2",
        b'{"events": ["\xe9\xe8"]}',
        '{"events": ["é"]}'.encode("utf-16"),
        b"\xff\xfe\x00",
        b"\x00",
        b"[" * DEEP,
        b'{"events": [' + b"[" * DEEP + b"]" * DEEP + b"]}",
        b'{"events": [' + b'{"a":' * DEEP + b"1" + b"}" * DEEP + b"]}",
    ],
    ids=lambda body: f"{body[:14]!r}"[2:-1],
)
def test_a_body_that_cannot_be_read_is_refused_whole(door, unchanged, body: bytes) -> None:
    for answer in (door.post(body), door.hook(body)):
        # A nesting that only an item has is the item's own matter.
        if answer.status_code == 200:
            assert {one["status"] for one in answer.json()["answers"]} == {"rejected"}
            continue
        assert answer.status_code == 400, answer.text
        assert answer.headers["content-type"] == "application/problem+json"
        assert answer.json()["detail"]


def test_without_the_right_signature_nothing_is_even_read(door, unchanged) -> None:
    body = _body(_event("unsigned"))
    right = door.signed(body)
    names = sorted(right)
    refused = {
        "none": {},
        "half": {names[0]: right[names[0]]},
        "other half": {names[1]: right[names[1]]},
        "another body": door.signed(_body(_event("other"))),
        "another secret": door.signed(body, "guessed"),
        "too old": door.signed(body, late=timedelta(minutes=6)),
        "too early": door.signed(body, late=timedelta(minutes=-6)),
        "not a time": {**right, "X-Siyu-Timestamp": "yesterday"},
        "a huge time": {**right, "X-Siyu-Timestamp": "9" * 400},
        "another alphabet": {**right, "X-Siyu-Timestamp": "\u0661".encode()},
        "not hex": {**right, "X-Siyu-Signature": b"\xff" * 64},
        "the API key instead": door.key,
    }
    for what, headers in refused.items():
        answer = door.post(body, headers)
        assert (answer.status_code, answer.json()["code"]) == (401, "bad_signature"), what
    assert door.hook(body, door.app.settings.ingest_secret).status_code == 401


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        (_event("w", kind="order.dreamt"), "order.dreamt"),
        (_event("w", kind="touch.withheld", data={"touch": "t", "reason": "r"}), ""),
        (_event("w", source="siyu"), "source"),
        (_event("w", source=""), "source"),
        (_event("", data=ORDER), "id"),
        (_event("w", id="a\x00b"), "id"),
        (_event("w", id="x" * 201), "id"),
        (_event("w", id=7), "id"),
        (_event("w", occurred_at="0000-01-01T00:00:00Z"), "occurred_at"),
        (_event("w", occurred_at="2026-02-30T00:00:00Z"), "occurred_at"),
        (_event("w", occurred_at="2999-01-01T00:00:00Z"), "occurred_at"),
        (_event("w", occurred_at="2026-03-02T10:00:00"), "occurred_at"),
        (_event("w", occurred_at=1772416800), "occurred_at"),
        (_event("w", data={**ORDER, "total_minor": -1}), "total_minor"),
        (_event("w", data={**ORDER, "total_minor": 10**18}), "total_minor"),
        (_event("w", data={**ORDER, "total_minor": 10**400}), ""),
        (_event("w", data={**ORDER, "total_minor": 1.5}), "total_minor"),
        (_event("w", data={**ORDER, "total_minor": "100"}), "total_minor"),
        (_event("w", data={**ORDER, "currency": "yuan"}), "currency"),
        (_event("w", data={**ORDER, "shop": "a\x00b"}), "shop"),
        (_event("w", data={**ORDER, "phone": "13800000001"}), "phone"),
        (_event("w", data={"shop": "s"}), "order_no"),
        (_event("w", data=[]), "data"),
        (_event("w", data=None), "data"),
        (_event("w", keys={"shoe": "44"}), "shoe"),
        (_event("w", keys={"phone": "12"}), "phone"),
        (_event("w", keys={"phone": "138****0001"}), "phone"),
        (_event("w", keys={"phone": "1380000\x000001"}), "phone"),
        (_event("w", keys={"buyer": ""}), "buyer"),
        (_event("w", keys=["phone"]), "keys"),
        (_event("w", person={"shoe_size": "44"}), "shoe_size"),
        (_event("w", person={"name": "林\x00"}), "name"),
        (_event("w", backfill=True), "backfill"),
        (_event("w", keys={}, person={"name": "林"}), ""),
        ("an event", ""),
        (None, ""),
        ([_event("w")], ""),
    ],
)
def test_a_wrong_item_is_rejected_by_name_and_its_neighbours_are_stored(
    door, wrong: Any, words: str, request: pytest.FixtureRequest
) -> None:
    before, test = door.events(), request.node.callspec.id
    answer = door.post(_body(_event(f"a/{test}"), wrong, _event(f"b/{test}")))

    assert answer.status_code == 200, answer.text
    first, middle, last = answer.json()["answers"]
    assert (first["status"], middle["status"], last["status"]) == (
        "accepted", "rejected", "accepted",
    )  # fmt: skip
    assert words in middle["reason"]
    assert middle["reason"]
    assert "13800000001" not in answer.text
    assert door.events() == before + 2


def test_text_of_another_encoding_is_refused_without_half_a_batch(door) -> None:
    before = door.events()
    good = json.dumps(_event("latin/ok")).encode()
    latin = json.dumps(_event("latin/no", person={"name": "M\xfcller"}), ensure_ascii=False)
    answer = door.post(b'{"events": [' + good + b", " + latin.encode("latin-1") + b"]}")

    stored = 0
    if answer.status_code == 200:  # per item
        assert [one["status"] for one in answer.json()["answers"]] == ["accepted", "rejected"]
        stored = 1
    else:
        assert answer.status_code == 400
    assert door.events() == before + stored


def test_an_item_of_a_thousand_storeys_is_rejected_alone(door) -> None:
    before = door.events()
    good = json.dumps(_event("deep/ok")).encode()
    deep = json.dumps(_event("deep/no")).encode()[:-1] + b', "x": ' + b"[" * 900 + b"]" * 900 + b"}"
    answer = door.post(b'{"events": [' + good + b", " + deep + b"]}")

    assert answer.status_code == 200, answer.text
    assert [one["status"] for one in answer.json()["answers"]] == ["accepted", "rejected"]
    assert door.events() == before + 1


def test_too_many_bytes_are_refused_while_they_come(door, unchanged) -> None:
    answer = door.post(b'{"events": [' + b" " * (9 * 1024 * 1024) + b"]}")

    assert MOST_BYTES < 9 * 1024 * 1024
    assert answer.status_code == 413
    assert answer.headers["content-type"] == "application/problem+json"


def test_too_many_items_are_refused_whole(door, unchanged) -> None:
    answer = door.post(b"[" + b",".join([b"1"] * (MOST_ITEMS + 1)) + b"]")

    assert answer.status_code == 413
    assert str(MOST_ITEMS) in answer.json()["detail"]


def test_an_id_that_comes_twice_is_stored_once(door) -> None:
    before = door.events()
    twice = door.post(_body(_event("twice"), _event("twice"))).json()["answers"]
    again = door.post(_body(_event("twice"))).json()["answers"]

    assert [one["status"] for one in [*twice, *again]] == ["accepted", "duplicate", "duplicate"]
    assert door.events() == before + 1


_text = st.text(max_size=12)
_leaf = st.none() | st.booleans() | st.integers() | st.floats() | _text
_junk = st.recursive(
    _leaf, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(_text, inner, max_size=3)
)
_keys = st.dictionaries(st.sampled_from(KEY_KINDS) | _text, _text | _junk, max_size=3)
_person = st.dictionaries(st.sampled_from(PERSON_FIELDS) | _text, _text | _junk, max_size=2)
_names = sorted({name for struct in KINDS.values() for name in struct.__struct_fields__})
_data = st.dictionaries(
    st.sampled_from(_names) | _text, _junk | st.just("2026-03-02T10:00:00Z"), max_size=6
)
_almost = st.fixed_dictionaries(
    {
        "source": st.just("fuzz") | _junk,
        "id": _text | _junk,
        "kind": st.sampled_from(sorted(KINDS)) | _junk,
        "occurred_at": st.just("2026-03-02T10:00:00Z") | _text | _junk,
    },
    optional={"keys": _keys | _junk, "person": _person | _junk, "data": _data | _junk},
)


@settings(max_examples=60)
@given(events=st.lists(_almost | _junk, min_size=1, max_size=8))
def test_whatever_comes_gets_an_answer_per_item_and_only_the_accepted_are_stored(
    door, events: list[object]
) -> None:
    before = door.events()
    answer = door.post(_body(*events))

    if answer.status_code == 400:  # NaN and lone surrogates are no JSON
        assert door.events() == before
        return
    assert answer.status_code == 200, answer.text
    answers = answer.json()["answers"]
    assert len(answers) == len(events)
    assert all(one["reason"] for one in answers if one["status"] == "rejected")
    accepted = sum(one["status"] == "accepted" for one in answers)
    assert door.events() == before + accepted


@settings(max_examples=40)
@given(body=st.binary(max_size=300))
def test_whatever_bytes_come_are_refused_or_answered(door, body: bytes) -> None:
    assert door.post(body).status_code in {200, 400}
    assert door.hook(body).status_code in {200, 400}
