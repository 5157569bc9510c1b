"""`siyu import orders` with the tutorial's files: what it says, and that again is harmless."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

FILES = Path(__file__).parents[2] / "docs" / "tutorial"


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return Path(shutil.copy(FILES / "orders.csv", tmp_path))


def test_a_file_of_ones_own_comes_in_by_its_mapping(
    run: Callable, brandless: Path, file: Path
) -> None:
    words = [file, "--mapping", FILES / "shop-export.yaml", "--home", brandless]

    first = run("import", "orders", *words, "--json").json
    again = run("import", "orders", *words)

    assert (first["orders"], first["guests"], first["refunds"], first["rejected"]) == (3, 1, 1, 1)
    rejects = Path(first["rejects_path"]).read_text("utf-8-sig").splitlines()
    assert rejects[1].startswith("6,数量,")
    assert again.code == 0
    assert "nothing new, from 6 lines." in again.out
    assert "4 orders, refunds and corrections were here already and stay as" in again.out
    assert "1 line could not be used" in again.out
    told = run("explain", "my-shop/A1001", "--home", brandless)
    assert "Touches, sent and not: none" in told.out
    assert "Journeys, entered or not: none" in told.out
    assert " my-shop/A1001 " in told.out  # what was imported is listed all the same


@pytest.mark.parametrize(
    ("content", "mapping", "words"),
    [
        (None, None, "There is no file"),
        ("a,b\n1,2\n", None, "Describe it in a mapping file"),
        ("a,b\n1,2\n", "mapping: [", "line 1"),
        ("", None, "siyu: "),
    ],
)
def test_what_cannot_be_imported_is_said(
    run: Callable,
    empty_home: Path,
    tmp_path: Path,
    content: str | None,
    mapping: str | None,
    words: str,
) -> None:
    file, described = tmp_path / "orders.csv", tmp_path / "mapping.yaml"
    if content is not None:
        file.write_text(content, "utf-8")
    if mapping is not None:
        described.write_text(mapping, "utf-8")
    with_mapping = ["--mapping", described] if mapping is not None else []

    said = run("import", "orders", file, *with_mapping, "--home", empty_home / "home")

    assert said.code == 1
    assert words in said.err
    assert not (empty_home / "home").exists()


def test_one_of_a_kind_is_not_spoken_of_as_several(
    run: Callable, brandless: Path, tmp_path: Path
) -> None:
    lines = (FILES / "orders.csv").read_text("utf-8").splitlines()
    file = tmp_path / "one.csv"
    file.write_text("\n".join([lines[0], lines[1].replace("A1001", "A9001")]) + "\n", "utf-8")
    words = [file, "--mapping", FILES / "shop-export.yaml", "--home", brandless]

    first, again = run("import", "orders", *words).out, run("import", "orders", *words).out

    assert "1 order, 0 refunds, 0 corrections, from 1 line." in first
    assert "1 order, refund or correction was here already and stays as it is." in again


def test_what_was_imported_is_listed_with_how_far_it_is(
    run: Callable, brandless: Path, file: Path
) -> None:
    file = file.rename(file.with_name("listed.csv"))
    words = [file, "--mapping", FILES / "shop-export.yaml", "--home", brandless]
    said = run("import", "orders", *words, "--json").json

    found = run("import", "list", "--home", brandless, "--json").json["imports"]
    shown = run("import", "list", "--home", brandless)

    assert (found[0]["file"], found[0]["state"], found[0]["rejected"]) == (
        "listed.csv", "finished", 1,
    )  # fmt: skip
    assert found[0]["done"]["lines"] == said["lines"] == 5
    assert said["resumed"] == 0
    assert said["lines_per_second"] > 0
    assert "listed.csv" in shown.out
    assert "finished" in shown.out


def test_an_excel_file_needs_one_that_has_the_sheet(
    run: Callable, brandless: Path, file: Path
) -> None:
    said = run("import", "orders", file, "--sheet", "x", "--home", brandless)

    assert said.code == 1
    assert "is no Excel file" in said.err


def test_a_mapping_is_proposed_and_saved_for_a_file_that_nobody_knows(
    run: Callable, file: Path, tmp_path: Path
) -> None:
    out = tmp_path / "mine.yaml"
    told = run("import", "mapping", file, "--out", out, "--json").json
    again = run("import", "mapping", file)

    assert told["sure"]["line.quantity"] == 0.93  # one cell is none
    assert told["missing"] == []
    assert out.read_text("utf-8").startswith("# Proposed from the names of columns")
    assert '"quantity":"数量"' in again.out
