"""A poster as the picture that is sent: a PNG, with the code of a link on it.

Words stand on a band of one colour below a picture, never on the picture itself.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from functools import lru_cache
from io import BytesIO
from typing import NamedTuple

import segno
from PIL import Image, ImageColor, ImageDraw, ImageOps

from siyu.content.model import MOST_PICTURE
from siyu.content.render.poster import PLAIN_CODE, QUIET, WIDTH, Face, Poster

HEIGHT = 1_440  # of one without a picture
EDGE = 72  # pixels that stay free around words
ROOM = WIDTH - 2 * EDGE  # of a line
LIGHT = 1 << 20  # bytes: a picture that is heavier is sent in 254 colours
# Then in so many, until what WeCom takes is left, also with a code on it. The last are fewer than
# four bits of each pixel of the tallest: that is always enough.
COLOURS = (254, 62, 14)
HEAVIEST = MOST_PICTURE - (64 << 10)
LINES = 3
GAP = 1.3  # heights of a line from one to the next
# The largest and smallest size of each, and the step from one to the next.
_SIZES = {"heading": (96, 48, 8), "benefit": (60, 40, 4), "brand": (40, 28, 4)}
# What a line may be broken between: letters of Chinese, and words of everything else.
_CHINESE = r"\u2e80-\ud7ff\uf900-\ufaff\uff00-\uffef\U00020000-\U0003ffff"
_PIECES = re.compile(rf"[{_CHINESE}]|[^\s{_CHINESE}]+|\s")
_HANGING = frozenset("，。！？；：、）》」』】%,.!?;:)")  # never first in a line


class Undrawable(Exception):
    """The file of the picture is damaged."""


class _Base(NamedTuple):
    """A poster without its code: left and upper edge, and side, of where that goes; `colours`: how
    many it was brought down to, 0: it was not."""

    image: Image.Image
    left: int
    top: int
    side: int
    colours: int = 0


class _Line(NamedTuple):
    """`after`: pixels that stay free below it."""

    text: str
    size: int
    after: int = 0

    @property
    def high(self) -> int:
        return round(self.size * GAP) + self.after


def png(poster: Poster) -> bytes:
    """The whole of it. Undrawable where the picture can't be read."""
    base = based(poster)
    image = base.image.copy()
    code = _code(poster.link, base.side)
    if black := base.colours:  # and white behind it
        code = code.point(lambda light: black + 1 if light else black)
        code = Image.frombytes("P", code.size, code.tobytes())
        code.putpalette(image.getpalette() or [])
    else:
        code = code.convert("RGB")
    image.paste(code, (base.left, base.top))
    return _encoded(image)


def based(poster: Poster) -> _Base:
    """Everything but its code: the same for everybody, and made once."""
    return _base(tuple(sorted(poster.form.items())), poster.picture, poster.brand, poster.face)


@lru_cache(4)
def _base(form: Sequence[tuple[str, str]], picture: bytes, brand: str, face: Face | None) -> _Base:
    it = Poster(dict(form), picture, brand, "", face)
    found = _on_picture(it) if picture else _plain(it)
    whole, most = found.image, LIGHT
    for colours in COLOURS:
        if len(_encoded(found.image)) <= most:
            break
        found, most = found._replace(image=_fewer(whole, colours), colours=colours), HEAVIEST
    return found


def _fewer(image: Image.Image, colours: int) -> Image.Image:
    """In so many colours, and black and white for the code."""
    few = image.quantize(colours, dither=Image.Dither.FLOYDSTEINBERG)
    palette = (few.getpalette() or [])[: colours * 3]
    palette += [0] * (colours * 3 - len(palette)) + [0, 0, 0, 255, 255, 255]
    few.putpalette(palette)
    return few


def _encoded(image: Image.Image) -> bytes:
    kept = BytesIO()
    image.save(kept, "PNG")
    return kept.getvalue()


