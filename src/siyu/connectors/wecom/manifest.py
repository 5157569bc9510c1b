"""The connector `wecom` as Siyu finds it."""

from datetime import timedelta

from siyu.connectors.manifest import (
    Figures,
    HandsOver,
    Manifest,
    Pages,
    Pull,
    ShowsMoments,
    WaysIn,
)
from siyu.connectors.wecom.channel import WeComChannel
from siyu.connectors.wecom.config import Config
from siyu.connectors.wecom.source import (
    answered,
    contacts,
    figures,
    groups,
    handing,
    links,
    lists,
    mass,
    members,
    moments,
    notices,
    outward,
    pages,
    payments,
    transfers,
    ways,
)
from siyu.connectors.wecom.source.check import check, texts
from siyu.connectors.wecom.webhook import receive
from siyu.connectors.wecom.wire.pages import asking
from siyu.kernel.sentence import Sentence

_PAIRS = "friendships"  # each of them goes by what it remembers of one


def _account(config: Config) -> str:
    return config.corpid


def _configured(config: Config) -> bool:
    return bool(config.corpid)


def _signs_in(config: Config) -> bool:
    return config.sign_in


MANIFEST = Manifest(
    name="wecom",
    title=Sentence("WeCom (self-built app)", "企业微信（自建应用）"),
    config=Config,
    configured=_configured,
    account=_account,
    apart=True,
    channels=("group_message", "wecom_mass", "wecom_message", "wecom_welcome"),
    channel=WeComChannel,
    receive=receive,
    methods=("GET", "POST"),  # GET: the check when the address is saved
    pulls=(
        # sooner where the settings or what waits say so
        Pull("cards", Sentence("Answered cards", "卡片更新"), timedelta(hours=24), answered.pull),
        Pull(
            "contacts",
            Sentence("Friends", "好友"),
            timedelta(hours=24),
            contacts.pull,
            shares=_PAIRS,
        ),
        Pull(
            "figures", Sentence("Figures of members", "成员统计"), timedelta(hours=24), figures.pull
        ),
        Pull("groups", Sentence("Group chats", "客户群"), timedelta(hours=24), groups.pull),
        Pull("mass", Sentence("Mass messages", "群发结果"), timedelta(hours=24), mass.pull),
        Pull("moments", Sentence("Moments", "朋友圈"), timedelta(hours=24), moments.pull),
        Pull(
            "outward",
            Sentence("Friends' cards", "写好友标签与备注"),
            timedelta(hours=24),
            outward.pull,
            after=outward.WAKES,
            shares=_PAIRS,
        ),
        Pull(
            "payments", Sentence("Payments in chats", "对外收款"), timedelta(hours=1), payments.pull
        ),
        Pull("staff", Sentence("Members", "成员"), timedelta(hours=24), members.pull),
        Pull("tags", Sentence("Corp tags", "企业标签"), timedelta(hours=24), lists.pull_tags),
        Pull(
            "transfers",
            Sentence("Friends handed over", "客户继承"),
            timedelta(hours=24),
            handing.pull,
            shares=_PAIRS,
        ),
        Pull("ways", Sentence("Codes and links", "活码与链接"), timedelta(hours=24), ways.pull),
    ),
    check=check,
    texts=texts,
    landing=links.landing,
    notify=notices.tell,
    hands_over=HandsOver(transfers.plan, handing.run, handing.begin, handing.stop, handing.every),
    ways=WaysIn(ways.every, ways.make, ways.drop),
    groups=groups.every,
    unsent=mass.waiting,
    remind=mass.remind,
    colleagues=members.every,
    moments=ShowsMoments(
        moments.tags, moments.upload, moments.plan, moments.make, moments.cancel, moments.listed
    ),
    figures=Figures(figures.worked, figures.grouped),
    pages=Pages(Sentence("WeCom", "企业微信"), _signs_in, asking, pages.member, pages.settings),
)
