"""What other rooms and people write about customers."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import NamedTuple

from siyu.customers.check import LONGEST, fact
from siyu.customers.decide import under
from siyu.customers.model import LONGEST_TAG, SURE, ListKind, ListStep, Noted, TagChange, Word
from siyu.events import actions as events
from siyu.events import check
from siyu.events.model import POINTERS, Key, TagExpired, TagSet
from siyu.identities import views as identities
from siyu.identities.model import Identity
from siyu.kernel.errors import BadInput, NotFound, Problem, Refused
from siyu.kernel.ids import PublicIds
from siyu.kernel.sentence import Sentence
from siyu.kernel.sql import Conn, load
from siyu.staff import actions as staff
from siyu.vault import views as vault
from siyu.vault.model import Keys

SQL = load("siyu.customers")
BY_HAND = "staff:"  # the source of a tag that this account set
BY_LIST = "list"  # the source of what a file of people says; its facts are called LIST/LINE


class Tagging(NamedTuple):
    """Set a tag; without an identity, on the customer's first one. `source` says who set it."""

    customer_id: int
    identity_id: int | None
    name: str
    source: str
    confidence: int = SURE  # in hundredths
    until: datetime | None = None
    at: datetime | None = None  # now, if nothing is said
    source_id: str = ""


class Mark(NamedTuple):
    """A tag as somebody here sets it, or takes it away."""

    name: str
    on: bool
    confidence: float = 1.0
    until: datetime | None = None


def tag(conn: Conn, taggings: Sequence[Tagging], now: datetime) -> list[int]:
    """Set these tags; one that was set before is dated anew.

    One that is new is also told, as a fact of our own: sets and visits listen to events. Its
    answer: those events.
    """
    rows = list(taggings)
    if not rows:
        return []
    new = conn.fetch(
        SQL.tag,
        {
            "identities": [row.identity_id for row in rows],
            "customers": [row.customer_id for row in rows],
            "names": [row.name for row in rows],
            "ats": [row.at or now for row in rows],
            "sources": [row.source for row in rows],
            "source_ids": [row.source_id for row in rows],
            "confidences": [row.confidence for row in rows],
            "untils": [row.until for row in rows],
            "now": now,
        },
    )
    told = [
        events.Own(
            TagSet(name=name, confidence=sure / SURE, until=until),
            f"tag:{id_}/{at.isoformat()}" if again else f"tag:{id_}",
            now,
            (Key(kind, hashed),),
        )
        for id_, name, kind, hashed, sure, until, at, again in new
    ]
    return events.own(conn, told, now)


def expire(conn: Conn, now: datetime, *, limit: int = 500) -> int:
    """Tags that have come to their `until`: told once, where no other key carries
    it on. How many."""
    rows = conn.fetch(SQL.expire, {"now": now, "limit": limit})
    told = [
        events.Own(
            TagExpired(name=name),
            f"tag.over/{id_}/{until.isoformat()}",
            until,
            (Key(kind, hashed),),
        )
        for id_, name, until, kind, hashed, carried in rows
        if not carried
    ]
    events.own(conn, told, now)
    return len(rows)


def advance(conn: Conn, stages: Mapping[int, int]) -> None:
    """Raise customers to these stages (A1–A5 as 1–5); nobody is lowered."""
    if stages:
        ids = sorted(stages)
        conn.execute(SQL.advance, {"ids": ids, "stages": [int(stages[id_]) for id_ in ids]})


def tag_columns(rows: Sequence[TagChange]) -> dict[str, object]:
    """Tag changes as the arrays that the statements take."""
    return {
        "identities": [row.identity_id for row in rows],
        "customers": [row.customer_id for row in rows],
        "names": [row.name for row in rows],
        "ats": [row.when.at for row in rows],
        "sources": [row.when.source for row in rows],
        "source_ids": [row.when.source_id for row in rows],
        "confidences": [row.confidence for row in rows],
        "untils": [row.until for row in rows],
    }


def consent(
    conn: Conn, keys: Keys, ids: PublicIds, customer_id: int, word: Word, by: str, now: datetime
) -> Noted:
    """Write a customer's word down: a fact of our own under one of their keys. Audited.

    The same word of the same time is told once; of two for one time a withdrawal counts, else the
    one that was written down last.
    """
    told = fact(word, now)
    if isinstance(told, tuple):
        raise BadInput(Sentence("This consent can't be kept.", "这项同意不能保存。"), told)
    customer = identities.survivor(conn, [customer_id])[customer_id]
    known = identities.of_customer(conn, customer)
    key = under(told.channels, known)
    if key is None:
        raise NotFound(Sentence("There is no such customer.", "没有这位客户。"))
    no_phone(conn, keys, known, "evidence", told.evidence)
    kind, who = f"consent.{word.state}", ids.encode("cus", customer)
    about = f"{', '.join(told.channels)} for {', '.join(told.purposes)}"
    name = f"{kind}/{who}/{now.isoformat()}/{about}/{word.said_at.isoformat()}"
    events.own(conn, [events.Own(told, name, word.said_at, (Key(key.kind, key.hash),))], now)
    staff.audit(conn, by, kind, who, ": ".join(filter(None, (about, told.evidence))), now)
    return Noted(customer, key.id)


