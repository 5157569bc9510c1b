"""The layers that are shipped: whoever a customer is, they are in exactly one band of each."""

from __future__ import annotations

from collections import Counter
from typing import Any

from tests.build import NOW, facts, tell

from siyu.db.pool import Pool
from siyu.segments import actions
from siyu.segments.decide.shipped import LAYERS, shipped
from siyu.segments.predicates import FAMILIES
from siyu.segments.views import members
from siyu.segments.views.stored import stock, tree_of
from siyu.staff.actions import seed
from siyu.staff.model import Brand

AMOUNTS = (0, 1, 29_999, 30_000, 99_999, 100_000, 299_999, 300_000)
TOUCHED = """insert into touch (visit_id, node, round, customer_id, journey, step, channel, purpose,
  lane, priority, shop, order_no, material, locale, state, wished_at, due_at, sent_at)
select null, 'n', id, id, 'j', 's', 'sms', 'service', 'now', 5, '', '', 'm', 'zh',
  case when id %% 2 = 0 then 'replied' else 'sent' end, %(now)s, %(now)s,
  %(now)s::timestamptz - (id %% 3) * interval '60 days'
from customer where id %% 4 < 3"""


def lived() -> list[Any]:
    """Amounts on either side of every border, recent and long ago, once and often."""
    event, told, number = facts(), list[Any](), 0
    for amount in AMOUNTS:
        for at in (59, -31, -60):
            for often in (1, 3):
                keys = {"buyer": f"s/{amount}/{at}/{often}"}
                for one in range(often):
                    number += 1
                    total = amount if one == 0 else 0
                    more = {"order_no": str(number), "total_minor": total, "lines": []}
                    told.append(event("order.paid", at=at, keys=keys, **more))
    told += [event("friend.added", at=3, keys={"external_userid": f"wm{one}"}) for one in range(4)]
    refund = {"order_no": "1", "refund_no": "r", "amount_minor": 0, "lines": []}
    return [*told, event("order.cancelled", at=59, order_no="1"), event("order.refunded", **refund)]


def test_everybody_is_in_one_band_of_each_exclusive_layer(db: Pool) -> None:
    tell(db, lived())
    with db.transaction() as conn:
        seed(conn, Brand("b", "Asia/Shanghai", "CNY", "CN", "zh"))
        conn.execute("update customer set stage = 1 + id %% 5", {})
        conn.execute(TOUCHED, {"now": NOW})
        actions.install(conn, LAYERS, FAMILIES, "ana", NOW)
        everybody = {row[0] for row in conn.fetch("select id from customer")}
        found = {
            name: {
                code: members(conn, tree_of(conn, code, FAMILIES), NOW)
                for code in shipped(name).texts
            }
            for name in LAYERS
            if shipped(name).exclusive
        }

    assert set(found) == {"rfm", "stage", "value", "response"}
    for bands in found.values():
        assert Counter(who for some in bands.values() for who in some) == Counter(everybody)
        assert all(bands.values()), {code: len(some) for code, some in bands.items()}


def test_what_a_brand_has_made_of_a_layer_stays(db: Pool, clock: Any) -> None:
    own = shipped("value").texts["value-top"].replace("3000", "9000")
    with db.transaction() as conn:
        first = actions.install(conn, ["value"], FAMILIES, "ana", clock.now())
        actions.keep(conn, own, FAMILIES, "ana", clock.now())
        actions.retire(conn, "value-low", FAMILIES, "ana", clock.now())
        again = actions.install(conn, ["value"], FAMILIES, "ana", clock.now())
        kept = stock(conn).by_code

    assert (len(first), again) == (5, [])
    assert kept["value-top"].text == own
    assert kept["value-low"].retired_at
    assert kept["value-top"].layer == "value"
