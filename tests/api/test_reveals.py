"""Masked phones that a platform shows by hand: who looks where, until when; what comes back."""

from __future__ import annotations

import csv
import io
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from tests.connectors.orderfile.conftest import book_of
from tests.exports import DOUYIN_2024, of

from siyu.app import order_file
from siyu.staff.actions import seed
from siyu.staff.model import Brand, Member
from siyu.worker.imports import import_file

D1, D2, D3 = "6917926768823643751", "6917926768823643762", "6917926768823643773"
PAGE = "https://fxg.jinritemai.com/ffa/morder/order/list"
ORDER = of("选购商品=面膜;商品数量=1;商家编码=M1;订单应付金额=28.90;订单状态=待发货")


class Desk:
    """A shop whose orders come masked, and somebody who looks phones up."""

    def __init__(self, story: Any, folder: Path) -> None:
        self.story, self.folder = story, folder
        with story.app.db.transaction() as conn:
            brand = Brand("花间", "Asia/Shanghai", "CNY", "CN", "zh")
            seed(conn, brand, [], [Member("ops", "运营", "operator")])

    def bring(self, *rows: dict[str, str], hours_ago: float = 1) -> Any:
        """An export of these orders, brought in and applied."""
        at = self.story.now + timedelta(hours=8) - timedelta(hours=hours_ago)
        paid = {"支付完成时间": at.strftime("%Y-%m-%d %H:%M:%S")}
        path = self.folder / "orders.csv"
        path.write_bytes(DOUYIN_2024.csv(*[ORDER | paid | row for row in rows]))
        report = import_file(self.story.app, order_file(path), lambda _: None, stands_in=False)
        self.story.tick()
        return report

    def listed(self, query: str = "") -> list[dict[str, Any]]:
        return self.story.read(f"/api/v1/reveals{query}")["reveals"]

    def fill(self, content: bytes, language: str = "en") -> Any:
        headers = {
            "Authorization": f"Bearer {self.story.app.settings.api_key}",
            "Accept-Language": language,
        }
        path = "/api/v1/reveals/file?by=ana"
        answer = self.story.http.post(path, content=content, headers=headers)
        assert answer.status_code == 200, answer.text
        self.story.tick()
        return answer.json()

    def rows(self, *rows: str) -> Any:
        return self.fill("\n".join(["shop,order_no,phone", *rows]).encode())

    def buyers(self) -> list[tuple[Any, ...]]:
        """Order → whether its buyer has a phone."""
        return self.story.facts(
            "select o.order_no, exists (select from identity i where i.customer_id = o.customer_id"
            " and i.kind = 'phone') from orders o order by 1"
        )


@pytest.fixture
def desk(story: Any, tmp_path: Path) -> Desk:
    return Desk(story, tmp_path)


def order(number: str, phone: str) -> dict[str, str]:
    return {"主订单编号": number, "子订单编号": number, "收件人手机号": phone}


def test_an_order_with_a_masked_phone_asks_somebody_to_look_it_up(desk: Desk) -> None:
    desk.bring(order(D1, "138****0001"), order(D2, "-"), order(D3, "13800000003"))
    one, two = desk.listed()

    assert (one["shop"], one["order_no"], one["page"]) == ("douyin", D1, PAGE)
    assert (one["phone_masked"], two["phone_masked"]) == ("138****0001", "")
    assert (one["staff"], two["staff"]) == ("ops", "ops")
    assert one["until"] > one["paid_at"]
    assert desk.listed("?staff=nobody") == []


def test_until_the_parcel_is_packed_or_for_the_time_of_the_setting(desk: Desk) -> None:
    desk.bring(order(D1, "138****0001"), order(D2, "138****0002"))
    cutoff = desk.story.now + timedelta(hours=3)
    parcel = {"parcel_no": "P1", "shop": "douyin", "orders": [D1], "main_order": D1}
    desk.story.tell("parcel.planned", parcel | {"cutoff_at": cutoff.isoformat()})
    desk.story.tick()

    until = {one["order_no"]: one["until"] for one in desk.listed()}
    assert datetime.fromisoformat(until[D1]) == cutoff
    hours = desk.story.app.settings.reveal_hours
    paid = desk.story.now - timedelta(hours=1)
    assert datetime.fromisoformat(until[D2]) == paid + timedelta(hours=hours)
    desk.story.go(hours=4)
    assert [one["order_no"] for one in desk.listed()] == [D2]
    desk.story.go(hours=48)
    assert desk.listed() == []


def test_of_old_orders_nobody_is_asked(desk: Desk) -> None:
    desk.bring(order(D1, "138****0001"), hours_ago=24 * 61)

    assert desk.listed() == []
    assert desk.story.facts("select wanted_until from reveal") == [(None,)]  # until a wave wants it


