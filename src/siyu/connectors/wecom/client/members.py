"""Which members are to be looked at, and what is remembered of each."""

from __future__ import annotations

import json
from collections.abc import Iterable
from datetime import datetime
from typing import Literal, NamedTuple

from siyu.connectors.manifest import Store
from siyu.connectors.wecom.wire import facts

State = Literal["active", "inactive", "left", "unseen"]
LOOK, KEPT = "member-look/", "member/"


class Look(NamedTuple):
    """A callback named them; nobody: everybody is to be gone through. `gone`: it said that they
    left."""

    userid: str
    gone: bool
    at: str


class Kept(NamedTuple):
    """A member as WeCom told them last, in the run that began then."""

    userid: str
    name: str
    departments: tuple[str, ...]
    state: State
    contact: bool
    run: str


def note(store: Store, userid: str, now: datetime, until: datetime, *, gone: bool) -> None:
    """To be looked at; the last word says whether they left."""
    store.put(_key(LOOK, userid), json.dumps([userid, gone, now.isoformat()]), until)


def looks(store: Store) -> dict[str, tuple[str, Look]]:
    """Those who were named: key → what was said, as it is there and read."""
    return {key: (said, Look(*json.loads(said))) for key, said in store.items(LOOK).items()}


def kept(store: Store) -> list[Kept]:
    """Everybody whom we ever saw."""
    return [_read(said) for said in store.items(KEPT).values()]


def get(store: Store, userid: str) -> Kept | None:
    said = store.get(_key(KEPT, userid))
    return _read(said) if said else None


def keep(store: Store, members: Iterable[Kept]) -> None:
    store.put_all({_key(KEPT, one.userid): json.dumps(one, ensure_ascii=False) for one in members})


def _read(said: str) -> Kept:
    userid, name, departments, *rest = json.loads(said)
    return Kept(userid, name, tuple(departments), *rest)


def _key(prefix: str, userid: str) -> str:
    return prefix + facts.digest(userid.lower())
