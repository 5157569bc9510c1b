"""The brand's rules, and what sets single customers apart."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from types import MappingProxyType
from typing import NamedTuple, TypeAlias

from siyu.budget import check
from siyu.budget.actions.rulings import stop_barred
from siyu.budget.model import ANY, Cap, Pace, Quota
from siyu.commerce import views as commerce
from siyu.kernel.errors import BadInput, NotFound, Problem
from siyu.kernel.ids import share
from siyu.kernel.sentence import Sentence, wording
from siyu.kernel.sql import Conn, load
from siyu.kernel.time import EARLIEST, opening
from siyu.staff import actions as staff

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
DEFAULT_PACE = Pace(window_hours=2, presses=None, cooldown_days=30)
COMPLAINT = "open_complaint"


ShopPolicy: TypeAlias = tuple[str, str, bool, str]


class Change(NamedTuple):
    """What is to be set, and what taken away; the rest stays as it is."""

    caps: Sequence[Cap] = ()
    hours: Mapping[tuple[str, str], str] = MappingProxyType({})
    quotas: Sequence[Quota] = ()
    pace: Pace | None = None
    shops: Sequence[ShopPolicy] = ()
    no_caps: Sequence[Cap] = ()
    no_hours: Sequence[tuple[str, str]] = ()
    no_quotas: Sequence[Quota] = ()
    no_shops: Sequence[tuple[str, str]] = ()


def change(conn: Conn, wanted: Change, by: str, now: datetime) -> None:
    """Change the brand's rules, all of it or nothing, and write down who did."""
    set_caps(conn, wanted.caps)
    set_hours(conn, wanted.hours)
    set_quotas(conn, wanted.quotas)
    if wanted.pace is not None:
        set_pace(conn, wanted.pace)
    _check_shops(conn, wanted.shops)
    set_shop_policy(conn, wanted.shops)
    gone = drop_caps(conn, wanted.no_caps)
    gone += drop_hours(conn, wanted.no_hours)
    gone += drop_quotas(conn, wanted.no_quotas)
    gone += drop_shop_policy(conn, wanted.no_shops)
    asked = (wanted.no_caps, wanted.no_hours, wanted.no_quotas, wanted.no_shops)
    if gone < sum(map(len, asked)):
        raise NotFound(
            Sentence(
                "There is no such rule to drop; `siyu budget show` shows those in force.",
                "没有这条规则可删；`siyu budget show` 显示生效中的规则。",
            )
        )
    staff.audit(conn, by, "budget.set", "; ".join(_said(wanted)), "", now)


def _said(wanted: Change) -> list[str]:
    """A change in the words of the audit."""
    return [
        *(f"cap {c.layer}/{c.channel}/{c.purpose} {c.days}d {c.most}" for c in wanted.caps),
        *(f"hours {key[0]}/{key[1]} {text}" for key, text in sorted(wanted.hours.items())),
        *(f"quota {q.channel}/{q.per}/{q.period} {q.most or 'days'}" for q in wanted.quotas),
        *([] if wanted.pace is None else [f"pace {wanted.pace._asdict()}"]),
        *(
            f"shop {shop}/{channel} {'allowed' if allowed else 'forbidden'} {note}".rstrip()
            for shop, channel, allowed, note in wanted.shops
        ),
        *(f"no cap {c.layer}/{c.channel}/{c.purpose} {c.days}d" for c in wanted.no_caps),
        *(f"no hours {channel}/{purpose}" for channel, purpose in wanted.no_hours),
        *(f"no quota {q.channel}/{q.per}/{q.period}" for q in wanted.no_quotas),
        *(f"no shop {shop}/{channel}" for shop, channel in wanted.no_shops),
    ]


def set_defaults(conn: Conn) -> None:
    """The rules that a new brand starts with; what was set already stays."""
    conn.execute(SQL.default_caps, _caps(DEFAULT_CAPS))
    conn.execute(SQL.default_hours, _hours(DEFAULT_HOURS))
    conn.execute(SQL.default_pace, _pace(DEFAULT_PACE))


