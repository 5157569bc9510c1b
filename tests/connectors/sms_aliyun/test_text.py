"""What a message will say: the approved text to the letter, or no message."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.connectors.sms_aliyun.bench import PARCEL, TEXT, VALUES, config

from siyu.connectors.sms_aliyun.config import Config, Template
from siyu.connectors.sms_aliyun.wire.text import Filled, chosen, compared, mainland, opts_out

WORDS = Config().opt_out_words


def why(text: str, values: dict[str, str] = VALUES, material: str = "invite-sms", **given) -> str:
    found = chosen(config(**given), material, values, text)
    return "" if isinstance(found, Filled) else str(found)


def with_(text: str, **given) -> dict:
    return {"templates": (Template(material="invite-sms", code="SMS_1", text=text, **given),)}


def test_the_text_that_was_ruled_on_is_the_one_that_is_sent() -> None:
    found = chosen(config(), "invite-sms", VALUES, TEXT)

    assert isinstance(found, Filled)
    assert (found.text, found.template.code, found.segments) == (TEXT, "SMS_100000001", 1)
    assert found.values == {"name": "小林", "offer_title": "面膜", "state": "ab12"}


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (TEXT.replace("【肌初】", "【肌初官方】"), "lacks “】”"),
        (TEXT.replace("【肌初】", ""), "lacks “【肌初】”"),
        (TEXT.replace("领", "领取"), "no offer_title where one belongs"),
        (TEXT.replace("加企业微信", "加微信"), "lacks “企业微信领”"),
        (TEXT.replace("小林", "小王"), "no name where one belongs"),
        (TEXT + "!", "after its end, by 1 characters"),
        (TEXT.replace("拒收请回复R", "拒收请回复TD"), "lacks “R”"),
    ],
)
def test_another_text_than_the_approved_one_is_told_in_words_that_name_nobody(text, said) -> None:
    assert said in why(text)
    assert "小" not in why(text)


def test_a_promotion_ends_with_the_opt_out_text_and_a_notification_need_not() -> None:
    text = f"【肌初】{PARCEL}".replace("${name}", "小林")

    assert "does not end with the opt-out text" in why(text, **with_(PARCEL))
    assert why(text, **with_(PARCEL, kind="notification")) == ""


def test_every_variable_of_the_template_must_be_given() -> None:
    values = {key: value for key, value in VALUES.items() if key != "state"}

    assert "wants state" in why(TEXT, values)


@pytest.mark.parametrize("link", ["https://s.example/a", "s.example/a", "www.a.b", "a.com"])
def test_a_link_goes_into_a_variable_only_where_that_was_approved(link) -> None:
    text, values = f"【肌初】请看{link} 拒收请回复R", {"link": link}
    template = "请看${link} 拒收请回复R"

    assert "holds a link" in why(text, values, **with_(template))
    assert why(text, values, **with_(template, urls=True)) == ""


def test_what_is_longer_than_500_characters_is_not_sent() -> None:
    values = {"name": "面" * 490}
    text = f"【肌初】{'面' * 490} 拒收请回复R"

    assert "500 is the most" in why(text, values, **with_("${name} 拒收请回复R"))


def test_a_material_without_a_template_is_not_sent() -> None:
    assert "no approved template" in why(TEXT, material="parcel-card")


def test_of_two_languages_the_one_that_says_this_is_taken() -> None:
    english = Template(material="invite-sms", code="SMS_2", text="Hi ${name} 拒收请回复R")
    both = (*config().templates, english)

    found = chosen(config(templates=both), "invite-sms", VALUES, "【肌初】Hi 小林 拒收请回复R")

    assert isinstance(found, Filled)
    assert found.template.code == "SMS_2"


def test_a_material_is_compared_with_its_template_before_anything_is_sent() -> None:
    invite, known = config().templates[0], {"brand": "肌初", "link": "s.example/{state}"}
    body = "【{{ brand }}】{{ name }}，加企业微信领{{ offer_title }}：{{ link }} 拒收请回复R"

    assert compared(config(), invite, body, known) is None
    assert "lacks “：s” " not in str(compared(config(), invite, body.replace("：", ":"), known))
    assert "lacks" in str(compared(config(), invite, body.replace("：", ":"), known))


@pytest.mark.parametrize(
    "said",
    ["R", "ｒ", "ＴＤ", "退订。", "【退订】", " “T” ", "td!!", "不要", "QX\n", "TD R"],
)
def test_whoever_wants_no_more_is_understood(said) -> None:
    assert opts_out(WORDS, said)


@pytest.mark.parametrize("said", ["", "。", "退货吗？", "Really", "R u there", "我要退订一半", "1"])
def test_other_words_are_no_opt_out(said) -> None:
    assert not opts_out(WORDS, said)


@given(st.sampled_from(WORDS), st.text(" 　。，！“”【】[]()!.~-", max_size=6), st.booleans())
def test_punctuation_case_and_width_never_hide_an_opt_out(word, marks, lower) -> None:
    wide = "".join(chr(ord(c) + 0xFEE0) if "!" <= c <= "~" else c for c in word)

    assert opts_out(WORDS, marks + (word.lower() if lower else wide) + marks)


@pytest.mark.parametrize("phone", ["+85251234567", "1380013800", "+8602112345678", "", "abc"])
def test_only_mobile_numbers_of_the_mainland_are_ones(phone) -> None:
    assert mainland(phone) == ""


@pytest.mark.parametrize(
    "wrong",
    [
        {"hook_secret": "short"},
        {"hook_secret": "with/a/slash/in/the/middle"},
        {"sign_name": "【肌初】"},
        {"base_url": "dysmsapi.aliyuncs.com"},
        {"allowed_addresses": ("10.0.0.0/33",)},
    ],
)
def test_settings_that_can_not_work_are_told_by_name(wrong) -> None:
    with pytest.raises(ValueError, match=f"^{next(iter(wrong))}: "):
        config(**wrong)


@pytest.mark.parametrize(
    "given", [{"code": "100"}, {"text": "【肌初】您好"}, {"text": "${名字}您好"}, {"text": "$name"}]
)
def test_templates_that_can_not_be_are_told(given) -> None:
    with pytest.raises(ValueError, match=r"^templates: "):
        Template(**({"material": "m", "code": "SMS_1", "text": "您好"} | given))


def test_no_secret_is_in_a_repr() -> None:
    shown = repr(config())

    assert "only both" not in shown
    assert "nobody-guesses" not in shown
