"""Which connectors are installed: entry points `siyu.connectors`, ours exactly as a stranger's."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import fields, replace
from functools import cache
from importlib.metadata import entry_points
from typing import Any, NamedTuple, get_type_hints

import msgspec

from siyu.connectors import forms
from siyu.connectors.forms import Entry
from siyu.connectors.manifest import (
    Called,
    Check,
    Given,
    Giving,
    Group,
    HandOver,
    HandsOver,
    Heard,
    Manifest,
    Pull,
    Standing,
    Tools,
    WayIn,
    WayKind,
    WaysIn,
)
from siyu.kernel.errors import BadSettings, Broken, NotFound, Refused
from siyu.kernel.sentence import Sentence
from siyu.outbox.channel import Channel
from siyu.settings import CONNECTORS, Documented, Settings, load, told, unknown

Hook = Callable[[Called], Heard]
ToolsOf = Callable[[str], Tools]


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


class Connected(NamedTuple):
    """A connector with its settings; `tools` are its own."""

    manifest: Manifest
    config: Any
    tools: Tools

    @property
    def configured(self) -> bool:
        return self.manifest.configured(self.config)

    def checks(self) -> list[Check]:
        """Ask the vendor whether these settings work; what has none is asked nothing."""
        if not self.configured and (
            self.manifest.check is None or self.config == self.manifest.config()
        ):
            return [
                Check(
                    Sentence("settings", "设置"),
                    "missing",
                    Sentence("Nothing is set yet.", "还没有填写设置。"),
                )
            ]
        if self.manifest.check is None:
            return [
                Check(
                    Sentence("settings", "设置"),
                    "unverified",
                    Sentence(
                        "Every field can be used; this connector can't ask its vendor.",
                        "各字段都可用；该连接器无法向对方验证。",
                    ),
                )
            ]
        return self.manifest.check(self.config, self.tools)

    def hear(self, called: Called) -> Heard:
        """Verify and decode what its vendor sent."""
        if self.manifest.receive is None:
            raise Broken(f"The connector {self.manifest.name} hears nothing.")
        return self.manifest.receive(self.config, called, self.tools)


class Overview(NamedTuple):
    """A connector, whether it has settings, and the channels that it carries then."""

    name: str
    connected: bool
    channels: tuple[str, ...]


class Connections:
    """The connectors of one installation, with the settings that it was started with."""

    def __init__(self, settings: Settings, tools: ToolsOf) -> None:
        self._settings = settings
        self._tools = tools
        self.every = {
            name: Connected(found, config(settings, name), tools(name))
            for name, found in manifests().items()
        }

    def carriers(self) -> dict[str, str]:
        """Channel → the connector that carries it, of those that have settings.

        Of two that can, one for few channels comes before the brand's own door for many.
        """
        found: dict[str, str] = {}
        for name, one in sorted(
            self.every.items(), key=lambda item: -len(item[1].manifest.channels)
        ):
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

    def teller(self) -> Connected | None:
        """The connector by which our own staff is told; None where nothing can."""
        able = (one for one in self.every.values() if one.manifest.notify is not None)
        return next((one for one in able if one.configured), None)

    def landing(self, state: str) -> str | None:
        """The carrier's page on which somebody becomes a friend; None where nothing has one."""
        for one in self.every.values():
            if one.configured and one.manifest.landing is not None:
                return one.manifest.landing(one.config, one.tools, state)
        return None

    def plan_hand_over(self, giving: Giving) -> Given:
        """How many friends could be given; nothing is changed."""
        one, can = self._giver()
        return can.plan(one.config, one.tools, giving)

    def hand_over(self, giving: Giving) -> Iterator[Given]:
        """Friends of one of us become another's, here and now: how far it is."""
        one, can = self._giver()
        yield from can.run(one.config, one.tools, giving)
        yield can.plan(one.config, one.tools, giving)

    def begin_hand_over(self, giving: Giving) -> HandOver:
        """The same, by itself."""
        one, can = self._giver()
        return can.begin(one.config, one.tools, giving)

    def stop_hand_over(self, giving: Giving) -> bool:
        """It ends; False: it did not run."""
        one, can = self._giver()
        return can.stop(one.config, one.tools, giving)

    def hand_overs(self) -> list[HandOver] | None:
        """Those of the last months, the newest first; None where nothing can give friends."""
        one = self._first(lambda it: it.hands_over is not None)
        can = one.manifest.hands_over if one else None
        return can.every(one.config, one.tools) if one and can else None

    def ways(self) -> list[Standing] | None:
        """The codes and links that lead to us; None where nothing makes any."""
        one = self._first(lambda it: it.ways is not None)
        can = one.manifest.ways if one else None
        return can.every(one.config, one.tools) if one and can else None

    def make_way(self, way: WayIn) -> Standing:
        """Make a code or a link, or change who is behind it."""
        one, can = self._maker()
        return can.make(one.config, one.tools, way)

    def drop_way(self, kind: WayKind, state: str) -> bool:
        """Give it back; False: there is none."""
        one, can = self._maker()
        return can.drop(one.config, one.tools, kind, state)

    def groups(self) -> list[Group]:
        """The group chats that are known by name, by their ids."""
        one = self._first(lambda it: it.groups is not None)
        ask = one.manifest.groups if one else None
        return sorted(ask(one.config, one.tools)) if one and ask else []

    def _first(self, able: Callable[[Manifest], bool]) -> Connected | None:
        return next((it for it in self.every.values() if it.configured and able(it.manifest)), None)

    def _giver(self) -> tuple[Connected, HandsOver]:
        one = self._first(lambda it: it.hands_over is not None)
        if one is None or one.manifest.hands_over is None:
            raise Refused(
                Sentence(
                    "Nothing that is connected can give friends to somebody else; see"
                    " `siyu connect wecom`.",
                    "没有已连接的渠道可以转移好友；请先 `siyu connect wecom`。",
                )
            )
        return one, one.manifest.hands_over

    def _maker(self) -> tuple[Connected, WaysIn]:
        one = self._first(lambda it: it.ways is not None)
        if one is None or one.manifest.ways is None:
            raise Refused(
                Sentence(
                    "Nothing that is connected can make codes and links; see `siyu connect wecom`.",
                    "没有已连接的渠道可以建活码和链接；请先 `siyu connect wecom`。",
                )
            )
        return one, one.manifest.ways

    def saved(self, name: str) -> Connected:
        """A connector with the settings that are saved by now, which a restart would take up."""
        return Connected(manifest(name), config(self._fresh(), name), self._tools(name))

    def form(self, name: str) -> list[Entry]:
        """The settings of a connector, field by field, as they are saved by now."""
        return form(self._fresh(), name)

    def save(self, name: str, typed: Mapping[str, str | None]) -> None:
        """Check what was typed into the form of a connector and keep it in HOME/siyu.toml."""
        save(self._fresh(), name, typed)

    def _fresh(self) -> Settings:
        """The settings as they are on the disk by now, on top of those that were only given."""
        read = load(None, home=self._settings.home)
        return replace(read, connectors={**self._settings.connectors, **read.connectors})


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
