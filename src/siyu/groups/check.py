"""A plan as text → the plan, or what is wrong with it, line by line.

    group: mums
    title: {zh: 妈妈群, en: Mums}
    admission: mums-of-babies          # a segment; left out: everybody
    apart_from: [deal-hunters]
    chats: ["妈妈群*"]                  # titles, with * for what differs, or ids
    way: mums                          # the state of the code that leads into them
    capacity: 500
    roll_over: 0.9
    calendar:
      - {on: mon-fri, at: "20:00", say: mums-evening, owner: li}
      - {on: sat, at: "10:00", say: weekend, through: moments, owner: li}

Several plans of one file stand apart by a line `---`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import time
from typing import TypeAlias, cast

from siyu.groups.model import CAPACITY, ROLL_OVER, THROUGH, Entry, Plan, Through
from siyu.groups.render import ENTRY, LEAST_SHARE, LONGEST, MOST_PEOPLE, PLAN, WHOLE
from siyu.kernel.document import Document, Unreadable, lines_of
from siyu.kernel.document import read as parsed
from siyu.kernel.errors import Problem
from siyu.kernel.sentence import Sentence, wording
from siyu.staff.model import WEEKDAYS, week

Said: TypeAlias = Mapping[str, object]
KNOWN = tuple(one.name for one in PLAN)
OF_ENTRY = tuple(one.name for one in ENTRY)
CODE = re.compile(r"[a-z][a-z0-9_-]{0,59}")
_APART = re.compile(r"^---\s*$", re.MULTILINE)
_AT = re.compile(r"([01]?\d|2[0-3]):([0-5]\d)")
MOST_ENTRIES = 50


def check_all(text: str) -> list[tuple[Plan, str]] | tuple[Problem, ...]:
    """Every plan of a file with its text; or all that is wrong with any."""
    found: list[tuple[Plan, str]] = []
    wrong: list[Problem] = []
    before = 0
    for part in _APART.split(text):
        if part.strip():
            plan = check(part)
            if isinstance(plan, Plan):
                found.append((plan, part.strip("\n") + "\n"))
            else:
                wrong += [
                    Problem(one.where, one.why, one.line + before if one.line else None)
                    for one in plan
                ]
        before += part.count("\n") + (1 if part.endswith("\n") or not part else 0)
    codes = [plan.code for plan, _ in found]
    wrong += [
        Problem("group", Sentence(f"`{code}` stands here twice", f"`{code}` 出现了两次"))
        for code in sorted({code for code in codes if codes.count(code) > 1})
    ]
    if not found and not wrong:
        wrong.append(Problem("text", Sentence("there is no plan in it", "里面没有群计划")))
    return tuple(wrong) or found


def check(text: str) -> Plan | tuple[Problem, ...]:
    """One plan."""
    try:
        document = parsed(text)
    except Unreadable as error:
        return (error.problem,)
    reader = _Reader(document)
    plan = reader.plan() if reader.said else None
    if plan is None or reader.problems:
        return tuple(lines_of(document, one) for one in reader.problems)
    return plan


class _Reader:
    def __init__(self, document: Document) -> None:
        self.problems: list[Problem] = []
        self.said = _mapping(document.value)
        if not self.said:
            self._wrong("", Sentence("must be a mapping with group, title and chats",
                                     "必须是含 group、title 和 chats 的映射"))  # fmt: skip
        self._known(self.said, KNOWN, "")

    def _wrong(self, where: str, why: Sentence) -> None:
        self.problems.append(Problem(where, why))

    def _known(self, said: Said, known: tuple[str, ...], where: str) -> None:
        for name in said:
            if name not in known:
                listed = ", ".join(known)
                why = Sentence(
                    f"unknown word {name!r}; known: {listed}",
                    f"不认识的词 {name!r}；可用的有 {listed}",
                )
                self._wrong(f"{where}.{name}" if where else name, why)

    def plan(self) -> Plan:
        code = self._code(self.said.get("group"), "group")
        apart = self._list("apart_from")
        for place, other in enumerate(apart):
            self._code(other, f"apart_from[{place}]")
        if code and code in apart:
            self._wrong("apart_from", Sentence("a group can't be apart from itself",
                                               "群不能与自己互斥"))  # fmt: skip
        chats = self._list("chats")
        if not chats:
            self._wrong("chats", Sentence("say which group chats: titles, like `妈妈群*`, or ids",
                                          "请写群名（如 `妈妈群*`）或群 ID"))  # fmt: skip
        return Plan(
            code, self._title(), self._text(self.said, "admission", "admission"), apart, chats,
            self._whole("capacity", CAPACITY), self._share(),
            self._text(self.said, "way", "way"), self._calendar(),
        )  # fmt: skip

    def _code(self, value: object, where: str) -> str:
        if isinstance(value, str) and CODE.fullmatch(value):
            return value
        why = Sentence(
            "must be a code of a-z, 0-9, _ and -, like `deal-hunters`",
            "必须是由 a-z、0-9、_ 和 - 组成的编码，如 `deal-hunters`",
        )
        self._wrong(where, why)
        return ""

    def _title(self) -> dict[str, str]:
        said = _mapping(self.said.get("title"))
        found = {name: self._text(said, name, f"title.{name}") for name in ("zh", "en")}
        for name, value in found.items():
            if not value:
                self._wrong(f"title.{name}", Sentence("say it in both languages: {zh: …, en: …}",
                                                      "请写两种语言：{zh: …, en: …}"))  # fmt: skip
        return found

    def _text(self, said: Said, name: str, where: str) -> str:
        value = said.get(name, "")
        if isinstance(value, str) and len(value) <= LONGEST and value.isprintable():
            return value.strip()
        self._wrong(where, Sentence(f"must be one line of up to {LONGEST} characters",
                                    f"必须是一行，最多 {LONGEST} 个字符"))  # fmt: skip
        return ""

    def _list(self, name: str) -> tuple[str, ...]:
        value = self.said.get(name, [])
        found = cast("list[object]", value) if isinstance(value, list) else [value]
        texts = tuple(one for one in found if isinstance(one, str) and 0 < len(one) <= LONGEST)
        if len(texts) != len(found):
            self._wrong(name, Sentence("must be a list of texts", "必须是文字列表"))
        return texts

    def _whole(self, name: str, usual: int) -> int:
        value = self.said.get(name, usual)
        if isinstance(value, int) and not isinstance(value, bool) and 0 < value <= MOST_PEOPLE:
            return value
        self._wrong(name, Sentence(f"must be a whole number from 1 to {MOST_PEOPLE}",
                                   f"必须是 1 到 {MOST_PEOPLE} 的整数"))  # fmt: skip
        return usual

    def _share(self) -> float:
        value = self.said.get("roll_over", ROLL_OVER)
        number = isinstance(value, int | float) and not isinstance(value, bool)
        if number and LEAST_SHARE <= float(cast("float", value)) <= WHOLE:
            return float(cast("float", value))
        self._wrong("roll_over", Sentence("must be a share from 0.1 to 1, like 0.9",
                                          "必须是 0.1 到 1 的比例，如 0.9"))  # fmt: skip
        return ROLL_OVER

    def _calendar(self) -> tuple[Entry, ...]:
        value = self.said.get("calendar", [])
        if not isinstance(value, list) or len(cast("list[object]", value)) > MOST_ENTRIES:
            self._wrong("calendar", Sentence(f"must be a list of up to {MOST_ENTRIES} entries",
                                             f"必须是列表，最多 {MOST_ENTRIES} 项"))  # fmt: skip
            return ()
        entries = enumerate(cast("list[object]", value))
        return tuple(self._entry(one, f"calendar[{place}]") for place, one in entries)

    def _entry(self, value: object, where: str) -> Entry:
        said = _mapping(value)
        self._known(said, OF_ENTRY, where)
        through = said.get("through", "group_message")
        found = dict[object, Through](zip(THROUGH, THROUGH, strict=True)).get(through, THROUGH[0])
        if found != through:
            listed = ", ".join(THROUGH)
            self._wrong(f"{where}.through", Sentence(f"must be one of {listed}",
                                                     f"必须是 {listed} 之一"))  # fmt: skip
        material = self._text(said, "say", f"{where}.say")
        if not material:
            self._wrong(f"{where}.say", Sentence("say which material", "请写素材编码"))
        owner = self._text(said, "owner", f"{where}.owner")
        return Entry(self._days(said, where), self._at(said, where), material, found, owner)

    def _days(self, said: Said, where: str) -> tuple[int, ...]:
        try:
            return tuple(sorted(week(f"{said.get('on', '')} 00:00-23:59")))
        except ValueError as error:
            known = f"{', '.join(WEEKDAYS)}, mon-fri"
            why = wording(error)
            self._wrong(f"{where}.on", Sentence(f"{why} ({known})", f"{why.zh}（{known}）"))
            return ()

    def _at(self, said: Said, where: str) -> time:
        found = _AT.fullmatch(str(said.get("at", "")))
        if found is None:
            self._wrong(f"{where}.at", Sentence("must be an hour like 20:00",
                                                "必须是时刻，如 20:00"))  # fmt: skip
            return time(0)
        return time(int(found[1]), int(found[2]))


def _mapping(value: object) -> Said:
    return cast("Said", value) if isinstance(value, dict) else {}
