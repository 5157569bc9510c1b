"""The API plane over HTTP, and the control plane that plays phones."""

from __future__ import annotations

import itertools
from collections import deque
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, Literal

import httpx
import msgspec
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from siyu.connectors.callbacks import Callbacks
from siyu.connectors.calling import FRESH, trusted
from siyu.connectors.gateway import Gateway, No, answered, never, told
from siyu.connectors.sms_aliyun.fake.records import Records, Sms, Template, Wanted, stamp
from siyu.connectors.sms_aliyun.wire.text import opts_out

Fault = Literal[
    "throttle", "minute", "hour", "day", "quota", "system error", "refuse", "busy", "fail",
    "silent", "fail after effect", "hang up after effect", "silent after effect",
    "garbage after effect",
]  # fmt: skip
# A message as whoever plays phones hears of it: BizId, number, text, OutId.
OnSms = Callable[[list[tuple[str, str, str, str]]], None]
WAITS = tuple(timedelta(minutes=minutes) for minutes in (1, 5, 10))
# Another page of Aliyun's says ten times.
TEN_WAITS = tuple(timedelta(minutes=m) for m in (1, 5, 10, 30, 60, 60, 60, 60, 60))
VERSION = "2017-05-25"
_MOST, _MOST_APART = 1_000, 100
_SAID: Mapping[str, tuple[int, str, str]] = {
    "throttle": (400, "Throttling.User", "Request was denied due to user flow control."),
    "minute": (200, "isv.BUSINESS_LIMIT_CONTROL", "触发分钟级流控Permits:1"),
    "hour": (200, "isv.BUSINESS_LIMIT_CONTROL", "触发小时级流控Permits:5"),
    "day": (200, "isv.BUSINESS_LIMIT_CONTROL", "触发天级流控Permits:10"),
    "quota": (200, "isv.DAY_LIMIT_CONTROL", "触发日发送限额"),
    "system error": (200, "isp.SYSTEM_ERROR", "系统错误"),
    "refuse": (200, "isv.SMS_CONTENT_ILLEGAL", "短信内容包含禁止发送内容"),
    "busy": (429, "Throttling", "Request was denied due to request throttling."),
    "fail": (500, "InternalError", "The request processing has failed."),
}
_WORDS = ("R", "T", "TD", "N", "QX", "退订")


def _nothing(_: list[tuple[str, str, str, str]]) -> None:
    """Nobody listens."""


