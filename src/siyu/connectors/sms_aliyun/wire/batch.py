"""A batch on its way out: its parameters, and what is remembered of it until reports are over."""

from __future__ import annotations

import hmac
import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from hashlib import sha256
from typing import Literal, NamedTuple
from zoneinfo import ZoneInfo

import msgspec
from msgspec import Struct

from siyu.connectors.sms_aliyun.wire.text import Filled

KEPT = timedelta(days=4)  # a report comes within three days or never
PAGE = 50
OUT_ID = re.compile(r"[0-9a-f]{16}")  # as we make them; what others send by this account differs
State = Literal["asked", "taken", "refused"]
Verdict = Literal["rejected", "retry"]
CHINA = ZoneInfo("Asia/Shanghai")  # Aliyun's days and times, wherever we are
_NEAR_MIDNIGHT = timedelta(minutes=10)


class Going(NamedTuple):
    """A message that may go: its token, to eleven digits, as its template says it."""

    token: str
    phone: str
    filled: Filled

    def __repr__(self) -> str:
        return f"Going({self.token})"


class Sent(Struct, frozen=True):
    """What is remembered under a batch's OutId. `to`: a number's hash → its token and segments.

    `asked`: the request has left, perhaps; `taken`: Aliyun has it; `refused`: it has nothing.
    """

    state: State
    to: dict[str, tuple[str, int]]
    biz_id: str = ""

    def written(self) -> str:
        """As it is stored."""
        return msgspec.json.encode(self).decode()


class Refusal(Struct, frozen=True):
    """A number that wants no more, until that has been told."""

    phone: str
    code: str
    at: datetime


def remembered(text: str | None) -> Sent | None:
    """As it was stored; None if it is over."""
    return None if text is None else msgspec.json.decode(text, type=Sent)


def hashed(out_id: str, phone: str) -> str:
    """How a batch remembers a number: by no look-up that leads to it from another batch."""
    return hmac.new(out_id.encode(), phone.encode(), sha256).hexdigest()[:32]


def sent(out_id: str, batch: Sequence[Going]) -> Sent:
    """What a batch is remembered by before it leaves: a report may be quicker than the answer."""
    found = {hashed(out_id, one.phone): (one.token, one.filled.segments) for one in batch}
    return Sent("asked", found)


def batches(going: Sequence[Going], most: int) -> Iterator[list[Going]]:
    """One template each, at most so many, and no number twice: a report names only the number."""
    rest = list(going)
    while rest:
        code, batch, left = rest[0].filled.template.code, dict[str, Going](), list[Going]()
        for one in rest:
            fits = one.filled.template.code == code and one.phone not in batch
            if fits and len(batch) < most:
                batch[one.phone] = one
            else:
                left.append(one)
        yield list(batch.values())
        rest = left


def parameters(sign_name: str, out_id: str, batch: Sequence[Going]) -> tuple[str, dict[str, str]]:
    """The action and its parameters: of one number SendSms, of several SendBatchSms."""
    first = batch[0]
    code = first.filled.template.code
    if len(batch) == 1:
        return "SendSms", {
            "PhoneNumbers": first.phone,
            "SignName": sign_name,
            "TemplateCode": code,
            "TemplateParam": _json(first.filled.values),
            "OutId": out_id,
        }
    return "SendBatchSms", {
        "PhoneNumberJson": _json([one.phone for one in batch]),
        "SignNameJson": _json([sign_name] * len(batch)),
        "TemplateCode": code,
        "TemplateParamJson": _json([one.filled.values for one in batch]),
        "OutId": out_id,
    }


def asking(phone: str, day: date, current: int) -> dict[str, str]:
    """The parameters of QuerySendDetails."""
    return {
        "PhoneNumber": phone,
        "SendDate": day.strftime("%Y%m%d"),
        "PageSize": str(PAGE),
        "CurrentPage": str(current),
    }


def days(handed_at: datetime) -> list[date]:
    """On which days of Aliyun's a message may stand that was handed over then."""
    return sorted(
        {(handed_at + shift).astimezone(CHINA).date() for shift in (timedelta(0), _NEAR_MIDNIGHT)}
    )


def moment(text: str) -> datetime:
    """A time as Aliyun writes it, by China's clocks; ValueError if it is none."""
    form = "%Y-%m-%d %H:%M:%S" if "-" in text else "%Y%m%d%H%M%S"
    return datetime.strptime(text.strip(), form).replace(tzinfo=CHINA).astimezone(UTC)


def _json(value: Sequence[object] | Mapping[str, str]) -> str:
    return msgspec.json.encode(value).decode()
