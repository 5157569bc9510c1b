"""The OpenAPI document is a contract: whatever is asked, the answer has a form that it says."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import quote

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from siyu.api.http import make

NOBODY: Any = None
DOCUMENT = make(NOBODY).openapi()
OPERATIONS = [
    (f"{method.upper()} {path}", path, operation)
    for path, methods in DOCUMENT["paths"].items()
    for method, operation in methods.items()
]


def _shape(schema: dict[str, Any]) -> dict[str, Any]:
    reference = schema.get("$ref")
    return DOCUMENT["components"]["schemas"][reference.rpartition("/")[2]] if reference else schema


def _fits(value: Any, schema: dict[str, Any], where: str = "") -> list[str]:
    """Where a value is not of the form that a schema says."""
    schema = _shape(schema)
    if "anyOf" in schema:
        found = [_fits(value, one, where) for one in schema["anyOf"]]
        return [] if [] in found else found[0]
    if "enum" in schema or "const" in schema:
        allowed = schema.get("enum", [schema.get("const")])
        return [] if value in allowed else [f"{where}: {value!r}"]
    kinds = schema.get("type", [])
    kinds = [kinds] if isinstance(kinds, str) else kinds
    if kinds and not any(_is(value, kind) for kind in kinds):
        return [f"{where}: {value!r} is no {kinds}"]
    wrong = [
        f"{where}.{name} is missing" for name in schema.get("required", []) if name not in value
    ]
    if isinstance(value, dict):
        inner = schema.get("properties", {})
        rest = schema.get("additionalProperties")
        for name, one in value.items():
            if name in inner or isinstance(rest, dict):
                wrong += _fits(one, inner.get(name, rest), f"{where}.{name}")
            elif inner:
                wrong.append(f"{where}.{name} is not said")
    if isinstance(value, list):
        for one in value:
            wrong += _fits(one, schema.get("items", {}), f"{where}[]")
    return wrong


def _is(value: Any, kind: str) -> bool:
    types: dict[str, Any] = {
        "string": str, "integer": int, "number": (int, float), "boolean": bool, "null": type(None),
        "object": dict, "array": list,
    }  # fmt: skip
    return isinstance(value, types[kind]) and (isinstance(value, bool) == (kind == "boolean"))


@pytest.mark.parametrize(("name", "path", "operation"), OPERATIONS, ids=lambda one: str(one)[:60])
def test_everything_has_words_and_an_example_of_its_own_form(
    name: str, path: str, operation: dict[str, Any]
) -> None:
    for one in operation.get("parameters", []):
        assert one["description"], one["name"]
        assert _fits(one["example"], one["schema"], one["name"]) == []
    for body in (operation.get("requestBody", {}), *operation["responses"].values()):
        for content in body.get("content", {}).values():
            assert _fits(content["example"], content["schema"]) == []


@pytest.mark.parametrize("where", ["path", "query"])
def test_no_word_of_an_address_that_cannot_be_stored_reaches_the_database(door, where: str) -> None:
    """Each of them, not only those that chance draws below."""
    wrong: list[tuple[str, str, int]] = []
    for name, path, operation in OPERATIONS:
        said = [one for one in operation.get("parameters", []) if one["in"] in ("path", "query")]
        content = operation.get("requestBody", {}).get("content", {})
        body = content.get("application/json", {}).get("example")
        for broken in said:
            if broken["in"] != where or _shape(broken["schema"]).get("type") != "string":
                continue
            asked, query = path, {}
            for one in said:
                text = "a\x00b" if one is broken else str(one["example"])
                if one["in"] == "path":
                    asked = asked.replace(f"{{{one['name']}}}", quote(text, safe=""))
                elif one is broken or one.get("required"):
                    query[one["name"]] = text
            method = name.partition(" ")[0]
            answer = door.http.request(method, asked, params=query, json=body, headers=door.key)
            if answer.status_code not in (400, 404, 422):
                wrong.append((name, broken["name"], answer.status_code))
    assert wrong == []


def _values_of(schema: dict[str, Any]) -> Any:
    """What a careful caller sends, and what a careless one does."""
    schema = _shape(schema)
    junk = st.sampled_from(["", "x", "\x00", "1e9", "-1", "tch_0000000000000", "林", "a" * 600])
    if "anyOf" in schema:
        return st.one_of([_values_of(one) for one in schema["anyOf"]])
    if "enum" in schema:
        return st.sampled_from(schema["enum"]) | junk
    if "properties" in schema:
        must = set(schema.get("required", []))
        parts = {name: _values_of(one) for name, one in schema["properties"].items()}
        whole = st.fixed_dictionaries(
            {name: one for name, one in parts.items() if name in must},
            optional={name: one for name, one in parts.items() if name not in must},
        )
        return whole | st.sampled_from([None, [], {}, "x", 7])
    if schema.get("type") == "array":
        return st.lists(_values_of(schema.get("items", {})) | junk, max_size=2)
    if isinstance(schema.get("additionalProperties"), dict):
        return st.dictionaries(junk, _values_of(schema["additionalProperties"]), max_size=2)
    plain = {
        "integer": st.integers(-2, 1001) | st.just(10**30), "boolean": st.booleans(),
        "number": st.floats(), "null": st.none(),
    }  # fmt: skip
    return plain.get(str(schema.get("type")), junk) | junk


@pytest.mark.parametrize(
    ("name", "path", "operation"),
    [
        one
        for one in OPERATIONS
        if "x-once" in one[2]
        and not one[1].endswith("/test")
        and "text/event-stream" not in one[2]["responses"]["200"]["content"]  # test_live.py
    ],
    ids=lambda one: str(one)[:60],
)
@settings(max_examples=12)
@given(drawn=st.data())
def test_whatever_is_asked_the_answer_is_as_the_document_says(
    door, name: str, path: str, operation: dict[str, Any], drawn: Any
) -> None:
    asked, query = path, {}
    for one in operation.get("parameters", []):
        if one["in"] == "header" or not (one.get("required") or drawn.draw(st.booleans())):
            continue
        value = drawn.draw(_values_of(one["schema"]))
        text = str(drawn.draw(st.sampled_from([value, one["example"]])))
        if one["in"] == "path":
            asked = asked.replace(f"{{{one['name']}}}", quote(text, safe="") or "x")
        else:
            query[one["name"]] = text
    form = operation.get("requestBody", {}).get("content", {}).get("application/json")
    body = None if form is None else json.dumps(drawn.draw(_values_of(form["schema"])))
    answer = door.http.request(
        name.partition(" ")[0], asked, params=query, content=body,
        headers={**door.key, "Content-Type": "application/json"},
    )  # fmt: skip

    if answer.status_code == 200:
        told = operation["responses"]["200"]["content"]
        kind = answer.headers["content-type"].partition(";")[0]
        assert kind in told
        if kind != "application/json":
            assert answer.text
            return
        schema = told["application/json"]["schema"]
        assert _fits(answer.json(), schema) == []
        return
    assert answer.status_code in {400, 404, 409, 422}, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    form = operation["responses"]["default"]["content"]["application/problem+json"]
    assert _fits(answer.json(), form["schema"]) == []
