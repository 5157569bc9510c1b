"""How the engine learns what people do: by doors of the brand's own, or over vendors' wires."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Literal, NamedTuple, Protocol
from urllib.parse import parse_qs, urlsplit

from siyu.sandbox.contacts import Contact
from siyu.sandbox.stage import Stage

Kind = Literal["delivered", "failed", "clicked", "call"]


class Person(NamedTuple):
    """Who somebody is to the engine's eyes: natural key, account, contact."""

    key: str
    external_userid: str
    contact: Contact


class Came(NamedTuple):
    """How a person became a friend: `link` is what they followed; without one, and `found`, a guide
    found them by the phone number; else by a door that says nothing."""

    step: str
    staff: str
    link: str | None
    found: bool


class Handed(NamedTuple):
    """A message as a provider got it, with its place in the global order."""

    seq: int
    token: str
    channel: str
    to: str
    text: str
    link: str | None
    shop: str
    order_no: str
    journey: str
    step: str


class Doors(Protocol):
    """What a world can make known. Each happens at `at`, which is not later than now."""

    def friends_before(self, who: Person, staff: str, since: datetime) -> None:
        """A friend from before the period, whose phone the staff had noted."""
        ...

    def added(self, who: Person, came: Came, at: datetime) -> str:
        """Somebody became a friend: of which staff account; empty where they were already."""
        ...

    def identified(self, who: Person, staff: str, at: datetime) -> None:
        """Staff noted which buyer an unmatched friend is."""
        ...

    def deleted(self, who: Person, staff: str, at: datetime) -> None:
        """The person deleted the staff account."""
        ...

    def opted_out(self, who: Person, channel: str, at: datetime) -> None:
        """The person wants no more of this."""
        ...

    def report(
        self, handed: Handed, kind: Kind, at: datetime, within: timedelta, **more: object
    ) -> None:
        """What became of a message or a call: told within this time, together with others."""
        ...

    def next_at(self) -> datetime | None:
        """When something must be told by itself."""
        ...

    def deliver(self, now: datetime) -> None:
        """Tell what is due."""
        ...


def state_of(link: str | None) -> str | None:
    """What a link or a printed code carries: its `state`, else the last part of its path.

    >>> state_of("https://a.example/?state=x1"), state_of("https://a.example/f/x2"), state_of("")
    ('x1', 'x2', None)
    """
    if not link:
        return None
    parts = urlsplit(link)
    asked = parse_qs(parts.query)
    for name in ("state", "s", "customer_channel"):
        if asked.get(name):
            return asked[name][0]
    return parts.path.rstrip("/").rpartition("/")[2] or None


class OwnDoors:
    """The brand's own doors: signed events, and receipts of the connector `webhook`."""

    def __init__(self, stage: Stage) -> None:
        self._stage = stage

    def friends_before(self, who: Person, staff: str, since: datetime) -> None:
        data = {"staff": staff, "way": "before"}
        self._stage.tell("friend.added", f"added/{who.key}/before", since, data, _known(who))

    def added(self, who: Person, came: Came, at: datetime) -> str:
        keys = {"external_userid": who.external_userid}
        state = state_of(came.link)
        if state:
            keys["state"] = state
        elif came.found:
            keys["phone"] = who.contact.dialled
        data = {"staff": came.staff, "way": "link" if state or came.found else "search"}
        self._stage.tell("friend.added", f"added/{who.key}/{came.step}", at, data, keys)
        return came.staff

    def identified(self, who: Person, staff: str, at: datetime) -> None:  # noqa: ARG002 - as declared
        data = {"how": "said so on the phone"}
        name = f"identified/{who.key}"
        self._stage.tell("customer.identified", name, at, data, _known(who))

    def deleted(self, who: Person, staff: str, at: datetime) -> None:
        keys = {"external_userid": who.external_userid}
        name = f"deleted/{who.key}/{staff}"
        self._stage.tell("friend.deleted_by_customer", name, at, {"staff": staff}, keys)

    def opted_out(self, who: Person, channel: str, at: datetime) -> None:
        data: Mapping[str, object] = {
            "channels": ["sms", "voice"],
            "evidence": f"said so: {channel}",
        }
        keys = {"phone": who.contact.dialled}
        self._stage.tell("consent.withdrawn", f"withdrawn/{who.key}", at, data, keys)

    def report(
        self, handed: Handed, kind: Kind, at: datetime, within: timedelta, **more: object
    ) -> None:
        self._stage.report(handed.token, kind, at, at + within, **more)

    def next_at(self) -> datetime | None:
        return None

    def deliver(self, now: datetime) -> None:
        """Nothing is told here that `flush` has not told."""


def _known(who: Person) -> dict[str, str]:
    return {"external_userid": who.external_userid, "phone": who.contact.dialled}
