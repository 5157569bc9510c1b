"""What Aliyun answers, and what follows from it: its codes by what has to be done."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, Literal

import msgspec
from msgspec import Struct

from siyu.kernel.sentence import Sentence
from siyu.outbox.model import Whereabouts

# `later`: this number has had enough. `value`: these words can't go to this number, `number`: it is
# none, `refused`: it wants none. Until somebody acts: `template`: this text or its signature goes
# to nobody, `quota`: what was bought is used up, `stop`: nothing goes out. `busy`: soon again.
Class = Literal[
    "ok", "later", "value", "number", "refused", "template", "quota", "stop", "busy", "failed"
]
FAILED, ARRIVED = 2, 3  # of a message that Aliyun has a record of; 1 waits for the phone
SETTLED = frozenset({FAILED, ARRIVED})
LONGEST_REASON = 200
STOP_PAUSE = timedelta(minutes=5)  # asking costs nothing, and whoever has acted waits for it
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")
_NUMBER = re.compile(r"\+?\d(?:[ ().-]{0,2}\d){6,}")
_LEVELS: tuple[tuple[re.Pattern[str], timedelta], ...] = (
    (re.compile(r"分钟|minute", re.IGNORECASE), timedelta(minutes=1)),
    (re.compile(r"小时|hour", re.IGNORECASE), timedelta(hours=1)),
    (re.compile(r"天|日|day", re.IGNORECASE), timedelta(hours=24)),
)
_UNLEVELLED = timedelta(hours=1)

CLASSES: Mapping[str, Class] = {
    "OK": "ok",
    "isv.BUSINESS_LIMIT_CONTROL": "later",
    "isv.MOBILE_NUMBER_ILLEGAL": "number",
    "isv.MOBILE_COUNT_OVER_LIMIT": "number",
    "isv.DOMESTIC_NUMBER_NOT_SUPPORTED": "number",
    "isv.BLACK_KEY_CONTROL_LIMIT": "value",
    "isv.CUSTOMER_REFUSED": "refused",
    "isv.PARAM_LENGTH_LIMIT": "value",
    "isv.PARAM_NOT_SUPPORT_URL": "value",
    "isv.TEMPLATE_PARAMS_ILLEGAL": "value",
    "isv.SMS_CONTENT_ILLEGAL": "value",
    "isv.UNSUPPORTED_CONTENT": "value",
    "isp.SYSTEM_ERROR": "failed",
    "isp.GATEWAY_ERROR": "failed",
}
# Who has to act, and on what.
STOPS: Mapping[str, Sentence] = {
    "isv.DAY_LIMIT_CONTROL": Sentence(
        "the day's quota set in Aliyun's console is used up", "阿里云控制台设置的日发送量已用完"
    ),
    "isv.MONTH_LIMIT_CONTROL": Sentence(
        "the month's quota set in Aliyun's console is used up", "阿里云控制台设置的月发送量已用完"
    ),
    "isv.OUT_OF_SERVICE": Sentence("the Aliyun account has no money left", "阿里云账户欠费停机"),
    "isv.AMOUNT_NOT_ENOUGH": Sentence("the Aliyun account has no money left", "阿里云账户余额不足"),
    "isv.PRODUCT_UN_SUBSCRIPT": Sentence(
        "the SMS service is not activated on this Aliyun account", "该阿里云账户未开通短信服务"
    ),
    "isv.ACCOUNT_NOT_EXISTS": Sentence("Aliyun does not know the account", "阿里云账户不存在"),
    "isv.ACCOUNT_ABNORMAL": Sentence("the Aliyun account is blocked", "阿里云账户异常"),
    "isp.RAM_PERMISSION_DENY": Sentence(
        "the AccessKey may not send SMS: grant it AliyunDysmsFullAccess",
        "该 AccessKey 没有发短信的权限：请授予 AliyunDysmsFullAccess",
    ),
    "isv.DENY_IP_RANGE": Sentence(
        "Aliyun refuses this server's address", "阿里云拒绝了本服务器的 IP"
    ),
    "isv.EXTEND_CODE_ERROR": Sentence(
        "one extension code is used for two signatures", "扩展码被用于两个签名"
    ),
    "isv.ONE_CODE_MULTIPLE_SIGN": Sentence(
        "one extension code is used for two signatures", "扩展码被用于两个签名"
    ),
    "SignatureDoesNotMatch": Sentence("the AccessKey Secret is wrong", "AccessKey Secret 不对"),
    "InvalidTimeStamp.Expired": Sentence(
        "this server's clock is more than 15 minutes wrong", "本服务器的时钟偏差超过 15 分钟"
    ),
}
QUOTAS = frozenset({
    "isv.DAY_LIMIT_CONTROL", "isv.MONTH_LIMIT_CONTROL", "isv.OUT_OF_SERVICE",
    "isv.AMOUNT_NOT_ENOUGH",
})  # fmt: skip
_PREFIXES: tuple[tuple[str, Class], ...] = (
    ("Throttling", "busy"),
    ("isv.SMS_SIGN", "template"),
    ("isv.SIGN_", "template"),
    ("isv.SMS_TEMPLATE", "template"),
    ("isv.TEMPLATE_", "template"),
    ("isv.SMS_CONTENT_MISMATCH", "template"),
    ("isv.INVALID_", "stop"),
    ("InvalidAccessKeyId", "stop"),
    ("InvalidTimeStamp", "stop"),
    ("Forbidden", "stop"),
)
_STOPPED: tuple[tuple[str, Sentence], ...] = (
    (
        "isv.SMS_SIGN",
        Sentence("the signature is not approved or not registered", "短信签名未审核通过或未报备"),
    ),
    ("isv.SIGN_", Sentence("the signature can't be used", "短信签名状态不可用")),
    (
        "isv.SMS_TEMPLATE",
        Sentence("the template is not approved, or not for this", "短信模板未审核通过或不可用"),
    ),
    ("isv.TEMPLATE_", Sentence("the template wants other variables", "短信模板的变量不符")),
    ("InvalidAccessKeyId", Sentence("the AccessKey ID is wrong", "AccessKey ID 不对")),
    ("Forbidden", Sentence("the AccessKey may not do this", "该 AccessKey 没有权限")),
)


class Answer(Struct, frozen=True, rename="pascal"):
    """Every answer's head; of a sending also its number."""

    code: str = ""
    message: str = ""
    biz_id: str = ""


