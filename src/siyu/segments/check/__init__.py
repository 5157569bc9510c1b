"""From a text's document to a tree, with every problem named by its place; and back again."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import MISSING, Field, dataclass, fields
from difflib import get_close_matches
from functools import cache
from typing import TypeAlias, cast, get_args, get_type_hints

from siyu.kernel.errors import Problem
from siyu.kernel.sentence import Sentence, wording
from siyu.segments.check.values import kind, plain, read
from siyu.segments.model import (
    All,
    Any,
    Family,
    Form,
    Leaf,
    Named,
    Not,
    Step,
    Tree,
    forms_by_key,
)

Problems: TypeAlias = tuple[Problem, ...]

DEEPEST = 12
MOST_LEAVES = 60
SEGMENT = "segment"  # the one form that stands for a whole tree


Segments: TypeAlias = Callable[[str], object | None]  # code → what the segment says; None: unknown


def parse(
    doc: object,
    families: Iterable[Family],
    where: str = "",
    *,
    segments: Segments | None = None,
    code: str = "",
    by_name: bool = False,
) -> Tree | Problems:
    """The tree that a document says, or all its problems; `where` is the place of the document.

    A place is a path like `ends_when.any[0].orders.within`. `segments` finds what other segments
    say, `code` is the document's own, which none of them may name. `by_name`: what they say is
    looked up whenever the tree is asked, so they stay leaves.
    """
    others = _Others(segments, (code,) if code else (), by_name)
    reader = _Reader(forms_by_key(families), others)
    tree = reader.tree(doc, where, 0)
    if tree is None or reader.problems:
        return tuple(reader.problems)
    return tree


def document(tree: Tree) -> dict[str, object]:
    """The document of a tree in its one normal form: `parse(document(tree))` is the tree."""
    match tree:
        case Leaf(form):
            return {form.key: _written(form)}
        case Not(part):
            return {"not": document(part)}
        case Named(code):
            return {SEGMENT: code}
        case All(parts):
            return {"all": [document(part) for part in parts]}
        case Any(parts):
            return {"any": [document(part) for part in parts]}


@dataclass(frozen=True)
class _Others:
    """Other segments: where they are found, and which have been opened on the way to this one."""

    segments: Segments | None
    opened: tuple[str, ...]
    by_name: bool = False


class _Reader:
    def __init__(self, forms: Mapping[str, type[Form]], others: _Others) -> None:
        self.forms = forms
        self.others = others
        self.problems: list[Problem] = []
        self.count = 0

    def wrong(self, where: str, why: str) -> None:
        self.problems.append(Problem(where, why))

    def tree(self, doc: object, where: str, depth: int) -> Tree | None:
        if depth > DEEPEST:
            return self.wrong(
                where, Sentence(f"nested deeper than {DEEPEST} levels", f"嵌套超过 {DEEPEST} 层")
            )
        if not isinstance(doc, dict):
            return self.wrong(
                where,
                Sentence(
                    f"must be a mapping like `friend: true`, not {kind(doc)}",
                    f"必须是映射，如 `friend: true`，现在是{kind(doc).zh}",
                ),
            )
        said = cast("dict[object, object]", doc)
        if len(said) != 1:
            names = ", ".join(str(key) for key in said)
            keys = Sentence(names or "nothing", names or "空")
            return self.wrong(
                where,
                Sentence(
                    f"must hold exactly one key, it holds {keys}; use `all: […]`",
                    f"只能有一个键，现在是：{keys.zh}；请用 `all: […]`",
                ),
            )
        [(key, value)] = said.items()
        if key == "all":
            parts = self.parts(value, _at(where, "all"), depth)
            return None if parts is None else All(parts)
        if key == "any":
            parts = self.parts(value, _at(where, "any"), depth)
            return None if parts is None else Any(parts)
        if key == "not":
            part = self.tree(value, _at(where, "not"), depth + 1)
            return None if part is None else Not(part)
        return self.leaf(str(key), value, where)

    def parts(self, doc: object, where: str, depth: int) -> tuple[Tree, ...] | None:
        if not isinstance(doc, list) or not doc:
            return self.wrong(
                where,
                Sentence("must be a list with at least one condition", "必须是列表，至少一个条件"),
            )
        found = [
            self.tree(part, f"{where}[{place}]", depth + 1)
            for place, part in enumerate(cast("list[object]", doc))
        ]
        good = tuple(part for part in found if part is not None)
        return good if len(good) == len(found) else None

    def leaf(self, key: str, value: object, where: str) -> Leaf | Named | None:
        self.count += 1
        if self.count == MOST_LEAVES + 1:
            return self.wrong(
                where,
                Sentence(
                    f"more than {MOST_LEAVES} conditions in one text",
                    f"一个文本里的条件超过 {MOST_LEAVES} 个",
                ),
            )
        form = self.forms.get(key)
        if form is None:
            known = sorted(self.forms)
            near = get_close_matches(key, known, 1)
            hint = (
                Sentence(f"did you mean `{near[0]}`?", f"是不是 `{near[0]}`？")
                if near
                else Sentence(f"known are {', '.join(known)}", f"可用的有 {', '.join(known)}")
            )
            return self.wrong(
                _at(where, key),
                Sentence(f"unknown condition `{key}`; {hint}", f"不认识的条件 `{key}`；{hint.zh}"),
            )
        made = self.form(form, value, _at(where, key))
        if made is not None and key == SEGMENT and not self.others.by_name:
            return self.named(str(getattr(made, form.short)), _at(where, key))
        return None if made is None else Leaf(made)

    def named(self, code: str, where: str) -> Named | None:
        """Another segment, read as it is now."""
        if self.others.segments is None:
            return self.wrong(
                where, Sentence("no other segment can be named here", "这里不能引用其他分群")
            )
        if code in self.others.opened:
            way = " → ".join([*self.others.opened, code])
            return self.wrong(
                where,
                Sentence(f"a segment can't contain itself: {way}", f"分群不能包含自己：{way}"),
            )
        doc = self.others.segments(code)
        if doc is None:
            return self.wrong(
                where, Sentence(f"there is no segment `{code}`", f"没有分群 `{code}`")
            )
        within = _Others(self.others.segments, (*self.others.opened, code))
        if len(within.opened) > DEEPEST:
            return self.wrong(
                where,
                Sentence(
                    f"segments name one another over more than {DEEPEST} levels",
                    f"分群互相引用超过 {DEEPEST} 层",
                ),
            )
        reader = _Reader(self.forms, within)
        tree = reader.tree(doc, "", 0)
        if tree is None or reader.problems:
            first = reader.problems[0]
            why = Sentence(
                str(first),
                f"{first.where}：{first.why.zh if isinstance(first.why, Sentence) else first.why}",
            )
            return self.wrong(
                where,
                Sentence(f"segment `{code}` is wrong: {why}", f"分群 `{code}` 有误：{why.zh}"),
            )
        return Named(code, tree)

    def step(self, value: object, where: str) -> Step | None:
        """A predicate inside another one: a thing that happened."""
        found = self.tree(value, where, DEEPEST)
        match found:
            case None:
                return None
            case Leaf(Step() as step):
                return step
            case _:
                known = sorted(key for key, form in self.forms.items() if issubclass(form, Step))
                words = ", ".join(known)
                return self.wrong(
                    where,
                    Sentence(
                        f"must be something that happened: {words}", f"必须是发生过的事：{words}"
                    ),
                )

    def form(self, form: type[Form], value: object, where: str) -> Form | None:
        known = {_word(field): field for field in _fields(form)}
        if not isinstance(value, dict):
            if not form.short:
                words = ", ".join(known)
                names = Sentence(words or "no fields", words or "空")
                return self.wrong(
                    where,
                    Sentence(
                        f"must be a mapping with {names}, not {kind(value)}",
                        f"必须是含 {names.zh} 的映射，现在是{kind(value).zh}",
                    ),
                )
            return self.filled(form, {form.short: value}, where, bare=True)
        said = {str(name): given for name, given in cast("dict[object, object]", value).items()}
        strangers = [name for name in said if name not in known]
        for name in strangers:
            self.wrong(
                _at(where, name),
                Sentence(
                    f"unknown field; known are {', '.join(known)}",
                    f"不认识的字段；可用的有 {', '.join(known)}",
                ),
            )
        made = self.filled(form, said, where)
        return None if strangers else made

    def filled(
        self, form: type[Form], said: Mapping[str, object], where: str, *, bare: bool = False
    ) -> Form | None:
        hints = _hints(form)
        values: dict[str, object] = {}
        before = len(self.problems)
        for field in _fields(form):
            place = where if bare else _at(where, _word(field))
            if _word(field) in said:
                values[field.name] = self.value(hints[field.name], said[_word(field)], place)
            elif field.default is MISSING:
                self.wrong(
                    where, Sentence(f"`{_word(field)}` is missing", f"缺少 `{_word(field)}`")
                )
        if len(self.problems) > before:
            return None
        try:
            return form(**values)
        except ValueError as error:
            return self.wrong(where, wording(error))

    def value(self, hint: object, said: object, where: str) -> object:
        if Step in (hint, *get_args(hint)):
            return self.step(said, where)
        try:
            return read(hint, said)
        except ValueError as error:
            return self.wrong(where, wording(error))


@cache
def _fields(form: type[Form]) -> tuple[Field[object], ...]:
    return fields(form)  # pyright: ignore[reportArgumentType]  # every Form is a dataclass


@cache
def _hints(form: type[Form]) -> dict[str, object]:
    return get_type_hints(form)


def _word(field: Field[object]) -> str:
    """How a text calls a field: `is_` is written `is`, which Python keeps for itself."""
    return field.name.removesuffix("_")


def _at(where: str, key: str) -> str:
    return f"{where}.{key}" if where else key


def _written(form: Form) -> object:
    """The fields that differ from their default, in order; the bare value where one says it all."""
    values = ((field, cast("object", getattr(form, field.name))) for field in _fields(form))
    said = {
        _word(field): document(Leaf(value)) if isinstance(value, Step) else plain(value)
        for field, value in values
        if field.default is MISSING or value != field.default
    }
    short = getattr(form, form.short, None)
    return plain(short) if short is not None and set(said) <= {form.short} else said
