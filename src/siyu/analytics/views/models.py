"""Fitted models, kept as files: what was fitted, on which days, with what, and when."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import msgspec
from msgspec import Struct

SHOWN = 10


class Model(Struct, frozen=True, kw_only=True):
    """One fit. The same data in the same units is the same version."""

    name: str
    version: int
    fitted_at: str
    data: Mapping[str, str | int]  # the window and units that it was fitted on
    parameters: Mapping[str, float]
    diagnostics: Mapping[str, float | None]


def keep(folder: Path, model: Model) -> Model:
    """With the version that it has; an old one where nothing of it is new."""
    kept = versions(folder, model.name)
    for one in kept:
        if one.data == model.data and one.parameters == model.parameters:
            return one
    folder.mkdir(parents=True, exist_ok=True)
    number = max((one.version for one in kept), default=0)
    while True:
        number += 1
        made = msgspec.structs.replace(model, version=number)
        try:
            with (folder / f"{model.name}-{number:06}.json").open("xb") as file:
                file.write(msgspec.json.format(msgspec.json.encode(made), indent=2) + b"\n")
        except FileExistsError:  # somebody else was quicker with this number
            continue
        return made


def versions(folder: Path, name: str) -> list[Model]:
    """All of this name, the newest first; one that was cut off in writing is none."""
    found: list[Model] = []
    for path in sorted(folder.glob(f"{name}-*.json"), reverse=True):
        try:
            found.append(msgspec.json.decode(path.read_bytes(), type=Model))
        except msgspec.DecodeError:
            continue
    return found
