"""One customer: find, explain, reveal, write down what it allows."""

from __future__ import annotations

from datetime import tzinfo
from typing import Annotated

import msgspec
import typer

from siyu.analytics.actions import reveal as show
from siyu.analytics.views.explain import Bought, Explained, KnownBy, Sent
from siyu.analytics.views.explain import explain as explained
from siyu.analytics.views.find import guess
from siyu.app import App
from siyu.cli.screen import (
    By,
    Home,
    Json,
    answer,
    local,
    me,
    moment,
    one_of,
    opened,
    say,
    spoken,
    table,
    told,
)
from siyu.customers import actions
from siyu.customers.model import ConsentState, Word
from siyu.events.model import ConsentBasis, ConsentChannel, ConsentPurpose
from siyu.kernel.errors import BadInput, NotFound
from siyu.kernel.money import show as money
from siyu.kernel.sentence import Sentence
from siyu.kernel.sql import Conn

LOCALE = "en"  # these commands speak English, whatever the brand speaks to its customers
SHORT = "%Y-%m-%d %H:%M"

Who = Annotated[
    str,
    typer.Argument(help="cus_…, a phone, SHOP/ORDER, a buyer's or WeCom id, a full name."),
]


def the_one(app: App, conn: Conn, who: str) -> int:
    """The customer who is meant; refused where nobody is, or several could be."""
    number = app.ids.decode("cus", who)
    found = [number] if number is not None else guess(conn, app.keys, app.brand.region, who)
    if not found:
        raise NotFound(
            Sentence(
                "Nobody is known by that. Try the phone, SHOP/ORDER, or the full name.",
                "没有这样的客户。请试手机号、店铺/订单号或全名。",
            )
        )
    if len(found) > 1:
        listed = ", ".join(app.ids.encode("cus", one) for one in found[:10])
        raise BadInput(
            Sentence(
                f"{len(found)} customers fit; name one of them: {listed}",
                f"有 {len(found)} 位客户符合；请指明其中一位：{listed}",
            )
        )
    return found[0]


def find(who: Who, home: Home = None, json: Json = False) -> None:
    """Find customers by something known. Prints their public ids."""
    with spoken(json=json), opened(home) as app:
        with app.db.transaction() as conn:
            found = guess(conn, app.keys, app.brand.region, who)
        ids = [app.ids.encode("cus", one) for one in found]
        answer({"customers": ids}, json=json, show=lambda _: say("\n".join(ids) or "Nobody."))


def explain(who: Who, home: Home = None, json: Json = False) -> None:
    """Explain how one customer was treated. Who it is, what was sent or not and why, the cost."""
    with spoken(json=json), opened(home) as app:
        with app.db.transaction() as conn:
            found = explained(
                conn, app.keys, app.ids, the_one(app, conn, who), app.brand.currency, LOCALE
            )
        if found is None:
            raise NotFound(Sentence("There is no such customer.", "没有这位客户。"))
        answer(msgspec.to_builtins(found), json=json, show=lambda _: _draw(found, local(app)))


def reveal(
    who: Who,
    by: Annotated[str, typer.Option(help="Who wants to see it; goes into the audit log.")],
    reason: Annotated[str, typer.Option(help="Why; goes into the audit log.")],
    home: Home = None,
    json: Json = False,
) -> None:
    """Show phone, name and staff's remarks in clear. That you did is written down."""
    with spoken(json=json), opened(home) as app:
        with app.db.transaction() as conn:
            number = the_one(app, conn, who)
            public = app.ids.encode("cus", number)
            found = show(conn, app.keys, number, public, by, reason, app.clock.now())
        answer(
            {
                "customer": public,
                "phone": found.phone,
                "name": found.name,
                "remarks": [[one.staff, one.at.isoformat(), one.text] for one in found.remarks],
            },
            json=json,
            show=lambda _: say(
                "\n".join(
                    [
                        f"{public}  {found.name or '–'}  {found.phone or '–'}  (audited)",
                        *(f"{one.staff}: {one.text}" for one in found.remarks),
                    ]
                )
            ),
        )


def consent(
    who: Who,
    state: Annotated[ConsentState, typer.Argument(help="One of given, withdrawn.")],
    *,
    channel: Annotated[
        list[str], typer.Option(help="One of sms, voice, wecom; may be given again.")
    ],
    purpose: Annotated[
        list[str] | None,
        typer.Option(
            help="One of order_invitation, promotion, service, child; may be given again."
            " Withdrawn without any: all of them."
        ),
    ] = None,
    basis: Annotated[
        ConsentBasis | None,
        typer.Option(help="Of what is given: contract, consent, legitimate_interest."),
    ] = None,
    evidence: Annotated[str, typer.Option(help="Where it can be seen: a form, a recording.")] = "",
    said_at: Annotated[str, typer.Option(help="When, with offset; left out: now.")] = "",
    by: By = "",
    home: Home = None,
    json: Json = False,
) -> None:
    """Write down what a customer allowed or withdrew. The latest word counts; audited."""
    with spoken(json=json), opened(home) as app:
        now = app.clock.now()
        at = moment(said_at) if said_at else now
        channels = [one_of(one, ConsentChannel, Sentence("channel", "触点")) for one in channel]
        purposes = [
            one_of(one, ConsentPurpose, Sentence("purpose", "用途")) for one in purpose or ()
        ]
        word = Word(state, channels, purposes, basis, evidence, at)
        with app.db.transaction() as conn:
            asked = the_one(app, conn, who)
            kept = actions.consent(conn, app.keys, app.ids, asked, word, me(by), now)
        found = {
            "customer": app.ids.encode("cus", kept.customer_id),
            "key": app.ids.encode("key", kept.identity_id),
            "said_at": at,
        }
        told(app, found, json=json)


