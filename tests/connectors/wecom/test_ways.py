"""Codes and links of a batch: made once, led by rota, caps and leave, given back."""

from __future__ import annotations

from dataclasses import replace

import pytest

from siyu.connectors.ways import Shift, WayIn
from siyu.connectors.wecom.source import links, rota, ways
from siyu.kernel.errors import BadInput, Refused

WAY = "externalcontact/add_contact_way"
UPDATE = "externalcontact/update_contact_way"
TURN = "externalcontact/customer_acquisition/update_link"
BATCH = WayIn("code", "cards-2026-11", "双十一卡片")


@pytest.fixture
def config(corp):
    """Two members take new friends where a code names nobody."""
    corp.config = replace(
        corp.config, link_users=("zhangsan", "lisi"), way_users=("zhangsan", "lisi")
    )
    return corp.config


@pytest.fixture
def away(corp):
    """Staff codes of those who are not at work."""
    gone: set[str] = set()
    corp.tools = replace(corp.tools, at_work=lambda codes: frozenset(codes) - gone)
    return gone


def pulled(corp):
    return list(ways.pull(corp.config, corp.tools, ""))[-1].again


def behind(corp):
    (found,) = corp.fake.ways.values()
    return list(found.body["user"])


def test_a_code_for_each_batch_is_made_once_and_can_be_given_back(corp, config) -> None:
    way = ways.make(config, corp.tools, BATCH)
    assert ways.make(config, corp.tools, BATCH) == way
    assert corp.fake.requests[WAY] == ways.made(corp.tools) == 1
    assert way.behind == ("g-zhang", "lisi")
    (config_id,) = corp.fake.ways
    assert config_id in way.picture
    assert [corp.fake.scans(config_id, f"wm{n}") for n in range(2)] == ["zhangsan", "lisi"]
    corp.deliver()
    assert {one.keys["state"] for one in corp.ours.events} == {"cards-2026-11"}
    assert ways.every(config, corp.tools) == [way]

    assert ways.drop(config, corp.tools, "code", "cards-2026-11")
    assert not ways.drop(config, corp.tools, "code", "cards-2026-11")
    assert (corp.fake.ways, ways.made(corp.tools)) == ({}, 0)


def test_shifts_leave_and_caps_say_who_is_behind_a_code(corp, config, away) -> None:
    shifts = (Shift(("g-zhang",), "mon-fri 09:00-12:30"), Shift(("lisi",), "mon-sun 12:30-22:00"))
    ways.make(config, corp.tools, BATCH._replace(shifts=shifts, instead=("g-zhang",), per_day=2))
    noon = corp.clock.now()
    assert behind(corp) == ["zhangsan"]
    asked = corp.fake.requests[UPDATE]
    assert pulled(corp) == noon + ways.TURN
    assert corp.fake.requests[UPDATE] == asked  # nothing changes, so WeCom is not asked

    corp.clock.advance(minutes=25)  # 12:25
    assert pulled(corp) - corp.clock.now() == 5 * ways.TURN / 10
    corp.clock.advance(minutes=5)
    pulled(corp)
    assert behind(corp) == ["lisi"]

    away.add("lisi")
    pulled(corp)
    assert behind(corp) == ["zhangsan"]  # stands in
    away.clear()
    (config_id,) = corp.fake.ways
    pulled(corp)
    for number in range(2):
        corp.fake.scans(config_id, f"wm{number}")
    corp.ours.due.clear()
    corp.deliver()
    assert corp.ours.due.count("ways") == 1  # at once, not at the next turn
    pulled(corp)
    assert behind(corp) == ["zhangsan"]
    corp.clock.advance(days=1)
    pulled(corp)
    assert behind(corp) == ["lisi"]


def test_where_nobody_can_somebody_is_there_all_the_same() -> None:
    way = BATCH._replace(shifts=(Shift(("a",), "mon 09:00-10:00"), Shift(("b",))), instead=("c",))
    noon = rota.datetime(2026, 11, 20, 4, tzinfo=rota.WECOM_ZONE)

    assert rota.behind(way, noon, {"a", "b", "c"}, {}, 0) == ("b",)
    assert rota.behind(way, noon, {"a"}, {}, 0) == ("c",)
    assert rota.behind(way, noon, {"b"}, {"b": 3, "c": 3}, 3) == ("c",)
    assert rota.behind(way._replace(instead=()), noon, {"a"}, {}, 0) == ("b",)
    assert rota.behind(way._replace(shifts=way.shifts[:1], instead=()), noon, (), {}, 0) == ("a",)


