"""Install sources and codes; issue a state of a code for an order."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import datetime

from siyu.acquisition.model import ChannelCode, Entry, Issue, PickList, Source, state_code
from siyu.commerce import views as commerce
from siyu.events import actions as events
from siyu.events.model import CustomerIdentified, Key, OrderClaimed
from siyu.identities import actions as identities
from siyu.identities import views as people
from siyu.identities.model import ACCOUNT, Pointer
from siyu.kernel.errors import BadInput, NotFound, Refused
from siyu.kernel.ids import PublicIds
from siyu.kernel.sentence import Sentence
from siyu.kernel.sql import Conn, load
from siyu.segments.check import parse
from siyu.segments.predicates import FAMILIES
from siyu.staff import actions as staff
from siyu.vault import views as vault
from siyu.vault.model import LAST4, Keys, key_hash

SQL = load("siyu.acquisition")

Order = tuple[str, str, str]  # channel code, shop, order number


def install(
    conn: Conn, sources: Sequence[Source], codes: Sequence[ChannelCode], playbook: str
) -> None:
    """Make a playbook's sources and codes known; BadInput names what an admission gets wrong."""
    for source in sources:
        found = parse(dict(source.admission), FAMILIES, "admission")
        if isinstance(found, tuple):
            raise BadInput(
                Sentence(
                    f"the admission rule of source {source.code} can't be used",
                    f"来源 {source.code} 的准入规则不能用",
                ),
                found,
            )
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
    states, fresh = _states(conn, sorted(wanted))
    if not fresh:
        return states
    states |= _insert(conn, keys, ids, [(id_, wanted[order]) for order, id_ in fresh], now)
    # who was a moment earlier with the same order has its state: looked up again, which is rare
    return states if wanted.keys() <= states.keys() else _states(conn, sorted(wanted))[0]


def _states(
    conn: Conn, orders: Sequence[Order]
) -> tuple[dict[Order, str], list[tuple[Order, int]]]:
    """The states that there are, and ids for those that there will be."""
    rows = conn.fetch(
        SQL.states,
        {
            "codes": [order[0] for order in orders],
            "shops": [order[1] for order in orders],
            "orders": [order[2] for order in orders],
        },
    )
    lost = {code for code, _, _, state, id_ in rows if state is None and id_ is None}
    if lost:
        raise NotFound(
            Sentence(
                f"no channel code named {', '.join(sorted(lost))}; its source must list it",
                f"没有活码 {', '.join(sorted(lost))}；它的来源必须列出它",
            )
        )
    return (
        {(code, shop, order_no): state for code, shop, order_no, state, _ in rows if state},
        [((code, shop, order_no), id_) for code, shop, order_no, _, id_ in rows if id_],
    )


def _insert(
    conn: Conn, keys: Keys, ids: PublicIds, new: Sequence[tuple[int, Issue]], now: datetime
) -> dict[Order, str]:
    states = [state_code(ids, id_) for id_, _ in new]
    made = conn.fetch(
        SQL.issue,
        {
            "ids": [id_ for id_, _ in new],
            "states": states,
            "hashes": [key_hash(keys, "state", state) for state in states],
            "codes": [one.channel_code for _, one in new],
            "steps": [one.step for _, one in new],
            "customers": [one.customer_id for _, one in new],
            "shops": [one.shop for _, one in new],
            "orders": [one.order_no for _, one in new],
            "parcels": [one.parcel_id for _, one in new],
            "now": now,
        },
    )
    pointers = [
        Pointer("state", state_hash, customer_id, "a code of ours", _order(keys, shop, order_no))
        for _, shop, order_no, _, state_hash, customer_id in made
    ]
    if pointers:
        identities.register(conn, pointers, now)
    return {(code, shop, order_no): state for code, shop, order_no, state, *_ in made}


PAGE_STATE = "p"  # begins a page's states, which are a letter longer: they meet no order's


def enter(conn: Conn, keys: Keys, ids: PublicIds, entry: Entry, now: datetime) -> str:
    """A state for somebody who comes from a page; who comes by it is known by the page, and is the
    customer whom a token has named. Theirs is one for each page, so that of all to whom they pass
    the link on one at most is taken for them; and none is theirs once they are a friend."""
    theirs = _theirs(conn, entry)
    if theirs:
        return theirs
    ((number, known),) = conn.fetch(SQL.entry_number, {"code": entry.channel_code})
    if not known:
        raise NotFound(
            Sentence(
                f"no channel code named {entry.channel_code}; its source must list it",
                f"没有活码 {entry.channel_code}；它的来源必须列出它",
            )
        )
    state = PAGE_STATE + state_code(ids, number)
    hashed = key_hash(keys, "state", state)
    conn.execute(
        SQL.enter,
        {
            "id": number,
            "state": state,
            "hash": hashed,
            "code": entry.channel_code,
            "page": entry.page,
            "ad": dict(entry.ad),
            "now": now,
        },
    )
    if theirs is not None and entry.customer is not None:
        pointer = Pointer("state", hashed, entry.customer, "a page of ours")
        identities.register(conn, [pointer], now)
    return state


def _theirs(conn: Conn, entry: Entry) -> str | None:
    """The state that a page gave its customer before; '': one will be theirs; None: none will."""
    if entry.customer is None:
        return None
    conn.fetch(SQL.hold_customer, {"customer": entry.customer})
    if people.kinds(conn, [entry.customer], [ACCOUNT]):
        return None
    rows = conn.fetch(SQL.entered, {"customer": entry.customer, "page": entry.page})
    return rows[0][0] if rows else ""


