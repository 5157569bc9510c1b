"""The brand's rules, and what sets single customers apart."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from siyu.budget.model import ANY, Cap, opening
from siyu.kernel.errors import BadInput, Problem
from siyu.kernel.ids import share
from siyu.kernel.sql import Conn, load

SQL = load("siyu.budget")

DEFAULT_HOURS: Mapping[tuple[str, str], str] = {
    (ANY, "order_invitation"): "08:00-22:00",
    (ANY, "promotion"): "09:00-20:00",
    (ANY, "service"): "09:00-21:00",
    ("voice_ai", "order_invitation"): "09:00-21:00",
    ("voice_human", "order_invitation"): "09:00-21:00",
}
DEFAULT_CAPS = (
    Cap(ANY, "order_invitation", 14, 6),
    Cap(ANY, "promotion", 7, 2),
    Cap("voice", ANY, 30, 3),
)


def set_defaults(conn: Conn) -> None:
    """The rules that a new brand starts with; what was set already stays."""
    conn.execute(SQL.default_caps, _caps(DEFAULT_CAPS))
    conn.execute(SQL.default_hours, _hours(DEFAULT_HOURS))


def set_caps(conn: Conn, caps: Sequence[Cap]) -> None:
    """At most `most` touches in `days` days per customer; channels as in `Cap`."""
    problems = tuple(
        Problem(f"{cap.channel}/{cap.purpose}", "days must be 1 to 366, most 0 to 1000")
        for cap in caps
        if not (1 <= cap.days <= 366 and 0 <= cap.most <= 1000)
    )
    if problems:
        raise BadInput("These caps can't be kept.", problems)
    if caps:
        conn.execute(SQL.set_caps, _caps(caps))


def set_hours(conn: Conn, hours: Mapping[tuple[str, str], str]) -> None:
    """(channel or `*`, purpose or `*`) → the hours in the brand's zone, like `09:00-20:00`."""
    problems: list[Problem] = []
    for (channel, purpose), text in sorted(hours.items()):
        try:
            opening(text)
        except ValueError as error:
            problems.append(Problem(f"{channel}/{purpose}", str(error)))
    if problems:
        raise BadInput("These hours can't be kept.", tuple(problems))
    if hours:
        conn.execute(SQL.set_hours, _hours(hours))


def set_shop_policy(conn: Conn, rows: Sequence[tuple[str, str, bool, str]]) -> None:
    """(shop, channel, allowed, note): what a shop's platform, or the brand, tolerates there."""
    if not rows:
        return
    ordered = sorted(
        {(shop, channel): (allowed, note) for shop, channel, allowed, note in rows}.items()
    )
    conn.execute(
        SQL.set_shop_policy,
        {
            "shops": [key[0] for key, _ in ordered],
            "channels": [key[1] for key, _ in ordered],
            "allowed": [value[0] for _, value in ordered],
            "notes": [value[1] for _, value in ordered],
        },
    )


def suppress(
    conn: Conn,
    rows: Sequence[tuple[int, str, str, datetime | None]],
    now: datetime,
    identities: Sequence[int | None] = (),
) -> None:
    """(customer, channel, group or `*`, reason, until): never contacted there; None is for good.

    `identities` say, row by row, whose word it was; without one the customer's first key stands in.
    """
    if not rows:
        return
    longest: dict[tuple[int, str, int], tuple[str, datetime | None]] = {}
    whose = identities or [None] * len(rows)
    for (customer, channel, reason, until), identity in zip(rows, whose, strict=True):
        key = customer, channel, identity or 0
        before = longest.get(key)
        if before is None or (before[1] is not None and (until is None or until > before[1])):
            longest[key] = (reason, until)
    keys = sorted(longest)
    conn.execute(
        SQL.suppress,
        {
            "customers": [customer for customer, _, _ in keys],
            "channels": [channel for _, channel, _ in keys],
            "identities": [identity or None for _, _, identity in keys],
            "reasons": [longest[key][0] for key in keys],
            "sinces": [now] * len(keys),
            "untils": [longest[key][1] for key in keys],
        },
    )


def lift(conn: Conn, customer_id: int, channel: str) -> bool:
    """End a suppression; False if there was none."""
    return conn.execute(SQL.lift, {"customer": customer_id, "channel": channel}) > 0


def assign_holdout(
    conn: Conn,
    scope: str,
    probability: float,
    customers: Sequence[tuple[int, str]],
    now: datetime,
) -> dict[int, bool]:
    """(customer, natural key) → held out or not; for good. The share depends on the key alone,
    so a second run of the same shop holds out the same people."""
    if not 0 <= probability <= 1:
        raise BadInput(f"A hold-out of {probability} is no share; write it like 0.05.")
    if not customers:
        return {}
    first: dict[int, str] = {}
    for customer, natural_key in customers:
        first.setdefault(customer, natural_key)
    ids = sorted(first)
    rows = conn.fetch(
        SQL.assign,
        {
            "scope": scope,
            "probability": probability,
            "customers": ids,
            "held": [share("holdout", scope, first[customer]) < probability for customer in ids],
            "now": now,
        },
    )
    # who was assigned by somebody else in this very moment is in neither part of the answer
    again = {"scope": scope, "customers": ids}
    return dict(rows if len(rows) == len(ids) else conn.fetch(SQL.holdouts, again))


def _caps(caps: Sequence[Cap]) -> dict[str, object]:
    return {
        "channels": [cap.channel for cap in caps],
        "purposes": [cap.purpose for cap in caps],
        "days": [cap.days for cap in caps],
        "most": [cap.most for cap in caps],
    }


def _hours(hours: Mapping[tuple[str, str], str]) -> dict[str, object]:
    return {
        "channels": [channel for channel, _ in hours],
        "purposes": [purpose for _, purpose in hours],
        "hours": list(hours.values()),
    }
