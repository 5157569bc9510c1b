"""A parcel's life over the wire of an ERP, on a whole installation: planned there, decided here,
marked before its audit, packed there, settled here."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from tests.served import Street
from tests.stories.conftest import HOOK_SECRET, NOON, Story, install

from siyu.app import open_app, virtual
from siyu.connectors.erp_jushuitan.fake import Jushuitan
from siyu.connectors.webhook.fake import Provider
from siyu.db.pool import Pool
from siyu.settings import load
from siyu.worker import pulls

MEI, HUA = "13800000001", "13800000002"
SHOP = "tmall-flagship"
SECRET = "what only both of us know"


class Warehouse(Story):
    """A story whose parcels hang on an ERP."""

    erp: Jushuitan

    def bought(self, phone: str) -> tuple[str, int]:
        """Paid: the shop tells us, and the ERP has it too."""
        order = self.order()
        self.pay(order, phone)
        return order, self.erp.pay(7, order)


@pytest.fixture
def story(tmp_path: Path, new_db: Callable[[], Pool], street: Street) -> Iterator[Warehouse]:
    def now() -> datetime:
        return app.clock.now()

    def real() -> datetime:
        return app.clock.real()

    async def there(scope: Any, receive: Any, send: Any) -> None:
        await erp.app(scope, receive, send)

    with ExitStack() as held:
        provider = Provider(HOOK_SECRET)
        settings = load(
            {},
            home=tmp_path / "home",
            database_url=new_db().url,
            webhook={"url": street.at(provider.app, held), "secret": HOOK_SECRET},
            erp_jushuitan={
                "app_key": "app", "app_secret": SECRET, "base_url": street.at(there, held),
                "shops": {"7": SHOP},
            },
        )  # fmt: skip
        app = virtual(held.enter_context(open_app(settings)), NOON)
        erp = Jushuitan("app", SECRET, now, real)
        erp.rules = {"[卡CARD-A]": "CARD-A", "[赠MASK]": "MASK"}
        install(app, NOON)
        pulls.plan(app)
        made = Warehouse(app, street.api(app, held), provider)
        made.erp = erp
        held.callback(made.http.close)
        held.callback(made.applier.release)
        yield made


def _figures(story: Warehouse, **items: str) -> None:
    body = {
        "shops": [SHOP], "lag_minutes": 5, "audit_minutes": 20, "plans": False, "items": items,
        "by": "ana",
    }  # fmt: skip
    assert story.ask("PUT", "/api/v1/warehouses/hz", body).is_success


def test_a_decision_is_in_the_remark_before_the_audit_and_what_was_packed_comes_back(
    story: Warehouse,
) -> None:
    _figures(story, **{"card-gift": "CARD-A"})
    order, number = story.bought(MEI)
    story.erp.edit(number, remark="发票")
    story.go(minutes=18)

    decided = story.decision(f"{SHOP}/{order}")
    assert decided["content"] == "card"
    assert story.erp.orders[number]["remark"] == "发票｜[卡CARD-A]"
    story.erp.audit(number)
    story.go(minutes=1)
    story.erp.send(number)
    story.go(minutes=6)

    (parcel,) = story.read(f"/api/v1/parcels/list?number={order}")["parcels"]
    assert (parcel["state"], parcel["packed_card"], parcel["mismatch"]) == (
        "shipped", decided["card"], None,
    )  # fmt: skip
    assert story.facts("select warehouse from parcel") == [("hz",)]
    (packing,) = story.read("/api/v1/parcels/account")["warehouses"]
    assert (packing["warehouse"], packing["packed"], packing["other_kind"]) == ("hz", 1, 0)


def test_an_audit_that_came_first_is_told_and_the_difference_counted(story: Warehouse) -> None:
    _figures(story, **{"card-gift": "CARD-A"})
    order, number = story.bought(HUA)
    story.go(minutes=10)
    story.erp.audit(number)
    story.go(minutes=10)
    story.erp.send(number)
    story.go(minutes=6)

    checks = story.ask("POST", "/api/v1/connections/erp_jushuitan/test", {}).json()["checks"]
    assert checks[-1]["why"]["zh"] == "1 条晚于审单"
    (parcel,) = story.read(f"/api/v1/parcels/list?number={order}")["parcels"]
    assert (parcel["state"], parcel["mismatch"]) == ("shipped", "other_kind")
