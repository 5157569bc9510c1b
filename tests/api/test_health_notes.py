"""Notes on children's health over HTTP: who may, what is answered, and that time deletes them."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from tests.people import People

import siyu
from siyu.kernel.errors import BadSettings
from siyu.settings import load
from siyu.staff.actions import seed
from siyu.staff.model import PERMISSIONS, ROLES, Member

PHONE = "13800000001"
MILK = "milk protein"
REASON = {"by": "ana", "reason": "asks about formula"}
ITS_OWN = {"customers", "db", "events", "worker"}  # who may know of the tables and the purpose


@pytest.fixture
def path(story: Any) -> str:
    """The children of a parent who lets us keep a month."""
    story.send([story.paid("S1", PHONE)])
    story.tell("friend.added", {"staff": "guide-1"}, {"external_userid": "wm-1", "phone": PHONE})
    story.tick()
    (customer,) = story.customers(PHONE)
    path = f"/api/v1/customers/{customer}/children"
    told = {"month": "2025-03", "evidence": "form 7", "by": "ana"}
    assert story.ask("PUT", path, told).status_code == 200
    return path


@pytest.fixture
def people(story: Any) -> Iterator[People]:
    with story.app.db.transaction() as conn:
        seed(conn, story.app.brand, [], [Member(f"the-{one}", one, one) for one in ROLES])
    found = People(story.app, story.http.base_url)
    yield found
    found.close()


def noted(story: Any, path: str, **more: str) -> Any:
    return story.ask("PUT", f"{path}/1/health", {"note": MILK, "by": "ana", **more})


def test_a_note_is_kept_by_its_own_consent_masked_and_shown_to_who_says_why(
    story: Any, path: str
) -> None:
    refused = noted(story, path)
    assert (refused.status_code, "separate consent" in refused.text) == (409, True)
    beside = story.ask("PUT", path, {"month": "2025-03", "health": MILK})
    assert (beside.status_code, "children/{child}/health" in beside.text) == (409, True)

    answer = noted(story, path, evidence="form 9")

    assert answer.status_code == 200
    (child,) = answer.json()["children"]
    assert child["health_at"] < child["health_until"]
    seen = story.read(path)
    assert (seen["health_evidence"], seen["health_days"]) == ("form 9", 180)
    assert all(MILK not in text for text in (refused.text, beside.text, answer.text, str(seen)))
    assert story.ask("POST", f"{path}/1/health/reveal", {"by": "ana"}).status_code == 422
    shown = story.ask("POST", f"{path}/1/health/reveal", REASON)
    assert shown.json() == {"note": MILK}
    assert story.ask("POST", f"{path}/2/health/reveal", REASON).status_code == 404
    audited = story.facts("select action, actor, reason from audit order by id desc limit 2")
    assert audited == [
        ("child.health_shown", "ana", "child 1: asks about formula"),
        ("child.health", "ana", "form 9"),
    ]


def test_one_note_or_the_consent_to_all_of_them_is_taken_back(story: Any, path: str) -> None:
    noted(story, path, evidence="form 9")
    left = story.ask("POST", f"{path}/1/health/forget", {"by": "ana"}).json()
    assert (left["children"][0]["health_until"], left["health_evidence"]) == (None, "form 9")
    assert noted(story, path).status_code == 200
    left = story.ask("POST", f"{path}/health/forget", {"by": "ana"}).json()
    assert (left["children"][0]["health_until"], left["health_evidence"]) == (None, None)
    assert left["children"][0]["month"] == "2025-03"
    assert story.facts("select count(*) from vault_item where field like 'health%%'") == [(0,)]


def test_the_worker_deletes_a_note_when_its_time_comes_and_not_sooner(
    story: Any, path: str
) -> None:
    noted(story, path, evidence="form 9")
    until = story.now + timedelta(hours=3)  # the worker wakes for it: nothing else is due then
    story.facts(f"update child_health set until = '{until.isoformat()}' returning 1")
    left = (
        "select (select count(*) from child_health),"
        " (select count(*) from vault_item where field like 'health%%')"
    )
    story.until(until - timedelta(seconds=1))
    assert story.facts(left) == [(1, 1)]
    story.until(until)
    assert story.facts(left) == [(0, 0)]
    assert story.read(path)["children"][0]["health_until"] is None


def test_who_may_is_declared_and_what_is_shown_is_kept_for_no_second_answer(
    story: Any, path: str, people: People
) -> None:
    may = {role for role in ROLES if "customers.health" in PERMISSIONS[role]}
    assert may == {"guide", "operator", "owner"}
    noted(story, path, evidence="form 9")
    where = path.removeprefix("/api/v1/")
    allowed = {
        role: [
            people.signed_in(f"the-{role}").status(method, f"{where}/{door}", body)
            for method, door, body in (
                ("PUT", "1/health", {"note": MILK}),
                ("POST", "1/health/reveal", {"reason": "x"}),
            )
        ]
        for role in ("operator", "engineer", "auditor", "guide")
    }
    # whose customer it isn't finds none
    assert allowed == {
        "operator": [200, 200], "engineer": [403, 403], "auditor": [403, 403], "guide": [404, 404],
    }  # fmt: skip
    once = story.ask("POST", f"{path}/1/health/reveal", REASON, **{"Idempotency-Key": "k1"})
    assert (once.status_code, MILK in once.text) == (400, False)


def test_how_long_is_a_setting_and_never_for_years(tmp_path: Path) -> None:
    assert load({}, home=tmp_path).health_note_days == 180
    assert load({"SIYU_HEALTH_NOTE_DAYS": "30"}, home=tmp_path).health_note_days == 30
    with pytest.raises(BadSettings, match="health_note_days"):
        load({"SIYU_HEALTH_NOTE_DAYS": "367"}, home=tmp_path)


def test_no_segment_journey_report_or_lake_knows_of_it() -> None:
    """The rooms that decide, count and send never name what is kept of health."""
    source = Path(siyu.__file__).parent
    knows = {
        file.relative_to(source).parts[0]
        for pattern in ("*.py", "*.sql", "*.yaml")
        for file in source.rglob(pattern)
        if "child_health" in file.read_text("utf-8")
    }
    assert knows == ITS_OWN
