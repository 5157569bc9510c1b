"""Cards that were answered say so: the buttons become what came of it."""

from __future__ import annotations

import json
from collections.abc import Iterator

import structlog

from siyu.connectors.manifest import Pulled, Tools
from siyu.connectors.wecom.client import LATER, Client, Failed, NotSent, Unclear
from siyu.connectors.wecom.config import Config
from siyu.kernel.errors import Broken

log = structlog.get_logger(__name__)


def pull(config: Config, tools: Tools, cursor: str) -> Iterator[Pulled]:
    """Every press that is not shown yet. What WeCom refuses for good (the card's code was used, or
    is over) is let go: what was pressed has been done."""
    client = Client(config, tools)
    for key in tools.store.keys("card/"):
        kept = tools.store.get(key)
        if kept is not None:
            _show(config, client, *json.loads(kept))
            tools.store.take(key)
    yield Pulled([], cursor)


def _show(config: Config, client: Client, code: str, userid: str, words: str) -> None:
    body = {
        "userids": [userid],
        "agentid": config.agent_id,
        "response_code": code,
        "button": {"replace_name": words},
    }
    try:
        client.do("message/update_template_card", body)
    except Failed as failed:
        if failed.meaning in LATER:
            raise Broken(failed.said) from None
        log.warning("a card could not be changed", code=failed.code)
    except (NotSent, Unclear):
        raise Broken("WeCom can't be reached, or its answer can't be read.") from None
