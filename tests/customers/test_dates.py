"""A yearly date of a customer's: the latest word counts, in whatever order words come."""

from __future__ import annotations

from collections.abc import Callable
from itertools import permutations

import pytest

from siyu.customers import views
from siyu.db.pool import Pool
from siyu.events.model import Incoming
from siyu.kernel.calendar import Yearly

Event = Callable[..., Incoming]
Tell = Callable[..., None]
PHONE, MEMBER = {"phone": "13800000001"}, {"member": "m1"}
BOTH = {**PHONE, **MEMBER}


def known(db: Pool) -> list[dict[str, Yearly]]:
    with db.transaction() as conn:
        ids = [row[0] for row in conn.fetch("select id from customer order by id")]
        found = views.dates(conn, ids, ["birthday", "wedding"])
    return [found[customer_id] for customer_id in ids if customer_id in found]


def falling(db: Pool, *days: Yearly, after: int = 0) -> list[int]:
    with db.transaction() as conn:
        return [row[0] for row in views.falling_on(conn, "birthday", days, after, 10)]


@pytest.mark.parametrize("order", list(permutations(range(3))))
def test_the_latest_word_counts_whenever_it_comes(
    db: Pool, event: Event, tell: Tell, order: tuple[int, ...]
) -> None:
    said = [
        event("profile.dated", at=1, keys=PHONE, name="birthday", month=5, day=1),
        event("profile.dated", at=3, keys=PHONE, name="birthday", month=6, day=2, calendar="lunar"),
        event("profile.dated", at=2, keys=PHONE, name="wedding", month=7, day=3),
    ]
    for place in order:
        tell(db, [said[place]])

    assert known(db) == [{"birthday": Yearly("lunar", 6, 2), "wedding": Yearly("solar", 7, 3)}]


def test_of_two_identities_the_later_word_counts_before_and_after_a_merge(
    db: Pool, event: Event, tell: Tell
) -> None:
    tell(db, [event("profile.dated", at=2, keys=PHONE, name="birthday", month=5, day=1)])
    tell(db, [event("profile.dated", at=1, keys=MEMBER, name="birthday", month=6, day=2)])
    assert len(known(db)) == 2
    assert len(falling(db, Yearly("solar", 5, 1), Yearly("solar", 6, 2))) == 2

    tell(db, [event("customer.identified", at=3, keys=BOTH)])

    assert known(db) == [{"birthday": Yearly("solar", 5, 1)}]
    assert falling(db, Yearly("solar", 6, 2)) == []
    (one,) = falling(db, Yearly("solar", 5, 1))
    assert falling(db, Yearly("solar", 5, 1), after=one) == []


def test_a_year_is_not_taken_and_a_day_that_no_year_has_is_refused(
    db: Pool, event: Event, tell: Tell
) -> None:
    good = {"name": "birthday", "month": 2, "day": 29}
    tell(db, [event("profile.dated", keys=PHONE, **good)])
    assert known(db) == [{"birthday": Yearly("solar", 2, 29)}]

    for wrong in ({"day": 30}, {"year": 1990}, {"name": "Geburtstag"}, {"month": 13}):
        with pytest.raises(AssertionError):
            tell(db, [event("profile.dated", keys=PHONE, **good | wrong)])
