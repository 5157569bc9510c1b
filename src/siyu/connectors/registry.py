"""Which connectors are installed: entry points `siyu.connectors`, ours exactly as a stranger's."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import fields
from datetime import date
from functools import cache
from importlib.metadata import entry_points
from typing import Any, NamedTuple, get_type_hints

import msgspec

from siyu.connectors import forms
from siyu.connectors.connected import Able, Connected
from siyu.connectors.figures import Grouped, Total, Worked, totals
from siyu.connectors.forms import Entry
from siyu.connectors.manifest import (
    Check,
    Manifest,
    Pages,
    Pull,
    ShowsMoments,
    Tools,
)
from siyu.connectors.moments import Asking, Moment, Shown
from siyu.kernel.errors import BadSettings, Broken, NotFound, Refused
from siyu.kernel.sentence import Sentence
from siyu.outbox.channel import Channel
from siyu.settings import CONNECTORS, Documented, Settings, told, unknown

ToolsOf = Callable[[str], Tools]  # by a connector's name, with @ACCOUNT where they are kept apart


@cache
def manifests() -> dict[str, Manifest]:
    """Every installed connector by name."""
    found: dict[str, Manifest] = {}
    for entry in entry_points(group=CONNECTORS):
        manifest = entry.load()
        if not isinstance(manifest, Manifest) or manifest.name != entry.name:
            raise Broken(
                f"The connector {entry.name} ({entry.value}) is not made for this version."
            )
        found[manifest.name] = manifest
    return dict(sorted(found.items()))


class Overview(NamedTuple):
    """A connector, whether it has settings, and the channels that it carries then."""

    name: str
    connected: bool
    channels: tuple[str, ...]


class Showing(NamedTuple):
    """Moments at the connector that has them."""

    one: Connected
    can: ShowsMoments

    def tags(self) -> list[str]:
        """The tags by which customers are chosen."""
        return self.can.tags(self.one.config, self.one.tools)

    def upload(self, content: bytes) -> str:
        """Hand a picture or a video over; its name."""
        return self.can.upload(self.one.config, self.one.tools, content)

    def plan(self, moment: Moment) -> Asking:
        """Whom it would ask; nothing is made."""
        return self.can.plan(self.one.config, self.one.tools, moment)

    def make(self, moment: Moment, by: str) -> str:
        """Have members asked to publish it; its id."""
        return self.can.make(self.one.config, self.one.tools, moment, by)

    def cancel(self, moment: str) -> None:
        """Ask nobody any more."""
        self.can.cancel(self.one.config, self.one.tools, moment)

    def listed(self) -> list[Shown]:
        """What was made, the newest first."""
        return self.can.listed(self.one.config, self.one.tools)


def _connected(found: Manifest, config: Any, tools: ToolsOf) -> Connected:
    account = found.account(config) if found.apart else ""
    return Connected(found, config, tools(f"{found.name}@{account}" if account else found.name))


class Connections(Able):
    """The connectors of one installation with these settings."""

    def __init__(self, settings: Settings, tools: ToolsOf) -> None:
        self._settings = settings
        self.every = {
            name: _connected(found, config(settings, name), tools)
            for name, found in manifests().items()
        }

    def carriers(self) -> dict[str, str]:
        """Channel → the connector that carries it, of those that have settings.

        Of two that can, a vendor's comes before the brand's own door.
        """
        found: dict[str, str] = {}
        for name, one in sorted(self.every.items(), key=lambda item: not item[1].manifest.own_door):
            if one.configured and one.manifest.channel is not None:
                found |= dict.fromkeys(one.manifest.channels, name)
        return dict(sorted(found.items()))

    def channels(self) -> dict[str, Channel]:
        """Channel → what carries it; each connector is opened once."""
        opened: dict[str, Channel] = {}
        found: dict[str, Channel] = {}
        for channel, name in self.carriers().items():
            one = self.every[name]
            if name not in opened and one.manifest.channel is not None:
                opened[name] = one.manifest.channel(one.config, one.tools)
            found[channel] = opened[name]
        return found

    def overview(self) -> list[Overview]:
        """Every installed connector, by name."""
        return [
            Overview(name, one.configured, one.manifest.channels)
            for name, one in self.every.items()
        ]

    def pulls(self) -> dict[str, tuple[Connected, Pull]]:
        """CONNECTOR/NAME → what is asked for again and again, of those that have settings."""
        return {
            f"{name}/{pull.name}": (one, pull)
            for name, one in self.every.items()
            if one.configured
            for pull in one.manifest.pulls
        }

    def texts(self) -> list[tuple[str, Check]]:
        """What can't go out as it is written, each with the connector that says so."""
        return [
            (name, found)
            for name in sorted(set(self.carriers().values()))
            for found in self.every[name].texts()
            if found.state in ("missing", "wrong")
        ]

    def fits(self, wanted: Collection[tuple[str, str]]) -> dict[tuple[str, str], Check]:
        """(channel, material) → whether its provider would take that text, as far as is known
        before it goes out. What people do is not in it."""
        carriers = self.carriers()
        found: dict[tuple[str, str], Check] = {}
        for name in sorted({carriers[channel] for channel, _ in wanted if channel in carriers}):
            one = self.every[name]
            mine = [pair for pair in wanted if carriers.get(pair[0]) == name]
            if one.manifest.texts is None:
                found |= {(channel, code): _unknown(one, code) for channel, code in mine}
                continue
            written = one.tools.texts.of(sorted({channel for channel, _ in mine}))
            said = zip(written, one.manifest.texts(one.config, written), strict=False)
            by_code = {text.material: check for text, check in said}
            found |= {pair: by_code[pair[1]] for pair in mine if pair[1] in by_code}
        return found

    def teller(self) -> Connected | None:
        """The connector by which our own staff is told; None where nothing can."""
        able = (one for one in self.every.values() if one.manifest.notify is not None)
        return next((one for one in able if one.configured), None)

    def pages(self) -> tuple[Connected, Pages] | None:
        """The connector that knows who opens a page inside it; None where nothing does."""
        return self._with(lambda it: it.pages)

    def landing(self, state: str) -> str | None:
        """The carrier's page on which somebody becomes a friend; None where nothing has one."""
        found = self._with(lambda it: it.landing)
        return found[1](found[0].config, found[0].tools, state) if found else None

    def window(self) -> Showing | None:
        """Where Moments are shown; None where nothing that is connected can."""
        found = self._with(lambda it: it.moments)
        return Showing(*found) if found else None

    def showing(self) -> Showing:
        """Where Moments are shown; Refused where nothing that is connected can."""
        found = self.window()
        if found is None:
            raise Refused(
                Sentence(
                    "Nothing that is connected has Moments; siyu connect wecom.",
                    "没有已连接的渠道可以发朋友圈；请先 siyu connect wecom。",
                )
            )
        return found

    def figures(self, first: date, last: date) -> list[Total]:
        """What carriers counted of our staff in these days, both included."""
        grouped: list[Grouped] = []
        for one in self.every.values():
            if one.configured and (has := one.manifest.figures) is not None:
                grouped += has.grouped(one.config, one.tools, first, last)
        return totals(self.worked(first, last), grouped)

    def worked(self, first: date, last: date) -> list[Worked]:
        """The same day by day, without their group chats."""
        worked: list[Worked] = []
        for one in self.every.values():
            if one.configured and (has := one.manifest.figures) is not None:
                worked += has.worked(one.config, one.tools, first, last)
        return worked

    def of(self, name: str) -> Connected:
        """The connector of that name; NotFound lists those that there are."""
        return self.every[manifest(name).name]

    def form(self, name: str) -> list[Entry]:
        """The settings of a connector, field by field."""
        return form(self._settings, name)

    def save(self, name: str, typed: Mapping[str, str | None]) -> None:
        """Check what was typed into the form of a connector and keep it in HOME/siyu.toml."""
        save(self._settings, name, typed)


