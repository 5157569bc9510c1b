"""A text is read whole or refused with every problem, its line, and what would be right."""

# ruff: noqa: E501 - what is said to people is shown whole, beside the edit that provokes it

from __future__ import annotations

import re
from datetime import time, timedelta
from importlib.resources import files

import pytest
from hypothesis import given
from hypothesis import strategies as st

from siyu.journeys.check import check
from siyu.journeys.model import Catalogue, Journey
from siyu.journeys.model.enter import After, Enter
from siyu.journeys.nodes import NODES
from siyu.journeys.nodes.wait import Daily, Wait
from siyu.kernel.sentence import within
from siyu.segments.predicates import FAMILIES

TEXT = """\
journey: welcome
title: {zh: 欢迎, en: Welcome}
source: new-orders
enter: {on: order.paid}
reenter: {after: 30d}
ends_when: {any: [{friend: true}, {order: gone}]}
steps:
  - id: gift
    offer: {promise: face-mask, expires: 30d}
  - id: sms
    send: {channel: sms, material: invite, purpose: order_invitation, code: new-orders/sms}
  - {id: pause, wait: {until: "10:00"}}
  - {id: sent, until: {touch: {step: sms, is: finished}}, timeout: 1d}
  - id: ways
    branch:
      - {when: {stage: {at_least: A4}}, go: buyers}
      - {else: true, go: arms}
  - id: arms
    split:
      arms:
        - {name: a, share: 0.5, go: buyers}
        - {name: b, share: 0.5}
  - {id: note, tag: {add: curious}}
  - {id: wave, set: {wave: 2, why: sale, last: true}}
  - {id: seen, branch: [{when: {value: {name: wave, is: 2}}, go: more}]}
  - {id: more, start: second-purchase}
  - {id: bought, goal: second order}
  - {id: week, wait: {weekday: monday, at: "10:00"}}
  - {id: packing, wait: {until: parcel_cutoff, less: 2h, else: party}}
  - {id: party, wait: {date: birthday, less: 3d, at: "09:30", else: buyers}}
  - {id: size, fit: {size_tag: shoe-, factor: 2, else: buyers}}
  - id: buyers
    task: {kind: call, channel: voice_human, material: script, purpose: service}
  - {id: end, exit: done}
"""
CATALOGUE = Catalogue(
    materials={"invite": "sms", "script": "voice_human"},
    offers={"face-mask": "gift", "spring-coupon": "coupon"},
    codes=frozenset({"new-orders/sms"}),
    sources=frozenset({"new-orders"}),
    journeys={"second-purchase": frozenset()},
)


def problems(text: str, catalogue: Catalogue | None = None) -> list[str]:
    found = check(text, FAMILIES, catalogue)
    return [] if isinstance(found, Journey) else [str(problem) for problem in found]


def english_in_chinese(text: str, catalogue: Catalogue | None = None) -> list[str]:
    """Problems whose Chinese is missing, or has words in it that nobody translated.

    What a text itself may say (in backquotes or quotes, or as a list of words) is no English.
    """
    found = check(text, FAMILIES, catalogue)
    wrong: list[str] = []
    for problem in () if isinstance(found, Journey) else found:
        zh = within("zh", problem.why)
        prose = re.sub(r"`[^`]*`|'[^']*'|\"[^\"]*\"", "", zh)
        if not re.search(r"[\u4e00-\u9fff]", zh) or re.search(r"[a-z]+ [a-z]+ [a-z]+", prose):
            wrong.append(zh)
    return wrong


def journey(text: str) -> Journey:
    found = check(text, FAMILIES)
    assert isinstance(found, Journey), [str(problem) for problem in found]
    return found


def test_a_text_with_every_type_of_step_becomes_a_journey():
    found = journey(TEXT)

    assert {step.node.key for step in found.steps} == {node.key for node in NODES}
    assert found.enter == Enter("order.paid", timedelta(hours=2))
    assert found.reenter == After(timedelta(days=30))
    assert found.steps[2].node == Wait(Daily(time(10)))
    assert problems(TEXT, CATALOGUE) == []


def test_the_flagship_cascade_passes():
    file = files("siyu.playbooks").joinpath("cascade/journeys/cascade.yaml")

    found = journey(file.read_text("utf-8"))

    steps = [step.id for step in found.steps]
    assert steps[0] == "promise"
    assert {"sms", "call", "request", "human", "watch"} <= set(steps)


