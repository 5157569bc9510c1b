"""The OpenAPI document beyond what the framework draws: words and an example for everything."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, cast

# By the name of a field or parameter, which is a word of the domain and means one thing everywhere.
EXAMPLES: Mapping[str, object] = {
    "action": "customer.reveal",
    "actor": "ana",
    "after": "tch_3v9k2m0qz7r4d",
    "about": "sms",
    "above_minor": 200_000,
    "above_people": 5_000,
    "again_after": "3h",
    "again_hours": "10:00-20:00",
    "amount_minor": 12,
    "basis": "consent",
    "by": "ana",
    "capacity": {"call": 40},
    "channel": "sms",
    "claim": "mat_4h7c0d9w2x5ve",
    "code": "cascade",
    "content": "gift",
    "currency": "CNY",
    "customer": "cus_5q0x8w2n7hc1e",
    "day": "2026-11-20",
    "days": 7,
    "error": "",
    "evidence": "form 2026-11-20/17",
    "escalated_to": "lead-1",
    "figure": "orders",
    "friend": "frd_6k1r3g8a5m0nz",
    "guide": "guide-1",
    "hours": "09:00-12:00,13:00-18:00",
    "id": "tch_3v9k2m0qz7r4d",
    "intent": "A",
    "journey": "cascade",
    "key": "tmall-flagship/T1",
    "kind": "sms_segment",
    "kinds": ["order.paid", "friend.added"],
    "layer": "*",
    "map": {"five-minutes": "half-an-hour"},
    "most": 4,
    "new": 2,
    "next": "tch_3v9k2m0qz7r4d",
    "name_masked": "林**",
    "node": "sms",
    "offer": "mask",
    "old": 1,
    "order_no": "T1",
    "overdue_after": "1d",
    "outcome": "agreed",
    "parcel_no": "P1",
    "per_day": 40,
    "phone_masked": "138****1234",
    "pilot": 100,
    "playbook": "cascade",
    "people": 120,
    "pick": "pck_4c7w1q8e2rn5a",
    "purpose": "order_invitation",
    "rates": "sms: {reached: [0.9, 0.95, 0.99]}",
    "reason": "call back",
    "rule": "asks-of-size",
    "scope": "channel:sms",
    "segment": "loyal",
    "shop": "tmall-flagship",
    "source": "new-orders",
    "staff": "guide-1",
    "style": "runner-7",
    "month": "2025-03",
    "child": 1,
    "request": "pay_3v9k2m0qz7r4d",
    "place": "hz-1",
    "few": 2,
    "step": "sms",
    "store": "west",
    "subscriber": "sub_1t6b4y9f0jm3k",
    "task": "tsk_8d2p5z1s6gv7a",
    "target": 0.48,
    "to": "guide-1",
    "text": "journey: cascade\n…",
    "touch": "tch_3v9k2m0qz7r4d",
    "url": "https://erp.example/siyu",
    "value": "tmall-flagship/T1",
    "version": 2,
    "week": {"mon": "09:00-12:00,13:00-18:00"},
    "who": "guide-1",
    "work": "call",
}
# Of parameters that say nothing themselves.
WORDS: Mapping[str, str] = {
    "address": "A phone, or the account on the carrier.",
    "by": "Who does it: with the API key; in a session it is the account that is signed in.",
    "claim": "The claim's public id, mat_….",
    "code": "The journey's code.",
    "friend": "The friend's public id, frd_….",
    "node": "The name of a step in the journey's text.",
    "order": "The order's public id, ord_….",
    "page": "The page's code.",
    "name": "Which report.",
    "upload": "The upload's public id.",
    "list": "The list's public id.",
    "moment": "The Moment's id.",
    "request": "The request's public id, pay_….",
    "pick": "The list's public id, pck_….",
    "rule": "The code of a rule of tags.",
    "reservation": "The reservation's public id, prm_….",
    "warehouse": "Only of this warehouse.",
    "form": "`csv` or `xlsx`.",
    "run": "The dry run's public id, dry_….",
    "segment": "The segment's code.",
    "show": "Which of them.",
    "connector": "The connector's name.",
    "customer": "The customer's public id, cus_…; one that was merged leads to who stays.",
    "day": "A day by the brand's clocks.",
    "escalated_to": "Only those that were told upwards to this account.",
    "kind": "Only of this kind.",
    "limit": "So many at most.",
    "playbook": "The playbook's name.",
    "new": "The later version.",
    "old": "The earlier version.",
    "other": "The public id of the customer who may be the same person.",
    "staff": "Only of this account of staff.",
    "state": "Only those in this state.",
    "store": "The store's code.",
    "subscriber": "The subscriber's public id, sub_….",
    "task": "The task's public id, tsk_….",
    "touch": "The touch's public id, tch_….",
    "version": "The number of a version.",
    "who": "An account of staff; `*` is everybody who has nothing of their own set.",
    "work": "A kind of work, such as call; `*`: all kinds.",
    "X-Siyu-Signature": "Hex HMAC-SHA256 of timestamp, a point and the body, under the secret.",
    "X-Siyu-Timestamp": "Unix seconds, at most five minutes away from our clock.",
}
_PLAIN: Mapping[str, object] = {
    "string": "…", "integer": 1, "number": 0.5, "boolean": True, "null": None, "object": {},
    "array": [],
}  # fmt: skip
_TIME = "2026-11-20T02:00:00Z"


def complete(document: dict[str, Any]) -> None:
    """Give every parameter words and an example, every JSON body an example, and `by` words."""
    known: dict[str, Any] = document.get("components", {}).get("schemas", {})
    for schema in known.values():
        by = schema.get("properties", {}).get("by", {})
        if by.get("default") == "":  # whoever a body says it is done by; elsewhere `by` is a key
            by["description"] = WORDS["by"]
    for methods in document["paths"].values():
        for operation in methods.values():
            for one in operation.get("parameters", ()):
                one.setdefault("description", WORDS.get(one["name"], ""))
                if "example" not in one:
                    one["example"] = example(one["schema"], known, one["name"])
            bodies = [operation.get("requestBody", {}), *operation["responses"].values()]
            for body in bodies:
                for content in body.get("content", {}).values():
                    if "example" not in content:
                        content["example"] = example(content["schema"], known)


def example(schema: Mapping[str, Any], known: Mapping[str, Any], name: str = "") -> Any:
    """A value of this form, with words of the domain in it."""
    if "$ref" in schema:
        schema = known[schema["$ref"].rpartition("/")[2]]
    if "anyOf" in schema:
        return example(schema["anyOf"][0], known, name)
    if "properties" in schema:
        return {one: example(inner, known, one) for one, inner in schema["properties"].items()}
    if "enum" in schema or "const" in schema:
        return schema.get("enum", [schema.get("const")])[0]
    said = _TIME if schema.get("format") == "date-time" else EXAMPLES.get(name)
    kind = schema.get("type", "object")
    if kind == "array":
        return _listed(said, schema.get("items", {}), known)
    if type(said) is type(_PLAIN[kind]):
        return said
    return schema.get("default", _PLAIN[kind])


def _listed(said: object, items: Mapping[str, Any], known: Mapping[str, Any]) -> list[Any]:
    """What is said of a list, where its items may be that; else one of its items."""
    if "$ref" in items:
        items = known[items["$ref"].rpartition("/")[2]]
    if isinstance(said, list) and items.get("type") == "string":
        words = cast("list[str]", said)
        if "enum" not in items or set(words) <= set(items["enum"]):
            return words
    return [example(items, known)]
