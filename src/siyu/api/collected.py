"""A page of kind reserve, as people use it: a piece of an offer is set aside, and collected in a
store with its code."""

from __future__ import annotations

from datetime import datetime, timedelta
from functools import partial
from html import escape

from starlette.responses import Response

from siyu.api.opening import Opening, again, draw, note
from siyu.kernel.money import show
from siyu.kernel.sentence import Sentence
from siyu.kernel.sql import Conn
from siyu.kernel.time import duration, zone
from siyu.offers.model import Refusal
from siyu.pages import views
from siyu.pages.actions import bookings as actions
from siyu.pages.actions.bookings import PREFIX, Asked
from siyu.pages.model import Booking, Pieces
from siyu.pages.render import booking as drawn
from siyu.pages.render import posted
from siyu.staff.views import stores

RESERVE = Sentence("Reserve", "立即预留")
CANCEL = Sentence("Give it back", "放弃预留")
OUT = Sentence("All pieces are taken.", "已全部订完。")
OVER = Sentence("Nothing can be reserved just now.", "目前不能预留。")
RESERVED = Sentence("Reserved for you.", "已为您预留。")
WHERE = Sentence("Collect it in", "到店领取")
PRICE = Sentence("Pay in the store:", "到店支付：")
UNTIL = Sentence("Collect it before", "请在此之前领取：")
CHOOSE = Sentence("Choose a store.", "请选择门店。")
LIMIT = Sentence("You have had yours already.", "您已经领过了。")
SENT = Sentence(
    "This form was sent before. Look at what is reserved below, and choose once more.",
    "这个表单之前已提交过。请看下面的预留情况，再选一次。",
)
WHY: dict[Refusal, Sentence] = {
    "limit": LIMIT,
    "no_part": CHOOSE,
    "no_offer": OVER,
    "other": SENT,
}


def shows(opening: Opening) -> list[str]:
    """What somebody has reserved with its code; else where there still is some."""
    app, shown = opening.app, opening.shown
    with app.db.transaction() as conn:
        of = views.pieces(conn, opening.page.offer)
        names = {one.code: one.name for one in stores(conn)}
        mine = views.bookings_of(conn, opening.who, opening.page.offer)
    cards = [_card(opening, one, names.get(one.store, one.store)) for one in mine]
    if cards or of is None:
        return cards or [f"<p>{shown.say(OVER)}</p>"]
    head = []
    if of.price_minor:
        price = show(of.price_minor, app.brand.currency)
        head = [f"<p>{shown.say(PRICE)} <strong>{escape(price)}</strong></p>"]
    return [*head, *_form(opening, of, names)]


def _form(opening: Opening, of: Pieces, names: dict[str, str]) -> list[str]:
    shown = opening.shown
    free = {one: left for one, left in of.stores.items() if left > 0}
    if of.left == 0 or (of.stores and not free):
        return [f"<p><strong>{shown.say(OUT)}</strong></p>"]
    where = free if of.stores else names
    picks = "".join(
        f'<label class="pick"><input type="radio" name="store" required '
        f'value="{escape(code, quote=True)}"><span>{escape(names.get(code, code))}</span></label>'
        for code in where
    )
    inner = f"<fieldset><legend>{shown.say(WHERE)}</legend>{picks}</fieldset>" if picks else ""
    return [posted(shown, "reserve", inner, RESERVE)]


def _card(opening: Opening, one: Booking, store: str) -> str:
    shown, code = opening.shown, opening.app.ids.encode(PREFIX, one.promise_id)
    here = zone(opening.app.brand.time_zone)
    until = drawn.local(one.ends_at, here, shown.language)
    lines = [f"<strong>{escape(store)}</strong>", f"{shown.say(UNTIL)} {escape(until)}"]
    kept = f'<input type="hidden" name="old" value="{code}">'
    return drawn.code_card(shown, code, lines) + posted(shown, "cancel", kept, CANCEL, plain=True)


def reserves(opening: Opening) -> Response:
    """A piece is set aside, or why not."""
    app, now, store = opening.app, opening.app.clock.now(), opening.said.get("store", "")
    with app.db.transaction() as conn:
        of = views.pieces(conn, opening.page.offer)
        known = {one.code for one in stores(conn)}
    if of is None:
        return draw(opening, 409, note(opening.shown, OVER))
    if (of.stores or known) and store not in (of.stores or known):
        return draw(opening, 400, note(opening.shown, CHOOSE))
    asked = Asked(
        opening.page.page, opening.once, opening.page.offer, opening.who, store,
        store if of.stores else "", None, _until(opening, of, now),
    )  # fmt: skip
    found = again(opening, partial(_do, opening, asked))
    if not isinstance(found, Booking):
        return draw(opening, 409, note(opening.shown, WHY.get(found, OUT)))
    app.wake()
    return draw(opening, before=note(opening.shown, RESERVED, bad=False))


def _until(opening: Opening, of: Pieces, now: datetime) -> datetime:
    hold = opening.page.hold
    return now + (duration(hold) if hold else timedelta(seconds=of.valid_seconds))


def _do(opening: Opening, asked: Asked, conn: Conn) -> Booking | Refusal:
    app = opening.app
    return actions.book(conn, app.keys, app.ids, asked, app.clock.now())
