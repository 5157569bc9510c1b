"""Friends of one member become another's (客户继承), on the job or after somebody has left.

What is given is written down before WeCom is asked: whatever becomes of the answer, the pull asks
what came of it. WeCom settles after a day, unless the customer says no.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from itertools import groupby
from typing import NamedTuple

from siyu.connectors.manifest import Given, Giving, Pulled, Tools
from siyu.connectors.wecom.client import LATER, OF, Client, Failed, NotSent, Unclear, transfers
from siyu.connectors.wecom.client.transfers import Batch, Lately
from siyu.connectors.wecom.config import Config
from siyu.connectors.wecom.wire import codes, facts
from siyu.connectors.wecom.wire import transfers as wire
from siyu.connectors.wecom.wire.answers import objects, text, texts
from siyu.connectors.wecom.wire.callback import CONTACTS, Known, Pair
from siyu.events.model import Incoming
from siyu.kernel.errors import BadInput, Broken, Refused
from siyu.kernel.sentence import Sentence

MOST = 100  # friends in one call
ASK_AGAIN = timedelta(hours=6)
LOST = timedelta(hours=48)  # WeCom has nothing of it: it never came there
LOOKING = timedelta(days=7)
PAIRED = timedelta(days=60)
PULL = "transfers"


def plan(config: Config, tools: Tools, giving: Giving) -> Given:
    """How many there are, and what became of those who were given before; nothing is changed."""
    return _counted(tools, _look(config, tools, Client(config, tools), giving))


def run(config: Config, tools: Tools, giving: Giving) -> Iterator[Given]:
    """Give all who can be given, a hundred at a time; how far it is after each."""
    client = Client(config, tools)
    sight = _look(config, tools, client, giving)
    lately = Lately(tools.store, tools.clock.now())
    while sight.free:
        some = sight.free[:MOST]
        resting = _given(tools, client, giving, sight, some, lately)
        sight = sight._replace(free=sight.free[MOST:], resting=sight.resting + resting)
        yield _counted(tools, sight)
    tools.wake(PULL)


class _Sight(NamedTuple):
    """The two, by userid, and the giver's friends."""

    giver: str
    taker: str
    free: list[str]
    resting: int

    @property
    def name(self) -> str:
        return transfers.name(self.giver, self.taker)


def _look(config: Config, tools: Tools, client: Client, giving: Giving) -> _Sight:
    giver, taker = config.userid(giving.giver), config.userid(giving.taker)
    if giver.lower() == taker.lower():
        raise BadInput(Sentence("friends go to somebody else", "接替的人不能是本人"))
    if len(giving.words) > wire.LONGEST_WORDS:
        raise BadInput(
            Sentence(
                f"what customers are told has at most {wire.LONGEST_WORDS} characters",
                f"给客户的提示最多 {wire.LONGEST_WORDS} 字",
            )
        )
    try:
        friends = _unassigned(client, giver) if giving.left else _friends(client, giver)
    except (Failed, NotSent, Unclear) as error:
        raise _said(error) from None
    waits = {who for one in transfers.batches(tools.store).values() for who in one.waiting}
    lately = Lately(tools.store, tools.clock.now())
    rest = [who for who in friends if who not in waits]
    free = [who for who in rest if giving.left or not lately.often(who)]
    return _Sight(giver, taker, free, len(rest) - len(free))


def _counted(tools: Tools, sight: _Sight) -> Given:
    waits = sum(len(one.waiting) for one in transfers.batches(tools.store, sight.name).values())
    ends = transfers.ends(tools.store, sight.name)
    return Given(
        len(sight.free), waits, sight.resting, **{one: ends.get(one, 0) for one in wire.ENDS}
    )


def _friends(client: Client, userid: str) -> list[str]:
    try:
        return sorted(set(texts(client.get(f"{OF}/list", userid=userid), "external_userid")))
    except Failed as failed:
        if failed.code == codes.NO_RELATION:
            return []
        raise


def _unassigned(client: Client, userid: str) -> list[str]:
    """Whom somebody who has left leaves behind."""
    return sorted({
        text(one, "external_userid")
        for page in client.pages(f"{OF}/get_unassigned_list", {"page_size": 1000})
        for one in objects(page, "info")
        if text(one, "handover_userid").lower() == userid.lower() and text(one, "external_userid")
    })  # fmt: skip


