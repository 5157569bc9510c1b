"""The shelf over HTTP and by commands: taken in whole, reviewed, seen as a customer gets it."""

from __future__ import annotations

import re
import struct
import zlib
from base64 import b64decode
from typing import Any

import pytest
from tests.content.test_posters import read

from siyu.analytics.views import previews
from siyu.content.render.drawn import EDGE, HEIGHT
from siyu.content.render.poster import PLAIN_CODE, WIDTH, picture

BY = {"by": "ana"}
PHONE = "13800000001"
FILE = """\
- code: hello
  channel: sms
  title: 问候
  tags: [spring]
  owner: lin
  variables: {brand: text, name: text, shop: link}
  links: {shop: "https://shop.example/spring"}
  zh: 【{{ brand }}】{{ name }}，今天上新 {{ shop }} 拒收请回复R
  en: "[{{ brand }}] {{ name }}, new today: {{ shop }} Reply STOP to opt out"
  variants:
    - code: b
      zh: 【{{ brand }}】今天上新 {{ shop }} 拒收请回复R
      en: "[{{ brand }}] new today: {{ shop }} Reply STOP to opt out"
"""
POSTER = """\
- code: wall
  channel: parcel_insert
  kind: poster
  title: 海报
  variables: {link: link}
  zh: 扫码 {{ link }}
  en: Scan {{ link }}
  picture: %s
  qr: {x: 0.5, y: 0.25, size: 0.5}
"""
SENT = """\
- code: door
  channel: wecom_message
  kind: poster
  title: 到店
  variables: {shop: link}
  links: {shop: "%s"}
  zh: 周末到店有礼
  en: A gift at the shop this weekend
  colour: "#c8102e"
  heading: {zh: 周末到店, en: Come this weekend}
  benefit: {zh: 人人有礼, en: A gift for everyone}
  same_code: true
"""