def _unknown(one: Connected, material: str) -> Check:
    title = one.manifest.title
    return Check(
        Sentence(f"material {material}", f"素材 {material}"),
        "unverified",
        Sentence(
            f"{title} can't say before it goes out whether it takes this text",
            f"{title.zh} 发送前无法确认是否接受这段文字",
        ),
    )


def manifest(name: str) -> Manifest:
    """The connector of that name; NotFound lists those that there are."""
    found = manifests().get(name)
    if found is None:
        known = ", ".join(manifests())
        raise NotFound(
            Sentence(
                f"There is no connector {name!r}; known are {known}.",
                f"没有连接器 {name!r}；已有 {known}。",
            )
        )
    return found


def form(settings: Settings, name: str) -> list[Entry]:
    """A connector's settings as they stand, field by field."""
    table = settings.connectors.get(name, {})
    return forms.form(manifest(name).config, table, told(name))


def save(settings: Settings, name: str, typed: Mapping[str, str | None]) -> None:
    """Check what was typed and put it into HOME/siyu.toml; None: as if nobody had set it."""
    said = [field for field in typed if field in told(name)]
    if said:
        fields_ = ", ".join(said)
        raise Refused(
            Sentence(
                f"The environment says {fields_}: it is changed there.",
                f"{fields_} 由环境变量设定，请在那里修改。",
            )
        )
    table = settings.connectors.get(name, {})
    whole = forms.filled(name, manifest(name).config, table, typed)
    forms.write(settings.home, name, {k: v for k, v in whole.items() if k not in told(name)})


def config(settings: Settings, name: str) -> Any:
    """A connector's own form, filled in from the table of its name; BadSettings says what is wrong
    there, and shows no value."""
    form: Any = manifests()[name].config
    table = settings.connectors.get(name, {})
    problems = tuple(unknown(table, [one.name for one in fields(form)], f"{name}."))
    if problems:
        raise BadSettings("There are unknown settings.", problems)
    try:
        found: Any = msgspec.convert(table, form, strict=False)
    except msgspec.ValidationError as error:
        said, _, where = str(error).partition(" - at ")
        field = where.strip("`").removeprefix("$").lstrip(".")
        # a form's own check has said which field it is about
        raise BadSettings(f"{name}.{field}: {said}" if field else f"{name}.{said}") from None
    return found


def check(settings: Settings) -> None:
    """Refuse, as BadSettings, what some connector was told and can't use."""
    for name in manifests():
        config(settings, name)


def secret_fields() -> list[str]:
    """NAME.FIELD of every secret that some connector has."""
    return [
        f"{name}.{field.name}"
        for name, manifest in manifests().items()
        for field in fields(manifest.config)
        if not field.repr
    ]


def documented(form: Any, table: str) -> Iterator[Documented]:
    """Every setting of a connector's form, with the words that docs and pages print."""
    hints = get_type_hints(form, include_extras=True)
    for one in fields(form):
        meta = next(m for m in hints[one.name].__metadata__ if m.description)
        yield Documented.of(f"{table}.{one.name}", meta.description)
