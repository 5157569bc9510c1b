"""Members of the corp: those whom a callback named at once, everybody once a day.

An app sees its visible range only: departments that it may look into are listed one by one, whoever
has the customer contact function and is in none of them is asked for by userid. Nobody becomes
staff by it: the list is what people take somebody in from.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import datetime, timedelta

import structlog

from siyu.connectors.lists import Colleague
from siyu.connectors.manifest import Pulled, Tools
from siyu.connectors.wecom.client import Client, Failed, members
from siyu.connectors.wecom.client.members import Kept, Look, State
from siyu.connectors.wecom.config import Config
from siyu.connectors.wecom.source.lists import follow_users
from siyu.connectors.wecom.source.runs import Cursor
from siyu.connectors.wecom.wire import codes
from siyu.connectors.wecom.wire import members as wire
from siyu.connectors.wecom.wire.answers import objects

log = structlog.get_logger(__name__)
EVERY = timedelta(hours=23)  # a whole run; the pull itself comes every 24
UNKNOWN = 60111  # not in the corp; of a member out of sight some corps say the same
DEPARTMENTS = "departments"
BY_NAME = "~"  # behind every department: those who are asked for one by one


def pull(config: Config, tools: Tools, cursor: str) -> Iterator[Pulled]:
    """Tells no facts: what members are called and where they are is remembered."""
    at, now = Cursor.read(cursor), tools.clock.now()
    client = Client(config, tools)
    if config.directory == "off":
        follow_users(client, tools)
        yield Pulled([], "")
        return
    looks = members.looks(tools.store)
    whole = any(not look.userid for _, look in looks.values())
    due = bool(at.run) or not at.told or now - datetime.fromisoformat(at.told) >= EVERY
    if whole or due:
        at = at if at.run else at._replace(run=now.isoformat(), done="")
        yield from _Run(config, tools, client, at.run).everybody(at)
        at = Cursor(told=at.run)
    else:
        run = _Run(config, tools, client, at.told)
        for _, look in looks.values():
            run.look(look)
            yield Pulled([], str(at))
    for key, (said, _) in looks.items():
        if tools.store.get(key) == said:  # nobody named them again meanwhile
            tools.store.take(key)
    known = members.kept(tools.store)
    tools.names({config.staff(one.userid): one.name for one in known if one.name})
    yield Pulled([], str(at))


def every(config: Config, tools: Tools) -> list[Colleague]:
    """Everybody whom we ever saw, by our codes."""
    return [
        Colleague(config.staff(one.userid), one.name, one.departments, one.state, one.contact)
        for one in members.kept(tools.store)
    ]


class _Run:
    """Members as they are looked at in one run."""

    def __init__(self, config: Config, tools: Tools, client: Client, run: str) -> None:
        self._config, self._store, self._client, self._run = config, tools.store, client, run
        self._follows = {one.lower() for one in follow_users(client, tools)}
        said = self._store.get(DEPARTMENTS)
        self._names = {int(key): name for key, name in json.loads(said or "{}").items()}

    def everybody(self, at: Cursor) -> Iterator[Pulled]:
        """Department by department, then whoever was in none, then whoever was seen before."""
        self._departments()
        for number in sorted(self._names):
            if (done := f"{number:020}") > at.done:
                self._department(number)
                at = at._replace(done=done)
                yield Pulled([], str(at))
        seen = {one.userid.lower(): one for one in members.kept(self._store)}
        missing = {who for who in self._follows if who not in seen}
        missing |= {who for who, one in seen.items() if one.run < self._run and one.state != "left"}
        for who in sorted(missing):
            self.look(Look(seen[who].userid if who in seen else who, gone=False, at=""))
            yield Pulled([], str(at._replace(done=BY_NAME)))

    def look(self, look: Look) -> None:
        """One member, asked for by userid. Whom a callback called gone and WeCom does not know has
        left, whatever order callbacks came in."""
        try:
            answer = self._client.get("user/get", userid=look.userid)
        except Failed as failed:
            if failed.code not in codes.MEMBER:
                raise
            left = look.gone or (failed.code == UNKNOWN and self._config.directory == "left")
            self._lost(look.userid, "left" if left else "unseen")
            return
        if (found := wire.member(answer)) is not None:
            members.keep(self._store, [self._kept(found)])

    def _departments(self) -> None:
        """Those that the app may look into; none where it sees members alone."""
        try:
            self._names = wire.departments(self._client.get("department/list"))
        except Failed as failed:
            if failed.meaning not in ("settings", "refused", "gone"):
                raise
            log.info("departments can't be read", code=failed.code)
            self._names = {}
        self._store.put(DEPARTMENTS, json.dumps(self._names, ensure_ascii=False))

    def _department(self, number: int) -> None:
        try:
            answer = self._client.get("user/list", department_id=str(number))
        except Failed as failed:
            if failed.meaning not in ("settings", "refused", "gone"):
                raise
            log.info("a department can't be read", code=failed.code)
            return
        found = [one for item in objects(answer, "userlist") if (one := wire.member(item))]
        members.keep(self._store, map(self._kept, found))

    def _kept(self, one: wire.Member) -> Kept:
        departments = wire.named(one.departments, self._names)
        contact = one.userid.lower() in self._follows
        return Kept(one.userid, one.name, departments, one.state, contact, self._run)

    def _lost(self, userid: str, state: State) -> None:
        before = members.get(self._store, userid)
        if before is not None:
            members.keep(self._store, [before._replace(state=state, run=self._run)])
