"""`siyu connect wecom`: each thing that can be wrong, in words, in both languages."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from siyu.connectors.wecom.config import Config
from siyu.connectors.wecom.fake import App
from siyu.connectors.wecom.manifest import MANIFEST
from siyu.connectors.wecom.source.check import check
from siyu.outbox.views import Welcomes


def lines(corp, **more) -> dict[str, tuple[str, str]]:
    return {
        str(one.what): (one.state, one.why)
        for one in check(replace(corp.config, **more), corp.tools)
    }


def test_what_works_is_said_and_what_can_not_be_known_too(corp) -> None:
    before = lines(corp, link_users=("lisi",))
    assert corp.fake.verify(corp.apps[0])
    corp.fake.searches_phone("lisi", "13800000001", "wm1")
    corp.deliver()

    assert before == {
        "Corp id and secret": ("ok", "works"),
        "The app": ("ok", "works"),
        "Members with customer contact": ("ok", "2 members"),
        "Acquisition links": ("ok", "room for 1000 customers"),
        "Callback": (
            "unverified", "nothing has been heard yet: whether WeCom reaches us is not known",
        ),
        "Tags on friends' cards": (
            "ok", "those that journeys and people here set, of *; not _*",
        ),
    }  # fmt: skip
    assert lines(corp)["Callback"] == ("ok", "last heard 2026-11-20 04:00 UTC")


class Quick:
    """Touches that say how quick welcomes were."""

    def __init__(self, late: int) -> None:
        self._late = late

    def unreported(self, *_: object) -> tuple[()]:
        return ()

    def welcomes(self, since: datetime, until: datetime) -> Welcomes:
        assert until - since == timedelta(days=28)
        sent = 200 - self._late
        return Welcomes(
            None, 200, sent, sent, sent, self._late, 0, 0, 0.4, 1.25, 19.4, 1.0, 2.0, 20.0
        )


@pytest.mark.parametrize(("late", "state"), [(2, "ok"), (3, "wrong")])
def test_how_quick_welcomes_were_is_a_line_and_wrong_when_many_were_late(
    corp, late: int, state: str
) -> None:
    (line,) = [
        one
        for one in check(corp.config, replace(corp.tools, touches=Quick(late)))
        if str(one.what) == "Welcomes, 28 days"
    ]

    assert line.state == state
    assert str(line.why).startswith(
        f"{200 - late} sent; 100.0% of them within 20 s;"
        f" half / 95 % / all within 0.4 / 1.2 / 19.4 s; {late} were too late"
    )
    assert line.why.zh.startswith(f"已发 {200 - late} 条；其中 100.0% 在 20 秒内；P50")


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"secret": "another"}, "the app's secret is wrong (40001)"),
        ({"corpid": "ww9999999999999999"}, "the corp id is wrong (40013)"),
        ({"agent_id": 7}, "WeCom has no such app, or it is another's (301002)"),
    ],
)
def test_wrong_credentials_are_named_and_nothing_else_is_asked(corp, wrong, words) -> None:
    found = lines(corp, **wrong)

    assert found["The app"] == ("wrong", words)
    assert set(found) == {"The app", "Callback"}


def test_an_address_that_is_not_trusted_and_a_permission_that_is_missing_are_said(corp) -> None:
    corp.fake.trusted = False
    assert lines(corp)["The app"][1].startswith("this server's address is not among")

    corp.fake.trusted = True
    corp.fake.apps[corp.config.secret] = replace(corp.apps[0], permissions=frozenset())
    found = lines(corp, link_users=("lisi",))
    assert found["Members with customer contact"][0] == "wrong"
    assert "48002" in found["Members with customer contact"][1]
    assert "48002" in found["Acquisition links"][1]


def test_members_who_can_have_no_friends_are_named(corp) -> None:
    corp.fake.members["lisi"].follows = False
    found = lines(corp, accounts={"g-1": "zhangsan", "g-2": "LiSi", "g-3": "nobody"})
    assert found["Accounts of our staff"] == (
        "wrong", "without customer contact, or out of sight: LiSi, nobody",
    )  # fmt: skip

    corp.fake.members["zhangsan"].follows = False
    assert lines(corp)["Members with customer contact"][0] == "wrong"


def test_without_settings_it_says_what_to_set(corp) -> None:
    ((what, state, why),) = check(Config(), corp.tools)
    assert (what, state, why.zh) == (
        "Corp id and secret", "missing", "请设置 `corpid` 和 `secret`",
    )  # fmt: skip
    assert lines(corp, token="", aes_key="")["Callback"][0] == "missing"


def test_an_unreachable_or_busy_wecom_proves_nothing(corp) -> None:
    assert lines(corp, base_url="http://127.0.0.1:9")["The app"][0] == "unverified"
    corp.fake.faults.append("frequency")
    assert lines(corp)["The app"][0] == "unverified"


def test_notices_caps_and_what_waits_for_staff_are_shown(corp, channel, message) -> None:
    corp.fake.existing("lisi", "wm1", corp.clock.now())
    channel.send([message(to="wm1", channel="wecom_mass", staff="lisi")])
    corp.fake.tell("customer_acquisition", "balance_exhausted")
    corp.deliver()
    corp.tools.store.put("ways", "450000")

    found = lines(corp)
    assert found["Contact ways"] == ("wrong", "450000 of 500000 are made")
    assert found["Notices of WeCom"] == ("wrong", "the quota of acquisition links is used up")
    assert found["Mass messages"][1] == "1 wait for staff to press send, to 1 customers: lisi"


def test_payments_are_tried_where_they_are_wanted(corp) -> None:
    assert "Payments in chats" not in lines(corp)
    assert lines(corp, payments=True)["Payments in chats"] == ("ok", "works")

    allowed = frozenset({"contact", "acquisition"})
    corp.fake.apps[corp.config.secret] = replace(corp.apps[0], permissions=allowed)
    assert "48002" in lines(corp, payments=True)["Payments in chats"][1]


def test_every_line_is_in_both_languages_and_shows_no_secret(corp) -> None:
    found = check(replace(corp.config, secret="another-secret"), corp.tools)

    assert all(one.what.zh != one.what and one.why.zh != one.why for one in found)
    assert not any("another-secret" in str(one) for one in found)
    assert "secret" not in repr(App(1, "s3cr3t"))


def test_the_manifest_names_what_there_is() -> None:
    assert MANIFEST.channels == ("group_message", "wecom_mass", "wecom_message", "wecom_welcome")
    assert [one.name for one in MANIFEST.pulls] == [
        "cards", "contacts", "figures", "groups", "mass", "moments", "outward", "payments", "staff",
        "tags", "transfers", "ways",
    ]  # fmt: skip
    assert not MANIFEST.configured(Config())
