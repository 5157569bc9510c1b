"""What the outbox relies on: one suite for every connector, against its fake, over real HTTP."""

from __future__ import annotations

import logging
import re
import traceback
from contextlib import suppress
from datetime import timedelta

import pytest
from tests.connectors.bench import NOW, SECRET
from tests.connectors.conftest import BENCHES

from siyu.connectors.forms import form
from siyu.connectors.registry import manifests
from siyu.outbox.channel import InDoubt
from siyu.outbox.model import GROUP_MESSAGE, Asked, Found, Message, Stopped

PHONE = "+8613800138000"
_SECRET = re.compile(r"secret|token|aes_key")


def test_what_was_accepted_has_arrived_once_with_every_word(bench, messages) -> None:
    sent: list[Message] = messages(3)

    results = bench.channel.send(sent)

    assert [(one.token, one.status) for one in results] == [(m.token, bench.taken) for m in sent]
    assert all(one.vendor_id or one.pace for one in results)  # a welcome has no id at WeCom
    assert bench.arrived() == [bench.told(m) for m in sent]


def test_the_same_token_again_reaches_nobody_again(bench, messages) -> None:
    first, again = bench.channel.send(messages(2)), bench.channel.send(messages(2))

    assert first == again
    assert bench.arrived() == [bench.told(m) for m in messages(2)]


@pytest.mark.parametrize(
    "fault",
    ["fail after effect", "hang up after effect", "silent after effect", "garbage after effect"],
)
def test_a_broken_answer_raises_and_asking_tells_that_it_went_out(bench, messages, fault) -> None:
    bench.fake.faults.extend([fault, *bench.doubts])

    with pytest.raises(Exception):  # noqa: B017, PT011 - whatever it is, the outbox records `unknown`
        bench.channel.send(messages())

    bench.goes_on()
    found = bench.channel.reconcile([bench.asked(messages()[0])])
    assert [(one.token, one.status) for one in found] == [("tch_0", bench.taken)]
    assert len(bench.arrived()) == 1


def test_a_failure_before_any_effect_raises_and_asking_tells_that_it_is_absent(
    bench, messages
) -> None:
    bench.fake.faults.append("fail")

    with pytest.raises(Exception):  # noqa: B017, PT011 - whatever it is, the outbox records `unknown`
        bench.channel.send(messages())

    bench.goes_on()
    assert bench.channel.reconcile([bench.asked(messages()[0])]) == [Found("tch_0", "absent")]
    assert [one.status for one in bench.channel.send(messages())] == [bench.taken]
    assert len(bench.arrived()) == 1


def test_what_never_left_is_tried_again(bench, messages, nobody) -> None:
    results = bench.reach(nobody).send(messages(2))

    assert [(one.token, one.status) for one in results] == [("tch_0", "retry"), ("tch_1", "retry")]
    assert all(one.shut for one in results)
    assert [one.status for one in bench.channel.send(messages(2))] == [bench.taken] * 2


def test_a_busy_provider_is_asked_again_later_and_has_nothing_yet(bench, messages) -> None:
    bench.fake.faults.append(bench.busy)

    (result,) = bench.channel.send(messages())

    assert (result.status, result.shut) == ("retry", True)
    assert result.again is None or bench.busy == "frequency"  # WeCom's blocks have an end
    assert bench.channel.reconcile([bench.asked(messages()[0])]) == [Found("tch_0", "absent")]


def test_a_provider_says_when_it_wants_to_be_asked_again(bench, messages) -> None:
    bench.fake.faults.extend(["busy", "fail"])
    bench.fake.retry_after = 90

    (result,) = bench.channel.send(messages())
    with pytest.raises(InDoubt) as raised:
        bench.channel.send(messages())

    assert {result.again, raised.value.again} == {NOW + timedelta(seconds=90)}


def test_a_refused_batch_is_rejected_with_a_reason(bench, messages) -> None:
    bench.fake.faults.extend(["refuse"] * bench.refusals)

    results = bench.channel.send(messages(2))

    assert [(one.token, one.status) for one in results] == [
        ("tch_0", "rejected"),
        ("tch_1", "rejected"),
    ]
    assert all(one.reason for one in results)


def test_one_rejected_message_does_not_hold_up_the_others(bench, messages) -> None:
    bad, good = messages(1, to="+8613900000000")[0], messages(2)[1]
    bench.reject(bad.to)

    refused, taken = bench.channel.send([bad, good])

    assert (refused.token, refused.status, refused.vendor_id) == ("tch_0", "rejected", "")
    assert refused.reason
    assert (taken.token, taken.status) == ("tch_1", bench.taken)
    assert bench.arrived() == [bench.told(good)]


def test_a_reason_that_repeats_the_phone_comes_back_without_it(bench, messages) -> None:
    bench.reject(PHONE)

    (result,) = bench.channel.send(messages())

    assert result.reason
    assert "8000" not in result.reason


def test_batches_are_no_larger_than_the_provider_takes(bench, messages) -> None:
    many = messages(2 * bench.most + 1)

    results = bench.channel.send(many)

    assert bench.requests() == 3
    assert [(one.token, one.status) for one in results] == [(m.token, bench.taken) for m in many]
    found = bench.channel.reconcile([bench.asked(one) for one in many])
    assert [one.status for one in found] == [bench.taken] * len(many)


