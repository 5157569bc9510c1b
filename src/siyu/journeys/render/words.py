"""Conditions in words, in both languages: what a drawing writes beside a way."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache
from typing import cast, get_type_hints

from siyu.journeys.predicates.visit import TaskIs, TouchIs, ValueIs
from siyu.kernel.festivals import FESTIVALS
from siyu.segments.check import document
from siyu.segments.model import All, Any, Form, Leaf, Named, Not, Step, Tree, Words

# The few words that a text may choose from; a test holds them against every form that there is.
CHOICES: Mapping[str, Words] = {
    **{code: Words(one.zh, one.en) for code, one in FESTIVALS.items()},
    "A": Words("A", "A"),
    "A1": Words("A1", "A1"),
    "A2": Words("A2", "A2"),
    "A3": Words("A3", "A3"),
    "A4": Words("A4", "A4"),
    "A5": Words("A5", "A5"),
    "B": Words("B", "B"),
    "C": Words("C", "C"),
    "D": Words("D", "D"),
    "E": Words("E", "E"),
    "F": Words("F", "F"),
    "added": Words("已加好友", "added"),
    "agreed": Words("同意添加", "agreed"),
    "already_added": Words("早已是好友", "already added"),
    "answered": Words("已接听", "answered"),
    "any": Words("任一次", "any"),
    "blind_box": Words("盲盒", "blind box"),
    "buyer": Words("店铺买家", "shop's buyer"),
    "cancelled": Words("已取消", "cancelled"),
    "claimable": Words("待领取", "claimable"),
    "committed": Words("已锁定", "committed"),
    "coupon": Words("优惠券", "coupon"),
    "deleted": Words("已删除", "deleted"),
    "deleted_by_customer": Words("客户删除了我们", "deleted by the customer"),
    "deleted_by_staff": Words("员工删除了客户", "deleted by staff"),
    "delivered": Words("已送达", "delivered"),
    "do_not_call": Words("不要再打", "do not call"),
    "ever": Words("曾经", "ever"),
    "open": Words("处理中", "open"),
    "settled": Words("已解决", "settled"),
    "exchange": Words("换购", "exchange"),
    "external_userid": Words("企业微信外部联系人", "WeCom contact"),
    "failed": Words("失败", "failed"),
    "finished": Words("已有结果", "finished"),
    "first": Words("第一次", "first"),
    "frozen": Words("已截单", "cut off"),
    "fulfilled": Words("已发放", "fulfilled"),
    "gift": Words("赠品", "gift"),
    "given": Words("已授权", "given"),
    "gone": Words("全部取消或退款", "gone"),
    "held": Words("暂留", "held"),
    "lapsed": Words("已过期", "lapsed"),
    "last": Words("最后一次", "last"),
    "live": Words("好友中", "live"),
    "member": Words("会员", "member"),
    "never": Words("从未", "never"),
    "no_answer": Words("未接听", "no answer"),
    "order_invitation": Words("订单邀请", "order invitation"),
    "own": Words("自己的", "own"),
    "paid": Words("已支付", "paid"),
    "phone": Words("手机号", "phone"),
    "planned": Words("已排单", "planned"),
    "presale": Words("预售名额", "presale slot"),
    "promised": Words("已承诺", "promised"),
    "promotion": Words("营销", "promotion"),
    "red_packet": Words("红包", "red packet"),
    "refunded": Words("已退款", "refunded"),
    "refused": Words("拒绝", "refused"),
    "replied": Words("已回复", "replied"),
    "requested": Words("已发申请", "requested"),
    "reserved": Words("已预留", "reserved"),
    "revoked": Words("已收回", "revoked"),
    "sample": Words("小样", "sample"),
    "sent": Words("已发送", "sent"),
    "service": Words("服务", "service"),
    "sms": Words("短信", "SMS"),
    "unionid": Words("微信 unionid", "unionid"),
    "voice": Words("电话", "voice"),
    "wecom": Words("企业微信", "WeCom"),
    "withdrawn": Words("已撤回", "withdrawn"),
    "withheld": Words("未发送", "withheld"),
    "wrong_person": Words("不是本人", "wrong person"),
}
FIELDS: Mapping[str, Words] = {
    "any_of": Words("任一", "any of"),
    "at_least": Words("至少", "at least"),
    "at_most": Words("至多", "at most"),
    "confidence_at_least": Words("把握至少", "confidence at least"),
    "category": Words("品类", "category"),
    "channel": Words("渠道", "channel"),
    "chat": Words("群", "chat"),
    "code": Words("编号", "code"),
    "currency": Words("币种", "currency"),
    "cycles": Words("周期", "cycles"),
    "ever": Words("含已退群", "also who left"),
    "few": Words("断码至多剩", "sizes left at most"),
    "first": Words("先", "first"),
    "first_within": Words("首次在近", "first within"),
    "in_days": Words("天数", "days ahead"),
    "intent": Words("意向", "intent"),
    "is": Words("为", "is"),
    "journey": Words("旅程", "journey"),
    "kind": Words("类型", "kind"),
    "left_over": Words("断码或停产", "left over"),
    "last_older_than": Words("最近一次早于", "last older than"),
    "name": Words("名称", "name"),
    "not_then": Words("之后没有", "and then no"),
    "of": Words("批次", "of"),
    "offer": Words("权益", "offer"),
    "older_than": Words("早于", "older than"),
    "outcome": Words("结果", "outcome"),
    "percent": Words("百分比", "percent"),
    "prefix": Words("开头为", "begins with"),
    "purpose": Words("目的", "purpose"),
    "shop": Words("店铺", "shop"),
    "size_tag": Words("尺码标签", "size tag"),
    "sku": Words("商品", "product"),
    "source": Words("来源", "source"),
    "staff": Words("员工", "staff"),
    "state": Words("状态", "state"),
    "step": Words("步骤", "step"),
    "store": Words("门店", "store"),
    "style": Words("款式", "style"),
    "then": Words("然后", "then"),
    "value_at_least": Words("值至少", "value at least"),
    "way": Words("方式", "way"),
    "where": Words("属性", "attribute"),
    "which": Words("取", "which"),
    "whole_days": Words("按自然日", "by calendar days"),
    "within": Words("近", "within"),
    "yes": Words("是", "is"),
}
FREE = (str, str | None)  # of such a field the value is a name of the brand's, never a choice
_UNITS: Mapping[str, Words] = {
    "s": Words("秒", "second"),
    "m": Words("分钟", "minute"),
    "h": Words("小时", "hour"),
    "d": Words("天", "day"),
    "w": Words("周", "week"),
}


def condition(tree: Tree) -> Words:
    """What must be true.

    >>> from siyu.segments.predicates.friendship import Friend
    >>> condition(Not(Leaf(Friend(True))))
    Words(zh='非「是好友」', en='not friend')
    """
    match tree:
        case Leaf(form):
            return _leaf(form)
        case Not(part):
            return _not(condition(part), alone=isinstance(part, Leaf))
        case Named(code):
            return Words(f"属于分群 {code}", f"in segment {code}")
        case All(parts):
            return _joined(parts, " 且 ", " and ")
        case Any(parts):
            return _joined(parts, " 或 ", " or ")


def _not(said: Words, *, alone: bool) -> Words:
    return Words(f"非「{said.zh}」", f"not {said.en}" if alone else f"not ({said.en})")


def _joined(parts: Sequence[Tree], zh: str, en: str) -> Words:
    said = [_inner(part) for part in parts]
    return Words(zh.join(one.zh for one in said), en.join(one.en for one in said))


def _inner(tree: Tree) -> Words:
    said = condition(tree)
    if isinstance(tree, All | Any) and len(tree.parts) > 1:
        return Words(f"（{said.zh}）", f"({said.en})")
    return said


def _leaf(form: Form) -> Words:
    (written,) = document(Leaf(form)).values()
    fields = (
        cast("dict[str, object]", written) if isinstance(written, dict) else {form.short: written}
    )
    title = Words(form.title.zh, form.title.en[0].lower() + form.title.en[1:])
    match form:
        case TouchIs() | TaskIs():
            title = Words(f"{form.step} 的结果", f"{form.step}")
            fields = {name: value for name, value in fields.items() if name != "step"}
        case ValueIs():
            title = Words(form.name, form.name)
            fields = {name: value for name, value in fields.items() if name != "name"}
        case _:
            pass
    if list(fields.values()) == [True]:
        return title
    if list(fields.values()) == [False]:
        return _not(title, alone=True)
    steps = {
        name: condition(Leaf(value))
        for name, value in vars(form).items()
        if isinstance(value, Step)
    }
    free = {name.removesuffix("_") for name, hint in _hints(type(form)).items() if hint in FREE}
    said = [
        _step(name, steps[name])
        if name in steps
        else _field(name, value, bare=name == form.short, free=name in free)
        for name, value in fields.items()
    ]
    if not said:
        return title
    zh, en = "，".join(one.zh for one in said), ", ".join(one.en for one in said)
    return Words(f"{title.zh}：{zh}", f"{title.en}: {en}")


def _step(name: str, said: Words) -> Words:
    word = FIELDS[name]
    return Words(f"{word.zh}（{said.zh}）", f"{word.en} ({said.en})")


@cache
def _hints(form: type[Form]) -> dict[str, object]:
    return get_type_hints(form)


def _field(name: str, value: object, *, bare: bool, free: bool) -> Words:
    said = Words(str(value), str(value)) if free else _value(value)
    if bare or name in ("is", "outcome"):
        return said
    word = FIELDS.get(name, Words(name, name))
    return Words(f"{word.zh} {said.zh}", f"{word.en} {said.en}")


def _value(value: object) -> Words:
    match value:
        case list():
            some = [_value(one) for one in cast("list[object]", value)]
            return Words("/".join(one.zh for one in some), "/".join(one.en for one in some))
        case bool():
            return Words("是", "yes") if value else Words("否", "no")
        case str():
            return CHOICES.get(value) or span(value) or Words(value, value)
        case _:
            return Words(str(value), str(value))


def span(text: str) -> Words | None:
    """`90d` in words; None where it is no span.

    >>> span("1h"), span("90d")
    (Words(zh='1 小时', en='1 hour'), Words(zh='90 天', en='90 days'))
    """
    number, unit = text[:-1], _UNITS.get(text[-1:])
    if unit is None or not number.isdecimal():
        return None
    return Words(f"{number} {unit.zh}", f"{number} {unit.en}{'' if number == '1' else 's'}")