def _code(link: str, side: int) -> Image.Image:
    """Modules of whole pixels in the middle of a white square, black on white."""
    code = segno.make(link, error="m", micro=False)
    rows = [bytes(0 if dark else 255 for dark in row) for row in code.matrix_iter(border=QUIET)]
    small = Image.frombytes("L", (len(rows[0]), len(rows)), b"".join(rows))
    scale = max(side // small.width, 1)
    large = small.resize((small.width * scale, small.height * scale), Image.Resampling.NEAREST)
    square = Image.new("L", (side, side), 255)
    square.paste(large, ((side - large.width) // 2, (side - large.height) // 2))
    return square


def _on_picture(it: Poster) -> _Base:
    picture = _opened(it.picture)
    ground = it.form.get("colour", "#ffffff")
    high = max(round(picture.height * WIDTH / picture.width), 1)
    picture = picture.resize((WIDTH, high), Image.Resampling.LANCZOS)
    x, y, _ = (float(part) for part in it.form["qr"].split())
    left = min(round(x * WIDTH), WIDTH - it.side)
    top = max(min(round(y * high), high - it.side), 0)
    if it.face is None or not it.worded:
        return _Base(picture, left, top, it.side)
    lines = [*_words(it, it.face), *_fitted(it.brand, "brand", it.face)]
    band = 2 * EDGE + sum(line.high for line in lines)
    whole = Image.new("RGB", (WIDTH, high + band), ground)
    whole.paste(picture, (0, 0))
    _write(whole, lines, it.face, high + EDGE, _ink(ground))
    return _Base(whole, left, top, it.side)


def _plain(it: Poster) -> _Base:
    """Of one colour: its words above the code, the brand below."""
    ground = it.form["colour"]
    whole = Image.new("RGB", (WIDTH, HEIGHT), ground)
    top = HEIGHT - PLAIN_CODE - 3 * EDGE
    if it.face is not None:
        _write(whole, _words(it, it.face), it.face, 2 * EDGE, _ink(ground))
        brand = _fitted(it.brand, "brand", it.face)
        _write(whole, brand, it.face, top + PLAIN_CODE + EDGE // 2, _ink(ground))
    return _Base(whole, (WIDTH - PLAIN_CODE) // 2, top, PLAIN_CODE)


def _opened(content: bytes) -> Image.Image:
    """As it is meant to be seen: upright, and white where it is clear."""
    try:
        with Image.open(BytesIO(content), formats=("PNG", "JPEG")) as file:
            picture = ImageOps.exif_transpose(file).convert("RGBA")
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError) as error:
        raise Undrawable(type(error).__name__) from None
    white = Image.new("RGBA", picture.size, "#ffffff")
    return Image.alpha_composite(white, picture).convert("RGB")


def _ink(ground: str) -> str:
    """White or black, whichever is read better on it."""
    red, green, blue = ImageColor.getrgb(ground)[:3]
    return "#1c1c1e" if 299 * red + 587 * green + 114 * blue > 150_000 else "#ffffff"


def _words(it: Poster, face: Face) -> list[_Line]:
    """What it says, in lines that fit."""
    said = (_fitted(it.form.get(name, ""), name, face) for name in ("heading", "benefit"))
    return [line for lines in said if lines for line in (*lines[:-1], lines[-1]._replace(after=28))]


def _fitted(text: str, name: str, face: Face) -> list[_Line]:
    """In the largest size in which its lines are short and few enough; a brand has one. Words that
    are too long even for the smallest are broken anywhere, and what is left over is left out."""
    large, small, step = _SIZES[name]
    most = 1 if name == "brand" else LINES
    pieces = _PIECES.findall(" ".join(text.split()))
    for size in range(large, small - 1, -step):
        found = _broken(pieces, size, face)
        good = all(_short(line, size, face) and line[0] not in _HANGING for line in found)
        if good and len(found) <= most:
            return [_Line(one, size) for one in found]
    parts = (part for one in pieces for part in ([one] if _short(one, small, face) else one))
    found = _broken(parts, small, face)
    if len(found) > most:
        found = found[:most]
        while not _short(f"{found[-1]}…", small, face):
            found[-1] = found[-1][:-1]
        found[-1] += "…"
    return [_Line(one, small) for one in found]


def _broken(pieces: Iterable[str], size: int, face: Face) -> list[str]:
    lines = [""]
    for piece in pieces:
        if _short((lines[-1] + piece).rstrip(), size, face):
            lines[-1] += piece
        else:
            lines.append(piece)
    return [line.strip() for line in lines if line.strip()]


def _short(line: str, size: int, face: Face) -> bool:
    """Whether it has room; one mark at its end may stand beyond the edge."""
    inside = line[:-1] if line[-1:] in _HANGING else line
    return face.at(size).getlength(inside) <= ROOM


def _write(image: Image.Image, lines: Sequence[_Line], face: Face, top: int, ink: str) -> None:
    draw = ImageDraw.Draw(image)
    for line in lines:
        draw.text((WIDTH / 2, top), line.text, fill=ink, font=face.at(line.size), anchor="ma")
        top += line.high
