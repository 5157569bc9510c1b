"""A material as one customer would get it: drawn and filled in, and nothing is sent."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import NamedTuple

from siyu.content import views as content
from siyu.content.check.kinds import address
from siyu.content.model import CHILD, PRINTED, Material
from siyu.content.render import EXAMPLES, render, segments_of
from siyu.content.render.poster import Poster, poster
from siyu.customers import views as customers
from siyu.kernel.errors import NotFound
from siyu.kernel.months import age
from siyu.kernel.sentence import Sentence
from siyu.kernel.sql import Conn
from siyu.outbox.model import Context
from siyu.outbox.render import Filling, picture_of, poster_of, values
from siyu.vault import views as vault
from siyu.vault.model import mask_name

NOTHING: Mapping[str, str] = {}


class Preview(NamedTuple):
    """`assumed`: variables of which an example stands for what is known only when it is sent;
    `unfit`: why it would not be sent, a reason of touches; `poster`: an SVG, where it has a
    picture; `png`: as it is sent; `wordless`: this machine has no font for what it says."""

    code: str
    version: int
    locale: str
    variant: str
    probability: float
    text: str
    segments: int
    bytes: int
    assumed: list[str]
    unfit: str
    form: Mapping[str, str]
    links: Mapping[str, str]
    poster: str
    png: bytes
    wordless: bool


class Undrawn(NamedTuple):
    """A preview without its pictures, and what they are drawn from; `printed`: for a printer."""

    preview: Preview
    poster: Poster | None
    printed: bool


def preview(
    conn: Conn, ctx: Context, code: str, customer_id: int, locale: str, today: date
) -> Undrawn:
    """The newest version that may be sent, else the newest at all; their name is masked."""
    found = content.shelf(conn, [code], unreviewed=ctx.unreviewed)
    drawn = found[code].draw(locale, customer_id) if code in found else None
    if drawn is None:
        raise NotFound(Sentence(f"There is no material {code!r}.", f"没有素材 {code!r}。"))
    material = drawn.material
    filling = Filling(
        material.locale, _name(conn, ctx, customer_id), ctx.brand, "", "", NOTHING, None,
        ctx.currency, "", material.links, child_months=_months(conn, material, customer_id, today),
    )  # fmt: skip
    known = {name: value for name, value in values(filling, by_people=False).items() if value}
    example = EXAMPLES[material.locale]
    assumed = sorted(material.variables.keys() - known.keys())
    filled = {name: example[material.variables[name]] for name in assumed} | known
    text = render(material, filled) if material.body.strip() else ""
    gone, found_poster = _poster(material, filled, ctx)
    seen = Preview(
        code, drawn.version, material.locale, material.variant, drawn.probability, text,
        segments_of(text) if material.channel == "sms" else 0, len(text.encode()), assumed,
        found[code].unfit(today) or gone, material.form, material.links, "", b"", wordless=False,
    )  # fmt: skip
    return Undrawn(seen, found_poster, material.channel in PRINTED)


def drawn(undrawn: Undrawn) -> Preview:
    """With its pictures. They take a moment each: no transaction is open meanwhile."""
    seen, it, printed = undrawn
    if it is None:
        return seen
    from siyu.content.render.drawn import Undrawable, png  # noqa: PLC0415 - what draws is large

    unprintable, unfit = it.unprintable(), it.unfit()
    svg = "" if unprintable else poster(it.picture, it.form["qr"], it.link)
    try:
        picture = b"" if unfit else png(it)
    except Undrawable:
        picture, unprintable, unfit = b"", "no_poster", "no_poster"
    return seen._replace(
        unfit=seen.unfit or (unprintable if printed else unfit), poster=svg, png=picture,
        wordless=it.worded and it.face is None,
    )  # fmt: skip


def _name(conn: Conn, ctx: Context, customer_id: int) -> str | None:
    item = customers.names(conn, [customer_id]).get(customer_id)
    opened = vault.open_items(conn, ctx.keys, [item]) if item is not None else {}
    name = opened.get(item) if item is not None else None
    return mask_name(name) if name else None


def _months(conn: Conn, material: Material, customer_id: int, today: date) -> int | None:
    """How old their youngest child is, where the text says it and they let us know."""
    asked = [customer_id] if CHILD in material.variables else []
    born = customers.youngest(conn, asked).get(customer_id)
    return None if born is None else age(born, today)


def _poster(
    material: Material, filled: Mapping[str, str], ctx: Context
) -> tuple[str, Poster | None]:
    """Why there is none; none at all of what is no poster, or shows a picture that is not ours."""
    if material.kind != "poster" or address(material.form.get("picture", "")):
        return "", None
    file = picture_of(material, ctx)
    return ("no_picture", None) if file is None else ("", poster_of(material, ctx, filled, file))
