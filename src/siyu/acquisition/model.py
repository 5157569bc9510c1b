"""The words of acquisition: sources, codes, what is known of a parcel, what is decided."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal, NamedTuple

from siyu.kernel.ids import PublicIds
from siyu.kernel.sentence import Sentence

Content = Literal["gift", "card", "none"]
# Where a parcel stands for people: before its cut-off, decided, packed, gone.
ParcelState = Literal["planned", "frozen", "packed", "shipped"]
# What a packed parcel in scope carries in truth; every other one is out of scope, for its reason.
Fate = Literal["gift", "card", "both", "neither", "out_of_scope"]
# How what was packed differs from what was decided: the other kind of thing (or none, or both),
# another gift or card, something in a parcel that was out of scope.
Mismatch = Literal["other_kind", "other_item", "stray"]
# The same as it is told: a later report may say that it is as decided after all.
Difference = Literal["other_kind", "other_item", "stray", "as_decided"]
UNDECIDED = "undecided"  # as a reason: packed, and nobody ever told of its plan

CARD_STEP = "card"  # the step whose channel code a card carries
GIFT_STEP = "gift"
ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"  # Crockford's, as in public ids

# Why a parcel carries what it carries: stable codes, and the words that people read.
REASONS: Mapping[str, Mapping[str, str]] = {
    "promised": {"en": "what was promised for this order", "zh": "兑现本单承诺的权益"},
    "owed": {"en": "what an earlier parcel owed", "zh": "补发之前未兑现的权益"},
    "friend": {"en": "the friend's gift", "zh": "好友专享赠品"},
    "not_friend": {"en": "no friend at the cut-off: an invitation", "zh": "截单时还不是好友"},
    "out_of_stock": {
        "en": "a friend, but the gift and its substitutes were out; what was promised is owed",
        "zh": "是好友，但赠品及替代品缺货，承诺保留待领",
    },
    "split_child": {"en": "a further parcel of a split order", "zh": "拆单的子包裹"},
    "packed_undecided": {
        "en": "packed before a decision was made",
        "zh": "截单决策之前已打包",
    },
    "undecided": {"en": "packed, and nobody told of its plan", "zh": "已打包，但没有收到计划"},
    "unknown_order": {
        "en": "none of its orders was known at the cut-off",
        "zh": "截单时订单尚未收到",
    },
    "guest": {"en": "a buyer whom nothing identifies", "zh": "无法识别的访客订单"},
    "holdout": {"en": "in the hold-out group", "zh": "对照组"},
    "no_inserts": {"en": "this shop's parcels carry no inserts", "zh": "该店铺不允许放随包物"},
    "order_gone": {"en": "its orders were cancelled or refunded", "zh": "订单已取消或退款"},
    "no_source": {"en": "no source covers this shop", "zh": "没有来源覆盖该店铺"},
    "not_admitted": {"en": "the source does not admit this buyer", "zh": "不符合来源准入规则"},
    "opted_out": {"en": "the buyer asked us to stop", "zh": "客户已拒绝触达"},
    "friend_already": {"en": "a friend; the source has no gift", "zh": "已是好友，未设赠品"},
    "playbook_budget": {"en": "the playbook's budget is used up", "zh": "打法预算已用完"},
    "no_card": {"en": "not a friend, and the source has no card", "zh": "不是好友，来源未设卡片"},
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Source:
    """Where friends may come from, who is admitted, and what the parcel carries."""

    code: str
    title: Mapping[str, str]
    admission: Mapping[str, object]  # a segment's text
    shops: tuple[str, ...] = ()  # none named: all
    journey: str = ""
    holdout: float = 0.0
    gift: str | None = None  # an offer
    card: str | None = None  # a material

    def covers(self, shop: str) -> bool:
        return not self.shops or shop in self.shops


@dataclass(frozen=True, slots=True)
class ChannelCode:
    """The code of a source and a step: `new-orders/sms`; whose friend its users become."""

    source: str
    step: str
    staff: str
    title: str = ""
    code: str = field(default="")

    def __post_init__(self) -> None:
        if not self.code:
            object.__setattr__(self, "code", f"{self.source}/{self.step}")


class Issue(NamedTuple):
    """An order needs its own state of a channel code."""

    channel_code: str
    step: str
    customer_id: int
    shop: str
    order_no: str
    parcel_id: int | None = None


class Entry(NamedTuple):
    """Somebody goes on from a page to become a friend: by this code, with what of an advertisement
    is kept. `customer`: who they are, where a token has said so."""

    channel_code: str
    page: str
    ad: Mapping[str, str]
    customer: int | None


class OrderSeen(NamedTuple):
    """An order of a parcel, as far as it is known."""

    order_no: str
    customer_id: int | None  # None: a guest
    identity_id: int | None
    gone: bool  # cancelled or wholly refunded


class Parcel(NamedTuple):
    """A planned parcel at its cut-off."""

    id: int
    shop: str
    main_order_no: str | None
    packed: bool
    inserts: bool  # shop and policy allow something of ours in it
    orders: tuple[OrderSeen, ...]  # the known ones, by number


class OpenPromise(NamedTuple):
    """A promise that can still be kept. `late`: a parcel of its order went without it."""

    id: int
    offer: str
    customer_id: int
    shop: str
    order_no: str
    claimable: bool
    late: bool


class Facts(NamedTuple):
    """All that decides what a parcel carries."""

    parcel: Parcel
    source: Source | None = None
    admitted: bool = False
    held: bool = False
    opted_out: bool = False
    friend: bool = False
    promise: OpenPromise | None = None


class Decision(NamedTuple):
    """What a parcel carries, and why. `promise_id`: which promise it keeps."""

    parcel_id: int
    content: Content
    reason: str
    offer: str | None = None
    promise_id: int | None = None
    card: str = ""
    sku: str = ""


class Frozen(NamedTuple):
    """A decision as a warehouse reads it; `seq` is where it stands in the order of decisions."""

    seq: int
    parcel_no: str
    shop: str
    order_no: str | None
    content: Content
    gift: str
    card: str
    state_code: str
    reason: str
    frozen_at: datetime
    warehouse: str


class PickList(NamedTuple):
    """Decisions that a warehouse got in one file; each is on one list only."""

    id: int
    warehouse: str
    since: datetime
    made_at: datetime
    made_by: str
    gifts: int
    cards: int
    frozen_from: datetime | None
    frozen_until: datetime | None


class PickDue(NamedTuple):
    """What a warehouse is to put in and was not told in a file yet."""

    warehouse: str
    gifts: int
    cards: int
    frozen_from: datetime
    frozen_until: datetime


class Pick(NamedTuple):
    """A line of it. `cutoff_at`: when it was decided; the packer has the margin left from then."""

    parcel_no: str
    shop: str
    warehouse: str
    order_no: str
    content: Content
    code: str  # the gift's sku or the card's material
    state_code: str
    cutoff_at: datetime


class KnownParcel(NamedTuple):
    """A parcel that was planned, and what was decided for it; empty: nothing (yet)."""

    parcel_no: str
    shop: str
    warehouse: str
    main_order_no: str
    sku: str
    card: str


class Decided(NamedTuple):
    """A decision in a warehouse's own words: its code of what goes in, ours beside it."""

    seq: int
    parcel_no: str
    shop: str
    order_no: str | None
    content: Content
    code: str
    item: str
    link: str


