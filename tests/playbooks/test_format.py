"""The folder of a playbook: values, all parts checked together, all or nothing installed."""

# ruff: noqa: E501 - texts of playbooks stand as they are written

from __future__ import annotations

from typing import Any

import pytest
from tests.playbooks.test_stories import OWN

from siyu.app import PREDICATES, App, begin_brand
from siyu.content.model import Words
from siyu.kernel.errors import BadInput
from siyu.kernel.sentence import within
from siyu.playbooks import actions
from siyu.playbooks.check import playbook
from siyu.playbooks.check.settings import fill, settled
from siyu.playbooks.model.settings import SettingText, Settled
from siyu.segments import actions as sets
from siyu.segments.views import stored as segments
from siyu.staff.model import Brand
from siyu.tagging import views as tagging

HEAD = OWN["playbook.yaml"]
IT = Words("它", "It")
SEGMENT = """\
segment: own-loyal
title: {zh: 忠诚, en: Loyal}
when: {orders: {at_least: 2}}
"""
INNER = SEGMENT.replace("own-loyal", "own-best").replace(
    "{orders: {at_least: 2}}", "{all: [{segment: own-loyal}, {friend: true}]}"
)
RULE = "rule: own-big\nwhen: {product: {sku: S1}}\ntag: big\n"


def one(type_: Any, **more: Any) -> dict[str, SettingText]:
    return {"x": SettingText(type=type_, title=IT, help=IT, **more)}


@pytest.mark.parametrize(
    ("setting", "said", "stands"),
    [
        (one("duration"), "21d", Settled("21d", "21d", "21d")),
        (one("count"), "3", Settled("3", "3", "3")),
        (one("share"), "10%", Settled("10%", "0.1", "10%")),
        (one("share"), "0.25", Settled("0.25", "0.25", "25%")),
        (one("choice", of={"warm": IT}), "warm", Settled("warm", '"warm"', "warm")),
        (one("store"), "001", Settled("001", '"001"', "001")),
        (
            one("money", default={"CNY": "30.00", "GBP": "3.40"}), "25.5",
            Settled("25.5", '{CNY: "25.5", GBP: "3.40"}', "¥25.50"),
        ),
    ],
)  # fmt: skip
def test_a_value_stands_in_a_text_as_its_type_says(
    setting: dict[str, SettingText], said: str, stands: Settled
) -> None:
    assert settled(setting, {"x": said}, "CNY") == ({"x": stands}, [])


@pytest.mark.parametrize(
    ("setting", "said", "why"),
    [
        (one("duration"), "3 days", "is not a duration"),
        (one("duration", least="7d"), "3d", "at least 7d"),
        (one("count", most=9), "10", "at most 9"),
        (one("count"), "1.5", "is no whole number"),
        (one("share"), "110%", "is no share"),
        (one("choice", of={"warm": IT}), "cold", "is none of warm"),
        (one("shop"), "a: b", "is no code"),
        (one("money", most={"CNY": "9.00"}), "10", "at most CNY 9.00"),
        (one("money"), "-1", "is below nothing"),
        (one("count"), None, "has to be said"),
    ],
)
def test_a_value_that_does_not_fit_is_refused_with_what_would_be_right(
    setting: dict[str, SettingText], said: object, why: str
) -> None:
    given = {} if said is None else {"x": said}
    ((name, words),) = settled(setting, given, "CNY")[1]

    assert (name, why in words) == ("x", True)


def test_money_is_a_mapping_alone_and_an_amount_within_words() -> None:
    money = {"x": Settled("5", '{CNY: "5.00"}', "¥5.00")}
    text = 'value: ${x}\nzh: |-\n  ${x}\n  only: ${x}\nen: "for ${x}"\nof: [${x}, 1]\n# ${nobody}\n'

    filled, problems = fill("a.yaml", text, money, set())

    assert problems == []
    assert filled == (
        'value: {CNY: "5.00"}\nzh: |-\n  ¥5.00\n  only: ¥5.00\nen: "for ¥5.00"\n'
        'of: [{CNY: "5.00"}, 1]\n# ${nobody}\n'
    )


@pytest.mark.parametrize(
    ("files", "place", "why"),
    [
        ({"journeys/own.yaml": OWN["journeys/own.yaml"].replace("${gap}", "${gop}")},
         ("journeys/own.yaml", 8), "declares no such setting; it has gap"),
        ({"playbook.yaml": HEAD + "  more: {type: count, default: 1, title: {zh: 甲, en: A}, help: {zh: 甲, en: A}}\n"},
         ("playbook.yaml settings.more", 10), "no text says"),
        ({"playbook.yaml": HEAD.replace("default: 2d", "default: soon")},
         ("playbook.yaml settings.gap.default", 9), "is not a duration"),
        ({"playbook.yaml": HEAD.replace("type: duration", "type: length")},
         ("playbook.yaml settings.gap.type", 6), "length"),
        ({"playbook.yaml": HEAD + "goal: money\n"}, ("playbook.yaml goal", 10), "money"),
        ({"playbook.yaml": HEAD + "outcome: {event: order.payed, within: 30d}\n"},
         ("playbook.yaml outcome.event", 10), "is no kind of event"),
        ({"playbook.yaml": HEAD + "needs:\n  - {why: {zh: 甲, en: A}}\n"},
         ("playbook.yaml needs[0]", 11), "names exactly one"),
        ({"notes.yaml": "a: 1"}, ("notes.yaml", None), "no part of a playbook"),
        ({"segments/a.yaml": SEGMENT.replace("at_least", "atleast")}, ("segments/a.yaml", 3), "atleast"),
        ({"tags.yaml": RULE + "---\n" + RULE.replace("own-big", "other").replace("sku", "skew")},
         ("tags.yaml", 6), "skew"),
        ({"materials.yaml": OWN["materials.yaml"].replace("{{ brand }}再会", "{{ brnd }}再会")},
         ("materials.yaml", 2), "brnd"),
        ({"journeys/own.yaml": OWN["journeys/own.yaml"].replace("material: later", "material: latr")},
         ("journeys/own.yaml", 10), "latr"),
    ],
)  # fmt: skip
def test_a_problem_names_its_file_and_line(
    brand: App, files: dict[str, str], place: tuple[str, int | None], why: str
) -> None:
    with pytest.raises(BadInput) as refused:
        install(brand, {**OWN, **files})

    found = [(one.where, one.line, one.why) for one in refused.value.problems]
    assert any(where.startswith(place[0]) and line == place[1] and why in f"{where} {said}"
        for where, line, said in found), found  # fmt: skip


