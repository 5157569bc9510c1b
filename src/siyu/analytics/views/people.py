"""Customers as people look for them: one box for whatever is known, a list with filters.

Names and phones are masked. Whoever serves some customers only finds those.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal, NamedTuple, TypeAlias

from siyu.analytics.views.find import PEOPLE
from siyu.identities import views as identities
from siyu.kernel.ids import PublicIds
from siyu.kernel.sql import Conn, load
from siyu.staff.model import Scope
from siyu.vault import views as vault
from siyu.vault.model import Keys, key_hash, mask_name, mask_phone, normalise

SQL = load("siyu.analytics")
LOOKS = 20_000  # one answer looks at so many customers at most, however rare a filter's are
MOST_HITS = 20
MOST_NAMED = 100
MOST_OF_OTHERS = 4_000  # of one name, among whom those of a scope are looked for
MOST_TAGS = 1000
TAGS_SHOWN = 6
EVERYBODY = 1 << 62

FriendFilter = Literal["live", "gone", "never"]
MatchedBy = Literal[
    "order", "phone", "last4", "name", "buyer", "member", "external_userid", "unionid"
]


class Filters(NamedTuple):
    """Whom a list shows. `friend`: who is one now, who was, who never was; `guide`: whose friend;
    `held`: who must not be contacted somewhere; `complained`: whose complaint is open."""

    stage: int | None = None
    tag: str = ""
    friend: FriendFilter | Literal[""] = ""
    guide: str = ""
    shop: str = ""
    tasked: bool = False
    held: bool = False
    complained: bool = False

    @property
    def plain(self) -> bool:
        """Nothing is asked but who is there."""
        return self == Filters()


@dataclass(frozen=True)
class Card:
    """A customer in a list. Money is net of what was given back, in the brand's currency;
    `friends` are the accounts of staff, the latest first; `journey` is the latest under way."""

    customer: str
    name_masked: str
    phone_masked: str
    stage: str
    since: datetime
    owner: str
    owner_name: str
    friends: list[str]
    parted: bool
    tags: list[str]
    orders: int
    total_minor: int
    currency: str
    last_order: str
    last_order_at: datetime | None
    journey: str
    node: str
    due_at: datetime | None
    open_task: bool
    held: bool


@dataclass(frozen=True)
class Hit:
    """Somebody whom the words could mean, and by which of their keys."""

    by: list[MatchedBy]
    customer: Card


class Page(NamedTuple):
    """`end`: before which id to go on, 0 at the end; `looked`: at how many customers."""

    cards: list[Card]
    end: int
    looked: int


class Counted(NamedTuple):
    """`whole`: all were looked at; else there may be more."""

    many: int
    looked: int
    whole: bool


class Desk(NamedTuple):
    """What every look needs: where, with which keys, for whom, when."""

    conn: Conn
    keys: Keys
    ids: PublicIds
    scope: Scope
    currency: str
    now: datetime


Walk: TypeAlias = Callable[[int, int], list[int]]  # before, most → ids downwards


def listed(desk: Desk, filters: Filters, before: int, limit: int) -> Page:
    """The newest customers who fit, before this id (0: from the newest)."""
    found: list[int] = []
    looked = end = 0
    for piece in _walked(desk, filters, before, limit + 1):
        found += _fitting(desk, filters, piece.ids, limit + 1 - len(found))
        looked += len(piece.ids)
        if len(found) > limit:
            return Page(cards(desk, found[:limit]), found[limit - 1], looked)
        end = 0 if piece.last else piece.ids[-1]
    return Page(cards(desk, found), end, looked)


def counted(desk: Desk, filters: Filters) -> Counted:
    """How many fit, among as many as one answer looks at."""
    many = looked = 0
    whole = False
    for piece in _walked(desk, filters, 0, LOOKS):
        many += len(_fitting(desk, filters, piece.ids, LOOKS))
        looked += len(piece.ids)
        whole = piece.last
    return Counted(many, looked, whole)


class _Piece(NamedTuple):
    """Ids downwards; after the `last` piece there is nobody."""

    ids: list[int]
    last: bool


def _walked(desk: Desk, filters: Filters, before: int, first: int) -> Iterator[_Piece]:
    """In ever larger pieces, as far as one answer looks."""
    walk = _walk(desk, filters)
    before, looked = before or EVERYBODY, 0
    size = first if filters.plain else max(first, 200)
    while looked < LOOKS:
        size = min(size, LOOKS - looked)
        ids = walk(before, size)
        piece = _Piece(ids, last=len(ids) < size)
        yield piece
        if piece.last:
            return
        before, looked, size = ids[-1], looked + len(ids), size * 5


def _walk(desk: Desk, filters: Filters) -> Walk:
    """By the key that leads to the fewest."""
    codes = desk.scope.codes
    if codes is None and filters.guide:
        codes = [filters.guide]
    if codes is not None:
        sql, params = SQL.walk_served, {"codes": codes}
    elif filters.tasked:
        sql, params = SQL.walk_tasked, {}
    elif filters.complained:
        sql, params = SQL.walk_complained, {}
    elif filters.held:
        sql, params = SQL.walk_held, {"now": desk.now}
    elif filters.tag:
        sql, params = SQL.walk_tagged, {"tag": filters.tag}
    else:
        sql, params = SQL.walk_all, {}

    def walk(before: int, most: int) -> list[int]:
        rows = desk.conn.fetch(sql, {**params, "before": before, "most": most})
        return [row[0] for row in rows]

    return walk


def _fitting(desk: Desk, filters: Filters, ids: list[int], most: int) -> list[int]:
    if filters.plain or not ids:
        return ids[:most]
    params = {**filters._asdict(), "ids": ids, "most": most, "now": desk.now}
    return [row[0] for row in desk.conn.fetch(SQL.matching, params)]


def within(conn: Conn, scope: Scope, customer_ids: Sequence[int]) -> list[int]:
    """Those of them whom the scope serves, in the order given."""
    if scope.codes is None or not customer_ids:
        return list(customer_ids)
    rows = conn.fetch(SQL.within, {"ids": list(customer_ids), "codes": scope.codes})
    mine = {row[0] for row in rows}
    return [one for one in customer_ids if one in mine]


def cards(desk: Desk, customer_ids: Sequence[int]) -> list[Card]:
    """What a list shows of these, in the order given: two statements."""
    if not customer_ids:
        return []
    params = {
        "ids": list(customer_ids),
        "now": desk.now,
        "currency": desk.currency,
        "tags": TAGS_SHOWN,
    }
    rows = desk.conn.fetch(SQL.cards, params)
    names, phones = vault.open_both(
        desk.conn,
        desk.keys,
        [row[3] for row in rows if row[3] is not None],
        [row[4] for row in rows if row[4] is not None],
        "phone",
    )
    return [
        Card(
            customer=desk.ids.encode("cus", id_),
            name_masked=mask_name(names.get(name, "")),
            phone_masked=mask_phone(phones[phone]) if phone in phones else "",
            stage=f"A{stage}",
            since=since,
            owner=live[0] if live else "",
            owner_name=called,
            friends=live,
            parted=gone and not live,
            tags=tags,
            orders=orders,
            total_minor=total,
            currency=desk.currency,
            last_order=last or "",
            last_order_at=last_at,
            journey=journey,
            node=node,
            due_at=due,
            open_task=tasked,
            held=held,
        )
        for (
            id_, since, stage, name, phone, live, gone, called, tags, orders, total, last_at, last,
            journey, node, due, tasked, held,
        ) in rows
    ]  # fmt: skip


def staff_names(conn: Conn, codes: Iterable[str]) -> dict[str, str]:
    """Account → name; who works here no more, and never did, is missing."""
    return dict(conn.fetch(SQL.staff_names, {"codes": sorted(set(codes))}))


def tag_names(conn: Conn) -> list[str]:
    """Every tag that somebody carries."""
    return [row[0] for row in conn.fetch(SQL.tag_names, {"most": MOST_TAGS})]


def tags_with(conn: Conn, text: str) -> list[str]:
    """Tags that hold these words, the shortest first."""
    plain = text.casefold()
    found = [name for name in tag_names(conn) if plain and plain in name.casefold()]
    return sorted(found, key=len)[:MOST_HITS]


def sought(desk: Desk, region: str, text: str) -> tuple[list[Hit], bool]:
    """Whom these words could mean: an order's or parcel's number, a phone or its last four digits,
    a member's, buyer's or account's id, a name or two characters of it. And whether there are more.
    """
    plain = text.strip()
    by: dict[int, list[MatchedBy]] = {}
    for kind, ids in _candidates(desk, region, plain):
        for one in ids:
            by.setdefault(one, []).append(kind)
    mine = within(desk.conn, desk.scope, list(by))
    shown = mine[:MOST_HITS]
    hits = zip(shown, cards(desk, shown), strict=True)
    return [Hit(sorted(set(by[one])), card) for one, card in hits], len(mine) > MOST_HITS


def _candidates(desk: Desk, region: str, text: str) -> Iterator[tuple[MatchedBy, list[int]]]:
    """By the surest key first."""
    if not text:
        return
    pairs = [(kind, key) for kind in (*PEOPLE, "order") if (key := _key(desk, region, kind, text))]
    known = identities.resolve(desk.conn, pairs)
    for (kind, _), customer in sorted(known.items()):
        yield kind, [customer]  # type: ignore[misc] - kinds of keys
    yield "order", [row[0] for row in desk.conn.fetch(SQL.numbered, {"order_no": text})]
    if len(text) == 4 and text.isdecimal():
        yield "last4", _people(desk, vault.find(desk.conn, desk.keys, "last4", text))
    if not text.isdecimal():
        yield "name", _named(desk, text)


def _key(desk: Desk, region: str, kind: str, text: str) -> bytes | None:
    try:
        return key_hash(desk.keys, kind, normalise(kind, text, region))
    except ValueError:
        return None  # not of this form


def _people(desk: Desk, subjects: Sequence[bytes]) -> list[int]:
    """Whose subjects these are, in their order."""
    found = identities.resolve(desk.conn, [(kind, one) for one in subjects for kind in PEOPLE])
    mine = {subject: customer for (_, subject), customer in found.items()}
    return list(dict.fromkeys(mine[one] for one in subjects if one in mine))


def _named(desk: Desk, part: str) -> list[int]:
    """With a scope the many of the same name are cut down to those in it before one is opened."""
    everybody = desk.scope.codes is None
    subjects = vault.bearing(
        desk.conn, desk.keys, part, MOST_NAMED if everybody else MOST_OF_OTHERS
    )
    if not everybody:
        found = identities.resolve(desk.conn, [(k, one) for one in subjects for k in PEOPLE])
        mine = set(within(desk.conn, desk.scope, sorted(set(found.values()))))
        kept = {subject for (_, subject), customer in found.items() if customer in mine}
        subjects = [one for one in subjects if one in kept][:MOST_NAMED]
    return _people(desk, vault.holding(desk.conn, desk.keys, part, subjects))
