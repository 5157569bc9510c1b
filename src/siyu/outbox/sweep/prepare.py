"""Lease: claim what is owed, decide about each, write it out; all reads are one per batch."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from functools import cache
from typing import NamedTuple

from siyu.content import views as content
from siyu.content.model import ATTACHED, CHILD, PRINTED, WORDS_ONLY, Drawn, Material, Shelved
from siyu.content.render import render, segments_of
from siyu.customers import views as customers
from siyu.identities import views as identities
from siyu.kernel.errors import SiyuError
from siyu.kernel.months import age
from siyu.kernel.sentence import Sentence
from siyu.kernel.sql import Conn, load
from siyu.ledger.actions import NoPrice
from siyu.offers import views as offers
from siyu.outbox import actions
from siyu.outbox.decide import (
    PROBE_EVERY,
    Due,
    Lease,
    Rewish,
    Withhold,
    addressed,
    probe,
    stale,
)
from siyu.outbox.model import (
    ADDRESS,
    LANES,
    PREFIX,
    REFUSED,
    STAFF_CHANNELS,
    Attachment,
    Context,
    Message,
    consent_channel,
    urgencies,
)
from siyu.outbox.render import FITS, Filling, picture_of, poster_of, short_links, values
from siyu.vault import views as vault

SQL = load("siyu.outbox")
NOTHING: tuple[Mapping[str, str], int | None] = ({}, None)
NO_VALUES: Mapping[str, str] = {}


class Wanted(NamedTuple):
    """Lanes to claim from, and materials that the provider refuses, with when each is tried."""

    lanes: Sequence[str] | None = LANES
    rests: Mapping[str, datetime] = {}


ALL = Wanted()


class Ready(NamedTuple):
    """A leased touch, written out."""

    due: Due
    identity_id: int | None
    message: Message
    segments: int
    drawn: Drawn

    @property
    def touch_id(self) -> int:
        return self.due.id


class Prepared(NamedTuple):
    """What one lease brought."""

    ready: list[Ready]
    withheld: int
    rewished: int
    resting: int  # of a material that the provider refuses


class _Address(NamedTuple):
    identity_id: int
    value: str


class _Known(NamedTuple):
    """What the whole batch needs to be written out."""

    address: Mapping[int, _Address]  # by customer
    name: Mapping[int, str]  # by vault item
    material: Mapping[str, Shelved]
    offer: Mapping[int, tuple[Mapping[str, str], int]]  # by promise
    fits: Mapping[int, Mapping[str, str]]  # by touch: what its visit invites to
    born: Mapping[int, str]  # by customer: the month of the youngest child


def lease(
    conn: Conn,
    channel: str,
    ctx: Context,
    now: datetime,
    lease_until: datetime,
    limit: int,
    asked: Wanted = ALL,
) -> Prepared:
    """Claim, decide, write out, mark as leased: to be committed before anything is sent.

    Without lanes it is a probe: few of the most urgent of all, or none if somebody else probes.
    """
    lanes, rests = asked
    in_lanes, priorities = urgencies(LANES if lanes is None else lanes)
    today = now.astimezone(ctx.zone).date()
    params = {
        "channel": channel,
        "consent": consent_channel(channel),
        "lanes": in_lanes,
        "priorities": priorities,
        "now": now,
        "today": today,
        "vendor": ctx.vendors.get(channel, ""),
        "limit": limit,
    }
    due = [Due(*row) for row in conn.fetch(SQL.owed, params)]
    _priced(due)
    survivor = identities.survivor(conn, [touch.customer_id for touch in due if touch.merged])
    ends = [stale(touch, survivor.get(touch.customer_id, touch.customer_id), now) for touch in due]
    fresh = [touch for touch, end in zip(due, ends, strict=True) if end is None]
    resting = [touch for touch in fresh if rests.get(touch.material, now) > now]
    fresh = [touch for touch in fresh if rests.get(touch.material, now) <= now]
    if lanes is None:
        fresh = probe(fresh)
    address, name = _opened(conn, ctx, channel, fresh)
    chosen = [addressed(touch, _id(address, touch)) for touch in fresh]
    leases = [choice for choice in chosen if isinstance(choice, Lease)]
    ctx = ctx._replace(pictures=cache(ctx.pictures))  # one file for a whole batch
    known = _known(conn, leases, address, name, unreviewed=ctx.unreviewed)
    written = [_written(choice, ctx, known, today) for choice in leases]
    ready = [one for one in written if isinstance(one, Ready)]
    if lanes is None and ready and not _may_probe(conn, channel, now):
        ready = []
    withheld = [one for one in [*ends, *chosen, *written] if isinstance(one, Withhold)]
    rewished = [one for one in ends if isinstance(one, Rewish)]
    actions.withhold(conn, withheld, now)
    _wish_again(conn, rewished, now)
    _rest(conn, resting, rests)
    _mark(conn, ready, lease_until)
    return Prepared(ready, len(withheld), len(rewished), len(resting))


def _may_probe(conn: Conn, channel: str, now: datetime) -> bool:
    params = {"channel": channel, "now": now, "again": now + PROBE_EVERY}
    return conn.execute(SQL.probe, params) > 0


def _priced(due: Sequence[Due]) -> None:
    """Asked before anything leaves: a cost that can't be booked later would leave it in doubt."""
    if not all(touch.priced for touch in due):
        raise NoPrice(
            Sentence(
                "There is no price for sms_segment; set one in the price list.",
                "sms_segment 没有单价；请在价目表里设置。",
            )
        )


