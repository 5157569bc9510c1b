"""What is known of a customer, in rows: each fact hangs on the identity that it came by."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from enum import IntEnum
from typing import Literal, NamedTuple

from siyu.events.model import ConsentBasis, ConsentChannel, ConsentPurpose
from siyu.kernel.calendar import Yearly

LONGEST_TAG = 60
SURE = 100  # hundredths: how sure a tag is if nobody says otherwise
FriendState = Literal["live", "deleted_by_customer", "deleted_by_staff"]
ConsentState = Literal["given", "withdrawn"]
ListKind = Literal["tags", "blacklist", "names"]


class Stage(IntEnum):
    """5A 人群: how far a relation has come. It only rises."""

    AWARE = 1  # 了解
    APPEAL = 2  # 吸引
    ASK = 3  # 问询
    ACT = 4  # 购买
    ADVOCATE = 5  # 拥护


STAGE_OF = {
    "link.clicked": Stage.APPEAL,
    "friend.added": Stage.ASK,
    "message.received": Stage.ASK,
    "order.paid": Stage.ACT,
}


class When(NamedTuple):
    """Which of two facts about the same thing is the later one, whenever they were heard."""

    at: datetime
    source: str
    source_id: str


class Name(NamedTuple):
    """The vault item of a name; the name itself is nowhere else."""

    item: int
    when: When


class Change(NamedTuple):
    """What a batch says about one customer."""

    customer_id: int
    stage: Stage
    synthetic: bool
    name: Name | None


class FriendChange(NamedTuple):
    """An account was added by, or parted from, a staff account."""

    identity_id: int
    customer_id: int
    staff: str
    carrier: str
    state: FriendState
    way: str
    when: When


class Friendship(NamedTuple):
    """All that is known between an account and a staff account."""

    identity_id: int
    customer_id: int
    staff: str
    carrier: str
    state: FriendState
    first_added_at: datetime | None
    added_at: datetime | None
    deleted_at: datetime | None
    way: str
    changed: When


class Membership(NamedTuple):
    """What a batch says of an account and a group chat; `way` is how they came in the last time."""

    identity_id: int
    customer_id: int
    carrier: str
    chat: str
    joined_at: datetime | None
    left_at: datetime | None
    way: str


class GroupFigures(NamedTuple):
    """A group chat: customers in it, those of them who are friends, who came and went of late."""

    members: int = 0
    friends: int = 0
    joined: int = 0
    left: int = 0


class Consent(NamedTuple):
    """One answer to one question: may this identity be reached so, for that?"""

    identity_id: int
    customer_id: int
    channel: str
    purpose: str
    state: ConsentState
    basis: str
    evidence: str
    changed: When


class Word(NamedTuple):
    """A customer's word on being contacted, as somebody here writes it down.

    `basis` is the legal ground of what is given; a withdrawal that names no purpose is of all.
    """

    state: ConsentState
    channels: Sequence[ConsentChannel]
    purposes: Sequence[ConsentPurpose]
    basis: ConsentBasis | None
    evidence: str
    said_at: datetime


class Noted(NamedTuple):
    """The customer who is meant today, and the identity that the word hangs on."""

    customer_id: int
    identity_id: int


class ChildWord(NamedTuple):
    """A parent's latest word on what is kept of their children."""

    identity_id: int
    customer_id: int
    state: ConsentState
    evidence: str
    when: When


class TagChange(NamedTuple):
    """A tag was set or taken away."""

    identity_id: int
    customer_id: int
    name: str
    on: bool
    when: When
    confidence: int = SURE  # in hundredths
    until: datetime | None = None


class TagWord(NamedTuple):
    """What was last said of a tag by one key of a customer: set or taken away, by whom."""

    name: str
    on: bool
    source: str
    at: datetime


class Card(NamedTuple):
    """A friend's card in the book of one of us; `parted_at`: they were no friends for a while."""

    staff: str
    account: bytes  # the vault's subject of the friend's account
    parted_at: datetime | None


