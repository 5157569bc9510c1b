"""An order file as rows, however it is packed, encoded or broken; memory stays bounded."""

from __future__ import annotations

import csv
import gzip
import os
import re
import stat
import zlib
from collections import deque
from collections.abc import Callable, Generator, Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from typing import IO, NamedTuple, cast

from siyu.kernel.errors import BadInput, Problem
from siyu.kernel.sentence import Sentence

LONGEST_LINE = 1_000_000  # bytes
LONGEST_RECORD = 50  # lines: a quote that never closes must not swallow the file
FREELY_UNPACKED = 256 << 20  # bytes; of more than this a gzip file may not be a mere hundredth
PACKED_AT_BEST = 100
FINGERPRINT = 4_096
GZIP = b"\x1f\x8b"
BOM = b"\xef\xbb\xbf"
WIDE_BOMS = (b"\xff\xfe", b"\xfe\xff")
ENCODINGS = ("utf-8", "gb18030")
_DAMAGED = re.compile("[\udc80-\udcff]")  # bytes that could not be read
REJECTS = ["line", "field", "reason"]  # how a rejects file begins


def exported_at(path: Path) -> datetime:
    """When it was exported: back offices write it into the name of the file; else when the file
    was written."""
    for pattern, read in _STAMPS:
        found = pattern.search(path.name)
        with suppress(ValueError, OverflowError, OSError):
            if found is not None:
                return read(found[1])
    return datetime.fromtimestamp(path.stat().st_mtime, UTC)


def stamp_of(path: Path) -> tuple[int, ...]:
    """Changes when somebody writes to the file."""
    found = path.stat()
    return found.st_ino, found.st_size, found.st_mtime_ns


def _of_seconds(text: str) -> datetime:
    return datetime.fromtimestamp(int(text), UTC)


def _of_day(text: str) -> datetime:
    return datetime.strptime(text, "%Y%m%d").replace(tzinfo=UTC)


_STAMPS: tuple[tuple[re.Pattern[str], Callable[[str], datetime]], ...] = (
    (re.compile(r"(?<!\d)(1[6-9]\d{8})(?:\d{3})?(?!\d)"), _of_seconds),
    (re.compile(r"(?<!\d)(20[2-9]\d[01]\d[0-3]\d)"), _of_day),
)


class Scan(NamedTuple):
    """What one look through the file tells. `fingerprint` is of its start, `digest` of all."""

    encoding: str
    lines: int
    fingerprint: str
    digest: str


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
    start, whole, size, lines = sha256(), sha256(), 0, 0
    readable = dict.fromkeys(ENCODINGS, 0)
    with opened(path) as file:
        for raw in iter(lambda: file.readline(LONGEST_LINE), b""):
            if lines == 0:
                _refuse_wide(path, raw)
            text = raw.removeprefix(BOM) if lines == 0 else raw
            start.update(text[: max(FINGERPRINT - size, 0)])
            whole.update(text)
            size += len(text)
            lines += 1
            if size > FREELY_UNPACKED and size > path.stat().st_size * PACKED_AT_BEST:
                raise BadInput(
                    Sentence(
                        f"{path.name} unpacks to more than {PACKED_AT_BEST} times its size: that "
                        "is no"
                        " order file. If it is one, unpack it yourself and import that.",
                        f"{path.name} 解开后超过原来的 {PACKED_AT_BEST} 倍：这不是订单文件。"
                        "如果确实是，请自行解压后导入。",
                    )
                )
            if not text.isascii():
                for encoding in ENCODINGS:
                    if _reads(text, encoding):
                        readable[encoding] += 1
                        break
    if lines == 0:
        raise BadInput(Sentence(f"{path.name} is empty.", f"{path.name} 是空的。"))
    encoding = max(ENCODINGS, key=lambda name: readable[name])
    return Scan(encoding, lines, start.hexdigest()[:16], whole.hexdigest())


