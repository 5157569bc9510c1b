"""A sheet of an Excel workbook as rows: read once, by a process of its own that may not grow.

A workbook is a zip of XML (or, before 2007, a disk of its own) that must be in memory to be read,
and a small one can claim a million columns. So another process reads it, with a limit on its
memory, and writes the rows to a file that has no name: what it costs ends with it.
"""

from __future__ import annotations

import os
import resource
import subprocess
import sys
import tempfile
import zipfile
import zlib
from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from hashlib import sha256
from pathlib import Path
from typing import IO, Any, NamedTuple

import msgspec

from siyu.connectors.orderfile.config import ISO
from siyu.connectors.orderfile.source.files import FINGERPRINT, Row, Scan, plain
from siyu.kernel.errors import BadInput
from siyu.kernel.sentence import Sentence

ZIP = b"PK\x03\x04"
OLD = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"  # Excel until 2003
LARGEST = 1 << 30  # bytes, unpacked: five times a full sheet of short orders
FREELY_UNPACKED = 50 << 20  # bytes; of more than this a workbook may not be a mere hundredth
PACKED_AT_BEST = 100
MEMORY = 4 << 30  # bytes of address space of the process that reads
EXACT = 10**15  # Excel keeps 15 digits of a number

Cell = str | list[str]  # a list: a date, ISO 8601


class Told(NamedTuple):
    """What the reading process says at its end: the sheets, or what is wrong."""

    sheets: tuple[str, ...] = ()
    sheet: str = ""
    wrong: str = ""
    zh: str = ""


class Sheet:
    """The rows of one sheet, as often as they are asked for."""

    def __init__(self, rows: IO[bytes], told: Told) -> None:
        self._rows = os.dup(
            rows.fileno()
        )  # of a file without a name: gone with the last who has it
        self.names = told.sheets
        self.name = told.sheet
        self.scan = _scan(self._rows, told.sheet)

    def __del__(self) -> None:
        os.close(self._rows)

    def rows(self, times: str = ISO) -> Iterator[Row]:
        """All rows, the header first; blank ones are left out. Dates are written like `times`."""
        for number, cells in _records(self._rows):
            if any(cells):
                yield Row(number, [_text(cell, times) for cell in cells])


def is_excel(path: Path) -> bool:
    """By its first bytes, whatever its name says."""
    with plain(path) as file:
        return file.read(8).startswith((ZIP, OLD))


def read(path: Path, sheet: str | None) -> Sheet:
    """A sheet (the first one that is seen, unless named); BadInput says why it can't be read."""
    with tempfile.TemporaryFile(prefix="siyu-import-") as rows:
        with plain(path) as file:
            _refuse_bombs(path, file)
            told = _read_apart(path, file, rows, sheet)
        found = Sheet(rows, told)
    if told.wrong:
        raise BadInput(Sentence(told.wrong, told.zh))
    if found.scan.lines == 0:
        others = [name for name in told.sheets if name != told.sheet]
        hint = Sentence("", "")
        if others:
            names = ", ".join(others)
            hint = Sentence(
                f"; it also holds {names}: name one with --sheet",
                f"；还有 {names}：请用 --sheet 指明一个",
            )
        raise BadInput(
            Sentence(
                f"The sheet {told.sheet} of {path.name} is empty{hint}.",
                f"{path.name} 的工作表 {told.sheet} 是空的{hint.zh}。",
            )
        )
    return found


def _scan(rows: int, sheet: str) -> Scan:
    """By what the cells say, not by the file's bytes: saved again, it is the same import."""
    start, whole, size, last = sha256(), sha256(sheet.encode()), 0, 0
    encode = msgspec.msgpack.encode
    for number, cells in _records(rows):
        text = encode(cells)
        start.update(text[: max(FINGERPRINT - size, 0)])
        whole.update(text)
        size += len(text)
        last = number
    return Scan("excel", last, start.hexdigest()[:16], whole.hexdigest())


def _records(rows: int) -> Iterator[tuple[int, list[Cell]]]:
    decode = msgspec.msgpack.Decoder(tuple[int, list[Cell]]).decode
    at = 0
    while len(length := os.pread(rows, 4, at)) == 4:
        size = int.from_bytes(length, "big")
        yield decode(os.pread(rows, size, at + 4))
        at += 4 + size


def _text(cell: Cell, times: str) -> str:
    if isinstance(cell, str):
        return cell
    return cell[0] if times == ISO else datetime.fromisoformat(cell[0]).strftime(times)


def _refuse_bombs(path: Path, file: IO[bytes]) -> None:
    """Unpack it once, keeping nothing: sizes that a zip only claims are worth nothing."""
    packed = os.fstat(file.fileno()).st_size
    if file.read(8).startswith(OLD):
        if packed > LARGEST:
            raise BadInput(
                Sentence(
                    f"{path.name} is too large for Excel; save it as CSV.",
                    f"{path.name} 作为 Excel 太大；请存为 CSV。",
                )
            )
        return
    unpacked = 0
    try:
        with zipfile.ZipFile(file) as book:
            names = set(book.namelist())
            if "xl/workbook.xml" not in names:
                raise BadInput(
                    Sentence(
                        f"{path.name} is an archive and no Excel file; unpack it first.",
                        f"{path.name} 是压缩包，不是 Excel 文件；请先解压。",
                    )
                )
            for item in book.infolist():
                with book.open(item) as part:
                    while chunk := part.read(1 << 20):
                        unpacked += len(chunk)
                        _refuse_size(path, packed, unpacked)
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError, OSError):
        raise BadInput(
            Sentence(
                f"{path.name} is a damaged or locked Excel file; save it anew, without a password.",
                f"{path.name} 已损坏或被锁定；请不设密码重新保存。",
            )
        ) from None


