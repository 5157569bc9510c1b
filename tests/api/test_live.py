"""Live: topics as they change, a beat, bounded streams, a server that stops in spite of them."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from typing import Any, Self

import httpx
import pytest
import uvicorn

from siyu.api import live
from siyu.api.http import make
from siyu.cli.serve import Server

KEY = {"by": "ana"}


class Heard:
    """One open stream, read as a browser reads it."""

    def __init__(self, answer: httpx.Response) -> None:
        self.answer = answer
        self._lines = answer.iter_lines()

    def next(self) -> tuple[str, dict[str, Any]]:
        """The next message."""
        name = ""
        for line in self._lines:
            if line.startswith("event: "):
                name = line.removeprefix("event: ")
            if line.startswith("data: "):
                return name, json.loads(line.removeprefix("data: "))
        return "end", {}

    def topics(self, wanted: str) -> set[str]:
        """Everything that is told up to the message that names this topic."""
        found: set[str] = set()
        while wanted not in found:
            name, data = self.next()
            assert name != "end"
            found |= set(data.get("topics", ()))
        return found


@contextmanager
def listening(story: Any) -> Iterator[Heard]:
    bearer = {"Authorization": f"Bearer {story.app.settings.api_key}"}
    with (
        httpx.Client(base_url=story.http.base_url, trust_env=False, timeout=30) as http,
        http.stream("GET", "/api/v1/live", headers=bearer) as answer,
    ):
        assert answer.status_code == 200
        yield Heard(answer)


def test_a_beat_comes_at_once_and_says_the_time_and_what_waits(story) -> None:
    story.pay(story.order(), "13800000001")
    with listening(story) as heard:
        name, beat = heard.next()

    assert name == "beat"
    assert beat["now"].startswith(story.now.isoformat()[:16])
    assert (beat["waiting"], beat["late"]) == (2, 0.0)  # a consent and an order


def test_a_change_is_told_by_its_topic_and_nothing_else(story) -> None:
    with listening(story) as heard:
        heard.next()
        story.ask("POST", "/api/v1/pause", KEY)
        name, told = "", {}
        while "stops" not in told.get("topics", ()):
            name, told = heard.next()

    assert (name, told.keys()) == ("changed", {"topics"})
    assert {"stops", "audit"} <= set(told["topics"]) <= set(live.TOPICS)


@pytest.mark.parametrize(
    ("act", "topic"),
    [
        (lambda story: story.pay(story.order(), "13800000001"), "events"),
        (lambda story: story.pay(story.order(), "13800000001"), "touches"),
        (lambda story: story.siyu("goal", "set", "need", "--by", "ana"), "audit"),
    ],
)
def test_what_follows_from_facts_and_commands_is_told_too(story, act: Any, topic: str) -> None:
    with listening(story) as heard:
        heard.next()
        act(story)
        story.tick()
        assert topic in heard.topics(topic)


def test_every_listener_hears_while_the_database_is_looked_at_once(story) -> None:
    with ExitStack() as held:
        many = [held.enter_context(listening(story)) for _ in range(5)]
        for one in many:
            one.next()
        story.ask("POST", "/api/v1/pause", KEY)
        assert all("stops" in one.topics("stops") for one in many)


def test_an_account_has_only_so_many_windows_and_gets_one_back_when_it_closes_one(story) -> None:
    hub = live.Live(story.app)
    for_all = _Loop()
    first = for_all.call(lambda: hub.join("ana"))
    for _ in range(live.EACH - 1):
        for_all.call(lambda: hub.join("ana"))
    with pytest.raises(live.Busy):
        for_all.call(lambda: hub.join("ana"))
    for_all.call(lambda: hub.join("ben"))
    for_all.call(lambda: hub.leave(first))
    for_all.call(lambda: hub.join("ana"))
    for_all.call(hub.close)
    assert for_all.call(lambda: hub.listening) == live.EACH + 1
    for_all.end()


def test_whoever_leaves_is_forgotten_and_nobody_looks_any_more(story) -> None:
    with Serving(story) as served:
        other = replace_base(story, served)
        with listening(other) as heard:
            heard.next()
            assert served.hub.listening == 1
        until(lambda: served.hub.listening == 0)


def test_a_server_that_stops_ends_the_streams_instead_of_waiting_for_them(story) -> None:
    with Serving(story) as served, listening(replace_base(story, served)) as heard:
        heard.next()
        began = time.monotonic()
        served.stop()
        while heard.next()[0] != "end":
            pass
        assert time.monotonic() - began < 5


def test_a_stream_needs_a_key_like_everything_else(story) -> None:
    assert story.http.get("/api/v1/live").status_code == 401


def test_siyu_serve_ends_in_order_while_somebody_listens(story) -> None:
    story.app.clock.tell()
    port = str(free_port())
    program = "from siyu.cli.main import main; main()"
    words = ["serve", "--port", port, "--home", str(story.app.settings.home)]
    env = {**os.environ, "SIYU_DATABASE_URL": story.app.settings.database_url}
    with subprocess.Popen([sys.executable, "-c", program, *words], env=env) as process:
        try:
            url = f"http://127.0.0.1:{port}"
            until(lambda: answers(url), 60)
            with listening(_Elsewhere(story, url)) as heard:
                heard.next()
                process.send_signal(signal.SIGTERM)
                while heard.next()[0] != "end":
                    pass
            assert process.wait(15) in {0, 143, -signal.SIGTERM}
        finally:
            process.kill()


# ── what these tests are told with ──


class _Loop:
    """An event loop in a thread, as a server has one."""

    def __init__(self) -> None:
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._thread.start()

    def call(self, act: Any) -> Any:
        async def acts() -> Any:
            return act()

        return asyncio.run_coroutine_threadsafe(acts(), self._loop).result(10)

    def end(self) -> None:
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(10)


class Serving:
    """The server of `siyu serve`, on a free port in a thread."""

    def __init__(self, story: Any) -> None:
        api = make(story.app)
        self.hub: live.Live = api.state.live
        self.port = free_port()
        config = uvicorn.Config(api, port=self.port, log_config=None, lifespan="off")
        self._server = Server(config, self.hub)
        self._thread = threading.Thread(target=self._server.run, daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        until(lambda: self._server.started)
        return self

    def stop(self) -> None:
        self._server.should_exit = True

    def __exit__(self, *_: object) -> None:
        self.stop()
        self._thread.join(10)
        assert not self._thread.is_alive()


class _Elsewhere:
    def __init__(self, story: Any, url: str) -> None:
        self.app = story.app
        self.http = httpx.Client(base_url=url)


def replace_base(story: Any, served: Serving) -> Any:
    return _Elsewhere(story, f"http://127.0.0.1:{served.port}")


def until(so: Any, seconds: float = 10.0) -> None:
    """Wait for it on a condition nobody sets, bounded."""
    deadline = time.monotonic() + seconds
    waiting = threading.Event()
    while not so():
        assert time.monotonic() < deadline
        waiting.wait(0.02)


def answers(url: str) -> bool:
    try:
        return httpx.get(url + "/healthz", trust_env=False).status_code == 200
    except httpx.HTTPError:
        return False


def free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])
