"""Who changes a text says what it said before: a change by somebody else is never written over."""

from __future__ import annotations

from siyu.kernel.errors import Overtaken
from siyu.kernel.sentence import Sentence


def as_seen(code: str, now: str | None, before: str | None, after: str) -> None:
    """Refuse to keep `after` where `now`, what is kept of this code (null: nothing), is not what
    its writer has seen: `before`, empty for nothing, null where nobody asks."""
    if before is None or now is None or now in (before, after):
        return
    if not before:
        raise Overtaken(
            Sentence(
                f"There is {code!r} already, and nothing was saved: your text stays here. Take "
                f"another code, or look at what is kept.",
                f"已经有 {code!r}，这次没有保存，您写的还在：请换一个编码，或先看现有的内容。",
            )
        )
    raise Overtaken(
        Sentence(
            f"{code!r} was changed after you had opened it, and nothing was saved: your text stays "
            f"here. Look at what is kept now, or save yours over it.",
            f"您打开 {code!r} 之后，它又被改过。这次没有保存，您写的还在："
            f"请先看现在的内容，或以您的为准再保存。",
        )
    )
