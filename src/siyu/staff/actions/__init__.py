"""Who works here, when and how much; every change by a person is audited."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import date, datetime

from siyu.kernel.errors import BadInput, NotFound, Problem, Refused
from siyu.kernel.sentence import Sentence, wording
from siyu.kernel.sql import Conn, load
from siyu.staff.model import (
    ANY_WORK,
    EVERYBODY,
    GOALS,
    MEASURED,
    WEEKDAYS,
    WORK,
    Brand,
    Member,
    Off,
    Store,
    windows,
)

SQL = load("siyu.staff")


def seed(
    conn: Conn, brand: Brand, stores: Sequence[Store] = (), members: Sequence[Member] = ()
) -> None:
    """Put the brand, its stores and its people in place; again is harmless."""
    conn.execute(SQL.set_brand, asdict(brand))
    _set_stores(conn, stores)
    _set_members(conn, members)


def _set_stores(conn: Conn, stores: Sequence[Store]) -> None:
    shelf = {store.code: store for store in stores}
    if shelf:
        conn.execute(
            SQL.set_stores,
            {
                "codes": sorted(shelf),
                "names": [shelf[code].name for code in sorted(shelf)],
                "regions": [shelf[code].region for code in sorted(shelf)],
            },
        )


def _set_members(conn: Conn, members: Sequence[Member]) -> None:
    known = {code for (code,) in conn.fetch(SQL.store_codes)}
    strays = sorted({m.code for m in members if m.store is not None and m.store not in known})
    if strays:
        raise BadInput(
            Sentence(
                f"No such store for {', '.join(strays)}: name the store first.",
                f"{', '.join(strays)} 没有对应的门店：请先登记门店。",
            )
        )
    people = [member for _, member in sorted({m.code: m for m in members}.items())]
    if people:
        conn.execute(
            SQL.set_members,
            {
                "codes": [m.code for m in people],
                "names": [m.name for m in people],
                "roles": [m.role for m in people],
                "stores": [m.store for m in people],
                "active": [m.active for m in people],
            },
        )
    gone = [member.code for member in people if not member.active]
    if gone:
        conn.execute(SQL.end_sessions_of, {"staff": gone})


def audit(
    conn: Conn,
    actor: str,
    action: str,
    object: str,  # noqa: A002 - the table's word
    reason: str,
    now: datetime,
) -> None:
    """Write down who did what to what, and why: a reveal, a pause, an erasure."""
    conn.execute(
        SQL.audit,
        {"actor": actor, "action": action, "object": object, "reason": reason, "now": now},
    )


def set_store(conn: Conn, store: Store, by: str, now: datetime) -> None:
    """Add a store, or change its name and region."""
    _set_stores(conn, [store])
    audit(conn, by, "staff.store", store.code, f"{store.name} {store.region}".strip(), now)


def set_member(conn: Conn, member: Member, by: str, now: datetime) -> None:
    """Add somebody, or change what is known of them; not active: gets no work any more."""
    _set_members(conn, [member])
    where = member.store or "head office"
    words = f"{member.role}, {where}" + ("" if member.active else ", not active")
    audit(conn, by, "staff.member", member.code, words, now)


def take_in(conn: Conn, member: Member, source: str, by: str, now: datetime) -> None:
    """Somebody whom a carrier lists (`source`: its connector) is staff from now on, and is called
    as they are there until a name is said here. Refused where the code is taken."""
    if any(code == member.code for code, *_ in conn.fetch(SQL.members)):
        raise Refused(
            Sentence(
                f"{member.code} is staff already; `siyu staff add` changes what is known of them.",
                f"{member.code} 已是员工；可用 `siyu staff add` 修改。",
            )
        )
    set_member(conn, member, by, now)
    conn.execute(SQL.named_by, {"code": member.code, "source": source})


def rename(conn: Conn, names: Mapping[str, str], source: str, now: datetime) -> None:
    """What the carrier calls those who were taken in from it. Audited where it is new."""
    codes = sorted(names)
    params = {"codes": codes, "names": [names[code] for code in codes], "source": source}
    for (code,) in conn.fetch(SQL.rename, params) if codes else ():
        audit(conn, source, "staff.member", code, "called otherwise there", now)


def set_week(
    conn: Conn, staff: str, week: Mapping[int, str] | None, by: str, now: datetime
) -> None:
    """The usual hours by weekday (1 is Monday); a day left out is free. None: at all hours."""
    _known(conn, staff, everybody=True)
    problems = [Problem(f"weekday {day}", why) for day, hours in sorted((week or {}).items())
                if (why := _wrong(day, hours))]  # fmt: skip
    if week is not None and not week:
        problems.append(
            Problem(
                "week",
                Sentence(
                    "no day is in it; who never works is set to not active",
                    "一天也没有；从不上班的人请设为停用",
                ),
            )
        )
    if problems:
        raise BadInput(
            Sentence("These hours can't be kept.", "这些工作时间不能保存。"), tuple(problems)
        )
    conn.execute(SQL.clear_rota, {"staff": staff})
    days = sorted(week or {})
    if week is not None:
        hours = [week[day] for day in days]
        conn.execute(SQL.set_rota, {"staff": staff, "weekdays": days, "hours": hours})
    words = "; ".join(f"{WEEKDAYS[day - 1]} {(week or {})[day]}" for day in days)
    audit(conn, by, "staff.hours", staff, words or "at all hours", now)


def _wrong(day: int, hours: str) -> Sentence | None:
    if not 1 <= day <= len(WEEKDAYS):
        return Sentence("weekdays are 1 (Monday) to 7", "星期是 1（周一）到 7")
    try:
        if windows(hours):
            return None
        return Sentence("no hours; leave a free day out", "没有时段；休息日请不写")
    except ValueError as error:
        return wording(error)


def set_day(
    conn: Conn, staff: str, day: date, hours: str | None, note: str, by: str, now: datetime
) -> None:
    """A day that is not like its weekday: other hours, '' for a free day; None: as usual again."""
    _known(conn, staff, everybody=True)
    if hours is None:
        conn.execute(SQL.clear_day, {"staff": staff, "day": day})
    else:
        try:
            windows(hours)
        except ValueError as error:
            raise BadInput(
                Sentence("This day can't be kept.", "这一天不能保存。"),
                (Problem("hours", wording(error)),),
            ) from None
        conn.execute(SQL.set_day, {"staff": staff, "day": day, "hours": hours, "note": note})
    words = "as usual" if hours is None else hours or "free"
    audit(conn, by, "staff.day", f"{staff} {day.isoformat()}", f"{words} {note}".strip(), now)


def set_capacity(
    conn: Conn, staff: str, work: str, per_day: int | None, by: str, now: datetime
) -> None:
    """At most so much of this work in a day, carried over or new; None: no limit."""
    _known(conn, staff, everybody=True)
    problems: list[Problem] = []
    if work not in (*WORK, ANY_WORK):
        known = ", ".join((*WORK, ANY_WORK))
        problems.append(
            Problem(
                "work",
                Sentence(
                    f"{work!r} is no kind of work; known are {known}",
                    f"{work!r} 不是工作种类；可用的有 {known}",
                ),
            )
        )
    if per_day is not None and not 0 <= per_day <= 10_000:
        problems.append(Problem("per_day", Sentence("must be 0 to 10000", "必须是 0 到 10000")))
    if problems:
        raise BadInput(
            Sentence("This capacity can't be kept.", "这个工作量上限不能保存。"), tuple(problems)
        )
    if per_day is None:
        conn.execute(SQL.clear_capacity, {"staff": staff, "work": work})
    else:
        params = {"staff": staff, "work": work, "per_day": per_day}
        conn.execute(SQL.set_capacity, params)
    words = "no limit" if per_day is None else f"{per_day} a day"
    audit(conn, by, "staff.capacity", f"{staff} {work}", words, now)


def set_traffic(
    conn: Conn,
    traffic: Mapping[str, Mapping[tuple[int, int], int]],
    by: str,
    now: datetime,
) -> None:
    """Store → visitors by (weekday, hour): all that is known of these stores from now on."""
    hours = [
        (store, weekday, hour, visitors)
        for store, told in sorted(traffic.items())
        for (weekday, hour), visitors in sorted(told.items())
    ]
    if not hours:
        return
    conn.execute(SQL.clear_traffic, {"stores": sorted(traffic)})
    columns = zip(
        ("stores", "weekdays", "hours", "visitors"), zip(*hours, strict=True), strict=True
    )
    conn.execute(SQL.set_traffic, {name: list(values) for name, values in columns})
    lines = [(by, "store.traffic", one, f"{len(told)} hours") for one, told in traffic.items()]
    audit_all(conn, lines, now)


def go_off(conn: Conn, staff: str, off: Off, reason: str, by: str, now: datetime) -> None:
    """Not at work from then on. Open tasks are handed over as soon as it begins (tasks)."""
    _known(conn, staff)
    if off.until is not None and off.until <= max(off.since, now):
        raise BadInput(
            Sentence(
                "This leave is over before it begins: `until` must be later.",
                "请假还没开始就结束了：`until` 必须更晚。",
            )
        )
    params = {"staff": staff, "since": off.since, "until": off.until, "reason": reason}
    conn.execute(SQL.go_off, params)
    span = f"{off.since.isoformat()} to {off.until.isoformat() if off.until else 'not known'}"
    audit(conn, by, "staff.off", staff, f"{span} {reason}".strip(), now)


def come_back(conn: Conn, staff: str, by: str, now: datetime) -> None:
    """At work again: leaves under way end, those to come are taken away."""
    _known(conn, staff)
    if not conn.fetch(SQL.come_back, {"staff": staff, "now": now})[0][0]:
        raise Refused(
            Sentence(
                f"{staff} is not off, and no leave is to come.",
                f"{staff} 没有请假，也没有将要开始的请假。",
            )
        )
    audit(conn, by, "staff.back", staff, "", now)


def claim_leaves(conn: Conn, now: datetime, again: datetime, limit: int = 100) -> list[str]:
    """Whose leave has begun and whose work is to be handed over; asked anew at `again`."""
    params = {"now": now, "again": again, "limit": limit}
    return [staff for (staff,) in conn.fetch(SQL.claim_leaves, params)]


def settle_leaves(conn: Conn, staff: Sequence[str], now: datetime) -> None:
    """All of their work is handed over."""
    if staff:
        conn.execute(SQL.settle_leaves, {"staff": list(staff), "now": now})


def audit_all(conn: Conn, lines: Sequence[tuple[str, str, str, str]], now: datetime) -> None:
    """(actor, action, object, reason), in one statement."""
    if lines:
        actors, names, objects, reasons = zip(*lines, strict=True)
        conn.execute(
            SQL.audit_all,
            {
                "actors": list(actors),
                "actions": list(names),
                "objects": list(objects),
                "reasons": list(reasons),
                "now": now,
            },
        )


def _known(conn: Conn, staff: str, *, everybody: bool = False) -> None:
    if everybody and staff == EVERYBODY:
        return
    if not conn.fetch(SQL.member_known, {"code": staff})[0][0]:
        raise NotFound(
            Sentence(
                f"Nobody here has the code {staff!r}; siyu staff list shows who does.",
                f"没有编码为 {staff!r} 的员工；siyu staff list 会列出所有人。",
            )
        )


def set_approval(conn: Conn, people: int | None, minor: int | None, by: str, now: datetime) -> None:
    """A second person has to approve what reaches more people, or costs more; None: no limit."""
    if any(limit is not None and limit < 0 for limit in (people, minor)):
        raise BadInput(
            Sentence(
                "A limit is 0 or more; leave it out to have none.",
                "上限必须不小于 0；留空表示没有上限。",
            )
        )
    if not conn.execute(SQL.set_approval, {"people": people, "minor": minor}):
        raise NotFound(
            Sentence(
                "No brand is set up yet: `siyu demo` or a first import sets one up.",
                "还没有设置品牌：`siyu demo` 或首次导入会设置。",
            )
        )
    words = f"above people: {people}, above minor units: {minor}"
    audit(conn, by, "approval.limits", "brand", words, now)


def set_goal(
    conn: Conn, kind: str, target: float | None, days: int | None, by: str, now: datetime
) -> None:
    """What the pool is worked for from now on; one goal at a time, the last one is replaced."""
    problems: list[Problem] = []
    if kind not in GOALS:
        problems.append(
            Problem(
                "kind",
                Sentence(
                    f"{kind!r} is no goal; known are {', '.join(GOALS)}",
                    f"{kind!r} 不是目标；可用的有 {', '.join(GOALS)}",
                ),
            )
        )
    elif kind in MEASURED:
        if target is None or not 0 < target <= 1:
            problems.append(
                Problem(
                    "target",
                    Sentence(
                        "say the rate to reach: above 0, at most 1",
                        "请写明要达到的比率：大于 0，最多 1",
                    ),
                )
            )
        if days is None or not 1 <= days <= 180:
            problems.append(
                Problem(
                    "days",
                    Sentence("say within how many days, 1 to 180", "请写明在多少天内，1 到 180"),
                )
            )
    elif target is not None or days is not None:
        problems.append(
            Problem(
                "target",
                Sentence(
                    f"no figure measures {kind}: leave target and days out",
                    f"没有指标衡量 {kind}：请不要写 target 和 days",
                ),
            )
        )
    if problems:
        raise BadInput(Sentence("This goal can't be kept.", "这个目标不能保存。"), tuple(problems))
    conn.execute(SQL.set_goal, {"kind": kind, "target": target, "days": days, "by": by, "now": now})
    words = kind if target is None else f"{kind} {target:.1%} within {days} days"
    audit(conn, by, "goal.set", "brand", words, now)
