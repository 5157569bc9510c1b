"""The docs say what the code does: complete, up to date, with links that lead somewhere."""

from __future__ import annotations

import importlib.util
import re
import sys
from pathlib import Path
from types import ModuleType
from typing import cast

import pytest
import typer

from siyu.api.http import make
from siyu.app import App
from siyu.cli.main import app as cli
from siyu.connectors.registry import manifests
from siyu.events.model import KINDS
from siyu.journeys.nodes import NODES
from siyu.journeys.predicates import FAMILY
from siyu.segments.predicates import FAMILIES
from siyu.settings import documented

REPO = Path(__file__).parent.parent
DOCS = REPO / "docs"
ROOMS = sorted(
    path.name
    for path in (REPO / "src" / "siyu").iterdir()
    if path.is_dir() and (path / "__init__.py").exists()
)
PAGES = sorted(
    path
    for root in (REPO, DOCS, REPO / "src", REPO / "examples")
    for path in (root.glob("*.md") if root == REPO else root.rglob("*.md"))
)
TESTS = "\n".join(
    path.read_text("utf-8")
    for path in (REPO / "tests").rglob("*.*")
    if path.suffix in {".py", ".sql"}
)


def _generator() -> ModuleType:
    spec = importlib.util.spec_from_file_location("generate_docs", DOCS / "generate.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module  # dataclasses and type hints look it up
    spec.loader.exec_module(module)
    return module


GENERATE = _generator()
COMMANDS = dict(GENERATE.walk(typer.main.get_command(cli), "siyu"))


def _reference(name: str) -> str:
    return (DOCS / "reference" / f"{name}.md").read_text("utf-8")


def _tested(word: str) -> bool:
    return re.search(rf"(?<![\w.-]){re.escape(word)}(?![\w-])", TESTS) is not None


def test_the_reference_is_what_the_code_says() -> None:
    written = {path.name: path.read_text("utf-8") for path in (DOCS / "reference").glob("*.md")}

    assert written == GENERATE.pages(), "run `make docs`"


@pytest.mark.parametrize(
    ("page", "word"),
    [
        *(("nodes", node.key) for node in NODES),
        *(("predicates", form.key) for family in (*FAMILIES, FAMILY) for form in family.forms),
        *(("connectors", name) for name in manifests()),
        *(("events", kind) for kind in KINDS),
    ],
)
def test_everything_that_can_be_named_is_documented_and_tested(page: str, word: str) -> None:
    assert f"\n## `{word}`" in _reference(page)
    assert _tested(word)


@pytest.mark.parametrize("path", COMMANDS)
def test_every_command_is_documented_and_run_by_a_test(path: str) -> None:
    called = ", ".join(f'"{word}"' for word in path.split()[1:])

    assert f"\n## `{path}`\n" in _reference("commands")
    assert re.search(rf"[(\[]{re.escape(called)}", TESTS), f"no test runs {path}"


def test_every_route_is_documented_and_says_who_may_call_it() -> None:
    page = _reference("http")
    routes = [
        (f"{method.upper()} {path}", route)
        for path, methods in make(cast("App", None)).openapi()["paths"].items()
        for method, route in methods.items()
    ]

    assert [name for name, _ in routes if f"\n## `{name}`\n" not in page] == []
    assert {name for name, route in routes if "x-permission" not in route} == {
        "GET /healthz",
        "POST /api/v1/session",
        "GET /api/v1/session",
        "GET /api/v1/session/ways",
        "DELETE /api/v1/session",
        "POST /api/v1/session/password",
    }


@pytest.mark.parametrize("one", list(documented()), ids=lambda one: one.name)
def test_every_setting_is_documented_and_tested(one) -> None:
    assert f"| `{one.name}` | `{one.variable}` |" in _reference("settings")
    assert _tested(one.variable) or _tested(one.name.rpartition(".")[2])


@pytest.mark.parametrize("room", ROOMS)
def test_every_room_is_on_the_map_and_tested(room: str) -> None:
    assert re.search(rf"`{room}/?`", (DOCS / "architecture.md").read_text("utf-8"))
    assert (REPO / "tests" / room).is_dir() or re.search(rf"\bsiyu\.{room}\b", TESTS)


@pytest.mark.parametrize("page", PAGES, ids=lambda path: str(path.relative_to(REPO)))
def test_every_link_leads_somewhere(page: Path) -> None:
    text = re.sub(r"```.*?```", "", page.read_text("utf-8"), flags=re.DOTALL)
    links = re.findall(r"\[[^\]]*\]\(([^)\s]+)\)", text)
    dead = [
        link
        for link in links
        if "://" not in link and not (page.parent / link.partition("#")[0]).exists()
    ]

    assert dead == []


@pytest.mark.parametrize(
    "page", [*PAGES, *sorted(DOCS.rglob("*.svg"))], ids=lambda path: str(path.relative_to(REPO))
)
def test_no_page_names_a_machine_or_an_inner_tool(page: Path) -> None:
    text = page.read_text("utf-8")

    assert (
        re.findall(r"/work\b|/tmp/|/root/|/home/\w+|pypi\.|cdnjs|registry\.|\.internal\b", text)
        == []
    )


def test_both_readmes_have_the_same_parts_and_commands() -> None:
    english, chinese = (
        (REPO / name).read_text("utf-8") for name in ("README.md", "README.zh-CN.md")
    )

    def commands(text: str) -> list[str]:
        return sorted(set(re.findall(r"\b(?:siyu|make) [a-z][a-z-]+", text)))

    assert len(re.findall(r"^##? ", english, re.MULTILINE)) == len(
        re.findall(r"^##? ", chinese, re.MULTILINE)
    )
    assert commands(english) == commands(chinese)


@pytest.mark.parametrize("page", PAGES, ids=lambda path: str(path.relative_to(REPO)))
def test_commands_that_a_page_names_exist(page: Path) -> None:
    text = page.read_text("utf-8")
    blocks = re.findall(r"```sh\n(.*?)```|`([^`\n]+)`", text, re.DOTALL)
    quoted = "\n".join("".join(found) for found in blocks)
    targets = re.findall(r"^([a-z]+):", (REPO / "Makefile").read_text("utf-8"), re.MULTILINE)
    known = {tuple(path.split()[1:]) for path in COMMANDS}

    for line in re.findall(r"(?:^|/|; )siyu ([a-z][a-z -]*)", quoted, re.MULTILINE):
        words = tuple(line.split())
        assert any(words[: len(path)] == path for path in known), f"siyu {line}"
    for target in re.findall(r"^make ([a-z]+)", quoted, re.MULTILINE):
        assert target in targets


def test_both_tutorials_run_the_same_commands() -> None:
    english, chinese = (
        re.findall(r"^(?:siyu|make|cp) [^#\n]*", (DOCS / name).read_text("utf-8"), re.MULTILINE)
        for name in ("tutorial.md", "tutorial.zh-CN.md")
    )

    assert [line.rstrip() for line in english] == [line.rstrip() for line in chinese]
