"""Pages that people open and stores that they come to: surveys, bookings, reservations, visits."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from siyu.sandbox.crowd import Buyer
from siyu.sandbox.habits import Habits, drawn
from siyu.sandbox.hands import Form, Hands, Page
from siyu.sandbox.stage import Stage

SLACK = timedelta(minutes=45)
_STAYS = timedelta(minutes=40)  # how long somebody is in a store; assumption
_UNTIL = re.compile(r"(20\d\d-\d\d-\d\d)\D+?(\d\d:\d\d)")
_WORDS = "挺好的，谢谢"
_AHEAD = 6  # how many days ahead most people book; assumption


@dataclass
class Lived:
    """What people really did, for whoever holds figures against it. `did`: opened, elsewhere,
    answered, booked, kept, missed, reserved, collected, left, dropped_in, wrote, paid, birthday,
    child, deleted, complained, opted_out; `bought` by why; `touches` by channel."""

    did: Counter[str] = field(default_factory=Counter[str])
    bought: Counter[str] = field(default_factory=Counter[str])
    touches: Counter[str] = field(default_factory=Counter[str])


class Errands:
    """What somebody does behind a link, and in a store. `in_store` hears of everybody who comes."""

    def __init__(
        self,
        stage: Stage,
        habits: Habits,
        hands: Hands,
        records: Lived,
        stores: Sequence[str],
        in_store: Callable[[Buyer, datetime], None],
    ) -> None:
        self._stage = stage
        self._habits = habits
        self._hands = hands
        self._records = records
        self._stores = list(stores)
        self._in_store = in_store

    def home(self, buyer: Buyer) -> str:
        """The store that is nearest to somebody."""
        return drawn(self._stores, [1.0] * len(self._stores), buyer.person.draw("store"))

    def opens(self, buyer: Buyer, link: str, name: str, at: datetime) -> None:
        """Follow a link, and do there what there is to do. `name`: what tells this time apart."""
        page = self._hands.opens(link)
        if page is None:
            self._records.did["elsewhere"] += 1
            return
        self._records.did["opened"] += 1
        links = self._habits.rates.links
        does = {one.does for one in page.forms}
        found = buyer.person.draw("page", name)
        if "answer" in does and found < links.answers:
            self._answers(buyer, page)
        elif "book" in does and found < links.books:
            self._books(buyer, page, name, at)
        elif "reserve" in does and found < links.reserves:
            self._reserves(buyer, page, name, at)

    def drops_in(self, buyer: Buyer, name: str, at: datetime) -> None:
        """They come by, without having booked anything."""

        def come(when: datetime) -> None:
            self._records.did["dropped_in"] += 1
            data = {"store": self.home(buyer)}
            keys = {"external_userid": buyer.external_userid}
            self._stage.tell("store.visited", f"visits/{buyer.key}/{name}", when, data, keys)
            self._stays(buyer, when, f"{buyer.key}/{name}")

        self._stage.agenda.add(at, f"visits/{buyer.key}/{name}", come, SLACK)

    # ── pages ──

    def _answers(self, buyer: Buyer, page: Page) -> None:
        form = page.form("answer")
        if form is None:
            return
        chosen = {
            name: self._habits.choice(buyer.person, name.removeprefix("q_"), values)
            for name, values in form.choices.items()
        }
        chosen |= dict.fromkeys(form.texts, _WORDS)
        chosen |= dict.fromkeys(form.months, f"{self._stage.now:%Y-%m}")
        shown = self._hands.sends(page, form, chosen)
        self._records.did["answered"] += _went_well(shown)

    def _books(self, buyer: Buyer, page: Page, name: str, at: datetime) -> None:
        """Look at the days ahead in the nearest store; the first with a time that suits."""
        ahead = 1 + int(_AHEAD * buyer.person.draw("books", name, "day"))
        day = (at + timedelta(days=ahead)).astimezone(self._stage.zone).date()
        there = self._hands.opens(f"{page.path}?store={self.home(buyer)}&day={day}")
        form = None if there is None else there.form("book")
        times = form.choices.get("at", []) if form else []
        if there is None or form is None or not times:
            return
        time = drawn(times, [1.0] * len(times), buyer.person.draw("books", name, "time"))
        code, _ = self._code(there, form, {"at": time})
        if code:
            self._records.did["booked"] += 1
            starts = datetime.strptime(time, "%Y%m%dT%H%MZ").replace(tzinfo=UTC)
            keeps = self._habits.rates.stores.keeps
            self._comes(buyer, name, code, ("kept", "missed"), (starts, keeps))

    def _reserves(self, buyer: Buyer, page: Page, name: str, at: datetime) -> None:
        form = page.form("reserve")
        if form is None:
            return
        stores = form.choices.get("store", [])
        home = self.home(buyer)
        store = home if home in stores else next(iter(stores), "")
        code, ends = self._code(page, form, {"store": store} if store else {})
        if not code:
            return
        self._records.did["reserved"] += 1
        ends = ends or at + timedelta(days=7)
        share = 0.5 + 0.45 * buyer.person.draw("collects", name, "when")
        when = self._daylight(at + (ends - at) * share)
        collects = self._habits.rates.stores.collects
        self._comes(buyer, name, code, ("collected", "left"), (when, collects))

    def _code(self, page: Page, form: Form, chosen: dict[str, str]) -> tuple[str, datetime | None]:
        """The code to show in the store, empty where somebody else was quicker; until when."""
        shown = self._hands.sends(page, form, chosen)
        if isinstance(shown, str) or shown.status >= 400:
            return "", None
        return next(iter(shown.codes), ""), self._until(shown)

    def _until(self, page: Page) -> datetime | None:
        found = _UNTIL.search(page.words)
        if found is None:
            return None
        said = f"{found[1]} {found[2]}"
        local = datetime.strptime(said, "%Y-%m-%d %H:%M").replace(tzinfo=self._stage.zone)
        return local.astimezone(UTC)

    # ── stores ──

    def _comes(
        self,
        buyer: Buyer,
        name: str,
        code: str,
        counts: tuple[str, str],
        when: tuple[datetime, float],
    ) -> None:
        """At that time, or not at all; staff at the counter takes the code."""
        at, share = when
        comes = buyer.person.draw("comes", name) < share

        def act(now: datetime) -> None:
            path = f"/slots/bookings/{code}/keep"
            if not comes or self._hands.asks("POST", path, {"by": "till"}) is None:
                self._records.did[counts[1]] += 1
                return
            self._records.did[counts[0]] += 1
            self._stays(buyer, now, f"{buyer.key}/{name}")

        self._stage.agenda.add(at, f"comes/{buyer.key}/{name}", act, SLACK)

    def _stays(self, buyer: Buyer, at: datetime, name: str) -> None:
        def leave(when: datetime) -> None:
            self._in_store(buyer, when)

        self._stage.agenda.add(at + _STAYS, f"leaves/{name}", leave, SLACK)

    def _daylight(self, at: datetime) -> datetime:
        """The same day between ten and eight in the evening, when stores are open."""
        local = at.astimezone(self._stage.zone)
        hour = min(max(local.hour, 10), 19)
        return local.replace(hour=hour).astimezone(UTC)


def _went_well(shown: Page | str) -> bool:
    return not isinstance(shown, str) and shown.status < 400
