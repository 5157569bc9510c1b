"""What was decided for parcels, how friends came, who is admitted."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Literal, NamedTuple

from siyu.acquisition.model import (
    REASONS,
    Account,
    Candidate,
    ChannelCode,
    Claim,
    Explained,
    Frozen,
    KnownParcel,
    Pick,
    PickDue,
    PickList,
    Source,
)
from siyu.commerce.model import Warehouse
from siyu.events.model import OURS
from siyu.kernel.errors import BadInput, NotFound
from siyu.kernel.sentence import Sentence
from siyu.kernel.sql import Conn, load, paged
from siyu.segments import views as segments
from siyu.segments.check import parse
from siyu.segments.compile import compile_tree
from siyu.segments.predicates import FAMILIES
from siyu.staff.model import Scope
from siyu.vault.model import Keys, key_hash

SQL = load("siyu.acquisition")
EVERYBODYS = Scope()
MOST_WAITING = 10_000


class Came(NamedTuple):
    """New friends by one state: all, and those of late."""

    all: int = 0
    lately: int = 0


def came(conn: Conn, keys: Keys, states: Collection[str], since: datetime) -> dict[str, Came]:
    """State → how many new friends came with it, ever and since then; each friend once."""
    hashes = {key_hash(keys, "state", one): one for one in states}
    rows = conn.fetch(SQL.adds_by_state, {"hashes": sorted(hashes), "since": since})
    found = {hashes[bytes(hashed)]: Came(count, lately) for hashed, count, lately in rows}
    return {one: found.get(one, Came()) for one in states}


def sources(conn: Conn) -> dict[str, Source]:
    """Every source by its code."""
    found: dict[str, Source] = {}
    for code, title, admission, shops, journey, holdout, gift, card in conn.fetch(SQL.sources):
        found[code] = Source(
            code, title, admission, tuple(shops), journey, holdout, gift=gift, card=card
        )
    return found


def codes(conn: Conn) -> list[ChannelCode]:
    """Every channel code."""
    return [ChannelCode(*row) for row in conn.fetch(SQL.codes)]


def admitted(
    conn: Conn, source: str | Source, customer_ids: Collection[int], now: datetime
) -> set[int]:
    """Those of these customers whom the source admits."""
    if isinstance(source, str):
        found = sources(conn).get(source)
        if found is None:
            raise NotFound(
                Sentence(
                    f"no source named {source}; install the playbook that has it",
                    f"没有来源 {source}；请安装含有它的打法",
                )
            )
        source = found
    tree = parse(dict(source.admission), FAMILIES, "admission")
    if isinstance(tree, tuple):
        raise BadInput(
            Sentence(
                f"the admission rule of source {source.code} can't be used",
                f"来源 {source.code} 的准入规则不能用",
            ),
            tree,
        )
    return segments.matching(conn, compile_tree(tree), customer_ids, now)


def issued_to(conn: Conn, state: str) -> int | None:
    """The customer for whom this state was issued; None where it is none of ours."""
    rows = conn.fetch(SQL.issued_to, {"state": state})
    return int(rows[0][0]) if rows else None


def decisions(conn: Conn, after: int, limit: int) -> list[Frozen]:
    """Frozen decisions behind this `seq` (0: from the first), in the order of freezing."""
    return [Frozen(*row) for row in conn.fetch(SQL.decisions, {"after": after, "limit": limit})]


def pick_lists(conn: Conn, warehouse: str = "", limit: int = 100) -> list[PickList]:
    """The lists that warehouses got, the latest first."""
    params = {"id": None, "warehouse": warehouse, "limit": limit}
    return [PickList(*row) for row in conn.fetch(SQL.pick_lists, params)]


def pick_list(conn: Conn, list_id: int) -> tuple[PickList, list[Pick]] | None:
    """One of them with its lines, as it was made."""
    rows = conn.fetch(SQL.pick_lists, {"id": list_id, "warehouse": "", "limit": 1})
    if not rows:
        return None
    lines = conn.fetch(SQL.pick_lines, {"list": list_id})
    return PickList(*rows[0]), [Pick(*row) for row in lines]


def pick_due(conn: Conn, since: datetime) -> list[PickDue]:
    """What each warehouse is to be told next, of parcels cut off since then."""
    return [PickDue(*row) for row in conn.fetch(SQL.pick_due, {"since": since})]


def waiting(conn: Conn) -> dict[str, int]:
    """Warehouse → planned parcels before their cut-off, of the 10,000 that come first."""
    return dict(conn.fetch(SQL.waiting_by_warehouse, {"most": MOST_WAITING}))


def known_parcels(conn: Conn, numbers: Collection[str]) -> dict[str, KnownParcel]:
    """Those of these numbers that are parcels of ours."""
    rows = conn.fetch(SQL.known_parcels, {"numbers": sorted(numbers)}) if numbers else []
    return {row[0]: KnownParcel(*row) for row in rows}


def own_codes(
    conn: Conn, house: Warehouse | None = None
) -> dict[str, tuple[Literal["gift", "card"], str]]:
    """The codes that mean something of ours in a parcel, as a warehouse writes them: each with
    `gift` or `card` and our own code."""
    theirs: Mapping[str, str] = {} if house is None else house.items
    found: dict[str, tuple[Literal["gift", "card"], str]] = {}
    for kind, code in conn.fetch(SQL.own_codes):
        found[theirs.get(code) or code] = (kind, code)
    return found


def explain_parcels(conn: Conn, customer_id: int) -> list[Explained]:
    """Every decided parcel of a customer, with the reason in words."""
    rows = conn.fetch(SQL.explain_parcels, {"customer_id": customer_id})
    return [Explained._make((*row[:5], REASONS[row[4]], *row[5:])) for row in rows]


def account(conn: Conn, since: datetime | None = None, until: datetime | None = None) -> Account:
    """The parcel account of what was packed in this time; its parts add up."""
    rows = conn.fetch(SQL.account, {"since": since, "until": until})
    packed: Counter[str] = Counter()
    out: Counter[str] = Counter()
    decided: Counter[str] = Counter()
    differs = strays = 0
    for content, reason, gift, card, many in rows:
        decided[content] += many
        really = {(1, 0): "gift", (0, 1): "card", (1, 1): "both", (0, 0): "neither"}[gift, card]
        if content == "none":
            out[reason] += many
            strays += many if really != "neither" else 0
        else:
            packed[really] += many
            differs += many if really != content else 0
    return Account(
        packed=packed.total() + out.total(),
        gift=packed["gift"],
        card=packed["card"],
        both=packed["both"],
        neither=packed["neither"],
        out_of_scope=dict(out),
        decided=dict(decided),
        differs=differs,
        strays=strays,
    )


def matches(conn: Conn) -> dict[str, int]:
    """How new friends came: state, shared key, identified later, unmatched."""
    return dict(conn.fetch(SQL.match_counts))


MOST_CANDIDATES = 20


def claims(
    conn: Conn, after: int = 0, limit: int = 100, scope: Scope = EVERYBODYS
) -> list[tuple[Claim, list[Candidate]]]:
    """Open claims with an id above `after`, and the friends that each may be, newest first."""
    params = {"after": after, "limit": limit, "scope": scope.codes}
    found = [Claim(*row) for row in conn.fetch(SQL.claims, params)]
    wanted = {
        "claims": [one.id for one in found],
        "most": MOST_CANDIDATES,
        "scope": scope.codes,
    }
    rows = [Candidate(*row) for row in conn.fetch(SQL.candidates, wanted)] if found else []
    return [(claim, [one for one in rows if one.claim_id == claim.id]) for claim in found]


def claim_of(conn: Conn, source_id: str) -> int | None:
    """The claim that a report of ours made, as long as nobody has decided it."""
    rows = conn.fetch(SQL.claim_of, {"source": OURS, "source_id": source_id})
    return rows[0][0] if rows else None


class ToMatch(NamedTuple):
    """A friend of whom nobody knows which buyer it is, and whose friend."""

    identity_id: int
    customer_id: int
    added_at: datetime
    source: str
    how: str
    staff: str


def to_match(
    conn: Conn, scope: Scope, after: tuple[datetime, int] | None, limit: int
) -> list[ToMatch]:
    """Friends not matched to a buyer, the newest first, from this place on."""
    at, place = after or (None, None)
    params = {"at": at, "place": place, "limit": limit, "scope": scope.codes}
    return [ToMatch(*row) for row in conn.fetch(SQL.to_match, params)]


def friend(conn: Conn, friend_id: int) -> int | None:
    """The customer whose account this is, if it ever became a friend."""
    rows = conn.fetch(SQL.friend, {"friend": friend_id})
    return rows[0][0] if rows else None


def claimed(conn: Conn, claim_id: int) -> int | None:
    """The customer of a claim."""
    rows = conn.fetch(SQL.claimed, {"claim": claim_id})
    return rows[0][0] if rows else None


class Unmatched(NamedTuple):
    """A friend of whom nobody knows which buyer it is."""

    identity_id: int
    customer_id: int
    added_at: datetime
    source: str
    how: str


def unmatched(conn: Conn, after: int, limit: int) -> tuple[list[Unmatched], int]:
    """Friends not matched to a buyer, by account; and the account up to which was looked."""
    rows, end = paged(conn, SQL.unmatched_page, SQL.unmatched_end, after, limit, {})
    return [Unmatched(*row) for row in rows], end
