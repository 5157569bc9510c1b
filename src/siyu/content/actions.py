"""Install texts: all of a playbook, or none."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from siyu.content.check import check, twice
from siyu.content.model import Material
from siyu.kernel.errors import BadInput
from siyu.kernel.sentence import Sentence
from siyu.kernel.sql import Conn, load

SQL = load("siyu.content")


def install(conn: Conn, materials: Sequence[Material], playbook: str) -> None:
    """Make these known, each checked; BadInput lists every problem with its line."""
    problems = [problem for one in materials for problem in check(one).problems]
    problems += twice(materials)
    if problems:
        raise BadInput(
            Sentence("There are texts that can't be sent.", "有些文本不能发送。"), tuple(problems)
        )
    shelf = sorted(materials, key=lambda one: (one.code, one.locale))
    if not shelf:
        return
    conn.execute(
        SQL.install,
        {
            "codes": [one.code for one in shelf],
            "locales": [one.locale for one in shelf],
            "channels": [one.channel for one in shelf],
            "bodies": [one.body for one in shelf],
            "variables": [msgspec.json.encode(dict(one.variables)).decode() for one in shelf],
            "titles": [one.title for one in shelf],
            "playbook": playbook,
        },
    )
