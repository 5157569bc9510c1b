"""Whose customers an account sees, by every door there is: what is out of scope is not there."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest
from fastapi.routing import APIRoute
from tests.people import People, Person

from siyu.api.http import PREFIX, ROUTERS
from siyu.staff.actions import seed
from siyu.staff.model import Member, Sees, Store
from siyu.staff.views import audited

STORES = [
    Store("hz-1", "湖滨店", "华东"),
    Store("sh-1", "新天地店", "华东"),
    Store("gz-1", "天河店", "华南"),
]
STAFF = [
    Member("guide-1", "Zhou", "guide", "hz-1"),
    Member("guide-2", "Wu", "guide", "hz-1"),
    Member("guide-3", "Zheng", "guide", "sh-1"),
    Member("guide-4", "Shen", "guide", "gz-1"),
    Member("lead", "Lead", "guide", "hz-1"),
    Member("east", "East", "operator"),
    Member("shop", "Shop", "operator", "gz-1"),
    Member("ana", "Ana", "operator"),
]
SEES = {"lead": Sees("store"), "east": Sees("region", "华东")}
# Each customer by the guide whose friend they are; the last one is nobody's friend.
PHONES = {
    "guide-1": "13800000001", "guide-2": "13800000002", "guide-3": "13800000003",
    "guide-4": "13800000004", "": "13800000005",
}  # fmt: skip
SEEN = {
    "guide-1": {"guide-1"},
    "lead": {"guide-1", "guide-2"},
    "east": {"guide-1", "guide-2", "guide-3"},
    "shop": {"guide-4"},
    "ana": set(PHONES),
}
OF_ONE = [
    route.path
    for router in ROUTERS
    for route in router.routes
    if isinstance(route, APIRoute)
    and "{customer}" in route.path
    and "GET" in (route.methods or ())
    and (route.openapi_extra or {}).get("x-scoped")
]


class House:
    """An installation with three stores, and who sits at its consoles."""

    def __init__(self, story: Any, people: People) -> None:
        self.story = story
        self.people = people
        self.customers = {code: story.customers(phone)[0] for code, phone in PHONES.items()}

    def at(self, code: str) -> Person:
        return self.people.signed_in(code, SEES.get(code, Sees()))


@pytest.fixture
def house(story: Any) -> Iterator[House]:
    with story.app.db.transaction() as conn:
        seed(conn, story.app.brand, STORES, STAFF)
    for number, (staff, phone) in enumerate(PHONES.items()):
        story.send([story.paid(f"S{number}", phone)])
        if staff:
            keys = {"external_userid": f"wm-{number}", "phone": phone}
            story.tell("friend.added", {"staff": staff}, keys)
    story.tick()
    people = People(story.app, story.http.base_url)
    yield House(story, people)
    people.close()


def test_every_door_to_one_customer_is_shut_to_whoever_does_not_serve_them(house: House) -> None:
    found = {
        (code, path): {
            staff
            for staff, customer in house.customers.items()
            if person.status("GET", path[1:].replace("{customer}", customer)) == 200
        }
        for code in ("guide-1", "lead", "shop", "ana")
        for person in [house.at(code)]
        for path in OF_ONE
    }

    assert len(OF_ONE) >= 7
    assert found == {(code, path): SEEN[code] for code, path in found}


@pytest.mark.parametrize("code", SEEN)
def test_searches_and_lists_show_no_more_than_the_scope(house: House, code: str) -> None:
    person = house.at(code)
    ids = {customer: staff for staff, customer in house.customers.items()}

    def asked(path: str, body: dict[str, str]) -> Any:
        answer = person.ask("POST", path, body)
        assert answer.status_code == 200, answer.text
        return answer.json()

    by_key = {
        staff
        for staff, phone in PHONES.items()
        if asked("customers/search", {"by": "phone", "value": phone})["customers"]
    }
    by_box = {
        staff for staff, phone in PHONES.items() if asked("customers/find", {"text": phone})["hits"]
    }
    listed = person.ask("GET", "customers").json()["customers"]

    assert by_key == by_box == SEEN[code]
    assert {ids[one["customer"]] for one in listed} == SEEN[code]


def test_what_is_out_of_scope_is_refused_as_what_is_not_there(house: House) -> None:
    person, mine, other = house.at("lead"), house.customers["guide-1"], house.customers["guide-4"]
    nobody = house.story.app.ids.encode("cus", 999_999)

    def said(customer: str) -> str:
        answer = person.ask("GET", f"customers/{customer}/overview")
        assert answer.status_code == 404
        return answer.text

    assert person.status("GET", f"customers/{mine}/overview") == 200
    assert said(other) == said(nobody)


def test_nobody_writes_to_a_customer_out_of_scope(house: House) -> None:
    shop, other = house.at("shop"), house.customers["guide-1"]
    note = {"state": "withdrawn", "channels": ["sms"], "evidence": "said so"}

    assert shop.status("POST", f"customers/{other}/consents", note) == 404
    assert shop.status("POST", f"customers/{other}/reveal", {"reason": "call"}) == 404
    assert shop.status("POST", f"customers/{other}/tags", {"add": ["x"], "remove": []}) in (
        404,
        422,
    )
    merge = {"other": other, "why": "same"}
    assert shop.status("POST", f"customers/{house.customers['guide-4']}/merge", merge) == 403
    with house.story.app.db.transaction() as conn:
        assert {one.action for one in audited(conn, 100)} <= {
            "account.add", "session.begin", "journey.publish", "playbook.install",
        }  # fmt: skip


def _tasks(house: House) -> dict[str, dict[str, Any]]:
    """Several buyers whom the AI call found willing: a task each, of whichever guide."""
    story = house.story
    phones = [f"1390000{number}" for number in range(1000, 1008)]
    for phone in phones:
        story.pay(story.order(), phone)
    story.go(minutes=6)
    for phone in phones:
        story.call_ends(story.got(phone)[-1], "A")
    story.go(minutes=1)
    return {one["id"]: one for one in story.tasks()}


def test_tasks_are_shown_done_and_revealed_within_the_scope_only(house: House) -> None:
    tasks = _tasks(house)
    assert len({one["staff"] for one in tasks.values()}) > 2
    person = house.at("guide-1")
    mine = {task for task, one in tasks.items() if one["staff"] == "guide-1"}
    why = {"reason": "to call"}

    listed = {one["id"] for one in person.ask("GET", "tasks").json()["tasks"]}
    read = {task for task in tasks if person.status("GET", f"tasks/{task}") == 200}
    revealed = {task: person.ask("POST", f"tasks/{task}/reveal", why).status_code for task in tasks}
    done = {
        task
        for task in tasks
        if person.status("POST", f"tasks/{task}/done", {"outcome": "agreed"}) == 200
    }

    assert mine
    assert listed == read == done == mine
    assert revealed == {task: 200 if task in mine else 404 for task in tasks}
    with house.story.app.db.transaction() as conn:
        looks = [one for one in audited(conn, 100) if one.action == "reveal"]
    assert {(one.actor, one.object) for one in looks} == {("guide-1", task) for task in mine}


def test_a_guide_sees_a_phone_through_their_task_and_by_no_other_door(house: House) -> None:
    own = house.customers["guide-1"]

    answer = house.at("guide-1").ask("POST", f"customers/{own}/reveal", {"reason": "curious"})

    assert answer.status_code == 403
    assert answer.json()["problems"][0]["why"] == "customers.reveal"


def test_a_guide_knows_the_colleagues_of_their_store(house: House) -> None:
    def codes(code: str) -> set[str]:
        return {one["code"] for one in house.at(code).ask("GET", "staff").json()["staff"]}

    assert codes("guide-1") == {"guide-1", "guide-2", "lead"}
    assert codes("guide-4") == {"guide-4", "shop"}
    assert codes("ana") == {one.code for one in STAFF}


def test_every_route_that_does_not_keep_to_a_scope_is_shut_to_a_narrow_one(house: House) -> None:
    person = house.at("shop")
    closed = [
        (method, PREFIX + route.path)
        for router in ROUTERS
        for route in router.routes
        if isinstance(route, APIRoute) and (route.openapi_extra or {}).get("x-scoped") is False
        for method in route.methods or ()
    ]

    answers = {
        (method, path): person.ask(
            method, re.sub(r"\{[^}]*\}", "x", path).removeprefix(f"{PREFIX}/"), {}
        )
        for method, path in closed
    }

    assert len(closed) > 40
    assert {one: said.status_code for one, said in answers.items() if said.status_code != 403} == {}
    assert {said.json()["code"] for said in answers.values()} == {"out_of_scope", "forbidden"}
