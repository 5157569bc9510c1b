"""Accounts of the console: made, opened by a password, narrowed, switched off. Audited."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from datetime import datetime

from siyu.kernel.errors import BadInput, NotFound, Problem, Refused
from siyu.kernel.sentence import Sentence
from siyu.kernel.sql import Conn, load
from siyu.staff.actions import audit
from siyu.staff.actions.passwords import hashed
from siyu.staff.model import SCOPES, Sees

SQL = load("siyu.staff")
SHORTEST, LONGEST = 10, 200
USUAL = Sees()
# Of a password that is made: without what looks alike. Twelve of them are 59 bits.
LETTERS = "23456789abcdefghjkmnpqrstuvwxyz"


def made_up() -> str:
    """A password to be handed over and changed: three groups of four."""
    groups = ("".join(secrets.choice(LETTERS) for _ in range(4)) for _ in range(3))
    return "-".join(groups)


def add(
    conn: Conn,
    code: str,
    password: str,
    by: str,
    now: datetime,
    *,
    sees: Sees = USUAL,
    must_change: bool = True,
) -> None:
    """Let a member of staff sign in. Refused where they can already."""
    _member(conn, code)
    _check(conn, sees)
    row = {"staff": code, "hash": hashed(_fit(code, password)), "must_change": must_change}
    if not conn.execute(SQL.add_account, {**row, **sees._asdict(), "now": now}):
        raise Refused(
            Sentence(
                f"{code} has an account; `siyu account password` gives a new password.",
                f"{code} 已有账号；`siyu account password` 可设新密码。",
            )
        )
    audit(conn, by, "account.add", code, str(sees), now)


def set_scope(conn: Conn, code: str, sees: Sees, by: str, now: datetime) -> None:
    """What the account sees. Holds from the next request on."""
    _check(conn, sees)
    _one(conn.execute(SQL.set_account_scope, {"staff": code, **sees._asdict()}), code)
    audit(conn, by, "account.scope", code, str(sees), now)


def set_password(
    conn: Conn, code: str, password: str, by: str, now: datetime, *, must_change: bool
) -> None:
    """A new password; whoever is signed in with the old one is not any more."""
    params = {"staff": code, "hash": hashed(_fit(code, password)), "must_change": must_change}
    _one(conn.execute(SQL.set_password, {**params, "now": now}), code)
    end_sessions(conn, [code])
    audit(conn, by, "account.password", code, "one-time" if must_change else "", now)


def set_active(conn: Conn, code: str, by: str, now: datetime, *, active: bool) -> None:
    """Off: nobody signs in by it, and whoever is signed in is not any more."""
    _one(conn.execute(SQL.set_account_active, {"staff": code, "active": active}), code)
    if not active:
        end_sessions(conn, [code])
    audit(conn, by, "account.on" if active else "account.off", code, "", now)


def end_sessions(conn: Conn, codes: Sequence[str]) -> None:
    """These accounts are signed in nowhere any more."""
    conn.execute(SQL.end_sessions_of, {"staff": list(codes)})


def _fit(code: str, password: str) -> str:
    why: Sentence | None = None
    if not SHORTEST <= len(password) <= LONGEST:
        why = Sentence(
            f"must have {SHORTEST} to {LONGEST} characters",
            f"必须有 {SHORTEST} 到 {LONGEST} 个字符",
        )
    elif password.casefold() == code.casefold() or len(set(password)) < 5:
        why = Sentence("is too easy to guess", "太容易被猜到")
    if why:
        raise BadInput(
            Sentence("This password can't be used.", "这个密码不能用。"),
            (Problem("password", why),),
        )
    return password


def _member(conn: Conn, code: str) -> None:
    if not conn.fetch(SQL.member_known, {"code": code})[0][0]:
        raise NotFound(
            Sentence(
                f"Nobody here has the code {code!r}; `siyu staff add` adds somebody.",
                f"没有编码为 {code!r} 的员工；`siyu staff add` 可添加。",
            )
        )


def _one(found: int, code: str) -> None:
    if not found:
        raise NotFound(
            Sentence(
                f"{code!r} has no account; `siyu account add` makes one.",
                f"{code!r} 没有账号；`siyu account add` 可创建。",
            )
        )


def _check(conn: Conn, sees: Sees) -> None:
    scope, place = sees
    if scope is not None and scope not in SCOPES:
        raise BadInput(
            Sentence(
                f"{scope!r} is no scope; known are {', '.join(SCOPES)}.",
                f"{scope!r} 不是范围；可用的有 {', '.join(SCOPES)}。",
            )
        )
    if not place:
        return
    if scope not in ("region", "store"):
        raise BadInput(
            Sentence(
                "Only a region or a store is a place; leave it out.",
                "只有大区或门店才有地点；请留空。",
            )
        )
    if not conn.fetch(SQL.place_known, {"scope": scope, "place": place})[0][0]:
        raise BadInput(
            Sentence(
                f"There is no {scope} {place!r}; `siyu staff list` shows them.",
                f"没有 {scope} {place!r}；`siyu staff list` 会列出。",
            )
        )
