"""What a decrypted callback means: facts, and what to go and look at. Pure.

WeCom delivers late, twice and out of order: an event's id hangs on what happened, never on how
often it was told, and `Known` is what was told before of the same pair.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple

from siyu.connectors.wecom.wire import facts
from siyu.events.model import Incoming
from siyu.kernel.errors import BadInput
from siyu.kernel.sentence import Sentence

CONTACTS, TAGS, STAFF, GROUPS, CARDS = (
    "contacts",
    "tags",
    "staff",
    "groups",
    "cards",
)  # the pulls that a callback can wake
_ADDS = frozenset({"add_external_contact", "add_half_external_contact"})
_GONE = frozenset({"del_external_contact", "del_follow_user"})
_LOOK = frozenset({"edit_external_contact", "transfer_fail", "msg_audit_approved"})
# What WeCom warns of, and in words; of these is a quota that was bought.
NOTICES: Mapping[str, Sentence] = {
    "balance_low": Sentence(
        "fewer than 20 customers are left in the quota of acquisition links",
        "获客助手额度不足 20",
    ),
    "balance_exhausted": Sentence(
        "the quota of acquisition links is used up",
        "获客助手额度已用完",
    ),
    "quota_expire_soon": Sentence(
        "a part of the quota of acquisition links expires soon",
        "部分获客额度即将过期",
    ),
    "link_unavailable": Sentence(
        "no member of an acquisition link can be added",
        "有获客链接的成员都不可用",
    ),
    "inactive_alert": Sentence(
        "the app is hardly used and will be suspended",
        "应用使用过少，将被停用",
    ),
    "close_inactive_agent": Sentence(
        "the app was suspended because it was hardly used",
        "应用因使用过少已停用",
    ),
    "low_active_alert": Sentence(
        "the app is hardly used and will lose access to customers",
        "应用活跃度低，将失去客户数据权限",
    ),
    "low_active": Sentence(
        "the app has lost access to customers because it was hardly used",
        "应用因活跃度低已失去客户数据权限",
    ),
}
QUOTAS = frozenset({"balance_low", "balance_exhausted", "quota_expire_soon"})
_OVER: Mapping[str, tuple[str, ...]] = {
    "balance_increased": ("balance_low", "balance_exhausted"),
    "reopen_inactive_agent": ("inactive_alert", "close_inactive_agent"),
    "active_restored": ("low_active_alert", "low_active"),
}
LATEST = 4_102_444_800  # the year 2100
_KEPT = 10  # of each kind, of a pair
_ALIKE = 300  # seconds by which lists may date a friendship otherwise than its callbacks


class Pair(NamedTuple):
    """A member and a customer, by their ids at WeCom."""

    userid: str
    external_userid: str

    @property
    def name(self) -> str:
        """How the pair is called where ids may not be."""
        return f"{facts.digest(self.external_userid)}/{facts.digest(self.userid.lower())}"


class Known(NamedTuple):
    """What callbacks told of a pair, in their seconds; `told`: the adds that became a fact."""

    halves: tuple[int, ...] = ()
    fulls: tuple[int, ...] = ()
    gones: tuple[int, ...] = ()
    told: tuple[int, ...] = ()

    @staticmethod
    def read(text: str | None) -> Known:
        """As `written` wrote it."""
        return Known(*map(tuple, json.loads(text))) if text else Known()

    def written(self) -> str:
        """The newest of each; what is older has been told long ago."""
        return json.dumps([sorted(part)[-_KEPT:] for part in self])

    def friendships(self) -> list[tuple[int, ...]]:
        """The adds, by friendship: a half one and the whole one that follows it are one."""
        marks = sorted(
            [*((at, 0) for at in self.halves), *((at, 1) for at in self.fulls),
             *((at, 2) for at in self.gones)]
        )  # fmt: skip
        found: list[tuple[int, ...]] = []
        half = False
        for at, kind in marks:
            if kind == 1 and half:
                found[-1] = (*found[-1], at)
            elif kind < 2:
                found.append((at,))
            half = kind == 0
        return found

    def name(self, friendship: Sequence[int]) -> int | None:
        """The time under which it was told, if it was."""
        return min((at for at in friendship if at in self.told), default=None)

    def heard_of(self, since: int) -> int | None:
        """Under which time the friendship was told that WeCom's lists date so."""
        for adds in reversed(self.friendships()):
            if adds[0] - _ALIKE <= since <= adds[-1] + _ALIKE:
                return self.name(adds)
        return None


