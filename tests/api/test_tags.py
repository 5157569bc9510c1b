"""Rules of tags over HTTP: checked line by line, and whom they tagged."""

from __future__ import annotations

from typing import Any

RULE = """\
rule: buyers
when: {product: {title: [面膜, mask]}}
tag: mask-buyer
"""


def check(story: Any, text: str) -> list[dict[str, Any]]:
    answer = story.ask("POST", "/api/v1/tags/rules/check", {"text": text})
    assert answer.status_code == 200, answer.text
    return answer.json()["problems"]


def test_a_text_of_rules_is_checked_and_nothing_is_kept(story) -> None:
    assert check(story, RULE) == []
    (wrong,) = check(story, RULE + "---\nrule: second\nwhen: {product: {colour: red}}\ntag: red\n")

    assert wrong["line"] == 6
    assert "colour" in wrong["why"]
    assert story.ask("GET", "/api/v1/tags/rules").json()["rules"] == []


def test_the_log_names_whom_a_rule_tagged_masked_and_dropped_rules_are_shown_if_asked(
    story,
) -> None:
    story.ask("PUT", "/api/v1/tags/rules", {"text": RULE, "by": "ana"})
    phone = "13800000001"
    (line,) = [{"sku": "M", "title": "补水面膜", "quantity": 1, "unit_minor": 9, "amount_minor": 9}]
    paid = story.paid("O1", phone)
    paid["data"]["lines"] = [line]
    story.send([paid])
    story.tick()
    story.ask("POST", "/api/v1/tags/rules/buyers/drop", {"by": "ana"})

    (hit,) = story.ask("GET", "/api/v1/tags/hits?rule=buyers").json()["hits"]
    other = story.ask("GET", "/api/v1/tags/hits?rule=nobody").json()["hits"]
    (whose,) = story.customers(phone)

    assert (hit["rule"], hit["tag"], hit["customer"], hit["kind"]) == (
        "buyers", "mask-buyer", whose, "order.paid",
    )  # fmt: skip
    assert (other, story.ask("GET", "/api/v1/tags/rules").json()["rules"]) == ([], [])
    (dropped,) = story.ask("GET", "/api/v1/tags/rules?dropped=true").json()["rules"]
    assert (dropped["code"], dropped["hits"]) == ("buyers", 1)
