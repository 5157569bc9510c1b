"""The files of every report over HTTP, read back: nothing is in them that its JSON has not, and
nothing is missing. Of a brand of whom every report has something to say."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import Any, Literal

import httpx
import pytest
from tests.analytics.pool import NOW
from tests.analytics.taken import csv_holds, page_holds, says_how_it_is_read
from tests.served import PLAIN, Street
from tests.spark.town import town

from siyu.analytics.model.answer import Question
from siyu.analytics.views.questions import QUESTIONS
from siyu.app import open_app, virtual
from siyu.settings import load

Ask = Callable[[str], httpx.Response]


@pytest.fixture(scope="module")
def asked(
    databases: Any, street: Street, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Ask]:
    name, home = databases.take(), tmp_path_factory.mktemp("town")
    with ExitStack() as held:
        env = {"SIYU_DATABASE_URL": databases.url(name)}
        app = virtual(held.enter_context(open_app(load(env, home=home))), NOW)
        town(app.db, home / "lake").write()
        bearer = {"Authorization": f"Bearer {app.settings.api_key}"}
        url = f"{street.api(app, held)}/api/v1/reports/figures/"
        yield held.enter_context(
            httpx.Client(base_url=url, headers=bearer, trust_env=False, timeout=60, verify=PLAIN)
        ).get
    databases.give_back(name)


@pytest.mark.parametrize("lang", ["zh", "en"])
@pytest.mark.parametrize("question", QUESTIONS, ids=lambda one: one.name)
def test_the_files_of_a_report_hold_its_rows(
    asked: Ask, question: type[Question], lang: Literal["zh", "en"]
) -> None:
    csv, page = (asked(f"{question.name}.{form}?lang={lang}") for form in ("csv", "html"))
    told = asked(question.name).json()
    while told["state"] == "working":
        told = asked(question.name).json()
    report = told["report"]
    says_how_it_is_read(report)

    assert csv.headers["content-type"] == "text/csv; charset=utf-8"
    csv_holds(report, told["title"], csv.text, lang)
    assert page.headers["content-type"] == "text/html; charset=utf-8"
    page_holds(report, told["title"], page.text, lang)
    for file, form in ((csv, "csv"), (page, "html")):
        given = file.headers["content-disposition"]
        assert given == f'attachment; filename="siyu-{question.name}.{form}"'


def test_a_row_that_a_file_lacks_or_has_otherwise_is_seen(asked: Ask) -> None:
    """The reader of these tests reads."""
    csv, page = (asked(f"totals.{form}?lang=en").text for form in ("csv", "html"))
    told = asked("totals").json()
    table, row = told["report"]["tables"][1], told["report"]["tables"][1]["rows"][0]
    for rows in (table["rows"][1:], [[*row[:-1], row[-1] + 1], *table["rows"][1:]]):
        other = told["report"] | {"tables": [told["report"]["tables"][0], table | {"rows": rows}]}
        for holds, file in ((csv_holds, csv), (page_holds, page)):
            holds(told["report"], told["title"], file, "en")
            with pytest.raises((AssertionError, TypeError, AttributeError)):
                holds(other, told["title"], file, "en")