class News(NamedTuple):
    """A friend of whom there may be something new, with all that a card may show of tags."""

    seq: int
    customer_id: int
    cards: tuple[Card, ...]
    words: tuple[TagWord, ...]


class DateChange(NamedTuple):
    """A yearly date of the customer's, under its name."""

    identity_id: int
    customer_id: int
    name: str
    yearly: Yearly
    when: When


class Complaint(NamedTuple):
    """What a batch says of one complaint, by the key that it came by."""

    identity_id: int
    customer_id: int
    complaint: str
    shop: str
    order_no: str
    opened_at: datetime | None
    closed_at: datetime | None


class ComplaintRow(NamedTuple):
    """A complaint as it is shown; it is `open` until it is closed as late or later."""

    complaint: str
    shop: str
    order_no: str
    opened_at: datetime
    closed_at: datetime | None
    open: bool
    identity_id: int
    customer_id: int


class Waiting(NamedTuple):
    """Whose complaint waits to be settled, and since when."""

    customer_id: int
    complaint: str
    shop: str
    order_no: str
    opened_at: datetime


class Grievance(NamedTuple):
    """A complaint as somebody here writes it down: `complaint` is its number; opened without one,
    it gets one, and settled without one, all that are open are."""

    state: Literal["open", "settled"]
    why: str
    complaint: str = ""
    shop: str = ""
    order_no: str = ""


class RemarkChange(NamedTuple):
    """What a member of staff wrote on a friend's card: a vault item, or None if it is gone."""

    identity_id: int
    customer_id: int
    staff: str
    item: int | None
    when: When


class RemarkRow(NamedTuple):
    """A remark on a friend's card as it stands: whose, the vault item, since when."""

    staff: str
    item: int
    at: datetime


class FriendRow(NamedTuple):
    """A friendship as it is shown."""

    staff: str
    carrier: str
    state: FriendState
    first_added_at: datetime | None
    added_at: datetime | None
    deleted_at: datetime | None
    way: str


class TagRow(NamedTuple):
    """A tag as it is shown."""

    name: str
    source: str
    tagged_at: datetime
    confidence: float  # 0 to 1
    until: datetime | None


class DateRow(NamedTuple):
    """A yearly date as it is shown."""

    name: str
    yearly: Yearly


class ChildRow(NamedTuple):
    """What a parent has told of a child: the month of birth, like `2025-03`, and whether there is a
    note on its health, told then and gone from `health_until` on."""

    child: int
    month: str
    told_at: datetime
    health_at: datetime | None = None
    health_until: datetime | None = None


class Children(NamedTuple):
    """A customer's children; `evidence`: where the parent's consent can be seen, null without it,
    and then there are none. `health_evidence`: of the other one, to notes on health."""

    children: list[ChildRow]
    consent_at: datetime | None
    evidence: str | None
    health_consent_at: datetime | None = None
    health_evidence: str | None = None


class ConsentRow(NamedTuple):
    """A consent as it is shown: the latest word of all the customer's identities."""

    channel: str
    purpose: str
    state: ConsentState
    basis: str
    evidence: str
    changed_at: datetime


class Profile(NamedTuple):
    """A customer on one page. The vault opens `name_item`; `merged_into` is who they are now."""

    id: int
    created_at: datetime
    stage: Stage
    name_item: int | None
    synthetic: bool
    merged_into: int | None
    friendships: list[FriendRow]
    tags: list[TagRow]
    dates: list[DateRow]
    consents: list[ConsentRow]


class PeopleList(NamedTuple):
    """A file of people that came in: of `rows` looked at in its last run `known` said nothing new
    and `refused` could not be used; `taken` counts all runs. Not done: under way, or interrupted.
    """

    id: int
    kind: ListKind
    tag: str
    file: str
    rows: int
    last_line: int
    taken: int
    known: int
    refused: int
    begun_by: str
    begun_at: datetime
    done_at: datetime | None
    undone_by: str | None
    undone_at: datetime | None


class ListStep(NamedTuple):
    """What became of some rows of a list; `line`: of the last one."""

    rows: int = 0
    line: int = 0
    taken: int = 0
    known: int = 0
    refused: int = 0
