"""Commands speak the language of the brand of their home: what they refuse, and what they show."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from tests.cli.conftest import Said, siyu

from siyu.app import begin_brand, open_app
from siyu.settings import load
from siyu.staff.model import Brand

CLI = Path(__file__).parents[2] / "src" / "siyu" / "cli"
HAN = re.compile("[\u4e00-\u9fff]")
WORD = re.compile(r"[A-Za-z]{3,}")


@pytest.fixture(scope="module")
def chinese(brandless: Path) -> Path:
    """A Chinese brand's home in which nothing has happened."""
    with open_app(load({}, home=brandless)) as app, app.db.transaction() as conn:
        brand = Brand("花研", "Asia/Shanghai", "CNY", "CN", "zh")
        begin_brand(conn, brand, app.clock.now())
    return brandless


def of_brand(*words: object, language: str | None = None) -> Said:
    """A command to which nobody has said what to speak."""
    return siyu(*words, SIYU_LANGUAGE=language)


REFUSED: dict[str, tuple[str, ...]] = {
    "no such customer": ("explain", "nobody"),
    "no such journey": ("journey", "show", "nope"),
    "no such playbook": ("playbook", "show", "nope"),
    "no day": ("slots", "close", "cleaning", "hz-1", "soon"),
    "no store": ("slots", "day", "nope"),
    "no reason": ("page", "retire", "nope"),
    "no number": ("budget", "set", "quota", "--channel", "sms", "--per", "brand",
                  "--period", "day", "--most", "much"),
    "nothing said": ("budget", "set", "shop", "tmall", "--channel", "sms"),
    "no state": ("task", "list", "--state", "odd"),
    "no list": ("lists", "look", "FILE", "--as", "odd"),
    "no file of orders": ("import", "orders", "FILE"),
    "no file of parcels": ("import", "shipped", "FILE"),
    "no page": ("page", "set", "FILE"),
    "no service": ("slots", "set", "FILE"),
    "no journey": ("journey", "publish", "FILE"),
    "no segment": ("segment", "set", "FILE"),
    "no codes": ("offers", "codes", "import", "nope", "FILE"),
    "no date": ("report", "cost", "--from", "soon"),
    "no colleague": ("staff", "hours", "nope", "mon 9"),
    "no advice": ("advise", "--margin", "400"),
}  # fmt: skip


@pytest.mark.parametrize("name", REFUSED)
def test_what_is_refused_is_said_in_the_language_of_the_brand(
    name: str, chinese: Path, tmp_path: Path
) -> None:
    file = tmp_path / "odd.csv"
    file.write_text("x: [1\ncolumn: odd\n", "utf-8")
    words = [str(file) if one == "FILE" else one for one in REFUSED[name]]

    said = of_brand(*words, "--home", chinese)
    asked = of_brand(*words, "--home", chinese, language="en")
    told = of_brand(*words, "--home", chinese, "--json")

    assert (said.code, asked.code, told.code) == (1, 1, 1), said
    assert (said.out, asked.out) == ("", "")
    lines = said.err.removeprefix("siyu: ").splitlines()
    assert [line for line in lines if not HAN.search(line)] == []
    assert asked.err != said.err
    assert asked.err.splitlines()[0] == f"siyu: {told.json['detail']}"
    assert len(lines) == 1 + len(told.json["problems"])


def test_a_problem_names_its_line_its_field_and_the_reason(chinese: Path, tmp_path: Path) -> None:
    file = tmp_path / "page.yaml"
    file.write_text("page: x\nkind: walet\ntitle: {zh: 卡, en: W}\n", "utf-8")

    said = of_brand("page", "set", file, "--home", chinese)
    english = of_brand("page", "set", file, "--home", chinese, language="en")

    assert "\n  第 2 行：kind：" in said.err
    assert "\n  line 2: kind: " in english.err


def test_the_file_of_an_unknown_row_says_why_in_the_language_of_the_brand(
    chinese: Path, tmp_path: Path
) -> None:
    file = tmp_path / "costs.csv"
    file.write_text("sku,cost\na,much\n", "utf-8")

    said = of_brand("costs", "import", file, "--home", chinese)
    prices = tmp_path / "prices.csv"
    prices.write_text("kind,price,from\nsms,much,2026-11-01\n", "utf-8")
    refused = of_brand("prices", "import", prices, "--home", chinese)

    assert "第 2 行，cost：" in said.out
    assert HAN.search(next(tmp_path.glob("*.rejects.csv")).read_text("utf-8"))
    assert "\n  第 2 行，price：" in refused.err


def test_before_there_is_a_brand_a_command_speaks_english(empty_home: Path) -> None:
    said = of_brand("journey", "check", empty_home / "none.yaml")
    bad = of_brand("import", "orders", empty_home / "none.csv", "--home", empty_home)

    assert (said.code, bad.code) == (1, 1)
    assert not HAN.search(said.err + bad.err)
    assert list(empty_home.iterdir()) == []  # for a refusal nothing is begun
    assert HAN.search(of_brand("journey", "check", "none.yaml", language="zh").err)


def test_the_setting_of_a_home_wins_over_its_brand(chinese: Path) -> None:
    file = chinese / "siyu.toml"
    file.write_text('language = "en"\n', "utf-8")
    try:
        said = of_brand("explain", "nobody", "--home", chinese)
    finally:
        file.unlink()

    assert not HAN.search(said.err)
    odd = of_brand("explain", "nobody", "--home", chinese, language="fr")
    assert "language" in odd.err
