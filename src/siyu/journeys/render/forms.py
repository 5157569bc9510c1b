"""What a journey and every kind of step ask for, as forms that a console draws.

All of it is read from the classes: a new kind of step is here as soon as it is in NODES.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import MISSING, Field, fields, is_dataclass
from datetime import time, timedelta
from decimal import Decimal
from types import NoneType
from typing import (
    Annotated,
    Any,
    Literal,
    NamedTuple,
    TypeAlias,
    cast,
    get_args,
    get_origin,
    get_type_hints,
)

from siyu.journeys.model import (
    SHELVES,
    ChannelCode,
    Journey,
    JourneyCode,
    MaterialCode,
    Node,
    OfferCode,
    Shelf,
    SourceCode,
    Step,
    StepId,
    Values,
)
from siyu.journeys.model.enter import DateName, SegmentCode, Times
from siyu.journeys.nodes import NODES
from siyu.journeys.render.words import CHOICES
from siyu.segments.check.values import plain
from siyu.segments.model import Words

# What a field takes in its plain form; empty: only one of its forms.
Takes: TypeAlias = Literal[
    "", "text", "count", "number", "flag", "amount", "span", "time", "times", "choice", "words",
    "condition", "set", "values", "date", "event", "step", "steps", "material", "offer", "code",
    "source", "journey", "segment",
]  # fmt: skip
At: TypeAlias = Literal["whole", "inside", "beside"]  # where its value stands in a step
_TAKES: Mapping[object, Takes] = {
    str: "text", int: "count", float: "number", bool: "flag", Decimal: "amount",
    timedelta: "span", time: "time", Times: "times", DateName: "date", Values: "values",
    Words: "words", Step: "steps", StepId: "step", MaterialCode: "material", OfferCode: "offer",
    ChannelCode: "code", SourceCode: "source", JourneyCode: "journey", SegmentCode: "segment",
}  # fmt: skip

# How a value is said in one of several ways; of other forms their first field says it.
FORMS: Mapping[str, Words] = {
    "After": Words("隔一段时间后可再次进入", "again, once some time has passed"),
    "Cutoff": Words("等到包裹截单", "until the parcel's cut-off"),
    "Daily": Words("等到某个时刻", "until a time of day"),
    "Enter": Words("发生某件事时", "when something happens"),
    "EnterEvery": Words("按周期", "on a schedule"),
    "EnterOnChild": Words("孩子满月龄时", "when a child comes to an age"),
    "EnterOnDate": Words("在客户的日期", "on a date of the customer's"),
    "EnterSegment": Words("符合某个人群时", "on coming into a set"),
    "EnterWaves": Words("分波", "in waves"),
    "OfAll": Words("等到节日", "until a festival"),
    "OfChild": Words("等到孩子满月龄", "until a child comes to an age"),
    "OfCustomer": Words("等到客户的日期", "until a date of the customer's"),
    "Weekly": Words("等到星期几", "until a weekday"),
}
# What the fields of a journey and of its entrance are called: theirs are read by everybody.
_FIELDS: Mapping[str, Words] = {
    "after": Words("间隔多久", "After how long"),
    "at": Words("时刻，如 10:00", "A time of day like 10:00"),
    "child_turns": Words("孩子满几个月", "The child's months"),
    "concurrent": Words("同时进行几个", "How many at a time"),
    "date": Words("日期名称，如 birthday", "The date's name, like birthday"),
    "ends_when": Words("一旦成立就离开", "At every step, this leads out"),
    "enter": Words("如何进入", "Who comes in"),
    "every": Words("何时，如 monday 10:00", "When, like monday 10:00"),
    "holdout": Words("对照组比例", "Hold-out, from 0 to 1"),
    "journey": Words("编码", "Code"),
    "less": Words("提前几天", "How many days before it"),
    "max_age": Words("多久内有效", "Not older than"),
    "on": Words("什么事件", "What happens"),
    "reenter": Words("可否再次进入", "Again"),
    "segment": Words("人群", "Which set"),
    "source": Words("来源", "Source"),
    "steps": Words("步骤", "Steps"),
    "stop_when": Words("何时停止下一波", "When no further wave opens"),
    "title": Words("名称", "Title"),
    "waves": Words("分波", "Waves"),
}
_CHOICES: Mapping[str, Words] = {
    "call": Words("打电话", "a call"),
    "each": Words("可反复进入", "again and again"),
    "friend_request": Words("好友申请", "a friend request"),
    "friday": Words("星期五", "Friday"),
    "go_on": Words("继续", "go on"),
    "monday": Words("星期一", "Monday"),
    "never": Words("只进一次", "once only"),
    "now": Words("立即", "now"),
    "off_peak": Words("导购淡场", "in quiet hours"),
    "one per customer": Words("每位客户一个", "one per customer"),
    "one per order": Words("每个订单一个", "one per order"),
    "own": Words("自己的门店", "their own store"),
    "any": Words("任意门店", "any store"),
    "parcel_cutoff": Words("包裹截单", "the parcel's cut-off"),
    "saturday": Words("星期六", "Saturday"),
    "stop": Words("停止", "stop"),
    "sunday": Words("星期日", "Sunday"),
    "thursday": Words("星期四", "Thursday"),
    "tuesday": Words("星期二", "Tuesday"),
    "wednesday": Words("星期三", "Wednesday"),
    "window": Words("按计划时段", "a planned hour"),
}


class Choice(NamedTuple):
    """A word that a field takes; `title` None: the console has words for it itself."""

    value: str
    title: Words | None


class Asks(NamedTuple):
    """A field: what it takes, plainly or as one of `forms`. `many`: a list of such. `default` as a
    text would say it. `shuts`: where it is true, nobody goes on to the next step."""

    name: str
    title: Words
    takes: Takes
    choices: tuple[Choice, ...]
    forms: tuple[str, ...]
    many: bool
    required: bool
    default: object
    shuts: bool
    at: At


class Shape(NamedTuple):
    """A part of a text with fields of its own; the first one tells it from others."""

    name: str
    title: Words
    fields: tuple[Asks, ...]


class Kind(NamedTuple):
    """A kind of step. `begins`: what a new one says, as a text."""

    key: str
    title: Words
    about: Words
    shelf: Shelf
    begins: str
    goes_on: bool
    fields: tuple[Asks, ...]


class Forms(NamedTuple):
    """The journey's own fields, every kind of step, and the parts that they are made of."""

    shelves: Mapping[Shelf, Words]
    journey: tuple[Asks, ...]
    kinds: tuple[Kind, ...]
    shapes: tuple[Shape, ...]


