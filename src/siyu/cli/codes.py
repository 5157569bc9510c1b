"""Codes of the engine in Chinese, as the console calls them; in English a command shows the code.

What somebody types back, such as a channel of a rule, is shown with its code (`typed`).
"""

from __future__ import annotations

from collections.abc import Iterable

from siyu.cli.screen import joined
from siyu.kernel.sentence import Sentence

YES, NO = Sentence("yes", "是"), Sentence("no", "否")
NONE = Sentence("none", "无")
CODES: dict[str, dict[str, str]] = {
    "basis": {"consent": "本人同意", "contract": "履行合同", "legitimate_interest": "正当利益"},
    "channel": {
        "by_hand": "人工", "group_message": "群消息", "mini_program": "小程序", "moments": "朋友圈",
        "parcel_insert": "随包卡", "sms": "短信", "voice_ai": "AI 外呼",
        "voice_human": "人工外呼", "wechat_oa": "公众号", "wecom_mass": "企微群发",
        "wecom_message": "企微消息", "wecom_request": "好友申请", "wecom_welcome": "企微欢迎语",
    },
    "consent_channel": {"sms": "短信", "voice": "电话", "wecom": "企业微信"},
    "ending": {
        "merged": "并入另一旅程", "migrated": "迁移时结束", "stopped": "旅程已终止",
    },
    "event": {
        "call.finished": "通话结束", "child.told": "孩子年月", "complaint.closed": "投诉已结",
        "complaint.opened": "投诉", "consent.given": "同意", "consent.withdrawn": "撤回同意",
        "customer.identified": "身份补全", "customer.merged": "合并客户",
        "customer.split": "拆分客户", "friend.added": "加好友",
        "friend.deleted_by_customer": "客户删除好友", "friend.deleted_by_staff": "员工删除好友",
        "friend.remarked": "员工写好友备注", "friend.requested": "发出好友申请",
        "group.joined": "加入群聊", "group.left": "离开群聊", "link.clicked": "点击链接",
        "message.received": "客户来消息", "offer.redeemed": "权益核销",
        "page.opened": "打开页面", "survey.answered": "回答问卷", "slot.booked": "预约到店",
        "slot.cancelled": "取消预约", "slot.kept": "预约到店已到", "slot.missed": "预约未到",
        "store.visited": "到店", "offer.reserved": "预留权益", "offer.released": "放弃预留",
        "offer.missed": "预留未取", "order.cancelled": "订单取消", "order.claimed": "填写订单号",
        "segment.entered": "进入人群", "segment.left": "离开人群", "order.itemised": "订单明细",
        "order.corrected": "账目更正", "order.paid": "订单支付", "order.refunded": "订单退款",
        "parcel.differs": "包裹装错", "parcel.packed": "包裹打包", "parcel.planned": "包裹计划",
        "parcel.shipped": "包裹发出", "payment.received": "会话收款",
        "payment.refunded": "会话收款退款", "profile.dated": "记录日期",
        "stock.counted": "库存盘点", "tag.set": "打标签", "tag.expired": "标签到期",
        "task.done": "待办完成", "task.escalated": "待办升级", "task.tried": "已尝试联系",
        "touch.delivered": "已送达", "touch.failed": "发送失败", "touch.read": "已读",
        "touch.unknown": "结果未知", "touch.withdrawn": "已撤回", "touch.withheld": "未发送",
    },
    "line": {
        "ended": "结束", "entered": "进入旅程", "merged": "客户合并，由另一旅程继续",
        "migrated": "迁移版本", "moved": "前进", "not_started": "未能启动另一旅程",
        "parked": "出错暂停", "parted": "随客户拆分", "stopped": "被终止",
        "taken_back": "结束后撤回其余消息",
    },
    "passing": {
        "budget": "红包预算已用完", "else": "其他情况", "held_out": "对照组，不触达",
        "issued": "已发放权益", "limit": "已达领取上限", "no_cutoff": "未得知截单时刻",
        "no_date": "日期未知", "no_part": "门店没有名额", "none": "无一符合",
        "order_gone": "订单已取消或退款", "order_paid": "订单已支付", "out": "权益已发完",
        "parcel_frozen": "包裹已截单", "parcel_planned": "包裹已排单", "promised": "已承诺权益",
        "reached": "达成目标", "revoked": "已收回权益", "set": "已设置", "start": "已启动旅程",
        "tagged": "已打标签", "task": "待办有了结果", "timed_out": "等待超时",
        "too_late": "来不及", "touch": "触达有了结果", "value": "变量符合", "waited": "等待结束",
        "wished": "已提出触达",
    },
    "friend": {
        "deleted_by_customer": "被客户删除", "deleted_by_staff": "被员工删除", "live": "好友",
    },
    "goal": {"growth": "加好友", "need": "需求", "reputation": "口碑", "repurchase": "复购"},
    "hold": {
        "by_hand": "人工设置", "do_not_call": "要求勿打电话", "open_complaint": "投诉未结",
    },
    "key": {
        "buyer": "平台买家号", "external_userid": "企微外部联系人", "member": "会员号",
        "order": "订单号", "phone": "手机号", "state": "渠道活码", "unionid": "微信 UnionID",
    },
    "material_kind": {
        "article": "图文", "card": "小程序卡片", "image": "图片", "link": "链接",
        "poster": "海报", "text": "文本", "video": "视频",
    },
    "material_state": {
        "approved": "已通过", "draft": "草稿", "in_review": "待审核", "refused": "未通过",
    },
    "offer_kind": {
        "blind_box": "盲盒", "coupon": "优惠券", "exchange": "换购", "gift": "赠品",
        "presale": "预售名额", "red_packet": "红包", "sample": "小样",
    },
    "order": {"cancelled": "已取消", "paid": "已支付", "refunded": "已退款"},
    "outcome": {
        "added": "当场添加", "agreed": "答应添加", "already_added": "早已添加",
        "answered": "已接听", "do_not_call": "请勿再打", "no_answer": "未接听",
        "refused": "拒绝", "requested": "已发申请", "wrong_person": "号码非本人",
    },
    "parcel_content": {"card": "卡片", "gift": "赠品", "none": "不放"},
    "period": {"day": "每天", "hour": "每小时", "month": "每月", "week": "每周"},
    "price": {
        "call_minute": "AI 通话（每分钟）", "card": "随包卡（每张）", "coupon": "优惠券（每张）",
        "gift": "赠品（每份）", "red_packet": "红包（每个）", "shipping_extra": "额外运费（每单）",
        "sms_segment": "短信（每段）", "staff_minute": "员工时间（每分钟）",
        "tool_fee": "工具费（每月）",
    },
    "promise": {
        "claimable": "待领取", "committed": "已确认", "fulfilled": "已兑现", "held": "已占用",
        "lapsed": "已过期", "promised": "已承诺", "reserved": "已预留", "revoked": "已撤销",
    },
    "purpose": {
        "*": "全部用途", "order_invitation": "订单邀请", "promotion": "营销", "service": "服务",
    },
    "role": {
        "auditor": "审计", "engineer": "技术", "guide": "导购", "operator": "运营",
        "owner": "老板",
    },
    "scope": {
        "head_office": "全品牌", "own": "仅本人客户", "region": "所在大区", "store": "所在门店",
    },
    "stage": {
        "A1": "A1 了解", "A2": "A2 吸引", "A3": "A3 问询", "A4": "A4 购买", "A5": "A5 拥护",
    },
    "task_kind": {"call": "电话", "friend_request": "好友申请"},
    "touch": {
        "awaiting_staff": "待员工处理", "delivered": "已送达", "failed": "失败",
        "leased": "发送中", "owed": "待发送", "read": "已读", "replied": "已回复",
        "sent": "已发送", "unknown": "结果未知", "wished": "待裁决", "withdrawn": "已撤回",
        "withheld": "未发送",
    },
    "visit": {"ended": "已结束", "parked": "已搁置", "under_way": "进行中"},
}  # fmt: skip
# What only commands show, or the console calls by the page that it is on.
OURS: dict[str, dict[str, str]] = {
    "change": {"merged": "合并", "split": "拆分"},
    "colleague": {"left": "已离职", "unseen": "应用看不到"},
    "consent": {"given": "同意", "withdrawn": "已撤回"},
    "carrier": {"wecom": "企业微信"},
    "cost": {
        "call_minute": "通话分钟", "card": "卡片", "coupon": "优惠券", "gift": "赠品",
        "red_packet": "红包", "shipping_extra": "额外运费", "sms_segment": "短信条数",
        "staff_minute": "员工分钟", "tool_fee": "工具费",
    },
    "counted": {
        "consents": "同意", "friendships": "好友关系", "orders": "订单", "promises": "承诺",
        "tags": "标签", "touches": "触达", "visits": "进行中",
    },
    "credit": {"last": "最后服务", "owner": "好友归属", "shared": "平均分配"},
    "entry": {"enrolled": "已进入", "joined": "并入已有旅程", "refused": "未进入"},
    "friends_given": {
        "done": "已接替", "failed": "失败", "free": "可移交", "full": "对方好友已满",
        "refused": "客户拒绝", "resting": "近期移交过多", "waiting": "已移交，待结果",
    },
    "group": {"*": "全部", "all": "全部", "voice": "全部外呼", "wecom": "全部企微"},
    "handover": {"failed": "失败", "given": "已移交", "running": "进行中", "stopped": "已停止"},
    "invitation": {"invited": "已邀请", "none": "无", "waiting": "等待"},
    "moment": {"cancelled": "已取消", "failed": "失败", "making": "创建中", "open": "已发起"},
    "part": {
        "budget": "预算", "needs": "需要", "offer": "权益", "settings": "设置",
        "shops": "店铺", "source": "来源", "staff": "员工",
    },
    "payment": {
        "asked": "待付款", "lapsed": "已过期", "paid": "已付款", "refunded": "已退款",
        "withdrawn": "已撤回",
    },
    "per": {"brand": "全品牌", "customer": "每位客户"},
    "playbook": {
        "available": "可安装", "budget": "预算", "channel": "触点", "channels": "触点",
        "connector": "连接", "fact": "事实", "goal": "目标", "growth": "增长",
        "hold-out": "对照组", "installed": "已安装", "journeys": "旅程", "materials": "素材",
        "need": "需求", "no": "否", "offers": "权益", "own": "自带", "playbook": "打法",
        "repurchase": "复购", "reputation": "口碑", "running": "运行中", "segments": "分群",
        "sources": "来源", "state": "状态", "stopped": "已停止", "stories": "故事",
        "tag_rules": "标签规则",
    },
    "post": {
        "awaiting_staff": "待员工处理", "by_hand": "人工发送", "failed": "失败", "owed": "待发送",
        "sent": "已发送", "unknown": "结果未知", "withheld": "未发送",
    },
    "spread": {"customer": "客户", "friend": "好友", "off": "停用", "order": "订单",
               "touch": "触达"},
    "subscriber": {"active": "正常", "failing": "推送失败"},
    "weekday": {
        "mon": "周一", "tue": "周二", "wed": "周三", "thu": "周四", "fri": "周五",
        "sat": "周六", "sun": "周日",
    },
    "work": {"*": "合计", "call": "电话", "friend_request": "好友申请"},
}  # fmt: skip


