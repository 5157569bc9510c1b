"""Journeys as a console shows them: drawn, with people behind every figure, and safe to change."""

from __future__ import annotations

from typing import Any

import pytest

CASCADE = "/api/v1/journeys/cascade"
MEI = "13800000001"


@pytest.fixture
def mei(story: Any) -> Any:
    """One buyer, whose name is known, waits before the call."""
    story.pay(story.order(), MEI)
    story.tick()
    return story


def test_a_journey_is_drawn_as_its_text_says_with_who_is_where(mei: Any) -> None:
    graph = mei.read(f"{CASCADE}/graph")
    nodes = {node["id"]: node for node in graph["nodes"]}

    assert (graph["version"], graph["title"]["en"]) == (1, "Add-friend cascade")
    assert (nodes["five-minutes"]["now"], nodes["sms"]["sent"], nodes["sms"]["passed"]) == (1, 1, 1)
    text = mei.read(CASCADE)["text"].splitlines()
    assert "id: five-minutes" in text[nodes["five-minutes"]["line"] - 1]
    (edge,) = [one for one in graph["edges"] if one["source"] == "sms"]
    assert (edge["to"], edge["code"], edge["weight"]) == ("five-minutes", "next", 1)
    assert graph["cohort"]["visits"] == 1


def test_people_at_a_step_are_masked_and_lead_to_their_customer(mei: Any) -> None:
    (customer,) = mei.customers(MEI)
    answer = mei.ask("GET", f"{CASCADE}/nodes/five-minutes/visits")

    (person,) = answer.json()["people"]
    assert (person["customer"], person["state"]) == (customer, "under_way")
    assert person["until"] > person["since"]
    assert [one["code"] for one in person["last"]["passed"]] == ["promised", "wished"]
    assert MEI not in answer.text
    assert answer.json()["next"] == ""


def test_pages_of_people_go_on_where_the_one_before_ended(mei: Any) -> None:
    mei.pay(mei.order(), "13800000002")
    mei.tick()
    path = f"{CASCADE}/nodes/five-minutes/visits?limit=1"
    first = mei.read(path)
    second = mei.read(f"{path}&after={first['next']}")
    third = mei.read(f"{path}&after={second['next']}")

    assert first["people"][0]["visit"] != second["people"][0]["visit"]
    assert (third["people"], third["next"]) == ([], "")
    assert mei.ask("GET", f"{path}&after=nonsense").status_code == 400


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/api/v1/journeys/nothing/graph", 404),
        (f"{CASCADE}/graph?version=9", 404),
        (f"{CASCADE}/graph?days=0", 422),
        (f"{CASCADE}/nodes/nowhere/visits", 404),
        (f"{CASCADE}/nodes/sms/visits?show=everybody", 422),
        ("/api/v1/journeys/nothing/parked", 404),
        (f"{CASCADE}/parked", 200),
    ],
)
def test_what_is_not_there_is_said_so(story: Any, path: str, status: int) -> None:
    assert story.ask("GET", path).status_code == status


def test_a_text_is_drawn_while_it_is_written_or_its_problems_are_named(mei: Any) -> None:
    text = mei.read(CASCADE)["text"]
    good = mei.ask("POST", "/api/v1/journeys/draw", {"text": text}).json()
    bad = mei.ask("POST", "/api/v1/journeys/draw", {"text": text.replace("wait: 5m", "wait: x")})
    unknown = mei.ask(
        "POST", "/api/v1/journeys/draw", {"text": text.replace("invite-sms", "invit")}
    )

    assert (good["problems"], len(good["graph"]["nodes"])) == ([], 13)
    ((problem,), graph) = bad.json()["problems"], bad.json()["graph"]
    assert "five-minutes" in text.splitlines()[problem["line"] - 1]
    assert graph is None
    assert "no material is called `invit`" in unknown.json()["problems"][0]["why"]


