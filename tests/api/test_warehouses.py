"""Warehouses over HTTP: figures, the file out, the file back."""

from __future__ import annotations

import csv
import io
from typing import Any

API = "/api/v1"
MEI = "13800000001"


def _set(story: Any, **more: object) -> Any:
    body = {"shops": ["tmall-flagship"], "audit_minutes": 60, "by": "ana", **more}
    return story.ask("PUT", f"{API}/warehouses/east", body)


def test_a_parcel_goes_out_in_a_file_and_comes_back_packed(story) -> None:
    assert _set(story).json()["warehouses"][0]["code"] == "east"
    order = story.order()
    story.pay(order, MEI)
    story.go(hours=2)

    (due,) = story.read(f"{API}/picks/due")["due"]
    made = story.ask("POST", f"{API}/picks", {"warehouse": "east", "by": "ana"}).json()
    file = story.ask("GET", f"{API}/picks/{made['id']}/file?by=ana")
    (row,) = csv.DictReader(io.StringIO(file.content.decode("utf-8-sig")))
    at = story.now.strftime("%Y-%m-%dT%H:%M:%S+00:00")
    told = f"原始单号,发货时间,货品编码\n{order},{at},{row['赠品编码']}\nX1,{at},\n"
    back = story.http.post(
        f"{API}/imports/shipped?by=ana", content=told.encode(),
        headers={"Authorization": f"Bearer {story.app.settings.api_key}", "Accept-Language": "zh"},
    ).json()  # fmt: skip
    story.go(minutes=1)

    assert (made["gifts"], made["cards"]) == (due["gifts"], due["cards"]) == (0, 1)
    assert made["frozen_from"] == due["frozen_from"] == due["frozen_until"]
    assert story.read(f"{API}/picks/due")["due"] == []
    assert (row["原始单号"], row["决策"], row["仓库"]) == (order, "卡片", "east")
    assert (back["packed"], back["shipped"], back["rejected"]) == (1, 1, 1)
    assert back["refused"] == [{"line": 3, "field": "原始单号", "why": "这里没有这个订单的包裹"}]
    assert back["rejects"].splitlines()[1].startswith("3,原始单号,")
    assert story.read(f"{API}/picks?warehouse=east")["picks"] == [made]
    (packing,) = story.read(f"{API}/parcels/account")["warehouses"]
    assert packing == {
        "warehouse": "east", "packed": 1, "other_kind": 0, "other_item": 0, "stray": 0,
    }  # fmt: skip
    for stage, many in (("east", 1), ("west", 0)):
        listed = story.read(f"{API}/parcels/list?stage=packed&warehouse={stage}")["parcels"]
        assert [one["warehouse"] for one in listed] == [stage] * many
    (line,) = story.read(f"{API}/parcels/differences")["differences"]
    assert (line["content"], line["item"], line["packed"]) == ("card", row["我方编码"], 1)
    for item, many in ((line["item"], 1), ("other", 0)):
        found = story.read(f"{API}/parcels/list?stage=packed&item={item}")["parcels"]
        assert len(found) == many
    actions = {one["action"] for one in story.read(f"{API}/audit/latest")["lines"]}
    assert {"warehouse.set", "parcels.pick", "parcels.pick.again", "parcels.shipped"} <= actions


def test_what_was_packed_otherwise_stands_in_the_timeline(story) -> None:
    _set(story)
    order = story.order()
    story.pay(order, MEI)
    story.go(hours=2)
    at = story.now.strftime("%Y-%m-%dT%H:%M:%S+00:00")
    told = f"原始单号,发货时间,货品编码\n{order},{at},\n"
    story.http.post(
        f"{API}/imports/shipped?by=ana", content=told.encode(),
        headers={"Authorization": f"Bearer {story.app.settings.api_key}"},
    )  # fmt: skip
    story.go(minutes=1)
    (who,) = story.customers(MEI)

    packed, decided = story.read(f"{API}/customers/{who}/timeline?kinds=parcel")["lines"]

    assert (packed["what"], packed["reason"], packed["note"], packed["order"]) == (
        "other_kind", "card", "", decided["order"],
    )  # fmt: skip
    assert (decided["what"], decided["reason"]) == ("card", "not_friend")
    assert story.facts("select count(*) from event where kind = 'parcel.differs'") == [(1,)]


def test_after_the_cut_off_nothing_is_said_of_this_parcel(story) -> None:
    _set(story, lag_minutes=0, audit_minutes=3, margin_minutes=0)
    story.pay(story.order(), MEI)
    story.go(hours=2)

    assert story.steps(MEI) == ["sms"]
    assert story.withheld() == {"call": "promise_expired"}


def test_figures_that_tell_no_cut_off_are_refused(story) -> None:
    refused = _set(story, audit_minutes=None)

    assert refused.status_code == 400
    assert refused.json()["problems"][0]["where"] == "audit_delay"
    assert _set(story, time_zone="Mars/Olympus").status_code == 400
    assert story.ask("POST", f"{API}/picks", {"warehouse": "x", "by": "ana"}).status_code == 404
    assert story.ask("GET", f"{API}/picks/pck_1/file?by=ana").status_code == 404


def test_what_is_planned_keeps_its_cut_off_whatever_becomes_of_the_warehouse(story) -> None:
    _set(story, items={"hello-card": "CARD-A"})
    story.pay(story.order(), MEI)
    story.tick()
    (east,) = _set(story, audit_minutes=5).json()["warehouses"]

    assert (east["waiting"], east["audit_minutes"]) == (1, 5)
    assert all(one["reads"] in (f"[赠{one['item']}]", f"[卡{one['item']}]") for one in east["told"])
    gone = story.ask("POST", f"{API}/warehouses/east/drop", {"by": "ana"})
    assert gone.json()["warehouses"] == []
    assert story.ask("POST", f"{API}/warehouses/east/drop", {"by": "ana"}).status_code == 404
    assert len(story.read(f"{API}/parcels/list?stage=waiting&warehouse=east")["parcels"]) == 1


def test_the_plan_itself_comes_back_with_the_time_of_shipping(story) -> None:
    _set(story)
    order = story.order()
    story.pay(order, MEI)
    story.go(hours=2)
    made = story.ask("POST", f"{API}/picks", {"warehouse": "east", "by": "ana"}).json()
    plan = story.ask("GET", f"{API}/picks/{made['id']}/file?by=ana").content.decode("utf-8-sig")
    head, row = plan.splitlines()
    at = story.now.strftime("%Y-%m-%d %H:%M:%S")

    back = story.http.post(
        f"{API}/imports/shipped?by=ana", content=f"{head},发货时间\n{row},{at}\n".encode(),
        headers={"Authorization": f"Bearer {story.app.settings.api_key}"},
    ).json()  # fmt: skip
    story.go(minutes=1)

    assert (back["packed"], back["shipped"], back["rejected"]) == (1, 1, 0)
    (parcel,) = story.read(f"{API}/parcels/list?stage=packed")["parcels"]
    assert (parcel["packed_card"], parcel["mismatch"]) == (parcel["card"], None)
