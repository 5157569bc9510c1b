"""Waves over HTTP: what came of each, and having them go on or end."""

from __future__ import annotations

import json
from typing import Any

import pytest

PATH = "/api/v1/journeys/old/waves"
TEXT = """
journey: old
title: {zh: 老客, en: Old}
enter:
  waves: {sizes: [1], every: 1d}
  segment: {orders: {}}
  stop_when: {complaints: 0.1, least: 1}
holdout: 0.000001
steps:
  - {id: pause, wait: 5d}
  - {id: bye, exit: done}
"""


@pytest.fixture
def old(story: Any) -> Any:
    """Two buyers, and a journey that takes them one after the other."""
    story.pay(story.order(), "13800000001")
    story.pay(story.order(), "13800000002")
    story.tick()
    assert story.ask("POST", "/api/v1/journeys", {"text": TEXT, "by": "ana"}).status_code == 200
    story.tick()
    return story


def test_a_wave_is_shown_with_its_figures_and_why_it_was_stopped(old: Any) -> None:
    (wave,) = old.read(PATH)["waves"]
    assert (wave["number"], wave["test"], wave["state"], wave["entered"]) == (1, False, "open", 1)
    assert wave["figures"]["people"] == 1
    assert wave["figures"]["per_add_minor"] is None
    old.go(days=1, minutes=1)

    (wave,) = old.read(PATH)["waves"]
    assert (wave["state"], wave["reason"]) == ("stopped", "too_few")
    assert wave["judged"]["invited"] == 0
    zh = old.ask("GET", PATH, **{"Accept-Language": "zh"}).json()["waves"][0]
    assert "1 人中只真正邀请了 0 人" in zh["why"]


def test_stopped_waves_go_on_or_end_and_who_did_so_is_audited(old: Any) -> None:
    early = old.ask("POST", PATH, {"decision": "continue", "by": "ana"})
    assert early.status_code == 409, early.text
    old.go(days=1, minutes=1)
    on = old.ask("POST", PATH, {"decision": "continue", "by": "ana"})
    assert on.json() == {"journey": "old", "decision": "continue", "after_wave": 1}
    old.tick()
    two, one = old.read(PATH)["waves"]
    assert (two["number"], two["entered"], one["decided_by"]) == (2, 1, "ana")
    assert old.ask("POST", PATH, {"decision": "end", "by": "ana"}).status_code == 200

    assert old.read(f"{PATH}?before=2")["waves"][0]["number"] == 1
    assert old.read(PATH)["waves"][0]["state"] == "ended"


def test_who_may_not_and_what_is_not_there_is_refused(old: Any) -> None:
    assert old.http.get(PATH).status_code == 401
    assert old.ask("GET", "/api/v1/journeys/nothing/waves").status_code == 404
    said = {"decision": "end", "by": "ana"}
    assert old.ask("POST", "/api/v1/journeys/nothing/waves", said).status_code == 404
    assert old.ask("POST", PATH, {"decision": "perhaps"}).status_code in (400, 422)


def test_the_commands_show_waves_and_have_them_go_on_or_end(old: Any) -> None:
    old.go(days=1, minutes=1)
    shown = old.siyu("journey", "waves", "old")
    assert "only 0 of 1 were really invited" in shown.output
    assert "siyu journey continue old" in shown.output
    on = old.siyu("journey", "continue", "old", "--by", "ana", "--json")
    assert json.loads(on.output) == {"journey": "old", "decision": "continue", "after_wave": 1}
    end = old.siyu("journey", "end", "old", "--by", "ana")
    assert "No further wave opens after wave 1 of old" in end.output
    last = old.siyu("journey", "waves", "old", "--json")
    assert json.loads(last.output)["waves"][0]["state"] == "ended"


NOBODY = TEXT.replace("{orders: {}}", "{tag: nobody}").replace("journey: old", "journey: later")


def test_when_the_next_wave_opens_is_said_before_and_after_the_first(old: Any) -> None:
    (wave,), found = old.read(PATH)["waves"], old.read(PATH)
    assert found["next_at"] == wave["judge_at"]
    assert "The next wave opens at " in old.siyu("journey", "waves", "old").output
    assert old.ask("POST", "/api/v1/journeys", {"text": NOBODY, "by": "ana"}).status_code == 200
    soon = old.siyu("journey", "waves", "later").output
    assert "The first opens with the worker's next sweep" in soon

    old.tick()
    later = old.read(PATH.replace("old", "later"))
    assert (later["waves"], later["next_at"] is None) == ([], False)
    assert "The first opens at " in old.siyu("journey", "waves", "later").output

    old.go(days=1, minutes=1)  # the first of `old` is stopped
    assert old.read(PATH)["next_at"] is None
    assert "opens" not in old.siyu("journey", "waves", "old").output
