"""What staff write on a friend's card comes in once and sealed; what we wrote there never does."""

from __future__ import annotations

from itertools import permutations

import msgspec
import pytest
from tests.connectors.wecom.both import ANNA, KEYS

from siyu.analytics.actions import reveal
from siyu.connectors.wecom.client import Unclear
from siyu.events.model import Incoming
from siyu.vault.actions import erase
from siyu.vault.model import key_hash

REMARKED = "select count(*) from event where kind = 'friend.remarked'"
TIMES = ["2026-11-20T10:00:00+08:00", "2026-11-20T11:00:00+08:00", "2026-11-20T12:00:00+08:00"]


@pytest.fixture
def written(both):
    """A look of the pull: how many remarks it told, and what a reveal shows then."""
    both.settings(remark_in=True)

    def look(hours: int = 0) -> tuple[int, list[tuple[str, str]]]:
        before = both.db.fetch(REMARKED)[0][0]
        both.corp.deliver()
        both.look(hours)
        return both.db.fetch(REMARKED)[0][0] - before, shown(both)

    return look


def shown(both) -> list[tuple[str, str]]:
    with both.db.transaction() as conn:
        found = reveal(conn, KEYS, both.customer(), "cus_1", "zhou", "asked", both.now)
    return sorted((one.staff, one.text) for one in found.remarks)


def test_a_remark_comes_in_by_its_callback_once_and_in_clear_nowhere(both, written) -> None:
    both.fake.remarks("lisi", ANNA, remark="爱吃酸豆角")
    assert written() == (1, [("lisi", "爱吃酸豆角")])
    assert written(7) == (0, [("lisi", "爱吃酸豆角")])

    both.fake.remarks("lisi", ANNA, remark="爱吃酸豆角", mobile="13800000001")
    both.fake.remarks("zhangsan", ANNA, remark="老客户")
    assert written()[0] == 1
    both.fake.post.faults.append("drop")
    both.fake.remarks("lisi", ANNA, remark="")
    assert written(7) == (1, [("g-zhang", "老客户")])

    stored = both.db.fetch("select source_id, data from event")
    assert [row for row in stored if "酸豆角" in str(row) or "老客户" in str(row)] == []


def test_switched_off_nothing_comes_in_and_the_nickname_is_no_remark(both, written) -> None:
    both.settings(remark_in=False)
    both.fake.remarks("lisi", ANNA, remark="爱吃酸豆角")
    assert written() == (0, [])
    both.fake.remarks("zhangsan", ANNA, remark=both.fake.customers[ANNA].name)
    both.settings(remark_in=True)
    assert written(7) == (1, [("lisi", "爱吃酸豆角")])


def test_what_we_wrote_is_no_news_and_what_staff_wrote_stays(both, written) -> None:
    both.settings(remark="{name}-{shop}")
    both.tell(_order())
    both.fake.remarks("zhangsan", ANNA, remark="老客户")

    assert both.write() == {"get": 1, "remark": 1}
    assert both.fake.relations["lisi", ANNA].remark == "李小姐-七号店"
    both.fake.remarks("lisi", ANNA)  # our own write comes back as a callback
    assert written() == (1, [("g-zhang", "老客户")])
    assert (written(7)[0], both.write()) == (0, {})

    both.fake.remarks("lisi", ANNA, remark="爱吃酸豆角")
    assert written() == (1, [("g-zhang", "老客户"), ("lisi", "爱吃酸豆角")])
    both.settings(remark="{name}")
    assert both.write() == {"get": 1}
    both.fake.remarks("lisi", ANNA, remark="李小姐-七号店")  # ours again: theirs is gone
    assert written() == (1, [("g-zhang", "老客户")])


def test_a_write_whose_answer_is_lost_is_ours_all_the_same(both, written) -> None:
    both.settings(remark="{name}-{shop}")
    both.tell(_order())
    both.fake.faults += ["none", "garbage after effect"]
    with pytest.raises(Unclear):
        both.write()
    assert "李小姐-七号店" in {one.remark for one in both.fake.relations.values()}

    both.settings(remark="{name}")
    assert written(7) == (0, [])
    assert written(7) == (0, [])


@pytest.mark.parametrize("turns", list(permutations(range(3))))
def test_of_late_and_repeated_words_the_latest_stands(both, turns) -> None:
    said = [_remark(TIMES[0], "一"), _remark(TIMES[1], ""), _remark(TIMES[2], "三")]
    for turn in (*turns, *turns):
        both.tell(said[turn])
    assert shown(both) == [("lisi", "三")]


def test_a_remark_stays_with_whoever_two_turn_out_to_be(both) -> None:
    other = {"phone": "13800000001"}
    both.tell(_remark(TIMES[0], "爱吃酸豆角"), msgspec.structs.replace(_order(), keys=other))
    proved = msgspec.structs.replace(
        _remark(TIMES[1], ""), id="p", kind="customer.identified", data=msgspec.Raw(b"{}"),
        keys={"external_userid": ANNA, **other},
    )  # fmt: skip
    both.tell(proved)
    (people,) = both.db.fetch("select count(*) from customer where merged_into is null")
    assert (people, shown(both)) == ((1,), [("lisi", "爱吃酸豆角")])


def test_whoever_is_erased_leaves_no_remark(both) -> None:
    both.tell(_remark(TIMES[0], "爱吃酸豆角"))
    assert shown(both) == [("lisi", "爱吃酸豆角")]
    with both.db.transaction() as conn:
        assert erase(conn, [key_hash(KEYS, "external_userid", ANNA)], both.now) == 1
    assert shown(both) == []


def _order() -> Incoming:
    data = b'{"order_no": "1", "shop": "s7", "currency": "CNY", "total_minor": 100}'
    return Incoming(
        source="shop", id="1", kind="order.paid", occurred_at="2026-11-01T00:00:00+00:00",
        keys={"phone": "13800000001", "external_userid": ANNA}, person={"name": "李小姐"},
        data=msgspec.Raw(data),
    )  # fmt: skip


def _remark(at: str, words: str) -> Incoming:
    return Incoming(
        source="wecom", id=f"remark/{at}", kind="friend.remarked", occurred_at=at,
        keys={"external_userid": ANNA}, person={"note": words} if words else {},
        data=msgspec.Raw(b'{"staff": "lisi"}'),
    )  # fmt: skip
