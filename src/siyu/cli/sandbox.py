"""`siyu demo`: a brand's weeks in some minutes, then a live server."""

from __future__ import annotations

import os
import shlex
import shutil
from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from datetime import date, datetime
from pathlib import Path
from typing import Annotated, Any, Self

import typer
from rich.progress import BarColumn, Progress, TaskID, TextColumn, TimeElapsedColumn

from siyu.app import stop_database
from siyu.cli import serve
from siyu.cli.accounts import console
from siyu.cli.fortnight import draw
from siyu.cli.screen import (
    Home,
    Json,
    as_json,
    called,
    err,
    language_named,
    say,
    speak,
    spoken,
    tongue,
    unopened,
)
from siyu.cli.season import draw as draw_season
from siyu.kernel.errors import BadInput
from siyu.kernel.sentence import Language, Sentence, within
from siyu.sandbox.demo import Demo, Plan, Replay, play, serving
from siyu.sandbox.files import replay_of
from siyu.sandbox.season import DAYS as SEASON_DAYS
from siyu.sandbox.season import SeasonPlan, play_season
from siyu.sandbox.vendors import Wires
from siyu.settings import default_home, demo_home

Figures = Mapping[str, Any]


def demo(  # noqa: PLR0917 - each is an option with a name
    home: Home = None,
    json: Json = False,
    no_serve: Annotated[bool, typer.Option("--no-serve", help="End after the figures.")] = False,
    policy: Annotated[
        str, typer.Option(help="The playbook: cascade, card-only, or a folder of your own.")
    ] = "cascade",
    world: Annotated[
        str, typer.Option(help="The people: default, cold, loved, indifferent, or a world file.")
    ] = "default",
    seed: Annotated[str, typer.Option(help="Same seed, same figures.")] = "1",
    count: Annotated[
        int, typer.Option("--count", min=1, max=200_000, help="Orders of the generated shop.")
    ] = 3_000,
    days: Annotated[
        int | None,
        typer.Option(
            min=1,
            max=366,
            help="Days of orders, 14 unless said; 14 quiet ones follow. Of a season: 120.",
        ),
    ] = None,
    orders: Annotated[
        Path | None, typer.Option(help="Play the real orders of this file instead.")
    ] = None,
    start: Annotated[
        str | None, typer.Option("--from", help="With --orders: the first day that is played.")
    ] = None,
    mapping: Annotated[
        Path | None, typer.Option(help="With --orders: how to read a file that is not recognised.")
    ] = None,
    without: Annotated[
        str | None,
        typer.Option(help="Take one property of the invitation away: timely, certain or tempting."),
    ] = None,
    outage: Annotated[
        str,
        typer.Option(
            help="Vendors that answer nothing on the second day: sms, calls, wecom, erp, by commas."
        ),
    ] = "",
    calls: Annotated[
        str, typer.Option(help="Who makes AI calls, for a brand in China: common or aliyun.")
    ] = "common",
    warehouse: Annotated[
        str,
        typer.Option(
            help="By what packers work: own (told by our API), or erp, for a brand in China."
        ),
    ] = "own",
    playbooks: Annotated[
        str,
        typer.Option(
            help="all: a season instead, in which the six playbooks run together, with hold-outs."
        ),
    ] = "",
    customers: Annotated[
        int, typer.Option(min=20, max=20_000, help="Of a season: how many customers there are.")
    ] = 2_000,
    language: Annotated[
        str,
        typer.Option(
            "--lang",
            help="zh or en, also of later commands of this home; default: the terminal's, else"
            " the brand's.",
        ),
    ] = "",
) -> None:
    """Play a shop's orders through the cascade on a virtual clock, then serve. With --playbooks
    all: a third of a brand's year."""
    with spoken(json=json):
        asked_for = language_named(language) if language else _terminals(home)
        lang = None if json else asked_for
    with spoken(json=json, language=lang), _refused_in(home):
        if playbooks:
            others = (orders, start, mapping, without, outage or None)
            _season_only(playbooks, others)
            asked = SeasonPlan(home or _fresh_home(), customers, days or SEASON_DAYS, world, seed)
            _season(asked, lang, json=json, serves=not no_serve)
            return
        replay = _replay(orders, mapping, start)
        plan = Plan(
            home=home or _fresh_home(),
            policy=policy,
            world=world,
            seed=seed,
            orders=count,
            days=days or 14,
            replay=replay,
            without=without,
            wires=Wires(outage, calls, warehouse),
        )
        with _Bar() as bar:
            played = play(plan, bar.show)
        with played.held:
            if json:
                served = {} if no_serve else {"provider": played.provider}
                where = {"example": played.example, "console": _console(played)}
                as_json({**played.figures, **served, **where})
            else:
                speak(played.app)
                draw(played.figures, plan.home)
                keep_language(plan.home, lang)
            if not no_serve:
                _go_on(played, plan.home, quiet=json)


def _refused_in(home: Path | None) -> AbstractContextManager[None]:
    """What is refused of a home that was named is said as its brand speaks; else there is none."""
    return unopened(home) if home else nullcontext()


