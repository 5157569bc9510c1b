"""Journeys that are under way: their versions, moving from one to the next, the end."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from siyu.api.fitting import refuse_unfit
from siyu.app import PREDICATES
from siyu.cli.dryrun import dry_run
from siyu.cli.journeys import Code, app, text_of
from siyu.cli.screen import (
    By,
    Home,
    Json,
    answer,
    confirm,
    hint,
    joined,
    local,
    many,
    me,
    opened,
    placed,
    say,
    spoken,
    table,
)
from siyu.cli.trials import send_test
from siyu.cli.visits import enrol, parked
from siyu.cli.waves import end, go_on, waves
from siyu.journeys import actions, views
from siyu.journeys.actions import Asked, Publication
from siyu.journeys.actions import approve as approving
from siyu.journeys.actions.migrate import Migration, Plan, migrate, plan
from siyu.kernel.errors import BadInput
from siyu.kernel.sentence import Sentence
from siyu.playbooks.actions import publish as published
from siyu.staff import actions as staff
from siyu.staff import views as people

WAITING, DECIDED = Sentence("Waiting", "等待批准"), Sentence("Decided", "已决定")

app.command("test")(send_test)
app.command("enrol")(enrol)
app.command("parked")(parked)
app.command("dry-run")(dry_run)
app.command("waves")(waves)
app.command("continue")(go_on)
app.command("end")(end)


@app.command("versions")
def versions(code: Code, home: Home = None, json: Json = False) -> None:
    """Every version of a journey: since when, how many are under way on it, what it changed."""
    with spoken(json=json), opened(home) as siyu:
        with siyu.db.transaction() as conn:
            found = views.versions(conn, code)
        rows = [{**one._asdict(), "changes": [str(line) for line in one.changes]} for one in found]

        def show(_: object) -> None:
            heads = ["version", "published at", "takes newcomers", "under way", "parked"]
            cells = [list(row.values())[:-1] for row in rows]
            table(code, heads, cells, local(siyu))
            for row in rows:
                for line in row["changes"]:
                    version = row["version"]
                    say(Sentence(f"  version {version}: {line}", f"  版本 {version}：{line}"))

        answer({"journey": code, "versions": rows}, json=json, show=show)


@app.command("migrate")
def migrating(
    code: Code,
    *,
    to: Annotated[int, typer.Option("--to", help="The version that they go on with.")],
    origin: Annotated[
        int | None, typer.Option("--from", help="Only those of this version; else of all others.")
    ] = None,
    maps: Annotated[
        list[str] | None,
        typer.Option("--map", help="OLD=NEW: who stands at step OLD goes on at NEW, or at `end`."),
    ] = None,
    by: By = "",
    yes: Annotated[bool, typer.Option("--yes", help="Do it; else it is only shown.")] = False,
    home: Home = None,
    json: Json = False,
) -> None:
    """Move who is under way to another version. Shows first who would go where.

    A step that the new text doesn't have must be mapped. Can be broken off and taken up again.
    """
    with spoken(json=json), opened(home) as siyu:
        wanted = Migration(code, to, origin, _mapping(maps or []))
        with siyu.db.transaction() as conn:
            found = plan(conn, wanted, PREDICATES)
        moved = ended = touches = last = 0
        while yes:
            with siyu.db.transaction() as conn:
                done = migrate(conn, wanted, PREDICATES, me(by), siyu.clock.now(), after=last)
            moved, ended, last = moved + done.visits, ended + done.ended, done.last
            touches += done.touches
            hint(Sentence(f"{moved:,} of {found.visits:,} moved",
                          f"已移动 {moved:,} / {found.visits:,}"))  # fmt: skip
            if not last:
                break
        did = {"done": yes, "moved": moved, "ended": ended, "touches": touches}
        answer(
            {
                "journey": code,
                "to": to,
                "where": [line._asdict() for line in found.lines],
                "problems": [str(problem) for problem in found.problems],
                **did,
            },
            json=json,
            show=lambda _: _show_plan(wanted, found, did),
        )


def _mapping(maps: list[str]) -> dict[str, str]:
    pairs = [one.partition("=") for one in maps]
    wrong = [one for one, (old, _, new) in zip(maps, pairs, strict=True) if not (old and new)]
    if wrong:
        raise BadInput(
            Sentence(
                f"{wrong[0]!r} says no way; write OLD=NEW, like pause=rest or pause=end.",
                f"{wrong[0]!r} 没有说明去向；请写 旧=新，如 pause=rest 或 pause=end。",
            )
        )
    return {old: new for old, _, new in pairs}


def _show_plan(wanted: Migration, found: Plan, did: dict[str, int]) -> None:
    heads = ["version", "step", "visits", "goes to"]
    rows = [[*line[:3], line.to or Sentence("nobody said", "没有说明")] for line in found.lines]
    title = Sentence(f"{wanted.code}: on to version {wanted.to}",
                     f"{wanted.code}：转到版本 {wanted.to}")  # fmt: skip
    table(title, heads, rows)
    for problem in found.problems:
        say(joined(["  ", placed(problem)], ""))
    if did["done"]:
        moved, ended = many(did["moved"], "visit", "个进行中"), f"{did['ended']:,}"
        touches = many(did["touches"], "touch", "次触达")
        say(
            Sentence(
                f"{moved} moved; {ended} of them ended, {touches} taken back.",
                f"已移动 {moved.zh}；其中 {ended} 个结束，撤回 {touches.zh}。",
            )
        )
    elif found.problems:
        say(
            Sentence(
                "It can't be done before each step is mapped.", "每个步骤都说明去向之后才能执行。"
            )
        )
    elif found.lines:
        say(Sentence("Nothing was changed; --yes does it.", "没有更改；加 --yes 才执行。"))


@app.command("stop")
def stop(
    code: Code,
    by: By = "",
    yes: Annotated[bool, typer.Option("--yes", help="Don't ask.")] = False,
    home: Home = None,
    json: Json = False,
) -> None:
    """End a journey for good: nobody enters, all who are under way end. To go on later, pause."""
    with spoken(json=json), opened(home) as siyu:
        with siyu.db.transaction() as conn:
            under_way = sum(one.under_way + one.parked for one in views.versions(conn, code))
        if not yes:
            some = many(under_way, "visit", "个进行中")
            confirm(
                Sentence(
                    f"End {code} for {some}? It can't be undone. (siyu pause journey:{code} can.)",
                    f"结束 {code} 的 {some.zh}？无法撤销。（siyu pause journey:{code} 可以。）",
                )
            )
        visits = touches = 0
        while True:
            with siyu.db.transaction() as conn:
                done = actions.stop(conn, code, me(by), siyu.clock.now())
            visits, touches = visits + done.visits, touches + done.touches
            if not done.visits:
                break
            hint(Sentence(f"{visits:,} of {under_way:,} ended",
                          f"已结束 {visits:,} / {under_way:,}"))  # fmt: skip
        some, back = many(visits, "visit", "个进行中"), many(touches, "touch", "次触达")
        said = Sentence(
            f"{code} is stopped: nobody enters any more; {some} ended, {back} taken back.",
            f"{code} 已停止：不再有人进入；{some.zh}结束，撤回 {back.zh}。",
        )
        answer(
            {"journey": code, "visits": visits, "touches": touches},
            json=json,
            show=lambda _: say(said),
        )


@app.command("publish")
def publish(
    file: Annotated[Path | None, typer.Argument(help="A journey's text (YAML).")] = None,
    *,
    pilot: Annotated[
        int | None, typer.Option(help="Only the first so many customers enter on it.")
    ] = None,
    widened: Annotated[
        str, typer.Option("--widen", help="End the pilot of this journey: everybody enters.")
    ] = "",
    by: By = "",
    home: Home = None,
    json: Json = False,
) -> None:
    """Check and publish a text. Who is under way finishes on the version that they began with.

    The others enter on the version published before during a pilot, or not at all if there is none.
    """
    with spoken(json=json), opened(home, brings=True) as siyu:
        if (file is None) == (not widened):
            raise BadInput(
                Sentence(
                    "Name a file to publish, or --widen CODE.",
                    "请指明要发布的文件，或用 --widen CODE。",
                )
            )
        if file is not None:
            refuse_unfit(siyu, text_of(file))
        with siyu.db.transaction() as conn:
            now = siyu.clock.now()
            if file is None:
                done = approving.widen(conn, widened, me(by), PREDICATES, now)
                refuse_unfit(siyu, views.get(conn, widened, done.version).text)
                found = Publication(widened, done.version, new=False, waiting=not done.published)
            else:
                found = published(conn, text_of(file), PREDICATES, now, Asked(me(by), pilot))
        said = _published(found, new=found.new or bool(widened))
        answer(
            {
                "journey": found.code,
                "version": found.version,
                "new": found.new,
                "pilot": found.pilot,
                "waiting": found.waiting,
            },
            json=json,
            show=lambda _: say(said),
        )


def _published(found: Publication, *, new: bool) -> Sentence:
    words = Sentence("is published as", "已发布为") if new else Sentence("is already", "已经是")
    if found.waiting:
        words = Sentence("waits for a second person's approval as", "等待第二人批准，为")
    whom = Sentence("", "")
    if found.pilot:
        some = many(found.pilot, "customer", "位客户")
        whom = Sentence(f", for the first {some}", f"，面向前 {some.zh}")
    return Sentence(
        f"{found.code} {words} version {found.version}{whom}.",
        f"{found.code} {words.zh}版本 {found.version}{whom.zh}。",
    )


@app.command("approve")
def approve(
    code: Code,
    *,
    refuse: Annotated[bool, typer.Option("--refuse", help="Say no instead.")] = False,
    reason: Annotated[str, typer.Option(help="Why; it is audited.")] = "",
    by: By = "",
    home: Home = None,
    json: Json = False,
) -> None:
    """Say yes, as the second person, to a version that waits for approval."""
    with spoken(json=json), opened(home) as siyu:
        with siyu.db.transaction() as conn:
            now = siyu.clock.now()
            done = approving.decide(
                conn, code, me(by), PREDICATES, now, yes=not refuse, reason=reason
            )
            if not refuse:
                refuse_unfit(siyu, views.get(conn, code, done.version).text)
        words = Sentence("refused", "已拒绝")
        if done.published:
            words = Sentence("approved, and published", "已批准并发布")
        said = Sentence(
            f"{code}: version {done.version} is {words}.",
            f"{code}：版本 {done.version} {words.zh}。",
        )
        answer(
            done._asdict(),
            json=json,
            show=lambda _: say(said),
        )


@app.command("approvals")
def approvals(home: Home = None, json: Json = False) -> None:
    """What waits for a second person, what became of the latest, and above which size it has to."""
    with spoken(json=json), opened(home) as siyu:
        with siyu.db.transaction() as conn:
            limits = people.approval(conn)
            rows = [one._asdict() for one in views.waiting(conn)]
            decided = [one._asdict() for one in views.decided(conn)]

        def show(_: object) -> None:
            _show_limits(limits)
            for title, asked in ((WAITING, rows), (DECIDED, decided)):
                if asked:
                    heads = [head.replace("_", " ") for head in asked[0]]
                    table(title, heads, [list(row.values()) for row in asked], local(siyu))

        answer({**limits._asdict(), "waiting": rows, "decided": decided}, json=json, show=show)


@app.command("limits")
def limits(
    *,
    above_people: Annotated[int | None, typer.Option(help="More people than this.")] = None,
    above_minor: Annotated[
        int | None, typer.Option(help="More than this amount, in minor units (fen).")
    ] = None,
    by: By = "",
    home: Home = None,
    json: Json = False,
) -> None:
    """Above which size a second person has to approve; what is left out has no limit."""
    with spoken(json=json), opened(home) as siyu:
        with siyu.db.transaction() as conn:
            staff.set_approval(conn, above_people, above_minor, me(by), siyu.clock.now())
            found = people.approval(conn)
        answer(found._asdict(), json=json, show=lambda _: _show_limits(found))


def _show_limits(limits: people.Approval) -> None:
    above: list[Sentence] = []
    if (people := limits.above_people) is not None:
        above.append(Sentence(f"{people:,} people", f"{people:,} 人"))
    if (minor := limits.above_minor) is not None:
        above.append(Sentence(f"{minor:,} in minor units", f"{minor:,} 分（最小货币单位）"))
    sizes = joined(above, " or ", " 或 ")
    said = Sentence("Approval: no limit is set.", "批准：没有设定限额。")
    if above:
        said = Sentence(f"Approval: above {sizes} a second person approves.",
                        f"批准：超过 {sizes.zh} 需要第二人批准。")  # fmt: skip
    say(said)
