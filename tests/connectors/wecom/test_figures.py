"""What WeCom counts by day: asked for once, kept by member and day; what is not known stays so."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, time, timedelta

import pytest

from siyu.connectors.figures import Grouped, Worked
from siyu.connectors.manifest import WayIn
from siyu.connectors.wecom.fake import Member
from siyu.connectors.wecom.source import clicks, figures, links, ways
from siyu.connectors.wecom.wire import codes
from siyu.kernel.time import next_time

ASKED = "externalcontact/get_user_behavior_data"
DAY = timedelta(days=1)


@pytest.fixture
def corp(corp):
    """At nine in the morning there."""
    corp.config = replace(corp.config, figures=True)
    nine = next_time(time(9), corp.clock.now(), codes.WECOM_ZONE)
    corp.clock.advance(seconds=(nine - corp.clock.now()).total_seconds())
    return corp


@pytest.fixture
def pulled(corp):
    cursor = [""]

    def run(most: int | None = None):
        again = None
        for count, page in enumerate(figures.pull(corp.config, corp.tools, cursor[0]), 1):
            assert list(page.events) == []
            cursor[0], again = page.cursor, page.again
            if count == most:
                break
        return again

    return run


def today(corp) -> date:
    return corp.clock.now().astimezone(codes.WECOM_ZONE).date()


def worked(corp, first=None, last=None):
    yesterday = today(corp) - DAY
    return figures.worked(corp.config, corp.tools, first or yesterday, last or yesterday)


def test_a_day_is_known_by_member_and_what_is_not_said_is_not_zero(corp, pulled) -> None:
    day = today(corp) - DAY
    corp.fake.talked["zhangsan", day] = {
        "chat_cnt": 12, "message_cnt": 80, "reply_percentage": 75.5, "avg_reply_time": 4,
        "negative_feedback_cnt": 1, "new_apply_cnt": 3,
    }  # fmt: skip
    again = pulled()

    assert sorted(worked(corp)) == [
        Worked("g-zhang", day, 12, 80, 0.755, 4, 1, 3, 0),
        Worked("lisi", day, 0, 0, None, None, 0, 0, 0),
    ]
    assert again == corp.clock.now() - timedelta(hours=1) + DAY


def test_the_first_time_half_a_year_is_asked_for_then_a_day_at_a_time(corp, pulled) -> None:
    pulled()
    assert corp.fake.requests[ASKED] == 2 * 6
    assert len(worked(corp, today(corp) - DAY * 180)) == 2 * 180
    pulled()
    assert corp.fake.requests[ASKED] == 2 * 6

    corp.clock.advance(days=3)
    pulled()

    assert corp.fake.requests[ASKED] == 2 * 7
    assert len(worked(corp, today(corp) - DAY * 183)) == 2 * 183


def test_cut_off_it_goes_on_behind_the_last_member_and_doubles_nothing(corp, pulled) -> None:
    corp.fake.members |= {name: Member(name) for name in (f"guide{n:02}" for n in range(20))}
    pulled(most=1)
    assert len({one.staff for one in worked(corp)}) == 20
    corp.clock.advance(days=1)
    assert pulled() == corp.clock.now()
    pulled()

    assert corp.fake.requests[ASKED] == 22 * 6 + 22
    assert len(worked(corp, today(corp) - DAY * 180)) == 22 * 180


def test_a_day_that_wecom_has_not_counted_yet_is_unknown(corp, pulled) -> None:
    corp.config = replace(corp.config, figures_hour=5)
    corp.clock.advance(hours=21)
    pulled()

    assert worked(corp) == []
    assert len(worked(corp, today(corp) - DAY * 2)) == 2


def test_group_chats_are_counted_by_their_owner(corp, pulled) -> None:
    chat = corp.fake.makes_group("lisi")
    corp.fake.joins(chat, "wmANNA")
    corp.clock.advance(days=1)
    pulled()

    day = today(corp) - DAY
    assert figures.grouped(corp.config, corp.tools, day, day) == [
        Grouped("lisi", day, 1, 1, 0, 2, 1, 0, 0)
    ]


def counted(corp) -> dict[str, tuple[int | None, int | None]]:
    found = ways.every(corp.config, corp.tools)
    return {one.way.state: (one.clicks, one.added) for one in found}


def test_a_links_clicks_and_adds_are_counted_by_day_and_told_of_thirty(corp, pulled) -> None:
    corp.config = replace(corp.config, link_users=("lisi",), way_users=("lisi",))
    made = ways.make(corp.config, corp.tools, WayIn("link", "spring"))
    ways.make(corp.config, corp.tools, WayIn("code", "counter"))
    settings = links.landing(corp.config, corp.tools, "st_1")
    assert counted(corp) == dict.fromkeys(("spring", "counter", ""), (None, None))

    corp.fake.follows_link(made.url, "wm1")
    corp.fake.balance = 0
    corp.fake.follows_link(made.url, "wm2")
    corp.clock.advance(days=1)
    pulled()

    assert counted(corp) == {"spring": (2, 1), "counter": (None, None), "": (0, 0)}
    assert corp.fake.requests[clicks.STATISTIC] == 2 * clicks.DAYS
    corp.fake.follows_link(settings, "wm3")
    corp.clock.advance(days=1)
    for _ in range(2):
        pulled()
    assert counted(corp) == {"spring": (2, 1), "counter": (None, None), "": (1, 0)}
    assert corp.fake.requests[clicks.STATISTIC] == 2 * clicks.DAYS + 2

    corp.clock.advance(days=29)
    assert counted(corp)["spring"] == (0, 0)
    corp.clock.advance(days=1)
    assert counted(corp)["spring"] == (None, None)


def test_a_link_that_is_gone_leaves_the_figures_of_the_others_alone(corp, pulled) -> None:
    corp.config = replace(corp.config, link_users=("lisi",))
    for state in ("spring", "summer"):
        ways.make(corp.config, corp.tools, WayIn("link", state))
    corp.fake.links.pop(next(iter(corp.fake.links)))
    corp.clock.advance(hours=1)
    pulled()

    assert sorted(counted(corp).values(), key=str) == [(0, 0), (None, None)]
    assert len(worked(corp)) == 2


def test_who_leaves_meanwhile_is_passed_over(corp) -> None:
    corp.fake.members |= {name: Member(name) for name in (f"guide{n:02}" for n in range(20))}
    pages = figures.pull(corp.config, corp.tools, "")
    next(pages)
    corp.fake.leaves("zhangsan")
    list(pages)

    assert len({one.staff for one in worked(corp)}) == 21


def test_nothing_is_asked_unless_it_is_wanted(corp, pulled) -> None:
    corp.config = replace(corp.config, figures=False)
    pulled()

    assert corp.fake.requests[ASKED] == 0
