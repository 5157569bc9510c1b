"""What a dry run tells, as plain values: what `--json` prints, and what is kept and answered."""

from __future__ import annotations

from typing import Any

from siyu.dryrun.model import Told


def plain(told: Told) -> dict[str, Any]:
    """Days as text, ranges and rates by name."""
    counted = told.counted
    return {
        "journey": told.journey,
        "from": told.since.isoformat(),
        "to": told.until.isoformat(),
        "currency": told.currency,
        **{
            name: getattr(counted, name)
            for name in ("heard", "could_enter", "entered", "customers", "held_out", "parked")
        },
        "refused": dict(counted.refused),
        "days": [{**one._asdict(), "day": one.day.isoformat()} for one in counted.days],
        "steps": [one._asdict() for one in counted.steps],
        "given": dict(counted.given),
        "withheld": [one._asdict() for one in counted.withheld],
        "collisions": [one._asdict() for one in counted.collisions],
        "cost_minor": told.cost_minor._asdict(),
        "staff_minutes": told.staff_minutes._asdict(),
        "friends": told.friends._asdict(),
        "ranges_of": told.ranges_of,
        "grid_minutes": int(told.grid.total_seconds() / 60),
        "rates": {
            channel: {
                name: getattr(react, name)._asdict()
                for name in ("reached", "added", "refused", "seconds", "minutes")
            }
            | {"intents": dict(react.intents)}
            for channel, react in told.rates.items()
        },
        "seconds": round(told.seconds, 1),
    }
