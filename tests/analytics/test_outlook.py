"""The value report of CDNOW, against what is worked out here by other means."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any, cast

import numpy as np
import pytest
from scipy import special
from tests.analytics.cdnow import Bought, bought, history
from tests.analytics.pool import table
from tests.build import KEYS, NOW

from siyu.analytics.decide.value import BgNbd, History, bgnbd_likelihood, fit_bgnbd
from siyu.analytics.model.answer import Answer, Sources
from siyu.analytics.views.questions.value import Value
from siyu.kernel.ids import PublicIds
from siyu.lake.engine import Duck, columns
from siyu.staff.model import Brand

NODES = 24
UNTIL, HELD = date(1997, 9, 30), 90
SINCE = UNTIL - timedelta(days=HELD)
BRAND = Brand("C", "America/New_York", "USD", "US", "en")


@pytest.fixture(scope="module")
def known() -> Bought:
    return bought()


@pytest.fixture(scope="module")
def said(known: Bought, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Answer]:
    """What the report says of its first 39 weeks."""
    folder = tmp_path_factory.mktemp("cdnow")
    with (folder / "orders.csv").open("w") as file:
        for who, days in known.items():
            file.writelines(f"{who},{day},{round(100 * paid)}\n" for day, paid in days.items())
    with Duck() as duck:
        typed = {**columns("orders"), "day": "date"}
        duck.rows(f"create table orders ({', '.join(map(' '.join, typed.items()))})")
        duck.rows(
            "insert into orders by name select column0 as customer_id, column1 as day, column2 as"
            " total_minor, 0 as refunded_minor, 'paid' as state, 'USD' as currency from"
            f" read_csv('{folder}/orders.csv', header = false)"
        )
        of = Sources(duck, None, KEYS, PublicIds(b"i" * 32), BRAND, NOW, UNTIL, folder)  # type: ignore[arg-type]
        yield Value(UNTIL, "week", HELD).answer(of)


def purchases(model: BgNbd, one: History, ahead: float) -> Any:
    """What is to be expected of each in so many weeks: over what rates and chances to leave may be
    theirs, by Gauss's quadrature, and not by the closed form."""
    r, alpha, a, b = model[:4]
    found = np.zeros(len(one.repeats))
    for x in np.unique(one.repeats):
        here = one.repeats == x
        last, span = one.last[here], one.span[here]
        rate, of_rate = special.roots_genlaguerre(NODES, r + x - 1)
        leaves, of_leaves = special.roots_sh_jacobi(NODES, a + b + x - 1, a)
        rates = rate[:, None, None] / (alpha + span)
        each = -np.expm1(-rates * leaves[:, None] * ahead) / leaves[:, None]
        mean = np.einsum("i,j,ijk->k", of_rate, of_leaves, each)
        mean /= of_rate.sum() * of_leaves.sum()
        stays = special.betaln(a, b + x) - (r + x) * np.log(alpha + span)
        gone = special.betaln(a + 1, b + x - 1) - (r + x) * np.log(alpha + last) if x else -np.inf
        found[here] = mean * special.expit(stays - gone)
    return found


def real(known: Bought, since: date, days: int) -> Any:
    """On how many of the days after it each bought."""
    end = since + timedelta(days=days)
    return np.array([sum(since < day <= end for day in one) for one in known.values()])


def test_what_is_expected_is_what_other_means_come_to(known: Bought, said: Answer) -> None:
    of, keys = history(known, UNTIL), cast("Any", said.keys)
    model = BgNbd(**keys["bgnbd"])
    p, q, gamma = (keys["gamma_gamma"][name] for name in ("p", "q", "gamma"))
    spends = p * (gamma + of.repeats * of.mean) / (p * of.repeats + q - 1)

    rows = table(said, "expected")
    assert [row["days"] for row in rows] == [90, 180, 365]
    for row in rows:
        each = purchases(model, of, row["days"] / 7)
        assert row["purchases"] == pytest.approx(each.sum(), rel=1e-4)
        assert row["money"] / 100 == pytest.approx((each * spends).sum(), rel=1e-4)


def test_the_intervals_are_of_the_fit_and_of_chance(known: Bought, said: Answer) -> None:
    """What the fit leaves open: by the slopes of the likelihood, customer by customer, and how the
    sum moves with each parameter. Chance: customers who live on, purchase by purchase."""
    of = history(known, UNTIL)
    best = np.log(list(cast("Any", said.keys)["bgnbd"].values())[:4])
    steps = 1e-3 * np.eye(4)

    def model(logs: Any) -> BgNbd:
        r, alpha, a, b = np.exp(logs).tolist()
        return BgNbd(r, alpha, a, b, 0.0, 0)

    slopes = np.array([
        (bgnbd_likelihood(np.exp(best + one), of) - bgnbd_likelihood(np.exp(best - one), of)) / 2e-3
        for one in steps
    ])  # fmt: skip
    _, row, _ = table(said, "expected")
    weeks = row["days"] / 7

    def due(logs: Any) -> float:
        return float(purchases(model(logs), of, weeks).sum())

    moves = [(due(best + one) - due(best - one)) / 2e-3 for one in steps]
    unsure = moves @ np.linalg.inv(slopes @ slopes.T) @ moves
    lived = [lives_on(model(best), of, weeks, seed) for seed in range(60)]
    half = 1.96 * (unsure + np.var(lived)) ** 0.5
    assert np.mean(lived) == pytest.approx(row["purchases"], rel=0.03)
    for end in (row["purchases_low"], row["purchases_high"]):
        assert abs(end - row["purchases"]) == pytest.approx(half, rel=0.2)


def lives_on(model: BgNbd, of: History, weeks: float, seed: int) -> int:
    chance = np.random.default_rng(seed)
    r, alpha, a, b = model[:4]
    here = np.log(chance.random(len(of.repeats))) < -np.log1p(
        (of.repeats > 0) * a / (b + np.maximum(of.repeats, 1) - 1)
        * ((alpha + of.span) / (alpha + of.last)) ** (r + of.repeats)
    )  # fmt: skip
    rate = chance.gamma(r + of.repeats, 1 / (alpha + of.span))
    leaves = chance.beta(a, b + of.repeats)
    at, many = np.zeros(len(here)), 0
    while here.any():
        at = at + chance.exponential(1 / rate)
        here = here & (at < weeks)
        many += int(here.sum())
        here = here & (chance.random(len(here)) >= leaves)
    return many


def test_the_hold_out_is_counted_and_expected_as_other_means_say(
    known: Bought, said: Answer
) -> None:
    of, later = history(known, SINCE), real(known, SINCE, HELD)
    each = purchases(fit_bgnbd(of), of, HELD / 7)

    rows = table(said, "calibration")
    assert [row["repeats"] for row in rows] == ["0", "1", "2", "3", "4", "5", "6", "7+"]
    for place, row in enumerate(rows):
        such = of.repeats >= 7 if place == 7 else of.repeats == place
        assert row["customers"] == such.sum()
        assert row["actual"] == pytest.approx(later[such].mean())
        assert row["expected"] == pytest.approx(each[such].mean(), rel=1e-4)
        half = 1.96 * later[such].std(ddof=1) / such.sum() ** 0.5
        low, high = row["actual_low"], row["actual_high"]
        assert (low, high) == pytest.approx(
            (max(row["actual"] - half, 0), row["actual"] + half), rel=1e-3
        )
