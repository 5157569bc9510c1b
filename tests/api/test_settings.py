"""Settings over HTTP: shown as they are, changed with a trace, secrets never shown."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from siyu.api.http import PREFIX
from siyu.app import connector_secrets
from siyu.settings import load, secrets_of

SHOP = "tmall-flagship"
BARE = "bare-shop"
SECRETS = ("master_key", "lookup_key", "api_key", "ingest_secret", "database_url")


def _audit(story: Any, query: str = "") -> list[dict[str, Any]]:
    return story.read(f"{PREFIX}/audit/latest?{query}")["lines"]


def _put(story: Any, path: str, body: dict[str, Any]) -> Any:
    answer = story.ask("PUT", f"{PREFIX}/settings/{path}", body)
    assert answer.status_code == 200, answer.text
    return answer.json()


def test_shops_are_shown_with_what_their_orders_allow(story) -> None:
    story.pay(story.order(), "13800000001")
    story.pay(story.order(), "13800000002", shop="unlisted")
    story.go(minutes=1)
    rule = {"shop": BARE, "channel": "sms", "allowed": False, "note": "platform rules"}
    assert story.ask("PUT", f"{PREFIX}/budget/rules", {"by": "ana", "shops": [rule]}).is_success
    shops = {one["code"]: one for one in story.read(f"{PREFIX}/settings/shops")["shops"]}

    assert shops[BARE]["policies"] == [
        {"channel": "sms", "allowed": False, "note": "platform rules"}
    ]
    assert (shops[BARE]["inserts"], shops[SHOP]["inserts"]) == (False, True)
    assert shops[BARE]["last_order_at"] is None
    assert datetime.fromisoformat(shops[SHOP]["last_order_at"]) < story.now
    assert (shops[SHOP]["listed"], shops["unlisted"]["listed"]) == (True, False)


def test_a_price_is_set_from_today_on_and_the_audit_says_from_what_to_what(story) -> None:
    before = story.read(f"{PREFIX}/settings/prices")["prices"]
    new = {
        "prices": [{"kind": "sms_segment", "unit_minor": 6, "note": "contract 2027"}],
        "by": "ana",
    }
    after = _put(story, "prices", new)["prices"]
    (line,) = _audit(story, "action=price.set")
    was = next(one for one in before if one["kind"] == "sms_segment")
    today = f"{story.now.astimezone(ZoneInfo('Asia/Shanghai')):%Y-%m-%d}"

    assert (was["unit_minor"], was["valid_from"], was["holds"]) == (5, None, True)
    assert [one for one in after if one not in before] == [
        {**was, "holds": False},
        {**was, "unit_minor": 6, "note": "contract 2027", "valid_from": today},
    ]
    assert [one for one in before if one not in after] == [was]
    assert (line["actor"], line["object"]) == ("ana", "sms_segment")
    assert line["reason"] == f"5 CNY → 6 CNY from {today} contract 2027"
    _put(story, "prices", new)
    assert len(_audit(story, "action=price.set")) == 1  # nothing changed, nothing to tell


@pytest.mark.parametrize(
    "wrong", [{"kind": "sms", "unit_minor": 1}, {"kind": "gift", "unit_minor": -1}]
)
def test_a_price_that_cannot_be_is_refused_whole(story, wrong) -> None:
    new = {"prices": [{"kind": "card", "unit_minor": 99}, wrong], "by": "ana"}
    answer = story.ask("PUT", f"{PREFIX}/settings/prices", new)

    assert answer.status_code == 400
    assert answer.json()["problems"][0]["where"] == wrong["kind"]
    listed = story.read(f"{PREFIX}/settings/prices")["prices"]
    assert 99 not in {one["unit_minor"] for one in listed}
    assert _audit(story, "action=price.set") == []


def test_a_stock_is_counted_by_who_saw_what_is_there(story) -> None:
    (gift, *_) = story.read(f"{PREFIX}/settings/stock")["gifts"]
    new = {
        "sku": gift["sku"],
        "on_hand": 70,
        "was": gift["on_hand"],
        "reason": "count",
        "by": "ana",
    }
    (after, *_) = _put(story, "stock", new)["gifts"]
    late = story.ask("PUT", f"{PREFIX}/settings/stock", {**new, "on_hand": 50})
    (line,) = _audit(story, "action=stock.set")

    assert after == {**gift, "on_hand": 70}
    assert gift["titles"][0].keys() == {"zh", "en"}
    assert late.status_code == 409
    assert (line["object"], line["reason"]) == (gift["sku"], f"{gift['on_hand']} → 70; count")
    unknown = {**new, "sku": "nothing", "was": None}
    assert story.ask("PUT", f"{PREFIX}/settings/stock", unknown).status_code == 404
    below = {**new, "on_hand": -1, "was": 70}
    assert story.ask("PUT", f"{PREFIX}/settings/stock", below).status_code == 409


def test_a_file_of_counts_is_tried_before_it_is_taken(story) -> None:
    (gift, *others) = story.read(f"{PREFIX}/settings/stock")["gifts"]
    text = (
        f"赠品编码,账面数,盘点数\n{gift['sku']},{gift['on_hand']},70\n{gift['sku']},,71\n"
        f"{others[0]['sku'] if others else 'none'},,\nX,,x\n"
    )

    def put(query: str, text: str = text) -> dict[str, Any]:
        answer = story.http.post(
            f"{PREFIX}/settings/stock/file?by=ana{query}", content=text.encode(),
            headers={
                "Authorization": f"Bearer {story.app.settings.api_key}", "Accept-Language": "zh",
            },
        )  # fmt: skip
        assert answer.status_code == 200, answer.text
        return answer.json()

    dry = put("&dry=true")
    assert story.read(f"{PREFIX}/settings/stock")["gifts"][0] == gift
    assert put("") == dry
    assert dry == {
        "changes": [{"sku": gift["sku"], "was": gift["on_hand"], "on_hand": 70}],
        "same": 0,
        "blank": 1,
        "refused": [
            {"line": 3, "field": "赠品编码", "why": "前面已有一行盘点了它"},
            {"line": 5, "field": "盘点数", "why": "不是 0 以上的整数"},
        ],
    }
    assert story.read(f"{PREFIX}/settings/stock")["gifts"][0]["on_hand"] == 70
    assert put("", f"sku,counted\n{gift['sku']},70\n")["same"] == 1
    late = put("", f"sku,counted,was\n{gift['sku']},60,{gift['on_hand']}\n")
    assert (late["changes"], len(late["refused"])) == ([], 1)
    book = story.ask("GET", f"{PREFIX}/settings/stock/file?form=xlsx").content
    assert book.startswith(b"PK")


def test_connections_say_who_carries_what_and_what_is_paused(story) -> None:
    story.ask("POST", f"{PREFIX}/pause", {"by": "ana", "scope": "channel:sms"})
    found = story.read(f"{PREFIX}/settings/connections")
    channels = {one["channel"]: one for one in found["channels"]}

    assert [one for one in found["connectors"] if one["connected"]] == [
        {"name": "webhook", "connected": True, "channels": ["sms", "voice_ai", "wecom_message"]}
    ]
    assert (channels["sms"]["carrier"], channels["voice_human"]["carrier"]) == ("webhook", "people")
    assert (channels["sms"]["stopped_by"], channels["voice_ai"]["stopped_by"]) == ("ana", None)
    assert channels["sms"]["failures"] == 0


def test_a_channel_in_trouble_says_how_often_and_until_when(story) -> None:
    with story.app.db.transaction() as conn:
        conn.execute(
            "insert into trouble (channel, since, probe_at, failures)"
            " values ('sms', %(now)s, %(at)s, 3)",
            {"now": story.now, "at": story.now + timedelta(minutes=1)},
        )
    channels = {
        one["channel"]: one for one in story.read(f"{PREFIX}/settings/connections")["channels"]
    }

    assert channels["sms"]["failures"] == 3
    assert datetime.fromisoformat(channels["sms"]["trouble_since"]) == story.now
    assert datetime.fromisoformat(channels["sms"]["probe_at"]) > story.now


def test_the_keys_page_names_every_secret_and_shows_none(story) -> None:
    answer = story.ask("GET", f"{PREFIX}/settings/keys")
    settings = story.app.settings

    assert [one["name"] for one in answer.json()["keys"]] == [*SECRETS, *connector_secrets()]
    webhook = settings.connectors["webhook"]["secret"]
    for value in (settings.api_key, settings.ingest_secret, webhook):
        assert value not in answer.text


def test_a_secret_knows_where_it_comes_from(tmp_path: Path) -> None:
    (tmp_path / "siyu.toml").write_text('ingest_secret = "written-in-the-file"\n')
    environ = {"SIYU_API_KEY": "said-in-the-environment", "SIYU_WEBHOOK_SECRET": "s"}
    settings = load(environ, home=str(tmp_path))
    found = {one.name: one for one in secrets_of(settings, ["webhook.secret"], environ)}

    assert {name: one.origin for name, one in found.items()} == {
        "master_key": "key_file",
        "lookup_key": "key_file",
        "api_key": "environment",
        "ingest_secret": "settings_file",
        "webhook.secret": "environment",
        "database_url": "unset",
    }
    assert found["master_key"].since is not None
    assert found["api_key"].since is None


def test_the_audit_is_read_back_from_the_latest_by_any_filter(story) -> None:
    for number in range(7):
        by = "ana" if number % 2 else "bo"
        new = {"prices": [{"kind": "card", "unit_minor": 20 + number}], "by": by}
        _put(story, "prices", new)
        story.go(minutes=1)
    story.ask("POST", f"{PREFIX}/pause", {"by": "ana", "scope": "channel:sms"})
    whole = _audit(story)

    assert whole[0]["action"] == "touches.pause"
    assert [line["at"] for line in whole] == sorted((line["at"] for line in whole), reverse=True)
    for name in ("actor", "action", "object"):
        for value in {line[name] for line in whole}:
            assert _audit(story, f"{name}={value}") == [one for one in whole if one[name] == value]
    both = [one for one in whole if one["actor"] == "ana" and one["object"] == "card"]
    assert _audit(story, "actor=ana&object=card") == both
    middle = whole[3]["at"].replace("+", "%2B")
    assert _audit(story, f"since={middle}") == whole[:4]
    assert _audit(story, f"until={middle}") == whole[4:]
    assert _audit(story, "until=2020-01-01T00:00:00Z") == []
    pages, after = [], ""
    while True:
        page = story.read(f"{PREFIX}/audit/latest?limit=2&after={after}")
        pages += page["lines"]
        if page["next"] == after:
            break
        after = page["next"]
    assert pages == whole


def test_a_parked_event_is_replayed_by_name_and_the_others_stay(story) -> None:
    story.tell(
        "order.paid",
        {"shop": SHOP, "order_no": "X1", "currency": "CNY", "total_minor": 1, "lines": []},
    )
    story.tell(
        "order.paid",
        {"shop": SHOP, "order_no": "X2", "currency": "CNY", "total_minor": 1, "lines": []},
    )
    with story.app.db.transaction() as conn:
        conn.execute(
            "update event_pending set error = 'poison', parked_at = %(now)s", {"now": story.now}
        )
    parked = story.read(f"{PREFIX}/events/parked")["parked"]
    answer = story.ask(
        "POST", f"{PREFIX}/events/replay", {"by": "ana", "events": [parked[0]["id"]]}
    )
    story.go(minutes=1)

    assert answer.json() == {"replayed": 1}
    assert story.read(f"{PREFIX}/events/parked")["parked"] == parked[1:]
    (line,) = _audit(story, "action=events.replay")
    assert (line["actor"], line["object"]) == ("ana", parked[0]["id"])
    assert story.ask("POST", f"{PREFIX}/events/replay", {"events": ["evt_x"]}).status_code == 404
    assert story.ask("POST", f"{PREFIX}/events/replay").json() == {"replayed": 1}


def test_what_is_owed_is_listed_with_the_first_to_lapse_first(story) -> None:
    phones = ("13800000001", "13800000002")
    for phone in phones:
        story.pay(story.order(), phone)
    story.go(minutes=6)
    with story.app.db.transaction() as conn:
        conn.execute(
            "update promise set state = 'claimable',"
            " expires_at = expires_at - id * interval '1 day'"
        )
    whole = story.read(f"{PREFIX}/promises/owed")["promises"]
    page = story.read(f"{PREFIX}/promises/owed?limit=1")
    rest = story.read(f"{PREFIX}/promises/owed?limit=1&after={page['next']}")
    last = whole[-1]["expires_at"].replace("+", "%2B")

    assert [one["customer"] for one in whole] == [story.customers(p)[0] for p in phones[::-1]]
    assert page["promises"] + rest["promises"] == whole
    assert {one["buyer"] for one in whole} == {"林**"}
    assert story.read(f"{PREFIX}/promises/owed?until={last}")["promises"] == whole
    assert story.read(f"{PREFIX}/promises/owed?until=2020-01-01T00:00:00Z")["promises"] == []
    with story.app.db.transaction() as conn:
        conn.execute("update promise set state = 'promised'")
    assert story.read(f"{PREFIX}/promises/owed")["promises"] == []
    opened = story.read(f"{PREFIX}/promises/owed?open=true&limit=1")
    assert opened["promises"] == whole[:1]
    after = f"{PREFIX}/promises/owed?open=true&after={opened['next']}"
    assert story.read(after)["promises"] == whole[1:]