class Pressed(NamedTuple):
    """A member pressed a button of a card; `code` changes the card, once."""

    userid: str
    token: str
    key: str
    code: str


class Meant(NamedTuple):
    """What a callback means. `known` is what to remember of `pair`; `look`: the customer whom to
    ask for anew; `welcome`: a code that lives for seconds, for what the customer `did` then."""

    events: tuple[Incoming, ...] = ()
    due: tuple[str, ...] = ()
    pair: Pair | None = None
    known: Known | None = None
    look: str = ""
    welcome: str = ""
    did: int = 0
    alarms: tuple[str, ...] = ()
    over: tuple[str, ...] = ()  # alarms that are
    lost_link: str = ""  # it is no more
    unusable_link: str = ""  # it is there, and none of its members can be added
    chat: str = ""  # a group to be looked at
    dismissed: bool = False  # it is no more
    pressed: Pressed | None = None
    members: tuple[str, ...] = ()  # to be looked at; '': everybody
    member_gone: bool = False


NOTHING = Meant()


def meant(
    fields: Mapping[str, str],
    staff: Callable[[str], str],
    known: Callable[[Pair], Known],
) -> Meant:
    """What a callback says, which may be nothing to us; `staff` gives our code of a userid."""
    event, change = fields.get("Event", ""), fields.get("ChangeType", "")
    match event:
        case "change_external_contact":
            return _contact(fields, change, staff, known)
        case "change_external_tag":
            return Meant(due=(TAGS,))
        case "change_external_chat":
            chat, over = _needed(fields, "ChatId"), change == "dismiss"
            return Meant(due=(GROUPS,), chat=chat, dismissed=over)
        case "customer_acquisition":
            return _acquisition(fields, change)
        case "subscribe" | "unsubscribe":
            return Meant(due=(STAFF,), members=(_needed(fields, "FromUserName"),))
        case "change_contact":
            return _member(fields, change)
        case "template_card_event":
            return Meant(due=(CARDS,), pressed=_pressed(fields))
        case _:
            return _app(event)


def _member(fields: Mapping[str, str], change: str) -> Meant:
    """A member who got another userid is looked at under both."""
    if change not in ("create_user", "update_user", "delete_user"):
        return Meant(due=(STAFF,), members=("",))
    userids = (_needed(fields, "UserID"), fields.get("NewUserID", "")[:64])
    return Meant(
        due=(STAFF,), members=tuple(filter(None, userids)), member_gone=change == "delete_user"
    )


def _pressed(fields: Mapping[str, str]) -> Pressed:
    names = ("FromUserName", "TaskId", "EventKey", "ResponseCode")
    return Pressed(*(_needed(fields, name, 1024) for name in names))


def _app(event: str) -> Meant:
    alarms = (event,) if event in NOTICES else ()
    return Meant(alarms=alarms, over=_OVER.get(event, ()))


def _acquisition(fields: Mapping[str, str], change: str) -> Meant:
    alarms = (change,) if change in NOTICES else ()
    link = fields.get("LinkId", "")
    look = fields.get("ExternalUserID", "") if change == "customer_start_chat" else ""
    due = (CONTACTS,) if look else ()
    return Meant(
        due=due,
        look=look,
        alarms=alarms,
        over=_OVER.get(change, ()),
        lost_link=link if change == "delete_link" else "",
        unusable_link=link if change == "link_unavailable" else "",
    )


