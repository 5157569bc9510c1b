"""An order file as rows, however it is packed, encoded or broken; memory stays bounded."""

from __future__ import annotations

import csv
import gzip
import zlib
from collections import deque
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from hashlib import sha256
from pathlib import Path
from typing import IO, NamedTuple, cast

from siyu.kernel.errors import BadInput, Problem

LONGEST_LINE = 1_000_000  # bytes
LONGEST_RECORD = 50  # lines: a quote that never closes must not swallow the file
FINGERPRINT = 4_096
GZIP = b"\x1f\x8b"
BOM = b"\xef\xbb\xbf"
WIDE_BOMS = (b"\xff\xfe", b"\xfe\xff")
ENCODINGS = ("utf-8", "gb18030")
REJECTS = ["line", "field", "reason"]  # how a rejects file begins


class Scan(NamedTuple):
    """What one look through the whole file tells."""

    encoding: str
    lines: int
    fingerprint: str


class Row(NamedTuple):
    """A record: the line where it begins, its cells, and what keeps it from being one."""

    line: int
    cells: list[str]
    problem: Problem | None = None


def scan(path: Path) -> Scan:
    """Look through the file once: a broken archive is found before anything is imported.

    UTF-8 unless more of the lines that could tell read as GB18030 only: one damaged line does not
    turn a whole file into gibberish.
    """
    digest, left, lines = sha256(), FINGERPRINT, 0
    readable = dict.fromkeys(ENCODINGS, 0)
    with opened(path) as file:
        for raw in iter(lambda: file.readline(LONGEST_LINE), b""):
            if lines == 0 and raw.startswith(WIDE_BOMS):
                raise BadInput(f"{path.name} is saved as UTF-16; save it as CSV in UTF-8.")
            text = raw.removeprefix(BOM) if lines == 0 else raw
            digest.update(text[:left])
            left = max(left - len(text), 0)
            lines += 1
            if not text.isascii():
                for encoding in ENCODINGS:
                    if _reads(text, encoding):
                        readable[encoding] += 1
                        break
    if lines == 0:
        raise BadInput(f"{path.name} is empty.")
    encoding = max(ENCODINGS, key=lambda name: readable[name])
    return Scan(encoding, lines, digest.hexdigest()[:16])


def _reads(raw: bytes, encoding: str) -> bool:
    try:
        raw.decode(encoding)
    except UnicodeDecodeError:
        return False
    return True


@contextmanager
def opened(path: Path) -> Generator[IO[bytes]]:
    """The bytes of the file, unpacked where it is gzipped, whatever its name says."""
    try:
        with path.open("rb") as plain:
            packed = plain.read(2) == GZIP
            plain.seek(0)
            if not packed:
                yield plain
                return
            with gzip.GzipFile(fileobj=plain) as unpacked:
                yield cast("IO[bytes]", unpacked)
    except (EOFError, gzip.BadGzipFile, zlib.error):
        raise BadInput(f"{path.name} is a damaged gzip file; fetch it anew.") from None
    except IsADirectoryError:
        raise BadInput(f"{path} is a folder; name the file.") from None
    except FileNotFoundError:
        raise BadInput(f"There is no file {path}.") from None
    except PermissionError:
        raise BadInput(f"{path} may not be read by you.") from None


def rows(path: Path, encoding: str, delimiter: str = ",") -> Iterator[Row]:
    """All records, the header first; blank lines are left out."""
    with opened(path) as file:
        lines = _Lines(file, encoding)
        reader = csv.reader(lines, delimiter=delimiter, strict=True)
        while True:
            lines.begin()
            try:
                cells = next(reader)
            except StopIteration:
                return
            except (csv.Error, _Runaway):
                yield lines.broken()
                continue
            if lines.unreadable:
                why = f"can't be read as {encoding.upper()}"
                yield Row(lines.first, cells, Problem("", why))
            elif cells:
                yield Row(lines.first, cells)


class _Runaway(Exception):
    """A record goes on and on: somewhere a quote was not closed."""


class _Lines:
    """Lines of text, some of which can be taken back."""

    def __init__(self, file: IO[bytes], encoding: str) -> None:
        self._file = file
        self._encoding = encoding
        self._back: deque[str] = deque()
        self._taken: list[str] = []
        self._number = 0
        self.first = 1
        self.unreadable = False

    def begin(self) -> None:
        """A new record."""
        self._taken.clear()
        self.first = self._number + 1
        self.unreadable = False

    def broken(self) -> Row:
        """The record failed: its first line is lost, the others may be records of their own."""
        first, *rest = self._taken
        self._back.extendleft(reversed(rest))
        self._number -= len(rest)
        why = "the quotes don't match, or the line is too long"
        return Row(self.first, [first.strip()[:1_000]], Problem("", why))

    def __iter__(self) -> _Lines:
        return self

    def __next__(self) -> str:
        text = self._back.popleft() if self._back else self._read()
        self._number += 1
        self._taken.append(text)
        if len(self._taken) > LONGEST_RECORD or len(text) >= LONGEST_LINE:
            raise _Runaway
        if not text.isascii() and any("\udc80" <= letter <= "\udcff" for letter in text):
            self.unreadable = True
        return text

    def _read(self) -> str:
        raw = self._file.readline(LONGEST_LINE)
        if not raw:
            raise StopIteration
        if len(raw) == LONGEST_LINE and not raw.endswith(b"\n"):
            while (more := self._file.readline(LONGEST_LINE)) and not more.endswith(b"\n"):
                pass
            return " " * LONGEST_LINE
        if self._number == 0:
            raw = raw.removeprefix(BOM)
        return raw.decode(self._encoding, "surrogateescape")