def _refuse_wide(path: Path, start: bytes) -> None:
    """UTF-16 and UTF-32: by their mark, or by the zeros beside every letter."""
    if start.startswith(WIDE_BOMS) or start.count(0) * 3 > len(start):
        raise BadInput(
            Sentence(
                f"{path.name} is saved as UTF-16 or UTF-32; save it as CSV in UTF-8.",
                f"{path.name} 是 UTF-16 或 UTF-32 编码；请存为 UTF-8 的 CSV。",
            )
        )


def _reads(raw: bytes, encoding: str) -> bool:
    try:
        raw.decode(encoding)
    except UnicodeDecodeError:
        return False
    return True


@contextmanager
def opened(path: Path) -> Generator[IO[bytes]]:
    """The bytes of the file, unpacked where it is gzipped, whatever its name says."""
    with plain(path) as file:
        packed = file.read(2) == GZIP
        file.seek(0)
        if not packed:
            yield file
            return
        try:
            with gzip.GzipFile(fileobj=file) as unpacked:
                yield cast("IO[bytes]", unpacked)
        except (EOFError, gzip.BadGzipFile, zlib.error):
            raise BadInput(
                Sentence(
                    f"{path.name} is a damaged gzip file; fetch it anew.",
                    f"{path.name} 是损坏的 gzip 文件；请重新取得。",
                )
            ) from None


@contextmanager
def plain(path: Path) -> Generator[IO[bytes]]:
    """The bytes as they lie there. A folder, a pipe or a device is refused, not waited for."""
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    except FileNotFoundError:
        raise BadInput(Sentence(f"There is no file {path}.", f"没有文件 {path}。")) from None
    except PermissionError:
        raise BadInput(
            Sentence(f"{path} may not be read by you.", f"您无权读取 {path}。")
        ) from None
    except (OSError, ValueError) as error:
        raise BadInput(
            Sentence(
                f"{path} can't be opened: {getattr(error, 'strerror', error)}.",
                f"{path} 打不开：{getattr(error, 'strerror', error)}。",
            )
        ) from None
    kind = os.fstat(descriptor).st_mode
    if not stat.S_ISREG(kind):
        os.close(descriptor)
        if stat.S_ISDIR(kind):
            raise BadInput(
                Sentence(f"{path} is a folder; name the file.", f"{path} 是文件夹；请指明文件。")
            )
        raise BadInput(
            Sentence(
                f"{path} is a pipe or a device: it is read twice, so save it first.",
                f"{path} 是管道或设备：要读两遍，请先保存成文件。",
            )
        )
    with os.fdopen(descriptor, "rb") as file:
        yield file


def rows(path: Path, encoding: str, delimiter: str = ",") -> Iterator[Row]:
    """All records, the header first; blank lines, and those of commas only, are left out."""
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
            if lines.damage:
                yield Row(lines.first, cells, Problem("", lines.damage))
            elif any(cells):
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
        self._size = 0
        self.first = 1
        self.damage = ""

    def begin(self) -> None:
        """A new record."""
        self._taken.clear()
        self._size = 0
        self.first = self._number + 1
        self.damage = ""

    def broken(self) -> Row:
        """The record failed: its first line is lost, the others may be records of their own."""
        first, *rest = self._taken
        self._back.extendleft(reversed(rest))
        self._number -= len(rest)
        why = Sentence(
            "the quotes don't match, or the line is too long", "引号不成对，或这一行太长"
        )
        return Row(self.first, [first.strip()[:1_000]], Problem("", why))

    def __iter__(self) -> _Lines:
        return self

    def __next__(self) -> str:
        text = self._back.popleft() if self._back else self._read()
        self._number += 1
        self._taken.append(text)
        self._size += len(text)
        if len(self._taken) > LONGEST_RECORD or self._size >= LONGEST_LINE:
            raise _Runaway
        if "\0" in text:
            self.damage = Sentence(
                "holds a NUL character: the file is damaged there",
                "含有 NUL 字符：文件在这里损坏了",
            )
        elif not text.isascii() and _DAMAGED.search(text):
            name = self._encoding.upper()
            self.damage = Sentence(f"can't be read as {name}", f"不能按 {name} 读取")
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
