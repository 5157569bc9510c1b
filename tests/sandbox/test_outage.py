"""A vendor answers nothing for a whole day: nothing is lost, nothing doubled, nothing untrue."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from siyu.kernel.errors import BadInput
from siyu.sandbox.demo import Demo, Plan, play

OPEN = ("wished", "owed", "leased", "unknown")


@pytest.fixture(scope="module")
def demo() -> Iterator[Demo]:
    home = Path(tempfile.mkdtemp(prefix="siyu-", dir="/tmp"))
    played = play(Plan(home, orders=45, days=3, seed="7", outage="sms"))
    with played.held:
        yield played
    shutil.rmtree(home, ignore_errors=True)


def test_every_zero_is_zero_all_the_same(demo: Demo) -> None:
    found = demo.figures

    assert (found["touches_after_add"], found["duplicate_touches"]) == (0, 0)
    assert (found["refused_by_engine"], found["reconciled"]) == ({}, {})


def test_nothing_went_out_meanwhile_and_what_was_still_true_went_out_afterwards(
    demo: Demo,
) -> None:
    assert demo.vendors is not None
    begins = demo.world.end - timedelta(days=3 + 14) + timedelta(days=1)
    over = begins + timedelta(days=1)
    sent = [one.at for one in demo.vendors.sms.received]

    assert [at for at in sent if begins <= at < over] == []
    late = """select count(*) from touch where channel = 'sms'
        and wished_at >= %(begins)s and wished_at < %(over)s and sent_at >= %(over)s"""
    assert demo.app.db.fetch(late, {"over": over, "begins": begins})[0][0] > 0


def test_nothing_is_left_over_and_what_was_no_longer_true_says_so(demo: Demo) -> None:
    sql = "select count(*) from touch where channel = 'sms' and state = any(%(open)s)"
    why = "select count(*) from touch where channel = 'sms' and reason = 'promise_expired'"

    assert demo.app.db.fetch(sql, {"open": list(OPEN)})[0][0] == 0
    assert demo.app.db.fetch(why)[0][0] > 0


def test_a_vendor_that_is_none_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="known are sms, calls, wecom"):
        play(Plan(tmp_path, outage="pigeon"))
