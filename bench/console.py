"""Server time of what the console asks, on a brand with a large base, and how it is planned.

    python bench/console.py [--json] [--customers N --orders N --stores N] [--home DIR]

Builds the base (a quarter of an hour at full size: 1 M customers, 10 M events, 1,000 stores) unless
DIR has one, serves it, and asks every page's routes over HTTP as head office, a region, a store and
a guide: the median and the slowest of some tries with other ids, one at a time; how many statements
each asks; and whether a statement reads a large table from end to end.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import mkdtemp
from typing import Any, NamedTuple

import httpx
from base import build, name, phone

from siyu.api.auth import CSRF, CSRF_HEADER
from siyu.api.http import make
from siyu.app import App, open_app
from siyu.sandbox.server import Served
from siyu.settings import load
from siyu.staff.actions.accounts import add, made_up
from siyu.staff.model import ScopeKind, Sees
from siyu.staff.views import scope_of

LARGE = 50_000  # rows: reading so many from end to end is a finding
TRIES = 15
MUST_MS = 200
PEOPLE: dict[str, ScopeKind] = {"region-1": "region", "store-1": "store", "g00001": "own"}
THEIRS = """select customer_id from friendship where staff = any(%(staff)s)
order by customer_id limit %(most)s"""
NOW = datetime(2026, 11, 28, 4, tzinfo=UTC)

Asked = tuple[str, str, dict[str, Any] | None]  # method, path with its query, body


class Caller(NamedTuple):
    """Somebody signed in: what their requests carry, and some customers whom they may see."""

    headers: dict[str, str]
    customers: list[int]


def routes(app: App, whom_to_ask: list[int], orders: int) -> dict[str, Callable[[int], Asked]]:
    """What each page asks; `n` chooses whom."""

    def customer(n: int) -> int:
        return whom_to_ask[n % len(whom_to_ask)]

    def whom(n: int) -> str:
        return app.ids.encode("cus", customer(n))

    def order(n: int) -> tuple[str, str]:
        number = orders - n * 7_919 % orders
        return f"shop-{1 + number % 10}", f"N{number}"

    def get(path: str) -> Callable[[int], Asked]:
        return lambda n: ("GET", "/api/v1" + path.format(customer=whom(n)), None)

    def find(value: Callable[[int], str]) -> Callable[[int], Asked]:
        return lambda n: ("POST", "/api/v1/customers/find", {"text": value(n)})

    return {
        "session": get("/session"),
        "overview": get("/overview"),
        "overview: list": get(f"/overview/invited?{_days(1)}"),
        "goal": get("/goal"),
        "attention": get("/attention"),
        "stops: preview": get("/stops/preview"),
        "customers": get("/customers"),
        "customers: stage": get("/customers?stage=A4"),
        "customers: friends": get("/customers?friend=live"),
        "find: phone": find(lambda n: phone(customer(n))),
        "find: last four": find(lambda n: phone(customer(n))[-4:]),
        "find: name": find(lambda n: name(customer(n))),
        "find: order": find(lambda n: order(n)[1]),
        "360": get("/customers/{customer}"),
        "360: timeline": get("/customers/{customer}/timeline"),
        "orders": get("/orders"),
        "orders: shop": get("/orders?shop=shop-3"),
        "parcels": get("/parcels/list"),
        "parcel account: a week": get(f"/parcels/account?{_days(7)}"),
        "parcel account: 30 days": get(f"/parcels/account?{_days(30)}"),
        "parcel account: 92 days": get(f"/parcels/account?{_days(92)}"),
        "journeys": get("/journeys"),
        "journey: graph": get("/journeys/cascade/graph"),
        "tasks": get("/tasks"),
        "tasks: overdue": get("/tasks?overdue=true"),
        "tasks: team": get("/tasks/team"),
        "tasks: waiting": get("/tasks/waiting"),
        "staff": get("/staff"),
        "audit": get("/audit"),
        "report: cascade": get("/reports/cascade?from=2026-10-29&to=2026-11-28"),
        "report: cost": get("/reports/cost-per-add?from=2026-10-29&to=2026-11-28"),
        "report: withheld": get("/reports/withheld?from=2026-10-29&to=2026-11-28"),
    }


def _days(many: int) -> str:
    """The last days of the base, as a query."""
    since, until = NOW - timedelta(days=many), NOW
    return f"since={since:%Y-%m-%dT%H:%M:%SZ}&until={until:%Y-%m-%dT%H:%M:%SZ}"


class Explaining:
    """A database whose every question is also asked how it is answered."""

    def __init__(self, db: Any, found: list[str]) -> None:
        self._db = db
        self._found = found

    def __getattr__(self, name: str) -> Any:
        return getattr(self._db, name)

    def fetch(self, sql: str, params: Any = None) -> Any:
        with self.transaction() as conn:
            return conn.fetch(sql, params)

    @contextmanager
    def transaction(self) -> Iterator[Any]:
        with self._db.transaction() as conn:
            yield _Conn(conn, self._found)


class _Conn:
    def __init__(self, conn: Any, found: list[str]) -> None:
        self._conn = conn
        self._found = found

    def __getattr__(self, name: str) -> Any:
        return getattr(self._conn, name)

    def fetch(self, sql: str, params: Any = None) -> Any:
        first = next(line for line in sql.splitlines() if not line.startswith("--"))
        if first.lstrip().startswith(("select", "with")):
            ((plan,),) = self._conn.fetch("explain (format json) " + sql, params)
            self._found.append(first.strip()[:60])
            self._found += list(_whole(plan[0]["Plan"], first.strip()[:60]))
        return self._conn.fetch(sql, params)


def _whole(plan: dict[str, Any], statement: str) -> Iterator[str]:
    if plan["Node Type"] in {"Seq Scan", "Index Only Scan"} and plan["Plan Rows"] > LARGE:
        yield f"! {plan['Node Type']} of {plan['Relation Name']}: {statement}"
    for inner in plan.get("Plans", ()):
        yield from _whole(inner, statement)


def measure(app: App, customers: int, orders: int) -> dict[str, Any]:
    """By page and caller: ms (median, slowest), statements, what reads a table whole."""
    found: dict[str, Any] = {}
    plans: list[str] = []
    explaining = replace(app, db=Explaining(app.db, plans))
    with Served(make(app)) as served, Served(make(explaining)) as explained:
        for who, (headers, theirs) in callers(app, served.url, customers).items():
            for page, asked in routes(app, theirs, orders).items():
                method, path, body = asked(0)
                plans.clear()
                ask = {"headers": headers, "json": body}
                first = httpx.request(method, explained.url + path, **ask, timeout=120)
                if first.status_code == httpx.codes.FORBIDDEN:
                    continue  # head office's only
                said = list(plans)
                times: list[float] = []
                statuses: set[int] = set()
                with httpx.Client(base_url=served.url, headers=headers, timeout=120) as client:
                    for n in range(TRIES):
                        method, path, body = asked(n)
                        began = time.perf_counter()
                        answer = client.request(method, path, json=body)
                        times.append((time.perf_counter() - began) * 1000)
                        statuses.add(answer.status_code)
                found[f"{page} / {who}"] = {
                    "median_ms": round(statistics.median(times), 1),
                    "most_ms": round(max(times), 1),
                    "statuses": sorted(statuses),
                    "statements": sum(not one.startswith("!") for one in said),
                    "whole": sorted({one[2:] for one in said if one.startswith("!")}),
                }
    return found


def callers(app: App, url: str, customers: int) -> dict[str, Caller]:
    """Head office, a region, a store, a guide: whoever is not head office signs in at the door."""
    anybody = [1 + n * 104_729 % customers for n in range(TRIES)]
    found = {
        "head office": Caller({"Authorization": f"Bearer {app.settings.api_key}"}, anybody),
    }
    for code, kind in PEOPLE.items():
        password = made_up()
        with app.db.transaction() as conn:
            conn.execute("delete from staff_account where staff = %(staff)s", {"staff": code})
            add(conn, code, password, "bench", NOW, sees=Sees(kind), must_change=False)
            seen = scope_of(conn, code, kind, {"region": "r01", "store": "s0001"}.get(kind, ""))
            theirs = conn.fetch(THEIRS, {"staff": seen.codes, "most": TRIES})
        answer = httpx.post(f"{url}/api/v1/session", json={"code": code, "password": password})
        answer.raise_for_status()
        cookies = "; ".join(f"{name}={value}" for name, value in answer.cookies.items())
        headers = {"Cookie": cookies, CSRF_HEADER: answer.cookies[CSRF]}
        found[kind] = Caller(headers, [one for (one,) in theirs])
    return found


def _table(found: dict[str, Any]) -> Iterator[str]:
    """Median and slowest of each page by who asks; empty: not for them."""
    by: dict[str, dict[str, dict[str, Any]]] = {}
    for title, one in found.items():
        page, who = title.split(" / ")
        by.setdefault(page, {})[who] = one
    who = ["head office", *PEOPLE.values()]
    yield f"| ms: median (slowest) | {' | '.join(who)} | statements |"
    yield f"| --- |{' ---: |' * len(who)} ---: |"
    for page, asked in by.items():
        times = [
            f"{one['median_ms']:.0f} ({one['most_ms']:.0f})" if (one := asked.get(each)) else ""
            for each in who
        ]
        yield f"| {page} | {' | '.join(times)} | {asked[who[0]]['statements']} |"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--markdown", action="store_true", help="a table for the docs")
    parser.add_argument("--customers", type=int, default=1_000_000)
    parser.add_argument("--orders", type=int, default=2_000_000)
    parser.add_argument("--stores", type=int, default=1_000)
    parser.add_argument("--home", type=Path)
    given = parser.parse_args()
    home = given.home or Path(mkdtemp(prefix="siyu-console-bench-"))
    fresh = not (home / "pg").exists()
    with open_app(load(None, home=home), durable=False) as app:
        if fresh:
            build(app, NOW, customers=given.customers, stores=given.stores, orders=given.orders)
        found = measure(app, given.customers, given.orders)
    report = {"load": os.getloadavg()[0], "customers": given.customers, "events": 5 * given.orders}
    report |= {"stores": given.stores, "pages": found}
    if given.json:
        print(json.dumps(report, ensure_ascii=False, indent=1))
        return
    if given.markdown:
        print("\n".join(_table(found)))
        return
    print(f"{given.customers:,} customers, load {report['load']:.1f}")
    for page, one in found.items():
        late = " LATE" if one["most_ms"] > MUST_MS else ""
        times = f"{one['median_ms']:8.1f} {one['most_ms']:8.1f} ms{late}"
        print(f"{page:40} {times} {one['statements']:3} statements {one['statuses']}")
        for whole in one["whole"]:
            print(f"    reads a table whole: {whole}")


if __name__ == "__main__":
    sys.exit(main())