def png(width: int = 40, height: int = 80) -> bytes:
    """A white picture."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        crc = zlib.crc32(kind + data)
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", crc)

    rows = zlib.compress((b"\x00" + b"\xff" * width) * height)
    head = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    parts = chunk(b"IHDR", head) + chunk(b"IDAT", rows) + chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + parts


def post(story: Any, path: str, **body: object) -> Any:
    return story.ask("POST", f"/api/v1/materials{path}", {**BY, **body})


def get(story: Any, path: str = "") -> Any:
    return story.ask("GET", f"/api/v1/materials{path}")


def upload(story: Any, content: bytes) -> Any:
    key = {"Authorization": f"Bearer {story.app.settings.api_key}"}
    path = "/api/v1/materials/pictures?by=ana"
    return story.http.post(path, content=content, headers=key)


def of_phone(story: Any) -> str:
    """The public id of a customer."""
    story.pay(story.order(), PHONE)
    story.go(minutes=2)
    ((number,),) = story.app.db.fetch("select id from customer order by id limit 1")
    return story.app.ids.encode("cus", number)


def test_a_file_is_taken_in_reviewed_and_retired(story) -> None:
    taken = post(story, "", text=FILE, draft=True).json()
    again = post(story, "", text=FILE).json()
    newer = post(
        story, "", text=FILE.replace("今天上新 {{ shop }}", "现在上新 {{ shop }}", 1)
    ).json()

    assert (taken["written"], taken["state"]) == ([{"code": "hello", "version": 1}], "draft")
    assert (again["written"], newer["written"]) == ([], [{"code": "hello", "version": 2}])
    for path, state in (("submit", "in_review"), ("review", "approved")):
        said = {"verdict": "approve"} if path == "review" else {}
        shown = post(story, f"/hello/{path}", version=1, **said).json()
        assert shown["versions"][1]["state"] == state
    assert post(story, "/hello/submit", version=1).status_code == 409
    assert post(story, "/hello/review", version=1, verdict="refuse").status_code == 400
    texts = get(story, "/hello?version=1").json()["texts"]
    assert [(one["locale"], one["variant"]) for one in texts] == [
        ("en", "a"), ("en", "b"), ("zh", "a"), ("zh", "b"),
    ]  # fmt: skip
    assert "今天上新" in texts[2]["body"]

    found = get(story, "?tag=spring").json()["materials"]
    assert [(one["code"], one["owner"], one["version"]) for one in found] == [("hello", "lin", 2)]
    assert post(story, "/hello/retire").json()["material"]["retired_by"] == "ana"
    assert get(story, "?tag=spring").json()["materials"] == []
    assert get(story, "/nothing").status_code == 404


def test_what_is_wrong_is_said_by_line_and_nothing_is_taken_in(story) -> None:
    bad = FILE.replace("今天上新", "抽奖", 1) + "- code: more\n"
    checked = post(story, "/check", text=bad).json()
    refused = post(story, "", text=bad)

    assert [one["line"] for one in checked["problems"]] == [8, 14]
    assert refused.status_code == 400
    assert [one["where"] for one in refused.json()["problems"]] == [
        "materials.yaml hello.a.zh", "materials.yaml [1]",
    ]  # fmt: skip
    assert get(story, "/hello").status_code == 404
    post(story, "/words", word="抽奖", allowed=True)
    assert [one["line"] for one in post(story, "/check", text=bad).json()["problems"]] == [14]
    taken = post(story, "", text=FILE.replace("code: hello", "code: invite-sms"))
    assert "belongs to the playbook cascade" in taken.text


def test_a_customer_previews_their_own_variant_with_a_masked_name(story) -> None:
    customer = of_phone(story)
    post(story, "", text=FILE)

    found = get(story, f"/hello/preview?customer={customer}").json()

    assert (found["variant"] in "ab", found["probability"], found["unfit"]) == (True, 0.5, "")
    assert "https://shop.example/spring" in found["text"]  # nothing is sent: nothing to count
    assert (found["segments"], found["assumed"]) == (1, [])
    assert get(story, "/hello/preview?customer=cus_0").status_code == 404
    assert get(story, f"/no/preview?customer={customer}").status_code == 404


def test_a_poster_carries_the_code_where_it_was_put(story) -> None:
    customer = of_phone(story)
    name = upload(story, png()).json()["name"]
    assert get(story, f"/pictures/{name}").content == png()
    post(story, "", text=POSTER % name)

    svg = get(story, f"/wall/preview?customer={customer}").json()["poster"]

    assert 'viewBox="0 0 40 80"' in svg
    place = re.search(r'translate\(20.00 20.00\) scale\((.+?)\)"><path d="M0 0h(\d+)v', svg)
    assert place is not None
    assert abs(float(place.group(1)) * int(place.group(2)) - 20) < 0.01  # half the width


def test_a_card_for_the_printer_has_no_code_too_fine_and_none_larger_than_its_picture(
    story,
) -> None:
    customer = of_phone(story)
    card = POSTER.replace("{link: link}", "{shop: link}").replace("{{ link }}", "{{ shop }}")
    card = card.replace("  zh:", f'  links: {{shop: "https://shop.example/{"a" * 250}"}}\n  zh:')
    fine, wide = (
        card.replace("wall", code) % upload(story, content).json()["name"]
        for code, content in (("fine", png()), ("wide", png(90, 40)))
    )
    assert post(story, "", text=fine.replace("0.5}", "0.2}") + wide).status_code == 200

    on_card = get(story, f"/fine/preview?customer={customer}").json()
    too_wide = get(story, f"/wide/preview?customer={customer}").json()

    assert (on_card["unfit"], on_card["png"]) == ("", "")
    assert "translate(20.00 20.00)" in on_card["poster"]
    assert (too_wide["unfit"], too_wide["poster"]) == ("no_poster", "")


def test_a_poster_is_seen_as_it_is_sent(story) -> None:
    customer = of_phone(story)
    name = upload(story, png()).json()["name"]
    sent = (POSTER % name).replace("parcel_insert", "wecom_message")
    plain = SENT.replace("%s", "https://shop.example/spring")
    post(story, "", text=sent + plain)

    on_picture = get(story, f"/wall/preview?customer={customer}").json()
    words = get(story, f"/door/preview?customer={customer}&language=en").json()

    shown = picture(b64decode(on_picture["png"]))
    assert shown == ("png", WIDTH, 2 * WIDTH)
    assert (on_picture["unfit"], on_picture["wordless"]) == ("", False)
    assert words["poster"] == ""  # there is no picture for a printer
    if words["wordless"]:  # this machine has no font with Chinese
        assert (words["png"], words["unfit"]) == ("", "no_font")
    else:
        code = ((WIDTH - PLAIN_CODE) // 2, HEIGHT - PLAIN_CODE - 3 * EDGE, PLAIN_CODE)
        assert read(b64decode(words["png"]), *code, "https://shop.example/spring")
    said = get(story, "/door").json()["texts"][0]["form"]
    assert (said["colour"], said["same_code"]) == ("#c8102e", "yes")


def test_nothing_is_drawn_while_a_transaction_is_open(story) -> None:
    customer = story.app.ids.decode("cus", of_phone(story))
    name = upload(story, png()).json()["name"]
    post(story, "", text=POSTER % name)

    with story.app.db.transaction() as conn:
        context, today = story.app.context, story.now.date()
        undrawn = previews.preview(conn, context, "wall", customer, "zh", today)

    assert (undrawn.preview.png, undrawn.preview.poster) == (b"", "")
    seen = previews.drawn(undrawn)
    assert (bool(seen.png), bool(seen.poster)) == (True, True)


@pytest.mark.parametrize("content", [b"", b"GIF89a", png()[:20], b"\xff\xd8\xff\xe0\x00\x02"])
def test_what_is_no_picture_is_refused_in_words(story, content: bytes) -> None:
    answer = upload(story, content)

    assert (answer.status_code, "JPG" in answer.text) == (400, True)
    assert get(story, "/pictures/..%2F..%2Fsiyu.toml").status_code == 404


def test_a_picture_is_at_most_so_large(story) -> None:
    answer = upload(story, png() + b"x" * (2 << 20))

    assert answer.status_code == 413


def test_where_a_material_and_an_offer_are_used_is_told_step_by_step(story) -> None:
    sms = get(story, "/invite-sms/uses").json()["uses"]
    card = get(story, "/card-gift/uses").json()["uses"]
    mask = story.ask("GET", "/api/v1/offers/face-mask/uses").json()["uses"]
    two = story.ask("GET", "/api/v1/offers/two-masks/uses").json()["uses"]

    steps = [(one["kind"], one["code"], one["step"], one["live"]) for one in sms]
    assert ("journey", "cascade", "sms", True) in steps
    assert {"source"} <= {one["kind"] for one in card}
    assert all(set(one["title"]) == {"zh", "en"} for one in [*sms, *card, *mask, *two])
    assert {one["kind"] for one in mask} >= {"journey"}
    assert ("source", "new-orders", "") in {(o["kind"], o["code"], o["step"]) for o in two}
    assert get(story, "/nobody/uses").status_code == 404
