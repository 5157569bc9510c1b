"""A survey is answered, once; what somebody wrote freely is read by whoever says why."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from siyu.events import actions as events
from siyu.events.model import SurveyAnswered
from siyu.kernel.sql import Conn, load
from siyu.pages.actions import subject
from siyu.pages.decide import answered_as
from siyu.pages.model import Answer, Survey
from siyu.staff.actions import audit
from siyu.vault.model import Keys
from siyu.vault.views import open_items

SQL = load("siyu.pages")


class Text(NamedTuple):
    """Words of somebody's own, in clear; the repr hides them."""

    customer_id: int
    version: int
    question: str
    text: str
    at: datetime

    def __repr__(self) -> str:
        return f"Text({self.question!r}, …)"


def answer(
    conn: Conn,
    keys: Keys,
    survey: tuple[str, Survey],
    customer: int,
    said: Sequence[Answer],
    now: datetime,
) -> bool:
    """Keep these answers; False: this customer has answered this version before. Of two who send at
    the same time one waits for the other."""
    code, of = survey
    told_as = answered_as(code, of.version, customer, 0)
    params = {"survey": code, "version": of.version, "customer": customer, "told": told_as}
    if conn.fetch(SQL.answered, params)[0][0]:
        return False
    about, _ = subject(conn, customer)
    told = [
        events.Own(
            SurveyAnswered(
                survey=code, version=of.version, question=one.question, answer=one.answer
            ),
            answered_as(code, of.version, customer, place),
            now,
            about,
            (("text", one.text),) if one.text else (),
        )
        for place, one in enumerate(said)
    ]
    if not events.own(conn, told[:1], now, keys=keys):
        return False
    events.own(conn, told[1:], now, keys=keys)
    return True


def read_texts(
    conn: Conn, keys: Keys, survey: str, by: str, reason: str, now: datetime
) -> list[Text]:
    """What people wrote in their own words, the latest 500, in clear. Audited before it is read."""
    audit(conn, by, "survey.reveal", survey, reason, now)
    rows = conn.fetch(SQL.texts, {"survey": survey, "limit": 500})
    opened = open_items(conn, keys, [row[3] for row in rows])
    return [
        Text(who, version, question, opened[item], at)
        for who, version, question, item, at in rows
        if item in opened
    ]
