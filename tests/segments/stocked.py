"""Children, complaints, sizes in stores, whose store is whose: random ones, and naive answers."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from hypothesis import strategies as st

Rows = dict[str, list[dict[str, Any]]]


def stocked(
    draw: st.DrawFn,
    known_one: st.SearchStrategy[int],
    shops: st.SearchStrategy[str],
    times: st.SearchStrategy[datetime | None],
) -> dict[str, list[dict[str, Any]]]:
    """Facts beside those of `worlds`."""
    return {
        "customer_child": draw(
            st.lists(
                st.fixed_dictionaries(
                    {
                        "customer_id": known_one,
                        "child": st.integers(1, 2),
                        "month": st.sampled_from(["2026-12", "2026-11", "2026-10", "2025-11"]),
                    }
                ),
                max_size=4,
                unique_by=lambda row: (row["customer_id"], row["child"]),
            )
        ),
        "child_consent": draw(
            st.lists(
                st.fixed_dictionaries(
                    {"customer_id": known_one, "state": st.sampled_from(["given", "withdrawn"])}
                ),
                max_size=4,
                unique_by=lambda row: row["customer_id"],
            )
        ),
        "complaint": draw(
            st.lists(
                st.fixed_dictionaries(
                    {
                        "customer_id": known_one,
                        "shop": shops,
                        "opened_at": times,
                        "closed_at": times,
                    }
                ),
                max_size=6,
            ).map(_opened)
        ),
        "size_stock": draw(
            st.lists(
                st.fixed_dictionaries(
                    {
                        "place": shops,
                        "style": st.sampled_from(["runner", "boot"]),
                        "size": st.sampled_from(["", "%", "'"]),
                        "pieces": st.integers(1, 3),
                        "discontinued": st.booleans(),
                        "sizes_left": st.integers(1, 3),
                    }
                ),
                max_size=4,
                unique_by=lambda row: (row["place"], row["style"], row["size"]),
            )
        ),
        "staff_member": [
            {"code": "a", "store_id": draw(st.sampled_from([None, 1, 2]))},
            {"code": "b", "store_id": 1},
        ],
        "store": [{"id": 1, "code": "a"}, {"id": 2, "code": "b"}],
    }


def _opened(found: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """What the table works out by itself, for engines that have no such column."""
    return [
        {**row, "complaint": f"k{number}", "open": row["opened_at"] is not None and _open(row)}
        for number, row in enumerate(found)
    ]


def _open(row: dict[str, Any]) -> bool:
    return row["closed_at"] is None or row["closed_at"] < row["opened_at"]


def complaints(form: Any, mine: Rows) -> list[datetime]:
    """When what a condition asks for happened."""
    return [
        row["closed_at"] if form.state == "settled" else row["opened_at"]
        for row in mine["complaint"]
        if row["opened_at"] is not None
        and form.shop in (None, row["shop"])
        and (form.state == "ever" or _open(row) == (form.state == "open"))
    ]


def fits(form: Any, mine: Rows, facts: Rows, _: Any, now: datetime) -> bool:
    homes = {one["code"]: one["store_id"] for one in facts["staff_member"]}
    named = {one["id"]: one["code"] for one in facts["store"]}
    guides = [row["staff"] for row in mine["friendship"] if row["state"] == "live"]
    own = {named[homes[guide]] for guide in guides if homes.get(guide)}
    wears = {
        tag["name"][len(form.size_tag) :]
        for tag in mine["tag"]
        if tag["name"].startswith(form.size_tag) and (tag["until"] is None or now < tag["until"])
    }
    return any(
        row["size"] in wears
        and form.style in (None, row["style"])
        and (not form.left_over or row["discontinued"] or row["sizes_left"] <= form.few)
        and (form.store == "any" or row["place"] in own)
        for row in facts["size_stock"]
    )


def child_age(form: Any, mine: Rows, facts: Rows, _: Any, now: datetime) -> bool:
    today = now.astimezone(ZoneInfo(facts["brand"][0]["time_zone"])).date()
    if not any(row["state"] == "given" for row in mine["child_consent"]):
        return False
    for row in mine["customer_child"]:
        year, month = map(int, row["month"].split("-"))
        for ahead in range(form.in_days):
            day = today + timedelta(days=ahead)
            age = (day.year - year) * 12 + day.month - month
            if form.at_least <= age and (form.at_most is None or age <= form.at_most):
                return True
    return False
