"""Files as shops export them, and their import into a clean database."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from siyu.commerce import project as commerce
from siyu.connectors.orderfile.config import Mapping, parse
from siyu.connectors.orderfile.source.run import Report, import_orders
from siyu.customers import project as customers
from siyu.db.pool import Pool
from siyu.events.sweep import apply
from siyu.identities import project as identities
from siyu.staff.model import Brand
from siyu.vault.model import Keys

PROJECTIONS = (identities.PROJECTION, customers.PROJECTION, commerce.PROJECTION)
NOW = datetime(2026, 11, 20, 4, 0, tzinfo=UTC)
MAPPING = """
mapping: own
title: {zh: 自己的, en: own}
source: own
header: [nr, when, sku, n, price, who, phone, name]
shop: {code: own, name: Own, platform: tmall}
currency: CNY
time: {column: when, zone: Asia/Shanghai}
order: {column: nr, refund_prefix: C, not_positive: correction}
line: {sku: sku, quantity: n, price: price}
customer: {buyer: who, phone: phone, name: name}
"""
HEADER = "nr,when,sku,n,price,who,phone,name"


@pytest.fixture
def mapping() -> Mapping:
    return parse(MAPPING)


@pytest.fixture
def text() -> str:
    return MAPPING


@pytest.fixture
def file(tmp_path: Path) -> Callable[..., Path]:
    """`file("1,2026-…", …)`: a file with the header of `MAPPING` and these rows."""

    def write(*rows: str, header: str = HEADER, encoding: str = "utf-8") -> Path:
        path = tmp_path / "orders.csv"
        path.write_bytes("\n".join([header, *rows, ""]).encode(encoding))
        return path

    return write


@pytest.fixture
def bring(db: Pool) -> Callable[..., Report]:
    """`bring(path, mapping)`: imported and applied."""

    def imported(path: Path, mapping: Mapping | None, **words: Any) -> Report:
        def after() -> None:
            while (done := apply(db, PROJECTIONS, NOW)).claimed:
                assert done.parked == 0

        brand = Brand("B", "Asia/Shanghai", "CNY", "CN", "zh")
        keys = Keys(b"m" * 32, b"l" * 32)
        return import_orders(db, keys, brand, path, mapping, NOW, after_batch=after, **words)

    return imported
