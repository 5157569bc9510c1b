"""Whoever withdraws consent hears no more of any shipped playbook, from that moment on."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
import yaml

from siyu.dryrun.place import Ground
from siyu.dryrun.story import play_on, refuse
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


def cut_off(story: dict[str, Any]) -> dict[str, Any] | None:
    """The story to the end of the last day on which something goes out: everybody withdraws then,
    and it is over."""
    if cut_short(story) is None:
        return None
    sends = [claim for claim in story["expect"] if "sends" in claim]
    people = sorted({fact["who"] for fact in story["facts"]})
    day = max(map(_day, sends))
    withdrawn = {"at": f"day {day} 23:00", "consent.withdrawn": {}}
    facts = [fact for fact in story["facts"] if _day(fact) <= day]
    return {
        **{name: story[name] for name in AS_IT_IS if name in story},
        "facts": [*facts, *({**withdrawn, "who": who} for who in people)],
        "expect": sends,
        "ends": f"day {day}",
    }


def _day(said: dict[str, Any]) -> int:
    found = AT.search(said["at"])
    assert found is not None
    return int(found[1])


# Tasks about a complaint are for staff: whoever complained is answered, whatever they allow.
ANSWERS = {"complaint-care"}
SENDING = [
    one
    for one in actions.shipped()
    if one not in ANSWERS and any("journeys" in it for it in actions.texts(one))
]


@pytest.mark.parametrize("name", SENDING)
def test_nothing_goes_out_after_consent_is_withdrawn(stage: Ground, name: str) -> None:
    files = actions.texts(name)
    stories = [cut_short(story) for story in yaml.safe_load(files["story.yaml"])]
    told = json.dumps([one for one in stories if one], ensure_ascii=False, indent=1, default=str)
    assert any(stories), "no story tells the days of all that goes out"

    refuse(play_on(stage, {**files, "story.yaml": told}))


def has_tasks(name: str) -> bool:
    """Whether it gives work to guides; in stories all other channels take everything at once."""
    return any(" task:" in text for text in actions.texts(name).values())


# What somebody could still do to them: work of guides, presses, what a provider has in doubt. What
# is only owed is asked for its consent once more when it is due.
IN_HAND = """\
select t.journey, t.step, t.channel, t.state from touch t
where t.purpose <> 'answer' and t.state in ('leased', 'unknown', 'awaiting_staff')
union all
select t.journey, t.step, t.channel, 'a task' from task k join touch t on t.id = k.touch_id
where k.state = 'open' and t.purpose <> 'answer'
"""


@pytest.mark.parametrize("name", [name for name in SENDING if has_tasks(name)])
def test_within_one_sweep_nobody_has_them_in_hand_any_more(stage: Ground, name: str) -> None:
    files = actions.texts(name)
    for story in yaml.safe_load(files["story.yaml"]):
        cut = cut_off(story)
        if cut is not None:
            told = json.dumps([cut], ensure_ascii=False, indent=1, default=str)
            refuse(play_on(stage, {**files, "story.yaml": told}))
            assert stage.db.fetch(IN_HAND) == [], story["story"]


def test_a_task_that_a_guide_had_is_taken_back(stage: Ground) -> None:
    """Which the test above would see: it was there before."""
    files = actions.texts("lapsed-recall")
    (story,) = (one for one in yaml.safe_load(files["story.yaml"]) if one["story"] == "withdraws")
    story = {**story, "facts": [one for one in story["facts"] if "consent.withdrawn" not in one]}
    sends = [{"who": "mei", "sends": f"lapsed-recall-{which}"} for which in ("call", "request")]
    story |= {"ends": "day 22", "expect": sends}
    for withdrawn, left in ((False, True), (True, False)):
        no = {"at": "day 22 12:30", "who": "mei", "consent.withdrawn": {}}
        facts = [*story["facts"], *([no] if withdrawn else [])]
        told = json.dumps([{**story, "facts": facts}], ensure_ascii=False, indent=1, default=str)
        refuse(play_on(stage, {**files, "story.yaml": told}))
        assert bool(stage.db.fetch(IN_HAND)) is left
