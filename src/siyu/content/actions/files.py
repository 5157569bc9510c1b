"""Take in a file of materials with the pictures beside it: all of it, or nothing."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from hashlib import sha256
from pathlib import Path
from typing import NamedTuple

from siyu.content.actions import SQL, Written, install
from siyu.content.check.files import read_file
from siyu.content.model import MOST_PICTURE, Made, Material
from siyu.content.render.poster import picture
from siyu.kernel.errors import BadInput, NotFound, Problem
from siyu.kernel.sentence import Sentence
from siyu.kernel.sql import Conn
from siyu.staff.views import brand

OWN = "own"  # what no playbook has brought
MATERIALS = "materials.yaml"
PICTURES = (".jpg", ".jpeg", ".png")


class Taken(NamedTuple):
    """The versions that are new, how many materials the file has, and what could be better."""

    written: list[Written]
    materials: int
    advice: list[Problem]


def take_in(
    conn: Conn,
    text: str,
    made: Made,
    pictures: Mapping[str, bytes],
    keep: Callable[[bytes], str],
    name: str = MATERIALS,
) -> Taken:
    """Publish a file's materials; BadInput lists what is wrong with it, by file and line.

    `pictures`: what lies beside it, by name; `keep` stores one and says how it is called then.
    """
    words: dict[str, bool] = {row[0]: row[1] for row in conn.fetch(SQL.intercepted)}
    found = read_file(text, brand(conn).region, words, pictures.keys())
    problems = [replace(one, where=f"{name} {one.where}") for one in found.problems]
    if not problems:
        problems = list(_unfit(found.texts, pictures)) + _owned(conn, found.texts)
    if problems:
        raise BadInput(
            Sentence(
                f"{name} has problems; nothing was taken in.", f"{name} 有问题，未导入任何内容。"
            ),
            tuple(problems),
        )
    kept = {one: keep(pictures[one]) for one in sorted(_named(found.texts) & pictures.keys())}
    texts = [_renamed(one, kept) for one in found.texts]
    about = {one.code: one.about for one in found.materials}
    return Taken(install(conn, texts, OWN, about, made), len(about), found.advice)


def _named(texts: list[Material]) -> set[str]:
    return {one.form["picture"] for one in texts if "picture" in one.form}


def _renamed(one: Material, kept: Mapping[str, str]) -> Material:
    named = one.form.get("picture", "")
    return replace(one, form={**one.form, "picture": kept[named]}) if named in kept else one


def _unfit(texts: list[Material], pictures: Mapping[str, bytes]) -> list[Problem]:
    named = sorted(_named(texts) & pictures.keys())
    found = [(one, unfit(pictures[one])) for one in named]
    return [Problem(one, why) for one, why in found if why is not None]


def _owned(conn: Conn, texts: list[Material]) -> list[Problem]:
    """A playbook's texts are changed in the playbook: its next update would undo it here."""
    codes = sorted({one.code for one in texts})
    return [
        Problem(
            code,
            Sentence(
                f"belongs to the playbook {owner}; give yours another code, or change it there",
                f"属于打法 {owner}；请换一个编码，或在打法里修改",
            ),
        )
        for code, owner in conn.fetch(SQL.owners, {"codes": codes, "own": OWN})
    ]


def unfit(content: bytes) -> Sentence | None:
    """Why a picture can't be kept; None: it can."""
    if len(content) > MOST_PICTURE:
        most = MOST_PICTURE >> 20
        return Sentence(f"a picture has at most {most} MB", f"图片最大 {most} MB")
    if picture(content) is None:
        return Sentence("only JPG and PNG pictures are taken", "只支持 JPG 和 PNG 图片")
    return None


def keep_in(home: Path) -> Callable[[bytes], str]:
    """Keeps pictures in HOME/materials, each under what it is: the same one is there once."""

    def keep(content: bytes) -> str:
        why, found = unfit(content), picture(content)
        if found is None or why is not None:
            raise BadInput(why or "")
        name = f"{sha256(content).hexdigest()[:32]}.{found.ending}"
        folder = home / "materials"
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        if not (folder / name).exists():
            half = folder / f"{name}.new"
            half.write_bytes(content)
            half.replace(folder / name)
        return name

    return keep


def shelf_of(home: Path) -> Callable[[str], bytes | None]:
    """Reads the pictures of HOME/materials by their names; None of one that is not there."""

    def read(name: str) -> bytes | None:
        try:
            return (home / "materials" / Path(name).name).read_bytes()
        except OSError:
            return None

    return read


def beside(path: Path) -> tuple[str, str, dict[str, bytes]]:
    """A file, or a folder's `materials.yaml`: how it is called, what it says, the pictures beside
    it."""
    file = path / MATERIALS if path.is_dir() else path
    try:
        text = file.read_text("utf-8")
    except OSError:
        raise NotFound(Sentence(f"{file} can't be read.", f"无法读取 {file}。")) from None
    except UnicodeDecodeError:
        raise BadInput(Sentence(f"{file} is not UTF-8.", f"{file} 不是 UTF-8 编码。")) from None
    beside_it = (one for one in sorted(file.parent.iterdir()) if one.suffix.lower() in PICTURES)
    small = {one.name: one for one in beside_it if one.is_file() and one.name in text}
    return file.name, text, {name: one.read_bytes() for name, one in small.items()}