def forms() -> Forms:
    """All that a text can say."""
    shapes: dict[str, Shape] = {}
    journey = tuple(_fields(Journey, shapes))
    return Forms(
        SHELVES, journey, tuple(_kind(node, shapes) for node in NODES), tuple(shapes.values())
    )


def _kind(node: type[Node], shapes: dict[str, Shape]) -> Kind:
    return Kind(
        node.key,
        node.title,
        node.about,
        node.shelf,
        node.begins,
        node.goes_on is not False,
        tuple(_fields(node, shapes)),
    )


def _fields(form: type[Any], shapes: dict[str, Shape]) -> Iterator[Asks]:
    hints = get_type_hints(form, include_extras=True)
    for field in fields(form):
        yield _asks(form, field, hints[field.name], shapes)


def _asks(form: type[Any], field: Field[Any], hint: Any, shapes: dict[str, Shape]) -> Asks:
    name = field.metadata.get("name") or field.name
    inner, many = (get_args(hint)[0], True) if get_origin(hint) is tuple else (hint, False)
    if get_origin(inner) is Annotated:
        ways: list[Any] = [inner]
    else:
        ways = [one for one in get_args(inner) or (inner,) if one is not NoneType]
        ways = [inner] if get_origin(inner) is Literal else ways
    parts = [way for way in ways if is_dataclass(way) and way not in _TAKES]
    plainly = [way for way in ways if way not in parts]
    takes = _takes(plainly[0]) if plainly else ""
    for part in parts:
        _shape(cast("type[Any]", part), shapes)
    return Asks(
        name,
        _title(name, field),
        "event" if (form.__name__, name) == ("Enter", "on") else takes,
        tuple(_choice(one) for one in get_args(plainly[0])) if takes == "choice" else (),
        tuple(cast("type[Any]", part).__name__ for part in parts),
        many,
        field.default is MISSING,
        _default(field.default),
        bool(field.metadata.get("shuts")),
        _at(form, field.name),
    )


def _takes(hint: Any) -> Takes:
    if get_origin(hint) is Annotated:
        return "set" if "segment" in get_args(hint) else "condition"
    return "choice" if get_origin(hint) is Literal else _TAKES[hint]


def _shape(part: type[Any], shapes: dict[str, Shape]) -> None:
    if part.__name__ not in shapes:
        inside = tuple(_fields(part, shapes))
        title = FORMS.get(part.__name__, inside[0].title)
        shapes[part.__name__] = Shape(part.__name__, title, inside)


def _title(name: str, field: Field[Any]) -> Words:
    meta = field.metadata
    return Words(meta["zh"], meta["en"]) if "en" in meta else _FIELDS[name]


def _choice(value: object) -> Choice:
    word = str(value)
    return Choice(word, _CHOICES.get(word) or CHOICES.get(word))


def _default(value: object) -> object:
    if value is MISSING or value == timedelta() or is_dataclass(value):
        return None
    return f"{value:%H:%M}" if isinstance(value, time) else plain(value)


def _at(form: type[Any], name: str) -> At:
    if not issubclass(form, Node):
        return "inside"
    if name == form.whole:
        return "whole"
    return "beside" if name in form.beside else "inside"
