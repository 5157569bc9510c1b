"""What connectors go and ask for, page by page: its events and its cursor are stored together."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator
from datetime import datetime

import structlog

from siyu.app import App, Pulled, Pulls
from siyu.connections import actions as connections
from siyu.connections.model import Claimed
from siyu.events.actions import accept
from siyu.events.sweep import describe
from siyu.kernel.errors import DatabaseDown, SiyuError
from siyu.kernel.sentence import Sentence
from siyu.outbox import actions as outbox

log = structlog.get_logger(__name__)
# Errors of connectors and of what they call by, as people understand them.
UNREACHED = frozenset({"ConnectError", "ConnectTimeout", "NotSent", "ProxyError"})
UNANSWERED = frozenset({"InDoubt", "ReadTimeout", "TimeoutError", "Unclear", "RemoteProtocolError"})


class _Overtaken(Exception):
    """Its lease was over, and somebody else has claimed it: nothing more of this run is stored."""


def plan(app: App) -> None:
    """Every pull of a connected connector is known; a new one is due at once. What is connected no
    more, or no more asked for, alarms nobody."""
    now = app.clock.now()
    connected = [name for name, one in app.connections.every.items() if one.configured]
    with app.db.transaction() as conn:
        connections.plan(conn, _names(app.pulls), now, _accounts(app.pulls))
        connections.drop_others(conn, app.pulls, connected, now)
        outbox.drop_others(conn, app.channels)


def plan_anew(app: App, before: Pulls) -> None:
    """The same after settings changed: pulls whose connector has others, or had none, are due at
    once, so that what failed by the old ones does not rest for an hour."""
    plan(app)
    changed = {
        name: one
        for name, one in app.pulls.items()
        if name not in before or before[name][0].config != one[0].config
    }
    now = app.clock.now()
    with app.db.transaction() as conn:
        for connector, name in sorted(_names(changed)):
            connections.wake(conn, connector, [name], now)


def _names(pulls: Pulls) -> list[tuple[str, str]]:
    return [(one.manifest.name, pull.name) for one, pull in pulls.values()]


def _accounts(pulls: Pulls) -> dict[str, str]:
    return {one.manifest.name: one.account for one, _ in pulls.values()}


def pull(app: App, now: datetime) -> int:
    """Run one that is due, to its end; how much it did: one, and what it brought.

    What a vendor breaks is written down and tried again later; what is stored stays stored.
    """
    known = app.pulls  # those of this run: settings may change meanwhile
    shares = {name: one.shares for name, (_, one) in known.items() if one.shares}
    with app.db.transaction() as conn:
        real = app.clock.real()
        claimed = connections.begin(conn, known, now, real, shares, _accounts(known))
    if claimed is None:
        return 0
    connected, what = known[f"{claimed.connector}/{claimed.name}"]
    brought, again, error, why = 0, None, "", None
    try:
        brought, again = _pages(
            app, claimed, what.run(connected.config, connected.tools, claimed.cursor)
        )
    except DatabaseDown:
        raise
    except _Overtaken:
        pass  # as `ended` will find too
    except Exception as raised:  # noqa: BLE001 - a stranger's connector may raise anything
        error, why = describe(raised), _words(raised)
        log.warning("a pull failed", connector=claimed.connector, pull=claimed.name, why=error)
    with app.db.transaction() as conn:
        ours = connections.ended(conn, claimed, what.every, now, again=again, error=error, why=why)
    if not ours:
        log.info("a pull was overtaken", connector=claimed.connector, pull=claimed.name)
    elif error and f"{claimed.connector}/{claimed.name}" not in app.pulls:
        plan(app)  # disconnected meanwhile, and perhaps planned before this failure was written
    return 1 + brought


def _words(raised: Exception) -> Sentence:
    """For whoever has to act: what was said in words, else what kind of trouble it is."""
    said = str(raised.args[0]) if raised.args and isinstance(raised.args[0], Sentence) else ""
    if isinstance(raised, SiyuError):
        said = raised.detail
    if isinstance(said, Sentence):
        return said
    name = type(raised).__name__
    if name in UNREACHED:
        return Sentence(f"it can't be reached ({name})", f"连不上对方（{name}）")
    if name in UNANSWERED:
        return Sentence(f"it does not answer ({name})", f"对方没有应答（{name}）")
    return Sentence(f"something is not as expected ({name})", f"出现意外情况（{name}）")


def heard(app: App, kinds: Collection[str], now: datetime) -> None:
    """Facts of these kinds were applied: whoever asks after them runs soon."""
    due = [name for name, (_, one) in app.pulls.items() if one.after & set(kinds)]
    if due:
        with app.db.transaction() as conn:
            connections.hint(conn, due, now)


def _pages(app: App, claimed: Claimed, pages: Iterator[Pulled]) -> tuple[int, datetime | None]:
    told: Counter[str] = Counter()
    again: datetime | None = None
    for page in pages:
        with app.db.transaction() as conn:
            if page.events:
                answers = accept(conn, app.keys, app.brand.region, page.events, app.clock.now())
                told.update(one.status for one in answers)
                for one in answers:
                    if one.status == "rejected":
                        log.warning(
                            "what was pulled can't be used",
                            connector=claimed.connector, pull=claimed.name, why=one.reason,
                        )  # fmt: skip
            if not connections.kept(conn, claimed, page.cursor, app.clock.real()):
                raise _Overtaken
        again = page.again
    return told["accepted"], again
