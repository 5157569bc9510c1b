"""In which language people are answered: what `Accept-Language` likes best of the two we speak."""

from __future__ import annotations

from typing import Annotated, Final

from fastapi import Depends, Request

from siyu.kernel.sentence import Language

HEADER: Final = "Accept-Language"
MOST = 20  # languages looked at; browsers send a handful


def asked(header: str) -> Language:
    """`zh-CN,zh;q=0.9,en;q=0.8` is zh; English where neither is asked for (RFC 9110, 12.5.4)."""
    best: Language = "en"
    weight = 0.0
    for part in header.split(",")[:MOST]:
        tag, _, more = part.partition(";")
        name = tag.strip().lower().partition("-")[0]
        liked = _weight(more)
        if liked > weight and name in ("zh", "en"):
            best, weight = "zh" if name == "zh" else "en", liked
    return best


def _weight(more: str) -> float:
    said = more.strip().lower().removeprefix("q=").strip()
    if not said:
        return 1.0
    try:
        return float(said) if 0 <= float(said) <= 1 else 0.0
    except ValueError:
        return 0.0


def language(request: Request) -> Language:
    """The language of an answer."""
    return asked(request.headers.get(HEADER, ""))


TheLanguage = Annotated[Language, Depends(language)]
