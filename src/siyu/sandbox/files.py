"""A real order file as a demonstration's shop."""

from __future__ import annotations

from datetime import date
from pathlib import Path

from siyu.kernel.errors import Refused
from siyu.sandbox.demo import Replay


def replay_of(path: Path, mapping: Path | None, start: date | None) -> Replay:
    raise Refused("not wired yet")
