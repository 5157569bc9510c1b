"""The people of a season over real HTTP: what they do about a message is what the product hears."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from siyu.offers import actions as offers
from siyu.offers.model import Offer, Terms
from siyu.sandbox.client import Api, Task
from siyu.sandbox.crowd import Buyer, Crowd
from siyu.sandbox.doors import Doors, OwnDoors
from siyu.sandbox.hands import Hands
from siyu.sandbox.lives import Heard, Lives
from siyu.sandbox.parameters import load
from siyu.sandbox.stage import Stage

HOOK_SECRET = "what-the-provider-and-we-know"
ZONE = ZoneInfo("Asia/Shanghai")
BOX = Offer("box", {"zh": "盲盒", "en": "Box"}, 770, "BOX", kind="presale",
            terms=Terms(stores={"hz-1": 9}, price_minor=770))  # fmt: skip
SERVICE = """
service: clean
title: {zh: 免费养护, en: Free care}
minutes: 30
stores: {hz-1: {week: "mon-sun 10:00-20:00"}}
"""
PAGES = (
    """
page: why
kind: survey
title: {zh: 想听听您的想法, en: What do you think}
survey:
  questions:
    - code: why
      type: one
      ask: {zh: 为什么没买？, en: Why not}
      choices: {price: {zh: 价格, en: Price}, style: {zh: 款式, en: Style}}
""",
    """
page: clean
kind: booking
title: {zh: 到店养护, en: Care in the store}
service: clean
""",
    """
page: box
kind: reserve
title: {zh: 盲盒, en: A box}
offer: box
hold: 6d
""",
)
NOTHING = """
world: test
like: default
about: {zh: 测试, en: A test}
habits:
  trust: {deletes: 0, complains: 0, opts_out: 0}
  chats: {replies: 0, asked: 0, pays: 0}
  links: {follows: 0, answers: 0, books: 0, reserves: 0}
  stores: {keeps: 0, collects: 0, drops_in: 0, buys: 0}
  tells: {birthday: 0, child: 0}
