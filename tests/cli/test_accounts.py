"""`siyu account …`: who may sign in to the console, on a home where a demonstration was played."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from typer.testing import CliRunner

from siyu.cli.main import app


@pytest.fixture
def siyu(run: Callable, played) -> Callable:
    """A command on the played home, which must succeed; its JSON."""

    def do(*words: object) -> Any:
        said = run(*words, "--home", played.home, "--json")
        assert said.code == 0, said.out + said.err
        return said.json

    return do


def test_somebody_is_let_in_by_a_password_that_is_shown_once(
    siyu: Callable, run: Callable, played
) -> None:
    siyu("staff", "add", "g7", "--name", "Xu", "--store", "hz-1")
    made = siyu("account", "add", "g7", "--scope", "store", "--by", "an")
    assert len(made["password"]) == 14
    assert made["url"].startswith("http://127.0.0.1:")

    (found,) = [one for one in siyu("account", "list")["accounts"] if one["code"] == "g7"]
    assert (found["scope"], found["place"], found["must_change"]) == ("store", "hz-1", True)
    shown = run("account", "list", "--home", played.home).out
    assert "store hz-1" in shown
    assert made["password"] not in shown

    again = run("account", "add", "g7", "--home", played.home)
    assert again.code == 1
    assert "siyu account password" in again.err
    assert siyu("account", "password", "g7")["password"] != made["password"]


def test_an_account_is_narrowed_and_switched(siyu: Callable) -> None:
    siyu("staff", "add", "g6", "--name", "Yu")
    siyu("account", "add", "g6")

    assert siyu("account", "scope", "g6", "region", "--place", "华南")["place"] == "华南"
    assert siyu("account", "scope", "g6")["scope"] is None
    assert siyu("account", "off", "g6")["active"] is False
    assert siyu("account", "on", "g6")["active"] is True


def test_a_password_of_ones_own_is_read_and_never_printed(siyu: Callable, played) -> None:
    siyu("staff", "add", "g5", "--name", "Wu")
    words = ["account", "add", "g5", "--password-stdin", "--home", str(played.home), "--json"]

    said = CliRunner().invoke(app, words, input="a long enough one\n")

    assert said.exit_code == 0, said.output
    assert "password" not in said.stdout


@pytest.mark.parametrize(
    ("words", "why"),
    [
        (("account", "add", "stranger"), "siyu staff add"),
        (("account", "add", "guide-2", "--scope", "moon"), "known are head_office"),
        (("account", "add", "guide-2", "--scope", "store", "--place", "x"), "no store"),
        (("account", "password", "guide-2"), "siyu account add"),
    ],
)
def test_what_can_not_be_is_refused_in_words(
    run: Callable, played, words: tuple[str, ...], why: str
) -> None:
    said = run(*words, "--home", played.home)

    assert said.code == 1
    assert why in said.err


def test_the_demo_says_who_can_sign_in_and_by_what(played) -> None:
    console = played.figures["console"]

    assert console["url"].startswith("http://")
    assert {one["role"] for one in console["accounts"]} == {"operator", "guide", "owner"}
    assert all(len(one["password"]) == 14 for one in console["accounts"])
