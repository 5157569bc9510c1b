"""Install sources and codes; issue a state of a code for an order."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import datetime

from siyu.acquisition.model import ChannelCode, Issue, Source, state_code
from siyu.identities import actions as identities
from siyu.identities.model import Pointer
from siyu.kernel.errors import BadInput, NotFound
from siyu.kernel.ids import PublicIds
from siyu.kernel.sql import Conn, load
from siyu.segments.check import parse
from siyu.segments.predicates import FAMILIES
from siyu.vault.model import Keys, key_hash

SQL = load("siyu.acquisition")

Order = tuple[str, str, str]  # channel code, shop, order number


def install(
    conn: Conn, sources: Sequence[Source], codes: Sequence[ChannelCode], playbook: str
) -> None:
    """Make a playbook's sources and codes known; BadInput names what an admission gets wrong."""
    for source in sources:
        found = parse(dict(source.admission), FAMILIES, "admission")
        if isinstance(found, tuple):
            raise BadInput(f"the admission rule of source {source.code} can't be used", found)
    conn.execute(
        SQL.install_sources,
        {
            "codes": [source.code for source in sources],
            "titles": [dict(source.title) for source in sources],
            "admissions": [dict(source.admission) for source in sources],
            "shops": [json.dumps(source.shops) for source in sources],
            "journeys": [source.journey for source in sources],
            "holdouts": [source.holdout for source in sources],
            "gifts": [source.gift for source in sources],
            "cards": [source.card for source in sources],
            "playbook": playbook,
        },
    )
    conn.execute(
        SQL.install_codes,
        {
            "codes": [code.code for code in codes],
            "sources": [code.source for code in codes],
            "steps": [code.step for code in codes],
            "staff": [code.staff for code in codes],
            "titles": [code.title for code in codes],
        },
    )


def issue(
    conn: Conn, keys: Keys, ids: PublicIds, issues: Sequence[Issue], now: datetime
) -> dict[Order, str]:
    """A state for each order and code, one for good; who comes by it is known at once."""
    wanted = {(one.channel_code, one.shop, one.order_no): one for one in issues}
    if not wanted:
        return {}
    found = _issued(conn, list(wanted))
    new = [wanted[order] for order in sorted(wanted.keys() - found.keys())]
    if not new:
        return found
    found |= _insert(conn, keys, ids, new, now)
    # who was a moment earlier with the same order has its state: looked up again, which is rare
    return found if wanted.keys() <= found.keys() else _issued(conn, list(wanted))


def _insert(
    conn: Conn, keys: Keys, ids: PublicIds, new: Sequence[Issue], now: datetime
) -> dict[Order, str]:
    rows = conn.fetch(SQL.new_issue_ids, {"codes": [one.channel_code for one in new]})
    known = [is_known for _, is_known in rows]
    if not all(known):
        lost = {one.channel_code for one, there in zip(new, known, strict=True) if not there}
        raise NotFound(f"no channel code named {', '.join(sorted(lost))}; its source must list it")
    states = [state_code(ids, row[0]) for row in rows]
    made = conn.fetch(
        SQL.issue,
        {
            "ids": [row[0] for row in rows],
            "states": states,
            "hashes": [key_hash(keys, "state", state) for state in states],
            "codes": [one.channel_code for one in new],
            "steps": [one.step for one in new],
            "customers": [one.customer_id for one in new],
            "shops": [one.shop for one in new],
            "orders": [one.order_no for one in new],
            "parcels": [one.parcel_id for one in new],
            "now": now,
        },
    )
    pointers = [
        Pointer("state", state_hash, customer_id, "a code of ours")
        for *_, state_hash, customer_id in made
    ]
    if pointers:
        identities.register(conn, pointers, now)
    return {(code, shop, order_no): state for code, shop, order_no, state, *_ in made}


def _issued(conn: Conn, orders: Sequence[Order]) -> dict[Order, str]:
    rows = conn.fetch(
        SQL.issued,
        {
            "codes": [order[0] for order in orders],
            "shops": [order[1] for order in orders],
            "orders": [order[2] for order in orders],
        },
    )
    return {(code, shop, order_no): state for code, shop, order_no, state in rows}
