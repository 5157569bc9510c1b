"""A warehouse without an interface: plans by its figures, a file out, a file back."""

from __future__ import annotations

import csv
import io
from collections import Counter
from datetime import timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from siyu.acquisition import actions, views
from siyu.acquisition.render import HEAD, plan_rows
from siyu.analytics.views.parcels import Difference, Packing, account, differences
from siyu.commerce.actions import set_warehouse
from siyu.commerce.model import Warehouse
from siyu.connectors.orderfile.source.shipped import ShippedReport, import_shipped
from siyu.events.sweep import apply
from siyu.kernel.errors import BadInput
from siyu.kernel.sheet import Form, written
from siyu.offers import views as offers
from siyu.staff.model import Brand

BUYER, OTHER, THIRD = "13800000001", "13800000002", "13800000003"
SHANGHAI = ZoneInfo("Asia/Shanghai")
BRAND = Brand("b", "Asia/Shanghai", "CNY", "CN", "zh")
SHIPPED = (
    "平台,店铺,订单编号,原始单号,快递公司,快递单号,发货时间,仓库,货品编码,货品名称,数量,是否赠品,"
    "客服备注,标旗"
)


@pytest.fixture
def ware(house: Any) -> Any:
    """The house, whose shop's parcels go out from `east`; its own words for two of our things."""
    east = Warehouse(
        "east", (house.shop,), "Asia/Shanghai", timedelta(minutes=15), timedelta(minutes=30), None,
        timedelta(minutes=10), plans=True, items={"h-card": "CARD-2026A"},
    )  # fmt: skip
    with house.db.transaction() as conn:
        set_warehouse(conn, east, "me", house.now)
    return house


def _paid(ware: Any, **orders: str) -> None:
    ware.deliver([ware.paid(order, phone) for order, phone in orders.items()])
    apply(ware.db, ware.projections, ware.now)  # the plans that came of it


def _frozen(ware: Any) -> None:
    ware.now += timedelta(hours=1)
    ware.freeze()


def _pick(ware: Any, form: Form = "csv") -> tuple[int, list[list[str]]]:
    with ware.db.transaction() as conn:
        made = actions.pick(conn, "east", ware.now - timedelta(days=7), "me", ware.now)
        found = views.pick_list(conn, made.id)
    assert found is not None
    with ware.db.transaction() as conn:
        (house,) = [one for one in _houses(conn) if one.code == "east"]
    text = written(form, plan_rows(found[1], house, "UTC", "https://s.example/{state}")).decode()
    assert text.startswith("\ufeff")
    return made.id, list(csv.reader(io.StringIO(text[1:])))


def _houses(conn: Any) -> list[Warehouse]:
    from siyu.commerce.views import warehouses  # noqa: PLC0415 - named like the fixture's words

    return warehouses(conn)


def _back(ware: Any, folder: Path, *rows: str, head: str = SHIPPED) -> ShippedReport:
    path = folder / "shipped.csv"
    path.write_bytes("\r\n".join([head, *rows]).encode("gb18030"))
    found = import_shipped(ware.db, ware.keys, BRAND, path, "me", ware.now)
    apply(ware.db, ware.projections, ware.now)
    return found


def _row(
    ware: Any, order: str, item: str, *, at: str = "2026-11-20 18:00:00", many: str = "1"
) -> str:
    return f'天猫,店,JST1,="{order}",顺丰,SF1,{at},东仓,{item},物,{many},是,"给, 客",红'


def test_orders_of_a_warehouse_that_tells_no_plans_are_planned_by_its_figures(ware: Any) -> None:
    _paid(ware, o1=BUYER)
    paid = ware.now + timedelta(seconds=1)
    ware.deliver([ware.paid("bare1", OTHER, shop=ware.bare)])
    apply(ware.db, ware.projections, ware.now)

    planned = ware.rows("select parcel_no, warehouse, main_order_no, cutoff_at from parcel")

    assert planned == [(f"{ware.shop}/o1", "east", "o1", paid + timedelta(minutes=35))]
    _frozen(ware)
    assert ware.decision(f"{ware.shop}/o1") == ("card", "not_friend", "", "h-card")


