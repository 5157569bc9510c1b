"""Whether the ledger agrees with what it is about: nothing missing, nothing doubled, nothing of
nothing."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Literal, NamedTuple

from siyu.commerce import views as commerce
from siyu.kernel.sentence import Sentence
from siyu.kernel.sql import Conn, load

SQL = load("siyu.analytics")

# quantity: booked otherwise than it happened, or not at all. entry: it contradicts itself. cause:
# there is nothing that it is about. order: it says otherwise than its refunds. net: what margins
# are made of is not the net of the books.
What = Literal["quantity", "entry", "cause", "order", "net"]
CAUSES: Mapping[str, Sentence] = {
    "touch": Sentence("message or call", "消息或电话"),
    "task": Sentence("task", "待办"),
    "task_try": Sentence("attempt at a task", "待办的一次尝试"),
    "parcel": Sentence("parcel", "包裹"),
    "promise": Sentence("offer that was taken up", "已核销的权益"),
    "trial": Sentence("test message", "测试发送"),
    "tool_month": Sentence("month of a tool", "工具的一个月"),
}
_WHOLE = Sentence(
    "Siyu neither takes entries away nor changes what they are about: somebody has written into "
    "the database, or a backup was put back in part. Put a whole one back (docs/guides/operate.md);"
    " where nothing of that happened, report this line as a fault of Siyu.",
    "系统不会删除账目，也不会改动其依据：可能有人直接改了数据库，或备份只恢复了一部分。"
    "请整份恢复备份（docs/guides/operate.md）；若都没有发生过，请把这一行作为系统缺陷反馈。",
)
_MONTH = Sentence(
    "A worker books it within the hour if the tool has a fee on the last day of that month: look "
    "at siyu prices list; set it with siyu prices set tool_fee.",
    "只要该工具在当月最后一天有月费，后台会在一小时内补记：请看 siyu prices list；"
    "用 siyu prices set tool_fee 设置。",
)
_LATER = Sentence(
    "It follows from the differences of orders: settle those, and it is gone.",
    "它由订单的差异造成：先处理订单的差异，它随之消失。",
)


class Difference(NamedTuple):
    """Two amounts that must be one, in minor units. `about`: whose, by number in its table, or the
    order's; `name`: what people know it by, where its number tells nothing. The quantities are 0
    where there is none."""

    what: What
    cause: str
    about: str
    kind: str
    wanted: int
    posted: int
    wanted_minor: int
    posted_minor: int
    currency: str
    name: str = ""

    @property
    def says(self) -> Sentence:
        """What is wrong, in words."""
        kind, wanted, posted = self.kind, self.wanted, self.posted
        thing = CAUSES.get(self.cause, Sentence(self.cause, self.cause))
        name = self.name or self.about
        if self.what == "order":
            return Sentence(
                f"order {name}: it says otherwise than its refunds what was given back of it",
                f"订单 {name}：退款金额或状态与退款记录不符",
            )
        if self.what == "net":
            return Sentence(
                f"net of all orders in {name}: margins are made of another sum than the books",
                f"{name} 全部订单净额：毛利所依据的合计与账簿不符",
            )
        if self.what == "entry":
            return Sentence(
                f"{thing} {name}: the amount booked as {kind} is not quantity × price",
                f"{thing.zh} {name}：记为 {kind} 的金额不等于数量 × 单价",
            )
        if self.what == "cause":
            return Sentence(
                f"{thing} {name}: {kind} is booked of something that is not there",
                f"{thing.zh} {name}：记了 {kind}，但找不到它的依据",
            )
        if not posted:
            return Sentence(
                f"{thing} {name}: {kind} is not booked", f"{thing.zh} {name}：没有记 {kind}"
            )
        if not wanted:
            return Sentence(
                f"{thing} {name}: {kind} is booked, and there is nothing to book",
                f"{thing.zh} {name}：记了 {kind}，但本不该有",
            )
        return Sentence(
            f"{thing} {name}: {kind} is booked {posted} times, not {wanted}",
            f"{thing.zh} {name}：{kind} 记了 {posted}，应为 {wanted}",
        )

    @property
    def todo(self) -> Sentence:
        """What to do about it."""
        if self.what == "net":
            return _LATER
        if (self.cause, self.what, self.posted) == ("tool_month", "quantity", 0):
            return _MONTH
        if self.cause == "promise" and self.what == "quantity":
            offer = self.name.partition(" ")[0]
            return Sentence(
                f"What was taken up of it stands in siyu offers show {offer}. {_WHOLE}",
                f"已核销的数量见 siyu offers show {offer}。{_WHOLE.zh}",
            )
        return _WHOLE


def differences(conn: Conn) -> list[Difference]:
    """All of them; none: the ledger is proven. Reads everything as of one moment, so the
    transaction is to be a new one."""
    conn.execute(SQL.one_moment)
    found = [
        *_entries(conn, SQL.unbooked, "quantity"),
        *_entries(conn, SQL.misbooked, "entry"),
        *_entries(conn, SQL.causeless, "cause"),
    ]
    for _, shop, order_no, currency, state, wanted, posted in conn.fetch(SQL.misstated):
        about = f"{shop}/{order_no}"
        found.append(Difference("order", "order", about, state, 0, 0, wanted, posted, currency))
    return _named(conn, found) + _books(conn)


def _entries(conn: Conn, statement: str, what: What) -> list[Difference]:
    return [
        Difference(what, cause, str(cause_id), kind, wanted, posted, should, does, currency)
        for cause, cause_id, kind, wanted, posted, should, does, currency in conn.fetch(statement)
    ]


def _named(conn: Conn, found: Iterable[Difference]) -> list[Difference]:
    some = list(found)

    def numbers(cause: str) -> list[int]:
        return [int(one.about) for one in some if one.cause == cause]

    params = {"promises": numbers("promise"), "months": numbers("tool_month")}
    names = {(cause, str(number)): name for cause, number, name in conn.fetch(SQL.caused, params)}
    return [one._replace(name=names.get((one.cause, one.about), "")) for one in some]


def _books(conn: Conn) -> list[Difference]:
    books = {one.currency: one.gross - one.refunded for one in commerce.totals(conn)}
    brought = {currency: net for currency, net in conn.fetch(SQL.brought)}  # noqa: C416
    return [
        Difference("net", "orders", currency, "net", 0, 0, net, brought.get(currency, 0), currency)
        for currency, net in sorted(books.items())
        if net != brought.get(currency, 0)
    ]
