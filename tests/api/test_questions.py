"""Reports over years, over HTTP: the list is the form, the answer is data, files are audited."""

from __future__ import annotations

import csv
import io
from typing import Any

import pytest

from siyu.analytics.views.questions import QUESTIONS
from siyu.commerce import views as commerce

FIGURES = "/api/v1/reports/figures"
PHONES = ("13800000031", "13800000032")


@pytest.fixture
def shop(story: Any) -> Any:
    for phone in PHONES:
        story.pay(story.order(), phone)
    story.go(minutes=1)
    return story


def test_the_list_says_what_each_can_be_asked_with(shop: Any) -> None:
    listed = {one["name"]: one for one in shop.read(FIGURES)["reports"]}

    assert list(listed) == [one.name for one in QUESTIONS]
    days, until = listed["repurchase"]["inputs"]
    assert (days["takes"], days["default"], until["takes"], until["default"]) == (
        "whole", "90", "day", "",
    )  # fmt: skip
    (bands, *_) = listed["rfm"]["inputs"]
    assert [one["code"] for one in bands["choices"]] == ["quantile", "fixed"]
    units = {one["name"]: one["title"]["zh"] for one in listed["calculator"]["inputs"]}
    assert (units["gift"], units["extra"]) == ("每位好友的赠品（¥）", "因好友才有的占比（0–1）")
    assert units["orders"] == "回购者年单数"
    for one in listed.values():
        assert one["title"]["zh"] != one["title"]["en"]
        assert all(field["help"]["zh"] and field["help"]["en"] for field in one["inputs"])


def test_an_answer_has_its_figures_and_how_they_are_to_be_read(shop: Any) -> None:
    report = shop.read(f"{FIGURES}/cohorts")["report"]

    (table,) = report["tables"]
    names = [one["name"] for one in table["columns"]]
    (row,) = [dict(zip(names, row, strict=True)) for row in table["rows"]]
    assert (row["size"], row["customers"], row["orders"], row["currency"]) == (2, 2, 2, "CNY")
    assert row["rate_low"] < row["rate"] == 1.0
    assert table["all_rows"] == 1
    assert report["charts"][0]["table"] == table["name"]
    assert report["fresh"]["waiting"] == 0
    assert all(report[part]["zh"] for part in ("answer", "definition", "population"))

    assert shop.read(f"{FIGURES}/rfm?bands=fixed&recency=1,2,3,4")["report"]["tables"][0]["rows"]


def test_files_hold_the_same_and_the_audit_says_who_took_them(shop: Any) -> None:
    """A table alone is read by programs; the whole file says how it is to be read."""
    text = shop.ask("GET", f"{FIGURES}/cohorts.csv?lang=en&table=cohorts").text
    (row,) = csv.DictReader(io.StringIO(text.removeprefix("\ufeff")))
    assert (row["Cohort"], row["Bought"], row["Share"]) == ("2", "2", "1.0000")

    report = shop.read(f"{FIGURES}/cohorts")["report"]
    whole = shop.ask("GET", f"{FIGURES}/cohorts.csv?lang=en").text
    head, _, rest = whole.removeprefix("\ufeff").partition("\r\n\r\n")
    said = [cells[-1] for cells in csv.reader(io.StringIO(head))]
    assert said[1:4] == [report[part]["en"] for part in ("answer", "definition", "population")]
    assert said[5].startswith("as of ")
    assert said[6:] == [one["en"] for one in report["notes"]]
    assert rest.partition("\r\n")[2] == text.removeprefix("\ufeff")

    page = shop.ask("GET", f"{FIGURES}/cohorts.html?lang=zh")
    assert page.headers["content-type"].startswith("text/html")
    assert "attachment" in page.headers["content-disposition"]
    assert "购买率" in page.text

    bearer = {"Authorization": f"Bearer {shop.app.settings.api_key}", "Accept": "text/csv"}
    asked = f"{FIGURES}/cohorts?lang=en&table=cohorts"
    assert shop.http.get(asked, headers=bearer).text == text
    assert len(shop.read("/api/v1/audit?action=report.export")["lines"]) == 4


def test_a_shop_is_called_by_its_name_beside_its_code(shop: Any) -> None:
    report = shop.read(f"{FIGURES}/store")["report"]
    (table,) = [one for one in report["tables"] if one["name"] == "shops"]
    with shop.app.db.transaction() as conn:
        names = {code: one.name for code, one in commerce.shops(conn).items()}
    (place,) = {row[0]["en"] for row in table["rows"]}
    assert place in {f"{name} ({code})" for code, name in names.items()}


def test_what_cannot_be_asked_is_refused_in_words(shop: Any) -> None:
    for asked, status, where in (
        ("nothing", 404, ""), ("repurchase?days=soon", 400, "days"), ("rfm?who=me", 400, "who"),
        ("lapsed?from_months=6&to_months=3", 400, ""), ("value.csv", 409, ""),
        ("cohorts.csv?table=nothing", 404, ""),
    ):  # fmt: skip
        answer = shop.ask("GET", f"{FIGURES}/{asked}")
        assert (answer.status_code, bool(answer.json()["detail"])) == (status, True), asked
        assert where in answer.text
    assert shop.http.get(FIGURES).status_code == 401


def test_what_is_too_thin_is_told_in_words_and_is_no_error(shop: Any) -> None:
    told = shop.read(f"{FIGURES}/value")

    assert (told["report"], "50" in told["refused"]["zh"]) == (None, True)


def test_nobody_is_called_as_their_shop_calls_them(shop: Any) -> None:
    for one in QUESTIONS:
        answer = shop.ask("GET", f"{FIGURES}/{one.name}")
        assert "buyer" not in answer.text, one.name


def test_the_people_behind_a_number_are_as_many_as_it_says(shop: Any) -> None:
    counted = 0
    for name, table in (("cohorts", "cohorts"), ("rfm", "cells"), ("rfm", "map")):
        report = shop.read(f"{FIGURES}/{name}")["report"]
        (found,) = [one for one in report["tables"] if one["name"] == table]
        names = [one["name"] for one in found["columns"]]
        (number,) = [one for one in found["columns"] if one["counts"]]
        for row in found["rows"]:
            cells = dict(zip(names, row, strict=True))
            asked = "&".join(f"cell={one}:{cells[one]}" for one in number["counts"])
            behind = shop.read(f"{FIGURES}/{name}/people?{asked}")
            assert behind["all"] == len(behind["people"]) == cells[number["name"]] > 0
            assert all("****" in one["phone_masked"] for one in behind["people"])
            counted += behind["all"]

    assert counted == 3 * len(PHONES)
    for path in ("rfm/people?cell=r", "cohorts/people?cell=month:soon", "health/people?cell=a:b"):
        answer = shop.ask("GET", f"{FIGURES}/{path}")
        while answer.status_code == 200 and answer.json()["state"] == "working":
            answer = shop.ask("GET", f"{FIGURES}/{path}")
        assert answer.status_code == 400
