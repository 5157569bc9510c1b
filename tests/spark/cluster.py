"""A real Spark cluster out of the PySpark wheel: one master and two workers, on loopback."""

from __future__ import annotations

import importlib.util
import os
import socket
import subprocess
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Thread
from typing import IO

PATIENCE = 120  # seconds for a process to come up, on a machine that has other work
CONF = """
spark.driver.host 127.0.0.1
spark.driver.bindAddress 127.0.0.1
spark.driver.memory 1g
spark.executor.memory {memory}
spark.cores.max 2
spark.sql.shuffle.partitions {parts}
spark.driver.extraJavaOptions {java}
spark.executor.extraJavaOptions {java}
"""
# A short life is half compiling what it does a few times: without, a query takes half as long.
SHORT = "-XX:TieredStopAtLevel=1"


@contextmanager
def cluster(
    folder: Path,
    *,
    memory: str = "512m",
    parts: int = 2,
    java: str = SHORT,
    environ: dict[str, str] | None = None,
) -> Iterator[str]:
    """Its master's URL. `environ`: where what this process's Spark must know is written."""
    spec = importlib.util.find_spec("pyspark")
    assert spec is not None
    assert spec.origin is not None
    home = Path(spec.origin).parent
    conf = folder / "conf"
    conf.mkdir()
    (conf / "spark-defaults.conf").write_text(CONF.format(memory=memory, parts=parts, java=java))
    said = {"SPARK_HOME": str(home), "SPARK_CONF_DIR": str(conf), "SPARK_LOCAL_IP": "127.0.0.1"}
    (os.environ if environ is None else environ).update(said)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    master = f"spark://127.0.0.1:{port}"
    run = str(home / "bin" / "spark-class"), "org.apache.spark.deploy"
    at = ("--host", "127.0.0.1", "--webui-port", "0")
    commands = [[run[0], f"{run[1]}.master.Master", *at, "--port", str(port)]]
    for number in (1, 2):
        room = ("--cores", "1", "--memory", "1g", "--work-dir", str(folder / f"worker-{number}"))
        commands.append([run[0], f"{run[1]}.worker.Worker", *at, *room, master])
    running: list[subprocess.Popen[str]] = []
    readers: list[Thread] = []
    try:
        for command, word in zip(
            commands, ("elected leader", *["registered with"] * 2), strict=True
        ):
            one = subprocess.Popen(
                ["timeout", "3000", *command],  # it ends, whatever becomes of us
                env={**os.environ, **said, "SPARK_DAEMON_MEMORY": "256m"},
                stderr=subprocess.PIPE,
                stdout=subprocess.DEVNULL,
                text=True,
            )
            running.append(one)
            readers.append(_until(one, word))
        yield master
    finally:
        for one in reversed(running):
            one.terminate()
        for one in running:
            one.wait(PATIENCE)
        for reader in readers:
            reader.join(PATIENCE)


def _until(one: subprocess.Popen[str], word: str) -> Thread:
    """Who reads what else it says, once it has said this."""
    assert one.stderr is not None
    seen: list[str] = []
    for line in one.stderr:
        seen.append(line)
        if word in line.lower():
            rest = Thread(target=_drained, args=(one.stderr,))
            rest.start()
            return rest
    raise AssertionError("".join(seen[-20:]))


def _drained(stream: IO[str]) -> None:
    with stream:
        deque(stream, 0)
