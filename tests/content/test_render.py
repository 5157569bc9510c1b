"""Values become words and nothing else; an SMS is counted as carriers count it."""

from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from siyu.content.model import LONGEST_VALUE, Material
from siyu.content.render import render, segments_of
from siyu.kernel.errors import BadInput

BASIC = (
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
ESCAPED = "\f^{}\\[~]|€"


def a_material(body: str = "{{ value }}", kind: str = "text") -> Material:
    return Material("m", "zh", "wecom_message", body, {"value": kind})


def naive_segments(text: str) -> int:
    """Encode letter by letter and fill segments as a phone would."""
    if not text:
        return 0
    if all(letter in BASIC + ESCAPED for letter in text):
        coded = [b"\x1b?" if letter in ESCAPED else b"?" for letter in text]
        alone, each = 160, 153
    else:
        coded = [letter.encode("utf-16-be") for letter in text]
        alone, each = 140, 134
    if len(b"".join(coded)) <= alone:
        return 1
    segments = [b""]
    for code in coded:
        if len(segments[-1]) + len(code) > each:
            segments.append(b"")
        segments[-1] += code
    return len(segments)


def test_every_variable_is_filled_in() -> None:
    material = Material(
        "invite", "zh", "sms", "【{{ brand }}】{{ name }}，价值{{ worth }}：{{ link }}",
        {"brand": "text", "name": "text", "worth": "money", "link": "link"},
    )  # fmt: skip

    text = render(
        material, {"brand": "肌初", "name": "小林", "worth": "¥15", "link": "https://s.cn/a"}
    )

    assert text == "【肌初】小林，价值¥15：https://s.cn/a"


def test_a_missing_value_is_refused_by_name() -> None:
    with pytest.raises(BadInput, match="needs value"):
        render(a_material(), {})


def test_values_that_the_text_does_not_declare_are_left_alone() -> None:
    assert render(a_material("hello", "text"), {"value": "x", "other": "{{ 1/0 }}"}) == "hello"


@given(st.text(max_size=LONGEST_VALUE))
@example("{{ value }}")
@example("{% for x in range(9**9) %}{% endfor %}")
@example("{# #}{{ ''.__class__.__mro__ }}")
@example("#} -%} \\{{")
def test_a_value_can_never_be_template_code(value: str) -> None:
    text = render(a_material("<{{ value }}>"), {"value": value})

    kept = "".join(value.split())
    hidden = set(kept) - set(text)
    assert text[0] + text[-1] == "<>"
    # what is shown is the value itself, but for characters that can't be seen
    assert "".join(text[1:-1].split()) == "".join(c for c in kept if c not in hidden)
    assert all(not letter.isprintable() for letter in hidden)


@given(st.text(alphabet="ab {}%#\n\r\t\u2028\u202e\x00\x85", max_size=40))
def test_a_value_stays_on_its_line_and_does_not_turn_the_reading(value: str) -> None:
    text = render(a_material("<{{ value }}>"), {"value": value})

    assert len(text.splitlines()) == 1
    assert not set(text) & set("\u2028\u202e\x00\x85")


def test_an_emoji_in_a_name_stays_whole() -> None:
    assert render(a_material(), {"value": "👩‍👧小林"}) == "👩‍👧小林"


def test_half_a_character_never_reaches_a_provider() -> None:
    render(a_material(), {"value": "a\ud83db"}).encode()


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        ("link", "https://example.com/a?b=1"),
        ("link", "http://127.0.0.1:8710/a"),
        ("link", "weixin://dl/business/?t=abc"),
        ("link", "s.example.cn/a1"),
        ("money", "¥15"),
        ("money", "-HK$1,234.50"),
        ("code", "1234"),
        ("code", "SO-2026/11"),
        ("text", ""),
    ],
)
def test_a_value_of_its_type_is_taken_as_it_is(kind: str, value: str) -> None:
    assert render(a_material(kind=kind), {"value": value}) == value


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        ("link", ""),
        ("link", "secret words"),
        ("link", "javascript:alert(1)"),
        ("link", "https://a.example/ b"),
        ("money", ""),
        ("money", "secret"),
        ("code", ""),
        ("code", "secret words"),
        ("text", "secret" * LONGEST_VALUE),
    ],
)
def test_a_value_of_another_type_is_refused_without_being_shown(kind: str, value: str) -> None:
    with pytest.raises(BadInput, match="material m: value is") as refused:
        render(a_material(kind=kind), {"value": value})

    assert "secret" not in str(refused.value)


LETTERS = st.sampled_from(BASIC + ESCAPED + "面膜，【】’😀\U00020000")


@given(
    st.text(LETTERS, max_size=30)
    | st.text(st.sampled_from(BASIC + ESCAPED), max_size=700)
    | st.text(LETTERS, max_size=700)
)
@example("面" * 69 + "😀")
@example("面" * 66 + "😀" + "面" * 66)
@example("a" * 152 + "€" + "a" * 152)
@example("a" * 159 + "€")
def test_segments_are_those_that_a_naive_encoder_fills(text: str) -> None:
    assert segments_of(text) == naive_segments(text)


def test_an_emoji_is_not_cut_in_two_between_segments() -> None:
    fits = "面" * 65 + "😀" + "面" * 67
    moved = "面" * 66 + "😀" + "面" * 66  # 134 units as well, but the emoji stands on the border

    assert (segments_of(fits), segments_of(moved)) == (2, 3)
