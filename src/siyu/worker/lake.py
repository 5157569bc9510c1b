"""The lake is brought up to date by the clock on the wall, behind all else."""

from __future__ import annotations

import os
import threading
import time
from contextlib import suppress
from datetime import datetime

from siyu.app import App
from siyu.worker.lanes import Done, Job

LAST = 19  # the kernel gives others the cores first


def job(app: App) -> Job:
    """Not at the beginning: a process that lives for moments only has no need of it."""
    every = 60.0 * app.settings.lake_every

    def bring(_: datetime) -> Done:
        with suppress(OSError, AttributeError):  # this thread, and those that its engine makes
            os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), LAST)
        synced = app.lake.brought()
        return Done(sum(synced.rows.values()) if synced else 0)

    return Job("lake", bring, every, rest_until=time.monotonic() + every)
