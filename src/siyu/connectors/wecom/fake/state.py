"""What WeCom keeps of one corp: members, customers and what is between them. No HTTP in here."""

from __future__ import annotations

import threading
from collections import Counter, deque
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from hashlib import blake2b
from typing import Any, Literal, NamedTuple, TypeVar

Json = dict[str, Any]
T = TypeVar("T")
Status = Literal["half", "full", "deleted_by_staff", "deleted_by_customer"]
WELCOME = timedelta(seconds=20)
BALANCE_LOW = 20
PERMISSIONS = frozenset({"contact", "acquisition", "pay"})


class Code(Exception):
    """The call fails with this errcode."""

    def __init__(self, code: int, words: str = "refused") -> None:
        super().__init__(code)
        self.code, self.words = code, words


@dataclass(frozen=True)
class App:
    """A self-built app of the corp; `hook` is where its callbacks go, empty: nowhere."""

    agent_id: int
    secret: str = field(repr=False)
    token: str = field(default="", repr=False)
    aes_key: str = field(default="", repr=False)
    hook: str = ""
    permissions: frozenset[str] = PERMISSIONS
    visible: frozenset[str] | None = None  # None: every member
    departments: frozenset[int] | None = None  # that it may look into; None: every one
    sees_names: bool = True


@dataclass
class Member:
    """Somebody of the corp. `follows`: has the customer contact function."""

    userid: str
    name: str = ""
    follows: bool = True
    own_welcome: bool = False  # the admin set one for this member: no code is issued
    departments: tuple[int, ...] = (1,)
    status: int = 1


@dataclass
class Customer:
    """A WeChat user."""

    external_userid: str
    name: str = ""
    unionid: str = ""


@dataclass
class Relation:
    """What is between a member and a customer."""

    userid: str
    external_userid: str
    createtime: int
    add_way: int = 0
    state: str = ""
    oper_userid: str = ""
    status: Status = "full"
    remark: str = ""
    mobiles: list[str] = field(default_factory=list[str])
    tags: list[str] = field(default_factory=list[str])
    welcome: str = ""  # the code that was issued with the add
    talked_at: int = 0

    @property
    def readable(self) -> bool:
        """Whether the API still tells of it."""
        return self.status in ("full", "deleted_by_customer")


@dataclass
class Link:
    """An acquisition link."""

    link_id: str
    name: str
    url: str
    users: list[str]
    skip_verify: bool
    created: int
    turn: int = 0
    clicks: Counter[date] = field(default_factory=Counter[date])
    added: Counter[date] = field(default_factory=Counter[date])


@dataclass
class Way:
    """A contact way (活码)."""

    config_id: str
    body: Json
    created: int
    turn: int = 0

    @property
    def users(self) -> list[str]:
        """Who stands behind it."""
        return list(self.body.get("user", []))


@dataclass
class Mass:
    """A mass message: a task for each sender."""

    msgid: str
    created: int
    ready_at: datetime
    body: Json
    tasks: dict[str, dict[str, int]]  # member → customer → status
    sent_at: dict[str, int] = field(default_factory=dict[str, int])
    cancelled: bool = False
    reminded: list[datetime] = field(default_factory=list[datetime])

    @property
    def kind(self) -> str:
        """`group`: to group chats, in whose `tasks` these stand for customers."""
        return str(self.body.get("chat_type", "single"))


@dataclass
class Bill:
    """A record of 对外收款: a payment with its refunds, or a refund by itself (`refund_no`)."""

    transaction_id: str
    userid: str
    external_userid: str
    fen: int
    at: int
    refund_no: str = ""
    refunds: list[Json] = field(default_factory=list[Json])
    words: str = ""  # of the form that the member filled in


@dataclass
class Card:
    """A card with buttons (key → words), and what each member sees in their place by now."""

    token: str
    buttons: Mapping[str, str]
    userids: list[str]
    shown: dict[str, str] = field(default_factory=dict[str, str])


class Received(NamedTuple):
    """What really reached a customer, or everybody in a group chat (`group`); a welcome so long
    after its code was issued."""

    kind: Literal["welcome", "mass", "group"]
    external_userid: str
    userid: str
    text: str
    attachments: list[Json]
    at: datetime
    after: timedelta = timedelta(0)


