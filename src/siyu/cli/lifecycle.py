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
    err,
    local,
    many,
    me,
    opened,
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
                    say(f"  version {row['version']}: {line}")

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
            err.print(f"{moved:,} of {found.visits:,} moved")
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
    rows = [[*line[:3], line.to or "nobody said"] for line in found.lines]
    table(f"{wanted.code}: on to version {wanted.to}", heads, rows)
    for problem in found.problems:
        say(f"  {problem}")
    if did["done"]:
        ended = f"{did['ended']:,} of them ended, {many(did['touches'], 'touch')} taken back"
        say(f"{many(did['moved'], 'visit')} moved; {ended}.")
    elif found.problems:
        say("It can't be done before each step is mapped.")
    elif found.lines:
        say("Nothing was changed; --yes does it.")


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
            question = f"End {code} for {many(under_way, 'visit')}? It can't be undone."
            typer.confirm(f"{question} (siyu pause journey:{code} can.)", abort=True, err=True)
        visits = touches = 0
        while True:
            with siyu.db.transaction() as conn:
                done = actions.stop(conn, code, me(by), siyu.clock.now())
            visits, touches = visits + done.visits, touches + done.touches
            if not done.visits:
                break
            err.print(f"{visits:,} of {under_way:,} ended")
        ended = f"{many(visits, 'visit')} ended, {many(touches, 'touch')} taken back"
        answer(
            {"journey": code, "visits": visits, "touches": touches},
            json=json,
            show=lambda _: say(f"{code} is stopped: nobody enters any more; {ended}."),
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
        words = "is published as" if found.new or widened else "is already"
        words = "waits for a second person's approval as" if found.waiting else words
        whom = f", for the first {many(found.pilot, 'customer')}" if found.pilot else ""
        answer(
            {
                "journey": found.code,
                "version": found.version,
                "new": found.new,
                "pilot": found.pilot,
                "waiting": found.waiting,
            },
            json=json,
            show=lambda _: say(f"{found.code} {words} version {found.version}{whom}."),
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
        words = "approved, and published" if done.published else "refused"
        answer(
            done._asdict(),
            json=json,
            show=lambda _: say(f"{code}: version {done.version} is {words}."),
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
            for title, asked in (("Waiting", rows), ("Decided", decided)):
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
    above = [
        *([f"{limits.above_people:,} people"] if limits.above_people is not None else []),
        *([f"{limits.above_minor:,} in minor units"] if limits.above_minor is not None else []),
    ]
    said = f"above {' or '.join(above)} a second person approves" if above else "no limit is set"
    say(f"Approval: {said}.")
