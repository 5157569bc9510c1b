"""What the outbox relies on: one suite for every connector, against its fake, over real HTTP."""

from __future__ import annotations

import logging
import traceback
from datetime import UTC, datetime, timedelta

import pytest

from siyu.outbox.channel import InDoubt
from siyu.outbox.model import Asked, Found, Message, Result

PHONE = "+8613800138000"
ASKED = Asked("tch_0", "sms", PHONE)


def test_what_was_accepted_has_arrived_once_with_every_word(bench, messages) -> None:
    sent: list[Message] = messages(3)

    results = bench.channel.send(sent)

    assert [(one.token, one.status) for one in results] == [(m.token, "accepted") for m in sent]
    assert all(one.vendor_id for one in results)
    assert [(m["id"], m["to"], m["text"], m["link"]) for m in bench.fake.taken.values()] == [
        (m.token, m.to, m.text, m.link) for m in sent
    ]


def test_the_same_token_again_reaches_nobody_again(bench, messages) -> None:
    heard: list[str] = []
    bench.fake.listen(lambda sent: heard.extend(m["id"] for m in sent), list)

    first, again = bench.channel.send(messages(2)), bench.channel.send(messages(2))

    assert first == again
    assert heard == ["tch_0", "tch_1"]


@pytest.mark.parametrize(
    "fault",
    ["fail after effect", "hang up after effect", "silent after effect", "garbage after effect"],
)
def test_a_broken_answer_raises_and_asking_tells_that_it_went_out(bench, messages, fault) -> None:
    bench.fake.faults.append(fault)

    with pytest.raises(Exception):  # noqa: B017, PT011 - whatever it is, the outbox records `unknown`
        bench.channel.send(messages())

    found = bench.channel.reconcile([ASKED])
    assert [(one.token, one.status) for one in found] == [("tch_0", "accepted")]


def test_a_failure_before_any_effect_raises_and_asking_tells_that_it_is_absent(
    bench, messages
) -> None:
    bench.fake.faults.append("fail")

    with pytest.raises(Exception):  # noqa: B017, PT011 - whatever it is, the outbox records `unknown`
        bench.channel.send(messages())

    assert bench.channel.reconcile([ASKED]) == [Found("tch_0", "absent")]


def test_what_never_left_is_tried_again(bench, messages, nobody) -> None:
    results = bench.reach(nobody).send(messages(2))

    assert [(one.token, one.status) for one in results] == [("tch_0", "retry"), ("tch_1", "retry")]
    assert all(one.shut for one in results)


def test_a_busy_provider_is_asked_again_later_and_has_nothing_yet(bench, messages) -> None:
    bench.fake.faults.append("busy")

    (result,) = bench.channel.send(messages())

    assert (result.status, result.shut, result.again) == ("retry", True, None)
    assert bench.channel.reconcile([ASKED]) == [Found("tch_0", "absent")]


def test_a_provider_says_when_it_wants_to_be_asked_again(bench, messages) -> None:
    bench.fake.faults.extend(["busy", "fail"])
    bench.fake.retry_after = 90
    before = datetime.now(UTC)

    (result,) = bench.channel.send(messages())
    with pytest.raises(InDoubt) as raised:
        bench.channel.send(messages())

    wanted = timedelta(seconds=90)
    for again in (result.again, raised.value.again):
        assert again is not None
        assert before + wanted <= again <= datetime.now(UTC) + wanted


def test_a_refused_batch_is_rejected_with_a_reason(bench, messages) -> None:
    bench.fake.faults.append("refuse")

    results = bench.channel.send(messages(2))

    assert [(one.token, one.status) for one in results] == [
        ("tch_0", "rejected"),
        ("tch_1", "rejected"),
    ]
    assert all(one.reason for one in results)


def test_one_rejected_message_does_not_hold_up_the_others(bench, messages) -> None:
    bench.fake.rejects["+8613800000000"] = "empty number"
    bad = messages(1, to="+8613800000000")[0]
    good = messages(2)[1]

    assert bench.channel.send([bad, good]) == [
        Result("tch_0", "rejected", "", "empty number"),
        Result("tch_1", "accepted", "v-tch_1", ""),
    ]


def test_a_reason_that_repeats_the_phone_comes_back_without_it(bench, messages) -> None:
    bench.fake.rejects[PHONE] = f"no subscriber {PHONE}, also 138-0013-8000; code 4012"

    assert [one.reason for one in bench.channel.send(messages())] == [
        "no subscriber …, also …; code 4012"
    ]


def test_batches_are_no_larger_than_the_provider_takes(bench, messages) -> None:
    many = messages(2 * bench.most + 1)
    tokens = [m.token for m in many]

    results = bench.channel.send(many)

    assert bench.fake.requests == 3
    assert [(one.token, one.status) for one in results] == [(token, "accepted") for token in tokens]
    asked = [Asked(token, "sms", PHONE) for token in tokens]
    assert [one.status for one in bench.channel.reconcile(asked)] == ["accepted"] * len(many)


def test_nothing_to_do_is_no_request(bench) -> None:
    assert (bench.channel.send([]), bench.channel.cancel([]), bench.channel.reconcile([])) == (
        [],
        [],
        [],
    )
    assert bench.fake.requests == 0


def test_cancelling_tells_what_surely_will_not_happen(bench, messages) -> None:
    bench.channel.send(messages(3))
    bench.fake.listen(lambda _: None, lambda tokens: [t for t in tokens if t != "tch_1"])

    assert bench.channel.cancel([Asked(f"tch_{n}", "sms") for n in (0, 1, 9)]) == ["tch_0"]


def test_what_was_cancelled_can_be_handed_over_again(bench, messages) -> None:
    happened: list[str] = []
    bench.fake.listen(lambda sent: happened.extend(str(one["id"]) for one in sent), list)
    bench.channel.send(messages(2))
    bench.channel.cancel([ASKED])

    again = [bench.channel.send(messages(2)) for _ in range(2)][-1]

    assert [one.status for one in again] == ["accepted", "accepted"]
    assert happened == ["tch_0", "tch_1", "tch_0"]


def test_asking_nobody_raises(bench, nobody) -> None:
    channel = bench.reach(nobody)

    for ask in (channel.cancel, channel.reconcile):
        with pytest.raises(Exception):  # noqa: B017, PT011 - whatever it is, it stays unknown
            ask([ASKED])


def test_a_wrong_secret_sends_nothing_and_burns_nothing(bench, messages) -> None:
    results = bench.reach(bench.url, "a secret of somebody else").send(messages())

    assert [one.status for one in results] == ["retry"]
    assert bench.fake.taken == {}


@pytest.mark.parametrize("fault", [None, "busy", "refuse", "fail", "garbage after effect"])
def test_neither_secret_nor_person_is_in_a_repr_a_log_or_an_exception(
    bench, messages, fault, caplog
) -> None:
    secret = "what only both of us know"
    bench.fake.faults.extend([fault] if fault else [])
    seen: list[str] = []
    with caplog.at_level(logging.DEBUG):
        try:
            seen += [str(one) for one in bench.channel.send(messages())]
        except Exception as error:  # noqa: BLE001 - its words are what is looked at
            seen += traceback.format_exception(error)
    seen += [repr(bench.channel), repr(messages()), caplog.text]

    told = "\n".join(seen)
    assert secret not in told
    assert "8000" not in told
    assert "小林" not in told