"""


class Friends:
    """Everybody is a friend until they delete us."""

    def __init__(self, doors: Doors) -> None:
        self._doors = doors
        self._gone: set[str] = set()

    def friend(self, buyer: Buyer) -> bool:
        return buyer.key not in self._gone

    def delete(self, buyer: Buyer, at: Any) -> None:
        self._gone.add(buyer.key)
        self._doors.deleted(buyer.who, buyer.staff, at)


class Season:
    """Somebody who lives as `rates` say, before the pages of a brand."""

    def __init__(self, story: Any, world: Path, held: ExitStack) -> None:
        self.story = story
        settings, url = story.app.settings, str(story.http.base_url).rstrip("/")
        api = Api(url, settings.api_key, settings.ingest_secret, HOOK_SECRET)
        hands = Hands(url, settings.api_key)
        held.callback(api.close)
        held.callback(hands.close)
        begin = story.now - timedelta(hours=12)
        self.stage = Stage(load(str(world)), "s", ZONE, begin, begin + timedelta(days=60), api)
        self.stage.now = story.now
        doors = OwnDoors(self.stage)
        self.lives = Lives(self.stage, Friends(doors), doors, hands, stores=["hz-1"])
        self.bought: list[str] = []
        self.lives.buys = lambda buyer, at, why: self.bought.append(why)  # noqa: ARG005 - its form
        self.buyer = Crowd(self.stage, doors, "CN", {}).buyer("tmall/b1")
        self._pages()
        self._friend()

    def _pages(self) -> None:
        with self.story.app.db.transaction() as conn:
            offers.install(conn, [BOX], "test")
        for path, text in [("slots", SERVICE), *(("pages", page) for page in PAGES)]:
            said = self.story.ask("PUT", f"/api/v1/{path}", {"text": text, "by": "ana"})
            assert said.status_code == 200, said.text

    def _friend(self) -> None:
        contact = self.buyer.contact
        self.story.pay(self.story.order(), contact.dialled)
        self.story.add(self.buyer.external_userid, phone=contact.dialled)
        self.story.tick()
        self.live(0)
        (self.who,) = self.story.customers(contact.dialled)

    def link(self, page: str) -> str:
        made = self.story.ask("POST", f"/api/v1/pages/{page}/link", {"customer": self.who})
        return made.json()["url"]

    def hears(self, text: str, journey: str = "") -> None:
        heard = Heard("wecom_message", text, "guide-1", journey=journey)
        self.lives.got(self.buyer, heard, self.story.now)

    def live(self, days: float) -> None:
        """From one thing that happens to the next, as long as that."""
        end = self.story.now + timedelta(days=days)
        while True:
            at = self.stage.agenda.next_at()
            now = max(self.story.now, at) if at is not None and at <= end else end
            self.story.app.clock.set(now)
            self.stage.now = now
            self.stage.agenda.run(now)
            self.stage.flush()
            self.story.tick()
            if now == end:
                break
        assert self.stage.records.refused == []

    def told(self) -> list[str]:
        """What the product has heard of this customer since they became a friend."""
        rows = self.story.facts(
            "select kind from event where kind not in ('order.paid', 'consent.given',"
            " 'friend.added') order by id"
        )
        return [kind for (kind,) in rows]

    @property
    def did(self) -> dict[str, int]:
        return dict(+self.lives.records.did)


@pytest.fixture
def season(story: Any, tmp_path: Path) -> Iterator[Callable[[str], Season]]:
    """A season of somebody who does nothing but what these lines say."""
    with ExitStack() as held:

        def begin(does: str = "") -> Season:
            path = tmp_path / "world.yaml"
            path.write_text(f"world: one\nlike: {tmp_path / 'nothing.yaml'}\n"
                            f"about: {{zh: 试, en: one}}\nhabits: {{{does}}}\n")  # fmt: skip
            (tmp_path / "nothing.yaml").write_text(NOTHING)
            return Season(story, path, held)

        yield begin


def test_whoever_does_nothing_leaves_no_trace(season: Callable[..., Season]) -> None:
    there = season()
    there.hears(f"回复我，或到店：{there.link('why')} {there.link('clean')} {there.link('box')}")
    there.live(20)

    assert there.told() == []
    assert there.did == {}
    assert there.lives.records.touches == {"wecom_message": 1}


def test_a_survey_is_opened_and_answered(season: Callable[..., Season]) -> None:
    there = season("links: {follows: 1, answers: 1}, stores: {why: {price: 1, style: 0, later: 0}}")
    there.hears(f"点一下：{there.link('why')}")
    there.live(4)

    assert there.told() == ["page.opened", "survey.answered"]
    (answer,) = there.story.read("/api/v1/pages/why/answers")["answers"]
    assert (answer["question"], answer["answer"], answer["people"]) == ("why", "why/price", 1)
    assert there.did == {"opened": 1, "answered": 1}


@pytest.mark.parametrize(("keeps", "told"), [(1, "slot.kept"), (0, "slot.missed")])
def test_a_time_in_the_store_is_booked_and_kept_or_not(
    season: Callable[..., Season], keeps: int, told: str
) -> None:
    there = season(f"links: {{follows: 1, books: 1}}, stores: {{keeps: {keeps}, buys: 1}}")
    there.hears(f"挑个时间：{there.link('clean')}")
    there.live(14)

    assert "slot.booked" in there.told()
    assert told in there.told()
    assert ("store.visited" in there.told()) == bool(keeps)
    assert there.did == {"opened": 1, "booked": 1, "kept" if keeps else "missed": 1}
    assert there.bought == ["store"] * keeps


@pytest.mark.parametrize("collects", [1, 0])
def test_a_box_is_reserved_and_collected_or_not(
    season: Callable[..., Season], collects: int
) -> None:
    there = season(f"links: {{follows: 1, reserves: 1}}, stores: {{collects: {collects}}}")
    there.hears(f"先约先得：{there.link('box')}")
    there.live(14)

    assert "offer.reserved" in there.told()
    assert ("offer.redeemed" if collects else "offer.missed") in there.told()
    assert there.did == {"opened": 1, "reserved": 1, "collected" if collects else "left": 1}


def test_whoever_is_asked_into_the_store_may_come_without_booking(
    season: Callable[..., Season],
) -> None:
    there = season("stores: {drops_in: 1, buys: 1}")
    there.hears("有空到店坐坐")
    there.hears("今天天气不错")
    there.live(8)

    assert there.told() == ["store.visited"]
    assert there.bought == ["store"]


def test_whoever_is_asked_to_reply_writes_and_pays_what_a_guide_asks_for(
    season: Callable[..., Season],
) -> None:
    there = season("chats: {asked: 1, pays: 1}")
    there.hears("想要的话直接回复我")
    there.live(3)
    task = Task("tsk_1", "call", "guide-1", there.story.now)
    assert there.lives.served(there.buyer, task, there.story.now) == "agreed"
    there.live(3)

    assert there.told() == ["message.received", "payment.received"]
    assert there.bought == ["clearance"]
    (paid,) = there.story.read("/api/v1/payments/requests")["requests"]
    assert (paid["state"], paid["paid_minor"], paid["staff"]) == ("paid", 19_900, "guide-1")


def test_whoever_has_enough_complains_opts_out_and_deletes_us(
    season: Callable[..., Season],
) -> None:
    there = season("trust: {deletes: 1, complains: 1, opts_out: 1}")
    there.hears("新品上市")
    there.live(2)

    assert {"consent.withdrawn", "friend.deleted_by_customer"} <= set(there.told())
    assert there.did == {"deleted": 1, "complained": 1, "opted_out": 1}
    account = there.story.read(f"/api/v1/customers/{there.who}/account")
    assert "open_complaint" in str(account)
    there.live(3)
    account = there.story.read(f"/api/v1/customers/{there.who}/account")
    assert "open_complaint" not in str(account)


def test_a_birthday_and_a_childs_month_are_told_once(season: Callable[..., Season]) -> None:
    there = season("tells: {birthday: 1, child: 1}")
    there.hears("在吗")
    there.live(1)
    there.hears("在吗")
    there.live(1)

    assert there.told().count("profile.dated") == 1
    (child,) = there.story.read(f"/api/v1/customers/{there.who}/children")["children"]
    assert child["child"] == 1


def test_people_buy_as_was_foretold_and_care_is_what_makes_the_difference(
    season: Callable[..., Season],
) -> None:
    """What happened act by act is what the pure model says of the same touches."""
    there = season(
        "buys: {likes: [{category: 鞋, cycle: 5d, share: 1}]}, care: {effect: 2, most: 5}"
    )
    lives, begin = there.lives, there.story.now
    lives.born(there.buyer, begin)
    for _ in range(4):
        there.live(7)
        there.hears("问候", journey="care")
    there.live(10)

    key, days = there.buyer.key, (there.story.now - begin) / timedelta(days=1)
    assert lives.bought(key, begin, days) == len(there.bought)
    assert lives.bought(key, begin, days, but=None) == there.bought.count("base")
    assert lives.bought(key, begin, days, but=("care",)) == there.bought.count("base")
    assert lives.bought(key, begin, days, but=("other",)) == len(there.bought)
    assert there.bought.count("care") > 0
    assert lives.truth(key, begin, days)
