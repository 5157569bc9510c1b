"""A picture, and a picture with the QR code of a customer on it."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Callable, Mapping
from functools import lru_cache
from hashlib import blake2b
from typing import TYPE_CHECKING, NamedTuple

import segno

from siyu.content.model import OWN_LINK, Material

if TYPE_CHECKING:
    from PIL.ImageFont import FreeTypeFont

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
    side, in parts of the picture ("0.7 0.8 0.2"). Never beyond its edges."""
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
    top = max(min(y * found.height, found.height - size * found.width), 0)
    place = f"translate({x * found.width:.2f} {top:.2f}) scale({scale:.4f})"
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {found.width} {found.height}">'
        f'<image href="data:{found.media_type};base64,{data}" width="{found.width}" '
        f'height="{found.height}"/>'
        f'<g transform="{place}"><path d="M0 0h{side}v{side}H0z" fill="#fff"/>'
        f'<path d="{dark}" fill="#000"/></g></svg>'
    )


MOST_PIXELS = 30_000_000  # of a picture that is drawn on
TALLEST = 3  # heights of a picture in its widths
# By versions of a QR code from 1 on, the bytes that it holds with a quarter of them to spare (M).
_HOLDS = (14, 26, 42, 62, 84, 106, 122, 152, 180, 213, 251, 287, 331, 362, 412, 450, 504, 560,
          624, 666)  # fmt: skip
WIDTH = 1_080  # pixels of a poster as it is sent
FINEST = 3  # pixels of a module of its code
PLAIN_CODE = 460  # pixels of the code of one without a picture


class Face(NamedTuple):
    """A font with Chinese in it: what it is called, and itself in a size."""

    name: str
    at: Callable[[int], FreeTypeFont]


class Poster(NamedTuple):
    """What a poster is drawn from. `brand` stands under its words; `face`: None where this machine
    has no font for them."""

    form: Mapping[str, str]
    picture: bytes
    brand: str
    link: str
    face: Face | None

    @property
    def name(self) -> str:
        """The same for what looks the same."""
        said = [part for pair in sorted(self.form.items()) for part in pair]
        parts = [*said, self.brand, self.link, self.face.name if self.face else ""]
        whole = blake2b(digest_of(self.picture), digest_size=16)
        for part in parts:
            whole.update(f"{len(part)} {part}".encode())
        return whole.hexdigest()

    @property
    def worded(self) -> bool:
        """Whether there are words to be drawn."""
        return bool(self.form.get("heading") or self.form.get("benefit"))

    @property
    def side(self) -> int:
        """Of its code, in pixels."""
        told = self.form.get("qr") if self.picture else ""
        return int(float(told.split()[2]) * WIDTH) if told else PLAIN_CODE

    def unfit(self) -> str:
        """Why it can't be drawn, as a reason of touches; '': it can."""
        if not self.picture:
            fine = bool(self.link) and readable(self.link, self.side)
            return ("" if fine else "no_poster") if self.face else "no_font"
        found = picture(self.picture)
        if self.unprintable() or found is None or not readable(self.link, self.side):
            return "no_poster"
        large = found.width * found.height > MOST_PIXELS
        return "no_poster" if large or found.height > TALLEST * found.width else ""

    def unprintable(self) -> str:
        """Why there is nothing for a printer, for whom no code is too fine; '': there is."""
        found = picture(self.picture)
        if found is None or not self.link or not self.form.get("qr"):
            return "no_poster"
        return "no_poster" if self.side > round(found.height * WIDTH / found.width) else ""

    def __repr__(self) -> str:
        return f"Poster({self.name})"


@lru_cache(8)
def digest_of(content: bytes) -> bytes:
    """Of a picture, which everybody's poster has: made once."""
    return blake2b(content, digest_size=16).digest()


def readable(link: str, side: int) -> bool:
    """Whether the code of a link, drawn so large, can be read off a screen.

    >>> readable("https://s.example/l/a1b2c3d4e5f6g", 162), readable("https://a.example/" * 9, 162)
    (True, False)
    """
    long = len(link.encode())
    version = next((at for at, most in enumerate(_HOLDS, 1) if long <= most), None)
    return version is not None and side // (17 + 4 * version + 2 * QUIET) >= FINEST


def leads(material: Material, filled: Mapping[str, str]) -> str:
    """Where its code leads for whom these values are; '': nowhere."""
    if material.form.get("same_code"):
        return next((material.links[name] for name in sorted(material.links)), "")
    if OWN_LINK in material.variables:
        return filled.get(OWN_LINK, "")
    return next((filled.get(name) or material.links[name] for name in sorted(material.links)), "")
