"""What customers paid members in chats (对外收款), as our events. Pure."""

from __future__ import annotations

import re
from collections.abc import Collection

from siyu.connectors.wecom.wire import facts
from siyu.connectors.wecom.wire.answers import Json, number, objects, text
from siyu.connectors.wecom.wire.callback import LATEST
from siyu.events.model import Incoming

REFUND = 1  # of a record's bill_type
CURRENCY = "CNY"
_REQUEST = re.compile(r"\bpay_[0-9a-z]{13}\b")
NOBODY = "-"  # a payee whom WeCom does not name


def told(bill: Json, staff: str, refunded: Collection[int]) -> list[Incoming]:
    """The facts of one record; `refunded`: the states in which a refund has really been made.

    A refund comes with its payment's record and as a record of its own: one fact, one id.
    """
    trade_no, at = text(bill, "transaction_id"), number(bill, "pay_time")
    if not trade_no or not 0 < at < LATEST:
        return []
    who = text(bill, "external_userid")
    keys = {"external_userid": who} if who else {}
    owner = staff or NOBODY
    found: list[Incoming] = []
    if number(bill, "bill_type") != REFUND:
        fen, request = number(bill, "total_fee"), _request(bill)
        found.append(facts.paid(trade_no, at, owner, keys, fen, CURRENCY, request))
    for refund_no, refund_at, fen in _refunds(bill, at, refunded):
        refund = (trade_no, refund_no)
        found.append(facts.paid_back(refund, refund_at, owner, keys, fen, CURRENCY))
    return found


def _request(bill: Json) -> str:
    """The name of what we asked for, where the form's words carry it."""
    things = objects(bill, "commodity_list")
    said = [text(bill, "remark"), *(text(one, "description") for one in things)]
    found = _REQUEST.search(" ".join(said))
    return found[0] if found else ""


def _refunds(bill: Json, at: int, refunded: Collection[int]) -> list[tuple[str, int, int]]:
    listed = [one for one in objects(bill, "refund_list") if text(one, "out_refund_no")]
    found = [
        (text(one, "out_refund_no"), number(one, "refund_reqtime") or at, number(one, "refund_fee"))
        for one in listed
        if number(one, "refund_status") in refunded
    ]
    own = text(bill, "out_refund_no")
    alone = own and own not in {text(one, "out_refund_no") for one in listed}
    if alone and number(bill, "bill_type") == REFUND:
        found.append((own, at, number(bill, "total_refund_fee") or number(bill, "total_fee")))
    return [one for one in found if 0 < one[1] < LATEST]
