"""Which brand this is, who works here and when, what was audited."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import UTC, date, datetime, timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo

from siyu.kernel.errors import NotFound
from siyu.kernel.sentence import Sentence
from siyu.kernel.sql import SCAN, Conn, Row, load, paged
from siyu.kernel.time import zone
from siyu.staff.decide import AHEAD, IDLE
from siyu.staff.model import (
    WEEKDAYS,
    Brand,
    Credit,
    Duty,
    Goal,
    Member,
    Off,
    Role,
    Scope,
    ScopeKind,
    Sees,
    Store,
    usual_scope,
    windows,
)

SQL = load("siyu.staff")


class Audited(NamedTuple):
    """One line of the audit."""

    at: datetime
    actor: str
    action: str
    object: str
    reason: str


class Day(NamedTuple):
    """A day that is not like its weekday; `hours` empty: free."""

    day: date
    hours: str
    note: str


class Leave(NamedTuple):
    """Not at work, whatever the rota says."""

    since: datetime
    until: datetime | None
    reason: str


class Rules(NamedTuple):
    """What is set for one person, or for everybody (`*`): week, days to come, capacity, leaves."""

    week: dict[str, str]
    days: list[Day]
    capacity: dict[str, int]
    leaves: list[Leave]


class Duties(NamedTuple):
    """Who works, in which zone."""

    by_code: dict[str, Duty]
    zone: ZoneInfo


class SignedIn(NamedTuple):
    """Who is signed in, as they are known now."""

    code: str
    name: str
    role: Role
    store: Store | None
    scope: ScopeKind
    place: str
    must_change: bool
    seen_at: datetime


class Account(NamedTuple):
    """Who may sign in. `scope` and `place` are what holds, `said` what was set."""

    code: str
    name: str
    role: Role
    scope: ScopeKind
    place: str
    said: Sees
    active: bool
    must_change: bool
    made_at: datetime
    changed_at: datetime
    sessions: int
    seen_at: datetime | None


class Approval(NamedTuple):
    """Above these a second person has to approve; None: no limit."""

    above_people: int | None = None
    above_minor: int | None = None


def approval(conn: Conn) -> Approval:
    """The brand's limits; before there is a brand, none."""
    rows = conn.fetch(SQL.approval)
    return Approval(*rows[0]) if rows else Approval()


def brand(conn: Conn) -> Brand:
    """The brand of this database; NotFound before it was seeded."""
    rows = conn.fetch(SQL.brand)
    if not rows:
        raise NotFound(
            Sentence(
                "No brand is set up yet: `siyu demo` or a first import sets one up.",
                "还没有设置品牌：`siyu demo` 或首次导入会设置。",
            )
        )
    return Brand(*rows[0])


def goal(conn: Conn) -> Goal | None:
    """What the pool is worked for now; None before somebody said so."""
    rows = conn.fetch(SQL.goal)
    return Goal(*rows[0]) if rows else None


def credit(conn: Conn) -> Credit:
    """To whom orders are credited."""
    rows = conn.fetch(SQL.credit)
    return Credit(*rows[0]) if rows else Credit()


def signed_in(conn: Conn, key: bytes, real: datetime) -> SignedIn | None:
    """Whose session this is; None: nobody's (any more)."""
    params = {"hash": key, "real": real, "idle": real - IDLE}
    for code, name, role, store, called, region, scope, place, must, seen in conn.fetch(
        SQL.session, params
    ):
        where = _place(role, store, region, scope, place)
        at = Store(store, called, region) if store else None
        return SignedIn(code, name, role, at, *where, must, seen)
    return None


def accounts(conn: Conn, real: datetime, staff: str | None = None) -> list[Account]:
    """All who may sign in, by code; or this one."""
    params = {"staff": staff, "real": real, "idle": real - IDLE}
    found: list[Account] = []
    for code, name, role, store, region, scope, place, *rest in conn.fetch(SQL.accounts, params):
        where = _place(role, store, region, scope, place)
        found.append(Account(code, name, role, *where, Sees(scope, place), *rest))
    return found


def scope_of(conn: Conn, code: str, kind: ScopeKind, place: str) -> Scope:
    """Whose customers: everybody's at head office; else their own and those of all there."""
    if kind == "head_office":
        return Scope()
    found = {code}
    if kind != "own" and place:
        found |= {one for (one,) in conn.fetch(SQL.scope_codes, {"scope": kind, "place": place})}
    return Scope(tuple(sorted(found)))


def _place(
    role: Role, store: str | None, region: str, said: ScopeKind | None, place: str
) -> tuple[ScopeKind, str]:
    kind = said or usual_scope(role, store)
    own = {"region": region, "store": store or ""}.get(kind, "")
    return kind, place or own


def members(conn: Conn, role: Role | None = None, *, active_only: bool = True) -> list[Member]:
    """People by code; of one role if asked."""
    people = [Member(*row) for row in conn.fetch(SQL.members)]
    return [
        member
        for member in people
        if (role is None or member.role == role) and (member.active or not active_only)
    ]


def roles(conn: Conn, code: str) -> list[Role]:
    """The role of this member; none: nobody is called so."""
    return [one.role for one in members(conn, active_only=False) if one.code == code]


