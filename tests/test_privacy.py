"""A person who is planted in every input is found nowhere in clear but in an audited reveal."""

from __future__ import annotations

import importlib.util
import json
import re
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any, NamedTuple

import httpx
import pytest
from typer.testing import CliRunner

from siyu.app import order_file
from siyu.cli.main import app as cli
from siyu.db.embedded import Embedded
from siyu.vault.views import open_items
from siyu.worker.imports import import_file

PHONE = "13987654321"
NOTATIONS = (
    PHONE,
    "+86 139-8765-4321",
    "0086 13987654321",
    "(+86) 139 8765 4321",
    "１３９８７６５４３２１",
)
NAME = "欧阳铁蛋"
ADDRESS = "浙江省杭州市西湖区无名巷贰佰伍拾号"
TEXT = "我家的猫叫做翡翠烧卖，别打电话"
NOTE = "说她妹妹也想要同款紫薯面霜"
REMARK = "隔壁老王的表姐，爱吃酸豆角"
HEALTH = "对牛奶蛋白过敏，夜里起荨麻疹"  # of a child
IMPORTED = "东方不败"
IMPORTED_PHONE = "13876501234"
SHOP = "tmall-flagship"

ANY_NOTATION = re.compile(
    "|".join(r"[ ().-]{0,2}".join(phone) for phone in (PHONE[1:], IMPORTED_PHONE[1:]))
)
WORDS = (NAME, ADDRESS, TEXT, NOTE, REMARK, IMPORTED, HEALTH)
PIECES = (
    *WORDS, "荨麻疹", "铁蛋", "无名巷", "翡翠烧卖", "紫薯面霜", "酸豆角",
    *(json.dumps(word)[1:-1] for word in WORDS),  # as \uXXXX
    *(word.encode().hex() for word in WORDS),  # as bytea prints
    *(word.encode("gbk").hex() for word in WORDS),
    *(phone.encode().hex() for phone in (PHONE, IMPORTED_PHONE)),
)  # fmt: skip


def found_in(text: str) -> list[str]:
    """What of the planted persons a text shows."""
    return [piece for piece in PIECES if piece in text] + ANY_NOTATION.findall(text)


