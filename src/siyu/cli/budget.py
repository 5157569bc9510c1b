"""The rules of contact: what is in force, and changing it."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Literal

import typer

from siyu.api.budget import shown as as_shown
from siyu.budget import actions, model, views
from siyu.budget.actions import draws
from siyu.cli.codes import coded, typed
from siyu.cli.screen import By, Home, Json, answer, me, opened, say, spoken, table, unopened
from siyu.kernel.errors import BadInput
from siyu.kernel.sentence import Sentence

app = typer.Typer(no_args_is_help=True)
setting = typer.Typer(no_args_is_help=True)
app.add_typer(setting, name="set", help="Change a rule: cap, holdout, hours, quota, pace, shop.")

Channel = Annotated[str, typer.Option(help="A channel (sms), a group (voice, wecom), or all.")]
Purpose = Annotated[str, typer.Option(help="order_invitation, promotion, service, or all.")]
Drop = Annotated[bool, typer.Option("--drop", help="Take the rule away.")]
NONE = "none"
DAYS = "days"  # as many as the month has
MONTHLY = Sentence(DAYS, "当月天数")
NO_LIMIT = Sentence("no limit", "不限")


@app.command("show")
def show(home: Home = None, json: Json = False) -> None:
    """Caps, hours, quotas with what is used of them, pace and shop policies."""
    with spoken(json=json), opened(home) as siyu:
        with siyu.db.transaction() as conn:
            rules = views.in_force(conn, siyu.clock.now())
        _shown(rules, json=json)


@setting.command("cap")
def cap(
    *,
    days: Annotated[int, typer.Option(help="In any so many days.")],
    most: Annotated[int, typer.Option(help="At most so many touches of one customer.")] = 0,
    layer: Annotated[str, typer.Option(help="Of whom: A4, tag:vip, A4+tag:vip, or all.")] = "*",
    channel: Channel = "*",
    purpose: Purpose = "*",
    drop: Drop = False,
    by: By = "",
    home: Home = None,
    json: Json = False,
) -> None:
    """How often a customer is contacted. The most specific layer holds."""
    wanted = model.Cap(channel, purpose, days, most, layer)
    change = actions.Change(no_caps=[wanted]) if drop else actions.Change(caps=[wanted])
    _change(change, by, home, json=json)


@setting.command("holdout")
def holdout(
    share: Annotated[float, typer.Argument(help="A share like 0.05; 0 draws nobody any more.")],
    playbook: Annotated[
        str, typer.Option(help="Of one playbook; default: over all draws that there are.")
    ] = "",
    by: By = "",
    home: Home = None,
    json: Json = False,
) -> None:
    """How many customers are left alone, by a draw for good: over all draws, or a playbook's. Who
    was drawn before stays as they are."""
    with spoken(json=json), opened(home) as siyu:
        scope = f"playbook:{playbook}" if playbook else draws.ALL
        with siyu.db.transaction() as conn:
            changed = draws.set_share(conn, scope, share, me(by), siyu.clock.now())
        of = Sentence(scope, f"打法 {playbook}" if playbook else "全部抽签")
        said = Sentence(f"{of} holds out {share:.1%} already.",
                        f"{of.zh}：对照组比例原已是 {share:.1%}。")  # fmt: skip
        if changed:
            said = Sentence(f"{of} holds out {share:.1%}.",
                            f"{of.zh}：对照组比例为 {share:.1%}。")  # fmt: skip
        answer({"scope": scope, "share": share, "changed": changed}, json=json,
               show=lambda _: say(said))  # fmt: skip


@setting.command("hours")
def hours(
    hours: Annotated[str, typer.Argument(help="Like 09:00-12:00,14:00-20:00.")] = "",
    channel: Channel = "*",
    purpose: Purpose = "*",
    drop: Drop = False,
    by: By = "",
    home: Home = None,
    json: Json = False,
) -> None:
    """At which hours of the brand's clocks a touch may go out. The most specific ones hold."""
    key = channel, purpose
    change = actions.Change(no_hours=[key]) if drop else actions.Change(hours={key: hours})
    _change(change, by, home, json=json)


@setting.command("quota")
def quota(
    *,
    channel: Annotated[str, typer.Option(help="A channel, a group (voice, wecom), or *.")],
    per: Annotated[Literal["customer", "brand"], typer.Option(help="Of one customer, or in all.")],
    period: Annotated[Literal["hour", "day", "week", "month"], typer.Option(help="In a period.")],
    most: Annotated[str, typer.Option(help="A number; `days`: one per day of the month.")] = DAYS,
    drop: Drop = False,
    by: By = "",
    home: Home = None,
    json: Json = False,
) -> None:
    """What a carrier lets through. What is too much waits for the next period."""
    with spoken(json=json), unopened(home):
        wanted = model.Quota(channel, per, period, None if most == DAYS else _number(most))
    change = actions.Change(no_quotas=[wanted]) if drop else actions.Change(quotas=[wanted])
    _change(change, by, home, json=json)


