"""Who may sign in to the console."""

from __future__ import annotations

import sys
from dataclasses import asdict
from typing import Annotated

import typer

from siyu.api.accounts import ConsoleAccount, listed
from siyu.app import App
from siyu.cli.screen import By, Home, Json, answer, local, me, one_of, opened, say, spoken, table
from siyu.kernel.errors import BadInput
from siyu.kernel.sentence import Sentence
from siyu.staff.actions import accounts
from siyu.staff.model import ScopeKind, Sees

app = typer.Typer(no_args_is_help=True)
Code = Annotated[str, typer.Argument(help="Whose: the code of a member of staff.")]
Typed = Annotated[
    bool, typer.Option("--password-stdin", help="Read the password; left out: one is made up.")
]
Scope = Annotated[
    str,
    typer.Option(help="head_office, region, store or own; left out: as role and store say."),
]
Place = Annotated[str, typer.Option(help="Which region or store; left out: the member's own.")]


def console(siyu: App) -> str:
    """Where the console is."""
    return f"http://{siyu.settings.host}:{siyu.settings.port}/"


@app.command("list")
def listing(home: Home = None, json: Json = False) -> None:
    """Everybody who may sign in: role, what they see, since when, seen when."""
    with spoken(json=json), opened(home) as siyu:
        found = listed(siyu)

        def show(_: object) -> None:
            heads = ["code", "name", "role", "sees", "signed in", "last seen", "password"]
            table("Accounts", heads, [_row(one) for one in found.accounts], local(siyu))

        answer(asdict(found), json=json, show=show)


def _row(one: ConsoleAccount) -> list[object]:
    role = one.role if one.active else f"{one.role}, off"
    password = "one-time" if one.must_change else one.changed_at
    return [one.code, one.name, role, f"{one.scope} {one.place}".strip(), one.sessions,
            one.seen_at, password]  # fmt: skip


@app.command("add")
def add(
    code: Code,
    scope: Scope = "",
    place: Place = "",
    *,
    password_stdin: Typed = False,
    by: By = "",
    home: Home = None,
    json: Json = False,
) -> None:
    """Let somebody sign in. The password must be changed when they do."""
    with spoken(json=json), opened(home) as siyu:
        password = _password(typed=password_stdin)
        sees = Sees(_scope(scope), place)
        with siyu.db.transaction() as conn:
            accounts.add(conn, code, password, me(by), siyu.clock.now(), sees=sees)
        _told(siyu, code, "" if password_stdin else password, json=json)


@app.command("password")
def password(
    code: Code,
    *,
    password_stdin: Typed = False,
    by: By = "",
    home: Home = None,
    json: Json = False,
) -> None:
    """Give a new password, which must be changed; ends the account's sessions."""
    with spoken(json=json), opened(home) as siyu:
        new = _password(typed=password_stdin)
        with siyu.db.transaction() as conn:
            accounts.set_password(conn, code, new, me(by), siyu.clock.now(), must_change=True)
        _told(siyu, code, "" if password_stdin else new, json=json)


@app.command("scope")
def scope(
    code: Code,
    to: Annotated[str, typer.Argument(help="As for add; left out: as role and store say.")] = "",
    place: Place = "",
    by: By = "",
    home: Home = None,
    json: Json = False,
) -> None:
    """Set what an account sees. Holds at once."""
    with spoken(json=json), opened(home) as siyu:
        sees = Sees(_scope(to), place)
        with siyu.db.transaction() as conn:
            accounts.set_scope(conn, code, sees, me(by), siyu.clock.now())
        found = {"code": code, **sees._asdict()}
        answer(found, json=json, show=lambda _: say(f"{code} sees: {sees}."))


@app.command("off")
def off(code: Code, by: By = "", home: Home = None, json: Json = False) -> None:
    """Nobody signs in by it any more, and whoever is signed in is not."""
    _switch(code, by, home, active=False, json=json)


@app.command("on")
def on(code: Code, by: By = "", home: Home = None, json: Json = False) -> None:
    """It may be used again."""
    _switch(code, by, home, active=True, json=json)


def _switch(code: str, by: str, home: Home, *, active: bool, json: bool) -> None:
    with spoken(json=json), opened(home) as siyu:
        with siyu.db.transaction() as conn:
            accounts.set_active(conn, code, me(by), siyu.clock.now(), active=active)
        words = f"The account of {code} is {'on' if active else 'off'}."
        answer({"code": code, "active": active}, json=json, show=lambda _: say(words))


def _scope(word: str) -> ScopeKind | None:
    return one_of(word, ScopeKind, Sentence("scope", "范围")) if word else None


def _password(*, typed: bool) -> str:
    """Never an argument: those stay in the shell's history, and every process sees them."""
    if not typed:
        return accounts.made_up()
    if sys.stdin.isatty():
        return typer.prompt("The password", hide_input=True, err=True)
    value = sys.stdin.readline().rstrip("\r\n")
    if not value:
        raise BadInput(Sentence("Write the password on standard input.", "请从标准输入写入密码。"))
    return value


def _told(siyu: App, code: str, made: str, *, json: bool) -> None:
    """`made` is shown here and nowhere else."""
    url = console(siyu)

    def show(_: object) -> None:
        if made:
            say(f"Password of {code}: {made} (shown once; it must be changed at the first sign-in)")
        say(f"{code} signs in at {url} while `siyu serve` runs.")

    found = {"code": code, "url": url, **({"password": made} if made else {})}
    answer(found, json=json, show=show)
