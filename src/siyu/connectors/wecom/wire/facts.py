"""What WeCom tells, as our events: the same fact has the same id, however it was heard of.

An event's id and a key of the store stand in clear: a customer is in them as a digest only.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from hashlib import blake2b

import msgspec

from siyu.events.model import Incoming

SOURCE = "wecom"
_STATE = re.compile(r"[^\x00-\x1f\x7f\ud800-\udfff]{1,64}")
_PHONE = re.compile(r"\+?[0-9]{7,15}")
_SPACES = str.maketrans("", "", " -().\u3000\u00a0")
_WAYS: Mapping[int, str] = {
    0: "unknown", 1: "code", 2: "phone_search", 3: "card", 4: "group", 5: "address_book",
    6: "wechat_contact", 7: "wechat_request", 8: "service_staff", 9: "email_search",
    10: "channels", 11: "schedule", 12: "meeting", 13: "wechat_friend", 14: "device",
    15: "on_site", 16: "link", 17: "custom", 18: "demand", 21: "third_party", 22: "partner",
    24: "accepted_request", 201: "shared", 202: "assigned",
}  # fmt: skip
BEFORE = "before"  # friends whom a brand had already: nobody knows from where


def digest(*words: str) -> str:
    """Stands for a customer where an id may not."""
    return blake2b("\x1f".join(words).encode(), digest_size=12).hexdigest()


def way(number: object) -> str:
    """An `add_way` in our words.

    >>> way(16), way(2), way(99), way(None)
    ('link', 'phone_search', 'way_99', 'unknown')
    """
    if not isinstance(number, int):
        return _WAYS[0]
    return _WAYS.get(number, f"way_{number}")


def at(seconds: int) -> str:
    """A time of theirs as our events carry it."""
    return datetime.fromtimestamp(seconds, UTC).isoformat()


def phone(written: str) -> str | None:
    """A mobile as staff wrote it down, if it can be one.

    >>> phone("138 0000-0001"), phone("+86 13800000001"), phone("138****0001"), phone("none")
    ('13800000001', '+8613800000001', None, None)
    """
    plain = written.strip().translate(_SPACES)
    return plain if _PHONE.fullmatch(plain) else None


def local(phone: str) -> str:
    """A phone as people in China write it down: the same one with and without the country.

    >>> local("+8613800000001"), local("13800000001"), local("+85251234567")
    ('13800000001', '13800000001', '+85251234567')
    """
    return phone[3:] if phone.startswith("+861") and len(phone) == 14 else phone


def state_of(said: str) -> str | None:
    """A link's or a code's state, if it can be one: whoever follows a link can write it at will."""
    plain = said.strip()
    return plain if _STATE.fullmatch(plain) else None


def added(
    event_id: str,
    seconds: int,
    staff: str,
    keys: Mapping[str, str],
    *,
    way: str = "",
    name: str = "",
) -> Incoming:
    """Somebody became a friend of one of us."""
    return Incoming(
        source=SOURCE,
        id=event_id,
        kind="friend.added",
        occurred_at=at(seconds),
        keys=dict(keys),
        person=_person(name),
        data=_data(staff=staff, carrier="wecom", **({"way": way} if way else {})),
    )


def parted(
    event_id: str, seconds: int, staff: str, external_userid: str, *, by_staff: bool
) -> Incoming:
    """A friendship ended, by one side or the other."""
    return Incoming(
        source=SOURCE,
        id=event_id,
        kind="friend.deleted_by_staff" if by_staff else "friend.deleted_by_customer",
        occurred_at=at(seconds),
        keys={"external_userid": external_userid},
        data=_data(staff=staff, carrier="wecom"),
    )


def identified(
    event_id: str, seconds: int, keys: Mapping[str, str], how: str, *, name: str = ""
) -> Incoming:
    """These keys are one person's."""
    return Incoming(
        source=SOURCE,
        id=event_id,
        kind="customer.identified",
        occurred_at=at(seconds),
        keys=dict(keys),
        person=_person(name),
        data=_data(how=how),
    )


