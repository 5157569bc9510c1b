"""A report asked for in every form that `siyu report` has, each read back."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from tests.analytics.taken import csv_holds, page_holds, says_how_it_is_read
from tests.cli.conftest import siyu

from siyu.analytics.views.questions import BY_NAME

HAN = re.compile("[\u4e00-\u9fff]")


def report(home: Path, name: str, *words: str) -> dict[str, Any] | None:
    """What it says as JSON, on screen, as CSV and as a page; None where it is refused, which each
    form says in words."""
    asked = ("report", name, *words, "--home", home)
    said = siyu(*asked, "--json")
    if said.code:
        _refused(asked, said.code, said.json)
        return None
    told = said.json
    says_how_it_is_read(told)
    called = BY_NAME[name].title
    title = {"en": called[:], "zh": called.zh}
    assert told["title"] == title
    for lang, form in (("zh", "--csv"), ("en", "--html")):
        file = siyu(*asked, form, "--lang", lang)
        assert (file.code, file.err) == (0, "")
        holds = csv_holds if form == "--csv" else page_holds
        holds(told, title, file.out, lang)
    for lang in ("zh", "en"):
        shown = siyu(*asked, "--lang", lang)
        assert (shown.code, shown.err) == (0, "")
        for part in ("title", "answer", "population", "definition"):
            assert told[part][lang] in shown.out
        assert bool(HAN.search(shown.out)) is (lang == "zh")
    return told


def _refused(asked: tuple[object, ...], code: int, said: dict[str, Any]) -> None:
    """In words, whatever was asked for; no file is begun."""
    assert (code, said["error"], said["problems"]) == (1, "refused", [])
    assert said["detail"].endswith(".")
    for form in ((), ("--csv",), ("--html",)):
        file = siyu(*asked, *form)
        assert (file.code, file.out) == (1, "")
        assert file.err == f"siyu: {said['detail']}\n"
    assert HAN.search(siyu(*asked, "--lang", "zh").err)
