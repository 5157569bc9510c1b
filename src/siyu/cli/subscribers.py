"""Who is told of facts by signed webhooks."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated

import typer

from siyu.api.subscribers import number, shown
from siyu.cli.codes import coded
from siyu.cli.codes import listed as in_a_row
from siyu.cli.screen import By, Home, Json, answer, local, me, opened, say, spoken, table
from siyu.kernel.sentence import Sentence
from siyu.subscribers import actions, views
from siyu.subscribers.decide import words
from siyu.subscribers.sweep import probe

app = typer.Typer(no_args_is_help=True)
Who = Annotated[str, typer.Argument(help="The subscriber: sub_…, as `siyu webhook list` shows it.")]
ALL = 1000


@app.command("add")
def add(
    url: Annotated[str, typer.Argument(help="An https address of yours.")],
    kind: Annotated[
        list[str] | None,
        typer.Option(help="A kind of event (docs/reference/events.md); again for more. None: all."),
    ] = None,
    by: By = "",
    home: Home = None,
    json: Json = False,
) -> None:
    """Tell an address of what is applied from now on; prints the secret that signs it."""
    with spoken(json=json), opened(home) as siyu:
        private = siyu.settings.subscribers_private
        with siyu.db.transaction() as conn:
            found = actions.add(
                conn, url, tuple(kind or ()), me(by), siyu.clock.now(), private=private
            )
            new = shown(siyu, views.get(conn, found))
        secret = siyu.subscriber_secret(found)

        def show(_: object) -> None:
            kinds = in_a_row(new.kinds) or Sentence("every kind of event", "全部事实类型")
            say(Sentence(f"{new.id} is told of {kinds}.", f"{new.id} 将收到：{kinds.zh}。"))
            say(
                Sentence(
                    f"Its secret, which signs every body: {secret}",
                    f"签名密钥（每次推送都用它签名）：{secret}",
                )
            )

        answer({**asdict(new), "secret": secret}, json=json, show=show)


@app.command("list")
def listed(home: Home = None, json: Json = False) -> None:
    """Every subscriber: what it is told, since when it fails, why it was stopped."""
    with spoken(json=json), opened(home) as siyu:
        with siyu.db.transaction() as conn:
            rows = [shown(siyu, one) for one in views.page(conn, 0, ALL)]

        def show(_: object) -> None:
            if not rows:
                say(
                    Sentence(
                        "Nobody is told; `siyu webhook add URL` adds a subscriber.",
                        "还没有订阅方；`siyu webhook add URL` 可添加。",
                    )
                )
                return
            heads = ["id", "url", "kinds", "state", "told_at", "error"]
            cells = [
                [
                    one.id,
                    one.url,
                    in_a_row(one.kinds) or Sentence("all", "全部"),
                    one.stopped_why or coded("subscriber", "failing" if one.failures else "active"),
                    one.told_at,
                    one.error,
                ]
                for one in rows
            ]
            table("Subscribers", heads, cells, local(siyu))

        answer({"subscribers": [asdict(one) for one in rows]}, json=json, show=show)


@app.command("test")
def tried(subscriber: Who, home: Home = None, json: Json = False) -> None:
    """Post a signed body without events to it, now, and say what its door answered."""
    with spoken(json=json), opened(home) as siyu:
        with siyu.db.transaction() as conn:
            row = views.get(conn, number(siyu, subscriber))
        found = probe(siyu.telling, row)
        said = words(found)
        took = Sentence(
            f"{row.url} took it (status {found.status}).",
            f"{row.url} 已接收（状态 {found.status}）。",
        )
        why = _why(found.status, said)
        refused = Sentence(f"{row.url} {why}.", f"{row.url} 没有接收：{why.zh}。")
        answer(
            {"status": found.status, "error": said},
            json=json,
            show=lambda _: say(refused if said else took),
        )
        if said:
            raise typer.Exit(1)


@app.command("resume")
def resume(subscriber: Who, by: By = "", home: Home = None, json: Json = False) -> None:
    """Tell it again after it was given up; what it missed comes first."""
    with spoken(json=json), opened(home) as siyu:
        with siyu.db.transaction() as conn:
            actions.resume(conn, number(siyu, subscriber), me(by), siyu.clock.now())
        answer(
            {"id": subscriber, "active": True},
            json=json,
            show=lambda _: say(
                Sentence(
                    f"{subscriber} is told again; what it missed comes first.",
                    f"{subscriber} 恢复推送；先补发漏掉的。",
                )
            ),
        )


@app.command("remove")
def remove(subscriber: Who, by: By = "", home: Home = None, json: Json = False) -> None:
    """Tell it nothing more, and forget it."""
    with spoken(json=json), opened(home) as siyu:
        with siyu.db.transaction() as conn:
            actions.remove(conn, number(siyu, subscriber), me(by), siyu.clock.now())
        answer(
            {"id": subscriber, "removed": True},
            json=json,
            show=lambda _: say(
                Sentence(f"{subscriber} is told nothing any more.", f"{subscriber} 不再收到推送。")
            ),
        )


def _why(status: int | None, said: str) -> Sentence:
    """What a door answered; of a network's error its own words."""
    if status is None:
        return Sentence(said, said)
    more = "；不跟随重定向" if 300 <= status < 400 else ""
    return Sentence(said, f"返回状态 {status}{more}")
