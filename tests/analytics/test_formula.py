"""An incentive formula of a brand's own: arithmetic, exact, and nothing else."""

from __future__ import annotations

from fractions import Fraction

import pytest

from siyu.analytics.decide.incentive import parse, worked_out


@pytest.mark.parametrize(
    "formula",
    [
        "__import__('os')", "net.real", "net ** 9", "[net]", "net if 1 else 0", "wages", "max(net)",
        "max(net, key=net)", "(lambda: net)", "True", "'x'", "1e999", "(" * 400, "+" * 300 + "1",
        "net;" * 30, "net" + " + net" * 200, "net :=", "f(net, net)", "1j", "net @ net", "net < 1",
    ],
)  # fmt: skip
def test_a_formula_is_arithmetic_and_nothing_else(formula: str) -> None:
    with pytest.raises(ValueError, match="formula") as refused:
        parse(formula, {"net": 0})
    assert "公式" in refused.value.args[0].zh


def test_a_formula_is_exact_and_rounds_once() -> None:
    def pays(formula: str) -> int | None:
        (part,) = worked_out(parse(formula, {"net": 0}), {"net": Fraction(1)})
        return part.minor(2)

    assert [pays("0.1 + 0.2 - 0.3"), pays("net / 3 * 3"), pays("0.125"), pays("-0.125")] == [
        0, 100, 13, -13,
    ]  # fmt: skip
    assert pays("net / (net - 1)") is None
    assert pays("min(net, 5, -2) * 2") == -400
