"""The connector `orders` as Siyu finds it."""

from siyu.connectors.manifest import Manifest
from siyu.connectors.orders.check import check
from siyu.connectors.orders.config import Config
from siyu.connectors.orders.webhook import receive
from siyu.kernel.sentence import Sentence


def _configured(config: Config) -> bool:
    return bool(config.secret)


MANIFEST = Manifest(
    name="orders",
    title=Sentence("Orders of a POS, ERP or mall of your own", "自有 POS、ERP 或商城的订单"),
    config=Config,
    configured=_configured,
    receive=receive,
    check=check,
)
