"""The OpenAPI document names every route, refers to nothing that is not there, and is true."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest
from fastapi.routing import APIRoute

from siyu.api.http import PREFIX, ROUTERS, make

METHODS = {"get", "post", "put", "patch", "delete"}


def _document() -> dict[str, Any]:
    nobody: Any = None
    return make(nobody).openapi()


DOCUMENT = _document()
OPERATIONS = [
    (f"{method.upper()} {path}", path, operation)
    for path, methods in DOCUMENT["paths"].items()
    for method, operation in methods.items()
]


def _values(value: Any, name: str) -> Iterator[Any]:
    if isinstance(value, dict):
        if name in value:
            yield value[name]
        for one in value.values():
            yield from _values(one, name)
    elif isinstance(value, list):
        for one in value:
            yield from _values(one, name)


def test_every_route_is_in_it() -> None:
    served = {
        f"{method} {PREFIX}{route.path}"
        for router in ROUTERS
        for route in router.routes
        if isinstance(route, APIRoute)
        for method in route.methods or ()
    }
    by_hand = {
        "GET /healthz",
        "GET /metrics",
        f"POST {PREFIX}/events",
        "POST /hooks/{connector}/receipts",
    }

    assert {name for name, _, _ in OPERATIONS} == served | by_hand


def test_it_is_served_as_it_is_made(story) -> None:
    assert story.http.get("/openapi.json").json() == DOCUMENT


def test_it_has_the_form_of_its_version() -> None:
    assert re.fullmatch(r"3\.1\.\d", DOCUMENT["openapi"])
    assert DOCUMENT["info"].keys() >= {"title", "version"}
    assert all(path.startswith("/") for path in DOCUMENT["paths"])
    assert all(set(one) <= METHODS for one in DOCUMENT["paths"].values())


def test_every_reference_leads_somewhere() -> None:
    for reference in _values(DOCUMENT["paths"], "$ref"):
        found: Any = DOCUMENT
        for part in reference.removeprefix("#/").split("/"):
            found = found[part]
        assert found


def test_no_two_operations_have_one_id() -> None:
    names = [operation["operationId"] for _, _, operation in OPERATIONS]

    assert len(names) == len(set(names))


@pytest.mark.parametrize(("name", "path", "operation"), OPERATIONS, ids=lambda one: str(one)[:60])
def test_an_operation_says_what_it_takes_and_gives(
    name: str, path: str, operation: dict[str, Any]
) -> None:
    parameters = operation.get("parameters", [])
    known = [(one["in"], one["name"]) for one in parameters]

    assert operation["summary"]
    assert operation["description"]
    assert len(known) == len(set(known))
    assert {one for place, one in known if place == "path"} == set(re.findall(r"\{(\w+)\}", path))
    assert all(one["required"] for one in parameters if one["in"] == "path")
    assert all("schema" in one for one in parameters)
    answers = operation["responses"]["200"]["content"].values()
    assert answers
    assert all(answer["schema"] for answer in answers)


@pytest.mark.parametrize(("name", "path", "operation"), OPERATIONS, ids=lambda one: str(one)[:60])
def test_an_operation_says_how_it_refuses(name: str, path: str, operation: dict[str, Any]) -> None:
    refused = {status: one for status, one in operation["responses"].items() if status != "200"}

    assert "422" not in refused  # the framework's own form is not ours
    if path != "/healthz":
        assert refused
    if "default" in refused:
        assert list(refused["default"]["content"]) == ["application/problem+json"]


def _shape(schema: dict[str, Any]) -> dict[str, Any]:
    reference = schema.get("$ref")
    return DOCUMENT["components"]["schemas"][reference.rpartition("/")[2]] if reference else schema


@pytest.mark.parametrize(
    "path",
    ["touches", "tasks", "journeys", "parcels", "stops", "events/parked", "journeys/cascade"],
)
def test_what_a_list_answers_is_what_it_says(story, path: str) -> None:
    order = story.order()
    story.pay(order, "13800000001")
    story.go(minutes=6)
    story.call_ends(story.got("13800000001")[1], "A")
    story.go(minutes=1)
    template = "journeys/{code}" if path == "journeys/cascade" else path
    schema = DOCUMENT["paths"][f"{PREFIX}/{template}"]["get"]["responses"]["200"]["content"]
    said = _shape(schema["application/json"]["schema"])

    answer = story.read(f"{PREFIX}/{path}")

    if "properties" in said:
        assert set(answer) == set(said["properties"])
    for name, rows in answer.items():
        items = said.get("properties", {}).get(name, {}).get("items", {})
        for row in rows if isinstance(rows, list) and "$ref" in items else []:
            assert set(row) == set(_shape(items)["properties"])
