"""Who may sign in to the console."""

from __future__ import annotations

import sys
from dataclasses import asdict
from typing import Annotated

import typer

from siyu.api.accounts import ConsoleAccount, listed
from siyu.app import App
from siyu.cli.codes import coded
from siyu.cli.screen import (
    By,
    Home,
    Json,
    answer,
    joined,
    local,
    me,
    one_of,
    opened,
    say,
    spoken,
    table,
    tongue,
)
from siyu.kernel.errors import BadInput
from siyu.kernel.sentence import Sentence, within
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
ASKED = Sentence("The password", "密码")
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
    role = coded("role", one.role)
    if not one.active:
        role = Sentence(f"{role}, off", f"{role.zh}，已停用")
    password = Sentence("one-time", "一次性") if one.must_change else one.changed_at
    sees = _sees(Sees(one.scope, one.place))
    return [one.code, one.name, role, sees, one.sessions, one.seen_at, password]


def _sees(said: Sees) -> Sentence:
    by_itself = Sentence("by role and store", "按角色与门店")
    scope = coded("scope", said.scope) if said.scope else by_itself
    return joined([scope, said.place], " ") if said.place else scope


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
        of = _sees(sees)
        said = Sentence(f"{code} sees: {of}.", f"{code} 的可见范围：{of.zh}。")
        answer(found, json=json, show=lambda _: say(said))


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
        words = Sentence(f"The account of {code} is off.", f"{code} 的账号已停用。")
        if active:
            words = Sentence(f"The account of {code} is on.", f"{code} 的账号已启用。")
        answer({"code": code, "active": active}, json=json, show=lambda _: say(words))


def _scope(word: str) -> ScopeKind | None:
    return one_of(word, ScopeKind, Sentence("scope", "范围")) if word else None


def _password(*, typed: bool) -> str:
    """Never an argument: those stay in the shell's history, and every process sees them."""
    if not typed:
        return accounts.made_up()
    if sys.stdin.isatty():
        return typer.prompt(within(tongue(), ASKED), hide_input=True, err=True)
    value = sys.stdin.readline().rstrip("\r\n")
    if not value:
        raise BadInput(Sentence("Write the password on standard input.", "请从标准输入写入密码。"))
    return value


def _told(siyu: App, code: str, made: str, *, json: bool) -> None:
    """`made` is shown here and nowhere else."""
    url = console(siyu)

    def show(_: object) -> None:
        if made:
            say(
                Sentence(
                    f"Password of {code}: {made}"
                    " (shown once; it must be changed at the first sign-in)",
                    f"{code} 的密码：{made}（只显示一次；首次登录时必须修改）",
                )
            )
        say(
            Sentence(
                f"{code} signs in at {url} while `siyu serve` runs.",
                f"`siyu serve` 运行时，{code} 在 {url} 登录。",
            )
        )

    found = {"code": code, "url": url, **({"password": made} if made else {})}
    answer(found, json=json, show=show)
