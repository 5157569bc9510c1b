"""One customer over HTTP: the page, the line of time, and what people say of them."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from siyu.analytics.views.timeline import KINDS
from siyu.app import PREDICATES
from siyu.segments import actions as segments
from siyu.staff.views import audited

PREFIX = "/api/v1/customers"
PHONE = "13800000001"


@pytest.fixture
def lived(story) -> Any:
    """A buyer in a cascade: a text, a call that was answered, a friend at last."""
    story.pay(story.order(), PHONE)
    story.go(minutes=6)
    story.call_ends(story.got(PHONE)[1], "A")
    story.go(minutes=1)
    story.add("wm-1", phone=PHONE)
    story.go(minutes=1)
    return story


def _who(story: Any, phone: str = PHONE) -> str:
    (found,) = story.customers(phone)
    return found


def _say(story: Any, path: str, **body: object) -> Any:
    answer = story.ask("POST", f"{PREFIX}/{_who(story)}/{path}", {"by": "ana", **body})
    story.tick()
    return answer


def _lines(story: Any, query: str = "") -> list[dict[str, Any]]:
    return story.read(f"{PREFIX}/{_who(story)}/timeline?limit=200&{query}")["lines"]


def test_the_page_of_a_customer_says_who_it_is_and_what_is_under_way(lived) -> None:
    page = lived.read(f"{PREFIX}/{_who(lived)}/overview")

    assert (page["name_masked"], page["stage"]) == ("林**", "A4")
    assert page["owner"]["staff"] == "guide-1"
    assert [one["state"] for one in page["friendships"]] == ["live"]
    assert {key["kind"]: key["masked"] for key in page["keys"]}["phone"] == "138****0001"
    assert {(one["channel"], one["purpose"]) for one in page["consents"]} >= {("sms", "service")}
    assert [one["state"] for one in page["promises"]] == ["promised"]
    worth = page["worth"]
    assert (worth["orders"], worth["total_minor"], worth["refunded_minor"]) == (1, 19900, 0)
    assert {one["kind"] for one in worth["costs"]} >= {"sms_segment", "call_minute"}
    assert worth["cost_minor"] == sum(one["amount_minor"] for one in worth["costs"]) > 0
    assert worth["margin_minor"] is None  # nobody has told us what goods cost
    assert PHONE not in str(page)
    assert "林小雨" not in str(page)


def test_a_visit_under_way_says_where_and_until_when(story) -> None:
    story.pay(story.order(), PHONE)
    story.go(minutes=2)
    (visit,) = story.read(f"{PREFIX}/{_who(story)}/overview")["visits"]

    assert (visit["journey"], visit["state"], visit["held_out"]) == ("cascade", "under_way", False)
    assert visit["due_at"] is not None
    assert visit["waiting_for"]


def test_the_timeline_tells_everything_once_the_newest_first(lived) -> None:
    lines = _lines(lived)

    assert [one["at"] for one in lines] == sorted((one["at"] for one in lines), reverse=True)
    told = [(one["kind"], one["what"], one["channel"] or one["step"]) for one in lines]
    assert ("order", "paid", "") in told
    assert ("visit", "enrolled", "") in told
    assert ("touch", "sms") in {(kind, channel) for kind, _, channel in told}
    assert ("call", "voice_ai") in {(kind, channel) for kind, _, channel in told}
    assert ("friend", "added", "") in told
    assert ("consent", "given", "sms,voice,wecom") in told
    call = next(one for one in lines if one["kind"] == "call")
    assert call["note"] == "answered A"
    assert call["rulings"][-1]["verdict"] == "allow"


def test_what_was_not_sent_is_told_with_its_reason(story) -> None:
    story.pay(story.order(), PHONE, consent=False)
    story.go(minutes=2)
    (line, *_) = _lines(story, "kinds=withheld")

    assert (line["what"], line["reason"], line["step"]) == ("withheld", "no_consent", "sms")
    assert line["until"] is None
    assert [one["reason"] for one in line["rulings"]] == ["no_consent"]


def test_what_waits_is_told_with_its_reason_and_when_it_may_be_sent(story) -> None:
    story.go(hours=11)  # 23:00 in Shanghai
    story.pay(story.order(), PHONE)
    story.go(minutes=2)
    (line,) = _lines(story, "kinds=withheld")

    assert (line["what"], line["reason"]) == ("wished", "quiet_hours")
    assert line["until"].startswith("2026-11-21T00:00")  # eight in the morning


def test_what_a_hold_withheld_says_when_the_hold_ends(story) -> None:
    story.pay(story.order(), PHONE)
    story.tick()
    until = (story.now + timedelta(days=3)).isoformat()
    assert _say(story, "suppressions", why="on holiday", until=until).status_code == 200
    story.pay(story.order(), PHONE)
    story.go(minutes=8)
    ended = [one for one in _lines(story, "kinds=withheld") if one["reason"] == "suppressed"]

    assert ended
    assert {one["until"][:16] for one in ended} == {until[:16]}


@pytest.mark.parametrize("limit", [1, 2, 3])
def test_pages_of_the_timeline_miss_and_double_nothing(lived, limit: int) -> None:
    whole, pages, before = _lines(lived), [], ""
    while True:
        path = f"{PREFIX}/{_who(lived)}/timeline?limit={limit}&before={before}"
        page = lived.read(path)
        pages += page["lines"]
        before = page["next"]
        if not before:
            break

    assert pages == whole


def test_kinds_cut_the_timeline_into_parts_that_add_up(lived) -> None:
    parts = [line for kind in KINDS for line in _lines(lived, f"kinds={kind}")]

    assert len(parts) == len(_lines(lived))
    assert {"order", "touch", "call", "visit", "friend", "consent"} <= {p["kind"] for p in parts}
    assert len(_lines(lived, "kinds=order&kinds=friend")) == 2


def test_coming_into_a_live_segment_and_leaving_it_is_in_the_timeline(lived) -> None:
    text = "segment: vip\ntitle: {zh: 一, en: V}\nlive: true\nwhen: {tag: vip}"
    with lived.app.db.transaction() as conn:
        segments.keep(conn, text, PREDICATES, "ana", lived.now)
    lived.tick()
    for on in (True, False):
        _say(lived, "tags", name="vip", on=on)
        lived.go(minutes=1)

    lines = _lines(lived, "kinds=segment")
    assert [(one["what"], one["note"]) for one in lines] == [("left", "vip"), ("entered", "vip")]


def test_refunds_tags_and_merges_are_in_the_timeline(lived) -> None:
    order = lived.read(f"{PREFIX}/{_who(lived)}")["orders"][0]["order"].partition("/")[2]
    lived.refund(order, 900)
    _say(lived, "tags", name="vip")
    lived.go(minutes=1)
    _say(lived, "tags", name="vip", on=False)
    lived.send([lived.event("customer.identified", {}, {"buyer": "tmall/b8"})])
    lived.tick()
    (other,) = lived.customers("tmall/b8", "buyer")
    _say(lived, "merge", other=other, why="same voice")
    told = {(one["kind"], one["what"]): one for one in _lines(lived)}

    assert told["refund", "refunded"]["amount_minor"] == 900
    assert told["tag", "cleared"]["note"] == "vip"
    assert told["merge", "merged"]["id"] == other


def test_a_tag_set_by_hand_says_by_whom_and_goes_again(lived) -> None:
    assert _say(lived, "tags", name=" 敏感肌 ").status_code == 200
    (tag,) = lived.read(f"{PREFIX}/{_who(lived)}/overview")["tags"]
    assert (tag["name"], tag["source"]) == ("敏感肌", "staff:ana")

    lived.go(minutes=1)
    assert _say(lived, "tags", name="敏感肌", on=False).status_code == 200
    assert lived.read(f"{PREFIX}/{_who(lived)}/overview")["tags"] == []
    with lived.app.db.transaction() as conn:
        assert [one.action for one in audited(conn)][:2] == ["tag.off", "tag.set"]


def test_a_hold_set_by_hand_stops_what_is_under_way_and_is_lifted_again(story) -> None:
    story.pay(story.order(), PHONE)
    story.tick()
    assert _say(story, "suppressions", why="asked so in the store").status_code == 200
    story.go(minutes=8)
    assert story.steps(PHONE) == ["sms"]  # it had left before
    (hold,) = story.read(f"{PREFIX}/{_who(story)}/overview")["suppressed"]
    assert (hold["channel"], hold["purpose"], hold["reason"]) == ("*", "*", "by_hand")

    where = {"channel": "*", "purpose": "*", "reason": "by_hand"}
    assert _say(story, "suppressions/lift", **where, why="wants it again").status_code == 200
    assert _say(story, "suppressions/lift", **where, why="again").status_code == 409
    assert story.read(f"{PREFIX}/{_who(story)}/overview")["suppressed"] == []
    with story.app.db.transaction() as conn:
        lines = [(one.actor, one.action, one.reason) for one in audited(conn)]
    assert ("ana", "customer.bar", "* for *: asked so in the store") in lines
    assert ("ana", "customer.free", "by_hand: * for *: wants it again") in lines


def test_a_complaint_holds_promotion_until_it_is_settled(lived) -> None:
    about = {"shop": "tmall-flagship", "order_no": "1"}
    said = _say(lived, "complaint", state="open", why="parcel was late", complaint="K1", **about)
    assert said.json()["complaints"] == ["K1"]
    (hold,) = lived.read(f"{PREFIX}/{_who(lived)}/overview")["suppressed"]
    assert (hold["purpose"], hold["reason"]) == ("promotion", "open_complaint")

    (one,) = lived.read(f"{PREFIX}/{_who(lived)}/complaints")["complaints"]
    assert (one["complaint"], one["order_no"], one["open"]) == ("K1", "1", True)
    assert one["why"] == "parcel was late"
    (need,) = [
        n for n in lived.read("/api/v1/attention")["needs"] if n["code"] == "complaints_open"
    ]
    assert need["count"] == 1

    lived.go(minutes=1)
    assert _say(lived, "complaint", state="settled", why="refunded").status_code == 200
    assert _say(lived, "complaint", state="settled", why="refunded").status_code == 409
    assert lived.read(f"{PREFIX}/{_who(lived)}/overview")["suppressed"] == []
    lines = [(one["what"], one["note"], one["order"]) for one in _lines(lived, "kinds=complaint")]
    assert lines == [("settled", "K1", "tmall-flagship/1"), ("opened", "K1", "tmall-flagship/1")]


def test_a_complaint_without_a_number_gets_one_of_the_brands_day(lived) -> None:
    (number,) = _say(lived, "complaint", state="open", why="cold").json()["complaints"]
    here = lived.app.clock.now().astimezone(ZoneInfo("Asia/Shanghai"))
    assert number == f"{here:%Y%m%d-%H%M%S}"


@pytest.mark.parametrize(
    ("path", "body", "status"),
    [
        ("suppressions", {"why": ""}, 400),
        ("suppressions", {"why": f"call {PHONE[:3]}-{PHONE[3:]}"}, 400),
        ("suppressions", {"why": "x", "channel": "fax"}, 400),
        ("suppressions", {"why": "x", "purpose": "fun"}, 400),
        ("suppressions", {"why": "x", "until": "2020-01-01T00:00:00Z"}, 400),
        ("suppressions/lift",
         {"why": "x", "channel": "*", "purpose": "*", "reason": "opted_out"}, 422),
        ("complaint", {"why": "two\nlines", "state": "open"}, 400),
        ("complaint", {"why": "x", "state": "closed"}, 422),
        ("complaint", {"why": "x", "state": "open", "order_no": "1"}, 400),
        ("complaint", {"why": "x", "state": "open", "complaint": PHONE}, 400),
        ("complaint", {"why": "x", "state": "open", "complaint": "x" * 121}, 400),
        ("tags", {"name": " "}, 400),
        ("tags", {"name": "x" * 61}, 400),
        ("tags", {"name": f"tel {PHONE}"}, 400),
    ],
)  # fmt: skip
def test_what_cannot_be_kept_is_refused_and_changes_nothing(
    lived, path: str, body: dict[str, object], status: int
) -> None:
    before = lived.read(f"{PREFIX}/{_who(lived)}/overview")
    answer = _say(lived, path, **body)

    assert answer.status_code == status, answer.text
    assert PHONE[3:7] not in answer.text
    assert lived.read(f"{PREFIX}/{_who(lived)}/overview") == before
    with lived.app.db.transaction() as conn:
        assert audited(conn) == []


def test_nobody_is_there_who_is_not_ours(lived) -> None:
    for path in ("overview", "timeline"):
        nobody = lived.app.ids.encode("cus", 999)
        assert lived.ask("GET", f"{PREFIX}/{nobody}/{path}").status_code == 404
        assert lived.ask("GET", f"{PREFIX}/cus_x/{path}").status_code == 404
    bad = lived.ask("GET", f"{PREFIX}/{_who(lived)}/timeline?before=tomorrow")
    assert bad.status_code == 400


def test_an_unmatched_friend_is_matched_by_hand_and_split_off_again(story) -> None:
    story.pay(story.order(), PHONE)
    story.go(minutes=1)
    story.add("wm-9")
    story.tick()
    (friend,) = story.read("/api/v1/friends/to-match")["friends"]
    assert (friend["staff"], friend["customer"] == _who(story)) == ("guide-1", False)

    path, said = f"/api/v1/friends/{friend['friend']}/match", {"why": "sent the order number"}
    body = {**said, "customer": _who(story), "by": "guide-1"}
    assert story.ask("POST", path, {**body, "customer": friend["customer"]}).status_code == 409
    assert story.ask("POST", path, body).status_code == 200
    story.tick()
    assert story.ask("POST", path, body).status_code == 409
    page = story.read(f"{PREFIX}/{_who(story)}/overview")
    keys = {one["kind"]: one["key"] for one in page["keys"]}
    assert page["owner"]["staff"] == "guide-1"
    assert story.read("/api/v1/friends/to-match")["friends"] == []
    with story.app.db.transaction() as conn:
        (line,) = audited(conn)
    assert (line.actor, line.action, line.reason) == ("guide-1", "match.friend", said["why"])

    gone = [keys["external_userid"]]
    assert _say(story, "split", keys=gone, why="was her sister").status_code == 200
    assert story.read(f"{PREFIX}/{_who(story)}/overview")["owner"] is None


def test_friends_to_match_come_newest_first_in_pages(story) -> None:
    for number in range(3):
        story.add(f"wm-{number}")
        story.go(minutes=1)
    whole = story.read("/api/v1/friends/to-match")
    first = story.read("/api/v1/friends/to-match?limit=2")
    rest = story.read(f"/api/v1/friends/to-match?limit=2&before={first['next']}")

    assert first["friends"] + rest["friends"] == whole["friends"]
    assert (len(whole["friends"]), whole["next"], rest["next"]) == (3, "", "")
    added = [one["added_at"] for one in whole["friends"]]
    assert added == sorted(added, reverse=True)
