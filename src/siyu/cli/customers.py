"""One customer: find, explain, reveal."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated

import msgspec
import typer

from siyu.analytics.actions import reveal as show
from siyu.analytics.views.explain import Explained, Ruling
from siyu.analytics.views.explain import explain as explained
from siyu.analytics.views.find import guess
from siyu.app import App
from siyu.cli.screen import Home, Json, answer, opened, say, spoken, table
from siyu.kernel.errors import BadInput, NotFound
from siyu.kernel.money import show as money
from siyu.kernel.sql import Conn

Who = Annotated[
    str,
    typer.Argument(help="cus_…, a phone, SHOP/ORDER, a buyer's or WeCom id, a full name."),
]


def _one(app: App, conn: Conn, who: str) -> int:
    number = app.ids.decode("cus", who)
    found = [number] if number is not None else guess(conn, app.keys, app.brand.region, who)
    if not found:
        raise NotFound("Nobody is known by that. Try the phone, SHOP/ORDER, or the full name.")
    if len(found) > 1:
        listed = ", ".join(app.ids.encode("cus", one) for one in found[:10])
        raise BadInput(f"{len(found)} customers fit; name one of them: {listed}")
    return found[0]


def find(who: Who, home: Home = None, json: Json = False) -> None:
    """Who is it? Public ids of the customers that a value leads to."""
    with spoken(json=json), opened(home) as app:
        with app.db.transaction() as conn:
            found = guess(conn, app.keys, app.brand.region, who)
        ids = [app.ids.encode("cus", one) for one in found]
        answer({"customers": ids}, json=json, show=lambda _: say("\n".join(ids) or "Nobody."))


def explain(who: Who, home: Home = None, json: Json = False) -> None:
    """Explain a customer: who it is, what was sent, what was not and why, what it cost."""
    with spoken(json=json), opened(home) as app:
        with app.db.transaction() as conn:
            brand = app.brand
            found = explained(
                conn, app.keys, app.ids, _one(app, conn, who), brand.currency, brand.locale
            )
        if found is None:
            raise NotFound("There is no such customer.")
        answer(msgspec.to_builtins(found), json=json, show=lambda _: _draw(found))


def reveal(
    who: Who,
    by: Annotated[str, typer.Option(help="Who wants to see it; goes into the audit log.")],
    reason: Annotated[str, typer.Option(help="Why; goes into the audit log.")],
    home: Home = None,
    json: Json = False,
) -> None:
    """Show phone and name in clear. That you did is written down."""
    with spoken(json=json), opened(home) as app:
        with app.db.transaction() as conn:
            number = _one(app, conn, who)
            public = app.ids.encode("cus", number)
            found = show(conn, app.keys, number, public, by, reason, app.clock.now())
        answer(
            {"customer": public, "phone": found.phone, "name": found.name},
            json=json,
            show=lambda _: say(f"{public}  {found.name or '–'}  {found.phone or '–'}  (audited)"),
        )


def _draw(found: Explained) -> None:
    label = "  (synthetic)" if found.synthetic else ""
    say(f"{found.customer}  {found.name or '–'}  stage {found.stage}{label}")
    if found.held_out_of:
        say(f"held out of: {', '.join(found.held_out_of)}")
    table(
        "Known by",
        ["key", "value", "how", "since"],
        [(one.kind, one.masked, one.how, one.since) for one in found.known_by],
    )
    if found.friendships:
        table(
            "Friend of",
            ["staff", "carrier", "state", "added"],
            [(one.staff, one.carrier, one.state, one.added_at) for one in found.friendships],
        )
    table(
        "Consents",
        ["channel", "purpose", "state", "basis", "evidence"],
        [(one.channel, one.purpose, one.state, one.basis, one.evidence) for one in found.consents],
    )
    table(
        "Orders and journeys",
        ["order", "journey", "outcome", "reason", "at"],
        [(one.order, one.journey, one.outcome, one.reason, one.at) for one in found.entries],
    )
    for visit in found.visits:
        until = f", until {visit.due_at:%Y-%m-%d %H:%M}" if visit.due_at and visit.state == "under_way" else ""
        say(f"{visit.journey} about {visit.about}: {visit.outcome or visit.state} at {visit.node}{until}")
        for move in visit.moves:
            say(f"    {move}")
    table(
        "Touches, sent and not",
        ["wished", "step", "channel", "state", "why", "sent", "outcome"],
        [
            (one.wished_at, one.step, one.channel, one.state, one.words or _why(one.rulings), one.sent_at, " ".join((one.outcome, one.intent)).strip())
            for one in found.touches
        ],
    )
    table(
        "Promises",
        ["offer", "order", "state", "reason", "promised"],
        [(one.offer, one.order, one.state, one.reason, one.promised_at) for one in found.promises],
    )
    table(
        "Parcels",
        ["parcel", "decided", "why", "frozen", "packed"],
        [(one.parcel_no, one.content, one.words, one.frozen_at, one.packed) for one in found.parcels],
    )
    table(
        f"Costs: {money(found.cost_minor, found.currency)}",
        ["kind", "step", "quantity", "amount"],
        [(one.kind, one.step, one.quantity, money(one.amount_minor, one.currency)) for one in found.costs],
    )


def _why(rulings: Sequence[Ruling]) -> str:
    if not rulings or rulings[-1].verdict == "allow":
        return ""
    return rulings[-1].words
