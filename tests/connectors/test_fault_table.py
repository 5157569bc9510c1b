"""Which fault of which vendor is played where: the table that has no empty cell.

A named test counts where it runs before that vendor and has it do what the fault is: of a test that
is made of (vendor, fault) by what it is given, of another by what its own lines set.
"""

from __future__ import annotations

import ast
import inspect
import textwrap
from collections.abc import Callable, Iterator, Mapping
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
from tests.connectors.conftest import BENCHES
from tests.connectors.test_hearing import EARS
from tests.connectors.test_pulling import PULLS

from siyu.connectors.registry import manifests

HERE = Path(__file__).parent
ENGINE = "test_faults.py::test_each_is_reached_once_whatever_the_vendor_answers"
TOLD = "test_faults.py::test_what_became_of_each_is_known_once_however_it_is_told"
HEARD = "test_hearing.py::test_twice_late_or_in_any_order_the_same_is_heard"
FAULTS = (
    "token expiry mid-batch", "blocked for a time", "busy", "5xx", "time-out after the effect",
    "callbacks twice, late, shuffled", "callbacks while we are down", "quota exhausted",
    "staff who never press", "customers who delete within a day",
)  # fmt: skip
# By what words a test has a vendor do it: a fake's fault, or what is set or called on it.
MEANS: Mapping[str, frozenset[str]] = {
    "token expiry mid-batch": frozenset({"stale token", "renew"}),
    "blocked for a time": frozenset({"frequency", "limit", "hour", "busy", "retry_after"}),
    "busy": frozenset({"busy", "limit"}),
    "5xx": frozenset({"fail", "500"}),
    "time-out after the effect": frozenset({
        "fail after effect", "silent after effect", "lost_marks", "duplicate",
    }),
    "callbacks twice, late, shuffled": frozenset({"twice", "each twice", "between", "killed"}),
    "callbacks while we are down": frozenset({"down", "killed", "paid_at"}),
    "quota exhausted": frozenset({"no money", "quota"}),
    "staff who never press": frozenset({"not_pressed", "audit"}),
    "customers who delete within a day": frozenset({"deletes_staff"}),
}  # fmt: skip
# A suite runs before the vendors of its fixture; every other file before that of its folder.
SUITES: Mapping[str, frozenset[str]] = {
    "test_contract.py": frozenset(stand.connector for stand in BENCHES.values()),
    "test_hearing.py": frozenset(EARS),
    "test_pulling.py": frozenset(name for name, _ in PULLS),
}
NO_TOKEN = "- every request is signed by itself: there is no token"
NO_STAFF = "- no member of staff stands between"
NO_FRIEND = "- nobody is a friend there"
ASKED = "test_pulling.py::test_killed_at_any_page_before_or_after_it_was_stored_all_is_told_once"
COMES_IN = "- nothing is sent there: it is posted to us"
# A test as file::name, below this folder; what begins with a dash is why there is nothing to play.
WHERE: Mapping[str, tuple[str, ...]] = {
    "erp_jushuitan": (
        "erp_jushuitan/test_jushuitan.py::test_a_token_that_ends_between_two_pages_loses_no_row",
        "erp_jushuitan/test_jushuitan.py::test_too_many_calls_are_asked_again_in_a_minute",
        "erp_jushuitan/test_jushuitan.py::test_too_many_calls_are_asked_again_in_a_minute",
        "erp_jushuitan/test_jushuitan.py::test_a_mark_is_set_once_however_often_it_is_told",
        "erp_jushuitan/test_jushuitan.py::test_a_mark_lost_after_its_effect_is_found_and_not_repeated",
        "erp_jushuitan/test_jushuitan.py::test_rows_that_change_while_one_pages_are_lost_to_nobody",
        ASKED,
        "- it has none but that of calls",
        "erp_jushuitan/test_jushuitan.py::test_after_the_audit_a_decision_is_too_late_and_told_so",
        NO_FRIEND,
    ),
    "orders": (
        NO_TOKEN, COMES_IN, COMES_IN, COMES_IN,
        "orders/test_orders.py::test_each_order_is_answered_and_a_bad_one_spoils_no_other",
        HEARD, "orders/test_orders.py::test_orders_up_to_thirty_days_old_are_taken_late",
        COMES_IN, NO_STAFF, NO_FRIEND,
    ),
    "sms_aliyun": (
        NO_TOKEN,
        "sms_aliyun/test_sending.py::test_who_has_had_enough_for_now_is_sent_to_when_that_is_over",
        ENGINE, ENGINE, ENGINE, TOLD, TOLD, ENGINE, NO_STAFF, NO_FRIEND,
    ),
    "voice_aliyun": (
        NO_TOKEN, ENGINE, ENGINE, ENGINE, ENGINE, ASKED, TOLD, ENGINE, NO_STAFF, NO_FRIEND,
    ),
    "voice_calls": (
        NO_TOKEN, "test_contract.py::test_a_provider_says_when_it_wants_to_be_asked_again",
        ENGINE, ENGINE, ENGINE, TOLD, TOLD, ENGINE, NO_STAFF, NO_FRIEND,
    ),
    "webhook": (
        NO_TOKEN, "test_contract.py::test_a_provider_says_when_it_wants_to_be_asked_again",
        ENGINE, ENGINE, ENGINE, HEARD, "- when a provider of one's own posts is its matter",
        "- a provider of one's own says `busy` for it", NO_STAFF, NO_FRIEND,
    ),
    "wecom": (
        ENGINE, ENGINE, ENGINE, ENGINE, ENGINE, HEARD,
        "test_faults.py::test_friends_who_come_while_we_are_down_are_found_and_not_welcomed_late",
        "test_faults.py::test_who_deletes_us_within_a_day_or_has_had_enough_costs_nobody_else_a_message",
        "test_faults.py::test_whom_staff_never_send_to_is_told_as_such_and_has_got_nothing",
        "test_faults.py::test_who_deletes_us_within_a_day_or_has_had_enough_costs_nobody_else_a_message",
    ),
}  # fmt: skip


