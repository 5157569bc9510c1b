"""Whoever syncs may be killed at any moment."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

from tests.lake.told import Story, opened, same

from siyu.db.pool import Pool


def test_killed_anywhere_it_can_be_read_and_the_next_sync_is_exact(
    db: Pool, tmp_path: Path
) -> None:
    story = Story(db, tmp_path)
    story.paid("0", {"phone": "13800000000"})
    story.lake.sync()
    places = [
        "followed 1", "write_events 1", "write_table 1", "write_table 4", "write_table 6",
        "poured 3", "coming 1", "write 1", "to_disk 2", "replace 1", "taken 1", "sweep 2",
        "unlink 3", "together 1", *(f"after {moment / 100}" for moment in range(3, 33, 5)),
    ]  # fmt: skip
    process = subprocess.Popen(
        [sys.executable, Path(__file__).with_name("dying.py"), db.url, tmp_path],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    known, died = 1, dict[str, int]()
    with process as dying:
        assert dying.stdin is not None
        assert dying.stdout is not None
        for number, place in enumerate(places, 1):
            story.play("paid", f"{number}", {"phone": f"1380000000{number % 3}"})
            story.play("written", "touch", number % 3)
            dying.stdin.write(f"{place}\n")
            dying.stdin.flush()
            died[place] = os.waitstatus_to_exitcode(int(dying.stdout.readline()))
            with opened(story.lake) as duck:
                ((orders,),) = duck.rows("select count(*) from orders")
                ((touches,),) = duck.rows("select count(*) from touch")
            assert orders in (known, number + 1), place  # as it was, or as it is
            assert touches == orders - 1
            known = orders
        dying.stdin.close()
    assert set(died.values()) <= {-signal.SIGKILL, -signal.SIGALRM, 0}
    assert [place for place in places if died[place] == 0 and not place.startswith("after")] == []
    story.lake.sync()
    same(db, story.lake)
