"""Conditions about a visit as parts of a sentence, beside those of customers."""

from __future__ import annotations

from collections.abc import Mapping

from siyu.segments.model import Words
from siyu.segments.predicates.words import Lead

LEADS: Mapping[str, Lead] = {
    "order": Lead(
        Words("本次订单", "the visit's order is"),
        Words("本次订单并非", "the visit's order is not"),
        Words(
            "已支付：至少一单仍有效。取消或退款：全部订单都已取消或退款。",
            "Paid: one stands. Gone: all of them were cancelled or refunded.",
        ),
    ),
    "touch": Lead(
        Words("触达的结果", "the touch of a step is"),
        Words("触达的结果并非", "the touch of a step is not"),
        Words(
            "某一步发出的最近一次触达；AI 电话的意向从 A（强）到 F（无）。",
            "The last touch of a step; the intent of a call runs from A (strong) to F (none).",
        ),
    ),
    "task": Lead(
        Words("待办的结果", "the task of a step came to"),
        Words("待办的结果并非", "the task of a step did not come to"),
        Words("同事在待办上填写的结果。", "What a colleague reported for the task of a step."),
    ),
    "parcel": Lead(
        Words("本次包裹", "the visit's parcel is"),
        Words("本次包裹并非", "the visit's parcel is not"),
        Words(
            "已排单：截单时刻已知。已截单：时刻已过，不能再放东西。",
            "Planned: its cut-off is known. Cut off: nothing can be put in any more.",
        ),
    ),
    "value": Lead(
        Words("旅程变量", "the value"),
        Words("旅程变量并非", "not the value"),
        Words("前面的「设置变量」步骤记住的值。", "What a step `set` has kept on the visit."),
    ),
}
