"""A material that its provider refuses rests, alone, and is tried now and then."""

from __future__ import annotations

from typing import Any

import pytest

from siyu.analytics.views import attention
from siyu.content import actions as content
from siyu.content.model import Material
from siyu.outbox import actions
from siyu.outbox.decide import TRY_REFUSED
from siyu.outbox.model import REFUSED, Result

House = Any
NOTE = Material("note", "zh", "sms", "【{{ brand }}】{{ name }}", {"brand": "text", "name": "text"})
WHY = "isv.SMS_TEMPLATE_ILLEGAL 模板不合法"


@pytest.fixture(autouse=True)
def _written(house: House) -> None:
    with house.db.transaction() as conn:
        content.install(conn, [NOTE], "notes")


def refuses(house: House, material: str = "note") -> None:
    house.sms.answer = lambda m: (
        Result(m.token, "retry", "", WHY, halt="material")
        if m.material == material
        else Result(m.token, "accepted")
    )


def takes(house: House) -> None:
    house.sms.answer = lambda m: Result(m.token, "accepted")


def needs(house: House) -> dict[str, tuple[str, str]]:
    with house.db.transaction() as conn:
        found = attention.needs(conn, house.now)
    return {one.code: (one.about, one.why.zh) for one in found if one.about}


def test_a_refused_material_rests_while_the_others_go_on(house: House) -> None:
    notes = house.owed(3, material="note")
    invites = house.owed(2, first=4)
    refuses(house)

    sent = house.send()
    house.send()

    assert sent.outcome == {"resting": 3, "sent": 2}  # nothing for which the channel has to rest
    assert {house.touch(one).state for one in invites} == {"sent"}
    assert {(house.touch(one).state, house.touch(one).reason) for one in notes} == {
        ("owed", REFUSED)
    }
    assert needs(house)["template_rejected"] == ("sms/note", WHY)
    assert "provider_down" not in needs(house)  # the others are taken


def test_what_comes_later_rests_with_it_and_is_not_handed_over(house: House) -> None:
    house.owed(2, material="note")
    refuses(house)
    house.send()
    later = house.owed(2, first=3, material="note")
    calls = len(house.sms.calls)

    sent = house.send()

    assert len(house.sms.calls) == calls
    assert sent.outcome["resting"] == 2
    assert {house.touch(one).due_at for one in later} == {house.now + TRY_REFUSED}


def test_it_is_tried_now_and_then_and_goes_on_once_it_is_taken(house: House) -> None:
    notes = house.owed(3, material="note")
    refuses(house)
    house.send()
    house.clock.advance(seconds=TRY_REFUSED.total_seconds())
    house.send()  # it is still refused
    assert "template_rejected" in needs(house)
    takes(house)

    house.clock.advance(seconds=TRY_REFUSED.total_seconds())
    house.send()

    assert {house.touch(one).state for one in notes} == {"sent"}
    assert needs(house) == {}


def test_whoever_has_acted_need_not_wait(house: House) -> None:
    notes = house.owed(3, material="note")
    refuses(house)
    house.send()
    takes(house)

    with house.db.transaction() as conn:
        assert actions.resume(conn, "material:sms:note", "ana", house.now)
        assert not actions.resume(conn, "material:sms:note", "ana", house.now)
    house.send()

    assert {house.touch(one).state for one in notes} == {"sent"}


def test_an_empty_account_is_a_quota_and_no_provider_that_is_down(house: House) -> None:
    house.owed(2)
    house.sms.answer = lambda m: Result(
        m.token, "retry", "", "isv.AMOUNT_NOT_ENOUGH", shut=True, halt="quota"
    )

    house.send()

    assert needs(house) == {"quota_used": ("sms", "isv.AMOUNT_NOT_ENOUGH")}
