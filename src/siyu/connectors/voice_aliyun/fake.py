"""Aliyun's OutboundBot, for the sandbox and for tests: its actions, its signature, its states.

The API plane is Aliyun's own. The control plane are Python methods, by which people are played:
`ring` and `finish` say how a call goes. There is nothing to deliver: whoever wants to know asks.
"""

from __future__ import annotations

import itertools
import threading
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, time, timedelta
from typing import Any, Literal
from zoneinfo import ZoneInfo

import msgspec
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from siyu.connectors.gateway import Gateway, No, answered, never, told

Fault = Literal[
    "busy", "refuse", "fail", "silent", "fail after effect", "hang up after effect",
    "silent after effect", "garbage after effect",
]  # fmt: skip
Contact = Mapping[str, Any]
OnCalls = Callable[[Sequence[Contact]], None]
OnCancel = Callable[[Sequence[str]], list[str]]
VERSION = "2019-12-26"
CHINA = ZoneInfo("Asia/Shanghai")
_SAID: Mapping[str, tuple[int, str, str]] = {
    "busy": (429, "Throttling", "Request was denied due to request throttling."),
    "refuse": (400, "InvalidParameter.JobsJson", "The JobsJson is invalid."),
    "fail": (500, "InternalError", "The request processing has failed."),
}
_MOST_LISTED = 99


def _nothing(_: Sequence[Contact]) -> None:
    """Nobody listens."""


def _all(tokens: Sequence[str]) -> list[str]:
    return list(tokens)


@dataclass
class Call:
    """A job and the one call that it makes."""

    job: str
    group: str
    contact: Contact  # as it was handed over, with its `extras`
    at: datetime
    status: str = "Scheduling"
    failure: str = ""
    task: dict[str, Any] = field(default_factory=dict[str, Any])

    @property
    def reference(self) -> str:
        return str(self.contact["referenceId"])


