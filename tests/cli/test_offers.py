"""`siyu offers` on the home of a demonstration."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from siyu.app import open_app
from siyu.offers import actions as offers
from siyu.offers.model import Offer, Terms
from siyu.settings import load
from siyu.staff.views import audited


def test_offers_are_listed_shown_and_filled(run: Callable, played, tmp_path: Path) -> None:
    home = ("--home", played.home)
    title = {"zh": "权益", "en": "offer"}
    coupon = Offer("autumn", title, 900, "", kind="coupon", terms=Terms(codes="pool"))
    sample = Offer("try-it", title, 900, "S", kind="sample", terms=Terms(pieces=5))
    with open_app(load({}, home=played.home)) as app, app.db.transaction() as conn:
        offers.install(conn, [coupon, sample], "own")
    file = tmp_path / "codes.csv"
    file.write_text("code\nAAAA-1\nno code\nAAAA-2\n", "utf-8")

    told = run("offers", "codes", "import", "autumn", file, *home, "--json").json
    again = run("offers", "codes", "import", "autumn", file, *home)
    listed = run("offers", "list", *home)
    stock = run("offers", "stock", "try-it", "--pieces", "7", *home, "--json").json

    assert (told["new"], told["known"], [one["line"] for one in told["refused"]]) == (2, 0, [3])
    assert "0 new codes in the pool; 2 were there before." in again.out
    assert "Line 3, code: is no code" in again.out
    assert (listed.code, "2 of 2" in listed.out, "face-mask" in listed.out) == (0, True, True)
    assert stock["allotted"][0]["pieces"] == 7
    assert "per_customer" in run("offers", "show", "try-it", *home).out
    assert run("offers", "stock", "autumn", "--pieces", "7", *home).code == 1
    with open_app(load({}, home=played.home)) as app, app.db.transaction() as conn:
        said = str(audited(conn, 20))
    assert "2 new of 2" in said
    assert "AAAA" not in said
