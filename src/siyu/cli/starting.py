"""What is chosen as a playbook starts, and what it may cost, as people write and read it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated

import typer

from siyu.app import PREDICATES, App
from siyu.cli.screen import say, table
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
        say(f"{way.journey}: people come in {way.says}.")
    if found.takes_shops and found.shops:
        names = ", ".join(one.name for one in found.shops if one.chosen)
        say(f"From the orders of: {names or 'no shop yet, so nobody would come in'}.")
    table("What its shops permit", ["shop", "channel", "permitted", "note"],
          [[one.shop, one.channel, "yes" if one.allowed else "no", one.note]
           for one in found.policy if one.taken_from])  # fmt: skip
    table("What it gives", ["offer", "sku", "stock"],
          [[one.offer, one.sku, one.says] for one in found.offers])  # fmt: skip
    say(f"Staff: {sum(one.chosen for one in found.guides)} guides; {found.work.says}.")
    say(f"Budget: {_budget(found)}.")
    if parts := found.purse.parts:
        say(f"  {parts}.")
    if pilot and found.purse.estimate is not None:
        say(f"  The forecast lets everybody in: a pilot of {pilot:,} customers costs less.")
    for trouble in found.troubles:
        say(f"{'✗' if trouble.stops else '!'} {trouble.part}: {trouble.says}")


def _budget(found: Preview) -> str:
    purse = found.purse
    if not purse.budget.bounds:
        words: list[str] = [purse.says]
    else:
        total, daily = (one if one is None else show(one, purse.currency) for one in purse.budget)
        caps = [f"{total} in all"] if total else []
        words = [", ".join([*caps, *([f"{daily} a day"] if daily else [])]), purse.says]
    if purse.estimate is not None:
        range_ = (purse.estimate.low, purse.estimate.likely, purse.estimate.high)
        low, likely, high = (show(one, purse.currency) for one in range_)
        words.append(f"expected {likely} ({low} to {high})")
    return "; ".join(words)


def spent(one: Spending | None) -> str:
    """What is spent of what it may cost; empty: it has no budget."""
    if one is None:
        return ""
    parts: list[str] = []
    if one.total_minor is not None:
        parts.append(
            f"{show(one.spent_minor, one.currency)} of {show(one.total_minor, one.currency)}"
        )
    else:
        parts.append(show(one.spent_minor, one.currency))
    if one.daily_minor is not None:
        today = show(one.today_minor, one.currency)
        parts.append(f"today {today} of {show(one.daily_minor, one.currency)}")
    if one.short_since is not None:
        parts.append("used up")
    return "; ".join(parts)
