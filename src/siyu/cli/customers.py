"""One customer: find, explain, reveal, write down what it allows."""

from __future__ import annotations

from datetime import tzinfo
from typing import Annotated

import msgspec
import typer

from siyu.acquisition.model import REASONS as CARRIED
from siyu.analytics.actions import reveal as show
from siyu.analytics.views.explain import Bought, Explained, KnownBy, Sent, Walk
from siyu.analytics.views.explain import explain as explained
from siyu.analytics.views.find import guess
from siyu.app import App
from siyu.cli.codes import coded, held_by, joined_by, listed, passed
from siyu.cli.screen import (
    By,
    Home,
    Json,
    answer,
    joined,
    local,
    me,
    moment,
    one_of,
    opened,
    say,
    spoken,
    table,
    told,
    tongue,
)
from siyu.customers import actions
from siyu.customers.model import ConsentState, Word
from siyu.events.model import ConsentBasis, ConsentChannel, ConsentPurpose
from siyu.kernel.errors import BadInput, NotFound
from siyu.kernel.money import show as money
from siyu.kernel.sentence import Sentence
from siyu.kernel.sql import Conn
from siyu.offers.model import REASONS as GIVEN

SHORT = "%Y-%m-%d %H:%M"
PROMISED = {**CARRIED, **GIVEN}  # why a promise ended so
NOBODY = Sentence("Nobody.", "没有找到。")
AUDITED = Sentence("(audited)", "（已审计）")

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
        answer({"customers": ids}, json=json, show=lambda _: say("\n".join(ids) or NOBODY))