@pytest.mark.parametrize(
    ("was", "now", "said"),
    [
        ("wait: {until", "wiat: {until", "line 12: steps[2].wiat: unknown word `wiat`; did you mean `wait`?"),
        ("channel: sms", "chanel: sms", "line 11: steps[1].send.chanel: unknown word `chanel`; did you mean `channel`?"),
        ("channel: sms", "channel: smss", "line 11: steps[1].send.channel: must be one of sms, voice_ai, wecom_message, wecom_welcome; did you mean `sms`?"),
        (", timeout: 1d", "", "line 13: steps[3]: `timeout` is missing"),
        ("timeout: 1d", "timeout: soon", "line 13: steps[3].timeout: 'soon' is not a duration; write it like 30s, 5m, 2h, 14d or 1h30m"),
        ("timeout: 1d", "timeout: 5", "line 13: steps[3].timeout: must be a duration like 30s, 5m, 2h or 14d, not a number"),
        ('until: "10:00"', 'until: "25:00"', "line 12: steps[2].wait.until: '25:00' is not a time of day; write it like \"10:00\""),
        ("go: arms", "go: arm", "line 17: steps[4].branch[1].go: no step is called `arm`; did you mean `arms`?"),
        ("step: sms", "step: sns", "line 13: steps[3].until: no step is called `sns`; did you mean `sms`?"),
        ("step: sms", "step: gift", "line 13: steps[3].until: step `gift` sends nothing; known are buyers, sms"),
        ("id: note", "id: gift", "line 23: steps[6].id: there is a step `gift` already (steps[0]); ids are unique"),
        ("id: note", "id: Nöte", "line 23: steps[6].id: 'Nöte' can't be a step's id: use a-z, 0-9 and -, like `first-call`"),
        ("share: 0.5}", "share: 0.4}", "line 19: steps[5].split: the shares add up to 0.9, not 1"),
        ("friend: true", "freind: true", "line 6: ends_when.any[0].freind: unknown condition `freind`; did you mean `friend`?"),
        ("on: order.paid", "on: order.payed", "line 4: enter: unknown kind of event `order.payed`; did you mean `order.paid`?"),
        ("reenter: {after: 30d}", "reenter: often", "line 5: reenter: must be one of never, each; known are each, never"),
        ("kind: call, channel", "priority: 8, when: off_peak, kind: call, channel", "line 33: steps[15].task.priority: priority 8 and above, and what is true only until a cut-off, never waits for quiet hours: leave `when` out"),
        ("kind: call", "kind: friend_request", "line 33: steps[15].task: a friend_request goes through channel wecom_request"),
        ("else: true", "else: false", "line 17: steps[4].branch[1]: say either `when: …` or `else: true`"),
        ("  - {id: end, exit: done}\n", "", "line 32: steps[15]: after this step the text is over; end with `exit: …`, or say where to `go`"),
        ("exit: done", "exit: done, go: sms", "line 34: steps[16].go: nothing goes on after this exit"),
        ("exit: done", "exit: done, timeout: 1d", "line 34: steps[16].timeout: `timeout` says nothing beside `exit`"),
        ("tag: {add: curious}", "tag: {add: curious}, go: end", "line 24: steps[7]: no way leads"),
        ("tag: {add: curious}", "tag: {add: curious}, exit: x", "line 23: steps[6]: a step is exactly one of send, task, wait, until, branch, split, tag, offer, fit, set, start, goal, exit; this one has tag and exit"),
        ("weekday: monday", "weekday: mon", "line 28: steps[11].wait.weekday: must be one of monday, tuesday, wednesday, thursday, friday, saturday, sunday; did you mean `monday`?"),
        ("weekday: monday", "weekda: monday", "line 28: steps[11].wait.weekda: unknown word `weekda`; did you mean `weekday`?"),
        ("weekday: monday, at", "weekday: monday, less: 2h, at", "line 28: steps[11].wait.less: unknown word `less`; known are at, weekday"),
        ("parcel_cutoff, less: 2h, else: party", "parcel_cutoff, less: 2h, else: partys", "line 29: steps[12].wait.else: no step is called `partys`; did you mean `party`?"),
        (", else: buyers", "", "line 30: steps[13].wait: `else` is missing"),
        ("less: 3d", "less: 36h", "line 30: steps[13].wait.less: less is whole days, like 3d; the hour is said by `at`"),
        ("date: birthday", "date: Geburtstag", "line 30: steps[13].wait.date: 'Geburtstag' is no name of a date; write it like `birthday`"),
        ("{wave: 2, why", "{Wave: 2, why", "line 24: steps[7].set: 'Wave' can't be a name: use a-z, 0-9, _ and -, like `wave`"),
        ("wave: 2, why: sale", "wave: 2.5", "line 24: steps[7].set: wave must be a text, a whole number, true or false, not a number"),
        ("set: {wave: 2, why: sale, last: true}", "set: 2", "line 24: steps[7].set: must be a mapping of names and values like {wave: 2}, not a number"),
        ("name: wave, is: 2", "name: wav, is: 2", "line 25: steps[8].branch[0].when: no step sets `wav`; did you mean `wave`?"),
        ("name: wave, is: 2", "name: wave", "line 25: steps[8].branch[0].when.value: say what the value must be: `is`, `at_least` or `at_most`"),
        ("start: second-purchase", "start: welcome", "line 26: steps[9].start: `welcome` would start itself; go back to a step by `go` instead"),
        ("goal: second order", "goal: second order, ends: maybe", "line 27: steps[10].ends: must be true or false, not a text"),
        ("goal: second order", "goal: second order, ends: true, go: end", "line 27: steps[10].go: nothing goes on after this goal"),
        ("source: new-orders", "source: new-orders\nsource: x", "line 4: text: `source` is said twice in one mapping"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_named_with_its_line_and_what_would_be_right(
    was: str, now: str, said: str
):
    if "no way leads" in said:  # buyers is reached by branch and split as well: cut these
        text = TEXT.replace("go: buyers", "go: end").replace(was, now)
        assert any(problem.startswith(said) for problem in problems(text))
        return

    assert said in problems(TEXT.replace(was, now, 1))
    assert english_in_chinese(TEXT.replace(was, now, 1)) == []


@pytest.mark.parametrize(
    ("was", "now", "said"),
    [
        ("material: invite", "material: invit", "line 11: steps[1].send.material: no material is called `invit`; did you mean `invite`?"),
        ("material: invite", "material: script", "line 11: steps[1].send.material: material `script` is written for voice_human, not sms"),
        ("promise: face-mask", "promise: mask", "line 9: steps[0].offer.promise: no offer is called `mask`; did you mean `face-mask`?"),
        ("promise: face-mask", "promise: spring-coupon", "line 9: steps[0].offer.promise: `spring-coupon` is a coupon; only a gift travels in a parcel: write `issue`"),
        ("new-orders/sms", "new-orders/smx", "line 11: steps[1].send.code: no channel code is called `new-orders/smx`; did you mean `new-orders/sms`?"),
        ("start: second-purchase", "start: second-purchas", "line 26: steps[9].start: no journey is called `second-purchas`; did you mean `second-purchase`?"),
        ("source: new-orders", "source: old", "line 3: source: no source is called `old`; known are new-orders"),
    ],
)  # fmt: skip
def test_what_a_text_refers_to_must_be_in_the_catalogue(was: str, now: str, said: str):
    assert problems(TEXT.replace(was, now, 1), CATALOGUE) == [said]


def circle(*between: str) -> str:
    steps = ["  - {id: a, tag: {add: x}}", *between, "  - {id: z, tag: {add: y}, go: a}"]
    return "journey: loop\ntitle: {zh: 圈, en: Loop}\nsteps:\n" + "\n".join(steps) + "\n"


def test_a_circle_without_time_is_refused_and_one_with_a_wait_is_not():
    assert "line 4: steps[0]: `a` comes round again without a `wait` (a → z)" in problems(circle())
    assert problems(circle("  - {id: w, wait: 1d}")) == []


def test_journeys_that_start_one_another_without_time_are_refused_where_it_can_be_seen():
    text = (
        "journey: a\ntitle: {zh: 甲, en: A}\nsteps:\n  - {id: b, start: b}\n  - {id: e, exit: x}\n"
    )
    known = {"b": frozenset({"c"}), "c": frozenset({"a"})}
    ring = CATALOGUE._replace(journeys=known)
    open_ = CATALOGUE._replace(journeys={**known, "c": frozenset[str]()})

    why = "`b` starts `a` again without a `wait`; put one before this start"
    assert problems(text, ring) == [f"line 4: steps[0].start: {why}"]
    assert problems(text, open_) == []
    assert problems(text.replace("steps:\n", "steps:\n  - {id: w, wait: 1d}\n"), ring) == []


@pytest.mark.parametrize(
    ("enter", "said"),
    [
        ("{every: monday 10:00, segment: {friend: true}}", ""),
        ("{every: day 10:00, segment: {tag: vip}, max_age: 1h}", ""),
        ('{date: birthday, at: "10:00", less: 3d}', ""),
        ("{segment: {all: [{friend: false}, {orders: {within: 90d}}]}}", ""),
        ("{every: mondays 10:00, segment: {friend: true}}", "line 4: enter.every: 'mondays 10:00' is no schedule; write it like `monday 10:00` or `day 10:00`"),
        ("{every: monday, segment: {friend: true}}", "line 4: enter.every: 'monday' is no schedule; write it like `monday 10:00` or `day 10:00`"),
        ("{every: monday 25:00, segment: {friend: true}}", "line 4: enter.every: '25:00' is not a time of day; write it like \"10:00\""),
        ("{every: monday 10:00}", "line 4: enter: `segment` is missing"),
        ("{date: birthday}", "line 4: enter: `at` is missing"),
        ('{date: birthday, at: "10:00", less: 12h}', "line 4: enter.less: less is whole days, like 3d; the hour is said by `at`"),
        ("{segment: {order: gone}}", "line 4: enter.segment: `order` speaks of a visit, and who enters has none yet"),
        ("{segment: {freind: true}}", "line 4: enter.segment.freind: unknown condition `freind`; did you mean `friend`?"),
        ("{segmnt: {friend: true}}", "line 4: enter.segmnt: unknown word `segmnt`; did you mean `segment`?"),
        ("monday", "line 4: enter: must be a mapping with on, max_age, segment, not a text"),
    ],
)  # fmt: skip
def test_each_way_in_is_read_or_refused_in_words(enter: str, said: str):
    found = problems(TEXT.replace("enter: {on: order.paid}", f"enter: {enter}"))

    assert found == [] if not said else said in found


@pytest.mark.parametrize(
    "wait", ["{until: parcel_cutoff}", '{date: birthday, at: "10:00", else: z}']
)
def test_a_wait_that_may_have_nothing_to_wait_for_is_no_time_in_a_circle(wait: str):
    text = circle(f"  - {{id: w, wait: {wait}}}")

    assert any("comes round again" in problem for problem in problems(text))


def test_an_until_is_no_time_in_a_circle():
    text = circle("  - {id: u, until: {friend: true}, timeout: 1d}")

    assert any("comes round again" in problem for problem in problems(text))


def test_all_problems_are_shown_at_once_in_the_order_of_lines():
    text = TEXT.replace("channel: sms", "chanel: sms").replace("freind", "x").replace("1d", "1y")

    lines = [int(problem.split(":")[0].removeprefix("line ")) for problem in problems(text)]

    assert len(lines) == 3
    assert lines == sorted(lines)


def test_a_promotion_by_sms_that_does_not_say_how_to_opt_out_is_refused():
    mute = CATALOGUE._replace(mute=frozenset({"invite"}))
    promotes = TEXT.replace("purpose: order_invitation", "purpose: promotion")

    assert problems(TEXT, mute) == problems(promotes, CATALOGUE) == []
    (said,) = problems(promotes, mute)
    assert said.startswith(
        "line 11: steps[1].send.material: a promotion by SMS says how to opt out"
    )


def test_what_could_grow_or_run_is_refused_before_it_is_built():
    bomb = "a: &a [x, x]\nb: &b [*a, *a]\nc: [*b, *b]\n"
    assert problems(bomb) == [
        "line 1: text: anchors (&) and aliases (*) are not taken; write it out"
    ]
    assert "tags (!)" in problems("a: !!python/object/apply:os.system [x]")[0]
    assert "nested deeper" in problems("[" * 5_000)[0]
    assert "longer than" in problems("# " + "x" * 300_000)[0]
    assert "second `---`" in problems(TEXT + "---\na: 1\n")[0]
    assert problems("") == ["line 1: text: the text is empty"]
    assert problems("a: [") != []
    (said,) = problems("[1, 2]")
    assert said.startswith("text: must be a mapping with journey, title, steps, source")


def test_what_is_wrong_with_the_whole_journey_stands_at_no_line():
    assert problems("journey: a\nsteps: [{id: end, exit: done}]") == ["text: `title` is missing"]


@given(st.text(max_size=200))
def test_no_text_at_all_breaks_the_reader(text: str):
    check(text, FAMILIES)


@given(
    st.integers(0, TEXT.count("\n")),
    st.integers(0, 40),
    st.text("{}[]:,-\"'&*!|>%@`#x0 \n\t", max_size=5),
)
def test_no_broken_edit_of_a_good_text_breaks_the_reader(line: int, column: int, stroke: str):
    lines: list[str] = list(TEXT.splitlines())
    at = min(line, len(lines) - 1)
    lines[at : at + 1] = [lines[at][:column] + stroke + lines[at][column:]]

    found = check("\n".join(lines), FAMILIES)

    assert isinstance(found, Journey) or all(
        problem.line or problem.where == "text" for problem in found
    )


def test_every_node_and_field_has_words_in_both_languages():
    for node in NODES:
        assert node.__doc__
        assert node.title.zh
        assert node.title.en
        for name, field in node.__dataclass_fields__.items():  # type: ignore[attr-defined]
            assert field.metadata["zh"], f"{node.key}.{name}"
            assert field.metadata["en"], f"{node.key}.{name}"


@pytest.mark.parametrize("holdout", ["5", "-0.1", "a tenth"])
def test_a_value_that_the_whole_text_refuses_is_told_on_its_own_line(holdout: str):
    (found,) = problems(TEXT.replace("reenter:", f"holdout: {holdout}\nreenter:"))

    assert found.startswith("line 5: holdout: ")
