"""What comes in at the same time is stored together: one transaction and one flush of the disk for
all. A shop that posts each order alone costs little more than one that posts batches; a thousand
people who want the same gift wait for one row once."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from typing import Generic, NamedTuple, TypeVar

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

Item = TypeVar("Item")
Told = TypeVar("Told")

_encode = msgspec.json.Encoder().encode


class _Body(NamedTuple, Generic[Item, Told]):
    items: Sequence[Item]
    answers: asyncio.Future[list[Told]]


class Gatherer(Generic[Item, Told]):
    """One per application and door; lives on its event loop, so that waiting needs no lock.

    `store` writes what has come together in one transaction; one answer per item, in order.
    """

    def __init__(
        self, store: Callable[[App, list[Item]], list[Told]], at_once: int = AT_ONCE
    ) -> None:
        self._store = store
        self._at_once = at_once
        self._waiting: list[_Body[Item, Told]] = []
        self._turns: set[asyncio.Task[None]] = set()

    async def store(self, app: App, items: Sequence[Item]) -> list[Told]:
        """Store these, durably; an answer for every item, in order."""
        if len(items) > MOST_ITEMS:
            raise TooLarge(
                Sentence(
                    f"a body may hold at most {MOST_ITEMS} items; this one holds {len(items)}",
                    f"一次最多 {MOST_ITEMS} 项；这里有 {len(items)} 项",
                )
            )
        body = _Body[Item, Told](items, asyncio.get_running_loop().create_future())
        self._waiting.append(body)
        self._begin(app)
        return await body.answers

    def _begin(self, app: App) -> None:
        while self._waiting and len(self._turns) < self._at_once:
            turn = asyncio.create_task(self._turn(app, self._next()))
            self._turns.add(turn)
            turn.add_done_callback(self._turns.discard)
            turn.add_done_callback(lambda _: self._begin(app))

    def _next(self) -> list[_Body[Item, Told]]:
        """The longest waiting ones, as many as go together."""
        count, size = 1, len(self._waiting[0].items)
        for body in self._waiting[1:]:
            size += len(body.items)
            if size > TOGETHER:
                break
            count += 1
        taken, self._waiting = self._waiting[:count], self._waiting[count:]
        return taken

    async def _turn(self, app: App, bodies: list[_Body[Item, Told]]) -> None:
        items = [item for body in bodies for item in body.items]
        try:
            answers = iter(await run_in_threadpool(self._store, app, items))
        except Exception as error:  # noqa: BLE001 - each of them is told, by its own request
            for body in bodies:
                if not body.answers.done():
                    body.answers.set_exception(error)
            return
        for body in bodies:
            mine = [next(answers) for _ in body.items]
            if not body.answers.done():  # its sender may have gone
                body.answers.set_result(mine)


def _accept(app: App, items: list[object]) -> list[Answer]:
    with app.db.transaction() as conn:
        return accept(conn, app.keys, app.brand.region, items, app.clock.now())


def gatherer_of_facts() -> Gatherer[object, Answer]:
    """The one behind the doors for facts."""
    return Gatherer(_accept)


def the_gatherer(request: Request) -> Gatherer[object, Answer]:
    """The gatherer of facts of this application."""
    gatherer: Gatherer[object, Answer] = request.app.state.gatherer
    return gatherer


def told(answers: Sequence[Answer]) -> Response:
    """The answers as their sender gets them."""
    said = [{"id": one.id, "status": one.status, "reason": one.reason[:]} for one in answers]
    return Response(_encode({"answers": said}), media_type="application/json")