def _stories() -> ModuleType:
    """`stories/conftest.py`, which tests can't import by name."""
    path = Path(__file__).parent / "stories" / "conftest.py"
    spec: Any = importlib.util.spec_from_file_location("stories_of_privacy", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


_told = _stories()
begun, story = _told.begun, _told.story

HEADER = "number,at,phone,name,address,sku,title,count,price"
MAPPING = f"""
mapping: old-shop
title: {{zh: 旧店, en: An old shop}}
source: old-shop
header: [{HEADER}]
shop: {{code: {SHOP}, name: 花间旗舰店, platform: tmall}}
currency: CNY
time: {{column: at, format: "%Y-%m-%d %H:%M:%S", zone: Asia/Shanghai}}
order: {{column: number}}
line: {{sku: sku, title: title, quantity: count, price: price}}
customer: {{phone: phone, name: name, address: address}}
"""


class Planted(NamedTuple):
    """A story in which the person came in by every door, and all that was answered meanwhile."""

    story: Any
    answers: list[str]


@pytest.fixture
def planted(story, tmp_path: Path) -> Iterator[Planted]:
    """The whole life of one customer, from a file of old orders to a friendship."""
    answers: list[str] = []

    def keep(answer: httpx.Response) -> None:
        if answer.request.url.path != "/api/v1/events":  # repeats its sender's own ids
            answers.append(answer.read().decode())

    story.http.event_hooks["response"] = [keep]
    _import(story, tmp_path)
    order = story.order()
    paid = story.paid(order, PHONE)
    paid["keys"]["phone"] = NOTATIONS[1]
    paid["person"] = {"name": NAME, "address": ADDRESS}
    story.send([story.agreed(NOTATIONS[2]), paid])
    _wrong_events(story)
    story.go(minutes=6)
    _receipts(story)
    story.go(minutes=1)
    (task,) = story.tasks()
    keys = {"external_userid": "wm-planted"}
    story.task_ends(task, "agreed")
    story.tell("friend.added", {"staff": "guide-1"}, keys | {"phone": NOTATIONS[3]})
    story.tell("message.received", {"staff": "guide-1"}, keys, person={"text": TEXT})
    story.tell("friend.remarked", {"staff": "guide-1"}, keys, person={"note": REMARK})
    story.tell("customer.identified", {}, keys | {"phone": NOTATIONS[4]}, person={"note": NOTE})
    _child(story, keys)
    story.plan("P1", [order], story.now)
    with story.app.db.transaction() as conn:  # a poison event, whose error could quote its values
        conn.execute("alter table consent add constraint unlucky check (state <> 'withdrawn')")
    story.tell("consent.withdrawn", {"channels": ["sms"]}, {"phone": PHONE}, person={"note": NOTE})
    story.go(hours=30)
    yield Planted(story, answers)
    with story.app.db.transaction() as conn:
        conn.execute("alter table consent drop constraint unlucky")


def _child(story, keys: dict[str, str]) -> None:
    """A note on a child's health, told, refused and told anew; it stands to the end."""
    story.tick()
    (customer,) = story.customers(keys["external_userid"], "external_userid")
    path = f"/api/v1/customers/{customer}/children"
    told = {"month": "2025-03", "evidence": "form 7"}
    said = [
        ("PUT", path, {**told, "health": HEALTH}, 409),
        ("PUT", path, told, 200),
        ("PUT", f"{path}/1/health", {"note": HEALTH}, 409),
        ("PUT", f"{path}/1/health", {"note": HEALTH, "evidence": f"she said: {HEALTH}"}, 400),
        ("PUT", f"{path}/1/health", {"note": HEALTH, "evidence": "form 9", "more": HEALTH}, 200),
        ("POST", f"{path}/1/health/reveal", {"by": "zhou", "reason": " "}, 400),
        ("PUT", f"{path}/1/health", {"note": HEALTH * 40}, 422),
    ]
    for method, where, body, status in said:
        answer = story.ask(method, where, {"by": "zhou", **body})
        assert (where, answer.status_code) == (where, status), answer.text


def _import(story, folder: Path) -> None:
    file, mapping = folder / "orders.csv", folder / "mapping.yaml"
    row = f"B{{}},2026-10-01 11:59:00,{IMPORTED_PHONE},{IMPORTED},{ADDRESS},S1,面霜,{{}},9.00"
    rows = [HEADER, row.format(1, 1), row.format(2, "many"), row.format(3, 2)]
    file.write_text("\n".join(rows) + "\n", "utf-8")
    mapping.write_text(MAPPING, "utf-8")
    report = import_file(story.app, order_file(file, mapping), lambda _: None)
    assert (report.orders, report.rejected) == (2, 1)


def _wrong_events(story) -> None:
    """Everything that a careless sender would write the person into: refused, and never quoted."""
    data = {"shop": SHOP, "order_no": "X1", "currency": "CNY", "total_minor": 100}
    keys = {"phone": PHONE}
    wrong = [
        story.event("order.paid", data | {"order_no": PHONE}, keys),
        story.event("order.paid", data | {"buyer_name": NAME}, keys),
        story.event("order.paid", data | {NAME: PHONE}, keys),
        story.event("order.paid", data | {"total_minor": NAME}, keys),
        story.event("order.paid", data, keys | {NAME: "x"}),
        story.event("order.paid", data, keys | {"phone": f"{PHONE}9"}),
        story.event("order.paid", data, keys, person={"nick": NAME}),
        story.event("order.paid", data, {}, person={"name": NAME}),
        story.event(NAME, data, keys),
        story.event("order.paid", data, keys) | {"occurred_at": f"{PHONE} {NAME}"},
        story.event("order.paid", data, keys) | {"source": NAME},
        story.event("order.paid", data, keys, name=f"order/{PHONE}"),
        *(
            story.event(
                "order.cancelled", {"shop": SHOP, "order_no": "X", "reason": f"call {said}"}, keys
            )
            for said in NOTATIONS[:4]
        ),
        {PHONE: NAME},
        [NAME],
        f"{PHONE} {NAME}",
    ]  # fmt: skip
    answers = story.send(wrong)
    assert {answer["status"] for answer in answers} == {"rejected"}
    assert [found_in(answer["reason"]) for answer in answers] == [[]] * len(wrong)


def _receipts(story) -> None:
    """A provider that repeats the number it called wherever it can write."""
    call = story.got(PHONE)[1]
    at = story.now.isoformat()
    receipts: list[dict[str, object]] = [
        {"id": call.token, "kind": "failed", "at": at, "receipt_id": f"r{n}", "reason": f"{said}"}
        for n, said in enumerate(NOTATIONS[:4])
    ]
    receipts += [
        {
            "id": call.token, "kind": "call", "at": at, "receipt_id": "c", "answered": True,
            "seconds": 30, "intent": "A", "outcome": f"reached {PHONE}",
            "labels": [f"{PHONE} is willing"],
        },
        {"id": call.token, "kind": "read", "at": at, "receipt_id": "x", "name": NAME},
        {"id": call.token, "kind": NAME, "at": at, "receipt_id": "y"},
    ]  # fmt: skip
    answers = story.receipts(receipts)
    assert [answer["status"] for answer in answers] == ["accepted"] * 5 + ["rejected"] * 2


def _everything(story) -> Iterator[tuple[str, str]]:
    """Every table, row by row, as the database writes it."""
    tables = story.facts(
        "select c.oid::regclass::text from pg_class c where c.relkind in ('r', 'p', 'm')"
        " and not c.relispartition and c.relnamespace = 'public'::regnamespace order by 1"
    )
    for (table,) in tables:
        for (row,) in story.facts(f"select t::text from {table} t"):
            yield table, row


def test_no_table_holds_the_person_in_clear(planted: Planted) -> None:
    rows = list(_everything(planted.story))

    tables = {table for table, _ in rows}
    known = {"event", "event_pending", "identity", "vault_item", "touch", "task", "ledger_entry"}
    assert tables >= known
    assert [(table, found_in(row)) for table, row in rows if found_in(row)] == []


def test_the_person_did_come_in_and_a_reveal_is_in_the_audit_log(planted: Planted) -> None:
    story = planted.story
    (customer,) = story.customers("wm-planted", "external_userid")
    before = story.facts("select count(*) from audit where action = 'reveal'")
    body = {"by": "zhou", "reason": "asked for a call back"}
    shown = story.ask("POST", f"/api/v1/customers/{customer}/reveal", body).json()
    audited = story.facts(
        "select actor, action, object, reason from audit order by id desc limit 1"
    )

    (remark,) = shown.pop("remarks")
    assert shown == {"phone": f"+86{PHONE}", "name": NAME}
    assert (remark["staff"], remark["text"]) == ("guide-1", REMARK)
    assert before == [(0,)]
    assert audited == [("zhou", "reveal", customer, "asked for a call back")]
    refused = story.ask("POST", f"/api/v1/customers/{customer}/reveal", {"by": "z", "reason": " "})
    assert refused.status_code == 400
    assert found_in(refused.text) == []
    assert story.facts("select count(*) from audit where action = 'reveal'") == [(1,)]
    messages = {word for word in (TEXT, NOTE, ADDRESS, HEALTH) for _ in _opened(story, word)}
    assert messages == {TEXT, NOTE, ADDRESS, HEALTH}


def _opened(story, word: str) -> list[str]:
    """The vault's items that are this word, once they are opened with the keys."""
    with story.app.db.transaction() as conn:
        ids = [row[0] for row in conn.fetch("select id from vault_item")]
        return [one for one in open_items(conn, story.app.keys, ids).values() if one == word]


def test_no_answer_of_the_api_shows_more_than_a_mask(planted: Planted) -> None:
    story, answers = planted
    (customer,) = story.customers("wm-planted", "external_userid")
    searches = {"phone": PHONE, "name": NAME, "last4": PHONE[-4:], "external_userid": "wm-planted"}
    for by, value in searches.items():
        assert story.customers(value, by) == [customer]
    for path in (
        f"/api/v1/customers/{customer}", f"/api/v1/customers/{customer}/explain",
        "/api/v1/touches", "/api/v1/tasks", "/api/v1/tasks?state=done", "/api/v1/parcels",
        "/api/v1/tasks?state=cancelled", "/api/v1/events/parked", "/api/v1/journeys",
        "/api/v1/journeys/cascade", "/api/v1/stops", "/healthz", "/openapi.json",
        f"/api/v1/customers/{customer}/consents", f"/api/v1/customers/{customer}/account",
        f"/api/v1/customers/{customer}/children",
        "/api/v1/visits", "/api/v1/promises",
        "/api/v1/ledger/entries", "/api/v1/friends/unmatched", "/api/v1/audit",
        "/api/v1/subscribers",
    ):  # fmt: skip
        assert story.read(path)
    masked = story.read(f"/api/v1/customers/{customer}")

    assert len(answers) > 20
    assert [found_in(answer) for answer in answers if found_in(answer)] == []
    assert "139****4321" in json.dumps(masked)
    assert masked["name"].startswith("欧")


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", f"/api/v1/customers/{PHONE}"),
        ("GET", f"/api/v1/customers/{NAME}/explain"),
        ("GET", f"/api/v1/touches?after={PHONE}"),
        ("GET", f"/api/v1/parcels?after={NAME}&limit={PHONE}"),
        ("POST", f"/api/v1/tasks/{PHONE}/reveal"),
        ("POST", f"/api/v1/customers/{PHONE}/reveal"),
        ("POST", "/api/v1/customers/search"),
    ],
)
def test_a_refusal_repeats_nothing_of_what_was_asked(story, method: str, path: str) -> None:
    answer = story.ask(method, path, {"by": "phone", "value": f"{PHONE}9", "reason": "x"})

    assert 400 <= answer.status_code < 500
    assert found_in(answer.text) == []


