"""A journey's life over HTTP: versions, moving on to the next, the end."""

from __future__ import annotations

from siyu.staff import actions as staff
from siyu.staff.model import Member

MEI, HUA = "13800000001", "13800000002"
JOURNEY = "/api/v1/journeys/cascade"


def _later(story) -> int:
    """Publish the cascade with a longer wait under another name; its version."""
    text = story.read(JOURNEY)["text"].replace("wait: 5m", "wait: 30m")
    text = text.replace("id: five-minutes", "id: half-an-hour")
    return story.ask("POST", "/api/v1/journeys", {"text": text}).json()["version"]


def test_versions_are_listed_read_and_compared(story) -> None:
    version = _later(story)

    listed = story.read(f"{JOURNEY}/versions")["versions"]

    assert [(one["version"], one["published"]) for one in listed] == [(1, False), (version, True)]
    assert any("step five-minutes is gone" in line for line in listed[1]["changes"])
    compared = story.read(f"{JOURNEY}/diff?old=1&new={version}")
    assert compared["changes"] == listed[1]["changes"]
    assert "wait: 5m" in story.read(f"{JOURNEY}/versions/1")["text"]
    assert story.ask("GET", f"{JOURNEY}/versions/9").status_code == 404


def test_those_under_way_move_to_the_new_version_when_it_is_confirmed(story) -> None:
    story.pay(story.order(), MEI)
    story.go(minutes=1)
    version = _later(story)
    want = {"to": version, "by": "ana"}

    shown = story.ask("POST", f"{JOURNEY}/migrate", want).json()
    refused = story.ask("POST", f"{JOURNEY}/migrate", want | {"confirm": True})
    mapped = want | {"map": {"five-minutes": "half-an-hour"}, "confirm": True}
    done = story.ask("POST", f"{JOURNEY}/migrate", mapped).json()
    story.go(minutes=10)

    assert [(line["node"], line["visits"], line["to"]) for line in shown["where"]] == [
        ("five-minutes", 1, "")
    ]
    assert (shown["moved"], refused.status_code, done["moved"], done["next"]) == (0, 400, 1, "")
    assert "five-minutes" in refused.json()["problems"][0]["where"]
    assert story.steps(MEI) == ["sms"]
    story.go(minutes=21)
    assert story.steps(MEI) == ["sms", "call"]
    whys = [move["why"] for move in story.explain(MEI)["visits"][0]["moves"]]
    assert f"migrated from version 1 to {version}: from five-minutes" in whys


def test_a_journey_is_stopped_when_it_is_confirmed(story) -> None:
    story.pay(story.order(), MEI)
    story.go(minutes=1)

    counted = story.ask("POST", f"{JOURNEY}/stop", {"by": "ana"}).json()
    done = story.ask("POST", f"{JOURNEY}/stop", {"by": "ana", "confirm": True}).json()
    story.pay(story.order(), HUA)
    story.go(minutes=10)

    assert counted == {"ended": 0, "touches": 0, "left": 1}
    assert (done["ended"], done["left"]) == (1, 0)
    assert (story.steps(MEI), story.steps(HUA)) == (["sms"], [])
    said = story.facts("select actor, object from audit where action = 'journey.stop'")
    assert said == [("ana", "cascade")]


def test_whoever_stops_or_changes_something_is_in_the_audit(story) -> None:
    story.pay(story.order(), MEI)
    story.go(minutes=1)
    story.ask("POST", "/api/v1/pause", {"by": "ana", "scope": "channel:sms"})
    story.ask("POST", "/api/v1/resume", {"by": "ben", "scope": "channel:sms"})
    text = story.read(JOURNEY)["text"].replace("wait: 5m", "wait: 30m")
    story.ask("POST", "/api/v1/journeys", {"text": text, "by": "ana"})
    story.ask("POST", f"{JOURNEY}/migrate", {"to": 2, "by": "ben", "confirm": True})
    story.ask("POST", f"{JOURNEY}/stop", {"by": "olga", "confirm": True})

    lines = story.read("/api/v1/audit")["lines"]

    assert [(one["actor"], one["action"], one["object"]) for one in lines] == [
        ("ana", "touches.pause", "channel:sms"),
        ("ben", "touches.resume", "channel:sms"),
        ("ana", "journey.publish", "cascade"),
        ("ben", "journey.migrate", "cascade"),
        ("olga", "journey.stop", "cascade"),
    ]


def test_a_pilot_takes_the_first_customer_and_widening_the_rest(story) -> None:
    text = story.read(JOURNEY)["text"].replace("wait: 5m", "wait: 30m")
    piloted = story.ask("POST", "/api/v1/journeys", {"text": text, "by": "ana", "pilot": 1})
    for phone in (MEI, HUA):
        story.pay(story.order(), phone)
        story.go(minutes=1)
    story.go(minutes=6)

    said = piloted.json()
    assert (said["version"], said["pilot"], said["waiting"]) == (2, 1, False)
    assert (story.steps(MEI), story.steps(HUA)) == (["sms"], ["sms", "call"])
    (seen,) = [one for one in story.read("/api/v1/journeys")["journeys"] if one["pilot"]]
    assert seen["piloted"] == 1
    widened = story.ask("POST", f"{JOURNEY}/widen", {"by": "ana"}).json()
    assert (widened["version"], widened["pilot"]) == (2, None)
    assert story.ask("POST", f"{JOURNEY}/widen", {"by": "ana"}).status_code == 409


def test_above_the_limit_a_second_person_says_yes_before_it_is_published(story) -> None:
    with story.app.db.transaction() as conn:
        people = [Member("ana", "a", "operator"), Member("olga", "o", "owner")]
        staff.seed(conn, story.app.brand, [], people)
    for phone in (MEI, HUA):
        story.pay(story.order(), phone)
        story.go(minutes=1)
    limits = story.ask("PUT", "/api/v1/approvals/limits", {"by": "olga", "above_people": 1})
    text = story.read(JOURNEY)["text"].replace("wait: 5m", "wait: 30m")
    asked = story.ask("POST", "/api/v1/journeys", {"text": text, "by": "ana"}).json()
    before = story.read("/api/v1/approvals")
    itself = story.ask("POST", f"{JOURNEY}/approve", {"by": "ana"})
    done = story.ask("POST", f"{JOURNEY}/approve", {"by": "olga"})

    assert limits.json()["above_people"] == 1
    assert (asked["waiting"], asked["version"]) == (True, 2)
    assert [(one["people"], one["asked_by"]) for one in before["waiting"]] == [(2, "ana")]
    assert (itself.status_code, done.json()["published"]) == (409, True)
    assert story.read(JOURNEY)["version"] == 2
    after = story.read("/api/v1/approvals")
    assert (after["waiting"], [one["state"] for one in after["decided"]]) == ([], ["approved"])
    late = story.ask("POST", f"{JOURNEY}/approve", {"by": "olga"})
    assert (late.status_code, "approved by olga" in late.json()["detail"]) == (409, True)
