"""Facts come in as they do in life: accepted, then applied."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from tests import build
from tests.customers.family import MEI, OTHER

from siyu.db.pool import Pool
from siyu.events.model import Incoming


@pytest.fixture
def event() -> Callable[..., Incoming]:
    """Makes facts, each with an id of its own."""
    return build.facts()


@pytest.fixture
def tell() -> Callable[..., None]:
    """`tell(db, [events])`."""
    return build.tell


@pytest.fixture
def mei(db: Pool, event: Callable[..., Incoming]) -> int:
    """A customer who may be a parent, known by `MEI`."""
    build.tell(db, [event("order.paid", keys=MEI, order_no="1", total_minor=1)])
    with db.transaction() as conn:
        return conn.fetch("select id from customer")[0][0]


@pytest.fixture
def second(db: Pool, mei: int, event: Callable[..., Incoming]) -> int:
    """Another one, known by `OTHER`, who may be the same person."""
    build.tell(db, [event("order.paid", keys=OTHER, order_no="2", total_minor=1)])
    with db.transaction() as conn:
        return conn.fetch("select max(id) from customer")[0][0]