def tagged(event_id: str, seconds: int, external_userid: str, name: str, *, on: bool) -> Incoming:
    """A corp tag was set, or taken away."""
    return Incoming(
        source=SOURCE,
        id=event_id,
        kind="tag.set",
        occurred_at=at(seconds),
        keys={"external_userid": external_userid},
        data=_data(name=name, on=on),
    )


def remarked(event_id: str, seconds: int, staff: str, external_userid: str, words: str) -> Incoming:
    """One of us wrote another remark on a friend's card; without words: took it away."""
    return Incoming(
        source=SOURCE,
        id=event_id,
        kind="friend.remarked",
        occurred_at=at(seconds),
        keys={"external_userid": external_userid},
        person={"note": words} if words else {},
        data=_data(staff=staff),
    )


def group_joined(
    event_id: str, seconds: int, chat: str, keys: Mapping[str, str], way: str
) -> Incoming:
    """A customer came into a group chat."""
    return Incoming(
        source=SOURCE,
        id=event_id,
        kind="group.joined",
        occurred_at=at(seconds),
        keys=dict(keys),
        data=_data(chat=chat, carrier="wecom", **({"way": way} if way else {})),
    )


def group_left(event_id: str, seconds: int, chat: str, external_userid: str) -> Incoming:
    """A customer is not in it any more."""
    return Incoming(
        source=SOURCE,
        id=f"{event_id}/left",
        kind="group.left",
        occurred_at=at(seconds),
        keys={"external_userid": external_userid},
        data=_data(chat=chat, carrier="wecom"),
    )


def paid(
    trade_no: str,
    seconds: int,
    staff: str,
    keys: Mapping[str, str],
    fen: int,
    currency: str,
    request: str = "",
) -> Incoming:
    """A customer paid one of us in a chat; perhaps what we asked for."""
    return Incoming(
        source=SOURCE,
        id=f"pay/{trade_no}",
        kind="payment.received",
        occurred_at=at(seconds),
        keys=dict(keys),
        data=_data(
            staff=staff, carrier="wecom", trade_no=trade_no, currency=currency, amount_minor=fen,
            **({"request": request} if request else {}),
        ),
    )  # fmt: skip


def paid_back(
    refund: tuple[str, str],
    seconds: int,
    staff: str,
    keys: Mapping[str, str],
    fen: int,
    currency: str,
) -> Incoming:
    """Some of it was given back; `refund`: the payment's number and its own."""
    trade_no, refund_no = refund
    return Incoming(
        source=SOURCE,
        id=f"pay/{trade_no}/back/{refund_no}",
        kind="payment.refunded",
        occurred_at=at(seconds),
        keys=dict(keys),
        data=_data(
            staff=staff, carrier="wecom", trade_no=trade_no, refund_no=refund_no,
            currency=currency, amount_minor=fen,
        ),
    )  # fmt: skip


def delivered(touch: str, seconds: int) -> Incoming:
    """A mass message was really sent to somebody."""
    return Incoming(
        source=SOURCE,
        id=f"mass/{touch}/sent",
        kind="touch.delivered",
        occurred_at=at(seconds),
        data=_data(touch=touch),
    )


def failed(touch: str, seconds: int, reason: str) -> Incoming:
    """A mass message did not reach somebody."""
    return Incoming(
        source=SOURCE,
        id=f"mass/{touch}/failed",
        kind="touch.failed",
        occurred_at=at(seconds),
        data=_data(touch=touch, reason=reason),
    )


def plain(words: str) -> str:
    """A name or a remark without what can't be printed."""
    return "".join(char for char in words if char.isprintable()).strip()[:200]


def _person(name: str) -> dict[str, str]:
    found = plain(name)
    return {"name": found} if found else {}


def _data(**values: object) -> msgspec.Raw:
    return msgspec.Raw(msgspec.json.encode(values))
