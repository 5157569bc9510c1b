"""A playbook's story, played by the production engine in the schema of dry runs: what must go out
goes out, to whom and in which order, and nothing else does."""

from __future__ import annotations

from collections.abc import Generator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import NamedTuple

import msgspec

from siyu.app import PREDICATES, App, begin_brand
from siyu.budget import actions as budget
from siyu.customers.actions.children import ChildTold, tell_child
from siyu.dryrun import claims
from siyu.dryrun.claims import Miss, Other, Result, Went
from siyu.dryrun.place import SQL, Apart, Ground, alone, ground
from siyu.events import actions as events
from siyu.events.model import Incoming, TouchDelivered
from siyu.kernel.errors import BadInput, Problem, Refused
from siyu.kernel.ids import PublicIds
from siyu.kernel.months import month_of
from siyu.kernel.sentence import Sentence
from siyu.kernel.sql import Db
from siyu.kernel.time import zone
from siyu.ledger import actions as ledger
from siyu.ledger.model import PRICE_KINDS, Price
from siyu.offers import actions as offers
from siyu.outbox.model import (
    ADDRESS,
    CALLS,
    PREFIX,
    STAFF_CHANNELS,
    Asked,
    Found,
    Message,
    Stopped,
    own_token,
)
from siyu.outbox.model import Result as Taken
from siyu.playbooks import actions as playbooks
from siyu.playbooks.check import STORY
from siyu.playbooks.check import playbook as parsed
from siyu.playbooks.check.facts import SHOP, data_of, moment
from siyu.playbooks.model import Playbook
from siyu.playbooks.model.story import CHILD, Story, Told
from siyu.staff.model import Brand, Member, Store
from siyu.vault.model import key_hash
from siyu.worker.sweeps import next_at, tick

WITHOUT = ("pull", "tell", "trial")
LOCK = "siyu.applier of a story"
MOST_STEPS = 50_000
ACCOUNT = "external_userid"
PLENTY = 1000  # of each gift: what runs out is no matter of a story


class Line:
    """A channel that takes everything; what is no call arrives at once."""

    def __init__(self, ids: PublicIds) -> None:
        self._ids = ids
        self.arrived: list[int] = []

    def send(self, messages: Sequence[Message]) -> list[Taken]:
        """All of them are taken."""
        for one in messages:
            touch = self._ids.decode(PREFIX, one.token)
            if touch is not None and one.channel not in CALLS:
                self.arrived.append(touch)
        return [Taken(one.token, "accepted") for one in messages]

    def cancel(self, asked: Sequence[Asked]) -> list[Stopped]:  # noqa: ARG002 - a Channel's form
        """What was handed over is under way."""
        return []

    def reconcile(self, asked: Sequence[Asked]) -> list[Found]:
        """Nothing is ever in doubt here."""
        return [Found(one.token, "accepted") for one in asked]


def play(app: App, files: Mapping[str, str]) -> list[Result]:
    """Every story of a playbook, one after the other; nothing of them stays."""
    told = _told(files)
    with theatre(app) as here:
        return [_play(here, files, story) for story in told]


@contextmanager
def theatre(app: App) -> Generator[Ground]:
    """Where stories play, of as many playbooks as one likes; nobody else does meanwhile."""
    with alone(app), ground(app) as here:
        yield here


def play_on(here: Ground, files: Mapping[str, str]) -> list[Result]:
    """Every story of a playbook, each where nobody ever was."""
    return [_play(here, files, story) for story in _told(files)]


def _told(files: Mapping[str, str]) -> Sequence[Story]:
    return parsed(files, lenient=True).stories


def _play(here: Ground, files: Mapping[str, str], story: Story) -> Result:
    playbook = parsed(files, story.settings, story.place.currency)
    line = Line(here.app.ids)
    lines = {name: line for name in ADDRESS if name not in STAFF_CHANNELS}
    here.wipe()
    there = here.begin(story.begins, lines)
    _begin(there, playbook, story)
    missing = _Stage(there, story, line).live()
    return claims.result(story, *_came(there, story), [*missing, *_troubles(there, story)])


