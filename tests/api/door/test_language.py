"""What people read of a refusal comes in the language that they ask for; codes stay."""

from __future__ import annotations

import re

import pytest

from siyu.api.http import PREFIX
from siyu.api.language import asked
from siyu.api.validated import ELSE, ZH, why

HAN = re.compile(r"[\u4e00-\u9fff]")


@pytest.mark.parametrize(
    ("header", "language"),
    [
        ("", "en"),
        ("zh", "zh"),
        ("zh-CN,zh;q=0.9,en;q=0.8", "zh"),
        ("en-GB,en;q=0.9,zh;q=0.8", "en"),
        ("en;q=0.5, ZH-Hans;q=0.7", "zh"),
        ("fr, zh;q=0", "en"),
        ("de,zh;q=nonsense", "en"),
        ("*", "en"),
        (",;,=;q=", "en"),
        ("zh;q=nan", "en"),
    ],
)
def test_the_best_liked_of_the_two_languages_is_taken(header: str, language: str) -> None:
    assert asked(header) == language


@pytest.mark.parametrize(
    ("method", "path", "body", "status"),
    [
        ("GET", f"{PREFIX}/tasks/nobody", None, 404),
        ("GET", f"{PREFIX}/nothing", None, 404),
        ("PUT", f"{PREFIX}/pause", None, 405),
        ("POST", f"{PREFIX}/pause", {}, 400),
        ("POST", f"{PREFIX}/pause", {"by": ["x"]}, 422),
        ("POST", f"{PREFIX}/journeys", {"text": "x: 1"}, 400),
        ("GET", f"{PREFIX}/touches?limit=0", None, 422),
        ("GET", f"{PREFIX}/touches?after=elsewhere", None, 400),
    ],
)
def test_a_refusal_is_said_in_chinese_or_in_english_and_is_the_same_otherwise(
    door, method: str, path: str, body: object, status: int
) -> None:
    answers = {
        language: door.http.request(
            method, path, json=body, headers={**door.key, "Accept-Language": language}
        )
        for language in ("zh-CN", "en")
    }
    zh, en = (answers[one].json() for one in ("zh-CN", "en"))

    assert [one.status_code for one in answers.values()] == [status, status]
    assert [one.headers["content-language"] for one in answers.values()] == ["zh", "en"]
    assert (zh["code"], zh["type"]) == (en["code"], en["type"])
    assert HAN.search(zh["detail"])
    assert not HAN.search(en["detail"])
    places = [(one["where"], one["line"]) for one in en.get("problems", [])]
    assert [(one["where"], one["line"]) for one in zh.get("problems", [])] == places
    assert all(HAN.search(one["why"]) for one in zh.get("problems", []))
    assert not any(HAN.search(one["why"]) for one in en.get("problems", []))


def test_without_a_key_the_way_in_is_said_in_chinese_too(door) -> None:
    answer = door.http.get(f"{PREFIX}/touches", headers={"Accept-Language": "zh"})

    assert answer.status_code == 401
    assert HAN.search(answer.json()["detail"])


def test_a_rule_of_the_validator_is_filled_with_what_it_compares_to() -> None:
    found = {"type": "less_than_equal", "msg": "Input should be less than 9", "ctx": {"le": 9}}

    assert why(found) == "should be less than 9"
    assert why(found).zh == "不能大于 9"
    assert why({"type": "of another release", "msg": "x"}).zh == ELSE
    assert all(HAN.search(one) for one in ZH.values())
