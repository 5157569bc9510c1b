"""A journey's messages on one's own phone, before a customer has them."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime

from siyu.content.model import LOCALES
from siyu.journeys.check import check
from siyu.journeys.model import Journey
from siyu.journeys.nodes.offer import Offer
from siyu.journeys.nodes.send import Send
from siyu.kernel.errors import BadInput, NotFound
from siyu.kernel.sentence import Sentence
from siyu.kernel.sql import Conn
from siyu.outbox.actions import trial as outbox
from siyu.outbox.actions.trial import Asked
from siyu.outbox.model import Context, NewTrial
from siyu.segments.model import Family


def ask(
    conn: Conn,
    ctx: Context,
    asked: Asked,
    text: str,
    families: Sequence[Family],
    channels: Collection[str],
    now: datetime,
) -> list[int]:
    """Owe the messages of this text (or of one step) to a member of staff; their numbers."""
    journey = check(text, families)
    if not isinstance(journey, Journey):
        raise BadInput(Sentence("This text is no journey yet.", "这个文本还不是旅程。"), journey)
    if asked.locale not in LOCALES:
        raise BadInput(
            Sentence(
                f"{asked.locale!r} is not a language of Siyu; write zh or en.",
                f"{asked.locale!r} 不是 Siyu 的语言；请写 zh 或 en。",
            )
        )
    said = messages(journey)
    wanted = [one for one in said if asked.step in ("", one.step)]
    if not said:
        raise NotFound(
            Sentence(
                f"{journey.journey} sends no messages: there is nothing to test.",
                f"{journey.journey} 不发送消息：没有可试发的。",
            )
        )
    if not wanted:
        names = ", ".join(one.step for one in said)
        why = Sentence(
            f"{journey.journey} sends nothing at {asked.step!r}",
            f"{journey.journey} 在 {asked.step!r} 不发送任何内容",
        )
        raise NotFound(
            Sentence(f"{why}; steps that send: {names}.", f"{why.zh}；会发送的步骤有：{names}。")
        )
    if asked.journey not in ("", journey.journey):
        raise BadInput(
            Sentence(
                f"This is the text of {journey.journey}, not of {asked.journey}.",
                f"这是 {journey.journey} 的文本，不是 {asked.journey} 的。",
            )
        )
    asked = asked._replace(journey=journey.journey)
    return outbox.ask(conn, ctx, asked, wanted, channels, now)


def messages(journey: Journey) -> list[NewTrial]:
    """What a journey sends, in the order of its text. A message speaks of the offer before it."""
    found: list[NewTrial] = []
    offer = ""
    for step in journey.steps:
        match step.node:
            case Offer(promise=promise, issue=issue):
                offer = promise or issue or offer
            case Send() as send:
                linked = bool(send.code)
                found.append(NewTrial(step.id, send.channel, send.material, offer, linked))
            case _:
                pass
    return found
