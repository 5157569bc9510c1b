"""Reports over HTTP: as JSON and as a file; slow ones are waited for."""

from __future__ import annotations

import csv
import io
import threading
from typing import Any

import pytest

from siyu.api.kept import Kept
from siyu.kernel.errors import Refused

NAMES = ("cascade", "cost-per-add", "withheld")
PHONES = [f"1380000{number:04}" for number in range(6)]


@pytest.fixture
def week(story: Any) -> Any:
    """Six buyers are invited; one never agreed to anything, two become friends."""
    for place, phone in enumerate(PHONES):
        story.pay(story.order(), phone, consent=place != 0)
    story.go(minutes=2)
    for place, phone in enumerate(PHONES[1:3]):
        (first, *_) = story.got(phone)
        story.add(f"wm{place}", link=first.link)
    story.go(minutes=10)
    return story


def test_the_funnel_says_who_was_invited_and_who_became_a_friend(week: Any) -> None:
    told = week.read("/api/v1/reports/cascade")

    (source,) = told["report"]["sources"]
    steps = {one["step"]: one for one in source["steps"]}
    assert told["state"] == "ready"
    assert told["period"] == {
        "first": "2026-10-24", "last": "2026-11-20", "time_zone": "Asia/Shanghai",
    }  # fmt: skip
    assert (source["buyers"], source["in_scope"]["buyers"], source["holdout"]["buyers"]) == (
        6,
        6,
        0,
    )
    assert source["in_scope"]["friends"] == 2
    assert source["in_scope"]["interval"]["low"] < 1 / 3 < source["in_scope"]["interval"]["high"]
    assert (steps["sms"]["people"], steps["sms"]["adds"]) == (5, 2)
    assert source["still_open"] == 4
    assert told["report"]["fresh"]["waiting"] == 0


def test_nobody_was_to_be_welcomed_and_that_is_said(week: Any) -> None:
    told = week.read("/api/v1/reports/welcome")

    assert (told["limit_seconds"], told["days"]) == (20, [])
    assert (told["all"]["due"], told["all"]["share"]) == (0, None)
    assert told["all"]["heard"] == {"p50": None, "p95": None, "longest": None}


