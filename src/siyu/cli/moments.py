"""Moments: write one, see what came of each, call one off."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from siyu.api.moments import MomentShown, shown
from siyu.app import App, Moment
from siyu.cli.codes import coded, listed
from siyu.cli.screen import (
    By,
    Home,
    Json,
    answer,
    local,
    many,
    me,
    opened,
    say,
    spoken,
    table,
    tongue,
)
from siyu.kernel.errors import BadInput
from siyu.kernel.sentence import Sentence
from siyu.staff import actions

app = typer.Typer(no_args_is_help=True)
WHY = {
    "not_able": Sentence("can't publish", "不能发表"),
    "enough_today": Sentence("was asked enough today", "今天的请求已够多"),
}
PLANNED = Sentence("Nothing is made; --do asks them.", "还没有创建；加 --do 才会请他们发表。")
NO_TAGS = Sentence("There are none.", "没有标签。")
LONGEST = 24  # characters of a text in the list


@app.command("list")
def listing(home: Home = None, json: Json = False) -> None:
    """Moments of the last half year: who has published, who can see it, likes and comments."""
    with spoken(json=json), opened(home) as siyu:
        found = _listed(siyu)

        def show(_: object) -> None:
            heads = ["id", "at", "text", "state", "published", "seen by", "likes", "comments"]
            rows = [
                [one.id, one.at, one.text[:LONGEST], one.why or coded("moment", one.state),
                 _of(len(one.published), len(one.asked)), one.seen, one.likes, one.comments]
                for one in found
            ]  # fmt: skip
            table("Moments", heads, rows, local(siyu))

        answer({"moments": [asdict(one) for one in found]}, json=json, show=show)


@app.command("tags")
def tags(home: Home = None, json: Json = False) -> None:
    """The carrier's tags by which customers can be chosen."""
    with spoken(json=json), opened(home) as siyu:
        found = siyu.connections.showing().tags()
        answer({"tags": found}, json=json, show=lambda _: say("\n".join(found) or NO_TAGS))


@app.command("write")
def write(
    text: Annotated[str, typer.Argument(help="What it says.")] = "",
    *,
    picture: Annotated[
        list[Path] | None,
        typer.Option(help="A JPG or PNG file, or one MP4; again for more, at most nine."),
    ] = None,
    link: Annotated[str, typer.Option(help="An address; its one picture is the cover.")] = "",
    title: Annotated[str, typer.Option(help="What the link is called.")] = "",
    member: Annotated[
        list[str] | None, typer.Option(help="Who is asked to publish it; none: all who can.")
    ] = None,
    tag: Annotated[
        list[str] | None,
        typer.Option(help="GROUP/NAME: only friends with one of these tags can see it."),
    ] = None,
    do: Annotated[bool, typer.Option("--do", help="Ask them; else it is only planned.")] = False,
    by: By = "",
    home: Home = None,
    json: Json = False,
) -> None:
    """Have members asked to publish a Moment. Without --do it is said whom it would ask."""
    with spoken(json=json), opened(home) as siyu:
        showing = siyu.connections.showing()
        media = tuple(showing.upload(_read(one)) for one in picture or ())
        moment = Moment(text, media, link, title, tuple(member or ()), tuple(tag or ()))
        plan = showing.plan(moment)
        found: dict[str, object] = {"members": list(plan.members), "left_out": dict(plan.left_out)}
        if do:
            made = showing.make(moment, me(by))
            with siyu.db.transaction() as conn:
                actions.audit(conn, me(by), "moment.make", made, "", siyu.clock.now())
            siyu.wake()
            found["id"] = made

        def show(_: object) -> None:
            _planned(plan.members, plan.left_out)
            asked = Sentence(
                f"{found.get('id')}: they are asked.", f"{found.get('id')}：已请他们发表。"
            )
            say(asked if do else PLANNED)

        answer(found, json=json, show=show)


@app.command("cancel")
def cancel(
    moment: Annotated[str, typer.Argument(help="Its id, as `siyu moments list` shows it.")],
    by: By = "",
    home: Home = None,
    json: Json = False,
) -> None:
    """Ask nobody any more. What was published stays."""
    with spoken(json=json), opened(home) as siyu:
        siyu.connections.showing().cancel(moment)
        with siyu.db.transaction() as conn:
            actions.audit(conn, me(by), "moment.cancel", moment, "", siyu.clock.now())
        answer(
            {"id": moment}, json=json,
            show=lambda _: say(
                Sentence(f"{moment}: nobody is asked any more.", f"{moment}：不再请任何人发表。")
            ),
        )  # fmt: skip


def _listed(siyu: App) -> list[MomentShown]:
    return [shown(one, tongue()) for one in siyu.connections.showing().listed()]


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise BadInput(
            Sentence(
                f"{path} can't be read ({error.strerror}).",
                f"{path} 无法读取（{error.strerror}）。",
            )
        ) from None


def _planned(members: Sequence[str], left_out: Mapping[str, str]) -> None:
    some, named = many(len(members), "member", "位成员"), listed(members)
    would = Sentence(f"{some} would be asked", f"将请 {some.zh}发表")
    to = Sentence(f"{would}: {named}.", f"{would.zh}：{named.zh}。")
    say(to if members else Sentence(f"{would}.", f"{would.zh}。"))
    for one, code in left_out.items():
        why = WHY[code]
        say(Sentence(f"Not {one}: {why}.", f"不包括 {one}：{why.zh}。"))


def _of(some: int, whole: int) -> Sentence:
    return Sentence(f"{some} of {whole}", f"{some} / {whole}")
