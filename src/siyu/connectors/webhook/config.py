"""The typed form of this connector: the table `[webhook]` of siyu.toml."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

SHORTEST = 16
_URL = re.compile(r"https?://[^\s/@]+(/[^\s?#]*)?")


@dataclass(frozen=True, kw_only=True)
class Config:
    """Where signed batches go (`url`, empty: nowhere), and the secret that both sides know."""

    url: str = ""
    secret: str = field(default="", repr=False)

    def __post_init__(self) -> None:
        if self.url and not _URL.fullmatch(self.url):
            raise ValueError("url: must be like https://provider.example/siyu, without a password")
        if (self.url or self.secret) and len(self.secret) < SHORTEST:
            raise ValueError(f"secret: must have at least {SHORTEST} characters")
