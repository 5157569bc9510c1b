"""Prices and shares as people write them: what is wrong with one, or nothing."""

from __future__ import annotations

from siyu.kernel.money import EXPONENTS
from siyu.kernel.sentence import Sentence
from siyu.ledger.model import EVER, LONGEST_VARIANT, MOST_MINOR, PRICE_KINDS, GoodsShare, Price

WHOLE = 10_000  # basis points


def unusable(price: Price) -> Sentence | None:
    """Why it can't be listed; None: it can."""
    wrong = (
        (
            price.kind not in PRICE_KINDS,
            Sentence(
                f"has no price; what has one: {', '.join(PRICE_KINDS)}",
                f"没有单价；有单价的是：{', '.join(PRICE_KINDS)}",
            ),
        ),
        (
            not 0 <= price.unit_minor <= MOST_MINOR,
            Sentence(
                f"must be 0 to {MOST_MINOR} minor units", f"必须是 0 到 {MOST_MINOR} 个最小货币单位"
            ),
        ),
        (
            price.currency not in EXPONENTS,
            Sentence(
                f"is in a currency that is not known: {price.currency}",
                f"币种不认识：{price.currency}",
            ),
        ),
        (
            len(price.variant) > LONGEST_VARIANT or not price.variant.isprintable(),
            Sentence(
                f"its variant must be one line of at most {LONGEST_VARIANT} characters",
                f"细分必须是一行，最多 {LONGEST_VARIANT} 个字符",
            ),
        ),
        (
            price.kind == "tool_fee" and not price.variant,
            Sentence("needs a variant: which tool it is", "需要写明细分：哪个工具"),
        ),
        (
            price.kind == "tool_fee" and price.valid_from == EVER,
            Sentence("needs the day from which it is paid", "需要写明从哪天起付费"),
        ),
    )
    return next((why for is_so, why in wrong if is_so), None)


def unusable_share(share: GoodsShare) -> Sentence | None:
    """Why it can't be assumed; None: it can."""
    if 0 <= share.basis_points <= WHOLE:
        return None
    return Sentence("A share is between 0 and 1.", "占比必须在 0 到 1 之间。")


def unfit_budget(total: int | None, daily: int | None) -> Sentence | None:
    """What is wrong with what a playbook may cost, in minor units; None: no bound."""
    for amount in (total, daily):
        if amount is not None and not 0 < amount <= MOST_MINOR:
            return Sentence(
                f"A budget has to be more than 0 and at most {MOST_MINOR:,} minor units; "
                "left out, there is no bound.",
                f"预算必须大于 0，至多 {MOST_MINOR:,} 个最小货币单位；不填表示不设上限。",
            )
    if total is not None and daily is not None and daily > total:
        return Sentence(
            "The budget of a day is larger than the budget in all.", "每日预算大于总预算。"
        )
    return None