def explain(who: Who, home: Home = None, json: Json = False) -> None:
    """Explain how one customer was treated. Who it is, what was sent or not and why, the cost."""
    with spoken(json=json), opened(home) as app:
        with app.db.transaction() as conn:
            found = explained(
                conn, app.keys, app.ids, the_one(app, conn, who), app.brand.currency, tongue()
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
                joined(
                    [
                        joined([public, found.name or "–", found.phone or "–", AUDITED], "  "),
                        *(f"{one.staff}: {one.text}" for one in found.remarks),
                    ],
                    "\n",
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
    label = Sentence(", synthetic", "，模拟数据") if found.synthetic else Sentence("", "")
    stage, who = coded("stage", found.stage), f"{found.customer}  {found.name or '–'}"
    say(
        Sentence(
            f"{who}  stage {stage}{label}  (times: {zone})",
            f"{who}  {stage.zh}{label.zh}（时间：{zone}）",
        )
    )
    dates = [joined([one.name, one.day, _calendar(one.calendar)], " ") for one in found.dates]
    for title, words in (
        (Sentence("held out of", "对照组"), [coded("group", one) for one in found.held_out_of]),
        (Sentence("must not be contacted", "不可联系"), map(held_by, found.suppressed)),
        (Sentence("tags", "标签"), found.tags),
        (Sentence("dates", "日期"), dates),
        (Sentence("open tasks", "待处理待办"), [str(found.tasks_open or "")]),
    ):
        if said := listed(words):
            say(Sentence(f"{title}: {said}", f"{title.zh}：{said.zh}"))
    _who(found, zone)
    _walks(found, zone)
    table(
        "Touches, sent and not",
        ["wished", "step", "channel", "state", "sent", "came of it, or why not"],
        [
            (one.wished_at, one.step, coded("channel", one.channel), coded("touch", one.state),
             _sent(one, zone), _came_of(one, zone))
            for one in found.touches
        ],
        zone,
    )  # fmt: skip
    _gifts(found, zone)
    _costs(found)


def _calendar(code: str) -> Sentence:
    named = Sentence(code, {"lunar": "农历", "solar": "公历"}.get(code, code))
    return Sentence(f"({named})", f"（{named.zh}）")


def _who(found: Explained, zone: tzinfo) -> None:
    table(
        "Known by",
        ["since", "key", "value", "how"],
        [(one.since, coded("key", one.kind), one.masked, _how(one)) for one in found.known_by],
        zone,
    )
    table(
        "Friend of",
        ["added", "staff", "carrier", "state"],
        [
            (one.added_at, one.staff, coded("carrier", one.carrier), coded("friend", one.state))
            for one in found.friendships
        ],
        zone,
    )
    table(
        "Consents",
        ["channel", "purpose", "state", "basis", "evidence"],
        [
            (coded("consent_channel", one.channel), coded("purpose", one.purpose),
             coded("consent", one.state), coded("basis", one.basis), one.evidence)
            for one in found.consents
        ],
    )  # fmt: skip


def _how(known: KnownBy) -> Sentence:
    """Which event said so; and whose it was before, where two customers have become one."""
    how = joined_by(known.how)
    return (
        Sentence(f"{how} (was {known.was})", f"{how.zh}（原为 {known.was}）") if known.was else how
    )


def _walks(found: Explained, zone: tzinfo) -> None:
    table(
        "Orders",
        ["paid", "order", "state", "total", "refunded"],
        [
            (one.at, one.order, coded("order", one.state), money(one.total_minor, one.currency),
             _refunded(one))
            for one in found.orders
        ],
        zone,
    )  # fmt: skip
    table(
        "Journeys, entered or not",
        ["at", "order", "journey", "outcome", "reason"],
        [
            (one.at, one.order, one.journey, coded("entry", one.outcome),
             Sentence(one.reason, one.words))
            for one in found.entries
        ],
        zone,
    )  # fmt: skip
    orders = {order.order for order in found.orders}
    for visit in found.visits:
        _walk(visit, visit.about if visit.about in orders else "", zone)  # else an event's own name


def _walk(visit: Walk, order: str, zone: tzinfo) -> None:
    until, held, about = Sentence("", ""), Sentence("", ""), Sentence("", "")
    if visit.due_at and visit.state == "under_way":
        then = f"{visit.due_at.astimezone(zone):{SHORT}}"
        until = Sentence(f", until {then}", f"，至 {then}")
    if visit.held_out:
        held = Sentence(" (held out: nothing is sent)", "（对照组，不触达）")
    if order:
        about = Sentence(f" about {order}", f"，订单 {order}")
    how = coded("ending", visit.outcome) if visit.outcome else coded("visit", visit.state)
    say(
        Sentence(
            f"\n{visit.journey}{about}: {how} at {visit.node}{until}{held}",
            f"\n{visit.journey}{about.zh}：{visit.node} {how.zh}{until.zh}{held.zh}",
        )
    )
    for move in visit.moves:
        at, why = f"{move.at.astimezone(zone):%Y-%m-%d %H:%M:%S}", passed(move.why)
        say(Sentence(f"    {at} {move.node}: {why}", f"    {at} {move.node}：{why.zh}"))


def _gifts(found: Explained, zone: tzinfo) -> None:
    table(
        "Promises",
        ["promised", "order", "offer", "state", "reason"],
        [
            (one.promised_at, one.order, one.offer, coded("promise", one.state),
             Sentence(one.reason, PROMISED.get(one.reason, {}).get("zh", one.reason)))
            for one in found.promises
        ],
        zone,
    )  # fmt: skip
    table(
        "Parcels",
        ["frozen", "parcel", Sentence("decided", "决定"), "packed", "why"],
        [
            (one.frozen_at, one.parcel_no, coded("parcel_content", one.content), one.packed,
             one.words)
            for one in found.parcels
        ],
        zone,
    )  # fmt: skip


def _costs(found: Explained) -> None:
    table(
        "Costs",
        ["kind", "step", "quantity", "amount"],
        [
            (coded("cost", one.kind), one.step, one.quantity,
             money(one.amount_minor, one.currency))
            for one in found.costs
        ],
    )  # fmt: skip
    if found.costs:
        sum_ = money(found.cost_minor, found.currency)
        say(Sentence(f"together {sum_}", f"合计 {sum_}"))


def _refunded(order: Bought) -> str:
    return money(order.refunded_minor, order.currency) if order.refunded_minor else ""


def _sent(touch: Sent, zone: tzinfo) -> str:
    """When it left: of the day of the wish only the time."""
    if touch.sent_at is None:
        return ""
    sent, wished = touch.sent_at.astimezone(zone), touch.wished_at.astimezone(zone)
    return f"{sent:%H:%M:%S}" if sent.date() == wished.date() else f"{sent:%m-%d %H:%M:%S}"


def _came_of(touch: Sent, zone: tzinfo) -> Sentence:
    """The outcome; why it was not sent; or what it waited for."""
    last = touch.rulings[-1].words if touch.rulings else ""
    waited = {ruling.words for ruling in touch.rulings if ruling.verdict == "allow_at"}
    due = f"{touch.due_at.astimezone(zone):{SHORT}}" if touch.due_at else ""
    by = touch.rulings[-1].by_step if touch.rulings else ""
    said = (
        coded("outcome", touch.outcome),
        touch.intent and Sentence(f"intent {touch.intent}", f"意向 {touch.intent}"),
        touch.words or last,
        by and Sentence(f"by {by}", f"由 {by}"),
        due and Sentence(f"due {due}", f"预计 {due}"),
        *(
            Sentence(f"before: {words}", f"此前：{words}")
            for words in sorted(waited - {touch.words, last})
        ),
    )
    return joined((part for part in said if part), ", ", "，")
