from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from siyu.kernel.errors import Broken
from siyu.vault import model
from siyu.vault.model import Keys

KEYS = Keys(b"m" * 32, b"l" * 32)


@pytest.mark.parametrize(
    "written",
    ["13800000001", "138 0000 0001", "+86 138-0000-0001", "008613800000001", "138００００0001"],
)
def test_one_phone_has_one_form_however_it_is_written(written: str) -> None:
    assert model.normalise("phone", written, "CN") == "+8613800000001"


@pytest.mark.parametrize(
    ("written", "region", "form"),
    [
        ("07700 900123", "GB", "+447700900123"),
        ("+447700900123", "CN", "+447700900123"),
        ("021-62345678", "CN", "+862162345678"),
        ("(020) 7946 0018", "GB", "+442079460018"),
    ],
)
def test_phones_are_read_by_the_brands_region(written: str, region: str, form: str) -> None:
    assert model.normalise("phone", written, region) == form


@pytest.mark.parametrize(
    "written",
    ["138****0001", "138xxxx0001", "1380000", "12345678901", "王小明", "😀", "+", "1" * 99],
)
def test_what_is_no_phone_is_refused_without_repeating_it(written: str) -> None:
    with pytest.raises(ValueError, match=r"is |mask") as caught:
        model.normalise("phone", written, "CN")

    assert written not in str(caught.value) or len(written) == 1


def test_a_masked_phone_is_refused_as_such() -> None:
    with pytest.raises(ValueError, match="masked"):
        model.normalise("phone", "138****0001", "CN")


@given(
    kind=st.sampled_from(["phone", "buyer", "member"]),
    value=st.text(max_size=40),
    region=st.sampled_from(["CN", "GB"]),
)
def test_any_text_is_normalised_once_and_for_all_or_refused(
    kind: str, value: str, region: str
) -> None:
    try:
        form = model.normalise(kind, value, region)
    except ValueError:
        return

    assert model.normalise(kind, form, region) == form
    assert not re.search(r"[\x00-\x1f\ud800-\udfff]", form)


def test_a_hash_knows_its_kind_and_its_installation() -> None:
    phone = model.key_hash(KEYS, "phone", "7")

    assert len(phone) == 16
    assert len({
        phone,
        model.key_hash(KEYS, "buyer", "7"),
        model.key_hash(Keys(b"m" * 32, b"x" * 32), "phone", "7"),
    }) == 3  # fmt: skip


def test_equal_names_of_two_people_do_not_look_equal() -> None:
    assert model.value_digest(KEYS, b"a" * 16, "name", "王") != model.value_digest(
        KEYS, b"b" * 16, "name", "王"
    )


def test_a_data_key_opens_only_for_its_subject_and_under_its_master_key() -> None:
    wrapped = model.wrap(KEYS, b"a" * 16, b"k" * 32, b"n" * 12)

    with pytest.raises(Broken):
        model.unwrap(KEYS, b"b" * 16, wrapped)
    with pytest.raises(Broken, match="master key"):
        model.unwrap(Keys(b"x" * 32, b"l" * 32), b"a" * 16, wrapped)


def test_a_value_moved_to_another_field_does_not_open() -> None:
    cipher = model.unwrap(KEYS, b"a" * 16, model.wrap(KEYS, b"a" * 16, b"k" * 32, b"n" * 12))
    sealed = model.seal_value(cipher, b"a" * 16, "name", "王小明 😀", b"n" * 12)

    assert model.open_value(cipher, b"a" * 16, "name", sealed) == "王小明 😀"
    with pytest.raises(Broken):
        model.open_value(cipher, b"a" * 16, "note", sealed)


def test_keys_never_show_and_have_the_right_length() -> None:
    assert repr(KEYS) == "Keys()"
    with pytest.raises(ValueError, match="32 bytes"):
        Keys(b"short", b"l" * 32)
