"""What `siyu connect orders` says: nobody can be asked, so it says where orders go."""

from __future__ import annotations

from siyu.connectors.manifest import Check, Tools
from siyu.connectors.orders.config import Config
from siyu.kernel.sentence import Sentence


def check(config: Config, tools: Tools) -> list[Check]:  # noqa: ARG001 - the form of all
    """One line per system that may post."""
    if not config.sources:
        why = Sentence("nobody may post: set sources", "没有推送方：请设置 sources")
        return [Check(Sentence("systems", "推送方"), "missing", why)]
    return [
        Check(
            Sentence(f"system {source}", f"推送方 {source}"),
            "unverified",
            Sentence(
                f"posts to /hooks/orders/{source}; whether it does only an order tells",
                f"推送到 /hooks/orders/{source}；是否已接通，收到订单后才知道",
            ),
        )
        for source in config.sources
    ]
