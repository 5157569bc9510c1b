"""When stores have visitors, over HTTP."""

from __future__ import annotations

from typing import Any

import pytest

Story = Any
FILE = "store,weekday,hour,visitors\nhz-1,mon,10,4\nhz-1,mon,15,40\nnowhere,mon,10,4\n"


@pytest.fixture
def store(story: Story) -> Story:
    with story.app.db.transaction() as conn:
        conn.execute(
            "insert into store (code, name) values ('hz-1', '湖滨店') on conflict do nothing"
        )
    return story


def _send(story: Story, text: str, query: str = "?by=an") -> Any:
    bearer = {"Authorization": f"Bearer {story.app.settings.api_key}"}
    path = f"/api/v1/staff/traffic/file{query}"
    return story.http.post(path, content=text.encode(), headers=bearer)


def test_a_file_of_visitors_is_taken_and_shown_and_what_is_wrong_in_it_is_said(store) -> None:
    answer = _send(store, FILE, "?by=an")

    assert answer.status_code == 200, answer.text
    taken = answer.json()
    assert (taken["taken"], taken["stores"]) == (2, 1)
    assert [(one["line"], one["field"]) for one in taken["refused"]] == [(4, "store")]
    shown = store.read("/api/v1/staff/traffic?store=hz-1")
    (one,) = shown["stores"]
    assert (one["known"], one["average"]) == ("file", 22.0)
    assert [(hour["hour"], hour["quiet"]) for hour in one["hours"]] == [(10, True), (15, False)]
    audited = store.read("/api/v1/audit/latest?action=store.traffic")
    assert audited["lines"][0]["actor"] == "an"


def test_a_new_file_of_a_store_takes_the_place_of_the_old_one(store) -> None:
    _send(store, FILE)
    _send(store, "store,weekday,hour,visitors\nhz-1,周二,11,7\n")

    (one,) = store.read("/api/v1/staff/traffic?store=hz-1")["stores"]
    assert [(hour["weekday"], hour["hour"]) for hour in one["hours"]] == [(2, 11)]


def test_a_file_without_its_columns_is_refused_in_words(store) -> None:
    answer = _send(store, "shop,visitors\nhz-1,4\n")

    assert answer.status_code == 400, answer.text
    assert "weekday" in answer.text


def test_nobody_sees_or_sends_it_without_a_key(store) -> None:
    assert store.http.get("/api/v1/staff/traffic").status_code == 401
    assert store.http.post("/api/v1/staff/traffic/file", content=b"x").status_code == 401