def set_caps(conn: Conn, caps: Sequence[Cap]) -> None:
    """At most `most` touches in `days` days per customer; channels and layers as in `Cap`."""
    problems = [problem for cap in caps for problem in check.cap(cap)]
    if problems:
        raise BadInput(Sentence("These caps can't be kept.", "这些上限不能保存。"), tuple(problems))
    if caps:
        conn.execute(SQL.set_caps, _caps(sorted(set(caps))))


def drop_caps(conn: Conn, caps: Sequence[Cap]) -> int:
    """Take caps away, whatever their `most`; how many there were."""
    params = _caps(caps)
    del params["most"]
    return conn.execute(SQL.drop_caps, params) if caps else 0


def set_quotas(conn: Conn, quotas: Sequence[Quota]) -> None:
    """What a carrier lets through, per customer or in all; `most` as in `Quota`."""
    problems = [problem for quota in quotas for problem in check.quota(quota)]
    if problems:
        raise BadInput(
            Sentence("These quotas can't be kept.", "这些配额不能保存。"), tuple(problems)
        )
    if quotas:
        last = {quota[:3]: quota for quota in quotas}
        conn.execute(SQL.set_quotas, _quotas([last[key] for key in sorted(last)]))


def drop_quotas(conn: Conn, quotas: Sequence[Quota]) -> int:
    """Take quotas away, whatever their `most`; how many there were."""
    params = _quotas(quotas)
    del params["most"]
    return conn.execute(SQL.drop_quotas, params) if quotas else 0


def set_pace(conn: Conn, pace: Pace) -> None:
    """How long wishes of lane `window` wait for one another, a guide's presses, the cool-down."""
    problems = check.pace(pace)
    if problems:
        raise BadInput(Sentence("This pace can't be kept.", "这个节奏不能保存。"), tuple(problems))
    conn.execute(SQL.set_pace, _pace(pace))


def set_hours(conn: Conn, hours: Mapping[tuple[str, str], str]) -> None:
    """(channel or `*`, purpose or `*`) → the hours in the brand's zone, like `09:00-20:00`."""
    problems: list[Problem] = []
    for (channel, purpose), text in sorted(hours.items()):
        problems += check.names(f"{channel}/{purpose}", channel, purpose)
        try:
            opening(text)
        except ValueError as error:
            problems.append(Problem(f"{channel}/{purpose}", wording(error)))
    if problems:
        raise BadInput(
            Sentence("These hours can't be kept.", "这些时段不能保存。"), tuple(problems)
        )
    if hours:
        conn.execute(SQL.set_hours, _hours(hours))


def drop_hours(conn: Conn, keys: Sequence[tuple[str, str]]) -> int:
    """Take hours away: the less specific ones hold again. How many there were."""
    params = {"channels": [key[0] for key in keys], "purposes": [key[1] for key in keys]}
    return conn.execute(SQL.drop_hours, params) if keys else 0


def _check_shops(conn: Conn, rows: Sequence[ShopPolicy]) -> None:
    if not rows:
        return
    known = commerce.shops(conn)
    shops = ", ".join(sorted(known)) or "-"
    problems: list[Problem] = []
    for shop, channel, *_ in rows:
        where = f"{shop}/{channel}"
        problems += check.names(where, channel)
        if shop not in known:
            problems.append(
                Problem(where, Sentence(f"known shops are {shops}", f"可用的店铺有 {shops}"))
            )
    if problems:
        raise BadInput(
            Sentence("These shop policies can't be kept.", "这些店铺规则不能保存。"),
            tuple(problems),
        )


def drop_shop_policy(conn: Conn, keys: Sequence[tuple[str, str]]) -> int:
    """Take what was said of (shop, channel) away; how many there were."""
    params = {"shops": [shop for shop, _ in keys], "channels": [channel for _, channel in keys]}
    return conn.execute(SQL.drop_shop_policy, params) if keys else 0


def set_shop_policy(conn: Conn, rows: Sequence[ShopPolicy]) -> None:
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
    *,
    purpose: str = ANY,
    identities: Sequence[int | None] = (),
) -> None:
    """(customer, channel, group or `*`, reason, until): never contacted there; None is for good.

    Each reason is a hold of its own; `purpose` binds it to touches of that purpose. `identities`
    say, row by row, whose word it was; without one the customer's first key stands in. What is
    under way to them there is stopped in the same transaction, as far as it can be.
    """
    stop_barred(conn, note(conn, rows, now, purpose=purpose, identities=identities), now)


