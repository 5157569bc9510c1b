"""What a batch of facts says, folded: pure, and the same for every order and repetition."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from typing import TypeVar, get_args

from siyu.customers.model import (
    STAGE_OF,
    SURE,
    Change,
    ChildWord,
    Complaint,
    Consent,
    DateChange,
    FriendChange,
    Friendship,
    Membership,
    Name,
    RemarkChange,
    Stage,
    TagChange,
    When,
)
from siyu.events.model import (
    KEY_KINDS,
    OURS,
    POINTERS,
    Batch,
    ComplaintClosed,
    ComplaintOpened,
    ConsentChannel,
    ConsentGiven,
    ConsentPurpose,
    ConsentWithdrawn,
    ContactPurpose,
    Event,
    FriendAdded,
    FriendDeletedByCustomer,
    FriendDeletedByStaff,
    FriendRemarked,
    GroupJoined,
    GroupLeft,
    OrderPaid,
    ProfileDated,
    TagExpired,
    TagSet,
)
from siyu.identities.model import Identity
from siyu.kernel.calendar import Yearly

# The kind of key that a channel reaches somebody by.
WAYS: Mapping[ConsentChannel, str] = {
    "sms": "phone",
    "voice": "phone",
    "wecom": "external_userid",
}

CHILD = "child"  # the purpose of a parent's own word …
HEALTH = "child_health"  # … and of another one, on notes on health
CHANNELS, CONTACT = frozenset(get_args(ConsentChannel)), frozenset(get_args(ContactPurpose))

Row = TypeVar("Row", Consent, ChildWord, TagChange, DateChange, RemarkChange)


def when(event: Event) -> When:
    """The place of an event among the facts."""
    return When(event.occurred_at, event.source, event.source_id)


def changes(batch: Batch) -> list[Change]:
    """What to write about each customer of the batch, in id order."""
    stages: dict[int, Stage] = dict.fromkeys(batch.new_customers, Stage.AWARE)
    synthetic: set[int] = set()
    names: dict[int, Name] = {}
    for event in batch.events:
        customer_id = batch.customer.get(event.id)
        if customer_id is None:
            continue
        stage = STAGE_OF.get(event.kind, Stage.AWARE)
        if stage > stages.get(customer_id, 0):
            stages[customer_id] = stage
        if isinstance(event.data, OrderPaid | ConsentGiven) and event.data.synthetic:
            synthetic.add(customer_id)
        item = event.sealed.get("name")
        if item is not None:
            name = Name(item, when(event))
            if customer_id not in names or names[customer_id].when < name.when:
                names[customer_id] = name
    return [
        Change(customer_id, stages[customer_id], customer_id in synthetic, names.get(customer_id))
        for customer_id in sorted(stages)
    ]


def friend_changes(batch: Batch) -> list[FriendChange]:
    """What the batch says about friendships; who is nobody's account is left out."""
    found: list[FriendChange] = []
    added, gone, dropped = map(
        batch.of, (FriendAdded, FriendDeletedByCustomer, FriendDeletedByStaff)
    )
    for event, data in (*added, *gone, *dropped):
        match data:
            case FriendAdded(staff=staff, carrier=carrier, way=way):
                state = "live"
            case FriendDeletedByCustomer(staff=staff, carrier=carrier):
                state, way = "deleted_by_customer", ""
            case FriendDeletedByStaff(staff=staff, carrier=carrier):
                state, way = "deleted_by_staff", ""
        if event.id in batch.customer:
            identity_id, customer_id = batch.identity[event.id], batch.customer[event.id]
            found.append(
                FriendChange(identity_id, customer_id, staff, carrier, state, way, when(event))
            )
    return found


def friendships(changes: Iterable[FriendChange]) -> list[Friendship]:
    """One row per account and staff account, in key order."""
    groups: dict[tuple[int, str], list[FriendChange]] = {}
    for change in changes:
        groups.setdefault((change.identity_id, change.staff), []).append(change)
    return [_friendship(groups[key]) for key in sorted(groups)]


