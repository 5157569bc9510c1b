"""Which step fell, and why: decided from two reports alone."""

from __future__ import annotations

from siyu.analytics.decide import falls
from siyu.analytics.model import Group, NotReached, SourceReport, Step

BUYERS = 1000


def report(*steps: tuple[str, int, int], missed: tuple[NotReached, ...] = ()) -> SourceReport:
    """A funnel of a thousand buyers in scope: each step with whom it reached and won."""
    friends = sum(adds for _, _, adds in steps)
    return SourceReport(
        source="orders",
        title={},
        journey="plan",
        buyers=BUYERS,
        friends_before=0,
        not_admitted=0,
        held=Group(0, 0),
        treated=Group(BUYERS, friends),
        invited=Group(BUYERS, friends),
        still_open=0,
        steps=tuple(Step(step, people, people, adds) for step, people, adds in steps),
        costs=(),
        not_reached=missed,
    )


USUAL = report(("sms", 900, 200), ("call", 700, 150), ("card", 600, 60))


def test_nothing_is_marked_where_nothing_fell() -> None:
    assert falls(USUAL, USUAL) == ()


def test_what_chance_explains_is_no_fall() -> None:
    a_little_worse = report(("sms", 890, 180), ("call", 690, 140), ("card", 620, 50))

    assert falls(USUAL, a_little_worse) == ()


def test_a_rise_is_no_fall() -> None:
    assert falls(report(("sms", 500, 50)), report(("sms", 900, 400))) == ()


def test_without_anybody_before_or_now_nothing_can_have_fallen() -> None:
    nobody = USUAL._replace(treated=Group(0, 0), steps=())

    assert falls(nobody, USUAL) == falls(nobody, nobody) == ()


def test_a_step_that_reaches_fewer_fell_because_of_what_rose() -> None:
    rose = (
        NotReached("sms", "withheld", "no_consent", 350),
        NotReached("sms", "withheld", "cap", 50),
        NotReached("call", "withheld", "cap", 900),
    )
    was = USUAL._replace(not_reached=(NotReached("sms", "withheld", "no_consent", 50),))

    fall, *_ = falls(was, report(("sms", 600, 160), ("call", 735, 150), missed=rose))

    assert (fall.step, fall.part, fall.why, fall.reason) == (
        "sms",
        "reached",
        "withheld",
        "no_consent",
    )
    assert (fall.was, fall.now) == (Group(1000, 900), Group(1000, 600))


def test_a_cause_is_told_only_where_the_data_has_one() -> None:
    stopped = report(("sms", 300, 60), missed=(NotReached("sms", "provider", "", 600),))

    assert falls(report(("sms", 900, 200)), stopped)[0].why == "provider"
    assert falls(report(("sms", 900, 200)), report(("sms", 300, 60)))[0].why == ""


def test_a_step_behind_one_that_fell_says_so() -> None:
    fell = falls(
        report(("call", 800, 100), ("request", 300, 90)),
        report(("call", 400, 50), ("request", 150, 45)),
    )

    assert [(one.step, one.why, one.reason) for one in fell] == [
        ("call", "", ""), ("request", "earlier", "call")
    ]  # fmt: skip


def test_a_step_that_persuades_fewer_of_whom_it_reaches_fell_too() -> None:
    (fall,) = falls(report(("sms", 900, 300)), report(("sms", 900, 150)))

    assert (fall.part, fall.was, fall.now) == ("won", Group(900, 300), Group(900, 150))


def test_a_step_has_not_fallen_because_an_earlier_one_won_more() -> None:
    was = report(("sms", 900, 100), ("call", 810, 90))
    now = report(("sms", 900, 500), ("call", 450, 50))

    assert falls(was, now) == ()


def test_a_step_to_which_the_plan_has_not_come_yet_has_not_fallen() -> None:
    was, now = report(("call", 900, 100)), report(("call", 500, 50))

    assert falls(was, now) != ()
    assert falls(was, now._replace(fresh=480)) == ()


def test_who_was_reached_just_now_may_still_come() -> None:
    was, now = report(("sms", 900, 300)), report(("sms", 900, 150))
    just_now = tuple(one._replace(fresh=500) for one in now.steps)

    assert falls(was, now._replace(steps=just_now)) == ()


def test_a_step_that_reaches_nobody_any_more_is_in_its_place() -> None:
    gone = report(("sms", 900, 200), ("card", 740, 60))

    assert [one.step for one in falls(USUAL, gone)] == ["call"]


def test_codes_that_win_more_than_their_step_reached_are_no_trouble() -> None:
    was = report(("card", 10, 40), ("other", 0, 30))

    assert [one.step for one in falls(was, report(("card", 10, 40), ("other", 0, 2)))] == []
