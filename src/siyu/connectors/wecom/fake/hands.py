"""Friends who are handed over: what the API does, what time does, and what customers say to it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta

from siyu.connectors.wecom.fake.people import People
from siyu.connectors.wecom.fake.state import App, Code, Json, Relation, State
from siyu.connectors.wecom.wire.answers import text, texts

Query = Mapping[str, str]
TAKES = timedelta(hours=24)
RESTS = 90 * 86_400
DONE, WAITS, REFUSED, FULL, NONE = 1, 2, 3, 4, 5
ASSIGNED = 202


@dataclass
class Transfer:
    """A customer on the way from one member to another."""

    giver: str
    taker: str
    external_userid: str
    at: int
    left: bool
    status: int = WAITS
    taken_at: int = 0


class Hands(People):
    """Members come and go, and customers with them. `full`: members who can have no more."""

    def refuses_transfer(self, external_userid: str) -> None:
        """The customer does not want to be handed over."""
        with self.lock:
            for one in self.transfers:
                if one.external_userid == external_userid and one.status == WAITS:
                    one.status = REFUSED
                    self.transfer_fails(one.taker, external_userid, "customer_refused")

    def leaves(self, userid: str) -> None:
        """A member leaves the corp; the friends wait for somebody else."""
        with self.lock:
            del self.members[userid]
            self.resigned[userid] = self.now
            self.tell_member("delete_user", userid)

    def settle(self) -> None:
        """What a day has done: who has not refused belongs to the taker."""
        with self.lock:
            for one in self.transfers:
                if one.status == WAITS and self.now - one.at >= TAKES.total_seconds():
                    self._settled(one)

    def _settled(self, one: Transfer) -> None:
        if one.taker in self.full:
            one.status = FULL
            self.transfer_fails(one.taker, one.external_userid, "customer_limit_exceed")
            return
        one.status, one.taken_at = DONE, self.now
        before = self.relations[one.giver, one.external_userid]
        before.status = "deleted_by_staff"
        self.tell(
            "change_external_contact", "del_external_contact", UserID=one.giver,
            ExternalUserID=one.external_userid, Source="DELETE_BY_TRANSFER",
        )  # fmt: skip
        had = sum(
            (other.taker, other.external_userid) == (one.taker, one.external_userid)
            and other.status == DONE
            for other in self.transfers
        )
        if had > 1:  # was the taker's once: nothing is called back
            relation = Relation(one.taker, one.external_userid, self.now, ASSIGNED)
            self.relations.setdefault((one.taker, one.external_userid), relation).status = "full"
        else:
            self._add(one.taker, one.external_userid, ASSIGNED, "", "", half=False)


def transfer(state: State, app: App, query: Query, body: Json) -> Json:  # noqa: ARG001 - one shape for all
    """On the job."""
    return _transfer(state, app, body, left=False)


def transfer_left(state: State, app: App, query: Query, body: Json) -> Json:  # noqa: ARG001
    """Of somebody who has left."""
    if text(body, "handover_userid") not in state.resigned:
        raise Code(40097, "member has not resigned")
    return _transfer(state, app, body, left=True)


def results(state: State, app: App, query: Query, body: Json) -> Json:  # noqa: ARG001
    return _results(state, body, left=False)


def results_left(state: State, app: App, query: Query, body: Json) -> Json:  # noqa: ARG001
    return _results(state, body, left=True)


def unassigned(state: State, app: App, query: Query, body: Json) -> Json:  # noqa: ARG001
    found = [
        {"handover_userid": one.userid, "external_userid": one.external_userid,
         "dimission_time": state.resigned[one.userid]}
        for one in sorted(state.relations.values(), key=lambda one: one.external_userid)
        if one.userid in state.resigned and one.status == "full"
        and not any(_of(other) == _of(one) and other.status == WAITS for other in state.transfers)
    ]  # fmt: skip
    page, following = state.page(
        found, body.get("cursor", ""), min(body.get("page_size") or 1000, 1000)
    )
    return {"info": page, "is_last": not following, "next_cursor": following}


def _of(one: Transfer | Relation) -> tuple[str, str]:
    giver = one.giver if isinstance(one, Transfer) else one.userid
    return giver, one.external_userid


def _transfer(state: State, app: App, body: Json, *, left: bool) -> Json:
    giver, wanted = text(body, "handover_userid"), texts(body, "external_userid")
    taker = state.member(app, text(body, "takeover_userid"))
    if not left:
        state.member(app, giver)
    if not 0 < len(wanted) <= 100 or len(text(body, "transfer_success_msg")) > 200:
        raise Code(40058, "invalid external_userid or transfer_success_msg size")
    if giver == taker.userid:
        raise Code(40130, "same person")
    if not taker.follows:
        raise Code(84083, "no customer contact function")
    answers: list[Json] = []
    for who in wanted:
        code = _code(state, giver, who, left=left)
        if not code:
            state.transfers.append(Transfer(giver, taker.userid, who, state.now, left))
        answers.append({"external_userid": who, "errcode": code})
    return {"customer": answers}


def _code(state: State, giver: str, who: str, *, left: bool) -> int:
    if who not in state.customers:
        return 40096
    relation = state.relations.get((giver, who))
    if relation is None or relation.status != "full":
        return 40131
    mine = [one for one in state.transfers if one.external_userid == who]
    if any(one.status == WAITS for one in mine):
        return 40129
    often = sum(not one.left and one.at > state.now - RESTS for one in mine)
    return 40128 if often >= 2 and not left else 0


def _results(state: State, body: Json, *, left: bool) -> Json:
    if isinstance(state, Hands):
        state.settle()
    found = [
        {"external_userid": one.external_userid, "status": one.status,
         **({"takeover_time": one.taken_at} if one.taken_at else {})}
        for one in state.transfers
        if (one.giver, one.taker, one.left)
        == (text(body, "handover_userid"), text(body, "takeover_userid"), left)
    ]  # fmt: skip
    page, following = state.page(found, body.get("cursor", ""), 1000)
    return {"customer": page, "next_cursor": following}
