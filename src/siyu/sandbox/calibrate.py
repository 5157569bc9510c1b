"""Fixes a world's parameters before any engine exists: an ideal cascade over generated buyers.

    python -m siyu.sandbox.calibrate [default|cold|loved|FILE] [buyers] [seeds]

The ideal engine sends every SMS within a minute, calls after five, hands tasks out at once, keeps
the hours and the cut-off and loses nothing. It prints the add rate by step, the services card
alone, and what is left when one of the three properties (timely, certain, tempting) is taken away.
"""

from __future__ import annotations

import sys
from collections import Counter
from datetime import UTC, datetime, time, timedelta
from statistics import mean, pstdev
from typing import NamedTuple
from zoneinfo import ZoneInfo

from siyu.kernel.ids import share
from siyu.kernel.time import Hours
from siyu.sandbox.parameters import World, load
from siyu.sandbox.people import Answer, Context, Mind, Person
from siyu.sandbox.reading import Reader
from siyu.sandbox.shop import GeneratedShop, Sale
from siyu.sandbox.waves import Round, next_round

ZONE = ZoneInfo("Asia/Shanghai")
START = datetime(2026, 3, 2, tzinfo=ZONE).astimezone(UTC)
WATCHED = timedelta(days=14)
MINUTE = timedelta(minutes=1)
SMS_HOURS = Hours(time(8), time(22))
VOICE_HOURS = Hours(time(9), time(21))


class Plan(NamedTuple):
    """What the ideal engine does, and what its invitations say; the ablations change one thing."""

    promise: str = "价值¥15.00的补水面膜随本包裹寄出！"
    card: str = "以后每个订单都多送2片面膜（价值30元），或抽1–99元红包，个个有奖！"
    sms_after: timedelta = timedelta(seconds=30)
    messages: bool = True
    keeps_cutoff: bool = True  # an SMS is not sent when its promise is no longer true
    holdout: float = 0.05


CASCADE = Plan()
SERVICES_CARD = Plan(card="扫码添加客服企业微信，售后咨询、使用指导，专属服务。", messages=False)
ABLATIONS = {
    "SMS a day later": CASCADE._replace(sms_after=timedelta(days=1), keeps_cutoff=False),
    "only a chance to win": CASCADE._replace(
        promise="加我们有机会赢取价值¥15.00的补水面膜！", card="加我们有机会抽奖，奖品价值30元！"
    ),
    "no value stated": CASCADE._replace(
        promise="我们的服务随本包裹开始！", card="专属服务，每个订单都有！"
    ),
}


class Found(NamedTuple):
    """One run: adds by step, buyers in scope, adds that nothing can match."""

    in_scope: int
    adds: Counter[str]
    unmatched: int

    @property
    def rate(self) -> float:
        return sum(self.adds.values()) / max(1, self.in_scope)


