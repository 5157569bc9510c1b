"""What comes in at the same time is stored together: one transaction and one flush of the disk for
all. A shop that posts each order alone costs little more than one that posts batches."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import NamedTuple

import msgspec
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response

from siyu.app import App
from siyu.events.actions import Answer, accept
from siyu.kernel.errors import TooLarge
from siyu.kernel.sentence import Sentence

MOST_ITEMS = 5_000  # of one body
AT_ONCE = 2  # while the database stores for one, the other reads
TOGETHER = 2_000  # items; what is more waits for the next turn

_encode = msgspec.json.Encoder().encode


class _Body(NamedTuple):
    items: Sequence[object]
    answers: asyncio.Future[list[Answer]]


class Gatherer:
    """One per application; lives on its event loop, so that waiting needs no lock."""

    def __init__(self) -> None:
        self._waiting: list[_Body] = []
        self._turns: set[asyncio.Task[None]] = set()

    async def store(self, app: App, items: Sequence[object]) -> list[Answer]:
        """Accept what is right, durably; an answer for every item, in order."""
        if len(items) > MOST_ITEMS:
            raise TooLarge(
                Sentence(
                    f"a body may hold at most {MOST_ITEMS} items; this one holds {len(items)}",
                    f"一次最多 {MOST_ITEMS} 项；这里有 {len(items)} 项",
                )
            )
        body = _Body(items, asyncio.get_running_loop().create_future())
        self._waiting.append(body)
        self._begin(app)
        return await body.answers

    def _begin(self, app: App) -> None:
        while self._waiting and len(self._turns) < AT_ONCE:
            turn = asyncio.create_task(self._turn(app, self._next()))
            self._turns.add(turn)
            turn.add_done_callback(self._turns.discard)
            turn.add_done_callback(lambda _: self._begin(app))

    def _next(self) -> list[_Body]:
        """The longest waiting ones, as many as go together."""
        count, size = 1, len(self._waiting[0].items)
        for body in self._waiting[1:]:
            size += len(body.items)
            if size > TOGETHER:
                break
            count += 1
        taken, self._waiting = self._waiting[:count], self._waiting[count:]
        return taken

    async def _turn(self, app: App, bodies: list[_Body]) -> None:
        try:
            answers = iter(await run_in_threadpool(_store, app, bodies))
        except Exception as error:  # noqa: BLE001 - each of them is told, by its own request
            for body in bodies:
                if not body.answers.done():
                    body.answers.set_exception(error)
            return
        for body in bodies:
            mine = [next(answers) for _ in body.items]
            if not body.answers.done():  # its sender may have gone
                body.answers.set_result(mine)


def _store(app: App, bodies: Sequence[_Body]) -> list[Answer]:
    items = [item for body in bodies for item in body.items]
    with app.db.transaction() as conn:
        return accept(conn, app.keys, app.brand.region, items, app.clock.now())


def the_gatherer(request: Request) -> Gatherer:
    """The gatherer of this application."""
    gatherer: Gatherer = request.app.state.gatherer
    return gatherer


def told(answers: Sequence[Answer]) -> Response:
    """The answers as their sender gets them."""
    said = [{"id": one.id, "status": one.status, "reason": one.reason[:]} for one in answers]
    return Response(_encode({"answers": said}), media_type="application/json")