def _refuse_size(path: Path, packed: int, unpacked: int) -> None:
    if unpacked > LARGEST:
        raise BadInput(
            Sentence(
                f"{path.name} unpacks to more than {LARGEST >> 30} GiB; save it as CSV.",
                f"{path.name} 解开后超过 {LARGEST >> 30} GiB；请存为 CSV。",
            )
        )
    if unpacked > FREELY_UNPACKED and unpacked > packed * PACKED_AT_BEST:
        raise BadInput(
            Sentence(
                f"{path.name} unpacks to more than {PACKED_AT_BEST} times its size: that is no "
                "order"
                " file. If it is one, save it as CSV.",
                f"{path.name} 解开后超过原来的 {PACKED_AT_BEST} 倍：这不是订单文件。如果确实是，"
                "请存为 CSV。",
            )
        )


# ── the process that reads ─────────────────────────────────────────────────────────────────────


def _read_apart(path: Path, file: IO[bytes], rows: IO[bytes], sheet: str | None) -> Told:
    command = [sys.executable, "-m", __name__, str(rows.fileno()), path.name]
    os.lseek(file.fileno(), 0, os.SEEK_SET)  # theirs is our place in it, not that of our buffer
    done = subprocess.run(  # noqa: S603 - this module, never through a shell
        command if sheet is None else [*command, sheet],
        stdin=file,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        pass_fds=[rows.fileno()],
        check=False,
    )
    if done.returncode == 0 and done.stdout:
        return msgspec.json.decode(done.stdout, type=Told)
    return _useless(
        Sentence(
            f"{path.name} can't be read: it is damaged, or its cells are spread too far to fit"
            f" into {MEMORY >> 30} GiB. Save the orders' sheet as CSV.",
            f"{path.name} 无法读取：已损坏，或单元格太分散，{MEMORY >> 30} GiB 装不下。"
            "请把订单的工作表存为 CSV。",
        )
    )


def _useless(why: Sentence) -> Told:
    return Told(wrong=why[:], zh=why.zh)


def _main(descriptor: int, name: str, sheet: str | None) -> Told:
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    from python_calamine import (  # noqa: PLC0415 - only here: nobody else needs it in memory
        CalamineError,
        CalamineWorkbook,
        PasswordError,
        SheetTypeEnum,
        SheetVisibleEnum,
    )

    try:
        with CalamineWorkbook.from_filelike(os.fdopen(0, "rb", closefd=False)) as book:
            known = [one.name for one in book.sheets_metadata if one.typ is SheetTypeEnum.WorkSheet]
            seen = [
                one.name
                for one in book.sheets_metadata
                if one.name in known and one.visible is SheetVisibleEnum.Visible
            ]
            chosen = sheet or next(iter(seen or known), "")
            if chosen not in known:
                listed = ", ".join(known) or "-"
                return _useless(
                    Sentence(
                        f"{name} has no sheet named {chosen}; its sheets: {listed}.",
                        f"{name} 没有叫 {chosen} 的工作表；现有：{listed}。",
                    )
                )
            found = book.get_sheet_by_name(chosen)
            with os.fdopen(descriptor, "wb", closefd=False) as file:
                for number, cells in enumerate(found.iter_rows(), start=1):
                    text = msgspec.msgpack.encode((number, [_cell(value) for value in cells]))
                    file.write(len(text).to_bytes(4, "big") + text)
            return Told(tuple(seen or known), chosen)
    except PasswordError:
        return _useless(
            Sentence(
                f"{name} is locked with a password; save it without one.",
                f"{name} 设有密码；请不设密码保存。",
            )
        )
    except (CalamineError, OSError, ValueError):
        return _useless(
            Sentence(
                f"{name} is a damaged Excel file; save it anew.",
                f"{name} 是损坏的 Excel 文件；请重新保存。",
            )
        )


def _cell(value: Any) -> Cell:
    """What a cell shows, as a CSV would say it."""
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, int | float):
        return _number(float(value))
    if isinstance(value, datetime):
        whole = value + timedelta(milliseconds=500)  # a day's fraction is seldom a whole second
        return [whole.isoformat(timespec="seconds")]
    if isinstance(value, date):
        return [value.isoformat()]
    return value.isoformat() if isinstance(value, time) else str(value)


def _number(value: float) -> str:
    """Without `.0`; a number that Excel has rounded looks like one that it has."""
    if abs(value) >= EXACT:
        return f"{value:.14E}"
    return str(int(value)) if value.is_integer() else repr(value)


if __name__ == "__main__":
    asked: list[str | None] = [*sys.argv[1:], None]
    answer = _main(int(str(asked[0])), str(asked[1]), asked[2])
    sys.stdout.buffer.write(msgspec.json.encode(answer))
