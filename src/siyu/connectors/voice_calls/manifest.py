"""The connector `voice_calls` as Siyu finds it."""

from datetime import timedelta

from siyu.connectors.manifest import Manifest, Pull
from siyu.connectors.voice_calls.channel import VoiceCalls
from siyu.connectors.voice_calls.check import check
from siyu.connectors.voice_calls.config import Config
from siyu.connectors.voice_calls.source import barred
from siyu.connectors.voice_calls.webhook import receive
from siyu.kernel.sentence import Sentence


def _account(config: Config) -> str:
    return config.base_url


def _configured(config: Config) -> bool:
    return bool(config.base_url)


MANIFEST = Manifest(
    name="voice_calls",
    title=Sentence("AI calls", "AI 外呼"),
    config=Config,
    configured=_configured,
    account=_account,
    channels=("voice_ai",),
    channel=VoiceCalls,
    receive=receive,
    pulls=(
        Pull(
            "barred",
            Sentence(
                "numbers on the vendor's lists of those not to be called", "厂商禁呼名单命中的号码"
            ),
            timedelta(days=1),
            barred,
        ),
    ),
    check=check,
)
