"""`siyu report`: the figures on the screen, as JSON and as a file; they are those of the demo."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable

import pytest


def test_the_reports_say_what_the_people_of_the_demo_did(run: Callable, played) -> None:
    figures = played.figures

    said = run("report", "cascade", "--home", played.home, "--json").json

    (source,) = said["sources"]
    treated = source["treated"]
    assert (treated["buyers"], treated["friends"]) == (
        figures["in_scope"], figures["friends_added"],
    )  # fmt: skip
    assert source["invited"]["buyers"] == figures["invited"]
    adds = {step: one["adds"] for step, one in figures["by_step"].items() if one["adds"]}
    assert {one["step"]: one["adds"] for one in source["steps"] if one["adds"]} == adds
    costs = {step: one["cost_minor"] for step, one in figures["by_step"].items()}
    spent: dict[str, int] = {}
    for one in source["costs"]:
        spent[one["step"]] = spent.get(one["step"], 0) + one["amount_minor"]
    assert {**spent, "gift": 0} == {**costs, "gift": 0}
    assert source["cost_minor"] <= figures["cost_minor"]  # later gifts of friends are no one's add
    assert sum(one["raced"] for one in source["steps"]) == figures["raced"]["count"]


def test_what_was_withheld_adds_up_to_the_demos(run: Callable, played) -> None:
    said = run("report", "withheld", "--home", played.home, "--json").json

    reasons: dict[str, int] = {}
    for row in said["rows"]:
        reasons[row["reason"]] = reasons.get(row["reason"], 0) + row["touches"]
    assert reasons == played.figures["withheld"]
    assert said["withheld"] == sum(reasons.values())


def test_the_seconds_of_welcomes_are_those_of_the_demo(run: Callable, played) -> None:
    told = run("report", "welcome", "--home", played.home, "--json").json
    engine = played.figures["welcomes"]["engine"]

    assert {name: told["all"][name] for name in engine} == engine
    assert sum(one["sent"] for one in told["days"]) == engine["sent"] > 0
    text = run("report", "welcome", "--home", played.home, "--csv", "--lang", "zh").out
    rows = list(csv.DictReader(io.StringIO(text.removeprefix("\ufeff"))))
    assert (rows[-1]["日期"], rows[-1]["已发"]) == ("合计", str(engine["sent"]))
    assert float(rows[-1]["收到回调后用时最长（秒）"]) <= 20
    assert "too late" in run("report", "welcome", "--home", played.home).out


def test_a_person_reads_the_same(run: Callable, played) -> None:
    funnel = run("report", "cascade", "--home", played.home).out
    costs = run("report", "cost", "--home", played.home).out
    not_sent = run("report", "withheld", "--home", played.home, "--shop", "nowhere").out

    assert "in scope" in funnel
    assert f" {played.figures['friends_added']} " in funnel
    assert "sms_segment" in costs
    assert "In all: ¥" in costs
    assert "0 of 0 touches were not sent." in not_sent


def test_the_brief_is_shown_as_it_was_told_or_would_be(run: Callable, played) -> None:
    told = run("brief", "--home", played.home, "--json").json
    never = run("brief", "--home", played.home, "--day", "2026-02-01").out

    assert (told["to"], told["lost"], told["error"]) == (["operator", "owner"], [], "")
    assert told["at"] is not None
    assert told["title"] in run("brief", "--home", played.home).out
    assert "花间 2月1日（周日）简报\n没有新增好友，也没有异常。" in never
    assert "Not told yet. To be told: operator, owner." in never


@pytest.mark.parametrize("name", ["cascade", "cost", "withheld"])
def test_a_report_is_a_file_for_a_spreadsheet(run: Callable, played, name: str) -> None:
    said = run("report", name, "--home", played.home, "--csv", "--lang", "en")

    rows = list(csv.reader(io.StringIO(said.out.removeprefix("\ufeff"))))
    assert said.out.startswith("\ufeff")
    assert len(rows) > 1
    assert rows[0][-1] in {"As of", "Touches"}


@pytest.mark.parametrize(
    "words", [("--from", "soon"), ("--to", "2020-01-01", "--from", "2021-01-01")]
)
def test_a_period_that_is_none_is_refused(run: Callable, played, words: tuple[str, ...]) -> None:
    said = run("report", "cascade", *words, "--home", played.home)

    assert said.code == 1
    assert said.err.startswith("siyu: ")
