"""The envelope: the reference's vectors, round trips, and everything that must not pass."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from siyu.connectors.wecom.wire import crypto, xml
from siyu.kernel.errors import BadInput, BadSignature

LETTERS = "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFE"
KEY = crypto.aes_key(LETTERS)
TOKEN, CORP = "SandboxToken01", "ww0123456789abcdef"
AT, NONCE, CHANCE = "1760000000", "1234567890", b"0123456789abcdef"
VECTORS = [
    (
        b"echo-1234567890",
        "Q3stYC6hdFzMh9T8HCvyDFnFQNDtYthGL9xKtlD2z9vUO/jHxJa6r+2Gzmvcp7nRAYd2bgC9sPc9K7u5uVdknw==",
        "f248475fe2b307cd7a90f9789a3feb18511fa7f5",
    ),
    (
        b"<xml><Event><![CDATA[change_external_contact]]></Event></xml>",
        (
            "Q3stYC6hdFzMh9T8HCvyDG+e7FwX9V0cLluugjUJv5MpXtDmO4N9nfpzaHs+e15zzeuOGfJj4okwsLoA8796"
            "XlETHfMN1wSdwck0kXil4szct/fVUvleawHNVYW8fG1flq9rmK3pmOTZNZbEalV5GAnlmbQyqF69WQYv1jRtOcQ="
        ),
        "2dbdf1cd84c82f3aa58457957cb5b9383847cdb3",
    ),
]


@pytest.mark.parametrize(("message", "sealed", "signed"), VECTORS)
def test_the_reference_vectors_hold_both_ways(message: bytes, sealed: str, signed: str) -> None:
    assert KEY.hex() == "69b71d79f8218a39259a7a29aabb2dbafc31cb3d35db7e39ebbf3d0010831051"
    assert crypto.seal(KEY, message, CORP, CHANCE) == sealed
    assert crypto.unseal(KEY, sealed, CORP) == message
    assert crypto.signature(TOKEN, AT, NONCE, sealed) == signed
    crypto.verify(TOKEN, signed, AT, NONCE, sealed)


def test_the_vendors_own_samples_hold() -> None:
    """The key of the first ends in a letter whose spare bits are not zero."""
    key = crypto.aes_key("abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG")
    sealed = (
        "jn1L23DB+6ELqJ+6bruv21Y6MD7KeIfP82D6gU39rmkgczbWwt5+3bnyg5K55bgVtVzd832WzZGMhkP72vVOfg=="
    )
    echo = (
        "P9nAzCzyDtyTWESHep1vC5X9xho/qYX3Zpb4yKa9SKld1DsH3Iyt3tP3zNdtp+4RPcs8TgAE7OaBO+FZXvnaqQ=="
    )
    other = crypto.aes_key("6qkdMrq68nTKduznJYO1A37W2oEgpkMUvkttRToqhUt")
    opens = (
        "fsi1xnbH4yQh0+PJxcOdhhK6TDXkjMyhEPA7xB2TGz6b+g7xyAbEkRxN/3cNXW9qdqjnoVzEtpbhnFyq6SVHyA=="
    )

    said = "我是中文abcd123".encode()
    assert crypto.seal(key, said, "wxb11529c136998cb6", b"aaaabbbbccccdddd") == sealed
    assert crypto.unseal(other, opens, "ww1436e0e65a779aee") == b"1288432023552776189"
    signed = "5c45ff5e21c57e6ad56bac8758b79b1d9ac89fd3"
    crypto.verify("QDG6eK", signed, "1409659589", "263014780", echo)


def test_the_spare_bits_of_the_last_letter_mean_nothing() -> None:
    assert crypto.aes_key(LETTERS[:-1] + "F") == KEY  # a strict decoder refuses one of the two


@pytest.mark.parametrize(
    "letters", ["", LETTERS[:-1], LETTERS + "A", LETTERS[:-1] + "=", "的" * 43]
)
def test_a_key_of_another_form_is_refused(letters: str) -> None:
    with pytest.raises(ValueError, match="43"):
        crypto.aes_key(letters)


@given(st.binary(max_size=400), st.text(max_size=20), st.binary(min_size=16, max_size=16))
def test_what_is_sealed_opens_as_it_was(message: bytes, receiver: str, chance: bytes) -> None:
    sealed = crypto.seal(KEY, message, receiver, chance)

    assert crypto.unseal(KEY, sealed, receiver) == message


@given(st.binary(max_size=200), st.integers(min_value=0), st.integers(1, 255))
def test_no_tampered_envelope_passes(message: bytes, place: int, change: int) -> None:
    """CBC by itself lets much pass: it is the signature over the whole that stops it."""
    sealed = crypto.seal(KEY, message, CORP, CHANCE)
    signed = crypto.signature(TOKEN, AT, NONCE, sealed)
    place %= len(sealed)
    changed = sealed[:place] + chr((ord(sealed[place]) + change) % 128) + sealed[place + 1 :]
    if changed == sealed:
        return

    with pytest.raises(BadSignature):
        crypto.verify(TOKEN, signed, AT, NONCE, changed)
    try:
        opened = crypto.unseal(KEY, changed, CORP)
    except (BadInput, BadSignature):
        return
    assert isinstance(opened, bytes)


def test_an_envelope_for_another_corp_is_refused() -> None:
    sealed = crypto.seal(KEY, b"<xml/>", CORP, CHANCE)

    for other in ("ww0123456789abcdee", "", CORP + "0"):
        with pytest.raises(BadSignature):
            crypto.unseal(KEY, sealed, other)


@pytest.mark.parametrize(
    "sealed", ["", "AAAA", "not base64!", "A" * 43 + "=", "的", "Q3stYC6hdFzMh9T8HCvyDA=="]
)
def test_what_is_no_envelope_is_refused_in_words(sealed: str) -> None:
    with pytest.raises(BadInput):
        crypto.unseal(KEY, sealed, CORP)


@pytest.mark.parametrize("part", range(5))
def test_each_part_of_the_signature_counts(part: int) -> None:
    signed = crypto.signature(TOKEN, AT, NONCE, "sealed")
    parts = [TOKEN, signed, AT, NONCE, "sealed"]
    parts[part] += "1"

    with pytest.raises(BadSignature):
        crypto.verify(*parts)


def test_without_a_token_nothing_is_signed() -> None:
    with pytest.raises(BadSignature):
        crypto.verify("", crypto.signature("", AT, NONCE, "x"), AT, NONCE, "x")


BOMB = b"""<?xml version="1.0"?><!DOCTYPE xml [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;">]>
<xml><Event>&b;</Event></xml>"""


@pytest.mark.parametrize(
    "text",
    [
        BOMB,
        BOMB.replace(b"DOCTYPE", b"doctype"),
        BOMB.decode().encode("utf-16"),
        b'<!DOCTYPE xml SYSTEM "file:///etc/passwd"><xml/>',
        b"<xml><a></xml>",
        b"<json/>",
        b"",
        b"<xml>" + b" " * xml.LARGEST + b"</xml>",
        b"<xml>&b;</xml>",
    ],
)
def test_no_xml_with_a_document_type_and_none_that_is_broken_is_read(text: bytes) -> None:
    with pytest.raises(BadInput):
        xml.read(text)


def test_plain_fields_are_read_by_name() -> None:
    root = xml.read(b"<xml><A><![CDATA[ x&y ]]></A><L><Item>1</Item></L><B>2</B><C/></xml>")

    assert xml.fields(root) == {"A": "x&y", "B": "2", "C": ""}
    assert xml.fields(xml.read(xml.write({"A": "x<&>y", "B": ""}))) == {"A": "x<&>y", "B": ""}
