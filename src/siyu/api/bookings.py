"""A page of kind booking, as people use it: a time in a store is booked, moved, given back."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date
from functools import partial
from html import escape
from zoneinfo import ZoneInfo

from starlette.responses import Response

from siyu.api.opening import Opening, again, draw, note
from siyu.kernel.errors import NotFound
from siyu.kernel.sentence import Sentence
from siyu.kernel.sql import Conn
from siyu.kernel.time import zone
from siyu.offers.model import Refusal
from siyu.pages import decide, views
from siyu.pages.actions import bookings as actions
from siyu.pages.actions.bookings import PREFIX, Asked
from siyu.pages.model import Booking, Service
from siyu.pages.render import booking as drawn
from siyu.pages.render import posted
from siyu.staff.views import stores

BOOK = Sentence("Book", "预约")
MOVE = Sentence("Move to this time", "改到这个时间")
CANCEL = Sentence("Cancel this booking", "取消预约")
ANOTHER = Sentence("Another time", "换个时间")
OVER = Sentence("Nothing can be booked just now.", "目前不能预约。")
BOOKED = Sentence("Booked. See you there!", "预约成功，到店见！")
MOVED = Sentence("Moved to the new time.", "已改到新的时间。")
CANCELLED = Sentence("Cancelled. The place is free again.", "已取消，名额已释放。")
TAKEN = Sentence("This time has just been taken; choose another.", "这个时间刚刚被约满，请换一个。")
LIMIT = Sentence("You have a booking already.", "您已有预约。")
LATE = Sentence(
    "This time can't be booked any more; choose another.", "这个时间已不能预约，请换一个。"
)
SENT = Sentence(
    "This form was sent before. Look at what is booked below, and choose once more.",
    "这个表单之前已提交过。请看下面的预约情况，再选一次。",
)
WHY: dict[Refusal, Sentence] = {"limit": LIMIT, "other": SENT}


def shows(opening: Opening) -> list[str]:
    """What is booked, and the times that there are."""
    app, shown = opening.app, opening.shown
    here, now = zone(app.brand.time_zone), app.clock.now()
    with app.db.transaction() as conn:
        service = views.service(conn, opening.page.service)
        if service is None:
            return [f"<p>{shown.say(OVER)}</p>"]
        names = {one.code: one.name for one in stores(conn) if one.code in service.stores}
        mine = views.bookings_of(conn, opening.who, service.service)
        store, day = _chosen(opening, service, names, here)
        slots = views.slots(conn, service, store, day, now, here)
    cards = [_card(opening, one, names.get(one.store, one.store), here) for one in mine]
    head = f"<h2>{shown.say(ANOTHER)}</h2>" if mine else ""
    if mine:
        old = app.ids.encode(PREFIX, mine[0].promise_id)
        does, button = ("move", f'<input type="hidden" name="old" value="{old}">'), MOVE
    else:
        does, button = ("book", ""), BOOK
    kept = f'<input type="hidden" name="store" value="{escape(store, quote=True)}">'
    return [
        *cards,
        head,
        drawn.stores(shown, names, store),
        drawn.days(shown, store, decide.days(service, now, here), day),
        drawn.times(shown, slots, here, (does[0], does[1] + kept), button),
    ]


def _chosen(
    opening: Opening, service: Service, names: Collection[str], here: ZoneInfo
) -> tuple[str, date]:
    """The store and the day that somebody looks at: as they said, else the first with a time."""
    now, said = opening.app.clock.now(), {**opening.query, **opening.said}
    store = said.get("store", "")
    if store not in names:
        store = next(iter(names), "")
    at, days = decide.at_of(said.get("at", "")), decide.days(service, now, here)
    day = at.astimezone(here).date() if at else _day(said.get("day", ""))
    if day is not None and day in days:
        return store, day
    open_days = (
        one
        for one in days
        for at in decide.times(service, store, one, here)
        if decide.bookable(service, store, at, now, here)
    )
    return store, next(open_days, days[0])


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def _card(opening: Opening, one: Booking, store: str, here: ZoneInfo) -> str:
    shown, code = opening.shown, opening.app.ids.encode(PREFIX, one.promise_id)
    at = drawn.local(one.starts_at or one.ends_at, here, shown.language)
    kept = f'<input type="hidden" name="old" value="{code}">'
    card = drawn.code_card(shown, code, [f"<strong>{escape(at)}</strong>", escape(store)])
    return card + posted(shown, "cancel", kept, CANCEL, plain=True)


def books(opening: Opening) -> Response:
    """A time is booked, or why not."""
    return _asked(opening, None)


def moves(opening: Opening) -> Response:
    """Another time instead."""
    return _asked(opening, opening.app.ids.decode(PREFIX, opening.said.get("old", "")) or 0)


def cancels(opening: Opening) -> Response:
    """It is given back."""
    app, now = opening.app, opening.app.clock.now()
    old = app.ids.decode(PREFIX, opening.said.get("old", "")) or 0
    try:
        again(opening, lambda conn: actions.cancel(conn, app.ids, old, opening.who, now))
    except NotFound as error:
        return draw(opening, 409, note(opening.shown, _words(error)))
    app.wake()
    return draw(opening, before=note(opening.shown, CANCELLED, bad=False))


def _words(error: NotFound) -> Sentence:
    return error.detail if isinstance(error.detail, Sentence) else OVER


def _asked(opening: Opening, old: int | None) -> Response:
    app, now = opening.app, opening.app.clock.now()
    with app.db.transaction() as conn:
        service = views.service(conn, opening.page.service)
    at, store = decide.at_of(opening.said.get("at", "")), opening.said.get("store", "")
    here = zone(app.brand.time_zone)
    if service is None or at is None or not decide.bookable(service, store, at, now, here):
        return draw(opening, 400, note(opening.shown, LATE))
    asked = Asked(
        opening.page.page, opening.once, service.service, opening.who, store,
        decide.part(store, at), at, decide.missed_at(service, at), service.stores[store].capacity,
    )  # fmt: skip
    try:
        found = again(opening, partial(_do, opening, asked, old))
    except NotFound as error:
        return draw(opening, 409, note(opening.shown, _words(error)))
    if not isinstance(found, Booking):
        return draw(opening, 409, note(opening.shown, WHY.get(found, TAKEN)))
    app.wake()
    said = BOOKED if old is None else MOVED
    return draw(opening, before=note(opening.shown, said, bad=False))


def _do(opening: Opening, asked: Asked, old: int | None, conn: Conn) -> Booking | Refusal:
    app, now = opening.app, opening.app.clock.now()
    if old is None:
        return actions.book(conn, app.keys, app.ids, asked, now)
    return actions.move(conn, app.keys, app.ids, old, asked, now)
