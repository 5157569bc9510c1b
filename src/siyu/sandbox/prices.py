"""The price list in a brand's book currency, from the world's prices in yuan at its stated rate."""

from __future__ import annotations

from decimal import ROUND_CEILING, Decimal

from siyu.kernel.errors import BadInput, Problem
from siyu.kernel.money import exponent
from siyu.kernel.sentence import Sentence
from siyu.sandbox.parameters import World


def price_list(world: World, currency: str) -> dict[str, int]:
    """Unit prices in whole minor units, rounded up: what costs something never costs nothing."""
    rate = world.yuan_per.get(currency)
    if rate is None:
        why = Sentence(
            f"no rate for {currency}: add how many yuan one {currency} is",
            f"没有 {currency} 的汇率：请补充一 {currency} 等于多少元",
        )
        raise BadInput(
            Sentence(f"world {world.world!r} can't be used", f"世界 {world.world!r} 不能用"),
            (Problem("yuan_per", why),),
        )
    return {
        kind: int(
            (Decimal(str(yuan)) / Decimal(str(rate)))
            .scaleb(exponent(currency))
            .to_integral_value(rounding=ROUND_CEILING)
        )
        for kind, yuan in world.prices.items()
    }
