"""How Aliyun's SMS service is called, and what it has on record of a message."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Literal

import httpx
import msgspec

from siyu.connectors.acs3 import Aliyun
from siyu.connectors.calling import TIMEOUT
from siyu.connectors.manifest import Tools
from siyu.connectors.sms_aliyun.config import Config
from siyu.connectors.sms_aliyun.wire import answers, batch
from siyu.outbox.channel import InDoubt

VERSION = "2017-05-25"  # of the SMS service
_PAGES = 20


def opened(config: Config, tools: Tools, timeout: httpx.Timeout = TIMEOUT) -> Aliyun:
    """The SMS service, by this account's key."""
    return Aliyun(config.access_key, config.base_url, VERSION, tools.clock, timeout)


def recorded(
    aliyun: Aliyun, phone: str, handed_at: datetime, out_id: str, *, form: bool
) -> answers.Detail | Literal["no record", "not told"]:
    """What Aliyun has on record of a batch and a number; of an erased one it tells nothing."""
    if not phone:
        return "not told"
    for day in batch.days(handed_at):
        for current in range(1, _PAGES + 1):
            page = _page(aliyun, batch.asking(phone, day, current), form=form)
            if page.code != "OK":
                return "not told"
            for detail in page.details.found:
                if detail.out_id == out_id:
                    return detail
            if current * batch.PAGE >= page.total:
                break
    return "no record"


def _page(aliyun: Aliyun, asking: Mapping[str, str], *, form: bool) -> answers.Page:
    """An answer about one number; whatever is about all of them raises, and repeats nothing."""
    try:
        response = aliyun.ask("QuerySendDetails", asking, form=form)
        response.raise_for_status()
        return answers.page(response.content)
    except (httpx.HTTPError, msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise InDoubt(f"Aliyun could not be asked ({type(error).__name__})") from None
