"""Both readers of YAML read alike, and say the same of what they can't."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from siyu.kernel import document

ROOT = Path(__file__).parents[2]
TEXTS = [
    path.read_text("utf-8")
    for folder in ("src/siyu/playbooks", "src/siyu/sandbox", "examples")
    for path in sorted((ROOT / folder).rglob("*.yaml"))
]
MARKS = ":-{}[],&*!|>'\"%@`#? \t\n\r\\~=<.\x00\x85\u2028\ufeff\x07é中0a\U0001f600"


def said(text: str) -> object:
    try:
        return document.read(text)
    except document.Unreadable as error:
        return str(error)


def test_the_quick_reader_and_the_plain_one_say_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    chance, texts = random.Random(7), list(TEXTS)
    for _ in range(1_500):
        whole = chance.choice(TEXTS)[:1_500]
        begin = chance.randrange(max(len(whole) - 200, 1))
        text = list(whole[begin : begin + chance.randrange(5, 250)])
        for _ in range(chance.randrange(3)):
            at = chance.randrange(len(text))
            text[at : at + chance.randrange(2)] = chance.choice(MARKS)
        texts.append("".join(text))
    quick = [said(text) for text in texts]
    monkeypatch.setattr(document, "_QUICK", None)
    for text, one in zip(texts, quick, strict=True):
        assert said(text) == one, text
    assert 300 < sum(isinstance(one, str) for one in quick) < len(quick) - 300
