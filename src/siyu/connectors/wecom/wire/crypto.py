"""The envelope of a callback: who signed it, what is inside, and for whom it is meant.

AES-256-CBC, padded to 32 bytes; the initial vector is the beginning of the key. What is inside is
`random(16) ‖ length(4, big-endian) ‖ message ‖ receiver`.
"""

from __future__ import annotations

import binascii
import hmac
from base64 import b64decode, b64encode
from hashlib import sha1

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

from siyu.kernel.errors import BadInput, BadSignature
from siyu.kernel.sentence import Sentence

BLOCK = 32
NONCE = 16
KEY_LETTERS = 43
_HEAD = NONCE + 4
_ALPHABET = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/")


def aes_key(letters: str) -> bytes:
    """The 32 bytes of an EncodingAESKey; the spare bits of its last letter mean nothing.

    >>> aes_key("abcdefghijklmnopqrstuvwxyz0123456789ABCDEFE").hex()[:16]
    '69b71d79f8218a39'
    """
    if len(letters) != KEY_LETTERS or not set(letters) <= _ALPHABET:
        raise ValueError("must be the 43 letters and digits of the app's EncodingAESKey")
    return b64decode(letters + "=")


def signature(token: str, timestamp: str, nonce: str, sealed: str) -> str:
    """`msg_signature`: SHA-1 over the four, sorted byte by byte."""
    parts = sorted(part.encode() for part in (token, timestamp, nonce, sealed))
    return sha1(b"".join(parts), usedforsecurity=False).hexdigest()


def verify(token: str, signed: str, timestamp: str, nonce: str, sealed: str) -> None:
    """Raise BadSignature unless somebody who knows the token has signed this; in constant time."""
    if not token:
        raise BadSignature(Sentence("no callback token is set", "没有设置回调 Token"))
    expected = signature(token, timestamp, nonce, sealed)
    if not hmac.compare_digest(expected.encode(), signed.encode()):
        raise BadSignature


def seal(key: bytes, message: bytes, receiver: str, random: bytes) -> str:
    """What `unseal` opens; `random` are 16 bytes of chance."""
    plain = random + len(message).to_bytes(4, "big") + message + receiver.encode()
    spare = BLOCK - len(plain) % BLOCK
    encryptor = _cipher(key).encryptor()
    return b64encode(
        encryptor.update(plain + bytes([spare]) * spare) + encryptor.finalize()
    ).decode()


def unseal(key: bytes, sealed: str, receiver: str) -> bytes:
    """The message, if it was sealed under this key for this receiver."""
    try:
        closed = b64decode(sealed, validate=True)
    except (binascii.Error, ValueError):
        raise _unreadable() from None
    if not closed or len(closed) % BLOCK:
        raise _unreadable()
    decryptor = _cipher(key).decryptor()
    plain = decryptor.update(closed) + decryptor.finalize()
    spare = plain[-1]
    if not 1 <= spare <= BLOCK or plain[-spare:] != bytes([spare]) * spare:
        raise _unreadable()
    return _message(plain[:-spare], receiver)


def _message(plain: bytes, receiver: str) -> bytes:
    length = int.from_bytes(plain[NONCE:_HEAD], "big")
    message, meant = plain[_HEAD : _HEAD + length], plain[_HEAD + length :]
    if len(plain) < _HEAD or len(message) != length:
        raise _unreadable()
    if not hmac.compare_digest(meant, receiver.encode()):
        raise BadSignature(
            Sentence("the callback is meant for another corp", "这个回调是发给别的企业的")
        )
    return message


def _cipher(key: bytes) -> Cipher[modes.CBC]:
    return Cipher(algorithms.AES(key), modes.CBC(key[:16]))


def _unreadable() -> BadInput:
    return BadInput(Sentence("the callback can't be decrypted", "回调内容无法解密"))
