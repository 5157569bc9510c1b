"""WeCom's error codes: what each means for the caller, and in words for people.

`errmsg` changes and may repeat what was sent, so nothing but the code is ever read of it.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Literal
from zoneinfo import ZoneInfo

from siyu.kernel.ids import share
from siyu.kernel.sentence import Sentence

# ok · busy: at most three tries · limited: not before the block is over · stale: a new token ·
# settings: somebody has to change something · gone: that person or thing is not there any more ·
# late: right, but its time is over · refused: for good, and nobody's settings
Meaning = Literal["ok", "busy", "limited", "stale", "settings", "gone", "late", "refused"]

TRIES = 3
STALE_TOKEN = frozenset({40014, 42001})
BUSY = frozenset({-1, 6000, 41063, 41078, 41079, 41096})
LIMITED = frozenset({45009, 45033})
SETTINGS = frozenset({
    40001, 40013, 40056, 40057, 40091, 41001, 41002, 41004, 41057, 43009, 43012, 48001, 48002,
    48006, 48007, 50001, 50002, 50003, 60011, 60020, 60021, 60031, 60111, 81011, 84074, 301002,
})  # fmt: skip
GONE = frozenset({40068, 40096, 41044, 41047, 46004, 84061})
LATE = frozenset({41050, 41051, 41093, 41094})
# About one member of ours: nobody else's calls are touched by it.
MEMBER = frozenset({40003, 40098, 40143, 41054, 60011, 60021, 60111, 84074})
# These words can't be sent to anybody, or what goes beside them.
TEXT = frozenset({40004, 40006, 40009, 40033, 40123, 41064, 41065, 44001, 44004, 45001, 45002})
DISPATCHING = 41063
NO_RELATION = 84061
NO_TAG = 40068
TAG_EXISTS = 40071
TOO_MANY_TAGS = 40126
BAD_CURSOR = 50100

# How long a block lasts, from the shortest: each further one of a call that was just let out of a
# block is taken for the next longer kind. WeCom does not say which of them it is.
BLOCKS = ("minute", "hour", "day", "month")
WECOM_ZONE = ZoneInfo("Asia/Shanghai")  # whose midnight ends a block of a day
_SPREAD = 0.1  # of a block: so that those who were stopped together do not come back together


def meaning(code: int) -> Meaning:
    """What a caller has to do about a code.

    >>> meaning(0), meaning(-1), meaning(45009), meaning(60020), meaning(99999)
    ('ok', 'busy', 'limited', 'settings', 'refused')
    """
    kinds: Mapping[Meaning, frozenset[int]] = {
        "ok": frozenset({0}), "busy": BUSY, "limited": LIMITED, "stale": STALE_TOKEN,
        "settings": SETTINGS, "gone": GONE, "late": LATE,
    }  # fmt: skip
    for kind, codes in kinds.items():
        if code in codes:
            return kind
    return "refused"


def block_until(level: int, now: datetime, *words: str) -> datetime:
    """When a block of this level is over; `words` spread those who wait, always the same way.

    >>> from datetime import UTC
    >>> noon = datetime(2026, 11, 20, 4, 0, tzinfo=UTC)
    >>> block_until(2, noon).astimezone(WECOM_ZONE).date().isoformat()
    '2026-11-21'
    """
    kind = BLOCKS[min(level, len(BLOCKS) - 1)]
    if kind == "day":
        local = now.astimezone(WECOM_ZONE)
        end = (local + timedelta(days=1)).replace(hour=0, minute=0, second=0, microsecond=0)
        return end.astimezone(now.tzinfo) + timedelta(minutes=5) * share("block", *words)
    span = {"minute": timedelta(seconds=60), "hour": timedelta(minutes=60)}.get(
        kind, timedelta(days=30)
    )
    return now + span * (1 + _SPREAD * share("block", *words))


def pause(turn: int, *words: str) -> float:
    """Seconds before a further try of a busy call: doubling, spread by a hash and not by chance."""
    return 0.1 * 2**turn * (0.5 + share("pause", str(turn), *words))


_WORDS: Mapping[int, Sentence] = {
    -1: Sentence("WeCom is busy", "企业微信系统繁忙"),
    40001: Sentence("the app's secret is wrong", "应用 Secret 不对"),
    40003: Sentence("there is no member with this userid", "没有这个 userid 的成员"),
    40013: Sentence("the corp id is wrong", "企业 ID（corpid）不对"),
    40014: Sentence("the access token is not valid", "access_token 无效"),
    40033: Sentence("the text holds characters that can't be sent", "文本含有不能发送的字符"),
    40056: Sentence("the agent id is wrong", "应用 AgentId 不对"),
    40058: Sentence("WeCom does not take a parameter", "企业微信不接受某个参数"),
    40068: Sentence("the tag does not exist", "标签不存在"),
    40071: Sentence("there is a tag of this name", "标签名已存在"),
    40072: Sentence("WeCom does not take the tag's name", "标签名不符合要求"),
    40126: Sentence("the corp has no room for another tag", "企业标签数量已达上限"),
    40091: Sentence("the app's secret is wrong", "应用 Secret 不对"),
    40096: Sentence("the customer's id is wrong", "客户的 external_userid 不对"),
    40098: Sentence("a member is not verified by real name", "有成员没有实名认证"),
    41041: Sentence("a contact way takes at most 100 members", "一个联系我最多 100 名成员"),
    41045: Sentence("the corp has no room for another contact way", "联系我数量已达企业上限"),
    41048: Sentence("nobody of these can be written to", "没有可以发送的客户"),
    41050: Sentence("the welcome code is over", "欢迎语 code 已过期"),
    41051: Sentence("they are chatting already, or were welcomed", "已经开始聊天，或已发过欢迎语"),
    41053: Sentence("the customer has not agreed to archiving", "客户还没有同意会话存档"),
    41054: Sentence("a member has not activated WeCom", "有成员没有激活企业微信"),
    41057: Sentence("no WeChat developer account is bound", "没有绑定微信开发者账号"),
    41063: Sentence("the mass message is being given out", "群发任务正在下发"),
    41059: Sentence("there is no such Moment", "没有这条朋友圈"),
    41060: Sentence("there is no such Moment", "没有这条朋友圈"),
    41067: Sentence("this Moment was not made by the corp", "这条朋友圈不是企业发表的"),
    41072: Sentence("the file was uploaded for something else", "素材的使用场景不对"),
    41078: Sentence("too many Moments are being made", "正在创建的朋友圈任务太多"),
    41079: Sentence("the Moment is being given out", "朋友圈任务正在下发"),
    41080: Sentence("the file is too big", "素材文件太大"),
    41081: Sentence("the picture has too many pixels", "图片像素超过限制"),
    41082: Sentence("the video is longer than 30 seconds", "视频超过 30 秒"),
    41088: Sentence("an attachment is empty", "附件内容为空"),
    41089: Sentence("the Moment says and shows nothing", "朋友圈没有文字也没有附件"),
    41090: Sentence("the video can't be used", "视频格式不可用"),
    41093: Sentence("the mass message was cancelled", "群发任务已停止"),
    41094: Sentence("the members were reminded three times", "24 小时内已提醒三次"),
    40006: Sentence("the file is too big or too small", "文件大小不符合要求"),
    40009: Sentence("the picture is too big", "图片太大"),
    40123: Sentence("the picture can't be read", "图片格式不可用"),
    41064: Sentence("there are more than nine attachments", "附件超过 9 个"),
    41065: Sentence("WeCom does not carry this attachment", "企业微信不支持这种附件"),
    40007: Sentence("the file's time at WeCom is over", "素材已过期"),
    41095: Sentence("the corp has no room for another link", "获客链接数量已达上限"),
    41096: Sentence("another app is welcoming them", "另一个应用正在发欢迎语"),
    42001: Sentence("the access token is over", "access_token 已过期"),
    44004: Sentence("the text is empty", "文本为空"),
    45002: Sentence("the text is too long", "文本过长"),
    45009: Sentence("too many calls; WeCom blocks them for a while", "调用太频繁，被限制一段时间"),
    45033: Sentence("too many calls at once", "并发调用太多"),
    48001: Sentence("the app may not call this", "应用没有这个接口的权限"),
    48002: Sentence(
        "the app is not in the list of apps that may call this (客户联系, 获客助手, 对外收款)",
        "应用不在“可调用接口的应用”里（客户联系、获客助手、对外收款）",
    ),
    50003: Sentence("the app is disabled", "应用已停用"),
    60011: Sentence("the member is outside the app's visible range", "成员不在应用的可见范围"),
    60020: Sentence(
        "this server's address is not among the app's trusted IPs",
        "本机 IP 不在应用的企业可信 IP 里",
    ),
    60021: Sentence("the member is outside the app's visible range", "成员不在应用的可见范围"),
    60031: Sentence("the app may not call the API", "应用被禁止调用接口"),
    60111: Sentence("there is no member with this userid", "没有这个 userid 的成员"),
    301002: Sentence(
        "WeCom has no such app, or it is another's", "没有这个应用，或不是本应用的 AgentId"
    ),
    81011: Sentence("the app may not do this to the tag", "应用没有该标签的权限"),
    84061: Sentence("they are not friends (any more)", "不是好友（或已不是）"),
    84074: Sentence("a member has no customer contact function", "有成员没有客户联系功能"),
}  # fmt: skip


def words(code: int) -> Sentence:
    """A code in words; one that we have none for is named."""
    known = _WORDS.get(code)
    if known is None:
        return Sentence(f"WeCom refused it ({code})", f"企业微信拒绝（{code}）")
    return Sentence(f"{known} ({code})", f"{known.zh}（{code}）")