class _Cascade:
    """One buyer's cascade around one order."""

    def __init__(self, mind: Mind, reader: Reader, plan: Plan, who: Person, sale: Sale) -> None:
        self.mind = mind
        self.reader = reader
        self.plan = plan
        self.who = who
        self.sale = sale
        self.earlier = 0
        self.added: tuple[datetime, str, bool] | None = None

    def touch(self, channel: str, step: str, text: str, at: datetime) -> Answer:
        """Reach the person; an add is kept when it is the earliest so far."""
        invitation = self.reader.read(channel, text, at - self.sale.at)
        local = at.astimezone(ZONE)
        answer = self.mind.answer(
            self.who, invitation, Context(self.sale.order_no, local, self.earlier)
        )
        self.earlier += 1
        if answer.does in {"adds", "adds_elsewhere"}:
            matched = answer.does == "adds"
            when = at + answer.after
            if self.added is None or when < self.added[0]:
                self.added = (when, step, matched)
        return answer

    def known(self, at: datetime) -> bool:
        """Is this person a friend whom the engine knows by then?"""
        return self.added is not None and self.added[2] and self.added[0] <= at

    def run(self, consents: tuple[bool, bool], round_: Round, card_at: datetime) -> None:
        sms, voice = consents
        if self.plan.messages:
            self._messages(sms=sms, voice=voice, cutoff=round_.cutoff)
        if not self.known(round_.cutoff) and not self.known(card_at):
            self.touch("parcel_insert", "card", self.plan.card, card_at)

    def _messages(self, *, sms: bool, voice: bool, cutoff: datetime) -> None:
        text = self.plan.promise
        start = self.sale.at
        at, _ = SMS_HOURS.next(start + self.plan.sms_after, ZONE)
        if sms and (at < cutoff or not self.plan.keeps_cutoff):
            opted_out = self.touch("sms", "sms", text, at).does == "opts_out"
            voice = voice and not opted_out
        at, _ = VOICE_HOURS.next(start + 5 * MINUTE, ZONE)
        if not voice or at >= cutoff or self.known(at):
            return
        answer = self.touch("voice_ai", "call", text, at + MINUTE / 2)
        if answer.call is None or answer.call.intent not in {"A", "B"}:
            return
        at = VOICE_HOURS.next(at + 12 * MINUTE, ZONE)[0]
        if at >= cutoff or self.known(at):
            return
        self.touch("wecom_request", "request", text, at)
        at = VOICE_HOURS.next(at + timedelta(hours=4, minutes=12), ZONE)[0]
        if at < cutoff and not self.known(at):
            self.touch("voice_human", "human", text, at)


def simulate(world: World, seed: str, plan: Plan = CASCADE, orders: int = 3_000) -> Found:
    """The adds that this plan gets within each buyer's own 14 days."""
    mind, reader = Mind(world.people), Reader(world)
    shop = GeneratedShop(world.shop, seed, START, 14, orders, ZONE)
    seen: set[str] = set()
    adds: Counter[str] = Counter()
    in_scope = unmatched = 0
    for sale in shop.stream():
        if sale.buyer is None or sale.buyer in seen:
            continue
        seen.add(sale.buyer)
        who = Person(seed, sale.buyer)
        if who.draw("friend already") < world.shop.friends_already:
            continue
        if share("ideal hold-out", seed, sale.buyer) < plan.holdout:
            continue
        in_scope += 1
        run = _Cascade(mind, reader, plan, who, sale)
        round_ = next_round(world.warehouse.waves, sale.at, ZONE)
        card_at = round_.ships + timedelta(days=1) + timedelta(days=2) * who.draw("parcel")
        consents = (
            who.draw("consent", "sms") < world.consents.sms,
            who.draw("consent", "voice") < world.consents.voice,
        )
        run.run(consents, round_, card_at)
        if run.added and run.added[0] <= sale.at + WATCHED:
            if run.added[2]:
                adds[run.added[1]] += 1
            else:
                unmatched += 1
    return Found(in_scope, adds, unmatched)


def report(world: World, orders: int, seeds: int) -> str:
    """The figures that the parameters were fixed on, as lines of text."""
    names = [f"calibrate-{number}" for number in range(seeds)]
    lines = [f"world {world.world}: {orders} orders, {seeds} seeds, an ideal engine"]
    plans = {"cascade": CASCADE, "services card alone": SERVICES_CARD} | ABLATIONS
    for title, plan in plans.items():
        runs = [simulate(world, name, plan, orders) for name in names]
        rates = [run.rate for run in runs]
        spread = f"{mean(rates):6.1%} ± {pstdev(rates):.1%} ({min(rates):.1%} to {max(rates):.1%})"
        total = sum(run.in_scope for run in runs)
        steps = sum((run.adds for run in runs), Counter[str]())
        shares = ", ".join(f"{step} {count / total:.1%}" for step, count in steps.most_common())
        lines.append(f"  {title:22} {spread}  by step: {shares}")
    return "\n".join(lines)


def main() -> None:
    """Print the report of one world."""
    name, orders, seeds = (*sys.argv[1:4], *("default", "3000", "5")[len(sys.argv[1:4]) :])
    sys.stdout.write(report(load(name), int(orders), int(seeds)) + "\n")


if __name__ == "__main__":
    main()
