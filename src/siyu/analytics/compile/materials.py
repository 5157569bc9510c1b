"""What became of each material and variant: Ibis expressions over touches that reached somebody."""

from __future__ import annotations

from datetime import datetime

from siyu.analytics.compile.health import ANSWERED, heard
from siyu.analytics.compile.moments import plain
from siyu.analytics.compile.people import instant
from siyu.segments.model import Expression
from siyu.segments.predicates.facts import dated, ibis

AFTER = 7  # days in which a purchase or a deletion counts as after a touch
NEVER = ("withheld", "withdrawn")
WROTE = ("message.received",)
TOLD = ("delivered", "read", "replied")
READ = ("read", "replied")
COUNTS = (
    "sent", "delivered", "opened", "clicked", "replied", "watched", "bought", "deleted", "failed",
)  # fmt: skip


def performance(begin: datetime, end: datetime, ripe: datetime, *, whole: bool) -> Expression:
    """Of touches that left us in this time, by material and variant: material, variant, channel,
    people, and how many were sent, delivered, opened, clicked, replied to, failed; `watched` left
    before `ripe`, and of these how many were followed by an order that stands or by a deletion.
    `whole`: all variants of a material together."""
    left = _left(begin, end)
    if whole:
        left = left.mutate(variant=ibis().literal(""))
    done = left
    for name, rows in (
        ("bought", _followed(left, _orders())),
        ("deleted", _followed(left, _ends())),
        ("said", _followed(left, heard(WROTE).rename(then="said"), ANSWERED)),
    ):
        done = done.left_join(rows.mutate(**{name: ibis().literal(value=True)}), "id")
        done = done.drop("id_right") if "id_right" in done.columns else done
    watched = done["at"] < instant(ripe)
    yes = {
        "delivered": done.state.isin(TOLD) | done.clicked_at.notnull(),
        "opened": done.state.isin(READ) | done.clicked_at.notnull(),
        "clicked": done.clicked_at.notnull(),
        "replied": (done.state == "replied") | done.said.notnull(),
        "watched": watched,
        "bought": watched & done.bought.notnull(),
        "deleted": watched & done.deleted.notnull(),
        "failed": done.state == "failed",
    }
    return (
        done.group_by("material", "variant", "channel")
        .agg(
            people=done.customer_id.nunique(),
            sent=done.count(),
            **{name: ibis().coalesce(holds.cast("int64").sum(), 0) for name, holds in yes.items()},
        )
        .select("material", "variant", "channel", "people", *COUNTS)
        .order_by("material", "variant", "channel")
    )


def _left(begin: datetime, end: datetime) -> Expression:
    sent = dated("touch")
    left = sent.filter(
        plain(sent.sent_at) >= instant(begin), plain(sent.sent_at) < instant(end),
        sent.state.notin(NEVER),
    )  # fmt: skip
    variant = ibis().coalesce(left.variant, "")
    return left.select(
        "id", "customer_id", "material", "channel", "state", "clicked_at", variant=variant,
        at=plain(left.sent_at),
    )  # fmt: skip


def _followed(left: Expression, facts: Expression, days: int = AFTER) -> Expression:
    """The touches behind which a fact of their customer came in so many days: id."""
    both = left.select("id", "customer_id", "at").join(facts, "customer_id")
    later = both.filter(
        both.then > both["at"], both.then <= both["at"] + ibis().interval(days=days)
    )
    return later.select("id").distinct()


def _orders() -> Expression:
    orders = dated("orders")
    stood = orders.filter(orders.state == "paid", orders.customer_id.notnull())
    return stood.select("customer_id", then=plain(stood.paid_at))


def _ends() -> Expression:
    friends = dated("friendship")
    gone = friends.filter(friends.deleted_at.notnull(), friends.state != "deleted_by_staff")
    return gone.select("customer_id", then=plain(gone.deleted_at))
