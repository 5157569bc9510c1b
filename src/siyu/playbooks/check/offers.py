"""What each kind of offer needs and can't have; terms from texts."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from siyu.kernel.money import to_minor
from siyu.kernel.sentence import Sentence
from siyu.kernel.time import duration
from siyu.offers.model import Amount, Draw, Kind, Prize, Terms
from siyu.playbooks.model import DrawText, OfferText

LEAST_YUAN, MOST_YUAN = 100, 9900  # of a red packet, in fen


class _Form(NamedTuple):
    """Fields that a kind must have (of several joined by | exactly one), and those it may have."""

    needs: tuple[str, ...]
    may: frozenset[str] = frozenset()


_BOUNDS = "pieces|stores"
FORMS: Mapping[Kind, _Form] = {
    "gift": _Form(("sku",), frozenset({"substitute", "pieces", "stores", "price"})),
    "sample": _Form(("sku", _BOUNDS)),
    "coupon": _Form(("codes",), frozenset({"pieces"})),
    "red_packet": _Form(("draw", "budget"), frozenset({"pieces", "seed"})),
    "blind_box": _Form(("prizes",), frozenset({"price", "seed"})),
    "presale": _Form(("price", _BOUNDS), frozenset({"sku"})),
    "exchange": _Form(("sku", _BOUNDS), frozenset({"price"})),
}
_FIELDS = (
    "sku", "substitute", "pieces", "stores", "price", "codes", "budget", "draw", "prizes", "seed",
)  # fmt: skip
Wrong = tuple[str, Sentence]  # where, and why


def wrong(offers: Sequence[OfferText]) -> Iterator[Wrong]:
    """Everything that is wrong with these, each with its place in the manifest."""
    seen: set[str] = set()
    for number, one in enumerate(offers):
        place = f"offers[{number}]"
        if one.code in seen:
            yield (
                f"{place}.code",
                Sentence(f"`{one.code}` is another offer", f"`{one.code}` 已是另一个权益"),
            )
        seen.add(one.code)
        for field, why in _of(one):
            yield f"{place}.{field}", why


def _of(one: OfferText) -> Iterator[Wrong]:
    yield from _fields(one)
    yield from _durations(one)
    yield from _amounts(one)
    if one.kind == "coupon" and one.codes is not None:
        yield from _codes(one)
    if one.draw is not None:
        yield from _draw(one, one.draw)
    skus = [prize.sku for prize in one.prizes]
    for twice in sorted({sku for sku in skus if skus.count(sku) > 1}):
        yield "prizes", Sentence(f"{twice} stands here twice", f"{twice} 写了两次")


def _fields(one: OfferText) -> Iterator[Wrong]:
    needs, may = FORMS[one.kind]
    for need in needs:
        names = need.split("|")
        if sum(bool(getattr(one, name)) for name in names) != 1:
            quoted = [f"`{name}`" for name in names]
            either = Sentence(" or ".join(quoted), " 或 ".join(quoted))
            yield (
                names[0],
                Sentence(f"a {one.kind} needs {either}", f"{one.kind} 需要写 {either.zh}"),
            )
    known = may.union(*(need.split("|") for need in needs))
    may_have = ", ".join(sorted(known))
    for name in _FIELDS:
        if getattr(one, name) and name not in known:
            yield (
                name,
                Sentence(
                    f"a {one.kind} has no `{name}`; it has {may_have}",
                    f"{one.kind} 没有 `{name}`；可以写 {may_have}",
                ),
            )


def _codes(one: OfferText) -> Iterator[Wrong]:
    if one.codes == "generated" and one.pieces is None:
        yield (
            "pieces",
            Sentence("say how many codes may be made", "请写明最多生成多少个券码"),
        )
    if one.codes == "pool" and one.pieces is not None:
        yield (
            "pieces",
            Sentence(
                "of a pool there are as many as codes are brought in; leave it out",
                "券码池的数量就是导入的券码数；请删掉这一项",
            ),
        )


def _durations(one: OfferText) -> Iterator[Wrong]:
    for name, text in (("hold", one.hold), ("valid", one.valid)):
        try:
            span = duration(text)
        except ValueError as error:
            yield name, _said(error)
        else:
            if not span:
                yield name, Sentence("must be longer than nothing", "必须大于零")


def _amounts(one: OfferText) -> Iterator[Wrong]:
    draw = one.draw or DrawText()
    money = {"value": one.value, "price": one.price, "budget": one.budget}
    money |= {"draw.least": draw.least, "draw.most": draw.most}
    money |= {f"draw.amounts[{n}].amount": of.amount for n, of in enumerate(draw.amounts)}
    for name, amounts in money.items():
        for currency, text in amounts.items():
            try:
                minor = to_minor(text, currency)
            except ValueError as error:
                yield f"{name}.{currency}", _said(error)
            else:
                if minor < 0:
                    yield f"{name}.{currency}", Sentence("is below nothing", "不能小于零")
        if amounts and amounts.keys() != one.value.keys():
            said = ", ".join(sorted(one.value))
            yield (
                name,
                Sentence(
                    f"say it in the currencies of `value`: {said}", f"请用 `value` 的币种写：{said}"
                ),
            )


def _draw(one: OfferText, draw: DrawText) -> Iterator[Wrong]:
    if bool(draw.amounts) == bool(draw.least or draw.most) or bool(draw.least) != bool(draw.most):
        yield (
            "draw",
            Sentence(
                "write `amounts`, or both `least` and `most`",
                "请写 `amounts`，或同时写 `least` 和 `most`",
            ),
        )
        return
    for currency in sorted(one.value):
        try:
            found = _drawn(one, draw, currency)
            budget = to_minor(one.budget.get(currency, "0"), currency)
        except (ValueError, KeyError):
            return  # said already
        yield from _range(found, currency)
        if budget < found.least:
            yield (
                f"budget.{currency}",
                Sentence("is less than the smallest red packet", "少于最小的一个红包"),
            )


def _range(draw: Draw, currency: str) -> Iterator[Wrong]:
    most = max((one.minor for one in draw.amounts), default=draw.most_minor)
    if draw.least <= 0:
        yield "draw", Sentence("a red packet is never blank", "红包不能是空的")
    elif currency == "CNY" and not LEAST_YUAN <= draw.least <= most <= MOST_YUAN:
        yield "draw", Sentence("a red packet holds ¥1 to ¥99", "红包金额为 ¥1 到 ¥99")
    if not draw.amounts and not draw.least_minor < draw.mean_minor < draw.most_minor:
        yield (
            "value",
            Sentence(
                f"is the mean of the red packets: between `least` and `most` in {currency}",
                f"是红包的平均金额：{currency} 应在 `least` 和 `most` 之间",
            ),
        )


def _drawn(one: OfferText, draw: DrawText, currency: str) -> Draw:
    if draw.amounts:
        of = [
            Amount(to_minor(amount.amount[currency], currency), amount.odds)
            for amount in draw.amounts
        ]
        return Draw(tuple(of))
    least, most, mean = draw.least[currency], draw.most[currency], one.value[currency]
    return Draw((), to_minor(least, currency), to_minor(most, currency), to_minor(mean, currency))


def terms(one: OfferText, currency: str) -> Terms:
    """The terms of an offer for a brand whose books are kept in this currency."""
    return Terms(
        per_customer=one.per_customer,
        hold_seconds=int(duration(one.hold).total_seconds()),
        valid_seconds=int(duration(one.valid).total_seconds()),
        pieces=one.pieces,
        stores={str(store): many for store, many in one.stores.items()},
        price_minor=to_minor(one.price[currency], currency) if one.price else 0,
        codes=one.codes or "",
        budget_minor=to_minor(one.budget[currency], currency) if one.budget else None,
        draw=None if one.draw is None else _drawn(one, one.draw, currency),
        prizes=tuple(Prize(prize.sku, prize.pieces, prize.odds) for prize in one.prizes),
        seed=one.seed,
    )


def _said(error: ValueError) -> Sentence:
    said = error.args[0]
    return said if isinstance(said, Sentence) else Sentence(str(said), str(said))
