"""Which connectors are installed: entry points `siyu.connectors`, ours exactly as a stranger's."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from functools import cache, partial
from importlib.metadata import entry_points

from siyu.connectors.manifest import Manifest
from siyu.kernel.errors import Broken
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
            raise Broken(f"The connector {entry.name} ({entry.value}) is not made for this version.")
        found[manifest.name] = manifest
    return dict(sorted(found.items()))


def channels(settings: Settings, clock: Clock) -> dict[str, Channel]:
    """Channel name → who carries it, for the connectors that have settings; each opened once."""
    found: dict[str, Channel] = {}
    for name, manifest in manifests().items():
        config = getattr(settings, name, None)
        if config is not None and manifest.configured(config):
            opened = manifest.channel(config, clock)
            found |= dict.fromkeys(manifest.channels, opened)
    return found


def hooks(settings: Settings) -> dict[str, Hook]:
    """Connector name → how it verifies and decodes what its vendor posts to us."""
    return {
        name: partial(manifest.receive, getattr(settings, name))
        for name, manifest in manifests().items()
        if getattr(settings, name, None) is not None
    }
