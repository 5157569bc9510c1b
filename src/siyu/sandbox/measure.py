"""The figures of a run: from what people really received, reconciled with the engine's account."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from siyu.kernel.time import Hours
from siyu.sandbox.phones import Add, Paid, Parcel, Records, Touch

Order = tuple[str, str]
WINDOW = timedelta(days=14)
REENTRY = timedelta(days=30)
PROMPT = timedelta(seconds=60)
# Out-of-scope reasons that the world itself can refute.
_CHECKED = {"guest", "split_child", "no_inserts"}


@dataclass(frozen=True)
class Account:
    """What the engine says of itself. `held_out` are the orders whose buyers are the hold-out."""

    currency: str
    cost_minor: int = 0
    cost_by_step: Mapping[str, int] = field(default_factory=dict[str, int])
    held_out: frozenset[Order] = frozenset()
    withheld: Mapping[str, int] = field(default_factory=dict[str, int])
    touches_by_step: Mapping[str, int] = field(default_factory=dict[str, int])
    friends_matched: int = 0  # of those who added in the period
    friends_unmatched: int = 0
    gifts: int = 0
    cards: int = 0
    differs: int = 0  # packed otherwise than decided


@dataclass(frozen=True)
class Rules:
    """How a run is judged: the brand's zone, the hours of the first message, if there is one."""

    zone: ZoneInfo
    sms_hours: Hours
    messages: bool = True
    sms_consent: frozenset[str] = frozenset()  # buyers who agreed to it at checkout