def _season_only(playbooks: str, others: Sequence[object]) -> None:
    if playbooks != "all":
        raise BadInput(
            Sentence(
                f"--playbooks {playbooks!r}: known is all", f"--playbooks {playbooks!r}：只能是 all"
            )
        )
    if any(one is not None for one in others):
        raise BadInput(
            Sentence(
                "--playbooks all plays a season: it takes no --orders, --without or --outage",
                "--playbooks all 演示一季：不能与 --orders、--without、--outage 同用",
            )
        )


def _season(asked: SeasonPlan, lang: Language | None, *, json: bool, serves: bool) -> None:
    with _Bar() as bar:
        played = play_season(asked, bar.show)
    with played.held:
        if json:
            where = {"example": played.example, "console": _console(played)}
            as_json({**played.figures, **where})
        else:
            speak(played.app)
            draw_season(played.figures)
            keep_language(asked.home, lang)
        if serves:
            _go_on(played, asked.home, quiet=json)


class _Bar:
    """Days of the period, of how many; not there before the first of them is played."""

    def __init__(self) -> None:
        columns = (TextColumn("{task.description}"), BarColumn(), TimeElapsedColumn())
        self._bar = Progress(*columns, console=err)
        self._step: TaskID | None = None

    def show(self, first: datetime, now: datetime, last: datetime) -> None:
        """Time has come to `now`."""
        if self._step is None:
            self._step = self._bar.add_task("", total=1.0)
            self._bar.start()
        days = (last - first).days
        day = min((now - first).days + 1, days)
        words = within(tongue(), Sentence(f"day {day} of {days}", f"第 {day} / {days} 天"))
        self._bar.update(self._step, completed=(now - first) / (last - first), description=words)

    def end(self) -> None:
        """No more of it; again is harmless."""
        if self._step is not None:
            self._bar.stop()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.end()


def _replay(orders: Path | None, mapping: Path | None, start: str | None) -> Replay | None:
    day = _day(start)
    if orders is not None:
        return replay_of(orders, mapping, day)
    for name, value in (("--from", start), ("--mapping", mapping)):
        if value is not None:
            raise BadInput(
                Sentence(
                    f"{name} says how a file is played; name the file with --orders",
                    f"{name} 说明文件如何演示；请用 --orders 指明文件",
                )
            )
    return None


def _day(text: str | None) -> date | None:
    try:
        return date.fromisoformat(text) if text else None
    except ValueError:
        raise BadInput(
            Sentence(
                f"--from {text!r} is no date; write it like 2011-03-01",
                f"--from {text!r} 不是日期；请写成 2011-03-01 这样",
            )
        ) from None


def _terminals(home: Path | None) -> Language | None:
    """Of the terminal's locale, if it names a language: a demo is nobody's own brand, so whoever
    plays it reads it. What is set, for all commands or in this home, goes before."""
    if "SIYU_LANGUAGE" in os.environ or (home and (home / "siyu.toml").exists()):
        return None
    said = next(filter(None, map(os.environ.get, ("LC_ALL", "LC_MESSAGES", "LANG"))), "")
    named = said.partition(".")[0]
    if named in ("", "C", "POSIX"):
        return None
    return "zh" if named.startswith("zh") else "en"


def keep_language(home: Path, language: Language | None) -> None:
    """What is asked of the demo in another window is answered as the demo spoke."""
    file = home / "siyu.toml"
    if language and not file.exists():
        file.write_text(f'language = "{language}"\n', "utf-8")


def _fresh_home() -> Path:
    """The demo's own home, begun anew: nothing but a demo ever lives there."""
    home = demo_home(default_home(os.environ))
    if home.exists():
        stop_database(home)
        shutil.rmtree(home)
    return home


def _console(played: Demo) -> dict[str, Any]:
    return {"url": console(played.app), "accounts": played.accounts}


def _go_on(played: Demo, home: Path, *, quiet: bool) -> None:
    with _Bar() as bar, serving(played, bar.show) as app:
        bar.end()
        if not quiet:
            say(Sentence(f"The console: {console(app)}", f"控制台：{console(app)}"))
            for one in played.accounts:
                say(_account(one))
            say(Sentence("Ask in another window:", "在另一个窗口里可以问："))
            for line in follow_ups(called(), home, played.example):
                say(f"  {line}")
            say(Sentence("Ctrl-C ends it.", "按 Ctrl-C 结束。"))
        serve.run(app, app.settings)


def _account(one: Mapping[str, str]) -> Sentence:
    role, code, password = one["role"], one["code"], one["password"]
    return Sentence(f"  {role}: {code}, password {password}", f"  {role}：{code}，密码 {password}")


def follow_ups(siyu: str, home: Path, example: str) -> list[str]:
    """What to ask next, ready to be typed in another window of the same folder."""
    where = shlex.quote(str(home))
    asked = (f"explain {shlex.quote(example)}", "journey list", "doctor", "pause", "resume")
    return [f"{siyu} {words} --home {where}" for words in asked]
