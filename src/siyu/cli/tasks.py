"""Work for people: what is open, what is next, how it ended, who does it."""

from __future__ import annotations

from dataclasses import asdict
from datetime import timedelta
from typing import Annotated, get_args

import typer

from siyu.api.presses import PressDay, loads
from siyu.api.tasks import number, shown
from siyu.cli.codes import coded
from siyu.cli.screen import (
    By,
    Home,
    Json,
    answer,
    joined,
    local,
    me,
    moment,
    one_of,
    opened,
    say,
    spoken,
    table,
)
from siyu.kernel.sentence import Sentence
from siyu.staff.actions import audit
from siyu.tasks import actions, views
from siyu.tasks.actions import team
from siyu.tasks.model import Outcome, State, read_rules, spell

app = typer.Typer(no_args_is_help=True)
Id = Annotated[str, typer.Argument(help="The task, tsk_…, as `siyu task list` shows it.")]
RULES = {
    "most_tries": "最多致电次数", "again_after": "再次致电最早在", "again_hours": "再次致电时段",
    "overdue_after": "超时多久通知门店运营", "head_office_after": "再过多久通知总部",
    "per_hour": "空闲时段每小时件数",
}  # fmt: skip
FIELDS = ("due_at", "id", "kind", "staff", "shop", "order_no", "name_masked", "tries")


@app.command("list")
def listing(
    state: Annotated[str, typer.Option(help="open, done or cancelled.")] = "open",
    staff: Annotated[str | None, typer.Option(help="Only this guide's.")] = None,
    overdue: Annotated[bool, typer.Option("--overdue", help="Only what is overdue.")] = False,
    after: Annotated[str, typer.Option(help="Go on after this task.")] = "",
    limit: Annotated[int, typer.Option(min=1, max=500, help="At most so many.")] = 100,
    home: Home = None,
    json: Json = False,
) -> None:
    """Tasks, the most urgent first. Whom they are about is masked."""
    with spoken(json=json), opened(home) as siyu:
        wanted: State = one_of(state, State, Sentence("state", "状态"))
        with siyu.db.transaction() as conn:
            rows = views.page(
                conn,
                wanted,
                after=number(siyu, after) if after else None,
                limit=limit,
                staff=staff,
                due_before=siyu.clock.now() if overdue else None,
            )
            found = [asdict(one) for one in shown(siyu, conn, rows)]

        def show(_: object) -> None:
            cells = [
                [coded("task_kind", one[head]) if head == "kind" else one[head] for head in FIELDS]
                for one in found
            ]
            table("Tasks", ["due", *FIELDS[1:]], cells, local(siyu))

        following = found[-1]["id"] if len(found) == limit else ""
        answer({"tasks": found, "next": following}, json=json, show=show)


@app.command("presses")
def presses(home: Home = None, json: Json = False) -> None:
    """Mass messages that wait for one of us to press send, the oldest first; without a code the
    carrier chose who that is."""
    with spoken(json=json), opened(home) as siyu:
        found = siyu.connections.unsent() or []

        def show(_: object) -> None:
            heads = ["since", "staff", "customers", "reminded", "can be again", "id"]
            rows = [
                [one.since, one.staff, one.customers, len(one.reminded), one.reminds_left, one.id]
                for one in found
            ]
            table("To be sent by staff", heads, rows, local(siyu))

        answer({"presses": [one._asdict() for one in found]}, json=json, show=show)


@app.command("load")
def load(home: Home = None, json: Json = False) -> None:
    """How much each guide has to press: today, and what was put off to the days to come."""
    with spoken(json=json), opened(home) as siyu:
        with siyu.db.transaction() as conn:
            found = loads(siyu, conn)

        def show(_: object) -> None:
            heads = ["staff", "today", "at most", "share one", "to come"]
            rows = [
                [one.staff, one.used, one.most, one.bundled,
                 joined(_day(day) for day in one.days)]
                for one in found
            ]  # fmt: skip
            table("Presses", heads, rows, local(siyu))

        answer({"guides": [asdict(one) for one in found]}, json=json, show=show)


def _day(one: PressDay) -> Sentence:
    return Sentence(f"{one.day}: {one.presses} for {one.touches}",
                    f"{one.day}：{one.presses} 次确认，{one.touches} 条触达")  # fmt: skip


@app.command("remind")
def remind(
    message: Annotated[str, typer.Argument(help="The message, as `siyu task presses` shows it.")],
    by: By = "",
    home: Home = None,
    json: Json = False,
) -> None:
    """Have the carrier remind whoever has not pressed send for a message, at most as often as it
    does."""
    with spoken(json=json), opened(home) as siyu:
        siyu.connections.remind(message)
        with siyu.db.transaction() as conn:
            audit(conn, me(by), "mass.remind", message, "", siyu.clock.now())
        answer(
            {"reminded": message}, json=json, show=lambda _: say(Sentence("Reminded.", "已提醒。"))
        )