def _id(address: Mapping[int, _Address], touch: Due) -> int | None:
    found = address.get(touch.customer_id)
    return None if found is None else found.identity_id


def _opened(
    conn: Conn, ctx: Context, channel: str, due: Sequence[Due]
) -> tuple[dict[int, _Address], dict[int, str]]:
    """Per customer the newest address that still opens (an erased one doesn't), and the names.

    Names only where they leave the house: people see them on their own, audited screen.
    """
    kind = ADDRESS.get(channel, "")
    reach = identities.reach(conn, [touch.customer_id for touch in due], kind) if kind else {}
    hashes = [key for keys in reach.values() for _, key in keys]
    items = [] if channel in STAFF_CHANNELS else [touch.name_item for touch in due]
    named = [item for item in items if item is not None]
    name, opened = vault.open_both(conn, ctx.keys, named, hashes, kind)
    address: dict[int, _Address] = {}
    for customer_id, keys in reach.items():
        usable = [_Address(identity, opened[key]) for identity, key in keys if key in opened]
        if usable:
            address[customer_id] = usable[0]
    return address, name


def _known(
    conn: Conn,
    leases: Sequence[Lease],
    address: Mapping[int, _Address],
    name: Mapping[int, str],
    *,
    unreviewed: bool,
) -> _Known:
    due = [choice.due for choice in leases]
    codes = {touch.material for touch in due}
    promises = {touch.promise_id for touch in due if touch.promise_id is not None}
    shelf = content.shelf(conn, codes, unreviewed=unreviewed) if codes else {}
    sized = {code for code, one in shelf.items() if not one.names.isdisjoint(FITS)}
    fits = _fits(conn, [touch.id for touch in due if touch.material in sized])
    aged = {code for code, one in shelf.items() if CHILD in one.names}
    born = customers.youngest(conn, {one.customer_id for one in due if one.material in aged})
    return _Known(address, name, shelf, offers.worth(conn, sorted(promises)), fits, born)


def _fits(conn: Conn, touches: Sequence[int]) -> dict[int, dict[str, str]]:
    rows = conn.fetch(SQL.invited_sizes, {"ids": list(touches)}) if touches else []
    return {touch: dict(zip(FITS, of, strict=True)) for touch, *of in rows}


