"""The generated shop and the replayed one: in order of time, the same for the same seed."""

from __future__ import annotations

import json
from collections import Counter
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import msgspec
import phonenumbers
import pytest

from siyu.events.model import Incoming
from siyu.sandbox.contacts import Contacts
from siyu.sandbox.parameters import load
from siyu.sandbox.replay import ReplayedShop
from siyu.sandbox.shop import Fact, GeneratedShop, Sale, aftermath

ZONE = ZoneInfo("Asia/Shanghai")
START = datetime(2026, 3, 2, tzinfo=ZONE)
RATES = load("default").shop


def sales(seed: str, orders: int = 3_000) -> list[Sale]:
    return list(GeneratedShop(RATES, seed, START, 14, orders, ZONE).stream())


def test_the_same_seed_is_the_same_stream_and_another_is_another() -> None:
    assert sales("1", 400) == sales("1", 400)
    assert sales("1", 400) != sales("2", 400)


def test_orders_come_in_order_of_time_within_their_days() -> None:
    found = sales("1")
    times = [sale.at for sale in found]
    assert len(found) == 3_000
    assert times == sorted(times)
    assert times[0] >= START
    assert times[-1] < START + timedelta(days=14)
    assert len({sale.order_no for sale in found}) == 3_000


def test_evenings_are_busiest_and_nights_quiet() -> None:
    hours = Counter(sale.at.astimezone(ZONE).hour for sale in sales("1"))
    assert hours.most_common(1)[0][0] in {20, 21}
    assert max(hours[h] for h in (2, 3, 4)) < hours[21] / 8


def test_some_buyers_come_again_some_within_the_hour_and_some_orders_are_guests() -> None:
    found = sales("1")
    buyers = Counter(sale.buyer for sale in found)
    assert 0.003 < buyers.pop(None) / len(found) < 0.03
    assert 0.06 < sum(count - 1 for count in buyers.values()) / len(found) < 0.15
    last: dict[str | None, datetime] = {}
    soon = 0
    for sale in found:
        soon += sale.buyer in last and sale.at - last[sale.buyer] < timedelta(hours=1)
        last[sale.buyer] = sale.at
    assert soon > 20


def test_totals_are_the_sum_of_their_lines_and_skus_do_not_repeat() -> None:
    for sale in sales("3", 300):
        assert sale.total_minor == sum(line.amount_minor for line in sale.lines) > 0
        assert len({line.sku for line in sale.lines}) == len(sale.lines)


def test_what_becomes_of_an_order_hangs_on_its_own_number() -> None:
    found = sales("1", 2_000)
    kinds = Counter(after.kind for sale in found if (after := aftermath(RATES, "1", sale)))
    assert 20 < kinds["cancelled"] < 65
    assert 35 < kinds["refunded"] < 90


@pytest.mark.parametrize("region", ["CN", "GB"])
def test_every_buyer_has_a_valid_phone_of_their_own(region: str) -> None:
    book = Contacts("1", region)
    found = [book.of(f"tmall/b{n}") for n in range(1_000)]
    assert len({contact.phone for contact in found}) == 1_000
    for contact in found:
        number = phonenumbers.parse(contact.dialled, region)
        assert phonenumbers.is_valid_number(number)
        assert f"+{number.country_code}{number.national_number}" == contact.phone
        assert contact.name
        assert contact.address


# ── a replayed file ──

FROM = datetime(2011, 3, 1, tzinfo=UTC)


def event(
    number: str, at: datetime, kind: str = "order.paid", buyer: str | None = "f/17850"
) -> Incoming:
    data: dict[str, object] = {"shop": "f", "order_no": number, "currency": "GBP", "total_minor": 5}
    if kind == "order.refunded":
        data = {"shop": "f", "refund_no": number, "currency": "GBP", "amount_minor": 5}
    return Incoming(
        source="f", id=number, kind=kind, occurred_at=at.isoformat(),
        keys={"buyer": buyer} if buyer else {}, data=msgspec.Raw(json.dumps(data).encode()),
    )  # fmt: skip


def test_a_file_is_history_before_its_start_and_played_in_order_after_it() -> None:
    file = [
        event("4", FROM + timedelta(hours=3)),
        event("1", FROM - timedelta(days=9)),
        event("3", FROM + timedelta(hours=1), buyer=None),
        event("C2", FROM + timedelta(hours=2), kind="order.refunded"),
        event("5", FROM + timedelta(days=14)),
    ]
    shop = ReplayedShop(lambda: file, FROM, 14)
    assert [item.id for item in shop.history()] == ["1"]
    live = list(shop.stream())
    assert [type(item) for item in live] == [Sale, Fact, Sale]
    first, refund, second = live
    assert isinstance(first, Sale)
    assert (first.order_no, first.buyer) == ("3", None)
    assert isinstance(refund, Fact)
    assert refund.event["id"] == "C2"
    assert isinstance(second, Sale)
    assert second.buyer == "f/17850"
    assert second.event is not None
    assert second.event["data"] == file[0].data
    assert second.event["keys"] == {"buyer": "f/17850", "order": "f/4"}
    assert first.event is not None
    assert first.event["keys"] == {}
