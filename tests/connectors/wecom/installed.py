"""An installation beside its WeCom, by real HTTP both ways."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import httpx

from siyu.app import App
from siyu.connectors.house import NAME, pulls
from siyu.connectors.wecom.fake import WeCom
from siyu.worker import next_at, tick

CONSOLE = "https://siyu.example"
NOON = datetime(2026, 11, 20, 4, 0, tzinfo=UTC)
ANNA, BELLA = "wmANNA0000000000001", "wmBELLA000000000001"


class House:
    """The installation, its WeCom, and the one clock of both."""

    def __init__(self, app: App, fake: WeCom, applier: Any, url: str) -> None:
        self.app, self.fake, self._applier, self.url = app, fake, applier, url

    @property
    def now(self) -> datetime:
        return self.app.clock.now()

    def go(self, **span: float) -> None:
        """Time goes on, from one due time to the next; WeCom calls back in between."""
        end = self.now + timedelta(**span)
        while True:
            self.fake.deliver(self.now)
            times = tick(self.app, self.now, applier=self._applier).times
            if self.now >= end:
                return
            clock: Any = self.app.clock
            clock.set(min(next_at(times, self.now) or end, self.fake.next_at() or end, end))

    def later(self, **span: float) -> None:
        """Nobody works meanwhile; then for a minute."""
        clock: Any = self.app.clock
        clock.set(self.now + timedelta(**span))
        self.go(seconds=30)

    def asked(self, path: str, body: object = None, status: int = 200) -> Any:
        """Our own API: a GET, or a POST where there is a body."""
        answer = self.ask("GET" if body is None else "POST", f"/{path}", json=body)
        assert answer.status_code == status, answer.text
        return answer.json()

    def ask(self, method: str, path: str, **more: Any) -> httpx.Response:
        """A call of our API with its key."""
        bearer = {"Authorization": f"Bearer {self.app.settings.api_key}"}
        return httpx.request(method, f"{self.url}/api/v1{path}", headers=bearer, **more)

    def news_of_tasks(self) -> None:
        """Guides are told, as on a real clock now and then."""
        app = self.app
        ours = pulls(app.wired.house, app._tools(NAME), often=True)
        connected, pull = ours[f"{NAME}/tasks"]
        list(pull.run(connected.config, connected.tools, ""))

    def rows(self, query: str) -> list[Any]:
        with self.app.db.transaction() as conn:
            return conn.fetch(query)
