"""What can be heard from outside: one struct per kind, and the keys of its subject.

An event as it is sent, whoever sends it:

    {"source": "tmall", "id": "T1", "kind": "order.paid",
     "occurred_at": "2026-11-20T10:00:00+08:00",
     "keys": {"phone": "13800000001", "buyer": "tmall/b7"}, "person": {"name": "…", "address": "…"},
     "data": {"shop": "tmall-flagship", "order_no": "T1", …}}

`keys` say who it is about, `person` holds every personal field; `accept` seals both, so `data`
must hold nothing personal: a field that a kind does not know is refused, not stored.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Literal, get_args

from msgspec import Meta

from siyu.events.model.base import (
    Code,
    Currency,
    Minor,
    Moment,
    Payload,
    Positive,
    Quantity,
    Seconds,
    Signed,
    Text,
)  # fmt: skip
from siyu.events.model.chats import GroupJoined, GroupLeft, PaymentReceived, PaymentRefunded
from siyu.events.model.complaints import OfComplaints
from siyu.events.model.goods import StockCounted
from siyu.events.model.pages import OfPages, PageOpened, SurveyAnswered
from siyu.events.model.parcels import ParcelDiffers, ParcelPacked, ParcelPlanned, ParcelShipped
from siyu.events.model.sets import SegmentEntered, SegmentLeft
from siyu.kernel.calendar import Calendar

Kind = str

# Who an event can be about. Pointers lead to a customer whom something else made known: an order
# number or a link's state alone never makes a person.
KEY_KINDS = ("phone", "buyer", "member", "external_userid", "unionid", "order", "state")
POINTERS = frozenset({"order", "state"})
PERSON_FIELDS = ("name", "address", "text", "note", "masked_phone")
OURS = "siyu"  # the source of our own events; nobody outside may use it
OUR_KINDS = frozenset(
    {
        "child.told",
        "customer.merged",
        "customer.split",
        "order.claimed",
        "parcel.differs",
        "segment.entered",
        "segment.left",
        "tag.expired",
        "task.escalated",
        "task.tried",
        "touch.unknown",
        "touch.withdrawn",
        "touch.withheld",
    }
)

LONGEST_TASK = 600  # minutes
Intent = Literal["", "A", "B", "C", "D", "E", "F"]
TaskOutcome = Literal[
    "requested", "added", "agreed", "refused", "no_answer", "already_added", "wrong_person",
    "do_not_call",
]  # fmt: skip
ConsentChannel = Literal["sms", "voice", "wecom"]
# What a customer may be contacted for; and, of no channel, what a parent lets us keep of a child.
ContactPurpose = Literal["order_invitation", "promotion", "service"]
ConsentPurpose = Literal["order_invitation", "promotion", "service", "child", "child_health"]
ConsentBasis = Literal["contract", "consent", "legitimate_interest"]


class _OfTouch(Payload, frozen=True, kw_only=True):
    touch: Code


class _OfFriend(Payload, frozen=True, kw_only=True):
    staff: Code
    carrier: Code = "wecom"


class OrderLine(Payload, frozen=True, kw_only=True):
    """A line of an order."""

    sku: Code
    title: Text = ""
    category: Text = ""
    quantity: Quantity
    unit_minor: Signed
    amount_minor: Signed


class RefundLine(Payload, frozen=True, kw_only=True):
    """A line that is given back."""

    sku: Code
    quantity: Positive
    amount_minor: Minor


class OrderPaid(Payload, frozen=True, tag="order.paid", kw_only=True):
    """A paid order. Amounts in minor units of `currency`; a line may be negative (a discount).

    `reveal`: the page on which its platform shows the buyer's phone to whoever asks there by hand;
    empty: the phone is here, or can't be had. What is to be seen of a masked phone travels in
    `person.masked_phone`.
    """

    shop: Code
    order_no: Code
    currency: Currency
    total_minor: Minor
    lines: Annotated[list[OrderLine], Meta(max_length=5_000)] = []  # noqa: RUF012 - msgspec copies it
    synthetic: bool = False
    reveal: Text = ""


class OrderItemised(Payload, frozen=True, tag="order.itemised", kw_only=True):
    """The lines of an order whose money and buyer are told elsewhere, before or after: they take
    the place of those that it was told with."""

    shop: Code
    order_no: Code
    currency: Currency
    lines: Annotated[list[OrderLine], Meta(min_length=1, max_length=5_000)]


class OrderRefunded(Payload, frozen=True, tag="order.refunded", kw_only=True):
    """Money given back for a part of an order, or for lines of an order that is not named."""

    shop: Code
    refund_no: Code
    currency: Currency
    amount_minor: Minor
    order_no: Code | None = None
    lines: Annotated[list[RefundLine], Meta(max_length=5_000)] = []  # noqa: RUF012 - msgspec copies it


class OrderCancelled(Payload, frozen=True, tag="order.cancelled", kw_only=True):
    """The whole order is taken back."""

    shop: Code
    order_no: Code
    reason: Text = ""


class OrderCorrected(Payload, frozen=True, tag="order.corrected", kw_only=True):
    """A booking that is no order (bad debt, stock found): it only keeps totals true."""

    shop: Code
    correction_no: Code
    currency: Currency
    amount_minor: Signed
    lines: Positive = 1


class FriendRequested(Payload, frozen=True, tag="friend.requested", kw_only=True):
    """A staff account asked the customer to become a friend."""

    staff: Code


class FriendAdded(_OfFriend, frozen=True, tag="friend.added", kw_only=True):
    """A customer became a friend of a staff account; a link's state comes among the keys."""

    way: Text = ""


