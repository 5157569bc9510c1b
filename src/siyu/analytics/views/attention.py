"""What waits for somebody: one line per trouble, with how many and since when."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import NamedTuple

from siyu.analytics.model import ATTENTION, MOST_SHOWN
from siyu.kernel.sentence import Sentence, unkept
from siyu.kernel.sql import Conn, load

SQL = load("siyu.analytics")
SOON = timedelta(hours=48)  # a promise that ends, or a parcel whose cut-off comes, within this
STUCK = timedelta(minutes=1)  # events that were accepted and not applied for so long
DOUBT = timedelta(minutes=15)  # a provider's answer that is still missing


class Need(NamedTuple):
    """`about`: the channel or the article, where there are several. `number` stops at `MOST_SHOWN`
    ("10,000+"); of a provider or a pull it is failures in a row, of a gift that runs
    low what is left on the shelf. `why`: the vendor's words, or ours for them."""

    code: str
    about: str
    number: int
    since: datetime | None
    why: Sentence = Sentence("", "")


def needs(conn: Conn, now: datetime) -> list[Need]:
    """What waits, the worst first."""
    params = {
        "now": now,
        "soon": now + SOON,
        "stuck": now - STUCK,
        "doubt": now - DOUBT,
        "most": MOST_SHOWN,
    }
    order = list(ATTENTION)
    rows = conn.fetch(SQL.attention, params)
    found = [
        Need(code, about, number, since, _both(en, zh))
        for code, about, number, since, en, zh in rows
    ]
    shown = [one for one in found if one.number or one.code == "gift_low"]
    return sorted(shown, key=lambda one: (order.index(one.code), one.about))


def _both(en: str, zh: str) -> Sentence:
    """Our own words came as one text; a vendor's are the same in both."""
    said = unkept(en)
    return said if isinstance(said, Sentence) else Sentence(en, zh)
