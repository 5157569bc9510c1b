"""Notes on children's health: that there are some, write one, show one, delete them."""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from siyu.api.children import TheChildren, health_note
from siyu.api.children import shown as children
from siyu.app import App
from siyu.cli.customers import Who, the_one
from siyu.cli.screen import (
    By,
    Home,
    Json,
    answer,
    confirm,
    joined,
    local,
    me,
    opened,
    say,
    spoken,
    tongue,
)
from siyu.customers.actions.children import Reading, note_health, show_health
from siyu.customers.actions.children import forget_health as forget
from siyu.kernel.errors import BadInput, Refused
from siyu.kernel.sentence import Sentence, within

Number = Annotated[int, typer.Option(min=1, max=9, help="The first child, the second …")]


def health(
    customer: Who,
    number: Number = 1,
    *,
    write: Annotated[
        bool, typer.Option("--write", help="Keep a note: asked for, or read from standard input.")
    ] = False,
    evidence: Annotated[
        str,
        typer.Option(help="Where the parent's separate consent to it can be seen; the first time."),
    ] = "",
    reveal: Annotated[
        bool, typer.Option("--reveal", help="Show the note in clear; audited, with --reason.")
    ] = False,
    reason: Annotated[str, typer.Option(help="Why it is shown.")] = "",
    by: By = "",
    home: Home = None,
    json: Json = False,
) -> None:
    """Notes on the health of a customer's children: that there are some, and until when. A note
    needs the parent's separate consent, is sealed, and is deleted by itself."""
    with spoken(json=json), opened(home) as siyu:
        if write and reveal:
            raise Refused(
                Sentence(
                    "A note is written or shown: give --write or --reveal, not both.",
                    "备注只能写入或查看：--write 与 --reveal 不能同时使用。",
                )
            )
        text = _typed(number) if write else ""
        with siyu.db.transaction() as conn:
            who, now = the_one(siyu, conn, customer), siyu.clock.now()
            if write:
                said = health_note(siyu, number, text, evidence)
                note_health(conn, siyu.keys, siyu.ids, who, said, me(by), now)
            elif reveal:
                asked = Reading(number, me(by), reason)
                text = show_health(conn, siyu.keys, siyu.ids, who, asked, now)
            found = children(siyu, conn, who)
        if reveal and not write:
            answer({"child": number, "note": text}, json=json, show=lambda _: say(text))
        else:
            answer(found, json=json, show=lambda _: family(siyu, found))


def forget_health(
    customer: Who,
    number: Annotated[
        int | None, typer.Option(min=1, max=9, help="Only the note on this child; consent stands.")
    ] = None,
    yes: Annotated[bool, typer.Option("--yes", help="Don't ask.")] = False,
    by: By = "",
    home: Home = None,
    json: Json = False,
) -> None:
    """The parent takes back the consent to notes on health: all of them are deleted, the months of
    birth stay. Audited."""
    with spoken(json=json), opened(home) as siyu:
        if json and not yes:
            raise Refused(
                Sentence(
                    "With --json nobody can be asked: add --yes.",
                    "使用 --json 时无法询问：请加 --yes。",
                )
            )
        if not yes:
            confirm(Sentence("Delete? It can't be had again.", "删除吗？删除后无法找回。"))
        with siyu.db.transaction() as conn:
            who = the_one(siyu, conn, customer)
            forget(conn, siyu.ids, who, number, me(by), siyu.clock.now())
            found = children(siyu, conn, who)
        answer(found, json=json, show=lambda _: family(siyu, found))


def family(siyu: App, found: TheChildren) -> None:
    """What is kept of children, line by line."""
    if not found.children:
        say(Sentence("Nothing is kept of children.", "没有保存孩子的信息。"))
    for one in found.children:
        until = one.health_until
        day = f"{until.astimezone(local(siyu)):%Y-%m-%d}" if until else ""
        note = day and Sentence(
            f", a note on health, deleted on {day}", f"，有健康备注，{day} 删除"
        )
        born = Sentence(f"child {one.child}: {one.month}", f"孩子 {one.child}：{one.month}")
        say(joined([born, note] if note else [born], ""))


def _typed(child: int) -> str:
    """Never an argument: those stay in the shell's history, and every process sees them."""
    if sys.stdin.isatty():
        asked = Sentence(f"The note on child {child}", f"孩子 {child} 的健康备注")
        return typer.prompt(within(tongue(), asked), err=True)
    value = sys.stdin.readline().strip()
    if not value:
        raise BadInput(Sentence("Write the note on standard input.", "请从标准输入写入备注。"))
    return value
