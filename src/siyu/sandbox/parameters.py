"""A world is a file: every parameter typed, in range, and with its source beside it in the YAML."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, cast

import msgspec
import yaml
from msgspec import Meta
from msgspec.structs import asdict

from siyu.kernel.errors import BadInput, Problem
from siyu.kernel.sentence import Sentence, wording
from siyu.kernel.time import duration, hours
from siyu.sandbox.rates import (
    Clock,
    Code,
    Delay,
    Factor,
    Habits,
    Part,
    Season,
    Share,
    Span,
    Text,
    Weight,
    Window,
)

WORLDS = Path(__file__).parent / "worlds"


class Storefront(Part, frozen=True):
    """One shop on one platform; without inserts its parcels carry nothing of ours."""

    code: Code
    name: Text
    platform: Code
    share: Share
    inserts: bool = True


class Shop(Part, frozen=True):
    """How orders come in."""

    storefronts: Annotated[list[Storefront], Meta(min_length=1)]
    hours: Annotated[list[Weight], Meta(min_length=24, max_length=24)]
    weekdays: Annotated[list[Weight], Meta(min_length=7, max_length=7)]
    repeat: Share
    soon_again: Share
    guests: Share
    friends_already: Share
    cancelled: Share
    refunded: Share


class Consents(Part, frozen=True):
    """The share of buyers who agreed to each channel at checkout."""

    sms: Share
    voice: Share
    wecom: Share


class Reading(Part, frozen=True):
    """How a person reads a text: what it is worth, and whether it is certain."""

    value: list[str]
    certain: list[str]
    chance: list[str]


class Timely(Part, frozen=True):
    """An invitation later than usual by one half-life has lost half of what it can lose."""

    half_life: Span
    least: Share
    usual: dict[str, Span]


class Certain(Part, frozen=True):
    """What is left of an answer when the promise is sure, not said, or only a chance."""

    sure: Factor
    unsaid: Factor
    chance: Factor


class Tempting(Part, frozen=True):
    """What is left without any stated value; all of it at `full_at` yuan; at most `most`."""

    nothing: Factor
    full_at: Annotated[float, Meta(gt=0)]
    most: Factor


class Sms(Part, frozen=True):
    adds: Share
    opts_out: Share
    delay: Delay


class AiCall(Part, frozen=True):
    picks_up: Share
    hours: dict[Window, Factor]
    other_hours: Factor
    willing: Share
    very_willing: Share
    other_intents: dict[Annotated[str, Meta(pattern="^[C-F]$")], Weight]
    adds_at_a: Share
    adds_at_b: Share
    delay: Delay


class Request(Part, frozen=True):
    accepts: Share
    delay: Delay


class HumanCall(Part, frozen=True):
    picks_up: Share
    agrees: Share
    adds: Share
    wrong_person: Share
    do_not_call: Share
    delay: Delay


class Card(Part, frozen=True):
    adds: Share
    delay: Delay


class People(Part, frozen=True):
    """How people answer."""

    never: Share
    openness: Share
    most: Share
    fatigue: Share
    timely: Timely
    certain: Certain
    tempting: Tempting
    sms: Sms
    call: AiCall
    request: Request
    human: HumanCall
    card: Card
    other_door: Share
    unprompted: Share
    deletes: Share


class Wave(Part, frozen=True):
    """A daily round of the warehouse: what it plans at `plan` is frozen at `cutoff` and leaves."""

    plan: Clock
    cutoff: Clock
    ships: Clock


class Erp(Part, frozen=True):
    """A warehouse that works by an ERP: when it has an order, when it audits, when parcels leave;
    `margin`: so long before an audit decisions are frozen."""

    lag: Span
    audits: Clock
    margin: Span
    ships: Clock


class Warehouse(Part, frozen=True):
    """`errors`: of the parcels of an ERP, those in which another thing lies than its list says."""

    waves: Annotated[list[Wave], Meta(min_length=1)]
    erp: Erp
    errors: Share
    split: Share
    arrives: Annotated[list[Span], Meta(min_length=2, max_length=2)]


class Staff(Part, frozen=True):
    """Guides: when they work, how often they look, how long things take them."""

    hours: Window
    looks_every: Span
    request_minutes: Annotated[int, Meta(ge=1, le=60)]
    call_minutes: Annotated[int, Meta(ge=1, le=60)]
    forgets: Share


class Carrier(Part, frozen=True):
    """The provider's lines and reports."""

    undeliverable: Share
    rings_after: Span
    reports_after: Span
    reports_within: Span


class World(Part, frozen=True, kw_only=True):
    """A whole world file."""

    world: Code
    about: dict[str, str]
    like: str | None = None
    shop: Shop
    consents: Consents
    reading: Reading
    people: People
    warehouse: Warehouse
    staff: Staff
    carrier: Carrier
    prices: dict[str, Annotated[float, Meta(ge=0)]]
    yuan_per: dict[Annotated[str, Meta(pattern="^[A-Z]{3}$")], Annotated[float, Meta(gt=0)]]
    season: Season
    habits: Habits


def _merged(base: Mapping[str, Any], over: Mapping[str, Any]) -> dict[str, Any]:
    both = dict(base)
    for key, value in over.items():
        if isinstance(value, dict) and isinstance(both.get(key), dict):
            both[key] = _merged(both[key], cast("dict[str, Any]", value))
        else:
            both[key] = value
    return both


