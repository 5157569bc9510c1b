"""What uses a material or an offer: steps of journeys, and the parcels of a source."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Literal, NamedTuple

from siyu.acquisition import views as acquisition
from siyu.acquisition.model import Source
from siyu.journeys import views as journeys
from siyu.journeys.model import Node
from siyu.journeys.nodes.offer import Offer
from siyu.journeys.nodes.send import Touching
from siyu.kernel.sql import Conn
from siyu.segments.model import Family


class Use(NamedTuple):
    """A step of a journey (`code`, `step`), or a source whose parcels carry it (`step`: ''). Of a
    journey that is not `live` nobody comes by."""

    kind: Literal["journey", "source"]
    code: str
    title: Mapping[str, str]
    step: str
    live: bool


def of_material(conn: Conn, families: Sequence[Family], code: str) -> list[Use]:
    """Where this material is said."""
    return [
        *_steps(conn, families, lambda node: isinstance(node, Touching) and node.material == code),
        *_sources(conn, lambda source: source.card == code),
    ]


def of_offer(conn: Conn, families: Sequence[Family], code: str) -> list[Use]:
    """Where this offer is promised, issued or taken back."""

    def named(node: Node) -> bool:
        return isinstance(node, Offer) and code in (node.promise, node.issue, node.revoke)

    return [
        *_steps(conn, families, named),
        *_sources(conn, lambda source: source.gift == code),
    ]


def _steps(conn: Conn, families: Sequence[Family], wanted: Callable[[Node], bool]) -> Iterator[Use]:
    for said in journeys.said(conn):
        read = journeys.read(said.text, families)
        for step in read.steps if read is not None else ():
            if wanted(step.node):
                title = journeys.title_of(said.text)._asdict()
                yield Use("journey", said.code, title, step.id, said.live)


def _sources(conn: Conn, wanted: Callable[[Source], bool]) -> Iterator[Use]:
    for code, source in sorted(acquisition.sources(conn).items()):
        if wanted(source):
            yield Use("source", code, source.title, "", live=True)
