"""Journeys: which there are, their texts, whether a text is right, publishing one."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path
from typing import Annotated, Any

import typer

from siyu.app import PREDICATES
from siyu.cli.screen import (
    Home,
    Json,
    answer,
    joined,
    local,
    many,
    opened,
    placed,
    say,
    spoken,
    table,
)
from siyu.journeys import views
from siyu.journeys.check import check as checked
from siyu.journeys.check.diff import changes
from siyu.journeys.model import Journey
from siyu.journeys.views.figures import Figures, figures, outranked, standing
from siyu.kernel.errors import BadInput
from siyu.kernel.sentence import Sentence

LATELY = timedelta(days=30)
app = typer.Typer(no_args_is_help=True)
File = Annotated[Path, typer.Argument(help="A journey's text (YAML).")]
Code = Annotated[str, typer.Argument(help="The journey's code, as `siyu journey list` shows it.")]


def text_of(file: Path) -> str:
    """What is in it, as a text."""
    try:
        return file.read_text("utf-8")
    except UnicodeDecodeError:
        raise BadInput(
            Sentence(f"{file} is not a text in UTF-8.", f"{file} 不是 UTF-8 文本。")
        ) from None
    except OSError as error:
        raise BadInput(
            Sentence(
                f"{file} can't be read: {error.strerror}.", f"{file} 无法读取：{error.strerror}。"
            )
        ) from None


@app.command("list")
def listing(home: Home = None, json: Json = False) -> None:
    """Every journey in the order in which they came, and how many visits it has."""
    with spoken(json=json), opened(home) as siyu:
        with siyu.db.transaction() as conn:
            found = views.listing(conn)
            live = figures(conn, found, siyu.clock.now(), local(siyu))
        rows = [_row(*pair) for pair in zip(found, live, strict=True)]

        def show(_: object) -> None:
            if not rows:
                say(
                    Sentence(
                        "No journeys yet; `siyu playbook install cascade` brings one.",
                        "还没有旅程；`siyu playbook install cascade` 会带来一个。",
                    )
                )
                return
            heads = ("code", "version", "published_at", "under_way", "ended", "parked", "paused")
            shown = [[_bounded(row[head]) for head in heads] for row in rows]
            table("Journeys", [head.replace("_", " ") for head in heads], shown, local(siyu))
            for row in rows:
                if row["pilot"] is not None:
                    say(_pilot(row))

        answer({"journeys": rows}, json=json, show=show)


def _row(one: views.Listed, live: Figures) -> dict[str, Any]:
    """What a program gets: bounded counts, as over HTTP."""
    said = {**one._asdict(), **live._asdict(), "title": one.title._asdict()}
    said["outcomes"] = [ended._asdict() for ended in live.outcomes]
    return {name: said[name] for name in said if name != "id"}


def _pilot(row: Mapping[str, Any]) -> Sentence:
    code, of, all_of = row["code"], row["piloted"], row["pilot"]
    return Sentence(
        f"{code}: a pilot, {of:,} of {all_of:,} entered",
        f"{code}：试点，已进入 {of:,} / {all_of:,}",
    )


def _bounded(value: object) -> object:
    """A count beyond which nobody counts."""
    return "10,000+" if type(value) is int and value >= views.MOST else value


def _stand(code: str, version: object) -> Sentence:
    return Sentence(
        f"{code}, version {version}: where visits stand", f"{code}，版本 {version}：客户所在步骤"
    )


@app.command("show")
def show_one(code: Code, home: Home = None, json: Json = False) -> None:
    """The published text of a journey, and where its visits stand."""
    with spoken(json=json), opened(home) as siyu:
        with siyu.db.transaction() as conn:
            version = views.get(conn, code)._asdict()
            stand = [one._asdict() for one in standing(conn, code)]
            until = siyu.clock.now()
            lost = [one._asdict() for one in outranked(conn, code, until - LATELY, until)]

        def show(_: object) -> None:
            say(str(version["text"]))
            table(
                _stand(code, version["version"]),
                ["version", "step", "visits", "longest since"],
                [[_bounded(part) for part in row.values()] for row in stand],
                local(siyu),
            )
            for one in lost:
                name, touches = one["journey"], one["touches"]
                say(
                    Sentence(
                        f"outranked by {name}: {touches:,} (last 30 days)",
                        f"让位于 {name}：{touches:,}（最近 30 天）",
                    )
                )

        answer({**version, "standing": stand, "outranked": lost}, json=json, show=show)


@app.command("check")
def check(file: File, json: Json = False) -> None:
    """Say what is wrong with a text, by line. Nothing is stored; no database is needed."""
    with spoken(json=json):
        found = checked(text_of(file), PREDICATES)
    problems = [] if isinstance(found, Journey) else list(found)

    def show(_: object) -> None:
        for problem in problems:
            place = placed(problem)
            say(Sentence(f"{file}: {place}", f"{file}：{place.zh}"))
        some = many(len(problems), "problem", "个问题")
        well = Sentence("The text can be published.", "这份文本可以发布。")
        say(Sentence(f"{some}.", f"{some.zh}。") if problems else well)

    listed = [{"line": one.line, "where": one.where, "why": one.why} for one in problems]
    answer({"problems": listed}, json=json, show=show)
    if problems:
        raise typer.Exit(1)


@app.command("diff")
def diff(
    file: File,
    version: Annotated[
        int | None, typer.Option(help="Compare with this version, not with the published one.")
    ] = None,
    home: Home = None,
    json: Json = False,
) -> None:
    """What would change if this text were published, step by step."""
    with spoken(json=json), opened(home) as siyu:
        text = text_of(file)
        found = checked(text, PREDICATES)
        if not isinstance(found, Journey):
            raise BadInput(Sentence(f"{file} can't be published:", f"{file} 不能发布："), found)
        with siyu.db.transaction() as conn:
            old = views.get(conn, found.journey, version)
        lines = changes(old.text, text)

        def show(_: object) -> None:
            say(
                Sentence(
                    f"{found.journey}: {file} against version {old.version}",
                    f"{found.journey}：{file} 与版本 {old.version} 比较",
                )
            )
            for line in lines or [Sentence("nothing changes", "没有变化")]:
                say(joined(["  ", line], ""))

        answer(
            {"journey": found.journey, "version": old.version, "changes": lines},
            json=json,
            show=show,
        )
