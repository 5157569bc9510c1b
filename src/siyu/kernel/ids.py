"""Ids: bigint inside, a keyed encoding outside, so that nobody counts a brand's customers."""

from __future__ import annotations

from hashlib import blake2b

_ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"  # Crockford: no i, l, o, u
_LETTERS = 13  # 13 × 5 bits hold 64
_ROUNDS = 4
_HALF = 0xFFFFFFFF
_PAIRS = [first + second for first in _ALPHABET for second in _ALPHABET]  # ten bits at a time


class PublicIds:
    """A 64-bit Feistel permutation under a key: `encode("cus", 1)` → `cus_…13 letters…`."""

    def __init__(self, key: bytes) -> None:
        self._key = key

    def mix(self, prefix: str, turn: int, half: int) -> int:
        """The round function: 32 bits that nobody can tell from chance without the key."""
        text = b"%s%d" % (prefix.encode(), turn) + half.to_bytes(4, "big")
        return int.from_bytes(blake2b(text, key=self._key, digest_size=4).digest(), "big")

    def encode(self, prefix: str, number: int) -> str:
        """The public form of a number between 0 and 2**63 - 1."""
        left, right = number >> 32, number & _HALF
        for turn in range(_ROUNDS):
            left, right = right, left ^ self.mix(prefix, turn, right)
        mixed = left << 32 | right
        pairs = "".join([_PAIRS[mixed >> bits & 1023] for bits in (50, 40, 30, 20, 10, 0)])
        return f"{prefix}_{_ALPHABET[mixed >> 60]}{pairs}"

    def decode(self, prefix: str, text: str) -> int | None:
        """The number behind a public id; None if it is none of ours."""
        head, _, letters = text.partition("_")
        if head != prefix or len(letters) != _LETTERS or not set(letters) <= set(_ALPHABET):
            return None
        mixed = 0
        for letter in letters:
            mixed = mixed << 5 | _ALPHABET.index(letter)
        if mixed >> 64:
            return None
        left, right = mixed >> 32, mixed & _HALF
        for turn in reversed(range(_ROUNDS)):
            left, right = right ^ self.mix(prefix, turn, left), left
        number = left << 32 | right
        return number if number < 1 << 63 else None


def share(*words: str) -> float:
    """A number in [0, 1) that depends only on these words: the one source of splits.

    Same words, same share, on every machine and in every year.

    >>> share("cascade", "A1") == share("cascade", "A1") != share("cascade", "A2")
    True
    """
    digest = blake2b("\x1f".join(words).encode(), digest_size=8).digest()
    return int.from_bytes(digest, "big") / 2**64
