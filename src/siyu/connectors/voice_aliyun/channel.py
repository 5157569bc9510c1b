"""The way out: jobs of the day's group, stopped while they wait, and asked about in doubt."""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Literal

import httpx
import msgspec
import structlog

from siyu.connectors.calling import NEVER_SENT, TIMEOUT
from siyu.connectors.manifest import Tools
from siyu.connectors.scripts import Going, batches, each, ready
from siyu.connectors.voice_aliyun import wire
from siyu.connectors.voice_aliyun.client import UNREADABLE, Bot, parts
from siyu.connectors.voice_aliyun.config import Config
from siyu.connectors.voice_aliyun.wire import Open, Placed
from siyu.outbox.channel import InDoubt
from siyu.outbox.model import Asked, Found, Halt, Message, Result, Stopped

log = structlog.get_logger(__name__)
_STOP_PAUSE = timedelta(minutes=5)
_MARGIN = timedelta(hours=1)  # before what is remembered is forgotten


class VoiceAliyun:
    """A `Channel`. Aliyun knows no idempotency token: what leaves is remembered before it leaves,
    and found again by the reference that a job keeps."""

    def __init__(self, config: Config, tools: Tools, *, timeout: httpx.Timeout = TIMEOUT) -> None:
        self._config = config
        self._clock = tools.clock
        self._store = tools.store
        self._wake = tools.wake
        self._bot = Bot(config, tools, timeout)

    def send(self, messages: Sequence[Message]) -> list[Result]:
        """Hand over what may ring now; outside the hours all of it waits for the next opening."""
        now = self._clock.now()
        if closed := self._config.closed(messages, now):
            return closed
        found: list[Result] = []
        going: list[Going] = []
        for message in messages:
            one = self._ready(message)
            if isinstance(one, Going):
                going.append(one)
            elif one is not None:
                found.append(one)
        found += self.each(going, now, bool(found))
        order = {message.token: number for number, message in enumerate(messages)}
        return sorted(found, key=lambda result: order[result.token])

    def each(self, going: Sequence[Going], now: datetime, others: bool) -> list[Result]:
        """A batch in doubt raises by itself; among others it just has no results."""
        found: list[Result] = []
        waiting = deque(batches(going, self._config.batch))
        doubt: InDoubt | None = None
        while waiting:
            batch = waiting.popleft()
            if doubt is not None:  # what is in trouble gets no more: nothing of these has left
                found += each(batch, "retry", "batch_in_doubt", shut=True)
                continue
            try:
                results = self._post(batch, now)
            except InDoubt as raised:
                doubt = raised
                continue
            if results is None:
                waiting.extendleft([alone] for alone in reversed(batch))
            else:
                found += results
        if doubt is not None and not found and not others:
            raise doubt
        return found

    def _ready(self, message: Message) -> Going | Result | None:
        """None: it has left already, and nobody knows yet what became of it."""
        placed = self._placed(message.token)
        if placed is not None and placed.state == "taken":
            return Result(message.token, "accepted", placed.job)
        if placed is not None and placed.state == "asked":
            return None
        one = ready(self._config.scripts, message)
        if isinstance(one, Going):
            return one
        return Result(message.token, "rejected", reason=one)

    def _post(self, batch: Sequence[Going], now: datetime) -> list[Result] | None:
        """None: one of them was refused for its own sake, so each has to be asked for alone."""
        try:
            group, head = self._group(batch[0].script.code, now)
            if not group:
                return self._refused(batch, head, now)
            self._remember(batch, Placed("asked", group), now)
            head, _ = self._bot.head("AssignJobs", wire.assigning(self._config, group, batch, now))
        except NEVER_SENT:
            self._remember(batch, Placed("refused", ""), now)
            return each(batch, "retry", "unreachable", shut=True)
        if head.code == "OK":
            return self._taken(batch, group, head.jobs_id, now)
        self._remember(batch, Placed("refused", group), now)
        if wire.class_of(head.code) == "value" and len(batch) > 1:
            return None
        return self._refused(batch, head, now)

    def _group(self, script: str, now: datetime) -> tuple[str, wire.Head]:
        """The day's group of a script, made by whoever needs it first; empty: why there is none."""
        key, parameters = wire.group(self._config, script, now)
        known = self._store.get(key)
        if known is not None:
            return known, wire.Head("OK")
        with self._store.lock(key):
            known = self._store.get(key)
            if known is not None:
                return known, wire.Head("OK")
            try:
                head, body = self._bot.head("CreateJobGroup", parameters)
            except InDoubt:  # a group too many rings nobody
                return "", wire.Head("Throttling")
            if head.code != "OK":
                return "", head
            try:
                created: wire.Created = wire.decoded(body, wire.Created)
            except UNREADABLE:
                return "", wire.Head("Throttling")
            self._store.put(key, created.job_group.job_group_id, now + wire.KEPT)
            return created.job_group.job_group_id, head

    def _taken(
        self, batch: Sequence[Going], group: str, jobs: Sequence[str], now: datetime
    ) -> list[Result]:
        """Accepted, where each job has its id; else only asking tells which is whose."""
        if len(jobs) != len(batch):
            raise InDoubt("Aliyun named fewer jobs than it was given")
        for one, job in zip(batch, jobs, strict=True):
            self._known(one.message.token, one.phone, group, job, now)
        return [
            Result(one.message.token, "accepted", job) for one, job in zip(batch, jobs, strict=True)
        ]

    def _refused(self, batch: Sequence[Going], head: wire.Head, now: datetime) -> list[Result]:
        why = wire.kept(f"{head.code} {head.message}".strip())
        match kind := wire.class_of(head.code):
            case "script":
                log.error("Aliyun refuses a script until somebody acts", code=head.code)
                return each(batch, "retry", why, halt="material")
            case "stop" | "quota":
                log.error("Aliyun takes no calls until somebody acts", code=head.code)
                halt: Halt = "quota" if kind == "quota" else ""
                return each(batch, "retry", why, shut=True, again=now + _STOP_PAUSE, halt=halt)
            case "value":
                return each(batch, "rejected", why)
            case _:
                return each(batch, "retry", why, shut=True)

    def cancel(self, asked: Sequence[Asked]) -> list[Stopped]:
        """Stop what does not ring yet. Aliyun says nothing of each, so it is asked afterwards.

        That it was stopped is remembered until it is handed over anew: who dies before the answer
        is kept asks again, and hears the same.
        """
        jobs: dict[str, str] = {}
        stopped: list[Stopped] = []
        for one in asked:
            placed = self._placed(one.token)
            if placed is not None and placed.state == "stopped":
                stopped.append(Stopped(one.token))
            # What was handed over anew is no more the job that the outbox knows of.
            elif job := placed.job if placed else one.vendor_id:
                jobs[job] = one.token
        for ids in parts(list(jobs)):
            self._bot.told("CancelJobs", wire.listing(self._config, ids), wire.Head)
            for job in self._bot.listed(ids):
                if job.status == "Cancelled":
                    self._stopped(jobs[job.job_id], job.job_id)
                    stopped.append(Stopped(jobs[job.job_id]))
        return stopped

    def reconcile(self, asked: Sequence[Asked]) -> list[Found]:
        """Look for the job that keeps a token as its reference."""
        return [self._found(one) for one in asked]

    def _found(self, asked: Asked) -> Found:
        now = self._clock.now()
        placed = self._placed(asked.token)
        if placed is None:  # nothing leaves before it is remembered
            handed = asked.handed_at
            recent = handed is not None and now - handed < wire.KEPT - _MARGIN
            return Found(asked.token, "absent" if recent else "unknown")
        if placed.state == "stopped":
            return Found(asked.token, "absent")
        job = self._searched(asked, placed) if placed.group else None
        if isinstance(job, wire.Job):
            if job.status == "Cancelled":
                self._stopped(asked.token, job.job_id)
                return Found(asked.token, "absent")
            if placed.state != "taken":
                self._known(asked.token, _national(asked.to), placed.group, job.job_id, now)
            return Found(asked.token, "accepted", job.job_id)
        if placed.state == "taken":
            return Found(asked.token, "accepted", placed.job)
        over = now - (asked.handed_at or now) >= timedelta(minutes=self._config.grace_minutes)
        if placed.state == "refused" or (job == "no job" and over):
            self._store.take(f"token/{asked.token}")
            return Found(asked.token, "absent")
        return Found(asked.token, "unknown")

    def _searched(self, asked: Asked, placed: Placed) -> wire.Job | Literal["no job", "not told"]:
        phone = _national(asked.to)
        if placed.job:
            for job in self._bot.listed([placed.job]):
                return job
            return "not told"
        if not phone:
            return "not told"
        ids = [job.id for job in self._bot.results(placed.group, phone)]
        for job in self._bot.listed(ids):
            if job.reference_id == asked.token:
                return job
        return "no job"

    def _placed(self, token: str) -> Placed | None:
        text = self._store.get(f"token/{token}")
        return None if text is None else msgspec.json.decode(text, type=Placed)

    def _remember(self, batch: Sequence[Going], placed: Placed, now: datetime) -> None:
        written = placed.written()
        rows = {f"token/{one.message.token}": written for one in batch}
        self._store.put_all(rows, now + wire.KEPT)

    def _known(self, token: str, phone: str, group: str, job: str, now: datetime) -> None:
        """A job of ours: its end will be asked for."""
        waits = msgspec.json.encode(Open(token, group, phone)).decode()
        rows = {f"token/{token}": Placed("taken", group, job).written(), f"open/{job}": waits}
        self._store.put_all(rows, now + wire.KEPT)
        self._wake("ends")

    def _stopped(self, token: str, job: str) -> None:
        """A job that will not ring: nothing follows of it, and its token may go out again."""
        until = self._clock.now() + wire.KEPT
        self._store.put(f"token/{token}", Placed("stopped", "", job).written(), until)
        self._store.take(f"open/{job}")


def _national(phone: str) -> str:
    return phone.removeprefix("+86")
