"""Whoever withdraws consent hears no more of any shipped playbook, from that moment on."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
import yaml

from siyu.app import App
from siyu.dryrun.story import play, refuse
from siyu.playbooks import actions

AS_IT_IS = ("story", "title", "begins", "brand", "settings", "staff", "held_out")
AT = re.compile(r"day (\d+)")


def cut_short(story: dict[str, Any]) -> dict[str, Any] | None:
    """The story to the end of the day of its first message, when everybody withdraws; None where
    it doesn't tell the days of what goes out."""
    sends = [claim for claim in story.get("expect", []) if "sends" in claim]
    if not sends or any("at" not in claim for claim in sends):
        return None
    day = min(_day(claim) for claim in sends)
    people = sorted({fact["who"] for fact in story["facts"]})
    kept = [claim for claim in sends if _day(claim) <= day]
    withdrawn = {"at": f"day {day} 23:00", "consent.withdrawn": {}}
    last = max(_day(claim) for claim in sends)
    return {
        **{name: story[name] for name in AS_IT_IS if name in story},
        "facts": [
            *(fact for fact in story["facts"] if _day(fact) <= day),
            *({**withdrawn, "who": who} for who in people),
            # what makes the story go on, were they not gone
            *(fact for fact in story["facts"] if _day(fact) > day and "friend.added" not in fact
              and "consent.given" not in fact and "touch" not in str(fact)),
        ],
        "expect": kept,
        "never": [{"who": who, "after": f"day {day} 23:00"} for who in people],
        "ends": f"day {last + 10}",
    }  # fmt: skip


def _day(said: dict[str, Any]) -> int:
    found = AT.search(said["at"])
    assert found is not None
    return int(found[1])


SENDING = [one for one in actions.shipped() if any("journeys" in it for it in actions.texts(one))]


@pytest.mark.parametrize("name", SENDING)
def test_nothing_goes_out_after_consent_is_withdrawn(app: App, name: str) -> None:
    files = actions.texts(name)
    stories = [cut_short(story) for story in yaml.safe_load(files["story.yaml"])]
    told = json.dumps([one for one in stories if one], ensure_ascii=False, indent=1, default=str)
    assert any(stories), "no story tells the days of all that goes out"

    refuse(play(app, {**files, "story.yaml": told}))