def test_problems_of_all_files_are_said_at_once_and_nothing_is_installed(brand: App) -> None:
    before = stored(brand)
    wrong = {
        "materials.yaml": OWN["materials.yaml"].replace("{{ brand }}再会", "{{ brnd }}再会"),
        "segments/a.yaml": SEGMENT.replace("at_least", "atleast"),
        "tags.yaml": RULE.replace("sku", "skew"),
        "journeys/own.yaml": OWN["journeys/own.yaml"].replace("material: later", "material: latr"),
        "story.yaml": "- story: x\n  facts: [{at: day 0 10:00, who: mei, friend.added: {}}]\n  never: [{who: lin}]\n",
    }  # fmt: skip

    with pytest.raises(BadInput) as refused:
        install(brand, {**OWN, **wrong})

    said = {one.where.split()[0] for one in refused.value.problems}
    assert said == {*wrong}
    assert stored(brand) == before


def test_segments_and_rules_come_with_it_in_any_order_and_stay_as_a_brand_edits_them(
    brand: App,
) -> None:
    files = {
        **OWN,
        "segments/a-best.yaml": INNER,
        "segments/b-loyal.yaml": SEGMENT,
        "tags.yaml": RULE,
    }

    assert install(brand, files) == ["own"]
    with brand.db.transaction() as conn:
        known = segments.stock(conn)
        assert {"own-best", "own-loyal"} <= set(known.by_code)
        assert [one.code for one in tagging.rules(conn)] == ["own-big"]
        edited = SEGMENT.replace("2", "3")
        sets.keep(conn, edited, PREDICATES, "ana", brand.clock.now())
    install(brand, files)

    with brand.db.transaction() as conn:
        assert segments.stock(conn).named("own-loyal").text == edited


def test_what_belongs_to_another_playbook_is_not_taken(brand: App) -> None:
    install(brand, {**OWN, "segments/b-loyal.yaml": SEGMENT, "tags.yaml": RULE})
    other = {**OWN, "playbook.yaml": HEAD.replace("playbook: mine", "playbook: other")}

    with pytest.raises(BadInput) as refused:
        install(brand, {**other, "segments/b-loyal.yaml": SEGMENT, "tags.yaml": RULE})

    assert {one.where for one in refused.value.problems} == {
        "material hello", "material later", "journey own", "segment own-loyal", "tag rule own-big",
    }  # fmt: skip


@pytest.fixture
def brand(app: App) -> App:
    with app.db.transaction() as conn:
        begin_brand(conn, Brand("花间", "Asia/Shanghai", "CNY", "CN", "zh"), app.clock.now())
    return app


def install(app: App, files: dict[str, str]) -> list[str]:
    found = playbook(files)
    with app.db.transaction() as conn:
        done = actions.install(conn, found, "CNY", PREDICATES, app.clock.now(), keys=app.keys)
    return [one.code for one in done]


def stored(app: App) -> list[object]:
    tables = ("journey", "material", "segment", "tag_rule", "offer", "playbook")
    return [app.db.fetch(f"select count(*) from {name}") for name in tables]


@pytest.mark.parametrize(
    ("settings", "line", "en", "zh"),
    [
        ("{gap: {type: length, title: {zh: 间, en: G}, help: {zh: 帮, en: H}}}", 4,
         "there is no `length` here; write one of ", "这里没有 `length`；可写 "),
        ("{gap: {title: {zh: 间, en: G}, help: {zh: 帮, en: H}}}", 4,
         "`type` is missing: it must be said", "缺少 `type`"),
        ("{gap: {type: count, title: Gap, help: {zh: 帮, en: H}}}", 4,
         "must be lines of `name: value`; this is a text", "必须是若干行"),
        ("{gap: {type: count, titel: {}, title: {zh: 间, en: G}, help: {zh: 帮, en: H}}}", 4,
         "there is no `titel` here; write one of ", "这里没有 `titel`"),
    ],
)  # fmt: skip
def test_a_bad_setting_is_told_with_its_line_and_what_would_be_right(
    settings: str, line: int, en: str, zh: str
) -> None:
    text = ("playbook: mine\ntitle: {zh: 我, en: Mine}\nabout: {zh: 我, en: Mine}\n"
            f"settings: {settings}\n")  # fmt: skip
    with pytest.raises(BadInput) as caught:
        playbook({"playbook.yaml": text})
    (problem,) = [one for one in caught.value.problems if en in str(one.why)]

    assert problem.line == line
    assert problem.where.startswith("playbook.yaml settings.gap")
    assert zh in within("zh", problem.why)
