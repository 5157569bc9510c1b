"""Models of purchase and spend: as published, and as simulated."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import msgspec
import numpy as np
import pytest
from scipy.stats import binom, chi2
from tests.analytics.cdnow import bought, history

from siyu.analytics.decide.outlook import calibration, outlook
from siyu.analytics.decide.value import (
    BgNbd,
    GammaGamma,
    History,
    alive,
    expected,
    fit_bgnbd,
    fit_gamma_gamma,
    returns,
    spend,
)
from siyu.analytics.model import Z
from siyu.analytics.views.models import Model, keep, versions
from siyu.kernel.errors import Refused
from siyu.kernel.sentence import Sentence

PUBLISHED = BgNbd(0.243, 4.414, 0.793, 2.426, -9582.43, 2357)


@pytest.fixture(scope="module")
def cdnow() -> History:
    """The first 39 weeks of CDNOW, in weeks and dollars."""
    return history(bought(), date(1997, 9, 30))


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
    rate = np.maximum(chance.gamma(model.r, 1 / model.alpha, customers), 1e-300)
    leaves = chance.beta(model.a, model.b, customers)
    at, repeats, last, later = np.zeros((4, customers))
    here = np.arange(customers)
    while len(here):
        at[here] += chance.exponential(1, len(here)) / rate[here]
        here = here[at[here] < span + ahead]
        seen = here[at[here] < span]
        repeats[seen] += 1
        last[seen] = at[seen]
        later[here] += at[here] >= span
        here = here[chance.random(len(here)) >= leaves[here]]
    return History(repeats, last, np.full(customers, span), np.zeros(customers)), later


def test_of_a_million_customers_the_model_is_the_one_they_live_by() -> None:
    known, later = simulated(PUBLISHED, 1_000_000, 39, 26)
    found = fit_bgnbd(known)

    assert found.customers == 50_000  # one in twenty: with more it would not change
    assert found[:2] == pytest.approx(PUBLISHED[:2], rel=0.05)
    assert found[2:4] == pytest.approx(PUBLISHED[2:4], rel=0.1)
    assert expected(found, known, 26).sum() == pytest.approx(later.sum(), rel=0.02)
    assert fit_bgnbd(known) == found


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


SPENT = GammaGamma(6.25, 3.74, 15.44, 0.0, 0)


def test_where_customers_pay_alike_there_is_no_model_of_what_each_pays() -> None:
    chance = np.random.default_rng(0)
    often = chance.integers(1, 6, 2_000).astype(float)
    paid = chance.gamma(2 * often, 50 / often)  # of everybody's purchases the same
    with pytest.raises(Refused) as refused:
        fit_gamma_gamma(History(often, often, often + 5, paid))
    assert "by chance only" in str(refused.value.detail)


@pytest.mark.parametrize("seed", range(3))
def test_customers_who_differ_a_little_in_what_they_pay_have_a_model_of_it(seed: int) -> None:
    chance = np.random.default_rng(seed)
    often = chance.integers(1, 6, 4_000).astype(float)
    price = chance.gamma(9.7, 1 / 454, 4_000)
    found = fit_gamma_gamma(
        History(often, often, often + 5, chance.gamma(2.78 * often, 1 / (price * often)))
    )

    assert found.q == pytest.approx(9.7, rel=0.2)
    assert found.p * found.gamma / (found.q - 1) == pytest.approx(145, rel=0.03)


def lives(customers: int, span: float, ahead: float, seed: int) -> tuple[History, np.ndarray]:
    """Customers who live by both models, each known for half of `span` to all of it; what they
    paid in `ahead` after it."""
    chance = np.random.default_rng(seed)
    rate = chance.gamma(PUBLISHED.r, 1 / PUBLISHED.alpha, customers)
    leaves = chance.beta(PUBLISHED.a, PUBLISHED.b, customers)
    price = chance.gamma(SPENT.q, 1 / SPENT.gamma, customers)
    known = chance.uniform(span / 2, span, customers)
    at, here = np.zeros(customers), np.ones(customers, bool)
    repeats, last, sums, paid = (np.zeros(customers) for _ in range(4))
    while here.any():
        at = np.where(here, at + chance.exponential(1 / rate), at)
        cost = chance.gamma(SPENT.p, 1 / price)
        before, after = here & (at < known), here & (at >= known) & (at < known + ahead)
        repeats, last = repeats + before, np.where(before, at, last)
        sums, paid = sums + before * cost, paid + after * cost
        here = here & (at < known + ahead) & (chance.random(customers) >= leaves)
    mean = np.where(repeats > 0, sums / np.maximum(repeats, 1), 0.0)
    return History(repeats, last, known, mean), paid


def test_the_models_find_again_what_customers_were_made_with() -> None:
    known, paid = lives(12_000, 52, 26, seed=3)
    model, money = fit_bgnbd(known), fit_gamma_gamma(known)

    assert model[:2] == pytest.approx(PUBLISHED[:2], rel=0.1)
    assert model.a / (model.a + model.b) == pytest.approx(0.246, rel=0.1)  # leave after a purchase
    assert money.p * money.gamma / (money.q - 1) == pytest.approx(
        35.22, rel=0.05
    )  # a mean purchase
    (ahead,) = outlook(model, money, known, (26,))
    assert ahead.money is not None
    assert ahead.money.low < paid.sum() < ahead.money.high
    assert ahead.money.high - ahead.money.low < ahead.money.value / 4


def test_what_comes_is_as_far_from_the_outlook_as_its_interval_says() -> None:
    """In 20 worlds: within it as often, and in its own measure (a standard deviation) as far."""
    apart: list[float] = []
    for seed in range(20):
        known, paid = lives(400, 52, 26, seed=100 + seed)
        (ahead,) = outlook(fit_bgnbd(known), fit_gamma_gamma(known), known, (26,))
        assert ahead.money is not None
        apart.append(Z * (paid.sum() - ahead.money.value) / (ahead.money.high - ahead.money.value))
    within = sum(abs(one) <= Z for one in apart)
    few, many = binom.interval(0.99, len(apart), 0.95)
    assert few <= within <= many
    low, high = chi2.interval(0.99, len(apart))
    assert low <= np.square(apart).sum() <= high


def test_who_buys_more_or_later_is_worth_more_and_longer_is_never_less() -> None:
    often = History.of([(n, 30, 39, 20) for n in range(1, 6)])
    lately = History.of([(3, last, 39, 20) for last in (5, 15, 25, 35)])
    dear = History.of([(3, 30, 39, mean) for mean in (5, 20, 80)])

    for found in (expected(PUBLISHED, often, 13), expected(PUBLISHED, lately, 13)):
        assert list(found) == sorted(found)
    assert list(spend(SPENT, dear)) == sorted(spend(SPENT, dear))
    spans = outlook(PUBLISHED._replace(customers=5), SPENT, often, (13, 26, 52))
    sums = [one.purchases.value for one in spans]
    assert sums == sorted(sums)


def test_one_customer_has_an_outlook_too() -> None:
    one = History.of([(2, 30.43, 38.86, 20.0)])
    (ahead,) = outlook(PUBLISHED._replace(customers=1), SPENT, one, (39,))

    assert ahead.purchases.value == pytest.approx(1.226, abs=0.001)
    assert 0 == ahead.purchases.low < ahead.purchases.high < 10


def test_a_model_is_tried_on_days_that_it_has_not_seen() -> None:
    known, _ = lives(6_000, 39, 26, seed=5)
    later = expected(PUBLISHED, known, 26)

    bins = calibration(PUBLISHED, known, later, 26)

    assert sum(one.customers for one in bins) == 6_000
    assert [one.actual for one in bins] == pytest.approx([one.expected for one in bins])
    assert bins[-1].last
    assert not any(one.last for one in bins[:-1])


def test_a_fit_is_kept_once_under_a_version_of_its_own(tmp_path: Path) -> None:
    one = Model(
        name="value-cny", version=0, fitted_at="2026-11-01T00:00:00+00:00",
        data={"until": "2026-11-01"}, parameters={"r": 0.1}, diagnostics={"actual": None},
    )  # fmt: skip
    first = keep(tmp_path, one)
    again = keep(tmp_path, msgspec.structs.replace(one, fitted_at="2026-11-02T00:00:00+00:00"))
    other = keep(tmp_path, msgspec.structs.replace(one, parameters={"r": 0.2}))
    (tmp_path / "value-cny-000003.json").write_text("{")  # cut off in writing

    assert (first.version, again, other.version) == (1, first, 2)
    assert [found.version for found in versions(tmp_path, "value-cny")] == [2, 1]
    assert keep(tmp_path, msgspec.structs.replace(one, parameters={"r": 0.3})).version == 4


def test_customers_who_all_buy_alike_teach_nothing_of_how_often_each_does() -> None:
    """Their rate is one number: the gamma over customers shrinks to it without end."""
    known = History.of([(one % 2, 12.0 * (one % 2), 24.0, 30.0 * (one % 2)) for one in range(200)])

    with pytest.raises(Refused, match="nothing to learn"):
        fit_bgnbd(known)
