"""`siyu lists`: people in and out as files."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

FILES = Path(__file__).parents[2] / "docs" / "tutorial"
PHONE = "13800000001"


def test_a_list_goes_in_and_comes_out_and_broken_rows_are_explained(
    run: Callable, brandless: Path, tmp_path: Path
) -> None:
    orders = Path(shutil.copy(FILES / "orders.csv", tmp_path))
    home = ("--home", brandless)
    run("import", "orders", orders, "--mapping", FILES / "shop-export.yaml", *home)
    file, out = tmp_path / "vip.csv", tmp_path / "out.csv"
    file.write_text(f"phone,tag\n{PHONE},file-vip\nnobody,file-vip\n", "utf-8")
    words = ("--as", "tags", "--by", "ana", *home)

    told = run("lists", "import", file, *words, "--json").json
    again = run("lists", "import", file, *words)
    run("lists", "export", "--out", out, *words, "--tag", "file-vip", "--reason", "a mailing")
    look = run("lists", "look", file, "--as", "tags", *home, "--json").json
    (listed,) = run("lists", "list", *home, "--json").json["lists"]
    back = run("lists", "undo", told["id"], "--by", "ana", *home, "--json").json

    assert (told["taken"], len(told["refused"])) == (1, 1)
    assert "0 rows taken, 1 were taken before." in again.out.replace("\n", " ")
    assert Path(told["rejects"]).read_text("utf-8").splitlines()[1].startswith("3,phone,")
    assert out.stat().st_mode & 0o777 == 0o600
    assert PHONE not in out.read_text("utf-8")
    assert (look["here"], look["known"], look["refused"]) == (1, 1, 1)
    assert (listed["id"], listed["can_undo"], back) == (told["id"], True, {"taken_back": 1})
