"""How far a pull has come that goes through everybody, one after another, now and then."""

from __future__ import annotations

import json
from typing import NamedTuple


class Cursor(NamedTuple):
    """`told`: up to when all was told by the last whole run; `run`: of the one under way, and after
    whom (or which group) it goes on."""

    told: str = ""
    run: str = ""
    done: str = ""

    @staticmethod
    def read(text: str) -> Cursor:
        """As it was kept; whatever else is there begins anew."""
        try:
            return Cursor(*json.loads(text or "[]"))
        except (ValueError, TypeError):
            return Cursor()

    def __str__(self) -> str:
        return json.dumps(list(self))
