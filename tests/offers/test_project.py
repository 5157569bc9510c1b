from __future__ import annotations

from datetime import UTC, datetime, timedelta

import msgspec

from siyu.db.pool import Pool
from siyu.events.actions import accept
from siyu.events.model import Incoming
from siyu.events.sweep import apply
from siyu.kernel.ids import PublicIds
from siyu.ledger.actions import Price, set_prices
from siyu.offers.actions import install, promise
from siyu.offers.model import NewPromise, Offer
from siyu.offers.project import projection
from siyu.vault.model import Keys

NOW = datetime(2026, 11, 20, 4, 0, tzinfo=UTC)
IDS, KEYS = PublicIds(b"k"), Keys(b"m" * 32, b"l" * 32)


def test_a_promise_that_was_redeemed_is_fulfilled_and_costs_once(db: Pool) -> None:
    with db.transaction() as conn:
        set_prices(conn, [Price("gift", 250, "CNY")])
        install(conn, [Offer("treat", {"zh": "礼", "en": "treat"}, 100, "T")], "p")
        new = NewPromise("k", "treat", 1, None, "shop", "o1", None, NOW + timedelta(days=9))
        (promise_id,) = promise(conn, [new], NOW).values()
        for told, public in enumerate((IDS.encode("prm", promise_id), "prm_nobody", "tch_1")):
            data = msgspec.json.encode({"promise": public})
            for again in "ab":
                event = Incoming(
                    source="till",
                    id=f"{told}{again}",
                    kind="offer.redeemed",
                    occurred_at=NOW.isoformat(),
                    data=msgspec.Raw(data),
                )
                accept(conn, KEYS, "CN", [event], NOW)

    applied = apply(db, [projection(IDS)], NOW)

    with db.transaction() as conn:
        assert applied.parked == 0
        assert conn.fetch("select state, reason from promise") == [("fulfilled", "redeemed")]
        entries = conn.fetch("select cause, cause_id, kind, amount_minor from ledger_entry")
        assert entries == [("promise", promise_id, "gift", 250)]
