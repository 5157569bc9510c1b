"""Commands speak the language of the brand of their home: what they refuse, and what they show."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from tests.cli.conftest import Said, siyu

from siyu.app import begin_brand, open_app
from siyu.cli.codes import CODES
from siyu.cli.fortnight import draw
from siyu.cli.sandbox import keep_language
from siyu.cli.screen import spoken
from siyu.cli.words import headed
from siyu.kernel.sentence import Language, Sentence, within
from siyu.settings import load
from siyu.staff.model import Brand

CLI = Path(__file__).parents[2] / "src" / "siyu" / "cli"
CONSOLE = Path(__file__).parents[2] / "web" / "src" / "ui"
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


@pytest.mark.parametrize(
    ("terminal", "chinese_words"),
    [("zh_CN.UTF-8", True), ("en_US.UTF-8", False), ("de_DE.UTF-8", False), ("C.UTF-8", False)],
)
def test_a_demo_speaks_as_the_terminal_that_it_is_played_in(
    terminal: str, chinese_words: bool, tmp_path: Path
) -> None:
    words = ("demo", "--from", "soon", "--no-serve", "--home", tmp_path / "home")

    said = siyu(*words, SIYU_LANGUAGE=None, LC_ALL=terminal)
    asked = siyu(*words, "--lang", "zh", SIYU_LANGUAGE=None, LC_ALL=terminal)
    told = siyu(*words, SIYU_LANGUAGE="en", LC_ALL=terminal)

    assert (said.code, asked.code, told.code) == (1, 1, 1)
    assert bool(HAN.search(said.err)) is chinese_words
    assert HAN.search(asked.err)
    assert not HAN.search(told.err)


def test_what_is_asked_after_a_demo_is_answered_as_the_demo_spoke(chinese: Path) -> None:
    keep_language(chinese, "en")
    keep_language(chinese, "zh")  # what a home says already stays
    try:
        said = of_brand("explain", "nobody", "--home", chinese)
    finally:
        (chinese / "siyu.toml").unlink()

    assert not HAN.search(said.err)


SHOWN: dict[str, tuple[str, ...]] = {
    "doctor": ("doctor",),
    "demo's figures": ("report", "cascade"),
    "cost": ("report", "cost"),
    "withheld": ("report", "withheld"),
    "welcome": ("report", "welcome"),
    "funnel": ("report", "funnel"),
    "journeys": ("journey", "list"),
    "approvals": ("journey", "approvals"),
    "segments": ("segment", "list"),
    "count": ("segment", "count", "rfm-champions"),
    "tasks": ("task", "list"),
    "load": ("task", "load"),
    "rules": ("task", "rules"),
    "offers": ("offers", "list"),
    "pages": ("page", "list"),
    "bookings": ("slots", "list"),
    "lists": ("lists", "list"),
    "imports": ("import", "list"),
}
# The same of the others; that programs get the same in any language is shown once for all.
BESIDE: dict[str, tuple[str, ...]] = {
    "rules of contact": ("budget", "show"),
    "staff": ("staff", "list"),
    "colleagues": ("staff", "colleagues"),
    "visitors": ("staff", "traffic", "show"),
    "accounts": ("account", "list"),
    "playbooks": ("playbook", "list"),
    "one playbook": ("playbook", "show", "cascade"),
    "prices": ("prices", "list"),
    "costs": ("costs", "list"),
    "goods": ("goods", "list"),
    "stock of sizes": ("goods", "stock"),
    "sizes": ("goods", "invitations"),
    "materials": ("material", "list"),
    "words": ("material", "word"),
    "ledger": ("ledger", "check"),
    "goal": ("goal", "show"),
    "payments": ("payment", "list"),
    "rules of tags": ("tag", "rules", "list"),
    "waiting tags": ("tag", "waiting"),
    "webhooks": ("webhook", "list"),
    "warehouses": ("warehouse", "list"),
    "stock": ("warehouse", "stock"),
    "due": ("warehouse", "due"),
    "lists of parcels": ("export", "lists"),
    "credit": ("commerce", "credit"),
    "lake": ("lake", "status"),
    "parked": ("events", "parked"),
    "complaints": ("complaint", "list"),
    "claims": ("match", "list"),
    "friends to match": ("match", "friends"),
    "to look up": ("reveals", "list"),
    "plans of groups": ("groups", "plans"),
    "calendar": ("groups", "calendar"),
    "posts": ("groups", "posts"),
    "advice": ("advise",),
}


@pytest.mark.parametrize("name", SHOWN)
def test_what_is_shown_is_in_the_language_of_the_brand(name: str, played: Any) -> None:
    """Sentences, titles and heads; what stays are codes, figures and what can be typed."""
    words = (*SHOWN[name], "--home", played.home)

    said, asked = of_brand(*words), of_brand(*words, language="en")

    assert said.code == asked.code
    assert said.err == asked.err == ""
    assert HAN.search(said.out)
    assert english(said.out) == []
    told, same = (of_brand(*words, "--json", language=one).json for one in (None, "zh"))
    assert {**told, "fresh": None} == {**same, "fresh": None}


@pytest.mark.parametrize("name", BESIDE)
def test_what_the_other_commands_show_is_in_the_language_of_the_brand(
    name: str, played: Any
) -> None:
    words = (*BESIDE[name], "--home", played.home)

    said, asked = of_brand(*words), of_brand(*words, language="en")

    assert said.code == asked.code == 0
    assert HAN.search(said.out)
    assert english(said.out) == []


def english(text: str) -> list[str]:
    """Three English words one after another, which no row of codes has."""
    typed = re.sub(r"siyu( [a-z-]+)+", "", text)
    return re.findall(r"\b[A-Za-z']+ [a-z']+ [a-z']+\b", typed)


def test_the_demo_s_fortnight_is_told_in_both_languages(
    played: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    told: dict[Language, str] = {}
    for language in ("zh", "en"):
        with spoken(language=language):
            draw({**played.figures, "reconciled": {}}, played.home)
        told[language] = capsys.readouterr().out

    assert f"成为好友 {played.figures['friends_added']}" in told["zh"]
    assert english(told["zh"].replace(str(played.home), "")) == []
    assert f"{played.figures['friends_added']} became friends" in told["en"]
    assert "card" in told["en"]


SAYS = {"say", "hint", "table", "confirm", "prompt", "echo"}


def test_a_code_is_called_as_in_the_console() -> None:
    """One code has one name, whoever shows it; the console's list has each once."""
    files = ("codes.words.ts", "codes.settings.words.ts")
    text = "".join((CONSOLE / name).read_text("utf-8") for name in files)
    console = {
        kind: dict(re.findall(r'^ {4}"?([\w.*]+)"?: \["([^"]*)"', body, re.MULTILINE))
        for kind, body in re.findall(
            r"^ {2}(\w+): \{\n(.*?)\n {2}\},", text, re.MULTILINE | re.DOTALL
        )
    }

    assert console["touch"]["owed"] == "待发送"
    assert {kind: names for kind, names in console.items() if kind in CODES} == CODES