def coded(kind: str, code: str | None) -> Sentence:
    """The code, and what it is called in Chinese; one that nobody named stays as it is.

    >>> coded("touch", "owed"), coded("touch", "owed").zh, coded("touch", "odd").zh
    ('owed', '待发送', 'odd')
    """
    code = code or ""
    named = CODES.get(kind) or OURS[kind]
    return Sentence(code, named.get(code, code))


def typed(kind: str, code: str) -> Sentence:
    """The same where people type the code: in Chinese with the code behind its name.

    >>> typed("channel", "sms").zh, typed("channel", "odd").zh
    ('短信 sms', 'odd')
    """
    named = coded(kind, code)
    return named if named.zh == code else Sentence(code, f"{named.zh} {code}")


def yes(is_so: bool | None) -> Sentence | None:
    """Yes or no; None where nobody knows."""
    return None if is_so is None else YES if is_so else NO


def listed(words: Iterable[str]) -> Sentence:
    """One after another, as each language separates them."""
    return joined(words, ", ", "、")


def held_by(said: str) -> Sentence:
    """Why somebody must not be contacted, as `siyu explain` knows it: channel (purpose): reason.

    >>> held_by("voice (promotion): do_not_call").zh
    '电话（营销）：要求勿打电话'
    """
    where, _, reason = said.rpartition(": ")
    channel, _, purpose = where.partition(" (")
    of = f"（{coded('purpose', purpose[:-1]).zh}）" if purpose else ""
    zh = f"{_channel(channel)}{of}：{coded('hold', reason).zh}"
    return Sentence(said, zh)


