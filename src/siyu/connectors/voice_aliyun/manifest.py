"""The connector `voice_aliyun` as Siyu finds it."""

from datetime import timedelta

from siyu.connectors.manifest import Manifest, Pull
from siyu.connectors.voice_aliyun.channel import VoiceAliyun
from siyu.connectors.voice_aliyun.check import check
from siyu.connectors.voice_aliyun.config import Config
from siyu.connectors.voice_aliyun.source import ends
from siyu.kernel.sentence import Sentence


def _account(config: Config) -> str:
    return config.instance_id


def _configured(config: Config) -> bool:
    return bool(config.access_key_id and config.access_key_secret and config.instance_id)


MANIFEST = Manifest(
    name="voice_aliyun",
    title=Sentence("Aliyun OutboundBot", "阿里云智能外呼机器人"),
    config=Config,
    configured=_configured,
    account=_account,
    channels=("voice_ai",),
    channel=VoiceAliyun,
    pulls=(Pull("ends", Sentence("ends of calls", "通话结果"), timedelta(days=1), ends),),
    check=check,
)
