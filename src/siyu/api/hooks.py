"""`POST /hooks/<connector>/…`: what a vendor tells us; the connector verifies and decodes it."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response

from siyu.api.auth import the_app
from siyu.api.events import OPENAPI as INGEST
from siyu.api.gather import the_gatherer, told
from siyu.api.pressure import the_gate
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
    """Receipts and other facts of a vendor, signed its way; an answer per item."""
    app = the_app(request)
    name = request.path_params["connector"]
    hook = app.hooks.get(name)
    if hook is None:
        raise NotFound(Sentence(f"there is no connector {name!r} here", f"这里没有连接器 {name!r}"))
    # However long the queue is: a vendor's few receipts may never be told a second time.
    with the_gate(request).holding(app) as held:
        items = hook(request.headers, await held.body(request), app.clock.real())
        answers = await the_gatherer(request).store(app, items)
    app.wake()
    return told(answers)
