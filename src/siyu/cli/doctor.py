"""`siyu doctor`: what is wrong with an installation, in words. It looks, and changes nothing."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import NamedTuple

import typer

from siyu.app import PREDICATES, App, check_connectors, home_problems, open_app
from siyu.cli.screen import (
    Home,
    Json,
    answer,
    both,
    joined,
    local,
    many,
    meant,
    placed,
    say,
    speak,
    spoken,
)
from siyu.content.actions import fonts
from siyu.events import views as events
from siyu.journeys import views as journeys
from siyu.kernel.errors import BadSettings, SiyuError
from siyu.kernel.money import show
from siyu.kernel.sentence import Sentence, within
from siyu.kernel.sql import Conn
from siyu.lake import files
from siyu.lake.spark import missing
from siyu.ledger import views as ledger
from siyu.ledger.model import Spending
from siyu.outbox import views as touches
from siyu.settings import Settings, default_home, load
from siyu.worker import status as work

LATE = 4  # times that a worker has not brought the lake up to date
OLD_ONES = Sentence(" What runs keeps the settings that it has.", "运行中的程序继续使用原有设置。")
WHAT = {
    "home": "目录", "settings": "设置", "channels": "触点", "database": "数据库", "brand": "品牌",
    "events": "事实", "journeys": "旅程", "texts": "文案", "budgets": "预算", "sending": "发送",
    "work": "工作", "lake": "数据湖", "fonts": "字体",
}  # fmt: skip


class Check(NamedTuple):
    """One thing that was looked at, and what was found, in words."""

    what: str
    well: bool
    words: str


def doctor(home: Home = None, json: Json = False) -> None:
    """Say in words what is wrong here. Exit code 1 if something is."""
    with spoken(json=json):
        checks = diagnose(meant(home) or default_home(os.environ))
    found = {
        "python": sys.version.split()[0],
        "well": all(check.well for check in checks),
        "checks": [check._asdict() for check in checks],
    }

    def show(_: object) -> None:
        for check in checks:
            mark, what = "✓" if check.well else "✗", check.what
            zh = f"{mark} {WHAT[what]}：{within('zh', check.words)}"
            say(Sentence(f"{mark} {what}: {check.words[:]}", zh))
        say()
        if found["well"]:
            say(Sentence("All is well.", "一切正常。"))
        else:
            say(Sentence("Something is wrong; see the lines marked ✗.",
                         "有问题；见标有 ✗ 的行。"))  # fmt: skip

    answer(found, json=json, show=show)
    if not found["well"]:
        raise typer.Exit(1)


def diagnose(home: Path) -> list[Check]:
    """Look at home, settings, connectors, database, brand, queue and sending."""
    problems = [Check("home", False, placed(problem)) for problem in home_problems(home)]
    usable = Sentence(f"{home} can be used", f"{home} 可以使用")
    checks = problems or [Check("home", True, usable)]
    if home.is_file():
        return checks
    try:
        settings = load(keep=False, home=home)
    except BadSettings as error:
        return [*checks, Check("settings", False, joined([both(error), OLD_ONES], ""))]
    known = Sentence("every name is known and every value can be used", "名称都认识，取值都可用")
    checks.append(Check("settings", True, known))
    try:
        check_connectors(settings)
    except BadSettings as error:
        checks.append(Check("channels", False, joined([both(error), OLD_ONES], "")))
        settings = replace(settings, connectors={})  # the rest is looked at all the same
    if not settings.database_url:
        if problems:
            return checks
        if not (home / "pg").exists():
            begins = Sentence("not begun yet; the first command begins it",
                              "尚未开始；第一个命令会创建")  # fmt: skip
            return [*checks, Check("database", True, begins)]
    inside = _database(settings, {check.what for check in checks if not check.well})
    told = {check.what for check in inside}
    return [*(check for check in checks if check.what not in told), *inside]


def _database(settings: Settings, known: set[str]) -> list[Check]:
    try:
        with open_app(settings) as app:
            speak(app)
            answers = Sentence("answers and is up to date", "可以连接，版本最新")
            inside = [Check("database", True, answers), *_inside(app)]
    except BadSettings as error:
        return [Check("settings", False, both(error))]
    except SiyuError as error:
        return [Check("database", False, both(error))]
    return [check for check in inside if check.what not in known]


def _inside(app: App) -> list[Check]:
    with app.db.transaction() as conn:
        parked = len(events.parked(conn))
        waiting = events.backlog(conn)
        stops = touches.stops(conn)
        unreadable = journeys.unreadable(conn, PREDICATES)
        working = _work(app, conn)
        costs = ledger.spendings(conn, app.clock.now()) if _brand(app).well else []
        lake = _lake(app, conn)
    sending = Sentence("goes out as it is ruled", "按裁决发送")
    if stops:
        sending = joined((_stopped(app, stop) for stop in stops), "; ", "；")
    facts = Sentence(f"{waiting} waiting, {parked} parked (siyu events parked)",
                     f"等待 {waiting}，搁置 {parked}（siyu events parked）")  # fmt: skip
    return [
        _brand(app),
        Check("events", not parked, facts),
        Check("journeys", not unreadable, _journeys(unreadable)),
        _channels(app),
        _texts(app),
        _budgets(app, costs),
        Check("sending", not stops, sending),
        working,
        lake,
        _fonts(app.settings.poster_font),
    ]


def _fonts(named: str) -> Check:
    """What writes the words of posters. Who names none, and has none, may have no posters."""
    face = fonts.face_of(named)
    written = Sentence("posters go without their words", "海报将不带文字")
    if face is not None:
        name = face.name.partition(" ")[0]
        written = Sentence(f"{name} writes the words of posters", f"海报文字使用 {name}")
    if named and not fonts.writes(named):
        wrong = Sentence(f"poster_font: {named} is not there, or has no Chinese in it",
                         f"poster_font：{named} 不存在，或其中没有中文")  # fmt: skip
        return Check("fonts", False, joined([wrong, written], "; ", "；"))
    if face is None:
        none = Sentence("none with Chinese in it (poster_font)", "没有中文字体（poster_font）")
        return Check("fonts", True, joined([none, written], "; ", "；"))
    return Check("fonts", True, written)


def _budgets(app: App, costs: Sequence[Spending]) -> Check:
    """Playbooks that nobody new comes into, since what they may cost is spent."""
    words = [
        _spent(one.playbook, show(one.spent_minor, one.currency), _at(app, one.short_since))
        for one in costs
        if one.short_since is not None
    ]
    if not words:
        some = many(len(costs), "playbook", "个打法")
        well = Sentence(f"{some} with one, none used up", f"{some.zh}有预算，都没有用完")
        return Check("budgets", True, well)
    return Check("budgets", False, joined(words, "; ", "；"))


def _spent(playbook: str, spent: str, since: str) -> Sentence:
    return Sentence(
        f"{playbook} has spent {spent} and lets nobody in since {since}"
        f" (siyu playbook budget {playbook} AMOUNT)",
        f"{playbook} 已花费 {spent}，自 {since} 起不再接收客户"
        f"（siyu playbook budget {playbook} 金额）",
    )


def _at(app: App, when: datetime) -> str:
    return f"{when.astimezone(local(app)):%Y-%m-%d %H:%M}"


def _work(app: App, conn: Conn) -> Check:
    """Who works; what has been due for too long, and what only fails. A demo may lie still."""
    real = app.clock.real()
    alive = sum(one.alive for one in work.workers(conn, real))
    try:
        waited = work.lags(conn, app.channels, app.clock.now())
    except SiyuError as error:
        return Check("work", False, both(error))
    late = {sweep: lag for sweep, lag in waited.items() if lag > work.STUCK.total_seconds()}
    words = [_alive(alive)]
    for sweep, lag in late.items():
        by = _span(lag)
        words.append(Sentence(f"{sweep} is late by {by}", f"{sweep} 延迟 {by.zh}"))
    failing = [one for one in work.lately(conn, real) if one.fails] if alive else []
    words += [
        Sentence(f"{one.sweep} fails: {one.last_error}", f"{one.sweep} 失败：{one.last_error}")
        for one in failing
    ]
    well = not failing and not (late and (alive or not app.virtual))
    return Check("work", well, joined(words, "; ", "；"))


def _alive(alive: int) -> Sentence:
    if not alive:
        return Sentence("nobody works: siyu serve", "没有进程在工作：siyu serve")
    workers = many(alive, "worker", "个工作进程")
    return Sentence(f"{workers} (siyu workers)", f"{workers.zh}（siyu workers）")


def _lake(app: App, conn: Conn) -> Check:
    """How fresh it is; whether those who should bring it up to date do."""
    known, every = files.read(app.settings.home / "lake"), app.settings.lake_every
    if app.settings.lake_engine == "spark" and (why := missing()) is not None:
        return Check("lake", False, why)
    if known.read_at is None:
        words = Sentence("not written yet; the first report over years writes it",
                         "尚未写入；第一次多年报表时写入")  # fmt: skip
        return Check("lake", True, words)
    since, age = events.head(conn) - known.seq, (app.clock.now() - known.read_at).total_seconds()
    facts, old = many(since, "fact", "条事实"), _span(age)
    words = Sentence(f"{facts} behind, {old} old", f"落后 {facts.zh}，{old.zh}前更新")
    stuck = Sentence(": no worker's sync has come to its end", "：没有工作进程完成同步")
    kept = any(one.alive for one in work.workers(conn, app.clock.real())) and not app.virtual
    late = kept and since > 0 and every > 0 and age > LATE * 60 * every
    return Check("lake", not late, joined([words, stuck], "") if late else words)


def _span(seconds: float) -> Sentence:
    if seconds < 7200:
        return many(round(seconds / 60), "minute", "分钟")
    return Sentence(f"{seconds / 3600:,.0f} hours", f"{seconds / 3600:,.0f} 小时")


def _brand(app: App) -> Check:
    try:
        brand = app.brand
    except SiyuError as error:
        return Check("brand", False, both(error))
    return Check("brand", True, f"{brand.name}, {brand.time_zone}, {brand.currency}")


def _stopped(app: App, stop: touches.Stop) -> Sentence:
    what = "" if stop.scope == "all" else f"{stop.scope} "
    since, again = _at(app, stop.since), f"siyu resume {what}".rstrip()
    return Sentence(f"{what}paused since {since} by {stop.by}; {again} goes on",
                    f"{what}自 {since} 由 {stop.by} 暂停；{again} 可恢复")  # fmt: skip


def _journeys(unreadable: list[str]) -> Sentence:
    if unreadable:
        names = ", ".join(unreadable)
        return Sentence(
            f"{names}: this release can't read the text; publish it anew. Nobody enters till then",
            f"{names}：这个版本读不懂其文本；请重新发布。在此之前没有客户进入",
        )
    return Sentence("all that are published can be read", "已发布的都能读取")


def _texts(app: App) -> Check:
    """What vendors would refuse, before anything is sent."""
    refused = [
        joined([joined([one.what, one.why], ": ", "："), Sentence(f" ({name})", f"（{name}）")], "")
        for name, one in app.connections.texts()
    ]
    well = Sentence("nothing is known against any of them", "没有发现问题")
    return Check("texts", not refused, joined(refused, "; ", "；") if refused else well)


def _channels(app: App) -> Check:
    if app.wired.connected:
        names = ", ".join(sorted(app.wired.connected))
        return Check("channels", True, Sentence(f"connected: {names}", f"已连接：{names}"))
    if app.virtual:
        words = Sentence(
            "a sandbox: its provider is gone, or serves in the window where `siyu demo` runs",
            "沙盒：其服务商已停，或在运行 `siyu demo` 的窗口里",
        )
        return Check("channels", True, words)
    none = Sentence(
        "none: set SIYU_WEBHOOK_URL and its secret", "没有：请设置 SIYU_WEBHOOK_URL 及其密钥"
    )
    return Check("channels", False, none)