def test_no_log_names_the_person_even_when_the_database_refuses_a_row(
    planted: Planted, server: Embedded, capfd: pytest.CaptureFixture[str]
) -> None:
    logs = sorted(path for path in server.home.rglob("*") if path.name in {"log", "postgres.log"})
    written = [path.read_text("utf-8", "replace") for path in logs if path.is_file()]
    said = capfd.readouterr()

    (parked,) = planted.story.read("/api/v1/events/parked")["parked"]
    assert "CheckViolation" in parked["error"]
    assert any("LOG:" in text for text in written)
    assert [found_in(text) for text in [said.out, said.err, *written]] == [[]] * (2 + len(written))


def test_no_command_prints_the_person_but_an_audited_reveal(planted: Planted) -> None:
    story = planted.story
    (customer,) = story.customers("wm-planted", "external_userid")
    home = ("--home", str(story.app.settings.home))
    env = {"SIYU_DATABASE_URL": story.app.settings.database_url}

    def said(*words: str) -> str:
        found = CliRunner().invoke(cli, [*words, *home], env=env)
        assert not isinstance(found.exception, AssertionError | TypeError)
        return found.stdout + found.stderr

    silent = [
        ("explain", PHONE), ("explain", NAME), ("explain", customer, "--json"),
        ("find", PHONE, "--json"), ("find", NAME), ("explain", f"{PHONE}9"), ("find", f"{NAME}啊"),
        ("events", "parked", "--json"), ("journey", "show", "cascade", "--json"),
        ("reveal", PHONE, "--by", "zhou", "--reason", " "), ("doctor", "--json"),
        ("customer", "health", customer), ("customer", "health", customer, "--json"),
    ]  # fmt: skip
    printed = {words: said(*words) for words in silent}
    shown = json.loads(said("reveal", PHONE, "--by", "zhou", "--reason", "call back", "--json"))

    assert {words: found_in(text) for words, text in printed.items() if found_in(text)} == {}
    assert customer in printed["find", PHONE, "--json"]
    assert "CheckViolation" in printed["events", "parked", "--json"]
    assert (shown["phone"], shown["name"]) == (f"+86{PHONE}", NAME)
    revealed = story.facts("select actor, reason from audit where action = 'reveal'")
    assert revealed == [("zhou", "call back")]
