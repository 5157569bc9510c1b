"""The typed form of this connector: the table `[orders]` of siyu.toml."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Annotated

from msgspec import Meta

from siyu.kernel.money import exponent
from siyu.kernel.sentence import Sentence, wording
from siyu.kernel.time import zone as known_zone

SHORTEST = 16
SOURCE = re.compile(r"[A-Za-z0-9_-]{1,40}")


@dataclass(frozen=True, kw_only=True)
class Config:
    """Who may post orders (`sources`), the secret that both sides know, and how rows are read."""

    secret: Annotated[
        str,
        Meta(
            description="Checks what is posted (HMAC-SHA256); empty: the connector is off.",
            extra={"zh": "校验收到的请求（HMAC-SHA256）；留空则不启用。"},
        ),
    ] = field(default="", repr=False)
    sources: Annotated[
        tuple[str, ...],
        Meta(
            description="Who posts: the last part of the address, such as pos or erp.",
            extra={"zh": "推送方，即地址的最后一段，如 pos、erp。"},
        ),
    ] = ("erp", "pos")
    currency: Annotated[
        str,
        Meta(description="In which amounts are.", extra={"zh": "金额的币种。"}),
    ] = "CNY"
    zone: Annotated[
        str,
        Meta(
            description="The zone of times that name none.",
            extra={"zh": "未写时区的时间属于哪个时区。"},
        ),
    ] = "Asia/Shanghai"
    late_days: Annotated[
        int,
        Meta(
            ge=1,
            le=365,
            description="Orders that were paid longer ago are refused; use an import for them.",
            extra={"zh": "支付时间早于此天数的订单会被拒收；请改用文件导入。"},
        ),
    ] = 30

    def __post_init__(self) -> None:
        if self.secret and len(self.secret) < SHORTEST:
            raise ValueError(
                Sentence(
                    f"secret: must have at least {SHORTEST} characters",
                    f"secret: 至少 {SHORTEST} 个字符",
                )
            )
        if not all(SOURCE.fullmatch(one) for one in self.sources):
            raise ValueError(
                Sentence(
                    "sources: 1 to 40 of letters, digits, - and _ each",
                    "sources: 每项为 1 到 40 个字母、数字、- 或 _",
                )
            )
        _usable("currency", exponent, self.currency)
        _usable("zone", known_zone, self.zone)


def _usable(name: str, read: Callable[[str], object], value: str) -> None:
    try:
        read(value)
    except ValueError as error:
        said = wording(error)
        raise ValueError(Sentence(f"{name}: {said}", f"{name}: {said.zh}")) from None
