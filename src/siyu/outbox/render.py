"""What a template may say about a touch: every value, in the touch's language."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from siyu.kernel.money import show
from siyu.outbox.model import NAME_SLOT

# When no name is known: polite, and never an empty place in a sentence.
SOMEBODY: Mapping[str, str] = {"zh": "您好", "en": "there"}
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
    if filling.link:
        known["link"] = filling.link
    if filling.offer_value is not None:
        titles = filling.offer_title
        known["offer_title"] = titles.get(filling.locale) or next(iter(titles.values()), "")
        known["offer_value"] = show(filling.offer_value, filling.currency).removesuffix(".00")
    return known
