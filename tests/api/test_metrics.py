"""A monitor reads how the installation stands; a key opens it, or a setting to this machine."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import httpx
import pytest
from prometheus_client.parser import text_string_to_metric_families

from siyu.api.http import make
from siyu.app import App, open_app
from siyu.db.pool import Pool
from siyu.sandbox.server import Served
from siyu.settings import load
from siyu.staff.actions import seed
from siyu.staff.model import Brand
from siyu.worker.beats import Beats

Ask = Callable[..., httpx.Response]


@pytest.fixture
def held() -> Iterator[ExitStack]:
    with ExitStack() as stack:
        yield stack


@pytest.fixture
def app(db: Pool, tmp_path: Path, held: ExitStack) -> App:
    settings = load({}, home=tmp_path / "home", database_url=db.url)
    app = held.enter_context(open_app(settings))
    with app.db.transaction() as conn:
        seed(conn, Brand("花间", "Asia/Shanghai", "CNY", "CN", "zh"), [], [])
    return app


@pytest.fixture
def ask(app: App, held: ExitStack) -> Ask:
    def get(path: str, *, key: str = "", **settings: object) -> httpx.Response:
        changed = replace(app, settings=replace(app.settings, **settings))
        with Served(make(changed)) as served:
            headers = {"Authorization": f"Bearer {key}"} if key else {}
            return httpx.get(served.url + path, headers=headers, trust_env=False)

    return get


def test_metrics_need_the_key_unless_a_setting_opens_them_to_this_machine(
    app: App, ask: Ask
) -> None:
    assert ask("/metrics").status_code == 401
    assert ask("/metrics", key=app.settings.api_key).status_code == 200
    assert ask("/metrics", open_metrics=True).status_code == 200
    assert ask("/api/v1/touches", open_metrics=True).status_code == 401  # and nothing else


def test_metrics_tell_of_inbox_sweeps_touches_and_providers(app: App, ask: Ask) -> None:
    now = app.clock.now()
    beats = Beats(app.db.name, ["send"], app.clock.real())
    beats.ran("send:voice_human:now", 2, 0.5, "ConnectError")
    beats.ran("apply", 7, 0.25, "")
    beats.write(app.db, app.clock.real(), applies=True)
    with app.db.transaction() as conn:
        conn.execute(
            """
            insert into touch (node, round, customer_id, journey, step, channel, purpose, lane,
              priority, shop, order_no, material, locale, state, wished_at, due_at, visit_id)
            select 'n', 1, 1, 'j', 's', 'voice_human', 'service', 'now', 5, '', '', 'm', 'zh',
              state, %(at)s, %(at)s, place
            from unnest('{owed,owed,unknown}'::text[]) with ordinality as w (state, place)
            """,
            {"at": now - timedelta(seconds=90)},
        )
        conn.execute(
            "insert into event_pending (event_id, received_at, bucket, error)"
            " values (1, %(at)s, 0, null), (2, %(at)s, 0, 'poison')",
            {"at": now - timedelta(seconds=30)},
        )
        conn.execute("insert into event_applied values (41, 3, %(at)s)", {"at": now})

    text = ask("/metrics", key=app.settings.api_key).text
    told = {
        (sample.name, *sample.labels.values()): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }

    assert told["siyu_events_accepted_total",] == 43
    assert (told["siyu_events_applied_total",], told["siyu_events_pending",]) == (41, 1)
    assert told["siyu_events_parked",] == 1
    assert told["siyu_workers",] == 1
    assert told["siyu_sweep_lag_seconds", "apply"] == pytest.approx(30, abs=20)
    assert told["siyu_sweep_items_total", "apply"] == 7
    assert told["siyu_sweep_failures_total", "send:voice_human:now"] == 1
    assert told["siyu_touches_owed", "voice_human", "now"] == 2
    assert told["siyu_touches_owed_age_seconds", "voice_human", "now"] >= 90
    assert told["siyu_touches_unknown", "voice_human"] == 1
    assert told["siyu_channel_failing", "voice_human"] == 1
    assert told["siyu_channel_failing", "wecom_request"] == 0
