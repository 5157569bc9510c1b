from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from siyu.events import check
from siyu.events.check import Parsed
from siyu.events.model import KINDS, Incoming, OrderPaid

NOW = datetime(2026, 11, 20, 4, 0, tzinfo=UTC)
GOOD: dict[str, Any] = {
    "source": "tmall",
    "id": "T1",
    "kind": "order.paid",
    "occurred_at": "2026-11-20T10:00:00+08:00",
    "keys": {"buyer": "tmall/b7", "phone": "138 0000 0001"},
    "person": {"name": "王小明 😀", "address": "  "},
    "data": {
        "shop": "s",
        "order_no": "T1",
        "currency": "CNY",
        "total_minor": 100,
        "lines": [{"sku": "a", "quantity": 1, "unit_minor": 100, "amount_minor": 100}],
    },
}


def _changed(**words: Any) -> dict[str, Any]:
    return GOOD | words


def _data(**words: Any) -> dict[str, Any]:
    return GOOD | {"data": GOOD["data"] | words}


def _parsed(item: object) -> Parsed:
    found = check.parse(item, "CN", NOW)
    assert isinstance(found, Parsed), found
    return found


def test_an_event_is_read_with_its_keys_strongest_first() -> None:
    found = _parsed(GOOD)

    assert found.occurred_at == datetime(2026, 11, 20, 2, 0, tzinfo=UTC)
    assert found.keys == (("phone", "+8613800000001"), ("buyer", "tmall/b7"), ("order", "s/T1"))
    assert found.person == (("name", "王小明 😀"),)
    assert isinstance(found.payload, OrderPaid)
    assert "王小明" not in repr(found)


def test_bytes_and_decoded_json_are_read_alike() -> None:
    text = json.dumps(GOOD).encode()

    assert _parsed(text) == _parsed(GOOD) == _parsed(msgspec.json.decode(text, type=Incoming))


def test_a_parcel_points_to_the_buyer_of_its_main_order() -> None:
    data = {"parcel_no": "P1", "shop": "s", "orders": ["T1"], "main_order": "T1",
            "cutoff_at": "2026-11-20T18:00:00+08:00"}  # fmt: skip

    found = _parsed(_changed(kind="parcel.planned", keys={}, person={}, data=data))

    assert found.keys == (("order", "s/T1"),)
    split = data | {"main_order": None}
    assert not _parsed(_changed(kind="parcel.planned", keys={}, person={}, data=split)).keys


