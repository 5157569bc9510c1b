"""Who is who: two customers who are one, one who is two, and how it came to be known."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated

import msgspec
import typer

from siyu.analytics.views.history import (
    COUNTED,
    NEW,
    Change,
    Going,
    History,
    would_merge,
    would_split,
)
from siyu.analytics.views.history import history as the_history
from siyu.api.children import child_told
from siyu.api.children import shown as children
from siyu.app import App, catch_up
from siyu.cli.children import family, forget_health, health
from siyu.cli.codes import coded, joined_by
from siyu.cli.codes import listed as in_a_row
from siyu.cli.customers import SHORT, Who, consent, the_one
from siyu.cli.screen import (
    By,
    Home,
    Json,
    answer,
    confirm,
    joined,
    local,
    many,
    me,
    opened,
    say,
    spoken,
    table,
    told,
)
from siyu.customers.actions.children import forget_children, tell_child
from siyu.customers.check import no_health
from siyu.identities import actions
from siyu.kernel.errors import NotFound, Refused
from siyu.kernel.sentence import Sentence

app = typer.Typer(no_args_is_help=True)
app.command("consent")(consent)
app.command("health")(health)
app.command("forget-health")(forget_health)
Why = Annotated[str, typer.Option(help="Why; kept in the history, so without anybody's number.")]
NEW_ONE = Sentence(NEW, "新客户")
Yes = Annotated[bool, typer.Option("--yes", help="Don't ask.")]


@app.command("merge")
def merge(
    one: Who,
    other: Who,
    why: Why = "",
    by: By = "",
    yes: Yes = False,
    home: Home = None,
    json: Json = False,
) -> None:
    """Say that two customers are one. What each room moves is shown first."""
    with spoken(json=json), opened(home) as siyu:
        with siyu.db.transaction() as conn:
            first, second = the_one(siyu, conn, one), the_one(siyu, conn, other)
            goes = would_merge(conn, siyu.ids, first, second)
        _ask(goes, Sentence("Merge them?", "要合并吗？"), json=json, yes=yes)
        with siyu.db.transaction() as conn:
            actions.merge(conn, siyu.ids, first, second, me(by), why, siyu.clock.now())
        told(siyu, {"moved": [asdict(one) for one in goes]}, json=json)


@app.command("split")
def split(
    customer: Who,
    keys: Annotated[
        list[str],
        typer.Option("--keys", help="A key that is somebody else's (key_…); may be given again."),
    ],
    why: Why = "",
    by: By = "",
    yes: Yes = False,
    home: Home = None,
    json: Json = False,
) -> None:
    """Say that some keys of a customer are somebody else's. What would move is shown first."""
    with spoken(json=json), opened(home) as siyu:
        numbers = [_key(siyu, key) for key in keys]
        with siyu.db.transaction() as conn:
            number = the_one(siyu, conn, customer)
            goes = would_split(conn, siyu.ids, number, numbers, siyu.clock.now())
        _ask(goes, Sentence("Split them?", "要拆分吗？"), json=json, yes=yes)
        with siyu.db.transaction() as conn:
            actions.split(conn, siyu.ids, number, numbers, me(by), why, siyu.clock.now())
        told(siyu, {"moved": [asdict(one) for one in goes]}, json=json)


@app.command("history")
def history(customer: Who, home: Home = None, json: Json = False) -> None:
    """Show how a customer's keys were joined. Merges, splits and conflicts, with who and why."""
    with spoken(json=json), opened(home) as siyu:
        with siyu.db.transaction() as conn:
            found = the_history(conn, siyu.keys, siyu.ids, the_one(siyu, conn, customer))
        if found is None:
            raise NotFound(Sentence("There is no such customer.", "没有这位客户。"))
        answer(msgspec.to_builtins(found), json=json, show=lambda _: _draw(siyu, found))


def _key(siyu: App, key: str) -> int:
    number = siyu.ids.decode("key", key)
    if number is None:
        raise NotFound(
            Sentence(
                f"{key} is no key of ours; `siyu customer history` shows them (key_…).",
                f"{key} 不是这里的标识；`siyu customer history` 会列出它们（key_…）。",
            )
        )
    return number


def _ask(goes: list[Going], question: Sentence, *, json: bool, yes: bool) -> None:
    if not json:
        _show(goes)
    if not yes and json:
        raise Refused(
            Sentence(
                "With --json nobody can be asked: add --yes.",
                "使用 --json 时无法询问：请加 --yes。",
            )
        )
    if not yes:
        confirm(question)


