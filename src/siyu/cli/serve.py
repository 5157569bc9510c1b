"""`siyu serve`: API, workers and embedded database in one process."""

from __future__ import annotations

from typing import Annotated

import typer
import uvicorn

from siyu.api.http import make
from siyu.app import App
from siyu.cli.screen import Home, opened_with, say, spoken
from siyu.settings import Settings
from siyu.worker.worker import Worker


def serve(
    port: Annotated[int | None, typer.Option(help="Port of the API; 0: any free one.")] = None,
    host: Annotated[str | None, typer.Option(help="Address of the API.")] = None,
    home: Home = None,
) -> None:
    """Serve the API and work. Receive facts, walk journeys, send what is owed; Ctrl-C ends it."""
    with spoken(), opened_with(home=home, port=port, host=host) as app:
        app.brand  # noqa: B018 - refuses in words where no brand is set up yet
        run(app, app.settings)


def run(app: App, settings: Settings) -> None:
    """Serve until somebody stops it; the worker finishes its batch."""
    worker = Worker(app)
    config = uvicorn.Config(
        make(app),
        host=settings.host,
        port=settings.port,
        log_level=settings.log_level,
        access_log=False,
    )
    worker.start()
    say(f"Siyu serves at http://{settings.host}:{settings.port}/docs (API key: HOME/keys/api_key).")
    try:
        uvicorn.Server(config).run()
    finally:
        worker.stop()
