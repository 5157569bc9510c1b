"""Which font of this machine has Chinese in it: none is shipped, they are larger than all else."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path

from PIL import Image, ImageDraw, ImageFont

from siyu.content.render.poster import Face

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


@lru_cache(4)
def face_of(named: str) -> Face | None:
    """The font of this file, else the first on this machine that has Chinese in it; None: none."""
    files = [Path(named).expanduser()] if named else _known()
    return next((face for file in files if (face := _face(file)) is not None), None)


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
    def at(size: int) -> ImageFont.FreeTypeFont:
        return ImageFont.truetype(str(file), size, index=index)

    return Face(f"{file.name} {name}", at)


def _looks(font: ImageFont.FreeTypeFont, letter: str) -> bytes:
    canvas = Image.new("L", (40, 40))
    ImageDraw.Draw(canvas).text((4, 4), letter, fill=255, font=font)
    return canvas.tobytes()
