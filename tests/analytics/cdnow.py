"""The public file of CDNOW, as its days of purchase."""

from __future__ import annotations

import csv
import os
from collections import defaultdict
from collections.abc import Mapping
from datetime import date
from pathlib import Path

import pytest

from siyu.analytics.decide.value import History

Bought = Mapping[str, Mapping[date, float]]  # of each customer: day → dollars


def bought() -> Bought:
    """By customer; skips the test where the sample data are not at hand."""
    path = Path(os.environ.get("SIYU_SAMPLE_DATA", "")) / "cdnow_sample.csv"
    if not path.is_file():
        pytest.skip("needs the sample data: set SIYU_SAMPLE_DATA to their folder")
    found: dict[str, dict[date, float]] = defaultdict(lambda: defaultdict(float))
    with path.open(encoding="utf-8") as file:
        for row in csv.DictReader(file):
            found[row["sample_id"]][date.fromisoformat(row["date"])] += float(row["dollar_value"])
    return found


def history(known: Bought, until: date) -> History:
    """As of the end of that day, in weeks and dollars."""
    rows = list[tuple[float, float, float, float]]()
    for days in known.values():
        seen = sorted(day for day in days if day <= until)
        again = [days[day] for day in seen[1:]]
        mean = sum(again) / len(again) if again else 0.0
        rows.append((len(again), (seen[-1] - seen[0]).days / 7, (until - seen[0]).days / 7, mean))
    return History.of(rows)
