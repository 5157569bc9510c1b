"""The layers that come with Siyu: each a few segments, which a brand makes its own."""

from __future__ import annotations

from functools import cache
from importlib.resources import files
from typing import Any, NamedTuple

import yaml

LAYERS = ("rfm", "stage", "value", "need", "response")


class Layer(NamedTuple):
    """A layer's segments as texts, by code. `exclusive`: everybody is in exactly one of them."""

    name: str
    exclusive: bool
    texts: dict[str, str]


def shipped(name: str) -> Layer:
    """One of `LAYERS`."""
    written = files("siyu.segments").joinpath("layers", f"{name}.yaml").read_text("utf-8")
    said: dict[str, Any] = yaml.safe_load(written)
    bands: list[dict[str, Any]] = said["bands"]
    texts = {band["segment"]: _text(said["layer"], band) for band in bands}
    return Layer(said["layer"], said["exclusive"], texts)


def _text(layer: str, band: dict[str, Any]) -> str:
    ordered = {
        "segment": band["segment"],
        "title": band["title"],
        "layer": layer,
        "when": band["when"],
    }
    return yaml.safe_dump(ordered, sort_keys=False, allow_unicode=True)  # pyright: ignore[reportUnknownMemberType]


@cache
def exclusive() -> frozenset[str]:
    """The shipped layers in which everybody is in exactly one band."""
    return frozenset(name for name in LAYERS if shipped(name).exclusive)
