"""Group chats: what each is for, how full it is, who is in the wrong ones, what is said when."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from datetime import timedelta
from pathlib import Path
from typing import Annotated, Any

import typer

from siyu.api import group_posts
from siyu.api.group_plans import OddKind, as_json, listed, said, strays
from siyu.cli.codes import coded
from siyu.cli.codes import listed as in_a_row
from siyu.cli.journeys import text_of
from siyu.cli.screen import (
    By,
    Home,
    Json,
    answer,
    local,
    many,
    me,
    one_of,
    opened,
    read_from,
    say,
    spoken,
    table,
    tongue,
)
from siyu.cli.ways import groups
from siyu.groups import actions, views
from siyu.groups.actions import posts as said_by_hand
from siyu.kernel.sentence import Sentence
from siyu.kernel.time import zone
from siyu.worker.groups import chats, fill

app = typer.Typer(no_args_is_help=True)
app.command("list")(groups)
LED = Sentence("here", "此群")


@app.command("plans")
def plans(home: Home = None, json: Json = False) -> None:
    """What groups are for: who is in them, how full each is, into which the code leads."""
    with spoken(json=json), opened(home) as siyu:
        found = listed(siyu)

        def show(_: object) -> None:
            if not found:
                say(
                    Sentence(
                        "No plans yet; `siyu groups set FILE` keeps some.",
                        "还没有社群计划；`siyu groups set FILE` 可保存。",
                    )
                )
            for one in found:
                none = Sentence("  NO GROUP HAS ROOM", "  所有社群都已满")
                alarm = none if one.alarm else Sentence("", "")
                people = many(one.members, "customer", "位客户")
                title = Sentence(one.title["en"], one.title["zh"])
                say(
                    Sentence(
                        f"{one.code} ({title}): {people}{alarm}",
                        f"{one.code}（{title.zh}）：{people.zh}{alarm.zh}",
                    )
                )
                rows = [
                    [chat.title, chat.people, one.fills_up_to, chat.room,
                     LED if chat.led_into else "", chat.chat]
                    for chat in one.chats
                ]  # fmt: skip
                heads = ["title", "people", "fills up to", "room", "code leads", "chat"]
                table(one.code, heads, rows, local(siyu))

        answer(as_json(found), json=json, show=show)


@app.command("set")
def keep(
    file: Annotated[Path, typer.Argument(help="Plans (YAML), several apart by a line ---.")],
    by: By = "",
    home: Home = None,
    json: Json = False,
) -> None:
    """Keep the plans of a file, all or none. Audited."""
    with spoken(json=json), opened(home) as siyu:
        known = chats(siyu)
        with read_from(file), siyu.db.transaction() as conn:
            codes = actions.set_plans(conn, text_of(file), known, me(by), siyu.clock.now())
        plans, names = many(len(codes), "plan", "个社群计划"), in_a_row(codes)
        said_so = Sentence(f"{plans} kept: {names}", f"已保存 {plans.zh}：{names.zh}")
        answer({"codes": codes}, json=json, show=lambda _: say(said_so))


@app.command("drop")
def drop(
    code: Annotated[str, typer.Argument(help="The purpose whose plan is given up.")],
    by: By = "",
    home: Home = None,
    json: Json = False,
) -> None:
    """Give a plan up; its groups stay as they are and are for nothing any more. Audited."""
    with spoken(json=json), opened(home) as siyu:
        known = chats(siyu)
        with siyu.db.transaction() as conn:
            actions.drop(conn, code, known, me(by), siyu.clock.now())
        words = Sentence(f"{code} has no plan any more.", f"{code} 不再有社群计划。")
        answer({"dropped": code}, json=json, show=lambda _: say(words))


@app.command("pause")
def pause(
    code: Annotated[str, typer.Argument(help="The purpose whose plan is paused.")],
    by: By = "",
    home: Home = None,
    json: Json = False,
) -> None:
    """Say nothing in its groups and lead its code nowhere else, until it is resumed. Audited."""
    with spoken(json=json), opened(home) as siyu:
        with siyu.db.transaction() as conn:
            actions.pause(conn, code, me(by), siyu.clock.now())
        words = Sentence(f"{code} is paused.", f"{code} 已暂停。")
        answer({"paused": code}, json=json, show=lambda _: say(words))


@app.command("resume")
def resume(
    code: Annotated[str, typer.Argument(help="The purpose whose plan goes on.")],
    by: By = "",
    home: Home = None,
    json: Json = False,
) -> None:
    """Let a paused plan go on; what its calendar said meanwhile is not said. Audited."""
    with spoken(json=json), opened(home) as siyu:
        with siyu.db.transaction() as conn:
            actions.resume(conn, code, me(by), siyu.clock.now())
        words = Sentence(f"{code} goes on.", f"{code} 已恢复。")
        answer({"resumed": code}, json=json, show=lambda _: say(words))


@app.command("fill")
def lead(
    code: Annotated[str, typer.Argument(help="Only of this purpose; else of all.")] = "",
    by: By = "",
    home: Home = None,
    json: Json = False,
) -> None:
    """Have codes lead into groups that have room, as happens by itself every ten minutes."""
    with spoken(json=json), opened(home) as siyu:
        found = fill(siyu, [code] if code else None, me(by))

        def show(_: object) -> None:
            for one in found:
                into = in_a_row(one.into)
                say(
                    Sentence(
                        f"{one.way} leads into {into} from now on.",
                        f"{one.way} 现在指向{into.zh}。",
                    )
                )
            if not found:
                say(Sentence("Every code leads where it should.", "所有群码的指向都正确。"))

        answer({"led": [asdict(one) for one in found]}, json=json, show=show)


@app.command("odd")
def odd(
    kind: Annotated[
        str, typer.Argument(help="twice: in several of one purpose; apart: in some kept apart.")
    ] = "twice",
    limit: Annotated[int, typer.Option(min=1, max=1000, help="At most so many.")] = 200,
    home: Home = None,
    json: Json = False,
) -> None:
    """Customers who are in groups in which they should not be together."""
    with spoken(json=json), opened(home) as siyu:
        wanted: OddKind = one_of(kind, OddKind, Sentence("kind", "类型"))
        with siyu.db.transaction() as conn:
            rows = [
                {"customer": siyu.ids.encode("cus", one.customer_id), "purpose": one.purpose,
                 "other": one.other, "chats": one.chats}
                for one in strays(conn, wanted, 0, limit)
            ]  # fmt: skip

        def show(_: object) -> None:
            heads = ["customer", "purpose", "other", "chats"]
            cells = [
                [row["customer"], row["purpose"], row["other"], in_a_row(row["chats"])]
                for row in rows
            ]
            table("In the wrong groups", heads, cells, local(siyu))

        answer({"rows": rows}, json=json, show=show)


@app.command("days")
def days(
    back: Annotated[int, typer.Option(min=1, max=366, help="So many days back.")] = 30,
    home: Home = None,
    json: Json = False,
) -> None:
    """Customers who came into groups of each purpose and who went, day by day."""
    with spoken(json=json), opened(home) as siyu:
        since = siyu.clock.now() - timedelta(days=back)
        with siyu.db.transaction() as conn:
            found = views.days(conn, since, zone(siyu.brand.time_zone))

        def show(_: object) -> None:
            heads = ["purpose", "day", "joined", "left"]
            table("Groups by day", heads, [list(one) for one in found], local(siyu))

        answer({"days": [one._asdict() for one in found]}, json=json, show=show)


@app.command("calendar")
def calendar(
    ahead: Annotated[int, typer.Option(min=1, max=62, help="So many days ahead.")] = 7,
    home: Home = None,
    json: Json = False,
) -> None:
    """What is to be said in groups, by whom and when."""
    with spoken(json=json), opened(home) as siyu:
        found = [asdict(one) for one in said(siyu, ahead)]

        def show(_: object) -> None:
            heads = ["at", "purpose", "through", "material", "owner"]
            rows = [[_post(one, head) for head in heads] for one in found]
            table("Calendar", heads, rows, local(siyu))

        answer({"posts": found}, json=json, show=show)


@app.command("posts")
def posts(
    back: Annotated[int, typer.Option(min=1, max=366, help="So many days back.")] = 14,
    home: Home = None,
    json: Json = False,
) -> None:
    """What calendars have said: who has to press, what is done by hand, what came of it."""
    with spoken(json=json), opened(home) as siyu:
        found = [asdict(one) for one in group_posts.listed(siyu, back, tongue())]

        def show(_: object) -> None:
            heads = ["at", "purpose", "through", "material", "staff", "state", "sent", "groups",
                     "reason", "until", "id"]  # fmt: skip
            rows = [[_post(one, head) for head in heads] for one in found]
            table("Posts", heads, rows, local(siyu))

        answer({"posts": found}, json=json, show=show)


@app.command("done")
def done(
    post: Annotated[str, typer.Argument(help="The post that was said by hand, gpo_….")],
    by: By = "",
    home: Home = None,
    json: Json = False,
) -> None:
    """Tell that somebody has said it by hand. Audited."""
    with spoken(json=json), opened(home) as siyu:
        with siyu.db.transaction() as conn:
            one = group_posts.the_one(siyu, conn, post)
            said_by_hand.done(conn, one.id, me(by), siyu.clock.now())
        words = Sentence(f"{post} is done.", f"{post} 已完成。")
        answer({"done": post}, json=json, show=lambda _: say(words))


def _post(one: Mapping[str, Any], head: str) -> object:
    named = {"through": "channel", "state": "post"}
    return coded(named[head], one[head]) if head in named else one[head]
