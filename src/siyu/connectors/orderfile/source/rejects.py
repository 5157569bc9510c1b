"""The file of rejected rows: for its owner only, and for a spreadsheet without danger.

Why a row is refused stands there in the language of the brand; the names of the columns that come
first stay as they are, since a file of rejected rows may be imported again.
"""

from __future__ import annotations

import csv
import fcntl
import os
import re
import stat
from collections.abc import Sequence
from pathlib import Path
from typing import IO, NoReturn, Self

from siyu.connectors.orderfile.source.files import REJECTS, Row
from siyu.kernel.errors import BadInput, Problem, Refused
from siyu.kernel.sentence import Language, Sentence, within

LONGEST_REASON = 300
_FORMULA = re.compile(r"[=+\-@\t\r]")  # what a spreadsheet would run
_NUMBER = re.compile(r"[+-]?[\d.,]+")


class Rejects:
    """Made with its first row, since most imports need none; written anew by each run."""

    def __init__(self, path: Path, source: Path, header: Sequence[str], language: Language) -> None:
        self.path = path
        self._language: Language = language
        self._source = source
        self._header = header
        self._file: IO[str] | None = None
        self.count = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self._file is not None:
            self._file.close()

    def add(self, row: Row, problem: Problem) -> None:
        """A row with its line, the column that is wrong and why."""
        if self._file is None:
            self._file = self._open()
            csv.writer(self._file).writerow([*REJECTS, *map(_harmless, self._header)])
        why = within(self._language, problem.why)[:LONGEST_REASON]
        told = [row.line, _harmless(problem.where), _harmless(why), *map(_harmless, row.cells)]
        csv.writer(self._file).writerow(told)
        self.count += 1

    def keep(self) -> None:
        """On disk before the import counts as finished."""
        if self._file is not None:
            self._file.flush()
            os.fsync(self._file.fileno())

    def _open(self) -> IO[str]:
        # Emptied only once it is known to be a file, and nobody else's; a pipe is not waited for.
        flags = os.O_WRONLY | os.O_CREAT | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
        try:
            descriptor = os.open(self.path, flags, 0o600)
        except OSError as error:
            self._refuse(error.strerror or "no reason given")
        try:
            found = os.fstat(descriptor)
            if not stat.S_ISREG(found.st_mode):
                self._refuse("it is no file")
            if os.path.samestat(found, self._source.stat()):
                self._refuse("it is the file that is imported")
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                raise Refused(
                    Sentence(
                        f"Another import is writing {self.path} now.",
                        f"另一次导入正在写 {self.path}。",
                    )
                ) from None
            os.fchmod(descriptor, 0o600)
            os.ftruncate(descriptor, 0)
        except BaseException:
            os.close(descriptor)
            raise
        return os.fdopen(descriptor, "w", encoding="utf-8", errors="backslashreplace", newline="")

    def _refuse(self, why: str) -> NoReturn:
        raise BadInput(
            Sentence(
                f"Some rows can't be used, and {self.path} can't be written ({why}):"
                " name another file with --rejects. Importing again does no harm.",
                f"有些行不能用，而 {self.path} 写不进去（{why}）：请用 --rejects 指明另一个文件。"
                "重新导入没有害处。",
            )
        ) from None


def _harmless(cell: str) -> str:
    """The cell as it was, marked as text where a spreadsheet would take it for a formula."""
    if _FORMULA.match(cell) and not _NUMBER.fullmatch(cell):
        return f"'{cell}"
    return cell
