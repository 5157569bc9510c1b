"""Who sets a budget and who sweeps or posts never wait for each other crosswise."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
from tests.budget.test_money import PRICE, begin, rows, stands

from siyu.budget import sweep
from siyu.kernel.sql import Conn
from siyu.ledger import actions as ledger
from siyu.ledger.actions import caps
from siyu.ledger.model import Entry
from siyu.outbox import actions as outbox
from siyu.playbooks.actions import choosing
from siyu.playbooks.model.start import Budget

Bureau = Any
SOON = 10  # seconds, within which somebody who waits for nobody is done


def set_budget(bureau: Bureau, *bounds: int | None) -> int:
    return choosing.set_budget(bureau.db, "p", Budget(*bounds), "ana", bureau.now)


def post(bureau: Bureau, conn: Conn, touch: int, days_ago: int = 0) -> None:
    at = bureau.now - timedelta(days=days_ago)
    ledger.post(conn, [Entry("touch", touch, "sms_segment", 1, None, "cascade", "sms", "s", 1, at)])


@pytest.fixture
def three(bureau: Bureau) -> Bureau:
    """Playbook p, with money for the first of three."""
    begin(bureau, PRICE)
    rows(bureau, "insert into playbook (code, digest, installed_at) values ('p', '', now())"
                 " returning code")  # fmt: skip
    bureau.wish(bureau.buyers(3))
    assert bureau.rule().deferred == {"playbook_budget": 2}
    return bureau


@pytest.mark.parametrize(("total", "spent"), [(100, [PRICE * 2]), (None, [])])
def test_a_budget_is_set_beside_a_sweep_that_ends_what_waits_for_it(
    three: Bureau, total: int | None, spent: list[int]
) -> None:
    # two visits end, another wishes
    with ThreadPoolExecutor(1) as pool, three.db.transaction() as conn:
        outbox.withdraw(conn, [1, 3], "bought", three.now)
        setting = pool.submit(set_budget, three, total, None)
        assert setting.result(SOON) == 1  # the third is ending
        wishes = three.wishes([1], node="m")
        stands_, note = sweep.rule_new(conn, wishes, zone=three.zone, now=three.now)
        note(outbox.wish(conn, wishes, three.now, stands_))

    three.rule()
    now = [row[0] for row in rows(three, "select used_minor from spend_cap")]
    assert now == spent


def test_what_a_dropped_budget_left_behind_is_not_counted_in_the_next(three: Bureau) -> None:
    with ThreadPoolExecutor(1) as pool, three.db.transaction() as conn:
        outbox.withdraw(conn, [1], "bought", three.now)
        pool.submit(set_budget, three, None, None).result(SOON)
    assert rows(three, "select count(*) from spend") == [(1,)]

    set_budget(three, 100, None)

    assert stands(three).spent_minor == 0
    assert rows(three, "select count(*) from spend") == [(0,)]


def test_only_a_first_budget_waits_for_who_posts_and_misses_nothing(three: Bureau) -> None:
    with ThreadPoolExecutor(1) as pool:
        with three.db.transaction() as conn:
            post(three, conn, 900_001)
            pool.submit(set_budget, three, 100, None).result(SOON)
            pool.submit(set_budget, three, None, None).result(SOON)
            first = pool.submit(set_budget, three, 50, None)
            with pytest.raises(TimeoutError):
                first.result(0.3)
        first.result(SOON)

    assert stands(three).spent_minor == 2 * PRICE  # what was posted, and the first that is owed


@pytest.mark.parametrize("since", ["journey", "promise", "parcel"])
def test_a_first_budget_goes_back_to_the_first_that_can_have_cost(
    bureau: Bureau, since: str
) -> None:
    begin(bureau, None)
    longest_ago = {"journey": 30, "promise": 30, "parcel": 30} | {since: 60}
    days = {name: bureau.now - timedelta(days=ago) for name, ago in longest_ago.items()}
    ((journey,),) = rows(bureau, "select id from journey")
    with bureau.db.transaction() as conn:
        conn.execute(
            "insert into journey_version (journey_id, version, text, published_at)"
            " values (%(journey)s, 1, '', %(at)s)",
            {"journey": journey, "at": days["journey"]},
        )
        conn.execute(
            "insert into offer (code, kind, title, value_minor, sku, playbook)"
            " values ('o', 'gift', '{}', 1, '', 'p')"
        )
        conn.execute(
            "insert into promise (key, offer, customer_id, shop, order_no, state, promised_at,"
            " expires_at, changed_at) values ('k', 'o', 1, 's', '', 'promised', %(at)s, %(at)s,"
            " %(at)s)",
            {"at": days["promise"]},
        )
        conn.execute(
            "insert into source (code, title, admission, shops, playbook)"
            " values ('r', '{}', '{}', '[]', 'p')"
        )
        conn.execute(
            "insert into parcel_decision (parcel_id, shop, source, content, reason, frozen_at)"
            " values (1, 's', 'r', 'card', '', %(at)s)",
            {"at": days["parcel"]},
        )
        for touch, ago in enumerate((0, 29, 60, 62), 900_001):
            post(bureau, conn, touch, ago)
        caps.set_cap(conn, "p", 100, None, "ana", bureau.now)

    assert stands(bureau).spent_minor == PRICE * 3  # nothing of what was long before it
