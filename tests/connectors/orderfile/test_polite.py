"""An import waits for the engine, so that a live shop's events are not behind it for long."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from siyu.app import App, open_app, order_file
from siyu.connectors.orderfile.source.orders import Progress
from siyu.connectors.orderfile.source.run import BATCH_EVENTS
from siyu.db.pool import Pool
from siyu.events.sweep import APPLIER, apply
from siyu.events.views import backlog
from siyu.settings import load
from siyu.staff.actions import seed
from siyu.staff.model import Brand
from siyu.worker.imports import import_file

LIMIT = 1_000
ORDERS = 3 * BATCH_EVENTS


@pytest.fixture
def app(db: Pool, tmp_path: Path) -> Iterator[App]:
    settings = load({"SIYU_IMPORT_BACKLOG": str(LIMIT)}, home=tmp_path, database_url=db.url)
    with open_app(settings) as opened:
        with opened.db.transaction() as conn:
            seed(conn, Brand("B", "Asia/Shanghai", "CNY", "CN", "zh"), [], [])
        yield opened


@pytest.fixture
def orders(file: Callable[..., Path], tmp_path: Path, text: str) -> tuple[Path, Path]:
    described = tmp_path / "own.yaml"
    described.write_text(text, "utf-8")
    return file(*(f"{n},2026-11-01,a,1,1,b{n % 9},," for n in range(ORDERS))), described


def waiting(app: App) -> int:
    with app.db.transaction() as conn:
        return backlog(conn)


def test_it_waits_while_a_server_has_much_to_apply_and_says_so(
    app: App, orders: tuple[Path, Path]
) -> None:
    told: list[Progress] = []
    most: list[int] = []

    with app.db.try_lock(APPLIER) as server:  # type: ignore[union-attr] - nobody else has it

        def tell(at: Progress) -> None:
            told.append(at)
            most.append(waiting(app))
            if at.stage == "waiting for the engine":
                apply(server, app.projections, app.clock.now())

        report = import_file(app, order_file(*orders), tell)

        assert report.orders == ORDERS
        said = [at.of for at in told if at.stage == "waiting for the engine"]
        assert said
        assert min(said) > LIMIT
        assert max(most) <= LIMIT + BATCH_EVENTS
        assert waiting(app) == BATCH_EVENTS  # the last batch is left to the server


def test_it_applies_itself_once_the_server_is_gone(app: App, orders: tuple[Path, Path]) -> None:
    server = app.db.try_lock(APPLIER)
    assert server is not None
    said: list[str] = []

    def tell(at: Progress) -> None:
        if at.stage.startswith("waiting") and at.stage not in said:
            server.release()
        said.append(at.stage)

    report = import_file(app, order_file(*orders), tell)

    assert report.orders == ORDERS
    assert "waiting for the engine" in said
    assert waiting(app) == 0
