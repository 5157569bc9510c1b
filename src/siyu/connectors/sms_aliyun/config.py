"""The typed form of this connector: the table `[sms_aliyun]` of siyu.toml."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from ipaddress import ip_network
from typing import Annotated, Literal

from msgspec import Meta

from siyu.connectors.access_key import AccessKey

SHORTEST = 16
LONGEST = 500  # characters of a text, signature and variables included
MOST = 100  # numbers of one SendBatchSms
VARIABLE = re.compile(r"\$\{([A-Za-z][A-Za-z0-9_]*)\}")
_URL = re.compile(r"https?://[^\s/@?#]+/?")
_CODE = re.compile(r"SMS_\d{1,20}")
_SEGMENT = re.compile(r"[A-Za-z0-9._~-]+")


@dataclass(frozen=True, kw_only=True)
class Template:
    """A text that Aliyun has approved, and the material of ours that it stands for."""

    material: Annotated[
        str,
        Meta(
            min_length=1,
            description="The code of our material, such as invite-sms.",
            extra={"zh": "我们的素材代码，如 invite-sms。"},
        ),
    ]
    code: Annotated[
        str,
        Meta(
            description="Aliyun's code of the template, such as SMS_123456789.",
            extra={"zh": "阿里云的模板 CODE，如 SMS_123456789。"},
        ),
    ]
    text: Annotated[
        str,
        Meta(
            min_length=1,
            max_length=LONGEST,
            description="The approved text to the letter, with its ${variables}, no signature.",
            extra={"zh": "审核通过的原文，一字不差，含 ${变量}，不含签名。"},
        ),
    ]
    kind: Annotated[
        Literal["promotion", "notification"],
        Meta(
            description="What it was approved as: a promotion must end with the opt-out text.",
            extra={"zh": "审核时的类型；推广短信（promotion）必须以退订语结尾。"},
        ),
    ] = "promotion"
    urls: Annotated[
        bool,
        Meta(
            description="Aliyun has allowed a link inside a variable of this template.",
            extra={"zh": "阿里云已允许此模板的变量里带链接。"},
        ),
    ] = False

    def __post_init__(self) -> None:
        if not _CODE.fullmatch(self.code):
            raise ValueError("templates: code must be like SMS_123456789")
        if self.text.startswith("【"):
            raise ValueError("templates: text is written without the signature")
        if "$" in VARIABLE.sub("", self.text):
            raise ValueError("templates: variables are written ${name}, in letters and digits")

    @property
    def variables(self) -> tuple[str, ...]:
        """The names that are filled in, in the order of the text, each once."""
        return tuple(dict.fromkeys(VARIABLE.findall(self.text)))


@dataclass(frozen=True, kw_only=True)
class Config(AccessKey):
    """An Aliyun account's SMS service, its signature, and the templates approved for it."""

    base_url: Annotated[
        str,
        Meta(
            description="Where Aliyun's SMS service answers.",
            extra={"zh": "阿里云短信服务的地址。"},
        ),
    ] = "https://dysmsapi.aliyuncs.com"
    sign_name: Annotated[
        str,
        Meta(
            description="The approved signature, without its brackets.",
            extra={"zh": "审核通过的短信签名，不带【】。"},
        ),
    ] = ""
    templates: Annotated[
        tuple[Template, ...],
        Meta(
            description="The approved templates, one for each material and language.",
            extra={"zh": "审核通过的模板，每个素材、每种语言一个。"},
        ),
    ] = ()
    opt_out_text: Annotated[
        str,
        Meta(
            description="How every promotion must end.",
            extra={"zh": "推广短信必须以此结尾。"},
        ),
    ] = "拒收请回复R"
    opt_out_words: Annotated[
        tuple[str, ...],
        Meta(
            description="Replies that withdraw consent; case, width and punctuation don't matter.",
            extra={"zh": "收到即视为退订的回复；大小写、全半角、标点均不计。"},
        ),
    ] = (
        "R", "T", "TD", "N", "QX", "退", "退订", "拒收", "取消", "不要", "不再接收",
        "STOP", "UNSUBSCRIBE",
    )  # fmt: skip
    hook_secret: Annotated[
        str,
        Meta(
            description="Reports are posted to /hooks/sms_aliyun/THIS/report and …/up: Aliyun"
            " signs nothing, so the address itself is the secret.",
            extra={
                "zh": "回执地址为 /hooks/sms_aliyun/<此值>/report 与 …/up：阿里云的回调不签名，"
                "地址本身就是密钥。",
                "secret": True,
            },
        ),
    ] = field(default="", repr=False)
    allowed_addresses: Annotated[
        tuple[str, ...],
        Meta(
            description="Addresses or networks that reports may come from; empty: any.",
            extra={"zh": "允许推送回执的 IP 或网段；留空则不限。"},
        ),
    ] = ()
    address_header: Annotated[
        str,
        Meta(
            description="The header in which your proxy writes who asks; its last entry counts.",
            extra={"zh": "您的反向代理写入来源地址的请求头，以最后一项为准。"},
        ),
    ] = "X-Forwarded-For"
    refusal_codes: Annotated[
        tuple[str, ...],
        Meta(
            description="Codes of Aliyun after which nobody is sent an SMS again.",
            extra={"zh": "出现这些返回码后，不再给该号码发短信。"},
        ),
    ] = ("isv.CUSTOMER_REFUSED", "isv.BLACK_KEY_CONTROL_LIMIT", "MOBILE_IN_BLACK", "USER_REJECT")
    batch: Annotated[
        int,
        Meta(
            ge=1,
            le=MOST,
            description="Numbers in one request; 1: each by itself, which is quicker for each.",
            extra={"zh": "每个请求的号码数；1 表示逐条发送，单条更快。"},
        ),
    ] = MOST
    parameters: Annotated[
        Literal["query", "form"],
        Meta(
            description="Where a request's parameters stand: in its address or in its body.",
            extra={"zh": "请求参数放在地址里还是请求体里。"},
        ),
    ] = "query"
    grace_minutes: Annotated[
        int,
        Meta(
            ge=1,
            le=1440,
            description="So long after a request without an answer Aliyun's records may lag.",
            extra={"zh": "请求无应答后，阿里云的发送记录最多滞后这么久（分钟）。"},
        ),
    ] = 10

    def __post_init__(self) -> None:
        if not _URL.fullmatch(self.base_url):
            raise ValueError("base_url: must be like https://dysmsapi.aliyuncs.com")
        if self.hook_secret and not (
            len(self.hook_secret) >= SHORTEST and _SEGMENT.fullmatch(self.hook_secret)
        ):
            raise ValueError(
                f"hook_secret: must have at least {SHORTEST} letters and digits, nothing else"
            )
        if any(mark in self.sign_name for mark in "【】"):
            raise ValueError("sign_name: is written without its brackets")
        for one in self.allowed_addresses:
            try:
                ip_network(one)
            except ValueError:
                raise ValueError("allowed_addresses: must be like 10.0.0.1 or 10.0.0.0/8") from None
