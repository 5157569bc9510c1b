"""The console: a built single page and its parts, served beside the API that it asks."""

from __future__ import annotations

from pathlib import Path

from fastapi import FastAPI
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.middleware.gzip import GZipMiddleware
from starlette.requests import Request
from starlette.responses import FileResponse, HTMLResponse, Response
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles
from starlette.types import ASGIApp, Receive, Scope, Send

BUILT = Path(__file__).parent / "console"  # what `make web` makes; inside the wheel
# Never a page: an unknown one of these is a 404 for programs, not the console.
DOORS = (
    "/api/",
    "/a/",
    "/l/",
    "/p/",
    "/auth/",
    "/hooks/",
    "/metrics",
    "/healthz",
    "/docs",
    "/openapi.json",
)
FOREVER = "public, max-age=31536000, immutable"  # the name of a part changes with what is in it
# Ant Design puts its styles into the page; everything else is a file of ours, but for WeCom's QR
# codes, which are pictures at a host of theirs.
POLICY = (
    "default-src 'self'; style-src 'self' 'unsafe-inline'; "
    "img-src 'self' data: blob: https://*.qpic.cn; "
    "font-src 'self' data:; frame-ancestors 'none'; base-uri 'none'; form-action 'self'; "
    "object-src 'none'"
)
GUARDS = {
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=()",
}
NOT_BUILT = """<!doctype html><meta charset="utf-8"><title>Siyu</title>
<body style="font:16px/1.6 system-ui,sans-serif;max-width:40em;margin:4em auto;padding:0 1em">
<h1>控制台尚未构建 · The console is not built</h1>
<p>接口与引擎照常运行。在源码目录运行 <code>make web</code>，
然后刷新此页。需要 Node 20.19 以上。</p>
<p>API and engine run as usual. Run <code>make web</code> in the source folder, then reload.
It needs Node 20.19 or newer. The API is described at <a href="/docs">/docs</a>.</p>
"""


def built() -> bool:
    """Is there a console to serve?"""
    return (BUILT / "index.html").is_file()


def drawing() -> str | None:
    """The script that draws the charts of a report in a file by itself, where it is built."""
    path = BUILT / "report.js"
    return path.read_text("utf-8") if path.is_file() else None


class _Parts(StaticFiles):
    """Files whose names change with their content."""

    def file_response(self, *args: object, **kwargs: object) -> Response:
        answer = super().file_response(*args, **kwargs)  # type: ignore[arg-type] - as it is called
        answer.headers["Cache-Control"] = FOREVER
        answer.headers.update(GUARDS)
        return answer


def _page(request: Request) -> Response:
    """The one page, whatever its address: the browser finds out what to draw there."""
    if request.url.path == "/icon.svg":
        return FileResponse(BUILT / "icon.svg", headers=GUARDS)
    return FileResponse(BUILT / "index.html", headers={"Cache-Control": "no-cache", **GUARDS})


class Console:
    """Gives every address that is no door of the API to the console."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app
        self._pages = Starlette(
            routes=[
                Mount("/assets", _Parts(directory=BUILT / "assets", check_dir=False)),
                Route("/{path:path}", _page),
            ],
            middleware=[Middleware(GZipMiddleware, minimum_size=1000)],
        )

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["path"].startswith(DOORS):
            await self._app(scope, receive, send)
        elif built():
            await self._pages(scope, receive, send)
        else:
            await HTMLResponse(NOT_BUILT, 503, headers=GUARDS)(scope, receive, send)


def install(api: FastAPI) -> None:
    """Serve the console beside the API."""
    api.add_middleware(Console)
