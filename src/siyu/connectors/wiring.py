"""Which of the connectors' settings a process works with, and what is wired by them.

What is kept in HOME/siyu.toml under way is taken up between two batches: who has a channel or a
pull in hand ends with the one it began with, and the next batch gets the new one.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from functools import cached_property
from pathlib import Path
from typing import Any

import structlog

from siyu.connectors import house, registry
from siyu.connectors.house import House
from siyu.connectors.manifest import Pull
from siyu.connectors.registry import Connected, Connections, ToolsOf
from siyu.events.sweep import describe
from siyu.kernel.errors import BadSettings
from siyu.outbox.channel import Channel
from siyu.settings import Settings, load

log = structlog.get_logger(__name__)
Stamp = tuple[int, int, int] | None
Pulls = Mapping[str, tuple[Connected, Pull]]


class InUse:
    """The settings that this process works with. `since`: when a connector's were taken up, if that
    was under way; `problem`: why those that are kept by now can't be used."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.since: dict[str, datetime] = {}
        self.problem = ""
        self._given: Mapping[str, Mapping[str, Any]] | None = None
        self._seen: Stamp | str = "nothing yet"
        self._lock = threading.Lock()

    def _kept(self) -> Settings:
        """Those on the disk by now, on top of tables that were only given."""
        read = load(None, keep=False, home=self.settings.home)
        if self._given is None:
            tables = self.settings.connectors
            self._given = {name: tables[name] for name in tables if name not in read.connectors}
        return replace(self.settings, connectors={**self._given, **read.connectors})

    def look(self, now: datetime, tried: Callable[[Settings], object]) -> None:
        """Take up the connectors' settings that are kept by now, if the file has changed. What
        can't be used, or raises when it is `tried`, is said, and the old ones stay."""
        with self._lock:
            stamp = _stamp(self.settings.home / "siyu.toml")
            if stamp == self._seen:
                return
            self._seen = stamp
            try:
                self._take(self._kept(), now, tried)
                self.problem = ""
            except Exception as error:  # noqa: BLE001 - a stranger's connector may raise anything
                self.problem = str(error) if isinstance(error, BadSettings) else describe(error)
                log.warning("settings can't be used; the old ones work on", why=self.problem)

    def _take(self, kept: Settings, now: datetime, tried: Callable[[Settings], object]) -> None:
        registry.check(kept)
        old, new = self.settings.connectors, kept.connectors
        changed = sorted(name for name in {*old, *new} if old.get(name) != new.get(name))
        if changed:
            tried(kept)
            self.settings = kept
            self.since |= dict.fromkeys(changed, now)
            log.info("new settings are in use", connectors=changed)


def _stamp(path: Path) -> Stamp:
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_mtime_ns, found.st_ino, found.st_size


class Wired:
    """The connectors with one set of settings. `people` are channels that no connector carries;
    `polls`: pulls come no sooner after one another, unless they say when or are rung for."""

    def __init__(
        self,
        settings: Settings,
        tools: ToolsOf,
        house_of: Callable[[Settings, Connected | None], House],
        people: Mapping[str, Channel],
        *,
        often: bool,
        polls: timedelta,
    ) -> None:
        self.settings = settings
        self._tools = tools
        self._house_of = house_of
        self._people = people
        self._often = often
        self._polls = polls

    @cached_property
    def connections(self) -> Connections:
        """The connectors that are installed, connected or not, each with its settings and tools."""
        return Connections(self.settings, self._tools)

    @cached_property
    def connected(self) -> Mapping[str, Channel]:
        """The channels that connectors carry."""
        return self.connections.channels()

    @cached_property
    def channels(self) -> Mapping[str, Channel]:
        """Channel name → who carries it."""
        return {**self.connected, **self._people}

    @cached_property
    def pulls(self) -> Pulls:
        """CONNECTOR/NAME → what is asked for again and again, and what staff is told."""
        ours = house.pulls(self.house, self._tools(house.NAME), often=self._often)
        return {
            name: (one, pull._replace(every=max(pull.every, self._polls)))
            for name, (one, pull) in {**self.connections.pulls(), **ours}.items()
        }

    @cached_property
    def house(self) -> House:
        """Whom the brief is about, and who tells it."""
        return self._house_of(self.settings, self.connections.teller())


class Wiring:
    """What is wired by the settings in use, made anew where they have changed."""

    def __init__(self, in_use: InUse, make: Callable[[], Wired]) -> None:
        self._in_use = in_use
        self._make = make
        self._made: Wired | None = None
        self._lock = threading.Lock()

    @property
    def now(self) -> Wired:
        """As of now. Who needs it twice for one thing keeps it."""
        with self._lock:
            if self._made is None or self._made.settings is not self._in_use.settings:
                self._made = self._make()
            return self._made
