"""Keys, hashes, masks and the cipher: pure, chance (nonces) comes in as an argument."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass, field
from functools import cached_property
from hashlib import blake2b
from itertools import pairwise

import phonenumbers
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from siyu.kernel.errors import Broken
from siyu.kernel.sentence import Sentence

KEY_BYTES = 32
NONCE_BYTES = 12
HASH_BYTES = 16
LONGEST_KEY = 250  # characters of a phone, a buyer id, a shop with its order number
LAST4 = "last4"  # how a person is found by the end of the phone …
NAME = "name"  # … or by the full name
NAME2 = "name2"  # … or by a part of it: two characters beside each other
MOST_PAIRS = 32  # of one name: a longer one is found by its beginning

_CHINESE_MOBILE = re.compile(r"(?:\+86|0086)?(1[3-9][0-9]{9})")
_CROSSED_OUT = re.compile(r"\d[xX]{2,}|[xX]{3,}")
_UNREADABLE = re.compile(r"[\x00-\x1f\x7f\ud800-\udfff]")
_PHONE_MARKS = str.maketrans("", "", " \t-().\u3000\u00a0")


@dataclass(frozen=True)
class Keys:
    """The two secrets of an installation: `master` wraps data keys, `lookup` makes hashes."""

    master: bytes = field(repr=False)
    lookup: bytes = field(repr=False)

    @cached_property
    def digest(self) -> blake2b:
        """The look-up key, taken in: every hash is a copy of it that goes on."""
        return blake2b(key=self.lookup, digest_size=HASH_BYTES)

    @cached_property
    def cipher(self) -> AESGCM:
        """The master key as a cipher."""
        return AESGCM(self.master)

    def __post_init__(self) -> None:
        if len(self.master) != KEY_BYTES or len(self.lookup) != KEY_BYTES:
            raise ValueError(
                Sentence(
                    f"master and look-up key are {KEY_BYTES} bytes each",
                    f"主密钥和查找密钥各为 {KEY_BYTES} 字节",
                )
            )


def normalise(kind: str, value: str, region: str) -> str:
    """A key's value as it is hashed; ValueError says what is wrong, never the value itself.

    >>> normalise("phone", "138-0000 0001", "CN"), normalise("buyer", " tmall/b7 ", "CN")
    ('+8613800000001', 'tmall/b7')
    """
    ascii_ = value.isascii()  # as nearly all are: then there is only one way to write it
    form = value if ascii_ else unicodedata.normalize("NFKC" if kind == "phone" else "NFC", value)
    plain = form.strip()
    if not plain:
        raise ValueError(Sentence("is empty", "是空的"))
    if len(plain) > LONGEST_KEY:
        raise ValueError(
            Sentence(f"is longer than {LONGEST_KEY} characters", f"超过 {LONGEST_KEY} 个字符")
        )
    if not (ascii_ and plain.isprintable()) and _UNREADABLE.search(plain):
        raise ValueError(Sentence("holds a character that can't be stored", "含有不能存储的字符"))
    return _phone(plain, region) if kind == "phone" else plain


def is_masked(phone: str) -> bool:
    """Has somebody made it unreadable, as platforms do in what they export?

    >>> is_masked("138****0001"), is_masked("138xxxx0001"), is_masked("13800000001")
    (True, True, False)
    """
    return not phone.isdecimal() and ("*" in phone or _CROSSED_OUT.search(phone) is not None)


def _phone(text: str, region: str) -> str:
    if is_masked(text):
        raise ValueError(Sentence("is masked: the full number is needed", "已打码：需要完整号码"))
    digits = text if text.isdecimal() else text.translate(_PHONE_MARKS)
    chinese = _CHINESE_MOBILE.fullmatch(digits) if region == "CN" or digits[0:1] == "+" else None
    if chinese:
        return f"+86{chinese[1]}"
    try:
        number = phonenumbers.parse(digits, region)
    except phonenumbers.NumberParseException:
        raise ValueError(Sentence("is not a phone number", "不是电话号码")) from None
    reason = phonenumbers.is_possible_number_with_reason(number)
    possible = reason == phonenumbers.ValidationResult.IS_POSSIBLE
    # Elsewhere a number that is possible passes: ranges reserved for tests and films are no error.
    if not possible or (number.country_code == 86 and not phonenumbers.is_valid_number(number)):
        raise ValueError(
            Sentence(
                f"is not a phone number of {region}; abroad, write it with + and country",
                f"不是 {region} 的电话号码；境外号码请写 + 和国家代码",
            )
        )
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


def key_hash(keys: Keys, kind: str, value: str) -> bytes:
    """16 bytes that stand for a normalised value: an identity's hash, and its vault subject."""
    return _digest(keys, f"{kind}\0{value}".encode())


