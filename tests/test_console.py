"""What the console is generated from says what the code says."""

from __future__ import annotations

import json
import re
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path

import pytest

WEB = Path(__file__).parent.parent / "web"

_spec = spec_from_file_location("console_generate", WEB / "generate.py")
assert _spec is not None
assert _spec.loader is not None
generate = module_from_spec(_spec)
_spec.loader.exec_module(generate)


@pytest.mark.parametrize("name", ["openapi", "nodes", "texts", "vocabulary"])
def test_the_console_is_generated_from_the_code_as_it_is(name: str) -> None:
    made = {
        "openapi": generate.document,
        "nodes": generate.nodes,
        "texts": generate.texts,
        "vocabulary": generate.vocabulary,
    }[name]()

    kept = json.loads((WEB / "src" / "api" / f"{name}.json").read_text("utf-8"))

    assert kept == json.loads(generate.text(made)), "run `make openapi`"


def test_no_page_asks_the_server_by_hand() -> None:
    strays = [
        str(path.relative_to(WEB))
        for path in WEB.glob("src/**/*.ts*")
        if path.name != "schema.d.ts"
        and re.search(r"\bfetch\(|XMLHttpRequest|axios", path.read_text("utf-8"))
    ]

    assert strays == []


def test_the_lock_file_names_no_registry() -> None:
    assert '"resolved"' not in (WEB / "package-lock.json").read_text("utf-8")
