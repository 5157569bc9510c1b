"""`siyu material`: a folder with its pictures is taken in whole, looked at, and retired."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from tests.api.test_materials import FILE, POSTER, SENT, png

from siyu.app import open_app
from siyu.content.actions.fonts import face_of
from siyu.content.render.poster import WIDTH, picture
from siyu.settings import load

SHOP = "https://shop.example/spring"


def test_a_folder_is_taken_in_seen_as_a_customer_gets_it_and_retired(
    run: Callable, played, tmp_path: Path
) -> None:
    home = ("--home", str(played.home))
    folder = tmp_path / "spring"
    folder.mkdir()
    (folder / "materials.yaml").write_text(FILE + POSTER % "white.png" + SENT % SHOP, "utf-8")
    missing = run("material", "import", folder, *home)
    (folder / "white.png").write_bytes(png())

    taken = run("material", "import", folder, "--draft", *home, "--json").json
    customer = played.customers[0].customer
    early = ("material", "preview", "hello", "--customer", customer, *home)
    draft, free = run(*early).out, run(*early, SIYU_SEND_UNREVIEWED="true").out
    submitted = run("material", "submit", "hello", *home).out
    refused = run("material", "refuse", "hello", *home)
    approved = run("material", "approve", "hello", *home).out
    seen = run("material", "preview", "hello", "--customer", customer, *home).out
    poster = tmp_path / "poster.svg"
    run("material", "preview", "wall", "--customer", customer, "--out", poster, *home)
    sent = tmp_path / "poster.png"
    run("material", "preview", "wall", "--customer", customer, "--out", sent, *home)
    none = run("material", "preview", "hello", "--customer", customer, "--out", sent, *home)
    door = ("material", "preview", "door", "--customer", customer, *home)
    fontless = run(*door, SIYU_POSTER_FONT=str(tmp_path / "none.ttf")).out
    listed = run("material", "list", "--tag", "spring", *home, "--json").json["materials"]
    shown = run("material", "show", "hello", *home).out
    run("material", "word", "--add", "秋装", *home)
    words = run("material", "word", *home).out
    retired = run("material", "retire", "hello", *home).out

    assert (missing.code, "line 21: materials.yaml wall.zh.picture" in missing.err) == (1, True)
    assert [one["code"] for one in taken["written"]] == ["door", "hello", "wall"]
    assert (refused.code, "why it is refused" in refused.err) == (1, True)
    assert "It would not be sent: material_unreviewed." in draft
    assert "would not" not in free
    assert submitted == "hello, version 1, is in_review.\n"
    assert approved == "hello, version 1, is approved.\n"
    assert "hello, version 1, variant" in seen
    assert "新" in seen
    assert poster.read_text("utf-8").startswith("<svg")
    assert picture(sent.read_bytes()) == ("png", WIDTH, 2 * WIDTH)
    assert ("No font with Chinese here" in fontless) is (face_of("") is None)
    assert "It would not be sent: " in fontless  # it is a draft, too
    assert (none.code, "no poster" in none.err) == (1, True)
    assert [(one["code"], one["state"]) for one in listed] == [("hello", "approved")]
    assert "shop: https://shop.example/spring" in shown
    assert "Yours: 秋装" in words
    assert retired == "hello is retired.\n"


def test_the_report_counts_what_was_sent_of_each_material(run: Callable, played) -> None:
    said = run("report", "content", "--home", played.home, "--json").json
    back = next(one for one in said["tables"] if one["name"] == "back")
    with open_app(load({}, home=played.home)) as app:
        sql = (
            "select count(*) from touch where sent_at is not null"
            " and state not in ('withheld', 'withdrawn')"
        )
        ((sent,),) = app.db.fetch(sql)

    place = [one["name"] for one in back["columns"]].index("sent")
    assert sum(row[place] for row in back["rows"]) == sent > 0