def note(
    conn: Conn,
    rows: Sequence[tuple[int, str, str, datetime | None]],
    now: datetime,
    *,
    purpose: str = ANY,
    identities: Sequence[int | None] = (),
) -> set[int]:
    """As `suppress`, and nothing is stopped yet: whose holds these are."""
    if not rows:
        return set()
    longest: dict[tuple[int, str, str, int], datetime | None] = {}
    whose = identities or [None] * len(rows)
    for (customer, channel, reason, until), identity in zip(rows, whose, strict=True):
        key = customer, channel, reason, identity or 0
        before = longest.get(key, EARLIEST)
        if before is not None and (until is None or until > before):
            longest[key] = until
    keys = sorted(longest)
    said = conn.fetch(
        SQL.suppress,
        {
            "customers": [customer for customer, *_ in keys],
            "channels": [channel for _, channel, *_ in keys],
            "purposes": [purpose] * len(keys),
            "reasons": [reason for _, _, reason, _ in keys],
            "identities": [identity or None for *_, identity in keys],
            "sinces": [now] * len(keys),
            "untils": [longest[key] for key in keys],
        },
    )
    return {customer for (customer,) in said}


def lift(
    conn: Conn, customer_id: int, channel: str, *, purpose: str = ANY, reason: str | None = None
) -> bool:
    """End a suppression, for all reasons unless one is named; False if there was none."""
    params = {"channel": channel, "purpose": purpose, "reason": reason}
    return conn.execute(SQL.lift, {**params, "customers": [customer_id]}) > 0


def settle_complaints(conn: Conn, customer_ids: Sequence[int]) -> set[int]:
    """No promotion, on any channel, to those of them who have a complaint that is open, as long as
    it is; other holds stay. Nothing is stopped yet: who is newly held."""
    if not customer_ids:
        return set()
    params = {"customers": sorted(set(customer_ids)), "reason": COMPLAINT}
    return {customer for (customer,) in conn.fetch(SQL.settle_complaints, params)}


class Lot(NamedTuple):
    """Held out or not, and how likely it was to be held out before anybody drew."""

    held: bool
    probability: float


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
        raise BadInput(
            Sentence(
                f"A hold-out of {probability} is no share; write it like 0.05.",
                f"对照组 {probability} 不是比例；请写成 0.05 这样。",
            )
        )
    if not customers:
        return {}
    first: dict[int, str] = {}
    for customer, natural_key in customers:
        first.setdefault(customer, natural_key)
    lots = {
        customer: Lot(share("holdout", scope, key) < probability, probability)
        for customer, key in first.items()
    }
    return {customer: lot.held for customer, lot in keep_lots(conn, scope, lots, now).items()}


def keep_lots(conn: Conn, scope: str, lots: Mapping[int, Lot], now: datetime) -> dict[int, Lot]:
    """What was drawn for these; who has a lot of this scope keeps it. The lots they have now."""
    if not lots:
        return {}
    ids = sorted(lots)
    rows = conn.fetch_new(
        SQL.assign,
        SQL.assign_contested,
        {
            "scope": scope,
            "customers": ids,
            "held": [lots[customer].held for customer in ids],
            "probabilities": [lots[customer].probability for customer in ids],
            "now": now,
        },
        len(ids),
    )
    # who was assigned by somebody else in this very moment is in neither part of the answer
    again = {"scope": scope, "customers": ids}
    found = rows if len(rows) == len(ids) else conn.fetch(SQL.holdouts, again)
    return {customer: Lot(held, probability) for customer, held, probability in found}


def _quotas(quotas: Sequence[Quota]) -> dict[str, object]:
    return {
        "channels": [quota.channel for quota in quotas],
        "pers": [quota.per for quota in quotas],
        "periods": [quota.period for quota in quotas],
        "most": [quota.most for quota in quotas],
    }


def _pace(pace: Pace) -> dict[str, object]:
    window, presses, cooldown = pace
    return {"window": window, "presses": presses, "cooldown": cooldown}


def _caps(caps: Sequence[Cap]) -> dict[str, object]:
    return {
        "layers": [cap.layer for cap in caps],
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
