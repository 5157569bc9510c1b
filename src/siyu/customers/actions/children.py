"""What a parent lets us keep of their children: months of birth, and by a word of its own a note on
health, sealed and for a time."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo

from siyu.customers.actions import known_by, no_phone
from siyu.customers.check import LONGEST, OF_AGE, born, echoes, health_note, of_age
from siyu.events import actions as events
from siyu.events.model import ChildToldOf, Key
from siyu.identities.model import Identity
from siyu.kernel.errors import BadInput, NotFound, Problem, Refused
from siyu.kernel.ids import PublicIds
from siyu.kernel.sentence import Sentence
from siyu.kernel.sql import Conn, load
from siyu.kernel.time import moment
from siyu.staff import actions as staff
from siyu.vault import actions as sealing
from siyu.vault import views as vault
from siyu.vault.model import Keys

SQL = load("siyu.customers")
MOST_CHILDREN = 9
FIELD = "health"  # in the vault, with the child's number: the same words on two children are two
NO_MONTH = Sentence(
    "There is nothing to note: this child's month of birth is not kept. Write that down first, with"
    " the parent's consent to it.",
    "无法备注：没有留存这个孩子的出生年月。请先凭家长的同意登记出生年月。",
)
NO_CONSENT = Sentence(
    "Nothing is kept on a child's health without the parent's separate consent to that; the one to"
    " the month of birth does not cover it. Say in `evidence` where it can be seen, else answer in"
    " the chat and write nothing down.",
    "没有家长对健康备注的单独同意，不保存任何健康信息；对出生年月的同意不包含它。"
    "请在 `evidence` 里写明在哪里可以看到；没有的话请在聊天里回答，不要记录。",
)
GROWN_UP = Sentence(
    f"This child is {OF_AGE} or older: a parent's consent is not enough for a note on health, and"
    " there is no other here.",
    f"孩子已满 {OF_AGE} 岁：健康备注不能只凭家长同意，这里也没有别的同意。",
)


ECHOED = Problem(
    "reason",
    Sentence(
        "repeats the note, and is kept in the audit log", "重复了备注内容，而原因会记入审计日志"
    ),
)


class ChildTold(NamedTuple):
    """What a parent tells of a child. `evidence`: where the consent to keep it can be seen; needed
    the first time. `today` is the brand's."""

    child: int
    month: str
    evidence: str
    today: date


class Reading(NamedTuple):
    """Who wants to read the note on which child, and why."""

    child: int
    by: str
    reason: str


class Note(NamedTuple):
    """A note on a child's health; its repr hides it. `evidence`: where the consent to this note can
    be seen, needed the first time. It is gone after so many days, at a midnight of the zone."""

    child: int
    text: str
    evidence: str
    days: int
    zone: ZoneInfo

    def __repr__(self) -> str:
        return f"Note(child={self.child}, text=…)"


def tell_child(
    conn: Conn, ids: PublicIds, customer_id: int, told: ChildTold, by: str, now: datetime
) -> None:
    """Keep a child's month of birth; another than before takes the note on health along. Without
    the parent's own consent nothing is kept: Refused says so. Told by a fact without the month;
    audited without it."""
    wrong = born(told.month, told.today)
    if wrong is None and not 1 <= told.child <= MOST_CHILDREN:
        few = f"must be between 1 and {MOST_CHILDREN}", f"必须在 1 到 {MOST_CHILDREN} 之间"
        wrong = Problem("child", Sentence(*few))
    if wrong is not None:
        raise BadInput(Sentence("This can't be kept of a child.", "无法保存孩子信息。"), (wrong,))
    known, evidence = known_by(conn, customer_id), told.evidence.strip()[:LONGEST]
    params = {"customer": customer_id, "identity": known[0].id, "now": now, "by": by}
    if evidence:
        conn.execute(SQL.consent_to_child, {**params, "evidence": evidence})
    elif held := conn.fetch(SQL.hold_child_consent, params):
        params["identity"] = held[0][0]
    else:
        raise Refused(
            Sentence(
                "Nothing is kept of a child without its parent's own consent: say in `evidence`"
                " where that can be seen.",
                "没有家长的单独同意，不保存任何孩子信息：请在 `evidence` 里写明在哪里可以看到。",
            )
        )
    params |= {"child": told.child, "month": told.month}
    forget_items(conn, conn.fetch(SQL.other_month, params))
    conn.execute(SQL.tell_child, params)
    _tell_child(conn, known, ids.encode("cus", customer_id), told.child, now, on=True)
    staff.audit(conn, by, "child.told", ids.encode("cus", customer_id), evidence, now)


def forget_children(
    conn: Conn, ids: PublicIds, customer_id: int, by: str, now: datetime
) -> list[int]:
    """The parent takes the consent back: all that was kept of children is deleted at once, notes on
    health and the consent to them with it; which. Audited."""
    known, who = known_by(conn, customer_id), ids.encode("cus", customer_id)
    said = {"customer": customer_id, "identity": known[0].id, "now": now, "by": by}
    conn.execute(SQL.take_back_child_consent, said)
    conn.execute(SQL.say_health, {**said, "state": "withdrawn", "evidence": ""})
    gone = sorted(row[0] for row in conn.fetch(SQL.unspoken, {"customers": [customer_id]}))
    drop_unkept(conn, [customer_id])
    for child in gone:  # at most nine
        _tell_child(conn, known, who, child, now, on=False)
    staff.audit(conn, by, "child.forgotten", who, "", now)
    return gone


