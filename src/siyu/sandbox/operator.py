"""An operator at the desk: looks at waves that have stopped, and decides on them."""

from __future__ import annotations

from typing import Any

from siyu.sandbox.client import Api

WAVES = ("old-orders", "lapsed-recall")  # journeys
TOO_MANY = 0.05  # of those invited: who complained or opted out


class Operator:
    """A rule stops the waves at a single complaint among few; somebody looks and thinks again."""

    def __init__(self, api: Api) -> None:
        self._api = api
        self.decided: list[tuple[str, str]] = []  # journey, decision

    def looks(self) -> None:
        """Waves that stand still go on where friends came of them and few complained."""
        for journey in WAVES:
            waves: list[dict[str, Any]] = self._api.ask(f"/api/v1/journeys/{journey}/waves")[
                "waves"
            ]
            if waves and waves[0]["state"] == "stopped":
                goes_on = worth_it(waves[0]["figures"])
                decision = "continue" if goes_on else "end"
                said = {"decision": decision, "by": "operator"}
                self._api.say("POST", f"/api/v1/journeys/{journey}/waves", said)
                self.decided.append((journey, decision))


def worth_it(figures: dict[str, Any]) -> bool:
    """Somebody came, and not too many were annoyed.

    >>> worth_it({"invited": 45, "friends": 3, "complaints": 1})
    True
    >>> worth_it({"invited": 45, "friends": 3, "complaints": 4})
    False
    """
    few = figures["complaints"] <= TOO_MANY * max(figures["invited"], 1)
    return figures["friends"] > 0 and few
