"""Which connectors are installed: entry points `siyu.connectors`, ours exactly as a stranger's."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import is_dataclass
from datetime import datetime
from functools import cache, partial
from importlib.metadata import entry_points
from typing import NamedTuple

import msgspec

from siyu.connectors.manifest import Manifest
from siyu.kernel.errors import BadSettings, Broken
from siyu.kernel.time import Clock
from siyu.outbox.channel import Channel
from siyu.settings import Settings

GROUP = "siyu.connectors"
Hook = Callable[[Mapping[str, str], bytes, datetime], list[object]]


@cache
def manifests() -> dict[str, Manifest]:
    """Every installed connector by name."""
    found: dict[str, Manifest] = {}
    for entry in entry_points(group=GROUP):
        manifest = entry.load()
        if not isinstance(manifest, Manifest) or manifest.name != entry.name:
            raise Broken(
                f"The connector {entry.name} ({entry.value}) is not made for this version."
            )
        found[manifest.name] = manifest
    return dict(sorted(found.items()))


def channels(settings: Settings, clock: Clock) -> dict[str, Channel]:
    """Channel name → who carries it, for the connectors that have settings; each opened once."""
    found: dict[str, Channel] = {}
    for name, config in _configs(settings).items():
        manifest = manifests()[name]
        if manifest.configured(config):
            opened = manifest.channel(config, clock)
            found |= dict.fromkeys(manifest.channels, opened)
    return found


class Overview(NamedTuple):
    """A connector, whether it has settings, and the channels that it carries then."""

    name: str
    connected: bool
    channels: tuple[str, ...]


def overview(settings: Settings) -> list[Overview]:
    """Every installed connector that settings can speak of, by name."""
    return [
        Overview(name, manifests()[name].configured(config), manifests()[name].channels)
        for name, config in _configs(settings).items()
    ]


def hooks(settings: Settings) -> dict[str, Hook]:
    """Connector name → how it verifies and decodes what its vendor posts to us."""
    return {
        name: partial(manifests()[name].receive, config)
        for name, config in _configs(settings).items()
    }


def _configs(settings: Settings) -> dict[str, object]:
    """Each connector's own form, filled in from the table of its name."""
    found: dict[str, object] = {}
    for name, manifest in manifests().items():
        table = getattr(settings, name, None)
        if not is_dataclass(table):
            continue
        try:
            found[name] = msgspec.convert(table, manifest.config, from_attributes=True)
        except msgspec.ValidationError as error:
            # the decoder adds a place to its own complaints, and shows no value
            raise BadSettings(f"{name}.{str(error).partition(' - at ')[0]}") from None
    return found
