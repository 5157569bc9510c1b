"""Figures of years by command, on a played home and on a public file."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from siyu.app import open_app
from siyu.commerce import views
from siyu.db.embedded import Embedded
from siyu.settings import load


def test_the_totals_are_the_books(run: Callable, played) -> None:
    said = run("report", "totals", "--home", played.home, "--json").json
    with open_app(load({}, home=played.home)) as app, app.db.transaction() as conn:
        (books,) = views.totals(conn)

    assert (said["orders"], said["customers"], said["net"]) == (
        books.orders, books.customers, books.net,
    )  # fmt: skip
    assert [one["currency"] for one in said["currencies"]] == ["CNY"]
    shown = run("report", "totals", "--home", played.home).out
    assert "as of " in shown  # how fresh it is
    assert f"{books.orders:,}" in shown


def test_cohorts_count_each_customer_in_their_first_month_once(run: Callable, played) -> None:
    said = run("report", "cohorts", "--home", played.home, "--json").json["cohorts"]

    first = [one for one in said if one["cohort"] == one["month"]]
    assert sum(one["customers"] for one in first) <= len(played.customers)
    assert first
    assert run("report", "cohorts", "--home", played.home).code == 0


def test_every_report_is_also_a_file(run: Callable, played, tmp_path: Path) -> None:
    """In the brand's language, unless another is asked for; a page has its words beside figures."""
    for words in (("report", "repurchase"), ("report", "rfm")):
        asked = (*words, "--home", played.home)
        told = run(*asked, "--json").json
        assert told["answer"]["zh"] in run(*asked, "--html").out
        assert told["definition"]["en"] in run(*asked, "--html", "--lang", "en").out
        assert told["answer"]["en"] in run(*asked).out
        assert told["answer"]["zh"] in run(*asked, "--lang", "zh").out
        file = tmp_path / "report.csv"
        one = ("--csv", "--table", told["tables"][0]["name"], "--out", file)
        assert run(*asked, *one).out == ""
        lines = file.read_text("utf-8").splitlines()
        assert len(lines) == 1 + len(told["tables"][0]["rows"])

    assert "days" in run("report", "repurchase", "--days", "0", "--home", played.home).err
    refused = run("report", "rfm", "--as-of", "soon", "--home", played.home)
    assert (refused.code, "as_of" in refused.err) == (1, True)


def test_friends_of_days_are_accounted_for_and_what_is_too_thin_is_said(
    run: Callable, played
) -> None:
    for words in (("report", "payback"), ("report", "attribution"), ("report", "trust"),
                  ("report", "health")):  # fmt: skip
        said = run(*words, "--home", played.home, "--json").json
        assert said["answer"]["zh"] != said["answer"]["en"]
        assert said["definition"]["en"]
    orders = run("report", "totals", "--home", played.home, "--json").json
    credited = run("report", "attribution", "--home", played.home, "--json").json["tables"][0]
    of_last = [row[2] for row in credited["rows"] if row[0]["en"] == "last touch"]
    assert sum(of_last) == orders["orders"] - orders["cancelled_orders"] > 0
    assert "weights" in run("report", "health", "--reply", "-1", "--home", played.home).err


def test_the_funnel_is_the_cascade_cut_finer(run: Callable, played) -> None:
    """Over the whole of it: the same people, steps and costs, whoever asks."""
    first, last = "2025-12-01", "2026-05-01"
    cascade = run(
        "report", "cascade", "--from", first, "--to", last, "--home", played.home, "--json"
    ).json
    asked = ("--since", first, "--until", last, "--home", played.home)
    found = run("report", "funnel", *asked, "--json").json
    tables = {
        one["name"]: [
            dict(zip([column["name"] for column in one["columns"]], row, strict=True))
            for row in one["rows"]
        ]
        for one in found["tables"]
    }
    assert found["unmatched"] == cascade["unmatched"]
    assert len(tables["sources"]) == len(cascade["sources"])
    for one, its in zip(tables["sources"], cascade["sources"], strict=True):
        for name in ("buyers", "friends_before", "not_admitted", "still_open"):
            assert one[name] == its[name], name
        assert one["in_scope"] == its["treated"]["buyers"] > 0
        assert one["friends"] == its["treated"]["friends"] > 0
        assert (one["holdout"], one["invited"]) == (
            its["held"]["buyers"], its["invited"]["buyers"],
        )  # fmt: skip
        mine = [row for row in tables["steps"] if row["source"] == one["source"]]
        assert [(row["step"]["en"], row["reached"], row["won"]) for row in mine] == [
            (step["step"], step["people"], step["adds"]) for step in its["steps"]
        ]
        for cut in ("shop", "hour"):
            whole = [row for row in tables[f"{cut}s"] if row["source"] == one["source"]]
            assert sum(row["in_scope"] for row in whole) == one["in_scope"]
            assert sum(row["friends"] for row in whole) == one["friends"]
            parts = [row for row in tables[f"{cut}_steps"] if row["source"] == one["source"]]
            assert sum(row["reached"] for row in parts) == sum(row["reached"] for row in mine)
            assert sum(row["won"] for row in parts) == sum(row["won"] for row in mine)