def _written(choice: Lease, ctx: Context, known: _Known, today: date) -> Ready | Withhold:
    due = choice.due
    drawn = _drawn(due, known, today)
    if isinstance(drawn, str):
        return Withhold(due.id, drawn)
    material = drawn.material
    by_people = due.channel in STAFF_CHANNELS
    link = ctx.link.replace("{state}", due.state_code) if due.state_code else ""
    filled = values(_filling(due, material, ctx, known, (link, today)), by_people=by_people)
    try:
        text = render(material, filled)
    except (SiyuError, ValueError):
        return Withhold(due.id, "bad_material")
    attachment = None if by_people else attached(material, ctx, filled)
    if isinstance(attachment, str):
        return Withhold(due.id, attachment)
    to = "" if by_people or choice.identity_id is None else known.address[due.customer_id].value
    return Ready(
        due,
        choice.identity_id,
        Message(
            token=ctx.ids.encode(PREFIX, due.id),
            channel=due.channel,
            to=to,
            text=text,
            material=due.material,
            step=due.step,
            journey=due.journey,
            order_no=due.order_no,
            shop=due.shop,
            customer=ctx.ids.encode("cus", due.customer_id),
            staff=due.staff,
            valid_until=due.valid_until,
            link=link,
            variables=filled | ({"state": due.state_code} if due.state_code else {}),
            variant=material.variant,
            attachment=attachment,
        ),
        segments_of(text) if due.channel == "sms" else 0,
        drawn,
    )


def _drawn(due: Due, known: _Known, today: date) -> Drawn | str:
    """The text that they get; else why there is none, as a reason of touches."""
    shelved = known.material.get(due.material)
    unfit = "no_material" if shelved is None else shelved.unfit(today)
    if shelved is None or unfit:
        return unfit
    drawn = shelved.draw(due.locale, due.customer_id, due.variant)
    if drawn is None:
        return "no_material"
    told = CHILD not in drawn.material.variables or due.customer_id in known.born
    return drawn if told else "no_child"


def _filling(
    due: Due, material: Material, ctx: Context, known: _Known, of: tuple[str, date]
) -> Filling:
    link, today = of
    title, worth = known.offer.get(due.promise_id or 0, NOTHING)
    name = None if due.name_item is None else known.name.get(due.name_item)
    born = known.born.get(due.customer_id)
    return Filling(
        due.locale, name, ctx.brand, due.shop_name, due.order_no, title, worth, ctx.currency, link,
        short_links(ctx.ids, ctx.short, due.id, material.links), known.fits.get(due.id, {}),
        None if born is None else age(born, today),
    )  # fmt: skip


def attached(
    material: Material, ctx: Context, filled: Mapping[str, str] = NO_VALUES
) -> Attachment | str | None:
    """What goes beside the words; None where there is nothing; else why there can't be, as a reason
    of touches. `filled`: what the code of a poster may lead to."""
    if material.kind not in ATTACHED - WORDS_ONLY:
        return None
    content = picture_of(material, ctx)
    if content is None:
        return "no_picture"
    if material.kind != "poster":
        return Attachment(material.kind, material.form, content)
    poster = poster_of(material, ctx, filled, content)
    why = poster.unprintable() if material.channel in PRINTED else poster.unfit()
    return why or Attachment("poster", material.form, b"", poster)


def _wish_again(conn: Conn, rewished: Sequence[Rewish], now: datetime) -> None:
    if rewished:
        ids, customer_ids = zip(*sorted(rewished), strict=True)
        params = {"ids": list(ids), "customers": list(customer_ids), "now": now}
        conn.execute(SQL.wish_again, params)


def _rest(conn: Conn, resting: Sequence[Due], rests: Mapping[str, datetime]) -> None:
    if resting:
        order = sorted(resting, key=lambda touch: touch.id)
        params = {
            "ids": [touch.id for touch in order],
            "due_ats": [rests[touch.material] for touch in order],
            "reason": REFUSED,
        }
        conn.execute(SQL.rest, params)


def _mark(conn: Conn, ready: Sequence[Ready], lease_until: datetime) -> None:
    if ready:
        order = sorted(ready, key=lambda one: one.touch_id)
        conn.execute(
            SQL.lease,
            {
                "ids": [one.touch_id for one in order],
                "identities": [one.identity_id for one in order],
                "segments": [one.segments for one in order],
                "versions": [one.drawn.version for one in order],
                "variants": [one.drawn.material.variant for one in order],
                "probabilities": [one.drawn.probability for one in order],
                "lease_until": lease_until,
            },
        )
