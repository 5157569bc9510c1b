"""Members of the carrier who may be taken in as staff, and staff who left there."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated, Any

import typer

from siyu.api.colleagues import TakenIn, listed, taken
from siyu.cli.codes import coded, yes
from siyu.cli.codes import listed as in_a_row
from siyu.cli.handovers import app
from siyu.cli.screen import By, Home, Json, answer, local, me, opened, say, spoken, table
from siyu.kernel.errors import BadInput
from siyu.kernel.sentence import Sentence

ROLES = ("guide", "operator")


@app.command("colleagues")
def colleagues(home: Home = None, json: Json = False) -> None:
    """Members of WeCom who are no staff yet, and staff who left the company."""
    with spoken(json=json), opened(home) as siyu:
        found = listed(siyu)

        def show(_: object) -> None:
            rows = [
                [one.code, one.name, in_a_row(one.departments), yes(one.contact)]
                for one in found.offered
            ]
            table("To be taken in", ["code", "name", "departments", "contact"], rows, local(siyu))
            if found.more:
                more = f"{found.more:,}"
                say(Sentence(f"{more} more are not shown.", f"还有 {more} 人没有显示。"))
            gone = [
                [one.code, one.name, coded("colleague", one.state),
                 f"siyu staff handover {one.code} TO --left" if one.state == "left" else ""]
                for one in found.gone
            ]  # fmt: skip
            table("Listed no more", ["code", "name", "state", "next"], gone, local(siyu))

        answer(asdict(found), json=json, show=show)


@app.command("take")
def take(
    code: Annotated[str, typer.Argument(help="Whom: as `siyu staff colleagues` lists them.")],
    *,
    role: Annotated[str, typer.Option(help=f"One of {', '.join(ROLES)}.")] = "guide",
    store: Annotated[str, typer.Option(help="Their store's code; none: head office.")] = "",
    name: Annotated[str, typer.Option(help="Only where WeCom does not show one.")] = "",
    by: By = "",
    home: Home = None,
    json: Json = False,
) -> None:
    """Take a member of WeCom in as staff; the name is kept as it is there."""
    with spoken(json=json), opened(home, brings=True) as siyu:
        role_of: Any = role
        if role not in ROLES:
            raise BadInput(
                Sentence(
                    f"{role!r} is none of {', '.join(ROLES)}; `siyu staff add` has others.",
                    f"{role!r} 不是 {', '.join(ROLES)} 之一；其他角色用 `siyu staff add`。",
                )
            )
        found = taken(siyu, code, TakenIn(role_of, store or None, name), me(by))
        word = coded("role", role)
        said = Sentence(f"{code} is a {word}.", f"{code} 的角色：{word.zh}。")
        answer(asdict(found), json=json, show=lambda _: say(said))
