"""A page before it is kept, and whom it has brought once it is."""

from __future__ import annotations

from typing import Any

import pytest
from tests.api.test_pages import AD, ENTRY, fields, keep, leads


@pytest.fixture
def autumn(story: Any) -> Any:
    keep(story, ENTRY)
    leads(story)
    return story


def test_visits_are_counted_by_advertisement_beside_who_went_on(autumn) -> None:
    for agent in ("one", "two"):
        autumn.http.get(f"/p/autumn?{AD}", headers={"user-agent": f"Mozilla {agent}"})
    autumn.http.get("/p/autumn", headers={"user-agent": "Mozilla three"})
    form = fields(autumn.http.get(f"/p/autumn?{AD}", headers={"user-agent": "Mozilla one"}).text)
    went = autumn.http.post("/p/autumn", data=form, follow_redirects=False)
    assert went.status_code in (302, 303)
    autumn.tick()

    (page,) = autumn.read("/api/v1/pages")["pages"]
    assert (page["visits"], page["given"], page["done"]) == (3, 1, 0)
    assert (page["title"]["en"], page["channel"]) == ("An autumn gift", "new-orders/card")
    found = autumn.read("/api/v1/pages/autumn/sources")["sources"]
    assert [(one["origin"], one["campaign"], one["visits"], one["given"]) for one in found] == [
        ("douyin", "autumn-1", 2, 1),
        ("", "", 1, 0),
    ]
    assert autumn.ask("GET", "/api/v1/pages/nope/sources").status_code == 404


def test_a_text_is_previewed_as_the_page_it_will_be_and_nothing_is_kept(story) -> None:
    def preview(text: str, **words: Any) -> Any:
        return story.ask("POST", "/api/v1/pages/preview", {"text": text, **words}).json()

    zh, en = preview(ENTRY), preview(ENTRY, language="en")
    assert "秋季育儿礼包" in zh["html"]
    assert "An autumn gift" in en["html"]
    assert "Add an advisor" in en["html"]
    assert "<script" not in en["html"]
    wallet = "page: w\nkind: wallet\ntitle: {zh: 卡包, en: Wallet}\n"
    assert "这里还没有内容" in preview(wallet)["html"]
    assert "Open the link" in preview(wallet, language="en", stranger=True)["html"]
    survey = (
        "page: q\nkind: survey\ntitle: {zh: 问卷, en: Q}\nsurvey: {questions: ["
        "{code: a, type: one, ask: {zh: 甲, en: A},"
        " choices: {x: {zh: 一, en: X}, y: {zh: 二, en: Y}}}]}\n"
    )
    assert 'type="radio"' in preview(survey, language="en")["html"]
    wrong = preview(ENTRY.replace("new-orders/card", "nope"))
    assert (wrong["html"], [(one["where"], one["line"]) for one in wrong["problems"]]) == (
        "",
        [("channel", 7)],
    )
    assert story.read("/api/v1/pages")["pages"] == []
    assert story.facts("select count(*) from event where kind = 'page.opened'") == [(0,)]
