"""How often customers will buy again and what each time is worth: BG/NBD and gamma-gamma.

BG/NBD: Fader, Hardie and Lee (2005), "Counting Your Customers" the Easy Way, Marketing Science
24(2), 275-284. Gamma-gamma: Fader and Hardie (2013), The Gamma-Gamma Model of Monetary Value.
Times are in units (weeks, days) that the caller chose; money in major units of one currency.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple, cast

import numpy as np
from numpy.typing import NDArray
from scipy import optimize, special  # pyright: ignore[reportMissingTypeStubs]

from siyu.kernel.errors import Refused
from siyu.kernel.sentence import Sentence

minimize: Any = getattr(optimize, "minimize")  # noqa: B009 - its types are unknown
gammaln: Any = special.gammaln
hyp2f1: Any = special.hyp2f1
Floats = NDArray[np.float64]
FITTED = 50_000  # customers that a model is fitted on at most: with more it would not change
ROUGH = 3_000  # on whom the valley is looked for that is then gone down with all
FEWEST = 50  # customers with a repeat purchase; with fewer the curve is anybody's guess
ALIKE = 1e5  # q of gamma-gamma, or r, a or b of BG/NBD, from which on customers are all one
_TRIES = {"maxiter": 2000}
_STARTS = ((1.0, 1.0, 1.0, 1.0), (0.25, 4.0, 0.8, 2.5), (0.5, 10.0, 0.5, 5.0))


class History(NamedTuple):
    """What is known of each customer, one entry each: `repeats` days with a purchase after the
    first, `last` the time of the last one since the first, `span` the time observed since the
    first, `mean` the mean of the repeat purchases (0: none)."""

    repeats: Floats
    last: Floats
    span: Floats
    mean: Floats

    @classmethod
    def of(cls, rows: Sequence[tuple[float, float, float, float]]) -> History:
        """From rows of the four, in this order."""
        columns = np.array(rows, dtype=np.float64).reshape(-1, 4).T
        return cls(*columns)


class BgNbd(NamedTuple):
    """Purchases: rate ~ gamma(r, alpha), chance to leave after each ~ beta(a, b). `customers`, and
    the likelihood, are those it was fitted on: of more than `FITTED` one in so many."""

    r: float
    alpha: float
    a: float
    b: float
    log_likelihood: float
    customers: int


class GammaGamma(NamedTuple):
    """Spend: shape `p`, its rate ~ gamma(q, gamma) over customers."""

    p: float
    q: float
    gamma: float
    log_likelihood: float
    customers: int


def thinned(known: History, most: int) -> History:
    """One customer in so many that at most `most` are left."""
    every = -(-len(known.repeats) // most)
    return known if every <= 1 else History(*(column[::every] for column in known))


def fit_bgnbd(known: History) -> BgNbd:
    """By maximum likelihood, from several starts. Refuses what is too thin to fit."""
    known = thinned(known, FITTED)
    repeating = int((known.repeats > 0).sum())
    if repeating < FEWEST:
        raise Refused(_thin(repeating))

    def cost(logs: Floats, of: History) -> float:
        return -float(bgnbd_likelihood(np.exp(logs), of).sum())

    best, least = _best(cost, np.log(np.array(_STARTS)), known)
    r, alpha, a, b = np.exp(best).tolist()
    if not max(r, a, b) < ALIKE:
        raise Refused(_AS_OFTEN)
    return BgNbd(r, alpha, a, b, -least, len(known.repeats))


def fit_gamma_gamma(known: History) -> GammaGamma:
    """By maximum likelihood over customers with a repeat purchase that cost something."""
    known = thinned(known, FITTED)
    means = known.mean[_paid(known)]
    if len(means) < FEWEST:
        raise Refused(_thin(len(means)))

    def cost(logs: Floats, of: History) -> float:
        return -gamma_gamma_likelihood(np.exp(logs), of)

    mean = float(means.mean())
    starts = np.log(np.array([(2.0, 3.0, mean), (6.0, 4.0, mean / 2), (1.0, 2.0, mean * 2)]))
    best, least = _best(cost, starts, known)
    p, q, gamma = np.exp(best).tolist()
    if q > ALIKE:
        raise Refused(_ALIKE)
    return GammaGamma(p, q, gamma, -least, len(means))


def _paid(known: History) -> NDArray[np.bool_]:
    return (known.repeats > 0) & (known.mean > 0)


def gamma_gamma_likelihood(params: Floats, known: History) -> float:
    """The log-likelihood of all customers with a repeat purchase that cost something."""
    p, q, gamma = params
    some = _paid(known)
    x, m = known.repeats[some], known.mean[some]
    terms = (
        gammaln(p * x + q) - gammaln(p * x) - gammaln(q)
        + q * np.log(gamma) + (p * x - 1) * np.log(m) + p * x * np.log(x)
        - (p * x + q) * np.log(gamma + m * x)
    )  # fmt: skip
    return float(terms.sum())


def alive(model: BgNbd, known: History) -> Floats:
    """The chance that each has not left; equation 10 with Fader and Hardie's note of 2008."""
    x, tx, span = known.repeats, known.last, known.span
    left = model.a / (model.b + np.maximum(x, 1) - 1)
    odds = left * ((model.alpha + span) / (model.alpha + tx)) ** (model.r + x)
    return np.where(x > 0, 1 / (1 + odds), 1.0)