@pytest.mark.parametrize(
    ("header", "why"),
    [
        ("zh-CN,zh;q=0.9,en;q=0.8", "'x' 不是时长；请写成 30s、5m、2h、14d 或 1h30m"),
        ("zh", "'x' 不是时长；请写成 30s、5m、2h、14d 或 1h30m"),
        ("en-GB,zh;q=0.5", "'x' is not a duration; write it like 30s, 5m, 2h, 14d or 1h30m"),
        ("fr", "'x' is not a duration; write it like 30s, 5m, 2h, 14d or 1h30m"),
    ],
)
def test_the_problems_of_a_text_come_in_the_language_that_is_asked_for(
    mei: Any, header: str, why: str
) -> None:
    text = mei.read(CASCADE)["text"].replace("wait: 5m", "wait: x")
    line = next(at for at, one in enumerate(text.splitlines(), 1) if "wait: x" in one)
    asked = {"Accept-Language": header}
    drawn = mei.ask("POST", "/api/v1/journeys/draw", {"text": text}, **asked).json()
    checked = mei.ask("POST", "/api/v1/journeys/check", {"text": text}, **asked).json()
    refused = mei.ask("POST", "/api/v1/journeys", {"text": text}, **asked)

    (problem,) = drawn["problems"]
    assert (problem["line"], problem["why"]) == (line, why)
    assert problem["where"].endswith(".wait")
    assert checked["problems"] == refused.json()["problems"] == [problem]
    assert refused.status_code == 400
    assert refused.headers["Content-Language"] == ("zh" if header.startswith("zh") else "en")


def test_what_a_text_may_refer_to_can_be_chosen_from(story: Any) -> None:
    known = story.read("/api/v1/catalogue")

    assert {"code": "face-mask", "kind": "gift"} in known["offers"]
    assert {one["channel"] for one in known["materials"] if one["code"] == "invite-sms"} == {"sms"}
    assert "new-orders/sms" in known["codes"]
    assert ("new-orders" in known["sources"], "cascade" in known["journeys"]) == (True, True)


def test_a_preview_says_what_changes_for_how_many(mei: Any) -> None:
    text = mei.read(CASCADE)["text"].replace("wait: 5m", "wait: 10m")
    seen = mei.ask("POST", "/api/v1/journeys/preview", {"text": text}).json()

    assert (seen["base"], seen["published"], seen["second_person"]) == (1, 1, False)
    assert seen["changes"] == [
        {
            "code": "changed",
            "step": "five-minutes",
            "field": "wait",
            "old": "5m",
            "new": "10m",
            "before": 1,
        }
    ]
    assert mei.ask("POST", "/api/v1/journeys/preview", {"text": "x"}).status_code == 400
    new = text.replace("journey: cascade", "journey: another")
    fresh = mei.ask("POST", "/api/v1/journeys/preview", {"text": new}).json()
    assert (fresh["base"], fresh["published"], fresh["changes"]) == (0, None, [])


def test_of_two_who_edit_one_version_the_second_is_told(story: Any) -> None:
    text = story.read(CASCADE)["text"]
    mine = {"text": text.replace("wait: 5m", "wait: 10m"), "by": "ana", "base_version": 1}
    yours = {"text": text.replace("wait: 5m", "wait: 15m"), "by": "ben", "base_version": 1}

    assert story.ask("POST", "/api/v1/journeys", mine).json()["version"] == 2
    refused = story.ask("POST", "/api/v1/journeys", yours)
    assert (refused.status_code, refused.json()["code"]) == (409, "overtaken")
    assert story.read(CASCADE)["latest"] == 2
    again = story.ask("POST", "/api/v1/journeys", {**yours, "base_version": 2})
    assert again.json()["version"] == 3


def test_a_stopped_journey_can_still_be_looked_at(mei: Any) -> None:
    mei.ask("POST", f"{CASCADE}/stop", {"by": "olga", "confirm": True})
    detail, (row,) = mei.read(CASCADE), mei.read("/api/v1/journeys")["journeys"]

    assert (detail["published"], detail["version"], row["version"]) == (False, 1, None)
    assert row["outcomes"] == [{"outcome": "stopped", "held_out": False, "visits": 1}]
    assert mei.read(f"{CASCADE}/graph")["nodes"]


def test_a_paused_journey_and_what_waits_for_a_second_person_show_in_the_list(story: Any) -> None:
    story.ask("POST", "/api/v1/pause", {"by": "ana", "scope": "journey:cascade"})
    story.ask("PUT", "/api/v1/approvals/limits", {"by": "ana", "above_people": 0})
    story.pay(story.order(), MEI)
    story.tick()
    text = story.read(CASCADE)["text"].replace("wait: 5m", "wait: 10m")
    asked = story.ask("POST", "/api/v1/journeys", {"text": text, "by": "guide-1"}).json()
    (row,) = story.read("/api/v1/journeys")["journeys"]

    assert (asked["waiting"], row["waiting"], row["version"], row["paused"]) == (True, 2, 1, True)
    seen = story.ask("POST", "/api/v1/journeys/preview", {"text": text}).json()
    assert (seen["second_person"], seen["people"]) == (True, 1)