def _document(name: str, seen: tuple[str, ...] = ()) -> dict[str, Any]:
    """The YAML of a world with everything that it takes over from another (`like: default`)."""
    path = WORLDS / f"{name}.yaml" if re.fullmatch(r"[a-z0-9-]+", name) else Path(name)
    if not path.is_file():
        known = ", ".join(sorted(found.stem for found in WORLDS.glob("*.yaml")))
        raise BadInput(
            Sentence(
                f"there is no world {name!r}; known are {known}, or give a file's path",
                f"没有世界 {name!r}；可以是 {known}，或给出文件路径",
            )
        )
    if name in seen:
        raise BadInput(
            Sentence(
                f"world {name!r} is like itself; `like` must lead to a complete world",
                f"世界 {name!r} 引用了自己；`like` 最终要指向完整的世界",
            )
        )
    try:
        found: object = yaml.safe_load(path.read_text("utf-8"))
    except UnicodeDecodeError:
        raise BadInput(
            Sentence(f"{path.name} is not UTF-8 text", f"{path.name} 不是 UTF-8 文本")
        ) from None
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        line = None if mark is None else int(mark.line) + 1
        why = getattr(error, "problem", None) or wording(error)
        raise BadInput(
            Sentence(f"{path.name} is not YAML", f"{path.name} 不是 YAML"),
            (Problem("", why, line),),
        ) from None
    if not isinstance(found, dict):
        raise BadInput(
            Sentence(
                f"{path.name} must be a mapping of a world's parts",
                f"{path.name} 应是由世界各部分组成的映射",
            )
        )
    document = cast("dict[str, Any]", found)
    like = document.get("like")
    if like is None:
        return document
    return _merged(_document(str(like), (*seen, name)), document)


def load(name: str) -> World:
    """A world by name (default, cold …) or by a file's path; BadInput says what is wrong."""
    document = _document(name)
    try:
        world = msgspec.convert(document, World)
    except msgspec.ValidationError as error:
        why, _, place = f"{error}".partition(" - at `")
        where = place.removesuffix("`").removeprefix("$.") or "the file"
        raise BadInput(
            Sentence(f"world {name!r} can't be used", f"世界 {name!r} 不能用"),
            (Problem(where, why),),
        ) from None
    problems = tuple(_problems(world))
    if problems:
        raise BadInput(Sentence(f"world {name!r} can't be used", f"世界 {name!r} 不能用"), problems)
    return world


def _problems(world: World) -> list[Problem]:
    """What types can't say: sums, order, expressions."""
    total = sum(front.share for front in world.shop.storefronts)
    habits = world.habits
    said = sum(one.share for one in habits.chats.says)
    liked = sum(one.share for one in habits.buys.likes)
    first, last = (duration(span) for span in world.warehouse.arrives)
    carrier = world.carrier
    checks = (
        ("shop.storefronts", abs(total - 1) < 1e-6, f"the shares add up to {total:g}, not to 1"),
        ("habits.chats.says", abs(said - 1) < 1e-6, f"the shares add up to {said:g}, not to 1"),
        ("habits.buys.likes", abs(liked - 1) < 1e-6, f"the shares add up to {liked:g}, not to 1"),
        ("shop.hours", sum(world.shop.hours) > 0, "at least one hour must have orders"),
        ("shop.weekdays", sum(world.shop.weekdays) > 0, "at least one day must have orders"),
        (
            "people.call.other_intents",
            sum(world.people.call.other_intents.values()) > 0,
            "at least one must have a weight",
        ),
        ("warehouse.arrives", last >= first, "the second span must not be the shorter one"),
        (
            "carrier.reports_within",
            duration(carrier.reports_within) >= duration(carrier.reports_after),
            "must not be shorter than reports_after",
        ),
        *(
            (
                f"warehouse.waves[{place}]",
                wave.plan < wave.cutoff < wave.ships,
                "plan, cutoff and ships must follow each other on one day",
            )
            for place, wave in enumerate(world.warehouse.waves)
        ),
    )
    found = [Problem(where, why) for where, holds, why in checks if not holds]
    windows = {f"people.call.hours.{text}": text for text in world.people.call.hours}
    for where, text in (windows | {"staff.hours": world.staff.hours}).items():
        found.extend(_window(where, text))
    reads = {f"reading.{name}": some for name, some in asdict(world.reading).items()}
    reads |= {
        "habits.chats.asks": habits.chats.asks,
        "habits.stores.invites": habits.stores.invites,
    }
    for where, patterns in reads.items():
        for pattern in patterns:
            found.extend(_expression(where, pattern))
    return found


def _window(where: str, text: str) -> list[Problem]:
    try:
        hours(text)
    except ValueError as error:
        return [Problem(where, wording(error))]
    return []


def _expression(where: str, pattern: str) -> list[Problem]:
    try:
        compiled = re.compile(pattern)
    except re.error as error:
        return [
            Problem(
                where,
                Sentence(
                    f"{pattern!r} is not an expression: {error}",
                    f"{pattern!r} 不是正则表达式：{error}",
                ),
            )
        ]
    if where == "reading.value" and "amount" not in compiled.groupindex:
        return [
            Problem(
                where,
                Sentence(
                    f"{pattern!r} needs a group named `amount`",
                    f"{pattern!r} 需要名为 `amount` 的组",
                ),
            )
        ]
    return []
