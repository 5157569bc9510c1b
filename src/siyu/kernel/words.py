"""Finding many words in a text at once: what it costs hardly depends on how many they are."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable


def plain(text: str) -> str:
    """As words are compared: full width as half, capitals as small letters.

    >>> plain("ＶＩＰ Straße")
    'vip strasse'
    """
    return unicodedata.normalize("NFKC", text).casefold()


class Words:
    """Words to be found, by how they begin: of a text each place is looked up, not each word."""

    def __init__(self, words: Iterable[str]) -> None:
        self._by_start: dict[str, list[tuple[str, str]]] = {}
        self._single: dict[str, str] = {}
        for word in dict.fromkeys(words):
            said = plain(word)
            if len(said) == 1:
                self._single[said] = word
            elif said:
                self._by_start.setdefault(said[:2], []).append((said, word))

    def found(self, text: str) -> list[str]:
        """Those that stand in this text, as they were given, in order.

        >>> Words(["退货", "Size 42", "x"]).found("我要退货, size 42 ok")
        ['Size 42', '退货']
        """
        if not self._by_start and not self._single:
            return []
        said, here = plain(text), set[str]()
        for place in range(len(said)):
            for word, as_given in self._by_start.get(said[place : place + 2], ()):
                if said.startswith(word, place):
                    here.add(as_given)
            if said[place] in self._single:
                here.add(self._single[said[place]])
        return sorted(here)
