"""What a sending has learned about people, told as facts: who wants no SMS any more."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from siyu.connectors.manifest import Pulled, Tools
from siyu.connectors.sms_aliyun.config import Config
from siyu.connectors.sms_aliyun.wire import reports
from siyu.connectors.sms_aliyun.wire.batch import Refusal

AT_ONCE = 200


def refusals(config: Config, tools: Tools, cursor: str) -> Iterator[Pulled]:  # noqa: ARG001 - the form of a pull
    """Those that were not told yet; each is forgotten once its fact is stored."""
    keys = tools.store.keys("refused/")
    for start in range(0, len(keys), AT_ONCE):
        told = keys[start : start + AT_ONCE]
        said = {key: tools.store.get(key) for key in told}
        yield Pulled([_event(key, text) for key, text in said.items() if text is not None], cursor)
        for key in told:
            tools.store.take(key)


def _event(key: str, text: str) -> object:
    refusal = msgspec.json.decode(text, type=Refusal)
    return reports.refusal(refusal.phone, refusal.code, f"send/{key}", refusal.at)
