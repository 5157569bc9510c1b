"""The bench runs, and its pages say what it found: a bench nobody can run measures nothing."""

from __future__ import annotations

import importlib
import json
import re
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import psycopg
import pytest

from siyu.app import App, open_app
from siyu.db.pool import Pool
from siyu.lake.engine import Duck
from siyu.lake.model import COLUMNS
from siyu.settings import load

REPO = Path(__file__).parent.parent
SCRIPTS = sorted(path.stem for path in (REPO / "bench").glob("*.py"))
OURS = {"per_s": 100, "count": 5, "cpu_ms_each": 0.5, "wal_bytes_each": 900}
HALF = {**OURS, "statements_each": 3}


@pytest.fixture
def bench(monkeypatch: pytest.MonkeyPatch) -> Any:
    """Its scripts, as they see each other."""
    monkeypatch.syspath_prepend(str(REPO / "bench"))
    return importlib.import_module


@pytest.fixture
def brand(bench: Any, db: Pool, tmp_path: Path) -> Iterator[App]:
    """What the bench measures on."""
    with open_app(load({"SIYU_DATABASE_URL": db.url}, home=tmp_path)) as app:
        bench("house").install(app)
        yield app


@pytest.mark.parametrize("script", SCRIPTS)
def test_every_script_fits_the_engine_that_it_measures(script: str, bench: Any) -> None:
    assert isinstance(bench(script), ModuleType)


def test_the_watch_books_each_phase_and_every_statement(bench: Any, brand: App) -> None:
    spent = bench("spent")

    profile, weighed = spent.events_spent(brand, 300)

    assert {"parse and check", "events.store", "commit"} <= profile["accept"]["phases"].keys()
    assert {"events.claim", "identities", "journeys"} <= profile["apply"]["phases"].keys()
    assert weighed["rows"]["event"] > 100
    for part in profile.values():
        phases = part["phases"].values()
        booked = sum(one["statements_per_batch"] for one in phases)
        assert booked == pytest.approx(part["statements_per_batch"], abs=0.1)
        assert sum(one["wall_us_each"] for one in phases) == pytest.approx(
            part["wall_us_each"], rel=0.01
        )


def test_a_sweep_is_told_apart_and_left_as_it_was(bench: Any, brand: App) -> None:
    spent = bench("spent")
    bench("house").publish(brand)
    before = vars(spent.journeys.apply)["apply"], vars(spent.journeys.facts)["known"]
    with psycopg.connect(brand.db.url, autocommit=True) as conn:  # else what earlier tests left
        conn.execute("vacuum full")  # free would be filled first, or given back meanwhile

    profile, weighed = spent.transitions_spent(brand, 300)

    assert list(profile) == ["transitions"]
    assert profile["transitions"]["phases"].keys() == {
        "claim", "facts", "decide", "rule", "write moves", "write wishes", "commit",
    }  # fmt: skip
    assert weighed["per_transition"] > weighed["rows"]["touch"] / 2 > 50
    assert before == (vars(spent.journeys.apply)["apply"], vars(spent.journeys.facts)["known"])
    assert len(spent.first_three(profile)) == 3


def test_reservations_over_http_survive_the_kill_of_a_server(bench: Any, brand: App) -> None:
    reserve = bench("reserve")
    size = reserve.Size(asks=2_000, pieces=400, clients=8, servers=2, kills=1)

    found = reserve.measure(brand, size, {"SIYU_DATABASE_URL": brand.settings.database_url})

    assert found["offences"] == []
    assert (found["kills"], found["reserved"], found["refused"]) == (1, 400, 1_600)
    assert found["cpu_ms_by"]["servers"] > 0


