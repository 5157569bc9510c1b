"""Who works here, when and how much; leaves."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from dataclasses import asdict
from typing import Annotated, Any

import typer

from siyu.api.handovers import FriendsGiven, noted, shown, stays_with, stopped
from siyu.api.staff import listed
from siyu.api.team import paid
from siyu.api.worked import MOST_DAYS, counted
from siyu.app import App, Giving
from siyu.cli.screen import (
    By,
    Home,
    Json,
    answer,
    local,
    many,
    me,
    moment,
    one_day,
    opened,
    say,
    spoken,
    table,
)
from siyu.kernel.errors import BadInput
from siyu.kernel.money import show as money
from siyu.kernel.sentence import Sentence, wording
from siyu.outbox.actions import trial
from siyu.outbox.views import staff_masked
from siyu.staff import actions
from siyu.staff.model import ROLES, Member, Off, Scope, Store
from siyu.staff.model import week as read_week
from siyu.tasks.actions import team as tasks

app = typer.Typer(no_args_is_help=True)
Code = Annotated[str, typer.Argument(help="Whose: the account on the carrier.")]
Whose = Annotated[str, typer.Argument(help="Whose; '*': all who have nothing of their own.")]


@app.command("list")
def listing(home: Home = None, json: Json = False) -> None:
    """Everybody: role, store, hours, capacity, whether at work, and today's load."""
    with spoken(json=json), opened(home) as siyu:
        found = listed(siyu)

        def show(_: object) -> None:
            heads = [
                "code", "name", "role", "store", "at work", "open", "overdue", "a day at most",
                "phone",
            ]  # fmt: skip
            rows = [
                [one.code, one.name, one.role if one.active else f"{one.role}, not active",
                 one.store, {True: "yes", False: "no", None: None}[one.at_work], one.open,
                 one.overdue, _limits(one.set.capacity or found.everybody.capacity),
                 one.reached.get("phone")]
                for one in found.staff
            ]  # fmt: skip
            table("Staff", heads, rows, local(siyu))

        answer(asdict(found), json=json, show=show)


def _limits(capacity: dict[str, int]) -> str:
    return ", ".join(f"{work} {most}" for work, most in sorted(capacity.items()))


@app.command("add")
def add(
    code: Code,
    *,
    name: Annotated[str, typer.Option(help="What they are called.")],
    role: Annotated[str, typer.Option(help=f"One of {', '.join(ROLES)}.")] = "guide",
    store: Annotated[str, typer.Option(help="Their store's code; none: head office.")] = "",
    active: Annotated[
        bool, typer.Option("--active/--inactive", help="Inactive: gets no work any more.")
    ] = True,
    by: By = "",
    home: Home = None,
    json: Json = False,
) -> None:
    """Add somebody, or change what is known of them."""
    with spoken(json=json), opened(home, brings=True) as siyu:
        role_of: Any = role
        try:
            member = Member(code, name, role_of, store or None, active)
        except ValueError as error:
            raise BadInput(wording(error)) from None
        with siyu.db.transaction() as conn:
            actions.set_member(conn, member, me(by), siyu.clock.now())
        answer(asdict(member), json=json, show=lambda _: say(f"{code} is a {role}."))


@app.command("phone")
def phone(
    code: Code,
    *,
    account: Annotated[
        bool, typer.Option("--account", help="The account on the carrier (external_userid).")
    ] = False,
    forget: Annotated[bool, typer.Option("--forget", help="Erase what is sealed.")] = False,
    by: By = "",
    home: Home = None,
    json: Json = False,
) -> None:
    """Where somebody gets test sends. It is asked for, or read from standard input; sealed."""
    with spoken(json=json), opened(home) as siyu:
        kind = "external_userid" if account else "phone"
        word = Sentence("account", "账号") if account else Sentence("phone", "手机号")
        value = "" if forget else _typed(word, code)
        with siyu.db.transaction() as conn:
            trial.set_address(conn, siyu.keys, code, kind, value, me(by), siyu.clock.now())
            shown = staff_masked(conn, siyu.keys, [code])[code].get(kind)
        words = f"the {word} is {shown}" if shown else f"no {word} any more"
        found = {"code": code, "kind": kind, "shown": shown}
        answer(found, json=json, show=lambda _: say(f"{code}: {words}."))


def _typed(word: Sentence, code: str) -> str:
    """Never an argument: those stay in the shell's history, and every process sees them."""
    if sys.stdin.isatty():
        return typer.prompt(f"The {word} of {code}", hide_input=True, err=True)
    value = sys.stdin.readline().strip()
    if not value:
        raise BadInput(
            Sentence(
                f"Write the {word} on standard input; --forget erases it.",
                f"请从标准输入写入{word.zh}；--forget 可清除。",
            )
        )
    return value


