"""People who let customers into a journey by hand, on the command line."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

TEXT = """
journey: {code}
title: {{zh: 关怀, en: Care}}
steps:
  - {{id: pause, wait: 5d}}
  - {{id: bye, exit: done}}
"""


@pytest.fixture
def publish(run: Callable, played, tmp_path: Path) -> Callable[[str], None]:
    """Publishes a journey that nobody enters but by hand."""

    def write(code: str) -> None:
        file = tmp_path / "care.yaml"
        file.write_text(TEXT.format(code=code), "utf-8")
        assert run("journey", "publish", file, "--home", played.home).code == 0

    return write


def test_customers_are_let_in_by_hand_and_each_is_answered(
    run: Callable, played, publish: Callable[[str], None]
) -> None:
    home = ("--home", played.home)
    publish("care")
    buyer = played.one(lambda one: bool(one.orders))
    order = buyer.orders[0].order
    words = ("--order", order, "--customer", buyer.customer, "--phone", "13899999999")

    asked = run("journey", "enrol", "care", *words, *home)
    said = run("journey", "enrol", "care", *words, "--by", "ana", "--yes", *home, "--json").json
    again = run("journey", "enrol", "care", *words, "--yes", *home)
    nobody = run("journey", "enrol", "care", *home)

    assert asked.code != 0
    assert "Let 3 customers into care?" in asked.err + asked.out
    assert [one["outcome"] for one in said["entries"]] == ["enrolled", "refused", "enrolled"]
    assert said["entries"][0]["key"] == order
    assert "0 visits begun, 3 refused." in again.out
    assert "had this visit before" in again.out
    assert "13899999999" not in again.out
    assert "--phone or --customer" in nobody.err
