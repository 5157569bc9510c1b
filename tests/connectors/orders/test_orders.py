"""Orders that a shop's own system posts: each told once, each answered, nothing taken unsigned."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, cast

import pytest
from tests.connectors.bench import NOW, Remembered, Still

from siyu.connectors.manifest import Called, Tools
from siyu.connectors.orders import wire
from siyu.connectors.orders.check import check
from siyu.connectors.orders.config import Config
from siyu.connectors.orders.webhook import WINDOW, receive, sign
from siyu.db.pool import Pool
from siyu.events.actions import accept, ensure_partitions
from siyu.events.check import Parsed, parse
from siyu.events.model import OrderRefunded
from siyu.kernel.errors import BadInput, BadSignature, NotFound
from siyu.vault.model import Keys

SECRET = "what the shops and we know"
CONFIG = Config(secret=SECRET)
REAL = datetime(2026, 11, 28, 12, tzinfo=UTC)
ROW = {
    "store_code": "S01", "pos_order_no": "P1", "line_no": 1, "sku": "MASK", "title": "面膜",
    "qty": 2, "unit_price": "64.50", "paid_amount": 129.00, "paid_at": "2026-11-20 09:30:00",
    "pay_method": "wechat", "member_id": "M7", "phone": "13800000001", "salesperson": "g1",
}  # fmt: skip


def body(*items: Any) -> bytes:
    return json.dumps(items, ensure_ascii=False).encode()


def call(sent: bytes, nonce: str = "nonce-01", **changed: Any) -> Called:
    stamp = str(int((REAL + changed.pop("skew", timedelta(0))).timestamp()))
    headers = {
        "X-Timestamp": stamp,
        "X-Nonce": nonce,
        "X-Signature": sign(SECRET, stamp, nonce, sent),
        **changed.pop("headers", {}),
    }
    return Called("POST", changed.pop("path", "pos"), {}, headers, sent, NOW, REAL)._replace(
        **changed
    )


@pytest.fixture
def tools() -> Tools:
    return Tools(Still(), Remembered())


def facts(*items: Any, config: Config = CONFIG) -> list[Parsed]:
    found = [one.event for one in wire.orders(config, body(*items), NOW)]
    parsed = [parse(one, "CN", NOW) for one in found if one is not None]
    assert all(isinstance(one, Parsed) for one in parsed), parsed
    return [one for one in parsed if isinstance(one, Parsed)]


def wrong(*items: Any) -> list[tuple[str, str]]:
    found = [one.wrong for one in wire.orders(CONFIG, body(*items), NOW)]
    return [(one.line, one.field) for one in found if one is not None]


def test_the_signature_is_that_of_the_readme() -> None:
    assert sign("0123456789abcdef", "1795867200", "n-0000001", b"[]") == (
        "e9849283854cb266a66e5b293a8b824255b5e294e48cb2ad17cf7a68f804b0f0"
    )


@pytest.mark.parametrize(
    "changed",
    [
        {"body": body({**ROW, "paid_amount": 1})},
        {"headers": {"X-Nonce": "nonce-02"}},
        {"headers": {"X-Timestamp": str(int(REAL.timestamp()) + 1)}},
        {"headers": {"X-Timestamp": "soon"}},
        {"headers": {"X-Signature": ""}},
        {"headers": {"X-Nonce": "short"}},
        {"skew": WINDOW + timedelta(seconds=1)},
        {"skew": -WINDOW - timedelta(seconds=1)},
    ],
)
def test_what_was_changed_on_its_way_or_is_old_is_not_taken(changed, tools: Tools) -> None:
    with pytest.raises(BadSignature):
        receive(CONFIG, call(body(ROW), **changed), tools)

    assert tools.store.keys("") == []  # nobody who can't sign uses anything up


def test_clocks_may_differ_by_less_than_five_minutes(tools: Tools) -> None:
    for place, skew in enumerate((WINDOW, -WINDOW)):
        assert receive(CONFIG, call(body(ROW), f"nonce-0{place}", skew=skew), tools).events


def test_a_request_is_good_once(tools: Tools) -> None:
    receive(CONFIG, call(body(ROW)), tools)

    with pytest.raises(BadSignature, match="new one"):
        receive(CONFIG, call(body(ROW)), tools)
    assert receive(CONFIG, call(body(ROW), "nonce-02"), tools).events


def test_only_known_systems_may_post_and_nobody_before_there_is_a_secret(tools: Tools) -> None:
    with pytest.raises(NotFound):
        receive(CONFIG, call(body(ROW), path="rogue"), tools)
    with pytest.raises(NotFound):
        receive(CONFIG, call(b"", method="GET"), tools)
    with pytest.raises(BadSignature):
        receive(Config(), call(body(ROW)), tools)


def test_rows_of_an_order_are_one_order_to_the_cent() -> None:
    (paid,) = facts(
        ROW,
        {**ROW, "line_no": 2, "sku": "OIL", "qty": "1", "unit_price": 0.1, "paid_amount": "0.10"},
    )

    assert (paid.source, paid.id, paid.kind) == ("orders", "S01/P1", "order.paid")
    assert paid.occurred_at == datetime(2026, 11, 20, 1, 30, tzinfo=UTC)
    assert dict(paid.keys) == {"phone": "+8613800000001", "member": "M7", "order": "S01/P1"}
    data: Any = paid.payload
    assert (data.shop, data.order_no, data.total_minor, data.currency) == (
        "S01",
        "P1",
        12_910,
        "CNY",
    )
    assert [(one.sku, one.quantity, one.unit_minor, one.amount_minor) for one in data.lines] == [
        ("MASK", 2, 6_450, 12_900), ("OIL", 1, 10, 10),
    ]  # fmt: skip


def test_an_order_in_one_piece_says_itself_what_was_paid() -> None:
    head = {name: ROW[name] for name in ("store_code", "pos_order_no", "paid_at", "phone")}
    lines = [
        {"sku": "RICE", "qty": 0.355, "unit_price": 12.8},
        {"sku": "BAG", "paid_amount": -0.04},
    ]
    (paid,) = facts({**head, "paid_amount": 4.5, "lines": lines})

    data: Any = paid.payload
    assert data.total_minor == 450
    assert [(one.quantity, one.amount_minor) for one in data.lines] == [(1, 454), (1, -4)]


@pytest.mark.parametrize("sign_of", [1, -1])
def test_money_given_back_names_its_order(sign_of: int) -> None:
    back = {
        **ROW,
        "pos_order_no": "R1",
        "refund_of": "P1",
        "qty": sign_of,
        "paid_amount": sign_of * 64.5,
    }
    (refund,) = facts(back)

    data: Any = refund.payload
    assert (refund.kind, data.refund_no, data.order_no) == ("order.refunded", "R1", "P1")
    assert (data.amount_minor, data.lines[0].quantity, data.lines[0].amount_minor) == (
        6450,
        1,
        6450,
    )


def test_goods_brought_back_without_a_receipt_name_none() -> None:
    (refund,) = facts({**ROW, "qty": -1, "paid_amount": -64.5})

    data = cast("OrderRefunded", refund.payload)
    assert (refund.kind, data.order_no) == ("order.refunded", None)


@pytest.mark.parametrize(
    ("changed", "line", "field"),
    [
        ({"store_code": ""}, "", "store_code"),
        ({"store_code": "a/b"}, "", "store_code"),
        ({"pos_order_no": None}, "", "pos_order_no"),
        ({"sku": " "}, "1", "sku"),
        ({"qty": 0}, "1", "qty"),
        ({"qty": "two"}, "1", "qty"),
        ({"qty": True}, "1", "qty"),
        ({"paid_amount": "12.345"}, "1", "paid_amount"),
        ({"paid_amount": None, "unit_price": None}, "1", "paid_amount"),
        ({"paid_amount": "1e30"}, "1", "paid_amount"),
        ({"paid_at": "yesterday"}, "", "paid_at"),
        ({"paid_at": None}, "", "paid_at"),
        ({"paid_at": "2026-10-20 09:00:00"}, "", "paid_at"),
        ({"title": "x" * 501}, "", "title"),
        ({"member_id": 1.5}, "", "member_id"),
    ],
)
def test_what_can_not_be_used_is_named_by_line_and_field(changed, line, field) -> None:
    assert wrong({**ROW, **changed}) == [(line, field)]


def test_orders_up_to_thirty_days_old_are_taken_late() -> None:
    assert facts({**ROW, "paid_at": "2026-10-21 10:00:01"})
    assert facts({**ROW, "paid_at": "2026-10-20 09:00:00"}, config=Config(late_days=60))


def test_what_contradicts_itself_is_refused_whole() -> None:
    other = {**ROW, "line_no": 2}
    assert wrong(ROW, {**other, "paid_at": "2026-11-20 09:31:00"}) == [("", "paid_at")]
    assert wrong(ROW, {**other, "phone": "13800000002"}) == [("", "phone")]
    assert wrong(ROW, ROW) == [("", "line_no")]
    assert wrong({**ROW, "refund_of": "P0"}, {**other, "refund_of": "P0", "paid_amount": -1}) == [
        ("", "paid_amount")
    ]
    assert wrong({**ROW, "lines": []}) == [("", "lines")]
    assert wrong(ROW, {**ROW, "lines": [ROW]}) == [("", "pos_order_no")]


def test_a_masked_phone_is_no_key_and_spoils_nothing() -> None:
    (paid,) = facts({**ROW, "phone": "138****0001", "member_id": None})

    assert dict(paid.keys) == {"order": "S01/P1"}


def test_a_body_that_is_no_array_is_refused() -> None:
    for sent in (b"{}", b"[", b"\xff"):
        with pytest.raises(BadInput):
            wire.orders(CONFIG, sent, NOW)


def told(db: Pool, tools: Tools, sent: Sequence[Any], nonce: str, liked: str = "en") -> Any:
    headers = {"Accept-Language": liked}
    heard = receive(CONFIG, call(body(*sent), nonce, headers=headers), tools)
    with db.transaction() as conn:
        ensure_partitions(conn, NOW)
        answers = accept(conn, Keys(b"m" * 32, b"l" * 32), "CN", heard.events, NOW)
    assert heard.say is not None
    return json.loads(heard.say(answers).body)["answers"]


def test_each_order_is_answered_and_a_bad_one_spoils_no_other(db: Pool, tools: Tools) -> None:
    sent = [
        ROW,
        {**ROW, "pos_order_no": "P2", "paid_amount": "x"},
        "not an order",
        {**ROW, "line_no": 2, "paid_amount": 1},
        {**ROW, "pos_order_no": "P3", "phone": "12"},
        {**ROW, "pos_order_no": "P4"},
    ]
    first = told(db, tools, sent, "nonce-01", "zh-CN,zh;q=0.9")
    again = told(db, tools, sent, "nonce-02")

    assert [(one["pos_order_no"], one["items"], one["status"]) for one in first] == [
        ("P1", [0, 3], "accepted"), ("P2", [1], "rejected"), ("", [2], "rejected"),
        ("P3", [4], "rejected"), ("P4", [5], "accepted"),
    ]  # fmt: skip
    assert [one["status"] for one in again] == [
        "duplicate", "rejected", "rejected", "rejected", "duplicate",
    ]  # fmt: skip
    assert [(one["line"], one["field"], one["reason"]) for one in (first[1], first[3])] == [
        ("1", "paid_amount", "应是 12.50 这样的数字"), ("", "phone", "不是可用的手机号"),
    ]  # fmt: skip
    assert again[1]["reason"] == "is not a number like 12.50"
    assert "13800000001" not in json.dumps([first, again])


def test_settings_that_can_not_work_are_named() -> None:
    cases: list[tuple[dict[str, Any], str]] = [
        ({"secret": "short"}, "secret"),
        ({"sources": ("a b",)}, "sources"),
        ({"currency": "XXX"}, "currency"),
        ({"zone": "Mars"}, "zone"),
    ]
    for wrong_one, field in cases:
        with pytest.raises(ValueError, match=f"^{field}: "):
            Config(**wrong_one)
    assert SECRET not in repr(CONFIG)


def test_a_check_says_where_orders_go(tools: Tools) -> None:
    (erp, pos) = check(CONFIG, tools)

    assert ("/hooks/orders/pos" in pos.why, erp.state) == (True, "unverified")
    assert check(Config(secret=SECRET, sources=()), tools)[0].state == "missing"
