"""`siyu reveals`: the list, the file to fill in, and what comes back."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

from tests.exports import DOUYIN_2024, of

NUMBER = "6917926768823643751"
MAPPING = Path(__file__).parents[2] / "examples" / "mappings" / "douyin.yaml"


def test_a_masked_phone_is_listed_exported_filled_in_and_known(
    run: Callable, brandless: Path, tmp_path: Path
) -> None:
    mapping, orders, out = (tmp_path / name for name in ("m.yaml", "orders.csv", "reveals.csv"))
    brand = "\nbrand: {name: B, region: CN}\n"
    mapping.write_text(MAPPING.read_text("utf-8") + brand, "utf-8")
    row = of(
        f"主订单编号={NUMBER};子订单编号=1;选购商品=面膜;商品数量=1;订单应付金额=9;订单状态=待发货;"
        "收件人手机号=138****0001"
    )
    paid = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%S+00:00")
    orders.write_bytes(DOUYIN_2024.csv(row | {"支付完成时间": paid}))
    home = ("--home", brandless)
    run("import", "orders", orders, "--mapping", mapping, *home)

    assert NUMBER in run("reveals", "list", *home).out
    assert run("reveals", "export", "--out", out, "--by", "ana", *home, "--json").json == {
        "written": str(out),
        "orders": 1,
    }
    assert out.stat().st_mode & 0o777 == 0o600
    out.write_text(out.read_text("utf-8-sig").rstrip() + "13800000001\n", "utf-8")
    told = run("reveals", "import", out, "--by", "ana", *home)
    assert "1 buyers known now" in told.out
