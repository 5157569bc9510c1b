"""What a sending has learned about people, told as facts: who wants no SMS any more."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from siyu.connectors.learned import untold
from siyu.connectors.manifest import Pulled, Tools
from siyu.connectors.sms_aliyun.config import Config
from siyu.connectors.sms_aliyun.wire import reports
from siyu.connectors.sms_aliyun.wire.batch import Refusal


def refusals(config: Config, tools: Tools, cursor: str) -> Iterator[Pulled]:  # noqa: ARG001 - the form of a pull
    """Those that were not told yet."""
    return untold(tools, "refused/", cursor, _event)


def _event(key: str, text: str) -> object:
    refusal = msgspec.json.decode(text, type=Refusal)
    return reports.refusal(refusal.phone, refusal.code, f"send/{key}", refusal.at)
