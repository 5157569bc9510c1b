"""What is written on friends' cards: our tags as corp tags, a remark, the phone that we know.

It compares what a card should say with what it says, so it may be killed, repeated and begun anew.
What is about to be written is remembered first: so the pull of friends never takes it for news.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from functools import cached_property
from hashlib import blake2b
from typing import NamedTuple

import structlog

from siyu.connectors.known import Card, CardNews, Person
from siyu.connectors.manifest import Pulled, Tools
from siyu.connectors.wecom.client import OF, Client, Failed
from siyu.connectors.wecom.config import Config
from siyu.connectors.wecom.source import corp_tags
from siyu.connectors.wecom.source.contacts import friends_of
from siyu.connectors.wecom.source.corp_tags import CorpTags, rules
from siyu.connectors.wecom.source.remembered import TURN, Remembered, Written, last_turn
from siyu.connectors.wecom.wire import cards, codes, facts
from siyu.connectors.wecom.wire.callback import Pair
from siyu.connectors.wecom.wire.cards import Mark, Said, Wrote
from siyu.connectors.wecom.wire.contacts import Friend, Told

log = structlog.get_logger(__name__)
PAGE = 50  # customers
MARKS = 100  # tags in one call
AGAIN = timedelta(hours=1)  # a name may come with an order, and nothing wakes us for that
WAKES = frozenset({"tag.set", "friend.added", "customer.identified"})


class Cursor(NamedTuple):
    """How far we have read, and by which settings: by others it begins anew."""

    seq: int = 0
    by: str = ""

    @staticmethod
    def read(text: str, by: str) -> Cursor:
        """As it was kept; whatever else is there begins anew."""
        try:
            found = Cursor(*json.loads(text or "[]"))
        except (ValueError, TypeError):
            found = Cursor()
        return found if found.by == by else Cursor(0, by)

    def __str__(self) -> str:
        return json.dumps(list(self))


def pull(config: Config, tools: Tools, cursor: str) -> Iterator[Pulled]:
    """Everybody of whom there is something new, page by page."""
    at = Cursor.read(cursor, _settings(config))
    at = at._replace(seq=min(at.seq, corp_tags.left_behind(tools, at.seq)))
    people = bool(config.remark or config.remark_phones)
    again = tools.clock.now() + AGAIN if people else None
    client = Client(config, tools)
    while (config.tags_out or people) and (found := tools.cards.news(at.seq, PAGE)):
        _Page(config, tools, client, found).write()
        at = at._replace(seq=found[-1].seq)
        yield Pulled([], str(at), again)
    yield Pulled([], str(at), again)


def _settings(config: Config) -> str:
    words = (
        rules(config), config.tags_made, config.tag_group, config.remark, config.remark_phones,
    )  # fmt: skip
    return blake2b(repr(words).encode(), digest_size=6).hexdigest()


@dataclass
class _Deed:
    """What one card is to be told; `before`: what it was told until now."""

    pair: Pair
    before: Wrote
    on: list[str] = field(default_factory=list[str])
    off: list[str] = field(default_factory=list[str])
    remark: str = ""
    mobiles: list[str] = field(default_factory=list[str])  # those of staff, ours at the end
    wanted: str = ""

    @property
    def calls(self) -> bool:
        """Whether WeCom is to be called for it."""
        return bool(self.on or self.off or self.remark or self.mobiles)

    @property
    def _mark(self) -> str:
        return facts.digest("remark", self.remark)

    def begun(self, turn: int) -> Wrote:
        """What is remembered before the first call: it may have its effect."""
        marks = dict.fromkeys(self.on, Mark(True, turn)) | dict.fromkeys(
            self.off, Mark(False, turn)
        )
        known = [*self.before.mobiles, *(facts.digest("phone", one) for one in self.mobiles[-1:])]
        remarks = [*self.before.remarks, *([self._mark] if self.remark else [])]
        return self.before._replace(
            tags={**self.before.tags, **marks}, unsure=turn, mobiles=tuple(dict.fromkeys(known)),
            remarks=tuple(dict.fromkeys(remarks)),
        )  # fmt: skip

    def done(self, turn: int) -> Wrote:
        """What is remembered once WeCom has answered."""
        remark = self._mark if self.remark else self.before.remark
        return self.begun(turn)._replace(unsure=0, remark=remark, wanted=self.wanted)


@dataclass
class _Page:
    """Customers of whom there is something new."""

    config: Config
    tools: Tools
    client: Client
    news: Sequence[CardNews]

    def write(self) -> None:
        """Whatever their cards do not say yet."""
        going = rules(self.config)
        said = {one.seq: cards.said(one.words, going) for one in self.news if one.cards}
        tags = CorpTags(self.config, self.tools, self.client)
        tags.need(said)
        deeds = [
            deed
            for one in self.news
            if one.cards
            for deed in self._deeds(one, tags.of(said[one.seq]), tags.ids)
        ]
        if deeds:
            self._do(deeds)

    # ── what is to be told ──

    @cached_property
    def _remembered(self) -> Remembered:
        return Remembered(self.tools.store)

    @cached_property
    def _written(self) -> Written:
        return Written(self.tools.store)

    @cached_property
    def _people(self) -> Mapping[int, Person]:
        if not (self.config.remark or self.config.remark_phones):
            return {}
        return self.tools.cards.people([one.customer for one in self.news if one.cards])

    def _deeds(
        self, news: CardNews, said: Mapping[str, Said], ids: Mapping[str, str]
    ) -> list[_Deed]:
        """What the cards of one customer are still to be told."""
        pairs = [(Pair(self.config.userid(one.staff), one.account), one) for one in news.cards]
        told = {pair: self._remembered.get(pair) for pair, _ in pairs}
        seen = _seen([one for one in told.values() if one])
        look = _Look(self.client)
        found: list[_Deed] = []
        for pair, card in pairs:
            wrote = _alive(self._written.get(pair) or Wrote(), ids)
            wanted = self._wanted(news.customer, wrote)
            known = told[pair] if _current(told[pair], card) else None
            if known is None and not (said or wanted):
                continue
            since, carried = _carried(known, wrote, None if known else look.at(pair))
            if not since:
                continue  # they are no friends, or out of our sight
            if wrote.since != since:  # an empty card, but for what WeCom keeps of remarks
                wrote = wrote._replace(since=since, tags={}, unsure=0, wanted="")
            deed = _Deed(pair, wrote)
            deed.on, deed.off = cards.due(said, carried, deed.before.open(), seen)
            deed.wanted = wanted or deed.before.wanted
            if wanted:
                self._remark(deed, news.customer, look.at(pair))
            if deed.calls or deed.done(0) != deed.before:
                found.append(deed)
        return found

    def _wanted(self, customer: int, wrote: Wrote) -> str:
        """What a card should say beside tags, as a digest; empty: nothing that is new."""
        words = self._words(customer)
        asked = facts.digest(*words) if any(words) else ""
        return "" if asked == wrote.wanted else asked

    def _words(self, customer: int) -> tuple[str, str]:
        """Remark and phone, as far as they are known and wanted."""
        person = self._people.get(customer, Person())
        phone = facts.phone(person.phone) if self.config.remark_phones else None
        remark = cards.remark(self.config.remark, person.name, person.shop)
        return remark, facts.local(phone) if phone else ""

    def _remark(self, deed: _Deed, customer: int, friend: Friend | None) -> None:
        """Never over what staff wrote: only an empty remark, the nickname, or one of ours."""
        if friend is None:
            return
        remark, phone = self._words(customer)
        mine = deed.before.remark == facts.digest("remark", friend.remark)
        if remark and remark != friend.remark and (mine or friend.remark in ("", friend.name)):
            deed.remark = remark
        mobiles = [one for one in friend.mobiles if one]
        known = {facts.local(facts.phone(one) or "") for one in mobiles}
        if phone and phone not in known and len(mobiles) < cards.MOST_MOBILES:
            deed.mobiles = [*mobiles, phone]

    # ── telling it ──

    def _do(self, deeds: Sequence[_Deed]) -> None:
        """Remember, call, remember what came of it: what is cut short stays in doubt."""
        store = self.tools.store
        turn = last_turn(store) + 1
        for deed in deeds:
            if deed.calls:
                self._written.put(deed.pair, deed.begun(turn))
        self._written.flush({TURN: str(turn)})
        told: list[_Deed] = []
        try:
            for deed in deeds:
                self._tell(deed)
                told.append(deed)
        finally:
            for deed in told:
                self._written.put(deed.pair, deed.done(turn + 1))
            self._written.flush({TURN: str(turn + 1)})

    def _tell(self, deed: _Deed) -> None:
        who = {"userid": deed.pair.userid, "external_userid": deed.pair.external_userid}
        for start in range(0, max(len(deed.on), len(deed.off)), MARKS):
            body = {
                **who,
                "add_tag": deed.on[start : start + MARKS],
                "remove_tag": deed.off[start : start + MARKS],
            }
            if not self._told("mark_tag", body):
                deed.on, deed.off = deed.on[:start], deed.off[:start]
                break
        body = {
            **({"remark": deed.remark} if deed.remark else {}),
            **({"remark_mobiles": deed.mobiles} if deed.mobiles else {}),
        }
        if body and not self._told("remark", {**who, **body}):
            deed.remark, deed.mobiles = "", []

    def _told(self, path: str, body: Mapping[str, object]) -> bool:
        """Whether WeCom did it; what is about one card only keeps no other from being written."""
        try:
            self.client.do(f"{OF}/{path}", body)
        except Failed as failed:
            if failed.code == codes.NO_TAG and corp_tags.forget(self.tools):
                raise  # one was deleted: the next time it is asked which there are
            if failed.meaning not in ("gone", "refused") and failed.code not in codes.MEMBER:
                raise
            log.info("a card can't be written", call=path, code=failed.code)
            return False
        return True


class _Look:
    """The cards of one customer as WeCom has them, asked for once and only where it is needed."""

    def __init__(self, client: Client) -> None:
        self._client = client
        self._found: dict[str, list[Friend]] = {}

    def at(self, pair: Pair) -> Friend | None:
        account = pair.external_userid
        if account not in self._found:
            self._found[account] = friends_of(self._client, account)
        userid = pair.userid.lower()
        return next(
            (one for one in self._found[account] if one.pair.userid.lower() == userid), None
        )


def _current(told: Told | None, card: Card) -> bool:
    """Whether what was told is of this friendship, and not of one that ended before."""
    if told is None:
        return False
    return card.parted_at is None or told.since >= card.parted_at.timestamp()


def _alive(wrote: Wrote, ids: Mapping[str, str]) -> Wrote:
    """Without tags that do not exist any more; where no tags are known nothing is said of any."""
    if not ids or wrote.tags.keys() <= ids.keys():
        return wrote
    return wrote._replace(tags={tag: mark for tag, mark in wrote.tags.items() if tag in ids})


def _carried(told: Told | None, wrote: Wrote, friend: Friend | None) -> tuple[int, set[str]]:
    """Since when they are friends, and which tags the card carries: as it was told, with what we
    wrote since; else as WeCom says. 0: they are none."""
    if told is None:
        return (friend.since, set(friend.tags)) if friend else (0, set())
    found = set(told.tags)
    if wrote.since == told.since:
        for tag, mark in wrote.tags.items():
            if mark.turn > told.turn:
                (found.add if mark.on else found.discard)(tag)
    return told.since, found


def _seen(told: Sequence[Told]) -> dict[str, int]:
    """The latest that cards of a customer were seen to say of each tag."""
    found: dict[str, int] = {}
    for one in told:
        for tag, at in one.words.items():
            found[tag] = max(found.get(tag, 0), at, key=abs)
    return found
