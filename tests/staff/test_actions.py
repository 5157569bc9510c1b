from __future__ import annotations

from datetime import UTC, datetime

import pytest

from siyu.db.pool import Pool
from siyu.kernel.errors import BadInput, NotFound
from siyu.staff import actions, views
from siyu.staff.model import Brand, Member, Store

NOW = datetime(2026, 11, 20, 4, 0, tzinfo=UTC)
BRAND = Brand("Lan", "Asia/Shanghai", "CNY", "CN", "zh")


def test_a_brand_is_seeded_once_and_seeding_again_changes_it(db: Pool) -> None:
    with db.transaction() as conn:
        with pytest.raises(NotFound, match="No brand"):
            views.brand(conn)
        actions.seed(conn, Brand("Old", "Asia/Shanghai", "CNY", "CN", "zh"))
        actions.seed(conn, BRAND)

        assert views.brand(conn) == BRAND


def test_people_are_seeded_with_their_stores(db: Pool) -> None:
    with db.transaction() as conn:
        guide, gone = Member("g1", "Mei", "guide", "s1"), Member("g2", "Bo", "guide", active=False)
        owner = Member("o1", "An", "owner")
        actions.seed(conn, BRAND, [Store("s1", "Xuhui")], [guide, gone, owner])
        actions.seed(conn, BRAND, [], [Member("g1", "Mei Li", "guide", "s1")])

        assert views.members(conn) == [Member("g1", "Mei Li", "guide", "s1"), owner]
        assert [m.code for m in views.members(conn, "guide", active_only=False)] == ["g1", "g2"]


def test_an_unknown_store_is_refused(db: Pool) -> None:
    with db.transaction() as conn, pytest.raises(BadInput, match="g1"):
        actions.seed(conn, BRAND, [], [Member("g1", "Mei", "guide", "nowhere")])


@pytest.mark.parametrize(
    "wrong",
    [("X", "Asia/Nowhere", "CNY", "CN", "zh"), ("X", "Asia/Shanghai", "XXX", "CN", "zh"),
     ("X", "Asia/Shanghai", "CNY", "China", "zh"), ("X", "Asia/Shanghai", "CNY", "CN", "fr")],
)  # fmt: skip
def test_a_brand_that_cannot_be_is_refused(wrong: tuple[str, str, str, str, str]) -> None:
    with pytest.raises(ValueError, match=r"is not|unknown"):
        Brand(*wrong)


def test_what_people_do_is_written_down(db: Pool) -> None:
    with db.transaction() as conn:
        actions.audit(conn, "o1", "pause", "all", "wrong price", NOW)
        actions.audit(conn, "o1", "resume", "all", "", NOW)

        assert [(line.action, line.reason) for line in views.audited(conn)] == [
            ("resume", ""),
            ("pause", "wrong price"),
        ]
