"""What goes to customers, as WeCom wants it: a welcome, and mass messages by sender. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from siyu.connectors.wecom.config import Config
from siyu.connectors.wecom.wire import codes, facts
from siyu.outbox.model import Message, Result

LONGEST_TEXT = 4000  # bytes
# A welcome's code is kept long after its seconds: so what is too late is known as such.
CODE_KEPT = timedelta(hours=1)
MOST_RECIPIENTS = 10_000  # of one mass message
# Why we say that a message failed: codes of `outbox.model.REASONS`.
TOO_LONG = "too_long"
NOT_A_FRIEND = "not_a_friend"
HAD_ENOUGH = "carrier_cap"
NOT_PRESSED = "not_pressed"
PATIENCE = 2  # calls without an answer that can be read, of one batch
SENT, NO_FRIEND, QUOTA = 1, 2, 3  # of a recipient, in `get_groupmsg_send_result`
CONFIRMED = 2  # of a member, in `get_groupmsg_task`


def put_off(tokens: Iterable[str]) -> list[Result]:
    """What is not even tried while WeCom does not answer: a lease is not long enough for all."""
    return [Result(token, "retry", reason="no answer", shut=True) for token in tokens]


def too_long(message: Message) -> bool:
    """Whether WeCom would refuse the text."""
    return len(message.text.encode()) > LONGEST_TEXT


def welcome(config: Config, message: Message, code: str, page: tuple[str, str]) -> dict[str, Any]:
    """The body of `send_welcome_msg`. Whom nothing matched gets the page for the order number.
    `page`: the token of it, and the address of ours."""
    token, ours = page
    body: dict[str, Any] = {"welcome_code": code, "text": {"content": message.text}}
    url = config.claim_url.replace("{customer}", message.customer).replace("{token}", token) or ours
    if url and not message.order_no and not message.link:
        link = {"title": config.claim_title, "url": url}
        body["attachments"] = [{"msgtype": "link", "link": link}]
    return body


class Group(NamedTuple):
    """One mass message: a text, who of us sends it (empty: whoever talked with them last)."""

    sender: str
    text: str
    tokens: Mapping[str, str]  # customer → token

    @property
    def body(self) -> dict[str, Any]:
        """The body of `add_msg_template`."""
        return {
            "chat_type": "single",
            "external_userid": list(self.tokens),
            **({"sender": self.sender} if self.sender else {}),
            "text": {"content": self.text},
        }

    @property
    def name(self) -> str:
        """The same for the same message to the same people."""
        return facts.digest(self.sender, self.text, *sorted(self.tokens.values()))


def grouped(config: Config, messages: Sequence[Message]) -> list[Group]:
    """As few mass messages as say the same: each is one press for whoever sends it."""
    found: dict[tuple[str, str], list[dict[str, str]]] = {}
    for message in messages:
        sender = config.userid(message.staff) if message.staff else ""
        parts = found.setdefault((sender, message.text), [{}])
        # a customer who gets the same twice is in two of them: one names each only once
        part = next(
            (one for one in parts if message.to not in one and len(one) < MOST_RECIPIENTS), None
        )
        if part is None:
            part = dict[str, str]()
            parts.append(part)
        part[message.to] = message.token
    return [Group(sender, text, part) for (sender, text), parts in found.items() for part in parts]


def allowed(quota: str, now: datetime) -> int:
    """How many mass messages a customer may get in the period of `period`."""
    if quota == "day":
        return 1
    if quota == "week":
        return 7
    local = now.astimezone(codes.WECOM_ZONE)
    following = (local.replace(day=28) + timedelta(days=4)).replace(day=1)
    return (following - timedelta(days=1)).day


def period(quota: str, now: datetime) -> tuple[str, datetime]:
    """The name of the period that counts, and its end.

    >>> from datetime import UTC
    >>> noon = datetime(2026, 11, 20, 4, 0, tzinfo=UTC)
    >>> [period(one, noon)[0] for one in ("day", "week", "month")]
    ['2026-11-20', '2026-W47', '2026-11']
    """
    local = now.astimezone(codes.WECOM_ZONE)
    start = local.replace(hour=0, minute=0, second=0, microsecond=0)
    if quota == "day":
        return f"{local:%Y-%m-%d}", start + timedelta(days=1)
    if quota == "week":
        return f"{local:%G-W%V}", start + timedelta(days=7 - local.weekday())
    following = (start.replace(day=28) + timedelta(days=4)).replace(day=1)
    return f"{local:%Y-%m}", following
