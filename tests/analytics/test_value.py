"""Models of purchase and spend: as published, and as simulated."""

from __future__ import annotations

import csv
import os
from collections import defaultdict
from datetime import date
from pathlib import Path

import numpy as np
import pytest

from siyu.analytics.decide.value import (
    BgNbd,
    History,
    alive,
    expected,
    fit_bgnbd,
    fit_gamma_gamma,
    returns,
    spend,
)
from siyu.kernel.errors import Refused
from siyu.kernel.sentence import Sentence

PUBLISHED = BgNbd(0.243, 4.414, 0.793, 2.426, -9582.43, 2357)


@pytest.fixture(scope="module")
def cdnow() -> History:
    """The first 39 weeks of CDNOW, in weeks and dollars."""
    path = Path(os.environ.get("SIYU_SAMPLE_DATA", "")) / "cdnow_sample.csv"
    if not path.is_file():
        pytest.skip("needs the sample data: set SIYU_SAMPLE_DATA to their folder")
    bought: dict[str, dict[date, float]] = defaultdict(lambda: defaultdict(float))
    with path.open(encoding="utf-8") as file:
        for row in csv.DictReader(file):
            bought[row["sample_id"]][date.fromisoformat(row["date"])] += float(row["dollar_value"])
    end, rows = date(1997, 9, 30), list[tuple[float, float, float, float]]()
    for days in bought.values():
        seen = sorted(day for day in days if day <= end)
        again = [days[day] for day in seen[1:]]
        mean = sum(again) / len(again) if again else 0.0
        rows.append((len(again), (seen[-1] - seen[0]).days / 7, (end - seen[0]).days / 7, mean))
    return History.of(rows)


def test_bgnbd_is_what_its_authors_found(cdnow: History) -> None:
    found = fit_bgnbd(cdnow)

    assert found[:4] == pytest.approx(PUBLISHED[:4], rel=0.002)
    assert found.log_likelihood == pytest.approx(PUBLISHED.log_likelihood, abs=0.01)
    assert found.customers == PUBLISHED.customers


def test_gamma_gamma_is_what_its_authors_found(cdnow: History) -> None:
    found = fit_gamma_gamma(cdnow)

    assert found[:3] == pytest.approx((6.25, 3.74, 15.44), rel=0.002)
    assert found.log_likelihood == pytest.approx(-4055.92, abs=0.01)
    assert found.customers == 946


def test_the_customers_of_the_paper_are_expected_to_do_as_it_says() -> None:
    """Two repeats, the last in week 30.43 of 38.86: 1.226 purchases in the next 39 weeks."""
    one = History.of([(2, 30.43, 38.86, 20.0)])

    assert expected(PUBLISHED, one, 39)[0] == pytest.approx(1.226, abs=0.001)


def simulated(
    model: BgNbd, customers: int, span: float, ahead: float
) -> tuple[History, np.ndarray]:
    """Customers who live by the model for `span`, and what each buys in `ahead` after it."""
    chance = np.random.default_rng(7)
    rows, later = [], []
    for _ in range(customers):
        rate, leaves = chance.gamma(model.r, 1 / model.alpha), chance.beta(model.a, model.b)
        at, seen, after = 0.0, [], 0
        while (at := at + chance.exponential(1 / rate)) < span + ahead:
            after += at >= span
            seen += [at] if at < span else []
            if chance.random() < leaves:
                break
        rows.append((len(seen), seen[-1] if seen else 0.0, span, 0.0))
        later.append(after)
    return History.of(rows), np.array(later)


def test_what_is_expected_of_many_comes_true() -> None:
    known, later = simulated(PUBLISHED, 20_000, 39, 26)

    assert expected(PUBLISHED, known, 26).sum() == pytest.approx(later.sum(), rel=0.04)
    assert returns(PUBLISHED, known, 26).sum() == pytest.approx((later > 0).sum(), rel=0.04)
    promising = returns(PUBLISHED, known, 26) > 0.5
    assert (later[promising] > 0).mean() == pytest.approx(
        returns(PUBLISHED, known, 26)[promising].mean(), abs=0.05
    )


def test_chances_are_chances_and_silence_lowers_them() -> None:
    known = History.of([(3, 10, 10, 5), (3, 10, 20, 5), (3, 10, 60, 5), (0, 0, 60, 0)])

    for found in (alive(PUBLISHED, known), returns(PUBLISHED, known, 13)):
        assert ((found >= 0) & (found <= 1)).all()
        assert list(found[:3]) == sorted(found[:3], reverse=True)


def test_who_is_little_known_is_taken_for_the_average() -> None:
    model = fit_gamma_gamma(History.of([(n % 5 + 1, 1, 2, 20 + n % 11) for n in range(200)]))
    few, many = spend(model, History.of([(1, 1, 2, 100), (50, 1, 2, 100)]))

    assert few < many < 100


def test_what_is_too_thin_is_refused_in_both_languages() -> None:
    few = History.of([(1, 1, 2, 10)] * 49 + [(0, 0, 2, 0)] * 900)

    for fit in (fit_bgnbd, fit_gamma_gamma):
        with pytest.raises(Refused) as refused:
            fit(few)
        said = refused.value.detail
        assert isinstance(said, Sentence)
        assert "49" in said
        assert "49" in said.zh
