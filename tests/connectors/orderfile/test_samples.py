"""The two public order files, whole: totals as their publishers' data say."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from siyu.commerce import views
from siyu.commerce.model import Totals
from siyu.connectors.orderfile.source.run import Report
from siyu.db.pool import Pool

Bring = Callable[..., Report]


@pytest.fixture
def samples() -> Path:
    folder = os.environ.get("SIYU_SAMPLE_DATA", "")
    if not (Path(folder) / "cdnow_sample.csv").is_file():
        pytest.skip("needs the sample data: set SIYU_SAMPLE_DATA to their folder")
    return Path(folder)


def books(db: Pool) -> Totals:
    with db.transaction() as conn:
        (found,) = views.totals(conn)
    return found


def test_online_retail_comes_in_whole_and_once(db: Pool, samples: Path, bring: Bring) -> None:
    path = samples / "online_retail_2010-12_2011-08.csv.gz"

    assert bring(path, None) == Report(
        orders=12_495, lines=320_705, refunds=2_554, corrections=1_410, guests=1_082
    )
    found = books(db)
    assert (found.lines, found.customers, found.refund_lines) == (320_705, 3_360, 5_847)
    assert (found.net, found.currency) == (576_193_138, "GBP")  # 5,761,931.382 in the file
    with db.transaction() as conn:
        matched = conn.fetch("select count(*) from refund where order_id is not null")
        (unmatched,) = views.unmatched_refunds(conn)
    assert matched[0][0] + unmatched.lines == 5_847

    assert bring(path, None) == Report(lines=320_705, duplicates=16_459)
    assert books(db) == found


def test_cdnow_comes_in_with_an_order_for_each_row(db: Pool, samples: Path, bring: Bring) -> None:
    path = samples / "cdnow_sample.csv"

    assert bring(path, None) == Report(orders=6_919, lines=6_919)
    assert bring(path, None) == Report(lines=6_919, duplicates=6_919)
    assert (books(db).customers, books(db).net) == (2_357, 24_409_194)
