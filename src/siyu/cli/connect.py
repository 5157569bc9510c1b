"""`siyu connect`: walk through a vendor's settings, keep them, and say in words what is missing."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from typing import Annotated

import typer

from siyu.app import App, Checked, Entry
from siyu.cli.screen import (
    By,
    Home,
    Json,
    answer,
    language_named,
    me,
    opened,
    say,
    spoken,
    table,
)
from siyu.kernel.errors import BadInput
from siyu.kernel.sentence import Language, Sentence, within
from siyu.staff.actions import audit

MARKS = {"ok": "✓", "missing": "✗", "wrong": "✗", "unverified": "?"}
HIDDEN = "••••••"
LISTED = Sentence("Connectors", "连接器")
HEADS = (
    Sentence("connector", "代码"),
    Sentence("what it is", "名称"),
    Sentence("connected", "已连接"),
    Sentence("carries", "渠道"),
)
YES, NO = Sentence("yes", "是"), Sentence("no", "否")
HOW = Sentence(
    "siyu connect NAME goes through the settings of one and tests them.",
    "siyu connect NAME 逐项填写一个连接器的设置并测试。",
)
KEYS = Sentence(
    "Enter keeps what stands in brackets; a single - forgets it.",
    "直接回车保留方括号里的值；输入 - 清除。",
)
ENVIRONMENT = Sentence("The environment says it.", "由环境变量设定。")


def connect(  # noqa: PLR0917 - each is an option with a name
    name: Annotated[str, typer.Argument(help="The connector; without one all are listed.")] = "",
    put: Annotated[
        list[str] | None,
        typer.Option("--set", help="FIELD=VALUE; again for more. What it is not asked for."),
    ] = None,
    ask: Annotated[
        list[str] | None,
        typer.Option(help="A field whose value is typed unseen, or is a line of standard input."),
    ] = None,
    unset: Annotated[list[str] | None, typer.Option(help="A field to forget.")] = None,
    test: Annotated[bool, typer.Option("--test", help="Only test what is set.")] = False,
    lang: Annotated[str, typer.Option(help="zh or en; default: that of your terminal.")] = "",
    by: By = "",
    home: Home = None,
    json: Json = False,
) -> None:
    """Connect a vendor: go through its settings one by one, keep them in HOME/siyu.toml, test them.

    Exit code 1 if the test finds something missing or wrong. What runs takes new settings up
    within seconds.
    """
    with spoken(json=json):
        language: Language = language_named(lang) if lang else _terminals()
    with spoken(json=json, language=language), opened(home) as app:
        if not name:
            _list(app, language, json=json)
            return
        typed = _typed(app, name, put or (), ask or (), unset or ())
        if not typed and not test and not json and sys.stdin.isatty():
            typed = _walk(app, name, language)
        if typed:
            app.connections.save(name, typed)
            app.take_up()
            with app.db.transaction() as conn:
                audit(
                    conn, me(by), "connection.save", name, ", ".join(sorted(typed)), app.clock.now()
                )
        checks = app.connections.of(name).checks()
        _told(app, name, typed, checks, language, json=json)
        if any(one.state in ("missing", "wrong") for one in checks):
            raise typer.Exit(1)


def _told(
    app: App,
    name: str,
    typed: Mapping[str, str | None],
    checks: list[Checked],
    language: Language,
    *,
    json: bool,
) -> None:
    found = {
        "connector": name,
        "saved": sorted(typed),
        "fields": [_plain(one, language) for one in app.connections.form(name)],
        "checks": [
            {
                "what": within(language, one.what),
                "state": one.state,
                "why": within(language, one.why),
            }
            for one in checks
        ],
    }

    def said(words: Sentence) -> None:
        say(within(language, words))

    def show(_: object) -> None:
        if typed:
            file, names = app.settings.home / "siyu.toml", ", ".join(sorted(typed))
            said(Sentence(f"Kept in {file}: {names}.", f"已写入 {file}：{names}。"))
        for one in checks:
            what, why = within(language, one.what), within(language, one.why)
            say(f"{MARKS[one.state]} {what}: {why}")
        if typed:
            said(Sentence("What runs takes it up within seconds.", "运行中的程序几秒内生效。"))

    answer(found, json=json, show=show)


def _plain(one: Entry, language: Language) -> dict[str, object]:
    return {
        "name": one.name,
        "about": within(language, one.about),
        "set": one.origin != "unset",
        "origin": one.origin,
        "value": one.value,
    }


def _list(app: App, language: Language, *, json: bool) -> None:
    rows = [
        {
            "connector": one.name,
            "title": within(language, app.connections.every[one.name].manifest.title),
            "connected": one.connected,
            "channels": list(one.channels),
        }
        for one in app.connections.overview()
    ]

    def show(_: object) -> None:
        table(
            within(language, LISTED),
            [within(language, head) for head in HEADS],
            [
                (
                    row["connector"],
                    row["title"],
                    within(language, YES if row["connected"] else NO),
                    ", ".join(one.channels),
                )
                for one, row in zip(app.connections.overview(), rows, strict=True)
            ],
        )
        say(within(language, HOW))

    answer({"connectors": rows}, json=json, show=show)


def _typed(
    app: App,
    name: str,
    put: tuple[str, ...] | list[str],
    ask: tuple[str, ...] | list[str],
    unset: tuple[str, ...] | list[str],
) -> dict[str, str | None]:
    found: dict[str, str | None] = dict.fromkeys(unset)
    secret = {one.name for one in app.connections.form(name) if one.kind == "secret"}
    for one in put:
        field, equals, value = one.partition("=")
        if not equals:
            raise BadInput(
                Sentence(
                    f"--set wants FIELD=VALUE, not {field!r}.",
                    f"--set 要写成 FIELD=VALUE，而不是 {field!r}。",
                )
            )
        if field in secret:
            raise BadInput(
                Sentence(
                    f"{field} is a secret, and a command line is kept and seen: use --ask {field}.",
                    f"{field} 是密钥，命令行会被记录和看到：请用 --ask {field}。",
                )
            )
        found[field] = value
    for field in ask:
        found[field] = _unseen(field)
    return found


def _unseen(field: str) -> str:
    if sys.stdin.isatty():
        return str(typer.prompt(field, hide_input=True))
    return sys.stdin.readline().rstrip("\n")


def _walk(app: App, name: str, language: Language) -> dict[str, str | None]:
    """Field by field; Enter keeps what is there."""
    say(within(language, KEYS))
    found: dict[str, str | None] = {}
    for one in app.connections.form(name):
        say()
        say(within(language, one.about))
        if one.fixed:
            say(within(language, ENVIRONMENT))
            continue
        typed = _ask(one)
        if typed == "-":
            found[one.name] = None
        elif typed:
            found[one.name] = typed
    return found


def _ask(one: Entry) -> str:
    kept = HIDDEN if one.kind == "secret" and one.origin != "unset" else one.value
    shown = f"{one.name} ({'/'.join(one.choices)})" if one.choices else one.name
    prompt = f"{shown} [{kept}]" if kept else shown
    hidden = one.kind == "secret"
    return str(typer.prompt(prompt, default="", hide_input=hidden, show_default=False)).strip()


def _terminals() -> Language:
    said = os.environ.get("LC_ALL") or os.environ.get("LC_MESSAGES") or os.environ.get("LANG") or ""
    return "zh" if said.lower().startswith("zh") else "en"
