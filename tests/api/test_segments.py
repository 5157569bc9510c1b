"""Sets of customers over HTTP: a text is checked, counted and explained before it is kept."""

from __future__ import annotations

from typing import Any

from siyu.api.http import PREFIX

PATH = f"{PREFIX}/segments"
TEXT = """segment: buyers
title: {zh: 买过的人, en: Buyers}
live: true
when:
  all: [{orders: {}}, {not: {friend: true}}]
"""
PHONE = "13800000001"


def test_a_set_is_looked_at_kept_and_retired(story: Any) -> None:
    story.pay(story.order(), PHONE)
    story.go(seconds=1)
    (customer,) = story.customers(PHONE)

    def ask(path: str, body: dict[str, Any]) -> Any:
        answer = story.ask("POST", f"{PATH}/{path}", body)
        assert answer.status_code == 200, answer.text
        return answer.json()

    wrong = ask("check", {"text": TEXT.replace("friend", "freind")})
    good = ask("check", {"text": "not: {friend: true}"})
    counted = ask("count", {"text": TEXT})
    people = ask("sample", {"text": TEXT})["customers"]
    because = ask(f"explain/{customer}", {"text": TEXT})
    kept = story.ask("PUT", PATH, {"text": TEXT, "by": "ana"}, **{"Idempotency-Key": "s1"})
    again = story.ask("PUT", PATH, {"text": TEXT, "by": "ana"}, **{"Idempotency-Key": "s1"})
    story.go(seconds=1)
    (listed,) = story.read(PATH)["segments"]
    shown = story.read(f"{PATH}/buyers")
    ask("buyers/retire", {"by": "ben"})

    assert [(one["line"], one["where"]) for one in wrong["problems"]] == [
        (5, "when.all[1].not.freind")
    ]
    assert good == {"problems": [], "conditions": {"not": {"friend": True}}}
    assert (counted["customers"], counted["everybody"], len(counted["parts"])) == (1, 1, 4)
    assert [one["customer"] for one in people] == [because["customer"]] == [customer]
    assert "****" in people[0]["phone_masked"]
    assert because["member"]
    assert because["parts"][1]["fact"].startswith("1 order, last ")
    assert kept.json() == again.json()
    assert again.headers["Idempotency-Replayed"] == "true"
    assert (listed["live"], listed["filling"], listed["version"]) == (True, False, 1)
    assert [one["set_by"] for one in shown["versions"]] == ["ana"]
    assert story.read(PATH)["segments"][0]["retired_at"]
    assert story.ask("POST", f"{PATH}/count", {"code": "buyers"}).status_code == 404
