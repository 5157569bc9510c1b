"""What customers paid members in chats: asked for in windows of a month, an overlap each time."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import NamedTuple

from siyu.connectors.manifest import Pulled, Tools
from siyu.connectors.wecom.client import Client, Failed
from siyu.connectors.wecom.config import Config
from siyu.connectors.wecom.wire import codes, pays
from siyu.connectors.wecom.wire.answers import objects, text

PATH = "externalpay/get_bill_list"
PAGE = 1000
DAY = 86_400
WINDOW = 28 * DAY  # a month at most may be asked for: so of any month


class Cursor(NamedTuple):
    """`done`: until when all is told; the window under way and the page that it goes on with."""

    done: int = 0
    begin: int = 0
    end: int = 0
    page: str = ""

    @staticmethod
    def read(text: str) -> Cursor:
        """As it was kept; whatever else is there begins anew."""
        try:
            return Cursor(*json.loads(text or "[]"))
        except (ValueError, TypeError):
            return Cursor()

    def __str__(self) -> str:
        return json.dumps(list(self))


def pull(config: Config, tools: Tools, cursor: str) -> Iterator[Pulled]:
    """Every payment and refund since the last time; nothing unless the app may ask for them."""
    at = Cursor.read(cursor)
    if not config.payments:
        yield Pulled([], str(at))
        return
    client, now = Client(config, tools), int(tools.clock.now().timestamp())
    while at.end or at.done < now:
        if not at.end:
            at = _window(config, at, now)
        page = _asked(client, at)
        if page is None:  # WeCom does not know the page any more: the window begins anew
            at = at._replace(page="")
            continue
        events = [
            event
            for bill in objects(page, "bill_list")
            for event in pays.told(
                bill, _payee(config, text(bill, "payee_userid")), config.payments_refunded
            )
        ]
        following = text(page, "next_cursor")
        # a page may be short or empty before the end: what is out of the app's sight is left out
        at = at._replace(page=following) if following else Cursor(done=at.end)
        yield Pulled(events, str(at))


def _window(config: Config, at: Cursor, now: int) -> Cursor:
    """A refund changes its payment's record for days, so some days are asked for again."""
    if at.done:
        begin = at.done - config.payments_overlap_days * DAY
    else:
        begin = now - config.payments_back_days * DAY
    return at._replace(begin=begin, end=min(begin + WINDOW, now))


def _asked(client: Client, at: Cursor) -> dict[str, object] | None:
    body = {"begin_time": at.begin, "end_time": at.end, "limit": PAGE}
    try:
        return client.ask(PATH, {**body, "cursor": at.page} if at.page else body)
    except Failed as failed:
        if failed.code == codes.BAD_CURSOR and at.page:
            return None
        raise


def _payee(config: Config, userid: str) -> str:
    return config.staff(userid) if userid else ""
