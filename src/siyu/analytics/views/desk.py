"""What somebody needs on the screen to do a task: who, what they bought, what is promised."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import NamedTuple

from siyu.acquisition import views as acquisition
from siyu.commerce import views as commerce
from siyu.commerce.model import Item, OrderFact, ParcelFact
from siyu.customers import views as customers
from siyu.kernel.sql import Conn
from siyu.offers import views as offers
from siyu.outbox import views as outbox
from siyu.outbox.views import Touch
from siyu.tasks import views as tasks
from siyu.tasks.model import Task, report_of
from siyu.vault import views as vault
from siyu.vault.model import Keys


class Promised(NamedTuple):
    """The offer that the task speaks of, and the parcel that it travels in."""

    offer: str
    title: Mapping[str, str]
    value_minor: int
    state: str
    expires_at: datetime
    parcel: ParcelFact | None


class Written(NamedTuple):
    """A note about the customer's tasks, opened."""

    text: str
    by: str
    at: datetime


class About(NamedTuple):
    """Everything around one task. `orders` counts all that the customer ever made."""

    shop_name: str
    order: OrderFact | None
    items: list[Item]
    orders: int
    friend: bool
    promise: Promised | None
    touches: list[Touch]
    others: list[Task]
    notes: list[Written]
    claim: int | None


def about(conn: Conn, keys: Keys, task: Task) -> About:
    """A dozen look-ups by key, however large the base is."""
    pair = (task.shop, task.order_no)
    order = commerce.orders(conn, [pair]).get(pair)
    touch = outbox.facts(conn, [task.touch_id])[task.touch_id]
    shop = commerce.shops(conn).get(task.shop)
    mine = tasks.of_customer(conn, task.customer_id)
    return About(
        shop_name=shop.name if shop else task.shop,
        order=order,
        items=commerce.items(conn, [order.id]).get(order.id, []) if order else [],
        orders=len(commerce.of_customer(conn, task.customer_id)),
        friend=task.customer_id in customers.friends(conn, [task.customer_id]),
        promise=_promised(conn, touch),
        touches=[one for one in _visit(conn, touch) if one.id != touch.id],
        others=[one for one in mine if one.state == "open" and one.id != task.id],
        notes=_notes(conn, keys, mine),
        claim=acquisition.claim_of(conn, report_of(task.id)),
    )


def _visit(conn: Conn, touch: Touch) -> list[Touch]:
    return outbox.of_visit(conn, touch.visit_id) if touch.visit_id is not None else []


def _promised(conn: Conn, touch: Touch) -> Promised | None:
    mine = offers.of_customer(conn, touch.customer_id) if touch.promise_id is not None else []
    found = next((one for one in mine if one.id == touch.promise_id), None)
    if found is None:
        return None
    title, value = offers.worth(conn, [found.id])[found.id]
    pair = (found.shop, found.order_no)
    parcel = commerce.parcels_of(conn, [pair]).get(pair)
    return Promised(found.offer, title, value, found.state, found.expires_at, parcel)


def _notes(conn: Conn, keys: Keys, mine: list[Task]) -> list[Written]:
    found = tasks.notes(conn, [one.id for one in mine])
    clear = vault.open_items(conn, keys, [one.item for one in found])
    return [Written(clear[one.item], one.by, one.at) for one in found if one.item in clear]