def test_the_list_is_a_file_that_comes_back_filled_in(desk: Desk) -> None:
    desk.bring(order(D1, "138****0001"), order(D2, "138****0002"))
    answer = desk.story.ask("GET", "/api/v1/reveals/file?lang=zh")
    head, *rows = list(csv.reader(io.StringIO(answer.content.decode("utf-8-sig"))))

    assert answer.headers["Cache-Control"] == "no-store"
    assert head == ["店铺", "订单页", "订单号", "能看到的号码", "截止时间", "负责人", "手机号"]
    assert [row[2:4] for row in rows] == [[f'="{D1}"', "138****0001"], [f'="{D2}"', "138****0002"]]

    rows[0][-1] = "138 0000 0001"
    held = io.StringIO()
    csv.writer(held).writerows([head, *rows])
    found = desk.fill(held.getvalue().encode("gb18030"))

    assert found == {"matched": 1, "known": 0, "blank": 1, "refused": []}
    assert desk.buyers() == [(D1, True), (D2, False)]
    assert [one["order_no"] for one in desk.listed()] == [D2]
    audit = desk.story.facts("select action, reason from audit where action ~ 'reveal' order by id")
    assert audit == [("reveal.export", "2 orders"), ("reveal.import", "1 of 1")]


def test_again_it_changes_nothing(desk: Desk) -> None:
    desk.bring(order(D1, "138****0001"))

    assert desk.rows(f"douyin,{D1},13800000001")["matched"] == 1
    assert desk.rows(f"douyin,{D1},13800000001") == {
        "matched": 0, "known": 1, "blank": 0, "refused": [],
    }  # fmt: skip
    assert desk.bring(order(D1, "138****0001")).duplicates == 1
    assert desk.listed() == []


def test_excel_comes_back_as_well(desk: Desk) -> None:
    desk.bring(order(D1, "138****0001"))
    book = book_of({"查号": [["订单号", "手机号"], [D1, 13800000001]]})

    assert desk.fill(book)["matched"] == 1
    assert desk.buyers() == [(D1, True)]


def test_what_can_not_be_true_is_refused_with_its_line_and_reason(desk: Desk) -> None:
    desk.bring(order(D1, "138****0001"), order(D2, "-"))
    digits = "is not the number of which some digits are to be seen in the order"
    wrong = {
        f"douyin,{D1},13900000001": ("phone", digits),
        f"douyin,{D1},13800000002": ("phone", digits),
        f"douyin,{D1},138****0001": ("phone", "is masked still"),
        f"douyin,{D1},12345": ("phone", "is not a phone number"),
        f"douyin,{D1},18400000000-7576": ("phone", "is not a phone number"),
        f"douyin,{D3},13800000001": ("order_no", "no phone of this order is asked for"),
        f"tmall,{D1},13800000001": ("order_no", "no phone of this order is asked for"),
        "douyin,6.91793E+18,13800000001": ("order_no", "re-saved in Excel"),
        "douyin,6917926768823640000,13800000001": ("order_no", "re-saved in Excel"),
        f"douyin,{D1}": ("", "has 2 columns"),
        f"douyin,{D2},13800000001": ("phone", "two different phones"),
        f"douyin,{D2},13800000002": ("phone", "two different phones"),
    }
    found = desk.rows(*wrong)

    assert (found["matched"], found["known"], found["blank"]) == (0, 0, 0)
    assert [(one["line"], one["field"]) for one in found["refused"]] == [
        (line, field) for line, (field, _) in enumerate(wrong.values(), start=2)
    ]
    for one, (_, why) in zip(found["refused"], wrong.values(), strict=True):
        assert why in one["why"]
    assert "139000" not in str(found)
    assert desk.buyers() == [(D1, False), (D2, False)]


def test_another_phone_of_a_known_buyer_is_refused_in_the_readers_language(desk: Desk) -> None:
    desk.bring(order(D1, "-"))
    desk.rows(f"douyin,{D1},13800000001")
    found = desk.fill(f"店铺,订单号,手机号\ndouyin,{D1},13800000002".encode(), "zh")

    assert found["refused"] == [{"line": 2, "field": "手机号", "why": "这位买家已有另一个手机号"}]


def test_an_export_that_has_the_phone_at_last_answers_it(desk: Desk) -> None:
    desk.bring(order(D1, "138****0001"))
    desk.bring(order(D1, "13800000001"))
    desk.bring(order(D1, "138****0001"))

    assert desk.listed() == []
    assert desk.buyers() == [(D1, True)]


def test_a_cancelled_order_is_looked_up_by_nobody(desk: Desk) -> None:
    desk.bring(order(D1, "138****0001"))
    desk.bring(order(D1, "138****0001") | of("订单状态=已关闭"))

    assert desk.listed() == []


def test_a_file_without_the_columns_says_which(desk: Desk) -> None:
    headers = {"Authorization": f"Bearer {desk.story.app.settings.api_key}"}
    answer = desk.story.http.post(
        "/api/v1/reveals/file?by=ana", content=b"a,b\n1,2\n", headers=headers
    )

    assert answer.status_code == 400
    assert "order_no, phone" in answer.json()["detail"]
