"""docs/scale.md: what was measured, and what follows from it by arithmetic, kept apart."""

from __future__ import annotations

from collections.abc import Sequence
from statistics import median

from figures import NOTHING, Result, latest, number, table, values

EVENTS_A_YEAR = 24  # per customer: orders, parcels, friendships, answers, receipts
STEPS_PER_EVENT = 3  # transitions that an event leads to
PEAK_HOUR = 0.01  # share of a year's events in its busiest hour: a sale with a campaign
SIZES = (100_000, 1_000_000, 10_000_000)

LIMITS = """## Where it ends

- **One applier.** Facts are folded in by one process at a time
  ([why](decisions/0004-one-applier.md)): more workers do not make it faster, a faster core
  does. Its rate above, measured beside the process that accepts, is the limit of one
  installation.
- **Transitions and sending spread.** Any number of workers claim different visits (`siyu serve
  --workers N`). Measured is the number of sweepers named above; that more processes on more
  cores go on in proportion is expected, not measured: at some point the one PostgreSQL is the
  limit.
- **The database's disk.** WAL per item times the rate is what the disk must take, with an fsync
  per batch. Backups and replicas carry the same.
- **Memory** does not grow with what waits: a waiting visit is a row and an index entry, not a
  timer in a process ([why](decisions/0005-timers-are-rows.md)). The index of what is due wants
  to fit in the server's cache.
- **Not measured:** several machines, replicas, networks between engine and database, years of
  history, other disks."""


def parts(results: Sequence[Result], measured: str) -> list[str]:
    """The parts of the page."""
    intro = "What an event, a transition and a wait cost, and what that makes for other brands."
    if not results:
        return [intro, f"{NOTHING} See [how](benchmarks.md#how-to-measure).", LIMITS]
    costs = _costs(results)
    return [
        intro,
        measured,
        "## Measured",
        _measured(costs),
        "## Bytes per row, with indexes",
        _rows(results),
        "## Arithmetic",
        _arithmetic(costs),
        LIMITS,
    ]


def _costs(results: Sequence[Result]) -> dict[str, float]:
    """The figures that the arithmetic starts from, those that are there."""
    paths = {
        "event_per_s": "events.per_s",
        "event_cpu_ms": "events.cpu_ms_each",
        "event_wal": "events.wal_bytes_each",
        "event_bytes": "bytes.per_event",
        "step_per_s": "transitions.per_s",
        "step_cpu_ms": "transitions.cpu_ms_each",
        "step_wal": "transitions.wal_bytes_each",
        "step_bytes": "bytes.per_transition",
        "sweepers": "transitions.sweepers",
        "waiting_bytes": "bytes.per_waiting_visit",
        "waiting_ratio": "beside_waiting.ratio",
        "http_per_s": "accept_over_http.per_s",
    }
    found = {name: values(results, path) for name, path in paths.items()}
    return {name: median(one) for name, one in found.items() if one}


def _measured(costs: dict[str, float]) -> str:
    def cell(name: str) -> str:
        return number(costs[name]) if name in costs else "not measured"

    kinds = ("cpu_ms", "wal", "bytes", "per_s")
    rows = [
        ["an event, accepted and applied", *(cell(f"event_{one}") for one in kinds)],
        ["a transition with its owed message", *(cell(f"step_{one}") for one in kinds)],
        ["a visit that waits", "0 while it waits", "–", cell("waiting_bytes"), "–"],
    ]
    heads = ["", "CPU ms", "WAL bytes", "bytes kept, with indexes", "/s on this machine"]
    said = [table(heads, rows)]
    if "sweepers" in costs:
        said.append(f"Transitions by {number(costs['sweepers'])} sweepers.")
    if "waiting_ratio" in costs:
        said.append(
            "A transition beside a million visits that wait costs"
            f" {costs['waiting_ratio']:.2f} times one alone."
        )
    return "\n\n".join(said)


def _rows(results: Sequence[Result]) -> str:
    found = latest(results, "bytes")
    if found is None:
        return NOTHING
    return table(
        ["table", "bytes"], [[f"`{name}`", number(size)] for name, size in found["rows"].items()]
    )


def _arithmetic(costs: dict[str, float]) -> str:
    needed = {"event_cpu_ms", "step_cpu_ms", "event_bytes", "step_bytes", "event_wal", "step_wal"}
    if not needed <= costs.keys():
        return f"Not possible yet: {', '.join(sorted(needed - costs.keys()))} not measured."
    cpu = costs["event_cpu_ms"] + STEPS_PER_EVENT * costs["step_cpu_ms"]
    kept = costs["event_bytes"] + STEPS_PER_EVENT * costs["step_bytes"]
    wal = costs["event_wal"] + STEPS_PER_EVENT * costs["step_wal"]
    rows = [
        [
            number(customers),
            number(peak),
            f"{peak * cpu / 1e3:.2g}",
            f"{peak * wal / 1e6:.2g}",
            number(events * kept / 1e9),
            number(customers * costs.get("waiting_bytes", 0) / 1e6),
        ]
        for customers in SIZES
        for events in (customers * EVENTS_A_YEAR,)
        for peak in (events * PEAK_HOUR / 3600,)
    ]
    heads = [
        "customers",
        "events/s in the busiest hour",
        "cores busy then",
        "WAL MB/s then",
        "GB kept a year",
        "MB if all wait at once",
    ]
    said = (
        "Not measured: the figures above, multiplied. It assumes"
        f" {EVENTS_A_YEAR} events a customer and year, {STEPS_PER_EVENT} transitions an event,"
        f" {PEAK_HOUR:.0%} of a year's events in its busiest hour, and that rows cost the same"
        " however many there are. What connectors and people wait for is not in it."
    )
    return f"{said}\n\n{table(heads, rows)}"
