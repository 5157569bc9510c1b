"""Playbooks: which there are, checking, starting and stopping one."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Annotated, cast

import typer

from siyu.app import PREDICATES, App
from siyu.cli import starting
from siyu.cli.codes import NONE, coded, listed, typed, yes
from siyu.cli.screen import (
    By,
    Home,
    Json,
    answer,
    confirm,
    joined,
    language_named,
    local,
    many,
    me,
    opened,
    say,
    speak,
    spoken,
    table,
    tongue,
)
from siyu.dryrun.model import Asked as Trial
from siyu.dryrun.model import Told
from siyu.dryrun.render import plain
from siyu.journeys.actions import Asked
from siyu.kernel.errors import BadInput
from siyu.kernel.sentence import Language, Sentence, language_of, within
from siyu.ledger import views as ledger
from siyu.playbooks import actions, views
from siyu.playbooks.actions import choosing, running
from siyu.playbooks.check import declared
from siyu.playbooks.model import Playbook
from siyu.playbooks.views.starting import spending

NEEDED = {"channel": "channel", "fact": "event"}
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
                    "title": Sentence(about.title.en, about.title.zh) if about else "",
                    "goal": (about.goal if about else "") or "",
                    "state": one.state if one else "available",
                    "shipped": about is not None,
                    "installed": one.installed_at if one else None,
                    "started": one.started_at if one else None,
                    "pilot": one.pilot if one else None,
                    "budget": starting.spent(costs.get(name)),
                }
            )
        cells = [
            (row["playbook"], row["title"], coded("goal", str(row["goal"])),
             starting.called(str(row["state"])), row["installed"], row["budget"])
            for row in rows
        ]  # fmt: skip
        heads = ["playbook", "title", "goal", "state", "installed", "budget"]
        answer(
            {"playbooks": rows},
            json=json,
            show=lambda _: table("Playbooks", heads, cells, local(siyu)),
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
        said = found.manifest
        if language:
            speak(siyu, language_named(language))
        words = language_of(siyu.brand.locale) if json and not language else tongue()
        with siyu.db.transaction() as conn:
            one = next((one for one in views.installed(conn) if one.code == said.playbook), None)
            connected = {row.name for row in siyu.connections.overview() if row.connected}
            needs = views.needs(conn, said.needs, connected, set(siyu.channels), siyu.clock.now())
            budget = starting.spent(spending(conn, said.playbook, siyu.clock.now()))
        rows = _settings(found, one, siyu.brand.currency, words)
        brings = views.brings(found)

        state = one.state if one else "available"

        def shown(_: object) -> None:
            say(found.about.get(words) or getattr(said.about, words))
            facts = (("goal", coded("goal", said.goal or "–")), ("hold-out", f"{said.holdout:.0%}"),
                     ("state", starting.called(state)), ("budget", budget or "–"))  # fmt: skip
            say(joined((starting.fact(what, value) for what, value in facts), " · "))
            bring = [
                [starting.called(what), _brought(what, of)] for what, of in brings.items() if of
            ]
            table("it brings", ["what", "which"], bring)
            there = [
                [starting.called(row.what), typed(NEEDED.get(row.what, "playbook"), row.name),
                 yes(row.there), row.why]
                for row in needs
            ]  # fmt: skip
            table("it needs", ["what", "name", "there", "why"], there)
            heads = ["name", "type", "value", "title", "help"]
            table("settings", heads, [[row[head] for head in heads] for row in rows])

        answer(
            {
                "playbook": said.playbook, "goal": said.goal, "holdout": said.holdout,
                "state": state, "budget": budget, "brings": brings, "settings": rows,
                "needs": [{**row._asdict(), "why": within(words, row.why)} for row in needs],
                "page": found.about.get(words, ""),
            },
            json=json, show=shown,
        )  # fmt: skip


def _brought(what: str, of: object) -> object:
    if isinstance(of, bool):
        return starting.called("own" if of else "no")
    if not isinstance(of, list):
        return of
    names = cast("list[str]", of)
    return listed(coded("channel", one) for one in names) if what == "channels" else listed(names)


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
            confirm(Sentence("Start it?", "要启动吗？"))
        asked = Asked(me(by), pilot)
        with siyu.db.transaction() as conn:
            where = running.Where(siyu.brand.currency, PREDICATES, siyu.keys)
            done = running.start(conn, found, where, siyu.clock.now(), asked, choices)
        code = found.manifest.playbook
        journeys = [one._asdict() for one in done]

        def shown(_: object) -> None:
            for one in done:
                if one.waiting:
                    say(
                        Sentence(
                            f"{one.code}: version {one.version} waits for a second person to"
                            " approve.",
                            f"{one.code}：版本 {one.version} 等待第二人审批。",
                        )
                    )
            say(starting.running(code, pilot))

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
            title, text = (Sentence(of.en, of.zh) for of in (one.title, one.help))
            say(Sentence(f"{title}: {text}", f"{title.zh}：{text.zh}"))
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
            show=lambda _: say(starting.bounded(name, spent, going_on)),
        )


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
        ended, goes_on = (many(of, "visit", "位客户") for of in (done.ended, done.going_on))
        will = f"进行中的 {goes_on.zh}会走完" if done.going_on else "没有进行中的客户"
        words = Sentence(f"{goes_on} under way will finish", will)
        if now:
            words = Sentence(f"{ended} ended", f"已结束 {ended.zh}的旅程")
        said = Sentence(f"{name} is stopped; {words}.", f"{name} 已停止；{words.zh}。")
        answer(
            {"playbook": name, **done._asdict()}, json=json,
            show=lambda _: say(said),
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
        named = listed(journeys) or NONE
        words = Sentence(
            f"{code} is installed; journeys: {named}.", f"{code} 已安装；旅程：{named.zh}。"
        )
        wrong = [
            {"connector": name, "what": one.what, "why": one.why}
            for name, one in siyu.connections.texts()
        ]

        def show(_: object) -> None:
            say(words)
            for one in wrong:
                what, why = joined([one["what"]]), joined([one["why"]])
                by = one["connector"]
                say(Sentence(f"✗ {what}: {why} ({by})", f"✗ {what.zh}：{why.zh}（{by}）"))

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
            of = len(results)
            say(
                Sentence(
                    f"{name} can be read; stories that came true: {of}.",
                    f"{name} 可以读取；成立的故事：{of}。",
                )
            )

        answer({"playbook": name, "stories": stories}, json=json, show=show)
