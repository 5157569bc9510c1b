"""What an import of a large order file takes: `bench/import_orders.py --lines 1000000 --json`.

A file whose orders have their lines scattered all over it is generated, then imported and applied
on an embedded PostgreSQL with fsync on. CPU is this process plus the server's processes;
memory is the peak of the proportional set size (PSS), sampled four times a second.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import sys
import tempfile
import threading
import time
from collections import defaultdict
from importlib.resources import files
from pathlib import Path
from typing import Self

import house

from siyu.app import Progress, open_app, order_file
from siyu.settings import load
from siyu.worker.imports import import_file

MAPPING = """
mapping: bench
title: {zh: 测, en: bench}
source: bench
header: [nr, when, sku, title, n, price, buyer, phone, name]
shop: {code: bench, name: Bench, platform: tmall}
brand: {name: Bench, region: CN}
currency: CNY
time: {column: when, zone: Asia/Shanghai}
order: {column: nr}
line: {sku: sku, title: title, quantity: n, price: price}
customer: {buyer: buyer, phone: phone, name: name}
"""


BRAND = "brand: {name: Bench, region: CN}"
DOUYIN = (
    "主订单编号,子订单编号,选购商品,商品规格,商品数量,商品ID,商家编码,商品单价,订单应付金额,运费,"
    "优惠总金额,平台优惠,商家优惠,达人优惠,商家改价,支付优惠,红包抵扣,支付方式,手续费,收件人,"
    "收件人手机号,省,市,区,街道,详细地址,是否修改过地址,地址修改时段,买家留言,订单提交时间,"
    "旗帜颜色,商家备注,订单完成时间,支付完成时间,APP渠道,流量来源,订单状态,承诺发货时间,订单类型,"
    "鲁班落地页ID,达人ID,达人昵称,所属门店ID,售后状态,取消原因,预约发货时间,仓库ID,仓库名称,发货时间"
)


def main() -> None:
    """Run and print."""
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--lines", type=int, default=1_000_000)
    asked.add_argument("--per-order", type=int, default=4)
    asked.add_argument("--export", choices=["plain", "douyin"], default="plain", help="its columns")
    asked.add_argument("--json", action="store_true")
    given = asked.parse_args()
    with tempfile.TemporaryDirectory(prefix="siyu-bench-") as folder:
        Path(folder).chmod(0o755)
        figures = measure(Path(folder), given.lines, given.per_order, given.export)
    if given.json:
        print(json.dumps(figures, indent=2))
        return
    for name, figure in figures.items():
        print(f"{name:30} {figure}")


def measure(folder: Path, lines: int, per_order: int, export: str = "plain") -> dict[str, object]:
    """Generate, import, apply."""
    path, mapping = folder / "orders.csv", folder / "bench.yaml"
    if export == "plain":
        write(path, lines, per_order)
        mapping.write_text(MAPPING, "utf-8")
    else:
        write_export(path, lines, per_order)
        ours = files("siyu.connectors.orderfile") / "mappings" / f"{export}.yaml"
        mapping.write_text(f"{ours.read_text('utf-8')}\n{BRAND}", "utf-8")
    found: dict[str, object] = {
        "lines": lines,
        "export": export,
        "load_before": round(os.getloadavg()[0], 1),
    }
    stages: dict[str, float] = defaultdict(float)
    since = [0.0]

    def tell(at: Progress) -> None:
        now = time.perf_counter()
        stages[at.stage] += now - since[0]
        since[0] = now

    with open_app(load(None, home=folder / "home")) as app:
        home = app.settings.home
        cpu, own, wall = cpu_seconds(home), time.process_time(), time.perf_counter()
        since[0] = wall
        with Memory(home) as memory:
            report = import_file(app, order_file(path, mapping), tell)
        took = time.perf_counter() - wall
        assert (report.lines, report.rejected) == (lines, 0), report
        found |= {
            "orders": report.orders,
            "file_mb": round(path.stat().st_size / 1e6),
            "seconds": round(took, 1),
            "lines_per_s": round(lines / took),
            "cpu_s": round(cpu_seconds(home) - cpu, 1),
            "cpu_s_of_this_process": round(time.process_time() - own, 1),
            "pss_peak_mb": round(memory.own / 2**20),
            "pss_peak_server_mb": round(memory.server / 2**20),
            **{f"seconds_{stage.replace(' ', '_')}": round(s) for stage, s in stages.items()},
        }
    return found


def write(path: Path, lines: int, per_order: int) -> None:
    """Orders of returning buyers, each line of an order in another part of the file."""
    chance = random.Random(1)
    orders = lines // per_order
    with path.open("w", encoding="utf-8") as file:
        file.write("nr,when,sku,title,n,price,buyer,phone,name\n")
        near: list[str] = []
        for number in range(lines):
            order = number % orders
            buyer = order // 2
            near.append(
                f"T{order:08},2025-{1 + order % 12:02}-{1 + order % 28:02}T{order % 24:02}:00:00,"
                f"S{number % 997},面霜 {number % 97},{1 + number % 3},{9 + number % 90}.90,"
                f"b{buyer},1{30 + buyer % 60}{buyer:08},客户{buyer}\n"
            )
            if len(near) == 20_000:
                chance.shuffle(near)
                file.writelines(near)
                near.clear()
        file.writelines(near)


def write_export(path: Path, lines: int, per_order: int) -> None:
    """As the back office of Douyin shops writes it: 50 columns, TABs before texts, one row per
    sub-order, its orders' rows together; every tenth order without its phone."""
    columns = DOUYIN.split(",")
    place = {name: at for at, name in enumerate(columns)}
    with path.open("w", encoding="utf-8-sig") as file:
        file.write(f"{DOUYIN}\n")
        for number in range(lines):
            order = number // per_order
            buyer = order // 2
            cells = ["\t-"] * len(columns)
            phone = f"1{30 + buyer % 60}{buyer:08}" if order % 10 else "138****0001"
            for name, text in {
                "主订单编号": f"\t69{order:017}",
                "子订单编号": f"\t69{order:017}",
                "选购商品": f"\t面霜 {number % 97}",
                "商家编码": f"\tS{number % 997}",
                "商品数量": f"{1 + number % 3}",
                "订单应付金额": f"{9 + number % 90}.90",
                "收件人": f"\t客户{buyer}",
                "收件人手机号": f"\t{phone}",
                "支付完成时间": f"\t2025-{1 + order % 12:02}-{1 + order % 28:02} 10:00:00",
                "订单状态": "\t已完成",
            }.items():
                cells[place[name]] = text
            file.write(",".join(cells) + "\n")


class Memory:
    """The largest PSS of this process and of the server's processes together, in bytes."""

    def __init__(self, home: Path) -> None:
        self._home = home
        self._end = threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)
        self.own = self.server = 0

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._end.set()
        self._thread.join()

    def _watch(self) -> None:
        while not self._end.wait(0.25):
            self.own = max(self.own, house.pss(Path("/proc/self")))
            self.server = max(self.server, sum(map(house.pss, house.processes(self._home))))


def cpu_seconds(home: Path) -> float:
    """This process and the server's, with their ended children."""
    return time.process_time() + house.database_seconds(home)


if __name__ == "__main__":
    sys.exit(main())
