"""What is chosen as a playbook starts, and what it may cost, as people write and read it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated

import typer

from siyu.app import PREDICATES, App
from siyu.cli.codes import coded, listed, typed, yes
from siyu.cli.screen import joined, many, say, table
from siyu.dryrun.model import Told
from siyu.dryrun.render import plain
from siyu.kernel.errors import BadInput
from siyu.kernel.money import show, to_minor
from siyu.kernel.sentence import Sentence, wording
from siyu.ledger.check import unfit_budget
from siyu.ledger.model import Spending
from siyu.playbooks.model import Playbook
from siyu.playbooks.model.start import Budget, Choices, Preview
from siyu.playbooks.views import starting

Total = Annotated[
    str, typer.Option("--budget", help="What it may cost in all: 5000, in your currency.")
]
PerDay = Annotated[str, typer.Option("--per-day", help="What it may cost on one day.")]
Shops = Annotated[
    list[str] | None, typer.Option("--shop", help="Take people from this shop's orders alone.")
]
Staff = Annotated[
    list[str] | None, typer.Option("--staff", help="This guide works for it, and those named so.")
]
Allow = Annotated[
    list[str] | None, typer.Option("--allow", help="SHOP/CHANNEL: that shop is to permit it.")
]
Forbid = Annotated[
    list[str] | None, typer.Option("--forbid", help="SHOP/CHANNEL: that shop is to forbid it.")
]


def bounds(total: str, daily: str, currency: str) -> Budget:
    """Amounts as they are written, in minor units."""
    found = Budget(_minor(total, currency), _minor(daily, currency))
    if wrong := unfit_budget(*found):
        raise BadInput(wrong)
    return found


def _minor(text: str, currency: str) -> int | None:
    if not text:
        return None
    try:
        return to_minor(text, currency)
    except ValueError as error:
        raise BadInput(wording(error)) from None


def chosen(
    shops: Sequence[str], staff: Sequence[str], allow: Sequence[str], forbid: Sequence[str],
    budget: Budget,
) -> Choices:  # fmt: skip
    """All of it as one."""
    policy = [(*_pair(one), True, "") for one in allow]
    policy += [(*_pair(one), False, "") for one in forbid]
    return Choices(
        tuple(shops), tuple(staff), tuple(policy), budget if budget.bounds else None
    )  # fmt: skip


def _pair(text: str) -> tuple[str, str]:
    shop, slash, channel = text.rpartition("/")
    if not slash or not shop or not channel:
        raise BadInput(Sentence(f"{text!r}: write SHOP/CHANNEL, like tmall/sms",
                                f"{text!r}：请写 店铺/触点，如 tmall/sms"))  # fmt: skip
    return shop, channel


def look(siyu: App, found: Playbook, choices: Choices, told: Told | None) -> Preview:
    """What is to be seen before it starts."""
    connected = {one.name for one in siyu.connections.overview() if one.connected}
    of = starting.Asking(
        found, {}, choices, told and plain(told), PREDICATES, connected, set(siyu.channels)
    )
    with siyu.db.transaction() as conn:
        return starting.preview(conn, of, siyu.clock.now(), siyu.clock.real())


def shown(found: Preview, pilot: int | None = None) -> None:
    """The short of it, for people. `pilot`: the first so many; a forecast knows nothing of it."""
    for way in found.ways:
        how = way.says
        say(
            Sentence(
                f"{way.journey}: people come in {how}.", f"{way.journey}：客户进入方式：{how.zh}。"
            )
        )
    if found.takes_shops and found.shops:
        names = listed(one.name for one in found.shops if one.chosen) or NO_SHOP
        say(Sentence(f"From the orders of: {names}.", f"来自这些店铺的订单：{names.zh}。"))
    table("What its shops permit", ["shop", "channel", "permitted", "note"],
          [[one.shop, typed("channel", one.channel), yes(one.allowed), one.note]
           for one in found.policy if one.taken_from])  # fmt: skip
    table("What it gives", ["offer", "sku", "stock"],
          [[one.offer, one.sku, one.says] for one in found.offers])  # fmt: skip
    guides, work = sum(one.chosen for one in found.guides), found.work.says
    say(Sentence(f"Staff: {guides} guides; {work}.", f"员工：{guides} 位导购；{work.zh}。"))
    budget = _budget(found)
    say(Sentence(f"Budget: {budget}.", f"预算：{budget.zh}。"))
    if parts := found.purse.parts:
        say(Sentence(f"  {parts}.", f"  {parts.zh}。"))
    if pilot and found.purse.estimate is not None:
        say(
            Sentence(
                f"  The forecast lets everybody in: a pilot of {pilot:,} customers costs less.",
                f"  预测按全部客户计算：试点 {pilot:,} 位客户花费更少。",
            )
        )
    for trouble in found.troubles:
        mark, part, why = "✗" if trouble.stops else "!", coded("part", trouble.part), trouble.says
        say(Sentence(f"{mark} {part}: {why}", f"{mark} {part.zh}：{why.zh}"))


NO_SHOP = Sentence("no shop yet, so nobody would come in", "还没有店铺，因此不会有人进入")


def _budget(found: Preview) -> Sentence:
    purse = found.purse
    words: list[str] = [purse.says]
    if purse.budget.bounds:
        total, daily = (one if one is None else show(one, purse.currency) for one in purse.budget)
        caps = [Sentence(f"{total} in all", f"共 {total}")] if total else []
        caps += [Sentence(f"{daily} a day", f"每天 {daily}")] if daily else []
        words = [listed(caps), purse.says]
    if purse.estimate is not None:
        range_ = (purse.estimate.low, purse.estimate.likely, purse.estimate.high)
        low, likely, high = (show(one, purse.currency) for one in range_)
        words.append(
            Sentence(f"expected {likely} ({low} to {high})", f"预计 {likely}（{low} 至 {high}）")
        )
    return joined(words, "; ", "；")


def spent(one: Spending | None) -> str:
    """What is spent of what it may cost; empty: it has no budget."""
    if one is None:
        return ""
    went = show(one.spent_minor, one.currency)
    parts = [went]
    if one.total_minor is not None:
        total = show(one.total_minor, one.currency)
        parts = [Sentence(f"{went} of {total}", f"{went} / {total}")]
    if one.daily_minor is not None:
        today, most = (show(of, one.currency) for of in (one.today_minor, one.daily_minor))
        parts.append(Sentence(f"today {today} of {most}", f"今天 {today} / {most}"))
    if one.short_since is not None:
        parts.append(Sentence("used up", "已用完"))
    return joined(parts, "; ", "；")


def bounded(name: str, spent: str, going_on: int) -> Sentence:
    """What a playbook may cost from now on, and what goes on by it."""
    costs = joined([spent or Sentence("no budget", "没有预算")])
    some = many(going_on, "message", "条消息")
    waited = Sentence(
        f"{some} that waited for it may go out now", f"等待预算的 {some.zh}现在可以发出"
    )
    if not going_on:
        waited = Sentence("no message had waited for it", "没有消息在等待预算")
    return Sentence(f"{name}: {costs}; {waited}.", f"{name}：{costs.zh}；{waited.zh}。")


def running(code: str, pilot: int | None) -> Sentence:
    """It lets people in now, and how it is stopped."""
    of = Sentence("", "")
    if pilot:
        of = Sentence(f" for the first {pilot:,} customers", f"，试点前 {pilot:,} 位客户")
    return Sentence(
        f"{code} is running{of}. Stop it with `siyu playbook stop {code}`.",
        f"{code} 运行中{of.zh}。停止：`siyu playbook stop {code}`。",
    )


def called(word: str) -> Sentence:
    """A word of a playbook's file."""
    return Sentence(word.replace("_", " "), coded("playbook", word).zh)


def fact(name: str, value: str) -> Sentence:
    """One of them, and what it is."""
    what, said = called(name), joined([value])
    return Sentence(f"{what}: {said}", f"{what.zh}：{said.zh}")
