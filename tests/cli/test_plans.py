"""Journeys and playbooks from the command line: check by line, publish, install."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from importlib.resources import files
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from tests.cli.conftest import Played

from siyu.app import open_app
from siyu.settings import load
from siyu.staff.views import audited

CASCADE = Path(str(files("siyu.playbooks"))) / "cascade"


@pytest.fixture
def text(tmp_path: Path) -> Path:
    """A copy of the cascade's text."""
    return Path(shutil.copy(CASCADE / "journeys" / "cascade.yaml", tmp_path / "mine.yaml"))


def _edit(path: Path, old: str, new: str) -> int:
    """Change a text; the line on which it was."""
    found = path.read_text("utf-8")
    assert old in found
    path.write_text(found.replace(old, new, 1), "utf-8")
    return found[: found.index(old)].count("\n") + 1


def test_a_good_text_can_be_published(run: Callable, text: Path) -> None:
    assert run("journey", "check", text).out == "The text can be published.\n"
    assert run("journey", "check", text, "--json").json == {"problems": []}


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("wait: 5m", "wait: soon", "soon"),
        ("go: request", "go: reqest", "request"),
        ("{friend: true}", "{frend: true}", "friend"),
        ("reenter: {after: 30d}", "reenter: sometimes", "reenter"),
        ("timeout: 14d", "timeout: 14", "timeout"),
    ],
)
def test_a_problem_is_told_with_its_line(
    run: Callable, text: Path, old: str, new: str, words: str
) -> None:
    line = _edit(text, old, new)

    said = run("journey", "check", text)
    found = run("journey", "check", text, "--json")

    assert said.code == found.code == 1
    assert words in said.out
    assert f"{text}: line " in said.out
    assert [problem["line"] for problem in found.json["problems"]] == [line]


@pytest.mark.parametrize("content", [None, b"\xff\xfe\x00", b"", b"[]", b"a: &a [*a]"])
def test_what_is_no_text_is_refused_in_words(
    run: Callable, tmp_path: Path, content: bytes | None
) -> None:
    file = tmp_path / "text.yaml"
    if content is not None:
        file.write_bytes(content)

    said = run("journey", "check", file)

    assert said.code == 1
    assert str(file) in said.out + said.err


def test_an_edited_text_is_the_next_version_once(run: Callable, text: Path, played) -> None:
    home = ("--home", played.home)
    _edit(text, "wait: 5m", "wait: 7m")

    first = run("journey", "publish", text, *home, "--json").json
    again = run("journey", "publish", text, *home)

    version = first["version"]
    assert first == {
        "journey": "cascade", "version": version, "new": True, "pilot": None, "waiting": False,
    }  # fmt: skip
    assert again.out == f"cascade is already version {version}.\n"
    assert "wait: 7m" in run("journey", "show", "cascade", *home).out
    assert run("journey", "list", *home, "--json").json["journeys"][0]["version"] == version
    assert "under way" in run("journey", "list", *home).out


def test_a_pilot_is_published_seen_and_widened(run: Callable, text: Path, played) -> None:
    home = ("--home", played.home)
    _edit(text, "wait: 5m", "wait: 11m")

    piloted = run("journey", "publish", text, "--pilot", 100, *home)
    seen = run("journey", "list", *home, "--json").json["journeys"][0]
    told = run("journey", "list", *home)
    widened = run("journey", "publish", "--widen", "cascade", *home, "--json").json
    again = run("journey", "publish", "--widen", "cascade", *home)
    neither = run("journey", "publish", *home)

    assert "for the first 100 customers" in piloted.out
    assert (seen["pilot"], seen["piloted"]) == (100, 0)
    assert "a pilot, 0 of 100 entered" in told.out
    assert (widened["version"], widened["pilot"]) == (seen["version"], None)
    assert (again.code, neither.code) == (1, 1)
    assert "no pilot under way" in again.err
    assert "--widen CODE" in neither.err


def test_above_the_limit_a_version_waits_for_somebody_else(
    run: Callable, text: Path, played
) -> None:
    home = ("--home", played.home)
    _edit(text, "wait: 5m", "wait: 13m")

    limits = run("journey", "limits", "--above-people", 1, *home)
    stranger = run("journey", "publish", text, "--by", "nobody", *home)
    asked = run("journey", "publish", text, "--by", "guide-1", *home)
    waiting = run("journey", "approvals", *home, "--json").json
    itself = run("journey", "approve", "cascade", "--by", "guide-1", *home)
    refused = run("journey", "approve", "cascade", "--refuse", "--by", "nobody", *home)
    open_ = run("journey", "limits", *home, "--json").json
    _edit(text, "wait: 13m", "wait: 14m")
    run("journey", "publish", text, "--by", "ana", *home)
    late = run("journey", "approve", "cascade", "--by", "nobody", *home)

    assert "above 1 people a second person approves" in limits.out
    assert "no member of staff" in stranger.err
    assert "waits for a second person's approval as version" in asked.out
    assert [one["asked_by"] for one in waiting["waiting"]] == ["guide-1"]
    assert "asked_by" not in run("journey", "approvals", *home).out
    assert "a second person has to approve" in itself.err
    assert "may not approve" in refused.err
    assert open_ == {"above_people": None, "above_minor": None}
    assert "does not wait any more: refused by ana (another version was published)" in late.err
    assert "Decided" in run("journey", "approvals", *home).out