def _begin(there: Apart, playbook: Playbook, story: Story) -> None:
    """A brand with the people that the playbook names, and the playbook."""
    manifest, of = playbook.manifest, story.place
    said = {name: playbook.values[name].inside for name in manifest.settings}
    typed = [(one.type, said[name]) for name, one in manifest.settings.items() if said[name]]
    codes = [code.staff for source in manifest.sources for code in source.codes]
    staff = {*story.staff, *codes, *(code for kind, code in typed if kind == "staff")}
    stores = {code for one in manifest.offers for code in one.stores}
    stores |= {code for kind, code in typed if kind == "store"}
    with there.db.transaction() as conn:
        brand = Brand("Story", of.zone, of.currency, of.region, of.locale)
        ledger.set_prices(conn, [Price(kind, 0, of.currency) for kind in PRICE_KINDS])
        begin_brand(
            conn, brand, story.begins, [Store(code, code) for code in sorted(stores)],
            [Member(code, code, "guide") for code in sorted(staff)],
        )  # fmt: skip
        playbooks.install(conn, playbook, of.currency, PREDICATES, story.begins, keys=there.keys)
        for sku in sorted({one.sku for one in manifest.offers if one.kind == "gift" and one.sku}):
            offers.stock(conn, sku, PLENTY)


class _Stage:
    """Where a story plays: from one thing that happens to the next."""

    def __init__(self, there: Apart, story: Story, line: Line) -> None:
        self.there, self.story, self.line = there, story, line
        self.missing: list[Miss] = []
        facts = [(moment(story.begins, one.at, story.place), n, one)
                 for n, one in enumerate(story.facts)]  # fmt: skip
        self.facts = sorted(facts, key=lambda one: one[:2])

    def live(self) -> list[Miss]:
        """The whole story; what could not be told."""
        lock = self.there.db.try_lock(LOCK)
        if lock is None:
            raise Refused(Sentence("A story is under way.", "正在播放一个故事。"))
        with lock:
            self._live(lock)
        return self.missing

    def _live(self, lock: Db) -> None:
        there, story = self.there, self.story
        now, last = story.begins, story.begins + timedelta(days=story.ends + 1)
        self._people(now)
        tick(there, now, applier=lock, without=WITHOUT)
        self._draw(now)
        for _ in range(MOST_STEPS):
            there.hands.set(now)
            while self.facts and self.facts[0][0] <= now:
                _, number, told = self.facts.pop(0)
                self._tell(told, number, now)
            times = self._until_quiet(lock, now)
            upcoming = [*([times] if times else []), *([self.facts[0][0]] if self.facts else [])]
            now = min(upcoming, default=last)
            if now >= last:
                return
        raise Refused(Sentence("The story does not come to an end.", "故事没有终点。"))

    def _until_quiet(self, lock: Db, now: datetime) -> datetime | None:
        while True:
            ticked = tick(self.there, now, applier=lock, without=WITHOUT)
            arrived, self.line.arrived = self.line.arrived, []
            if not arrived:
                return next_at(ticked.times, now)
            told = [events.Own(TouchDelivered(touch=own_token(one)), f"story/{one}/arrived", now)
                    for one in arrived]  # fmt: skip
            with self.there.db.transaction() as conn:
                events.own(conn, told, now)

    def _people(self, now: datetime) -> None:
        """Everybody is known by all their keys from the beginning."""
        some = [
            _incoming(f"person/{who}", "customer.identified", now, self._keys(who), {})
            for who in self.story.people
        ]
        self._accept(some, now)

    def _draw(self, now: datetime) -> None:
        """Who is held out is said by the story, not by chance."""
        with self.there.db.transaction() as conn:
            scopes = playbooks.scopes(conn)
            for who in self.story.people:
                share = 1.0 if who in self.story.held_out else 0.0
                for scope in scopes:
                    budget.assign_holdout(conn, scope, share, [(self._id(who), who)], now)

    def _tell(self, told: Told, number: int, now: datetime) -> None:
        story, touch = self.story, ""
        if told.kind == CHILD:
            self._child(told, now)
            return
        if told.touch:
            found = self.there.db.fetch(
                SQL.latest, {"customer": self._id(told.who), "touch": told.touch}
            )
            if not found:
                why = Sentence(f"{told.who} has had no touch {told.touch!r} by then",
                               f"到那时 {told.who} 还没有 {told.touch!r} 的触达")  # fmt: skip
                self.missing.append(Miss(told.line, why))
                return
            touch = self.there.ids.encode(PREFIX, found[0][0])
        data = data_of(told, story.place, story.begins, story.staff, touch)
        keys = {kind: value for kind, value in self._keys(told.who).items()
                if not told.keys or kind in told.keys}  # fmt: skip
        if told.state:
            keys["state"] = told.state
        one = _incoming(f"fact/{number}", told.kind, now, keys, data, told.person)
        for why in self._accept([one], now):
            self.missing.append(Miss(told.line, why))

    def _child(self, told: Told, now: datetime) -> None:
        """The parent tells it with the consent to keep it."""
        today = now.astimezone(zone(self.story.place.zone)).date()
        said = ChildTold(1, month_of(today, told.data["months"]), "story", today)
        with self.there.db.transaction() as conn:
            tell_child(conn, self.there.ids, self._id(told.who), said, "story", now)

    def _accept(self, some: Sequence[Incoming], now: datetime) -> list[str]:
        with self.there.db.transaction() as conn:
            region = self.story.place.region
            answers = events.accept(conn, self.there.keys, region, some, now)
        return [one.reason for one in answers if one.status == "rejected"]

    def _keys(self, who: str) -> dict[str, str]:
        place = self.story.people.index(who)
        return {"phone": f"+861380000{place:04}", "buyer": f"{SHOP}/{who}", ACCOUNT: f"wm-{who}"}

    def _id(self, who: str) -> int:
        return _id(self.there, who)


