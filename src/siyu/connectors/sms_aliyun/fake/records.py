"""What Aliyun keeps: templates, messages, who opted out, and what an account may still send."""

from __future__ import annotations

import re
import threading
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Literal, NamedTuple
from zoneinfo import ZoneInfo

from siyu.connectors.gateway import No

CHINA = ZoneInfo("Asia/Shanghai")
DAY = timedelta(hours=24)
KEPT = timedelta(days=30)  # that a message can be asked for
_VARIABLE = re.compile(r"\$\{(\w+)\}")
_PHONE = re.compile(r"(?:\+86|0086|86)?(1[3-9]\d{9})")
_LINK = re.compile(r"https?://|www\.|[a-z0-9-]+\.(?:com|cn|net|example)\b", re.IGNORECASE)


class Template(NamedTuple):
    """A template as it was approved."""

    text: str
    kind: Literal["promotion", "notification"] = "promotion"
    urls: bool = False


class Wanted(NamedTuple):
    """One message of a request."""

    phone: str
    sign_name: str
    code: str
    values: Mapping[str, Any]


@dataclass
class Sms:
    """One message that was taken. `status`: 1 waits for the phone, 2 failed, 3 arrived."""

    biz_id: str
    phone: str
    text: str
    out_id: str
    code: str
    sign_name: str
    at: datetime
    status: int = 1
    err_code: str = ""
    reported_at: datetime | None = None

    @property
    def segments(self) -> int:
        return 1 if len(self.text) <= 70 else -(-len(self.text) // 67)


@dataclass
class Records:
    """Everything behind the API. A request is taken whole or not at all."""

    templates: dict[str, Template]
    sign_names: set[str]
    sent: list[Sms] = field(default_factory=list[Sms])
    rejects: dict[str, str] = field(default_factory=dict[str, str])  # phone → code
    opted_out: set[tuple[str, str]] = field(default_factory=set[tuple[str, str]])
    per_day: int = 50  # to one number, by signature and template, in 24 hours
    day_quota: int | None = None  # of the account, by China's days
    balance: int | None = None  # segments that are paid for
    received: Counter[str] = field(default_factory=Counter[str])  # messages by phone
    lock: threading.Lock = field(default_factory=threading.Lock)

    def take(self, wanted: Sequence[Wanted], out_id: str, now: datetime) -> list[Sms]:
        """All of them, under one BizId; No says which of Aliyun's codes it is."""
        with self.lock:
            if not wanted:
                raise No("isv.MOBILE_NUMBER_ILLEGAL", "号码为空")
            self._account(len(wanted), now)
            texts = [self._text(one) for one in wanted]
            for one in wanted:
                self._may(one, now)
            biz_id = f"{9_000_000_000 + len(self.sent)}^0"
            made = [
                Sms(biz_id, number(one.phone), text, out_id, one.code, one.sign_name, now)
                for one, text in zip(wanted, texts, strict=True)
            ]
            self.sent += made
            self.received.update(one.phone for one in made)
            if self.balance is not None:
                self.balance -= sum(one.segments for one in made)
            return made

    def of_day(self, phone: str, day: str, biz_id: str, now: datetime) -> list[Sms]:
        """What went to a number on a day of China's, the newest first; only of the last 30 days."""
        with self.lock:
            return [
                one
                for one in reversed(self.sent)
                if one.phone == number(phone)
                and f"{one.at.astimezone(CHINA):%Y%m%d}" == day
                and biz_id in ("", one.biz_id)
                and now - one.at < KEPT
            ]

    def last(self, phone: str, biz_id: str = "") -> Sms:
        """The newest message to a number, or of it the one of a batch."""
        with self.lock:
            return next(
                one
                for one in reversed(self.sent)
                if one.phone == number(phone) and biz_id in ("", one.biz_id)
            )

    def _account(self, many: int, now: datetime) -> None:
        if self.balance is not None and self.balance <= 0:
            raise No("isv.AMOUNT_NOT_ENOUGH", "账户余额不足")
        today = f"{now.astimezone(CHINA):%Y%m%d}"
        gone = sum(f"{one.at.astimezone(CHINA):%Y%m%d}" == today for one in self.sent)
        if self.day_quota is not None and gone + many > self.day_quota:
            raise No("isv.DAY_LIMIT_CONTROL", "触发日发送限额")

    def _text(self, one: Wanted) -> str:
        template = self.templates.get(one.code)
        if one.sign_name not in self.sign_names:
            raise No("isv.SMS_SIGNATURE_ILLEGAL", "该账号下找不到对应签名")
        if template is None:
            raise No("isv.SMS_TEMPLATE_ILLEGAL", "该账号下找不到对应模板")
        names = set(_VARIABLE.findall(template.text))
        if names - one.values.keys():
            raise No("isv.TEMPLATE_MISSING_PARAMETERS", "模板变量缺少参数")
        if not all(isinstance(one.values[name], str) for name in names):
            raise No("isv.INVALID_JSON_PARAM", "JSON参数不合法")
        if not template.urls and any(_LINK.search(one.values[name]) for name in names):
            raise No("isv.PARAM_NOT_SUPPORT_URL", "变量不支持传入URL")
        text = _VARIABLE.sub(lambda found: one.values[found.group(1)], template.text)
        return f"【{one.sign_name}】{text}"

    def _may(self, one: Wanted, now: datetime) -> None:
        phone = number(one.phone)
        if not phone:
            raise No("isv.MOBILE_NUMBER_ILLEGAL", f"{one.phone}号码格式错误")
        if code := self.rejects.get(phone):
            raise No(code, f"{phone} {code}")
        promotes = self.templates[one.code].kind == "promotion"
        if promotes and (phone, one.sign_name) in self.opted_out:
            raise No("isv.CUSTOMER_REFUSED", "用户已退订推广短信")
        like = (phone, one.sign_name, one.code)
        if not self.received[phone] >= self.per_day:
            return
        had = sum(
            (sent.phone, sent.sign_name, sent.code) == like and sent.at > now - DAY
            for sent in self.sent
        )
        if had >= self.per_day:
            raise No("isv.BUSINESS_LIMIT_CONTROL", f"触发天级流控Permits:{self.per_day}")


def number(phone: str) -> str:
    """Eleven digits; empty if it is no mobile number of the mainland."""
    found = _PHONE.fullmatch(phone.strip())
    return found.group(1) if found else ""


def stamp(at: datetime) -> str:
    """A time as Aliyun writes it."""
    return f"{at.astimezone(CHINA):%Y-%m-%d %H:%M:%S}"
