"""Answers from events, whoever tells them; rows go with their customer."""

from __future__ import annotations

from datetime import datetime

from siyu.events.model import Batch, Projection, SurveyAnswered, kinds_of
from siyu.kernel.sql import Conn, load

SQL = load("siyu.pages")


def project(conn: Conn, batch: Batch, now: datetime) -> None:  # noqa: ARG001 - the form of every one
    """Splits, then merges, then what is new."""
    if batch.splits:
        conn.execute(SQL.part_answers, batch.moved)
    if batch.merges:
        pairs = [(one.loser, one.winner) for one in batch.merges]
        sides = {"losers": [one for one, _ in pairs], "winners": [one for _, one in pairs]}
        conn.execute(SQL.merge_answers, sides)
    _answers(conn, batch)


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


PROJECTION = Projection("pages", kinds_of([SurveyAnswered]), project)