def stores(conn: Conn) -> list[Store]:
    """All stores by code."""
    return [Store(*row) for row in conn.fetch(SQL.stores)]


class Guide(NamedTuple):
    """A guide as a page of the team names them."""

    id: int
    code: str
    name: str
    store: str
    store_name: str


def guides(conn: Conn, after: int, limit: int, *, scope: Scope, store: str = "") -> list[Guide]:
    """Active guides of a scope (of a store) with an id above `after`, in id order."""
    params = {"after": after, "limit": limit, "scope": scope.codes, "store": store}
    return [Guide(*row) for row in conn.fetch(SQL.guides, params)]


def traffic(conn: Conn, stores: Collection[str]) -> dict[str, dict[tuple[int, int], int]]:
    """Store → visitors by (weekday, hour), of those stores of which a file says them."""
    found: dict[str, dict[tuple[int, int], int]] = {}
    for store, weekday, hour, visitors in conn.fetch(SQL.traffic, {"stores": sorted(stores)}):
        found.setdefault(store, {})[weekday, hour] = visitors
    return found


def brand_zone(conn: Conn) -> ZoneInfo:
    """The zone that the brand's days are counted in."""
    return zone(brand(conn).time_zone)


def duties(
    conn: Conn, now: datetime, role: Role = "guide", codes: Sequence[str] | None = None
) -> Duties:
    """When and how much each active member of a role (of these codes) works, from yesterday to a
    month ahead."""
    params = {
        "role": role,
        "codes": None if codes is None else list(codes),
        "now": now,
        "first": (now - timedelta(days=2)).date(),
        "last": (now + timedelta(days=AHEAD + 2)).date(),
    }
    rows = conn.fetch(SQL.duties, params)
    place = zone(rows[0][2]) if rows and rows[0][2] else ZoneInfo("UTC")
    return Duties({row[0]: _duty(row) for row in rows}, place)


def _duty(row: Row) -> Duty:
    code, store, _, week, found, sinces, untils, most = row
    days: dict[str, str] = found or {}
    return Duty(
        code,
        store,
        None if week is None else {int(day): windows(hours) for day, hours in week.items()},
        {date.fromisoformat(day): windows(hours) for day, hours in days.items()},
        tuple(Off(*span) for span in zip(sinces or (), untils or (), strict=True)),
        most or {},
    )


def rules(conn: Conn, now: datetime) -> dict[str, Rules]:
    """What is set, by person; `*` is everybody who has nothing of their own."""
    found: dict[str, Rules] = {}

    def of(staff: str) -> Rules:
        return found.setdefault(staff, Rules({}, [], {}, []))

    for staff, weekday, hours in conn.fetch(SQL.rotas):
        of(staff).week[WEEKDAYS[weekday - 1]] = hours
    for staff, *day in conn.fetch(SQL.days, {"since": now.astimezone(UTC).date()}):
        of(staff).days.append(Day(*day))
    for staff, work, per_day in conn.fetch(SQL.capacities):
        of(staff).capacity[work] = per_day
    for staff, *leave in conn.fetch(SQL.leaves, {"now": now}):
        of(staff).leaves.append(Leave(*leave))
    return found


def audited(conn: Conn, limit: int = 100) -> list[Audited]:
    """The latest audit lines, newest first."""
    return [Audited(*row) for row in conn.fetch(SQL.audited, {"limit": limit})]


def audit_page(
    conn: Conn, after: int, limit: int, *, action: str, actor: str
) -> tuple[list[Audited], int]:
    """Audit lines in the order in which they were written; and the place up to which was looked."""
    filters = {"action": action, "actor": actor}
    rows, end = paged(conn, SQL.audit_page, SQL.audit_end, after, limit, filters)
    return [Audited(*row[1:]) for row in rows], end


class Looked(NamedTuple):
    """What the audit is looked through for; what is empty does not filter."""

    actor: str = ""
    action: str = ""
    object: str = ""
    since: datetime | None = None
    until: datetime | None = None


# Lines that are written at once may stand in another order than their times: so many are looked
# at beyond the end of a period.
ASKEW = 1_000


def audit_latest(conn: Conn, before: int, limit: int, wanted: Looked) -> tuple[list[Audited], int]:
    """Audit lines before a place (0: from the latest), newest first; and the last one looked at."""
    start = before or 2**63 - 1
    if wanted.until is not None:
        rows = conn.fetch(SQL.audit_before, {"until": wanted.until})
        start = min(start, int(rows[0][0]) + ASKEW) if rows else 0
    narrowest = (name for name in ("object", "actor", "action") if getattr(wanted, name))
    by = next(narrowest, "")
    params = {**wanted._asdict(), "by": by, "before": start, "scan": SCAN, "limit": limit}
    rows = conn.fetch(SQL.audit_latest, params)
    found = [Audited(*row[1:]) for row in rows]
    if len(rows) == limit:
        return found, int(rows[-1][0])
    ends = conn.fetch(SQL.audit_latest_end, params)
    if not ends or (wanted.since is not None and ends[0][1] < wanted.since):
        return found, int(rows[-1][0]) if rows else before
    return found, int(ends[0][0])
