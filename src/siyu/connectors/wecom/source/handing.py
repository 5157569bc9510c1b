"""Hand-overs that were begun: each runs by itself, can be stopped and begun again, and is
remembered for three months with what became of its friends."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import datetime
from typing import Literal, NamedTuple

import msgspec

from siyu.connectors.manifest import Given, Giving, HandOver, Pulled, Tools
from siyu.connectors.wecom.client import transfers as remembered
from siyu.connectors.wecom.config import Config
from siyu.connectors.wecom.source import transfers
from siyu.connectors.wecom.wire.transfers import ENDS
from siyu.kernel.errors import BadInput, Broken, Refused
from siyu.kernel.sentence import Sentence, wording

PREFIX = "handover/"
State = Literal["running", "stopped", "given", "failed"]


class Kept(NamedTuple):
    """One of them; `why` in English and Chinese."""

    giving: Giving
    state: State
    began_at: datetime
    free: int
    resting: int
    why: tuple[str, str] | None = None


def begin(config: Config, tools: Tools, giving: Giving) -> HandOver:
    """Count, and have it run; one that runs already is that one."""
    counted, key = transfers.plan(config, tools, giving), _key(config, giving)
    with tools.store.lock(key):
        kept = _read(tools, key)
        if kept is None or kept.state != "running":
            kept = Kept(giving, "running", tools.clock.now(), counted.free, counted.resting)
            _keep(tools, key, kept)
    tools.wake(transfers.PULL)
    return _shown(config, tools, kept)


def stop(config: Config, tools: Tools, giving: Giving) -> bool:
    """It ends behind the hundred under way; begun again, it goes on there."""
    key = _key(config, giving)
    with tools.store.lock(key):
        kept = _read(tools, key)
        if kept is None or kept.state != "running":
            return False
        _keep(tools, key, kept._replace(state="stopped"))
    return True


def every(config: Config, tools: Tools) -> list[HandOver]:
    """Those of the last three months, the newest first."""
    found = [
        _shown(config, tools, msgspec.json.decode(said, type=Kept))
        for said in tools.store.items(PREFIX).values()
    ]
    return sorted(found, key=lambda one: one.began_at, reverse=True)


def run(config: Config, tools: Tools, giving: Giving) -> Iterator[Given]:
    """Do it here and now; whoever ends in the middle has stopped it."""
    key, last = _key(config, giving), transfers.plan(config, tools, giving)
    kept = Kept(giving, "stopped", tools.clock.now(), last.free, last.resting)
    _keep(tools, key, kept)
    for last in transfers.run(config, tools, giving):
        _keep(tools, key, kept._replace(free=last.free, resting=last.resting))
        yield last
    _keep(tools, key, kept._replace(state="given", free=last.free, resting=last.resting))


def pull(config: Config, tools: Tools, cursor: str) -> Iterator[Pulled]:
    """Those that run, and then what came of all that was given; one that WeCom does not take now
    keeps no other from it."""
    wrong: Broken | None = None
    for key, said in tools.store.items(PREFIX).items():
        kept = msgspec.json.decode(said, type=Kept)
        if kept.state == "running":
            try:
                for _ in _steps(config, tools, key, kept):
                    yield Pulled([], "")
            except Broken as error:
                wrong = wrong or error
    yield from transfers.pull(config, tools, cursor)
    if wrong is not None:
        raise wrong


def _steps(config: Config, tools: Tools, key: str, kept: Kept) -> Iterator[Given]:
    """What can't be done is said; what can't be asked now is tried again by the pull."""
    last = Given(kept.free, resting=kept.resting)
    try:
        for last in transfers.run(config, tools, kept.giving):
            if not _told(tools, key, last, "running"):
                return
            yield last
    except (BadInput, Refused) as error:
        said = wording(error)
        _told(tools, key, last, "failed", (said[:], said.zh))
        return
    _told(tools, key, last, "given")


def _told(
    tools: Tools, key: str, how_far: Given, state: State, why: tuple[str, str] | None = None
) -> bool:
    """So far it is; False where somebody has stopped it."""
    with tools.store.lock(key):
        kept = _read(tools, key)
        if kept is None or kept.state != "running":
            return False
        now = kept._replace(free=how_far.free, resting=how_far.resting, state=state, why=why)
        _keep(tools, key, now)
    return True


def _shown(config: Config, tools: Tools, kept: Kept) -> HandOver:
    name = _name(config, kept.giving)
    waits = sum(len(one.waiting) for one in remembered.batches(tools.store, name).values())
    ends = Counter(remembered.ends(tools.store, name))
    how_far = Given(kept.free, waits, kept.resting, **{one: ends[one] for one in ENDS})
    why = None if kept.why is None else Sentence(*kept.why)
    return HandOver(kept.giving, kept.state, kept.began_at, how_far, why)


def _name(config: Config, giving: Giving) -> str:
    return remembered.name(config.userid(giving.giver), config.userid(giving.taker))


def _key(config: Config, giving: Giving) -> str:
    return f"{PREFIX}{_name(config, giving)}"


def _read(tools: Tools, key: str) -> Kept | None:
    said = tools.store.get(key)
    return None if said is None else msgspec.json.decode(said, type=Kept)


def _keep(tools: Tools, key: str, kept: Kept) -> None:
    until = kept.began_at + remembered.REMEMBERED
    tools.store.put(key, msgspec.json.encode(kept).decode(), until)
