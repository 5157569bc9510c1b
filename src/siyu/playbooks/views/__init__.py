"""Which playbooks there are, whether they run, what they bring and what is missing."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from siyu.kernel.errors import NotFound
from siyu.kernel.sentence import Sentence
from siyu.kernel.sql import Conn, load
from siyu.playbooks.check.whole import codes_of
from siyu.playbooks.model import Manifest, NeedText, Playbook
from siyu.playbooks.model.settings import Plain
from siyu.playbooks.source import read, shipped

SQL = load("siyu.playbooks")
HEARD_WITHIN = timedelta(days=30)


class Installed(NamedTuple):
    """A playbook as it was installed last; `digest` names its files' contents, `settings` the
    values that it was started with. `open`: the journeys that let somebody in."""

    code: str
    digest: str
    installed_at: datetime
    settings: Mapping[str, str]
    started_at: datetime | None
    started_by: str
    stopped_at: datetime | None
    journeys: list[str]
    open: list[str]
    pilot: int | None
    staff: list[str]  # who works for it; nobody: everybody
    shops: list[str]  # whose orders it takes; none: as its files say

    @property
    def state(self) -> str:
        """running while one of its journeys lets somebody in."""
        return "running" if self.open else "stopped" if self.journeys else "installed"


class Need(NamedTuple):
    """What a playbook can't run without, and whether it is there."""

    what: str
    name: str
    why: Sentence
    there: bool


def installed(conn: Conn) -> list[Installed]:
    """Every installed playbook."""
    return [Installed(*row) for row in conn.fetch(SQL.installed)]


def names(conn: Conn) -> list[str]:
    """All that come with Siyu, and all that are installed."""
    return sorted({*shipped(), *(one.code for one in installed(conn))})


def manifest(name: str) -> Manifest | None:
    """What a shipped playbook says of itself; None: its files are elsewhere."""
    return folder(name).manifest if name in shipped() else None


def folder(name: str, currency: str = "CNY") -> Playbook:
    """A shipped playbook with its defaults; NotFound where there is none of that name."""
    if name not in shipped():
        known = ", ".join(shipped())
        raise NotFound(
            Sentence(
                f"There is no playbook {name!r}; shipped are {known}.",
                f"没有打法 {name!r}；自带的有 {known}。",
            )
        )
    return read(name, None, currency, lenient=True)


def brings(one: Playbook) -> dict[str, Any]:
    """What it puts in place."""
    said = one.manifest
    return {
        "journeys": sorted(codes_of(one.journeys.values(), "journey")),
        "segments": len(one.segments),
        "materials": [text.code for text in one.materials],
        "offers": [offer.code for offer in said.offers],
        "sources": [source.code for source in said.sources],
        "channels": sorted({text.channel for text in one.materials}),
        "tag_rules": bool(one.tags),
        "stories": len(one.stories),
    }


def plain(said: Plain | None, currency: str) -> str | None:
    """A default or a bound, as somebody would write it: of money the amount in this currency."""
    if isinstance(said, dict):
        return said.get(currency)
    return None if said is None else str(said)


def needs(
    conn: Conn, some: list[NeedText], connectors: Collection[str], channels: Collection[str],
    now: datetime,
) -> list[Need]:  # fmt: skip
    """Whether what it needs is there: a kind of fact was heard in the last thirty days."""
    asked = {"kinds": [one.fact for one in some if one.fact], "since": now - HEARD_WITHIN}
    heard = {row[0] for row in conn.fetch(SQL.heard, asked)} if asked["kinds"] else set[str]()
    running = {one.code for one in installed(conn) if one.open}
    there: Mapping[str, Collection[str]] = {
        "connector": connectors, "channel": channels, "fact": heard, "playbook": running,
    }  # fmt: skip
    return [
        Need(what, name, Sentence(one.why.en, one.why.zh), name in there[what])
        for one in some
        for what, name in one.what
    ]