def note_health(
    conn: Conn, keys: Keys, ids: PublicIds, customer_id: int, note: Note, by: str, now: datetime
) -> datetime:
    """Keep a note on a child's health, instead of the one before; until when. Without the parent's
    consent to that itself, beside the one to the month of birth, Refused says so. Sealed, told by
    no fact, audited without the text."""
    known, evidence = known_by(conn, customer_id), note.evidence.strip()
    _check_note(note.text, evidence)
    no_phone(conn, keys, known, "evidence", evidence)
    params: dict[str, object] = {"customer": customer_id, "now": now, "by": by}
    params["child"] = note.child
    if not conn.fetch(SQL.hold_child_consent, params):
        raise Refused(NO_MONTH)
    params["identity"] = known[0].id
    if evidence:
        conn.execute(SQL.say_health, {**params, "state": "given", "evidence": evidence})
    elif held := conn.fetch(SQL.hold_health_consent, params):
        params["identity"] = held[0][0]
    else:
        raise Refused(NO_CONSENT)
    until = _kept_until(conn, params, note, now)
    forget_items(conn, conn.fetch(SQL.drop_health, params))
    under = next((one.hash for one in known if one.id == params["identity"]), known[0].hash)
    sealed = [sealing.Sealing(under, f"{FIELD}{note.child}", note.text.strip())]
    (item,) = sealing.seal(conn, keys, sealed, now)
    conn.execute(SQL.note_health, {**params, "item": item, "until": until})
    staff.audit(conn, by, "child.health", ids.encode("cus", customer_id), evidence, now)
    return until


def _check_note(text: str, evidence: str) -> None:
    wrong = [health_note(text)]
    if len(evidence) > LONGEST or not evidence.isprintable():
        why = Sentence(
            f"must be one line of at most {LONGEST} characters",
            f"必须是一行，最多 {LONGEST} 个字符",
        )
        wrong.append(Problem("evidence", why))
    elif echoes(evidence, text):
        why = Sentence("repeats the note, and is kept in clear", "重复了备注内容，而凭证以明文保存")
        wrong.append(Problem("evidence", why))
    if problems := tuple(one for one in wrong if one is not None):
        raise BadInput(Sentence("This note can't be kept.", "这条备注不能保存。"), problems)


def _kept_until(conn: Conn, params: dict[str, object], note: Note, now: datetime) -> datetime:
    """A midnight of the brand's; of a child who comes of age before, the one of that."""
    child = conn.fetch(SQL.hold_child, params)
    if not child:
        raise Refused(NO_MONTH)
    grown = moment(of_age(child[0][0]), time(), note.zone)
    if grown <= now:
        raise Refused(GROWN_UP)
    last = now.astimezone(note.zone).date() + timedelta(days=note.days)
    return min(moment(last, time(), note.zone), grown)


def show_health(
    conn: Conn, keys: Keys, ids: PublicIds, customer_id: int, asked: Reading, now: datetime
) -> str:
    """The note in clear, to somebody who says who they are and why; the audit log's line comes
    first, in one transaction."""
    child, by, reason = asked
    if not by.strip() or not reason.strip():
        raise BadInput(
            Sentence(
                "say who wants to see it and why: both go into the audit log",
                "请写明谁要查看、为什么：两项都会记入审计日志",
            )
        )
    no_phone(conn, keys, known_by(conn, customer_id), "reason", reason)
    who = ids.encode("cus", customer_id)
    staff.audit(conn, by, "child.health_shown", who, f"child {child}: {reason}", now)
    params = {"customer": customer_id, "child": child, "now": now}
    items = [item for (item,) in conn.fetch(SQL.health, params)]
    for text in vault.open_items(conn, keys, items).values():
        if echoes(reason, text):  # the line goes back with the transaction
            raise BadInput(Sentence("This note is not shown.", "这条备注没有显示。"), (ECHOED,))
        return text
    raise NotFound(Sentence("There is no note on this child's health.", "这个孩子没有健康备注。"))


def forget_health(
    conn: Conn, ids: PublicIds, customer_id: int, child: int | None, by: str, now: datetime
) -> None:
    """Delete the note on one child; without a child the parent takes the consent back, and all
    notes go. Audited."""
    known, who = known_by(conn, customer_id), ids.encode("cus", customer_id)
    said = {"customer": customer_id, "identity": known[0].id, "now": now, "by": by}
    if child is None:
        conn.execute(SQL.say_health, {**said, "state": "withdrawn", "evidence": ""})
        drop_unkept(conn, [customer_id])
    else:
        forget_items(conn, conn.fetch(SQL.drop_health, {**said, "child": child}))
    staff.audit(conn, by, "child.health_forgotten", who, f"child {child}" if child else "", now)


def expire_health(conn: Conn, now: datetime, *, limit: int = 500) -> int:
    """Delete the notes whose time is over; how many."""
    return forget_items(conn, conn.fetch(SQL.expire_health, {"now": now, "limit": limit}))


def drop_unkept(conn: Conn, customer_ids: Sequence[int]) -> None:
    """Delete the notes of these customers for which not both words and the child stand."""
    forget_items(conn, conn.fetch(SQL.unkept_health, {"customers": sorted(set(customer_ids))}))


def forget_items(conn: Conn, rows: Sequence[tuple[int, ...]]) -> int:
    """Delete the texts of notes that went; how many."""
    sealing.forget(conn, [item for (item,) in rows])
    return len(rows)


def _tell_child(
    conn: Conn, known: Sequence[Identity], who: str, child: int, now: datetime, *, on: bool
) -> None:
    name = f"child/{who}/{child}/{now.isoformat()}/{on}"
    key = Key(known[0].kind, known[0].hash)
    events.own(conn, [events.Own(ChildToldOf(child=child, on=on), name, now, (key,))], now)
