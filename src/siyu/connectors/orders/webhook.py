"""The way in: `POST /hooks/orders/<source>`, signed, each request once."""

from __future__ import annotations

import hmac
import re
from collections.abc import Mapping, Sequence
from datetime import timedelta
from functools import partial
from hashlib import sha256
from typing import Any

import msgspec

from siyu.connectors.manifest import Called, Heard, Reply, Tools
from siyu.connectors.orders import wire
from siyu.connectors.orders.config import Config
from siyu.connectors.orders.wire import Read, Wrong
from siyu.events.actions import Answer
from siyu.events.check import apart
from siyu.kernel.errors import BadSignature, NotFound
from siyu.kernel.sentence import Language, Sentence, plain, within

TIMESTAMP, NONCE, SIGNATURE = "X-Timestamp", "X-Nonce", "X-Signature"
WINDOW = timedelta(minutes=5)
_SECONDS = re.compile(r"[0-9]{1,12}")
_ONCE = re.compile(r"[A-Za-z0-9_-]{8,64}")
# Fields of ours → of the sender, and what is said of them in Chinese.
FIELDS: Mapping[str, tuple[str, str]] = {
    "keys.phone": ("phone", "不是可用的手机号"),
    "keys.member": ("member_id", "不能用作会员号"),
    "occurred_at": ("paid_at", "不能在未来"),
}


def receive(config: Config, called: Called, tools: Tools) -> Heard:
    """Verify, then read: an event per order, and an answer per order."""
    if called.method != "POST" or called.path.strip("/") not in config.sources:
        raise NotFound(
            Sentence("orders go to /hooks/orders/<source>", "订单推送到 /hooks/orders/<来源>")
        )
    _signed(config, called)
    _once(called, tools)
    found = wire.orders(config, called.body, called.now)
    liked = called.headers.get("Accept-Language", "").strip().lower()
    language: Language = "zh" if liked.startswith("zh") else "en"
    events = [one.event for one in found if one.event is not None]
    return Heard(events, say=partial(_said, found, language))


def sign(secret: str, timestamp: str, nonce: str, body: bytes) -> str:
    """The signature of a request, in hex."""
    return hmac.new(secret.encode(), f"{timestamp}.{nonce}.".encode() + body, sha256).hexdigest()


def _signed(config: Config, called: Called) -> None:
    timestamp, nonce = called.headers.get(TIMESTAMP, ""), called.headers.get(NONCE, "")
    if not config.secret:
        raise BadSignature(Sentence("no secret is set for orders", "尚未设置 orders 的 secret"))
    if not _SECONDS.fullmatch(timestamp):
        raise BadSignature(
            Sentence(f"{TIMESTAMP} must be unix seconds", f"{TIMESTAMP} 应是 unix 秒")
        )
    if not _ONCE.fullmatch(nonce):
        raise BadSignature(
            Sentence(
                f"{NONCE}: 8 to 64 of letters, digits, - and _",
                f"{NONCE} 应是 8 到 64 个字母、数字、- 或 _",
            )
        )
    if abs(called.real.timestamp() - int(timestamp)) > WINDOW.total_seconds():
        raise BadSignature(
            Sentence(
                f"{TIMESTAMP} is more than five minutes away from our clock",
                f"{TIMESTAMP} 与我们的时钟相差超过 5 分钟",
            )
        )
    said = called.headers.get(SIGNATURE, "").strip().lower()
    expected = sign(config.secret, timestamp, nonce, called.body)
    if not hmac.compare_digest(expected.encode(), said.encode()):
        raise BadSignature(Sentence("the signature does not fit the body", "签名与请求体不符"))


def _once(called: Called, tools: Tools) -> None:
    """A nonce is good once, for as long as its time stamp is."""
    key = f"nonce/{sha256(called.headers.get(NONCE, '').encode()).hexdigest()}"
    with tools.store.lock(key):
        if tools.store.get(key) is not None:
            raise BadSignature(
                Sentence(
                    f"{NONCE} was used before: each attempt takes a new one",
                    f"{NONCE} 已用过：每次请求都要换新的",
                )
            )
        tools.store.put_all({key: "used"}, called.now + 2 * WINDOW)


def _said(found: Sequence[Read], language: Language, answers: Sequence[Answer]) -> Reply:
    """An answer for every order, in the order of the array."""
    became = iter(answers)
    told = [_of(one, None if one.event is None else next(became), language) for one in found]
    return Reply(msgspec.json.encode({"answers": told}, enc_hook=plain))


def _of(one: Read, answer: Answer | None, language: Language) -> dict[str, Any]:
    head: dict[str, Any] = {
        "store_code": one.store,
        "pos_order_no": one.order_no,
        "items": one.items,
        "status": "rejected" if answer is None else answer.status,
    }
    wrong = one.wrong
    if answer is not None and answer.status == "rejected":
        field, why = apart(answer.reason)
        named, zh = FIELDS.get(field, (field.removeprefix("data."), why.zh))
        wrong = Wrong(named, Sentence(why[:], zh))
    if wrong is None:
        return head
    why = within(language, wrong.why)[:]
    return head | {"line": wrong.line, "field": wrong.field, "reason": why}