def value_digest(keys: Keys, subject: bytes, name: str, value: str) -> bytes:
    """Stands for a value inside one subject: equal names of two people don't look equal."""
    return _digest(keys, subject + f"\0{name}\0{value}".encode())


def _digest(keys: Keys, what: bytes) -> bytes:
    keyed = keys.digest.copy()
    keyed.update(what)
    return keyed.digest()


def lookups(keys: Keys, name: str, value: str) -> list[tuple[str, bytes]]:
    """Under what a sealed value can be found again: last four of a phone, a name and its pairs."""
    if name == "phone":
        return [(LAST4, key_hash(keys, LAST4, value[-4:]))]
    if name == NAME:
        plain = plain_name(value)
        parts = [(NAME2, key_hash(keys, NAME2, pair)) for pair in pairs(plain)]
        return [(NAME, key_hash(keys, NAME, plain)), *parts]
    return []


def pairs(plain: str) -> list[str]:
    """A plain name in twos, each once; a single character is itself.

    >>> pairs("王小明"), pairs("王"), pairs("")
    (['王小', '小明'], ['王'], [])
    """
    twos = [one + two for one, two in pairwise(plain[: MOST_PAIRS + 1])]
    return list(dict.fromkeys(twos or filter(None, [plain])))


def plain_name(value: str) -> str:
    """A name as it is looked up: width, case and spaces don't matter."""
    return "".join(unicodedata.normalize("NFKC", value).casefold().split())


def wrap(keys: Keys, subject: bytes, data_key: bytes, nonce: bytes) -> bytes:
    """A data key under the master key, bound to its subject: it opens nobody else's."""
    return nonce + keys.cipher.encrypt(nonce, data_key, subject)


def unwrap(keys: Keys, subject: bytes, wrapped: bytes) -> AESGCM:
    """The cipher of a subject."""
    nonce, body = wrapped[:NONCE_BYTES], wrapped[NONCE_BYTES:]
    try:
        return AESGCM(keys.cipher.decrypt(nonce, body, subject))
    except InvalidTag:
        raise Broken(
            "The master key does not fit this database: personal data stays closed."
        ) from None


def seal_value(cipher: AESGCM, subject: bytes, name: str, value: str, nonce: bytes) -> bytes:
    """A value under its subject's key, bound to subject and field."""
    return nonce + cipher.encrypt(nonce, value.encode(), subject + name.encode())


def open_value(cipher: AESGCM, subject: bytes, name: str, sealed: bytes) -> str:
    """The value again."""
    nonce, body = sealed[:NONCE_BYTES], sealed[NONCE_BYTES:]
    try:
        return cipher.decrypt(nonce, body, subject + name.encode()).decode()
    except InvalidTag:
        raise Broken(
            "A sealed value was changed in the database, or moved to another row."
        ) from None


def mask_phone(phone: str) -> str:
    """Enough to recognise, too little to call.

    >>> mask_phone("+8613800000001"), mask_phone("+447700900123"), mask_phone("123")
    ('138****0001', '+447****0123', '****')
    """
    local = phone.removeprefix("+86")
    if len(local) < 8:
        return "****"
    return f"{local[: 4 if local[0] == '+' else 3]}****{local[-4:]}"


def mask_name(name: str) -> str:
    """The first letter.

    >>> mask_name("王小明"), mask_name("Ann Lee"), mask_name("")
    ('王**', 'A**', '')
    """
    return f"{name.strip()[0]}**" if name.strip() else ""