def test_the_base_has_every_table_that_a_report_reads(bench: Any) -> None:
    asked = "".join(
        one.read_text("utf-8") for one in (REPO / "src/siyu/analytics/compile").glob("*.py")
    )
    read = set(re.findall(r'\b(?:dated|table)\("(\w+)"\)', asked)) - {"event_subject"}

    assert len(read) > 15
    assert read <= bench("lakebase").ROWS.keys()
    for table, rows in bench("lakebase").ROWS.items():  # each as it is in the lake
        assert set(COLUMNS.get(table, ())) <= set(re.findall(r"\w+", rows)), table


def test_a_table_of_the_base_is_made_anew_where_its_statement_is_another(
    bench: Any, tmp_path: Path
) -> None:
    base = bench("lakebase")
    rows = base.ROWS["store"]

    def stores(tables: dict[str, str]) -> int:
        with bench("lake").opened(base.made(tmp_path, 10, tables), Duck()) as duck:
            return duck.rows("select count(*) from store")[0][0]

    assert stores({"store": rows}) == 50
    assert stores({"store": rows.replace("51", "41")}) == 40
    home = tmp_path / "lake-10"
    written = (home / "manifest.json").stat().st_mtime_ns
    base.made(tmp_path, 10, {"store": rows.replace("51", "41")})
    assert (home / "manifest.json").stat().st_mtime_ns == written
    (home / "made.json").unlink()  # as of an old base, of nobody knows what statements
    assert stores({"goods_share": base.ROWS["goods_share"]}) == 0


@pytest.mark.parametrize("name", ["rows", "dbos", "procrastinate"])
def test_each_contender_does_the_whole_job(
    name: str, bench: Any, brand: App, empty_db: Pool, monkeypatch: pytest.MonkeyPatch
) -> None:
    baselines = bench("baselines")
    missing = [one for one in baselines.NEEDS[name] if not baselines._installed(one)]
    if missing:
        pytest.skip(f"{missing[0]} is in the extra `bench`")
    monkeypatch.setattr(bench("half").Half, "SECONDS", 2)
    job = baselines.CONTENDERS[name](brand, None, empty_db.url, 20)
    next(job)
    with pytest.raises(StopIteration) as ended:
        next(job)

    found = ended.value.value
    assert (found["arrive"]["count"], found["after_wait"]["count"]) == (20, 20)
    assert empty_db.fetch("select count(*), count(distinct key) from owed") == [(20, 20)]
    assert found["after_wait"]["statements_each"] >= 2


def test_what_is_not_installed_is_said_in_words(
    bench: Any, brand: App, monkeypatch: pytest.MonkeyPatch
) -> None:
    baselines = bench("baselines")
    monkeypatch.setattr(baselines, "_engine", lambda *_: {"engine": {"arrive": HALF}})
    monkeypatch.setattr(baselines, "CONTENDERS", {"dbos": baselines.dbos})
    monkeypatch.setattr(baselines, "NEEDS", {"dbos": ("no-such-package",)})

    found = baselines.figures(brand, 1)

    why = "not measured: no-such-package not installed; pip install -e .[bench]"
    assert found["dbos"] == {"missing": why}
    assert found["times_the_engines_cpu"] == {}


# ── The pages ────────────────────────────────────────────────────────────────────────────────────

PHASE = {"percent": 60.0, "wall_us_each": 6.0, "client_us_each": 2.0, "statements_per_batch": 1}
PART = {"batch": 2000, "statements_per_batch": 4, "wall_us_each": 10.0, "phases": {"claim": PHASE}}
RESULT: dict[str, Any] = {
    "machine": {"cores": 2, "load_before": 0.1},
    "events": {"per_s": 7000, "cpu_ms_each": 0.2, "wal_bytes_each": 4000, "cpu_ms_by": {}},
    "transitions": {
        "per_s": 9000, "cpu_ms_each": 0.07, "cpu_ms_by": {"engine": 0.04, "database": 0.03},
        "sweepers": 2, "wal_bytes_each": 2000,
    },
    "baselines": {
        "engine": {"arrive": OURS, "after_wait": OURS},
        "rows": {"arrive": {**HALF, "cpu_ms_each": 1.0}, "after_wait": HALF},
        "dbos": {"missing": "not measured: dbos not installed"},
        "times_the_engines_cpu": {"rows": {"arrive": 2.0, "after_wait": 1.0}},
    },
    "profile": {
        "accept": PART, "apply": PART, "transitions": PART,
        "first_three": ["apply: claim, 6.0 µs each (60%)"],
    },
    "bytes": {
        "per_event": 3000, "per_transition": 1000, "per_waiting_visit": 500,
        "rows": {"visit": 640},
    },
}  # fmt: skip


