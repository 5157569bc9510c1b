"""Our words ↔ Aliyun's: jobs, their strategy, what became of them. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, Literal, cast

import msgspec
from msgspec import Struct

from siyu.connectors.scripts import Going
from siyu.connectors.voice_aliyun.config import Config
from siyu.events.model import Incoming
from siyu.kernel import time

SOURCE = "voice_aliyun"
VERSION = "2019-12-26"
KEPT = timedelta(days=3)
PAGE = 50
MOST_LISTED = 99  # job ids of one ListJobs or CancelJobs
SUPPRESSED = "suppressed_by_vendor"
PURPOSES = ["order_invitation", "promotion", "service"]
LONGEST = 200
FINAL = frozenset({"Succeeded", "Failed", "Cancelled"})
BARRED = frozenset({"ContactBlockList", "ContactSuspended"})
State = Literal["asked", "taken", "refused", "stopped"]
# `script`: nobody is called with this one, `quota`: what was bought is used up, `stop`: nobody is.
Class = Literal["ok", "busy", "script", "quota", "stop", "value"]
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")
_NUMBER = re.compile(r"\+?\d(?:[ ().-]{0,2}\d){6,}")
_PHONE = re.compile(r"\+?\d{6,15}")
_STOPS = (
    "NotExist", "SignatureDoesNotMatch", "InvalidAccessKeyId", "InvalidTimeStamp", "Forbidden",
    "NoPermission", "MissingAuthorization",
)  # fmt: skip
_SCRIPTS = ("NotExist.Script", "InvalidStatus.Script", "Script.NotPublished")
_QUOTAS = ("Arrear", "Insufficient", "NotEnough", "QuotaExceeded", "LimitExceeded")
# How a call that nobody answered ended, in our words; any other in Aliyun's.
OUTCOMES: Mapping[str, str] = {
    "NoAnswer": "no_answer",
    "Busy": "busy",
    "PoweredOff": "power_off",
    "NotConnected": "can_not_connect",
    "NotExist": "vacant_number",
    "EmptyNumber": "vacant_number",
    "OutOfService": "out_of_service",
    "InArrears": "out_of_service",
}


class Placed(Struct, frozen=True):
    """What is remembered of a contact: in which group, as which job."""

    state: State
    group: str
    job: str = ""

    def written(self) -> str:
        """As it is stored."""
        return msgspec.json.encode(self).decode()


class Open(Struct, frozen=True):
    """A job whose end is not known yet."""

    token: str
    group: str
    phone: str


class Head(Struct, frozen=True, rename="pascal"):
    """Every answer's head, and of some what they are about."""

    code: str = ""
    message: str = ""
    jobs_id: list[str] = []


class _Group(Struct, frozen=True, rename="pascal"):
    job_group_id: str


class Created(Struct, frozen=True, rename="pascal"):
    """The answer to CreateJobGroup."""

    job_group: _Group


class Job(Struct, frozen=True, rename="pascal"):
    """A job as ListJobs has it. `reference_id` is our token."""

    job_id: str
    status: str = ""
    failure_reason: str = ""
    reference_id: str = ""


class Jobs(Struct, frozen=True, rename="pascal"):
    """The answer to ListJobs."""

    jobs: list[Job] = []


class _Extra(Struct, frozen=True, rename="pascal"):
    key: str = ""
    value: str = ""


class _Task(Struct, frozen=True, rename="pascal"):
    """A call. Its duration is in milliseconds, so is its time since 1970."""

    call_duration: int = 0
    call_time: int = 0
    has_answered: bool = False
    status: str = ""
    extras: list[_Extra] = []


class Ended(Struct, frozen=True, rename="pascal"):
    """A job as QueryJobsWithResult has it, with its latest call."""

    id: str
    status: str = ""
    job_failure_reason: str = ""
    latest_task: _Task | None = None


