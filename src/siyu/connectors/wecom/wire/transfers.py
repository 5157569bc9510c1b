"""What WeCom says of friends who are handed over. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal, NamedTuple

from siyu.connectors.wecom.wire.answers import Json, number, objects, text

Outcome = Literal["waiting", "resting", "done", "refused", "full", "failed"]
ENDS = ("done", "refused", "full", "failed")
LONGEST_WORDS = 200
ALIKE = 300  # seconds by which a result may date it otherwise than its callback
_STATUS: Mapping[int, Outcome] = {1: "done", 2: "waiting", 3: "refused", 4: "full", 5: "failed"}
# Of one customer in the answer: accepted, or in transfer already; too often; the taker is full.
_CODES: Mapping[int, Outcome] = {
    0: "waiting", 40100: "waiting", 40129: "waiting", 40128: "resting", 40099: "full",
}  # fmt: skip


class End(NamedTuple):
    """What became of one; `at` in WeCom's seconds, 0: not said."""

    customer: str
    outcome: Outcome
    at: int


def accepted(answer: Json) -> dict[str, Outcome]:
    """Customer → what WeCom says to it, of a `transfer_customer`."""
    return {
        text(one, "external_userid"): _CODES.get(number(one, "errcode"), "failed")
        for one in objects(answer, "customer")
    }


def ends(page: Json) -> list[End]:
    """Of a page of `transfer_result`; a status that nobody knows waits."""
    return [
        End(
            text(one, "external_userid"),
            _STATUS.get(number(one, "status"), "waiting"),
            number(one, "takeover_time"),
        )
        for one in objects(page, "customer")
    ]
