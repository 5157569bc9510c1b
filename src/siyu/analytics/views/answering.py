"""How staff answers customers in chats, as carriers count it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from siyu.analytics.decide.skills import Did
from siyu.analytics.model.answer import Cell, Column, percent
from siyu.kernel.sentence import Sentence

TITLE = Sentence("Answers in chats", "会话响应")
BY_STORE = Sentence("Answers by store", "各门店会话响应")
COLUMNS = (
    Column("days_told", Sentence("Days known", "有数据天数"), "count"),
    Column("chats", Sentence("Chats", "聊天数"), "count"),
    Column("wrote", Sentence("Messages", "发送消息"), "count"),
    Column("reply_share", Sentence("Chats answered", "已回复占比"), "rate"),
    Column("reply_minutes", Sentence("Minutes to the first answer", "首次回复分钟"), "number"),
    Column("lost", Sentence("Deleted or blocked", "被删除或拉黑"), "count"),
)


def row(did: Did) -> tuple[Cell, ...]:
    """Empty where no carrier has told of any of these days."""
    if not did.days_told:
        return (None,) * len(COLUMNS)
    minutes = did.reply_minutes
    return (
        did.days_told, did.chats, did.wrote, did.reply_share,
        None if minutes is None else round(minutes, 1), did.lost,
    )  # fmt: skip


def says(whole: Did) -> Sentence:
    """How long customers wait for an answer."""
    share, minutes = whole.reply_share, whole.reply_minutes
    if share is None or minutes is None:
        return Sentence("how soon they answer is not known", "响应时长未知")
    return Sentence(
        f"they answered {percent(share)} of chats, after {minutes:.1f} minutes on average",
        f"会话回复率 {percent(share)}，平均 {minutes:.1f} 分钟首次回复",
    )


def notes(everybody: Sequence[Did], many: int) -> Iterator[Sentence]:
    """What carriers have not told."""
    known = [one for one in everybody if one.days_told]
    if not known:
        yield Sentence(
            "How soon customers are answered, and how many, is not known: no carrier has told of "
            "these days. WeCom does once the setting figures of its connection is on (siyu connect "
            "wecom): each morning of the day before, at first of 180 days.",
            "响应时长和回复率未知：期内没有渠道回传。开启企业微信连接的 figures 设置"
            "（siyu connect wecom）后，每天早上拉取前一天的数据，首次可补 180 天。",
        )
    else:
        least, every = min(one.days_told for one in known), len(everybody)
        yield Sentence(
            f"Answers are known of {len(known)} of {every} of staff, of at least {least} of {many} "
            "days: the carrier's own count of one-to-one chats, told on the next morning. Of group "
            "chats it tells no answers.",
            f"{every} 位员工中 {len(known)} 位有响应数据，至少覆盖 {many} 天中的 {least} 天："
            "来自渠道自己的单聊统计，次日早上才有；群聊没有响应数据。",
        )
    yield Sentence(
        "There is no service score: nothing that is connected asks customers how they were served. "
        "What comes nearest is told as it is: chats answered, minutes to the first answer, and who "
        "deleted or blocked.",
        "没有服务评分：已连接的渠道都不收集客户评价。最接近的是：已回复占比、首次回复时长、"
        "被删除或拉黑的人数。",
    )