def _given(
    tools: Tools, client: Client, giving: Giving, sight: _Sight, some: Sequence[str], lately: Lately
) -> int:
    """One call; how many WeCom does not let go yet."""
    now = tools.clock.now()
    batch = Batch(sight.giver, sight.taker, giving.left, dict.fromkeys(some, now.isoformat()))
    key = transfers.keep(tools.store, batch)
    body: dict[str, object] = {
        "handover_userid": sight.giver, "takeover_userid": sight.taker,
        "external_userid": list(some),
    }  # fmt: skip
    if giving.words and not giving.left:
        body["transfer_success_msg"] = giving.words
    path = f"{OF}/resigned/transfer_customer" if giving.left else f"{OF}/transfer_customer"
    try:
        answers = wire.accepted(client.do(path, body))
    except (Failed, NotSent) as error:
        transfers.keep(tools.store, batch._replace(waiting={}), key)  # nobody was given
        raise _said(error) from None
    except Unclear as error:
        raise _said(error) from None  # remembered: the pull asks what came of it
    taken = {
        who: at for who, at in batch.waiting.items() if answers.get(who, "waiting") == "waiting"
    }
    transfers.keep(tools.store, batch._replace(waiting=taken), key)
    lately.add([who for who in taken if not giving.left])
    said = [answers[who] for who in some if who in answers and who not in taken]
    transfers.count(tools.store, sight.name, [one for one in said if one in wire.ENDS], now)
    return sum(one == "resting" for one in said)


def _said(error: Exception) -> Exception:
    """`Broken` may be tried again; what a member lacks is final, though a setting may mend it."""
    if isinstance(error, Failed):
        later = error.meaning in LATER and error.code not in codes.MEMBER
        return Broken(error.said) if later else Refused(error.said)
    return Broken(
        Sentence(
            "WeCom can't be reached, or its answer can't be read.",
            "企业微信没有回应，或回应无法读取。",
        )
    )


# ── what came of it ──


def pull(config: Config, tools: Tools, cursor: str) -> Iterator[Pulled]:  # noqa: ARG001 - what waits is remembered
    """Each one's end, once. Who came to the taker is looked at; who left the giver is told."""
    waits = transfers.batches(tools.store)
    if waits:
        client = Client(config, tools)
        found = sorted(waits.items(), key=lambda one: (_pair(one[1]), one[0]))
        for _, some in groupby(found, lambda one: _pair(one[1])):
            yield from _settled(config, tools, client, dict(some))
    left = bool(tools.store.keys(transfers.PREFIX))
    yield Pulled([], "", tools.clock.now() + ASK_AGAIN if left else None)


def _pair(batch: Batch) -> tuple[str, str, bool]:
    return batch.giver, batch.taker, batch.left


def _settled(
    config: Config, tools: Tools, client: Client, found: Mapping[str, Batch]
) -> Iterator[Pulled]:
    giver, taker, left = _pair(next(iter(found.values())))
    path = f"{OF}/resigned/transfer_result" if left else f"{OF}/transfer_result"
    body = {"handover_userid": giver, "takeover_userid": taker}
    ends = {end.customer: end for page in client.pages(path, body) for end in wire.ends(page)}
    now = tools.clock.now()
    for key, batch in found.items():
        over = {
            who: end
            for who, since in batch.waiting.items()
            if (end := _end(ends.get(who), who, datetime.fromisoformat(since), now)) is not None
        }
        done = [end for end in over.values() if end.outcome == "done"]
        gone = [one for end in done if (one := _parted(config, tools, giver, end, now)) is not None]
        yield Pulled([event for _, event in gone], "")
        for pair, event in gone:
            _remember(tools, pair, event, now)
        for end in done:  # asked for by name: the taker may have had them before
            said = json.dumps([end.customer, now.isoformat()])
            tools.store.put(f"look/{facts.digest(end.customer)}", said, now + LOOKING)
        transfers.count(
            tools.store, transfers.name(giver, taker), [end.outcome for end in over.values()], now
        )
        rest = {who: at for who, at in batch.waiting.items() if who not in over}
        transfers.keep(tools.store, batch._replace(waiting=rest), key)
        if done:
            tools.wake(CONTACTS)


def _end(end: wire.End | None, who: str, since: datetime, now: datetime) -> wire.End | None:
    """What became of one, if anything yet; what WeCom tells of an earlier time is not it."""
    if end is None:
        return wire.End(who, "failed", 0) if now - since >= LOST else None
    before = bool(end.at) and end.at < since.timestamp() - wire.ALIKE
    return None if before or end.outcome == "waiting" else end


def _parted(
    config: Config, tools: Tools, giver: str, end: wire.End, now: datetime
) -> tuple[Pair, Incoming] | None:
    """The giver has lost the customer, if no callback has told so already."""
    pair = Pair(giver, end.customer)
    at = end.at or int(now.timestamp())
    if any(gone >= at - wire.ALIKE for gone in _known(tools, pair).gones):
        return None
    event_id = f"del/{pair.name}/{at}/transfer"
    staff = config.staff(giver)
    return pair, facts.parted(event_id, at, staff, end.customer, by_staff=True)


def _known(tools: Tools, pair: Pair) -> Known:
    return Known.read(tools.store.get(f"pair/{pair.name}"))


def _remember(tools: Tools, pair: Pair, event: Incoming, now: datetime) -> None:
    """So that nobody tells it once more."""
    at = int(datetime.fromisoformat(event.occurred_at).timestamp())
    known = _known(tools, pair)
    known = known._replace(gones=(*known.gones, at))
    tools.store.put(f"pair/{pair.name}", known.written(), now + PAIRED)
