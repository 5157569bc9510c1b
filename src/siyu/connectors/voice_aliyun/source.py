"""How calls ended: Aliyun tells it to a queue of one's own or to whoever asks, and we ask."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import httpx
import msgspec

from siyu.connectors.calling import TIMEOUT
from siyu.connectors.manifest import Pulled, Tools
from siyu.connectors.voice_aliyun import wire
from siyu.connectors.voice_aliyun.client import Bot
from siyu.connectors.voice_aliyun.config import Config
from siyu.connectors.voice_aliyun.wire import Open

AT_ONCE = wire.MOST_LISTED
_SOON = timedelta(minutes=1)  # while there is a call whose end is not known


def ends(
    config: Config, tools: Tools, cursor: str, *, timeout: httpx.Timeout = TIMEOUT
) -> Iterator[Pulled]:
    """The ends of the jobs that are open; each is closed once its facts are stored."""
    bot = Bot(config, tools, timeout)
    keys = tools.store.keys("open/")
    for start in range(0, len(keys), AT_ONCE):
        ids = [key.removeprefix("open/") for key in keys[start : start + AT_ONCE]]
        over = [job for job in bot.listed(ids) if job.status in wire.FINAL]
        if over:
            yield Pulled(_events(config, tools, bot, over), cursor)
        for job in over:
            tools.store.take(f"open/{job.job_id}")
    if tools.store.keys("open/"):
        yield Pulled([], cursor, tools.clock.now() + _SOON)


def _events(config: Config, tools: Tools, bot: Bot, over: list[wire.Job]) -> list[object]:
    found: list[object] = []
    for job in over:
        text = tools.store.get(f"open/{job.job_id}")
        if text is None:
            continue
        one = msgspec.json.decode(text, type=Open)
        bare = wire.Ended(job.job_id, job.status, job.failure_reason)
        results = bot.results(one.group, one.phone)
        ended = next((result for result in results if result.id == job.job_id), bare)
        found += wire.ended(config, one, ended, tools.clock.now())
    return found
