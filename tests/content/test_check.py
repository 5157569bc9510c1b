"""What keeps a text from being installed, and with which words it says so."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from siyu.content.check import check
from siyu.content.model import CHANNELS, Material
from siyu.content.render import render
from siyu.kernel.errors import Problem
from siyu.playbooks import actions as playbooks

VARIABLES = {"brand": "text", "name": "text", "offer_value": "money", "link": "link"}


def a_material(
    body: str, *, channel: str = "wecom_message", locale: str = "zh", **variables: str
) -> Material:
    return Material("m", locale, channel, body, variables)


def an_sms(body: str, locale: str = "zh") -> Material:
    used = {name: kind for name, kind in VARIABLES.items() if f"{{{{ {name} }}}}" in body}
    return Material("m", locale, "sms", body, used)


def problems(material: Material) -> list[str]:
    return [str(one) for one in check(material).problems]


@pytest.mark.parametrize("name", playbooks.shipped())
def test_every_shipped_text_can_be_sent(name: str) -> None:
    stories = playbooks.read(name, lenient=True).stories
    read = playbooks.read(name, stories[0].settings)
    found = {
        (one.code, one.locale): check(one)
        for region in ("CN", "GB")
        for one in playbooks.materials_of(read, region)
    }

    assert {key: checked for key, checked in found.items() if any(checked)} == {}


@pytest.mark.parametrize(
    ("body", "why"),
    [
        ("{% for x in range(9) %}x{% endfor %}", "no for"),
        ("{% set a = 1 %}", "no assign"),
        ("{% import 'os' as os %}", "no import"),
        ("{% include 'x' %}", "no include"),
        ("{% macro f() %}{% endmacro %}", "no macro"),
        ("{{ name.__class__ }}", "no getattr"),
        ("{{ name['x'] }}", "no getitem"),
        ("{{ name|upper }}", "no filter"),
        ("{{ name() }}", "no call"),
        ("{{ name ~ name }}", "no concat"),
        ("{{ 7 * 7 }}", "no mul"),
        ("{{ 'x' }}", "no const"),
        ("{{ lipsum }}", "not among the variables"),
        ("{{ self }}", "not among the variables"),
        ("{{ name", "not a template"),
        ("{% endfor %}", "not a template"),
        ("{{ " + "(" * 400 + "name" + ")" * 400 + " }}", "not a template"),
    ],
)
def test_a_hostile_template_is_refused_with_its_line(body: str, why: str) -> None:
    refused = check(a_material(f"好\n你\n{body}", name="text")).problems

    assert len(refused) == 1
    assert why in refused[0].why
    assert refused[0].line in ((1, 3) if "((((" in body else (3,))


def test_a_variable_named_like_a_word_of_the_template_language_is_refused() -> None:
    assert problems(a_material("{{ self }}", self="text")) == [
        "m.zh.variables.self: a name has small letters, digits and underscores; not `self`"
    ]


@given(st.from_regex(r"[a-z][a-z0-9_]{0,9}", fullmatch=True))
def test_what_passes_is_filled_in_by_its_name(name: str) -> None:
    material = a_material(f"<{{{{ {name} }}}}>", **{name: "text"})

    if not check(material).problems:
        assert render(material, {name: "value"}) == "<value>"


@given(st.text(st.sampled_from("ab{}%#- |.()[]'\"\n"), max_size=60))
def test_whatever_somebody_writes_there_is_a_text_or_a_problem(body: str) -> None:
    material = a_material(body, a="text", b="text")

    if not check(material).problems:
        render(material, {"a": "1", "b": "2"})


@pytest.mark.parametrize(
    ("material", "why"),
    [
        (Material("M x", "zh", "sms", "【a】", {}), "a code has small letters"),
        (Material("m", "fr", "wecom_message", "salut", {}), "'fr' is no language of ours"),
        (Material("m", "zh", "pigeon", "x", {}), "'pigeon' is no channel; known are sms,"),
        (Material("m", "zh", "wecom_message", " \n", {}), "the text is empty"),
        (Material("m", "zh", "wecom_message", "x", {}, "t" * 61), "the title is longer than 60"),
        (a_material("{{ a }}", a="number"), "'number' is no type; known are text,"),
        (a_material("x", **{"A-b": "text"}), "a name has small letters"),
        (a_material("好", link="link"), "the link 'link' is declared but not in the text"),
    ],
)
def test_a_wrong_form_is_told_in_words(material: Material, why: str) -> None:
    assert why in problems(material)[0]


def test_what_a_database_can_not_hold_is_refused_with_its_line() -> None:
    assert check(a_material("好\n\0")).problems == (
        Problem("m.zh", "there is a control character", 2),
    )


@pytest.mark.parametrize("channel", CHANNELS)
def test_each_channel_has_its_longest_text(channel: str) -> None:
    sign = "【x】" if channel == "sms" else ""
    longest = CHANNELS[channel]
    fits = a_material(sign.ljust(longest, "a"), channel=channel)
    over = a_material(sign.ljust(longest + 1, "a"), channel=channel)

    assert f"longer than {longest} characters" in problems(over)[0]
    assert not any("characters" in one for one in problems(fits))


@pytest.mark.parametrize("sign", ["【{{ brand }}】", "【肌初】", "【 Skin First 】"])
def test_a_chinese_sms_begins_with_a_whole_signature(sign: str) -> None:
    assert problems(an_sms(f"{sign}您好，拒收请回复R")) == []


@pytest.mark.parametrize(
    "sign", ["", "【肌初", "【】", "【 】", "您好【肌初】", "【肌\n初】", "[肌初]"]
)
def test_no_signature_or_half_of_one_is_a_problem(sign: str) -> None:
    assert problems(an_sms(f"{sign}您好，拒收请回复R")) == [
        "line 1: m.zh: an SMS begins with the brand's signature: 【{{ brand }}】"
    ]


def test_other_channels_and_english_need_no_signature() -> None:
    assert problems(a_material("您好")) == problems(an_sms("Hello", "en")) == []


def test_an_sms_is_measured_with_values_of_usual_length() -> None:
    longest = "【{{ brand }}】" + "面" * (5 * 67 - 6)

    assert problems(an_sms(longest)) == []
    assert problems(an_sms(longest + "膜")) == ["m.zh: takes about 6 SMS segments, more than 5"]


@pytest.mark.parametrize(
    ("locale", "words"),
    [
        ("zh", "拒收请回复R"),
        ("zh", "退订回T"),
        ("zh", "回TD退订"),
        ("zh", "回复R退订"),
        ("zh", "退订请回复“TD”"),
        ("en", "Reply STOP to opt out"),
        ("en", 'text "stop" to end'),
    ],
)
def test_the_usual_ways_of_opting_out_are_known(locale: str, words: str) -> None:
    assert check(an_sms(f"【x】hello {words}" if locale == "zh" else words, locale)).advice == ()


@pytest.mark.parametrize(
    ("locale", "words"), [("zh", "回复送好礼"), ("zh", "回复Real"), ("en", "nonstop reply")]
)
def test_a_text_without_opting_out_is_advised_and_not_refused(locale: str, words: str) -> None:
    checked = check(an_sms(f"【x】{words}" if locale == "zh" else words, locale))

    assert checked.problems == ()
    assert "says nothing of opting out" in checked.advice[0].why


def test_a_letter_that_more_than_doubles_the_price_is_pointed_out() -> None:
    checked = check(an_sms("It’s here. Reply STOP to opt out", "en"))

    assert [one.why for one in checked.advice] == [
        "’ makes every SMS segment 70 characters long, not 160"
    ]


def test_a_benefit_that_stands_late_is_pointed_out() -> None:
    late = a_material("您好\n价值{{ offer_value }}", offer_value="money")

    assert [one.why for one in check(late).advice] == [
        "the benefit stands late; people read the first line"
    ]


# ── What WeCom carries ───────────────────────────────────────────────────────────────────────────

LINK = {"heading": "图册", "url": "https://shop.example/all"}
PROGRAM = {"heading": "新品", "appid": "wx1", "page": "p/new", "picture": f"{'a' * 32}.png"}


@pytest.mark.parametrize("channel", ["wecom_message", "wecom_welcome"])
def test_wecom_carries_links_cards_pictures_and_posters(channel: str) -> None:
    def of(kind: str, form: dict[str, str], **variables: str) -> list[str]:
        return problems(Material("m", "zh", channel, "", variables, kind=kind, form=form))

    assert of("link", LINK) == of("card", PROGRAM) == []
    assert of("image", {"picture": PROGRAM["picture"]}) == []
    assert of("poster", {"picture": PROGRAM["picture"], "qr": "0 0 0.2"}, link="link") == []
    assert of("poster", {"colour": "#c8102e", "heading": "周末到店"}, link="link") == []


@pytest.mark.parametrize(
    ("form", "where", "why"),
    [
        ({"picture": PROGRAM["picture"]}, "qr", "a poster needs it"),
        ({"colour": "#c8102e"}, "heading", "a poster needs it"),
        ({"heading": "到店"}, "colour", "a poster needs it"),
        ({"colour": "red", "heading": "到店"}, "colour", "like #c8102e"),
        ({"colour": "#c8102e", "heading": "到" * 41}, "heading", "40 characters"),
        ({"colour": "#c8102e", "heading": "到", "benefit": "礼" * 61}, "benefit", "60 characters"),
        ({"picture": PROGRAM["picture"], "qr": "0 0 0.1"}, "qr.size", "at least 0.15"),
        ({"picture": "https://p.example/a.png", "qr": "0 0 0.2"}, "picture", "the picture itself"),
        ({"colour": "#c8102e", "heading": "到", "same_code": "yes"}, "same_code", "under links"),
        ({"colour": "#c8102e", "heading": "到", "url": "https://a.example"}, "url", "no such"),
    ],
)
def test_a_poster_that_could_not_be_drawn_or_read_is_refused_at_its_field(
    form: dict[str, str], where: str, why: str
) -> None:
    poster = Material("m", "zh", "wecom_message", "", {"link": "link"}, kind="poster", form=form)

    (found,) = check(poster).problems

    assert (found.where, why in found.why) == (f"m.zh.{where}", True)


@pytest.mark.parametrize(
    ("form", "where", "why"),
    [
        ({"picture": PROGRAM["picture"]}, ["qr"], "needs it"),
        ({}, ["picture", "qr"], "needs it"),
        ({"heading": "到店"}, ["heading"], "on the picture itself"),
        ({"benefit": "有礼", "colour": "#c8102e"}, ["benefit", "colour"], "on the picture itself"),
    ],
)
def test_what_is_printed_has_a_picture_with_a_code_and_no_words_beside_it(
    form: dict[str, str], where: list[str], why: str
) -> None:
    whole = {"picture": PROGRAM["picture"], "qr": "0 0 0.1"}
    said = whole | form if form.keys() - whole.keys() else form
    card = Material("m", "zh", "parcel_insert", "", {"link": "link"}, kind="poster", form=said)

    found = [one for one in check(card).problems if one.where != "m.zh"]

    assert [one.where for one in found] == [f"m.zh.{name}" for name in where]
    assert all(why in one.why for one in found)


@pytest.mark.parametrize("kind", ["image", "card", "link", "article", "video", "poster"])
def test_an_sms_carries_words_alone(kind: str) -> None:
    found = problems(Material("m", "zh", "sms", "【花研】好", {}, kind=kind, form={}))

    assert f"sms carries no {kind}, only text" in found[0]


@pytest.mark.parametrize(
    ("kind", "form", "why"),
    [
        ("link", LINK | {"heading": "图" * 43}, "128 bytes"),
        ("card", PROGRAM | {"heading": "新" * 22}, "64 bytes"),
        ("link", LINK | {"description": "好" * 171}, "512 bytes"),
        ("image", {"picture": "https://p.example/a.png"}, "the picture itself"),
        ("card", PROGRAM | {"picture": "https://p.example/a.png"}, "the picture itself"),
    ],
)
def test_what_wecom_would_not_take_is_said_before_anything_is_sent(
    kind: str, form: dict[str, str], why: str
) -> None:
    (found,) = problems(Material("m", "zh", "wecom_message", "好", {}, kind=kind, form=form))

    assert why in found


def test_a_childs_age_is_told_to_its_parent_alone() -> None:
    body, names = "宝宝{{ child_months }}个月", {"child_months": "code"}

    assert problems(a_material(body, **names)) == []
    for channel in ("sms", "voice_ai", "voice_human", "wecom_request", "parcel_insert"):
        found = problems(a_material(body, channel=channel, **names))
        assert "told to its parent alone" in found[0], channel
