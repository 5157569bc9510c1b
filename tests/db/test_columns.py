"""Columns: what goes in comes out, whatever it is made of."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal

import psycopg
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from siyu.db.pool import Pool

TEXT = st.text(st.characters(exclude_characters="\0", exclude_categories=("Cs",)))
EPOCH = datetime(2026, 3, 2, tzinfo=UTC)
KINDS = {
    "bigint": st.integers(-(2**63), 2**63 - 1),
    "text": TEXT,
    "boolean": st.booleans(),
    "bytea": st.binary(),
    "float8": st.floats(allow_nan=False),
    "timestamptz": st.integers(-(10**15), 10**15).map(lambda n: EPOCH + timedelta(microseconds=n)),
    "date": st.dates(date(1900, 1, 1)),
    "jsonb": st.dictionaries(TEXT, st.none() | st.booleans() | TEXT),
    "numeric": st.decimals(allow_nan=False, allow_infinity=False, places=6),
}


@pytest.mark.parametrize("kind", KINDS)
@settings(max_examples=60)
@given(data=st.data())
def test_a_column_comes_back_as_it_went_in(db: Pool, kind: str, data: st.DataObject):
    column = data.draw(st.lists(st.none() | KINDS[kind]))

    with db.transaction() as conn:
        (row,) = conn.fetch(f"select %(column)s::{kind}[]", {"column": column})

    assert row[0] == column


@pytest.mark.parametrize("kind", ["text", "bytea"])
@settings(max_examples=60)
@given(data=st.data())
def test_a_binary_column_comes_back_as_it_went_in(db: Pool, kind: str, data: st.DataObject):
    column = [data.draw(KINDS[kind]), *data.draw(st.lists(st.none() | KINDS[kind]))]

    with db.transaction() as conn:
        (row,) = conn.fetch(f"select %(column)b::{kind}[]", {"column": column})

    assert row[0] == column


@pytest.mark.parametrize("column", [[], [None], [None, None], [b""], [b"\0", None], [b"ab", b"cd"]])
def test_a_column_of_bytes_may_be_empty_or_hold_nothing(db: Pool, column: list[bytes | None]):
    with db.transaction() as conn:
        (row,) = conn.fetch("select %(column)b::bytea[]", {"column": column})

    assert row[0] == column


def test_a_time_keeps_its_moment_whatever_its_zone(db: Pool):
    there = datetime(2026, 3, 2, 10, tzinfo=timezone(timedelta(hours=8)))

    with db.transaction() as conn:
        ((times, amounts),) = conn.fetch(
            "select %(times)s::timestamptz[], %(amounts)s::numeric[]",
            {"times": [None, there], "amounts": [Decimal("1E+2")]},
        )

    assert times == [None, there]
    assert amounts == [Decimal(100)]


@pytest.mark.parametrize(
    ("column", "error"),
    [
        (["a", "b\0c"], psycopg.DataError),
        ([datetime(2026, 3, 2)], ValueError),  # noqa: DTZ001
        ([object()], psycopg.DataError),
        ([["a"], ["b"]], psycopg.DataError),
    ],
)
def test_what_would_be_stored_wrongly_is_refused(
    db: Pool, column: list[object], error: type[Exception]
):
    with pytest.raises(error), db.transaction() as conn:
        conn.fetch("select %(column)s::text[]", {"column": column})
