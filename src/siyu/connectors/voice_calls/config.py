"""The typed form of this connector: the table `[voice_calls]` of siyu.toml."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Annotated

from msgspec import Meta

from siyu.connectors import scripts
from siyu.connectors.ringing import Ringing
from siyu.connectors.scripts import Grade

SHORTEST = 16
MOST = 1_000
_URL = re.compile(r"https?://[^\s/@?#]+(/[^\s?#]*)?")
_SEGMENT = re.compile(r"[A-Za-z0-9._~-]+")


@dataclass(frozen=True, kw_only=True)
class Script(scripts.Script):
    """A dialogue of the vendor's, and the material of ours that it speaks."""

    dialog: Annotated[
        str,
        Meta(
            min_length=1,
            description="The vendor's id of the dialogue (dialogFlowId).",
            extra={"zh": "厂商的话术 ID（dialogFlowId）。"},
        ),
    ]

    @property
    def code(self) -> str:
        return self.dialog


@dataclass(frozen=True, kw_only=True)
class Config(Ringing):
    """A provider of AI calls: where tasks go, which dialogue speaks what, and when it may ring."""

    base_url: Annotated[
        str,
        Meta(
            description="Where tasks are posted; empty: the connector is off.",
            extra={"zh": "任务提交地址；留空则不启用。"},
        ),
    ] = ""
    secret: Annotated[
        str,
        Meta(
            description="Signs what is sent and checks what comes back (HMAC-SHA256).",
            extra={"zh": "请求与回调的签名密钥（HMAC-SHA256）。", "secret": True},
        ),
    ] = field(default="", repr=False)
    hook_secret: Annotated[
        str,
        Meta(
            description="For a vendor that can't sign: it calls /hooks/voice_calls/THIS/callback;"
            " empty: callbacks must be signed.",
            extra={
                "zh": "厂商无法签名时，回调 /hooks/voice_calls/此值/callback；留空则回调必须签名。",
                "secret": True,
            },
        ),
    ] = field(default="", repr=False)
    scripts: Annotated[
        tuple[Script, ...],
        Meta(
            description="Which dialogue speaks which material.",
            extra={"zh": "每个素材对应的话术。"},
        ),
    ] = ()
    line: Annotated[
        str,
        Meta(
            description="The vendor's id of the number that calls; empty: it chooses.",
            extra={"zh": "主叫线路 ID；留空由厂商选择。"},
        ),
    ] = ""
    batch: Annotated[
        int,
        Meta(
            ge=1,
            le=MOST,
            description="Contacts in one task.",
            extra={"zh": "每个任务的联系人数。"},
        ),
    ] = 50
    intents: Annotated[
        Mapping[str, Grade],
        Meta(
            description="The vendor's grade, its code or its name → ours, A to F; unsaid, a name"
            " that begins with one of these letters is that grade.",
            extra={"zh": "厂商意向等级、编码或名称 → 我们的 A–F；未写明时按名称首字母。"},
        ),
    ] = field(default_factory=dict[str, Grade])
    refusal_words: Annotated[
        tuple[str, ...],
        Meta(
            description="Words of a customer, or of a label, after which nobody is called again.",
            extra={"zh": "客户说出或标签含有这些词，即不再外呼。"},
        ),
    ] = (
        "不要再打", "别再打", "不要打电话", "别打电话", "不要给我打", "再打就投诉", "我要投诉",
        "拒绝来电", "加入黑名单",
    )  # fmt: skip
    blacklist_words: Annotated[
        tuple[str, ...],
        Meta(
            description="Reasons of the vendor's that mean a list of numbers not to be called.",
            extra={"zh": "厂商的拦截原因含有这些词，视为命中禁呼名单。"},
        ),
    ] = ("BLACK", "WHITE_LIST", "黑名单", "白名单", "风险号码", "禁呼", "免打扰", "谢绝来电")
    kept_days: Annotated[
        int,
        Meta(
            ge=1,
            le=366,
            description="So long a call is remembered whose grade people may still correct.",
            extra={"zh": "人工仍可修改意向的天数。"},
        ),
    ] = 30

    def __post_init__(self) -> None:
        if self.base_url and not _URL.fullmatch(self.base_url):
            raise ValueError("base_url: must be like https://calls.example/api")
        if (self.base_url or self.secret) and len(self.secret) < SHORTEST:
            raise ValueError(f"secret: must have at least {SHORTEST} characters")
        if self.hook_secret and not (
            len(self.hook_secret) >= SHORTEST and _SEGMENT.fullmatch(self.hook_secret)
        ):
            raise ValueError(
                f"hook_secret: must have at least {SHORTEST} letters and digits, nothing else"
            )
        self.check_hours()
