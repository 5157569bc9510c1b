"""World files: typed, documented, and with problems in words."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from siyu.kernel.errors import BadInput
from siyu.sandbox.calibrate import simulate
from siyu.sandbox.parameters import WORLDS, load
from siyu.sandbox.prices import price_list


@pytest.mark.parametrize("name", ["default", "cold", "indifferent", "loved"])
def test_a_shipped_world_loads_and_says_in_both_languages_what_it_is(name: str) -> None:
    world = load(name)
    assert world.world == name
    assert set(world.about) == {"zh", "en"}


@pytest.mark.parametrize("path", sorted(WORLDS.glob("*.yaml")), ids=lambda path: path.stem)
def test_every_parameter_has_its_source_beside_it(path: Path) -> None:
    bare: list[str] = []
    covered_to = -1  # a comment on a heading speaks for the lines below it
    for number, line in enumerate(path.read_text("utf-8").splitlines(), 1):
        depth = len(line) - len(line.lstrip())
        if not line.strip() or line.lstrip().startswith(("#", "zh:", "en:")):
            continue
        if covered_to >= 0 and depth > covered_to:
            continue
        covered_to = depth if "#" in line else -1
        if re.search(r"\d", line.partition("#")[0]) and "#" not in line:
            bare.append(f"{number}: {line.strip()}")
    assert bare == []


def write(folder: Path, text: str) -> str:
    path = folder / "mine.yaml"
    path.write_text("world: mine\nlike: default\nabout: {zh: 试, en: mine}\n" + text, "utf-8")
    return str(path)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("people: {sms: {adds: 1.5}}", "people.sms.adds"),
        ("people: {sms: {ads: 0.1}}", "ads"),
        ("people: {never: often}", "people.never"),
        ("shop: {storefronts: [{code: a, name: A, platform: p, share: 0.5}]}", "add up to 0.5"),
        ("reading: {value: ['worth']}", "amount"),
        ("reading: {certain: ['(']}", "not an expression"),
        ("staff: {hours: '21:00-09:00'}", "staff.hours"),
        ("warehouse: {waves: [{plan: '15:00', cutoff: '05:00', ships: '18:00'}]}", "waves[0]"),
        ("people: [1", "not YAML"),
    ],
)
def test_a_wrong_world_says_what_is_wrong_and_where(tmp_path: Path, text: str, said: str) -> None:
    with pytest.raises(BadInput) as caught:
        load(write(tmp_path, text))
    assert said in str(caught.value)


def test_an_unknown_world_names_the_known_ones() -> None:
    with pytest.raises(BadInput, match="cold, default, indifferent, loved"):
        load("nowhere")


def test_a_rate_changed_in_a_world_file_moves_the_adds(tmp_path: Path) -> None:
    before = simulate(load("default"), "move", orders=800)
    after = simulate(load(write(tmp_path, "people: {sms: {adds: 0.05}}")), "move", orders=800)
    assert after.in_scope == before.in_scope
    assert after.adds["sms"] < before.adds["sms"] / 3
    assert after.rate < before.rate - 0.08


def test_prices_are_whole_minor_units_and_never_rounded_to_nothing() -> None:
    world = load("default")
    assert price_list(world, "CNY")["sms_segment"] == 5
    pounds = price_list(world, "GBP")
    assert pounds["sms_segment"] == 1
    assert all(pounds[kind] > 0 for kind, yuan in world.prices.items() if yuan > 0)


def test_a_currency_without_a_rate_is_refused_in_words() -> None:
    with pytest.raises(BadInput, match="CHF"):
        price_list(load("default"), "CHF")