class FriendDeletedByCustomer(
    _OfFriend, frozen=True, tag="friend.deleted_by_customer", kw_only=True
):
    """The customer deleted the staff account: no message reaches them any more."""


class FriendDeletedByStaff(_OfFriend, frozen=True, tag="friend.deleted_by_staff", kw_only=True):
    """The staff account deleted the customer."""


class FriendRemarked(Payload, frozen=True, tag="friend.remarked", kw_only=True):
    """Staff wrote a remark on a friend's card, in `person.note`; without it: took theirs away."""

    staff: Code


class MessageReceived(Payload, frozen=True, tag="message.received", kw_only=True):
    """A message of the customer's own; its text travels in `person.text`. `words`: those that tag
    rules listen for and that stand in it, found before it is sealed; what a sender says there is
    replaced."""

    staff: Code = "-"
    channel: Code = "wecom"
    words: tuple[Code, ...] = ()


class CustomerIdentified(Payload, frozen=True, tag="customer.identified", kw_only=True):
    """Staff or a page proved that the keys of this event are one person."""

    how: Text = ""


class OrderClaimed(Payload, frozen=True, tag="order.claimed", kw_only=True):
    """Our own: a friend gave the number of an order as theirs, on the page for it. `proved`: with
    the end of the buyer's phone, so that the keys of this event are one person."""

    shop: Code
    order_no: Code
    proved: bool


class TouchDelivered(_OfTouch, frozen=True, tag="touch.delivered", kw_only=True):
    """It reached the phone or the account."""


class TouchFailed(_OfTouch, frozen=True, tag="touch.failed", kw_only=True):
    """It did not arrive; `reason` in the provider's words."""

    reason: Text = ""


class TouchRead(_OfTouch, frozen=True, tag="touch.read", kw_only=True):
    """The customer opened it."""


class TouchWithheld(_OfTouch, frozen=True, tag="touch.withheld", kw_only=True):
    """Our own: a wish was ruled out, so that a visit which waits for it learns of it."""

    reason: Text


class TouchWithdrawn(_OfTouch, frozen=True, tag="touch.withdrawn", kw_only=True):
    """Our own: it was taken back before it was sent."""

    reason: Text


class TouchUnknown(_OfTouch, frozen=True, tag="touch.unknown", kw_only=True):
    """Our own: nobody can say yet whether it was sent."""


class CallFinished(_OfTouch, frozen=True, tag="call.finished", kw_only=True):
    """A call's end. `intent` grades A (strong) to F; seconds count from the answer."""

    answered: bool
    seconds: Seconds = 0
    intent: Intent = ""
    outcome: Text = ""
    labels: Annotated[list[Text], Meta(max_length=50)] = []  # noqa: RUF012 - msgspec copies it


class LinkClicked(_OfTouch, frozen=True, tag="link.clicked", kw_only=True):
    """The customer followed a link of a touch: the invitation's, or the one of this name."""

    link: Text = ""


class TaskDone(_OfTouch, frozen=True, tag="task.done", kw_only=True):
    """What a person did about a task, and how long it took."""

    outcome: TaskOutcome
    minutes: Annotated[int, Meta(ge=0, le=LONGEST_TASK)] = 0
    staff: Text = ""


class TaskTried(_OfTouch, frozen=True, tag="task.tried", kw_only=True):
    """Our own: nobody answered, and the call is made again, not before `again_at`."""

    again_at: Moment
    minutes: Annotated[int, Meta(ge=0, le=LONGEST_TASK)] = 0
    staff: Text = ""


class TaskEscalated(_OfTouch, frozen=True, tag="task.escalated", kw_only=True):
    """Our own: a task is overdue, and `to` was told; 1 is the store, 2 head office."""

    to: Code
    level: Annotated[int, Meta(ge=1, le=2)]


