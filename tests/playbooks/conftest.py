"""An installation without a brand: stories bring their own."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from siyu.app import App, open_app
from siyu.db.pool import Pool
from siyu.settings import load


@pytest.fixture
def app(db: Pool, tmp_path: Path) -> Iterator[App]:
    with open_app(load({}, home=tmp_path / "home", database_url=db.url)) as app:
        yield app