def mark(content: Content, item: str) -> str:
    """What a packer reads in a remark.

    >>> mark("card", "A"), mark("gift", "MASK"), mark("none", "")
    ('[卡A]', '[赠MASK]', '')
    """
    return {"card": f"[卡{item}]", "gift": f"[赠{item}]", "none": ""}[content]


class Explained(NamedTuple):
    """A parcel of a customer: what was decided, why, and what was really packed."""

    parcel_no: str
    shop: str
    order_no: str | None
    content: Content
    reason: str
    words: Mapping[str, str]
    sku: str
    card: str
    state_code: str
    promise_id: int | None
    frozen_at: datetime
    packed_at: datetime | None
    packed_gift: str
    packed_card: str


class PackedParcel(NamedTuple):
    """What was decided for a parcel (`content`, and `item`: its sku or card) beside what was put
    in. `key` and `hashed` lead to the buyer, where known; `how` was told of it last, `turn`: how
    often something was."""

    id: int
    parcel_no: str
    shop: str
    warehouse: str
    order_no: str
    content: Content
    item: str
    gift: str
    card: str
    packed_at: datetime
    other_item: bool
    key: str | None
    hashed: bytes | None
    turn: int
    how: Difference | None


class Account(NamedTuple):
    """The packed parcels: gift + card + both + neither + Σ out_of_scope = packed.

    `decided` says what was frozen for them; `differs` counts those packed otherwise, `strays`
    those out of scope that carried something all the same.
    """

    packed: int
    gift: int
    card: int
    both: int
    neither: int
    out_of_scope: Mapping[str, int]
    decided: Mapping[str, int]
    differs: int
    strays: int


_LETTERS = 5  # of each half: 25 bits
_ROUNDS = 4


def state_code(ids: PublicIds, number: int) -> str:
    """Ten letters for a row: short enough for an SMS, one of 2**50, unguessable without the key.

    A Feistel permutation like that of public ids, on 50 bits, with their round function: different
    rows have different codes.

    >>> code = state_code(PublicIds(b"k"), 1)
    >>> len(code), code == state_code(PublicIds(b"k"), 2)
    (10, False)
    """
    half = 1 << 5 * _LETTERS
    if not 0 <= number < half * half:
        raise ValueError(
            Sentence(
                f"row {number} is outside the codes that there are", f"第 {number} 行超出已有的活码"
            )
        )
    left, right = divmod(number, half)
    for turn in range(_ROUNDS):
        left, right = right, left ^ ids.mix("state", turn, right) % half
    return _letters(left) + _letters(right)


def _letters(number: int) -> str:
    return "".join(ALPHABET[number >> 5 * place & 31] for place in reversed(range(_LETTERS)))


class Claim(NamedTuple):
    """A customer said on the phone that they are a friend already; nothing says which one."""

    id: int
    customer_id: int
    staff: str
    claimed_at: datetime


class Candidate(NamedTuple):
    """A friend whom nothing ties to a buyer. `friend_id`: the account, `staff`: whose friend."""

    claim_id: int
    friend_id: int
    customer_id: int
    added_at: datetime
    staff: str


def carried(gift: str, card: str) -> Literal["gift", "card", "both", "neither"]:
    """What somebody finds in the parcel.

    >>> carried("MASK", ""), carried("MASK", "hello"), carried("", "")
    ('gift', 'both', 'neither')
    """
    if gift:
        return "both" if card else "gift"
    return "card" if card else "neither"


def mismatch(content: Content, packed: str, *, other_item: bool) -> Mismatch | None:
    """How what was packed differs from what was decided; None: it does not."""
    if content == "none":
        return None if packed == "neither" else "stray"
    if packed != content:
        return "other_kind"
    return "other_item" if other_item else None
