"""What a material of its kind needs beside words, which channel carries it, and where its links
lead."""

from __future__ import annotations

import re
from collections.abc import Iterator
from urllib.parse import urlsplit

from siyu.content.check.posters import poster
from siyu.content.model import (
    BYTES,
    CARRIES,
    KINDS,
    MOST_LINKS,
    NEEDS,
    OWN_LINK,
    WORDS_ONLY,
    Material,
)
from siyu.kernel.errors import Problem
from siyu.kernel.sentence import Sentence

LONGEST_ADDRESS = 2_000
LONGEST_FORM = 512
# Bytes that WeCom takes of a link's title, a mini program's, a link's description and address.
MOST_HEADING, MOST_CARD, MOST_DESCRIPTION, MOST_URL = 128, 64, 512, 2_048
_ADDRESS = re.compile(r"https?://[^\s{}<>\"\\^`|]+")
_PICTURE = re.compile(r"[0-9a-f]{32}\.(jpg|png)")  # of a file that was taken in


def kinds(material: Material, where: str) -> Iterator[Problem]:
    """Everything that keeps it from being of its kind."""
    yield from _links(material, where)
    if material.kind not in KINDS:
        known = ", ".join(KINDS)
        yield Problem(
            where,
            Sentence(
                f"{material.kind!r} is no kind; known are {known}",
                f"{material.kind!r} 不是素材类型；可用的有 {known}",
            ),
        )
        return
    carried = CARRIES.get(material.channel, WORDS_ONLY)
    if material.kind not in carried:
        known = ", ".join(sorted(carried))
        yield Problem(
            where,
            Sentence(
                f"{material.channel} carries no {material.kind}, only {known}; put it on the shelf "
                "for staff with channel by_hand",
                f"{material.channel} 不能发送 {material.kind}，只支持 {known}；"
                "可把触点写成 by_hand，放在素材库里由员工手动使用",
            ),
        )
    needed, possible = NEEDS[material.kind]
    for name in sorted(needed - material.form.keys()):
        yield Problem(
            f"{where}.{name}",
            Sentence(f"a {material.kind} needs it", f"{material.kind} 需要填写这一项"),
        )
    for name in sorted(material.form.keys() - needed - possible):
        known = ", ".join(sorted(needed | possible)) or "–"
        yield Problem(
            f"{where}.{name}",
            Sentence(
                f"a {material.kind} has no such thing; it may have {known}",
                f"{material.kind} 没有这一项；可填写 {known}",
            ),
        )
    yield from _form(material, where)
    if material.channel in BYTES and material.kind in carried:
        yield from _of_wecom(material, where)
    if material.kind == "poster":
        yield from poster(material, where)


def _of_wecom(material: Material, where: str) -> Iterator[Problem]:
    """WeCom counts bytes, and shows those pictures alone that were handed over to it."""
    most = {"heading": MOST_CARD if material.kind == "card" else MOST_HEADING,
            "description": MOST_DESCRIPTION, "url": MOST_URL}  # fmt: skip
    for name, value in material.form.items():
        if len(value.encode()) > most.get(name, LONGEST_ADDRESS):
            yield Problem(
                f"{where}.{name}",
                Sentence(
                    f"longer than the {most[name]} bytes that WeCom takes",
                    f"超过企业微信允许的 {most[name]} 字节",
                ),
            )
    picture = material.form.get("picture", "")
    if material.kind in ("image", "card", "poster") and picture and address(picture):
        yield Problem(
            f"{where}.picture",
            Sentence(
                "WeCom is handed the picture itself: take it in, or lay it beside the file",
                "企业微信需要图片文件本身：请上传图片，或把图片与文件放在一起",
            ),
        )


def _form(material: Material, where: str) -> Iterator[Problem]:
    for name, value in material.form.items():
        if len(value) > (LONGEST_ADDRESS if name in ("url", "picture") else LONGEST_FORM):
            yield Problem(f"{where}.{name}", Sentence("it is too long", "太长了"))
    picture, url = material.form.get("picture", ""), material.form.get("url", "")
    if picture and not _PICTURE.fullmatch(picture) and not address(picture):
        yield Problem(
            f"{where}.picture",
            Sentence(
                "neither an address (https://…) nor a picture that was taken in or lies beside "
                "the file",
                "既不是地址（https://…），也不是已上传或与文件放在一起的图片",
            ),
        )
    if url and not address(url):
        yield Problem(f"{where}.url", _no_address(url))


def _links(material: Material, where: str) -> Iterator[Problem]:
    links = {name for name, kind in material.variables.items() if kind == "link"}
    for name in sorted(links - material.links.keys() - {OWN_LINK}):
        yield Problem(
            f"{where}.links.{name}",
            Sentence(
                f"where does it lead? write its address under links: `{name}: https://…`",
                f"它指向哪里？请在 links 下写明地址：`{name}: https://…`",
            ),
        )
    for name in sorted(material.links.keys() - links):
        yield Problem(
            f"{where}.links.{name}",
            Sentence("no variable of type link has this name", "没有这个名称的 link 类型变量"),
        )
    if OWN_LINK in material.links:
        yield Problem(
            f"{where}.links.{OWN_LINK}",
            Sentence(
                f"`{OWN_LINK}` is the invitation's and leads where the setting `link` says; "
                "call yours otherwise",
                f"`{OWN_LINK}` 是邀请链接，按设置 `link` 跳转；请换个名称",
            ),
        )
    if len(material.links) > MOST_LINKS:
        yield Problem(
            f"{where}.links",
            Sentence(f"there are more than {MOST_LINKS}", f"链接超过 {MOST_LINKS} 个"),
        )
    for name, told in sorted(material.links.items()):
        if not address(told):
            yield Problem(f"{where}.links.{name}", _no_address(told))


def _no_address(said: str) -> Sentence:
    return Sentence(
        f"{said[:80]!r} is no address that can be opened; write https://… in full",
        f"{said[:80]!r} 不是可以打开的地址；请完整写出 https://…",
    )


def address(said: str) -> bool:
    """Whether it is an address of the web, in full, that names nobody who signs in.

    >>> [address(one) for one in ("https://a.example/x?y=1", "javascript:alert(1)", "//a.example")]
    [True, False, False]
    """
    if len(said) > LONGEST_ADDRESS or not _ADDRESS.fullmatch(said):
        return False
    try:
        parts = urlsplit(said)
        return bool(parts.hostname) and parts.username is None and (parts.port or 1) > 0
    except ValueError:
        return False
