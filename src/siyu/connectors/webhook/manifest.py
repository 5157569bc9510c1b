"""The connector `webhook` as Siyu finds it."""

from siyu.connectors.manifest import Manifest
from siyu.connectors.webhook.channel import WebhookChannel
from siyu.connectors.webhook.config import Config
from siyu.connectors.webhook.webhook import receive
from siyu.kernel.sentence import Sentence


def _configured(config: Config) -> bool:
    return bool(config.url)


MANIFEST = Manifest(
    name="webhook",
    title=Sentence("A provider of your own", "自有通道"),
    config=Config,
    configured=_configured,
    channels=("sms", "voice_ai", "wecom_message"),
    own_door=True,
    channel=WebhookChannel,
    receive=receive,
)