class _List(Struct, frozen=True, rename="pascal"):
    rows: list[Ended] = msgspec.field(name="List", default_factory=list[Ended])
    page_count: int = 0


class Results(Struct, frozen=True, rename="pascal"):
    """The answer to QueryJobsWithResult."""

    jobs: _List = _List()


def decoded(body: bytes, kind: type[Any]) -> Any:
    """An answer without its nulls; DecodeError where it is not of this form."""
    raw: Any = msgspec.json.decode(body)
    try:
        return msgspec.convert(_without_nulls(raw), kind, strict=False)
    except msgspec.ValidationError:
        raise msgspec.DecodeError("not an answer of this form") from None


def _without_nulls(raw: Any) -> Any:
    if isinstance(raw, dict):
        items = cast("dict[str, Any]", raw)
        return {name: _without_nulls(one) for name, one in items.items() if one is not None}
    if isinstance(raw, list):
        return [_without_nulls(one) for one in cast("list[Any]", raw)]
    return raw


def group(config: Config, script: str, now: datetime) -> tuple[str, dict[str, str]]:
    """Under what a day's group is remembered, and the parameters of CreateJobGroup."""
    day = now.astimezone(time.zone(config.zone)).date().isoformat()
    return f"group/{script}/{day}", {
        "InstanceId": config.instance_id,
        "JobGroupName": f"siyu {day} {script[:20]}",
        "ScriptId": script,
    }


def assigning(
    config: Config, group_id: str, batch: Sequence[Going], now: datetime
) -> dict[str, str]:
    """The parameters of AssignJobs: one job for each contact, called once, in today's hours."""
    numbers = {f"CallingNumber.{n}": one for n, one in enumerate(config.calling_numbers, 1)}
    jobs = {f"JobsJson.{n}": _job(one) for n, one in enumerate(batch, 1)}
    return {
        "InstanceId": config.instance_id,
        "JobGroupId": group_id,
        "RosterType": "json",
        "StrategyJson": _strategy(config, now),
        **numbers,
        **jobs,
    }


def _job(one: Going) -> str:
    spoken = one.spoken
    contact = {
        "phoneNumber": one.phone,
        "name": spoken.get("name", ""),
        "honorific": spoken.get("name", ""),
        "referenceId": one.message.token,
    }
    extras = [{"key": name, "value": value} for name, value in spoken.items()]
    return _json({"contacts": [contact], "extras": extras})


def _strategy(config: Config, now: datetime) -> str:
    here = time.zone(config.zone)
    day = now.astimezone(here).date()
    found = config.windows(day)
    windows = found.windows if found else ()
    ends = max((time.moment(day, one.end, here) for one in windows), default=now)
    return _json(
        {
            "repeatBy": "Once",
            "maxAttemptsPerDay": 1,
            "minAttemptInterval": 1,
            "routingStrategy": "None",
            "startTime": int(now.timestamp() * 1000),
            "endTime": int(ends.timestamp() * 1000),
            "workingTime": [
                {"beginTime": f"{one.start:%H:%M:%S}", "endTime": f"{one.end:%H:%M:%S}"}
                for one in windows
            ],
        }
    )


def listing(config: Config, jobs: Sequence[str]) -> dict[str, str]:
    """The parameters of ListJobs and of CancelJobs."""
    return {
        "InstanceId": config.instance_id,
        **{f"JobId.{n}": job for n, job in enumerate(jobs, 1)},
    }


def querying(config: Config, group_id: str, phone: str, page: int) -> dict[str, str]:
    """The parameters of QueryJobsWithResult: what a group has for a number."""
    return {
        "InstanceId": config.instance_id,
        "JobGroupId": group_id,
        "QueryText": phone,
        "PageNumber": str(page),
        "PageSize": str(PAGE),
    }