class State:
    """One corp. Everything that changes it holds `lock`."""

    def __init__(
        self, corpid: str, apps: Iterable[App], clock: Callable[[], datetime], staff: Iterable[str]
    ) -> None:
        self.corpid = corpid
        self.apps = {app.secret: app for app in apps}
        self.clock = clock
        self.lock = threading.RLock()
        self.members = {userid: Member(userid, userid) for userid in staff}
        self.departments = {1: "花间"}
        self.tells_members = True  # the app hears change_contact
        self.customers: dict[str, Customer] = {}
        self.relations: dict[tuple[str, str], Relation] = {}
        self.tag_groups: list[Json] = []
        self.links: dict[str, Link] = {}
        self.ways: dict[str, Way] = {}
        self.masses: dict[str, Mass] = {}
        self.bills: list[Bill] = []
        self.groups: dict[str, Any] = {}  # chat id → `Group`
        self.join_ways: dict[str, Json] = {}
        self.transfers: list[Any] = []  # `Transfer`
        self.media: dict[str, Any] = {}  # media id → `Media`
        self.moments: dict[str, Any] = {}  # moment id → `Moment`
        self.talked: dict[tuple[str, date], Json] = {}  # member, day → what was counted
        # member, day → whom they talked with: when the customer wrote first, when they answered
        self.chats: dict[tuple[str, date], dict[str, tuple[int, int]]] = {}
        self.parted: dict[tuple[str, date], int] = {}  # member, day → who deleted them
        self.picture_mb = 10
        self.resigned: dict[str, int] = {}  # who has left, when
        self.full: set[str] = set()  # members who can have no more customers
        self.welcomes: dict[str, tuple[str, str, datetime]] = {}  # code → who, whom, issued
        self.received: list[Received] = []
        self.most = 1000  # on a page, whatever is asked for: one may be short before the end
        self.balance = 1000
        self.used = 0
        self.way_cap = 500_000
        self.tag_cap = 10_000
        self.quota: Literal["month", "week", "day"] = "month"
        self.mobile_in_remark = True  # the client notes the number somebody was found by
        self.dispatch = timedelta(seconds=2)  # how long a new mass message answers 41063
        self.reminders: list[tuple[str, str]] = []  # mass message, member
        self.notices: list[tuple[str, Json]] = []  # member, what the app told them
        self.cards: dict[str, Card] = {}
        self.card_codes: dict[str, tuple[str, str, datetime]] = {}  # code → card, member, issued
        self.codes: dict[str, tuple[str, datetime, bool]] = {}  # code → who, issued, used
        self.outbox: deque[tuple[str, dict[str, str]]] = deque()  # events to be called back
        self._count = 0

    @property
    def now(self) -> int:
        """Unix seconds of the corp's clock."""
        return int(self.clock().timestamp())

    def name(self, prefix: str, length: int = 26) -> str:
        """A fresh id; the same ones in the same order each time."""
        self._count += 1
        digest = blake2b(f"{self.corpid}/{prefix}/{self._count}".encode(), digest_size=16)
        return prefix + digest.hexdigest()[:length]

    def tell(self, event: str, change: str = "", **values: str) -> None:
        """Have an event called back."""
        head = {
            "ToUserName": self.corpid,
            "FromUserName": "sys",
            "CreateTime": str(self.now),
            "MsgType": "event",
            "Event": event,
        }
        told = {**head, **({"ChangeType": change} if change else {}), **values}
        self.outbox.append((event, told))

    def page(self, found: Sequence[T], cursor: str, limit: int) -> tuple[list[T], str]:
        """A page, and where the next one begins; a cursor that nobody gave out is refused."""
        start, limit = 0, min(limit, self.most)
        if cursor:
            head, _, number = cursor.partition("-")
            if head != "CURSOR" or not number.isdecimal() or int(number) > len(found):
                raise Code(50100, "invalid cursor")
            start = int(number)
        following = f"CURSOR-{start + limit}" if start + limit < len(found) else ""
        return list(found[start : start + limit]), following

    def tell_member(self, change: str, userid: str, **values: str) -> None:
        """Have a change of the directory called back, where the corp has that on."""
        if self.tells_members:
            self.tell("change_contact", change, UserID=userid, **values)

    def visible(self, app: App, userid: str) -> bool:
        """Whether the app may see this member."""
        return userid in self.members and (app.visible is None or userid in app.visible)

    def member(self, app: App, userid: str) -> Member:
        """A member whom the app may see."""
        found = self.members.get(userid)
        if found is None:
            raise Code(60111, "userid not found")
        if not self.visible(app, userid):
            raise Code(60021, "not in visible range")
        return found

    def readable(self, userid: str) -> list[Relation]:
        """A member's friends as the API tells them, in order of their ids."""
        found = [one for one in self.relations.values() if one.userid == userid and one.readable]
        return sorted(found, key=lambda one: one.external_userid)

    def chats_of(self, userid: str) -> list[str]:
        """The group chats that a member owns."""
        return sorted(chat for chat, one in self.groups.items() if one.owner == userid)

    def new_tag(self, group: str, name: str) -> Json:
        """A corp tag, in a group that is there or made with it."""
        found: Json = {}
        found = next((one for one in self.tag_groups if one["group_name"] == group), found)
        if not found:
            found = {"group_id": self.name("et"), "group_name": group, "tag": []}
            self.tag_groups.append(found)
        tag = {"id": self.name("et"), "name": name, "create_time": self.now, "order": 0}
        found["tag"].append(tag)
        return tag

    def tags(self) -> Mapping[str, tuple[str, str]]:
        """Tag id → its group's name and its own."""
        return {
            tag["id"]: (group["group_name"], tag["name"])
            for group in self.tag_groups
            for tag in group["tag"]
        }
