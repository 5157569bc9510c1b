"""Is a brand ready, and what should it start: from its own figures, each with its reason. Pure."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Literal, NamedTuple

from siyu.kernel.money import show
from siyu.kernel.sentence import Sentence
from siyu.staff.model import GoalKind

Verdict = Literal["yes", "no", "unknown"]
Ready = Literal["ready", "not_yet", "unknown"]
HARD = ("orders", "connection", "margin")  # without these nothing can pay


class Seen(NamedTuple):
    """A brand's own figures of a year. None: they can't be known yet."""

    customers: int
    orders: int
    net_minor: int
    in_stores: float  # share of orders whose shop is a store of ours
    stores: int
    friends: int
    before_minor: int | None  # net of the quarter a year ago
    lately_minor: int  # net of the last quarter
    first_buyers: int  # who bought first 90 to 270 days ago
    again: int  # of these, bought again within 90 days
    margin: float | None
    materials: int
    wecom: bool
    heard: bool  # an order within the last thirty days
    days: int = 365  # from the first order of the year up to now
    old: int = 0  # buyers of the year whose last order is an old one, and who never were friends


OLD_DAYS = 30  # from then on an order is an old one: as `old-orders` takes it
LEAST_DAYS = 180  # of orders, before anything is said of how often people buy


class Limits(NamedTuple):
    """From where on something counts as much; and what only people know."""

    flat: float = 0.10
    margin: float = 0.30
    again: float = 0.10
    materials: int = 5
    frequent: float = 3.0
    dear_minor: int = 50_000
    large: int = 20_000
    service: str = ""  # heavy or light; '': nobody has said
    own_margin: float | None = None


class Point(NamedTuple):
    """One question of readiness: the figure, what is asked of it, and why it matters."""

    what: str
    verdict: Verdict
    figure: str  # with its unit, where it has one: a Sentence
    asked: str
    why: Sentence


class Pick(NamedTuple):
    """A playbook to start, and why; one that is `running` needs no start."""

    playbook: str
    why: Sentence
    running: bool = False


class Cell(NamedTuple):
    """Where a brand stands in the strategy matrix: each side with the figure that puts it there."""

    operated: Literal["head_office", "stores"]
    frequency: Literal["low", "high", "unknown"]
    price: Literal["low", "high"]
    volume: Literal["small", "large"]
    per_year: float
    order_minor: int


class Advice(NamedTuple):
    """`ready` not_yet: start with what stands in the way. `next`: what is to be done first."""

    ready: Ready
    goal: GoalKind
    goal_why: Sentence
    points: list[Point]
    cell: Cell
    picks: list[Pick]
    rhythm: Sentence
    staffing: Sentence
    next: list[Sentence]


def advise(
    seen: Seen, limits: Limits, goal: GoalKind | None, shipped: Collection[str], currency: str
) -> Advice:
    """What to do now. `goal`: the one that the brand has declared."""
    points = list(_points(seen, limits))
    hard = [one for one in points if one.what in HARD]
    ready: Ready = "ready"
    if any(one.verdict == "no" for one in hard) or sum(one.verdict == "no" for one in points) > 2:
        ready = "not_yet"
    elif any(one.verdict == "unknown" for one in hard):
        ready = "unknown"
    of, why = _goal(seen, limits, goal)
    cell = _cell(seen, limits)
    picks = [one for one in _picks(of, cell, seen) if one.playbook in shipped]
    return Advice(
        ready, of, why, points, cell, picks, _rhythm(cell), _staffing(cell, currency),
        list(_next(points)),
    )  # fmt: skip


def _points(seen: Seen, limits: Limits) -> Iterator[Point]:
    yield _orders(seen)
    yield Point(
        "connection", "yes" if seen.wecom else "no", "wecom", "wecom",
        Sentence("Without WeCom nobody can be reached again for free.",
                 "没有企业微信，就不能免费地再次触达客户。"),
    )  # fmt: skip
    yield _margin(seen, limits)
    yield _growth(seen, limits)
    yield _again(seen, limits)
    yield Point(
        "content", "yes" if seen.materials >= limits.materials else "no", f"{seen.materials}",
        f"≥ {limits.materials}",
        Sentence("Texts in use: without content there is nothing to say after the add.",
                 "在用素材数：没有内容，加了好友也无话可说。"),
    )  # fmt: skip
    said: Mapping[str, Verdict] = {"heavy": "yes", "light": "no"}
    yield Point(
        "service", said.get(limits.service, "unknown"), limits.service or "–", "--service heavy",
        Sentence("What needs advice, fitting or care is worth a relation; only you know this.",
                 "需要指导、搭配或保养的产品，才值得长期经营关系；这一点只有您知道。"),
    )  # fmt: skip


def _orders(seen: Seen) -> Point:
    verdict: Verdict = "yes" if seen.heard else "no"
    return Point(
        "orders", verdict, f"{seen.orders:,}", "> 0",
        Sentence("Orders of the last thirty days have to come in: all else follows from them.",
                 "需要接入最近三十天的订单：其余一切由此而来。"),
    )  # fmt: skip


def _margin(seen: Seen, limits: Limits) -> Point:
    share = limits.own_margin if limits.own_margin is not None else seen.margin
    verdict: Verdict = "unknown" if share is None else "yes" if share >= limits.margin else "no"
    return Point(
        "margin", verdict, "–" if share is None else f"{share:.0%}", f"≥ {limits.margin:.0%}",
        Sentence("The first thirty days' margin of a fan has to pay for winning them; say it with "
                 "`--margin` where goods have no cost here.",
                 "新好友头三十天的毛利要付得起获客成本；商品没有成本时请用 `--margin` 告知。"),
    )  # fmt: skip


def _growth(seen: Seen, limits: Limits) -> Point:
    why = Sentence(
        "While public shops still grow fast, effort is better spent there; flat, the pool is next.",
        "公域还在高速增长时，精力放在公域更划算；增长放缓，就该做私域。",
    )
    asked = f"< {limits.flat:.0%}"
    if not seen.before_minor:
        return Point("growth", "unknown", "–", asked, why)
    change = seen.lately_minor / seen.before_minor - 1
    return Point("growth", "yes" if change < limits.flat else "no", f"{change:+.0%}", asked, why)


def _again(seen: Seen, limits: Limits) -> Point:
    why = Sentence(
        "Bought again within 90 days: a pool lives on people who need you again.",
        "90 天复购率：私域靠会再次需要您的人。",
    )
    asked = f"≥ {limits.again:.0%}"
    if seen.first_buyers < 30:
        few = Sentence(f"{seen.first_buyers:,} people", f"{seen.first_buyers:,} 人")
        return Point("repurchase", "unknown", few, asked, why)
    rate = seen.again / seen.first_buyers
    return Point("repurchase", "yes" if rate >= limits.again else "no", f"{rate:.0%}", asked, why)


def _goal(seen: Seen, limits: Limits, goal: GoalKind | None) -> tuple[GoalKind, Sentence]:
    if goal is not None:
        return goal, Sentence(
            "declared by you: one goal at a time.", "您已声明：一次只做一个目标。"
        )
    share = seen.friends / seen.customers if seen.customers else 0.0
    if share < 0.2:
        return "growth", Sentence(f"only {share:.0%} of your customers are friends yet.",
                                  f"目前只有 {share:.0%} 的客户是好友。")  # fmt: skip
    rate = seen.again / seen.first_buyers if seen.first_buyers else 0.0
    if rate < 2 * limits.again:
        return "repurchase", Sentence(f"the pool is there; {rate:.0%} buy again within 90 days.",
                                      f"池子已有规模；90 天内 {rate:.0%} 的客户复购。")  # fmt: skip
    return "reputation", Sentence("the pool is there and buys again: let it speak for you.",
                                  "池子已有规模且会复购：让老客为您说话。")  # fmt: skip


def _cell(seen: Seen, limits: Limits) -> Cell:
    told = seen.customers and seen.days >= LEAST_DAYS
    per_year = seen.orders / seen.customers * 365 / seen.days if told else 0.0
    order = seen.net_minor // seen.orders if seen.orders else 0
    return Cell(
        "stores" if seen.stores and seen.in_stores >= 0.5 else "head_office",
        ("high" if per_year >= limits.frequent else "low") if told else "unknown",
        "high" if order >= limits.dear_minor else "low",
        "large" if seen.customers >= limits.large else "small",
        round(per_year, 2), order,
    )  # fmt: skip


def _picks(goal: GoalKind, cell: Cell, seen: Seen) -> Iterator[Pick]:
    """In the order in which to start."""
    yield Pick("welcome-trust", Sentence(
        "whoever adds you is worth most in the first thirty days.",
        "新好友的头三十天最有价值。"))  # fmt: skip
    if goal == "growth":
        yield Pick("cascade", Sentence("every paid order can become a friend while it is warm.",
                                       "每个付款订单都可以趁热加为好友。"))  # fmt: skip
        if seen.old:
            yield Pick("old-orders", Sentence(
                f"{seen.old:,} buyers of the past year, whose last order is {OLD_DAYS} days old or "
                f"more, are no friends yet; newer orders are the cascade's.",
                f"过去一年有 {seen.old:,} 位买家最后一单已满 {OLD_DAYS} 天且还不是好友；"
                f"更近的订单由加好友四步法邀请。",
            ))  # fmt: skip
    if cell.price == "high" or goal in ("repurchase", "reputation"):
        dear = Sentence("what is dear is looked after: care brings them back.",
                        "贵重的东西值得照料：关怀带来复购。")  # fmt: skip
        kept = Sentence("who is looked after buys again, and speaks well of you.",
                        "买后有人关怀，才会复购、才有口碑。")  # fmt: skip
        yield Pick("care-3-3-3", dear if cell.price == "high" else kept)
    if goal in ("repurchase", "need"):
        yield Pick("lapsed-recall", Sentence("to win back costs less than to win anew.",
                                             "唤回老客比获取新客便宜。"))  # fmt: skip
    if cell.operated == "stores":
        yield Pick("size-clearance", Sentence("guides have quiet hours, stores have left-overs.",
                                              "导购有淡场时间，门店有断码库存。"))  # fmt: skip
    if cell.frequency == "low" and cell.price == "high":
        yield Pick("festival-blind-box", Sentence(
            "bought rarely: strong events widen the pool.",
            "低频高价：靠强活动扩大池子。"))  # fmt: skip
    elif cell.frequency == "high" and cell.price == "low":
        yield Pick("festival-blind-box", Sentence(
            "bought often and cheap: large events, by the system.",
            "高频低价：大活动，靠系统自动化。"))  # fmt: skip


_RHYTHMS: Mapping[tuple[str, str], Sentence] = {
    ("low", "high"): Sentence(
        "Few and personal: a touch in two weeks, deep 1:1 talk, layers by value; events at dates.",
        "少而精：两周一次触达，一对一深聊，按价值分层；节点做活动。",
    ),
    ("low", "low"): Sentence(
        "Light: one batch a month, and widen the range so that there is a reason to come back.",
        "轻运营：每月一次批量触达，并扩充品类，给客户回来的理由。",
    ),
    ("high", "low"): Sentence(
        "Often, automated: up to two touches a week, a quick first order, members bring members.",
        "高频自动化：每周至多两次触达，快速首单，老带新。",
    ),
    ("high", "high"): Sentence(
        "Often and personal: a touch a week by the guide who knows them, service before offers.",
        "高频且个性：由熟悉的顾问每周触达一次，先服务后权益。",
    ),
}


def _rhythm(cell: Cell) -> Sentence:
    if cell.frequency == "unknown":
        return Sentence(
            f"How often people buy takes {LEAST_DAYS} days of orders to tell: begin with a batch a "
            "month, and look again.",
            f"要有 {LEAST_DAYS} 天的订单才看得出购买频率：先每月一次批量触达，之后再看。",
        )
    return _RHYTHMS[cell.frequency, cell.price]


def _staffing(cell: Cell, currency: str) -> Sentence:
    order = show(cell.order_minor, currency)
    who = Sentence("head office runs it", "由总部运营")
    if cell.operated == "stores":
        who = Sentence("each store runs its own customers", "由门店各自经营自己的客户")
    if cell.volume == "small":
        return Sentence(
            f"Every customer in depth by a person; {who} ({order} an order).",
            f"客户不多，逐个由人深度服务；{who.zh}（客单价 {order}）。",
        )
    return Sentence(
        f"By the system, people only where somebody answers or wants something; {who} ({order} an "
        f"order).",
        f"客户量大，靠系统运营，有回复或需求时才由人接手；{who.zh}（客单价 {order}）。",
    )


_TO_DO: Mapping[str, Sentence] = {
    "orders": Sentence("Bring in orders: siyu connect, or siyu import orders FILE.",
                       "接入订单：siyu connect，或 siyu import orders FILE。"),
    "connection": Sentence("Connect WeCom: siyu connect wecom.",
                           "接入企业微信：siyu connect wecom。"),
    "margin": Sentence("Say what goods cost (siyu costs import), or --margin here.",
                       "登记商品成本（siyu costs import），或在这里用 --margin。"),
    "growth": Sentence("Look again next quarter, or begin with a pilot.",
                       "下个季度再看，或先做小范围试点。"),
    "repurchase": Sentence("Add what is needed again: bundles, refills, services.",
                           "补充会再次需要的东西：组合、补充装、服务。"),
    "content": Sentence("Write a first set of texts: siyu material import FILE.",
                        "先写一批素材：siyu material import FILE。"),
    "service": Sentence("Say --service heavy or light.", "请用 --service heavy 或 light 告知。"),
}  # fmt: skip


def _next(points: Sequence[Point]) -> Iterator[Sentence]:
    """What is missing, the hard things first."""
    for one in sorted(points, key=lambda one: one.what not in HARD):
        if one.verdict != "yes":
            yield _TO_DO[one.what]