def class_of(code: str) -> Class:
    """What has to be done about a code.

    >>> [class_of(code) for code in ("OK", "Throttling.User", "NotExist.Instance", "X")]
    ['ok', 'busy', 'stop', 'value']
    """
    if code == "OK":
        return "ok"
    if code.startswith("Throttling"):
        return "busy"
    if any(word in code for word in _SCRIPTS):
        return "script"
    if any(word in code for word in _QUOTAS):
        return "quota"
    return "stop" if code.startswith(_STOPS) else "value"


def kept(words: str) -> str:
    """What is stored of a vendor's words: without what may be a number."""
    return _NUMBER.sub("…", _CONTROL.sub(" ", words))[:LONGEST]


def ended(config: Config, one: Open, job: Ended, now: datetime) -> list[Incoming]:
    """The end of a job as facts; of a cancelled one nothing follows."""
    if job.status == "Cancelled":
        return []
    task = job.latest_task or _Task()
    name = f"job/{job.id}"
    at = _at(task, now)
    if job.job_failure_reason in BARRED:
        call = _call(one.token, name, at, SUPPRESSED)
        return [call, *_withdrawn(one.phone, job.job_failure_reason, name, at)]
    if task.has_answered:
        return _answered(config, one, task, name, at)
    if task.status in OUTCOMES or job.job_failure_reason in OUTCOMES:
        said = task.status if task.status in OUTCOMES else job.job_failure_reason
        return [_call(one.token, name, at, OUTCOMES[said])]
    why = kept(job.job_failure_reason or task.status or job.status)
    return [_event("touch.failed", name, at, {"touch": one.token, "reason": why})]


def _answered(config: Config, one: Open, task: _Task, name: str, at: datetime) -> list[Incoming]:
    labels = [(extra.key, kept(extra.value)) for extra in task.extras if extra.value]
    grade = next((value for key, value in labels if key == config.grade_label), "")
    said = [f"{key}: {value}" for key, value in labels if key != config.grade_label]
    refuses = any(word in line for word in config.refusal_words for line in [*said, grade])
    call = _call(
        one.token,
        name,
        at,
        "refused" if refuses else "answered",
        seconds=min(max(task.call_duration // 1000, 0), 86_400),
        intent=_grade(config, grade),
        labels=said[:50],
        answered=True,
    )
    why = "said on the phone not to be called"
    return [call, *(_withdrawn(one.phone, why, name, at) if refuses else ())]


def _grade(config: Config, said: str) -> str:
    if said in config.intents:
        return config.intents[said]
    first = said.strip().upper()[:1]
    return first if first and first in "ABCDEF" else ""


def _at(task: _Task, now: datetime) -> datetime:
    if not task.call_time:
        return now
    span = timedelta(milliseconds=task.call_time + max(task.call_duration, 0))
    return min(datetime(1970, 1, 1, tzinfo=UTC) + span, now)


def _call(token: str, name: str, at: datetime, outcome: str, **more: Any) -> Incoming:
    """The end of a call; `more` of one that was answered."""
    data = {"touch": token, "answered": False, "outcome": outcome, **more}
    return _event("call.finished", name, at, data)


def _withdrawn(phone: str, why: str, name: str, at: datetime) -> list[Incoming]:
    if not _PHONE.fullmatch(phone):
        return []
    data = {"channels": ["voice"], "purposes": PURPOSES, "evidence": f"Aliyun: {why}"}
    whole = phone if phone.startswith("+") else f"+86{phone}"
    return [_event("consent.withdrawn", f"{name}/no", at, data, whole)]


def _event(
    kind: str, name: str, at: datetime, data: Mapping[str, Any], phone: str = ""
) -> Incoming:
    return Incoming(
        source=SOURCE,
        id=name[:200],
        kind=kind,
        occurred_at=at.isoformat(),
        keys={"phone": phone} if phone else {},
        data=msgspec.Raw(msgspec.json.encode(data)),
    )


def _json(value: Any) -> str:
    return msgspec.json.encode(value).decode()
