"""Payments in chats: what the API tells of them."""

from __future__ import annotations

from collections.abc import Mapping

from siyu.connectors.wecom.fake.state import App, Bill, Code, Json, State

Query = Mapping[str, str]
MONTH = 31 * 86_400


def bills(state: State, app: App, query: Query, body: Json) -> Json:  # noqa: ARG001 - one shape for all
    """A page is short where a payee is out of the app's sight; the cursor alone tells the end."""
    since, until = body.get("begin_time"), body.get("end_time")
    if not isinstance(since, int) or not isinstance(until, int) or since > until:
        raise Code(40058, "invalid begin_time or end_time")
    if until - since > MONTH:
        raise Code(40058, "time range too long")
    payee = body.get("payee_userid", "")
    found = [
        one for one in state.bills
        if since <= one.at <= until and (not payee or one.userid == payee)
    ]  # fmt: skip
    page, following = state.page(
        sorted(found, key=lambda one: (one.at, one.transaction_id, one.refund_no)),
        body.get("cursor", ""),
        min(body.get("limit") or state.most, 1000, state.most),
    )
    shown = [_bill(one) for one in page if state.visible(app, one.userid)]
    return {"bill_list": shown, **({"next_cursor": following} if following else {})}


def _bill(one: Bill) -> Json:
    return {
        "transaction_id": one.transaction_id, "bill_type": 1 if one.refund_no else 0,
        "trade_state": 3 if one.refunds else 1, "pay_time": one.at,
        "out_trade_no": f"out{one.transaction_id}", "payee_userid": one.userid,
        "external_userid": one.external_userid, "total_fee": one.fen, "payment_type": 0,
        "mch_id": "1600000000", "remark": "",
        "commodity_list": [{"description": one.words, "amount": one.fen}] if one.words else [],
        **({"out_refund_no": one.refund_no} if one.refund_no else {}),
        "total_refund_fee": sum(refund["refund_fee"] for refund in one.refunds),
        "refund_list": one.refunds,
        "payer_info": {"name": "A Payer", "phone": "13800009999", "address": "Shanghai"},
    }  # fmt: skip