def test_nothing_to_do_is_no_request(bench) -> None:
    assert (bench.channel.send([]), bench.channel.cancel([]), bench.channel.reconcile([])) == (
        [],
        [],
        [],
    )
    assert bench.requests() == 0


def test_cancelling_tells_what_surely_will_not_happen(bench, messages) -> None:
    bench.channel.send(messages(3))
    asked = [Asked(f"tch_{n}", messages()[0].channel) for n in (0, 1, 9)]
    if not bench.cancels:
        assert bench.channel.cancel(asked) == []
        return
    bench.goes_on()
    bench.begins(messages(3)[1])

    answer = bench.channel.cancel(asked)

    assert [one for one in answer if not one.along] == [Stopped("tch_0")]
    along = [one for one in answer if one.along]
    assert [one.token for one in along] in ([], ["tch_2"])
    assert not along or bench.channel.cancel(asked) == answer  # until they are handed over again


def test_what_was_cancelled_can_be_handed_over_again(bench, messages) -> None:
    bench.channel.send(messages(2))
    bench.goes_on()
    happened = bench.anew()
    stopped = bench.channel.cancel([bench.asked(messages()[0])])

    again = [bench.channel.send(messages(2)) for _ in range(2)][-1]

    assert [one.status for one in again] == [bench.taken] * 2
    assert happened() == [len(stopped)]  # that one, and what was stopped along with it


def test_asking_nobody_raises(bench, messages, nobody) -> None:
    bench.channel.send(messages())
    channel = bench.reach(nobody)

    for ask in (channel.cancel, channel.reconcile)[not bench.cancels :]:
        with pytest.raises(Exception):  # noqa: B017, PT011 - whatever it is, it stays unknown
            ask([bench.asked(messages()[0])])


def test_a_wrong_secret_sends_nothing_and_burns_nothing(bench, messages) -> None:
    results = bench.reach(bench.url, "a secret of somebody else").send(messages())

    assert [one.status for one in results] == ["retry"]
    assert bench.arrived() == []


def test_a_clock_that_is_wrong_sends_nothing_and_burns_nothing(bench, messages) -> None:
    results = bench.reach(bench.url, skew=timedelta(hours=1)).send(messages())

    assert [(one.status, one.shut) for one in results] == [("retry", True)]
    assert bench.arrived() == []


@pytest.mark.parametrize("fault", [None, "busy", "refuse", "fail", "garbage after effect"])
def test_neither_secret_nor_person_is_in_a_repr_a_log_or_an_exception(
    bench, messages, fault, caplog
) -> None:
    bench.fake.faults.extend([fault] if fault else [])
    seen: list[str] = []
    with caplog.at_level(logging.DEBUG):
        try:
            seen += [str(one) for one in bench.channel.send(messages())]
        except Exception as error:  # noqa: BLE001 - its words are what is looked at
            seen += traceback.format_exception(error)
    logged = [one for one in caplog.records if not one.name.startswith("uvicorn")]  # the vendor's
    seen += [repr(bench.channel), repr(messages()), *(one.getMessage() for one in logged)]

    told = "\n".join(seen)
    assert SECRET not in told
    assert "8000" not in told
    assert "小林" not in told


def test_no_call_is_handed_over_outside_the_hours(bench, messages) -> None:
    night = NOW + timedelta(hours=11)  # nine in the evening; the next day is a Saturday

    results = bench.reach(bench.url, at=night).send(messages(2))

    assert {(one.status, one.shut, one.again) for one in results} == {
        ("retry", False, NOW + timedelta(days=1))
    }
    assert bench.requests() == 0


@pytest.mark.parametrize("fault", [None, "garbage after effect", "refuse"])
def test_what_is_remembered_names_nobody_and_no_secret_in_its_keys(bench, messages, fault) -> None:
    """Values are sealed (tests/connections/test_memory.py), keys are in clear."""
    bench.fake.faults.extend([fault] if fault else [])
    with suppress(InDoubt):
        bench.channel.send(messages(2))

    keys = "\n".join(bench.store.keys(""))
    for word in (SECRET, "138001", "小林", *(one.to for one in messages(2))):
        assert word not in keys


def test_every_channel_of_an_installed_connector_stands_on_a_bench() -> None:
    installed = {(name, one) for name, found in manifests().items() for one in found.channels}
    installed -= {("wecom", GROUP_MESSAGE)}  # it goes to a chat: wecom/test_posts.py

    assert installed == {
        (stand.connector, channel) for stand in BENCHES.values() for channel in stand.channels
    }


def test_what_a_bench_lacks_is_a_claim_of_this_suite(plugs) -> None:
    claims = {name for name in globals() if name.startswith("test_")}

    for stand in BENCHES.values():
        assert stand.make(*plugs).lacks.keys() <= claims


def test_no_form_of_an_installed_connector_shows_what_is_secret() -> None:
    """Neither `repr`, nor `--json`, nor the page of its settings."""
    for found in manifests().values():
        for one in form(found.config, {}, {}):
            hidden = one.kind == "secret"
            assert hidden == bool(_SECRET.search(one.name)), (found.name, one.name)
