"""Bands of the report on recency, frequency and money, kept as segments."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Annotated, cast

from fastapi import APIRouter, Body, Request

from siyu.analytics.check import read
from siyu.analytics.decide.bands import Band, Slices, segments
from siyu.analytics.views.asked import Home, cut
from siyu.analytics.views.questions.rfm import Rfm
from siyu.api.auth import TheApp, TheCaller, needs, the_app
from siyu.api.kept import EXPORT_PATIENCE, the_kept
from siyu.api.segments import Title
from siyu.api.words import Words
from siyu.app import PREDICATES, App
from siyu.kernel.errors import Busy, Refused
from siyu.kernel.sentence import Sentence
from siyu.segments import actions
from siyu.segments.actions import Outcome
from siyu.segments.views import stored

router = APIRouter(prefix="/segments", tags=["segments"])


@dataclass(frozen=True)
class BandsAsked:
    """`asked`: what the report `rfm` is asked with, by the names of its inputs; empty: as it is
    when nobody says. `over`: bands that somebody has edited or retired are written anew too."""

    asked: Mapping[str, str] = field(default_factory=dict[str, str])
    over: bool = False
    by: Words = ""


@dataclass(frozen=True)
class BandKept:
    """A band's segment. `people`: how many were in the band when it was cut. `outcome`: it is
    `new`, `changed` (a version more), the `same`, or `left`: somebody has edited or retired it."""

    code: str
    title: Title
    people: int
    outcome: Outcome
    version: int


@dataclass(frozen=True)
class BandsKept:
    """By which day's figures they were cut: five each of recency, frequency and money, the best
    first."""

    day: date
    bands: list[BandKept]


def asked(said: Mapping[str, str]) -> Rfm:
    """The report's question; BadInput names what can't be asked."""
    return cast("Rfm", read(Rfm, said))


def kept(app: App, of: Slices, bands: list[Band], by: str, *, over: bool) -> BandsKept:
    """The bands as segments, in one transaction."""
    texts = segments(of, bands)
    with app.db.transaction() as conn:
        found = actions.cut(conn, texts, PREDICATES, by, app.clock.now(), over=over)
        known = stored.stock(conn)
    app.wake()
    rows = [(band, known.named(band.code)) for band in bands]
    return BandsKept(
        of.day,
        [
            BandKept(one.code, Title(*one.title), band.people, found[one.code], one.version)
            for band, one in rows
        ],
    )


@router.post("/layers", **needs("segments.write"))
def keep_bands(
    request: Request, app: TheApp, caller: TheCaller, new: Annotated[BandsAsked, Body()]
) -> BandsKept:
    """Keep the bands that the report `rfm` shows as segments: each limit as a number in its text,
    so that it holds for one customer as for all. Again: a version more of what nobody has edited.
    Audited."""
    question, outside = asked(new.asked), the_app(request)
    # Beside the transaction of a write under a key: the lake reads in one of its own.
    home = Home(outside.db, app.keys, app.ids, app.brand, outside.lake)

    def work() -> tuple[Slices, list[Band]] | Refused:
        try:
            return cut(home, question, outside.clock.now())
        except Refused as refused:
            return refused  # an answer too: whoever asks again is told it

    result = the_kept(request).ask(("bands", question), work, EXPORT_PATIENCE).result
    if result is None:
        raise Busy(
            Sentence(
                "The bands are still being worked out; ask for them again in a moment.",
                "分档还在计算；请稍后再试。",
            )
        )
    if isinstance(result, Refused):
        raise Refused(result.detail)  # a new one: this one is kept
    return kept(app, *result, caller.actor(new.by), over=new.over)