def test_an_order_that_has_long_left_is_not_planned(ware: Any) -> None:
    told = ware.paid("o1", BUYER)
    ware.now += timedelta(days=3)
    ware.deliver([told])
    apply(ware.db, ware.projections, ware.now)

    assert ware.rows("select parcel_no from parcel") == []


def test_each_decision_is_on_one_list_and_a_list_stays_what_it_was(ware: Any) -> None:
    ware.stock(TREAT=5, THANKS=5)
    _paid(ware, o1=BUYER, o2=OTHER, o3=THIRD)
    ware.deliver([ware.added("account", phone=OTHER), ware.cancelled("o3")])
    _frozen(ware)

    first, rows = _pick(ware)
    _, again = _pick(ware)

    assert rows[0] == HEAD
    assert [row[:7] + row[7:10] for row in rows[1:]] == [
        ["o1", "CARD-2026A", "1", "[卡CARD-2026A]", "2026-11-20 12:45:01", ware.shop,
         f"{ware.shop}/o1", "east", "卡片", "h-card"],
        ["o2", "h-THANKS", "1", "[赠h-THANKS]", "2026-11-20 12:45:02", ware.shop,
         f"{ware.shop}/o2", "east", "赠品", "h-THANKS"],
    ]  # fmt: skip
    assert rows[1][10].startswith("https://s.example/")
    assert rows[2][10] == ""
    assert again == [HEAD]
    with ware.db.transaction() as conn:
        kept = views.pick_list(conn, first)
    assert kept is not None
    assert (kept[0].gifts, kept[0].cards, len(kept[1])) == (1, 1, 2)


def test_a_shipped_file_settles_parcels_and_shelves_and_again_is_harmless(
    ware: Any, tmp_path: Path
) -> None:
    ware.stock(TREAT=5, THANKS=5)
    _paid(ware, o1=BUYER, o2=OTHER)
    ware.deliver([ware.added("account", phone=OTHER)])
    _frozen(ware)
    ware.now += timedelta(hours=6)
    rows = [_row(ware, "o1", "CREAM"), _row(ware, "o1", "CARD-2026A"), _row(ware, "o2", "h-THANKS")]

    first = _back(ware, tmp_path, *rows)
    again = _back(ware, tmp_path, *rows, _row(ware, "o9", "X"))

    assert (first.packed, first.shipped, first.known, first.rejected) == (2, 2, 0, 0)
    assert (again.packed, again.shipped, again.known, again.rejected) == (0, 0, 4, 1)
    assert ware.rows(
        "select parcel_no, packed_gift, packed_card, shipped_at is not null from parcel order by 1"
    ) == [(f"{ware.shop}/o1", "", "h-card", True), (f"{ware.shop}/o2", "h-THANKS", "", True)]
    with ware.db.transaction() as conn:
        stock = {one.sku: (one.on_hand, one.reserved) for one in offers.stocks(conn)}
    assert stock["h-THANKS"] == (4, 0)


def test_what_was_packed_otherwise_is_counted_by_day_warehouse_and_instruction(
    ware: Any, tmp_path: Path
) -> None:
    ware.stock(TREAT=5, THANKS=5, SPARE=5)
    _paid(ware, o1=BUYER, o2=OTHER, o3=THIRD)
    ware.deliver([ware.added("account", phone=OTHER)])
    _frozen(ware)
    begin = ware.now
    ware.now += timedelta(hours=6)

    _back(
        ware, tmp_path, _row(ware, "o1", "CARD-2026A"), _row(ware, "o2", "h-SPARE"),
        _row(ware, "o3", "CARD-2026A", many="0"),
    )  # fmt: skip
    with ware.db.transaction() as conn:
        told = differences(conn, begin, ware.now, "", "Asia/Shanghai")
        whole = account(conn, begin, ware.now)
        stock = {one.sku: (one.on_hand, one.reserved) for one in offers.stocks(conn)}

    day = begin.date()
    assert told == [
        Difference(day, "east", "card", "h-card", packed=2, other_kind=1),
        Difference(day, "east", "gift", "h-THANKS", packed=1, other_item=1),
    ]
    assert whole.warehouses == [Packing("east", packed=3, other_kind=1, other_item=1)]
    assert (stock["h-THANKS"], stock["h-SPARE"]) == ((5, 0), (4, 0))


