"""Visits in the hands of people, on the command line: let in by hand, parked, taken up again."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from siyu.app import open_app
from siyu.settings import load

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


def test_parked_visits_are_shown_with_their_error_and_taken_up_again(
    run: Callable, played, publish: Callable[[str], None]
) -> None:
    home = ("--home", played.home)
    publish("stuck")
    buyer = played.one(lambda one: bool(one.orders))
    run("journey", "enrol", "stuck", "--customer", buyer.customer, "--yes", *home)
    with open_app(load({}, home=played.home)) as siyu, siyu.db.transaction() as conn:
        conn.execute(
            "update visit set state = 2, due_at = null, error = 'no way'"
            " where journey_id = (select id from journey where code = 'stuck')"
        )

    (seen,) = run("journey", "parked", "stuck", *home, "--json").json["parked"]
    told = run("journey", "parked", "stuck", "--retry", "--by", "ana", *home)
    after = run("journey", "parked", "stuck", *home)
    typo = run("journey", "parked", "stuk", *home)

    assert (seen["journey"], seen["step"], seen["error"]) == ("stuck", "pause", "no way")
    assert "1 visit taken up again" in told.out
    assert "Parked visits: none" in after.out
    assert (typo.code, "'stuk'" in typo.err) == (1, True)
