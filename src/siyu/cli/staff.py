"""Who works here, when and how much; leaves."""

from __future__ import annotations

import sys
from dataclasses import asdict
from typing import Annotated, Any

import typer

from siyu.api.staff import listed
from siyu.api.team import paid
from siyu.api.worked import MOST_DAYS, counted
from siyu.cli.codes import coded, yes
from siyu.cli.codes import listed as in_a_row
from siyu.cli.screen import (
    By,
    Home,
    Json,
    answer,
    joined,
    local,
    many,
    me,
    moment,
    one_day,
    opened,
    say,
    spoken,
    table,
    tongue,
)
from siyu.kernel.errors import BadInput
from siyu.kernel.money import show as money
from siyu.kernel.sentence import Sentence, within, wording
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
                [one.code, one.name, _role(one.role, active=one.active), one.store,
                 yes(one.at_work), one.open,
                 one.overdue, _limits(one.set.capacity or found.everybody.capacity),
                 one.reached.get("phone")]
                for one in found.staff
            ]  # fmt: skip
            table("Staff", heads, rows, local(siyu))

        answer(asdict(found), json=json, show=show)


def _role(code: str, *, active: bool) -> Sentence:
    role = coded("role", code)
    return role if active else Sentence(f"{role}, not active", f"{role.zh}，已停用")


def _limits(capacity: dict[str, int]) -> Sentence:
    return in_a_row(
        joined([coded("work", work), str(most)], " ") for work, most in sorted(capacity.items())
    )


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
        word = coded("role", role)
        said = Sentence(f"{code} is a {word}.", f"{code} 的角色：{word.zh}。")
        answer(asdict(member), json=json, show=lambda _: say(said))


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
        words = Sentence(f"no {word} any more", f"{word.zh}已清除")
        if shown:
            words = Sentence(f"the {word} is {shown}", f"{word.zh}为 {shown}")
        found = {"code": code, "kind": kind, "shown": shown}
        answer(found, json=json, show=lambda _: say(_of(code, words)))


def _typed(word: Sentence, code: str) -> str:
    """Never an argument: those stay in the shell's history, and every process sees them."""
    if sys.stdin.isatty():
        asked = Sentence(f"The {word} of {code}", f"{code} 的{word.zh}")
        return typer.prompt(within(tongue(), asked), hide_input=True, err=True)
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
        said = Sentence(f"The store {code} is {name}.", f"门店 {code}：{name}。")
        answer(asdict(new), json=json, show=lambda _: say(said))


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
        words = joined([week or Sentence("at all hours", "全天")])
        answer({"code": code, "week": days}, json=json, show=lambda _: say(_of(code, words)))


def _of(code: str, words: Sentence) -> Sentence:
    return Sentence(f"{code}: {words}.", f"{code}：{words.zh}。")


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
        words = joined([new or Sentence("free", "休息")])
        if new is None:
            words = Sentence("as usual", "照常")
        found = {"code": code, "day": on, "hours": new, "note": note}
        said = Sentence(f"{code} on {on}: {words}.", f"{code} {on}：{words.zh}。")
        answer(found, json=json, show=lambda _: say(said))


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
        words, of = Sentence(f"at most {per_day} a day", f"每天最多 {per_day}"), coded("work", work)
        if per_day is None:
            words = Sentence("no limit", "不限")
        found = {"code": code, "work": work, "per_day": per_day}
        said = Sentence(f"{code}, {of}: {words}.", f"{code}，{of.zh}：{words.zh}。")
        answer(found, json=json, show=lambda _: say(said))


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
        gone_over(code, handed, json=json)


@app.command("back")
def back(code: Code, by: By = "", home: Home = None, json: Json = False) -> None:
    """At work again: leaves under way end, those to come are taken away."""
    with spoken(json=json), opened(home) as siyu:
        with siyu.db.transaction() as conn:
            actions.come_back(conn, code, me(by), siyu.clock.now())
        said = Sentence(f"{code} is back.", f"{code} 已返岗。")
        answer({"code": code}, json=json, show=lambda _: say(said))


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
            first, last = found.first, found.last
            title = Sentence(f"From {first} to {last}", f"{first} 至 {last}")
            table(title, heads, rows, local(siyu))

        answer(asdict(found), json=json, show=show)


def gone_over(code: str, handed: tasks.Handed, *, json: bool) -> None:
    """Whose tasks went to others, and how many nobody can take."""
    stay, moved = many(handed.kept, "task", "个待办"), many(handed.moved, "task", "个待办")
    kept = Sentence(f"; {stay} stay: nobody can take them now", f"；{stay.zh}留下：现在没有人能接")
    kept = kept if handed.kept else Sentence("", "")
    said = Sentence(f"{moved} went to others{kept}", f"{moved.zh}已转给他人{kept.zh}")
    answer(
        {"code": code, **handed._asdict()},
        json=json,
        show=lambda _: say(_of(code, said)),
    )
