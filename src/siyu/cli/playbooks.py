"""Playbooks: which there are, checking, starting and stopping one."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Annotated, cast

import typer

from siyu.app import PREDICATES, App
from siyu.cli import starting
from siyu.cli.screen import (
    By,
    Home,
    Json,
    answer,
    language_named,
    local,
    many,
    me,
    opened,
    say,
    spoken,
    table,
    tongue,
)
from siyu.dryrun.model import Asked as Trial
from siyu.dryrun.model import Told
from siyu.dryrun.render import plain
from siyu.journeys.actions import Asked
from siyu.kernel.errors import BadInput
from siyu.kernel.sentence import Language, Sentence, within
from siyu.ledger import views as ledger
from siyu.playbooks import actions, views
from siyu.playbooks.actions import choosing, running
from siyu.playbooks.check import declared
from siyu.playbooks.model import Playbook
from siyu.playbooks.views.starting import spending

SETTING = ("name", "type", "value", "title", "help")
WORDS = {
    "budget": "预算", "offer": "权益",
    "goal": "目标", "growth": "增长", "need": "需求", "reputation": "口碑", "repurchase": "复购",
    "hold-out": "对照组", "state": "状态", "available": "可安装", "installed": "已安装",
    "running": "运行中", "stopped": "已停止", "it brings": "包含", "it needs": "需要",
    "settings": "设置", "what": "项目", "which": "内容", "name": "名称", "there": "已具备",
    "why": "原因", "yes": "是", "no": "否", "journeys": "旅程", "segments": "分群",
    "materials": "素材", "offers": "权益", "sources": "来源", "channels": "触点",
    "tag_rules": "标签规则", "stories": "故事", "connector": "连接", "channel": "触点",
    "fact": "事实", "playbook": "打法", "type": "类型", "value": "值", "title": "标题",
    "help": "说明", "own": "自带",
}  # fmt: skip
WENT = ("who", "at", "material", "channel")

app = typer.Typer(no_args_is_help=True)


@app.command("list")
def listing(home: Home = None, json: Json = False) -> None:
    """The playbooks that come with Siyu or are installed: their goal, and which of them run."""
    with spoken(json=json), opened(home) as siyu:
        with siyu.db.transaction() as conn:
            installed = {one.code: one for one in views.installed(conn)}
            names = views.names(conn)
            costs = {one.playbook: one for one in ledger.spendings(conn, siyu.clock.now())}
        rows: list[dict[str, object]] = []
        for name in names:
            about, one = views.manifest(name), installed.get(name)
            rows.append(
                {
                    "playbook": name,
                    "title": about.title.en if about else "",
                    "goal": (about.goal if about else "") or "",
                    "state": one.state if one else "available",
                    "shipped": about is not None,
                    "installed": one.installed_at if one else None,
                    "started": one.started_at if one else None,
                    "pilot": one.pilot if one else None,
                    "budget": starting.spent(costs.get(name)),
                }
            )
        heads = ["playbook", "title", "goal", "state", "installed", "budget"]
        answer(
            {"playbooks": rows},
            json=json,
            show=lambda _: table(
                "Playbooks", heads, [[row[head] for head in heads] for row in rows], local(siyu)
            ),
        )


@app.command("show")
def show(
    name: Annotated[str, typer.Argument(help="The name of a shipped playbook, or a folder.")],
    language: Annotated[str, typer.Option("--lang", help="zh or en; default: the brand's.")] = "",
    home: Home = None,
    json: Json = False,
) -> None:
    """What a playbook does, brings and needs (and whether that is there), and its settings."""
    with spoken(json=json), opened(home) as siyu:
        found = actions.read(name, None, siyu.brand.currency, lenient=True)
        said, words = (
            found.manifest,
            language_named(language or (siyu.brand.locale if json else tongue())),
        )
        with siyu.db.transaction() as conn:
            one = next((one for one in views.installed(conn) if one.code == said.playbook), None)
            connected = {row.name for row in siyu.connections.overview() if row.connected}
            needs = views.needs(conn, said.needs, connected, set(siyu.channels), siyu.clock.now())
            budget = starting.spent(spending(conn, said.playbook, siyu.clock.now()))
        rows = _settings(found, one, siyu.brand.currency, words)
        brings = views.brings(found)

        state = one.state if one else "available"

        def called(it: str) -> str:
            return WORDS.get(it, it) if words == "zh" else it.replace("_", " ")

        def shown(_: object) -> None:
            say(found.about.get(words) or getattr(said.about, words))
            facts = (("goal", called(said.goal or "–")), ("hold-out", f"{said.holdout:.0%}"),
                     ("state", called(state)), ("budget", budget or "–"))  # fmt: skip
            say(" · ".join(f"{called(what)}: {value}" for what, value in facts))
            heads = [called(it) for it in ("what", "which")]
            table(called("it brings"), heads, [[called(what), _listed(of, called)]
                                               for what, of in brings.items() if of])  # fmt: skip
            heads = [called(it) for it in ("what", "name", "there", "why")]
            table(called("it needs"), heads,
                  [[called(row.what), row.name, called("yes" if row.there else "no"),
                    within(words, row.why)] for row in needs])  # fmt: skip
            table(called("settings"), [called(head) for head in SETTING],
                  [[row[head] for head in SETTING] for row in rows])  # fmt: skip

        answer(
            {
                "playbook": said.playbook, "goal": said.goal, "holdout": said.holdout,
                "state": state, "budget": budget, "brings": brings, "settings": rows,
                "needs": [{**row._asdict(), "why": within(words, row.why)} for row in needs],
                "page": found.about.get(words, ""),
            },
            json=json, show=shown,
        )  # fmt: skip


def _listed(of: object, called: Callable[[str], str]) -> object:
    if isinstance(of, bool):
        return called("own" if of else "no")
    return ", ".join(cast("list[str]", of)) if isinstance(of, list) else of


def _settings(
    found: Playbook, one: views.Installed | None, currency: str, words: Language
) -> list[dict[str, object]]:
    values: Mapping[str, str] = one.settings if one else {}
    return [
        {
            "name": name,
            "type": setting.type,
            "value": values.get(name) or views.plain(setting.default, currency) or "–",
            "title": getattr(setting.title, words),
            "help": getattr(setting.help, words),
        }
        for name, setting in found.manifest.settings.items()
    ]


@app.command("start")
def start(
    name: Annotated[str, typer.Argument(help="The name of a shipped playbook, or a folder.")],
    *,
    set_: Annotated[
        list[str] | None, typer.Option("--set", help="NAME=VALUE, for each setting to change.")
    ] = None,
    pilot: Annotated[
        int | None, typer.Option(min=1, help="Only the first so many customers come in.")
    ] = None,
    budget: starting.Total = "",
    per_day: starting.PerDay = "",
    shop: starting.Shops = None,
    staff: starting.Staff = None,
    allow: starting.Allow = None,
    forbid: starting.Forbid = None,
    forecast: Annotated[
        bool, typer.Option(help="Try it on the last thirty days first; nothing is sent.")
    ] = True,
    yes: Annotated[bool, typer.Option("--yes", help="Don't ask.")] = False,
    by: By = "",
    home: Home = None,
    json: Json = False,
) -> None:
    """Start a playbook: values that it still needs are asked for, what it would have done in the
    last thirty days is shown, then its journeys let customers in."""
    with spoken(json=json), opened(home, brings=True) as siyu:
        given = _given(set_ or [])
        if not json and not yes:
            given = _asked(actions.texts(name), given, siyu.brand.currency)
        found = actions.read(name, given, siyu.brand.currency)
        bounds = starting.bounds(budget, per_day, siyu.brand.currency)
        choices = starting.chosen(shop or (), staff or (), allow or (), forbid or (), bounds)
        with siyu.db.transaction() as conn:
            choosing.checked(conn, found, choices, siyu.clock.now())
        told = _forecast(siyu, found, quiet=json) if forecast and found.journeys else None
        seen = starting.look(siyu, found, choices, told)
        if not json:
            starting.shown(seen, pilot)
        if not json and not yes:
            typer.confirm("Start it?", abort=True, err=True)
        asked = Asked(me(by), pilot)
        with siyu.db.transaction() as conn:
            where = running.Where(siyu.brand.currency, PREDICATES, siyu.keys)
            done = running.start(conn, found, where, siyu.clock.now(), asked, choices)
        code = found.manifest.playbook
        journeys = [one._asdict() for one in done]

        def shown(_: object) -> None:
            for one in done:
                if one.waiting:
                    say(f"{one.code}: version {one.version} waits for a second person to approve.")
            of = f" for the first {pilot:,} customers" if pilot else ""
            say(f"{code} is running{of}. Stop it with `siyu playbook stop {code}`.")

        warnings = [one.says[:] for one in seen.troubles if not one.stops]
        said: dict[str, object] = {"playbook": code, "journeys": journeys, "warnings": warnings}
        said["forecast"] = told and plain(told)
        answer(said, json=json, show=shown)


def _given(some: list[str]) -> dict[str, object]:
    found: dict[str, object] = {}
    for one in some:
        name, is_, value = one.partition("=")
        if not is_:
            raise BadInput(
                Sentence(f"{one!r}: write --set NAME=VALUE.", f"{one!r}：请写 --set 名称=值。")
            )
        found[name.strip()] = value.strip()
    return found


def _asked(texts: dict[str, str], given: dict[str, object], currency: str) -> dict[str, object]:
    """What has no default is asked for; the rest stays as it is."""
    found = dict(given)
    for name, one in declared(texts["playbook.yaml"]).items():
        if name not in found and views.plain(one.default, currency) is None:
            say(f"{one.title.en}: {one.help.en}")
            found[name] = typer.prompt(name, err=True)
    return found


def _forecast(siyu: App, found: Playbook, *, quiet: bool) -> Told:
    """What it would have done in the last thirty days."""
    from siyu.cli.dryrun import shown, tried  # noqa: PLC0415 - the engine is loaded with it

    until = siyu.clock.now().astimezone(local(siyu)).date() - timedelta(days=1)
    told = tried(
        siyu, Trial("", until - timedelta(days=29), until, {}, playbook=found), quiet=quiet
    )
    if not quiet:
        shown(told, ())
    return told


@app.command("budget")
def budget(
    name: Annotated[str, typer.Argument(help="The playbook.")],
    total: Annotated[str, typer.Argument(help="What it may cost in all, like 8000.")] = "",
    *,
    per_day: starting.PerDay = "",
    none: Annotated[bool, typer.Option("--none", help="It has no budget any more.")] = False,
    by: By = "",
    home: Home = None,
    json: Json = False,
) -> None:
    """Say what a playbook may cost from now on; messages that waited for more go on."""
    with spoken(json=json), opened(home) as siyu:
        bounds = starting.bounds(total, per_day, siyu.brand.currency)
        if bounds.bounds == none:
            raise BadInput(
                Sentence("Say an amount, --per-day, or --none.", "请写金额、--per-day 或 --none。")
            )
        now = siyu.clock.now()
        going_on = choosing.set_budget(siyu.db, name, bounds, me(by), now)
        with siyu.db.transaction() as conn:
            spent = starting.spent(spending(conn, name, now))
        answer(
            {"playbook": name, "budget": spent, "going_on": going_on},
            json=json,
            show=lambda _: say(f"{name}: {spent or 'no budget'}; {_waited(going_on)}."),
        )


def _waited(going_on: int) -> str:
    if not going_on:
        return "no message had waited for it"
    return f"{many(going_on, 'message')} that waited for it may go out now"


@app.command("stop")
def stop(
    name: Annotated[str, typer.Argument(help="The playbook.")],
    *,
    now: Annotated[bool, typer.Option("--now", help="Also end those under way.")] = False,
    by: By = "",
    home: Home = None,
    json: Json = False,
) -> None:
    """Stop a playbook: nobody comes in any more; those under way finish, or end with --now."""
    with spoken(json=json), opened(home) as siyu:
        with siyu.db.transaction() as conn:
            done = running.stop(conn, name, me(by), siyu.clock.now(), at_once=now)
        words = f"{many(done.ended, 'visit')} ended" if now else (
            f"{many(done.going_on, 'visit')} under way will finish")  # fmt: skip
        answer(
            {"playbook": name, **done._asdict()}, json=json,
            show=lambda _: say(f"{name} is stopped; {words}."),
        )  # fmt: skip


@app.command("install")
def install(
    name: Annotated[str, typer.Argument(help="The name of a shipped playbook, or a folder.")],
    by: By = "",
    home: Home = None,
    json: Json = False,
) -> None:
    """Install or update a playbook: its journeys are published, its texts and offers made known."""
    with spoken(json=json), opened(home, brings=True) as siyu:
        playbook = actions.read(name, None, siyu.brand.currency)
        with siyu.db.transaction() as conn:
            published = actions.install(
                conn,
                playbook,
                siyu.brand.currency,
                PREDICATES,
                siyu.clock.now(),
                Asked(me(by)),
                keys=siyu.keys,
            )
        code = playbook.manifest.playbook
        journeys = [one.code for one in published]
        words = f"{code} is installed; journeys: {', '.join(journeys) or 'none'}."
        wrong = [
            {"connector": name, "what": str(one.what), "why": str(one.why)}
            for name, one in siyu.connections.texts()
        ]

        def show(_: object) -> None:
            say(words)
            for one in wrong:
                say(f"✗ {one['what']}: {one['why']} ({one['connector']})")

        answer({"playbook": code, "journeys": journeys, "texts": wrong}, json=json, show=show)


@app.command("check")
def check(
    name: Annotated[str, typer.Argument(help="A folder, or the name of a shipped playbook.")],
    home: Home = None,
    json: Json = False,
) -> None:
    """Read all of a playbook, and play its stories by the production engine: nothing is sent, and
    nothing of it stays. What is wrong is said with its file and line."""
    from siyu.dryrun.story import play, refuse  # noqa: PLC0415 - the engine is loaded with it

    with spoken(json=json), opened(home) as siyu:
        results = play(siyu, actions.texts(name))
        stories = [
            {
                "story": one.story,
                "came_true": not one.misses,
                "went": [dict(zip(WENT, row, strict=True)) for row in one.went],
            }
            for one in results
        ]
        refuse(results)

        def show(_: object) -> None:
            for one in results:
                say(f"✓ {one.story}")
            say(f"{name} can be read; stories that came true: {len(results)}.")

        answer({"playbook": name, "stories": stories}, json=json, show=show)
