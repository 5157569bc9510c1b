"""`siyu brief`: the morning's brief to head office."""

from __future__ import annotations

from typing import Annotated

import msgspec
import typer

from siyu.app import App, Told
from siyu.cli.reports import day_of
from siyu.cli.screen import Home, Json, answer, joined, local, opened, say, spoken
from siyu.connections.views import pulls
from siyu.events.model import OURS
from siyu.kernel.sentence import Sentence


def brief(
    day: Annotated[str, typer.Option(help="What happened on this day; default: yesterday.")] = "",
    home: Home = None,
    json: Json = False,
) -> None:
    """The morning's brief to head office, as it was told or would be now, and who is told."""
    with spoken(json=json), opened(home) as siyu:
        found = siyu.brief(day_of(day, "--day"))
        with siyu.db.transaction() as conn:
            errors = {(one.connector, one.name): one.error for one in pulls(conn)}
        error = errors.get((OURS, "brief"), "")
        value = {**msgspec.to_builtins(found), "error": error}
        answer(value, json=json, show=lambda _: _show_brief(siyu, found, error))


def _show_brief(siyu: App, found: Told, error: str) -> None:
    say(found.title)
    say(found.words)
    if found.url:
        say(found.url)
    nobody = Sentence("nobody: set brief_to, or give somebody the role operator or owner",
                      "无人：请设置 brief_to，或给某人 operator 或 owner 角色")  # fmt: skip
    to = joined(found.to) if found.to else nobody
    say()
    if found.at is None:
        say(Sentence(f"Not told yet. To be told: {to}.", f"尚未发送。将发送给：{to.zh}。"))
    else:
        at = f"{found.at.astimezone(local(siyu)):%Y-%m-%d %H:%M}"
        say(Sentence(f"Told at {at}: {to}.", f"{at} 已发送给：{to.zh}。"))
    if found.lost:
        lost = ", ".join(found.lost)
        say(Sentence(f"Could not be told: {lost}.", f"未能送达：{lost}。"))
    if error:
        say(Sentence(f"Last error: {error}", f"最近错误：{error}"))