def _draw(found: Explained, zone: tzinfo) -> None:
    label = ", synthetic" if found.synthetic else ""
    say(f"{found.customer}  {found.name or '–'}  stage {found.stage}{label}  (times: {zone})")
    for title, words in (
        ("held out of", found.held_out_of),
        ("must not be contacted", found.suppressed),
        ("tags", found.tags),
        ("dates", [f"{one.name} {one.day} ({one.calendar})" for one in found.dates]),
        ("open tasks", [str(found.tasks_open)] if found.tasks_open else []),
    ):
        if words:
            say(f"{title}: {', '.join(words)}")
    _who(found, zone)
    _walks(found, zone)
    table(
        "Touches, sent and not",
        ["wished", "step", "channel", "state", "sent", "came of it, or why not"],
        [
            (one.wished_at, one.step, one.channel, one.state, _sent(one, zone), _came_of(one, zone))
            for one in found.touches
        ],
        zone,
    )
    _gifts(found, zone)
    _costs(found)


def _who(found: Explained, zone: tzinfo) -> None:
    table(
        "Known by",
        ["since", "key", "value", "how"],
        [(one.since, one.kind, one.masked, _how(one)) for one in found.known_by],
        zone,
    )
    table(
        "Friend of",
        ["added", "staff", "carrier", "state"],
        [(one.added_at, one.staff, one.carrier, one.state) for one in found.friendships],
        zone,
    )
    table(
        "Consents",
        ["channel", "purpose", "state", "basis", "evidence"],
        [(one.channel, one.purpose, one.state, one.basis, one.evidence) for one in found.consents],
    )


def _how(known: KnownBy) -> str:
    """Which event said so; and whose it was before, where two customers have become one."""
    return f"{known.how} (was {known.was})" if known.was else known.how


def _walks(found: Explained, zone: tzinfo) -> None:
    table(
        "Orders",
        ["paid", "order", "state", "total", "refunded"],
        [
            (one.at, one.order, one.state, money(one.total_minor, one.currency), _refunded(one))
            for one in found.orders
        ],
        zone,
    )
    table(
        "Journeys, entered or not",
        ["at", "order", "journey", "outcome", "reason"],
        [(one.at, one.order, one.journey, one.outcome, one.reason) for one in found.entries],
        zone,
    )
    orders = {order.order for order in found.orders}
    for visit in found.visits:
        where = f"{visit.outcome or visit.state} at {visit.node}"
        if visit.due_at and visit.state == "under_way":
            where += f", until {visit.due_at.astimezone(zone):{SHORT}}"
        held = " (held out: nothing is sent)" if visit.held_out else ""
        about = f" about {visit.about}" if visit.about in orders else ""  # else an event's own name
        say(f"\n{visit.journey}{about}: {where}{held}")
        for move in visit.moves:
            say(f"    {move.at.astimezone(zone):%Y-%m-%d %H:%M:%S} {move.node}: {move.why}")


def _gifts(found: Explained, zone: tzinfo) -> None:
    table(
        "Promises",
        ["promised", "order", "offer", "state", "reason"],
        [(one.promised_at, one.order, one.offer, one.state, one.reason) for one in found.promises],
        zone,
    )
    table(
        "Parcels",
        ["frozen", "parcel", "decided", "packed", "why"],
        [
            (one.frozen_at, one.parcel_no, one.content, one.packed, one.words)
            for one in found.parcels
        ],
        zone,
    )


def _costs(found: Explained) -> None:
    table(
        "Costs",
        ["kind", "step", "quantity", "amount"],
        [
            (one.kind, one.step, one.quantity, money(one.amount_minor, one.currency))
            for one in found.costs
        ],
    )
    if found.costs:
        say(f"together {money(found.cost_minor, found.currency)}")


def _refunded(order: Bought) -> str:
    return money(order.refunded_minor, order.currency) if order.refunded_minor else ""


def _sent(touch: Sent, zone: tzinfo) -> str:
    """When it left: of the day of the wish only the time."""
    if touch.sent_at is None:
        return ""
    sent, wished = touch.sent_at.astimezone(zone), touch.wished_at.astimezone(zone)
    return f"{sent:%H:%M:%S}" if sent.date() == wished.date() else f"{sent:%m-%d %H:%M:%S}"


def _came_of(touch: Sent, zone: tzinfo) -> str:
    """The outcome; why it was not sent; or what it waited for."""
    last = touch.rulings[-1].words if touch.rulings else ""
    waited = {ruling.words for ruling in touch.rulings if ruling.verdict == "allow_at"}
    due = f"due {touch.due_at.astimezone(zone):{SHORT}}" if touch.due_at else ""
    intent = f"intent {touch.intent}" if touch.intent else ""
    before = [f"before: {words}" for words in sorted(waited - {touch.words, last})]
    by = touch.rulings[-1].by_step if touch.rulings else ""
    said = (touch.outcome, intent, touch.words or last, by and f"by {by}", due, *before)
    return ", ".join(part for part in said if part)
