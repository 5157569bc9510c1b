"""`siyu slots`: what can be booked in stores, what is booked, who came."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from siyu.api.auth import HOLDS_THE_KEY
from siyu.api.slots import bookable, numbered, on, shown
from siyu.cli.journeys import text_of
from siyu.cli.screen import (
    By,
    Home,
    Json,
    answer,
    local,
    me,
    one_day,
    opened,
    read_from,
    say,
    spoken,
    table,
)
from siyu.kernel.sentence import Sentence
from siyu.pages import views
from siyu.pages.actions import bookings, slots
from siyu.staff.views import stores

app = typer.Typer(no_args_is_help=True)
Code = Annotated[str, typer.Argument(help="The code that the customer shows.")]


@app.command("list")
def listing(home: Home = None, json: Json = False) -> None:
    """What can be booked."""
    with spoken(json=json), opened(home) as siyu:
        with siyu.db.transaction() as conn:
            names = {one.code: one.name for one in stores(conn)}
            found = [bookable(one, names) for one in views.services(conn)]

        def show(_: object) -> None:
            if not found:
                say(
                    Sentence(
                        "Nothing can be booked yet; `siyu slots set FILE` says what, when and"
                        " where.",
                        "还没有可预约的项目；用 `siyu slots set FILE` 说明项目、时间和门店。",
                    )
                )
            for one in found:
                say(one.text)

        answer({"services": [asdict(one) for one in found]}, json=json, show=show)


@app.command("set")
def keep(
    file: Annotated[Path, typer.Argument(help="The service as a text (YAML).")],
    by: By = "",
    home: Home = None,
    json: Json = False,
) -> None:
    """Say when which stores take bookings for a service. What is booked stays booked; audited."""
    with spoken(json=json), opened(home) as siyu:
        with read_from(file), siyu.db.transaction() as conn:
            known = [one.code for one in stores(conn)]
            now = siyu.clock.now()
            found = slots.set_service(conn, text_of(file), known, me(by), now)
        where = ", ".join(found.stores)
        said = Sentence(
            f"{found.service} can be booked in {where}.", f"{found.service} 可在 {where} 预约。"
        )
        answer({"service": found.service}, json=json, show=lambda _: say(said))


@app.command("close")
def close(
    service: Annotated[str, typer.Argument(help="What is booked.")],
    store: Annotated[str, typer.Argument(help="The store's code.")],
    day_: Annotated[str, typer.Argument(metavar="DAY", help="Like 2026-12-25.")],
    again: Annotated[
        bool, typer.Option("--open", help="The store takes bookings again that day.")
    ] = False,
    by: By = "",
    home: Home = None,
    json: Json = False,
) -> None:
    """Have a store take no bookings on a day, a holiday. What is booked stays booked; audited."""
    with spoken(json=json), opened(home) as siyu:
        which, on_day = (service, store), one_day(day_)
        with siyu.db.transaction() as conn:
            now = siyu.clock.now()
            slots.close_day(conn, which, on_day, me(by), now, closed=not again)
        said = Sentence(f"{store} takes no bookings on {on_day}.",
                        f"{store} 在 {on_day} 不接受预约。")  # fmt: skip
        if again:
            said = Sentence(f"{store} takes bookings again on {on_day}.",
                            f"{store} 在 {on_day} 恢复预约。")  # fmt: skip
        facts = {"service": service, "store": store, "day": on_day, "closed": not again}
        answer(facts, json=json, show=lambda _: say(said))


@app.command("day")
def day(
    store: Annotated[str, typer.Argument(help="The store's code.")],
    on_day: Annotated[str, typer.Option("--on", help="2026-12-01; left out: today.")] = "",
    home: Home = None,
    json: Json = False,
) -> None:
    """What a store has on a day: slots that begin, and pieces whose time is over then."""
    with spoken(json=json), opened(home) as siyu:
        wanted = one_day(on_day) if on_day else None
        with siyu.db.transaction() as conn:
            found = [shown(siyu, one) for one in on(siyu, conn, store, wanted)]
        heads = ("at", "until", "what", "code", "customer", "state")
        rows = [
            (one.starts_at, one.ends_at, one.offer, one.code, one.customer, one.state)
            for one in found
        ]
        zone = local(siyu)
        title = Sentence(f"Bookings of {store}", f"{store} 的预约")
        facts = {"bookings": [asdict(one) for one in found]}
        answer(facts, json=json, show=lambda _: table(title, heads, rows, zone))


@app.command("keep")
def came(code: Code, by: By = "", home: Home = None, json: Json = False) -> None:
    """The customer has come, also if late: what was reserved is handed over. Audited."""
    with spoken(json=json), opened(home) as siyu:
        with siyu.db.transaction() as conn:
            number = numbered(siyu, conn, HOLDS_THE_KEY, code)
            kept = bookings.keep(conn, siyu.ids, number, me(by), "", siyu.clock.now())
        said = Sentence(
            f"{kept.offer} in {kept.store}: kept.", f"{kept.store} 的 {kept.offer}：已履行。"
        )
        answer(asdict(shown(siyu, kept)), json=json, show=lambda _: say(said))


@app.command("miss")
def missed(code: Code, by: By = "", home: Home = None, json: Json = False) -> None:
    """Nobody came: the place is free again. Audited."""
    with spoken(json=json), opened(home) as siyu:
        with siyu.db.transaction() as conn:
            number = numbered(siyu, conn, HOLDS_THE_KEY, code)
            gone = bookings.miss(conn, siyu.ids, number, me(by), siyu.clock.now())
        said = Sentence(
            f"{gone.offer} in {gone.store}: missed.", f"{gone.store} 的 {gone.offer}：未到店。"
        )
        answer(asdict(shown(siyu, gone)), json=json, show=lambda _: say(said))