BAD: list[tuple[str, object, str]] = [
    ("broken JSON", b'{"source": "tm', "the event"),
    ("not UTF-8", b'{"source": "\xff"}', "the event"),
    ("a list", [], "the event"),
    ("nothing", None, "the event"),
    ("a number", 7, "the event"),
    ("deep JSON", b"[" * 100_000 + b"]" * 100_000, "the event"),
    ("deep data", b'{"source":"a","id":"b","kind":"touch.read","occurred_at":"x","data":'
     + b"[" * 100_000 + b"]" * 100_000 + b"}", "the event"),
    ("unknown field", _changed(colour="red"), "colour: is unknown"),
    ("no id", {k: v for k, v in GOOD.items() if k != "id"}, "id: is missing"),
    ("empty id", _changed(id=""), "id: Expected"),
    ("NUL in id", _changed(id="a\0"), "id: holds a character"),
    ("id of another type", _changed(id=7), "id: Expected str"),
    ("source with a space", _changed(source="t mall"), "source: holds a character"),
    ("our own source", _changed(source="siyu"), "source: 'siyu' is Siyu's own"),
    ("unknown kind", _changed(kind="order.stolen"), "kind: 'order.stolen' is not a kind"),
    ("our own kind", _changed(kind="touch.withheld"), "kind: 'touch.withheld' is not a kind"),
    ("year 0", _changed(occurred_at="0000-01-01T00:00:00Z"), "occurred_at: is not"),
    ("year 1", _changed(occurred_at="0001-01-01T00:00:00+08:00"), "occurred_at: is outside"),
    ("year 9999", _changed(occurred_at="9999-12-31T23:59:59-08:00"), "occurred_at: is outside"),
    ("no offset", _changed(occurred_at="2026-11-20T10:00:00"), "occurred_at: has no offset"),
    ("the future", _changed(occurred_at="2026-11-22T10:00:00+08:00"), "occurred_at: lies more"),
    ("no time", _changed(occurred_at="soon"), "occurred_at: is not an ISO"),
    ("unknown key", _changed(keys={"email": "a@b"}), "keys.email: is unknown"),
    ("a phone as key name", _changed(keys={"13800000001": "phone"}), "keys: is unknown"),
    ("key of another type", _changed(keys={"phone": 13800000001}), "keys[...]: Expected str"),
    ("masked phone", _changed(keys={"phone": "138****0001"}), "keys.phone: is masked"),
    ("bad phone", _changed(keys={"phone": "123"}), "keys.phone: is not a phone"),
    ("NUL in a key", _changed(keys={"buyer": "a\0b"}), "keys.buyer: holds a character"),
    ("empty key", _changed(keys={"buyer": " "}), "keys.buyer: is empty"),
    ("endless key", _changed(keys={"buyer": "b" * 251}), "keys.buyer: is longer"),
    ("unknown person field", _changed(person={"weight": "70"}), "person.weight: is unknown"),
    ("NUL in a name", _changed(person={"name": "a\0"}), "person.name: holds a character"),
    ("endless name", _changed(person={"name": "n" * 201}), "person.name: is longer"),
    ("person without key", _changed(keys={}), "person: needs a key"),
    ("unknown data field", _data(phone_of_buyer="x"), "data.phone_of_buyer: is unknown"),
    ("negative money", _data(total_minor=-1), "data.total_minor: Expected int >= 0"),
    ("endless money", _data(total_minor=10**30), "data.total_minor: "),
    ("money in floats", _data(total_minor=1.5), "data.total_minor: Expected int"),
    ("money in text", _data(total_minor="1"), "data.total_minor: Expected int"),
    ("no such currency form", _data(currency="yuan"), "data.currency: holds"),
    ("missing field", _changed(data={"shop": "s"}), "data.order_no: is missing"),
    ("broken line", _data(lines=[{"sku": "a", "quantity": "1"}]), "data.lines[0].quantity: "),
    ("NUL in data", _data(lines=[{"sku": "a", "title": "x\0", "quantity": 1, "unit_minor": 1,
     "amount_minor": 1}]), "data.lines[0].title: holds a NUL"),
    ("data of another type", _changed(data=[]), "data: Expected object"),
    ("too much data", _data(shop="s" * 1_000_001), "data: is larger"),
    ("phone in data", _data(order_no="X13800000001"), "data: repeats the phone"),
    ("lone surrogate", _changed(person={"name": "\ud800"}), "the event: is not JSON"),
    ("cut-off in year 1", _changed(kind="parcel.planned", data={"parcel_no": "P", "shop": "s",
     "orders": ["T"], "main_order": None, "cutoff_at": "0001-01-01T00:00:00+08:00"}),
     "data.cutoff_at: is outside"),
    ("cut-off without offset", _changed(kind="parcel.planned", data={"parcel_no": "P", "shop": "s",
     "orders": ["T"], "main_order": None, "cutoff_at": "2026-11-20T10:00:00"}), "data.cutoff_at: "),
]  # fmt: skip


@pytest.mark.parametrize(("item", "reason"), [b[1:] for b in BAD], ids=[b[0] for b in BAD])
def test_bad_input_is_answered_with_field_and_reason(item: object, reason: str) -> None:
    found = check.parse(item, "CN", NOW)

    assert isinstance(found, str)
    assert found.startswith(reason)


