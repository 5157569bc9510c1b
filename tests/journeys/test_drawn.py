"""What the console's canvas writes is what the engine reads.

drawn.json is written by web/src/rooms/journeys/edits.test.ts, which holds it to the canvas: each
playbook's journey after a round of edits there, with the ways that the canvas draws.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from siyu.app import PREDICATES
from siyu.journeys.check import check
from siyu.journeys.model import Journey
from siyu.journeys.render import draw

DRAWN: list[dict[str, Any]] = json.loads(Path(__file__).with_name("drawn.json").read_text("utf-8"))


@pytest.mark.parametrize("drawn", DRAWN, ids=lambda drawn: Path(drawn["name"].split(",")[0]).stem)
def test_the_server_accepts_what_was_drawn_and_draws_the_same_ways(drawn: dict[str, Any]) -> None:
    found = check(drawn["text"], PREDICATES)

    assert isinstance(found, Journey), [str(one) for one in found]
    assert {(edge.source, edge.to) for edge in draw(found).edges} == {
        (source, to) for source, to in drawn["ways"]
    }


def test_every_playbook_with_a_journey_was_drawn() -> None:
    root = Path(__file__).parents[2]
    journeys = (root / "src/siyu/playbooks").glob("*/journeys/*.yaml")

    assert {one["name"] for one in DRAWN} == {
        f"{path.relative_to(root)}, filled in" for path in journeys
    }
