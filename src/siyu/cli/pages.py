"""`siyu page`: the brand's own pages as texts."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from siyu.api.pages import linked, shown
from siyu.api.surveys import Answered
from siyu.cli.customers import the_one
from siyu.cli.journeys import text_of
from siyu.cli.screen import (
    By,
    Home,
    Json,
    answer,
    local,
    me,
    opened,
    read_from,
    say,
    spoken,
    table,
)
from siyu.kernel.errors import BadInput
from siyu.kernel.sentence import Sentence
from siyu.pages import actions, views
from siyu.pages.actions.answers import read_texts
from siyu.staff.model import Scope

app = typer.Typer(no_args_is_help=True)
Code = Annotated[str, typer.Argument(metavar="PAGE", help="The page's code.")]


@app.command("list")
def listing(
    retired: Annotated[
        bool, typer.Option("--retired", help="Those that were retired too.")
    ] = False,
    home: Home = None,
    json: Json = False,
) -> None:
    """Every page: where it is, how many went on from it, how many became friends."""
    with spoken(json=json), opened(home) as siyu:
        with siyu.db.transaction() as conn:
            found = [shown(siyu, one) for one in views.pages(conn, retired=retired)]

        def show(_: object) -> None:
            if not found:
                say(
                    Sentence(
                        "No pages yet; `siyu page set FILE` keeps one.",
                        "还没有页面；用 `siyu page set FILE` 保存一个。",
                    )
                )
                return
            heads = (
                "page",
                "kind",
                "version",
                "opened",
                "done",
                "went on",
                "friends",
                "set by",
                "retired",
                "where",
            )
            rows = [
                (one.code, one.kind, one.version, one.visits, one.done, one.given,
                 one.friends, one.set_by, one.retired_at, one.url)
                for one in found
            ]  # fmt: skip
            table("Pages", heads, rows, local(siyu))

        answer({"pages": [asdict(one) for one in found]}, json=json, show=show)


@app.command("set")
def keep(
    file: Annotated[Path, typer.Argument(help="The page as a text (YAML).")],
    by: By = "",
    home: Home = None,
    json: Json = False,
) -> None:
    """Keep a page; people see it from then on. Audited."""
    with spoken(json=json), opened(home) as siyu:
        with read_from(file), siyu.db.transaction() as conn:
            kept = actions.set_page(conn, text_of(file), me(by), siyu.clock.now())
        same = Sentence("", "") if kept.new else Sentence(", as before", "，与原来相同")
        said = Sentence(
            f"{kept.code}: version {kept.version}{same}.",
            f"{kept.code}：版本 {kept.version}{same.zh}。",
        )
        answer(kept._asdict(), json=json, show=lambda _: say(said))


@app.command("show")
def show_one(page: Code, home: Home = None, json: Json = False) -> None:
    """The text of a page, and what it has brought."""
    with spoken(json=json), opened(home) as siyu:
        with siyu.db.transaction() as conn:
            one = shown(siyu, views.page(conn, page))

        def show(_: object) -> None:
            say(one.text)
            say(
                Sentence(
                    f"Version {one.version}, by {one.set_by}: {one.url}",
                    f"版本 {one.version}，由 {one.set_by} 设定：{one.url}",
                )
            )
            say(
                Sentence(
                    f"{one.given:,} went on from it to add us, {one.friends:,} became friends.",
                    f"{one.given:,} 人由此去添加，{one.friends:,} 人成为好友。",
                )
            )
            if one.retired_at:
                say(Sentence("It is retired.", "已停用。"))

        answer(asdict(one), json=json, show=show)


@app.command("retire")
def retire(page: Code, by: By = "", home: Home = None, json: Json = False) -> None:
    """Nobody can open it any more; what it has brought stays. Audited."""
    with spoken(json=json), opened(home) as siyu:
        with siyu.db.transaction() as conn:
            actions.retire(conn, page, me(by), siyu.clock.now())
        said = Sentence(f"{page} is retired.", f"{page} 已停用。")
        answer({"retired": page}, json=json, show=lambda _: say(said))


@app.command("link")
def link(
    page: Code,
    customer: Annotated[str, typer.Argument(help="A phone, an order or cus_….")],
    home: Home = None,
    json: Json = False,
) -> None:
    """A page's link for one customer, to be sent to nobody else."""
    with spoken(json=json), opened(home) as siyu, siyu.db.transaction() as conn:
        who = siyu.ids.encode("cus", the_one(siyu, conn, customer))
        found = linked(siyu, conn, page, who, Scope())
        answer(asdict(found), json=json, show=lambda _: say(found.url))


@app.command("answers")
def answers(
    page: Code,
    texts: Annotated[
        bool, typer.Option("--texts", help="Also what people wrote in their own words; audited.")
    ] = False,
    reason: Annotated[str, typer.Option(help="Why you read that.")] = "",
    by: By = "",
    home: Home = None,
    json: Json = False,
) -> None:
    """How many people gave which answer to a survey."""
    with spoken(json=json), opened(home) as siyu:
        if texts and not reason.strip():
            raise BadInput(Sentence("Say why with --reason.", "请用 --reason 说明原因。"))
        with siyu.db.transaction() as conn:
            found = views.results(conn, page)
            now = siyu.clock.now()
            said = read_texts(conn, siyu.keys, page, me(by), reason, now) if texts else []
        free = [
            {**one._asdict(), "customer_id": siyu.ids.encode("cus", one.customer_id)}
            for one in said
        ]

        def show(_: object) -> None:
            heads = ("version", "question", "answer", "people", "last")
            table("Answers", heads, [tuple(one) for one in found], local(siyu))
            for one in said:
                say(Sentence(f"{one.question}: {one.text}", f"{one.question}：{one.text}"))

        told = {"answers": [asdict(Answered(**one._asdict())) for one in found]}
        answer({**told, "texts": free} if texts else told, json=json, show=show)
