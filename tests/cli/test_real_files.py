"""Every report on a brand of nothing but CDNOW's public file: an answer with how to read it, or
why there is none. (Online Retail's: tests/connectors/orderfile/test_samples.py.)"""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from tests.cli.conftest import siyu
from tests.cli.whole import report

from siyu.analytics.check import described
from siyu.analytics.model.answer import Question
from siyu.analytics.views.questions import QUESTIONS

MAPPING = Path(__file__).parents[2] / "examples" / "mappings" / "cdnow.yaml"
LAST = "1998-06-30"  # of its days
ENDS = {"until", "as_of"}
# What a file of orders is enough for; the others may say what they lack.
# What lives on touches and friends alone: no day of the file would help.
OF_TOUCHES = {"channels", "content", "health", "trust"}
OF_ORDERS = {"totals", "cohorts", "repurchase", "rfm", "value", "lapsed", "members", "store"}


@pytest.fixture(scope="session")
def home(databases: Any, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    path = Path(os.environ.get("SIYU_SAMPLE_DATA", "")) / "cdnow_sample.csv"
    if not path.is_file():
        pytest.skip("needs the sample data: set SIYU_SAMPLE_DATA to their folder")
    name, home = databases.take(), tmp_path_factory.mktemp("cdnow")
    home.joinpath("siyu.toml").write_text(f'database_url = "{databases.url(name)}"\n', "utf-8")
    said = siyu("import", "orders", path, "--mapping", MAPPING, "--home", home, "--json")
    assert (said.code, said.json["orders"], said.json["rejected"]) == (0, 6_919, 0)
    yield home
    databases.give_back(name)


@pytest.mark.parametrize("question", QUESTIONS, ids=lambda one: one.name)
def test_every_report_as_of_today_answers_or_says_why_not(
    home: Path, question: type[Question]
) -> None:
    """Nearly thirty years behind the last order."""
    said = report(home, question.name)
    if ENDS & {one.name for one in described(question)}:
        words = siyu("report", question.name, "--home", home)
        assert (LAST in words.out + words.err) == (question.name not in OF_TOUCHES)
    elif question.name in OF_ORDERS:
        assert said is not None


@pytest.mark.parametrize(
    "question",
    [one for one in QUESTIONS if ENDS & {field.name for field in described(one)}],
    ids=lambda one: one.name,
)
def test_every_report_up_to_its_last_day_answers_or_says_why_not(
    home: Path, question: type[Question]
) -> None:
    (end,) = ENDS & {one.name for one in described(question)}
    said = report(home, question.name, f"--{end.replace('_', '-')}", LAST)

    assert said is not None or question.name not in OF_ORDERS
    if said:
        assert "1998-03" < said["period"]["last"] <= LAST  # lapsed: who bought last until March
        assert not any("The last fact" in note["en"] for note in said["notes"])
