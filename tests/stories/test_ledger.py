"""README: every fen accounted for; `siyu ledger check` proves it, or names what differs."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

from siyu.kernel.sql import Conn

MEI, HUA = "13800000001", "13800000002"


def check(story: Any) -> tuple[int, dict[str, Any]]:
    said = story.siyu("ledger", "check", "--json")
    return said.exit_code, json.loads(said.output)


def lived(story: Any) -> None:
    """Texts, a call, work of two minutes, a card, a gift, a refund, a cancellation."""
    first, second, third = story.order(), story.order(), story.order()
    story.pay(first, MEI)
    story.pay(second, HUA)
    story.plan("P1", [first], story.now + timedelta(hours=8))
    story.plan("P2", [second], story.now + timedelta(hours=8))
    story.go(minutes=3)
    story.add("wm-hua", link=story.got(HUA)[0].link)
    story.go(minutes=3)
    story.call_ends(story.got(MEI)[1], "A")
    story.go(minutes=1)
    (request,) = story.tasks()
    story.task_ends(request, "requested")
    story.go(hours=9)
    story.pack("P1")
    story.pack("P2")
    story.pay(third, HUA)
    story.refund(first, 500)
    story.cancel(third)
    story.go(minutes=1)


def plant(conn: Conn) -> None:
    """A difference of each kind."""
    conn.execute("delete from ledger_entry where kind = 'call_minute'")
    conn.execute("update ledger_entry set quantity = 9, amount_minor = 9 * unit_minor"
                 " where kind = 'staff_minute'")  # fmt: skip
    conn.execute("update ledger_entry set amount_minor = amount_minor + 1 where kind = 'card'")
    conn.execute("update parcel set packed_gift = '' where packed_gift <> ''")
    conn.execute("update ledger_entry set cause_id = 999 where kind = 'shipping_extra'")
    conn.execute("update orders set refunded_minor = 400 where refunded_minor = 500")
    conn.execute("update orders set state = 'paid' where state = 'cancelled'")


def test_what_was_sent_called_worked_packed_and_sold_is_booked_and_what_differs_is_named(
    story,
) -> None:
    lived(story)
    kinds = {kind for (kind,) in story.facts("select distinct kind from ledger_entry")}
    agreed, nothing = check(story)
    with story.app.db.transaction() as conn:
        plant(conn)
    differs, found = check(story)
    said = {(one["what"], one["cause"], one["kind"]): one for one in found["first"]}

    assert kinds == {
        "sms_segment", "call_minute", "staff_minute", "card", "gift", "shipping_extra",
    }  # fmt: skip
    assert (agreed, nothing) == (0, {"agrees": True, "differences": 0, "by_kind": {}, "first": []})
    assert differs == 1
    assert set(said) == {
        ("quantity", "touch", "call_minute"),
        ("quantity", "task", "staff_minute"),
        ("entry", "parcel", "card"),
        ("quantity", "parcel", "gift"),
        ("quantity", "parcel", "shipping_extra"),
        ("cause", "parcel", "shipping_extra"),
        ("order", "order", "paid"),
        ("net", "orders", "net"),
    }  # fmt: skip
    call = said["quantity", "touch", "call_minute"]
    assert (call["wanted"], call["posted"], call["posted_minor"]) == (1, 0, 0)
    assert call["wanted_minor"] > 0
    work = said["quantity", "task", "staff_minute"]
    assert (work["wanted"], work["posted"]) == (2, 9)
    assert work["wanted_minor"] * 9 == work["posted_minor"] * 2
    card = said["entry", "parcel", "card"]
    assert card["posted_minor"] == card["wanted_minor"] + 1
    wrong = [one for one in found["first"] if one["what"] == "order"]
    assert [(one["wanted_minor"], one["posted_minor"]) for one in wrong] == [(500, 400), (0, 0)]
    shown = " ".join(story.siyu("ledger", "check").output.split())
    assert "9 differences" in shown
    assert "call_minute" in shown
    assert any("call_minute is not booked" in str(one["says"]) for one in found["first"])
    assert "Put a whole one back (docs/guides/operate.md)" in shown
    assert call["says"]["zh"].endswith("没有记 call_minute")
    assert "net of all orders in CNY: It follows from the differences of orders" in shown
