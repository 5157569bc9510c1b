"""Sign in and out. All times here are real ones: a session is no matter of the brand's calendar."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from datetime import datetime, timedelta
from hashlib import blake2b
from typing import NamedTuple

from siyu.kernel.errors import BadInput, Forbidden, Problem, Throttled, Unknown
from siyu.kernel.sentence import Sentence
from siyu.kernel.sql import Conn, Db, load
from siyu.staff.actions import accounts, audit
from siyu.staff.actions.passwords import is_right
from siyu.staff.decide import FORGET, FREE_BY_ACCOUNT, FREE_BY_ADDRESS, LONGEST_SESSION, waits

SQL = load("siyu.staff")
SEEN = timedelta(minutes=1)  # a session that is used is written down so often at most


class Door(NamedTuple):
    """What keys the hashes of this installation, and the address that somebody comes from."""

    secret: bytes
    address: str


def key_of(secret: bytes, text: str) -> bytes:
    """A keyed hash: what is stored opens nothing."""
    return blake2b(text.encode(), key=secret, digest_size=32).digest()


def sign_in(db: Db, door: Door, code: str, password: str, now: datetime, real: datetime) -> str:
    """What the cookie of the new session holds; Unknown and Throttled say no more than that.

    A try is counted before it is looked at, so many at once are no more than one after the other.
    No transaction is open while the password is looked at.
    """
    account = key_of(door.secret, f"account {code}")
    address = key_of(door.secret, f"address {door.address}")
    with db.transaction() as conn:
        conn.execute(SQL.forget_attempts, {"since": real - FORGET})
        locked = _count(conn, account, FREE_BY_ACCOUNT, real)
        locked = max(_count(conn, address, FREE_BY_ADDRESS, real), locked)
        stored = conn.fetch(SQL.sign_in_hash, {"staff": code}) if not locked else []
    _look(stored[0][0] if stored else None, password, locked)
    with db.transaction() as conn:
        conn.execute(SQL.sign_in_worked, {"account": account})
        conn.execute(SQL.try_back, {"address": address})
        token = begin(conn, door.secret, code, real)
        audit(conn, code, "session.begin", code, "", now)
    return token


def let_in(
    db: Db, door: Door, by: str, who: Callable[[], str], now: datetime, real: datetime
) -> str:
    """A session for whom a carrier names (`who` asks it), with the rights of the account.

    Counted by address as passwords are; no transaction is open while the carrier is asked.
    """
    address = key_of(door.secret, f"address {door.address}")
    with db.transaction() as conn:
        conn.execute(SQL.forget_attempts, {"since": real - FORGET})
        locked = _count(conn, address, FREE_BY_ADDRESS, real)
    if locked:
        raise _too_often(locked)
    code = who()
    with db.transaction() as conn:
        if not code or not conn.fetch(SQL.sign_in_hash, {"staff": code}):
            raise Forbidden(_no_account(code))
        conn.execute(SQL.try_back, {"address": address})
        token = begin(conn, door.secret, code, real, by)
        audit(conn, code, "session.begin", code, by, now)
    return token


def tried(db: Db, door: Door, about: str, real: datetime) -> None:
    """Count a try at a page that is open to strangers, by what it is about and by address, apart
    from signing in: Throttled says when the next one may be."""
    with db.transaction() as conn:
        conn.execute(SQL.forget_attempts, {"since": real - FORGET})
        locked = _count(conn, key_of(door.secret, f"page {about}"), FREE_BY_ACCOUNT, real)
        address = key_of(door.secret, f"page from {door.address}")
        locked = max(_count(conn, address, FREE_BY_ADDRESS, real), locked)
    if locked:
        words = Sentence(
            f"Too many tries; try again in {_spoken(locked)}.",
            f"尝试次数太多；请 {_spoken(locked).zh}后再试。",
        )
        raise Throttled(words, seconds=locked)


def _no_account(code: str) -> Sentence:
    if not code:
        return Sentence("You are not one of our staff.", "您不是本品牌的员工。")
    return Sentence(
        f"{code} has no account here. Whoever manages staff can make one.",
        f"{code} 在这里没有账号，请联系管理员开通。",
    )


def change_password(
    db: Db, secret: bytes, code: str, passwords: tuple[str, str], now: datetime, real: datetime
) -> str:
    """(old, new): one's own password; the account is signed in by the new session alone.

    Throttled like signing in: whoever finds a screen left open can't try passwords at it.
    """
    old, new = passwords
    account = key_of(secret, f"password of {code}")
    with db.transaction() as conn:
        locked = _count(conn, account, FREE_BY_ACCOUNT, real)
        stored = conn.fetch(SQL.sign_in_hash, {"staff": code}) if not locked else []
    try:
        _look(stored[0][0] if stored else None, old, locked)
    except Unknown:
        raise BadInput(
            Sentence("The old password is wrong.", "旧密码不对。"),
            (Problem("old", Sentence("is wrong", "不对")),),
        ) from None
    if new == old:
        raise BadInput(
            Sentence("This password is not new.", "新密码与旧密码相同。"),
            (Problem("new", Sentence("choose another one", "请另选一个")),),
        )
    with db.transaction() as conn:
        conn.execute(SQL.sign_in_worked, {"account": account})
        accounts.set_password(conn, code, new, code, now, must_change=False)
        return begin(conn, secret, code, real)


def _look(stored: str | None, password: str, locked: int) -> None:
    if locked:
        raise _too_often(locked)
    if not is_right(stored, password):
        raise Unknown


def _too_often(locked: int) -> Throttled:
    words = Sentence(
        f"Too many wrong passwords; try again in {_spoken(locked)}.",
        f"密码错误次数太多；请 {_spoken(locked).zh}后再试。",
    )
    return Throttled(words, seconds=locked)


def begin(conn: Conn, secret: bytes, code: str, real: datetime, by: str = "") -> str:
    """A session of this account; what was over long ago is forgotten. `by`: the connector that said
    who it is, where no password did."""
    conn.execute(SQL.forget_sessions, {"real": real})
    token = secrets.token_urlsafe(32)
    row = {"hash": key_of(secret, token), "staff": code, "real": real, "by": by}
    conn.execute(SQL.begin_session, {**row, "ends": real + LONGEST_SESSION})
    return token


def seen(conn: Conn, secret: bytes, token: str, real: datetime) -> None:
    """It is used: it does not end by idleness."""
    conn.execute(SQL.session_seen, {"hash": key_of(secret, token), "real": real})


def sign_out(conn: Conn, secret: bytes, token: str) -> None:
    """This session is over; one that is over already stays so."""
    conn.execute(SQL.end_session, {"hash": key_of(secret, token)})


def _count(conn: Conn, key: bytes, free: int, real: datetime) -> int:
    """Count a try; how many whole seconds are left where none is allowed now."""
    params = {"key": key, "real": real, "since": real - FORGET, "waits": waits(free)}
    if conn.fetch(SQL.count_attempt, params):
        return 0
    ((until,),) = conn.fetch(SQL.locked_until, {"key": key})
    return max(1, -int((real - until).total_seconds() // 1))


def _spoken(seconds: int) -> Sentence:
    if seconds < 100:
        return Sentence(f"{seconds} s", f" {seconds} 秒")
    return Sentence(f"{-(-seconds // 60)} minutes", f" {-(-seconds // 60)} 分钟")
