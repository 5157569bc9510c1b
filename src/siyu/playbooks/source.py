"""Where playbooks are read from: those that come with Siyu, and folders of a brand's own."""

from __future__ import annotations

from collections.abc import Mapping
from importlib.resources import files
from pathlib import Path

from siyu.kernel.errors import BadInput, NotFound
from siyu.kernel.sentence import Sentence
from siyu.playbooks.check import ABOUT, MANIFEST, declared
from siyu.playbooks.check import playbook as parsed
from siyu.playbooks.check.settings import settled
from siyu.playbooks.model import Playbook

MOST_FILES = 200


def shipped() -> list[str]:
    """The playbooks that come with Siyu."""
    folder = files("siyu.playbooks")
    return sorted(one.name for one in folder.iterdir() if one.joinpath("playbook.yaml").is_file())


def texts(name: str) -> dict[str, str]:
    """The files of a shipped playbook by name, or of a folder by path: path → text."""
    folder = Path(str(files("siyu.playbooks").joinpath(name))) if name in shipped() else Path(name)
    if not (folder / MANIFEST).is_file():
        raise NotFound(
            Sentence(
                f"no playbook {name!r}; shipped are {', '.join(shipped())}, or name a folder",
                f"没有打法 {name!r}；自带的有 {', '.join(shipped())}，也可以给出文件夹",
            )
        )
    return _texts(folder)


def read(
    name: str,
    given: Mapping[str, object] | None = None,
    currency: str = "CNY",
    *,
    lenient: bool = False,
) -> Playbook:
    """A shipped playbook by name, or a folder by path, with these values."""
    return parsed(texts(name), given, currency, lenient=lenient)


def misfits(
    name: str, given: Mapping[str, object], currency: str
) -> tuple[Playbook, dict[str, Sentence]]:
    """The playbook with what can be used of these values, and what is wrong with the others and
    with those that have to be said."""
    known = declared(texts(name)[MANIFEST])
    _, wrong = settled(known, given, currency)
    bad = dict(wrong)
    good = {key: value for key, value in given.items() if key in known and key not in bad}
    return read(name, good, currency, lenient=True), bad


def _texts(folder: Path) -> dict[str, str]:
    found = [path for ending in ("*.yaml", "*.yml") for path in folder.rglob(ending)]
    found += [folder / name for name in ABOUT.values() if (folder / name).is_file()]
    paths = [path for path in sorted(found) if path.is_file()]
    if len(paths) > MOST_FILES:
        raise BadInput(
            Sentence(
                f"{folder} holds {len(paths)} files; that is no playbook.",
                f"{folder} 里有 {len(paths)} 个文件；这不是打法。",
            )
        )
    try:
        return {path.relative_to(folder).as_posix(): path.read_text("utf-8") for path in paths}
    except UnicodeDecodeError:
        raise BadInput(
            Sentence(f"A file in {folder} is not UTF-8.", f"{folder} 里有文件不是 UTF-8 编码。")
        ) from None
