"""A brand with a large base, made in minutes by set statements, to measure lists and pages on."""

from __future__ import annotations

import sys
import time
from datetime import datetime, timedelta
from pathlib import Path

import psycopg

from siyu.app import PREDICATES, App
from siyu.budget import actions as budget
from siyu.commerce.actions import seed_shop
from siyu.commerce.model import Shop
from siyu.kernel.sql import Queries, parse
from siyu.offers import actions as offers
from siyu.playbooks import actions as playbooks
from siyu.playbooks.check import playbook as parsed
from siyu.staff.actions import seed, set_goal
from siyu.staff.model import Brand, Member, Store
from siyu.vault.actions import Sealing, seal
from siyu.vault.model import key_hash

SQL = Queries(parse(Path(__file__).with_name("base.sql").read_text("utf-8")))
SPAN = timedelta(days=730)
SURNAMES = "王李张刘陈杨黄赵吴周徐孙马朱胡郭何林罗高"
GIVEN = "伟芳娜敏静丽强磊军洋勇艳杰娟涛明超秀霞平刚桂英华慧建国红玉萍晨宇欣怡佳"
PART = 5_000


def phone(customer: int) -> str:
    """The phone of a customer of this base."""
    return f"+86139{customer:08d}"


def name(customer: int) -> str:
    """A name like those of real people: as many share one."""
    first = GIVEN[customer * 7 % len(GIVEN)]
    second = GIVEN[customer * 13 // 5 % len(GIVEN)] if customer % 3 else ""
    return SURNAMES[customer % len(SURNAMES)] + first + second


def build(app: App, now: datetime, *, customers: int, stores: int, orders: int) -> None:
    """Fill an empty installation. Says how long each step takes."""
    _brand(app, now)
    _people(app, customers, now)
    sizes = {
        "customers": customers, "stores": stores, "guides": 5 * stores, "orders": orders,
        "start": now - SPAN, "span": SPAN,
    }  # fmt: skip
    for step, statement in SQL:
        began = time.monotonic()
        with app.db.transaction() as conn:
            conn.execute(statement, sizes)
        print(f"{step}: {time.monotonic() - began:.1f} s", file=sys.stderr)
    began = time.monotonic()
    with psycopg.connect(app.db.url, autocommit=True) as conn:
        conn.execute("vacuum (analyze)")
    print(f"vacuum: {time.monotonic() - began:.1f} s", file=sys.stderr)


def _brand(app: App, now: datetime) -> None:
    brand = Brand("大牌", "Asia/Shanghai", "CNY", "CN", "zh")
    playbook = parsed(playbooks.texts("cascade"))
    with app.db.transaction() as conn:
        seed(conn, brand, [Store("head", "总部")], [Member("guide-1", "guide-1", "guide", "head")])
        seed_shop(conn, [Shop(f"shop-{i}", f"店铺{i}", "tmall") for i in range(1, 11)])
        set_goal(conn, "growth", 0.48, 14, "bench", now)
        budget.set_defaults(conn)
        playbooks.install(conn, playbook, "CNY", PREDICATES, now)
        for one in playbook.manifest.offers:
            offers.stock(conn, one.sku, 10_000_000)
        conn.execute("create table bench_person (c bigint, subject bytea, item bigint)")


def _people(app: App, customers: int, now: datetime) -> None:
    began = time.monotonic()
    for first in range(1, customers + 1, PART):
        some = range(first, min(first + PART, customers + 1))
        subjects = [key_hash(app.keys, "phone", phone(c)) for c in some]
        pairs = list(zip(subjects, some, strict=True))
        with app.db.transaction() as conn:
            values = [
                *(
                    Sealing(s, "phone", phone(c), own=True)
                    for s, c in zip(subjects, some, strict=True)
                ),
                *(Sealing(s, "name", name(c)) for s, c in pairs),
            ]
            items = seal(conn, app.keys, values, now)[len(subjects) :]
            rows = list(zip(some, subjects, items, strict=True))
            conn.copy("copy bench_person (c, subject, item) from stdin", rows)
    print(f"people: {time.monotonic() - began:.1f} s", file=sys.stderr)
