"""kill -9 between lease and record: in doubt, asked for, and no phone rings twice."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from siyu.outbox.decide import LEASE
from siyu.outbox.model import Asked, Found, Message, Result, Stopped

House = Any

# A worker whose provider takes the texts (or not) and then never answers.
WORKER = """
import sys
from datetime import datetime
from pathlib import Path
from siyu.db.pool import Pool
from siyu.kernel.ids import PublicIds
from siyu.kernel.time import zone
from siyu.outbox import sweep
from siyu.outbox.model import Context
from siyu.vault.model import Keys

url, phone, now, takes = sys.argv[1:]

class Stuck:
    def send(self, messages):
        if takes == "takes":
            with Path(phone).open("a") as file:
                file.writelines(f"{message.token}\\n" for message in messages)
        print(len(messages), flush=True)
        sys.stdin.read()  # until it is killed

keys = Keys(b"m" * 32, b"l" * 32)
ids = PublicIds(b"p" * 32)
ctx = Context(keys, ids, "https://l.example/{state}", zone("Asia/Shanghai"), "CNY", "花研")
at = datetime.fromisoformat(now)
sweep.send(Pool(url), {"sms": Stuck()}, ctx, at, at)
"""


class Phone:
    """The provider after the restart: it knows by its tokens what it took."""

    def __init__(self, file: Path) -> None:
        self.file = file

    @property
    def texts(self) -> list[str]:
        return self.file.read_text().splitlines()

    def send(self, messages: Sequence[Message]) -> list[Result]:
        with self.file.open("a") as file:
            file.writelines(f"{message.token}\n" for message in messages)
        return [Result(message.token, "accepted") for message in messages]

    def cancel(self, asked: Sequence[Asked]) -> list[Stopped]:
        return [Stopped(one.token) for one in asked][:0]

    def reconcile(self, asked: Sequence[Asked]) -> list[Found]:
        tokens = [one.token for one in asked]
        took = set(self.texts)
        return [Found(token, "accepted" if token in took else "absent") for token in tokens]


@pytest.mark.parametrize("takes", ["takes", "loses"])
def test_a_worker_killed_between_lease_and_record_sends_nobody_two_texts(
    house: House, tmp_path: Path, takes: str
) -> None:
    touches = house.owed(3)
    phone = Phone(tmp_path / "phone")
    phone.file.touch()
    words = [sys.executable, "-c", WORKER, house.db.url, str(phone.file), house.now.isoformat()]
    pipe = subprocess.PIPE
    with subprocess.Popen([*words, takes], stdin=pipe, stdout=pipe, text=True) as worker:
        assert worker.stdout is not None
        assert worker.stdout.readline() == "3\n"
        worker.kill()
    assert {house.touch(touch).state for touch in touches} == {"leased"}

    house.channels = {"sms": phone}
    house.send()  # restarted at once: the lease still runs, nothing is sent again
    assert {house.touch(touch).state for touch in touches} == {"leased"}
    assert house.reclaim() == 0
    assert house.reclaim(house.clock.real() + LEASE + timedelta(minutes=1)) == 3
    assert {house.touch(touch).state for touch in touches} == {"unknown"}
    house.reconcile()
    house.send()

    assert {house.touch(touch).state for touch in touches} == {"sent"}
    assert sorted(phone.texts) == sorted(house.token(touch) for touch in touches)
    assert house.spent() == 3 * 5
