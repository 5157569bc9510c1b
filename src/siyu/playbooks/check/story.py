"""A playbook's `story.yaml`: facts on a timeline, what must come of them, and what must not.

- story: buys-again
  title: {zh: 三十天内复购, en: Buys again within thirty days}
  facts:
    - {at: day 0 10:00, who: mei, friend.added: {staff: guide}}
    - {at: day 9 20:00, who: mei, order.paid: {order_no: A2, total: "199.00"}}
  expect:
    - {at: day 0 10:00, who: mei, sends: welcome}
  never:
    - {who: mei, sends: first-coupon}
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from datetime import UTC, datetime, time
from typing import Any, NamedTuple, cast

import msgspec

from siyu.events.model import KEY_KINDS, KINDS, OUR_KINDS, PERSON_FIELDS
from siyu.kernel.document import Document, Unreadable, lines_of, read
from siyu.kernel.errors import Problem
from siyu.kernel.sentence import Sentence, wording
from siyu.kernel.time import zone
from siyu.kernel.typed import misfit
from siyu.playbooks.check.facts import data_of
from siyu.playbooks.model.story import CHILD, At, Claim, Place, Story, Told

FIELDS = (
    "story", "title", "begins", "ends", "brand", "settings", "staff", "held_out", "facts", "expect",
    "never",
)  # fmt: skip
OF_FACT = ("at", "who", "keys", "person", "state")
CLAIMS = ("sends", "withheld", "tagged", "ends", "packs")
PACKED = ("gift", "card", "none")
OF_CLAIM = ("at", "who", "channel", "reason", *CLAIMS)
OF_NEVER = ("who", "after", "sends", "channel", "tagged", "ends", "packs")
AFTER = 7  # days that a story goes on behind the last that it names
BEGINS = "2026-03-02"  # a Monday
_CODE = re.compile(r"[a-z0-9][a-z0-9-]{0,60}")
_AT = re.compile(r"day (\d{1,4})(?: (\d{1,2}:\d\d(?::\d\d)?))?")
Said = Mapping[str, object]


class Read(NamedTuple):
    """The stories of a file, and what is wrong with it."""

    stories: list[Story]
    problems: list[Problem]


def stories(text: str) -> Read:
    """A list of stories in YAML."""
    try:
        document = read(text)
    except Unreadable as error:
        return Read([], [error.problem])
    found = document.value
    values = cast("list[object]", found) if isinstance(found, list) else []
    if not values:
        why = Sentence("is a list of stories: each begins with `- story:`",
                       "是故事的列表：每个以 `- story:` 开头")  # fmt: skip
        return Read([], [Problem("text", why, 1)])
    reader = _Reader(document)
    some = [reader.story(one, f"[{number}]") for number, one in enumerate(values)]
    good = [one for one in some if one is not None]
    codes = [one.story for one in good]
    for one in good:
        if codes.count(one.story) > 1:
            reader.wrong("", Sentence(f"`{one.story}` is there twice", f"`{one.story}` 写了两次"))
            break
    return Read(good, [lines_of(document, one) for one in reader.problems])


class _Reader:
    def __init__(self, document: Document) -> None:
        self.lines = document.lines
        self.problems: list[Problem] = []

    def wrong(self, where: str, why: Sentence) -> None:
        self.problems.append(Problem(where, why))

    def story(self, value: object, place: str) -> Story | None:
        before = len(self.problems)
        said = self._mapping(value, place, FIELDS)
        code = str(said.get("story", ""))
        if not _CODE.fullmatch(code):
            self.wrong(f"{place}.story", Sentence("needs a code of a-z, 0-9 and -",
                                                  "需要由 a-z、0-9 和 - 组成的编码"))  # fmt: skip
        of = self._place(said.get("brand"), f"{place}.brand")
        begins = self._begins(str(said.get("begins", BEGINS)), of, f"{place}.begins")
        staff = tuple(map(str, self._list(said, "staff", place))) or ("guide",)
        facts = self._facts(self._list(said, "facts", place), f"{place}.facts", of, (begins, staff))
        expect = self._claims(said, "expect", place)
        never = self._claims(said, "never", place)
        if not expect and not never:
            self.wrong(place, Sentence("expects nothing: say what must go out under `expect`, or "
                                       "what must not under `never`",
                                       "没有任何预期：请在 `expect` 写必须发出的，或在 `never` "
                                       "写不能发出的"))  # fmt: skip
        if not facts:
            self.wrong(place, Sentence("tells no `facts`", "没有 `facts`"))
        last = max((one.at.day for one in (*facts, *expect) if one.at), default=0)
        ends = self._at(said["ends"], f"{place}.ends") if "ends" in said else At(last + AFTER)
        settings = cast("Said", said.get("settings") or {})
        held = frozenset(map(str, self._list(said, "held_out", place)))
        if len(self.problems) > before or ends is None:
            return None
        return Story(
            code, str(said.get("title", "")), begins, ends.day, of, settings, staff, held,
            tuple(facts), tuple(expect), tuple(never), self.lines.get(place, 1),
        )  # fmt: skip

    def _mapping(self, value: object, place: str, known: Sequence[str]) -> Said:
        if not isinstance(value, dict):
            listed = ", ".join(known)
            self.wrong(place, Sentence(f"is a mapping of {listed}", f"是由 {listed} 组成的映射"))
            return {}
        said = cast("Said", value)
        for name in said:
            if name not in known:
                self._unknown(f"{place}.{name}", name, known)
        return said

    def _unknown(self, where: str, name: str, known: Sequence[str]) -> None:
        listed = ", ".join(known)
        self.wrong(where, Sentence(f"unknown word {name!r}; known: {listed}",
                                   f"不认识的词 {name!r}；可用的有 {listed}"))  # fmt: skip

    def _list(self, said: Said, name: str, place: str) -> list[object]:
        value = said.get(name, [])
        if not isinstance(value, list):
            self.wrong(f"{place}.{name}", Sentence("must be a list", "必须是列表"))
            return []
        return cast("list[object]", value)

    def _place(self, value: object, where: str) -> Place:
        said: Said = {} if value is None else self._mapping(value, where, Place._fields)
        found = Place(**{name: str(one) for name, one in said.items() if name in Place._fields})
        try:
            zone(found.zone)
        except ValueError as error:
            self.wrong(f"{where}.zone", wording(error))
            return Place()
        return found

    def _begins(self, text: str, of: Place, where: str) -> datetime:
        try:
            day = datetime.fromisoformat(text).date()
        except ValueError:
            self.wrong(where, Sentence(f"{text!r} is no day; write it like {BEGINS}",
                                       f"{text!r} 不是日期；请写成 {BEGINS}"))  # fmt: skip
            day = datetime.fromisoformat(BEGINS).date()
        return datetime.combine(day, time(), zone(of.zone)).astimezone(UTC)

    def _at(self, value: object, where: str) -> At | None:
        found = _AT.fullmatch(str(value))
        if found is not None:
            with suppress(ValueError):
                clock = time.fromisoformat(found[2].zfill(5)) if found[2] else None
                return At(int(found[1]), clock)
        why = Sentence(f"{value!r} is no time of a story; write `day 3 10:00`",
                       f"{value!r} 不是故事里的时间；请写 `day 3 10:00`")  # fmt: skip
        self.wrong(where, why)
        return None

    def _facts(
        self, some: Sequence[object], place: str, of: Place, begins: tuple[datetime, Sequence[str]]
    ) -> list[Told]:
        found: list[Told] = []
        for number, value in enumerate(some):
            where = f"{place}[{number}]"
            said: Said = cast("Said", value) if isinstance(value, dict) else {}
            kinds = [name for name in said if name not in OF_FACT]
            if len(kinds) != 1:
                self.wrong(where, Sentence("says one kind of event, like `friend.added: {…}`",
                                           "写一种事件，如 `friend.added: {…}`"))  # fmt: skip
                continue
            told = self._fact(said, kinds[0], where, (of, *begins))
            if told is not None:
                found.append(told)
        return found

    def _fact(
        self, said: Said, kind: str, where: str, of: tuple[Place, datetime, Sequence[str]]
    ) -> Told | None:
        if kind != CHILD and (kind not in KINDS or kind in OUR_KINDS):
            known = ", ".join(sorted(KINDS.keys() - OUR_KINDS))
            why = Sentence(f"is no event that is heard; known: {known}",
                           f"不是可以听到的事件；可用的有 {known}")  # fmt: skip
            self.wrong(f"{where}.{kind}", why)
            return None
        at = self._at(said.get("at"), f"{where}.at")
        who = self._who(said, where)
        if at is not None and at.clock is None:
            self.wrong(f"{where}.at", Sentence("needs a time: `day 3 10:00`",
                                               "需要写时间：`day 3 10:00`"))  # fmt: skip
        keys = tuple(map(str, self._list(said, "keys", where)))
        for one in keys:
            if one not in KEY_KINDS:
                self._unknown(f"{where}.keys", one, KEY_KINDS)
        person = self._mapping(said.get("person", {}), f"{where}.person", PERSON_FIELDS)
        inner = cast("dict[str, Any]", said[kind] or {})
        if not isinstance(said[kind], dict | None) or at is None or not who:
            if who and at:
                self.wrong(f"{where}.{kind}", Sentence("is a mapping", "是映射"))
            return None
        touch = str(inner.get("touch", ""))
        told = Told(
            at, who, kind, {n: v for n, v in inner.items() if n != "touch"}, touch, keys,
            {name: str(text) for name, text in person.items()}, str(said.get("state", "")),
            self.lines.get(where, 1),
        )  # fmt: skip
        (self._child if kind == CHILD else self._shape)(told, of, f"{where}.{kind}")
        return told

    def _child(self, told: Told, of: object, where: str) -> None:  # noqa: ARG002 - as `_shape`
        months = told.data.get("months")
        if list(told.data) != ["months"] or not isinstance(months, int) or months < 0:
            self.wrong(where, Sentence("says how old the child is: `child: {months: 5}`",
                                       "写孩子几个月大：`child: {months: 5}`"))  # fmt: skip

    def _shape(self, told: Told, of: tuple[Place, datetime, Sequence[str]], where: str) -> None:
        place, begins, staff = of
        fields = KINDS[told.kind].__struct_fields__
        if "touch" in fields and not told.touch:
            self.wrong(where, Sentence("needs `touch`: the step or the material that it is about",
                                       "需要 `touch`：写它所指的步骤或素材"))  # fmt: skip
            return
        try:
            data = data_of(told, place, begins, staff, "x")
            msgspec.convert(data, KINDS[told.kind], strict=False)
        except msgspec.ValidationError as error:
            why, _, inner = str(error).partition(" - at ")
            kind = None if inner else KINDS[told.kind]
            self.wrong(f"{where}{inner.strip('`').removeprefix('$')}", misfit(why, kind))
        except ValueError as error:
            self.wrong(where, wording(error))

    def _who(self, said: Said, where: str) -> str:
        who = said.get("who")
        if isinstance(who, str) and who.strip():
            return who
        self.wrong(f"{where}.who", Sentence("needs `who`: a name of the story's own",
                                            "需要 `who`：故事里的一个名字"))  # fmt: skip
        return ""

    def _claims(self, said: Said, name: str, place: str) -> list[Claim]:
        some = enumerate(self._list(said, name, place))
        never = name == "never"
        found = (self._claim(one, f"{place}.{name}[{n}]", never=never) for n, one in some)
        return [one for one in found if one is not None]

    def _claim(self, value: object, where: str, *, never: bool) -> Claim | None:
        said = self._mapping(value, where, OF_NEVER if never else OF_CLAIM)
        if not said:
            return None
        what = [name for name in CLAIMS if name in said]
        if len(what) > 1 or not (what or never):
            listed = ", ".join(CLAIMS)
            self.wrong(where, Sentence(f"says one of {listed}", f"写 {listed} 之一"))
            return None
        who = "" if never and "who" not in said else self._who(said, where)
        moment = said.get("after" if never else "at")
        at = None if moment is None else self._at(moment, where)
        of = what[0] if what else "sends"
        if of == "withheld" and not said.get("reason"):
            self.wrong(where, Sentence("needs the `reason`", "需要写 `reason`"))
        if of == "packs" and said["packs"] not in PACKED:
            self._unknown(f"{where}.packs", str(said["packs"]), PACKED)
        return Claim(
            who, of, str(said.get(of, "")), at, str(said.get("channel", "")),
            str(said.get("reason", "")), self.lines.get(where, 1),
        )  # fmt: skip


def loose(
    some: Sequence[Story], materials: Mapping[str, str], reasons: Mapping[str, object]
) -> Iterator[Problem]:
    """Claims of texts and reasons that are not there, and of people to whom nothing happens."""
    for story in some:
        told = {one.who for one in story.facts}
        for claim in (*story.expect, *story.never):
            where = f"{story.story} {claim.who}".strip()
            if claim.what in ("sends", "withheld") and claim.name and claim.name not in materials:
                known = ", ".join(sorted(materials)) or "–"
                yield Problem(where, Sentence(f"no material {claim.name!r}; there are {known}",
                                              f"没有素材 {claim.name!r}；已有 {known}"),
                              claim.line)  # fmt: skip
            if claim.who and claim.who not in told:
                yield Problem(where, Sentence("no fact tells of this person",
                                              "没有任何事件提到这个人"), claim.line)  # fmt: skip
            if claim.reason and claim.reason not in reasons:
                known = ", ".join(reasons)
                yield Problem(where, Sentence(f"no reason {claim.reason!r}; there are {known}",
                                              f"没有原因 {claim.reason!r}；已有 {known}"),
                              claim.line)  # fmt: skip
