"""What each material and variant does: opened, clicked, replied, bought after, deleted after."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Annotated, Literal, NamedTuple

from siyu.analytics.compile import materials as figures
from siyu.analytics.model import Group
from siyu.analytics.model.answer import (
    Answer,
    Ask,
    Cell,
    Chart,
    Column,
    Question,
    Sources,
    Span,
    Table,
    between,
    percent,
)
from siyu.analytics.views.channels import channel_name
from siyu.analytics.views.days import Days, Since, Until, check, days
from siyu.content import views as content
from siyu.kernel.errors import Refused
from siyu.kernel.sentence import Sentence

USUAL = 28
_CLICKED, _REPLIED, _BOUGHT, _DELETED = (
    Sentence("Clicked", "点击率"),
    Sentence("Replied", "回复率"),
    Sentence("Bought within 7 days", "7 天内购买率"),
    Sentence("Deleted us within 7 days", "7 天内删除率"),
)


def _rate(name: str, title: Sentence) -> tuple[Column, ...]:
    return (
        Column(name, title, "rate"),
        Column(f"{name}_low", title, "rate", low_of=name),
        Column(f"{name}_high", title, "rate", high_of=name),
    )


HEAD = (
    Column("material", Sentence("Material", "素材")),
    Column("title", Sentence("Title", "标题")),
    Column("variant", Sentence("Variant", "变体")),
    Column("channel", Sentence("Channel", "触点")),
)
BACK = (
    *HEAD,
    Column("people", Sentence("People", "人数"), "count"),
    Column("sent", Sentence("Sent", "发出"), "count"),
    Column("failed", Sentence("Failed", "失败"), "count"),
    Column("delivered", Sentence("Told as delivered", "回执送达率"), "rate"),
    Column("opened", Sentence("Opened", "打开率"), "rate"),
    *_rate("clicked", _CLICKED),
    *_rate("replied", _REPLIED),
)
AFTER = (
    *HEAD,
    Column("watched", Sentence("Sent at least 7 days ago", "发出已满 7 天"), "count"),
    *_rate("bought", _BOUGHT),
    *_rate("deleted", _DELETED),
)
DEFINITION = Sentence(
    "Of touches that left us in these days, by the material and variant that each was: opened = "
    "the carrier told that it was read, or a link in it was followed; clicked = a short link or "
    "the invitation's was followed, whenever; replied = a message of the customer within 3 days "
    "after; bought, deleted = an order that stands, or a deletion by the customer, within 7 days "
    "after, among those sent at least 7 days ago. Delivered, opened, clicked, replied are shares "
    "of what was sent.",
    "期内发出的触达，按其素材和变体统计：打开 = 平台回执已读，或点击了其中的链接；"
    "点击 = 点击了短链或邀请链接（不限时间）；回复 = 之后 3 天内客户发来消息；"
    "购买、删除 = 之后 7 天内有效下单或客户删除好友，只看发出已满 7 天的触达。"
    "送达、打开、点击、回复均为占发出数的比例。",
)


class Done(NamedTuple):
    """What one material, or one variant of it, did in the period."""

    material: str
    variant: str
    channel: str
    people: int
    sent: int
    delivered: int
    opened: int
    clicked: int
    replied: int
    watched: int
    bought: int
    deleted: int
    failed: int


@dataclass(frozen=True)
class Content(Question):
    """Materials and their variants side by side: sent, delivered, opened, clicked, replied, bought
    and deleted after."""

    name = "content"
    title = Sentence("What do our materials do?", "素材效果如何？")
    facts = ("touch",)

    since: Since = None
    until: Until = None
    by: Annotated[
        Literal["variant", "material"],
        Ask(
            Sentence("By", "按"),
            Sentence("Each variant by itself, or all of a material.", "逐个变体，或合并到素材。"),
            (Sentence("Variant", "变体"), Sentence("Material", "素材")),
        ),
    ] = "variant"

    def __post_init__(self) -> None:
        check(self.since, self.until)

    def answer(self, of: Sources) -> Answer:
        span = days(of, self.since, self.until, USUAL)
        found = _found(of, span, whole=self.by == "material")
        if not found:
            raise Refused(
                Sentence(
                    f"Nothing was sent from {span.first} to {span.last}.",
                    f"{span.first} 至 {span.last} 没有发出任何触达。",
                )
            )
        with of.db.transaction() as conn:
            titles = {one.code: one.title for one in content.listed(conn, retired=True)}
        return Answer(
            says=_says(found),
            definition=DEFINITION,
            population=Sentence(
                f"{sum(one.sent for one in found):,} touches that left us in these days",
                f"期内发出的 {sum(one.sent for one in found):,} 次触达",
            ),
            period=Span(span.first, span.last),
            currency=of.brand.currency,
            tables=(
                Table("back", Sentence("What comes back", "数据回收"), BACK,
                      tuple(_back(one, titles.get(one.material, "")) for one in found)),
                Table("after", Sentence("What follows", "后续行为"), AFTER,
                      tuple(_after(one, titles.get(one.material, "")) for one in found)),
            ),
            charts=(
                Chart("clicked", _CLICKED, "bar", "back", x="material", y=("clicked",),
                      by="variant"),
                Chart("deleted", _DELETED, "bar", "after", x="material", y=("deleted",),
                      by="variant"),
            ),
            notes=tuple(_notes(found)),
        )  # fmt: skip


def _found(of: Sources, span: Days, *, whole: bool) -> list[Done]:
    ripe = of.now - timedelta(days=figures.AFTER)
    rows = of.lake.fetch(figures.performance(span.begin, span.end, ripe, whole=whole))
    return [Done(*row[:3], *map(int, row[3:])) for row in rows]


def _head(one: Done, title: str) -> tuple[Cell, ...]:
    return one.material, title, one.variant, channel_name(one.channel)


def _back(one: Done, title: str) -> tuple[Cell, ...]:
    def share(some: int) -> float | None:
        """What was never told of a material is not 0, it is not known."""
        return some / one.sent if some else None

    return (
        *_head(one, title), one.people, one.sent, one.failed, share(one.delivered),
        share(one.opened), *_sure(one.sent, one.clicked), *_sure(one.sent, one.replied),
    )  # fmt: skip


def _after(one: Done, title: str) -> tuple[Cell, ...]:
    bought, deleted = (_sure(one.watched, some) for some in (one.bought, one.deleted))
    return (*_head(one, title), one.watched, *bought, *deleted)


def _sure(every: int, some: int) -> tuple[Cell, ...]:
    share = Group(every, some)
    return share.rate, *(share.interval or (None, None))


def _says(found: Sequence[Done]) -> Sentence:
    sent, clicked = sum(one.sent for one in found), sum(one.clicked for one in found)
    watched, deleted = sum(one.watched for one in found), sum(one.deleted for one in found)
    many = len({one.material for one in found})
    clicks, ends = Group(sent, clicked), Group(watched, deleted)
    said = Sentence(
        f"Of {sent:,} touches with {many} materials {percent(clicks.rate or 0)} were clicked",
        f"{many} 个素材共 {sent:,} 次触达，点击率 {percent(clicks.rate or 0)}",
    )
    if clicks.interval is not None:
        span = between(clicks.interval)
        said = Sentence(f"{said} ({span})", f"{said.zh}（{span}）")
    if ends.rate is None or ends.interval is None:
        return Sentence(f"{said}.", f"{said.zh}。")
    share, span = percent(ends.rate), between(ends.interval)
    return Sentence(
        f"{said}; after {share} ({span}) the customer deleted us within 7 days.",
        f"{said.zh}；其后 7 天内被删除 {share}（{span}）。",
    )


def _notes(found: Sequence[Done]) -> Iterator[Sentence]:
    yield Sentence(
        "Variants of one material are drawn by chance, so they can be compared with each other; "
        "materials go to different people at different times, so these figures are no claim of "
        "cause. A purchase after two touches counts for both. Intervals: 95 % (Wilson), as if "
        "each touch were somebody else's.",
        "同一素材的变体随机分配，可以相互比较；不同素材面向不同的人和时间，不代表因果。"
        "两次触达之后的一次购买，两次都计。区间为 95%（Wilson），按每次触达相互独立计算。",
    )
    yield Sentence(
        "Empty: nothing of the kind was told of it. Replies are heard only where the carrier "
        "tells of messages; clicks only through short links (setting `short_links`) and the "
        "invitation's own.",
        "留空：没有收到此类回执。只有平台回传消息时才有回复数据；"
        "点击只计短链（设置 `short_links`）和邀请链接。",
    )
    young = sum(one.sent - one.watched for one in found)
    if young:
        yield Sentence(
            f"{young:,} touches are younger than 7 days: what follows them is not counted yet.",
            f"{young:,} 次触达不满 7 天，其后续行为尚未计入。",
        )