@setting.command("pace")
def pace(
    presses: Annotated[
        str | None, typer.Option(help="What a guide presses per day; `none`: no limit.")
    ] = None,
    window: Annotated[
        int | None, typer.Option(help="Hours that wishes of lane window wait; 0: they don't.")
    ] = None,
    cooldown: Annotated[int | None, typer.Option(help="Days after a refused call.")] = None,
    by: By = "",
    home: Home = None,
    json: Json = False,
) -> None:
    """Presses per guide, the window in which wishes compete, the cool-down. Others stay."""
    with spoken(json=json), opened(home) as siyu:
        with siyu.db.transaction() as conn:
            now = siyu.clock.now()
            old = views.in_force(conn, now).pace
            wanted = model.Pace(
                old.window_hours if window is None else window,
                old.presses if presses is None else None if presses == NONE else _number(presses),
                old.cooldown_days if cooldown is None else cooldown,
            )
            actions.change(conn, actions.Change(pace=wanted), me(by), now)
            rules = views.in_force(conn, now)
        _shown(rules, json=json)


@setting.command("shop")
def shop(
    shop: Annotated[str, typer.Argument(help="The shop's code.")],
    *,
    channel: Annotated[str, typer.Option(help="A channel, a group (voice, wecom), or *.")],
    forbid: Annotated[
        bool | None, typer.Option("--forbid/--allow", help="What the shop's platform says.")
    ] = None,
    note: Annotated[str, typer.Option(help="Why, or where it is written.")] = "",
    drop: Drop = False,
    by: By = "",
    home: Home = None,
    json: Json = False,
) -> None:
    """Whether a shop's orders allow a channel. Allowed is what nothing forbids."""
    with spoken(json=json), unopened(home):
        if (forbid is None) != drop:
            raise BadInput(
                Sentence(
                    "Say one of --forbid, --allow and --drop.",
                    "请从 --forbid、--allow、--drop 中选一个。",
                )
            )
    said = [(shop, channel, not forbid, note)]
    change = actions.Change(no_shops=[(shop, channel)]) if drop else actions.Change(shops=said)
    _change(change, by, home, json=json)


def _number(text: str) -> int:
    if not (text.isascii() and text.isdecimal()):
        raise BadInput(
            Sentence(
                f"{text!r} is no number; write it like 30", f"{text!r} 不是数字；请写成 30 这样"
            )
        )
    return int(text)


def _change(change: actions.Change, by: str, home: Path | None, *, json: bool) -> None:
    with spoken(json=json), opened(home) as siyu:
        with siyu.db.transaction() as conn:
            now = siyu.clock.now()
            actions.change(conn, change, me(by), now)
            rules = views.in_force(conn, now)
        _shown(rules, json=json)


def _shown(rules: views.Rules, *, json: bool) -> None:
    answer(asdict(as_shown(rules)), json=json, show=lambda _: _drawn(rules))


def _drawn(rules: views.Rules) -> None:
    window, presses, cooldown = rules.pace
    heads = ["layer", "channel", "purpose", "in days", "at most"]
    caps = [
        (_whose(one.layer), _channel(one.channel), typed("purpose", one.purpose), one.days,
         one.most)
        for one in rules.caps
    ]  # fmt: skip
    table("Caps", heads, caps)
    hours = [
        (_channel(channel), typed("purpose", purpose), text)
        for (channel, purpose), text in rules.hours.items()
    ]
    table("Hours", ["channel", "purpose", "hours"], hours)
    quotas = [
        (_channel(one.quota.channel), coded("per", one.quota.per),
         coded("period", one.quota.period), one.quota.most or MONTHLY, one.used)
        for one in rules.quotas
    ]  # fmt: skip
    table("Quotas", ["channel", "per", "period", "at most", "used now"], quotas)
    shops = [(shop, _channel(channel), *rest) for shop, channel, *rest in rules.shops]
    table("Shops", ["shop", "channel", "allowed", "note"], shops)
    say()
    pressed = Sentence(f"{presses}", f"{presses} 次") if presses else NO_LIMIT
    say(Sentence(f"Presses per guide and day: {pressed}", f"每位导购每天确认：{pressed.zh}"))
    at_once = Sentence("Window: none, every wish is ruled at once", "合并窗口：无，意愿即时裁决")
    waits = Sentence(f"Window: {window} h", f"合并窗口：{window} 小时")
    say(waits if window else at_once)
    say(
        Sentence(
            f"Cool-down after a refused call: {cooldown} days", f"拒接后的冷静期：{cooldown} 天"
        )
    )


def _channel(code: str) -> Sentence:
    """One, or a group of them, as it is typed."""
    one = typed("channel", code)
    return one if one.zh != code else typed("group", code)


def _whose(layer: str) -> Sentence:
    return typed("stage", layer) if layer != "*" else typed("group", layer)