def test_every_installed_connector_has_a_row_and_no_cell_is_empty() -> None:
    assert WHERE.keys() == manifests().keys()
    for name, row in WHERE.items():
        assert len(row) == len(FAULTS), name


def _of(file: str, name: str) -> Callable[..., Any]:
    module = import_module("tests.connectors." + file.removesuffix(".py").replace("/", "."))
    return getattr(module, name)


def _given(test: Callable[..., Any]) -> Iterator[tuple[tuple[str, ...], list[tuple[Any, ...]]]]:
    """Names and rows of each of its parametrizations."""
    for mark in getattr(test, "pytestmark", ()):
        if mark.name == "parametrize":
            names, rows = mark.args[:2]
            split = isinstance(names, str)
            yield ((names,) if split else tuple(names)), [(row,) if split else row for row in rows]


def played(connector: str, file: str, name: str) -> set[str]:
    """What this test has the connector's vendor do; nothing where it runs before others alone."""
    test = _of(file, name)
    given = list(_given(test))
    for names, rows in given:
        if names == ("vendor", "fault"):
            return {fault for vendor, fault in rows if vendor.startswith(connector)}
    streets = [row[0] for names, rows in given if names == ("street",) for row in rows]
    before = SUITES.get(file, {file.partition("/")[0]})
    if connector not in before and not any(one.startswith(connector) for one in streets):
        return set()
    tree = ast.parse(textwrap.dedent(inspect.getsource(test)))
    nodes = list(ast.walk(tree))
    said = {node.value for node in nodes if isinstance(node, ast.Constant)}
    done = {node.attr for node in nodes if isinstance(node, ast.Attribute)}
    named = {node.arg for node in nodes if isinstance(node, ast.keyword) and node.arg}
    return {one for one in said if isinstance(one, str)} | done | named


@pytest.mark.parametrize(
    ("connector", "fault"), [(name, fault) for name in sorted(WHERE) for fault in FAULTS]
)
def test_a_fault_is_played_where_the_table_says(connector: str, fault: str) -> None:
    said = WHERE[connector][FAULTS.index(fault)]
    if said.startswith("-"):
        pytest.skip(said.removeprefix("- "))
    file, name = said.split("::")

    assert played(connector, file, name) & MEANS[fault]


@pytest.mark.parametrize(
    ("connector", "fault", "said"),
    [
        ("voice_aliyun", "token expiry mid-batch", ENGINE),  # made of faults, not of this one
        ("orders", "busy", ENGINE),  # no vendor of that test
        ("sms_aliyun", "busy", WHERE["erp_jushuitan"][2]),  # another's folder
        ("erp_jushuitan", "5xx", WHERE["erp_jushuitan"][0]),  # plays something else
    ],
)
def test_a_test_that_does_not_play_the_fault_does_not_count(
    connector: str, fault: str, said: str
) -> None:
    file, name = said.split("::")

    assert not played(connector, file, name) & MEANS[fault]
