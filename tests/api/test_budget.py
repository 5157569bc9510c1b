"""The rules of contact over HTTP: read, changed as a whole, audited; rulings come in pages."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from siyu.api.http import PREFIX
from siyu.staff.views import audited

Story = Any
RULES = f"{PREFIX}/budget/rules"
PHONE = "13800000001"


def test_rules_are_set_and_dropped_and_the_audit_says_by_whom(story: Story) -> None:
    before = story.read(RULES)
    change = {
        "by": "ana",
        "caps": [{"layer": "A4+tag:vip", "purpose": "promotion", "days": 7, "most": 4}],
        "hours": [{"channel": "sms", "purpose": "service", "hours": "10:00-12:00"}],
        "quotas": [
            {"channel": "sms", "per": "brand", "period": "day", "most": 900},
            {"channel": "wecom_mass", "per": "customer", "period": "month", "most": None},
        ],
        "pace": {"window_hours": 4, "presses": 50, "cooldown_days": 14},
        "shops": [
            {"shop": "tmall-flagship", "channel": "sms", "allowed": False, "note": "platform"}
        ],
    }

    answer = story.ask("PUT", RULES, change)

    assert answer.status_code == 200, answer.text
    assert answer.json() == story.read(RULES)
    assert answer.json()["pace"] == change["pace"]
    assert answer.json()["shops"] == change["shops"]
    assert [one["used"] for one in answer.json()["quotas"]] == [0, None]
    drop = {
        "caps": [{"layer": "A4+tag:vip", "purpose": "promotion", "days": 7}],
        "hours": [{"channel": "sms", "purpose": "service"}],
        "quotas": [{key: one[key] for key in ("channel", "per", "period")}
                   for one in change["quotas"]],
        "shops": [{"shop": "tmall-flagship", "channel": "sms"}],
    }  # fmt: skip
    answer = story.ask("PUT", RULES, {"by": "ben", "drop": drop, "pace": before["pace"]})
    assert answer.json() == before
    with story.app.db.transaction() as conn:
        last, first = audited(conn, 2)
    assert (first.actor, first.action, last.actor) == ("ana", "budget.set", "ben")
    assert "cap A4+tag:vip/*/promotion 7d 4" in first.object
    assert "no quota wecom_mass/customer/month" in last.object
    assert "shop tmall-flagship/sms forbidden platform" in first.object
    assert "no shop tmall-flagship/sms" in last.object


@pytest.mark.parametrize(
    ("change", "status", "words"),
    [
        ({"caps": [{"layer": "vip", "days": 1, "most": 1}]}, 400, "no layer"),
        ({"hours": [{"hours": "8-22"}]}, 400, "08:00-22:00"),
        ({"quotas": [{"channel": "sms", "per": "x", "period": "day", "most": 1}]}, 422, "per"),
        ({"pace": {"window_hours": 99, "presses": 1, "cooldown_days": 1}}, 400, "0 to 24"),
        ({"drop": {"hours": [{"channel": "moments"}]}}, 404, "no such rule"),
        ({"drop": {"shops": [{"shop": "x", "channel": "sms"}]}}, 404, "no such rule"),
        ({"shops": [{"shop": "x", "channel": "sms", "allowed": False}]}, 400, "known shops are"),
        ({"shops": [{"shop": "bare-shop", "channel": "fax", "allowed": True}]}, 400, "no channel"),
        ({"caps": [{"days": 1, "most": 10**30}]}, 400, "most 0 to 1000"),
    ],
)
def test_a_change_that_cannot_be_changes_nothing(
    story: Story, change: dict[str, Any], status: int, words: str
) -> None:
    before = story.read(RULES)
    also = {"hours": [{"channel": "voice", "hours": "10:00-11:00"}]}

    answer = story.ask("PUT", RULES, {"by": "ana", **also, **change})

    assert (answer.status_code, words in answer.text) == (status, True), answer.text
    assert story.read(RULES) == before


def test_what_was_ruled_is_read_page_by_page(story: Story) -> None:
    story.ask("PUT", RULES, {"by": "ana", "caps": [{"days": 30, "most": 1}]})
    story.pay(story.order(), PHONE)
    story.go(minutes=20)
    (customer,) = story.customers(PHONE)

    found: list[dict[str, Any]] = []
    after = ""
    while page := story.read(f"{PREFIX}/customers/{customer}/rulings?limit=1&after={after}"):
        if not page["rulings"]:
            break
        found += page["rulings"]
        after = page["next"]

    said = [(one["verdict"], one["reason"]) for one in found]
    assert said == [("allow", ""), ("withhold", "cap")]
    assert found[1]["words"] == "已达触达上限"
    touch = found[1]["touch"]
    of_touch = story.read(f"{PREFIX}/touches/{touch}/rulings")
    assert of_touch == {"rulings": [found[1]], "next": found[1]["id"]}
    shown = story.read(f"{PREFIX}/customers/{customer}")["touches"]
    assert [one["reason"] for one in shown] == ["", "cap"]
    assert [one["rulings"][0]["by"] for one in shown] == ["", ""]


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("customers/cus_zzz/rulings", 404),
        ("touches/tch_zzz/rulings", 404),
    ],
)
def test_an_unknown_id_is_told(story: Story, path: str, status: int) -> None:
    assert story.ask("GET", f"{PREFIX}/{path}").status_code == status


def test_an_unknown_page_is_told(story: Story) -> None:
    story.pay(story.order(), PHONE)
    story.go(minutes=1)
    (customer,) = story.customers(PHONE)

    answer = story.ask("GET", f"{PREFIX}/customers/{customer}/rulings?after=rul_x")

    assert answer.status_code == 400


def test_the_account_of_a_customer_goes_by_the_caps_of_its_layers_and_by_quotas(
    story: Story,
) -> None:
    caps = [{"days": 30, "most": 5}, {"days": 30, "most": 9, "layer": "tag:vip"}]
    quotas = [{"channel": "sms", "per": "customer", "period": "month", "most": 2}]
    story.ask("PUT", RULES, {"by": "ana", "caps": caps, "quotas": quotas})
    story.pay(story.order(), PHONE)
    story.go(minutes=1)
    (customer,) = story.customers(PHONE)
    path = f"{PREFIX}/customers/{customer}/account"

    plain = story.read(path)
    story.tell("tag.set", {"name": "vip"}, {"phone": PHONE})
    story.go(minutes=1)
    tagged = story.read(path)

    def of_a_month(account: dict[str, Any]) -> list[tuple[str, int, int, int]]:
        return [
            (one["layer"], one["most"], one["had"], one["left"])
            for one in account["windows"]
            if (one["channel"], one["purpose"], one["days"]) == ("*", "*", 30)
        ]

    assert of_a_month(plain) == [("*", 5, 1, 4)]
    assert of_a_month(tagged) == [("tag:vip", 9, 1, 8)]
    used = {"channel": "sms", "period": "month", "most": 2, "had": 1, "left": 1}
    assert plain["quotas"] == tagged["quotas"] == [used]


def test_what_guides_have_to_press_is_shown_by_day(story) -> None:
    with story.app.db.transaction() as conn:
        conn.execute("insert into pace (window_hours, presses, cooldown_days) values (0, 3, 0)"
                     " on conflict (one) do update set presses = 3")  # fmt: skip
        conn.execute(
            """insert into touch (node, round, customer_id, journey, step, channel, purpose, lane,
              priority, shop, order_no, material, locale, state, wished_at, due_at, staff)
            select 'n', n, n, 'j', 's', 'wecom_mass', 'promotion', 'now', 0, 's', 'T', 'm', 'zh',
              'wished', %(now)s, %(now)s + interval '1 day', 'guide-1'
            from generate_series(900001, 900002) n""",
            {"now": story.app.clock.now()},
        )

    found = story.read("/api/v1/presses/budget")["guides"]

    (li,) = [one for one in found if one["staff"] == "guide-1"]
    tomorrow = (story.app.clock.now() + timedelta(hours=8, days=1)).date().isoformat()
    assert (li["used"], li["most"]) == (0, 3)
    assert li["days"] == [{"day": tomorrow, "presses": 2, "touches": 2}]
    assert story.http.get("/api/v1/presses/budget").status_code == 401
