"""What the tests of segments share: parsing a text, and the reference interpreter."""

from __future__ import annotations

import importlib.util
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
import yaml
from tests.segments.worlds import SEGMENTS

from siyu.segments.check import parse
from siyu.segments.model import Tree
from siyu.segments.predicates import FAMILIES

HERE = Path(__file__).parent


@pytest.fixture(scope="session")
def tree() -> Callable[[str], Tree]:
    """The tree of a YAML text that is right."""

    def made(text: str) -> Tree:
        found = parse(yaml.safe_load(text), FAMILIES, segments=SEGMENTS.get)
        assert not isinstance(found, tuple), [str(problem) for problem in found]
        return found

    return made


@pytest.fixture(scope="session")
def reference() -> ModuleType:
    """`reference.py`, which tests can't import by name."""
    spec: Any = importlib.util.spec_from_file_location("reference", HERE / "reference.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module
