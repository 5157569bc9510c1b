"""The connector `erp_jushuitan` as Siyu finds it."""

from datetime import timedelta

from siyu.connectors.erp_jushuitan import source
from siyu.connectors.erp_jushuitan.check import check
from siyu.connectors.erp_jushuitan.config import Config
from siyu.connectors.manifest import Manifest, Pull
from siyu.kernel.sentence import Sentence

_PARCELS = "parcels"  # which of the ERP's orders stands for one of a shop's: see source.py


def _account(config: Config) -> str:
    return config.app_key


def _configured(config: Config) -> bool:
    return bool(config.app_key and config.app_secret and config.shops)


MANIFEST = Manifest(
    name="erp_jushuitan",
    title=Sentence("Jushuitan ERP", "聚水潭 ERP"),
    config=Config,
    configured=_configured,
    account=_account,
    apart=True,
    pulls=(
        Pull(
            "orders",
            Sentence("parcels that there will be", "待审订单（包裹计划）"),
            timedelta(minutes=2),
            source.orders,
            shares=_PARCELS,
        ),
        Pull(
            "decisions",
            Sentence("what parcels are to carry, told before audit", "审核前告知随包决策"),
            timedelta(minutes=1),
            source.decisions,
        ),
        Pull(
            "out",
            Sentence("what was packed and left", "销售出库（实际打包）"),
            timedelta(minutes=5),
            source.out,
            shares=_PARCELS,
        ),
        Pull(
            "logistic",
            Sentence("parcels under way", "发货物流"),
            timedelta(minutes=10),
            source.logistic,
            shares=_PARCELS,
        ),
    ),
    check=check,
)
