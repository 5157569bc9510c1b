"""Mass messages: a task for each member of us, who presses send or does not.

WeCom knows no token of ours. So what is about to be created is written down first, and after an
answer that was lost it is looked for among the mass messages of those minutes.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from time import monotonic
from typing import Any

from siyu.connectors.manifest import Tools
from siyu.connectors.wecom.channel.beside import FORGOTTEN, Beside
from siyu.connectors.wecom.client import NOT_NOW, OF, Client, Failed, NotSent, Unclear, masses
from siyu.connectors.wecom.config import Config
from siyu.connectors.wecom.wire import codes, facts
from siyu.connectors.wecom.wire import messages as wire
from siyu.connectors.wecom.wire.answers import inner, objects, text, texts
from siyu.connectors.wecom.wire.messages import Group
from siyu.outbox.channel import InDoubt
from siyu.outbox.model import Asked, Found, Message, Result, Stopped

GRACE = timedelta(minutes=10)  # until a mass message that is not listed surely does not exist
# Real seconds of one batch: after them one more call may run into its time-out, and be made again,
# before the lease is over. What is left by then would be owed to somebody else, and made twice.
MOST_SECONDS = 50.0
SOON, LATEST = timedelta(minutes=1), timedelta(hours=1)
CLOCKS = timedelta(minutes=5)  # by which theirs and ours may differ


class Mass:
    """Creates, finds and stops mass messages; what becomes of them the pull `mass` tells."""

    def __init__(
        self, config: Config, tools: Tools, client: Client, seconds: float = MOST_SECONDS
    ) -> None:
        self._config = config
        self._tools = tools
        self._client = client
        self._beside = Beside(tools, client)
        self._seconds = seconds

    def send(self, messages: Sequence[Message]) -> list[Result]:
        """One mass message for each sender and text; what WeCom has already is not made again."""
        until = monotonic() + self._seconds
        found: list[Result] = []
        fresh: list[Message] = []
        there = masses.standing(self._tools.store, [one.token for one in messages])
        for message in messages:
            answer = self._known(message, there.get(message.token))
            if answer is None:
                fresh.append(message)
            else:
                found.append(answer)
        unclear = 0
        groups = wire.grouped(self._config, fresh)
        for place, group in enumerate(groups):
            if place and monotonic() > until:
                found += self._in_turn(groups[place:], place)
                break
            results = self._created(group)
            unclear += not results
            found += results
            if unclear >= wire.PATIENCE or any(one.shut for one in results):
                rest = groups[place + 1 :]
                found += wire.put_off(token for one in rest for token in one.tokens.values())
                break
        if not found:
            raise InDoubt("WeCom's answer to the mass message is not clear")
        return found

    def cancel(self, asked: Sequence[Asked]) -> list[Stopped]:
        """A mass message can be stopped only as a whole: so it is, and those who are to have it
        still are stopped along. Handed over again they are in a new one."""
        held = self._tools.store.get_all([f"touch/{one.token}" for one in asked])
        wanted: dict[str, list[str]] = {}
        for one in asked:
            msgid = held.get(f"touch/{one.token}") or one.vendor_id
            if msgid:
                wanted.setdefault(msgid, []).append(one.token)
        found, unclear = list[Stopped](), list[str]()
        for msgid, tokens in wanted.items():
            try:
                found += self._stopped(msgid, tokens)
            except (Failed, NotSent, Unclear):  # of this one, such as one that is being given out
                unclear += tokens
        return found + [Stopped(token, unclear=True) for token in unclear]

    def reconcile(self, asked: Sequence[Asked]) -> list[Found]:
        """Found by its text and time, among those that WeCom lists and we know nothing of."""
        store = self._tools.store
        there = masses.standing(store, [one.token for one in asked])
        open_ = {one.token for one in asked} - there.keys()
        if open_:
            self._settle(open_)
            there |= masses.standing(store, open_)
        found = [
            Found(one.token, "awaiting_staff", there[one.token])
            for one in asked
            if one.token in there
        ]
        absent = (one for one in sorted(open_ - there.keys()) if not self._in_doubt(one))
        return [*found, *(Found(token, "absent") for token in absent)]

    # ── creating ──

    def _known(self, message: Message, msgid: str | None) -> Result | None:
        """What needs no call: it exists already, or can't be made."""
        store = self._tools.store
        if msgid is not None:
            return Result(message.token, "awaiting_staff", msgid)
        if wire.too_long(message):
            return Result(message.token, "rejected", reason=wire.TOO_LONG)
        if masses.had(store, self._config, message.to, self._tools.clock.now()):
            return Result(message.token, "rejected", reason=wire.HAD_ENOUGH)
        return None

    def _in_turn(self, rest: Sequence[Group], made: int) -> list[Result]:
        """No fault of theirs: each when its turn comes if a minute makes as many as this batch."""
        now = self._tools.clock.now()
        return [
            Result(token, "retry", reason="in_turn", again=now + min(SOON * (at // made), LATEST))
            for at, group in enumerate(rest, made)
            for token in group.tokens.values()
        ]

    def _created(self, group: Group) -> list[Result]:
        """Empty: nobody can tell."""
        store, now = self._tools.store, self._tools.clock.now()
        try:
            beside = self._beside.of(group.attachment)
        except (Failed, NotSent) as error:
            return _refused(group, error)
        doubt = f"doubt/{group.name}"
        words = facts.digest(group.text)
        said = [now.isoformat(), group.sender, words, dict(group.tokens), group.kind]
        store.put(doubt, json.dumps(said), now + masses.REMEMBERED)
        try:
            answer = self._made(group, beside)
        except Unclear:
            return []
        except (Failed, NotSent) as error:
            store.take(doubt)
            return _refused(group, error)
        msgid = text(answer, "msgid")
        failed = set(texts(answer, "fail_list"))
        going = {who: token for who, token in group.tokens.items() if who not in failed}
        if msgid:
            masses.keep(store, msgid, group.sender, going, now)
            self._tools.wake("mass")
        store.take(doubt)
        return [
            Result(token, "awaiting_staff", msgid)
            if who in going
            else Result(token, "rejected", reason=wire.NOT_A_FRIEND)
            for who, token in group.tokens.items()
        ]

    def _made(self, group: Group, beside: Sequence[Mapping[str, Any]]) -> Mapping[str, object]:
        """Once more with a picture that is handed over again, where WeCom has lost it."""
        try:
            return self._client.do(f"{OF}/add_msg_template", group.body(beside))
        except Failed as failed:
            if failed.code != FORGOTTEN or group.attachment is None:
                raise
        again = self._beside.of(group.attachment, anew=True)
        return self._client.do(f"{OF}/add_msg_template", group.body(again))

    # ── doubt ──

    def _in_doubt(self, token: str) -> bool:
        return any(
            token in json.loads(said)[3].values()
            for key in self._tools.store.keys("doubt/")
            if (said := self._tools.store.get(key)) is not None
        )

    def _settle(self, tokens: set[str]) -> None:
        """Look for each creation in doubt that is about one of these."""
        store, now = self._tools.store, self._tools.clock.now()
        for key in store.keys("doubt/"):
            said = store.get(key)
            if said is None:
                continue
            at, sender, words, recipients, *kind = json.loads(said)
            if tokens.isdisjoint(recipients.values()):
                continue
            began = datetime.fromisoformat(at)
            msgid = self._listed(began, words, recipients, *kind)
            if msgid is not None:
                masses.keep(store, msgid, sender, recipients, began)
                self._tools.wake("mass")
            if msgid is not None or now - began >= GRACE:
                store.take(key)

    def _listed(
        self, began: datetime, words: str, recipients: Mapping[str, str], kind: str = "single"
    ) -> str | None:
        body = {
            "chat_type": kind,
            "start_time": int((began - CLOCKS).timestamp()),
            "end_time": int((began + GRACE + CLOCKS).timestamp()),
            "filter_type": 0,
            "limit": 100,
        }
        for page in self._client.pages(f"{OF}/get_groupmsg_list_v2", body):
            for one in objects(page, "group_msg_list"):
                msgid = text(one, "msgid")
                ours = facts.digest(text(inner(one, "text"), "content")) == words
                new = ours and not self._tools.store.get_all([f"mass/{msgid}", f"stopped/{msgid}"])
                if new and recipients.keys() & set(masses.recipients(self._client, msgid)):
                    return msgid
        return None

    # ── stopping ──

    def _stopped(self, msgid: str, tokens: Sequence[str]) -> list[Stopped]:
        """Of one mass message; the same whenever it is asked again, until they are handed over."""
        store = self._tools.store
        out = masses.stopped(store, msgid)
        if out is None:
            out = self._called_off(msgid, tokens)
        gone = [token for token in tokens if token in out]
        along = sorted(out.difference(tokens))
        held = store.get_all([f"touch/{token}" for token in along])
        return [
            *map(Stopped, gone),
            *(Stopped(token, msgid) for token in along if held.get(f"touch/{token}") == msgid),
        ]

    def _called_off(self, msgid: str, tokens: Sequence[str]) -> frozenset[str]:
        """Who does not get it now; nobody, unless one of these tokens would still have got it.

        Killed anywhere, it is done again: the mark is put down first, and who does not get it is
        counted after WeCom has stopped it, since somebody may have pressed meanwhile.
        """
        store = self._tools.store
        kept = masses.read(store, msgid)
        if kept is not None:
            waiting = masses.unpressed(self._client, msgid, kept)
            if kept.ending or not set(tokens).isdisjoint(waiting.values()):
                mine = masses.ends(store, msgid, "asked back")
                masses.call_off(self._client, msgid)
                if mine is not None:
                    masses.stop(store, msgid, masses.unpressed(self._client, msgid, mine))
        return masses.stopped(store, msgid) or frozenset()


def _refused(group: Group, error: Failed | NotSent) -> list[Result]:
    tokens = group.tokens.values()
    if isinstance(error, NotSent):
        return [Result(token, "retry", reason="unreachable", shut=True) for token in tokens]
    if error.code in codes.TEXT:
        return [Result(token, "retry", reason=error.said, halt="material") for token in tokens]
    if error.code in codes.MEMBER or error.meaning not in NOT_NOW | {"busy"}:
        return [Result(token, "rejected", reason=error.said) for token in tokens]
    return [
        Result(token, "retry", reason=error.said, again=error.again, shut=error.meaning != "busy")
        for token in tokens
    ]
