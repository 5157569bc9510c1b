"""The connector `webhook` as Siyu finds it."""

from siyu.connectors.manifest import Manifest
from siyu.connectors.webhook.channel import WebhookChannel
from siyu.connectors.webhook.config import Config
from siyu.connectors.webhook.webhook import receive


def _configured(config: Config) -> bool:
    return bool(config.url)


MANIFEST = Manifest(
    name="webhook",
    config=Config,
    channels=("sms", "voice_ai", "wecom_message"),
    configured=_configured,
    channel=WebhookChannel,
    receive=receive,
)
