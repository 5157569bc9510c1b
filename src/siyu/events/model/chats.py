"""Kinds that are heard of chats besides friendship and messages: money, and groups."""

from __future__ import annotations

from siyu.events.model.base import Code, CodeOrNone, Currency, Minor, Payload, Text


class PaymentReceived(Payload, frozen=True, tag="payment.received", kw_only=True):
    """Money that a customer paid a member of staff in a chat. It is no order: no figure of orders
    and no journey's goal counts it. `request`: what was asked for by it (`pay_…`), where the
    carrier's record says so."""

    staff: Code
    carrier: Code = "wecom"
    trade_no: Code
    currency: Currency
    amount_minor: Minor
    request: CodeOrNone = ""


class PaymentRefunded(Payload, frozen=True, tag="payment.refunded", kw_only=True):
    """Some or all of such a payment, given back; `staff` is who had been paid."""

    staff: Code
    carrier: Code = "wecom"
    trade_no: Code
    refund_no: Code
    currency: Currency
    amount_minor: Minor


class GroupJoined(Payload, frozen=True, tag="group.joined", kw_only=True):
    """A customer came into a group chat; a join code's state comes among the keys."""

    chat: Code
    carrier: Code = "wecom"
    way: Text = ""


class GroupLeft(Payload, frozen=True, tag="group.left", kw_only=True):
    """A customer is not in the group chat any more: whoever ended it."""

    chat: Code
    carrier: Code = "wecom"
