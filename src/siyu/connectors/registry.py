"""Which connectors are installed: entry points `siyu.connectors`, ours exactly as a stranger's."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import fields
from functools import cache
from importlib.metadata import entry_points
from typing import Any, NamedTuple, get_type_hints

import msgspec

from siyu.connectors.manifest import Called, Heard, Manifest, Tools
from siyu.kernel.errors import BadSettings, Broken
from siyu.outbox.channel import Channel
from siyu.settings import CONNECTORS, Documented, Settings, unknown

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

    def hear(self, called: Called) -> Heard:
        """Verify and decode what its vendor sent."""
        if self.manifest.receive is None:
            raise Broken(f"The connector {self.manifest.name} hears nothing.")
        return self.manifest.receive(self.config, called, self.tools)


def connections(settings: Settings, tools: ToolsOf) -> dict[str, Connected]:
    """Every installed connector with its settings, whether it has any or not."""
    return {
        name: Connected(manifest, config(settings, name), tools(name))
        for name, manifest in manifests().items()
    }


def channels(found: Mapping[str, Connected]) -> dict[str, Channel]:
    """Channel name → who carries it, for the connectors that have settings; each opened once.

    Of two that carry the same channel, one for that vendor alone comes before the brand's own door.
    """
    carried: dict[str, Channel] = {}
    for one in sorted(found.values(), key=lambda one: -len(one.manifest.channels)):
        if one.configured and one.manifest.channel is not None:
            opened = one.manifest.channel(one.config, one.tools)
            carried |= dict.fromkeys(one.manifest.channels, opened)
    return dict(sorted(carried.items()))


class Overview(NamedTuple):
    """A connector, whether it has settings, and the channels that it carries then."""

    name: str
    connected: bool
    channels: tuple[str, ...]


def overview(found: Mapping[str, Connected]) -> list[Overview]:
    """Every installed connector, by name."""
    return [Overview(name, one.configured, one.manifest.channels) for name, one in found.items()]


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