def test_costs_are_told_by_step_and_kind(week: Any) -> None:
    (source,) = week.read("/api/v1/reports/cost-per-add")["report"]["sources"]

    sms = next(one for one in source["steps"] if one["step"] == "sms")
    (kind,) = sms["kinds"]
    assert kind["kind"] == "sms_segment"
    assert sms["amount_minor"] == kind["amount_minor"] == 5 * kind["quantity"]
    assert sms["cost_per_add_minor"] == -(-sms["amount_minor"] // 2)
    assert source["amount_minor"] == sum(one["amount_minor"] for one in source["steps"])


def test_what_was_not_sent_is_told_with_its_reason(week: Any) -> None:
    told = week.read("/api/v1/reports/withheld")["report"]

    row = next(one for one in told["rows"] if one["channel"] == "sms")
    assert (row["day"], row["reason"], row["touches"]) == ("2026-11-20", "no_consent", 1)
    assert told["withheld"] == sum(one["touches"] for one in told["rows"])


@pytest.mark.parametrize("name", NAMES)
def test_a_file_holds_what_the_page_shows_and_the_audit_says_who_took_it(
    week: Any, name: str
) -> None:
    bearer = {"Authorization": f"Bearer {week.app.settings.api_key}"}
    by_name = week.ask("GET", f"/api/v1/reports/{name}.csv?lang=en&from=2026-11-01")
    by_accept = week.http.get(
        f"/api/v1/reports/{name}?lang=en&from=2026-11-01", headers={**bearer, "Accept": "text/csv"}
    )
    chinese = week.http.get(
        f"/api/v1/reports/{name}.csv", headers={**bearer, "Accept-Language": "zh-CN,en"}
    )

    assert by_name.headers["content-type"].startswith("text/csv")
    assert "attachment" in by_name.headers["content-disposition"]
    assert by_name.content.startswith(b"\xef\xbb\xbf")
    assert by_name.text == by_accept.text
    rows = list(csv.reader(io.StringIO(by_name.text.removeprefix("\ufeff"))))
    assert len(rows) > 1
    assert {len(row) for row in rows} == {len(rows[0])}
    assert not chinese.text.removeprefix("\ufeff").splitlines()[0].isascii()
    lines = week.read("/api/v1/audit?action=report.export")["lines"]
    assert len(lines) == 3
    assert lines[0]["object"].endswith("2026-11-01/2026-11-20")


def test_a_step_of_the_file_says_what_the_page_says(week: Any) -> None:
    (source,) = week.read("/api/v1/reports/cascade")["report"]["sources"]
    text = week.ask("GET", "/api/v1/reports/cascade.csv?lang=en").text.removeprefix("\ufeff")

    rows = {row["Step"]: row for row in csv.DictReader(io.StringIO(text)) if row["Step"]}
    assert {step: (int(row["People"]), int(row["New friends"])) for step, row in rows.items()} == {
        one["step"]: (one["people"], one["adds"]) for one in source["steps"]
    }


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize(
    ("asked", "status"),
    [
        ("from=2026-11-20&to=2026-11-01", 400),
        ("from=2020-01-01", 400),
        ("to=0001-01-01", 400),
        ("from=soon", 422),
        ("source=nowhere", 404),
        ("shop=%00", 422),
        ("lang=fr", 422),
    ],
)
def test_what_cannot_be_reported_on_is_refused_in_words(
    story: Any, name: str, asked: str, status: int
) -> None:
    answer = story.ask("GET", f"/api/v1/reports/{name}?{asked}")

    assert (answer.status_code, bool(answer.json()["detail"])) == (status, True)


def everyone(story: Any, report: str, asked: str) -> list[dict[str, Any]]:
    """A whole list, page by page."""
    rows, after = [], ""
    for _ in range(1_000):
        page = story.read(f"/api/v1/reports/{report}/people?{asked}&limit=2&after={after}")
        rows += page["rows"]
        after = page["next"]
        if not after:
            return rows
    raise AssertionError("the list never ends")


@pytest.fixture
def played(story: Any) -> Any:
    """An hour of the cascade in which almost every figure of the funnel counts somebody."""
    phones = [f"1390000{number:04}" for number in range(24)]
    for place, phone in enumerate(phones):
        story.pay(story.order(), phone, consent=place % 6 != 0)
    for phone in ("13900009001", "13900009002"):
        story.pay(story.order(held=True), phone)
    story.go(minutes=6)
    added = 0
    for phone in phones[1:12]:
        first = next(iter(story.got(phone)), None)
        if first is not None and first.link:
            story.add(f"wm{added}", link=first.link)
            added += 1
    story.add("stranger")
    story.pay(story.order(), phones[23], consent=True)
    story.go(minutes=30)
    return story


def test_every_number_has_a_list_of_exactly_so_many(played: Any) -> None:
    report = played.read("/api/v1/reports/cascade")["report"]
    (source,) = report["sources"]
    counts = {
        "buyers": source["buyers"],
        "friends_before": source["friends_before"],
        "not_admitted": source["not_admitted"],
        "holdout": source["holdout"]["buyers"],
        "holdout_friends": source["holdout"]["friends"],
        "in_scope": source["in_scope"]["buyers"],
        "friends": source["in_scope"]["friends"],
        "still_open": source["still_open"],
        "invited": source["invited"]["buyers"],
        "invited_friends": source["invited"]["friends"],
        "unmatched": report["unmatched"],
    }
    for step in source["steps"]:
        counts[f"reached&step={step['step']}"] = step["people"]
        counts[f"won&step={step['step']}"] = step["adds"]
    spent = played.read("/api/v1/reports/cost-per-add")["report"]["sources"][0]
    costs = {f"won&step={one['step']}": one["adds"] for one in spent["steps"]}
    costs["friends"] = spent["friends"]

    listed = {of: everyone(played, "cascade", f"source=new-orders&of={of}") for of in counts}
    behind = {of: everyone(played, "cost-per-add", f"source=new-orders&of={of}") for of in costs}

    assert {of: len(rows) for of, rows in listed.items()} == counts
    assert {of: len(rows) for of, rows in behind.items()} == costs
    for of in ("buyers", "holdout", "in_scope", "friends", "still_open", "invited", "unmatched"):
        assert counts[of] > 0, of
    for rows in (*listed.values(), *behind.values()):
        assert len({row["customer"] for row in rows}) == len(rows)
        assert all(row["customer"].startswith("cus_") for row in rows)
    assert all("*" in row["phone_masked"] for row in listed["in_scope"])


def test_every_line_of_what_was_not_sent_has_its_touches(played: Any) -> None:
    report = played.read("/api/v1/reports/withheld")["report"]
    lines: dict[tuple[str, str, str], int] = {}
    for row in report["rows"]:
        key = (row["channel"], row["purpose"], row["reason"])
        lines[key] = lines.get(key, 0) + row["touches"]

    assert len({reason for _, _, reason in lines}) > 1
    for (channel, purpose, reason), touches in lines.items():
        asked = f"of=withheld&channel={channel}&purpose={purpose}&reason={reason}"
        rows = everyone(played, "withheld", asked)
        assert len({row["touch"] for row in rows}) == len(rows) == touches
        assert {(row["channel"], row["purpose"], row["reason"]) for row in rows} == {
            (channel, purpose, reason)
        }
    assert len(everyone(played, "withheld", "of=withheld")) == report["withheld"]


@pytest.mark.parametrize(
    ("asked", "status"),
    [
        ("cascade/people?of=in_scope", 400),
        ("cascade/people?of=in_scope&source=nowhere", 404),
        ("cascade/people?of=in_scope&step=sms&source=new-orders", 400),
        ("cascade/people?of=reached&source=new-orders", 400),
        ("cascade/people?of=withheld", 400),
        ("cost-per-add/people?of=in_scope&source=new-orders", 400),
        ("cascade/people?of=everybody&source=new-orders", 422),
        ("cascade/people?of=buyers&source=new-orders&after=cus_1", 400),
        ("nothing/people?of=in_scope", 422),
    ],
)
def test_a_list_that_no_number_has_is_refused_in_words(story: Any, asked: str, status: int) -> None:
    answer = story.ask("GET", f"/api/v1/reports/{asked}")

    assert (answer.status_code, bool(answer.json()["detail"])) == (status, True)


def test_the_period_before_is_told_as_it_stood_at_the_same_age(week: Any) -> None:
    week.go(minutes=60 * 24)
    asked = "from=2026-11-21&to=2026-11-21"
    told = week.read(f"/api/v1/reports/cascade/before?{asked}")

    (source,) = told["report"]["sources"]
    assert (told["period"]["first"], told["period"]["last"]) == ("2026-11-20", "2026-11-20")
    assert (source["in_scope"]["buyers"], source["in_scope"]["friends"]) == (6, 2)
    assert told["falls"] == []  # nobody ordered: nothing can be said to have fallen


def test_what_a_report_can_be_narrowed_to_is_told(story: Any) -> None:
    told = story.read("/api/v1/reports/filters")

    assert [one["code"] for one in told["sources"]] == ["new-orders"]
    assert {one["code"] for one in told["shops"]} == {"tmall-flagship", "bare-shop"}


def test_reports_want_the_key(story: Any) -> None:
    assert story.http.get("/api/v1/reports/cascade").status_code == 401
    assert story.http.get("/api/v1/reports/cascade.csv").status_code == 401
    assert story.ask("GET", "/api/v1/reports/nothing.csv").status_code == 422


def test_what_takes_long_is_worked_out_once_and_asked_for_again() -> None:
    kept, go_on, times = Kept(), threading.Event(), []

    def work() -> str:
        times.append(1)
        go_on.wait(20)
        return f"result {len(times)}"

    waiting = [kept.ask("question", work, 0.01) for _ in range(3)]
    go_on.set()
    done = kept.ask("question", work, 20)

    assert [one.result for one in waiting] == [None, None, None]
    assert all(one.seconds is not None for one in waiting)
    assert (done.result, done.seconds, len(times)) == ("result 1", None, 1)


def test_what_goes_wrong_is_said_and_not_kept() -> None:
    kept = Kept()

    def wrong() -> str:
        raise Refused("two currencies")

    for _ in range(2):
        with pytest.raises(Refused, match="two currencies"):
            kept.ask("question", wrong, 20)
    assert kept.ask("question", lambda: "right", 20).result == "right"
