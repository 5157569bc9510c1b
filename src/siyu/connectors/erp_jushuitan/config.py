"""The typed form of this connector: the table `[erp_jushuitan]` of siyu.toml."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Annotated, Literal

from msgspec import Meta

from siyu.kernel.sentence import Sentence

COLOURS: Mapping[str, int] = {"red": 1, "yellow": 2, "green": 3, "blue": 4, "purple": 5}
LONGEST_LABEL = 10  # letters
_URL = re.compile(r"https?://[^\s/@?#]+/?")
_PATH = re.compile(r"/[A-Za-z0-9/_-]+")


@dataclass(frozen=True, kw_only=True)
class Config:
    """Without key and secret the connector is off."""

    base_url: Annotated[
        str,
        Meta(
            description="Where Jushuitan's open platform is.",
            extra={"zh": "聚水潭开放平台地址。"},
        ),
    ] = "https://openapi.jushuitan.com"
    app_key: Annotated[
        str,
        Meta(
            description="The application's key; empty: the connector is off.",
            extra={"zh": "应用的 app_key；留空则不启用。"},
        ),
    ] = ""
    app_secret: Annotated[
        str,
        Meta(description="Signs every call.", extra={"zh": "应用的 app_secret，用于签名。"}),
    ] = field(default="", repr=False)
    access_token: Annotated[
        str,
        Meta(
            description="The first token of the authorisation; empty: one is asked for, as a"
            " company's own application may. Later ones are fetched and kept by themselves.",
            extra={"zh": "首个 access_token；留空则自动获取（自有应用）。之后自动刷新并保存。"},
        ),
    ] = field(default="", repr=False)
    refresh_token: Annotated[
        str,
        Meta(
            description="What comes with the first token and fetches the next.",
            extra={"zh": "与首个 access_token 一起得到的 refresh_token。"},
        ),
    ] = field(default="", repr=False)
    shops: Annotated[
        Mapping[str, str],
        Meta(
            description='Jushuitan\'s shop number → our shop, such as {"10001": "tmall"}; orders of'
            " other shops are left alone.",
            extra={"zh": "聚水潭店铺编号 → 本系统店铺代码；其他店铺的订单不处理。"},
        ),
    ] = field(default_factory=dict[str, str])
    mark: Annotated[
        Literal["remark", "flag", "label", "none"],
        Meta(
            description="How a decision is told before audit: a word at the end of the seller's"
            " remark, the colour of the flag, or a label; none: only read.",
            extra={"zh": "审核前如何告知决策：追加卖家备注、插旗、打标签；none 则只读。"},
        ),
    ] = "remark"
    gift_flag: Annotated[
        Literal["red", "yellow", "green", "blue", "purple"],
        Meta(description="The flag that means the gift.", extra={"zh": "表示放赠品的旗帜颜色。"}),
    ] = "red"
    card_flag: Annotated[
        Literal["red", "yellow", "green", "blue", "purple"],
        Meta(description="The flag that means the card.", extra={"zh": "表示放卡片的旗帜颜色。"}),
    ] = "purple"
    gift_label: Annotated[
        str,
        Meta(
            min_length=1,
            max_length=LONGEST_LABEL,
            description="The label that means the gift.",
            extra={"zh": "表示放赠品的标签。"},
        ),
    ] = "放赠品"
    card_label: Annotated[
        str,
        Meta(
            min_length=1,
            max_length=LONGEST_LABEL,
            description="The label that means the card.",
            extra={"zh": "表示放卡片的标签。"},
        ),
    ] = "放卡片"
    auditable: Annotated[
        tuple[str, ...],
        Meta(
            description="States of an order in which a mark still counts.",
            extra={"zh": "仍可改动赠品的订单状态。"},
        ),
    ] = ("WaitConfirm",)
    plan: Annotated[
        bool,
        Meta(
            description="Tell of parcels from the orders that Jushuitan shows; the others are"
            " planned by the figures of their warehouse.",
            extra={"zh": "按聚水潭返回的订单生成包裹计划；查不到的订单按仓库参数推算。"},
        ),
    ] = True
    first_days: Annotated[
        int,
        Meta(
            ge=0,
            le=90,
            description="How many days back the first look goes.",
            extra={"zh": "首次拉取往前多少天。"},
        ),
    ] = 1
    remark_path: Annotated[
        str, Meta(description="Where remarks go.", extra={"zh": "修改备注的接口路径。"})
    ] = "/open/jushuitan/order/remark/upload"
    flag_path: Annotated[
        str, Meta(description="Where flags go.", extra={"zh": "插旗的接口路径。"})
    ] = "/open/jushuitan/order/remark/upload"
    label_path: Annotated[
        str, Meta(description="Where labels go.", extra={"zh": "打标签的接口路径。"})
    ] = "/open/jushuitan/order/label/upload"
    remark_field: Annotated[
        str, Meta(description="The remark's name there.", extra={"zh": "备注字段名。"})
    ] = "remark"
    flag_field: Annotated[
        str, Meta(description="The flag's name there.", extra={"zh": "旗帜字段名。"})
    ] = "seller_flag"
    labels_field: Annotated[
        str, Meta(description="The labels' name there.", extra={"zh": "标签字段名。"})
    ] = "labels"
    limited_codes: Annotated[
        tuple[int, ...],
        Meta(
            description="Codes that mean: too many calls, ask again in a minute.",
            extra={"zh": "表示调用超限的错误码。"},
        ),
    ] = (199, 200)

    def __post_init__(self) -> None:
        if not _URL.fullmatch(self.base_url):
            raise ValueError(
                Sentence(
                    "base_url: must be like https://openapi.jushuitan.com",
                    "base_url: 应形如 https://openapi.jushuitan.com",
                )
            )
        if bool(self.app_key) != bool(self.app_secret):
            raise ValueError(
                Sentence(
                    "app_secret: goes with app_key; set both or none",
                    "app_secret: 与 app_key 须同时填写或都留空",
                )
            )
        if bool(self.access_token) != bool(self.refresh_token):
            raise ValueError(
                Sentence(
                    "refresh_token: goes with access_token; set both or none",
                    "refresh_token: 与 access_token 须同时填写或都留空",
                )
            )
        for name in ("remark_path", "flag_path", "label_path"):
            if not _PATH.fullmatch(getattr(self, name)):
                raise ValueError(
                    Sentence(
                        f"{name}: must be a path like /open/order",
                        f"{name}: 应为路径，形如 /open/order",
                    )
                )
        if self.gift_flag == self.card_flag:
            raise ValueError(
                Sentence(
                    "card_flag: must differ from gift_flag", "card_flag: 不能与 gift_flag 相同"
                )
            )
        if self.gift_label == self.card_label:
            raise ValueError(
                Sentence(
                    "card_label: must differ from gift_label", "card_label: 不能与 gift_label 相同"
                )
            )