@pytest.mark.parametrize(
    "words",
    [
        {"id": "a\0"},
        {"id": "\ud800"},
        {"id": 7},
        {"source": "王"},
        {"kind": ["order.paid"]},
        {"occurred_at": None},
        {"keys": None},
        {"keys": {"phone": None}},
        {"keys": {"buyer": "\ud800"}},
        {"person": [1]},
        {"person": {"name": "\ud800"}},
        {"data": {"shop": "s"}},
        {"data": msgspec.Raw(b"")},
        {"data": msgspec.Raw(b'{"shop": "\xff"}')},
    ],
)
def test_an_event_made_in_python_is_checked_like_one_that_was_sent(
    event: Callable[..., Incoming], words: dict[str, Any]
) -> None:
    good = msgspec.structs.asdict(event(keys={"phone": "13800000001"}))

    assert isinstance(check.parse(Incoming(**(good | words)), "CN", NOW), str)


def test_a_reason_never_repeats_a_value() -> None:
    secret = "13912345678"
    items = [
        _changed(occurred_at=secret),
        _changed(kind=secret),
        _changed(keys={secret: "x"}),
        _changed(keys={"phone": secret + "9"}),
        _changed(person={secret: "x"}),
        _changed(source=f"{secret} "),
        _data(**{secret: 1}),
        _data(currency=secret),
        _changed(kind="task.done", data={"touch": "t", "outcome": secret}),
        _changed(**{secret: 1}),
    ]

    reasons = [check.parse(item, "CN", NOW) for item in items]

    assert all(isinstance(reason, str) and secret not in reason for reason in reasons), reasons


@pytest.mark.parametrize(
    ("item", "name"),
    [
        (GOOD, "T1"),
        (b'{"id": "x", "kind": 7}', "x"),
        (b"{", ""),
        ({"id": 7}, ""),
        (None, ""),
        (7, ""),
    ],
)
def test_an_answer_bears_the_senders_id_as_far_as_there_is_one(item: object, name: str) -> None:
    assert check.id_of(item) == name


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4)
    ),
    max_leaves=12,
)
SHAPED = st.fixed_dictionaries(
    {
        "source": st.just("tmall") | JSON,
        "id": st.just("T1") | JSON,
        "kind": st.sampled_from(sorted(KINDS)) | JSON,
        "occurred_at": st.just("2026-11-20T10:00:00+08:00") | JSON,
    },
    optional={
        "keys": st.dictionaries(st.sampled_from(["phone", "buyer", "order"]), JSON) | JSON,
        "person": st.dictionaries(st.sampled_from(["name", "text"]), JSON) | JSON,
        "data": st.dictionaries(
            st.sampled_from(["shop", "order_no", "currency", "total_minor", "touch", "staff"]), JSON
        )
        | JSON,
    },
)


@settings(max_examples=400)
@given(item=SHAPED | JSON | st.binary(max_size=60))
def test_whatever_is_sent_is_an_event_or_a_reason(item: object) -> None:
    found = check.parse(item, "CN", NOW)

    assert isinstance(found, Parsed | str)
    assert isinstance(check.id_of(item), str)


@given(words=st.dictionaries(st.sampled_from(["id", "keys", "person", "data", "kind"]), JSON))
def test_whatever_is_made_in_python_is_an_event_or_a_reason(words: dict[str, Any]) -> None:
    standard: dict[str, Any] = {
        "source": "tmall", "id": "1", "kind": "touch.read",
        "occurred_at": "2026-11-20T10:00:00+08:00", "data": msgspec.Raw(b'{"touch": "t"}'),
    }  # fmt: skip

    assert isinstance(check.parse(Incoming(**(standard | words)), "CN", NOW), Parsed | str)


def test_what_is_stored_reads_back_as_the_same_fact() -> None:
    found = _parsed(GOOD)
    data = check.write([], {"name": 7}, found.payload)

    back = check.read((1, "tmall", "T1", "order.paid", NOW, NOW, False, data))

    assert (back.data, back.sealed, back.keys) == (found.payload, {"name": 7}, ())
