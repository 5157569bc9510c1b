"""An incentive formula of a brand's own: sums over named metrics, line by line. Pure.

Nothing is run: a line is read as a tree, each node of which must be one of a few kinds of
arithmetic, and is worked out exactly, in fractions.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Mapping
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction
from typing import NamedTuple

from siyu.kernel.sentence import Sentence

LONGEST, MOST_LINES, MOST_NODES = 1_000, 20, 100
_LINE = re.compile(r"\s*(?:([^\W\d][\w ]*?)\s*[:=：]\s*)?(\S.*?)\s*")
_TWO: Mapping[type[ast.operator], tuple[str, Callable[[Fraction, Fraction], Fraction]]] = {
    ast.Add: ("+", lambda one, other: one + other),
    ast.Sub: ("-", lambda one, other: one - other),
    ast.Mult: ("*", lambda one, other: one * other),
    ast.Div: ("/", lambda one, other: one / other),
}
_ONE: Mapping[type[ast.unaryop], tuple[str, Callable[[Fraction], Fraction]]] = {
    ast.UAdd: ("+", lambda one: one),
    ast.USub: ("-", lambda one: -one),
}
_MANY: Mapping[str, Callable[..., Fraction]] = {"min": min, "max": max}

_LIKE = Sentence("write it like 0.02 * net", "请写成 0.02 * net 这样")
_ONLY = Sentence(
    "only numbers, metrics, + - * /, min(…) and max(…) can be in it",
    "只能用数字、指标、+ - * /、min(…)、max(…)",
)


class Line(NamedTuple):
    """A line as it was written, and what it says."""

    name: str
    text: str
    tree: ast.expr


class Part(NamedTuple):
    """What a line came to, with its numbers in place of their names; None: it can't be said, since
    a metric of it isn't known or it divides by nothing."""

    name: str
    text: str
    shown: str
    value: Fraction | None

    def minor(self, places: int) -> int | None:
        """In minor units, rounded half away from nothing, once."""
        if self.value is None:
            return None
        whole = self.value * 10**places
        exact = Decimal(whole.numerator) / Decimal(whole.denominator)
        return int(exact.to_integral_value(rounding=ROUND_HALF_UP))


def parse(formula: str, known: Mapping[str, object]) -> tuple[Line, ...]:
    """The lines of a formula, parted by `;` or by line; ValueError says what is not understood.

    >>> [(one.name, one.text) for one in parse("sales: 0.02 * net; 5 * added", {"net", "added"})]
    [('sales', '0.02 * net'), ('2', '5 * added')]
    """
    parts = [one for one in re.split(r"[;\n；]", formula) if one.strip()]
    if len(formula) > LONGEST or len(parts) > MOST_LINES:
        raise ValueError(
            Sentence(
                f"a formula has at most {MOST_LINES} lines and {LONGEST} characters",
                f"公式最多 {MOST_LINES} 行、{LONGEST} 个字符",
            )
        )
    return tuple(_line(place, one, known) for place, one in enumerate(parts, start=1))


def worked_out(lines: tuple[Line, ...], metrics: Mapping[str, Fraction | None]) -> list[Part]:
    """Each line for somebody with these metrics."""
    return [_part(one, metrics) for one in lines]


def _line(place: int, text: str, known: Mapping[str, object]) -> Line:
    found = _LINE.fullmatch(text)
    name, said = (found[1] or str(place), found[2]) if found else (str(place), text.strip())
    try:
        tree = ast.parse(said, mode="eval").body
    except (SyntaxError, ValueError, MemoryError, RecursionError):
        raise _wrong(text, _LIKE) from None
    if sum(1 for _ in ast.walk(tree)) > MOST_NODES:
        raise _wrong(text, Sentence("it is too long", "太长了"))
    _check(text, tree, known)
    return Line(name, said, tree)


def _check(text: str, tree: ast.expr, known: Mapping[str, object]) -> None:
    match tree:
        case ast.BinOp(left, op, right) if type(op) in _TWO:
            _check(text, left, known)
            _check(text, right, known)
        case ast.UnaryOp(op, operand) if type(op) in _ONE:
            _check(text, operand, known)
        case ast.Call(ast.Name(name), arguments, []) if name in _MANY and len(arguments) > 1:
            for one in arguments:
                _check(text, one, known)
        case ast.Name(name):
            if name not in known:
                names = ", ".join(sorted(known))
                raise _wrong(
                    text,
                    Sentence(
                        f"{name!r} is no metric; there are {names}",
                        f"没有指标 {name!r}；可用的有 {names}",
                    ),
                )
        case ast.Constant(int() | float() as number) if _plain(number):
            pass
        case _:
            raise _wrong(text, _ONLY)


def _plain(number: float) -> bool:
    return not isinstance(number, bool) and abs(number) < 1e12


def _wrong(text: str, why: Sentence) -> ValueError:
    line = text.strip()
    return ValueError(
        Sentence(f"formula {line!r} is not understood: {why}", f"公式 {line!r} 看不懂：{why.zh}")
    )


def _part(line: Line, metrics: Mapping[str, Fraction | None]) -> Part:
    try:
        value = _value(line.tree, metrics)
    except ZeroDivisionError:
        value = None
    return Part(line.name, line.text, _shown(line.tree, metrics), value)


def _value(tree: ast.expr, metrics: Mapping[str, Fraction | None]) -> Fraction | None:
    match tree:
        case ast.BinOp(left, op, right):
            one, other = _value(left, metrics), _value(right, metrics)
            return None if one is None or other is None else _TWO[type(op)][1](one, other)
        case ast.UnaryOp(op, operand):
            one = _value(operand, metrics)
            return None if one is None else _ONE[type(op)][1](one)
        case ast.Call(ast.Name(name), arguments):
            values = [_value(one, metrics) for one in arguments]
            return None if None in values else _MANY[name](*values)
        case ast.Name(name):
            return metrics[name]
        case ast.Constant(int() | float() as number):
            return Fraction(repr(number))
        case _:
            raise AssertionError(tree)  # `parse` lets nothing else through


def _shown(tree: ast.expr, metrics: Mapping[str, Fraction | None]) -> str:
    match tree:
        case ast.BinOp(left, op, right):
            return f"{_inner(left, metrics)} {_TWO[type(op)][0]} {_inner(right, metrics)}"
        case ast.UnaryOp(op, operand):
            return f"{_ONE[type(op)][0]}{_inner(operand, metrics)}"
        case ast.Call(ast.Name(name), arguments):
            return f"{name}({', '.join(_shown(one, metrics) for one in arguments)})"
        case ast.Name(name):
            return number(metrics[name])
        case ast.Constant(value):
            return str(value)
        case _:
            raise AssertionError(tree)


def _inner(tree: ast.expr, metrics: Mapping[str, Fraction | None]) -> str:
    shown = _shown(tree, metrics)
    return f"({shown})" if isinstance(tree, ast.BinOp) else shown


def number(value: Fraction | None) -> str:
    """As people check it: `?` is not known.

    >>> number(Fraction(2469, 2)), number(Fraction(1, 3)), number(Fraction(4)), number(None)
    ('1234.5', '0.3333', '4', '?')
    """
    if value is None:
        return "?"
    return f"{float(value):.4f}".rstrip("0").rstrip(".")
