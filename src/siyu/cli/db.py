"""Stopping an installation: its processes and its embedded database."""

from __future__ import annotations

import os
from pathlib import Path

from siyu.app import stop_database
from siyu.cli.screen import Home, Json, answer, many, meant, say, spoken
from siyu.kernel.sentence import Sentence
from siyu.settings import default_home


def stop(home: Home = None, json: Json = False) -> None:
    """Stop all processes of this home. Its embedded database, too; data stays."""
    where: Path = meant(home) or default_home(os.environ)
    with spoken(json=json):
        stopped = stop_database(where)
    found = {"home": str(where), "clients": stopped.clients, "server": stopped.server}

    def show(_: object) -> None:
        if not stopped.server and not stopped.clients:
            say(Sentence(f"Nothing was running in {where}.", f"{where} 里没有运行中的程序。"))
        else:
            ended = many(stopped.clients, "process", "个进程")
            state = Sentence("as it was", "状态未变")
            if stopped.server:
                state = Sentence("down", "已关闭")
            say(
                Sentence(
                    f"Stopped: {ended} ended, the database is {state}.",
                    f"已停止：{ended.zh}结束，数据库{state.zh}。",
                )
            )

    answer(found, json=json, show=show)
