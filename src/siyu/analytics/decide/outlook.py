"""How sure an expectation is, and whether it came true: for models of value. Pure.

An interval has two parts: what the fit does not know (its parameters, by the curvature of the
likelihood around them) and chance (customers drawn from what the model knows of each).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from siyu.analytics.decide.value import (
    BgNbd,
    Floats,
    GammaGamma,
    History,
    alive,
    bgnbd_likelihood,
    expected,
    gamma_gamma_likelihood,
    spend,
    thinned,
)
from siyu.analytics.model import Z

DRAWS = 100  # of parameters
PEOPLE = 2_000  # whose expectation is worked out under each of them
TIMES = 40  # that so many are let live on
_SEED = 20_000_101  # the same question has the same answer
_STEP = 1e-3
_MOST = 200  # purchases of one customer that are looked at; more than the horizon has days for


class Sum(NamedTuple):
    """Of all customers together, with its 95 % interval."""

    value: float
    low: float
    high: float


class Outlook(NamedTuple):
    """What all customers will do in the coming `ahead` units."""

    purchases: Sum
    money: Sum | None


class Bin(NamedTuple):
    """Customers with so many repeat purchases before (`last`: or more), and how many each made
    afterwards: expected and real, the real with the 95 % interval of its mean."""

    repeats: int
    last: bool
    customers: int
    expected: float
    actual: float
    low: float
    high: float


def outlook(
    purchases: BgNbd, money: GammaGamma | None, known: History, ahead: tuple[float, ...]
) -> list[Outlook]:
    """For each span of units, the sums and where they lie."""
    chance = np.random.default_rng(_SEED)
    some = thinned(known, PEOPLE)
    scale = len(known.repeats) / len(some.repeats)
    models = list(_models(purchases, money, thinned(known, 20_000), chance))
    found: list[Outlook] = []
    for span in ahead:
        each = expected(purchases, known, span)
        worth = spend(money, known) if money else None
        sums = [expected(one, some, span) for one, _ in models]
        paid = [
            float((many * spend(cost, some)).sum())
            for many, (_, cost) in zip(sums, models, strict=True)
            if cost is not None
        ]
        counts, costs = _lived(purchases, money, some, span, chance)
        found.append(
            Outlook(
                _sum(float(each.sum()), [float(many.sum()) for many in sums], counts, scale),
                None if worth is None else _sum(float((each * worth).sum()), paid, costs, scale),
            )
        )
    return found


def _sum(value: float, unsure: list[float], lived: Floats, scale: float) -> Sum:
    """Parameters move all customers alike, chance each by themselves."""
    spread = (np.std(unsure) * scale) ** 2 + np.var(lived) * scale
    half = Z * float(np.sqrt(spread))
    return Sum(value, max(value - half, 0.0), value + half)


def _models(
    purchases: BgNbd, money: GammaGamma | None, known: History, chance: np.random.Generator
) -> Iterator[tuple[BgNbd, GammaGamma | None]]:
    """Parameters that the data would bear as well, as often as it would."""
    logs = _drawn(
        lambda one: -float(bgnbd_likelihood(np.exp(one), known).sum()),
        np.log(purchases[:4]),
        purchases.customers / len(known.repeats),
        chance,
    )
    costs: list[GammaGamma | None] = [None] * DRAWS
    if money is not None:
        drawn = _drawn(
            lambda one: -gamma_gamma_likelihood(np.exp(one), known),
            np.log(money[:3]),
            purchases.customers / len(known.repeats),
            chance,
        )
        costs = [GammaGamma._make((*np.exp(one).tolist(), 0.0, 0)) for one in drawn]
    for one, cost in zip(logs, costs, strict=True):
        yield BgNbd._make((*np.exp(one).tolist(), 0.0, 0)), cost


def _drawn(
    cost: Callable[[Floats], float], best: Floats, scale: float, chance: np.random.Generator
) -> NDArray[np.float64]:
    """Around the best, by the inverse of the curvature there; a direction of which the data says
    nothing stays within a factor of e."""
    curve = _curvature(cost, best) * scale
    values, vectors = np.linalg.eigh(curve)
    spread = np.minimum(1 / np.sqrt(np.maximum(values, 1e-12)), 1.0)
    steps = chance.standard_normal((DRAWS, len(best))) * spread
    return best + steps @ vectors.T


def _curvature(cost: Callable[[Floats], float], at: Floats) -> NDArray[np.float64]:
    size = len(at)
    steps = np.eye(size) * _STEP
    found = np.zeros((size, size))
    for i in range(size):
        for j in range(i, size):
            a, b = steps[i], steps[j]
            bent = cost(at + a + b) - cost(at + a - b) - cost(at - a + b) + cost(at - a - b)
            found[i, j] = found[j, i] = bent / (4 * _STEP**2)
    return found


def _lived(
    purchases: BgNbd,
    money: GammaGamma | None,
    known: History,
    ahead: float,
    chance: np.random.Generator,
) -> tuple[Floats, Floats]:
    """What these customers would buy and pay, each time they live on.

    Who is alive has a rate that is gamma(r + x, alpha + span) and leaves after each purchase with a
    chance that is beta(a, b + x): what the model knows of them."""
    here = alive(purchases, known)
    shape = purchases.r + known.repeats
    counts, costs = np.zeros(TIMES), np.zeros(TIMES)
    for time in range(TIMES):
        rate = chance.gamma(shape, 1 / (purchases.alpha + known.span))
        leaves = chance.beta(purchases.a, purchases.b + known.repeats)
        wanted = np.minimum(chance.poisson(rate * ahead), _MOST)
        stays = chance.geometric(np.clip(leaves, 1e-9, 1.0))  # purchases until they leave
        bought = np.where(chance.random(len(here)) < here, np.minimum(wanted, stays), 0)
        counts[time] = bought.sum()
        if money is not None:
            costs[time] = _paid(money, known, bought, chance).sum()
    return counts, costs


def _paid(money: GammaGamma, known: History, bought: Any, chance: np.random.Generator) -> Floats:
    scale = money.gamma + known.repeats * known.mean
    rate = chance.gamma(money.p * known.repeats + money.q, 1 / scale)
    shape = np.maximum(money.p * bought, 1e-9)
    return np.where(bought > 0, chance.gamma(shape, 1 / rate), 0.0)


def calibration(
    purchases: BgNbd, known: History, later: Floats, ahead: float, most: int = 7
) -> list[Bin]:
    """What was expected of customers by how often they had bought, and what they did."""
    due = expected(purchases, known, ahead)
    found: list[Bin] = []
    for repeats in range(most + 1):
        last = repeats == most
        such = known.repeats >= most if last else known.repeats == repeats
        people = int(such.sum())
        if not people:
            continue
        real = float(later[such].mean())
        half = Z * float(later[such].std(ddof=1)) / people**0.5 if people > 1 else float("inf")
        if people == 1:
            half = 0.0  # of one alone nothing is known of the spread
        found.append(
            Bin(
                repeats,
                last,
                people,
                float(due[such].mean()),
                real,
                max(real - half, 0),
                real + half,
            )
        )
    return found