def _friendship(changes: list[FriendChange]) -> Friendship:
    last = max(changes, key=lambda change: change.when)
    added = [change for change in changes if change.state == "live"]
    deleted = [change for change in changes if change.state != "live"]
    return Friendship(
        last.identity_id,
        last.customer_id,
        last.staff,
        last.carrier,
        last.state,
        _moment(min, added),
        _moment(max, added),
        _moment(max, deleted),
        max(((change.when.at, change.way) for change in added), default=(None, ""))[1],
        last.when,
    )


def memberships(batch: Batch) -> list[Membership]:
    """One row per account and group chat, in key order; who is nobody's account is left out."""
    found: dict[tuple[int, str], Membership] = {}
    for event, said in (*batch.of(GroupJoined), *batch.of(GroupLeft)):
        if event.id not in batch.customer:
            continue
        identity_id, at = batch.identity[event.id], event.occurred_at
        match said:
            case GroupJoined(way=way):
                joined, left = at, None
            case GroupLeft():
                joined, left, way = None, at, ""
        customer_id, key = batch.customer[event.id], (identity_id, said.chat)
        new = Membership(identity_id, customer_id, said.carrier, said.chat, joined, left, way)
        found[key] = _both(found[key], new) if key in found else new
    return [found[key] for key in sorted(found)]


def _both(one: Membership, other: Membership) -> Membership:
    """The last joining, by its own way, and the last leaving."""
    joins = [(it.joined_at, it.way) for it in (one, other) if it.joined_at is not None]
    lefts = [it.left_at for it in (one, other) if it.left_at is not None]
    joined, way = max(joins, default=(None, ""))
    return other._replace(joined_at=joined, left_at=max(lefts, default=None), way=way)


def _moment(
    pick: Callable[[list[datetime]], datetime], changes: list[FriendChange]
) -> datetime | None:
    return pick([change.when.at for change in changes]) if changes else None


def consents(batch: Batch) -> list[Consent]:
    """The latest answer per identity, channel and purpose, in key order."""
    found: list[Consent] = []
    for event, given in (*batch.of(ConsentGiven), *batch.of(ConsentWithdrawn)):
        match given:
            case ConsentGiven(basis=basis):
                state = "given"
            case ConsentWithdrawn():
                state, basis = "withdrawn", ""
        if event.id not in batch.customer:
            continue
        found += [
            Consent(
                batch.identity[event.id],
                batch.customer[event.id],
                channel,
                purpose,
                state,
                basis,
                given.evidence,
                when(event),
            )
            for channel in given.channels
            for purpose in given.purposes
            if purpose not in (CHILD, HEALTH)
        ]
    return _latest(found, lambda row: (row.identity_id, row.channel, row.purpose), _consent_when)


def child_words(batch: Batch, purpose: ConsentPurpose = CHILD) -> list[ChildWord]:
    """The latest word of each parent on their children's data, in customer order. It is given by
    its own name alone; taken back by that, or with everything else on every channel; and the one on
    health with the one on the month, without which there is nothing to note."""
    found: list[ChildWord] = []
    for event, said in (*batch.of(ConsentGiven), *batch.of(ConsentWithdrawn)):
        given = isinstance(said, ConsentGiven)
        if event.id in batch.customer and _of_children(said, purpose):
            state = "given" if given else "withdrawn"
            evidence = said.evidence if given else ""
            who = batch.identity[event.id], batch.customer[event.id]
            found.append(ChildWord(*who, state, evidence, when(event)))
    return _latest(found, lambda row: (row.customer_id, "", ""), _child_when)


def _child_when(row: ChildWord) -> When:
    return When(row.when.at, row.state, row.when.source_id)  # at one time a withdrawal is the last


def _of_children(said: ConsentGiven | ConsentWithdrawn, purpose: ConsentPurpose) -> bool:
    if isinstance(said, ConsentGiven):
        return purpose in said.purposes and said.basis == "consent"
    whole = set(said.channels) >= CHANNELS and set(said.purposes) >= CONTACT
    return purpose in said.purposes or CHILD in said.purposes or whole


def _consent_when(row: Consent) -> When:
    return row.changed