def _english(tree: ast.AST) -> Iterator[str]:
    """What is said to people and is no Sentence; titles that words.py has are."""
    named = {
        target.id: node.value
        for node in ast.walk(tree)
        if isinstance(node, ast.Assign)
        and isinstance(target := node.targets[0], ast.Name)
        and isinstance(node.value, ast.JoinedStr | ast.IfExp | ast.BinOp)
    }
    for node in ast.walk(tree):
        of = getattr(node, "func", None)
        name = getattr(of, "id", getattr(of, "attr", ""))
        if isinstance(node, ast.Call) and node.args and name in SAYS:
            said = node.args[0]
            yield from _plain(named.get(said.id, said) if isinstance(said, ast.Name) else said)


def _plain(said: ast.expr) -> Iterator[str]:
    if isinstance(said, ast.IfExp):
        yield from _plain(said.body)
        yield from _plain(said.orelse)
    elif isinstance(said, ast.BinOp):
        yield from _plain(said.left)
        yield from _plain(said.right)
    elif isinstance(said, ast.JoinedStr):
        for part in said.values:
            if isinstance(part, ast.Constant):
                yield from WORD.findall(str(part.value))
    elif isinstance(said, ast.Constant) and not isinstance(headed(str(said.value)), Sentence):
        yield from WORD.findall(str(said.value))


def test_nothing_that_a_command_says_is_english_alone() -> None:
    plain = {
        f"{path.name}: {said}"
        for path in sorted(CLI.glob("*.py"))
        for said in _english(ast.parse(path.read_text("utf-8")))
    }

    assert plain == set()


def test_every_head_of_a_table_is_known_in_both_languages() -> None:
    """Unless it is a sentence, a code or a value."""
    unknown = {
        f"{path.name}: {one.value}"
        for path in sorted(CLI.glob("*.py"))
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        for one in _heads(node)
        if isinstance(one, ast.Constant) and WORD.search(str(one.value))
        if not HAN.search(within("zh", headed(str(one.value))))
    }

    assert unknown == set()


def _heads(node: ast.AST) -> list[ast.expr]:
    given: ast.expr | None = None
    if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
        given = node.value if node.targets[0].id in {"heads", "HEADS"} else None
    elif isinstance(node, ast.Call) and getattr(node.func, "id", "") == "table":
        given = node.args[1]
    return given.elts if isinstance(given, ast.List | ast.Tuple) else []