def _show(goes: list[Going]) -> None:
    table(
        "What moves",
        ["from", "to", "keys", *(coded("counted", one) for one in COUNTED)],
        [
            (
                one.customer,
                NEW_ONE if one.to == NEW else one.to,
                len(one.keys),
                *(one.counts[name] for name in COUNTED),
            )
            for one in goes
        ],
    )


def _draw(siyu: App, found: History) -> None:
    """Lines, not tables: ids are long, and whoever splits copies them."""
    zone = local(siyu)
    say(Sentence(f"{found.customer}  (times: {zone})", f"{found.customer}（时间：{zone}）"))
    for one in found.keys:
        was = Sentence(f", was {one.was}", f"，原为 {one.was}") if one.was else Sentence("", "")
        since, how = f"{one.since.astimezone(zone):{SHORT}}", joined_by(one.how)
        kind = coded("key", one.kind)
        say(
            Sentence(
                f"{one.key}  {kind} {one.masked}  since {since}: {how}{was}",
                f"{one.key}  {kind.zh} {one.masked}  自 {since}：{how.zh}{was.zh}",
            )
        )
    for change in found.changes:
        say(_changed(change, f"{change.at.astimezone(zone):{SHORT}}"))
    for conflict in found.conflicts:
        at, keys = f"{conflict.at.astimezone(zone):{SHORT}}", [conflict.about, *conflict.others]
        event, named, about = joined_by(conflict.event), in_a_row(keys), conflict.about
        say(
            Sentence(
                f"{at}  conflict: {event} names keys of {named}; it is about {about}",
                f"{at}  冲突：{event.zh} 带有 {named.zh} 的标识；按 {about} 处理",
            )
        )


def _changed(change: Change, at: str) -> Sentence:
    keys = many(len(change.keys), "key", "个标识")
    event, what = joined_by(change.event), coded("change", change.what)
    parts = (
        Sentence(
            f"{at}  {what}: {change.customer} → {change.to}",
            f"{at}  {what.zh}：{change.customer} → {change.to}",
        ),
        bool(change.keys) and Sentence(f" with {keys}", f"，带 {keys.zh}"),
        Sentence(f", {event}", f"，{event.zh}"),
        change.by and Sentence(f", by {change.by}", f"，操作人 {change.by}"),
        change.why and Sentence(f": {change.why}", f"：{change.why}"),
        change.undone and Sentence(", undone since", "，之后已撤销"),
    )
    return joined((one for one in parts if one), "")


@app.command("child")
def child(
    customer: Who,
    month: Annotated[str, typer.Argument(help="Month of birth, like 2025-03; never a day.")] = "",
    number: Annotated[int, typer.Option(min=1, max=9, help="The first, the second …")] = 1,
    evidence: Annotated[
        str, typer.Option(help="Where the parent's own consent can be seen; the first time.")
    ] = "",
    *,
    health: Annotated[
        str, typer.Option(help="Refused: `siyu customer health` keeps notes, by another consent.")
    ] = "",
    by: By = "",
    home: Home = None,
    json: Json = False,
) -> None:
    """A customer's children: show, or tell the month of birth. Nothing is kept without the parent's
    own consent."""
    with spoken(json=json), opened(home) as siyu:
        no_health(health)
        with siyu.db.transaction() as conn:
            who, now = the_one(siyu, conn, customer), siyu.clock.now()
            if month:
                said = child_told(siyu, number, month, evidence)
                tell_child(conn, siyu.ids, who, said, me(by), now)
            found = children(siyu, conn, who)
        catch_up(siyu)
        answer(found, json=json, show=lambda _: family(siyu, found))


@app.command("forget-children")
def forget(customer: Who, by: By = "", home: Home = None, json: Json = False) -> None:
    """The parent takes the consent back: all that was kept of children is deleted, notes on health
    with it. Audited."""
    with spoken(json=json), opened(home) as siyu:
        with siyu.db.transaction() as conn:
            who = the_one(siyu, conn, customer)
            forget_children(conn, siyu.ids, who, me(by), siyu.clock.now())
            found = children(siyu, conn, who)
        catch_up(siyu)
        answer(found, json=json, show=lambda _: family(siyu, found))