@app.command("store")
def store(
    code: Annotated[str, typer.Argument(help="The store's code.")],
    name: Annotated[str, typer.Option(help="What it is called.")],
    region: Annotated[str, typer.Option(help="The region it belongs to.")] = "",
    by: By = "",
    home: Home = None,
    json: Json = False,
) -> None:
    """Add a store, or change its name and region."""
    with spoken(json=json), opened(home, brings=True) as siyu:
        new = Store(code, name, region)
        with siyu.db.transaction() as conn:
            actions.set_store(conn, new, me(by), siyu.clock.now())
        answer(asdict(new), json=json, show=lambda _: say(f"The store {code} is {name}."))


@app.command("hours")
def hours(
    code: Whose,
    week: Annotated[
        str, typer.Argument(help="Like 'mon-fri 09:00-12:00,13:00-18:00; sat 10:00-16:00'.")
    ] = "",
    by: By = "",
    home: Home = None,
    json: Json = False,
) -> None:
    """Set the usual week, in the brand's zone; without one: at work at all hours."""
    with spoken(json=json), opened(home) as siyu:
        try:
            days = read_week(week) if week else None
        except ValueError as error:
            raise BadInput(
                Sentence(
                    f"This week can't be kept: {wording(error)}.",
                    f"这个班表不能保存：{wording(error).zh}。",
                )
            ) from None
        with siyu.db.transaction() as conn:
            actions.set_week(conn, code, days, me(by), siyu.clock.now())
        words = week or "at all hours"
        answer({"code": code, "week": days}, json=json, show=lambda _: say(f"{code}: {words}."))


@app.command("day")
def day(
    code: Whose,
    on: Annotated[str, typer.Argument(help="The day, like 2026-10-01.")],
    hours: Annotated[str, typer.Argument(help="Its hours; left out: free.")] = "",
    *,
    usual: Annotated[bool, typer.Option("--usual", help="Take the exception away.")] = False,
    note: Annotated[str, typer.Option(help="Why: a holiday, an extra shift.")] = "",
    by: By = "",
    home: Home = None,
    json: Json = False,
) -> None:
    """Set a day that is not like its weekday."""
    with spoken(json=json), opened(home) as siyu:
        new = None if usual else hours
        with siyu.db.transaction() as conn:
            actions.set_day(conn, code, one_day(on), new, note, me(by), siyu.clock.now())
        words = "as usual" if new is None else new or "free"
        found = {"code": code, "day": on, "hours": new, "note": note}
        answer(found, json=json, show=lambda _: say(f"{code} on {on}: {words}."))


@app.command("capacity")
def capacity(
    code: Whose,
    work: Annotated[str, typer.Argument(help="call, friend_request; '*': all together.")],
    per_day: Annotated[int | None, typer.Argument(help="At most; left out: no limit.")] = None,
    by: By = "",
    home: Home = None,
    json: Json = False,
) -> None:
    """Set how much work somebody gets in a day. What is left of yesterday counts."""
    with spoken(json=json), opened(home) as siyu:
        with siyu.db.transaction() as conn:
            actions.set_capacity(conn, code, work, per_day, me(by), siyu.clock.now())
        words = "no limit" if per_day is None else f"at most {per_day} a day"
        found = {"code": code, "work": work, "per_day": per_day}
        answer(found, json=json, show=lambda _: say(f"{code}, {work}: {words}."))


@app.command("off")
def off(
    code: Code,
    since: Annotated[str, typer.Option(help="From when, with offset; left out: now.")] = "",
    until: Annotated[str, typer.Option(help="Until when; left out: not known yet.")] = "",
    reason: Annotated[str, typer.Option(help="Why.")] = "",
    by: By = "",
    home: Home = None,
    json: Json = False,
) -> None:
    """On leave: no new work, and open tasks go to others as it begins."""
    with spoken(json=json), opened(home) as siyu:
        now, real = siyu.clock.now(), siyu.clock.real()
        leave = Off(moment(since) if since else now, moment(until) if until else None)
        with siyu.db.transaction() as conn:
            handed = tasks.go_off(conn, code, leave, reason, me(by), now, real)
        _handed(code, handed, json=json)


@app.command("back")
def back(code: Code, by: By = "", home: Home = None, json: Json = False) -> None:
    """At work again: leaves under way end, those to come are taken away."""
    with spoken(json=json), opened(home) as siyu:
        with siyu.db.transaction() as conn:
            actions.come_back(conn, code, me(by), siyu.clock.now())
        answer({"code": code}, json=json, show=lambda _: say(f"{code} is back."))


@app.command("payments")
def payments(
    since: Annotated[str, typer.Option(help="From when, with offset; left out: 30 days ago.")] = "",
    until: Annotated[str, typer.Option(help="Until when; left out: now.")] = "",
    home: Home = None,
    json: Json = False,
) -> None:
    """What customers paid each of us in chats, by day, what was given back, and what of it paid
    orders, whose figures have it already."""
    with spoken(json=json), opened(home) as siyu:
        start, end = (moment(one) if one else None for one in (since, until))
        with siyu.db.transaction() as conn:
            found = paid(conn, start, end, siyu.clock.now())

        def show(_: object) -> None:
            heads = ["code", "day", "payments", "paid", "given back", "of orders"]
            rows = [
                [one.staff, str(one.day), one.payments, money(one.paid_minor, one.currency),
                 money(one.refunded_minor, one.currency), money(one.of_orders_minor, one.currency)]
                for one in found
            ]  # fmt: skip
            table("Paid in chats", heads, rows, local(siyu))

        answer({"payments": [asdict(one) for one in found]}, json=json, show=show)