class Detail(Struct, frozen=True, rename="pascal"):
    """One message that Aliyun has a record of."""

    send_status: int = 0
    out_id: str = ""
    err_code: str = ""
    receive_date: str = ""


class _Details(Struct, frozen=True):
    found: list[Detail] = msgspec.field(name="SmsSendDetailDTO", default_factory=list[Detail])


class Page(Struct, frozen=True):
    """A page of an answer to QuerySendDetails."""

    code: str = msgspec.field(name="Code", default="")
    total: int = msgspec.field(name="TotalCount", default=0)
    details: _Details = msgspec.field(name="SmsSendDetailDTOs", default_factory=_Details)


def answer(body: bytes) -> Answer:
    """Decoded; DecodeError where it is not Aliyun's JSON."""
    return msgspec.json.decode(body, type=Answer)


def page(body: bytes) -> Page:
    """Decoded; DecodeError where it is not Aliyun's JSON. Counts come as numbers or as text."""
    raw: Any = msgspec.json.decode(body)
    try:
        return msgspec.convert(raw, Page, strict=False)
    except msgspec.ValidationError:
        raise msgspec.DecodeError("not an answer to QuerySendDetails") from None


def class_of(code: str, refusals: tuple[str, ...] = ()) -> Class:
    """What has to be done about a code; of one that nobody knows: try this message again.

    >>> [class_of(code) for code in ("isv.SMS_TEMPLATE_ILLEGAL", "Throttling.User", "isv.NEW")]
    ['template', 'busy', 'failed']
    """
    if code in refusals:
        return "refused"
    if code in STOPS:
        return "quota" if code in QUOTAS else "stop"
    if code in CLASSES:
        return CLASSES[code]
    for prefix, kind in _PREFIXES:
        if code.startswith(prefix):
            return kind
    return "failed"


def about_one(kind: Class) -> bool:
    """Whether it is about one number, so that the others of a batch may be better off."""
    return kind in ("later", "value", "number", "refused")


def again(message: str, now: datetime) -> datetime:
    """When a number may be sent to again: the message names the level that it has reached."""
    wait = next((wait for form, wait in _LEVELS if form.search(message)), _UNLEVELLED)
    return now + wait


def reason(code: str, message: str) -> str:
    """What is kept of an answer: its code and its words, without what may be a number."""
    words = _NUMBER.sub("…", _CONTROL.sub(" ", message))
    return f"{code} {words}".strip()[:LONGEST_REASON]


def stopped(code: str) -> Sentence:
    """Why nothing goes out, for whoever has to act."""
    if code in STOPS:
        return STOPS[code]
    for prefix, said in _STOPPED:
        if code.startswith(prefix):
            return said
    return Sentence("a template or a setting is wrong", "模板或设置有误")


def whereabouts(detail: Detail) -> Whereabouts:
    """Of a failure a report tells why, or whoever asks about it later."""
    return "delivered" if detail.send_status == ARRIVED else "accepted"
