"""Sets of customers: kept, counted, explained for one person, written as a file."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from siyu.analytics.views import masked
from siyu.app import App
from siyu.identities import views as identities
from siyu.kernel.errors import BadInput, Problem
from siyu.kernel.sentence import Sentence
from siyu.kernel.sheet import Form, written
from siyu.kernel.sql import Conn
from siyu.kernel.time import zone
from siyu.segments.model import Tree
from siyu.segments.views.evidence import Asking
from siyu.segments.views.found import pages
from siyu.staff.actions import audit
from siyu.vault import views as vault

HEADS = ("customer", "buyer", "name", "phone")


def asking(app: App, conn: Conn, customer_id: int) -> Asking:
    """Of one customer, now, in the brand's days and money."""
    brand = app.brand
    return Asking(conn, customer_id, app.clock.now(), zone(brand.time_zone), brand.currency)


def sheet(
    app: App, conn: Conn, tree: Tree, form: Form, about: tuple[str, str, str]
) -> tuple[bytes, int]:
    """The members as a file, and how many they are; audited. Names and phones are masked.

    `about`: who wants it, which set, and what for.
    """
    by, name, reason = about
    if not reason.strip():
        why = Problem("reason", Sentence("is missing", "缺少"))
        raise BadInput(Sentence("Say what the list is for.", "请写明名单的用途。"), (why,))
    rows: list[Sequence[str]] = [HEADS, *_rows(app, conn, tree)]
    said = f"{reason.strip()}: {len(rows) - 1} rows, masked"
    audit(conn, by, "segment.export", name, said, app.clock.now())
    return written(form, rows), len(rows) - 1


def _rows(app: App, conn: Conn, tree: Tree) -> Iterator[Sequence[str]]:
    for page in pages(conn, tree, app.clock.now()):
        if not page:
            continue
        shown = masked.people(conn, app.keys, page)
        buyers = {who: found[0][1] for who, found in identities.reach(conn, page, "buyer").items()}
        clear = vault.open_field(conn, app.keys, list(buyers.values()), "buyer")
        for who in page:
            one = shown.get(who, masked.UNKNOWN)
            buyer = clear.get(buyers[who], "") if who in buyers else ""
            yield app.ids.encode("cus", who), buyer, one.name, one.phone
