"""`siyu ledger`: whether every cost and every order is in the ledger, once."""

from __future__ import annotations

from collections import Counter
from typing import Annotated, Any

import typer

from siyu.analytics.views.proof import Difference, differences
from siyu.cli.codes import listed
from siyu.cli.screen import Home, Json, answer, many, opened, say, spoken, table
from siyu.kernel.money import show as money
from siyu.kernel.sentence import Sentence

app = typer.Typer(no_args_is_help=True)


@app.callback()
def ledger() -> None:
    """Costs and margins."""


@app.command("check")
def check(
    limit: Annotated[int, typer.Option(min=1, help="Show at most so many differences.")] = 50,
    home: Home = None,
    json: Json = False,
) -> None:
    """Prove that the ledger agrees with what was sent, called, worked, packed and sold. Every
    difference is named in words by its cause, with both amounts and what to do about it; then the
    exit code is 1."""
    with spoken(json=json), opened(home) as siyu:
        with siyu.db.transaction() as conn:
            found = differences(conn)
        counted = Counter(one.what for one in found)
        value = {
            "agrees": not found,
            "differences": len(found),
            "by_kind": dict(counted),
            "first": [_plain(one) for one in found[:limit]],
        }
        answer(value, json=json, show=lambda _: _show(found, limit))
    if found:
        raise typer.Exit(1)


def _show(found: list[Difference], limit: int) -> None:
    if not found:
        say(
            Sentence(
                "The ledger agrees with what was sent, called, worked, packed and sold.",
                "账目与发送、通话、工时、装箱、销售一致。",
            )
        )
        return
    heads = ("what differs", "should be", "is", "should cost", "costs")
    rows = [
        (one.says, one.wanted, one.posted, _money(one.wanted_minor, one.currency),
         _money(one.posted_minor, one.currency))
        for one in found[:limit]
    ]  # fmt: skip
    table(many(len(found), "difference", "处差异"), heads, rows)
    if len(found) > limit:
        say(Sentence(f"These are the first {limit}.", f"这是前 {limit} 处。"))
    todos: dict[Sentence, dict[Sentence, None]] = {}
    for one in found[:limit]:
        about = Sentence(one.says.partition(":")[0], one.says.zh.partition("：")[0])
        todos.setdefault(one.todo, {})[about] = None
    for todo, some in todos.items():
        about = listed(some)
        say(Sentence(f"{about}: {todo}", f"{about.zh}：{todo.zh}"))


def _plain(one: Difference) -> dict[str, Any]:
    return one._asdict() | {
        "says": {"en": one.says, "zh": one.says.zh}, "todo": {"en": one.todo, "zh": one.todo.zh}
    }  # fmt: skip


def _money(minor: int | None, currency: str) -> str | None:
    return None if minor is None or not currency else money(minor, currency)
