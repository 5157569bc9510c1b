"""A season in small: every figure is there, agrees with the database, and comes again."""

from __future__ import annotations

from collections.abc import Iterator
from contextvars import copy_context
from typing import Any

import psycopg
import pytest

from siyu.analytics.views.proof import differences
from siyu.api.http import make
from siyu.cli.screen import out, speak
from siyu.cli.season import draw
from siyu.kernel.errors import Refused
from siyu.sandbox.client import Api
from siyu.sandbox.demo import Demo, serving
from siyu.sandbox.season import PLAYBOOKS, SeasonPlan, play_season
from siyu.sandbox.server import Served

Figures = dict[str, Any]
CUSTOMERS, DAYS = 120, 40
OF_THE_MACHINE = ("wall_seconds", "cpu_seconds")


KEEN = """world: keen
like: default
about: {zh: 陌生人都很积极, en: Keen strangers}
season:
  strangers:
    agrees: 1
    joins: 1
    buys: 0.9
    delay: {median: 4d, spread: 0.5, longest: 10d}
    claims: 0.7
"""


@pytest.fixture(scope="module")
def plan(databases, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """Plans of a season, each on a home and in a database of its own: eight strangers become
    friends in it, so these are keen on the rest."""
    names: list[str] = []
    world = tmp_path_factory.mktemp("world") / "keen.yaml"
    world.write_text(KEEN, "utf-8")

    def made(**more: Any) -> SeasonPlan:
        names.append(databases.take())
        home = tmp_path_factory.mktemp("season")
        url = databases.url(names[-1])
        home.joinpath("siyu.toml").write_text(f'database_url = "{url}"\n', "utf-8")
        return SeasonPlan(
            home, **{"customers": CUSTOMERS, "days": DAYS, "seed": "2", "world": str(world), **more}
        )

    yield made
    for name in names:
        databases.give_back(name)


@pytest.fixture(scope="module")
def season(plan: Any) -> Iterator[Demo]:
    demo = play_season(plan())
    with demo.held:
        yield demo


@pytest.fixture(scope="module")
def figures(season: Demo) -> Figures:
    return dict(season.figures)


def ask(demo: Demo, statement: str, *values: object) -> list[tuple[Any, ...]]:
    """What the database says, past every view of the product."""
    with psycopg.connect(demo.app.db.url) as conn:
        return conn.execute(statement, values).fetchall()  # pyright: ignore[reportArgumentType]


def test_every_playbook_lets_people_in_holds_some_out_and_sends(figures: Figures) -> None:
    told = figures["playbooks"]

    assert list(told) == list(PLAYBOOKS)
    for name, one in told.items():
        assert one["entered"] > one["held_out"] > 0, name
        assert one["sent"] > 0, name
        assert one["withheld"] >= one["withheld_by_hold_out"] > 0, name
        assert one["says"]["zh"], name


def test_the_held_out_of_a_playbook_got_nothing_of_it_that_is_for_sale(season: Demo) -> None:
    ((wrong,),) = ask(
        season,
        "select count(*) from touch t join visit v on v.id = t.visit_id"
        " where v.held_out and t.sent_at is not null and t.purpose <> 'answer'",
    )

    assert wrong == 0


def test_the_figures_agree_with_the_database(season: Demo, figures: Figures) -> None:
    for name, one in figures["playbooks"].items():
        ((entered, sent),) = ask(
            season,
            "select (select count(distinct v.customer_id) from visit v join journey j"
            " on j.id = v.journey_id where j.playbook = %s),"
            " (select count(*) from touch t join journey j on j.code = t.journey"
            " where j.playbook = %s and t.sent_at is not null)",
            name, name,
        )  # fmt: skip
        assert one["entered"] <= entered, name
        assert one["sent"] == sent, name
    ((live, added, customers, deleted),) = ask(
        season,
        "select (select count(distinct customer_id) from friendship where state = 'live'),"
        " (select count(*) from friend_match where added_at >= %s),"
        " (select count(*) from customer where merged_into is null),"
        " (select count(distinct customer_id) from friendship where state = 'deleted_by_customer')",
        season.world.start,
    )
    pool = figures["pool"]
    assert (pool["after"], pool["customers"], pool["left"]) == (live, customers, deleted)
    assert sum(one["friends"] for one in figures["adds_by_source"]) == added
    assert pool["came"] == added
    assert pool["before"] + pool["came"] - pool["left"] == pool["after"]
    unknown = sum(not one.matched for one in season.world.records.adds)  # by another door
    happened = figures["sandbox"]["strangers"].values()
    bought = sum(one.get("bought", 0) for one in happened)  # under a number that nobody knew
    assert customers == figures["customers"] == CUSTOMERS + unknown + bought


def test_adds_by_source_name_what_strangers_came_by(season: Demo, figures: Figures) -> None:
    happened: dict[str, Figures] = figures["sandbox"]["strangers"]
    doors = {one["source"]: one for one in figures["adds_by_source"] if one["step"] == "page"}
    pages = {one["channel"].partition("/")[0]: one for one in figures["pages"]}

    assert set(doors) == set(pages) == set(happened) == {"ads", "video", "poster"}
    assert doors["poster"]["title"] == {"en": "Store posters", "zh": "门店海报"}
    for code, did in happened.items():
        assert did["opened"] == pages[code]["visits"] > did["added"] > 0, code
        assert doors[code]["friends"] == pages[code]["friends"] == did["added"], code
        assert pages[code]["given"] == did["added"], code
        for number in ("visits", "given", "friends"):
            by_ad = pages[code]["by_ad"]
            assert sum(one[number] for one in by_ad) == pages[code][number], code
        assert all(one["origin"] and one["campaign"] for one in pages[code]["by_ad"]), code
        bought = did.get("bought", 0)
        assert doors[code]["stages"].get("A4", 0) == did.get("claimed", 0) <= bought, code
    for one in figures["adds_by_source"]:
        assert sum(one["stages"].values()) == one["friends"]
    buyers = [one for one in figures["adds_by_source"] if one["source"] == "old-orders"]
    assert [set(one["stages"]) for one in buyers] == [{"A4"}]


def test_strangers_are_greeted_within_seconds_and_known_by_no_number(
    season: Demo, figures: Figures
) -> None:
    happened: list[Figures] = list(figures["sandbox"]["strangers"].values())
    added = sum(one["added"] for one in happened)
    greeted = ask(
        season,
        "select t.journey, extract(epoch from t.sent_at - f.first_added_at), s.title ->> 'en'"
        " from touch t join friendship f on f.customer_id = t.customer_id"
        " join friend_match m on m.customer_id = t.customer_id join source s on s.code = m.source"
        " where t.channel = 'wecom_welcome' and t.sent_at is not null and m.step = 'page'",
    )

    assert sum(one["greeted"] for one in happened) == added == len(greeted)
    assert figures["sandbox"]["reached"]["wecom_welcome"] == added
    assert {journey for journey, _, _ in greeted} == {"welcome-trust"}
    assert all(0 <= seconds < 20 for _, seconds, _ in greeted)
    assert {title for _, _, title in greeted} == {"Ads", "Video account", "Store posters"}
    ((ads, clicks),) = ask(
        season,
        "select count(*), count(e.ad ->> 'clickid') from entry_state e"
        " where e.channel_code = 'ads/page'",
    )
    assert ads == clicks == figures["sandbox"]["strangers"]["ads"]["added"]


def test_strangers_join_the_group_and_are_known_once_they_claim_their_order(
    season: Demo, figures: Figures
) -> None:
    happened: list[Figures] = list(figures["sandbox"]["strangers"].values())
    did = {
        what: sum(one.get(what, 0) for one in happened) for what in ("bought", "claimed", "joined")
    }
    ((joined, claimed, known, buyers),) = ask(
        season,
        "select (select count(distinct customer_id) from group_member),"
        " (select count(*) from event where kind = 'order.claimed'),"
        " (select count(*) from friend_match where step = 'page' and matched),"
        " (select count(distinct o.customer_id) from orders o join friend_match m"
        "  on m.customer_id = o.customer_id where m.step = 'page')",
    )

    assert did["bought"] > did["claimed"] > 0
    assert claimed == known == buyers == did["claimed"]
    assert joined == did["joined"] > 0


def test_what_the_product_knows_is_what_happened(season: Demo, figures: Figures) -> None:
    happened = figures["sandbox"]
    ((orders,),) = ask(season, "select count(*) from orders")
    reached: dict[str, int] = happened["reached"]
    sent = dict(
        ask(season, "select channel, count(*) from touch where sent_at is not null group by 1")
    )

    assert (
        orders
        == happened["orders"]
        == figures["history_orders"]
        + len([one for one in season.world.records.orders.values() if one.at >= season.world.start])
    )
    assert figures["pool"]["came"] == happened["friends_added"]
    assert figures["deletions"]["in_all"] == happened["deleted"]
    assert sent["wecom_message"] >= reached["wecom_message"] > 0
    assert figures["refused_by_engine"] == {}
    assert happened["strays"] == 0
    with season.app.db.transaction() as conn:
        assert differences(conn) == []  # the ledger agrees with all that happened


def test_invitations_bring_people_into_stores(figures: Figures) -> None:
    found = figures["invitation_to_visit"]

    assert set(found) == {"care-visit", "festival-box"}
    for one in found.values():
        assert one["invited"] >= one["came"] >= 0
        assert one["rate"] == one["came"] / one["invited"]
    assert sum(one["came"] for one in found.values()) > 0


def test_the_trust_cost_of_a_playbook_is_a_number_or_says_why_there_is_none(
    season: Demo, figures: Figures
) -> None:
    by_channel = {one["channel"]["en"]: one for one in figures["trust"]["by_channel"]}
    for name, one in figures["playbooks"].items():
        told = one["trust_cost"]
        ((friends,),) = ask(
            season,
            "select count(*) from touch t join journey j on j.code = t.journey"
            " where j.playbook = %s and t.state in ('sent', 'delivered', 'read') and exists ("
            " select from friendship f where f.customer_id = t.customer_id"
            " and f.first_added_at <= t.sent_at and coalesce(f.deleted_at > t.sent_at, true))",
            name,
        )  # fmt: skip
        assert told["sent"] <= one["sent"], name
        assert told["of_friends"] == friends, name
        assert told["says"]["en"], name
        assert told["says"]["zh"], name
        if told["minor"] is None:
            assert friends > 0, name
            assert "Too little is known" in told["says"]["en"], name
            assert by_channel["WeCom message"]["more"] is None, name
    assert {one["trust_cost"]["minor"] for one in figures["playbooks"].values()} == {0, None}


def test_every_source_is_called_by_one_name(figures: Figures) -> None:
    rows = figures["payback"]["by_source"]
    names = [(one["source"]["en"], one["counted"]) for one in rows]
    assert len(names) == len(set(names))
    assert not [en for en, _ in names if en.startswith("playbook:")]
    (own,) = [
        one for one in rows if one["source"]["en"] == "Old orders" and "hold" in one["counted"]
    ]
    assert own in figures["playbooks"]["old-orders"]["payback"]


def test_the_same_seed_gives_the_same_figures(season: Demo, plan: Any) -> None:
    again = play_season(plan())
    with again.held:
        first, second = ({k: v for k, v in one.figures.items() if k not in OF_THE_MACHINE}
                         for one in (season, again))  # fmt: skip

    assert first == second


@pytest.mark.parametrize(("language", "words"), [("zh", "有无关怀的复购"), ("en", "with care")])
def test_the_screen_tells_it_in_both_languages(
    season: Demo,
    figures: Figures,
    language: Any,
    words: str,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(out, "width", 120)  # a terminal of the machine's may fold names
    screen = copy_context()  # what is spoken in it stays in it
    screen.run(speak, season.app, language)
    screen.run(draw, figures)

    shown = capsys.readouterr().out
    assert words in shown
    assert figures["payback"]["says"][language] in shown
    days = figures["repurchase"]["within_days"]
    assert (f"{days} 天内" if language == "zh" else f"within {days} days") in shown
    assert "(n=" in shown  # a rate says of how many
    for one in (*figures["adds_by_source"], *figures["pages"]):
        assert one["title"].get(language, "") in shown
    assert ("尚未购买" if language == "zh" else "not bought yet") in shown
    sources = [one["source"] for one in figures["payback"]["by_source"]]
    assert {"en": "All known sources", "zh": "全部已知来源"} in sources
    for name in PLAYBOOKS:
        assert shown.count(name) >= 2, name


def test_a_home_with_data_is_left_alone(season: Demo) -> None:
    settings = season.app.settings
    with pytest.raises(Refused, match="a demo needs a home of its own"):
        play_season(SeasonPlan(settings.home, CUSTOMERS, DAYS))


def test_the_console_is_served_with_the_brand_that_was_played(season: Demo) -> None:
    with serving(season) as app, Served(make(app)) as served:
        api = Api(served.url, app.settings.api_key, app.settings.ingest_secret, "")
        rows = api.ask("/api/v1/playbooks")["playbooks"]
        api.close()

    assert app.brand.name == season.figures["brand"]
    assert {one["playbook"] for one in rows if one["state"] == "running"} == set(PLAYBOOKS)
