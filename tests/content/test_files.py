"""A file of materials is taken whole, or everything that is wrong with it is said by line."""

from __future__ import annotations

import pytest

from siyu.content.check import check
from siyu.content.check.files import read_file
from siyu.content.check.kinds import address
from siyu.content.model import Material

GOOD = """\
- code: spring
  channel: sms
  title: 春季
  tags: [spring, sandals]
  owner: lin
  valid_from: 2026-03-01
  valid_until: 2026-03-31
  variables: {brand: text, offer_value: money, catalogue: link}
  links: {catalogue: "https://shop.example/spring?from=sms"}
  zh: 【{{ brand }}】今天起凉鞋立减{{ offer_value }} {{ catalogue }} 拒收请回复R
  en: "[{{ brand }}] {{ offer_value }} off sandals today: {{ catalogue }} Reply STOP to opt out"
  variants:
    - code: b
      weight: 3
      zh: 【{{ brand }}】今天凉鞋上新，您立减{{ offer_value }} {{ catalogue }} 拒收请回复R
      en: "[{{ brand }}] new today, {{ offer_value }} off: {{ catalogue }} Reply STOP to opt out"
- code: story
  channel: by_hand
  kind: article
  title: 保养
  heading: {zh: 怎样洗凉鞋, en: How to wash sandals}
  description: {zh: 三分钟, en: Three minutes}
  picture: https://img.example/a.jpg
  url: https://brand.example/wash
"""


def said(text: str) -> list[str]:
    return [str(one) for one in read_file(text, "CN", {}).problems]


def test_a_file_becomes_texts_by_language_and_variant() -> None:
    found = read_file(GOOD, "CN", {})

    assert (found.problems, found.advice) == ([], [])
    assert [one.where for one in found.texts] == [
        "spring.a.zh", "spring.b.zh", "spring.a.en", "spring.b.en", "story.zh", "story.en",
    ]  # fmt: skip
    assert [one.weight for one in found.texts[:2]] == [1, 3]
    assert found.texts[-1].form["heading"] == "How to wash sandals"
    assert found.materials[0].about.tags == ("spring", "sandals")


@pytest.mark.parametrize(
    ("old", "new", "line", "why"),
    [
        ("weight: 3", "weight: many", 14, "must be a whole number"),
        ("valid_from: 2026-03-01", "valid_from: soon", 6, "a day like"),
        ("channel: sms", "chanel: sms", 2, "no `chanel`; known is channel"),
        ("links: {cat", "links: {dog: 'https://d.example', cat", 9, "no variable of type link"),
        ('"https://shop.example/spring?from=sms"', "javascript:alert(1)", 9, "is no address"),
        ("  links: {catalogue", "  x_links: {catalogue", 9, "known is links"),
        ("您立减", "您贷款立减", 15, "carriers hold texts with it back"),
        ("kind: article", "kind: poster", 24, "a poster has no such thing"),
        ("channel: by_hand", "channel: sms", 17, "sms carries no article, only text"),
        ("{{ brand }}】今天起", "{{ brand }}】{{ x }}", 10, "not among the variables"),
        ("  url: https", "  address: https", 24, "no `address`"),
        ("- code: spring", "spring: a\n- code: spring", 2, "not readable"),
    ],
)
def test_what_is_wrong_has_its_line_and_what_would_be_right(
    old: str, new: str, line: int, why: str
) -> None:
    assert old in GOOD

    found = said(GOOD.replace(old, new, 1))

    assert any(one.startswith(f"line {line}: ") and why in one for one in found), found


def test_a_text_in_several_lines_is_wrong_at_its_own_line() -> None:
    text = "- code: x\n  channel: by_hand\n  title: x\n  zh: |-\n    一\n    {{ y }}\n  en: a\n"

    assert said(text) == ["line 6: x.zh: {{ y }} is not among the variables"]


def test_a_picture_beside_the_file_may_be_named() -> None:
    text = GOOD.replace("https://img.example/a.jpg", "wash.png")

    assert read_file(text, "CN", {}, {"wash.png"}).problems == []
    assert [(one.where, one.line) for one in read_file(text, "CN", {}).problems] == [
        ("story.zh.picture", 23)
    ]


def test_a_posters_link_may_be_in_its_code_alone() -> None:
    text = (
        "- code: wall\n  channel: parcel_insert\n  kind: poster\n  title: 海报\n"
        "  variables: {link: link}\n  picture: https://img.example/a.png\n"
        "  qr: {x: 0.1, y: 0.1, size: 0.3}\n"
    )

    assert said(text) == []
    assert (
        "line 1: wall.zh.variables: a poster's code leads somewhere"
        in said(text.replace("  variables: {link: link}\n", ""))[0]
    )


def advice(body: str, channel: str = "sms") -> list[str]:
    names = {"brand": "text", "v": "money", "link": "link"}
    used = {name: kind for name, kind in names.items() if f"{{{{ {name} }}}}" in body}
    checked = check(Material("m", "zh", channel, body, used))
    assert checked.problems == ()
    return [str(one.why) for one in checked.advice]


@pytest.mark.parametrize(
    ("body", "missing"),
    [
        ("今天下单送{{ v }}面膜", []),
        ("下单送{{ v }}面膜", ["timely"]),
        ("今天有{{ v }}", ["tempting"]),
        ("谢谢您的订单", []),  # promises nothing: no invitation
    ],
)
def test_an_invitations_first_line_is_timely_certain_and_tempting(
    body: str, missing: list[str]
) -> None:
    found = advice(body, "wecom_message")

    assert [one.split(":")[0].removeprefix("the first line is not ") for one in found] == missing


def test_a_full_width_character_behind_a_link_is_pointed_out() -> None:
    ends = "{{ link }}，退订回T", "{{ link }} 退订回T"

    assert [len(advice(f"【{{{{ brand }}}}】您的页面 {end}")) for end in ends] == [1, 0]


@pytest.mark.parametrize(
    ("said", "good"),
    [
        ("https://a.example", True),
        ("http://a.example:8080/x?y=1#z", True),
        ("https://user:pass@a.example", False),
        ("https://a.example:99999", False),
        ("https:///x", False),
        ("//a.example", False),
        ("data:text/html,x", False),
        ("https://a.example/{{ name }}", False),
        ("https://a.example/" + "x" * 2_000, False),
    ],
)
def test_a_link_leads_to_a_whole_address_of_the_web(said: str, good: bool) -> None:
    assert address(said) is good
