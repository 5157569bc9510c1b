"""Every shipped playbook: all its parts are there, and its stories come true."""

# ruff: noqa: E501 - texts of playbooks stand as they are written

from __future__ import annotations

import pytest

from siyu.app import App
from siyu.dryrun.claims import Result
from siyu.dryrun.story import play, refuse
from siyu.kernel.errors import BadInput
from siyu.playbooks import actions
from siyu.playbooks.check import ABOUT

OWN = {
    "playbook.yaml": """\
playbook: mine
title: {zh: 甲, en: A}
about: {zh: 甲, en: A}
settings:
  gap:
    type: duration
    title: {zh: 间隔, en: Gap}
    help: {zh: 隔多久, en: How long after}
    default: 2d
""",
    "materials.yaml": """\
- {code: hello, channel: wecom_message, title: 问候, variables: {brand: text}, zh: "{{ brand }}您好", en: "Hello from {{ brand }}"}
- {code: later, channel: wecom_message, title: 再问候, variables: {brand: text}, zh: "{{ brand }}再会", en: "{{ brand }} again"}
""",
    "journeys/own.yaml": """\
journey: own
title: {zh: 甲, en: A}
enter: {on: friend.added, max_age: 2h}
ends_when: {friend: false}
steps:
  - id: hello
    send: {channel: wecom_message, material: hello, purpose: service, lane: now, priority: 5}
  - {id: gap, wait: "${gap}"}
  - id: later
    send: {channel: wecom_message, material: later, purpose: promotion, lane: now, priority: 5}
  - {id: end, exit: done}
""",
}
STORY = """\
- story: two-words
  facts:
    - {at: day 0 10:00, who: mei, consent.given: {}}
    - {at: day 0 10:00, who: mei, friend.added: {staff: guide}}
"""
FIRST = "    - {at: day 0 10:00, who: mei, sends: hello}\n"
THEN = "    - {at: day 2 10:00, who: mei, sends: later, channel: wecom_message}\n"


def told(app: App, claims: str, **files: str) -> Result:
    (result,) = play(app, {**OWN, "story.yaml": STORY + claims, **files})
    return result


@pytest.mark.parametrize("name", actions.shipped())
def test_the_stories_of_every_shipped_playbook_come_true(app: App, name: str) -> None:
    files = actions.texts(name)
    results = play(app, files)

    assert {*ABOUT.values()} <= files.keys()
    assert results
    refuse(results)


def test_what_goes_out_must_be_all_that_is_expected_and_in_that_order(app: App) -> None:
    assert told(app, "  expect:\n" + FIRST + THEN).misses == []

    (more,) = told(app, "  expect:\n" + FIRST).misses
    (other,) = told(app, "  expect:\n" + THEN + FIRST).misses
    never, more_too = told(
        app, "  never:\n    - {who: mei, sends: later}\n  expect:\n" + FIRST
    ).misses

    assert "later (wecom_message) also went out at day 2 10:00" in more.why
    assert (other.line, "but hello (wecom_message) @ day 0 10:00 went out" in other.why) == (
        6,
        True,
    )
    assert "it must not" in never.why + more_too.why


def test_a_story_says_the_values_that_it_plays_with(app: App) -> None:
    later = THEN.replace("day 2", "day 5")

    assert told(app, "  settings: {gap: 5d}\n  expect:\n" + FIRST + later).misses == []
    (wrong,) = told(app, "  expect:\n" + FIRST + later).misses
    assert "@ day 5 10:00, but later (wecom_message) @ day 2 10:00 went out" in wrong.why


def test_withheld_is_claimed_with_its_reason(app: App) -> None:
    gone = """\
    - {at: day 1 10:00, who: mei, consent.withdrawn: {}}
  expect:
    - {at: day 0 10:00, who: mei, sends: hello}
    - {who: mei, withheld: later, reason: REASON}
    - {who: mei, ends: done}
"""
    assert told(app, gone.replace("REASON", "opted_out")).misses == []
    (other,) = told(app, gone.replace("REASON", "quota")).misses
    assert "it was: withheld opted_out" in other.why


def test_whoever_is_held_out_is_so_by_the_story(app: App) -> None:
    held = "  held_out: [mei]\n  never:\n    - {who: mei}\n"

    assert told(app, held).misses == []


@pytest.mark.parametrize(
    ("story", "line", "why"),
    [
        ("  expect: []\n", 1, "expects nothing"),
        ("  expect:\n    - {who: mei, sends: nothing}\n", 6, "no material 'nothing'"),
        ("  never:\n    - {who: lin}\n", 6, "no fact tells of this person"),
        ("  never:\n    - {who: mei, sents: x}\n", 6, "unknown word 'sents'"),
        ("    - {at: 10:00, who: mei, friend.added: {}}\n  never: [{who: mei}]\n", 5, "write `day 3 10:00`"),
        ("    - {at: day 1 10:00, who: mei, friend.aded: {}}\n  never: [{who: mei}]\n", 5, "is no event"),
        ("    - {at: day 1 10:00, who: mei, link.clicked: {}}\n  never: [{who: mei}]\n", 5, "needs `touch`"),
        ("    - {at: day 1 10:00, who: mei, order.paid: {totl: 3}}\n  never: [{who: mei}]\n", 5, "totl"),
        ("  expect:\n    - {who: mei, withheld: later}\n", 6, "needs the `reason`"),
        ("  settings: {gapp: 3d}\n  never: [{who: mei}]\n", None, "there is no such setting"),
    ],
)  # fmt: skip
def test_a_story_that_can_not_be_is_refused_with_its_line(
    app: App, story: str, line: int | None, why: str
) -> None:
    with pytest.raises(BadInput) as refused:
        play(app, {**OWN, "story.yaml": STORY + story})

    found = [(one.line, str(one)) for one in refused.value.problems]
    assert any(line == at and why in said for at, said in found), found
