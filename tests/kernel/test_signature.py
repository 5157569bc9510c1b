"""A body is taken from who knows the secret, as it was signed, within five minutes."""

from __future__ import annotations

import hmac
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from siyu.kernel.errors import BadSignature
from siyu.kernel.signature import SIGNATURE, TIMESTAMP, headers, sign, verify

NOW = datetime(2026, 11, 20, 4, tzinfo=UTC)
SECRET = "what only both of us know"
STAMP = str(int(NOW.timestamp()))


def test_it_is_the_hmac_that_the_docs_describe() -> None:
    expected = hmac.new(SECRET.encode(), f"{STAMP}.".encode() + b"[]", "sha256").hexdigest()

    assert headers(SECRET, b"[]", NOW) == {TIMESTAMP: STAMP, SIGNATURE: expected}


@given(st.binary(max_size=50), st.integers(-300, 300))
def test_what_was_signed_within_five_minutes_is_taken(body: bytes, off: int) -> None:
    signed = headers(SECRET, body, NOW + timedelta(seconds=off))

    verify(SECRET, signed[TIMESTAMP], signed[SIGNATURE], body, NOW)


@pytest.mark.parametrize("off", [-301, 301, -86_400, 10**9])
def test_older_or_newer_is_refused(off: int) -> None:
    signed = headers(SECRET, b"[]", NOW + timedelta(seconds=off))

    with pytest.raises(BadSignature, match="more than five minutes away"):
        verify(SECRET, signed[TIMESTAMP], signed[SIGNATURE], b"[]", NOW)


@given(st.binary(min_size=1, max_size=50), st.data())
def test_a_single_changed_bit_is_refused(body: bytes, data: st.DataObject) -> None:
    place = data.draw(st.integers(0, len(body) * 8 - 1))
    tampered = bytearray(body)
    tampered[place // 8] ^= 1 << place % 8

    with pytest.raises(BadSignature, match="does not fit"):
        verify(SECRET, STAMP, sign(SECRET, STAMP, body), bytes(tampered), NOW)


def test_the_time_is_signed_too() -> None:
    with pytest.raises(BadSignature, match="does not fit"):
        verify(SECRET, str(int(STAMP) + 1), sign(SECRET, STAMP, b"[]"), b"[]", NOW)


def test_time_and_body_can_not_be_shifted_into_each_other() -> None:
    with pytest.raises(BadSignature):
        verify(SECRET, STAMP[:-1], sign(SECRET, STAMP, b"[]"), STAMP[-1].encode() + b"[]", NOW)


def test_case_and_blanks_around_a_signature_do_not_matter() -> None:
    verify(SECRET, STAMP, f" {sign(SECRET, STAMP, b'[]').upper()} ", b"[]", NOW)


@pytest.mark.parametrize("stamp", ["", "now", "-1", "1e9", " 1", "١٢٣", "9" * 13, "1.5", "0x1"])
def test_a_time_that_is_no_unix_seconds_is_refused(stamp: str) -> None:
    with pytest.raises(BadSignature, match="must be unix seconds"):
        verify(SECRET, stamp, sign(SECRET, stamp, b""), b"", NOW)


@pytest.mark.parametrize("signature", ["", "0" * 64, "ÿ", "面", sign(SECRET, STAMP, b"[]")[:-1]])
def test_whatever_stands_there_is_refused_without_a_crash(signature: str) -> None:
    with pytest.raises(BadSignature, match="does not fit") as refused:
        verify(SECRET, STAMP, signature, b"[]", NOW)

    assert SECRET not in str(refused.value)
    assert sign(SECRET, STAMP, b"[]") not in str(refused.value)


def test_without_a_secret_nothing_is_taken() -> None:
    with pytest.raises(BadSignature, match="no secret is set"):
        verify("", STAMP, sign("", STAMP, b"[]"), b"[]", NOW)
