"""What a template may say about a touch: every value, in the touch's language."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from siyu.content.check.kinds import address
from siyu.content.model import CHILD, Material
from siyu.content.render.poster import Poster, leads
from siyu.kernel.ids import PublicIds
from siyu.kernel.money import show
from siyu.outbox.model import NAME_SLOT, Context

# When no name is known: polite, and never an empty place in a sentence.
SOMEBODY: Mapping[str, str] = {"zh": "您好", "en": "there"}
NOTHING: Mapping[str, str] = {}
LINK = "lnk"  # of the letters behind a short link
PATH = "/l/"
_PLACE = 4  # bits: which of a text's links it is
FITS = ("style", "size", "store")  # what a text may say of a size that somebody is invited to
LAST = 4  # of an order number: enough to recognise one's own


class Filling(NamedTuple):
    """What is known when a touch is written out; its repr hides the name."""

    locale: str
    name: str | None
    brand: str
    shop: str
    order_no: str
    offer_title: Mapping[str, str]
    offer_value: int | None
    currency: str
    link: str
    links: Mapping[str, str] = NOTHING  # others that the text names, as they go out
    fits: Mapping[str, str] = NOTHING  # what they are invited to: style, size, store
    child_months: int | None = None  # of age, of the youngest child

    def __repr__(self) -> str:
        return f"Filling({self.locale}, {self.order_no})"


def values(filling: Filling, *, by_people: bool) -> dict[str, str]:
    """A template's values. For people the name stays open: their screen fills it in.

    Nothing promised, no title and no worth: a text that names them is refused, not sent with a gap.
    """
    known = {
        "name": NAME_SLOT if by_people else filling.name or SOMEBODY.get(filling.locale, ""),
        "brand": filling.brand,
        "shop": filling.shop,
        "order_no": filling.order_no[-LAST:],
    }
    known |= filling.links
    known |= filling.fits
    if filling.child_months is not None:
        known[CHILD] = str(filling.child_months)
    if filling.link:
        known["link"] = filling.link
    if filling.offer_value is not None:
        titles = filling.offer_title
        known["offer_title"] = titles.get(filling.locale) or next(iter(titles.values()), "")
        known["offer_value"] = show(filling.offer_value, filling.currency).removesuffix(".00")
    return known


def picture_of(material: Material, ctx: Context) -> bytes | None:
    """The file of its picture; empty where it has none or an address; None: it is gone."""
    name = material.form.get("picture", "")
    return b"" if not name or address(name) else ctx.pictures(name)


def poster_of(material: Material, ctx: Context, filled: Mapping[str, str], file: bytes) -> Poster:
    """What the poster is drawn from of whom these values are. `file`: its picture."""
    return Poster(material.form, file, ctx.brand, leads(material, filled), ctx.face())


def short_links(
    ids: PublicIds, base: str, touch_id: int, links: Mapping[str, str]
) -> dict[str, str]:
    """The links of a touch as they go out: letters that say nothing to anybody, and nothing twice.
    Without a `base` the addresses themselves."""
    if not base:
        return dict(links)
    start = f"{base.rstrip('/')}{PATH}"
    return {
        name: start + ids.encode(LINK, touch_id << _PLACE | place).partition("_")[2]
        for place, name in enumerate(sorted(links))
    }


def behind(ids: PublicIds, letters: str) -> tuple[int, int] | None:
    """The touch, and which of its links; None: no letters of ours."""
    number = ids.decode(LINK, f"{LINK}_{letters}")
    return None if number is None else (number >> _PLACE, number & ((1 << _PLACE) - 1))
