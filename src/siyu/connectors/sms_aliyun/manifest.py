"""The connector `sms_aliyun` as Siyu finds it."""

from datetime import timedelta

from siyu.connectors.manifest import Manifest, Pull
from siyu.connectors.sms_aliyun.channel import AliyunSms
from siyu.connectors.sms_aliyun.check import check, texts
from siyu.connectors.sms_aliyun.config import Config
from siyu.connectors.sms_aliyun.source import missing, refusals
from siyu.connectors.sms_aliyun.webhook import receive
from siyu.kernel.sentence import Sentence


def _account(config: Config) -> str:
    return config.access_key_id


def _configured(config: Config) -> bool:
    return bool(config.access_key_id and config.access_key_secret and config.sign_name)


MANIFEST = Manifest(
    name="sms_aliyun",
    title=Sentence("Aliyun SMS", "阿里云短信"),
    config=Config,
    configured=_configured,
    account=_account,
    channels=("sms",),
    channel=AliyunSms,
    receive=receive,
    pulls=(
        Pull(
            "refusals",
            Sentence("numbers that Aliyun says want no SMS", "阿里云告知拒收的号码"),
            timedelta(days=1),
            refusals,
        ),
        Pull(
            "reports",
            Sentence("reports that never came", "没有推送到的回执"),
            timedelta(hours=6),
            missing,
        ),
    ),
    check=check,
    texts=texts,
)