class Service:
    """One instance. `faults` are used up one per AssignJobs, in order."""

    def __init__(
        self,
        key: tuple[str, str],
        instance: str,
        scripts: Sequence[str],
        clock: Callable[[], datetime],
    ) -> None:
        self._gateway = Gateway(key, VERSION)
        self._instance = instance
        self._clock = clock
        self._on_calls: OnCalls = _nothing
        self._on_cancel: OnCancel = _all
        self._lock = threading.Lock()
        self._numbers = itertools.count(1)
        self.scripts = set(scripts)
        self.groups: dict[str, str] = {}  # id → script
        self.calls: dict[str, Call] = {}  # by job, in the order of arrival
        self.rejects: set[str] = set()  # numbers that make AssignJobs fail
        self.per_day = 5  # calls to one number
        self.balance: int | None = None  # calls that are paid for
        self.blocked: set[str] = set()  # numbers on a list of those not to be called
        self.strategies: list[dict[str, Any]] = []  # of each AssignJobs
        self.outside: list[str] = []  # references that came when phones may not ring
        self.faults: deque[Fault] = deque()
        self.requests = 0  # of AssignJobs
        self.app = Starlette(routes=[Route("/", self._called, methods=["GET", "POST"])])

    def listen(self, on_calls: OnCalls, on_cancel: OnCancel = _all) -> None:
        """From now on tell what comes in, and ask what can still be stopped."""
        self._on_calls, self._on_cancel = on_calls, on_cancel

    @property
    def received(self) -> list[Call]:
        """Every job that was ever taken, in order."""
        return list(self.calls.values())

    def of(self, reference: str) -> Call:
        """The newest job of a contact."""
        return next(one for one in reversed(self.calls.values()) if one.reference == reference)

    # ── The control plane ───────────────────────────────────────────────────────────────────────

    def ring(self, reference: str) -> None:
        """The phone rings: the job can't be stopped any more."""
        self.of(reference).status = "Executing"

    def finish(
        self,
        reference: str,
        status: str = "Succeeded",
        *,
        seconds: int = 37,
        labels: Mapping[str, str] | None = None,
        failure: str = "",
    ) -> None:
        """The call is over. `status`: as TaskStatusFilter lists them; Succeeded was answered."""
        call, now = self.of(reference), self._clock()
        reached = status == "Succeeded"
        call.status, call.failure = ("Succeeded", "") if reached else ("Failed", failure or status)
        spent = timedelta(seconds=seconds if reached else 0)
        call.task = {
            "CallDuration": int(spent.total_seconds() * 1000),
            "CallDurationDisplay": str(int(spent.total_seconds())),
            "CallTime": int((now - spent).timestamp() * 1000),
            "Contact": {"ReferenceId": call.reference, "Role": None},
            "Extras": [{"Key": key, "Value": value} for key, value in (labels or {}).items()],
            "HasAnswered": reached,
            "Status": status,
            "TaskEndReason": "FINISHED" if reached else None,
        }

    # ── The API plane ───────────────────────────────────────────────────────────────────────────

    async def _called(self, request: Request) -> Response:
        body = await request.body()
        try:
            given = self._gateway.verified(request, body)
        except No as no:
            return answered(400, no.code, no.words)
        action = request.headers.get("x-acs-action", "")
        fault = None
        if action == "AssignJobs":
            self.requests += 1
            fault = self.faults.popleft() if self.faults else None
        if fault is not None and fault in _SAID:
            return answered(*_SAID[fault])
        if fault == "silent":
            return await never(request)
        try:
            answer = self._done(action, given)
        except No as no:
            return answered(404 if no.code.startswith("NotExist") else 400, no.code, no.words)
        return await told(request, fault, {"Success": True, "HttpStatusCode": 200, **answer})

    def _done(self, action: str, given: Mapping[str, str]) -> dict[str, Any]:
        if given.get("InstanceId") != self._instance:
            raise No("NotExist.Instance", "The specified Instance does not exist.")
        actions: Mapping[str, Callable[[Mapping[str, str]], dict[str, Any]]] = {
            "CreateJobGroup": self._create,
            "AssignJobs": self._assign,
            "ListJobs": self._list,
            "CancelJobs": self._cancel,
            "QueryJobsWithResult": self._query,
        }
        if action not in actions:
            raise No("InvalidAction.NotFound")
        with self._lock:
            return actions[action](given)

    def _create(self, given: Mapping[str, str]) -> dict[str, Any]:
        if given["ScriptId"] not in self.scripts:
            raise No("NotExist.Script", "The specified Script does not exist.")
        group = f"g-{len(self.groups) + 1}"
        self.groups[group] = given["ScriptId"]
        return {"JobGroup": {"JobGroupId": group, "JobGroupName": given["JobGroupName"]}}

    def _assign(self, given: Mapping[str, str]) -> dict[str, Any]:
        group = given["JobGroupId"]
        if group not in self.groups:
            raise No("NotExist.JobGroup", "The specified JobGroup does not exist.")
        jobs = [msgspec.json.decode(one, type=dict[str, Any]) for one in _each(given, "JobsJson")]
        contacts: list[Contact] = [
            {**job["contacts"][0], "extras": {e["key"]: e["value"] for e in job["extras"]}}
            for job in jobs
        ]
        for contact in contacts:
            if contact["phoneNumber"] in self.rejects:
                words = f"The number {contact['phoneNumber']} is invalid."
                raise No("InvalidParameter.PhoneNumber", words)
        if self.balance is not None:
            if self.balance < len(contacts):  # no document names the code
                raise No("InsufficientBalance", "The account balance is insufficient.")
            self.balance -= len(contacts)
        now, strategy = (
            self._clock(),
            msgspec.json.decode(given["StrategyJson"], type=dict[str, Any]),
        )
        self.strategies.append(strategy)
        made: list[str] = []
        for contact in contacts:
            call = Call(f"j-{next(self._numbers)}", group, contact, now)
            if not _open(strategy["workingTime"], now):
                self.outside.append(call.reference)
            call.status, call.failure = self._barred(contact["phoneNumber"], now)
            self.calls[call.job] = call
            made.append(call.job)
        self._on_calls(contacts)
        return {"JobGroupId": group, "JobsId": made}

    def _barred(self, phone: str, now: datetime) -> tuple[str, str]:
        """Nobody on a list is called, and nobody too often in a day of China's, answered or not."""
        if phone in self.blocked:
            return "Failed", "ContactBlockList"
        today = now.astimezone(CHINA).date()
        tried = sum(
            one.contact["phoneNumber"] == phone
            and one.at.astimezone(CHINA).date() == today
            and one.status not in ("Cancelled", "Failed")
            for one in self.calls.values()
        )
        return ("Failed", "PerDayCallCountLimit") if tried >= self.per_day else ("Scheduling", "")

    def _list(self, given: Mapping[str, str]) -> dict[str, Any]:
        ids = _each(given, "JobId")
        if len(ids) > _MOST_LISTED:
            raise No("InvalidParameter.JobId")
        found = [self.calls[one] for one in ids if one in self.calls]
        return {
            "Jobs": [
                {
                    "JobId": one.job,
                    "JobGroupId": one.group,
                    "Status": one.status,
                    "FailureReason": one.failure or None,
                    "ReferenceId": one.reference,
                }
                for one in found
            ]
        }

    def _cancel(self, given: Mapping[str, str]) -> dict[str, Any]:
        known = [self.calls[one] for one in _each(given, "JobId") if one in self.calls]
        waiting = {one.reference: one for one in known if one.status == "Scheduling"}
        for reference in self._on_cancel(list(waiting)):
            waiting[reference].status = "Cancelled"
        return {}

    def _query(self, given: Mapping[str, str]) -> dict[str, Any]:
        size, number = int(given["PageSize"]), int(given["PageNumber"])
        found = [
            one
            for one in self.calls.values()
            if one.group == given["JobGroupId"]
            and given.get("QueryText", "") in one.contact["phoneNumber"]
        ]
        page = found[(number - 1) * size : number * size]
        rows = [
            {
                "Id": one.job,
                "Status": one.status,
                "JobFailureReason": one.failure or None,
                "LatestTask": one.task or None,
            }
            for one in page
        ]
        pages = -(-len(found) // size)
        return {"Jobs": {"List": rows, "PageNumber": number, "PageCount": pages}}


def _each(given: Mapping[str, str], name: str) -> list[str]:
    """`Name.1`, `Name.2` … in order."""
    found: list[str] = []
    while (key := f"{name}.{len(found) + 1}") in given:
        found.append(given[key])
    return found


def _open(windows: Sequence[Mapping[str, str]], now: datetime) -> bool:
    local = now.astimezone(CHINA).time()
    return any(
        time.fromisoformat(one["beginTime"]) <= local < time.fromisoformat(one["endTime"])
        for one in windows
    )
