"""A poster as it is sent: a PNG with a code that can be read, and words where there is a font."""

from __future__ import annotations

import struct
import subprocess
import sys
from io import BytesIO
from pathlib import Path

import pytest
import segno
from PIL import Image, ImageChops, ImageFont

from siyu.content.actions.fonts import face_of, writes
from siyu.content.model import MOST_PICTURE, Material
from siyu.content.render import drawn
from siyu.content.render.poster import (
    PLAIN_CODE,
    QUIET,
    WIDTH,
    Face,
    Poster,
    digest_of,
    leads,
    picture,
    poster,
)

LINK = "https://s.example/l/a1b2c3d4e5f6g"
OTHER = "https://s.example/l/b1b2c3d4e5f6g"
# Latin letters come with the library: no font has to be on this machine.
LATIN = Face("latin", ImageFont.load_default)  # pyright: ignore[reportArgumentType]
PLAIN = {"colour": "#c8102e", "heading": "Come on Sunday", "benefit": "A gift for everyone"}
CORNER = {"qr": "0.7 0.75 0.25", "picture": "p.png"}


def photo(width: int = 400, height: int = 600, kind: str = "PNG", *, noise: bool = False) -> bytes:
    """A blue picture, or one that can't be made small."""
    image = Image.new("RGB", (width, height), "#2040a0")
    if noise:
        image = Image.merge("RGB", [Image.effect_noise((width, height), 90) for _ in range(3)])
    kept = BytesIO()
    image.save(kept, kind)
    return kept.getvalue()


