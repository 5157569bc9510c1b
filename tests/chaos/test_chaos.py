"""Unhurt: workers, server and database are killed with -9, and nothing is lost or doubled.

The short form of `make chaos`: the same program (bench/chaos), a few hundred orders, one seed.
"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

PROGRAM = Path(__file__).parent.parent.parent / "bench" / "chaos"
SEED = "short-1"
PATIENCE = 400  # seconds: a machine that is shared with others takes several times as long


def test_orders_over_http_survive_kills_of_everything() -> None:
    words = ["--seed", SEED, "--orders", "200", "--kills", "14", "--workers", "2", "--every", "1"]
    command = [sys.executable, str(PROGRAM), *words, "--seconds", "12", "--json"]
    ran = subprocess.run(command, capture_output=True, text=True, timeout=PATIENCE, check=False)

    assert ran.stdout, f"seed {SEED}: {ran.stderr[-2000:]}"
    (run,) = json.loads(ran.stdout)["runs"]
    print(run)  # with its seed, should anything below fail
    assert run["offences"] == []
    assert sum(run["kills"].values()) >= 14
    assert run["kills"]["power cut"] >= 2
    assert run["messages"] > 300