def mark(
    conn: Conn, keys: Keys, ids: PublicIds, customer_id: int, mark: Mark, by: str, now: datetime
) -> None:
    """Set a tag, or take it away from all keys of the customer, by hand. Audited.

    What is taken away is told as a fact, so that no older setting brings it back.
    """
    known = known_by(conn, customer_id)
    plain = mark.name.strip()
    if not 1 <= len(plain) <= LONGEST_TAG or not plain.isprintable():
        why = Sentence(
            f"must be one line of 1 to {LONGEST_TAG} characters",
            f"必须是一行 1 到 {LONGEST_TAG} 个字符",
        )
        raise BadInput(
            Sentence("This tag can't be kept.", "这个标签不能保存。"), (Problem("name", why),)
        )
    no_phone(conn, keys, known, "name", plain)
    who = ids.encode("cus", customer_id)
    if mark.on:
        sure = round(mark.confidence * SURE)
        tag(conn, [Tagging(customer_id, None, plain, f"{BY_HAND}{by}", sure, mark.until)], now)
    else:
        key = known[0]
        told = f"tag.off/{who}/{now.isoformat()}/{plain}"
        payload = TagSet(name=plain, on=False)
        events.own(conn, [events.Own(payload, told, now, (Key(key.kind, key.hash),))], now)
    staff.audit(conn, by, "tag.set" if mark.on else "tag.off", who, plain, now)


def plain_words(conn: Conn, keys: Keys, customer_id: int, where: str, text: str) -> str:
    """What somebody wrote about a customer, kept as it is: one line, and no phone of theirs."""
    plain = text.strip()
    if not 1 <= len(plain) <= LONGEST or not plain.isprintable():
        why = Sentence(
            f"must be one line of 1 to {LONGEST} characters", f"必须是一行 1 到 {LONGEST} 个字符"
        )
        raise BadInput(
            Sentence("These words can't be kept.", "这些文字不能保存。"), (Problem(where, why),)
        )
    no_phone(conn, keys, known_by(conn, customer_id), where, plain)
    return plain


def known_by(conn: Conn, customer_id: int) -> list[Identity]:
    """The keys of a customer that are their own; NotFound where there are none."""
    known = [one for one in identities.of_customer(conn, customer_id) if one.kind not in POINTERS]
    if not known:
        raise NotFound(Sentence("There is no such customer.", "没有这位客户。"))
    return known


def no_phone(conn: Conn, keys: Keys, known: Sequence[Identity], where: str, text: str) -> None:
    """Words about a customer are kept as they are written: none of their phones may be in them."""
    sealed = [one.hash for one in known if one.kind == "phone"]
    phones = vault.open_field(conn, keys, sealed, "phone").values()
    if any(check.repeats(phone, text.encode()) for phone in phones):
        why = Sentence("repeats the customer's phone; leave it out", "含有客户的手机号；请去掉")
        raise BadInput(Sentence("This can't be kept.", "这不能保存。"), (Problem(where, why),))


def begin_list(
    conn: Conn, kind: ListKind, tag: str, file: str, reading: str, by: str, now: datetime
) -> int:
    """A file of people comes in; the same one again goes on as the same list until it is undone."""
    said = {"kind": kind, "tag": tag, "file": file, "reading": reading, "by": by, "now": now}
    ((number,),) = conn.fetch(SQL.begin_list, said)
    return int(number)


def advance_list(
    conn: Conn, list_id: int, step: ListStep, now: datetime, *, done: bool = False
) -> None:
    """Note what became of some of its rows, in the transaction in which they were told: Refused
    where the list was taken back meanwhile, and then they are not told."""
    params = {**step._asdict(), "id": list_id, "done": done, "now": now}
    if not conn.fetch(SQL.advance_list, params):
        raise Refused(
            Sentence("The list was taken back meanwhile.", "这份名单已在导入途中被撤回。")
        )


def undo_list(conn: Conn, list_id: int, by: str, now: datetime) -> int:
    """Take back the tags that a list has set, where nobody has set them anew since; how many. Told
    as facts; audited by whoever calls."""
    rows = conn.fetch(SQL.undo_list, {"id": list_id, "by": by, "now": now})
    if not rows:
        raise Refused(
            Sentence(
                "This list can't be taken back: it is a blacklist, or taken back already.",
                "这份名单不能撤回：它是免打扰名单，或已撤回。",
            )
        )
    where = {"source": BY_LIST, "list": str(list_id), "lines": rows[0][0]}
    if conn.fetch(SQL.list_waits, where)[0][0]:
        raise Refused(
            Sentence(
                "Some of it is still being taken in; try again in a moment.",
                "还有一部分正在写入；请稍后再试。",
            )
        )
    found = conn.fetch(SQL.set_by_list, where)
    told = [
        events.Own(
            TagSet(name=name, on=False),
            f"list.undo/{list_id}/{identity}/{name}",
            now,
            (Key(kind, hashed),),
        )
        for identity, kind, hashed, name in found
    ]
    events.own(conn, told, now)
    return len(told)


def set_purposes(conn: Conn, purposes: Mapping[str, str]) -> list[int]:
    """Chat → what it is for; whatever is not named is for nothing. Whose groups changed."""
    chats = sorted(purposes)
    params = {"chats": chats, "purposes": [purposes[chat] for chat in chats]}
    return sorted({who for (who,) in conn.fetch(SQL.set_purposes, params)})


def keep_apart(conn: Conn, pairs: Collection[tuple[str, str]]) -> None:
    """Purposes of groups whose members are not invited into one another's; all there are."""
    conn.execute(SQL.clear_apart)
    ordered = sorted(pairs)
    params = {"purposes": [one for one, _ in ordered], "others": [other for _, other in ordered]}
    conn.execute(SQL.set_apart, params)
