"""Friends to be matched: whom nobody knows, who said that they have added us, and which it is."""

from __future__ import annotations

from dataclasses import asdict
from datetime import tzinfo
from typing import Annotated

import typer

from siyu.acquisition import actions
from siyu.api.matches import FRIEND, PREFIX, Claim, number, unmatched
from siyu.api.matches import claims as open_claims
from siyu.cli.customers import SHORT
from siyu.cli.screen import By, Home, Json, answer, local, me, opened, say, spoken, table, told
from siyu.kernel.sentence import Sentence
from siyu.staff.model import Scope

app = typer.Typer(no_args_is_help=True)
Id = Annotated[str, typer.Argument(help="The claim, mat_…, as `siyu match list` shows it.")]
After = Annotated[str, typer.Option(help="Go on after this: the `next` of the page before.")]
Most = Annotated[int, typer.Option(min=1, max=1000, help="At most so many.")]


@app.command("list")
def claims(after: After = "", limit: Most = 50, home: Home = None, json: Json = False) -> None:
    """Who said that they have added us, each with the friends who may be meant."""
    with spoken(json=json), opened(home) as siyu:
        found = open_claims(siyu, Scope(), after, limit)
        answer(asdict(found), json=json, show=lambda _: _draw(found.claims, local(siyu)))


@app.command("friends")
def friends(after: After = "", limit: Most = 200, home: Home = None, json: Json = False) -> None:
    """Friends of whom nobody knows which buyer they are."""
    with spoken(json=json), opened(home) as siyu:
        found = unmatched(siyu, after, limit)
        rows = [
            (one.added_at, one.friend, one.customer, one.source, one.how) for one in found.friends
        ]
        heads = ["added", "friend", "customer", "source", "how"]
        answer(asdict(found), json=json, show=lambda _: table("Friends", heads, rows, local(siyu)))


@app.command("confirm")
def confirm(
    claim: Id,
    friend: Annotated[str, typer.Argument(help="The friend it is, frd_….")],
    by: By = "",
    home: Home = None,
    json: Json = False,
) -> None:
    """This friend it is: the two become one customer. Somebody must know; audited."""
    with spoken(json=json), opened(home) as siyu:
        one, other = number(siyu, PREFIX, claim), number(siyu, FRIEND, friend)
        with siyu.db.transaction() as conn:
            actions.confirm_claim(conn, one, other, me(by), claim, siyu.clock.now())
        told(siyu, {"id": claim, "state": "confirmed"}, json=json)


@app.command("refuse")
def refuse(
    claim: Id,
    reason: Annotated[str, typer.Option(help="Why; goes into the audit log.")] = "",
    by: By = "",
    home: Home = None,
    json: Json = False,
) -> None:
    """It is no friend of ours, or nobody can tell which. Audited."""
    with spoken(json=json), opened(home) as siyu:
        one = number(siyu, PREFIX, claim)
        with siyu.db.transaction() as conn:
            actions.refuse_claim(conn, one, me(by), reason, claim, siyu.clock.now())
        found = {"id": claim, "state": "refused"}
        said = Sentence(f"{claim} is refused.", f"{claim} 已拒绝。")
        answer(found, json=json, show=lambda _: say(said))


def _draw(found: list[Claim], zone: tzinfo) -> None:
    """Lines, not tables: ids are long, and whoever confirms copies them."""
    if not found:
        say(Sentence("Claims: none", "待确认：无"))
    for claim in found:
        at, named = f"{claim.claimed_at.astimezone(zone):{SHORT}}", _named(claim.name_masked)
        say(
            Sentence(
                f"{claim.id}  {named} ({claim.customer}) told {claim.staff} at {at}; may be:",
                f"{claim.id}  {named.zh}（{claim.customer}）{at} 告知 {claim.staff}；可能是：",
            )
        )
        for one in claim.candidates:
            since, named = f"{one.added_at.astimezone(zone):{SHORT}}", _named(one.name_masked)
            say(
                Sentence(
                    f"    {one.friend}  {named} ({one.customer}), {one.staff}'s since {since}",
                    f"    {one.friend}  {named.zh}（{one.customer}），"
                    f"自 {since} 是 {one.staff} 的好友",
                )
            )


def _named(masked: str) -> Sentence:
    return Sentence(masked, masked) if masked else Sentence("somebody", "某位客户")
