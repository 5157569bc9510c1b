"""A brand with a past of eleven days, to try journeys on."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.build import DAY, facts

from siyu.app import App, begin_brand, catch_up, open_app
from siyu.content import actions as content
from siyu.content.model import Material
from siyu.db.pool import Pool
from siyu.events.actions import accept
from siyu.ledger import actions as ledger
from siyu.ledger.model import Price
from siyu.settings import load
from siyu.staff.model import Brand, Member

LATE = 4 + (11 * 60 + 58) / 1440  # 23:58 in Shanghai


@pytest.fixture
def app(db: Pool, tmp_path: Path) -> Iterator[App]:
    """Ten customers with a phone: all bought on day 0, 1 to 4 again on day 3, the last
    one two minutes before the end of day 4, the first also on day 10."""
    settings = load({}, home=tmp_path / "home", database_url=db.url)
    event = facts()
    told = [
        event("order.paid", at=at, keys={"phone": f"1380000000{who}", "buyer": f"s/b{who}"},
              order_no=f"{at}-{who}", total_minor=1000)
        for at, some in ((0, range(10)), (3, range(4)), (LATE, [8]), (10, [0])) for who in some
    ]  # fmt: skip
    told += [
        event("consent.given", at=0, keys={"phone": f"1380000000{who}"},
              channels=["sms", "voice"], purposes=["service"]) for who in range(9)
    ]  # fmt: skip
    told.append(event("order.cancelled", at=5, order_no="0-0"))
    with open_app(settings) as app:
        now = app.clock.now()
        with app.db.transaction() as conn:
            brand = Brand("花间", "Asia/Shanghai", "CNY", "CN", "zh")
            begin_brand(conn, brand, DAY, [], [Member("guide", "安", "guide")])
            note = [Material("note", it, "sms", "【{{ brand }}】您好", {"brand": "text"})
                    for it in ("zh", "en")]  # fmt: skip
            call = [Material("call", it, "voice_ai", "您好", {}) for it in ("zh", "en")]
            content.install(conn, [*note, *call], "own")
            prices = {"sms_segment": 5, "call_minute": 12}
            ledger.set_prices(conn, [Price(kind, minor, "CNY") for kind, minor in prices.items()])
            accept(conn, app.keys, "CN", told, now, backfill=True)
        assert catch_up(app)
        yield app
