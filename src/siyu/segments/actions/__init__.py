"""Keep, retire and use segments: one at a time, checked against all the others, audited."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Literal

from siyu.kernel.errors import BadInput, Problem, Refused
from siyu.kernel.sentence import Sentence
from siyu.kernel.sql import Conn, load
from siyu.segments.check import parse
from siyu.segments.compile import digest
from siyu.segments.decide import Written, check, expand, reached
from siyu.segments.decide.heard import swept
from siyu.segments.decide.shipped import shipped
from siyu.segments.decide.stock import Stock, Stored, stored
from siyu.segments.model import Family
from siyu.staff import actions as staff

SQL = load("siyu.segments")
Outcome = Literal["new", "changed", "same", "left"]


def keep(
    conn: Conn,
    text: str,
    families: Sequence[Family],
    by: str,
    now: datetime,
    note: str = "",
    *,
    made: bool = False,
) -> Stored:
    """Make a segment, or change it: a version more. The same text again changes nothing. `made`:
    nobody has written it, it follows from figures."""
    hold(conn)
    known = _stock(conn)
    written = check(text, families, known.when)
    if not isinstance(written, Written):
        raise BadInput(
            Sentence("This is no segment that can be kept.", "这个人群不能保存。"), written
        )
    before = known.by_code.get(written.code)
    if before is not None and before.text == text and before.retired_at is None:
        return before
    if problems := tuple(_others(known, written, families)):
        raise BadInput(
            Sentence("Segments that refer to it could not be.", "引用它的人群将无法成立。"),
            problems,
        )
    asked = {"code": written.code, "layer": written.layer, "live": written.live, "text": text}
    said = {"by": by, "now": now, "note": note.strip(), "made": made}
    ((_, version),) = conn.fetch(SQL.set, {**asked, **said})
    said = f"version {version}: {note.strip()}" if note.strip() else f"version {version}"
    staff.audit(conn, by, "segment.set", written.code, said, now)
    watch(conn, families, now)
    return _stock(conn).named(written.code)


def install(
    conn: Conn, layers: Sequence[str], families: Sequence[Family], by: str, now: datetime
) -> list[str]:
    """Keep the segments of shipped layers that are not there yet; which were not. One that a brand
    has changed, or retired, stays as it is."""
    hold(conn)
    known, new = _stock(conn), list[str]()
    for layer in map(shipped, layers):
        for code, text in layer.texts.items():
            if code in known.by_code:
                continue
            written = check(text, families, known.when)
            if not isinstance(written, Written):
                raise BadInput(
                    Sentence(
                        f"The shipped segment {code} can't be read.", f"内置人群 {code} 无法读取。"
                    ),
                    written,
                )
            asked = {"code": code, "layer": written.layer, "live": written.live, "text": text}
            conn.fetch(SQL.set, {**asked, "by": by, "now": now, "note": "", "made": False})
            new.append(code)
    if new:
        staff.audit(conn, by, "segment.install", ", ".join(layers), f"{len(new)} segments", now)
    return new


def cut(
    conn: Conn,
    texts: Mapping[str, str],
    families: Sequence[Family],
    by: str,
    now: datetime,
    *,
    over: bool = False,
) -> dict[str, Outcome]:
    """Keep segments that follow from figures, by code, each as it now follows: a version more of
    one that was made like this. One that a brand has edited or retired stays, but for `over`."""
    hold(conn)
    known, found = _stock(conn).by_code, dict[str, Outcome]()
    for code, text in texts.items():
        before = known.get(code)
        if before is not None and not over and (not before.made or before.retired_at is not None):
            found[code] = "left"
            continue
        version = keep(conn, text, families, by, now, made=True).version
        if before is None:
            found[code] = "new"
        else:
            found[code] = "same" if version == before.version else "changed"
    return found


def _others(known: Stock, written: Written, families: Sequence[Family]) -> Iterable[Problem]:
    """What those who refer to it would have wrong: too many conditions in one text."""

    def when(code: str) -> object:
        return written.when if code == written.code else known.when(code)

    for other in known.standing:
        if other.code != written.code and written.code in reached(other.when, when):
            found = parse(expand(other.when, when), families, other.code)
            yield from found if isinstance(found, tuple) else ()


def retire(conn: Conn, code: str, families: Sequence[Family], by: str, now: datetime) -> None:
    """Take a segment out of use; its versions stay. Refused while something refers to it."""
    hold(conn)
    known = _stock(conn)
    if known.named(code).retired_at is not None:
        return
    if users := known.users(code, conn.fetch(SQL.uses)):
        named = ", ".join(users)
        raise Refused(Sentence(f"{code} is used by {named}.", f"{code} 正被使用：{named}。"))
    conn.execute(SQL.retire, {"code": code, "now": now})
    staff.audit(conn, by, "segment.retire", code, "", now)
    watch(conn, families, now)


def use(
    conn: Conn, user: str, codes: Iterable[str], families: Sequence[Family], now: datetime
) -> None:
    """From now on this user (`journey:CODE`) needs the members of these segments, of no others."""
    wanted = sorted(set(codes))
    if not wanted and not conn.fetch(SQL.uses_of, {"by": user}):
        return
    hold(conn)
    known = _stock(conn)
    for code in wanted:
        known.must(code, families)
    ids = [known.named(code).id for code in wanted]
    conn.execute(SQL.use, {"by": user, "segments": ids})
    watch(conn, families, now)


def let_go(conn: Conn, user: str) -> None:
    """This user needs no members any more."""
    if conn.fetch(SQL.uses_of, {"by": user}):
        hold(conn)
        conn.execute(SQL.use, {"by": user, "segments": []})
        _forget(conn, [row[0] for row in conn.fetch(SQL.idle)])


def hold(conn: Conn) -> None:
    """Nobody else changes segments or settles their members before this transaction ends."""
    conn.fetch(SQL.lock)
    conn.fetch(SQL.hold)


def watch(conn: Conn, families: Sequence[Family], now: datetime) -> None:
    """Members are kept of what is marked live or used; what says something else is filled anew."""
    known = _stock(conn)
    used = {code for code, _ in conn.fetch(SQL.uses)}
    live = [one for one in known.standing if one.live or one.code in used]
    trees = [known.tree(one.code, families) for one in live]
    good = [
        (one.id, digest(tree), swept(tree)) for one, tree in zip(live, trees, strict=True) if tree
    ]
    ids = [id_ for id_, *_ in good]
    _forget(conn, [row[0] for row in conn.fetch(SQL.unwatch, {"segments": ids})])
    columns = {"said": [said for _, said, _ in good], "swept": [swept for *_, swept in good]}
    conn.execute(SQL.watch, {"segments": ids, **columns, "now": now})


def _forget(conn: Conn, gone: Sequence[int]) -> None:
    if gone:
        conn.execute(SQL.forget, {"segments": gone})


def _stock(conn: Conn) -> Stock:
    return Stock([stored(row) for row in conn.fetch(SQL.all)])
