"""Whether providers would take what a journey sends: compared before it is published, and refused
where they surely would not. The engine knows no provider, so it is asked here, by who publishes."""

from __future__ import annotations

from dataclasses import dataclass

from siyu.app import PREDICATES, App
from siyu.journeys.actions.trial import messages
from siyu.journeys.check import check
from siyu.journeys.model import Journey
from siyu.kernel.errors import BadInput, Problem
from siyu.kernel.sentence import Language, Sentence, within


@dataclass(frozen=True)
class TextFit:
    """A step whose text its provider would not take (`refused`), or may not: nobody can say before
    it goes out."""

    step: str
    channel: str
    material: str
    refused: bool
    why: str


def fits(app: App, journey: Journey, locale: Language) -> list[TextFit]:
    """What of a journey's texts is not known to be fine, in the order of its steps."""
    return [TextFit(*one[:-1], within(locale, one[-1])[:]) for one in _found(app, journey)]


def refuse_unfit(app: App, text: str) -> None:
    """BadInput where a provider would surely refuse what a step of this text sends. A text that is
    no journey is refused by whoever publishes it."""
    journey = check(text, PREDICATES)
    if not isinstance(journey, Journey):
        return
    problems = tuple(
        Problem(step, Sentence(f"material {material}: {why}", f"素材 {material}：{why.zh}"))
        for step, _, material, refused, why in _found(app, journey)
        if refused
    )
    if problems:
        raise BadInput(
            Sentence(
                "Providers would refuse what these steps send:",
                "服务商会拒绝这些步骤发送的内容：",
            ),
            problems,
        )


def _found(app: App, journey: Journey) -> list[tuple[str, str, str, bool, Sentence]]:
    sent = [(one.step, one.channel, one.material) for one in messages(journey)]
    known = app.connections.fits({(channel, material) for _, channel, material in sent})
    found: list[tuple[str, str, str, bool, Sentence]] = []
    for step, channel, material in sent:
        said = known.get((channel, material))
        if said is not None and said.state != "ok":
            refused = said.state in ("missing", "wrong")
            found.append((step, channel, material, refused, said.why))
    return found
