"""`POST /hooks/<connector>/…`: what a vendor tells us; the connector verifies and decodes it."""

from __future__ import annotations

from urllib.parse import unquote

from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from siyu.api.auth import the_app
from siyu.api.events import OPENAPI as INGEST
from siyu.api.gather import the_gatherer, told
from siyu.api.pressure import the_gate
from siyu.app import App, Called, Heard
from siyu.connections import actions as connections
from siyu.kernel.errors import NotFound
from siyu.kernel.sentence import Sentence

OPENAPI = {
    **INGEST,
    "tags": ["hooks"],
    "summary": "Report what became of touches",
    "operationId": "receipts",
    "description": "What a vendor posts to us; the form and the signature are the connector's own.",
    "parameters": [
        {"name": "connector", "in": "path", "required": True, "schema": {"type": "string"}},
        *INGEST["parameters"],
    ],
    "requestBody": {
        "required": True,
        "content": {"application/json": {"schema": {"type": "array", "items": {"type": "object"}}}},
    },
}


async def receive(request: Request) -> Response:
    """What a vendor says, signed its way. It is answered when what it said is on the disk: as the
    vendor wants to be answered, or with an answer per item."""
    app = the_app(request)
    name = request.path_params["connector"]
    connected = app.connections.every.get(name)
    if connected is None or connected.manifest.receive is None:
        raise NotFound(Sentence(f"there is no connector {name!r} here", f"这里没有连接器 {name!r}"))
    if request.method not in connected.manifest.methods:
        allowed = ", ".join(connected.manifest.methods)
        raise HTTPException(405, headers={"Allow": allowed})
    # However long the queue is: a vendor's few receipts may never be told a second time.
    with the_gate(request).holding(app) as held:
        body = b"" if request.method == "GET" else await held.body(request)
        called = Called(
            request.method,
            request.path_params["rest"],
            _query(request.url.query),
            request.headers,
            body,
            app.clock.now(),
            app.clock.real(),
        )
        heard = await run_in_threadpool(connected.hear, called)
        answers = await the_gatherer(request).store(app, heard.events) if heard.events else []
        if heard.due:
            await run_in_threadpool(_wake, app, name, heard)
    if heard.events or heard.due:
        app.wake()
    reply = heard.say(answers) if heard.say is not None else heard.reply
    if reply is None:
        return told(answers)
    return Response(reply.body, reply.status, media_type=reply.media_type)


def _wake(app: App, name: str, heard: Heard) -> None:
    with app.db.transaction() as conn:
        connections.wake(conn, name, heard.due, app.clock.now())


def _query(text: str) -> dict[str, str]:
    """Percent-decoded only: a plus sign stays one, since vendors send base64 in here.

    >>> _query("echostr=a+b%2B%3D&nonce=1")
    {'echostr': 'a+b+=', 'nonce': '1'}
    """
    pairs = (part.partition("=") for part in text.split("&") if part)
    return {unquote(key): unquote(value) for key, _, value in pairs}