def _id(there: Apart, who: str) -> int:
    hashed = key_hash(there.keys, ACCOUNT, f"wm-{who}")
    return int(there.db.fetch(SQL.named, {"hash": hashed})[0][0])


def _incoming(
    name: str,
    kind: str,
    now: datetime,
    keys: Mapping[str, str],
    data: Mapping[str, object],
    person: Mapping[str, str] | None = None,
) -> Incoming:
    return Incoming(
        source="story", id=name, kind=kind, occurred_at=now.isoformat(), keys=dict(keys),
        person=dict(person or {}), data=msgspec.Raw(msgspec.json.encode(data)),
    )  # fmt: skip


class _Came(NamedTuple):
    """Touches; tags, ends and what parcels carry."""

    went: list[Went]
    other: list[Other]


def _came(there: Apart, story: Story) -> _Came:
    names = {_id(there, who): who for who in story.people}
    went = [Went(names.get(row[0], "?"), *row[1:]) for row in there.db.fetch(SQL.went)]
    other = [Other(names.get(who, "?"), *row) for who, *row in there.db.fetch(SQL.came_to)]
    return _Came(went, other)


def _troubles(there: Apart, story: Story) -> list[Miss]:
    """What the engine could not go on with."""
    stuck = [Miss(story.line, Sentence(f"a visit of {code} got stuck at {node}: {why}",
                                       f"旅程 {code} 停在步骤 {node}：{why}"))
             for code, node, why in there.db.fetch(SQL.stuck)]  # fmt: skip
    return stuck + [Miss(story.line, Sentence(f"{kind} could not be applied: {why}",
                                              f"{kind} 无法处理：{why}"))
                    for kind, _, why in there.db.fetch(SQL.unread)]  # fmt: skip


def refuse(results: Sequence[Result]) -> None:
    """BadInput with every line of a story that did not come true."""
    wrong = tuple(Problem(f"{STORY} {one.story}", miss.why, miss.line)
                  for one in results for miss in one.misses)  # fmt: skip
    if wrong:
        raise BadInput(Sentence("Stories did not come true.", "有故事没有成立。"), wrong)