def pick(conn: Conn, warehouse: str, since: datetime, by: str, now: datetime) -> PickList:
    """What a warehouse is to put in and was not told in a file before, as a new list. Audited."""
    params = {"warehouse": warehouse, "since": since, "now": now, "by": by}
    ((number, *found),) = conn.fetch(SQL.pick, params)
    made = PickList(number, warehouse, since, now, by, *found)
    conn.execute(SQL.picked, made._asdict())
    told = f"list {number}: {made.gifts} gifts, {made.cards} cards"
    staff.audit(conn, by, "parcels.pick", warehouse, told, now)
    return made


def confirm_claim(
    conn: Conn, claim_id: int, friend_id: int, by: str, about: str, now: datetime
) -> None:
    """This friend is the customer who said so: told as a fact, so the two become one. Audited.

    `about` names the claim in the audit.
    """
    if not conn.fetch(SQL.unmatched, {"friend": friend_id})[0][0]:
        raise BadInput(
            Sentence(
                "This is no friend who is still unmatched; `candidates` lists them.",
                "这不是还未匹配的好友；`candidates` 会列出。",
            )
        )
    customer = _decide(conn, claim_id, "confirmed", friend_id, by, now)
    rows = conn.fetch(SQL.claim_keys, {"friend": friend_id, "customer": customer})
    told = CustomerIdentified(how="claimed, and confirmed by staff")
    keys = tuple(Key(kind, hashed) for kind, hashed in rows)
    events.own(conn, [events.Own(told, f"claim:{claim_id}", now, keys)], now)
    staff.audit(conn, by, "match.confirm", about, "", now)


def match_friend(
    conn: Conn, friend_id: int, customer_id: int, by: str, about: str, why: str, now: datetime
) -> None:
    """Somebody knows which buyer this friend is: told as a fact, so the two become one. Audited."""
    if not conn.fetch(SQL.unmatched, {"friend": friend_id})[0][0]:
        raise Refused(
            Sentence("This is no friend who is still unmatched.", "这不是还未匹配的好友。")
        )
    rows = conn.fetch(SQL.claim_keys, {"friend": friend_id, "customer": customer_id})
    if len(rows) < 2:
        raise Refused(
            Sentence(
                "This customer has no phone or number of their own to be matched by.",
                "这位客户没有可用来匹配的手机号或会员号。",
            )
        )
    told = CustomerIdentified(how="matched by hand")
    keys = tuple(Key(kind, hashed) for kind, hashed in rows)
    events.own(conn, [events.Own(told, f"match:{about}/{now.isoformat()}", now, keys)], now)
    staff.audit(conn, by, "match.friend", about, why, now)


def claim_order(
    conn: Conn, keys: Keys, customer_id: int, order: tuple[str, str], four: str, now: datetime
) -> None:
    """A friend says that this order (shop, number) is theirs. With the last four digits of the
    buyer's phone the two become one; else staff confirm. Each order is tried once, so that nobody
    finds four digits out: a second try changes nothing, and nobody is told which it was."""
    who = people.survivor(conn, [customer_id]).get(customer_id, customer_id)
    rows = conn.fetch(SQL.claiming, {"customer": who})
    if not rows:
        return
    friend, matched, hashed = rows[0]
    found = commerce.orders(conn, [order]).get(order)
    buyer = found.customer_id if found is not None else None
    told_by = [Key("external_userid", hashed)]
    proved = buyer is not None and not matched and _ends(conn, keys, buyer, four)
    if proved:
        both = conn.fetch(SQL.claim_keys, {"friend": friend, "customer": buyer})
        told_by = [Key(kind, one) for kind, one in both]
    shop, number = order
    known = "" if buyer is None else "known/"  # an order that comes in later can be tried then
    name = f"claim/{friend}/{known}{shop}/{number}"
    told = OrderClaimed(shop=shop, order_no=number, proved=proved)
    events.own(conn, [events.Own(told, name, now, tuple(told_by))], now)


def _ends(conn: Conn, keys: Keys, customer_id: int, four: str) -> bool:
    """Does a phone of theirs end so?"""
    phones = people.reach(conn, [customer_id], "phone").get(customer_id, [])
    if not four or not phones:
        return False
    alike = {bytes(one) for one in vault.find(conn, keys, LAST4, four)}
    return any(bytes(hashed) in alike for _, hashed in phones)


def refuse_claim(
    conn: Conn, claim_id: int, by: str, reason: str, about: str, now: datetime
) -> None:
    """They are no friend of ours, or nobody can tell which. Audited."""
    _decide(conn, claim_id, "refused", None, by, now)
    staff.audit(conn, by, "match.refuse", about, reason, now)


def _decide(
    conn: Conn, claim_id: int, state: str, friend: int | None, by: str, now: datetime
) -> int:
    params = {"id": claim_id, "state": state, "friend": friend, "by": by, "now": now}
    rows = conn.fetch(SQL.decide_claim, params)
    if not rows:
        raise Refused(
            Sentence(
                "There is no such open claim: somebody has decided it, or there never was.",
                "没有这条待处理的认领：别人已处理，或从来没有过。",
            )
        )
    return rows[0][0]


def _order(keys: Keys, shop: str, order_no: str) -> bytes:
    """The order's own pointer: its codes go where it goes."""
    return key_hash(keys, "order", f"{shop}/{order_no}")