@app.command("figures")
def figures(
    days: Annotated[int, typer.Option(min=1, max=MOST_DAYS, help="Up to yesterday.")] = 28,
    home: Home = None,
    json: Json = False,
) -> None:
    """What carriers counted of each of us: chats, answers, new friends, group chats."""
    with spoken(json=json), opened(home) as siyu:
        found = counted(siyu, days, Scope())

        def show(_: object) -> None:
            heads = ["code", "days", Sentence("chats", "聊天"), "messages",
                     Sentence("answered", "已回复"), "minutes", "new", "lost", "groups",
                     Sentence("members", "群成员")]  # fmt: skip
            rows = [
                [one.code, one.days, one.chats, one.messages,
                 None if one.reply_share is None else f"{one.reply_share:.0%}",
                 None if one.reply_minutes is None else f"{one.reply_minutes:.1f}",
                 one.added, one.lost, one.groups, one.members]
                for one in found.staff
            ]  # fmt: skip
            table(f"From {found.first} to {found.last}", heads, rows, local(siyu))

        answer(asdict(found), json=json, show=show)


@app.command("handover")
def handover(
    code: Code,
    to: Annotated[
        str, typer.Argument(help="Who gets the friends; left out: only tasks are given.")
    ] = "",
    *,
    do: Annotated[
        bool, typer.Option("--do", help="Give the friends; else they are counted.")
    ] = False,
    left: Annotated[bool, typer.Option("--left", help="CODE does not work here any more.")] = False,
    words: Annotated[str, typer.Option(help="What customers are told when it is done.")] = "",
    reason: Annotated[str, typer.Option(help="Why.")] = "",
    by: By = "",
    home: Home = None,
    json: Json = False,
) -> None:
    """Give everything that somebody has open to others; with TO, the friends to TO.

    Friends are counted only; --do gives them, and the tasks. Stopped, it goes on when called anew.
    """
    with spoken(json=json), opened(home) as siyu:
        giving = Giving(code, to, left, words, me(by) if do else "")
        given = siyu.connections.plan_hand_over(giving)._asdict() if to else {}
        if given and not do:
            answer({"code": code, "friends": given}, json=json, show=lambda _: _given(code, given))
            return
        if given:
            handed = noted(siyu, giving, reason)
        else:
            now, real = siyu.clock.now(), siyu.clock.real()
            with siyu.db.transaction() as conn:
                handed = tasks.hand_over(conn, code, me(by), reason, now, real)
        if not given or not json:
            _handed(code, handed, json=json)
        if given:
            given = _friends(siyu, giving)
            stays = asdict(stays_with(siyu, code))
            found = {"code": code, **handed._asdict(), "friends": given, "stays": stays}
            answer(found, json=json, show=lambda _: _given(code, given))


@app.command("handovers")
def handovers(
    stop: Annotated[
        tuple[str, str] | None,
        typer.Option(metavar="FROM TO", help="Stop this one; begun again, it goes on."),
    ] = None,
    by: By = "",
    home: Home = None,
    json: Json = False,
) -> None:
    """Hand-overs of friends in the last 90 days, and what became of each."""
    with spoken(json=json), opened(home) as siyu:
        if stop is not None:
            stopped(siyu, Giving(*stop, by=me(by)))
        found = shown(siyu, siyu.connections.hand_overs() or [], "en")

        def show(_: object) -> None:
            heads = ["from", "to", "state", "began", "by", *FriendsGiven.__annotations__]
            rows = [
                [one.giver, one.taker, one.state, one.began_at, one.by,
                 *asdict(one.friends).values()]
                for one in found
            ]  # fmt: skip
            table("Friends handed over", heads, rows, local(siyu))

        answer({"handovers": [asdict(one) for one in found]}, json=json, show=show)


def _friends(siyu: App, giving: Giving) -> dict[str, int]:
    """How far it is in the end; each step is told on standard error."""
    last: dict[str, int] = {}
    for one in siyu.connections.hand_over(giving):
        last = one._asdict()
        typer.echo(f"{many(one.waiting, 'friend')} given, {one.free:,} to go", err=True)
    return last


def _given(code: str, given: Mapping[str, int]) -> None:
    said = {
        "free": "can be given now", "waiting": "given, settled within a day or so",
        "resting": "given too often lately", "done": "done", "refused": "the customer said no",
        "full": "the other can have no more", "failed": "failed",
    }  # fmt: skip
    table(f"Friends of {code}", ["what", "friends"], [[said[one], given[one]] for one in said])


def _handed(code: str, handed: tasks.Handed, *, json: bool) -> None:
    kept = f"; {many(handed.kept, 'task')} stay: nobody can take them now" if handed.kept else ""
    answer(
        {"code": code, **handed._asdict()},
        json=json,
        show=lambda _: say(f"{code}: {many(handed.moved, 'task')} went to others{kept}."),
    )
