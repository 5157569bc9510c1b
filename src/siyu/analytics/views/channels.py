"""What channels and steps are called in reports, as the console calls them."""

from __future__ import annotations

from collections.abc import Mapping

from siyu.kernel.sentence import Sentence

NAMES: Mapping[str, Sentence] = {
    "sms": Sentence("SMS", "短信"),
    "voice_ai": Sentence("AI call", "AI 外呼"),
    "voice_human": Sentence("human call", "人工外呼"),
    "wecom_request": Sentence("friend request", "好友申请"),
    "wecom_message": Sentence("WeCom message", "企微消息"),
    "wecom_welcome": Sentence("WeCom welcome", "企微欢迎语"),
    "wecom_mass": Sentence("WeCom mass send", "企微群发"),
    "moments": Sentence("moments", "朋友圈"),
    "group_message": Sentence("group message", "群消息"),
    "parcel_insert": Sentence("parcel insert", "随包卡"),
    "wechat_oa": Sentence("official account", "公众号"),
    "mini_program": Sentence("mini program", "小程序"),
}


def channel_name(code: str) -> Sentence:
    """In both languages; of a connector's own the code."""
    return NAMES.get(code, Sentence(code, code))


COSTS: Mapping[str, Sentence] = {
    "sms_segment": Sentence("SMS segments", "短信条数"),
    "call_minute": Sentence("call minutes", "通话分钟"),
    "staff_minute": Sentence("staff minutes", "员工分钟"),
    "gift": Sentence("gifts", "赠品"),
    "card": Sentence("cards", "卡片"),
    "shipping_extra": Sentence("extra shipping", "额外运费"),
    "coupon": Sentence("coupons", "优惠券"),
    "tool_fee": Sentence("tool fees", "工具费"),
    "red_packet": Sentence("red packets", "红包"),
}


def cost_name(kind: str) -> Sentence:
    """What was paid for, in both languages."""
    return COSTS.get(kind, Sentence(kind, kind))


STEPS: Mapping[str, str] = {
    "sms": "短信",
    "call": "AI 外呼",
    "request": "好友申请",
    "human": "人工外呼",
    "card": "包裹卡片",
    "gift": "赠品",
    "other": "其他入口",
}


def step_name(code: str) -> Sentence:
    """The code, and its usual name in Chinese; a step of the brand's own keeps its code."""
    return Sentence(code, STEPS.get(code, code))