@app.command("next")
def following(
    staff: Annotated[str, typer.Argument(help="The guide whose list it is.")],
    by: By = "",
    home: Home = None,
    json: Json = False,
) -> None:
    """Take the most urgent task of a guide: it is yours for a quarter of an hour."""
    with spoken(json=json), opened(home) as siyu:
        with siyu.db.transaction() as conn:
            now, real = siyu.clock.now(), siyu.clock.real()
            row = actions.take_next(conn, staff, me(by), now, real)
            found = asdict(shown(siyu, conn, [row])[0]) if row else None

        def show(_: object) -> None:
            if found is None:
                say(Sentence(f"{staff} has nothing to do now.", f"{staff} 现在没有待办。"))
                return
            kind = coded("task_kind", found["kind"])
            say(joined([found["id"], kind, f"{found['shop']}/{found['order_no']}"], "  "))
            say(found["script"])
            if found["kind"] == "friend_request":
                reveal = f"siyu reveal {found['customer']}"
                say(
                    Sentence(
                        f"The phone: {reveal} --by YOU --reason WHY",
                        f"查看手机号：{reveal} --by 您 --reason 原因",
                    )
                )
                say(
                    Sentence(
                        "Search for it in WeCom and send the request yourself: no API can.",
                        "请在企业微信中搜索并自己发送申请：没有接口可以代办。",
                    )
                )

        answer({"task": found}, json=json, show=show)


@app.command("done")
def done(
    task: Id,
    outcome: Annotated[str, typer.Argument(help=f"One of {', '.join(get_args(Outcome))}.")],
    minutes: Annotated[int, typer.Option(help="How long it took.")] = 0,
    staff: Annotated[str, typer.Option(help="Who did it, if not whose task it was.")] = "",
    home: Home = None,
    json: Json = False,
) -> None:
    """Report how a task ended. A call that nobody answered may be made again: see `task rules`."""
    with spoken(json=json), opened(home) as siyu:
        word: Outcome = one_of(outcome, Outcome, Sentence("outcome", "结果"))
        with siyu.db.transaction() as conn:
            now = siyu.clock.now()
            told = actions.done(
                conn, number(siyu, task), word, now, minutes=minutes, staff_code=staff
            )
        at = told.again_at
        noted = Sentence(f"Noted: {outcome}.", f"已记录：{outcome}。")
        if at:
            noted = Sentence(f"Noted: {outcome}; to be called again from {at} on.",
                             f"已记录：{outcome}；{at} 起再次致电。")  # fmt: skip
        found = {"id": task, "outcome": outcome, "state": told.state, "again_at": told.again_at}
        answer(found, json=json, show=lambda _: say(noted))


@app.command("snooze")
def snooze(
    task: Id,
    until: Annotated[str, typer.Argument(help="Like 2026-11-20T15:00:00+08:00.")],
    home: Home = None,
    json: Json = False,
) -> None:
    """Not before then; it must be within the time that the task has."""
    with spoken(json=json), opened(home) as siyu:
        then = moment(until)
        with siyu.db.transaction() as conn:
            actions.snooze(conn, number(siyu, task), then, siyu.clock.now())
        found = {"id": task, "snoozed_until": then}
        said = Sentence(f"Not before {until}.", f"{until} 之前不再提醒。")
        answer(found, json=json, show=lambda _: say(said))


@app.command("reassign")
def reassign(
    task: Id,
    to: Annotated[str, typer.Option(help="To whom; left out: to whom it falls.")] = "",
    reason: Annotated[str, typer.Option(help="Why.")] = "",
    by: By = "",
    home: Home = None,
    json: Json = False,
) -> None:
    """Give a task to somebody else, within their capacity."""
    with spoken(json=json), opened(home) as siyu:
        now, real = siyu.clock.now(), siyu.clock.real()
        with siyu.db.transaction() as conn:
            wish = team.Wish(to, me(by), reason)
            who = team.reassign(conn, number(siyu, task), wish, now, real)
        said = Sentence(f"{task} is {who}'s.", f"{task} 由 {who} 负责。")
        answer({"id": task, "staff": who}, json=json, show=lambda _: say(said))


@app.command("rules")
def rules(
    *,
    tries: Annotated[int | None, typer.Option(help="How often a call is made, at most.")] = None,
    again_after: Annotated[str | None, typer.Option(help="At the earliest after: 3h.")] = None,
    again_hours: Annotated[str | None, typer.Option(help="Within: 10:00-20:00.")] = None,
    overdue: Annotated[
        str | None, typer.Option(help="The store's operator learns after: 4h; or never.")
    ] = None,
    head_office: Annotated[
        str | None, typer.Option(help="Head office learns after that: 1d; or never.")
    ] = None,
    per_hour: Annotated[
        int | None, typer.Option(help="Of work that may wait, so much in a guide's quiet hour.")
    ] = None,
    by: By = "",
    home: Home = None,
    json: Json = False,
) -> None:
    """Show the rules of tasks, or set what is given: calling again, telling upwards."""
    given = {
        "most_tries": tries,
        "again_after": again_after,
        "again_hours": again_hours,
        "overdue_after": overdue,
        "head_office_after": head_office,
        "per_hour": per_hour,
    }
    new = {name: value for name, value in given.items() if value is not None}
    with spoken(json=json), opened(home) as siyu:
        with siyu.db.transaction() as conn:
            old = asdict(actions.rules_of(conn))
            words: dict[str, object] = {
                name: spell(value) if isinstance(value, timedelta) else value
                for name, value in old.items()
            }
            words |= {name: None if value == "never" else value for name, value in new.items()}
            if new:
                actions.set_rules(conn, read_rules(words), me(by), siyu.clock.now())

        def show(_: object) -> None:
            for name, value in words.items():
                called = Sentence(name.replace("_", " "), RULES[name])
                what = (
                    Sentence("never", "从不") if value is None else Sentence(f"{value}", f"{value}")
                )
                say(Sentence(f"{called}: {what}", f"{called.zh}：{what.zh}"))

        answer(words, json=json, show=show)
