"""The typed form of this connector: the table `[webhook]` of siyu.toml."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Annotated

from msgspec import Meta

from siyu.kernel.sentence import Sentence

SHORTEST = 16
_URL = re.compile(r"https?://[^\s/@]+(/[^\s?#]*)?")


@dataclass(frozen=True, kw_only=True)
class Config:
    """Where signed batches go (`url`, empty: nowhere), and the secret that both sides know."""

    url: Annotated[
        str,
        Meta(
            description="Where touches are posted; empty: the connector is off.",
            extra={"zh": "触达发往的地址；留空则不启用。"},
        ),
    ] = ""
    secret: Annotated[
        str,
        Meta(
            description="Signs what is sent and checks what comes back (HMAC-SHA256).",
            extra={"zh": "为发出的请求签名，并校验回执（HMAC-SHA256）。"},
        ),
    ] = field(default="", repr=False)

    def __post_init__(self) -> None:
        if self.url and not _URL.fullmatch(self.url):
            raise ValueError(
                Sentence(
                    "url: must be like https://provider.example/siyu, without a password",
                    "url: 应形如 https://provider.example/siyu，不带密码",
                )
            )
        if (self.url or self.secret) and len(self.secret) < SHORTEST:
            raise ValueError(
                Sentence(
                    f"secret: must have at least {SHORTEST} characters",
                    f"secret: 至少 {SHORTEST} 个字符",
                )
            )