def read(png: bytes, left: int, top: int, side: int, link: str) -> bool:
    """Whether every module of the code of this link stands there, black or white."""
    image = Image.open(BytesIO(png)).convert("L")
    rows = [list(row) for row in segno.make(link, error="m", micro=False).matrix_iter(border=QUIET)]
    scale = side // len(rows)
    edge = (side - scale * len(rows)) // 2
    return all(
        image.getpixel((left + edge + x * scale + scale // 2, top + edge + y * scale + scale // 2))
        == (0 if dark else 255)
        for y, row in enumerate(rows)
        for x, dark in enumerate(row)
    )


def test_one_of_a_colour_has_its_code_in_the_middle_and_its_words_above_it() -> None:
    poster = Poster(PLAIN, b"", "Hua Jian", LINK, LATIN)

    png = drawn.png(poster)

    assert picture(png) == ("png", WIDTH, drawn.HEIGHT)
    top = drawn.HEIGHT - PLAIN_CODE - 3 * drawn.EDGE
    assert read(png, (WIDTH - PLAIN_CODE) // 2, top, PLAIN_CODE, LINK)
    assert not read(png, (WIDTH - PLAIN_CODE) // 2, top, PLAIN_CODE, OTHER)
    image = Image.open(BytesIO(png)).convert("RGB")
    assert image.getpixel((2, 2)) == (0xC8, 0x10, 0x2E)
    above = image.crop((0, 0, WIDTH, top)).getcolors(1 << 20) or []
    assert sum(count for count, colour in above if colour == (255, 255, 255)) > 1_000  # white words
    below = image.crop((0, top + PLAIN_CODE, WIDTH, drawn.HEIGHT)).getcolors(1 << 20) or []
    assert (255, 255, 255) in {colour for _, colour in below}  # the brand


@pytest.mark.parametrize("kind", ["PNG", "JPEG"])
def test_on_a_picture_the_code_stands_where_it_was_put_and_words_on_a_band_below(kind: str) -> None:
    file = photo(kind=kind)
    bare = drawn.png(Poster(CORNER, file, "Hua Jian", LINK, LATIN))
    worded = drawn.png(Poster(CORNER | {"heading": "Spring"}, file, "Hua Jian", LINK, LATIN))

    left, top, side = round(0.7 * WIDTH), round(0.75 * 1_620), WIDTH // 4
    for png in (bare, worded):
        assert read(png, left, top, side, LINK)
    sizes = [picture(png) for png in (bare, worded)]
    assert sizes[0] == ("png", WIDTH, 1_620)
    assert sizes[1] is not None
    assert sizes[1].height > 1_620


def test_a_heavy_photo_is_sent_light_and_its_code_stays_black_and_white() -> None:
    png = drawn.png(Poster(CORNER, photo(700, 700, "JPEG", noise=True), "Hua Jian", LINK, None))

    assert len(png) <= MOST_PICTURE
    assert read(png, round(0.7 * WIDTH), round(0.75 * WIDTH), WIDTH // 4, LINK)


def test_the_tallest_picture_is_not_too_heavy_for_wecom() -> None:
    file = photo(360, 1_080, "JPEG", noise=True)
    it = Poster(CORNER | {"heading": "Spring"}, file, "Hua Jian", LINK, LATIN)
    assert it.unfit() == ""

    png = drawn.png(it)

    assert len(png) <= MOST_PICTURE
    assert read(png, round(0.7 * WIDTH), round(0.75 * 3 * WIDTH), WIDTH // 4, LINK)


@pytest.mark.parametrize(
    "said",
    [
        "www.huajian-flagship.com/spring", "W" * 40, "!" * 40, "Spring" + "!" * 34,
        "Come to Mmmmmmmmmmmmmmmmmmm, please!!!!", "M\ufb00M " * 10, "one\ntwo",
    ],
)  # fmt: skip
def test_words_stay_inside_the_edges(said: str) -> None:
    poster = Poster(PLAIN | {"heading": said, "benefit": "W" * 60}, b"", "W" * 60, LINK, LATIN)

    image = Image.open(BytesIO(drawn.png(poster))).convert("RGB")

    ground = Image.new("RGB", image.size, PLAIN["colour"])
    found = ImageChops.difference(image, ground).getbbox()
    assert found is not None
    assert min(found[0], WIDTH - found[2]) >= drawn.EDGE // 2  # where half a mark may stand


def test_no_letter_is_lost_between_scripts() -> None:
    def looks(heading: str) -> bytes:
        return drawn.png(Poster(PLAIN | {"heading": heading}, b"", "", LINK, LATIN))

    assert looks("ab") != looks("a\ufb01b")
    assert looks("ab") != looks("a\ufffdb")


def test_without_a_font_the_words_are_left_out_and_one_of_words_alone_can_not_be() -> None:
    file, words = photo(), CORNER | {"heading": "春季"}

    assert Poster(words, file, "花间", LINK, None).unfit() == ""
    assert picture(drawn.png(Poster(words, file, "花间", LINK, None))) == ("png", WIDTH, 1_620)
    assert Poster(PLAIN, b"", "花间", LINK, None).unfit() == "no_font"


@pytest.mark.parametrize(
    ("file", "link"),
    [
        (photo(), ""),
        (photo(), "https://shop.example/" + "a" * 600),  # finer than a phone reads
        (photo(10, 200), LINK),
        (b"GIF89a", LINK),
        (b"\x89PNG\r\n\x1a\n" + b"\0\0\0\rIHDR" + b"\0\1\0\0" * 2, LINK),  # 65,536 pixels a side
    ],
)
def test_what_can_not_be_drawn_is_known_before(file: bytes, link: str) -> None:
    assert Poster(CORNER, file, "花间", link, None).unfit() == "no_poster"


@pytest.mark.parametrize(
    ("size", "fits"),
    [((2_000, 900), False), ((1_000, 599), False), ((1_000, 600), True), ((1_000, 2_000), True)],
)
def test_a_code_that_is_larger_than_the_picture_is_high_is_not_drawn(
    size: tuple[int, int], fits: bool
) -> None:
    form = {"picture": "p.png", "qr": "0.4 0.9 0.6", "heading": "Spring"}
    it = Poster(form, photo(*size), "Hua Jian", LINK, LATIN)

    assert (it.unfit(), it.unprintable()) == (("", "") if fits else ("no_poster", "no_poster"))
    if fits:  # as far down as it goes, on the picture
        high = round(size[1] * WIDTH / size[0])
        assert read(drawn.png(it), 432, min(round(0.9 * high), high - 648), 648, LINK)
        assert f"translate(400.00 {size[1] - 600:.2f})" in poster(it.picture, form["qr"], LINK)


def test_a_printer_takes_a_code_that_is_too_fine_for_a_screen() -> None:
    fine = Poster(CORNER, photo(), "花间", "https://shop.example/" + "a" * 600, None)

    assert (fine.unfit(), fine.unprintable()) == ("no_poster", "")
    assert fine._replace(link="").unprintable() == "no_poster"


def test_the_picture_of_a_batch_is_gone_through_once() -> None:
    file = photo(noise=True)
    before = digest_of.cache_info().misses

    names = {Poster(CORNER, file, "花间", f"{LINK}{number}", None).name for number in range(50)}

    assert (len(names), digest_of.cache_info().misses - before) == (50, 1)


@pytest.mark.parametrize("kind", ["PNG", "JPEG"])
def test_a_damaged_file_is_found_when_it_is_drawn(kind: str) -> None:
    whole = photo(kind=kind, noise=True)
    poster = Poster(CORNER, whole[: len(whole) // 2], "花间", LINK, None)

    assert poster.unfit() == ""
    with pytest.raises(drawn.Undrawable):
        drawn.png(poster)


def test_the_name_is_that_of_what_is_seen() -> None:
    one = Poster(PLAIN, b"", "花间", LINK, LATIN)

    others = [
        one._replace(link=OTHER), one._replace(brand="花园"), one._replace(picture=photo()),
        one._replace(form=PLAIN | {"heading": "Come"}), one._replace(face=None),
    ]  # fmt: skip
    assert one.name == Poster(dict(PLAIN), b"", "花间", LINK, LATIN).name
    assert len({one.name, *(other.name for other in others)}) == 6
    assert LINK not in repr(one)


def test_everybodys_code_leads_to_the_address_itself() -> None:
    links = {"shop": "https://shop.example/spring"}
    own = Material("m", "zh", "wecom_message", "", {"shop": "link"}, links=links, kind="poster")
    same = Material("m", "zh", "wecom_message", "", {"shop": "link"}, links=links, kind="poster",
                    form={"same_code": "yes"})  # fmt: skip
    invites = Material("m", "zh", "wecom_message", "", {"link": "link"}, kind="poster")
    filled = {"shop": LINK, "link": OTHER}

    assert [leads(one, filled) for one in (own, same, invites)] == [LINK, links["shop"], OTHER]
    assert [leads(one, {}) for one in (own, same, invites)] == [links["shop"]] * 2 + [""]


def latin() -> bytes:
    """The file of a font without Chinese."""
    made = ImageFont.load_default(20)
    assert isinstance(made, ImageFont.FreeTypeFont)
    assert isinstance(made.path, BytesIO)
    return made.path.getvalue()


def chinese() -> bytes:
    """The same with one Chinese letter in it, which looks like a Latin one."""
    font = bytearray(latin())
    for at in range(12, 12 + 16 * int.from_bytes(font[4:6]), 16):
        if font[at : at + 4] == b"cmap":
            letters = struct.pack(">HHHHIHHIII", 0, 1, 3, 10, 12, 12, 0, 28, 0, 1)
            letters += struct.pack(">III", 0x7684, 0x7684, 40)
            font[at + 8 : at + 16] = struct.pack(">II", len(font), len(letters))
            return bytes(font + letters)
    raise AssertionError


def test_a_font_without_chinese_is_no_font_for_posters(tmp_path: Path) -> None:
    for name, content in (("latin", latin()), ("chinese", chinese())):
        (tmp_path / name).write_bytes(content)

    told = {name: writes(str(tmp_path / name)) for name in ("nothing", "latin", "chinese")}

    assert told == {"nothing": False, "latin": False, "chinese": True}
    instead = face_of("")  # the system's, where it has one
    assert [face_of(str(tmp_path / name)) for name in ("nothing", "latin")] == [instead] * 2


def test_a_font_that_comes_later_is_found_without_a_new_start(tmp_path: Path) -> None:
    file = tmp_path / "later.ttf"
    instead = face_of("", lambda: 0)

    assert face_of(str(file), lambda: 1) == instead
    file.write_bytes(chinese())

    assert face_of(str(file), lambda: 59) == instead  # nobody looks for it at every poster
    found = face_of(str(file), lambda: 61)
    assert found is not None
    assert found.name.startswith("later.ttf ")
    assert face_of(str(file), lambda: 600) is found


def test_who_draws_nothing_loads_nothing_that_draws() -> None:
    told = "import sys, siyu.api.materials, siyu.cli.materials; print('PIL' in sys.modules)"

    said = subprocess.run([sys.executable, "-c", told], capture_output=True, text=True, check=True)

    assert said.stdout == "False\n"


def test_chinese_is_written_in_the_letters_of_the_mainland() -> None:
    face = face_of("")
    if face is None:
        pytest.skip("this machine has no font with Chinese")

    def looks(text: str) -> bytes:
        return drawn.png(Poster(PLAIN | {"heading": text}, b"", "花间", LINK, face))

    assert len({looks("面膜"), looks("礼盒"), looks("\U0010fffe\U0010fffe")}) == 3
    assert " JP " not in f" {face.name} "
