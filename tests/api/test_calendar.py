"""What goes out when, over HTTP: entries, waits for festivals, ends, both calendars."""

from __future__ import annotations

from typing import Any

MONDAYS = """\
journey: mondays
title: {zh: 周一问候, en: Monday greeting}
enter: {every: monday 10:00, segment: {all: [{orders: {}}]}}
steps:
  - {id: out, exit: done}
"""
MOON = """\
journey: moon
title: {zh: 中秋礼, en: Moon gift}
enter:
  every: day 09:30
  segment: {all: [{orders: {}}, {festival: {name: mid_autumn, in_days: 3}}]}
steps:
  - {id: before, wait: {festival: mid_autumn, less: 1d, at: "20:00"}}
  - {id: out, exit: done}
"""
SPRING = """\
- code: autumn
  channel: wecom_message
  title: 中秋文案
  variables: {name: text}
  valid_from: 2026-09-20
  valid_until: 2026-09-26
  zh: "{{ name }}，中秋快乐"
  en: "{{ name }}, happy mid-autumn"
"""


def calendar(story: Any, first: str, last: str, **asked: str) -> list[dict[str, Any]]:
    more = "".join(f"&{name}={value}" for name, value in asked.items())
    answer = story.ask("GET", f"/api/v1/calendar?from={first}&to={last}{more}")
    assert answer.status_code == 200, answer.text
    return answer.json()["items"]


def publish(story: Any, text: str) -> None:
    answer = story.ask("POST", "/api/v1/journeys", {"text": text, "by": "ana"})
    assert answer.status_code == 200, answer.text


def test_a_week_holds_entries_waits_ends_and_the_lunar_festival(story) -> None:
    publish(story, MONDAYS)
    publish(story, MOON)
    story.ask("POST", "/api/v1/materials", {"text": SPRING, "by": "ana"})

    found = calendar(story, "2026-09-20", "2026-09-26")

    assert [(one["day"][5:], one["kind"], one["code"], one["step"]) for one in found] == [
        ("09-20", "material_from", "autumn", ""),
        ("09-21", "entry", "mondays", ""),
        ("09-23", "entry", "moon", ""),  # the festival on the 25th is within three days
        ("09-24", "entry", "moon", ""),
        ("09-24", "step", "moon", "before"),
        ("09-25", "festival", "mid_autumn", ""),
        ("09-25", "entry", "moon", ""),
        ("09-26", "material_until", "autumn", ""),
    ]
    monday = found[1]
    assert monday["at"] == "2026-09-21T02:00:00Z"  # 10:00 in Shanghai
    assert monday["title"] == {"zh": "周一问候", "en": "Monday greeting"}


def test_only_the_kinds_that_are_asked_for_are_told(story) -> None:
    publish(story, MONDAYS)
    every = calendar(story, "2026-02-01", "2026-02-28", kind="festival")

    assert [(one["day"][5:], one["code"]) for one in every] == [
        ("02-14", "valentines"), ("02-16", "new_years_eve"), ("02-17", "spring_festival"),
    ]  # fmt: skip


def test_promises_that_lapse_are_counted_by_their_day(story) -> None:
    story.pay(story.order(), "13800000001")
    story.go(minutes=2)

    found = calendar(story, "2026-12-01", "2026-12-31", kind="offer_end")

    assert [(one["day"], one["code"], one["many"]) for one in found] == [
        ("2026-12-20", "face-mask", 1)
    ]


def test_a_span_that_is_none_or_too_long_is_refused(story) -> None:
    for span in ("from=2026-03-02&to=2026-03-01", "from=2026-01-01&to=2026-12-31"):
        answer = story.ask("GET", f"/api/v1/calendar?{span}")
        assert answer.status_code == 400
        assert "62" in answer.json()["detail"]
    assert story.http.get("/api/v1/calendar").status_code == 401
