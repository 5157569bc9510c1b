"""README: real orders can be played: the three zeros and the parcel account hold on them too."""

from __future__ import annotations

import gzip
import os
import re
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from siyu.sandbox.demo import Plan, play
from siyu.sandbox.files import replay_of

FIRST, LAST = b"2011-02-15", b"2011-03-08"
DAY = re.compile(rb"20[0-9]{2}-[0-9]{2}-[0-9]{2}")
ORDERS = "online_retail_2010-12_2011-08.csv.gz"


@pytest.fixture
def real_orders(tmp_path: Path) -> Path:
    """The rows of two weeks before the first day that is played, and of a week from it."""
    path = Path(os.environ.get("SIYU_SAMPLE_DATA", "")) / ORDERS
    if not path.is_file():
        pytest.skip("needs the sample data: set SIYU_SAMPLE_DATA to their folder")
    kept = tmp_path / "orders.csv.gz"
    with gzip.open(path, "rb") as rows, gzip.open(kept, "wb") as few:
        few.write(next(rows))
        # a row's only date is its InvoiceDate
        few.writelines(row for row in rows if (day := DAY.search(row)) and FIRST <= day[0] < LAST)
    return kept


@pytest.fixture
def played(real_orders: Path, databases: Any, tmp_path: Path) -> Any:
    """Three days of real orders, two weeks before them imported as history; the figures."""
    name = databases.take()
    home = tmp_path / "home"
    home.mkdir()
    home.joinpath("siyu.toml").write_text(f'database_url = "{databases.url(name)}"\n', "utf-8")
    replay = replay_of(real_orders, None, date(2011, 3, 1))
    try:
        demo = play(Plan(home, seed="3", days=3, replay=replay))
        with demo.held:
            yield demo.figures
    finally:
        databases.give_back(name)


def test_three_days_of_real_orders_keep_every_zero_and_every_sum(played: dict[str, Any]) -> None:
    assert played["synthetic"] is True
    assert played["history_orders"] > 300
    assert played["orders"] > 100
    assert 0 < played["friends_added"] < played["in_scope"]
    assert (played["touches_after_add"], played["duplicate_touches"]) == (0, 0)
    assert played["reconciled"] == {}
    assert played["refused_by_engine"] == {}
    assert played["sms_within_60s_share"] == 1.0
    parcels, sms = played["parcels"], played["sms"]
    inside = sum(parcels[content] for content in ("gift", "card", "both", "neither"))
    assert inside + sum(parcels["out_of_scope"].values()) == parcels["packed"]
    assert (parcels["both"], parcels["neither"]) == (0, 0)
    assert sms["counted"] + sum(sms["excluded"].values()) == sms["paid_orders"]
    assert sum(step["cost_minor"] for step in played["by_step"].values()) == played["cost_minor"]
    assert sum(step["adds"] for step in played["by_step"].values()) == played["friends_added"]