class Measure:
    """One run's figures."""

    def __init__(self, records: Records, account: Account, rules: Rules) -> None:
        self._records = records
        self._account = account
        self._rules = rules
        self._paid = sorted(records.orders.values(), key=lambda paid: (paid.at, paid.order_no))
        self._matched = {add.buyer: add for add in records.adds if add.matched}
        self._held = {
            paid.buyer
            for paid in self._paid
            if paid.buyer and (paid.shop, paid.order_no) in account.held_out
        }
        self._first = self._in_scope()
        self._friends = {
            buyer: self._matched[buyer]
            for buyer, first in self._first.items()
            if buyer in self._matched and self._matched[buyer].at <= first.at + WINDOW
        }
        self._received = [touch for touch in records.touches if not touch.cancelled]

    def _in_scope(self) -> dict[str, Paid]:
        """Buyers with an order that stood, no friend at it, not held out: the first such order."""
        found: dict[str, Paid] = {}
        for paid in self._paid:
            buyer = paid.buyer
            if buyer is None or buyer in self._held or paid.cancelled_at is not None:
                continue
            if buyer not in found and not self._friend_at(buyer, paid.at):
                found[buyer] = paid
        return found

    def _friend_at(self, buyer: str, at: datetime) -> bool:
        add = self._matched.get(buyer)
        return add is not None and (add.known_at or add.at) <= at

    def figures(self) -> dict[str, object]:
        """The JSON of `siyu demo`, without the wall time."""
        invited = self._invited()
        friends = len(self._friends)
        cost = self._account.cost_minor
        sms = self._sms()
        return {
            "orders": len(self._paid),
            "orders_cancelled": sum(paid.cancelled_at is not None for paid in self._paid),
            "customers": len({paid.buyer for paid in self._paid if paid.buyer}),
            "guest_orders": sum(paid.buyer is None for paid in self._paid),
            "in_scope": len(self._first),
            "invited": len(invited),
            "friends_added": friends,
            "friends_unmatched": sum(not add.matched for add in self._records.adds),
            "friends_deleted_us": self._records.deleted,
            "add_rate": _share(friends, len(self._first)),
            "add_rate_invited": _share(len(invited & self._friends.keys()), len(invited)),
            "by_step": self._by_step(),
            "parcels": self._parcels(),
            "sms": sms,
            "sms_within_60s_share": _share_or_none(sms["within_60s"], sms["counted"]),
            "packed_otherwise": self._records.mispacked,
            "touches_after_add": sum(_after_add(t, add) for t, add in self._to_friends()),
            "raced": self._raced(),
            "duplicate_touches": self._duplicates(),
            "withheld": dict(sorted(self._account.withheld.items())),
            "cost_minor": cost,
            "cost_per_add_minor": round(cost / friends) if friends else None,
            "currency": self._account.currency,
            "refused_by_engine": dict(Counter(self._records.refused)),
            "reconciled": self._reconciled(),
        }

    # ── people ──

    def _invited(self) -> set[str]:
        reached = {touch.buyer for touch in self._received if touch.buyer}
        reached |= {p.buyer for p in self._records.parcels.values() if p.card and p.buyer}
        return reached & self._first.keys()

    def _by_step(self) -> dict[str, dict[str, int]]:
        touches = Counter(touch.step for touch in self._received)
        cards = sum(bool(parcel.card) for parcel in self._records.parcels.values())
        if cards:
            touches["card"] = cards
        adds = Counter(add.step for add in self._friends.values())
        cost = self._account.cost_by_step
        return {
            step: {"touches": touches[step], "adds": adds[step], "cost_minor": cost.get(step, 0)}
            for step in sorted(touches.keys() | adds.keys() | cost.keys())
        }

    # ── the zeros ──

    def _to_friends(self) -> Iterable[tuple[Touch, Add]]:
        """Touches that people got who had added by then, in any way that tells who they are."""
        for touch in self._received:
            add = self._matched.get(touch.buyer or "")
            if add is not None and add.seq < touch.seq:
                yield touch, add

    def _raced(self) -> dict[str, object]:
        lags = [
            (touch.at - (add.known_at or add.at)).total_seconds()
            for touch, add in self._to_friends()
            if not _after_add(touch, add)
        ]
        return {"count": len(lags), "longest_lag_seconds": round(max(lags, default=0.0), 1)}

    def _duplicates(self) -> int:
        """The same person got the same step's touch again within 14 days, whatever its token."""
        seen: dict[tuple[str, str], datetime] = {}
        count = 0
        for touch in sorted(self._received, key=lambda touch: touch.seq):
            before = seen.get((touch.phone, touch.step))
            count += before is not None and touch.at - before <= WINDOW
            seen[touch.phone, touch.step] = touch.at
        return count

    # ── parcels ──

    def _parcels(self) -> dict[str, object]:
        found: Counter[str] = Counter({"gift": 0, "card": 0, "both": 0, "neither": 0})
        out: Counter[str] = Counter()
        packed = [p for p in self._records.parcels.values() if p.packed_at is not None]
        for parcel in packed:
            content = _content(parcel)
            if content in found:
                found[content] += 1
            else:
                out[content.removeprefix("out ")] += 1
        return {"packed": len(packed), **found, "out_of_scope": dict(sorted(out.items()))}

    # ── the first message ──

    def _sms(self) -> dict[str, object]:
        first: dict[Order, datetime] = {}
        for touch in self._records.touches:
            if touch.channel == "sms":
                first.setdefault((touch.shop, touch.order_no), touch.at)
        excluded: Counter[str] = Counter()
        counted = within = 0
        entered: dict[str, datetime] = {}
        for paid in self._paid:
            reason = self._why_not(paid, entered)
            if reason:
                excluded[reason] += 1
                continue
            counted += 1
            at = first.get((paid.shop, paid.order_no))
            within += at is not None and at - paid.at <= PROMPT
        return {
            "paid_orders": len(self._paid),
            "counted": counted,
            "within_60s": within,
            "excluded": dict(sorted(excluded.items())),
        }

    def _why_not(self, paid: Paid, entered: dict[str, datetime]) -> str:
        """Why no SMS is due within a minute of this order, by what the world knows; '' if it is."""
        buyer = paid.buyer
        if not self._rules.messages:
            return "not_in_policy"
        if buyer is None:
            return "guest"
        if self._friend_at(buyer, paid.at):
            return "friend_already"
        if buyer in self._held:
            return "holdout"
        before = entered.get(buyer)
        if before is not None and paid.at - before < REENTRY:
            return "joined_cascade"
        entered[buyer] = paid.at
        opted_out = self._records.opted_out.get(buyer)
        if opted_out is not None and opted_out <= paid.at:
            return "opted_out"
        if buyer not in self._rules.sms_consent:
            return "no_consent"
        return "" if self._in_hours(paid.at) else "hour"

    def _in_hours(self, at: datetime) -> bool:
        """Open from the order on for the whole minute."""
        start, end = at.astimezone(self._rules.zone), (at + PROMPT).astimezone(self._rules.zone)
        hours = self._rules.sms_hours
        return start.date() == end.date() and hours.start <= start.time() and end.time() < hours.end

    # ── the engine's own account ──

    def _reconciled(self) -> dict[str, dict[str, int]]:
        """Where the engine's account differs from the world's; empty when they agree."""
        account = self._account
        adds = [add for add in self._records.adds if not add.before]
        steps: defaultdict[str, int] = defaultdict(int)
        for touch in self._records.touches:  # also calls that were called back in time
            steps[touch.step] += 1
        pairs = {
            "friends_matched": (sum(add.matched for add in adds), account.friends_matched),
            "friends_unmatched": (sum(not add.matched for add in adds), account.friends_unmatched),
            "gifts": (sum(bool(p.gift) for p in self._records.parcels.values()), account.gifts),
            "cards": (sum(bool(p.card) for p in self._records.parcels.values()), account.cards),
            "packed_otherwise": (self._records.mispacked, account.differs),
        }
        for step in sorted(steps.keys() | account.touches_by_step.keys()):
            pairs[f"touches.{step}"] = (steps[step], account.touches_by_step.get(step, 0))
        return {
            name: {"sandbox": ours, "engine": theirs}
            for name, (ours, theirs) in pairs.items()
            if ours != theirs
        }


def _after_add(touch: Touch, add: Add) -> bool:
    """The provider got it after the add's apply had committed."""
    return add.applied_seq is not None and add.applied_seq < touch.seq


def _content(parcel: Parcel) -> str:
    """What a parcel is: gift, card, both, neither, or `out REASON` when it should carry nothing."""
    if parcel.gift and parcel.card:
        return "both"
    if parcel.gift or parcel.card:
        return "gift" if parcel.gift else "card"
    decision = parcel.decision
    if decision is None or decision.content != "none" or not decision.reason:
        return "neither"
    true = {
        "guest": parcel.buyer is None,
        "split_child": parcel.main_order is None,
        "no_inserts": not parcel.inserts,
    }
    if decision.reason in _CHECKED and not true[decision.reason]:
        return "neither"  # an excuse that does not hold
    return f"out {decision.reason}"


def _share(part: object, whole: object) -> float:
    return _share_or_none(part, whole) or 0.0


def _share_or_none(part: object, whole: object) -> float | None:
    if not isinstance(part, int) or not isinstance(whole, int) or not whole:
        return None
    return round(part / whole, 4)
