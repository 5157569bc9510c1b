"""Which of a customer's keys a word on being contacted hangs on."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from siyu.customers.decide import under
from siyu.events.model import ConsentChannel
from siyu.identities.model import Identity

NOW = datetime(2026, 11, 20, 4, 0, tzinfo=UTC)


def _keys(*kinds: str) -> list[Identity]:
    """Known one after the other; `!`: somebody else answers there."""
    return [
        Identity(number, kind.strip("!"), b"", "", 1, NOW, None, 1, NOW if "!" in kind else None)
        for number, kind in enumerate(kinds)
    ]


@pytest.mark.parametrize(
    ("channels", "known", "meant"),
    [
        (["sms"], ["buyer", "phone", "phone", "external_userid"], 2),
        (["sms"], ["phone", "phone!"], 0),
        (["sms"], ["phone!", "buyer"], 1),
        (["sms"], ["phone!"], 0),
        (["sms"], ["unionid", "member", "order"], 1),
        (["wecom"], ["phone", "external_userid"], 1),
        (["wecom"], ["order", "phone", "buyer"], 1),
        (["wecom", "voice"], ["external_userid", "phone"], 1),
    ],
)
def test_a_word_hangs_on_the_way_that_it_is_about(
    channels: list[ConsentChannel], known: list[str], meant: int
) -> None:
    keys = _keys(*known)

    assert under(channels, keys) == keys[meant]


def test_an_order_or_a_link_is_no_key_that_a_word_hangs_on() -> None:
    assert under(["sms"], _keys("order", "state")) is None
