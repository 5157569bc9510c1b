"""Above a size a second person has to say yes before a version takes customers in."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

from siyu.acquisition import views as acquisition
from siyu.journeys.actions import pilot
from siyu.journeys.actions.pilot import State
from siyu.journeys.actions.watch import watch
from siyu.journeys.check import check
from siyu.journeys.decide.waves import planned
from siyu.journeys.model import Journey
from siyu.journeys.model.enter import EnterWaves
from siyu.journeys.nodes.send import Touching
from siyu.kernel.errors import BadInput, NotFound, Refused
from siyu.kernel.money import show
from siyu.kernel.sentence import Sentence
from siyu.kernel.sql import Conn, load
from siyu.ledger import views as ledger
from siyu.segments import actions as segments
from siyu.segments.model import Family
from siyu.staff import actions as staff
from siyu.staff import views as people

SQL = load("siyu.journeys")
LATELY = timedelta(days=30)  # who would have come in then is who is expected to
NO_LIMITS = people.Approval()
ANSWERS: Mapping[str, Sentence] = {
    "approved": Sentence("approved", "已批准"),
    "refused": Sentence("refused", "已拒绝"),
}
APPROVERS = frozenset({"operator", "owner"})
# What a touch costs at least, once per person and step: kinds of the price list.
COSTS: Mapping[str, str] = {
    "sms": "sms_segment",
    "voice_ai": "call_minute",
    "voice_human": "staff_minute",
    "wecom_request": "staff_minute",
}


class Expected(NamedTuple):
    """Whom a version will reach in the next thirty days, and what that costs."""

    people: int
    cost_minor: int
    currency: str

    def __str__(self) -> str:
        cost = f", {show(self.cost_minor, self.currency)}" if self.currency else ""
        return f"about {self.people:,} people in 30 days{cost}"

    @property
    def zh(self) -> str:
        """The same in Chinese."""
        cost = f"，{show(self.cost_minor, self.currency)}" if self.currency else ""
        return f"30 天内约 {self.people:,} 人{cost}"


class Decided(NamedTuple):
    """What became of a request."""

    code: str
    version: int
    published: bool


def needed(conn: Conn, journey: Journey, most: int | None, now: datetime) -> Expected | None:
    """What is expected, where that is above the brand's limits; None: one person may decide."""
    limits = people.approval(conn)
    if limits == NO_LIMITS:
        return None
    return _above(limits, expected(conn, journey, most, now))


def by_hand(
    conn: Conn, journey_id: int, journey: Journey, customers: Collection[int], now: datetime
) -> Expected | None:
    """The same where people let these customers in: whom they have let in lately is counted."""
    limits = people.approval(conn)
    if limits == NO_LIMITS:
        return None
    params = {"journey": journey_id, "customers": sorted(customers), "since": now - LATELY}
    ((crowd,),) = conn.fetch(SQL.by_hand, params)
    return _above(limits, _priced(conn, journey, crowd, now))


def _above(limits: people.Approval, found: Expected) -> Expected | None:
    crowd = limits.above_people is not None and found.people > limits.above_people
    dear = limits.above_minor is not None and found.cost_minor > limits.above_minor
    return found if crowd or dear else None


def expected(conn: Conn, journey: Journey, most: int | None, now: datetime) -> Expected:
    """As many people as would have come in during the last thirty days, or as waves of that long
    take, each told every step."""
    if isinstance(journey.enter, EnterWaves):
        crowd = planned(journey.enter.waves, LATELY)
        return _priced(conn, journey, crowd if most is None else min(crowd, most), now)
    source = acquisition.sources(conn).get(journey.source or "")
    params = {
        "code": journey.journey,
        "orders": journey.entry_kind == "order.paid",
        "shops": list(source.shops) if source and source.shops else None,
        "since": now - LATELY,
        "now": now,
    }
    ((crowd,),) = conn.fetch(SQL.lately, params)
    return _priced(conn, journey, crowd if most is None else min(crowd, most), now)


def _priced(conn: Conn, journey: Journey, crowd: int, now: datetime) -> Expected:
    prices = ledger.prices(conn, now)
    steps = [step.node.channel for step in journey.steps if isinstance(step.node, Touching)]
    known = [prices[COSTS[one]] for one in steps if COSTS.get(one) in prices]
    each = sum(price.unit_minor for price in known)
    return Expected(crowd, crowd * each, known[0].currency if known else "")


def take_back(
    conn: Conn, journey_id: int, version: int | None, by: str, reason: str, now: datetime
) -> bool:
    """What waits is not asked for any more, unless it is this version; False: nothing was."""
    params = {"journey": journey_id, "version": version, "by": by, "reason": reason, "now": now}
    return conn.execute(SQL.overtaken, params) > 0


