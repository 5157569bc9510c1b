"""Whether the ledger agrees: planted differences of offers and tools, each named in words, with
what to do."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta

import msgspec
import pytest

from siyu.analytics.views.proof import Difference, differences
from siyu.db.pool import Pool
from siyu.events.actions import accept
from siyu.events.model import Incoming
from siyu.events.sweep import apply
from siyu.kernel.ids import PublicIds
from siyu.kernel.sql import Conn
from siyu.ledger import actions as ledger
from siyu.ledger.model import Price, Tool
from siyu.offers.actions import install, promise
from siyu.offers.model import NewPromise, Offer
from siyu.offers.project import projection
from siyu.staff import actions as staff
from siyu.staff.model import Brand
from siyu.vault.model import Keys

NOW = datetime(2026, 11, 20, 4, 0, tzinfo=UTC)
IDS, KEYS = PublicIds(b"k"), Keys(b"m" * 32, b"l" * 32)
FEE = Price("tool_fee", 30_000, "CNY", "", "scrm", date(2026, 9, 1))
Checked = Callable[[str], list[Difference]]


@pytest.fixture
def planted(db: Pool) -> Checked:
    """A gift that was taken up and two months of a tool, all of it booked; then what is done to
    them, and the differences that are found."""
    with db.transaction() as conn:
        staff.seed(conn, Brand("B", "Asia/Shanghai", "CNY", "CN", "zh"))
        ledger.set_prices(conn, [Price("gift", 250, "CNY"), FEE])
        ledger.set_tool(conn, Tool("scrm", "friend"), "ana", NOW)
        assert ledger.book_months(conn, NOW) == 2
        install(conn, [Offer("treat", {"zh": "礼", "en": "treat"}, 100, "T")], "p")
        new = NewPromise("k", "treat", 1, None, "shop", "o1", None, NOW + timedelta(days=9))
        (promise_id,) = promise(conn, [new], NOW).values()
        data = msgspec.Raw(msgspec.json.encode({"promise": IDS.encode("prm", promise_id)}))
        told = Incoming(
            source="till", id="1", kind="offer.redeemed", occurred_at=NOW.isoformat(), data=data
        )
        accept(conn, KEYS, "CN", [told], NOW)
    assert apply(db, [projection(IDS)], NOW).parked == 0

    def check(statement: str) -> list[Difference]:
        with db.transaction() as conn:
            conn.execute(statement)
        return found(db)

    assert found(db) == []
    return check


def found(db: Pool) -> list[Difference]:
    with db.transaction() as conn:
        return differences(conn)


PROMISE = "offer that was taken up treat shop/o1"
MONTH = "month of a tool scrm 2026-09"
FIRST = "(select min(id) from tool_month)"


@pytest.mark.parametrize(
    ("statement", "said"),
    [
        ("delete from ledger_entry where cause = 'promise'",
         [("quantity", 1, 0, 250, 0, f"{PROMISE}: gift is not booked")]),
        ("update ledger_entry set quantity = 2, amount_minor = 500 where cause = 'promise'",
         [("quantity", 1, 2, 250, 500, f"{PROMISE}: gift is booked 2 times, not 1")]),
        ("update promise set state = 'committed', reason = ''",
         [("quantity", 0, 1, 0, 250, f"{PROMISE}: gift is booked, and there is nothing to book")]),
        ("update ledger_entry set amount_minor = 251 where cause = 'promise'",
         [("entry", 1, 1, 250, 251,
           f"{PROMISE}: the amount booked as gift is not quantity × price")]),
        ("update ledger_entry set cause_id = 999 where cause = 'promise'",
         [("quantity", 1, 0, 250, 0, f"{PROMISE}: gift is not booked"),
          ("quantity", 0, 1, 0, 250,
           "offer that was taken up 999: gift is booked, and there is nothing to book"),
          ("cause", 0, 1, 0, 250,
           "offer that was taken up 999: gift is booked of something that is not there")]),
        (f"delete from ledger_entry where cause = 'tool_month' and cause_id = {FIRST}",
         [("quantity", 1, 0, 30_000, 0, f"{MONTH}: tool_fee is not booked")]),
        (("update ledger_entry set quantity = 3, amount_minor = 90000"
         f" where cause = 'tool_month' and cause_id = {FIRST}"),
         [("quantity", 1, 3, 30_000, 90_000, f"{MONTH}: tool_fee is booked 3 times, not 1")]),
        (f"delete from tool_month where id = {FIRST}",
         [("quantity", 0, 1, 0, 30_000,
           "month of a tool {id}: tool_fee is booked, and there is nothing to book"),
          ("cause", 0, 1, 0, 30_000,
           "month of a tool {id}: tool_fee is booked of something that is not there")]),
    ],
)  # fmt: skip
def test_a_difference_of_an_offer_or_a_tool_is_named_in_words_with_what_to_do(
    db: Pool, planted: Checked, statement: str, said: list[tuple[str, int, int, int, int, str]]
) -> None:
    with db.transaction() as conn:
        ((first,),) = conn.fetch("select min(id) from tool_month")
    told = planted(statement)
    assert [
        (one.what, one.wanted, one.posted, one.wanted_minor, one.posted_minor, one.says)
        for one in told
    ] == [(*one[:5], one[5].format(id=first)) for one in said]
    for one in told:
        assert one.currency == "CNY"
        assert one.says.zh != one.says
        assert one.todo.zh != one.todo
        where = "siyu prices" if "tool_fee is not booked" in one.says else "docs/guides/operate.md"
        assert where in one.todo
        if one.cause == "promise" and one.name:
            assert ("siyu offers show treat" in one.todo) == (one.what == "quantity")


def test_a_month_of_a_tool_whose_entry_was_lost_is_booked_anew(db: Pool, planted: Checked) -> None:
    assert planted("delete from ledger_entry where cause = 'tool_month'")

    def book(conn: Conn) -> int:
        return ledger.book_months(conn, NOW)

    with db.transaction() as conn:
        assert [book(conn), book(conn)] == [2, 0]
    assert found(db) == []
    # Where nothing says any more what it costs, it stays a difference and is in nobody's way.
    with db.transaction() as conn:
        conn.execute("delete from ledger_entry where cause = 'tool_month'")
        conn.execute("delete from price where kind = 'tool_fee'")
        assert book(conn) == 0
    assert [one.cause for one in found(db)] == ["tool_month"] * 2
