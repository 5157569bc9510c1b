"""Pictures and videos, as WeCom takes them: what they are, and whether they are too big. Pure."""

from __future__ import annotations

from datetime import timedelta
from typing import Literal, NamedTuple

from siyu.kernel.sentence import Sentence

Kind = Literal["image", "video"]
MB = 1 << 20
SMALLEST = 5  # bytes: more than that
MOST_VIDEO = 10  # MB
LIFE = timedelta(days=3) - timedelta(hours=1)  # of what was handed over, as far as we count on it


class Sort(NamedTuple):
    """What a file is."""

    kind: Kind
    name: str
    media_type: str


_JPG = Sort("image", "picture.jpg", "image/jpeg")
_PNG = Sort("image", "picture.png", "image/png")
_MP4 = Sort("video", "video.mp4", "video/mp4")


def sort(content: bytes) -> Sort | None:
    """By its first bytes; None: nothing that WeCom takes.

    >>> sort(b"\\xff\\xd8\\xff\\xe0 and so on").kind, sort(b"GIF89a")
    ('image', None)
    """
    if content.startswith(b"\xff\xd8\xff"):
        return _JPG
    if content.startswith(b"\x89PNG\r\n\x1a\n"):
        return _PNG
    return _MP4 if content[4:8] == b"ftyp" else None


def looked_at(content: bytes, picture_mb: int) -> Sort | Sentence:
    """What it is, or why WeCom would not take it; pixels and seconds are not looked at."""
    if len(content) <= SMALLEST:
        return Sentence("the file is empty", "文件是空的")
    found = sort(content)
    if found is None:
        return Sentence(
            "only JPG and PNG pictures and MP4 videos are taken", "只支持 JPG、PNG 图片和 MP4 视频"
        )
    most = picture_mb if found.kind == "image" else MOST_VIDEO
    if len(content) > most * MB:
        return Sentence(f"the file has more than {most} MB", f"文件超过 {most} MB")
    return found
