"""Ingest: the door through which every fact comes in. Plain Starlette and msgspec, for speed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any

import msgspec
from fastapi import APIRouter, Body
from pydantic import Field
from starlette.requests import Request
from starlette.responses import Response

from siyu.api.auth import TheApp, TheCaller, needs, the_app
from siyu.api.gather import the_gatherer, told
from siyu.api.pressure import the_gate
from siyu.api.words import Words
from siyu.app import App
from siyu.events import views
from siyu.events.actions import replay
from siyu.kernel import signature
from siyu.kernel.errors import BadInput, NotFound
from siyu.kernel.sentence import Sentence
from siyu.kernel.typed import form
from siyu.staff.actions import audit

MOST_PARKED = 500


class Envelope(msgspec.Struct):
    events: list[msgspec.Raw]


_envelope = msgspec.json.Decoder(Envelope)
_list = msgspec.json.Decoder(list[msgspec.Raw])


def items_of(body: bytes) -> list[msgspec.Raw]:
    """The single events of a body: a list, or an object with `events`."""
    try:
        items = _list.decode(body) if body.lstrip()[:1] == b"[" else _envelope.decode(body).events
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        said = form(str(error))
        raise BadInput(
            Sentence(
                f"the body is not the JSON that is expected: {said}",
                f"内容不是所需的 JSON：{said.zh}",
            )
        ) from None
    return items


# Written by hand, since this route is not FastAPI's.
OPENAPI: dict[str, Any] = {
    "tags": ["events"],
    "summary": "Tell what happened",
    "operationId": "ingest",
    "description": "Signed; at most 5,000 events (docs/reference/events.md). Durable.",
    "x-permission": "events.write",
    "parameters": [
        {"name": name, "in": "header", "required": True, "schema": {"type": "string"}}
        for name in (signature.TIMESTAMP, signature.SIGNATURE)
    ],
    "requestBody": {
        "required": True,
        "content": {
            "application/json": {
                "schema": {
                    "type": "object",
                    "required": ["events"],
                    "properties": {"events": {"type": "array", "items": {"type": "object"}}},
                }
            }
        },
    },
    "responses": {
        "200": {
            "description": "An answer per item, in order.",
            "content": {
                "application/json": {
                    "schema": {
                        "type": "object",
                        "properties": {
                            "answers": {
                                "type": "array",
                                "items": {
                                    "type": "object",
                                    "properties": {
                                        "id": {"type": "string"},
                                        "status": {"enum": ["accepted", "duplicate", "rejected"]},
                                        "reason": {"type": "string"},
                                    },
                                },
                            }
                        },
                    }
                }
            },
        },
        "400": {"description": "Not JSON, or not of this form."},
        "401": {"description": "The signature does not fit."},
        "413": {"description": "Too much at once."},
        "429": {"description": "Too much is under way; `Retry-After` says when to come again."},
    },
}


async def ingest(request: Request) -> Response:
    """`POST /api/v1/events`, signed. Answers per item: accepted, duplicate or rejected with why."""
    app = the_app(request)
    gate = the_gate(request)
    await gate.queue(app)
    with gate.holding(app) as held:
        body = await held.body(request)
        signature.verify(
            app.settings.ingest_secret,
            request.headers.get(signature.TIMESTAMP, ""),
            request.headers.get(signature.SIGNATURE, ""),
            body,
            app.clock.real(),
        )
        answers = await the_gatherer(request).store(app, items_of(body))
    app.wake()
    return told(answers)


router = APIRouter(tags=["events"])


@dataclass(frozen=True)
class Parked:
    """An event whose apply failed, and why; `source_id` is what its sender calls it."""

    id: str
    kind: str
    source: str
    source_id: str
    occurred_at: datetime
    error: str
    parked_at: datetime


@dataclass(frozen=True)
class AllParked:
    parked: list[Parked]


@dataclass(frozen=True)
class Replay:
    """Which parked events go back into the queue: these, or null: all."""

    by: Words = ""
    events: Annotated[list[Words], Field(max_length=MOST_PARKED)] | None = None


@dataclass(frozen=True)
class Replayed:
    """`replayed` went back into the queue; those that fail again are parked again."""

    replayed: int


@router.get("/events/parked", **needs("events.read"))
def parked(app: TheApp) -> AllParked:
    """Events whose apply failed: what they are, why, since when. Nothing else waits for them."""
    with app.db.transaction() as conn:
        rows = views.parked(conn, MOST_PARKED)
    found = [
        Parked(
            app.ids.encode("evt", row.id),
            row.kind,
            row.source,
            row.source_id,
            row.occurred_at,
            row.error,
            row.parked_at,
        )
        for row in rows
    ]
    return AllParked(found)


def _event(app: App, event: str) -> int:
    found = app.ids.decode("evt", event)
    if found is None:
        raise NotFound(
            Sentence(
                "This is no event of ours; an event looks like evt_…",
                "这不是我们的事件；事件的编号像 evt_…",
            )
        )
    return found


@router.post("/events/replay", **needs("events.write"))
def replay_parked(
    app: TheApp, caller: TheCaller, wanted: Annotated[Replay | None, Body()] = None
) -> Replayed:
    """Put parked events back into the queue, these or all of them; audited."""
    asked = wanted or Replay()
    return put_back(app, asked.events, caller.actor(asked.by or "api"))


def put_back(app: App, events: list[str] | None, by: str) -> Replayed:
    """Put these parked events, or all, back into the queue, and write down who did."""
    numbers = None if events is None else [_event(app, one) for one in events]
    with app.db.transaction() as conn:
        count = replay(conn, numbers)
        named = "all" if events is None else ", ".join(events)
        audit(conn, by, "events.replay", named[:500], f"{count} put back", app.clock.now())
    app.wake()
    return Replayed(count)
