"""People of a season pay, return and leave as differently as real ones: so that a lost friend has a
price, and what the touches of a playbook cost in trust is a number, or says why it is none."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import pytest

from siyu.analytics.decide.value import (
    FEWEST,
    History,
    expected,
    fit_bgnbd,
    fit_gamma_gamma,
    spend,
)
from siyu.analytics.views.pool import Touched
from siyu.sandbox.parameters import load
from siyu.sandbox.season_shop import SeasonShop
from siyu.sandbox.season_trust import of_touches

SHANGHAI = ZoneInfo("Asia/Shanghai")
START = datetime(2026, 4, 13, tzinfo=SHANGHAI)
WORLD = load("default")


def shop(customers: int, seed: str) -> SeasonShop:
    return SeasonShop(WORLD, seed, START, 120, customers, SHANGHAI)


def bought(of: SeasonShop) -> dict[str, dict[float, int]]:
    """What everybody paid by the days before the season on which they did, the first first."""
    found: dict[str, dict[float, int]] = {}
    for one in of.history():
        days = found.setdefault(one.key, {})
        day = (one.at.astimezone(SHANGHAI).date() - START.date()) / timedelta(days=1)
        days[day] = days.get(day, 0) + sum(line.amount_minor for line in one.lines)
    return found


def known(of: SeasonShop) -> History:
    """What models of value take of them, in weeks and yuan."""
    rows: list[tuple[float, float, float, float]] = []
    for days in bought(of).values():
        first, *later = sorted(days)
        last = later[-1] if later else first
        mean = sum(days[one] for one in later) / 100 / len(later) if later else 0.0
        rows.append((len(later), (last - first) / 7, -first / 7, mean))
    return History.of(rows)


@pytest.mark.parametrize("seed", ["1", "2", "3", "4", "5"])
def test_what_people_bought_in_the_year_before_bears_a_model_of_value(seed: str) -> None:
    history = known(shop(2_000, seed))
    model, money = fit_bgnbd(history), fit_gamma_gamma(history)  # neither is refused

    assert int((history.repeats > 0).sum()) > 5 * FEWEST
    pays = spend(money, history)[history.repeats > 2]
    assert np.quantile(pays, 0.9) > 1.3 * np.quantile(pays, 0.1)  # some pay far more
    assert 0 < (expected(model, history, 52) * spend(money, history)).mean() < 5_000


def test_who_has_come_back_often_leaves_less_easily_and_half_had_gone() -> None:
    of = shop(2_000, "1")
    days = bought(of)
    often = [of.gone(key) for key, some in days.items() if len(some) > 3]
    once = [of.gone(key) for key, some in days.items() if len(some) == 1]

    assert set(days) == set(of.old)
    assert 0.4 < sum(map(of.gone, of.old)) / len(of.old) < 0.55
    assert sum(often) / len(often) < 0.75 * sum(once) / len(once)
    assert all(-366 <= day < 0 for some in days.values() for day in some)


def test_a_season_gives_the_same_people_again() -> None:
    assert bought(shop(200, "7")) == bought(shop(200, "7")) != bought(shop(200, "8"))


# ── of a playbook ──


def channel(en: str, **more: Any) -> Mapping[str, Any]:
    nothing = dict.fromkeys(("more", "more_low", "more_high", "cost", "cost_low", "cost_high"))
    return {"channel": {"en": en, "zh": en}, "touches": 50, "ended": 3, **nothing, **more}


DEAR = channel("WeCom message", more=0.004, more_low=0.001, more_high=0.007, cost=300,
               cost_low=100, cost_high=500)  # fmt: skip
CALLS = channel("human call")


def test_touches_of_friends_cost_what_one_of_their_channel_costs() -> None:
    sent = [Touched("p", "wecom_message", 90, 80), Touched("p", "voice_human", 30, 10)]
    cost = of_touches(sent, [DEAR, CALLS])

    assert cost[:6] == (80 * 300, 80 * 100, 80 * 500, 120, 90, 80)
    assert cost.says["en"] == (
        "Of 90 touches of friends 80 went by channels of which the cost of one is known."
    )
    unsure = of_touches(sent, [{**DEAR, "cost_low": -50}])
    assert unsure.says["en"].endswith("chance alone may explain it.")
    assert unsure.says["zh"].endswith("可能只是偶然。")


def test_who_is_no_friend_costs_no_trust() -> None:
    cost = of_touches([Touched("p", "voice_human", 30, 0)], [DEAR, CALLS])
    assert cost[:6] == (0, 0, 0, 30, 0, 0)
    assert "None of 30 touches met a friend" in cost.says["en"]
    assert of_touches([], [DEAR]).says["en"] == "Nothing of it was sent."


def test_where_too_few_have_left_it_says_so_and_what_is_known_of_all() -> None:
    calls = [Touched("p", "voice_human", 30, 20)]
    alone = of_touches(calls, [CALLS])
    assert alone.minor is None
    assert "3 of 50 touches" in alone.says["en"]
    every = channel("every touch", more=0.004, more_low=-0.001, more_high=0.009)
    says = of_touches(calls, [CALLS, every]).says
    assert says["en"].endswith("+4.0 (-1.0 to +9.0) more are followed by one.")
    assert says["zh"].endswith("多 +4.0 次（-1.0 至 +9.0）。")


def test_where_no_model_prices_a_friend_it_says_so() -> None:
    free = {**DEAR, "cost": None, "cost_low": None, "cost_high": None}
    cost = of_touches([Touched("p", "wecom_message", 9, 9)], [free])
    assert cost.minor is None
    assert "model of value" in cost.says["en"]
    assert "价值模型" in cost.says["zh"]