def _contact(
    fields: Mapping[str, str],
    change: str,
    staff: Callable[[str], str],
    known: Callable[[Pair], Known],
) -> Meant:
    pair = Pair(_needed(fields, "UserID"), _needed(fields, "ExternalUserID"))
    if change in _ADDS:
        return _added(fields, pair, staff, known(pair))
    if change in _GONE:
        return _gone(fields, change, pair, staff, known(pair))
    if change in _LOOK:
        code = fields.get("WelcomeCode", "")
        at = _seconds(fields) if code else 0
        return Meant(due=(CONTACTS,), pair=pair, look=pair.external_userid, welcome=code, did=at)
    return NOTHING


def _added(
    fields: Mapping[str, str], pair: Pair, staff: Callable[[str], str], before: Known
) -> Meant:
    """A half friend who becomes a whole one was told already: the same fact, the same id."""
    at = _seconds(fields)
    if fields["ChangeType"] == "add_external_contact":
        known = before._replace(fulls=_with(before.fulls, at))
    else:
        known = before._replace(halves=_with(before.halves, at))
    keys = {"external_userid": pair.external_userid}
    state = facts.state_of(fields.get("State", ""))
    known, events = _untold(pair, staff, known, at, keys | ({"state": state} if state else {}))
    return Meant(
        events=events,
        due=(CONTACTS,),
        pair=pair,
        known=known,
        look=pair.external_userid,
        welcome=fields.get("WelcomeCode", ""),
        did=at,
    )


def _gone(
    fields: Mapping[str, str],
    change: str,
    pair: Pair,
    staff: Callable[[str], str],
    before: Known,
) -> Meant:
    seconds = _seconds(fields)
    by_staff = change == "del_external_contact"
    event_id = f"del/{pair.name}/{seconds}/{'staff' if by_staff else 'customer'}"
    event = facts.parted(
        event_id, seconds, staff(pair.userid), pair.external_userid, by_staff=by_staff
    )
    known = before._replace(gones=_with(before.gones, seconds))
    keys = {"external_userid": pair.external_userid}
    known, parted = _untold(pair, staff, known, None, keys)
    transferred = fields.get("Source") == "DELETE_BY_TRANSFER"
    return Meant(
        events=(event, *parted),
        due=(CONTACTS,) if transferred else (),
        pair=pair,
        known=known,
        look=pair.external_userid if transferred else "",
    )


def _untold(
    pair: Pair,
    staff: Callable[[str], str],
    known: Known,
    said: int | None,
    keys: Mapping[str, str],
) -> tuple[Known, tuple[Incoming, ...]]:
    """The friendship that was just told of, under its name, and those that turn out to be another
    one than was thought: what came between two adds may be heard of after both."""
    events: list[Incoming] = []
    for adds in known.friendships():
        name = known.name(adds)
        if name is not None and said not in adds:
            continue
        if name is None:
            name = adds[0]
            known = known._replace(told=_with(known.told, name))
        given = keys if said in adds else {"external_userid": pair.external_userid}
        event_id = f"add/{pair.name}/{name}"
        events.append(facts.added(event_id, name, staff(pair.userid), given))
    return known, tuple(events)


def _with(times: tuple[int, ...], at: int) -> tuple[int, ...]:
    return times if at in times else (*times, at)


def _needed(fields: Mapping[str, str], name: str, longest: int = 64) -> str:
    found = fields.get(name, "")
    if not found or len(found) > longest:
        raise BadInput(Sentence(f"the callback has no {name}", f"回调缺少 {name}"))
    return found


def _seconds(fields: Mapping[str, str]) -> int:
    said = fields.get("CreateTime", "")
    if not (said.isascii() and said.isdecimal() and len(said) <= 10 and int(said) < LATEST):
        raise BadInput(Sentence("the callback has no CreateTime", "回调缺少 CreateTime"))
    return int(said)
