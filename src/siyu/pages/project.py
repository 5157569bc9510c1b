"""Answers from events, whoever tells them; what a till has taken; rows go with their customer."""

from __future__ import annotations

from datetime import datetime

from siyu.events.model import (
    Batch,
    OfferRedeemed,
    PageOpened,
    Projection,
    SurveyAnswered,
    kinds_of,
)
from siyu.kernel.ids import PublicIds
from siyu.kernel.sql import Conn, load
from siyu.pages.actions import bookings
from siyu.pages.model import Booking
from siyu.staff import views as people

SQL = load("siyu.pages")


def projection(ids: PublicIds) -> Projection:
    """This room's projection; `ids` reads the public id that a redeemed promise is known by."""

    def project(conn: Conn, batch: Batch, now: datetime) -> None:
        if batch.splits:
            conn.execute(SQL.part_answers, batch.moved)
            conn.execute(SQL.part_bookings, batch.moved)
        if batch.merges:
            pairs = [(one.loser, one.winner) for one in batch.merges]
            sides = {"losers": [one for one, _ in pairs], "winners": [one for _, one in pairs]}
            conn.execute(SQL.merge_answers, sides)
            conn.execute(SQL.merge_bookings, sides)
        _answers(conn, batch)
        _visits(conn, batch)
        _redeemed(conn, batch, ids, now)

    kinds = kinds_of([SurveyAnswered, OfferRedeemed, PageOpened])
    return Projection("pages", kinds, project)


def _redeemed(conn: Conn, batch: Batch, ids: PublicIds, now: datetime) -> None:
    """A till took it: who had booked it was there."""
    named = (ids.decode(bookings.PREFIX, told.promise) for _, told in batch.of(OfferRedeemed))
    numbers = sorted({number for number in named if number is not None})
    rows = conn.fetch(SQL.booked, {"ids": numbers}) if numbers else []
    if rows:
        batch.told += bookings.kept(conn, ids, [Booking(*row) for row in rows], "", now)


def _visits(conn: Conn, batch: Batch) -> None:
    """Counted, once each: whoever it was is in the fact alone."""
    opened = batch.of(PageOpened)
    if opened:
        conn.execute(
            SQL.note_visits,
            {
                "zone": people.brand_zone(conn).key,
                "pages": [told.page for _, told in opened],
                "ats": [event.occurred_at for event, _ in opened],
                "origins": [told.origin for _, told in opened],
                "mediums": [told.medium for _, told in opened],
                "campaigns": [told.campaign for _, told in opened],
            },
        )


def _answers(conn: Conn, batch: Batch) -> None:
    told = [(event, said) for event, said in batch.of(SurveyAnswered) if event.id in batch.customer]
    if told:
        conn.execute(
            SQL.note_answers,
            {
                "events": [event.id for event, _ in told],
                "surveys": [said.survey for _, said in told],
                "versions": [said.version for _, said in told],
                "questions": [said.question for _, said in told],
                "answers": [said.answer for _, said in told],
                "customers": [batch.customer[event.id] for event, _ in told],
                "identities": [batch.identity.get(event.id) for event, _ in told],
                "items": [event.sealed.get("text") for event, _ in told],
                "ats": [event.occurred_at for event, _ in told],
            },
        )
