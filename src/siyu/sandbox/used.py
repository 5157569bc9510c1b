"""A demonstration has a home of its own."""

from __future__ import annotations

from pathlib import Path

from siyu.app import App
from siyu.kernel.errors import NotFound, Refused
from siyu.kernel.sentence import Sentence
from siyu.staff.views import brand as installed_brand


def refuse_used(app: App, home: Path) -> None:
    """A demonstration never mixes with what is there: neither a brand's data nor an earlier one."""
    with app.db.transaction() as conn:
        try:
            found = installed_brand(conn)
        except NotFound:
            return
    raise Refused(
        Sentence(
            f"{home} holds the data of {found.name} already; a demo needs a home of its own."
            " Choose another --home, or leave --home away to begin the demo's own home anew.",
            f"{home} 里已有 {found.name} 的数据；演示需要自己的目录。"
            "请换一个 --home，或不写 --home，重新开始演示自己的目录。",
        )
    )
