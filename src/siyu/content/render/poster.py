"""A picture, and a picture with the QR code of a customer on it."""

from __future__ import annotations

from base64 import b64encode
from typing import NamedTuple

import segno

QUIET = 4  # modules of white around a code, as the standard asks
_FRAMES = frozenset({0xC0, 0xC1, 0xC2, 0xC3, 0xC5, 0xC6, 0xC7, 0xC9, 0xCA, 0xCB, 0xCD, 0xCE, 0xCF})


class Picture(NamedTuple):
    """What a file is, and its size in pixels."""

    ending: str
    width: int
    height: int

    @property
    def media_type(self) -> str:
        """As it is served."""
        return "image/png" if self.ending == "png" else "image/jpeg"


def picture(content: bytes) -> Picture | None:
    """A JPG or PNG by its own words, whatever it is called; None: neither."""
    if content.startswith(b"\x89PNG\r\n\x1a\n") and content[12:16] == b"IHDR":
        width, height = (int.from_bytes(content[at : at + 4], "big") for at in (16, 20))
        return Picture("png", width, height) if width and height else None
    return _jpeg(content) if content.startswith(b"\xff\xd8\xff") else None


def _jpeg(content: bytes) -> Picture | None:
    at = 2
    while at + 9 < len(content) and content[at] == 0xFF:
        if content[at + 1] in _FRAMES:
            height, width = (int.from_bytes(content[at + n : at + n + 2], "big") for n in (5, 7))
            return Picture("jpg", width, height) if width and height else None
        at += 2 + int.from_bytes(content[at + 2 : at + 4], "big")
    return None


def poster(content: bytes, qr: str, link: str) -> str:
    """An SVG: the picture, and on it the code of this link. `qr`: its left upper corner and its
    side, in parts of the picture ("0.7 0.8 0.2")."""
    found = picture(content)
    if found is None:
        raise ValueError("neither a JPG nor a PNG")
    x, y, size = (float(part) for part in qr.split())
    code = segno.make(link, error="m", micro=False)
    side = code.symbol_size(border=QUIET)[0]
    scale = size * found.width / side
    dark = "".join(
        f"M{column} {row}h1v1h-1z"
        for row, modules in enumerate(code.matrix_iter(border=QUIET))
        for column, module in enumerate(modules)
        if module
    )
    data = b64encode(content).decode()
    place = f"translate({x * found.width:.2f} {y * found.height:.2f}) scale({scale:.4f})"
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {found.width} {found.height}">'
        f'<image href="data:{found.media_type};base64,{data}" width="{found.width}" '
        f'height="{found.height}"/>'
        f'<g transform="{place}"><path d="M0 0h{side}v{side}H0z" fill="#fff"/>'
        f'<path d="{dark}" fill="#000"/></g></svg>'
    )
