"""What is asked for again and again, told as facts: who wants no SMS any more, as a sending has
learned, and what became of messages whose report never came."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

import msgspec
from msgspec import Struct

from siyu.connectors.acs3 import Aliyun
from siyu.connectors.known import Place
from siyu.connectors.learned import untold
from siyu.connectors.manifest import Pulled, Tools
from siyu.connectors.sms_aliyun import client
from siyu.connectors.sms_aliyun.config import Config
from siyu.connectors.sms_aliyun.wire import answers, batch, reports
from siyu.connectors.sms_aliyun.wire.batch import Refusal
from siyu.connectors.sms_aliyun.wire.text import mainland
from siyu.events.model import Incoming
from siyu.outbox.model import Asked

# So long after it was handed over a message without a report is asked about: Aliyun's pushes are
# over after some 16 minutes, and a phone that was off may take it within three days.
ROUNDS = (timedelta(hours=1), timedelta(days=1), timedelta(days=3))
ONE_PAGE = 20  # questions, whose answers are stored together
MOST = 400  # of one run, so that Aliyun is asked at a pace
SOON = timedelta(minutes=2)  # the next run, where there is more


class _Places(Struct, frozen=True):
    """How far each round has come."""

    at: tuple[Place, ...] = ()


def refusals(config: Config, tools: Tools, cursor: str) -> Iterator[Pulled]:  # noqa: ARG001 - the form of a pull
    """Those that were not told yet."""
    return untold(tools, "refused/", cursor, _event)


def _event(key: str, text: str) -> object:
    refusal = msgspec.json.decode(text, type=Refusal)
    return reports.refusal(refusal.phone, refusal.code, f"send/{key}", refusal.at)


def missing(config: Config, tools: Tools, cursor: str) -> Iterator[Pulled]:
    """What became of those of which nothing was heard: told as their reports would have told it,
    under the same ids, so that a report that comes after all is a duplicate."""
    now, aliyun = tools.clock.now(), client.opened(config, tools)
    places = _begun(cursor, now)
    left = MOST
    for number, wait in enumerate(ROUNDS):
        if not left:
            break
        found = tools.touches.unreported("sms", places[number], now - wait, left)
        left -= len(found)
        for start in range(0, len(found), ONE_PAGE):
            page = found[start : start + ONE_PAGE]
            told = [event for _, one in page for event in _told(config, tools, aliyun, one)]
            places[number] = page[-1][0]
            yield Pulled(told, _written(places))
    yield Pulled([], _written(places), None if left else now + SOON)


def _begun(cursor: str, now: datetime) -> list[Place]:
    """The first time: once about everything that is remembered, later rounds only from now on."""
    if cursor:
        return list(msgspec.json.decode(cursor, type=_Places).at)
    return [(now - batch.KEPT, 0), *((now - wait, 0) for wait in ROUNDS[1:])]


def _written(places: list[Place]) -> str:
    return msgspec.json.encode(_Places(tuple(places))).decode()


def _told(config: Config, tools: Tools, aliyun: Aliyun, asked: Asked) -> list[Incoming]:
    phone, out_id = mainland(asked.to), tools.store.get(f"token/{asked.token}")
    if not phone or out_id is None or asked.handed_at is None:
        return []  # erased, or so long ago that nothing is remembered of it
    form = config.parameters == "form"
    found = client.recorded(aliyun, phone, asked.handed_at, out_id, form=form)
    if not isinstance(found, answers.Detail) or found.send_status not in answers.SETTLED:
        return []
    report = reports.Report(
        phone_number=phone,
        success=found.send_status == answers.ARRIVED,
        report_time=found.receive_date,
        err_code=found.err_code,
        out_id=out_id,
    )
    sent = batch.remembered(tools.store.get(f"batch/{out_id}"))
    told = reports.told(config, report, sent, tools.clock.now())
    return [] if told is None else told.events