def _differs(ware: Any) -> list[tuple[Any, ...]]:
    """What was told of differences, in order: how, decided, item, packed, order, warehouse."""
    apply(ware.db, ware.projections, ware.now)
    return ware.rows(
        "select d->>'parcel_no', d->>'how', d->>'decided', coalesce(d->>'item', ''),"
        " concat(d->>'gift', d->>'card'), coalesce(d->>'order_no', ''),"
        " coalesce(d->>'warehouse', ''), occurred_at"
        " from (select id, occurred_at, data::jsonb->'d' as d from event"
        "  where kind = 'parcel.differs') e order by id"
    )


def test_differences_are_told_once_whatever_comes_first_and_agree_with_the_figures(
    ware: Any, tmp_path: Path
) -> None:
    ware.stock(TREAT=5, THANKS=9, SPARE=9)
    begin = ware.now
    thanks, spare = "h-THANKS", "h-SPARE"
    early = [ware.packed(f"{ware.shop}/o4", thanks), ware.packed("nobodys", thanks)]
    _paid(ware, o1=BUYER, o2=OTHER, o3=THIRD)
    ware.deliver(early)  # before anybody told of their plans
    _paid(ware, o4="13800000004")
    ware.deliver([ware.added("account", phone=OTHER), ware.packed(f"{ware.shop}/o3", spare)])
    _frozen(ware)
    ware.now += timedelta(hours=6)

    rows = [_row(ware, "o1", "CARD-2026A", many="0"), _row(ware, "o2", "h-SPARE")]
    _back(ware, tmp_path, *rows)
    later = [row.replace("18:00:00", "18:30:00") for row in rows]
    _back(ware, tmp_path, *later)  # the same parcels, read back twice
    told = _differs(ware)
    with ware.db.transaction() as conn:
        figures = differences(conn, begin, ware.now, "", "Asia/Shanghai")

    assert sorted(one[:-1] for one in told) == sorted([
        (f"{ware.shop}/o1", "other_kind", "card", "h-card", "", "o1", "east"),
        (f"{ware.shop}/o2", "other_item", "gift", thanks, spare, "o2", "east"),
        (f"{ware.shop}/o3", "stray", "none", "", spare, "o3", "east"),
        (f"{ware.shop}/o4", "stray", "none", "", thanks, "", ""),
        ("nobodys", "stray", "none", "", thanks, "", ""),
    ])  # fmt: skip
    counted = Counter[tuple[Any, ...]]()
    for line in figures:
        counted[line.day, line.content] += line.other_kind + line.other_item + line.stray
    assert Counter((one[7].astimezone(SHANGHAI).date(), one[2]) for one in told) == +counted


def test_a_later_report_takes_a_difference_back_and_the_customer_sees_both(
    ware: Any, tmp_path: Path
) -> None:
    _paid(ware, o1=BUYER)
    _frozen(ware)
    ware.now += timedelta(hours=6)

    _back(ware, tmp_path, _row(ware, "o1", "h-SPARE"))
    _back(ware, tmp_path, _row(ware, "o1", "CARD-2026A", at="2026-11-20 18:10:00"))
    _back(ware, tmp_path, _row(ware, "o1", "h-SPARE", at="2026-11-20 18:20:00"))

    assert [one[1] for one in _differs(ware)] == ["other_kind", "as_decided", "other_kind"]
    assert ware.rows(
        "select count(distinct o.customer_id), count(*) from event e"
        " join event_subject s on s.event_id = e.id join identity i on i.id = s.identity_id"
        " join orders o on o.customer_id = i.customer_id where e.kind = 'parcel.differs'"
    ) == [(1, 3)]


