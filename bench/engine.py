"""How fast the engine is on this machine. `bench/engine.py --json`; `--quick` for a tenth of it.

PostgreSQL with fsync on; client, engine and database share the machine's cores. Each figure stands
beside the CPU that it cost, by who spent it, and the load before. The whole takes some minutes.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import baselines
import door
import house
import loop
import spent

from siyu.app import App, open_app
from siyu.settings import load

PARTS = ("events", "http", "transitions", "beside", "lateness", "rest", "baselines", "profile")


def main() -> None:
    """Run and print."""
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--json", action="store_true")
    asked.add_argument("--quick", action="store_true", help="a tenth of everything")
    asked.add_argument("--only", choices=PARTS, action="append", help="some of the parts")
    given = asked.parse_args()
    found = measure(given.only or PARTS, 10 if given.quick else 1)
    print(json.dumps(found, indent=2) if given.json else "\n".join(_lines(found)))


def measure(parts: tuple[str, ...] | list[str], less: int) -> dict[str, Any]:
    """The figures of these parts, on homes of their own."""
    found: dict[str, Any] = {"machine": house.machine()}
    cores = os.cpu_count() or 2
    if "events" in parts:
        with home() as app:
            found["events"] = loop.events_figures(app, 200_000 // less)
    if "transitions" in parts:
        with home(journey=True) as app:
            workers = max(1, min(cores, 4))
            found["transitions"] = loop.transitions_figures(app, 200_000 // less, workers)
    if "lateness" in parts:
        with home(times=True) as app:
            house.publish(app, by_hand=True)
            house.waiting_visits(app, 200_000 // less, app.clock.now())
            found["lateness"] = loop.lateness_figures(app, 10_000, 2_000, seed=3)
    if "http" in parts:
        with home() as app:
            doors = max(1, min(cores, 4))  # processes with an API, as sweepers elsewhere
            found["accept_over_http"] = door.accept_over_http(app, 100_000 // less, 500, 4, doors)
    if "beside" in parts:
        with home(journey=True) as app, home(journey=True) as crowded:
            found["beside_waiting"] = loop.beside_waiting(
                app, crowded, 50_000 // less, 1_000_000 // less, rounds=3
            )
    if "rest" in parts:
        with home() as app:
            place = app.settings.home
            app.close()
            found["at_rest"] = door.at_rest(place, 20 / less)
    if "baselines" in parts:
        with home() as app:
            found["baselines"] = baselines.figures(app, 20_000 // less)
    if "profile" in parts:
        with home() as app:
            profile, sizes = spent.events_spent(app, 40_000 // less)
        with home(journey=True) as app:
            more, others = spent.transitions_spent(app, 40_000 // less)
        profile |= more
        found["profile"] = profile | {"first_three": spent.first_three(profile)}
        found["bytes"] = {**sizes, **others, "rows": sizes["rows"] | others["rows"]}
    found["machine"]["load_after"] = round(os.getloadavg()[0], 2)
    return found


@contextmanager
def home(*, journey: bool = False, times: bool = False) -> Iterator[App]:
    """A brand on a database of its own; with `times` the server notes when each commit was."""
    with tempfile.TemporaryDirectory(prefix="siyu-bench-") as folder:
        Path(folder).chmod(0o755)
        settings = load(None, home=Path(folder) / "home")
        if times:
            with open_app(settings) as app:
                house.note_commits(app)
        with open_app(settings) as app:
            house.install(app)
            if journey:
                house.publish(app)
            yield app


def _lines(found: dict[str, Any], at: str = "") -> Iterator[str]:
    for name, figure in found.items():
        if isinstance(figure, dict):
            yield from _lines(figure, f"{at}{name}.")  # type: ignore[arg-type]
        else:
            yield f"{at + name:45} {figure}"


if __name__ == "__main__":
    sys.exit(main())
