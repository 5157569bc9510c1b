"""Fitted models, kept as files: what was fitted, on which days, with what, and when."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from pathlib import Path
from types import MappingProxyType

import msgspec
import numpy as np
from msgspec import Struct

from siyu.analytics.decide.value import BgNbd, GammaGamma
from siyu.analytics.model.answer import Sources
from siyu.analytics.views.histories import DAYS, Known, Unit

SHOWN = 10


class Model(Struct, frozen=True, kw_only=True):
    """One fit. The same data in the same units is the same version."""

    name: str
    version: int
    fitted_at: str
    data: Mapping[str, str | int]  # the window and units that it was fitted on
    parameters: Mapping[str, float]
    diagnostics: Mapping[str, float | None]


def fitted(
    of: Sources,
    name: str,
    until: date,
    unit: Unit,
    known: Known,
    models: tuple[BgNbd, GammaGamma | None],
    diagnostics: Mapping[str, float | None] = MappingProxyType({}),
) -> Model:
    """A fit of both models of value, as it is kept: on which days, on how many customers."""
    purchases, money = models
    first = until - timedelta(days=round(float(np.max(known.history.span)) * DAYS[unit]))
    spending = money._asdict() if money else {}
    made = Model(
        name=name,
        version=0,
        fitted_at=of.now.isoformat(timespec="seconds"),
        data={
            "first": str(first),
            "until": str(until),
            "unit": unit,
            "customers": len(known.customers),
            "fitted_on": purchases.customers,
        },
        parameters={
            **{part: float(one) for part, one in purchases._asdict().items()},
            **{f"spend_{part}": float(one) for part, one in spending.items()},
        },
        diagnostics=dict(diagnostics),
    )
    return keep(of.models, made)


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
