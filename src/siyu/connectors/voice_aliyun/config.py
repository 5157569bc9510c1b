"""The typed form of this connector: the table `[voice_aliyun]` of siyu.toml."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Annotated

from msgspec import Meta

from siyu.connectors import scripts
from siyu.connectors.access_key import AccessKey
from siyu.connectors.ringing import Ringing
from siyu.connectors.scripts import Grade

MOST = 50
_URL = re.compile(r"https?://[^\s/@?#]+/?")


@dataclass(frozen=True, kw_only=True)
class Script(scripts.Script):
    """A script of the instance, and the material of ours that it speaks."""

    script: Annotated[
        str,
        Meta(
            min_length=1,
            description="Aliyun's id of the script.",
            extra={"zh": "阿里云的话术场景 ID（ScriptId）。"},
        ),
    ]

    @property
    def code(self) -> str:
        return self.script


@dataclass(frozen=True, kw_only=True)
class Config(AccessKey, Ringing):
    """An instance of Aliyun's OutboundBot, its scripts, and when it may ring."""

    base_url: Annotated[
        str,
        Meta(
            description="Where OutboundBot answers.",
            extra={"zh": "智能外呼服务的地址。"},
        ),
    ] = "https://outboundbot.cn-shanghai.aliyuncs.com"
    instance_id: Annotated[
        str,
        Meta(description="The id of the instance.", extra={"zh": "实例 ID。"}),
    ] = ""
    scripts: Annotated[
        tuple[Script, ...],
        Meta(
            description="Which script speaks which material.",
            extra={"zh": "每个素材对应的话术。"},
        ),
    ] = ()
    calling_numbers: Annotated[
        tuple[str, ...],
        Meta(
            description="The numbers that call; empty: all of the instance.",
            extra={"zh": "主叫号码；留空则用实例的全部号码。"},
        ),
    ] = ()
    batch: Annotated[
        int,
        Meta(
            ge=1,
            le=MOST,
            description="Jobs in one request: they stand in its address, which must not be long.",
            extra={"zh": "每个请求的作业数：参数在地址里，不宜过长。"},
        ),
    ] = 10
    grade_label: Annotated[
        str,
        Meta(
            description="The label of the script that holds the grade.",
            extra={"zh": "话术中表示意向等级的标签名。"},
        ),
    ] = "意向等级"
    intents: Annotated[
        Mapping[str, Grade],
        Meta(
            description="What that label says → our grade, A to F; unsaid, one of these letters at"
            " its beginning is that grade.",
            extra={"zh": "标签取值 → 我们的 A–F；未写明时按首字母。"},
        ),
    ] = field(default_factory=dict[str, Grade])
    refusal_words: Annotated[
        tuple[str, ...],
        Meta(
            description="A label with one of these words means that nobody calls again.",
            extra={"zh": "标签含有这些词，即不再外呼。"},
        ),
    ] = ("不要再打", "别再打", "拒绝来电", "投诉", "拉黑")
    grace_minutes: Annotated[
        int,
        Meta(
            ge=1,
            le=1440,
            description="So long after a request without an answer Aliyun's lists may lag.",
            extra={"zh": "请求无应答后，阿里云的作业列表最多滞后这么久（分钟）。"},
        ),
    ] = 10

    def __post_init__(self) -> None:
        if not _URL.fullmatch(self.base_url):
            raise ValueError("base_url: must be like https://outboundbot.cn-shanghai.aliyuncs.com")
        self.check_hours()