def returns(model: BgNbd, known: History, ahead: float) -> Floats:
    """The chance that each buys at least once in the coming `ahead` units: alive, and then a
    purchase at a rate that is gamma(r + x, alpha + span) by what was seen."""
    quiet = ((model.alpha + known.span) / (model.alpha + known.span + ahead)) ** (
        model.r + known.repeats
    )
    return alive(model, known) * (1 - quiet)


def expected(model: BgNbd, known: History, ahead: float) -> Floats:
    """How many purchases each will make in the coming `ahead` units: equation 10 of the paper."""
    x, tx, span = known.repeats, known.last, known.span
    r, alpha, a, b = model[:4]
    z = ahead / (alpha + span + ahead)
    curve = hyp2f1(r + x, b + x, a + b + x - 1, z)
    whole = (a + b + x - 1) / (a - 1) * (
        1 - ((alpha + span) / (alpha + span + ahead)) ** (r + x) * curve
    )  # fmt: skip
    odds = np.where(
        x > 0, a / (b + np.maximum(x, 1) - 1) * ((alpha + span) / (alpha + tx)) ** (r + x), 0.0
    )
    return whole / (1 + odds)


def spend(model: GammaGamma, known: History) -> Floats:
    """What a purchase of each is worth: their own mean, drawn towards everybody's the more the less
    is known of them."""
    p, q, gamma = model[:3]
    x, m = known.repeats, known.mean
    return (gamma + x * m) * p / (p * x + q - 1)


def bgnbd_likelihood(params: Floats, known: History) -> Floats:
    """Each customer's log-likelihood; equation 6, as A1-A4 of the authors' note of 2005."""
    r, alpha, a, b = params
    x, tx, span = known.repeats, known.last, known.span
    first: Floats = gammaln(r + x) - gammaln(r) + r * np.log(alpha)
    second: Floats = gammaln(a + b) + gammaln(b + x) - gammaln(b) - gammaln(a + b + x)
    staying = -(r + x) * np.log(alpha + span)
    leaving = np.log(a) - np.log(b + np.maximum(x, 1) - 1) - (r + x) * np.log(alpha + tx)
    last = cast("Floats", np.where(x > 0, np.logaddexp(staying, leaving), staying))
    return first + second + last


def _best(
    cost: Callable[[Floats, History], float], starts: Floats, known: History
) -> tuple[Floats, float]:
    """The lowest of the valleys that these starts lead to."""
    few = (thinned(known, ROUGH),)
    rough: list[Any] = [
        minimize(cost, one, args=few, method="Nelder-Mead", options=_TRIES) for one in starts
    ]
    valleys: dict[bytes, Floats] = {np.asarray(one.x).round(1).tobytes(): one.x for one in rough}
    found: list[Any] = [
        minimize(cost, one, args=(known,), method="L-BFGS-B") for one in valleys.values()
    ]
    lowest = min(found, key=_cost)
    return np.asarray(lowest.x, dtype=np.float64), _cost(lowest)


def _cost(found: Any) -> float:
    return float(found.fun)


_AS_OFTEN = Sentence(
    "How often customers buy, and when they stop, differs between them by chance only as yet: a"
    " model of value has nothing to learn.",
    "到目前为止，各位客户的购买频次与流失只有偶然差异：价值模型还没有可学习的内容。",
)
_ALIKE = Sentence(
    "What a purchase costs differs between customers by chance only: a model of what each of them"
    " pays has nothing to learn.",
    "各位客户的单次消费只有偶然差异：没有可供单次消费模型学习的内容。",
)


def _thin(some: int) -> Sentence:
    return Sentence(
        f"Too little is known: {some} customers bought again, and a model of value needs {FEWEST}.",
        f"数据太少：只有 {some} 位顾客复购，价值模型至少需要 {FEWEST} 位。",
    )
