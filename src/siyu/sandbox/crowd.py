"""Everybody in a world: who they are, what they are told, and what they do about it as events."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from hashlib import blake2b
from typing import NamedTuple

from siyu.sandbox.contacts import Contact, Contacts
from siyu.sandbox.doors import Came, Doors
from siyu.sandbox.doors import Person as Who
from siyu.sandbox.people import Answer, Context, Mind, Person
from siyu.sandbox.phones import Add
from siyu.sandbox.reading import Reader
from siyu.sandbox.shop import Sale
from siyu.sandbox.stage import Stage

DEFAULT_GUIDE = "guide-1"
BY_PHONE = "wecom_request"  # the guide searches the number, and no link is followed
_MEANT = timedelta(hours=36)  # a message of now means no order from before that
_ADD_SLACK = timedelta(minutes=1)  # the platform's callback about a new friend
_WISH_SLACK = timedelta(minutes=5)  # … and what somebody says about being told more
_DELETION_SLACK = timedelta(hours=6)  # nothing depends on hearing at once who left
_LONG_AGO = timedelta(days=14)
WILLING = frozenset("AB")  # grades of a call
_CHECKOUT = ("order_invitation", "service")  # what is agreed to at checkout


class Received(NamedTuple):
    """An invitation as it reaches a person: its words, the way to follow it, its order."""

    channel: str
    step: str
    text: str
    link: str | None
    about: tuple[str, str]
    guide: str | None = None


@dataclass(slots=True)
class Buyer:
    """One person of this run."""

    person: Person
    contact: Contact
    external_userid: str
    consents: list[str]
    friend_before: bool
    met: bool = False
    earlier: int = 0
    add: Add | None = None  # the add that says who it was
    elsewhere: Add | None = None  # an add by another door, which says nothing
    staff: str = DEFAULT_GUIDE  # whose friend
    purposes: tuple[str, ...] = _CHECKOUT  # what they agreed to
    deleted_at: datetime | None = None
    willing_at: datetime | None = None  # when they last said on the phone that they would
    stranger: bool = False  # came without having bought: their account is all that is known
    orders: list[tuple[str, str]] = field(default_factory=list[tuple[str, str]])
    told: dict[str, set[tuple[str, str]]] = field(
        default_factory=dict[str, set[tuple[str, str]]]
    )  # by channel: the orders about which something came

    @property
    def key(self) -> str:
        return self.person.key

    @property
    def who(self) -> Who:
        """As the engine can know them."""
        return Who(self.person.key, self.external_userid, self.contact)


class Crowd:
    """The buyers, by natural key and by phone."""

    def __init__(self, stage: Stage, doors: Doors, region: str, guides: Mapping[str, str]) -> None:
        self._stage = stage
        self._doors = doors
        self._mind = Mind(stage.world.people)
        self._reader = Reader(stage.world)
        self._contacts = Contacts(stage.seed, region)
        self._guides = guides
        self._buyers: dict[str, Buyer] = {}
        self._by_phone: dict[str, Buyer] = {}
        self._by_account: dict[str, Buyer] = {}

    def all(self) -> list[Buyer]:
        """Everybody there is so far."""
        return list(self._buyers.values())

    def friend(self, buyer: Buyer) -> bool:
        """Is this person a friend of ours now?"""
        return (buyer.add or buyer.elsewhere) is not None and buyer.deleted_at is None

    def at(self, address: str) -> Buyer | None:
        """Whose phone or account this is."""
        return self._by_phone.get(address) or self._by_account.get(address)

    def by_phone(self, phone: str) -> Buyer | None:
        return self._by_phone.get(phone)

    def about(self, phone: str, channel: str) -> tuple[str, str]:
        """The order that a message about none in particular must mean: the first recent one about
        which nothing has come this way; empty where the number is nobody's."""
        buyer = self._by_phone.get(phone)
        if buyer is None or not buyer.orders:
            return "", ""
        paid, told = self._stage.records.orders, buyer.told.setdefault(channel, set())
        recent = [one for one in buyer.orders if self._stage.now - paid[one].at < _MEANT]
        meant = next((one for one in recent if one not in told), buyer.orders[-1])
        told.add(meant)
        return meant

    def buyer(self, key: str) -> Buyer:
        """The buyer of this natural key; made at first sight."""
        found = self._buyers.get(key)
        if found is None:
            person = Person(self._stage.seed, key)
            consents = self._stage.world.consents
            shares = {"sms": consents.sms, "voice": consents.voice, "wecom": consents.wecom}
            digest = blake2b(f"{self._stage.seed}/{key}".encode(), digest_size=12).hexdigest()
            found = Buyer(
                person=person,
                contact=self._contacts.of(key),
                external_userid=f"wm{digest}",
                consents=[name for name in shares if person.draw("consent", name) < shares[name]],
                friend_before=person.draw("friend already")
                < self._stage.world.shop.friends_already,
            )
            self._buyers[key] = self._by_phone[found.contact.phone] = found
            self._by_account[found.external_userid] = found
        return found

    def agreed(self, channel: str) -> frozenset[str]:
        """The buyers who agreed to a channel at checkout, by natural key."""
        return frozenset(buyer.key for buyer in self._buyers.values() if channel in buyer.consents)

    # ── before and around an order ──

    def tell_old_friends(self, at: datetime) -> None:
        """Those who were friends before: their staff noted the phone, so they are known."""
        for buyer in self._buyers.values():
            if not buyer.friend_before:
                continue
            since = at - timedelta(days=10 + 300 * buyer.person.draw("friend already", "since"))
            buyer.add = Add(buyer.key, since, "before", True, buyer.external_userid, before=True)
            self._stage.records.add(buyer.add)
            self._doors.friends_before(buyer.who, buyer.staff, since)

    def introduce(self, sale: Sale) -> Buyer | None:
        """What comes with an order: consents once, the synthetic contact of a replayed buyer.

        It happened just before the order, and travels in the same POST before it.
        """
        if sale.buyer is None:
            return None
        buyer = self.buyer(sale.buyer)
        buyer.orders.append((sale.shop, sale.order_no))
        if buyer.met:
            return buyer
        self.meet(buyer, sale.at)
        after = self._mind.unprompted(buyer.person)
        if after is not None:
            unasked = Received("", "unprompted", "", None, (sale.shop, sale.order_no))
            self._plan_add(buyer, Answer("adds_elsewhere", after), unasked, sale.at)
        return buyer

    def meet(self, buyer: Buyer, before: datetime) -> None:
        """What is known of somebody once: of a replayed file the contact, and what they agreed to,
        just before that."""
        buyer.met = True
        synthetic = self._stage.synthetic
        keys = {"phone": buyer.contact.dialled}
        if synthetic:
            contact = {"buyer": buyer.key, **keys}
            person = {"name": buyer.contact.name, "address": buyer.contact.address}
            data = {"how": "synthetic contact point"}
            at = before - timedelta(seconds=2)
            self._stage.tell(
                "customer.identified", f"contact/{buyer.key}", at, data, contact, person
            )
        if buyer.consents:
            form = "synthetic" if synthetic else "checkout form 3, box 2"
            consent: dict[str, object] = {
                "channels": buyer.consents,
                "purposes": list(buyer.purposes),
                "basis": "consent",
                "evidence": form,
                "synthetic": synthetic,
            }
            at = before - timedelta(seconds=1)
            self._stage.tell("consent.given", f"consent/{buyer.key}", at, consent, keys)

    # ── what reaches a person ──

    def receive(self, buyer: Buyer, received: Received, at: datetime) -> Answer:
        """The person reads or hears this and answers; adds and opt-outs follow as events."""
        about = received.about if any(received.about) else (buyer.orders or [("", "")])[-1]
        paid = self._stage.records.orders.get(about)
        delay = at - paid.at if paid else timedelta(0)
        if delay > _LONG_AGO and buyer.willing_at is not None:
            delay = at - buyer.willing_at  # what counts is the call, not an order of long ago
        invitation = self._reader.read(received.channel, received.text, delay)
        # People do not answer an invitation to become what they are.
        friend = buyer.add is not None or buyer.elsewhere is not None
        local = at.astimezone(self._stage.zone)
        context = Context(received.about[1], local, buyer.earlier, friend)
        buyer.earlier += 1
        answer = self._mind.answer(buyer.person, invitation, context)
        if answer.call is not None and answer.call.intent in WILLING:
            buyer.willing_at = at
        if answer.does == "opts_out":
            self._opt_out(buyer, received.channel, at + answer.after)
        elif answer.does in {"adds", "adds_elsewhere"} and not friend:
            self._plan_add(buyer, answer, received, at)
        return answer

    def identify(self, buyer: Buyer, at: datetime) -> None:
        """A guide was told "I am your friend already" and noted which one it is."""
        if buyer.elsewhere is None or buyer.add is not None:
            return
        self._known(buyer, buyer.elsewhere, at)
        self._doors.identified(buyer.who, buyer.staff, at)

    def _plan_add(self, buyer: Buyer, answer: Answer, via: Received, at: datetime) -> None:
        matched = answer.does == "adds"

        def act(when: datetime) -> None:
            if buyer.add is not None or (buyer.elsewhere is not None and not matched):
                return
            if buyer.orders and all(self._cancelled(order) for order in buyer.orders):
                return  # nothing to look forward to any more
            self._add(buyer, when, via, matched=matched)

        name = f"add/{buyer.key}/{via.step}"
        self._stage.agenda.add(at + answer.after, name, act, slack=_ADD_SLACK)

    def _cancelled(self, order: tuple[str, str]) -> bool:
        return self._stage.records.orders[order].cancelled_at is not None

    def _add(self, buyer: Buyer, at: datetime, via: Received, *, matched: bool) -> None:
        staff = via.guide or self._guides.get(via.step, DEFAULT_GUIDE)
        link = via.link if matched and via.channel != BY_PHONE else None
        staff = self._doors.added(buyer.who, Came(via.step, staff, link, matched), at)
        if not staff:
            return  # friends already: nothing happens, and nobody learns of it
        if matched and buyer.elsewhere is not None:
            self._known(buyer, buyer.elsewhere, at)  # a friend already: now the link tells whose
        else:
            add = Add(buyer.key, at, via.step, matched, buyer.external_userid)
            if matched:
                buyer.add = add
            else:
                buyer.elsewhere = add
            self._stage.records.add(add)
        buyer.staff = staff
        after = self._mind.deletes(buyer.person)
        if after is not None:
            self._plan_deletion(buyer, at + after, staff)

    def _known(self, buyer: Buyer, add: Add, at: datetime) -> None:
        """Something proved which buyer an unmatched friend is."""
        add.matched = True
        add.known_at = at
        buyer.add = add
        self._stage.records.identified += 1
        self._stage.records.again(add)

    def _plan_deletion(self, buyer: Buyer, at: datetime, staff: str) -> None:
        def act(when: datetime) -> None:
            self.delete(buyer, when, staff)

        self._stage.agenda.add(at, f"deletes/{buyer.key}", act, slack=_DELETION_SLACK)

    def delete(self, buyer: Buyer, at: datetime, staff: str = "") -> None:
        """They are no friend of ours from now on."""
        buyer.deleted_at = at
        self._stage.records.deleted += 1
        self._doors.deleted(buyer.who, staff or buyer.staff, at)

    def come(self, buyer: Buyer, step: str, staff: str, at: datetime) -> None:
        """A friend on the spot: somebody of the staff has found them by the phone number."""
        if self.friend(buyer) or buyer.add is not None:
            return
        self._add(buyer, at, Received(BY_PHONE, step, "", None, ("", ""), staff), matched=True)

    def arrives(self, buyer: Buyer, step: str, staff: str, at: datetime) -> None:
        """A stranger has become a friend, of whom the account is all that is known."""
        buyer.stranger, buyer.staff = True, staff
        buyer.elsewhere = Add(buyer.key, at, step, False, buyer.external_userid)
        self._stage.records.add(buyer.elsewhere)

    def claims(self, buyer: Buyer, at: datetime) -> None:
        """A friend has proved which order is theirs."""
        if buyer.elsewhere is not None and buyer.add is None:
            self._known(buyer, buyer.elsewhere, at)

    def _opt_out(self, buyer: Buyer, channel: str, at: datetime) -> None:
        if buyer.key in self._stage.records.opted_out:
            return
        self._stage.records.opted_out[buyer.key] = at

        def act(when: datetime) -> None:
            self._doors.opted_out(buyer.who, channel, when)

        self._stage.agenda.add(at, f"opts-out/{buyer.key}", act, slack=_WISH_SLACK)
