"""A process that syncs a lake and is killed meanwhile, again and again: `dying.py URL FOLDER`.

Each line that it reads is where the next one dies: `write_table 3` at the third call of that name,
`after 0.05` so many seconds later, `never`. It answers with the status of the process.
"""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from siyu.db.clock import RealClock
from siyu.db.pool import Pool
from siyu.lake import export, files, news, writing
from siyu.lake.engine import Duck
from siyu.lake.lake import Lake

PLACES: dict[str, tuple[Any, str]] = {
    "followed": (news, "followed"),
    "write_events": (Duck, "write_events"),
    "write_table": (Duck, "write_table"),
    "poured": (writing, "_poured"),
    "together": (Duck, "together"),
    "coming": (news, "coming"),
    "write": (files, "write"),
    "to_disk": (files, "_to_disk"),
    "replace": (Path, "replace"),
    "taken": (news, "taken"),
    "sweep": (files, "sweep"),
    "unlink": (Path, "unlink"),
}


def main() -> None:
    """One process for each line."""
    url, folder = sys.argv[1:]
    for line in sys.stdin:
        place, how = line.split()
        child = os.fork()
        if child == 0:
            _sync(url, Path(folder), place, float(how))
            os._exit(0)
        _, status = os.waitpid(child, 0)
        print(status, flush=True)


def _sync(url: str, folder: Path, place: str, how: float) -> None:
    export.MOST_FILES = 2
    if place == "after":
        signal.setitimer(signal.ITIMER_REAL, how)  # nobody handles it: the kernel ends the process
    elif place in PLACES:
        of, name = PLACES[place]
        setattr(of, name, _dying(getattr(of, name), int(how)))
    db = Pool(url)
    Lake(db, folder, RealClock()).sync()
    db.close()


def _dying(real: Callable[..., Any], call: int) -> Callable[..., Any]:
    left = [call]

    def called(*given: Any, **named: Any) -> Any:
        left[0] -= 1
        if left[0] == 0:
            os.kill(os.getpid(), signal.SIGKILL)
        return real(*given, **named)

    return called


if __name__ == "__main__":
    main()
