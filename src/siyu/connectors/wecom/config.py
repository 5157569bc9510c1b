"""The typed form of this connector: the table `[wecom]` of siyu.toml."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Annotated, Any, Literal

from msgspec import Meta

from siyu.kernel.sentence import Sentence

_URL = re.compile(r"https?://[^\s/@?#]+(/[^\s?#]*[^\s?#/])?")
_USERID = re.compile(r"[A-Za-z0-9][A-Za-z0-9_\-@.]{0,63}")
_FIELD = re.compile(r"\{[^}]*\}?|\}")
MOST_WAY_USERS = 100
MOST_LINK_USERS = 500
_FORMS = {
    "corpid": (
        re.compile(r"(w[wx][0-9a-zA-Z]{8,62})?"),
        Sentence("corpid: must be like ww0123456789abcdef", "corpid: 应形如 ww0123456789abcdef"),
    ),
    "app": (
        re.compile(r"[a-z0-9][a-z0-9-]{0,39}"),
        Sentence(
            "app: small letters, digits and -, at most 40", "app: 小写字母、数字和 -，最多 40 个"
        ),
    ),
    "token": (
        re.compile(r"[0-9A-Za-z]{0,32}"),
        Sentence("token: at most 32 letters and digits", "token: 最多 32 个字母和数字"),
    ),
    "aes_key": (
        re.compile(r"([0-9A-Za-z]{43})?"),
        Sentence("aes_key: must be 43 letters and digits", "aes_key: 应为 43 个字母和数字"),
    ),
}


def _says(en: str, zh: str, *, secret: bool = False, **rules: Any) -> Meta:
    return Meta(description=en, extra={"zh": zh, **({"secret": True} if secret else {})}, **rules)


@dataclass(frozen=True, kw_only=True)
class Config:
    """Who we are to WeCom, who of us is who there, and how often we ask. Empty corp id: off."""

    corpid: Annotated[str, _says("The corp id (ww…).", "企业 ID（ww…）")] = ""
    agent_id: Annotated[int, _says("The AgentId of the self-built app.", "自建应用的 AgentId")] = 0
    secret: Annotated[
        str, _says("The Secret of the self-built app.", "自建应用的 Secret", secret=True)
    ] = field(default="", repr=False)
    app: Annotated[
        str,
        _says(
            "The last part of the callback address: /hooks/wecom/APP.",
            "回调地址的最后一段：/hooks/wecom/APP",
        ),
    ] = "app"
    token: Annotated[str, _says("The callback's Token.", "接收消息的 Token", secret=True)] = field(
        default="", repr=False
    )
    aes_key: Annotated[
        str, _says("The callback's EncodingAESKey.", "接收消息的 EncodingAESKey", secret=True)
    ] = field(default="", repr=False)
    base_url: Annotated[str, _says("Where the API is.", "接口地址")] = "https://qyapi.weixin.qq.com"
    authorize_url: Annotated[
        str, _says("Where pages inside WeCom ask who opened them.", "企业微信内网页授权的地址")
    ] = "https://open.weixin.qq.com/connect/oauth2/authorize"
    login_url: Annotated[
        str,
        _says(
            "Where a browser shows the QR code to sign in; older: "
            "https://open.work.weixin.qq.com/wwopen/sso/qrConnect. Unverified.",
            "浏览器扫码登录的地址；旧版为 https://open.work.weixin.qq.com/wwopen/sso/qrConnect。未经验证",
        ),
    ] = "https://login.work.weixin.qq.com/wwlogin/sso/login"
    sign_in: Annotated[
        bool,
        _says(
            "Staff with an account sign in to the console with WeCom. The app's trusted domain must"
            " be that of `console_url`.",
            "有账号的员工可用企业微信登录控制台；`console_url` 的域名须是应用的可信域名",
        ),
    ] = False
    accounts: Annotated[
        Mapping[str, str],
        _says(
            "Our staff code = WeCom userid, where the two differ.",
            "我方员工编码 = 企业微信 userid，仅写不相同的",
        ),
    ] = field(default_factory=dict[str, str])
    directory: Annotated[
        Literal["left", "names", "off"],
        _says(
            "Names and departments of members are asked for; left: one whom WeCom knows no more"
            " (60111) has left the corp; names: is only out of sight.",
            "拉取成员姓名和部门；left：查无此人（60111）视为离职；names：视为不可见；off：不拉取",
        ),
    ] = "left"
    contacts_hours: Annotated[
        int,
        _says(
            "All friends are gone through every so many hours.",
            "每隔几小时全量核对一次好友",
            ge=1,
            le=168,
        ),
    ] = 6
    way_after_minutes: Annotated[
        int,
        _says(
            "How a friend added is told by the next full pull after so many minutes: longer than"
            " any journey that a new friend enters waits (its max_age).",
            "好友添加方式在这么多分钟后由全量核对补充：要长于新好友旅程的 max_age",
            ge=0,
            le=10_080,
        ),
    ] = 180
    phones_from_remarks: Annotated[
        bool,
        _says(
            "A phone that staff noted with a friend proves who the friend is.",
            "员工在好友备注里写的手机号可用来识别客户",
        ),
    ] = True
    claim_url: Annotated[
        str,
        _says(
            "Where a new friend whom nothing matched gives an order number; put into the welcome."
            " Empty: Siyu's own page, where `link` leads to Siyu. A page of your own gets {token}.",
            "匹配不到的新好友填写订单号的页面；放进欢迎语。留空用 Siyu 自带页面"
            "（`link` 指向本系统时）；自有页面会得到 {token}",
        ),
    ] = ""
    claim_title: Annotated[
        str, _says("The title of that link in the welcome.", "欢迎语里该链接的标题")
    ] = "领取您的订单权益"
    tags_out: Annotated[
        tuple[str, ...],
        _says(
            "Tags that are written on friends' cards as corp tags: whole names, or beginnings with"
            " a * behind. Those that journeys and people here set; none: nothing is written.",
            "写成好友企业标签的标签：完整名称，或前缀加 *；仅限旅程与员工在此设置的，留空不写",
        ),
    ] = ("*",)
    tags_kept: Annotated[
        tuple[str, ...],
        _says(
            "Of those, the ones that stay here, written alike.",
            "上述标签中不写出的内部标签，写法相同",
        ),
    ] = ("_*",)
    tags_of_systems: Annotated[
        bool,
        _says(
            "Tags that other systems told go out, too.",
            "其他系统推送的标签也写出",
        ),
    ] = False
    tags_made: Annotated[
        bool,
        _says(
            "A tag that is no corp tag yet is made one.",
            "企业微信里还没有的标签自动创建为企业标签",
        ),
    ] = True
    tag_group: Annotated[
        str,
        _says(
            "The group of corp tags for tags whose name has none: of 状态/复购 it is 状态."
            " Choose it before the first tag goes out.",
            "名称不含标签组的标签放进这个标签组（“状态/复购”的标签组是“状态”）；请在首次写出前定好",
            min_length=1,
            max_length=30,
        ),
    ] = "Siyu"
    tag_cap: Annotated[
        int,
        _says("So many corp tags a corp may have: unverified.", "企业标签数量上限，未经验证", ge=1),
    ] = 10_000
    remark: Annotated[
        str,
        _says(
            "The remark on a friend's card, once we know who they are: {name} and {shop} are filled"
            " in, 20 characters are kept. Never over what staff wrote. Empty: left alone.",
            "识别出客户后写好友备注：可用 {name}、{shop}，最多 20 字；不覆盖员工写的；留空不写",
        ),
    ] = ""
    remark_in: Annotated[
        bool, _says("Staff's remarks come in, sealed.", "员工写的好友备注同步进来，加密保存")
    ] = False
    remark_phones: Annotated[
        bool,
        _says(
            "The phone that we know of a friend is noted on the card, where every member who has"
            " the friend reads it.",
            "把已知的客户手机号写到好友备注的电话里，相关成员都能看到",
        ),
    ] = False
    link_name: Annotated[
        str,
        _says("The name of the acquisition link.", "获客链接的名称", min_length=1, max_length=30),
    ] = "Siyu"
    link_users: Annotated[
        tuple[str, ...],
        _says("Userids whom the acquisition link leads to.", "获客链接分配到的成员 userid"),
    ] = ()
    way_users: Annotated[
        tuple[str, ...],
        _says("Userids who take turns behind contact ways.", "联系我（活码）轮流接待的成员 userid"),
    ] = ()
    skip_verify: Annotated[
        bool, _says("Friends need not be confirmed by staff.", "添加好友无需成员确认")
    ] = True
    way_cap: Annotated[
        int, _says("So many contact ways a corp may have.", "企业联系我的数量上限", ge=1)
    ] = 500_000
    adds_per_day: Annotated[
        int,
        _says(
            "A member with so many new friends today is left out of links and codes that are made;"
            " 0: no cap. WeCom publishes no figure: unverified.",
            "当天新增好友达到此数的成员不进入新建的链接和活码；0 不限。官方未公布数字，未经验证",
            ge=0,
        ),
    ] = 0
    groups: Annotated[
        bool,
        _says("Who is in customers' group chats is asked for.", "拉取客户群成员"),
    ] = False
    groups_hours: Annotated[
        int,
        _says(
            "All groups are gone through every so many hours.",
            "每隔几小时全量核对一次客户群",
            ge=1,
            le=168,
        ),
    ] = 12
    figures: Annotated[
        bool,
        _says(
            "What WeCom counts of each member, their group chats and each link, day by day.",
            "按天拉取每位成员的联系客户统计、群聊统计和获客链接统计",
        ),
    ] = False
    figures_hour: Annotated[
        int,
        _says(
            "From which hour (China's) yesterday's figures are asked for: unverified.",
            "每天几点（北京时间）之后拉取前一天的统计，未经验证",
            ge=0,
            le=23,
        ),
    ] = 8
    moments_per_day: Annotated[
        int,
        _says(
            "A member who was asked to publish so many Moments today is left out of a further one;"
            " 0: no cap. Unverified.",
            "当天已被要求发表这么多条朋友圈的成员不再参与新的；0 不限。未经验证",
            ge=0,
        ),
    ] = 3
    picture_mb: Annotated[
        int,
        _says(
            "Pictures to be uploaded have at most so many MB: 10 by new documents, 2 by old.",
            "上传图片的大小上限（MB）：新文档为 10，旧文档为 2",
            ge=1,
            le=20,
        ),
    ] = 10
    payments: Annotated[
        bool,
        _says(
            "Payments in chats are asked for; the app must be allowed to in 对外收款.",
            "拉取对外收款记录；应用须在「对外收款」的可调用接口应用里",
        ),
    ] = False
    payments_back_days: Annotated[
        int,
        _says("How far back the first time.", "首次往前拉取多少天的收款记录", ge=1, le=180),
    ] = 31
    payments_overlap_days: Annotated[
        int,
        _says(
            "So many days are asked for again each time, since refunds are added later.",
            "每次重复拉取最近几天的收款记录，因为退款会后补",
            ge=0,
            le=20,
        ),
    ] = 3
    payments_refunded: Annotated[
        tuple[int, ...],
        _says(
            "The refund_status values that mean that money was given back: unverified.",
            "表示退款成功的 refund_status 值，未经验证",
        ),
    ] = (2,)
    mass_quota: Annotated[
        Literal["month", "week", "day"],
        _says(
            "How many mass messages a customer may get: as many a month as it has days, 7 a week,"
            " 1 a day.",
            "每位客户的群发上限：每月天数、每周 7 条、每天 1 条",
        ),
    ] = "month"
    mass_reminds: Annotated[
        int,
        _says(
            "How often within 24 hours staff are reminded of a mass message.",
            "24 小时内提醒成员发送群发的次数",
            ge=0,
            le=3,
        ),
    ] = 0
    mass_expires_hours: Annotated[
        int,
        _says(
            "A mass message that staff did not send so long is called off.",
            "成员超过这么多小时没有发送的群发任务会被停止",
            ge=1,
            le=720,
        ),
    ] = 72

    def __post_init__(self) -> None:
        for name, (form, wrong) in _FORMS.items():
            if not form.fullmatch(getattr(self, name)):
                raise ValueError(wrong)
        for one, other in (("corpid", "secret"), ("token", "aes_key")):
            if bool(getattr(self, one)) != bool(getattr(self, other)):
                raise ValueError(
                    Sentence(
                        f"{other}: {one} and {other} belong together",
                        f"{other}: {one} 与 {other} 须同时填写",
                    )
                )
        self._check_places()

    def _check_places(self) -> None:
        for name in ("base_url", "authorize_url", "login_url"):
            if not _URL.fullmatch(getattr(self, name)):
                raise ValueError(
                    Sentence(
                        f"{name}: must be like https://qyapi.weixin.qq.com",
                        f"{name}: 应形如 https://qyapi.weixin.qq.com",
                    )
                )
        if self.claim_url and not _URL.fullmatch(self.claim_url.partition("?")[0]):
            raise ValueError(
                Sentence(
                    "claim_url: must be like https://shop.example/claim",
                    "claim_url: 应形如 https://shop.example/claim",
                )
            )
        if set(_FIELD.findall(self.remark)) - {"{name}", "{shop}"}:
            raise ValueError(
                Sentence(
                    "remark: only {name} and {shop} are filled in",
                    "remark: 只能用 {name} 和 {shop}",
                )
            )
        if len(self.claim_title.encode()) > 128:
            raise ValueError(
                Sentence("claim_title: at most 128 bytes", "claim_title: 最多 128 字节")
            )
        userids = [*self.accounts.values(), *self.link_users, *self.way_users]
        if not all(_USERID.fullmatch(one) for one in userids):
            raise ValueError(
                Sentence(
                    "accounts: a userid has 1 to 64 letters, digits and _ - @ .",
                    "accounts: userid 为 1 到 64 个字母、数字和 _ - @ .",
                )
            )
        if len({one.lower() for one in self.accounts.values()}) < len(self.accounts):
            raise ValueError(
                Sentence(
                    "accounts: a userid stands for two staff codes",
                    "accounts: 同一个 userid 对应了两个员工编码",
                )
            )
        for name, most in (("way_users", MOST_WAY_USERS), ("link_users", MOST_LINK_USERS)):
            if len(getattr(self, name)) > most:
                raise ValueError(Sentence(f"{name}: at most {most}", f"{name}: 最多 {most} 个"))

    def userid(self, staff: str) -> str:
        """The WeCom userid of one of our staff."""
        return self.accounts.get(staff, staff)

    def staff(self, userid: str) -> str:
        """Our code of a WeCom userid; capitals are the same there."""
        wanted = userid.lower()
        return next((code for code, one in self.accounts.items() if one.lower() == wanted), userid)
