"""`siyu tag`: rules, what they say of the past, and tags that wait for people."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

FILES = Path(__file__).parents[2] / "docs" / "tutorial"
SINCE = ("--since", "2020-01-01T00:00:00Z")


def test_rules_are_kept_applied_to_the_past_when_asked_and_dropped(
    run: Callable, brandless: Path, tmp_path: Path
) -> None:
    orders = Path(shutil.copy(FILES / "orders.csv", tmp_path))
    home = ("--home", brandless)
    run("import", "orders", orders, "--mapping", FILES / "shop-export.yaml", *home)
    file = tmp_path / "rules.yaml"
    file.write_text("rule: mask\nwhen: {product: {title: 面霜}}\ntag: has-mask\n", "utf-8")

    kept = run("tag", "rules", "set", file, "--by", "ana", *home, "--json").json
    dry = run("tag", "rules", "apply", "mask", *SINCE, "--dry-run", *home, "--json").json
    many = 1  # order line of a customer who is known
    assert (kept, dry["hits"], dry["written"]) == ({"codes": ["mask"]}, many, False)
    done = run("tag", "rules", "apply", *SINCE, "--yes", "--by", "ana", *home, "--json").json
    assert (done["hits"], done["written"]) == (many, True)

    (rule,) = run("tag", "rules", "list", *home, "--json").json["rules"]
    hits = run("tag", "rules", "hits", "mask", *home, "--json").json["hits"]
    assert (rule["hits"], len(hits), hits[0]["kind"]) == (many, many, "order.paid")
    assert "has-mask" in run("tag", "rules", "show", "mask", *home).out
    run("tag", "rules", "drop", "mask", "--by", "ana", *home)
    assert run("tag", "rules", "list", *home, "--json").json == {"rules": []}


def test_a_tag_waits_for_who_is_not_here_for_the_days_that_are_set(
    run: Callable, brandless: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file, home = tmp_path / "vip.csv", ("--home", brandless)
    file.write_text("phone,tag\n13800000099,file-vip\n", "utf-8")
    monkeypatch.setenv("SIYU_TAG_WAIT_DAYS", "3")
    told = run("lists", "import", file, "--as", "tags", "--wait", "--by", "a", *home, "--json").json
    (one,) = run("tag", "waiting", *home, "--json").json["waiting"]
    assert (told["taken"], told["waiting"], one["people"]) == (1, 1, 1)
    single = run("tag", "waiting", "file-vip", *home)
    assert "phone ···" in single.out
    assert "0099" not in single.out
    back = run("lists", "undo", told["id"], "--by", "a", *home, "--json").json
    assert back == {"taken_back": 1}
