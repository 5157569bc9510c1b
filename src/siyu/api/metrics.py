"""`/metrics`: how the installation stands, in the text form that Prometheus reads."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime

from fastapi import APIRouter
from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.exposition import CONTENT_TYPE_LATEST
from prometheus_client.registry import Collector
from starlette.responses import PlainTextResponse, Response

from siyu.api.auth import TheApp, needs
from siyu.worker.status import Measured, measure

router = APIRouter(tags=["health"])


class _Once(Collector):
    """What was measured for one answer."""

    def __init__(self, found: Iterable[Metric]) -> None:
        self._found = found

    def collect(self) -> Iterable[Metric]:
        return self._found


@router.get("/metrics", **needs("metrics.read"), response_class=PlainTextResponse)
def metrics(app: TheApp) -> Response:
    """For a monitor: the inbox, each sweep, what is owed and what is in doubt. No customer in it.

    Read from the database, so any process of an installation answers for all of them.
    """
    now = app.clock.now()
    measured = measure(app.db, app.channels, now, app.clock.real())
    registry = CollectorRegistry()
    registry.register(_Once(list(families(measured, sorted(app.channels), now))))
    return Response(generate_latest(registry), media_type=CONTENT_TYPE_LATEST)


def families(one: Measured, channels: Iterable[str], now: datetime) -> Iterator[Metric]:
    """The names that dashboards rely on."""
    accepted = one.applied + one.pending + one.parked
    yield CounterMetricFamily("siyu_events_accepted", "Events ever accepted.", accepted)
    yield CounterMetricFamily("siyu_events_applied", "Events ever applied.", one.applied)
    yield GaugeMetricFamily("siyu_events_pending", "Events that wait to be applied.", one.pending)
    yield GaugeMetricFamily("siyu_events_parked", "Events whose apply failed.", one.parked)
    yield GaugeMetricFamily("siyu_workers", "Processes at work.", one.alive)
    lag = GaugeMetricFamily(
        "siyu_sweep_lag_seconds", "How long the oldest due work has waited.", labels=["sweep"]
    )
    for sweep, seconds in one.lags.items():
        lag.add_metric([sweep], seconds)
    yield lag
    yield from _totals(one)
    yield from _touches(one, channels, now)


def _totals(one: Measured) -> Iterator[Metric]:
    runs = CounterMetricFamily("siyu_sweep_runs", "Batches, idle ones too.", labels=["sweep"])
    items = CounterMetricFamily("siyu_sweep_items", "What was in them.", labels=["sweep"])
    seconds = CounterMetricFamily("siyu_sweep_seconds", "Time spent.", labels=["sweep"])
    failures = CounterMetricFamily("siyu_sweep_failures", "Batches that failed.", labels=["sweep"])
    for total in one.totals:
        runs.add_metric([total.sweep], total.runs)
        items.add_metric([total.sweep], total.items)
        seconds.add_metric([total.sweep], total.seconds)
        failures.add_metric([total.sweep], total.failures)
    yield from (runs, items, seconds, failures)


def _touches(one: Measured, channels: Iterable[str], now: datetime) -> Iterator[Metric]:
    lanes = ["channel", "lane"]
    owed = GaugeMetricFamily("siyu_touches_owed", "Touches that wait to go out.", labels=lanes)
    age = GaugeMetricFamily(
        "siyu_touches_owed_age_seconds", "How long the oldest of them is due.", labels=lanes
    )
    for waiting in one.owed:
        owed.add_metric([waiting.channel, waiting.lane], waiting.touches)
        late = max((now - waiting.oldest).total_seconds(), 0.0)
        age.add_metric([waiting.channel, waiting.lane], late)
    unknown = GaugeMetricFamily(
        "siyu_touches_unknown",
        "Touches that may have gone out or not.",
        labels=["channel"],
    )
    failing = GaugeMetricFamily(
        "siyu_channel_failing", "1: lately its provider took nothing.", labels=["channel"]
    )
    for channel in channels:
        unknown.add_metric([channel], one.unknown.get(channel, 0))
        broken = any(sweep.startswith(f"send:{channel}:") for sweep in one.failing)
        failing.add_metric([channel], float(broken))
    yield from (owed, age, unknown, failing)
