"""The guided start: what is seen before, what is chosen, and what a playbook may cost."""

from __future__ import annotations

from typing import Any

from tests.playbooks.test_running import House, house

__all__ = ["house"]


def seen(house: House, playbook: str, **chosen: Any) -> Any:
    return house.ask("POST", f"/playbooks/{playbook}/preview", chosen)


def test_all_that_is_to_be_seen_before_a_start_comes_in_one_answer(house: House) -> None:
    told = seen(house, "care-3-3-3", settings={"coupon": "much"}, budget={"total_minor": 500_000})
    settings = {one["setting"]["name"]: one for one in told["settings"]}
    needs = {one["name"]: one for one in told["needs"]}

    assert settings["category"]["problem"]
    assert settings["coupon"]["problem"]
    assert settings["arrival"]["problem"] == ""
    assert not needs["order.paid"]["there"]
    assert needs["order.paid"]["todo"]
    assert [one["code"] for one in told["staff"]["guides"]] == ["guide"]
    assert told["budget"]["total_minor"] == 500_000
    assert told["budget"]["estimate"] is None
    assert told["source"]["takes_shops"] is False
    assert {one["step"] for one in told["problems"] if one["stops"]} == {"settings"}
    assert house.app.db.fetch("select count(*) from playbook") == [(0,)]
