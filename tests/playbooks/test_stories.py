"""Every shipped playbook: all its parts are there, and its stories come true."""

# ruff: noqa: E501 - texts of playbooks stand as they are written

from __future__ import annotations

import pytest

from siyu.dryrun.claims import Result
from siyu.dryrun.place import Ground
from siyu.dryrun.story import play_on, refuse
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


def told(stage: Ground, claims: str, **files: str) -> Result:
    (result,) = play_on(stage, {**OWN, "story.yaml": STORY + claims, **files})
    return result


@pytest.mark.parametrize("name", actions.shipped())
def test_the_stories_of_every_shipped_playbook_come_true(stage: Ground, name: str) -> None:
    files = actions.texts(name)
    results = play_on(stage, files)

    assert {*ABOUT.values()} <= files.keys()
    assert results
    refuse(results)


def test_what_goes_out_must_be_all_that_is_expected_and_in_that_order(stage: Ground) -> None:
    assert told(stage, "  expect:\n" + FIRST + THEN).misses == []

    (more,) = told(stage, "  expect:\n" + FIRST).misses
    (other,) = told(stage, "  expect:\n" + THEN + FIRST).misses
    never, more_too = told(
        stage, "  never:\n    - {who: mei, sends: later}\n  expect:\n" + FIRST
    ).misses

    assert "later (wecom_message) also went out at day 2 10:00" in more.why
    assert (other.line, "but hello (wecom_message) @ day 0 10:00 went out" in other.why) == (
        6,
        True,
    )
    assert "it must not" in never.why + more_too.why


def test_a_story_says_the_values_that_it_plays_with(stage: Ground) -> None:
    later = THEN.replace("day 2", "day 5")

    assert told(stage, "  settings: {gap: 5d}\n  expect:\n" + FIRST + later).misses == []
    (wrong,) = told(stage, "  expect:\n" + FIRST + later).misses
    assert "@ day 5 10:00, but later (wecom_message) @ day 2 10:00 went out" in wrong.why


def test_withheld_is_claimed_with_its_reason(stage: Ground) -> None:
    gone = """\
    - {at: day 1 10:00, who: mei, consent.withdrawn: {}}
  expect:
    - {at: day 0 10:00, who: mei, sends: hello}
    - {who: mei, withheld: later, reason: REASON}
    - {who: mei, ends: done}
"""
    assert told(stage, gone.replace("REASON", "opted_out")).misses == []
    (other,) = told(stage, gone.replace("REASON", "quota")).misses
    assert "it was: withheld opted_out" in other.why


def test_whoever_is_held_out_is_so_by_the_story(stage: Ground) -> None:
    held = "  held_out: [mei]\n  never:\n    - {who: mei}\n"

    assert told(stage, held).misses == []


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
    stage: Ground, story: str, line: int | None, why: str
) -> None:
    with pytest.raises(BadInput) as refused:
        play_on(stage, {**OWN, "story.yaml": STORY + story})

    found = [(one.line, str(one)) for one in refused.value.problems]
    assert any(line == at and why in said for at, said in found), found


HELD = """\
select c.relname, pg_relation_size(c.oid) from pg_class c
where c.relnamespace = 'siyu_dry'::regnamespace and c.relkind = 'r' and c.relname <> 'schema_migration'
order by 1
"""
NUMBERS = (
    "select sequencename, last_value from pg_sequences where schemaname = 'siyu_dry' order by 1"
)


def left_on(stage: Ground) -> list[str]:
    """Tables of the stage that hold a row, and numbers that do not begin anew."""
    names = [name for name, size in stage.db.fetch(HELD) if size]
    full = [name for name in names if stage.db.fetch(f"select from {name} limit 1")]
    return full + [name for name, last in stage.db.fetch(NUMBERS) if last is not None]


def test_nothing_of_a_story_is_left_for_the_next(stage: Ground) -> None:
    files = actions.texts("cascade")
    first = play_on(stage, files)
    left = left_on(stage)
    assert {"touch", "visit", "identity", "event_key", "parcel_decision"} <= set(left)

    stage.wipe()
    assert left_on(stage) == []
    assert play_on(stage, files) == first


def test_parcels_are_claimed_by_what_they_carry_and_when(stage: Ground) -> None:
    story = """\
- story: packed
  facts:
    - {at: day 0 10:00, who: mei, order.paid: {order_no: A1, total: "9.00"}}
    - {at: day 0 10:30, who: mei, parcel.planned: {orders: [A1], main_order: A1, cutoff_at: day 1 18:00}}
"""
    card = actions.texts("card-only")

    def misses(claims: str) -> list[str]:
        return [one.why for (result,) in [play_on(stage, {**card, "story.yaml": story + claims})]
                for one in result.misses]  # fmt: skip

    assert misses("  expect: [{who: mei, packs: card, at: day 1 18:00}]\n") == []
    assert "not packs gift; only card" in misses("  expect: [{who: mei, packs: gift}]\n")[0]
    assert misses("  expect: [{who: mei, packs: card, at: day 0}]\n") != []
    assert "packs card after all" in misses("  never: [{who: mei, packs: card}]\n")[0]
    assert misses("  never: [{who: mei, packs: card, after: day 2 00:00}]\n") == []
    with pytest.raises(BadInput, match="unknown word 'box'"):
        misses("  expect: [{who: mei, packs: box}]\n")
