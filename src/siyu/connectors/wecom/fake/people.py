"""The control plane: what people do with their phones. The sandbox calls these; no path leads here.

Only what people do, and time, is called back: what comes over the API never is.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Literal
from urllib.parse import parse_qs, urlsplit

from siyu.connectors.wecom.fake.state import (
    BALANCE_LOW,
    Bill,
    Code,
    Customer,
    Link,
    Mass,
    Member,
    Received,
    Relation,
    State,
)
from siyu.connectors.wecom.wire.figures import day_of

CONSOLE_WAY, SCAN, MOBILE, LINK = 0, 1, 2, 16
MOST_CHANNEL = 64  # bytes of a customer_channel; what is longer is cut


class People(State):
    """Customers and members, as they act."""

    # ── who is in the corp ──

    def hires(
        self, userid: str, name: str, *departments: int, status: int = 1, follows: bool = True
    ) -> None:
        """Somebody comes into the corp, or is called and placed otherwise from now on."""
        with self.lock:
            change = "update_user" if userid in self.members else "create_user"
            self.members[userid] = Member(
                userid, name, follows, departments=departments or (1,), status=status
            )
            self.tell_member(change, userid, Name=name)

    # ── how somebody becomes a friend ──

    def follows_link(
        self,
        url: str,
        external_userid: str,
        name: str = "",
        unionid: str = "",
        *,
        half: bool = False,
    ) -> str:
        """A customer opens an acquisition link and adds whom it offers: that member's userid.

        `half`: the member has not opened the chat yet (`opens` does it). A link whose quota is used
        up offers nobody: empty.
        """
        with self.lock:
            link = self._link(url)
            link.clicks[day_of(self.now)] += 1
            if self.balance <= 0:
                return ""
            channel = parse_qs(urlsplit(url).query).get("customer_channel", [""])[0]
            state = channel.encode()[:MOST_CHANNEL].decode(errors="ignore")
            userid = link.users[link.turn % len(link.users)]
            link.turn += 1
            self._knows(external_userid, name, unionid)
            self._add(userid, external_userid, LINK, state, external_userid, half=half)
            self._spend(link)
            return userid

    def scans(
        self,
        config_id: str,
        external_userid: str,
        name: str = "",
        unionid: str = "",
        *,
        half: bool = False,
    ) -> str:
        """A customer scans a contact way: the userid of the member who answers."""
        with self.lock:
            way = self.ways[config_id]
            userid = way.users[way.turn % len(way.users)]
            way.turn += 1
            self._knows(external_userid, name, unionid)
            state = str(way.body.get("state", ""))
            self._add(userid, external_userid, SCAN, state, external_userid, half=half)
            return userid

    def searches_phone(
        self,
        userid: str,
        phone: str,
        external_userid: str,
        name: str = "",
        unionid: str = "",
        *,
        way: int = MOBILE,
    ) -> None:
        """A member found somebody by the phone number, asked, and was accepted."""
        with self.lock:
            self._knows(external_userid, name, unionid)
            fresh = self._add(userid, external_userid, way, "", userid, half=False)
            if fresh and phone and self.mobile_in_remark:
                self.relations[userid, external_userid].mobiles = [phone]

    def existing(
        self,
        userid: str,
        external_userid: str,
        createtime: datetime,
        remark_mobile: str = "",
        name: str = "",
        unionid: str = "",
    ) -> None:
        """A friend from before anybody listened: nothing is called back."""
        with self.lock:
            self._knows(external_userid, name, unionid)
            self.relations[userid, external_userid] = Relation(
                userid,
                external_userid,
                int(createtime.timestamp()),
                add_way=SCAN,
                mobiles=[remark_mobile] if remark_mobile else [],
            )

    def opens(self, userid: str, external_userid: str) -> None:
        """The member opens the chat with a half friend, who is a whole one from now on."""
        with self.lock:
            relation = self.relations[userid, external_userid]
            if relation.status == "half":
                relation.status = "full"
                if relation.welcome:  # nobody has used the half friend's: this add has its own
                    self._code(relation)
                self._told_add("add_external_contact", relation)

    # ── how it goes on ──

    def talks(self, external_userid: str, userid: str) -> None:
        """The customer writes to the member."""
        with self.lock:
            self.relations[userid, external_userid].talked_at = self.now
            of_today = self.chats.setdefault((userid, day_of(self.now)), {})
            of_today.setdefault(external_userid, (self.now, 0))

    def answers(self, userid: str, external_userid: str) -> None:
        """The member writes back to a customer who wrote today."""
        with self.lock:
            of_today = self.chats[userid, day_of(self.now)]
            wrote, answered = of_today[external_userid]
            of_today[external_userid] = (wrote, answered or self.now)

    def deletes_staff(self, external_userid: str, userid: str) -> None:
        """The customer deletes the member: the relation stays readable."""
        with self.lock:
            self._part(userid, external_userid, "deleted_by_customer", "del_follow_user")

    def deletes_customer(self, userid: str, external_userid: str, source: str = "") -> None:
        """The member deletes the customer."""
        with self.lock:
            self._part(userid, external_userid, "deleted_by_staff", "del_external_contact", source)

    def remarks(
        self, userid: str, external_userid: str, *, mobile: str = "", remark: str | None = None
    ) -> None:
        """The member notes something about the customer, in the client."""
        with self.lock:
            relation = self.relations[userid, external_userid]
            relation.mobiles = [mobile] if mobile else relation.mobiles
            relation.remark = relation.remark if remark is None else remark
            self._edited(relation)

    def labels(
        self, userid: str, external_userid: str, *, on: tuple[str, ...] = (), off: str = ""
    ) -> None:
        """The member sets or takes away corp tags, in the client."""
        with self.lock:
            relation = self.relations[userid, external_userid]
            kept = [tag for tag in relation.tags if tag != off]
            relation.tags = list(dict.fromkeys([*kept, *on]))
            self._edited(relation)

    def makes_tag(self, group: str, name: str) -> str:
        """The admin makes a corp tag in the console: its id."""
        with self.lock:
            tag = self.new_tag(group, name)
            self.tell("change_external_tag", "create", Id=str(tag["id"]), TagType="tag")
            return str(tag["id"])

    def transfer_fails(self, userid: str, external_userid: str, reason: str) -> None:
        """A hand-over came to nothing: `customer_refused` or `customer_limit_exceed`."""
        with self.lock:
            self.tell(
                "change_external_contact", "transfer_fail", UserID=userid,
                ExternalUserID=external_userid, FailReason=reason,
            )  # fmt: skip

    # ── payments ──

    def pays(self, external_userid: str, userid: str, fen: int, words: str = "") -> str:
        """A customer pays a member in the chat: the number of the transaction."""
        with self.lock:
            number = self.name("42000", 20)
            self.bills.append(Bill(number, userid, external_userid, fen, self.now, words=words))
            return number

    def pays_back(self, transaction_id: str, fen: int, *, status: int = 2) -> str:
        """The member gives some of it back: the refund's number. `status` 2: it has been made."""
        with self.lock:
            paid = next(one for one in self.bills if one.transaction_id == transaction_id)
            number = self.name("R", 20)
            refund = {
                "out_refund_no": number, "refund_userid": paid.userid, "refund_comment": "",
                "refund_reqtime": self.now, "refund_status": status, "refund_fee": fen,
            }  # fmt: skip
            paid.refunds.append(refund)
            self.bills.append(
                Bill(transaction_id, paid.userid, paid.external_userid, paid.fen, self.now, number,
                     [refund])
            )  # fmt: skip
            return number

    # ── pages ──

    def opens_page(self, who: str) -> str:
        """A member or a customer opens a page that asks who it is: the code that it gets."""
        with self.lock:
            code = self.name("CODE")
            self.codes[code] = (who, self.clock(), False)
            return code

    def presses(self, userid: str, token: str, key: str) -> str:
        """A member presses a button of a card: the code by which the card can be changed once. A
        card whose buttons were replaced has nothing to press any more: empty."""
        with self.lock:
            card = self.cards[token]
            if userid in card.shown or userid not in card.userids or key not in card.buttons:
                return ""
            code = self.name("RESPONSE")
            self.card_codes[code] = (token, userid, self.clock())
            self.tell(
                "template_card_event", FromUserName=userid, EventKey=key, TaskId=token,
                CardType="button_interaction", ResponseCode=code,
            )  # fmt: skip
            return code

    # ── mass messages ──

    def confirm_mass(self, userid: str, msgid: str | None = None) -> int:
        """The member presses send for what waits (or for this one): how many it reached."""
        with self.lock:
            reached = 0
            for mass in self.masses.values():
                waits = userid in mass.tasks and userid not in mass.sent_at and not mass.cancelled
                if waits and msgid in (None, mass.msgid):
                    reached += self._press(mass, userid)
            return reached

    def waiting_mass(self, userid: str) -> list[str]:
        """What waits for the member to press."""
        with self.lock:
            return [
                one.msgid
                for one in self.masses.values()
                if userid in one.tasks and userid not in one.sent_at and not one.cancelled
            ]

    def _press(self, mass: Mass, userid: str) -> int:
        mass.sent_at[userid] = self.now
        text = str(mass.body.get("text", {}).get("content", ""))
        attachments = list(mass.body.get("attachments", []))
        reached = 0
        for external_userid in mass.tasks[userid]:
            if not self._still(mass, userid, external_userid):
                mass.tasks[userid][external_userid] = 2
            elif self._had_enough(external_userid):
                mass.tasks[userid][external_userid] = 3
            else:
                mass.tasks[userid][external_userid] = 1
                reached += 1
                at = self.clock()
                kind: Literal["mass", "group"] = "group" if mass.kind == "group" else "mass"
                got = Received(kind, external_userid, userid, text, attachments, at)
                self.received.append(got)
        return reached

    def _still(self, mass: Mass, userid: str, who: str) -> bool:
        """Whether a customer is their friend yet, or a group theirs."""
        if mass.kind == "group":
            return who in self.chats_of(userid)
        relation = self.relations.get((userid, who))
        return relation is not None and relation.status == "full"

    def _had_enough(self, external_userid: str) -> bool:
        now = self.clock()
        zone_day = (now + timedelta(hours=8)).date()
        start = {
            "day": zone_day,
            "week": zone_day - timedelta(days=zone_day.weekday()),
            "month": zone_day.replace(day=1),
        }[self.quota]
        next_month = (zone_day.replace(day=28) + timedelta(days=4)).replace(day=1)
        days = (next_month - timedelta(days=1)).day
        most = {"day": 1, "week": 7, "month": days}[self.quota]
        since = datetime(start.year, start.month, start.day, tzinfo=UTC) - timedelta(hours=8)
        had = sum(
            one.kind in ("mass", "group")
            and one.external_userid == external_userid
            and one.at >= since
            for one in self.received
        )
        return had >= most

    # ── beneath ──

    def _link(self, url: str) -> Link:
        code = urlsplit(url).path.rpartition("/ca/")[2]
        return next(one for one in self.links.values() if one.link_id == code)

    def _knows(self, external_userid: str, name: str, unionid: str) -> None:
        known = self.customers.setdefault(external_userid, Customer(external_userid))
        known.name, known.unionid = name or known.name, unionid or known.unionid

    def _add(
        self, userid: str, external_userid: str, way: int, state: str, by: str, *, half: bool
    ) -> bool:
        """Whether it is news: of friends already nothing happens, and nothing is called back."""
        before = self.relations.get((userid, external_userid))
        if before is not None and before.status in ("half", "full"):
            return False
        relation = Relation(
            userid, external_userid, self.now, way, state, by, "half" if half else "full"
        )
        if before is not None:
            relation.mobiles, relation.remark = before.mobiles, before.remark
        self.relations[userid, external_userid] = relation
        if not self.members[userid].own_welcome:
            self._code(relation)
        kind = "add_half_external_contact" if half else "add_external_contact"
        self._told_add(kind, relation)
        return True

    def _code(self, relation: Relation) -> None:
        relation.welcome = self.name("WELCOME")
        held = relation.userid, relation.external_userid, self.clock()
        self.welcomes[relation.welcome] = held

    def _told_add(self, kind: str, relation: Relation) -> None:
        code = relation.welcome if relation.welcome in self.welcomes else ""
        extra = {"State": relation.state, "WelcomeCode": code}
        self.tell(
            "change_external_contact", kind, UserID=relation.userid,
            ExternalUserID=relation.external_userid,
            **{name: value for name, value in extra.items() if value},
        )  # fmt: skip

    def _part(
        self, userid: str, external_userid: str, status: str, change: str, source: str = ""
    ) -> None:
        relation = self.relations.get((userid, external_userid))
        if relation is None or relation.status not in ("half", "full"):
            raise Code(84061)
        relation.status = status  # pyright: ignore[reportAttributeAccessIssue]
        if status == "deleted_by_customer":
            key = userid, day_of(self.now)
            self.parted[key] = self.parted.get(key, 0) + 1
        self.tell(
            "change_external_contact", change, UserID=userid, ExternalUserID=external_userid,
            **({"Source": source} if source else {}),
        )  # fmt: skip

    def _edited(self, relation: Relation) -> None:
        self.tell(
            "change_external_contact", "edit_external_contact", UserID=relation.userid,
            ExternalUserID=relation.external_userid,
        )  # fmt: skip

    def _spend(self, link: Link) -> None:
        link.added[day_of(self.now)] += 1
        self.used += 1
        self.balance -= 1
        if self.balance == 0:
            self.tell("customer_acquisition", "balance_exhausted")
        elif self.balance == BALANCE_LOW - 1:
            self.tell("customer_acquisition", "balance_low")
        self.tell("customer_acquisition", "friend_request", LinkId=link.link_id)