def test_a_link_of_a_campaign_has_members_and_a_state_of_its_own(corp, config) -> None:
    way = WayIn("link", "spring/26", shifts=(Shift(("lisi",)),))
    made = ways.make(config, corp.tools, way)
    assert corp.fake.follows_link(made.url, "wmANNA") == "lisi"
    corp.deliver()
    assert corp.ours.events[0].keys["state"] == "spring/26"

    ways.make(config, corp.tools, way._replace(shifts=(Shift(("g-zhang",)),)))
    (link,) = corp.fake.links.values()
    assert link.users == ["zhangsan"]
    assert ways.drop(config, corp.tools, "link", "spring/26")
    assert corp.fake.links == {}


def test_what_wecom_has_lost_is_said_and_keeps_nobody_else_from_being_led(
    corp, config, away
) -> None:
    for state in ("a", "b"):
        ways.make(config, corp.tools, BATCH._replace(state=state))
    gone, left = corp.fake.ways
    del corp.fake.ways[gone]
    away.add("lisi")

    pulled(corp)

    assert behind(corp) == ["zhangsan"]
    assert [one.gone for one in ways.every(config, corp.tools)] == [True, False]
    assert left in corp.fake.ways
    assert ways.made(corp.tools) == 1
    ways.make(config, corp.tools, BATCH._replace(state="a"))
    assert [one.gone for one in ways.every(config, corp.tools)] == [False, False]
    assert ways.made(corp.tools) == 2


def test_a_link_whose_members_can_not_be_added_keeps_its_address_and_one_deleted_is_gone(
    corp, config
) -> None:
    way = WayIn("link", "spring", shifts=(Shift(("lisi",)),))
    url, settings = (
        ways.make(config, corp.tools, way).url,
        links.acquisition_url(config, corp.tools),
    )
    printed, other = corp.fake.links
    for link_id in (printed, other):
        corp.fake.tell("customer_acquisition", "link_unavailable", LinkId=link_id)
    corp.deliver()
    assert "ways" in corp.ours.due
    corp.fake.trusted = False
    with pytest.raises(Refused, match="trusted"):
        pulled(corp)
    assert corp.tools.alarms.lasting == {"link_unavailable": False}
    corp.fake.trusted = True
    pulled(corp)

    assert corp.fake.requests[TURN] == 4
    assert corp.tools.alarms.lasting == {}
    assert corp.tools.store.keys("alarm/") == []
    assert links.acquisition_url(config, corp.tools) == settings
    assert [(one.url, one.gone) for one in ways.every(config, corp.tools) if one.ours] == [
        (url, False)
    ]
    corp.fake.tell("customer_acquisition", "delete_link", LinkId=printed)
    corp.deliver()
    pulled(corp)
    assert [one.gone for one in ways.every(config, corp.tools) if one.ours] == [True]


def test_a_run_that_changes_nothing_asks_once_and_writes_nothing(corp, config) -> None:
    for number in range(30):
        ways.make(config, corp.tools, BATCH._replace(state=f"s{number}"))
    asked: list[tuple[str, ...]] = []
    written: list[str] = []
    corp.tools = replace(
        corp.tools, at_work=lambda codes: asked.append(tuple(codes)) or frozenset(codes)
    )
    corp.tools.store.put = lambda key, *_: written.append(key)

    pulled(corp)

    assert (asked, written) == ([("g-zhang", "lisi")], [])


def test_the_cap_of_contact_ways_is_watched_here_and_there(corp, config) -> None:
    ways.make(replace(config, way_cap=1), corp.tools, BATCH)
    with pytest.raises(Refused, match="no room"):
        ways.make(replace(config, way_cap=1), corp.tools, BATCH._replace(state="b"))
    assert corp.fake.requests[WAY] == 1

    corp.fake.way_cap = 1
    with pytest.raises(Refused, match="41045"):
        ways.make(config, corp.tools, BATCH._replace(state="c"))


@pytest.mark.parametrize(
    "wrong",
    [
        {"state": ""}, {"state": "x" * 31}, {"state": "a\nb"}, {"kind": "group"},
        {"shifts": (Shift(()),)}, {"shifts": (Shift(("lisi",), "noon"),)},
        {"kind": "group", "groups": ("wr",) * 6},
    ],
)  # fmt: skip
def test_what_can_not_be_is_refused_before_it_is_made(corp, config, wrong) -> None:
    with pytest.raises(BadInput) as told:
        ways.make(config, corp.tools, BATCH._replace(**wrong))
    assert told.value.problems[0].where == next(iter(reversed(wrong))).replace("kind", "groups")
    assert corp.fake.ways == {}