def test_friends_staff_stores_and_channels_of_the_played_days(run: Callable, played) -> None:
    home = ("--home", played.home)
    channels = run("report", "channels", *home, "--since", "2025-12-01", "--json").json
    costs = {row[0]["en"]: row[3] for row in channels["tables"][0]["rows"]}
    steps = played.figures["by_step"]
    assert costs["SMS"] == steps["sms"]["cost_minor"]
    assert costs["AI call"] == steps["call"]["cost_minor"]
    assert costs["parcel insert"] == steps["card"]["cost_minor"]
    for words in (("report", "members"), ("report", "store")):
        assert run(*words, *home, "--lang", "zh").code == 0
    formula = ("--formula", "done: 2 * done; 1 / 0")
    staff = run("report", "staff", *home, *formula, "--json").json
    (paid,) = [one["rows"] for one in staff["tables"] if one["name"] == "incentive"]
    done = {row[0]: row[2] for row in staff["tables"][0]["rows"]}
    assert [row[4] for row in paid if row[1] == "done"] == [200 * done[who] for who in done]
    assert {row[4] for row in paid if row[1] != "done"} == {None}
    names = staff["names"]["staff"]
    assert set(names) == set(done)  # beside their codes, wherever these stand
    rows = run("report", "staff", *home, "--csv", "--table", "work", "--lang", "en").out
    for code, name in names.items():
        assert f"\n{code},{name}," in rows.replace("\r", "")
    assert "is no metric" in run("report", "staff", *home, "--formula", "2 * wages").err


def test_a_base_of_days_is_too_thin_for_a_model_and_says_so(run: Callable, played) -> None:
    said = run("report", "value", "--home", played.home)
    assert (said.code, "Too little is known" in said.err) == (1, True)

    backwards = ("report", "lapsed", "--from-months", "6", "--to-months", "3")
    assert "from-months" in run(*backwards, "--home", played.home).err


def test_the_lake_says_what_is_in_it_and_is_written_anew(run: Callable, played) -> None:
    anew = run("lake", "sync", "--anew", "--home", played.home, "--json").json
    assert anew["rows"]["customer"] > 0
    assert run("lake", "sync", "--home", played.home, "--json").json["rows"] == {}
    status = run("lake", "status", "--home", played.home, "--json").json
    assert status["tables"]["orders"]["rows"] == anew["rows"]["orders"]
    assert "orders" in run("lake", "status", "--home", played.home).out
    assert "written anew" in run("lake", "sync", "--anew", "--home", played.home).out


@pytest.fixture
def bare() -> Iterator[Path]:
    """A home that nobody has used, where PostgreSQL can reach it."""
    home = Path(tempfile.mkdtemp(prefix="siyu-figures-", dir="/tmp"))
    try:
        load({}, home=home)  # the keys come first
        with Embedded(home, durable=False):  # stays up between the commands
            yield home
    finally:
        shutil.rmtree(home, ignore_errors=True)


def test_a_brand_of_one_public_file_has_its_figures(run: Callable, bare: Path) -> None:
    """CDNOW, as published: calibration of 39 weeks."""
    path = Path(os.environ.get("SIYU_SAMPLE_DATA", "")) / "cdnow_sample.csv"
    if not path.is_file():
        pytest.skip("needs the sample data: set SIYU_SAMPLE_DATA to their folder")
    mapping = Path(__file__).parents[2] / "examples/mappings/cdnow.yaml"
    assert run("import", "orders", path, "--mapping", mapping, "--home", bare).code == 0

    value = ("report", "value", "--until", "1997-09-30", "--unit", "week", "--home", bare)
    said = run(*value, "--json").json
    assert said["bgnbd"]["customers"] == 2357
    assert said["bgnbd"]["log_likelihood"] == pytest.approx(-9582.43, abs=0.01)
    assert said["gamma_gamma"]["p"] == pytest.approx(6.25, rel=0.002)
    shown = run(*value, "--lang", "zh").out
    for head in ("BG/NBD 参数 α", "Gamma-Gamma 参数 γ", "时间单位", "已拟合的模型（新的在前）"):
        assert head in shown
    models = next(one for one in said["tables"] if one["name"] == "models")
    heads = [one["name"] for one in models["columns"]]
    newest = dict(zip(heads, models["rows"][0], strict=True))
    assert (newest["unit"]["en"], newest["spend_p"]) == ("week", said["gamma_gamma"]["p"])

    asked = ("report", "lapsed", "--as-of", "1998-06-30", "--home", bare)
    found = run(*asked, "--json").json["customers"]
    assert found[0]["expected_minor"] >= found[-1]["expected_minor"]
    assert all("1997-12-30" <= one["last_order"] < "1998-03-30" for one in found)
    assert len({one["buyer_id"] for one in found}) == len(found) > 100
    ranked = run(*asked, "--json").json
    assert ranked["model_version"] == 1  # the same data is the same fit
    months = next(one for one in ranked["tables"] if one["name"] == "months")
    assert sum(row[1] for row in months["rows"]) == len(found)

    late, empty = (run("report", name, "--home", bare) for name in ("rfm", "store"))
    assert "The last order is of 1998-06-30" in late.out
    assert "--as-of 1998-06-30" in late.out
    assert empty.code == 1
    assert "--until 1998-06-30" in empty.err
    assert "The last order" not in run(*value).out
    # Every report over days of orders says how to get to the last ones, and then has them.
    for name in ("attribution", "funnel", "members", "store", "staff", "repurchase"):
        told = run("report", name, "--lang", "zh", "--home", bare)
        assert "--until 1998-06-30" in told.out + told.err, name
    asked = ("report", "attribution", "--home", bare)
    assert "No order stands in these days." in run(*asked).out
    assert "None of 509 orders came after a touch." in run(*asked, "--until", "1998-06-30").out
    cohorts = run("report", "cohorts", "--home", bare).out
    assert "15.9%" in cohorts
    assert "≥" not in cohorts  # the interval stands with its figure
    assert "USD" not in cohorts  # and the currency in the amounts