@pytest.mark.parametrize(
    ("order", "at", "many", "field", "why"),
    [
        ("4.5E+18", "2026-11-20 18:00", "1", "原始单号", "the file was re-saved in Excel"),
        ("o1", "soon", "1", "发货时间", "is not a time"),
        ("o1", "2026/11/20 18:00", "some", "数量", "is not a whole number"),
        ("", "2026-11-20 18:00", "1", "原始单号", "is empty"),
        ("o7", "2026-11-20 18:00", "1", "原始单号", "no parcel of this order"),
    ],
)
def test_a_row_of_no_use_is_explained_and_the_rest_is_kept(
    ware: Any, tmp_path: Path, order: str, at: str, many: str, field: str, why: str
) -> None:
    _paid(ware, o1=BUYER, o2=OTHER)
    _frozen(ware)
    ware.now += timedelta(hours=6)

    found = _back(
        ware, tmp_path, _row(ware, "o2", "CARD-2026A"), _row(ware, order, "X", at=at, many=many)
    )

    assert (found.packed, found.shipped, found.rejected) == (1, 1, 1)
    assert (found.refused[0].line, found.refused[0].field) == (3, field)
    assert found.refused[0].why.startswith(why)
    assert found.rejects_path is not None
    assert found.rejects_path.read_text("utf-8").splitlines()[1].startswith(f"3,{field},")


def test_a_parcel_with_a_line_of_no_use_is_left_out_whole(ware: Any, tmp_path: Path) -> None:
    _paid(ware, o1=BUYER)
    _frozen(ware)
    ware.now += timedelta(hours=6)

    found = _back(ware, tmp_path, _row(ware, "o1", "CREAM"), _row(ware, "o1", "CARD", many="x"))

    assert (found.parcels, found.rejected) == (0, 2)


def test_orders_packed_as_one_carry_one_thing(ware: Any, tmp_path: Path) -> None:
    _paid(ware, o1=BUYER, o2=BUYER)
    _frozen(ware)
    ware.now += timedelta(hours=6)

    _back(ware, tmp_path, _row(ware, "o1；o2", "CARD-2026A"))

    packed = ware.rows("select packed_card, shipped_at is not null from parcel order by parcel_no")
    assert packed == [("h-card", True), ("", True)]


def test_a_file_without_items_tells_only_what_left(ware: Any, tmp_path: Path) -> None:
    _paid(ware, o1=BUYER)
    _frozen(ware)
    ware.now += timedelta(hours=6)

    found = _back(ware, tmp_path, "o1,2026-11-20 18:00:00,SF1", head="线上单号,发货时间,运单号")

    assert (found.items, found.packed, found.shipped) == (False, 0, 1)


def test_a_file_without_the_needed_columns_is_refused(ware: Any, tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="lacks columns"):
        _back(ware, tmp_path, "a,b", head="店铺,快递单号")


def test_an_excel_file_says_the_same(ware: Any, tmp_path: Path) -> None:
    _paid(ware, o1=BUYER)
    _frozen(ware)
    ware.now += timedelta(hours=6)
    path = tmp_path / "shipped.xlsx"
    head = ["发货日报"], ["子单原始单号 ", "出库时间", "商家编码"]
    path.write_bytes(written("xlsx", [*head, ["o1", "2026/11/20 18:00", "CARD-2026A"]]))

    found = import_shipped(ware.db, ware.keys, BRAND, path, "me", ware.now)

    assert (found.packed, found.shipped, found.rejected) == (1, 1, 0)
