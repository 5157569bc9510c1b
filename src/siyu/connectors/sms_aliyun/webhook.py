"""The way back: `POST /hooks/sms_aliyun/<secret>/report` and `…/up`, arrays without a signature."""

from __future__ import annotations

import hmac
from collections.abc import Iterable, Mapping
from datetime import timedelta
from ipaddress import ip_address, ip_network

import structlog

from siyu.connectors.manifest import Called, Heard, Reply, Store, Tools
from siyu.connectors.sms_aliyun.config import Config
from siyu.connectors.sms_aliyun.wire import batch, reports
from siyu.events.model import Incoming
from siyu.kernel.errors import BadSignature, NotFound
from siyu.kernel.sentence import Sentence

log = structlog.get_logger(__name__)

BILLED = "billed/"  # a message that Aliyun billed otherwise than we counted
_BILLED_KEPT = timedelta(days=4)


def receive(config: Config, called: Called, tools: Tools) -> Heard:
    """Reports and replies as facts. Aliyun reads nothing but the number in the answer."""
    kind = _door(config, called)
    if kind == "report":
        events = list(_reported(config, called, tools.store))
    elif kind == "up":
        events = list(_replied(config, called))
    else:
        raise NotFound(Sentence("reports go to …/report, replies to …/up", "回执与上行地址有误"))
    return Heard(list[object](events), Reply(reports.HEARD))


def _door(config: Config, called: Called) -> str:
    """What follows the secret; BadSignature if that is not it, or somebody else asks."""
    secret, _, kind = called.path.strip("/").partition("/")
    given, wanted = secret.encode(), config.hook_secret.encode()
    if not wanted or not hmac.compare_digest(given, wanted):
        raise BadSignature(Sentence("the address does not hold its secret", "地址里的密钥不对"))
    if config.allowed_addresses and not _allowed(config, called.headers):
        raise BadSignature(Sentence("nothing is taken from there", "不接受来自该地址的请求"))
    return kind if called.method == "POST" else ""


def _allowed(config: Config, headers: Mapping[str, str]) -> bool:
    """By the last entry of the header, which the nearest proxy wrote itself."""
    wanted = config.address_header.lower()
    said = next((value for name, value in headers.items() if name.lower() == wanted), "")
    try:
        address = ip_address(said.rpartition(",")[2].strip())
    except ValueError:
        return False
    return any(address in ip_network(one) for one in config.allowed_addresses)


def _reported(config: Config, called: Called, store: Store) -> Iterable[Incoming]:
    found, unread = reports.items(called.body, reports.Report)
    known = {
        out_id: batch.remembered(store.get(f"batch/{out_id}"))
        for out_id in dict.fromkeys(one.out_id for one in found)
        if batch.OUT_ID.fullmatch(out_id)
    }
    strange = 0
    for report in found:
        told = reports.told(config, report, known.get(report.out_id), called.now)
        if told is None:
            strange += 1
            continue
        if told.billed:
            log.warning("Aliyun billed other segments than counted", touch=told.token)
            store.put(f"{BILLED}{told.token}", told.billed, called.now + _BILLED_KEPT)
        yield from told.events
    if unread or strange:
        log.info("reports about nothing of ours", unread=unread, strange=strange)


def _replied(config: Config, called: Called) -> Iterable[Incoming]:
    found, unread = reports.items(called.body, reports.Reply)
    if unread:
        log.warning("replies that can't be read", count=unread)
    return [reports.replied(config, reply, called.now) for reply in found]
