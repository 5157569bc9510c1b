"""Of `channels`: friends whom guides of stores won face to face, and what that cost."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime
from typing import Annotated, NamedTuple

from siyu.analytics.compile import face as figures
from siyu.analytics.decide.rates import MINUTE, paid
from siyu.analytics.model import per_add
from siyu.analytics.model.answer import Ask, Cell, Sources
from siyu.analytics.views.days import Days
from siyu.kernel.money import show
from siyu.kernel.sentence import Sentence
from siyu.kernel.time import zone
from siyu.ledger import views as ledger

FACE = Sentence("store guide", "导购当面添加")
MOST_MINUTES = 1440
Minutes = Annotated[
    float,
    Ask(
        Sentence("Minutes for a friend won in a store", "门店每加一位好友的分钟数"),
        Sentence(
            "Of staff, talks in vain included: what you count or take them to be. 0: not known, so "
            "no cost of it is said.",
            "员工用时（含没加成的交谈），按贵方实际统计或估计填写；0 表示未知，则不给出成本。",
        ),
    ),
]
_HAND = Sentence(", ".join(figures.HAND), "、".join(figures.HAND))
DEFINITION = Sentence(
    "Store guide, face to face: who became a friend of staff of a store and was nobody's then, by "
    f"a guide's own code or hand (way {_HAND}), with no code of a step and no "
    "contact in the 14 days before; each counts once, on the day of the add. Its cost is staff "
    "time: the minutes that you give × the role's rate of that day.",
    "导购当面添加：此前不是任何人的好友，成为门店员工的好友，添加方式为导购本人的码或亲手操作"
    f"（方式 {_HAND.zh}），且没有步骤活码、此前 14 天内没有任何触达；"
    "每人计一次，按添加日计。成本为员工时间：填写的分钟数 × 当日该岗位单价。",
)


class Face(NamedTuple):
    """`known`: of those won, of whom it is known which buyer they are. `otherwise`: as new, but by
    another way, or nobody has told by which. `cost_minor` None: not known, `why`."""

    won: int
    known: int
    otherwise: int
    cost_minor: int | None
    why: Sentence | None

    @property
    def per_friend(self) -> int | None:
        """Rounded up."""
        return None if self.cost_minor is None else per_add(self.cost_minor, self.won)


def check(minutes: float) -> None:
    """ValueError where nobody works like this."""
    if not 0 <= minutes <= MOST_MINUTES:
        raise ValueError(
            Sentence(
                f"`talk_minutes` must be between 0 and {MOST_MINUTES}",
                f"`talk_minutes` 必须在 0 到 {MOST_MINUTES} 之间",
            )
        )


def face(of: Sources, span: Days, minutes: float, currency: str) -> Face | None:
    """None: nobody of staff belongs to a store."""
    ((people,),) = of.lake.fetch(figures.employed())
    if not people:
        return None
    local = zone(of.brand.time_zone)
    worked: list[tuple[str, date, int]] = []
    known = otherwise = 0
    for role, by_hand, quarter, many, some in of.lake.fetch(figures.won(span.begin, span.end)):
        if not by_hand:
            otherwise += int(many)
            continue
        day = datetime.fromtimestamp(int(quarter), UTC).astimezone(local).date()
        worked.append((role, day, int(many)))
        known += int(some)
    won = sum(many for *_, many in worked)
    cost, why = (None, None) if not won else _cost(of, worked, minutes, currency)
    return Face(won, known, otherwise, cost, why)


def _cost(
    of: Sources, worked: Sequence[tuple[str, date, int]], minutes: float, currency: str
) -> tuple[int | None, Sentence | None]:
    """What the talks cost, else why that is not known."""
    if not minutes:
        return None, Sentence(
            "nobody reports minutes of talks in a store; give the minutes for a friend "
            "(talk_minutes) and their rate makes a cost",
            "门店交谈的分钟数没有人上报；填写每加一位好友的分钟数（talk_minutes）后，按单价给出成本",
        )
    with of.db.transaction() as conn:
        found = paid(worked, minutes, ledger.price_list(conn))
    if found.without:
        roles = ", ".join(sorted(found.without))
        return None, Sentence(
            f"there is no rate for a minute of {roles} on these days: siyu prices set {MINUTE}",
            f"{roles} 在这些日子没有每分钟单价：请用 siyu prices set {MINUTE} 设置",
        )
    if {*found.amounts} != {currency}:
        others = ", ".join(sorted(found.amounts))
        return None, Sentence(
            f"the rate is in {others} and the other costs in {currency}",
            f"单价为 {others}，其他成本为 {currency}",
        )
    return found.amounts[currency], None


# ── as people read it ──


def success(one: Face, currency: str) -> tuple[Cell, ...]:
    """Its row beside the channels' in cost and success: nobody counts whom guides talk to."""
    return (
        FACE, currency, None, one.cost_minor, None, one.won, None, None, None, one.per_friend, None,
    )  # fmt: skip


def says(one: Face, currency: str) -> Sentence:
    """Whom they won, and at what cost."""
    each = one.per_friend
    at = (
        Sentence("at a cost that is not known", "成本未知")
        if each is None
        else Sentence(f"at {show(each, currency)} each", f"每位 {show(each, currency)}")
    )
    return Sentence(
        f"guides of stores won {one.won:,} face to face {at}",
        f"门店导购当面加到 {one.won:,} 位，{at.zh}",
    )


def notes(one: Face | None, minutes: float) -> Iterator[Sentence]:
    """What is known of them and what is not."""
    if one is None:
        yield Sentence(
            "Nobody of staff belongs to a store, so no friend is told as won face to face.",
            "没有员工属于门店，因此没有“当面添加”一行。",
        )
        return
    yield Sentence(
        "Of talks in a store only the friend is known, so of them there are no contacts, no unit "
        "cost and no share of success; the friend comes at once. A guide's code that is posted "
        "elsewhere, and a text to a phone that nobody has tied to the friend, look the same as a "
        "talk.",
        "门店交谈只留下好友这一事实，因此没有触达次数、单次成本与成功率；好友当场添加。"
        "导购的码贴在别处，或短信发到尚未与该好友关联的手机，看起来与当面添加相同。",
    )
    if one.won:
        yield Sentence(
            f"Of {one.won:,} friends won face to face it is known of {one.known:,} which buyer "
            "they are.",
            f"当面添加的 {one.won:,} 位好友中，已识别买家身份的 {one.known:,} 位。",
        )
    if one.cost_minor is not None:
        yield Sentence(
            f"Their cost rests on {minutes:g} minutes for each, as given.",
            f"其成本按填写的每位 {minutes:g} 分钟计算。",
        )
    if one.why:
        yield Sentence(f"What they cost is not known: {one.why}.", f"其成本未知：{one.why.zh}。")
    if one.otherwise:
        yield Sentence(
            f"{one.otherwise:,} more new friends of staff of stores came another way, or nobody "
            "has told by which: they are not among these.",
            f"另有 {one.otherwise:,} 位门店员工的新好友以其他方式添加，或添加方式未知，未计入。",
        )
