"""Put materials on the shelf, all of a file's or none; review them, and take them off."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Literal, NamedTuple

import msgspec

from siyu.content.check import check, twice
from siyu.content.model import About, Made, Material, digest
from siyu.kernel.errors import BadInput, NotFound, Refused
from siyu.kernel.sentence import Sentence
from siyu.kernel.sql import Conn, load
from siyu.staff.actions import audit

SQL = load("siyu.content")
UNKNOWN = About()
Verdict = Literal["submit", "approve", "refuse"]
# What a verdict makes of a version, and of which it can be said.
VERDICTS: Mapping[Verdict, tuple[str, tuple[str, ...]]] = {
    "submit": ("in_review", ("draft",)),
    "approve": ("approved", ("draft", "in_review", "refused")),
    "refuse": ("refused", ("draft", "in_review", "approved")),
}


class Written(NamedTuple):
    """A version that is new."""

    code: str
    version: int


def install(
    conn: Conn,
    materials: Sequence[Material],
    playbook: str,
    about: Mapping[str, About] | None = None,
    made: Made | None = None,
) -> list[Written]:
    """Make these known, each checked; BadInput lists every problem with its line. The versions
    that are new: what says the same as before is none."""
    made, about = made or Made(), about or {}
    shelf = sorted(materials, key=lambda one: (one.code, one.locale, one.variant))
    if not shelf:
        return []
    words: dict[str, bool] = {row[0]: row[1] for row in conn.fetch(SQL.intercepted)}
    problems = [problem for one in materials for problem in check(one, words).problems]
    problems += twice(materials)
    if problems:
        raise BadInput(
            Sentence("There are texts that can't be sent.", "有些文本不能发送。"), tuple(problems)
        )
    first = {one.code: one for one in reversed(shelf)}
    codes = sorted(first)
    known = [about.get(code, UNKNOWN) for code in codes]
    conn.execute(
        SQL.shelve,
        {
            "codes": codes,
            "channels": [first[code].channel for code in codes],
            "kinds": [first[code].kind for code in codes],
            "titles": [first[code].title for code in codes],
            "tags": [_json(list(one.tags)) for one in known],
            "owners": [one.owner for one in known],
            "valid_from": [one.valid_from for one in known],
            "valid_until": [one.valid_until for one in known],
            "playbook": playbook,
        },
    )
    by_code: dict[str, list[Material]] = {}
    for one in shelf:
        by_code.setdefault(one.code, []).append(one)
    rows = conn.fetch(
        SQL.write,
        {
            "codes": codes,
            "digests": [digest(by_code[code]) for code in codes],
            "state": made.state,
            "by": made.by,
            "at": made.at,
            "of": [one.code for one in shelf],
            "locales": [one.locale for one in shelf],
            "variants": [one.variant for one in shelf],
            "weights": [one.weight for one in shelf],
            "bodies": [one.body for one in shelf],
            "variables": [_json(dict(one.variables)) for one in shelf],
            "links": [_json(dict(one.links)) for one in shelf],
            "forms": [_json(dict(one.form)) for one in shelf],
        },
    )
    return [Written(*row) for row in rows]


def _json(value: object) -> str:
    return msgspec.json.encode(value).decode()


def review(
    conn: Conn, code: str, version: int, verdict: Verdict, by: str, now: datetime, why: str = ""
) -> None:
    """Say that a version may be sent or may not, or ask somebody to. Audited."""
    known = _versions(conn, code)
    if version not in known:
        raise NotFound(
            Sentence(
                f"{code} has no version {version}; the newest is {max(known)}.",
                f"{code} 没有第 {version} 版；最新的是第 {max(known)} 版。",
            )
        )
    state, before = VERDICTS[verdict]
    if verdict == "refuse" and not why.strip():
        raise BadInput(Sentence("Say why it is refused.", "请写明为什么不通过。"))
    params = {
        "code": code, "version": version, "state": state, "from": list(before),
        "by": by, "now": now, "why": why,
    }  # fmt: skip
    if not conn.execute(SQL.review, params):
        raise Refused(
            Sentence(
                f"{code}, version {version}, is {known[version]} already.",
                f"{code} 第 {version} 版已经是 {known[version]}。",
            )
        )
    audit(conn, by, f"material.{verdict}", code, f"version {version} {why}".strip(), now)


def _versions(conn: Conn, code: str) -> dict[int, str]:
    known = {row[0]: str(row[1]) for row in conn.fetch(SQL.versions, {"code": code})}
    if not known:
        raise NotFound(Sentence(f"There is no material {code!r}.", f"没有素材 {code!r}。"))
    return known


def retire(conn: Conn, code: str, by: str, now: datetime) -> None:
    """Nothing sends it from now on; what it said, and to whom, stays. Audited."""
    _versions(conn, code)
    if not conn.execute(SQL.retire, {"code": code, "by": by, "now": now}):
        raise Refused(Sentence(f"{code} is retired already.", f"{code} 已经停用。"))
    audit(conn, by, "material.retire", code, "", now)


def intercept(conn: Conn, word: str, by: str, now: datetime, *, allowed: bool) -> None:
    """Add a word that carriers intercept, or say that yours lets it pass. Audited."""
    word = word.strip().lower()
    if not 1 <= len(word) <= 40:
        raise BadInput(
            Sentence("A word has between 1 and 40 characters.", "词的长度为 1 到 40 个字符。")
        )
    conn.execute(SQL.intercept, {"word": word, "allowed": allowed, "by": by, "now": now})
    audit(conn, by, "material.word", word, "allowed" if allowed else "intercepted", now)
