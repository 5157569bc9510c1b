"""Make docs/images/*.svg: real commands, their real output. `.venv/bin/python docs/pictures.py`.

Takes some minutes: it plays the demo twice, as docs/tutorial.md does. Seed and keys are fixed, so
the same code draws the same pictures.
"""  # noqa: INP001 - a script

from __future__ import annotations

import base64
import io
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from rich._export_format import CONSOLE_SVG_FORMAT
from rich.console import Console
from rich.text import Text

DOCS = Path(__file__).parent
IMAGES = DOCS / "images"
SIYU = Path(sys.executable).with_name("siyu")
CASCADE = DOCS.parent / "src" / "siyu" / "playbooks" / "cascade"
WIDTH = 96
FORMAT = re.sub(r"@font-face \{\{.*?\}\}", "", CONSOLE_SVG_FORMAT, flags=re.DOTALL)
KEY = base64.b64encode(bytes(32)).decode()  # of a demonstration: a real one is made by chance
MOMENT = re.compile(r"^.* s on this machine; home .*\n?", re.MULTILINE)  # differs every time
# The second half of the tutorial: the same journey, later and with less of a promise.
EDITS = (
    ("journeys/cascade.yaml", "wait: 5m", "wait: 6h"),
    (
        "materials.yaml",
        "价值{{ offer_value }}的{{ offer_title }}随本包裹寄出！",
        "有机会获得小礼品！",
    ),
)


def siyu(*words: str, folder: Path) -> str:
    """What a command prints, with its styles; what goes wrong ends the script."""
    found = subprocess.run(  # noqa: S603 - our own command
        [SIYU, *words],
        cwd=folder,
        env=os.environ
        | {
            "COLUMNS": str(WIDTH),
            "FORCE_COLOR": "1",
            "SIYU_LANGUAGE": "en",
            "SIYU_MASTER_KEY": KEY,
            "SIYU_LOOKUP_KEY": KEY,
        },
        capture_output=True,
        text=True,
        check=False,
    )
    if found.returncode and not found.stdout:
        raise SystemExit(f"siyu {' '.join(words)}\n{found.stderr}")
    return found.stdout


def draw(name: str, shown: str, *outputs: str) -> None:
    """A picture of a terminal in which these were printed."""
    console = Console(record=True, width=WIDTH, file=io.StringIO(), force_terminal=True)
    console.print(Text.from_ansi("\n".join(output.strip("\n") for output in outputs)))
    svg = console.export_svg(title=shown, code_format=FORMAT, unique_id=name)
    svg = "\n".join(line.rstrip() for line in svg.splitlines()) + "\n"
    (IMAGES / f"{name}.svg").write_text(svg, "utf-8")


def a_customer(home: str, folder: Path) -> str:
    """The first who went the whole way: two messages, a friend request, friends, a gift."""
    for number in range(1, 400):
        who = f"tmall-flagship/260302{number:06d}"
        found = json.loads(siyu("explain", who, "--home", home, "--json", folder=folder))
        if "error" in found:
            continue  # an order of the other shop
        steps = {touch["step"] for touch in found["touches"]}
        gift = any(parcel["content"] == "gift" for parcel in found["parcels"])
        if {"sms", "call", "request"} <= steps and found["friendships"] and gift:
            return who
    raise SystemExit("nobody went the whole way")


def main() -> None:
    folder = Path(tempfile.mkdtemp(prefix="siyu-", dir="/tmp"))
    folder.chmod(0o711)
    try:
        play(folder)
    finally:
        shutil.rmtree(folder)


def play(folder: Path) -> None:
    """The tutorial, command by command."""

    def say(*words: str) -> str:
        return siyu(*words, folder=folder)

    home = ("--home", "shop")
    draw("demo", "make demo", MOMENT.sub("", say("demo", "--no-serve", *home)))
    who = a_customer("shop", folder)
    draw("explain", f"siyu explain {who}", say("explain", who, *home))
    draw(
        "pause",
        "siyu pause; siyu journey list; siyu resume",
        say("pause", "--by", "ana", *home),
        say("journey", "list", *home),
        "",
        say("resume", *home),
    )
    for name in ("orders.csv", "shop-export.yaml"):
        shutil.copy(DOCS / "tutorial" / name, folder)
    words = ("import", "orders", "orders.csv", "--mapping", "shop-export.yaml", "--home", "own")
    draw("import", "siyu import orders orders.csv --mapping shop-export.yaml", say(*words))
    mine = Path(shutil.copytree(CASCADE, folder / "mine"))
    text = mine / "journeys" / "cascade.yaml"
    right = text.read_text("utf-8")
    text.write_text(right.replace("go: request", "go: reqest"), "utf-8")
    draw("check", "siyu journey check", say("journey", "check", "mine/journeys/cascade.yaml"))
    text.write_text(right, "utf-8")
    for path, old, new in EDITS:
        before = (mine / path).read_text("utf-8")
        if old not in before:
            raise SystemExit(f"{path} no longer says {old}; change docs/tutorial.md as well")
        (mine / path).write_text(before.replace(old, new), "utf-8")
    figures = say("demo", "--no-serve", "--policy", "mine", "--home", "shop-2")
    draw("mine", "siyu demo --policy mine", figures[: figures.index("Parcels: ")])


if __name__ == "__main__":
    main()
