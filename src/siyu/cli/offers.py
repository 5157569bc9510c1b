"""`siyu offers`: what can be given, what is left of it, what is owed, and the codes of coupons."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from siyu.api.allotments import COLUMNS, NEEDED, Part, brought_in, found, listed
from siyu.cli.codes import coded
from siyu.cli.rows import set_aside, tell
from siyu.cli.screen import (
    By,
    Home,
    Json,
    answer,
    joined,
    many,
    me,
    opened,
    say,
    spoken,
    table,
    tongue,
)
from siyu.kernel.errors import NotFound
from siyu.kernel.money import show as money
from siyu.kernel.money import to_minor
from siyu.kernel.sentence import Sentence
from siyu.offers.actions.allotments import change
from siyu.offers.model import Allotment

app = typer.Typer(no_args_is_help=True)
codes = typer.Typer(no_args_is_help=True)
app.add_typer(codes, name="codes", help="Codes of coupons: import.")
LEFT = Sentence("left", "剩余")
Code = Annotated[str, typer.Argument(help="The offer.")]


@app.command("list")
def listing(home: Home = None, json: Json = False) -> None:
    """Every offer: what is left, what is held and committed, and what the open ones will cost."""
    with spoken(json=json), opened(home) as siyu, siyu.db.transaction() as conn:
        offers = listed(conn, siyu.brand.currency, siyu.clock.now())
    heads = (
        "code",
        "kind",
        LEFT,
        "held",
        "committed",
        "promised",
        "owed",
        "liability",
        "unpriced",
    )
    rows = [
        (
            one.code, coded("offer_kind", one.kind),
            joined((_left(part, one.currency) for part in one.allotted), " + "),
            one.held, one.committed, one.promised, one.claimable,
            money(one.liability_minor, one.currency), one.unpriced,
        )
        for one in offers
    ]  # fmt: skip
    answer(
        {"offers": [asdict(one) for one in offers]},
        json=json,
        show=lambda _: table("Offers", heads, rows),
    )


def _left(part: Part, currency: str) -> Sentence:
    said: list[str] = []
    if part.pieces is not None:
        rest = part.pieces - part.taken
        said.append(Sentence(f"{rest:,} of {part.pieces:,}", f"{rest:,} / {part.pieces:,}"))
    if part.budget_minor is not None:
        rest = money(part.budget_minor - part.spent_minor, currency)
        whole = money(part.budget_minor, currency)
        said.append(Sentence(f"{rest} of {whole}", f"{rest} / {whole}"))
    listed = joined(said)
    return joined([part.part, listed], " ") if part.part else listed


@app.command("show")
def show(code: Code, home: Home = None, json: Json = False) -> None:
    """One offer with its terms."""
    with spoken(json=json), opened(home) as siyu, siyu.db.transaction() as conn:
        one = found(conn, code, siyu.brand.currency, siyu.clock.now())
    facts = asdict(one)

    def told(_: object) -> None:
        rows = [
            *((name, value) for name, value in facts.items() if name not in ("terms", "allotted")),
            *((LEFT, _left(part, one.currency)) for part in one.allotted),
            *((f"terms.{name}", value) for name, value in one.terms.items() if value),
        ]
        table(code, ("", ""), rows)

    answer(facts, json=json, show=told)


@app.command("stock")
def stock(
    code: Code,
    pieces: Annotated[
        int | None, typer.Option(min=0, help="So many in all, those that are taken included.")
    ] = None,
    budget: Annotated[str, typer.Option(help="So much money in all, of red packets: 5000.00")] = "",
    part: Annotated[str, typer.Option(help="Of this store or prize; left out: the whole.")] = "",
    *,
    reason: Annotated[str, typer.Option(help="Why; goes into the audit log.")] = "",
    by: By = "",
    home: Home = None,
    json: Json = False,
) -> None:
    """Say how much may be given of an offer; never less than is taken. Audited."""
    with spoken(json=json), opened(home) as siyu, siyu.db.transaction() as conn:
        currency, now = siyu.brand.currency, siyu.clock.now()
        before = found(conn, code, currency, now)
        was = next((one for one in before.allotted if one.part == part), None)
        if was is None:
            raise NotFound(
                Sentence(f"{code} has no allotment {part!r}.", f"{code} 没有配额 {part!r}。")
            )
        there = Allotment(code, *(was.part, was.pieces, was.taken, was.budget_minor))
        new = there._replace(
            pieces=there.pieces if pieces is None else pieces,
            budget_minor=to_minor(budget, currency) if budget else there.budget_minor,
        )
        change(conn, new, there, me(by), reason, now)
        after = found(conn, code, currency, now)
    left = joined((_left(one, after.currency) for one in after.allotted), " + ")
    said = Sentence(f"{code}: {left} left.", f"{code}：剩余 {left.zh}。")
    answer(asdict(after), json=json, show=lambda _: say(said))


@codes.command("import")
def codes_import(
    code: Code,
    file: Annotated[Path, typer.Argument(help="CSV or Excel with a column `code`.")],
    by: By = "",
    home: Home = None,
    json: Json = False,
) -> None:
    """Bring codes into a coupon's pool. Rows that can't be used are named, and go to
    FILE.rejects.csv; the rest is kept. Audited, without the codes."""
    with spoken(json=json), opened(home) as siyu:
        taken = brought_in(siyu, file, code, me(by), tongue())
    aside = set_aside(file, COLUMNS, NEEDED, taken.refused)

    def told(_: object) -> None:
        new = many(taken.new, "new code", "个新券码")
        say(
            Sentence(
                f"{new} in the pool; {taken.known:,} were there before.",
                f"{new.zh}已入库；{taken.known:,} 个原已存在。",
            )
        )
        tell(taken.refused, aside)

    answer({"new": taken.new, "known": taken.known, **aside}, json=json, show=told)
