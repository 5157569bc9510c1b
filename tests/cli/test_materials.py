"""`siyu material`: a folder with its pictures is taken in whole, looked at, and retired."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from tests.api.test_materials import FILE, POSTER, png


def test_a_folder_is_taken_in_seen_as_a_customer_gets_it_and_retired(
    run: Callable, played, tmp_path: Path
) -> None:
    home = ("--home", str(played.home))
    folder = tmp_path / "spring"
    folder.mkdir()
    (folder / "materials.yaml").write_text(FILE + POSTER % "white.png", "utf-8")
    missing = run("material", "import", folder, *home)
    (folder / "white.png").write_bytes(png())

    taken = run("material", "import", folder, "--draft", *home, "--json").json
    refused = run("material", "refuse", "hello", *home)
    approved = run("material", "approve", "hello", *home).out
    customer = played.customers[0].customer
    seen = run("material", "preview", "hello", "--customer", customer, *home).out
    poster = tmp_path / "poster.svg"
    run("material", "preview", "wall", "--customer", customer, "--out", poster, *home)
    listed = run("material", "list", "--tag", "spring", *home, "--json").json["materials"]
    shown = run("material", "show", "hello", *home).out
    run("material", "word", "--add", "秋装", *home)
    words = run("material", "word", *home).out
    retired = run("material", "retire", "hello", *home).out

    assert (missing.code, "line 21: materials.yaml wall.zh.picture" in missing.err) == (1, True)
    assert [one["code"] for one in taken["written"]] == ["hello", "wall"]
    assert (refused.code, "why it is refused" in refused.err) == (1, True)
    assert approved == "hello, version 1, is approved.\n"
    assert "hello, version 1, variant" in seen
    assert "新" in seen
    assert poster.read_text("utf-8").startswith("<svg")
    assert [(one["code"], one["state"]) for one in listed] == [("hello", "approved")]
    assert "shop: https://shop.example/spring" in shown
    assert "Yours: 秋装" in words
    assert retired == "hello is retired.\n"
