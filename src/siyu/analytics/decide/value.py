"""How often customers will buy again and what each time is worth: BG/NBD and gamma-gamma.

BG/NBD: Fader, Hardie and Lee (2005), "Counting Your Customers" the Easy Way, Marketing Science
24(2), 275-284. Gamma-gamma: Fader and Hardie (2013), The Gamma-Gamma Model of Monetary Value.
Times are in units (weeks, days) that the caller chose; money in major units of one currency.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cache
from typing import Any, NamedTuple, TypeVar, cast

import numpy as np
from numpy.typing import NDArray

from siyu.kernel.errors import Refused
from siyu.kernel.sentence import Sentence

Floats = NDArray[np.float64]
Known = TypeVar("Known", "_Bought", "_Paid")  # what a likelihood depends on
FITTED = 50_000  # customers that a model is fitted on at most: with more it would not change
ROUGH = 3_000  # on whom the valley is looked for that is then gone down with all
FEWEST = 50  # customers with a repeat purchase; with fewer the curve is anybody's guess
ALIKE = 1e5  # q of gamma-gamma, or a or b of BG/NBD, from which on customers are all one
AS_OFTEN = 5e3  # the same of r
# Logarithms of parameters are looked for in these: further out what is expected of customers is no
# longer right in the last digits (of an r of ten thousand there is no number at all), and alpha and
# gamma are in units of any size.
_OF_BGNBD = ((-20.0, 9.0), (-20.0, 18.0), (-20.0, 12.0), (-20.0, 12.0))
_OF_SPEND = ((-20.0, 16.0), (-20.0, 16.0), (-20.0, 40.0))
_TRIES = {"maxiter": 2000, "ftol": 1e-10, "gtol": 1e-5}
_STARTS = ((1.0, 1.0, 1.0, 1.0), (0.25, 4.0, 0.8, 2.5), (0.5, 10.0, 0.5, 5.0))


@cache
def _special() -> Any:
    """Imported when the first model is fitted: with `optimize` it takes half a second."""
    from scipy import special  # noqa: PLC0415  # pyright: ignore[reportMissingTypeStubs]

    return special


def gammaln(of: Any) -> Any:
    return _special().gammaln(of)


def digamma(of: Any) -> Any:
    return _special().digamma(of)


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
    best, least = _best(_bgnbd_cost, _Bought.of, np.log(np.array(_STARTS)), _OF_BGNBD, known)
    r, alpha, a, b = np.exp(best).tolist()
    if r > AS_OFTEN or max(a, b) > ALIKE:
        raise Refused(_AS_OFTEN)
    return BgNbd(r, alpha, a, b, -least, len(known.repeats))


def fit_gamma_gamma(known: History) -> GammaGamma:
    """By maximum likelihood over customers with a repeat purchase that cost something."""
    known = thinned(known, FITTED)
    means = known.mean[_paid(known)]
    if len(means) < FEWEST:
        raise Refused(_thin(len(means)))
    mean = float(means.mean())
    starts = np.log(np.array([(2.0, 3.0, mean), (6.0, 4.0, mean / 2), (1.0, 2.0, mean * 2)]))
    best, least = _best(_gamma_gamma_cost, _Paid.of, starts, _OF_SPEND, known)
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
    odds = np.where(
        x > 0, a / (b + np.maximum(x, 1) - 1) * ((alpha + span) / (alpha + tx)) ** (r + x), 0.0
    )
    return _whole(model, known, ahead) / (1 + odds)


def _whole(model: BgNbd, known: History, ahead: float) -> Floats:
    """The same of those who are surely alive. All who were seen for as long and bought as often are
    one: there are a hundred times fewer of these, and the function is dear."""
    r, alpha, a, b = model[:4]
    spans, place = np.unique(known.span, return_inverse=True)
    most = int(known.repeats.max(initial=0)) + 1
    cell = place * most + known.repeats.astype(np.int64)
    there = np.flatnonzero(np.bincount(cell, minlength=1))
    x, span = (there % most).astype(np.float64), spans[there // most]
    curve = _special().hyp2f1(r + x, b + x, a + b + x - 1, ahead / (alpha + span + ahead))
    found = (a + b + x - 1) / (a - 1) * (
        1 - ((alpha + span) / (alpha + span + ahead)) ** (r + x) * curve
    )  # fmt: skip
    of_cell = np.zeros(len(spans) * most)
    of_cell[there] = found
    return of_cell[cell]


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


class _Bought(NamedTuple):
    """What the likelihood of BG/NBD depends on: those alike are counted once. By `repeats`, so many
    (`times`); of who never came back, by `span`; of the others each."""

    repeats: Floats
    times: Floats
    quiet_span: Floats
    quiet_times: Floats
    others: History

    @classmethod
    def of(cls, known: History) -> _Bought:
        back = known.repeats > 0
        return cls(
            *_counted(known.repeats),
            *_counted(known.span[~back]),
            History(*(column[back] for column in known)),
        )


class _Paid(NamedTuple):
    """The same of gamma-gamma: by `repeats`, so many; of each its repeats and what these cost in
    all; then two sums over them that no parameter changes."""

    repeats: Floats
    times: Floats
    each: Floats
    cost: Floats
    weighed_logs: float
    logs: float

    @classmethod
    def of(cls, known: History) -> _Paid:
        some = _paid(known)
        x, m = known.repeats[some], known.mean[some]
        sums = float((x * np.log(x * m)).sum()), float(np.log(m).sum())
        return cls(*_counted(x), x, x * m, *sums)


def _counted(column: Floats) -> tuple[Floats, Floats]:
    values, times = np.unique(column, return_counts=True)
    return values, times.astype(np.float64)


def _bgnbd_cost(logs: Floats, of: _Bought) -> tuple[float, Floats]:
    """Minus the log-likelihood at these logarithms of r, alpha, a, b, and how it changes with
    each."""
    r, alpha, a, b = np.exp(logs)
    x, times, many = of.repeats, of.times, of.times.sum()
    quiet, others = np.log(alpha + of.quiet_span), of.others
    till, upto = alpha + others.span, alpha + others.last
    log_till, log_upto, again = np.log(till), np.log(upto), r + others.repeats
    rest = b + others.repeats - 1
    staying = -again * log_till
    leaving = logs[2] - np.log(rest) - again * log_upto
    last = np.logaddexp(staying, leaving)
    left = np.exp(leaving - last)  # the chance to have left
    likely = (
        many * (r * logs[1] - gammaln(r) + gammaln(a + b) - gammaln(b))
        + times @ (gammaln(r + x) + gammaln(b + x) - gammaln(a + b + x))
        - r * (of.quiet_times @ quiet) + last.sum()
    )  # fmt: skip
    shared = many * digamma(a + b) - times @ digamma(a + b + x)
    slope = np.array([
        times @ digamma(r + x) + many * (logs[1] - digamma(r)) - of.quiet_times @ quiet
        - (log_till + left * (log_upto - log_till)).sum(),
        many * r / alpha - r * (of.quiet_times @ (1 / (alpha + of.quiet_span)))
        - (again * ((1 - left) / till + left / upto)).sum(),
        shared + left.sum() / a,
        shared + times @ digamma(b + x) - many * digamma(b) - (left / rest).sum(),
    ])  # fmt: skip
    return -float(likely), -slope * np.exp(logs)


def _gamma_gamma_cost(logs: Floats, of: _Paid) -> tuple[float, Floats]:
    """The same at these logarithms of p, q, gamma."""
    p, q, gamma = np.exp(logs)
    x, times, many = of.repeats, of.times, of.times.sum()
    total = gamma + of.cost
    log_total, shape = np.log(total), p * of.each + q
    likely = (
        times @ (gammaln(p * x + q) - gammaln(p * x)) + many * (q * logs[2] - gammaln(q))
        + p * of.weighed_logs - of.logs - shape @ log_total
    )  # fmt: skip
    slope = np.array([
        (times * x) @ (digamma(p * x + q) - digamma(p * x)) + of.weighed_logs
        - of.each @ log_total,
        times @ digamma(p * x + q) + many * (logs[2] - digamma(q)) - log_total.sum(),
        many * q / gamma - (shape / total).sum(),
    ])  # fmt: skip
    return -float(likely), -slope * np.exp(logs)


def _best(
    cost: Callable[[Floats, Known], tuple[float, Floats]],
    told: Callable[[History], Known],
    starts: Floats,
    edges: Sequence[tuple[float, float]],
    known: History,
) -> tuple[Floats, float]:
    """The lowest of the valleys that these starts lead to."""

    from scipy import optimize  # noqa: PLC0415  # pyright: ignore[reportMissingTypeStubs]

    minimize: Any = getattr(optimize, "minimize")  # noqa: B009 - its types are unknown

    def down(start: Floats, of: Known) -> Any:
        return minimize(
            cost, start, args=(of,), jac=True, method="L-BFGS-B", bounds=edges, options=_TRIES
        )

    few, all_of_it = told(thinned(known, ROUGH)), told(known)
    rough = [down(one, few) for one in starts]
    valleys: dict[bytes, Floats] = {np.asarray(one.x).round(1).tobytes(): one.x for one in rough}
    lowest = min((down(one, all_of_it) for one in valleys.values()), key=_cost)
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
