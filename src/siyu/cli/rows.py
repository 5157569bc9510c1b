"""What of a file of rows could not be used: set aside beside the file, and told."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path

from siyu.api.sheets import Refused
from siyu.app import orderfile
from siyu.cli.screen import many, say, tongue
from siyu.kernel.sentence import Sentence

SHOWN = 20


def set_aside(
    file: Path,
    columns: Mapping[str, Sequence[str]],
    needed: Sequence[str],
    refused: Sequence[Refused],
) -> dict[str, object]:
    """Write them to FILE.rejects.csv, if there are any; as `--json` tells it."""
    path = None
    if refused:
        lines = orderfile.ListFile(file, columns, needed)
        path = lines.write_rejects({one.line: (one.field, one.why) for one in refused}, tongue())
    return {"refused": [asdict(one) for one in refused], "rejects": str(path or "")}


def line_of(one: Refused) -> Sentence:
    """A row that could not be used: its line, its field, and why."""
    return Sentence(
        f"line {one.line}: {one.field}: {one.why}", f"第 {one.line} 行，{one.field}：{one.why}"
    )


def tell(refused: Sequence[Refused], aside: Mapping[str, object]) -> None:
    """The first of them in words, and where all are."""
    for one in refused[:SHOWN]:
        say(
            Sentence(
                f"Line {one.line}, {one.field}: {one.why}",
                f"第 {one.line} 行，{one.field}：{one.why}",
            )
        )
    if aside["rejects"]:
        rows, why = many(len(refused), "row", "行"), aside["rejects"]
        say(Sentence(f"{rows} could not be used; why: {why}", f"{rows.zh}不能用；原因见：{why}"))
