"""What is remembered of the mass messages that exist: who gets them, who has had how many."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping
from datetime import datetime, timedelta
from typing import Literal, NamedTuple

from siyu.connectors.manifest import Store
from siyu.connectors.wecom.client import OF, Client, Failed
from siyu.connectors.wecom.config import Config
from siyu.connectors.wecom.wire import facts
from siyu.connectors.wecom.wire import messages as wire
from siyu.connectors.wecom.wire.answers import number, objects, text

REMEMBERED = timedelta(days=40)
Ending = Literal["asked back", "over"]


class Kept(NamedTuple):
    """A mass message whose end is not known yet. `tokens`: customer → token of those who wait."""

    at: str
    sender: str
    tokens: dict[str, str]
    reminded: list[str] = []  # noqa: RUF012 - a tuple's default, never changed
    done: list[str] = []  # noqa: RUF012 - members of whom all is known
    ending: Ending | Literal[""] = ""  # who is about to call it off

    @property
    def created(self) -> datetime:
        return datetime.fromisoformat(self.at)


def read(store: Store, msgid: str) -> Kept | None:
    """What is kept of it; None where all is known."""
    said = store.get(f"mass/{msgid}")
    kept = None if said is None else Kept(*json.loads(said))
    return kept if kept and kept.tokens else None


def keep(store: Store, msgid: str, sender: str, tokens: Mapping[str, str], now: datetime) -> None:
    """A mass message exists: who gets it under which token, for the pull that asks about it."""
    if tokens:
        kept = json.dumps(list(Kept(now.isoformat(), sender, dict(tokens))))
        known = dict.fromkeys((f"touch/{token}" for token in tokens.values()), msgid)
        store.put_all({**known, f"mass/{msgid}": kept}, now + REMEMBERED)


def standing(store: Store, tokens: Collection[str]) -> dict[str, str]:
    """Token → the mass message that it is in, unless it was stopped: then it may be in another."""
    held = store.get_all([f"touch/{token}" for token in tokens])
    gone = store.get_all([f"stopped/{msgid}" for msgid in set(held.values())])
    out = {key.removeprefix("stopped/"): set(json.loads(said)) for key, said in gone.items()}
    found = {key.removeprefix("touch/"): msgid for key, msgid in held.items()}
    return {token: msgid for token, msgid in found.items() if token not in out.get(msgid, ())}


def ends(store: Store, msgid: str, ending: Ending, *, anyway: bool = False) -> Kept | None:
    """Mark, before it is called off, who does that: what is kept of it. None: there is nothing to
    call off, or the other of the two is at it, who tells what becomes of those who wait."""
    with store.lock("mass"):
        kept = read(store, msgid)
        if kept is None or (kept.ending not in ("", ending) and not anyway):
            return None
        if ending == "asked back" and stopped(store, msgid) is not None:
            return None
        kept = kept._replace(ending=ending)
        _write(store, msgid, kept)
        return kept


def stop(store: Store, msgid: str, customers: Mapping[str, str]) -> None:
    """It is called off, and these (customer → token) surely do not get it: kept for whoever asks
    again. It goes on for those who have it, or are about to."""
    with store.lock("mass"):
        known = {f"stopped/{msgid}": json.dumps(sorted(customers.values()))}
        kept = read(store, msgid)
        if kept is None or kept.ending != "asked back":
            return  # another process was quicker
        left = {who: token for who, token in kept.tokens.items() if who not in customers}
        kept = kept._replace(tokens=left, ending="")
        known[f"mass/{msgid}"] = json.dumps(list(kept))
        store.put_all(known, kept.created + REMEMBERED)
        _write(store, msgid, kept)


def stopped(store: Store, msgid: str) -> frozenset[str] | None:
    """The tokens of those who do not get it since it was stopped; None: it was not."""
    said = store.get(f"stopped/{msgid}")
    return None if said is None else frozenset(json.loads(said))


def call_off(client: Client, msgid: str) -> None:
    """Nobody can press send any more; whoever did has sent it."""
    try:
        client.do(f"{OF}/cancel_groupmsg_send", {"msgid": msgid})
    except Failed as failed:
        if failed.meaning != "late":  # it was stopped before
            raise


def unpressed(client: Client, msgid: str, kept: Kept) -> dict[str, str]:
    """Customer → token of those whose member has not pressed send."""
    return {
        one.external_userid: kept.tokens[one.external_userid]
        for task in tasks(client, msgid)
        if not task.sent
        for one in results(client, msgid, task.userid)
        if one.status == 0 and one.external_userid in kept.tokens
    }


def settle(
    store: Store,
    msgid: str,
    customers: Collection[str],
    *,
    done: Collection[str] = (),
    reminded: str = "",
) -> None:
    """What became of these customers has been told; of these members all is known."""
    with store.lock("mass"):  # short, so one for all
        kept = read(store, msgid)
        if kept is None:
            return
        waiting = {who: token for who, token in kept.tokens.items() if who not in customers}
        reminders = [*kept.reminded, reminded] if reminded else kept.reminded
        members = sorted({*kept.done, *done})
        _write(store, msgid, kept._replace(tokens=waiting, reminded=reminders, done=members))


def _write(store: Store, msgid: str, kept: Kept) -> None:
    if kept.tokens:
        store.put(f"mass/{msgid}", json.dumps(list(kept)), kept.created + REMEMBERED)
    else:
        store.take(f"mass/{msgid}")


def had(store: Store, config: Config, external_userid: str, now: datetime) -> bool:
    """Whether a customer has got as many mass messages of ours as WeCom lets through."""
    name, _ = wire.period(config.mass_quota, now)
    mark = facts.digest(external_userid)
    said = store.get(_bucket(name, mark))
    count = json.loads(said).get(mark, 0) if said else 0
    return count >= wire.allowed(config.mass_quota, now)


def got(store: Store, config: Config, customers: Collection[str], now: datetime) -> None:
    """These customers have got one more."""
    name, end = wire.period(config.mass_quota, now)
    buckets: dict[str, list[str]] = {}
    told: dict[str, str] = {}
    for who in customers:
        mark = facts.digest(who)
        buckets.setdefault(_bucket(name, mark), []).append(mark)
    for key, marks in sorted(buckets.items()):
        said = store.get(key)
        counts: dict[str, int] = json.loads(said) if said else {}
        for mark in marks:
            counts[mark] = counts.get(mark, 0) + 1
        told[key] = json.dumps(counts)
    if told:
        store.put_all(told, end)


def _bucket(name: str, mark: str) -> str:
    return f"quota/{name}/{mark[:2]}"


class Task(NamedTuple):
    """What one member is to send, or has sent."""

    userid: str
    sent: bool
    at: int


def tasks(client: Client, msgid: str) -> list[Task]:
    """Every member's part in a mass message."""
    return [
        Task(text(one, "userid"), one.get("status") == wire.CONFIRMED, number(one, "send_time"))
        for page in client.pages(f"{OF}/get_groupmsg_task", {"msgid": msgid})
        for one in objects(page, "task_list")
    ]


class Reached(NamedTuple):
    """What became of a mass message for one customer, or for one group chat."""

    external_userid: str
    status: int
    at: int


def results(client: Client, msgid: str, userid: str) -> list[Reached]:
    """What became of a member's part, customer by customer."""
    body = {"msgid": msgid, "userid": userid}
    return [
        Reached(
            text(one, "chat_id") or text(one, "external_userid"),
            number(one, "status"),
            number(one, "send_time"),
        )
        for page in client.pages(f"{OF}/get_groupmsg_send_result", body)
        for one in objects(page, "send_list")
    ]


def recipients(client: Client, msgid: str) -> dict[str, int]:
    """Customer → status, over all members who are to send it."""
    return {
        one.external_userid: one.status
        for task in tasks(client, msgid)
        for one in results(client, msgid, task.userid)
    }
