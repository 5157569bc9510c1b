"""A real order file as a demonstration's shop."""

from __future__ import annotations

from datetime import date, datetime
from pathlib import Path

from siyu.app import App, brand_of, order_file
from siyu.kernel.errors import BadInput
from siyu.kernel.sentence import Sentence
from siyu.sandbox.demo import Replay
from siyu.worker.imports import import_file


def replay_of(path: Path, mapping: Path | None, start: date | None) -> Replay:
    """The orders of a file from a day on; what lies before is imported as history."""
    if start is None:
        raise BadInput(
            Sentence(
                "--orders needs --from: the first day of the file that is played.",
                "--orders 需要 --from：从文件的哪一天开始演示。",
            )
        )
    file = order_file(path, mapping)

    def history(app: App, until: datetime) -> int:
        target = app.settings.home / "rejects.csv"
        return import_file(app, file, lambda _: None, rejects=target, until=until).orders

    return Replay(brand_of(file), file.mapping.shop.code, file.events, start, history)
