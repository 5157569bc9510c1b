"""What becomes of a touch at its lease, after an answer, and as its receipts come in."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from siyu.outbox.decide import (
    LADDER,
    LONGEST_PAUSE,
    LONGEST_WAIT,
    MOST_FAILURES,
    MOST_SHARED,
    PROBE,
    PROBE_EVERY,
    SHORTEST_PAUSE,
    Doubt,
    Due,
    Lease,
    Receipt,
    Reconciled,
    Rewish,
    Withhold,
    addressed,
    answered,
    back_off,
    highest,
    probe,
    reconciled,
    shut_until,
    stale,
)
from siyu.outbox.model import Found, Message, Result, consent_channel
from siyu.outbox.render import Filling, values

NOON = datetime(2026, 11, 20, 4, 0, tzinfo=UTC)
LATER = NOON + timedelta(hours=1)


def a_due(**other: object) -> Due:
    base = Due(
        1, 7, "cascade", "sms", "sms", "s", "T1", "invite-sms", "zh", 5, "abc", LATER, LATER,
        "旗舰店", 9, False, True,
    )  # fmt: skip
    return base._replace(**other)


def a_doubt(**other: object) -> Doubt:
    return Doubt(1, "sms", 1, None, False)._replace(**other)


def test_what_is_true_and_in_its_hours_is_leased() -> None:
    assert stale(a_due(), 7, NOON) is None
    assert addressed(a_due(), 3) == Lease(a_due(), 3)


@pytest.mark.parametrize(
    ("due", "survivor", "expected"),
    [
        (a_due(valid_until=NOON), 7, Withhold(1, "promise_expired")),
        (a_due(not_after=NOON), 7, Rewish(1, 7)),
        (a_due(), 2, Rewish(1, 2)),
        (a_due(opted_out=True, not_after=NOON), 2, Withhold(1, "opted_out")),
        (a_due(valid_until=NOON, not_after=NOON), 2, Withhold(1, "promise_expired")),
    ],
)
def test_what_is_no_longer_true_does_not_go(
    due: Due, survivor: int, expected: Withhold | Rewish
) -> None:
    assert stale(due, survivor, NOON) == expected


def test_what_has_no_address_does_not_go() -> None:
    assert addressed(a_due(), None) == Withhold(1, "no_phone")
    assert addressed(a_due(channel="wecom_message"), None) == Withhold(1, "no_account")


def test_a_message_without_an_answer_is_in_doubt_and_not_sent() -> None:
    records = answered(
        {"a": 1, "b": 2, "c": 3, "d": 4, "e": 5},
        dict.fromkeys(range(1, 6), 1),
        [
            Result("a", "accepted", "v1"),
            Result("b", "rejected", "", "blacklist"),
            Result("c", "retry"),
            Result("e", "awaiting_staff"),
            Result("stranger", "accepted"),
        ],
        NOON,
    )

    assert [(r.touch_id, r.state) for r in records] == [
        (1, "sent"),
        (2, "failed"),
        (3, "owed"),
        (4, "unknown"),
        (5, "awaiting_staff"),
    ]


def test_a_provider_that_never_takes_it_is_given_up() -> None:
    (record,) = answered({"a": 1}, {1: MOST_FAILURES - 1}, [Result("a", "retry")], NOON)

    assert (record.state, record.reason) == ("failed", "gave_up")


@given(st.integers(1, MOST_FAILURES))
def test_waiting_grows_and_has_an_end(failures: int) -> None:
    assert timedelta(0) < back_off(failures) <= back_off(failures + 1) <= LONGEST_WAIT


SHUT = Result("a", "retry", shut=True)
LATE = NOON + timedelta(days=3)


@pytest.mark.parametrize(
    ("results", "again", "until"),
    [
        ([], None, SHORTEST_PAUSE),
        ([], LATER, timedelta(hours=1)),
        ([SHUT], None, SHORTEST_PAUSE),
        ([SHUT._replace(again=NOON + timedelta(seconds=40))], None, timedelta(seconds=40)),
        ([SHUT._replace(again=NOON)], None, timedelta(seconds=1)),
        ([SHUT._replace(again=LATE)], None, LONGEST_PAUSE),
        ([Result("a", "accepted"), SHUT._replace(token="b")], None, SHORTEST_PAUSE),
        ([Result("a", "retry"), Result("b", "retry")], None, SHORTEST_PAUSE),
        ([Result("a", "retry")], None, None),
        ([Result("a", "retry"), Result("b", "rejected")], None, None),
        ([Result("a", "retry", again=LATER), Result("b", "retry", again=LATER)], None, None),
        ([Result("a", "accepted")], None, None),
    ],
)
def test_a_channel_is_in_trouble_that_says_so_or_does_not_answer_or_takes_none_of_several(
    results: list[Result], again: datetime | None, until: timedelta | None
) -> None:
    assert shut_until(results, NOON, again) == (None if until is None else NOON + until)


def test_pauses_grow_while_trouble_lasts_and_have_an_end() -> None:
    pauses = [shut_until([SHUT], NOON, failed=failed) for failed in range(1, 60)]

    assert pauses[:3] == [NOON + timedelta(seconds=2**n) for n in (1, 2, 3)]
    assert set(pauses[3:]) == {NOON + PROBE_EVERY}


def test_a_probe_of_which_one_is_taken_ends_the_trouble() -> None:
    results = [Result("b", "accepted"), SHUT]

    assert shut_until(results, NOON, failed=1) is None
    (shut, sent) = answered({"a": 1, "b": 2}, {1: 0, 2: 0}, results, NOON, failed=1)

    assert (sent.state, shut.state, shut.due_at) == ("sent", "owed", NOON + back_off(1))


def test_who_has_nobody_at_work_is_no_channel_in_trouble() -> None:
    waits = {token: Result(token, "retry", "", "nobody", LATER) for token in "ab"}

    records = answered({"a": 1, "b": 2}, {1: 0, 2: 0}, [*waits.values()], NOON)

    assert [(one.due_at, one.failures) for one in records] == [(LATER, 0)] * 2


@given(st.lists(st.integers(0, 3), max_size=50))
def test_a_probe_is_few_of_the_most_urgent_and_never_all(attempts: list[int]) -> None:
    fresh = [a_due(id=place, attempts=tried) for place, tried in enumerate(attempts)]

    chosen = [one.id for one in probe(fresh)]

    assert len(chosen) == len(set(chosen)) <= PROBE
    assert (len(chosen) > 0) == (len(fresh) > 0)
    assert len(chosen) < len(fresh) or len(fresh) <= 1
    assert {*chosen} <= {*range(2 * PROBE)}


def test_of_the_most_urgent_those_are_probed_with_that_were_tried_least() -> None:
    fresh = [a_due(id=1, attempts=2), a_due(id=2, attempts=1), a_due(id=3, attempts=1)]

    assert [one.id for one in probe(fresh)] == [2, 3]


@pytest.mark.parametrize("results", [[], [SHUT], [SHUT, Result("b", "retry")]])
def test_what_fails_while_the_channel_is_in_trouble_keeps_its_place_and_is_no_failure(
    results: list[Result],
) -> None:
    records = answered({"a": 1, "b": 2}, {1: 4, 2: 4}, results, NOON, failed=1)

    assert {one.failures for one in records} == {4}
    assert {one.due_at for one in records if one.state == "owed"} <= {None}


def test_whoever_was_there_each_time_that_the_door_was_shut_comes_back_apart() -> None:
    tokens = {f"t{number}": number for number in range(500)}
    results = [SHUT._replace(token=token) for token in tokens]

    first = answered(tokens, dict.fromkeys(range(500), 0), results, NOON)
    second = answered(tokens, dict.fromkeys(range(500), 1), results, NOON)
    last = answered(tokens, dict.fromkeys(range(500), MOST_SHARED), results, NOON)

    assert {(one.state, one.due_at, one.failures) for one in first} == {("owed", None, 1)}
    assert len({one.due_at for one in second}) == 500
    assert all(
        NOON < one.due_at <= NOON + 2 * back_off(1) for one in second if one.due_at is not None
    )
    assert {(one.state, one.failures) for one in last} == {("owed", MOST_SHARED)}


def test_what_shared_the_failures_of_others_is_given_up_only_for_its_own() -> None:
    one, had = {"a": 1}, MOST_SHARED
    for _ in range(MOST_FAILURES - MOST_SHARED - 1):
        (record,) = answered(one, {1: had}, [Result("a", "retry")], NOON)
        assert record.state == "owed"
        had = record.failures
    (record,) = answered(one, {1: had}, [Result("a", "retry")], NOON)

    assert record.reason == "gave_up"


@pytest.mark.parametrize(
    ("doubt", "status", "state"),
    [
        (a_doubt(), "accepted", "sent"),
        (a_doubt(), "delivered", "delivered"),
        (a_doubt(channel="voice_human"), "accepted", "awaiting_staff"),
        (a_doubt(valid_until=LATER), "absent", "owed"),
        (a_doubt(valid_until=NOON), "absent", "withheld"),
        (a_doubt(cancel_wanted=True), "absent", "withdrawn"),
        (a_doubt(cancel_wanted=True), "accepted", "sent"),
        (a_doubt(failures=MOST_FAILURES), "absent", "failed"),
    ],
)
def test_a_doubt_is_cleared_up_by_what_the_provider_knows(
    doubt: Doubt, status: str, state: str
) -> None:
    outcome = reconciled(doubt, Found("t", status), NOON)  # pyright: ignore[reportArgumentType]

    assert isinstance(outcome, Reconciled)
    assert outcome.state == state


@pytest.mark.parametrize("found", [None, Found("t", "unknown")])
def test_without_knowledge_a_doubt_stays_and_nothing_is_sent_again(found: Found | None) -> None:
    assert reconciled(a_doubt(), found, NOON) is None


RECEIPTS = st.builds(
    Receipt,
    st.integers(1, 3),
    st.sampled_from(LADDER),
    st.just(""),
    st.integers(0, 5).map(lambda minutes: NOON + timedelta(minutes=minutes)),
)


@given(st.lists(RECEIPTS), st.randoms(use_true_random=False))
def test_receipts_say_the_same_in_any_order(receipts: list[Receipt], chance: object) -> None:
    shuffled = list(receipts)
    chance.shuffle(shuffled)  # pyright: ignore[reportAttributeAccessIssue]

    assert highest(shuffled) == highest(receipts)


def test_calls_share_one_consent_and_so_do_the_carriers_channels() -> None:
    assert [consent_channel(c) for c in ("sms", "voice_ai", "voice_human", "wecom_request")] == [
        "sms",
        "voice",
        "voice",
        "wecom",
    ]


A_FILLING = Filling("zh", "王小明", "花研", "旗舰店", "T20261120001", {"zh": "面膜", "en": "mask"},
                    1500, "CNY", "https://l.example/abc")  # fmt: skip


def test_a_text_for_a_phone_names_the_person_and_ends_the_order_number() -> None:
    found = values(A_FILLING, by_people=False)

    assert (found["name"], found["order_no"], found["offer_title"], found["offer_value"]) == (
        "王小明",
        "0001",
        "面膜",
        "¥15",
    )


@pytest.mark.parametrize(("locale", "word"), [("zh", "您好"), ("en", "there")])
def test_somebody_without_a_name_is_addressed_politely(locale: str, word: str) -> None:
    assert values(A_FILLING._replace(locale=locale, name=None), by_people=False)["name"] == word


def test_a_script_for_people_leaves_the_name_to_their_screen() -> None:
    assert values(A_FILLING, by_people=True)["name"] == "{name}"


def test_nothing_personal_shows_in_a_message_or_its_filling() -> None:
    message = Message(
        "tch_1", "sms", "+8613800000001", "王小明，您好", "m", "s", "j", "o", "s", "c", "", None, ""
    )

    assert "138" not in repr(message)
    assert "王" not in repr(message) + repr(A_FILLING)