def tags(batch: Batch, *, on: bool) -> list[TagChange]:
    """The latest setting (or taking away) of each tag of each identity, in key order.

    What we tell of ourselves was set when it was told, under the name of who set it; what somebody
    here took away is taken away now.
    """
    found = [
        TagChange(
            batch.identity[event.id],
            batch.customer[event.id],
            data.name,
            data.on,
            when(event),
            round(data.confidence * SURE),
            data.until,
        )
        for event, data in batch.of(TagSet)
        if data.on is on and event.id in batch.customer and (event.source != OURS or not on)
    ]
    return _latest(found, lambda row: (row.identity_id, row.name, ""), _tag_when)


def newly_told(batch: Batch) -> list[int]:
    """Customers of whom a friend's card may show something new: a tag, a name, a phone, a friend
    more. A new customer without any of that has no friends yet."""
    told = [
        batch.customer[event.id]
        for event in batch.events
        if event.id in batch.customer
        and (isinstance(event.data, TagSet | TagExpired | FriendAdded) or "name" in event.sealed)
        and (isinstance(event.data, FriendAdded) or batch.customer[event.id] not in batch.newcomers)
    ]
    return sorted({*told, *batch.parted, *(merge.winner for merge in batch.merges)})


def dates(batch: Batch) -> list[DateChange]:
    """The latest word on each named date of each identity, in key order."""
    found = [
        DateChange(
            batch.identity[event.id],
            batch.customer[event.id],
            data.name,
            Yearly(data.calendar, data.month, data.day),
            when(event),
        )
        for event, data in batch.of(ProfileDated)
        if event.id in batch.customer
    ]
    return _latest(found, lambda row: (row.identity_id, row.name, ""), _tag_when)


def remarks(batch: Batch) -> list[RemarkChange]:
    """The latest word of each member of staff on each identity, in key order."""
    found = [
        RemarkChange(
            batch.identity[event.id],
            batch.customer[event.id],
            data.staff,
            event.sealed.get("note"),
            when(event),
        )
        for event, data in batch.of(FriendRemarked)
        if event.id in batch.customer
    ]
    return _latest(found, lambda row: (row.identity_id, row.staff, ""), _tag_when)


def complaints(batch: Batch) -> list[Complaint]:
    """What is heard of each complaint of each identity, in key order: the last opening, which says
    the order, and the last closing."""
    found: dict[tuple[int, str], Complaint] = {}
    for event, data in sorted(
        (*batch.of(ComplaintOpened), *batch.of(ComplaintClosed)), key=lambda one: one[0].order
    ):
        if event.id not in batch.customer:
            continue
        identity, customer = batch.identity[event.id], batch.customer[event.id]
        new = Complaint(identity, customer, data.complaint, "", "", None, None)
        one = found.get((identity, data.complaint), new)
        match data:
            case ComplaintOpened(shop=shop, order_no=order_no):
                one = one._replace(shop=shop, order_no=order_no, opened_at=event.occurred_at)
            case ComplaintClosed():
                one = one._replace(closed_at=event.occurred_at)
        found[identity, data.complaint] = one
    return [found[key] for key in sorted(found)]


def _tag_when(row: TagChange | DateChange | RemarkChange) -> When:
    return row.when


def _latest(
    rows: Iterable[Row], key: Callable[[Row], tuple[int, str, str]], when: Callable[[Row], When]
) -> list[Row]:
    found: dict[tuple[int, str, str], Row] = {}
    for row in rows:
        before = found.get(key(row))
        if before is None or when(before) < when(row):
            found[key(row)] = row
    return [found[name] for name in sorted(found)]


def under(channels: Iterable[ConsentChannel], known: Sequence[Identity]) -> Identity | None:
    """Of a customer's keys the one that a word about these channels hangs on: a way that it is
    about, else the strongest; the newest of a kind, and a stranger's only if there is no other."""
    ways = {WAYS[channel] for channel in channels}
    own = [one for one in known if one.kind not in POINTERS]
    return min(
        own,
        key=lambda one: (
            one.wrong_since is not None,
            one.kind not in ways,
            KEY_KINDS.index(one.kind),
            -one.id,
        ),
        default=None,
    )
