"""What a code means, how long a block lasts, and that nothing hangs on chance."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from siyu.connectors.wecom.config import Config
from siyu.connectors.wecom.wire import codes

NOON = datetime(2026, 11, 20, 4, 0, tzinfo=UTC)  # noon in Shanghai


@pytest.mark.parametrize(
    ("level", "shortest", "longest"),
    [
        (0, timedelta(seconds=60), timedelta(seconds=66)),
        (1, timedelta(minutes=60), timedelta(minutes=66)),
        (2, timedelta(hours=12), timedelta(hours=12, minutes=5)),
        (3, timedelta(days=30), timedelta(days=33)),
        (9, timedelta(days=30), timedelta(days=33)),
    ],
)
def test_a_block_of_each_length_is_waited_out(level, shortest, longest) -> None:
    waits = {codes.block_until(level, NOON, "app", str(n)) - NOON for n in range(50)}

    assert shortest <= min(waits)
    assert max(waits) < longest
    assert len(waits) > 40  # those who were stopped together come back apart
    assert codes.block_until(level, NOON, "app") == codes.block_until(level, NOON, "app")


def test_no_code_means_two_things_and_none_says_what_wecom_wrote() -> None:
    groups = [codes.BUSY, codes.LIMITED, codes.STALE_TOKEN, codes.SETTINGS, codes.GONE, codes.LATE]

    assert sum(map(len, groups)) == len(frozenset().union(*groups))
    assert codes.words(60020) == "this server's address is not among the app's trusted IPs (60020)"
    assert codes.words(60020).zh.endswith("（60020）")
    assert codes.words(95000) == "WeCom refused it (95000)"


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"corpid": "acme", "secret": "s"}, "corpid"),
        ({"corpid": "ww0123456789abcdef"}, "secret"),
        ({"token": "T1"}, "aes_key"),
        ({"token": "T1", "aes_key": "short"}, "aes_key"),
        ({"token": "with space", "aes_key": "a" * 43}, "token"),
        ({"app": "Big"}, "app"),
        ({"base_url": "ftp://x"}, "base_url"),
        ({"claim_url": "shop"}, "claim_url"),
        ({"accounts": {"a": "x y"}}, "accounts"),
        ({"accounts": {"a": "Lin", "b": "lin"}}, "accounts"),
        ({"way_users": tuple(f"u{n}" for n in range(101))}, "way_users"),
    ],
)
def test_a_form_filled_in_wrongly_names_the_field_and_shows_no_secret(wrong, field) -> None:
    with pytest.raises(ValueError, match=f"^{field}: ") as raised:
        Config(**wrong)

    assert "short" not in str(raised.value)


def test_secrets_are_in_no_repr_and_staff_are_found_both_ways() -> None:
    config = Config(
        corpid="ww0123456789abcdef", secret="s3cret", token="T0ken", aes_key="k" * 43,
        accounts={"g-7": "ZhangSan"},
    )  # fmt: skip

    assert "s3cret" not in repr(config)
    assert "T0ken" not in repr(config)
    assert "kkkk" not in repr(config)
    assert (config.userid("g-7"), config.userid("lisi")) == ("ZhangSan", "lisi")
    assert (config.staff("zhangsan"), config.staff("lisi")) == ("g-7", "lisi")
