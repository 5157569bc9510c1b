"""Titles and heads of the tables of commands in Chinese: one word has one meaning in all of them.

Where a word means something else, the command says a `Sentence` of its own.
"""

from __future__ import annotations

from siyu.kernel.sentence import Sentence

HEADS = {
    "30 days": "30 天内", "a day at most": "每天最多", "a piece": "单件", "added": "添加时间",
    "alive": "在线", "allowed": "允许", "amount": "金额", "answer": "回答", "answered": "接通",
    "applies": "处理事实", "as": "类型", "asked": "发起时间", "at": "时间", "at most": "最多",
    "at the list of now": "按现行单价", "at work": "在岗", "audit": "审单", "basis": "依据",
    "because": "原因", "began": "开始", "behind": "背后员工", "booked": "预约", "budget": "预算",
    "by": "操作人", "came of it, or why not": "结果，或未进入的原因", "can be again": "还可提醒",
    "cards": "卡片", "carrier": "平台", "category": "品类", "channel": "触点", "chat": "群",
    "chats": "群", "clicks": "点击", "code": "编码", "code leads": "群码指向", "codes": "编码对照",
    "column": "列", "comments": "评论", "committed": "已锁定", "complained": "投诉",
    "complaint": "投诉", "contact": "联系方式", "content": "内容", "cost": "成本",
    "costs": "现记", "count": "数量", "counted": "实盘", "counted on": "盘点日",
    "counts so far": "计到", "customer": "客户", "customers": "客户", "day": "日期", "days": "天数",
    "decided": "决定时间", "decided by": "决定人", "deleted us": "删除好友", "departments": "部门",
    "done": "完成", "dropped": "已停用", "due": "应完成", "each": "单个成本", "ended": "已结束",
    "entered": "进入", "entries": "笔数", "error": "错误", "evidence": "证据", "fact": "事实",
    "failures": "失败", "figure": "指标", "file": "文件", "files": "文件数", "fills up to": "上限",
    "for": "相关", "friend": "好友", "friends": "好友", "from": "自", "frozen": "锁定时间",
    "frozen from": "锁定自", "gifts": "赠品", "given back": "已退", "goal": "目标",
    "goes to": "转到", "groups": "社群", "held": "暂占", "held out": "对照组", "here": "已有",
    "help": "说明", "hits": "命中", "hour": "小时", "hours": "时段", "how": "方式", "id": "编号",
    "in 20 s": "20 秒内", "in days": "天数", "installed": "安装时间", "invited": "已邀请",
    "is": "现为", "item": "赠品", "items": "条数", "joined": "入群", "journey": "旅程",
    "key": "标识", "keys": "标识", "kind": "类型", "kinds": "事实类型", "lag": "下单延迟",
    "lanes": "通道", "last": "最近", "last error": "最近错误", "last heard of": "最近心跳",
    "last seen": "最近使用", "layer": "分层", "left": "离开", "left out": "排除",
    "left over": "剩余", "liability": "预计成本", "likes": "点赞", "lines": "行", "list": "名单",
    "live": "有效", "longest lag": "最长延迟", "longest since": "最久自", "lost": "流失",
    "made": "生成时间", "made by": "创建人", "margin": "余量", "material": "素材",
    "max s": "最长（秒）", "members": "会员", "messages": "消息", "minutes": "分钟", "name": "名称",
    "name masked": "姓名", "new": "新增", "next": "下一步", "no code": "无欢迎码", "note": "备注",
    "of": "细分", "of orders": "占订单", "of the price": "占售价", "of us": "我方人数",
    "offer": "权益", "on hand": "现存", "open": "待处理", "opened": "打开", "order": "订单",
    "order no": "订单号", "orders": "订单", "other": "另一用途", "other item": "其他赠品",
    "other kind": "其他类型", "ours gave way": "我方让出", "outcome": "结果", "overdue": "超时",
    "owed": "应得", "owner": "负责人", "p50 s": "p50（秒）", "p95 s": "p95（秒）",
    "packed": "实装", "page": "页面", "paid": "付款", "parcel": "包裹", "parcels": "包裹",
    "parked": "搁置", "parked at": "搁置时间", "part": "份额", "password": "密码",
    "paused": "暂停", "payments": "收款", "people": "人数", "per": "对象", "period": "周期",
    "permitted": "允许", "phone": "手机号", "pieces": "件数", "place": "地点",
    "planned by": "按何时计划", "playbook": "打法", "posted": "已入账", "promised": "已承诺",
    "published": "已发布", "published at": "发布时间", "purpose": "用途", "quantity": "数量",
    "question": "问题", "rank": "名次", "rate": "比率", "reached": "触达人数", "read as": "识别为",
    "reason": "原因", "refunded": "已退款", "refused": "拒收", "rejected": "拒收",
    "reminded": "已提醒", "request": "收款单", "reserved": "预留", "retired": "停用时间",
    "role": "角色", "room": "余位", "rows": "行数", "rule": "规则", "runs": "次数",
    "samples": "样例", "seconds": "秒", "seen": "已查看", "seen by": "可见人数", "sees": "可见范围",
    "segment": "分群", "sent": "已发", "sessions": "会话", "set at": "设定时间",
    "set by": "设定人", "settled": "已结", "share one": "合并发送", "ship by": "发货截止",
    "shop": "店铺", "shops": "店铺", "should be": "应为", "should cost": "应记",
    "signed in": "登录中", "since": "自", "size": "尺码", "sizes": "尺码",
    "sizes left": "剩余尺码",
    "sku": "货品编码", "skus": "货品数", "source": "来源", "staff": "员工",
    "staff minutes": "员工分钟", "state": "状态", "step": "步骤", "stock": "库存", "store": "门店",
    "stray": "多余", "style": "款式", "sweep": "批处理", "table": "表", "tag": "标签",
    "tags": "标签", "taken": "已收", "taken back": "撤回时间", "takes newcomers": "接收新客户",
    "text": "文案", "theirs gave way": "对方让出", "there": "已具备",
    "through": "途径", "title": "标题", "to": "至",
    "to come": "以后几天", "today": "今天", "told": "指令", "told at": "告知时间",
    "too late": "超时", "total": "总额", "touches": "触达", "tries": "次数", "under way": "进行中",
    "unit price": "单价", "unpriced": "无成本", "until": "至", "url": "地址", "used now": "已用",
    "type": "类型",
    "valid until": "有效期至", "value": "值", "verdict": "结论", "version": "版本",
    "visit": "进行中", "visitors": "访客", "visits": "进行中", "waiting": "等待",
    "warehouse": "仓库", "was": "原为", "wave": "波", "went on": "继续添加", "what": "项目",
    "what differs": "差异", "where": "地址", "which": "内容", "who": "客户", "why": "原因",
    "wished": "意愿", "withheld": "拦下", "worker": "进程",
}  # fmt: skip
TITLES = {
    "Accounts": "账号", "Answers": "回答", "Assumed where it isn't known": "未知成本的假定",
    "By day": "按日", "Calendar": "日历", "Caps": "上限", "Changed": "已更改",
    "Codes and links": "渠道码与链接", "Columns": "列", "Complaints": "投诉", "Consents": "同意",
    "Cost of goods": "货品成本", "Costs": "成本", "Friend of": "好友关系", "Friends": "好友",
    "Friends handed over": "好友移交", "Gifts": "赠品", "Goods": "货品", "Group chats": "客户群",
    "Groups by day": "社群按日", "Hits": "命中", "Hours": "时段", "Imports": "导入",
    "In the wrong groups": "在不合适的社群中", "Invitations": "邀请", "Journeys": "旅程",
    "Journeys, entered or not": "旅程：是否进入", "Known by": "标识", "Listed no more": "不再列出",
    "Lists": "名单", "Materials": "素材", "Members": "成员", "Moments": "朋友圈",
    "Not sent, and why": "未发送及原因", "Offers": "权益", "Open complaints": "未结投诉",
    "Orders": "订单", "Other journeys with the same people": "面向同一批人的其他旅程",
    "Packing": "装箱", "Pages": "页面", "Paid in chats": "对话收款", "Parcels": "包裹",
    "Parked events": "搁置的事实", "Parked visits": "搁置的进行中客户",
    "Payment requests": "收款请求", "Playbooks": "打法", "Posts": "群发内容", "Presses": "群发确认",
    "Price list": "单价表", "Promises": "承诺", "Quotas": "配额", "Repriced": "已重新计价",
    "Rules": "规则", "Segments": "分群", "Shops": "店铺", "Sizes": "尺码", "Staff": "员工",
    "Subscribers": "订阅方", "Sweeps in the last five minutes": "最近五分钟的批处理",
    "Tags that wait": "等待中的标签", "Tasks": "待办", "To be sent by staff": "等待员工发送",
    "To be taken in": "待接收", "To be told": "待告知", "To look up": "待查看手机号",
    "Touches": "触达", "Touches, sent and not": "触达：已发与未发", "Versions": "版本",
    "Warehouses": "仓库", "What its shops permit": "店铺允许什么", "What it gives": "提供什么",
    "What moves": "将移动的内容", "Workers": "工作进程", "Would be repriced": "将重新计价",
    "Would change": "将更改", "it brings": "包含", "it needs": "需要", "settings": "设置",
}  # fmt: skip


def headed(word: str) -> str:
    """The word of a table in both languages; what is said in both already, or a code or a name of
    the brand's, stays as it is.

    >>> headed("told_at"), headed("told_at").zh, headed("tmall")
    ('told_at', '告知时间', 'tmall')
    """
    if isinstance(word, Sentence):
        return word
    en = word.replace("_", " ")
    zh = HEADS.get(en) or TITLES.get(en)
    return Sentence(word, zh) if zh else word
