"""What goes to customers, as WeCom wants it: a welcome, and mass messages by sender. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from siyu.connectors.wecom.config import Config
from siyu.connectors.wecom.wire import codes, facts
from siyu.outbox.model import GROUP_MESSAGE, Attachment, Message, Result

LONGEST_TEXT = 4000  # bytes
# A welcome's code is kept long after its seconds: so what is too late is known as such.
CODE_KEPT = timedelta(hours=1)
MOST_RECIPIENTS = 10_000  # of one mass message
MOST_CHATS = 2_000  # of one to group chats
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


def attachment(one: Attachment, picture: str) -> dict[str, Any]:
    """What goes beside the words. `picture`: the media id of it, of a link its address."""
    said = one.form
    match one.kind:
        case "image" | "poster":
            return {"msgtype": "image", "image": {"media_id": picture}}
        case "card":
            program = {
                "title": said["heading"], "pic_media_id": picture,
                "appid": said["appid"], "page": said["page"],
            }  # fmt: skip
            return {"msgtype": "miniprogram", "miniprogram": program}
        case _:  # a link, an article, or where a video is to be seen
            link = {
                "title": said["heading"], "url": said["url"],
                "picurl": picture, "desc": said.get("description", ""),
            }  # fmt: skip
            return {"msgtype": "link", "link": {name: one for name, one in link.items() if one}}


def welcome(
    config: Config,
    message: Message,
    code: str,
    page: tuple[str, str],
    beside: Sequence[Mapping[str, Any]] = (),
) -> dict[str, Any]:
    """The body of `send_welcome_msg`. Whom nothing matched gets the page for the order number.
    `page`: the token of it, and the address of ours; `beside`: its attachments."""
    token, ours = page
    body: dict[str, Any] = {"welcome_code": code, "text": {"content": message.text}}
    attachments = [*beside]
    url = config.claim_url.replace("{customer}", message.customer).replace("{token}", token) or ours
    if url and not message.order_no and not message.link:
        link = {"title": config.claim_title, "url": url}
        attachments.append({"msgtype": "link", "link": link})
    return body | ({"attachments": attachments} if attachments else {})


class Group(NamedTuple):
    """One mass message: a text with what goes beside it, who of us sends it (empty: whoever talked
    with them last). With `chats` it is for group chats, whose owner the sender has to be."""

    sender: str
    text: str
    tokens: Mapping[str, str]  # customer, or group chat → token
    attachment: Attachment | None = None
    chats: bool = False

    def body(self, beside: Sequence[Mapping[str, Any]] = ()) -> dict[str, Any]:
        """The body of `add_msg_template`. `beside`: its attachments."""
        return {
            "chat_type": self.kind,
            "chat_id_list" if self.chats else "external_userid": list(self.tokens),
            **({"sender": self.sender} if self.sender else {}),
            **({"text": {"content": self.text}} if self.text or not beside else {}),
            **({"attachments": list(beside)} if beside else {}),
        }

    @property
    def kind(self) -> str:
        """What WeCom calls it."""
        return "group" if self.chats else "single"

    @property
    def name(self) -> str:
        """The same for the same message to the same people."""
        beside = [] if self.attachment is None else [named(self.attachment)]
        return facts.digest(self.sender, self.text, *beside, *sorted(self.tokens.values()))


def grouped(config: Config, messages: Sequence[Message]) -> list[Group]:
    """As few mass messages as say the same: each is one press for whoever sends it."""
    found: dict[tuple[str, str, str, bool], list[dict[str, str]]] = {}
    beside: dict[str, Attachment | None] = {"": None}
    for message in messages:
        sender = config.userid(message.staff) if message.staff else ""
        what = named(message.attachment) if message.attachment else ""
        beside[what] = message.attachment
        chats = message.channel == GROUP_MESSAGE
        most = MOST_CHATS if chats else MOST_RECIPIENTS
        parts = found.setdefault((sender, message.text, what, chats), [{}])
        # a customer who gets the same twice is in two of them: one names each only once
        part = next((one for one in parts if message.to not in one and len(one) < most), None)
        if part is None:
            part = dict[str, str]()
            parts.append(part)
        part[message.to] = message.token
    return [
        Group(sender, text, part, beside[what], chats)
        for (sender, text, what, chats), parts in found.items()
        for part in parts
    ]


def named(one: Attachment) -> str:
    """The same for the same attachment."""
    said = [part for name in sorted(one.form) for part in (name, one.form[name])]
    drawn = [] if one.poster is None else [one.poster.name]
    return facts.digest(one.kind, *said, *drawn)


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
