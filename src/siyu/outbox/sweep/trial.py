"""Test sends: claim and commit → send with the token → record. At most once, whatever happens."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

from siyu.content import views as content
from siyu.kernel.sentence import kept
from siyu.kernel.sql import Conn, Db, load
from siyu.ledger import actions as ledger
from siyu.outbox import views
from siyu.outbox.actions.trial import MARK
from siyu.outbox.channel import Channel
from siyu.outbox.decide import trial_cost
from siyu.outbox.model import ADDRESS, TRIAL, Attachment, Context, Message, Result
from siyu.outbox.sweep.prepare import NO_VALUES, attached

SQL = load("siyu.outbox")
PATIENCE = timedelta(hours=1)  # what somebody wanted to see then, they don't want to see tomorrow


class _Claimed(NamedTuple):
    id: int
    state: str
    staff: str
    journey: str
    step: str
    channel: str
    material: str
    text: str
    link: str
    segments: int


class _Recorded(NamedTuple):
    id: int
    state: str
    reason: str = ""
    vendor_id: str = ""


def trial(
    db: Db, channels: Mapping[str, Channel], ctx: Context, now: datetime, *, limit: int = 100
) -> int:
    """Send what was asked for, each to its member of staff; how many were taken in hand.

    What is claimed is never claimed again: where the answer is lost, it stays `unknown`.
    """
    with db.transaction() as conn:
        params = {"channels": sorted(channels), "stale": now - PATIENCE, "now": now, "limit": limit}
        claimed = sorted(_Claimed(*row) for row in conn.fetch(SQL.claim_trials, params))
        going = [one for one in claimed if one.state == "unknown"]
        address = views.staff_addresses(conn, ctx.keys, [one.staff for one in going])
        beside, unfit = _beside(conn, ctx, going)
        unfit |= {
            one.id: "no_address" for one in going if ADDRESS[one.channel] not in address[one.staff]
        }
        _record(conn, [_Recorded(number, "failed", why) for number, why in unfit.items()], now)
        going = [one for one in going if one.id not in unfit]
        costs = [
            trial_cost(one.id, "sms_segment", one.segments, now, ctx.vendors.get(one.channel, ""))
            for one in going
            if one.segments
        ]
        ledger.post(conn, costs)
    for channel in sorted({one.channel for one in going}):
        batch = [one for one in going if one.channel == channel]
        messages = [
            _message(one, ctx, address[one.staff][ADDRESS[channel]], beside.get(one.id))
            for one in batch
        ]
        results = _ask(channels[channel], messages)
        answers = [_answered(one, results.get(_token(ctx, one))) for one in batch]
        with db.transaction() as conn:
            _record(conn, [answer for answer in answers if answer is not None], now)
    return len(claimed)


def _ask(channel: Channel, messages: Sequence[Message]) -> dict[str, Result]:
    """No answer at all leaves them unknown: nobody knows what broke in there, and when."""
    try:
        return {result.token: result for result in channel.send(messages)}
    except Exception:  # noqa: BLE001 - a stranger's connector may raise anything
        return {}


def _answered(one: _Claimed, result: Result | None) -> _Recorded | None:
    """`retry` has failed too: whoever is waiting for it asks again."""
    if result is None:
        return None
    if result.status in ("rejected", "retry"):
        return _Recorded(one.id, "failed", kept(result.reason) or result.status, result.vendor_id)
    return _Recorded(one.id, "sent", "", result.vendor_id)


def _record(conn: Conn, records: Sequence[_Recorded], now: datetime) -> None:
    if not records:
        return
    conn.execute(
        SQL.record_trials,
        {
            "ids": [one.id for one in records],
            "states": [one.state for one in records],
            "reasons": [one.reason for one in records],
            "vendor_ids": [one.vendor_id for one in records],
        },
    )
    ledger.reverse(conn, "trial", [one.id for one in records if one.state == "failed"], now)


def _token(ctx: Context, one: _Claimed) -> str:
    return ctx.ids.encode(TRIAL, one.id)


def _beside(
    conn: Conn, ctx: Context, going: Sequence[_Claimed]
) -> tuple[dict[int, Attachment], dict[int, str]]:
    """What goes beside the words of each, in the language that they are marked in; and why that
    can't be made. Their words alone are not what a customer would get."""
    codes = sorted({one.material for one in going})
    shelf = content.materials(conn, codes) if codes else {}
    found: dict[int, Attachment] = {}
    unfit: dict[int, str] = {}
    for one in going:
        locale = next((name for name, mark in MARK.items() if one.text.startswith(mark)), "")
        material = shelf.get((one.material, locale))
        filled = {"link": one.link} if one.link else NO_VALUES
        attachment = None if material is None else attached(material, ctx, filled)
        if isinstance(attachment, Attachment):
            found[one.id] = attachment
        elif attachment:
            unfit[one.id] = attachment
    return found, unfit


def _message(one: _Claimed, ctx: Context, to: str, beside: Attachment | None) -> Message:
    return Message(
        token=_token(ctx, one),
        channel=one.channel,
        to=to,
        text=one.text,
        material=one.material,
        step=one.step,
        journey=one.journey,
        order_no="",
        shop="",
        customer="",
        staff=one.staff,
        valid_until=None,
        link=one.link,
        attachment=beside,
    )