def test_versions_and_a_migration_are_shown_before_anything_is_done(
    run: Callable, text: Path, played
) -> None:
    home = ("--home", played.home)
    _edit(text, "id: five-minutes", "id: short-while")
    version = run("journey", "publish", text, *home, "--json").json["version"]

    listed = run("journey", "versions", "cascade", *home)
    shown = run("journey", "migrate", "cascade", "--to", version, *home)
    wrong = run("journey", "migrate", "cascade", "--to", version, "--map", "nonsense", *home)
    data = run("journey", "migrate", "cascade", "--to", version, *home, "--json").json

    assert "step five-minutes is gone" in listed.out
    assert run("journey", "versions", "cascade", *home, "--json").json["versions"][-1]["published"]
    assert "on to version" in shown.out
    assert wrong.code == 1
    assert "OLD=NEW" in wrong.err
    assert (data["done"], data["moved"]) == (False, 0)
    before = sum(line["visits"] for line in data["where"])
    stay = [f"--map={line['node']}=end" for line in data["where"] if not line["to"]]
    done = run("journey", "migrate", "cascade", "--to", version, *stay, "--yes", *home, "--json")
    assert (done.json["moved"], done.json["done"]) == (before, True)
    again = run("journey", "migrate", "cascade", "--to", version, "--yes", *home)
    assert "0 visits moved" in again.out


def test_an_unknown_journey_is_said(run: Callable, played) -> None:
    said = run("journey", "show", "nothing", "--home", played.home)

    assert said.code == 1
    assert "nothing" in said.err


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("gift: two-masks", "gift: three-masks", "three-masks"),
        ("playbook: cascade", "playbook: mine", "belongs to the playbook cascade"),
    ],
)
def test_a_folder_is_installed_whole_or_not_at_all(
    run: Callable, tmp_path: Path, played, old: str, new: str, words: str
) -> None:
    home = ("--home", played.home)
    folder = Path(shutil.copytree(CASCADE, tmp_path / "mine"))
    _edit(folder / "playbook.yaml", old, new)
    _edit(folder / "journeys" / "cascade.yaml", "wait: 5m", "wait: 9m")

    refused = run("playbook", "install", folder, *home)
    before = run("journey", "show", "cascade", *home).out
    _edit(folder / "playbook.yaml", new, old)
    done = run("playbook", "install", folder, "--by", "ana", *home, "--json").json
    with open_app(load({}, home=played.home)) as app, app.db.transaction() as conn:
        line = audited(conn)[0]

    assert (line.actor, line.action, line.object) == ("ana", "journey.publish", "cascade")
    assert refused.code == 1
    assert words in refused.err
    assert "wait: 9m" not in before
    assert "mine" not in run("playbook", "list", *home).out
    assert done == {"playbook": "cascade", "journeys": ["cascade"], "texts": []}
    assert "wait: 9m" in run("journey", "show", "cascade", *home).out
    run("playbook", "install", "cascade", *home)


def test_an_unknown_playbook_is_said(run: Callable, tmp_path: Path, played) -> None:
    for name in ("nothing", tmp_path, "", "../cascade"):
        said = run("playbook", "install", name, "--home", played.home)

        assert said.code == 1
        assert "shipped are card-only, care-3-3-3, cascade, " in said.err


def test_a_text_is_tried_on_the_days_of_the_demonstration(
    run: Callable, played: Played, text: Path
) -> None:
    """The same people come in, for each is heard again; nothing is left of it."""
    with open_app(load({}, home=played.home)) as app, app.db.transaction() as conn:
        ((first,),) = conn.fetch("select min(paid_at) from orders")
    began = first.astimezone(ZoneInfo("Asia/Shanghai")).date()
    days = ("--from", began, "--to", began, "--no-ranges")

    told = run("journey", "dry-run", text, *days, "--home", played.home, "--json").json
    shown = run("journey", "dry-run", text, "--from", "soon", "--to", began, "--home", played.home)

    assert told["entered"] == sum(one["entered"] for one in told["days"]) > 0
    assert told["cost_minor"]["likely"] == sum(one["cost_minor"] for one in told["steps"])
    assert (shown.code, "write it like 2026-10-01" in shown.err) == (1, True)
