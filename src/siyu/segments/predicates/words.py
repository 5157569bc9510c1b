"""Conditions as parts of a sentence, in both languages: what the console's builder writes.

    在过去 90 天 · 买过 护肤 · 至少 2 次
    bought 护肤 · at least 2× · in the last 90 days

A condition begins with its lead, its denial with the other one; each field that is set adds a
part.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from siyu.segments.model import Words


class Lead(NamedTuple):
    """How a condition begins, how its denial begins, and in one line what it asks for."""

    yes: Words
    no: Words
    help: Words


LEADS: Mapping[str, Lead] = {
    "everybody": Lead(
        Words("所有客户", "everybody"),
        Words("没有人", "nobody"),
        Words("每一位客户。", "Every customer."),
    ),
    "stage": Lead(
        Words("处于 5A 阶段", "is in stage"),
        Words("不在 5A 阶段", "is not in stage"),
        Words(
            "A1 了解、A2 吸引、A3 问询、A4 行动（已购）、A5 拥护。",
            "A1 aware, A2 appeal, A3 ask, A4 act (has bought), A5 advocate.",
        ),
    ),
    "synthetic": Lead(
        Words("是演示数据", "is made for a demonstration"),
        Words("不是演示数据", "is not made for a demonstration"),
        Words("来自沙盒，或联系方式是虚构的。", "From the sandbox, or with invented contacts."),
    ),
    "known": Lead(
        Words("建档", "became known"),
        Words("并非建档", "did not become known"),
        Words("自第一次听说这位客户起的时间。", "Since the first thing that was heard of them."),
    ),
    "identity": Lead(
        Words("已知身份", "is known by"),
        Words("没有身份", "is not known by"),
        Words(
            "手机号、店铺买家、会员或企业微信；选多个时任一即可。",
            "Phone, shop's buyer, member or WeCom; of several any one will do.",
        ),
    ),
    "share": Lead(
        Words("随机抽取", "is in a random share of"),
        Words("不在随机抽取", "is not in a random share of"),
        Words(
            "总是同一批人；换一个批次名就重新抽取。",
            "Always the same people; another batch name draws anew.",
        ),
    ),
    "segment": Lead(
        Words("属于分群", "is in segment"),
        Words("不属于分群", "is not in segment"),
        Words("另一个已保存的分群。", "Another segment that is kept."),
    ),
    "orders": Lead(
        Words("买过", "bought"),
        Words("没买过", "did not buy"),
        Words(
            "已支付的订单；退掉的商品不再算。两个时间一起是一个窗口。",
            "Paid orders; what was given back does not count. Both times together are a window.",
        ),
    ),
    "spent": Lead(
        Words("消费", "spent"),
        Words("没有消费", "did not spend"),
        Words(
            "扣除退款后的金额；没买过的算 0。不同币种不相加。",
            "After refunds; who bought nothing spent 0. Currencies are never added up.",
        ),
    ),
    "lapsed": Lead(
        Words("超过复购周期", "is past the repurchase cycle"),
        Words("没有超过复购周期", "is not past the repurchase cycle"),
        Words(
            "按最后一单所买品类的周期；没有周期的品类按下面两个时间。",
            "By the cycle of what was bought last; of a category without one, by the two times.",
        ),
    ),
    "friend": Lead(
        Words("是好友", "is a friend"),
        Words("不是好友", "is not a friend"),
        Words(
            "企业微信好友；可限定员工、添加方式和时间。",
            "On WeCom; perhaps of one account, by one way, since some time.",
        ),
    ),
    "group": Lead(
        Words("在客户群", "is in a group chat"),
        Words("不在客户群", "is not in a group chat"),
        Words("任一群或指定的群；时间指最近一次入群。", "Any or one; since the last joining."),
    ),
    "tag": Lead(
        Words("有标签", "has tag"),
        Words("没有标签", "does not have tag"),
        Words(
            "一个标签、几个中的任一个，或同一开头的标签。",
            "A tag, one of several, or one whose name begins so.",
        ),
    ),
    "consent": Lead(
        Words("已授权", "has consented to"),
        Words("未授权", "has not consented to"),
        Words("以最近一次表态为准。", "The latest word counts."),
    ),
    "complaint": Lead(
        Words("有投诉", "has a complaint"),
        Words("没有投诉", "has no complaint"),
        Words("未结的投诉；也可选已结的或任何一次。", "One that is open; or settled, or any."),
    ),
    "touched": Lead(
        Words("收到过触达", "was touched"),
        Words("没收到触达", "was not touched"),
        Words(
            "发出的触达，不论结果；「未发送」是规则拦下的。从未触达的人不在其中。",
            "What was sent, whatever came of it; withheld: held back by the rules. "
            "Who was never touched is not in it.",
        ),
    ),
    "offer": Lead(
        Words("有权益", "was promised offer"),
        Words("没有权益", "was not promised offer"),
        Words("任一权益或指定的权益；时间指承诺时间。", "Any or one; by the time of the promise."),
    ),
    "festival": Lead(
        Words("临近节日", "a festival is near"),
        Words("没有临近节日", "no festival is near"),
        Words(
            "对所有人都一样；7 天指今天和之后 6 天。",
            "The same for everybody; 7 days are today and the next six.",
        ),
    ),
    "child_age": Lead(
        Words("孩子月龄", "has a child of"),
        Words("没有这个月龄的孩子", "has no child of"),
        Words(
            "按出生年月算；只有家长单独同意过才知道。",
            "By the month of birth; known only with the parent's consent.",
        ),
    ),
    "date": Lead(
        Words("临近日子", "has a day soon"),
        Words("没有临近日子", "has no day soon"),
        Words(
            "客户的日子，如 birthday；7 天指今天和之后 6 天，含农历。",
            "A day of theirs, like birthday; 7 days are today and the next six, lunar days too.",
        ),
    ),
    "event": Lead(
        Words("发生过事件", "event was heard"),
        Words("没有发生事件", "event was not heard"),
        Words(
            "任何一种事件，可限定一个属性。只有数据库能查。",
            "Any kind of event, perhaps with an attribute. Only the database can tell.",
        ),
    ),
    "fits": Lead(
        Words("有尺码合适的货", "is fitted by"),
        Words("没有尺码合适的货", "is fitted by nothing"),
        Words(
            "按尺码标签匹配门店里断码或停产的款；每天零点再看一次。",
            "A size tag held up against left-over sizes in stores; looked at again at midnight.",
        ),
    ),
    "sequence": Lead(
        Words("先后发生", "in sequence"),
        Words("并非先后发生", "not in sequence"),
        Words(
            "先有一件事，之后有或没有另一件事；可限定间隔。",
            "One thing, and then another or none; perhaps within a time.",
        ),
    ),
}

# What a field that is set adds; `key.field` where one condition says it otherwise.
# A field that is not here adds its label and its value.
SAID: Mapping[str, Words] = {
    "any_of": Words("任一：{}", "any of {}"),
    "at_least": Words("至少 {} 次", "at least {}×"),
    "at_most": Words("至多 {} 次", "at most {}×"),
    "category": Words("{}", "{}"),
    "chat": Words("{}", "{}"),
    "child_age.at_least": Words("至少 {} 个月", "at least {} months"),
    "child_age.at_most": Words("至多 {} 个月", "at most {} months"),
    "child_age.in_days": Words("{} 天内", "within {} days"),
    "code": Words("{}", "{}"),
    "consent.channel": Words("{}", "{}"),
    "consent.purpose": Words("{}", "{}"),
    "consent.state": Words("{}", "{}"),
    "date.in_days": Words("{} 天内", "within {} days"),
    "date.name": Words("{}", "{}"),
    "ever": Words("含已退群", "or was"),
    "event.kind": Words("{}", "{}"),
    "fits.few": Words("至多剩 {} 个尺码", "at most {} sizes left"),
    "fits.size_tag": Words("尺码标签以 {} 开头", "by tags beginning with {}"),
    "first": Words("先 {}", "first {}"),
    "first_within": Words("首次在过去 {}", "first in the last {}"),
    "friend.older_than": Words("早于 {}前", "for over {}"),
    "identity.kind": Words("{}", "{}"),
    "is": Words("为 {}", "is {}"),
    "known.older_than": Words("早于 {}前", "over {} ago"),
    "lapsed.at_least": Words("{} 倍周期起", "from {} cycles"),
    "lapsed.at_most": Words("不到 {} 倍周期", "under {} cycles"),
    "lapsed.cycles": Words("周期：{}", "cycles: {}"),
    "lapsed.within": Words("不到 {}前", "under {} ago"),
    "last_older_than": Words("最近一次早于 {}前", "the last over {} ago"),
    "not_then": Words("之后没有 {}", "and then no {}"),
    "offer.offer": Words("{}", "{}"),
    "older_than": Words("早于 {}前", "over {} ago"),
    "percent": Words("{}%", "{}%"),
    "prefix": Words("以 {} 开头", "beginning with {}"),
    "sequence.within": Words("间隔不超过 {}", "within {}"),
    "spent.at_least": Words("至少 {}", "at least {}"),
    "spent.at_most": Words("至多 {}", "at most {}"),
    "stage.at_least": Words("{} 及以上", "{} or above"),
    "stage.at_most": Words("{} 及以下", "{} or below"),
    "tag.name": Words("{}", "{}"),
    "tag.older_than": Words("已超过 {}", "for over {}"),
    "tag.within": Words("在过去 {}打上", "since at most {}"),
    "then": Words("然后 {}", "and then {}"),
    "whole_days": Words("按自然日", "by calendar days"),
    "within": Words("在过去 {}", "in the last {}"),
}


def said(key: str, field: str, label: Words) -> Words:
    """What a field that is set adds to the sentence, its value at {}."""
    other = Words(f"{label.zh} {{}}", f"{label.en} {{}}")
    return SAID.get(f"{key}.{field}") or SAID.get(field) or other
