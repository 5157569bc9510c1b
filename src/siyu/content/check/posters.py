"""What a poster needs: something to look at, and a code that a phone can read and that leads
somewhere."""

from __future__ import annotations

import re
from collections.abc import Iterator

from siyu.content.model import BYTES, OWN_LINK, PRINTED, Material
from siyu.kernel.errors import Problem
from siyu.kernel.sentence import Sentence

# Characters that are still read on a poster: three lines of each at the most.
MOST_SAID = {"heading": 40, "benefit": 60}
SMALLEST_CODE = 0.15  # of the width: what a phone reads off another phone's screen
UNPRINTED = Sentence(
    "what is printed is its picture with the code: put the words on the picture itself",
    "印刷的是图片和二维码：文字请直接做在图片上",
)
_COLOUR = re.compile(r"#[0-9a-fA-F]{6}")


def poster(material: Material, where: str) -> Iterator[Problem]:
    """Everything that keeps it from being drawn."""
    form = material.form
    for name in _missing(material):
        yield Problem(f"{where}.{name}", Sentence("a poster needs it", "poster 需要填写这一项"))
    for name in ("heading", "benefit", "colour"):
        if material.channel in PRINTED and form.get(name):
            yield Problem(f"{where}.{name}", UNPRINTED)
    if form.get("colour") and not _COLOUR.fullmatch(form["colour"]):
        yield Problem(
            f"{where}.colour",
            Sentence("write a colour like #c8102e", "颜色请写成 #c8102e 的形式"),
        )
    for name, most in MOST_SAID.items():
        if len(form.get(name, "")) > most:
            yield Problem(
                f"{where}.{name}",
                Sentence(
                    f"longer than the {most} characters that a poster has room for",
                    f"超过海报可容纳的 {most} 个字符",
                ),
            )
    yield from _code(material, where)


def _missing(material: Material) -> Iterator[str]:
    """A picture says where its code stands; what has none says in words what it is about, unless
    it is printed."""
    form = material.form
    if material.channel in PRINTED:
        yield from (name for name in ("picture", "qr") if not form.get(name))
    elif form.get("picture"):
        yield from () if form.get("qr") else ("qr",)
    else:
        yield from (name for name in ("colour", "heading") if not form.get(name))


def _code(material: Material, where: str) -> Iterator[Problem]:
    form = material.form
    if OWN_LINK not in material.variables and not material.links:
        yield Problem(
            f"{where}.variables",
            Sentence(
                "a poster's code leads somewhere: declare a variable of type link",
                "海报的二维码要指向一个地址：请声明一个 link 类型的变量",
            ),
        )
    if form.get("same_code") and not material.links:
        yield Problem(
            f"{where}.same_code",
            Sentence(
                "each customer's invitation is their own: for the same code, name an address under "
                "links",
                "邀请链接因人而异：要让所有人扫同一个码，请在 links 下写明地址",
            ),
        )
    size = float(form["qr"].split()[2]) if form.get("qr") else 1
    if material.channel in BYTES and size < SMALLEST_CODE:
        yield Problem(
            f"{where}.qr.size",
            Sentence(
                f"no phone reads a code so small off a screen; at least {SMALLEST_CODE}",
                f"二维码太小，手机无法从屏幕上识别；至少 {SMALLEST_CODE}",
            ),
        )
