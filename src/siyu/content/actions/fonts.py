"""Which font of this machine has Chinese in it: none is shipped, they are larger than all else."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from functools import lru_cache
from pathlib import Path
from time import monotonic
from typing import TYPE_CHECKING

from siyu.content.render.poster import Face

if TYPE_CHECKING:
    from PIL.ImageFont import FreeTypeFont

# Where systems keep fonts, and what those with Chinese are called, the best first.
FOLDERS = (
    "/usr/share/fonts", "/usr/local/share/fonts", "~/.local/share/fonts", "~/.fonts",
    "/System/Library/Fonts", "/Library/Fonts", "C:/Windows/Fonts",
)  # fmt: skip
NAMES = (
    "NotoSansCJK-Regular", "NotoSansCJKsc-Regular", "NotoSansSC-Regular", "SourceHanSansSC-Regular",
    "SourceHanSansCN-Regular", "PingFang", "msyh", "Hiragino Sans GB", "STHeiti Light",
    "wqy-zenhei", "wqy-microhei", "DroidSansFallbackFull", "DroidSansFallback", "simhei",
    "NotoSerifCJK-Regular",
)  # fmt: skip
ENDINGS = (".ttc", ".otf", ".ttf")
MOST_FACES = 40  # of one file
_MAINLAND = (" SC", " CN", "GB", "YaHei")  # of a file's faces, the one that writes as there


AGAIN = 60.0  # seconds after which one that was not there is looked for again


def face_of(named: str, moment: Callable[[], float] = monotonic) -> Face | None:
    """The font of this file, else the first on this machine that has Chinese in it; None: none."""
    return _looked_for(named, moment() // AGAIN)


def writes(named: str) -> bool:
    """Whether there is such a file, and Chinese in it."""
    return _face(Path(named).expanduser()) is not None


@lru_cache(4)
def _looked_for(named: str, when: float) -> Face | None:  # noqa: ARG001 - what it is kept by
    if named:
        with suppress(_NoChineseError):
            return _own(named)
    with suppress(_NoChineseError):
        return _systems()
    return None


class _NoChineseError(Exception):
    """There is no such font. That is not kept for good, as what is found is."""


@lru_cache(4)
def _own(named: str) -> Face:
    return _found([Path(named).expanduser()])


@lru_cache(1)
def _systems() -> Face:
    return _found(_known())


def _found(files: Iterable[Path]) -> Face:
    for file in files:
        if (face := _face(file)) is not None:
            return face
    raise _NoChineseError


def _known() -> Iterator[Path]:
    found: dict[str, Path] = {}
    for folder in FOLDERS:
        root = Path(folder).expanduser()
        if root.is_dir():
            for file in sorted(root.rglob("*")):
                if file.suffix.lower() in ENDINGS:
                    found.setdefault(file.stem.lower(), file)
    return (found[name.lower()] for name in NAMES if name.lower() in found)


def _face(file: Path) -> Face | None:
    """That of mainland China, where a file has several; None: it has no Chinese."""
    from PIL import ImageFont  # noqa: PLC0415 - what draws is large, and few draw

    faces: list[tuple[bool, int, str]] = []
    for index in range(MOST_FACES):
        try:
            font = ImageFont.truetype(str(file), 20, index=index)
        except OSError:
            break
        if _looks(font, "的") != _looks(font, "\U0010fffe"):  # which no font has
            name = " ".join(part or "" for part in font.getname())
            faces.append((not any(mark in name for mark in _MAINLAND), index, name))
    if not faces:
        return None
    _, index, name = min(faces)

    @lru_cache(32)
    def at(size: int) -> FreeTypeFont:
        return ImageFont.truetype(str(file), size, index=index)

    return Face(f"{file.name} {name}", at)


def _looks(font: FreeTypeFont, letter: str) -> bytes:
    from PIL import Image, ImageDraw  # noqa: PLC0415 - what draws is large, and few draw

    canvas = Image.new("L", (40, 40))
    ImageDraw.Draw(canvas).text((4, 4), letter, fill=255, font=font)
    return canvas.tobytes()
