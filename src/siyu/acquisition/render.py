"""The gift plan of a warehouse as the rows of its file; the token of a claim page."""

from __future__ import annotations

import hmac
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from hashlib import blake2b

from siyu.acquisition.model import Pick, mark
from siyu.commerce.model import Warehouse
from siyu.kernel.time import zone

HEAD = [
    "原始单号", "赠品编码", "数量", "备注", "截止时间",
    "店铺", "包裹号", "仓库", "决策", "我方编码", "卡片链接",
]  # fmt: skip
CLAIMS = "claim page"  # what its key is for
CLAIM_LASTS = timedelta(days=90)
CONTENT = {"gift": "赠品", "card": "卡片", "none": ""}


def plan_rows(
    picks: Iterable[Pick], house: Warehouse | None, time_zone: str, link: str
) -> Iterator[list[str]]:
    """The header and a row for each decision. The first five columns are what warehouses import;
    a card is an item like a gift. `link`: where a card leads, with `{state}`."""
    theirs: Mapping[str, str] = {} if house is None else house.items
    local = zone(house.time_zone if house is not None else time_zone)
    yield HEAD
    for one in picks:
        until = one.cutoff_at if house is None else one.cutoff_at + house.margin
        item = theirs.get(one.code, one.code)
        yield [
            one.order_no,
            item,
            "1",
            mark(one.content, item),
            _local(until.astimezone(local)),
            one.shop,
            one.parcel_no,
            one.warehouse,
            CONTENT[one.content],
            one.code,
            link.format(state=one.state_code) if one.state_code else "",
        ]


def _local(at: datetime) -> str:
    return f"{at:%Y-%m-%d %H:%M:%S}"


def claim_token(secret: bytes, customer: str, now: datetime) -> str:
    """Names a friend (the customer's public id) for the page on which they give an order number."""
    until = int((now + CLAIM_LASTS).timestamp())
    return _signed(secret, f"{customer}.{until}")


def claimant(secret: bytes, token: str, now: datetime) -> str | None:
    """The customer whom a token names; None: it is none of ours, or over."""
    said, _, _ = token.rpartition(".")
    if not hmac.compare_digest(_signed(secret, said).encode(), token.encode()):
        return None
    customer, _, until = said.partition(".")
    return customer if now <= datetime.fromtimestamp(int(until), UTC) else None


def _signed(secret: bytes, said: str) -> str:
    return f"{said}.{blake2b(said.encode(), key=secret, digest_size=16).hexdigest()}"
