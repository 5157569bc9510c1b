"""The corp tags that stand for tags of ours; those that are missing are made."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta

import structlog

from siyu.connectors.manifest import Tools
from siyu.connectors.wecom.client import OF, Client, Failed
from siyu.connectors.wecom.config import Config
from siyu.connectors.wecom.source.lists import TAGS, tag_names
from siyu.connectors.wecom.wire import cards, codes
from siyu.connectors.wecom.wire.cards import Rules, Said

log = structlog.get_logger(__name__)
UNMADE = "tags unmade"  # which code WeCom answered, behind which customer, when
UNFIT = "tags unfit"  # names that are too long
TOGETHER = 50  # tags made in one call
REST = timedelta(days=1)  # before it is tried again to make tags
SHOWN = 20


def rules(config: Config) -> Rules:
    """Which tags go out."""
    return Rules(config.tags_out, config.tags_kept, config.tags_of_systems)


class CorpTags:
    """The corp tags of one page."""

    def __init__(self, config: Config, tools: Tools, client: Client) -> None:
        self._config = config
        self._tools = tools
        self._client = client
        self.ids: dict[str, str] = {}  # id → our name; empty where no tag is spoken of
        self._by_name: dict[str, str] = {}

    def need(self, said: Mapping[int, Mapping[str, Said]]) -> None:
        """Know the tags that are spoken of, by the customers' numbers; make what is missing."""
        going = {
            name: seq
            for seq, words in sorted(said.items(), reverse=True)
            for name, one in words.items()
            if one.goes and one.on
        }
        if not any(one.goes for words in said.values() for one in words.values()):
            return
        self._read(fresh=False)
        if going.keys() - self._by_name.keys():
            self._read(fresh=True)
        missing = {name: seq for name, seq in going.items() if name not in self._by_name}
        if missing and self._config.tags_made:
            self._make(missing)

    def of(self, said: Mapping[str, Said]) -> dict[str, Said]:
        """What is said of tags, by the ids of those that are corp tags."""
        return {
            self._by_name[name]: one
            for name, one in said.items()
            if one.goes and name in self._by_name
        }

    def _read(self, *, fresh: bool) -> None:
        self.ids = tag_names(self._client, self._tools, self._config.tag_group, fresh=fresh)
        self._by_name = {name: tag for tag, name in reversed(list(self.ids.items()))}

    def _make(self, missing: Mapping[str, int]) -> None:
        places = {name: cards.place(name, self._config.tag_group) for name in missing}
        _note(self._tools, [name for name, place in places.items() if place is None])
        groups: dict[str, list[str]] = {}
        for place in sorted({one for one in places.values() if one}):
            groups.setdefault(place[0], []).append(place[1])
        made = False
        for group, names in groups.items():
            for start in range(0, len(names), TOGETHER):
                made = (
                    self._add(group, names[start : start + TOGETHER], min(missing.values())) or made
                )
        if made:
            self._read(fresh=True)

    def _add(self, group: str, names: list[str], seq: int) -> bool:
        """Whether the list of tags is another one now."""
        if self._tools.store.get(UNMADE) is not None:
            return False
        if len(self.ids) + len(names) > self._config.tag_cap:
            self._refused(codes.TOO_MANY_TAGS, seq)
            return False
        body = {"group_name": group, "tag": [{"name": name} for name in names]}
        try:
            self._client.do(f"{OF}/add_corp_tag", body)
        except Failed as failed:
            if failed.code == codes.TAG_EXISTS:
                return True
            if failed.meaning in ("limited", "busy", "stale"):
                raise
            self._refused(failed.code, seq)
            return False
        return True

    def _refused(self, code: int, seq: int) -> None:
        """Everything else goes on; those who lack a tag are gone through again in a day."""
        log.warning("a corp tag can't be made", code=code)
        value = json.dumps([code, seq, self._tools.clock.now().isoformat()])
        self._tools.store.put(UNMADE, value)


def left_behind(tools: Tools, seq: int) -> int:
    """Behind which customer to begin: further back than `seq` where tags could not be made then and
    it is time to try again."""
    said = tools.store.get(UNMADE)
    if said is None:
        return seq
    _, first, at = json.loads(said)
    if tools.clock.now() - datetime.fromisoformat(at) < REST:
        return seq
    tools.store.take(UNMADE)
    return min(seq, first - 1)


def forget(tools: Tools) -> bool:
    """What was known of corp tags is not true any more; whether anything was."""
    return tools.store.take(TAGS) is not None


def unmade(tools: Tools) -> int:
    """The code by which WeCom refuses to make tags; 0: it does not."""
    said = tools.store.get(UNMADE)
    return json.loads(said)[0] if said else 0


def unfit(tools: Tools) -> list[str]:
    """Names of tags that WeCom takes no such names of."""
    return json.loads(tools.store.get(UNFIT) or "[]")


def _note(tools: Tools, names: Iterable[str]) -> None:
    known = unfit(tools)
    now = sorted({*known, *names})[:SHOWN]
    if now != known:
        tools.store.put(UNFIT, json.dumps(now, ensure_ascii=False))
