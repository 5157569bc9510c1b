"""What a provider would refuse is said before a journey is published, and is not published."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import pytest
from tests.served import Street

from siyu.app import App, open_app
from siyu.content import actions as content
from siyu.content.model import Material
from siyu.db.pool import Pool
from siyu.settings import load
from siyu.staff.actions import seed
from siyu.staff.model import Brand

NOW = datetime(2026, 11, 20, 4, 0, tzinfo=UTC)
TEXT = """
journey: news
title: {zh: 上新, en: News}
enter: {on: order.paid, max_age: 2h}
reenter: never
steps:
  - id: hello
    send: {channel: sms, material: news, purpose: promotion, lane: window, priority: 1}
  - id: more
    send: {channel: wecom_message, material: long, purpose: promotion, lane: window, priority: 1}
  - id: ring
    send: {channel: voice_ai, material: spoken, purpose: promotion, lane: window, priority: 1}
  - id: end
    exit: told
"""
GOOD = "您好，秋冬新款到店，拒收请回复R"


class House:
    """An installation whose SMS go by Aliyun, messages by WeCom and calls by the brand's door."""

    def __init__(self, app: App, url: str) -> None:
        self.app, self.url = app, url

    def ask(self, method: str, path: str, body: object = None) -> httpx.Response:
        head = {"Authorization": f"Bearer {self.app.settings.api_key}", "Accept-Language": "zh"}
        return httpx.request(method, f"{self.url}/api/v1{path}", json=body, headers=head)

    def write(self, **texts: str) -> None:
        channels = {"news": "sms", "long": "wecom_message", "spoken": "voice_ai"}
        found = [Material(code, "zh", channels[code], text, {}) for code, text in texts.items()]
        with self.app.db.transaction() as conn:
            content.install(conn, found, "own")

    def texts(self) -> list[dict[str, Any]]:
        answer = self.ask("POST", "/journeys/preview", {"text": TEXT, "pilot": None})
        assert answer.status_code == 200, answer.text
        return answer.json()["texts"]


@pytest.fixture
def house(tmp_path: Path, new_db: Callable[[], Pool], street: Street) -> Iterator[House]:
    sms = {
        "access_key_id": "LTAI", "access_key_secret": "secret", "sign_name": "花间",
        "templates": [{"material": "news", "code": "SMS_1", "text": GOOD}],
    }  # fmt: skip
    tables = {
        "sms_aliyun": sms,
        "wecom": {"corpid": "ww0123456789abcdef", "agent_id": 1, "secret": "s"},
        "webhook": {"url": "http://127.0.0.1:9", "secret": "s" * 16},
    }
    with ExitStack() as held:
        settings = load({}, home=tmp_path / "home", database_url=new_db().url, **tables)
        app = held.enter_context(open_app(settings))
        with app.db.transaction() as conn:
            seed(conn, Brand("花间", "Asia/Shanghai", "CNY", "CN", "zh"), [], [])
        yield House(app, street.api(app, held))


def test_what_differs_from_its_template_is_said_beside_its_step_and_not_published(
    house: House,
) -> None:
    house.write(news="【花间】您好，新款到店，拒收请回复R", long="您好", spoken="您好")

    first, second = house.texts()
    answer = house.ask("POST", "/journeys", {"text": TEXT})

    assert (first["step"], first["material"], first["refused"]) == ("hello", "news", True)
    assert "SMS_1" in first["why"]
    assert (second["step"], second["refused"]) == ("ring", False)  # nobody can say beforehand
    assert answer.status_code == 400
    (problem,) = answer.json()["problems"]
    assert (problem["where"], "SMS_1" in problem["why"]) == ("hello", True)
    assert house.ask("GET", "/journeys/news").status_code == 404


def test_what_fits_is_published_and_what_fits_no_more_lets_nobody_in_by_hand(
    house: House,
) -> None:
    house.write(news="【花间】" + GOOD, long="您好", spoken="您好")
    assert [one["refused"] for one in house.texts()] == [False]
    assert house.ask("POST", "/journeys", {"text": TEXT}).status_code == 200

    house.write(news="【花间】您好，别的话，拒收请回复R")
    people = {"people": [{"by": "phone", "value": "13800000001"}], "by": "an"}
    refused = house.ask("POST", "/journeys/news/entries", people)
    assert (refused.status_code, refused.json()["problems"][0]["where"]) == (400, "hello")