def test_the_pages_hold_each_figure_beside_what_was_asked_for(bench: Any) -> None:
    pages = bench("report").pages([RESULT], "2026-03-02", "A machine", "What was done.")

    page, scale = pages["benchmarks.md"], pages["scale.md"]
    assert "Measured on 2026-03-02: A machine, 2 cores. One run; load before: 0.1." in page
    assert "| Events accepted and applied | ≥ 6,000 /s | ≥ 10,000 /s | 7,000 | must |" in page
    assert "| Transitions | ≥ 10,000 /s | ≥ 20,000 /s | 9,000 | **missed** |" in page
    assert "| … CPU of a transition, all processes | ≤ 0.15 ms | ≤ 0.08 ms | 0.07 | goal |" in page
    assert "| Cold start to the first answer | ≤ 3 s | ≤ 1.5 s | not measured yet |  |" in page
    assert "| Siyu | 100 | 0.5 | 900 | 0.004 † | 1 | 100 | 0.5 | 900 | 0.002 † | 1 |" in page
    assert "| a row at a time, the bare job | 100 | 1 | 900 | 3 | 2.0 × |" in page
    assert "DBOS: not measured: dbos not installed" in page
    assert "1. apply: claim, 6.0 µs each (60%)" in page
    assert "What was done." in page
    assert "| a visit that waits | 0 while it waits | – | 500 | – |" in scale
    # 24 million events of 3,000 bytes, three transitions of 1,000 each: 144 GB
    assert "| 1,000,000 | 66.7 | 0.027 | 0.67 | 144 | 500 |" in scale


def test_of_several_runs_the_pages_show_the_median_and_the_span(bench: Any) -> None:
    others = [{**RESULT, "events": {**RESULT["events"], "per_s": one}} for one in (5000, 6500)]

    page = bench("report").pages([RESULT, *others], "2026-03-02", "", "")["benchmarks.md"]

    assert "Median of 3 runs (lowest – highest)" in page
    assert "| ≥ 6,000 /s | ≥ 10,000 /s | 6,500 (5,000 – 7,000) | must |" in page


def test_without_a_result_the_pages_claim_nothing(bench: Any) -> None:
    pages = bench("report").pages([], "", "", (REPO / "bench" / "notes.md").read_text("utf-8"))

    assert "Not measured yet." in pages["scale.md"]
    figures = pages["benchmarks.md"].partition("## Figures")[2].partition("## CPU per item")[0]
    rows = [line for line in figures.splitlines() if line.startswith("| ")][2:]
    assert len(rows) == 11
    assert all("| not measured yet |  |" in row for row in rows)


def test_the_script_writes_both_pages_and_asks_for_the_day(
    bench: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    result = tmp_path / "result.json"
    result.write_text(json.dumps(RESULT), "utf-8")
    report = bench("report")

    monkeypatch.setattr("sys.argv", ["report", str(result), "--to", str(tmp_path)])
    with pytest.raises(SystemExit):
        report.main()
    assert "on which day this was measured" in capsys.readouterr().err

    monkeypatch.setattr(
        "sys.argv", ["report", str(result), "--to", str(tmp_path), "--date", "2026-03-02"]
    )
    report.main()
    assert "7,000" in (tmp_path / "benchmarks.md").read_text("utf-8")
    assert (tmp_path / "scale.md").exists()
