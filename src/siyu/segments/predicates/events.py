"""What was heard of the customer, of any kind: whatever no table of facts keeps."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from siyu.events.model import KINDS, attributes, hidden
from siyu.kernel.sentence import Sentence
from siyu.segments.model import Expression, Family, Rows, Scope, Step, Words
from siyu.segments.predicates import counts, windows
from siyu.segments.predicates.facts import ibis, table

_TYPES = {
    str: Sentence("text", "文字"),
    int: Sentence("number", "数字"),
    bool: Sentence("true or false", " true 或 false"),
}


@dataclass(frozen=True)
class Heard(Step):
    """An event of this kind was heard at least (and at most) so often; see events.md for the kinds.

    `where: amount_minor` names an attribute of its data, which `is` a text, a number or true, or
    is `value_at_least` so much. What is sealed (names, addresses, what somebody wrote) can't be
    asked for.
    """

    key = "event"
    title = Words("事件", "Event")
    short = "kind"
    counts = ("at_least", "at_most")

    kind: str
    at_least: int = 1
    at_most: int | None = None
    where: str | None = None
    is_: str | int | bool | None = None
    value_at_least: int | None = None
    within: timedelta | None = None
    older_than: timedelta | None = None

    def __post_init__(self) -> None:
        if self.kind not in KINDS:
            known = ", ".join(sorted(KINDS))
            raise ValueError(
                Sentence(f"unknown kind; known are {known}", f"不认识的事件；可用的有 {known}")
            )
        counts.check_often(self.at_least, self.at_most, key=self.key)
        windows.check(self.within, self.older_than)
        self._check_attribute()

    def _check_attribute(self) -> None:
        if (self.where is None) != (self.is_ is None and self.value_at_least is None):
            raise ValueError(
                Sentence(
                    "an attribute needs `where` and what it is: `is` or `value_at_least`",
                    "属性条件需要 `where`，以及 `is` 或 `value_at_least`",
                )
            )
        if self.where is None:
            return
        kind = self.kind
        if self.where in hidden(kind):
            raise ValueError(
                Sentence(
                    f"`{self.where}` is personal or freely written: segments can't ask for it",
                    f"`{self.where}` 是个人信息或自由填写的内容：分群不能查",
                )
            )
        known = attributes(kind)
        if self.where not in known:
            words = ", ".join(known) or "–"
            raise ValueError(
                Sentence(
                    f"`{self.kind}` has no such attribute; known are {words}",
                    f"`{self.kind}` 没有这个属性；可用的有 {words}",
                )
            )
        wanted = known[self.where]
        if self.is_ is not None and type(self.is_) is not wanted:
            words = _TYPES[wanted]
            raise ValueError(
                Sentence(f"`{self.where}` is a {words}", f"`{self.where}` 应为{words.zh}")
            )
        if self.value_at_least is not None and wanted is not int:
            raise ValueError(Sentence(f"`{self.where}` is no number", f"`{self.where}` 不是数字"))

    def rows(self, scope: Scope) -> Rows:
        ever = self._ever(scope)
        return ever.only(*windows.inside(scope, ever.at, self.within, self.older_than))

    def holds(self, scope: Scope) -> Expression:
        return counts.between(scope, self.rows(scope), self.at_least, self.at_most)

    def flips(self, scope: Scope) -> Expression | None:
        moves = windows.moves(scope, self._ever(scope), self.within, self.older_than)
        return windows.soonest(*moves)

    def _ever(self, scope: Scope) -> Rows:
        event, subject, identity = table("event"), table("event_subject"), table("identity")
        heard = identity.join(subject, subject.identity_id == identity.id)
        heard = heard.join(event, event.id == subject.event_id).select(
            identity.customer_id, event.kind, event.occurred_at, event.data
        )
        such = [heard.kind == scope.text(self.kind)]
        if self.where is not None:
            value = self._value(scope, heard.data)
            if self.is_ is not None:
                said = str(self.is_).lower() if isinstance(self.is_, bool) else str(self.is_)
                such.append(value == scope.text(said))
            if self.value_at_least is not None:
                # Not every row is of the kind by the time that it is looked at.
                number = ibis().ifelse(value.re_search(r"^-?[0-9]{1,18}$"), value, "0")
                such.append(number.cast("int64") >= scope.number(self.value_at_least))
        return Rows(heard, tuple(such), heard.occurred_at)

    def _value(self, scope: Scope, data: Expression) -> Expression:
        """The attribute as text; what is left out is its default."""
        found = scope.attribute(data, str(self.where))
        default = KINDS[self.kind].__struct_defaults__
        fields = KINDS[self.kind].__struct_fields__
        left = dict(zip(fields[len(fields) - len(default) :], default, strict=True))
        if self.where in left:
            said = left[self.where]
            text = str(said).lower() if isinstance(said, bool) else str(said)
            return found.coalesce(text) if said is not None else found
        return found


FAMILY = Family("events", Words("事件", "Events"), (Heard,))
