"""How often a sweep waits for the database: the same for one touch and for two hundred."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import pytest

from siyu.db.pool import Pool
from siyu.kernel.sql import Conn, Params, Row
from siyu.outbox import sweep
from siyu.outbox.decide import LEASE
from siyu.outbox.sweep.prepare import lease

House = Any


class Counted:
    """A database that counts how often it is waited for; begin and commit are a wait each."""

    def __init__(self, db: Pool) -> None:
        self.db = db
        self.trips = 0

    @contextmanager
    def transaction(self) -> Iterator[Conn]:
        self.trips += 2
        with self.db.transaction() as conn, self.db.counting() as statements:
            yield conn
        self.trips += len(statements)

    def fetch(self, sql: str, params: Params | None = None) -> list[Row]:
        self.trips += 1
        return self.db.fetch(sql, params)


# Due channels; lease: begin, owed, reach, vault, material, lease, commit; the last look; record.
# A promise is one more; what a text costs is posted with its record, in a transaction: three more.
@pytest.mark.parametrize("many", [1, 200])
@pytest.mark.parametrize(
    ("channel", "material", "trips"),
    [("sms", "invite", 13), ("sms", "gift", 14), ("voice_ai", "invite", 10)],
)
def test_sending_takes_so_many_round_trips_whatever_the_batch(
    house: House, many: int, channel: str, material: str, trips: int
) -> None:
    customers = house.buyers(many)
    for customer in customers:
        promise = house.promise(customer) if material == "gift" else None
        house.wish([customer], channel=channel, material=material, promise_id=promise)
    house.rule()
    db = Counted(house.db)

    sent = sweep.send(db, house.channels, house.ctx, house.now, house.clock.real())

    assert (sent.outcome["sent"], db.trips) == (many, trips)


def test_what_waits_elsewhere_costs_one_question(house: House) -> None:
    house.owed()
    house.channels = {"voice_ai": house.voice}
    db = Counted(house.db)

    sweep.send(db, house.channels, house.ctx, house.now, house.clock.real())

    assert db.trips == 1


@pytest.mark.parametrize("many", [1, 200])
def test_taking_up_lost_leases_takes_as_many_statements_whatever_the_batch(
    house: House, many: int
) -> None:
    house.owed(many)
    real = house.clock.real()
    with house.db.transaction() as conn:
        lease(conn, "sms", house.ctx, house.now, real, 500)

    with house.db.counting() as statements:
        assert house.reclaim(real + LEASE + timedelta(seconds=1)) == many
        assert house.reclaim(real + LEASE + timedelta(seconds=1)) == 0

    assert len(statements) == 5 + 1
