"""An installation without a brand: stories bring their own."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from siyu.app import App, open_app
from siyu.db.pool import Pool
from siyu.dryrun.place import Ground
from siyu.dryrun.story import theatre
from siyu.settings import load


@pytest.fixture
def app(db: Pool, tmp_path: Path) -> Iterator[App]:
    with open_app(load({}, home=tmp_path / "home", database_url=db.url)) as app:
        yield app


@pytest.fixture(scope="package")
def stage(databases: Any, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ground]:
    """Where stories play, wiped before each: made anew it would cost most of a second of CPU."""
    name, home = databases.take(), tmp_path_factory.mktemp("stage")
    try:
        settings = load({}, home=home, database_url=databases.url(name))
        with open_app(settings) as app, theatre(app) as here:
            yield here
    finally:
        databases.give_back(name)