class ConsentGiven(Payload, frozen=True, tag="consent.given", kw_only=True):
    """`basis` is the legal ground, `evidence` where it can be seen: a form, a recording. Of
    `child` and `child_health` the basis is `consent`: the parent's own, whatever the channel."""

    channels: Annotated[list[ConsentChannel], Meta(min_length=1)]
    purposes: Annotated[list[ConsentPurpose], Meta(min_length=1)]
    basis: ConsentBasis
    evidence: Annotated[str, Meta(min_length=1, max_length=500)]
    synthetic: bool = False


class ConsentWithdrawn(Payload, frozen=True, tag="consent.withdrawn", kw_only=True):
    """No more messages on these channels, for these purposes: all of them if none is named.
    `child`, or everything on every channel, also takes back what a parent let us keep of children;
    `child_health` the notes on their health alone."""

    channels: Annotated[list[ConsentChannel], Meta(min_length=1)]
    purposes: tuple[ConsentPurpose, ...] = ("order_invitation", "promotion", "service")
    evidence: Text = ""


class TagSet(Payload, frozen=True, tag="tag.set", kw_only=True):
    """A fact about a customer, set or taken away (`on: false`). A tag that a journey's step sets is
    told in the same way, by us, where the customer did not carry it. `confidence`: how sure that
    is, 0 to 1; from `until` on nobody carries it any more."""

    name: Code
    on: bool = True
    confidence: Annotated[float, Meta(ge=0, le=1)] = 1.0
    until: Moment | None = None


class TagExpired(Payload, frozen=True, tag="tag.expired", kw_only=True):
    """Our own: a tag has come to its `until`, and the customer carries it by no other key."""

    name: Code


class ProfileDated(Payload, frozen=True, tag="profile.dated", kw_only=True):
    """A date of the customer's that comes every year: `birthday`, or whatever you name.

    No year is taken: month and day alone, which one person in 365 shares, are kept in clear.
    """

    name: Annotated[str, Meta(pattern=r"^[a-z][a-z0-9_-]{0,39}$")]
    month: Annotated[int, Meta(ge=1, le=12)]
    day: Annotated[int, Meta(ge=1, le=31)]
    calendar: Calendar = "solar"


class ChildToldOf(Payload, frozen=True, tag="child.told", kw_only=True):
    """Our own: the month of birth of a customer's child is known, or (`on: false`) forgotten. The
    month itself is in no event."""

    child: Positive
    on: bool = True


class OfferRedeemed(Payload, frozen=True, tag="offer.redeemed", kw_only=True):
    """A claimable promise was taken up (in a store, by post): `promise` is its public id."""

    promise: Code


class CustomerMerged(Payload, frozen=True, tag="customer.merged", kw_only=True):
    """Somebody said that two customers are one: the first `first` keys are the one's, the others
    the other's. Whoever was split before between these keys comes together again."""

    first: Positive
    by: Text
    why: Text = ""


class CustomerSplit(Payload, frozen=True, tag="customer.split", kw_only=True):
    """Somebody said that a customer is two: the first `off` keys go, the others stay. No event
    that carries keys of both brings them together again; only `customer.merged` does."""

    off: Positive
    by: Text
    why: Text = ""


# fmt: off
AnyPayload = (
    OrderPaid | OrderItemised | OrderRefunded | OrderCancelled | OrderCorrected
    | PaymentReceived | PaymentRefunded | ParcelPlanned | ParcelPacked | ParcelDiffers
    | ParcelShipped
    | FriendRequested | FriendAdded | FriendDeletedByCustomer | FriendDeletedByStaff
    | FriendRemarked | GroupJoined | GroupLeft | OfComplaints
    | MessageReceived | CustomerIdentified | TouchDelivered | TouchFailed | TouchRead
    | TouchWithheld | TouchWithdrawn | TouchUnknown | CallFinished | LinkClicked | TaskDone
    | TaskTried | TaskEscalated | ConsentGiven | ConsentWithdrawn | TagSet | TagExpired
    | ProfileDated | OfferRedeemed | CustomerMerged | CustomerSplit | OrderClaimed | SegmentEntered
    | SegmentLeft | PageOpened | SurveyAnswered | OfPages | StockCounted | ChildToldOf
)
# fmt: on

KINDS: dict[Kind, type[Payload]] = {
    str(struct.__struct_config__.tag): struct for struct in get_args(AnyPayload)
}

# What subscribers are not told: days in a customer's life, and words that somebody wrote freely and
# may have named a person with.
UNTOLD: Mapping[Kind, tuple[str, ...]] = {
    "message.received": ("words",),
    "order.cancelled": ("reason",),
    "customer.identified": ("how",),
    "touch.failed": ("reason",),
    "call.finished": ("outcome", "labels"),
    "consent.given": ("evidence",),
    "consent.withdrawn": ("evidence",),
    "profile.dated": ("month", "day"),
    "customer.merged": ("by", "why"),
    "customer.split": ("by", "why"),
}
