"""Which fault of which vendor is played where: the table that has no empty cell."""

from __future__ import annotations

import ast
from collections.abc import Mapping
from pathlib import Path

import pytest

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
        NO_TOKEN, ENGINE, ENGINE, ENGINE, ENGINE, ASKED, TOLD,
        "voice_aliyun/test_calls.py::test_a_call_that_was_never_made_is_a_failure",
        NO_STAFF, NO_FRIEND,
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


@pytest.mark.parametrize(
    ("connector", "fault"), [(name, fault) for name in sorted(WHERE) for fault in FAULTS]
)
def test_a_fault_is_played_where_the_table_says(connector: str, fault: str) -> None:
    said = WHERE[connector][FAULTS.index(fault)]
    if said.startswith("-"):
        pytest.skip(said.removeprefix("- "))
    file, name = said.split("::")

    tree = ast.parse((HERE / file).read_text("utf-8"))

    assert name in {node.name for node in tree.body if isinstance(node, ast.FunctionDef)}