class Service:
    """One account. `faults` are used up one per request, in order; `records` are its limits."""

    def __init__(
        self,
        key: tuple[str, str],
        templates: Mapping[str, Template],
        sign_names: Iterable[str],
        clock: Callable[[], datetime],
        hook: str = "",
    ) -> None:
        self._gateway = Gateway(key, VERSION)
        self._clock = clock
        self._on_sms: OnSms = _nothing
        self._sequence = itertools.count(1_000_000_001)
        self._http = httpx.HTTPTransport(limits=FRESH, verify=trusted())
        self.hook = hook  # …/hooks/sms_aliyun/<secret>
        self.records = Records(dict(templates), set(sign_names))
        self.callbacks = Callbacks(self._push, WAITS)
        self.faults: deque[Fault] = deque()
        self.requests = 0
        self.lag = timedelta(0)  # by which QuerySendDetails is behind
        self.app = Starlette(routes=[Route("/", self._called, methods=["GET", "POST"])])

    def listen(self, on_sms: OnSms) -> None:
        """From now on tell what goes out."""
        self._on_sms = on_sms

    @property
    def received(self) -> list[Sms]:
        """Every message that ever reached a carrier, in order."""
        return self.records.sent

    # ── The control plane ───────────────────────────────────────────────────────────────────────

    def report(
        self,
        phone: str,
        biz_id: str = "",
        *,
        code: str = "DELIVERED",
        words: str = "用户接收成功",
        after: timedelta = timedelta(0),
        size: int | None = None,
    ) -> None:
        """What became of the newest message to a number, or of that of a batch, as will be pushed.

        A promotion without the opt-out text fails whatever was to be said.
        """
        sms = self.records.last(phone, biz_id)
        template = self.records.templates[sms.code]
        if template.kind == "promotion" and not sms.text.endswith("拒收请回复R"):
            code, words = "CONTENT_ERROR", "推广短信必须带退订信息"
        success, at = code in ("DELIVERED", "DELIVRD"), self._clock() + after
        sms.status, sms.err_code, sms.reported_at = (3 if success else 2), code, at
        said = {
            "phone_number": sms.phone,
            "send_time": stamp(sms.at),
            "report_time": stamp(at),
            "success": success,
            "err_code": code,
            "err_msg": words,
            "sms_size": str(sms.segments if size is None else size),
            "biz_id": sms.biz_id,
            "out_id": sms.out_id,
        }
        self.callbacks.add("report", said, at)

    def reply(self, phone: str, words: str, after: timedelta = timedelta(0)) -> None:
        """Somebody answers the newest message; who opts out gets no more of its signature."""
        sms, at = self.records.last(phone), self._clock() + after
        if opts_out(_WORDS, words):
            self.records.opted_out.add((sms.phone, sms.sign_name))
        said = {
            "phone_number": sms.phone,
            "content": words,
            "send_time": stamp(at),
            "sign_name": sms.sign_name,
            "dest_code": "90998",
            "sequence_id": str(next(self._sequence)),
        }
        self.callbacks.add("up", said, at)

    def deliver(self, now: datetime) -> int:
        """Push what is due; how many items were heard."""
        return self.callbacks.deliver(now)

    def next_at(self) -> datetime | None:
        """When the next push is due."""
        return self.callbacks.next_at()

    def _push(self, path: str, items: list[Any]) -> bool:
        """Heard is 200 with a number for `code`, whatever the number."""
        body = msgspec.json.encode(items)
        request = httpx.Request(
            "POST",
            f"{self.hook}/{path}",
            content=body,
            headers={"Content-Type": "application/json;charset=UTF-8"},
            extensions={"timeout": httpx.Timeout(10.0).as_dict()},
        )
        try:
            answer = self._http.handle_request(request)  # no client: it would log the address
            told = msgspec.json.decode(answer.read(), type=dict[str, Any])
        except (httpx.HTTPError, msgspec.DecodeError):
            return False
        return answer.status_code == 200 and type(told.get("code")) is int

    # ── The API plane ───────────────────────────────────────────────────────────────────────────

    async def _called(self, request: Request) -> Response:
        self.requests += 1
        body = await request.body()
        try:
            parameters = self._gateway.verified(request, body)
        except No as no:
            return answered(400, no.code, no.words)
        action = request.headers.get("x-acs-action", "")
        fault = self.faults.popleft() if self.faults else None
        if fault is not None and fault in _SAID:
            return answered(*_SAID[fault])
        if fault == "silent":
            return await never(request)
        try:
            answer = self._done(action, parameters)
        except No as no:
            return answered(200, no.code, no.words)
        return await told(request, fault, answer)

    def _done(self, action: str, given: Mapping[str, str]) -> dict[str, Any]:
        if action == "QuerySendDetails":
            return self._details(given)
        if action not in ("SendSms", "SendBatchSms"):
            raise No("InvalidAction.NotFound")
        wanted = _one_text(given) if action == "SendSms" else _apart(given)
        made = self.records.take(wanted, given.get("OutId", ""), self._clock())
        self._on_sms([(one.biz_id, one.phone, one.text, one.out_id) for one in made])
        return {"BizId": made[0].biz_id}

    def _details(self, given: Mapping[str, str]) -> dict[str, Any]:
        size, current = int(given["PageSize"]), int(given["CurrentPage"])
        if not 1 <= size <= 50:
            raise No("isv.INVALID_PARAMETERS", "PageSize")
        asked = given["PhoneNumber"], given["SendDate"], given.get("BizId", "")
        known = self.records.of_day(*asked, self._clock())
        seen = [one for one in known if one.at <= self._clock() - self.lag]
        page = seen[(current - 1) * size : current * size]
        details = [
            {
                "PhoneNum": one.phone,
                "SendStatus": one.status,
                "ErrCode": one.err_code,
                "TemplateCode": one.code,
                "Content": one.text,
                "SendDate": stamp(one.at),
                "ReceiveDate": stamp(one.reported_at) if one.reported_at else "",
                "OutId": one.out_id,
            }
            for one in page
        ]
        return {"TotalCount": str(len(seen)), "SmsSendDetailDTOs": {"SmsSendDetailDTO": details}}


def _one_text(given: Mapping[str, str]) -> list[Wanted]:
    phones = given.get("PhoneNumbers", "").split(",")
    if len(phones) > _MOST:
        raise No("isv.MOBILE_COUNT_OVER_LIMIT")
    values = _decoded(given.get("TemplateParam", "{}"), dict[str, Any])
    head = given.get("SignName", ""), given.get("TemplateCode", "")
    return [Wanted(phone, *head, values) for phone in phones]


def _apart(given: Mapping[str, str]) -> list[Wanted]:
    phones = _decoded(given.get("PhoneNumberJson", "[]"), list[str])
    signs = _decoded(given.get("SignNameJson", "[]"), list[str])
    values = _decoded(given.get("TemplateParamJson", "[]"), list[dict[str, Any]])
    if len(phones) > _MOST_APART:
        raise No("isv.MOBILE_COUNT_OVER_LIMIT")
    if not len(phones) == len(signs) == len(values):
        raise No("isv.INVALID_PARAMETERS", "数组长度不一致")
    code = given.get("TemplateCode", "")
    rows: Sequence[tuple[str, str, dict[str, Any]]] = list(zip(phones, signs, values, strict=True))
    return [Wanted(phone, sign, code, given_values) for phone, sign, given_values in rows]


def _decoded(text: str, kind: type[Any]) -> Any:
    try:
        return msgspec.json.decode(text, type=kind)
    except msgspec.DecodeError:
        raise No("isv.INVALID_JSON_PARAM", "JSON参数不合法") from None
