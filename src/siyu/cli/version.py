"""`siyu version`."""

from __future__ import annotations

from siyu import __version__
from siyu.cli.screen import Json, answer, say


def version(json: Json = False) -> None:
    """Print the version."""
    answer({"version": __version__}, json=json, show=lambda _: say(__version__))
