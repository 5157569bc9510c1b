"""Vendors answer nothing for a whole day: nothing is lost, nothing doubled, nothing untrue."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from siyu.connectors.erp_jushuitan.wire import CHINA
from siyu.kernel.errors import BadInput
from siyu.sandbox.demo import Demo, Plan, play
from siyu.sandbox.lines import AliyunLines
from siyu.sandbox.vendors import Wires

CARELESS = """
world: careless
like: default
about: {zh: 打包常出错, en: packers who often take another thing}
warehouse: {errors: 0.3}
"""
OPEN = ("wished", "owed", "leased", "unknown")


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demo]:
    """All at once: texts, calls over Aliyun, WeCom, and the ERP that packers work by."""
    home = Path(tempfile.mkdtemp(prefix="siyu-", dir="/tmp"))
    wires = Wires("sms,calls,wecom,erp", "aliyun", "erp")
    careless = tmp_path_factory.mktemp("world") / "careless.yaml"
    careless.write_text(CARELESS, "utf-8")
    world = str(careless)
    played = play(Plan(home, world=world, orders=45, days=3, seed="7", wires=wires))
    with played.held:
        yield played
    shutil.rmtree(home, ignore_errors=True)


def test_every_zero_is_zero_all_the_same(demo: Demo) -> None:
    found = demo.figures

    assert (found["touches_after_add"], found["duplicate_touches"]) == (0, 0)
    assert (found["refused_by_engine"], found["reconciled"]) == ({}, {})
    parcels = _parcels(demo)
    assert (parcels["both"], parcels["neither"]) == (0, 0)
    assert parcels["packed"] == (
        parcels["gift"] + parcels["card"] + sum(parcels["out_of_scope"].values())
    )


def test_without_its_erp_nobody_packs_and_afterwards_what_was_decided_is_packed(
    demo: Demo,
) -> None:
    assert demo.vendors is not None
    assert demo.vendors.erp is not None
    erp = demo.vendors.erp.company
    begins, over = _second_day(demo)
    left = [datetime.fromisoformat(one["send_date"]) for one in erp.left.values()]

    assert [at for at in left if begins <= at.replace(tzinfo=CHINA) < over] == []
    assert (erp.late_marks, len(left)) == (0, _parcels(demo)["packed"])
    waited = "select count(*) from parcel where cutoff_at < %(over)s and packed_at >= %(over)s"
    assert demo.app.db.fetch(waited, {"over": over})[0][0] > 0


def test_what_packers_took_instead_is_counted_as_it_was(demo: Demo) -> None:
    told = "select count(*) from event where kind = 'parcel.packed' and source = 'erp_jushuitan'"

    assert demo.app.db.fetch(told)[0][0] == _parcels(demo)["packed"]
    assert demo.figures["packed_otherwise"] == demo.world.records.mispacked > 2
    assert demo.figures["reconciled"] == {}  # by the engine's account there are as many


def test_calls_by_aliyun_wait_for_it_and_each_ends_once(demo: Demo) -> None:
    assert demo.vendors is not None
    assert isinstance(demo.vendors.calls, AliyunLines)
    bot = demo.vendors.calls.service
    begins, over = _second_day(demo)
    ended = "select count(*) from event where kind = 'call.finished' and source = 'voice_aliyun'"

    assert [one.at for one in bot.received if begins <= one.at < over] == []
    assert demo.app.db.fetch(ended)[0][0] == len(
        [one for one in bot.received if one.status != "Cancelled"]
    ) > 5  # fmt: skip
    assert bot.outside == []


def _parcels(demo: Demo) -> dict[str, Any]:
    found: dict[str, Any] = demo.figures
    return found["parcels"]


def _second_day(demo: Demo) -> tuple[datetime, datetime]:
    begins = demo.world.end - timedelta(days=3 + 14) + timedelta(days=1)
    return begins, begins + timedelta(days=1)


def test_nothing_went_out_meanwhile_and_what_was_still_true_went_out_afterwards(
    demo: Demo,
) -> None:
    assert demo.vendors is not None
    begins, over = _second_day(demo)
    sent = [one.at for one in demo.vendors.sms.received]

    assert [at for at in sent if begins <= at < over] == []
    late = """select count(*) from touch where channel = 'sms'
        and wished_at >= %(begins)s and wished_at < %(over)s and sent_at >= %(over)s"""
    assert demo.app.db.fetch(late, {"over": over, "begins": begins})[0][0] > 0


def test_no_secret_of_the_erp_and_no_person_is_in_the_database_in_clear(demo: Demo) -> None:
    assert demo.vendors is not None
    assert demo.vendors.erp is not None
    assert isinstance(demo.vendors.calls, AliyunLines)
    erp, tables = demo.vendors.erp.company, demo.vendors.settings
    planted = {
        str(tables["erp_jushuitan"]["app_secret"]),
        str(tables["voice_aliyun"]["access_key_secret"]),
        erp.access,
        erp.refresh,
        *(str(one.contact["phoneNumber"]) for one in demo.vendors.calls.service.received),
    }
    names = demo.app.db.fetch(
        "select table_name from information_schema.tables where table_schema = 'public'"
    )
    for (name,) in names:
        rows = demo.app.db.fetch(f"select t::text from {name} t")
        text = "\n".join(row[0] for row in rows)
        assert [one for one in planted if one in text] == [], name


def test_nothing_is_left_over_and_what_was_no_longer_true_says_so(demo: Demo) -> None:
    sql = "select count(*) from touch where channel = 'sms' and state = any(%(open)s)"
    why = "select count(*) from touch where channel = 'sms' and reason = 'promise_expired'"

    assert demo.app.db.fetch(sql, {"open": list(OPEN)})[0][0] == 0
    assert demo.app.db.fetch(why)[0][0] > 0


def test_a_vendor_that_is_none_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="known are sms, calls, wecom"):
        play(Plan(tmp_path, wires=Wires(outage="pigeon")))