def _channel(code: str) -> str:
    """A channel, a group of them, or all, in Chinese."""
    kinds = ("consent_channel", "channel", "group")
    return next((one.zh for kind in kinds if (one := coded(kind, code)).zh != code), code)


def passed(why: str) -> Sentence:
    """Why a visit came to a step: of each step that it went through, what let it pass.

    >>> passed("five-minutes: waited · sms: wished").zh
    'five-minutes：等待结束 · sms：已提出触达'
    """
    return joined((_passed(one) for one in why.split(" · ")), " · ")


def _passed(one: str) -> Sentence:
    node, colon, code = one.rpartition(": ")
    named = coded("passing", code)
    named = named if named.zh != code else coded("line", code)
    return Sentence(one, f"{node}：{named.zh}" if colon else named.zh)


def joined_by(how: str) -> Sentence:
    """By which fact somebody is known.

    >>> joined_by("order.paid sandbox/order/1, with phone, order").zh
    '订单支付 sandbox/order/1，同时有手机号、订单号'
    """
    said, _, keys = how.partition(", with ")
    event, space, of = said.partition(" ")
    zh = "我方渠道码" if said == "a code of ours" else f"{coded('event', event).zh}{space}{of}"
    beside = "、".join(coded("key", one).zh for one in keys.split(", ")) if keys else ""
    return Sentence(how, f"{zh}，同时有{beside}" if beside else zh)
