"""A page of kind wallet: what a customer has, until when, and what was used or is over."""

from __future__ import annotations

from collections.abc import Mapping
from html import escape

from siyu.api.opening import Opening
from siyu.kernel.money import show
from siyu.kernel.sentence import Sentence
from siyu.kernel.time import zone
from siyu.pages import views
from siyu.pages.actions.bookings import PREFIX
from siyu.pages.model import Holding
from siyu.pages.render import booking as drawn
from siyu.staff.views import stores

HAVE = Sentence("What you have", "可用")
USED = Sentence("Used", "已使用")
OVER = Sentence("Over", "已失效")
NOTHING = Sentence("Nothing here yet.", "这里还没有内容。")
UNTIL = Sentence("Valid until", "有效期至")
PARCEL = Sentence("Comes with your parcel", "随包裹寄出")
NEXT = Sentence("Comes with your next parcel, or ask us for it", "随下个包裹寄出，也可联系我们领取")
USABLE = ("committed", "promised", "reserved", "claimable")


def shows(opening: Opening) -> list[str]:
    """What can be used stands first, each with what one shows for it."""
    with opening.app.db.transaction() as conn:
        found = views.holdings(conn, opening.who)
        names = {one.code: one.name for one in stores(conn)}
    now = opening.app.clock.now()
    usable = [one for one in found if one.state in USABLE and one.expires_at > now]
    used = [one for one in found if one.state == "fulfilled"]
    over = [one for one in found if one not in usable and one not in used]
    shown = opening.shown
    if not found:
        return [f"<p>{shown.say(NOTHING)}</p>"]
    parts: list[str] = []
    for title, some in ((HAVE, usable), (USED, used), (OVER, over)):
        if some:
            parts.append(f"<h2>{shown.say(title)}</h2>")
            parts += [_card(opening, one, names, usable=title is HAVE) for one in some]
    return parts


def _card(opening: Opening, one: Holding, names: Mapping[str, str], *, usable: bool) -> str:
    shown, app = opening.shown, opening.app
    lines = [f"<strong>{escape(_title(opening, one))}</strong>"]
    if one.store:
        lines.append(escape(names.get(one.store, one.store)))
    here = zone(app.brand.time_zone)
    if one.starts_at is not None:
        lines.append(escape(drawn.local(one.starts_at, here, shown.language)))
    elif usable:
        lines.append(
            f"{shown.say(UNTIL)} {escape(drawn.local(one.expires_at, here, shown.language))}"
        )
    if usable and one.state in ("promised", "reserved"):
        lines.append(shown.say(PARCEL))
    if usable and one.state == "claimable":
        lines.append(shown.say(NEXT))
    if usable and one.code:
        return drawn.code_card(shown, one.code, lines, plain=True)
    if usable and one.state == "committed":
        return drawn.code_card(shown, app.ids.encode(PREFIX, one.promise_id), lines)
    return f'<section class="card">{"".join(f"<p>{line}</p>" for line in lines)}</section>'


def _title(opening: Opening, one: Holding) -> str:
    """What it is called; of a red packet with what is in it. A blind box tells nothing more."""
    said = one.title.get(opening.shown.language) or next(iter(one.title.values()), one.offer)
    if one.amount_minor is None:
        return said
    return f"{said} · {show(one.amount_minor, opening.app.brand.currency)}"
