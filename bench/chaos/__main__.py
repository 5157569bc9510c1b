"""Kill everything, again and again, with -9; then ask whether anything was lost or doubled.

    python bench/chaos --orders 20000 --kills 300 --seed 1 --seed 2

A world of buyers tells its facts over HTTP to `siyu serve` with several workers on an embedded
database, while all of these are killed at random; the provider has faults of its own. The same
facts are told to an engine that nobody disturbs: both must end in the same state.
"""

from __future__ import annotations

import argparse
import json
import logging
import shutil
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import judge
from play import Plan, begin, disturbed, undisturbed
from world import World

from siyu.app import open_app, stop_database
from siyu.settings import load


def main() -> None:
    """Run every seed; exit with 1 if one shows an offence."""
    logging.getLogger("uvicorn.error").setLevel(logging.CRITICAL)  # a provider that hangs up
    asked = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    asked.add_argument("--seed", action="append", help="of world and killer; again for more runs")
    asked.add_argument("--orders", type=int, default=20_000)
    asked.add_argument("--kills", type=int, default=300, help="besides the power cuts")
    asked.add_argument("--workers", type=int, default=3, help="processes besides `siyu serve`")
    asked.add_argument("--every", type=float, default=2.0, help="seconds between two kills")
    asked.add_argument("--seconds", type=float, help="in which the facts are told")
    asked.add_argument("--no-faults", action="store_true", help="the provider is always well")
    asked.add_argument("--keep", action="store_true", help="leave the homes for a look")
    asked.add_argument("--json", action="store_true")
    given = asked.parse_args()
    kills = given.kills
    shares = (kills - kills // 5 - kills // 10 - kills // 20, kills // 5, kills // 10, kills // 20)
    seconds = given.seconds if given.seconds is not None else shares[0] * given.every * 0.8
    runs: list[dict[str, Any]] = []
    for seed in given.seed or ["1"]:
        plan = Plan(
            seed=seed,
            orders=given.orders,
            workers=given.workers,
            seconds=seconds,
            kills=shares,
            every=given.every,
            faults=not given.no_faults,
            longest=600 + 4 * shares[0] * given.every + given.orders / 5,
        )
        with _homes(keep=given.keep) as homes:
            runs.append(one(plan, *homes, quiet=given.json))
    if given.json:
        print(json.dumps({"runs": runs}, indent=2, ensure_ascii=False))
    if any(run["offences"] for run in runs):
        raise SystemExit(1)


def one(plan: Plan, calm: Path, rough: Path, *, quiet: bool) -> dict[str, Any]:
    """A seed, played twice and compared."""
    began = time.monotonic()

    def say(words: str) -> None:
        if not quiet:
            print(f"{time.monotonic() - began:7.1f} s  {words}", flush=True)

    world = World(plan.seed, plan.orders)
    say(f"seed {plan.seed}: {plan.orders} orders, undisturbed")
    begin(calm)
    quietly = undisturbed(calm, world, say)
    with open_app(load({}, home=calm)) as app:
        wrong = [f"undisturbed: {one}" for one in judge.offences(app, quietly)]
        before = judge.state(app, world)
    say("the same with kills")
    shutil.copytree(calm / "keys", rough / "keys")  # the same keys: the same hashes
    begin(rough)
    played = disturbed(rough, world, plan, say)
    with open_app(load({}, home=rough)) as app:
        wrong += judge.offences(app, played)
        wrong += judge.differences(before, judge.state(app, world))
        ((events,),) = app.db.fetch("select count(*) from event_applied")
        ((doubts,),) = app.db.fetch("select count(*) from event where kind = 'touch.unknown'")
    figures = {
        "seed": plan.seed, "orders": plan.orders, "events": events, **played.figures,
        "messages": len(played.phones.effects), "once_in_doubt": doubts, "offences": wrong,
    }  # fmt: skip
    killed = sum(played.figures["kills"].values())
    say(
        f"seed {plan.seed}: {killed} kills, {events} events, {len(played.phones.effects)} messages,"
        f" {doubts} once in doubt: "
        + ("nothing lost, nothing doubled" if not wrong else "OFFENCES")
    )
    for offence in wrong:
        say(f"  {offence}")
    return figures


@contextmanager
def _homes(*, keep: bool) -> Iterator[tuple[Path, Path]]:
    folder = Path(tempfile.mkdtemp(prefix="siyu-chaos-", dir="/tmp"))
    folder.chmod(0o755)
    homes = folder / "calm", folder / "rough"
    for home in homes:
        home.mkdir()
    try:
        yield homes
    finally:
        for home in homes:
            stop_database(home)
        if keep:
            print(f"kept: {folder}", file=sys.stderr)
        else:
            shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    main()