def ask(
    conn: Conn, state: State, wanted: tuple[str, int, int | None], size: Expected, by: str,
    now: datetime,
) -> None:  # fmt: skip
    """(code, version, pilot): put it before a second person; a newer request replaces the older."""
    code, version, most = wanted
    if by not in {member.code for member in people.members(conn)}:
        who = Sentence(repr(by), repr(by)) if by else Sentence("nobody", "没有写明的人")
        raise BadInput(
            Sentence(
                f"{size}: a second person has to approve, so say who asks: "
                f"{who} is no member of staff.",
                f"{size.zh}：需要第二个人批准，请写明是谁申请的：{who.zh} 不是员工。",
            )
        )
    params = {"journey": state.journey_id, "version": version, "pilot": most, "by": by, "now": now}
    conn.execute(SQL.ask, {**params, **size._asdict()})
    staff.audit(conn, by, "journey.ask", code, f"version {version}: {size}", now)


def decide(
    conn: Conn, code: str, by: str, families: Sequence[Family], now: datetime, *,
    yes: bool, reason: str = "",
) -> Decided:  # fmt: skip
    """A second person says yes, and it is published; or no, and it is not.

    The journey is locked first, as whoever publishes or stops it does.
    """
    segments.hold(conn)  # before a row of journeys: so events take the two as well
    states = [State(*row) for row in conn.fetch(SQL.state, {"code": code})]
    rows = conn.fetch(SQL.waiting_one, {"code": code})
    if not rows:
        raise _settled(conn, code)
    (found_id, version, most, asked_by, text) = rows[0]
    roles = {member.code: member.role for member in people.members(conn)}
    if by == asked_by:
        raise Refused(
            Sentence(
                f"{by} has asked for it; a second person has to approve.",
                f"是 {by} 申请的；必须由第二个人批准。",
            )
        )
    if roles.get(by) not in APPROVERS:
        names = ", ".join(sorted(one for one, role in roles.items() if role in APPROVERS))
        allowed = Sentence(names or "nobody yet", names or "暂无")
        raise Refused(
            Sentence(
                f"{by} may not approve; who may: {allowed}.",
                f"{by} 不能批准；可以批准的有：{allowed.zh}。",
            )
        )
    said = {"id": found_id, "by": by, "now": now, "reason": reason}
    conn.execute(SQL.decided, {**said, "state": "approved" if yes else "refused"})
    words = f"version {version}, asked by {asked_by}{': ' if reason else ''}{reason}"
    staff.audit(conn, by, "journey.approve" if yes else "journey.refuse", code, words, now)
    if yes:
        (state,) = states
        journey = check(text, families)
        if not isinstance(journey, Journey):
            raise BadInput(
                Sentence(
                    f"Version {version} of {code!r} can't be read any more:",
                    f"{code!r} 的第 {version} 版已无法读取：",
                ),
                journey,
            )
        if most is None:
            conn.execute(SQL.publish, {"journey": state.journey_id, "version": version})
        else:
            pilot.begin(conn, state, journey, version, most, families)
        watch(conn, state.journey_id, journey, families, now, afresh=state.version is None)
    return Decided(code, version, yes)


def _settled(conn: Conn, code: str) -> Refused | NotFound:
    """Why nothing waits: in the words of what became of the last that did."""
    rows = conn.fetch(SQL.answered, {"code": code, "limit": 1})
    if not rows:
        return NotFound(
            Sentence(f"Nothing of {code!r} waits for approval.", f"{code!r} 没有等待批准的版本。")
        )
    (_, version, *_, state, by, _, reason) = rows[0]
    became = ANSWERS.get(state, Sentence(state, state))
    who = Sentence(f" by {by}", f"，{by}") if by else Sentence("", "")
    why = Sentence(f" ({reason})", f"（{reason}）") if reason else Sentence("", "")
    said = Sentence(f"{became}{who}{why}", f"{became.zh}{who.zh}{why.zh}")
    return Refused(
        Sentence(
            f"Version {version} of {code!r} does not wait any more: {said}.",
            f"{code!r} 的第 {version} 版已不再等待：{said.zh}。",
        )
    )


def widen(conn: Conn, code: str, by: str, families: Sequence[Family], now: datetime) -> Decided:
    """End a pilot: everybody enters, at once or after a second person has approved."""
    rows = conn.fetch(SQL.state, {"code": code})
    state = State(*rows[0]) if rows else None
    if state is not None and state.version is not None and state.most is not None:
        ((_, _, text),) = conn.fetch(
            SQL.versions, {"journeys": [state.journey_id], "versions": [state.version]}
        )
        journey = check(text, families)
        size = needed(conn, journey, None, now) if isinstance(journey, Journey) else None
        if size is not None:
            ask(conn, state, (code, state.version, None), size, by, now)
            return Decided(code, state.version, published=False)
    return Decided(code, pilot.widen(conn, code, by, now), published=True)
