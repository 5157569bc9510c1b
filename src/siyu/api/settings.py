"""Settings for people: shops, connections, which secrets there are."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from fastapi import APIRouter

from siyu.analytics.views import connections
from siyu.api.auth import TheApp, needs
from siyu.app import connector_secrets
from siyu.budget import views as budget
from siyu.settings import Origin, secrets_of

router = APIRouter(prefix="/settings", tags=["settings"])
PEOPLE = "people"  # who carries a channel that no connector does


@dataclass(frozen=True)
class Policy:
    """What orders of a shop allow on a channel, a group of channels, or `*`."""

    channel: str
    allowed: bool
    note: str


@dataclass(frozen=True)
class ShopRow:
    """A shop. Not `listed`: it sells, and nobody has made it known. `inserts`: its parcels may
    carry our gift or card. `last_order_at`: when its last order was paid."""

    code: str
    listed: bool
    name: str
    platform: str
    inserts: bool
    synthetic: bool
    last_order_at: datetime | None
    policies: list[Policy]


@dataclass(frozen=True)
class Shops:
    shops: list[ShopRow]


@dataclass(frozen=True)
class Connector:
    name: str
    connected: bool
    channels: list[str]


@dataclass(frozen=True)
class Carried:
    """A channel: who carries it, whether it is paused, how often its provider has failed in a row,
    and when it is tried again; `sent_at` within the last day, to the minute."""

    channel: str
    carrier: str
    stopped_since: datetime | None
    stopped_by: str | None
    trouble_since: datetime | None
    failures: int
    probe_at: datetime | None
    sent_at: datetime | None
    error: str


@dataclass(frozen=True)
class Connections:
    connectors: list[Connector]
    channels: list[Carried]


@dataclass(frozen=True)
class SecretKey:
    """A secret by its name: `origin` says where its value comes from, `since` when that file was
    last written. Values are shown nowhere."""

    name: str
    origin: Origin
    since: datetime | None


@dataclass(frozen=True)
class SecretKeys:
    keys: list[SecretKey]


@router.get("/shops", **needs("settings.read"))
def shops(app: TheApp) -> Shops:
    """Every shop that is listed or has sold, with what its orders allow."""
    with app.db.transaction() as conn:
        found = connections.shops(conn)
        policies: dict[str, list[Policy]] = {}
        for shop, channel, allowed, note in budget.shop_policies(conn):
            policies.setdefault(shop, []).append(Policy(channel, allowed, note))
    return Shops(
        [
            ShopRow(
                one.code,
                one.name is not None,
                one.name or "",
                one.platform or "",
                one.inserts is not False,
                one.synthetic is True,
                one.last_order_at,
                policies.get(one.code, []),
            )
            for one in found
        ]
    )


@router.get("/connections", **needs("settings.read"))
def connected(app: TheApp) -> Connections:
    """What is connected, and how each channel stands."""
    carriers, installed = app.connections.carriers(), app.connections.overview()
    ahead = app.clock.now() - app.clock.real()  # of a sandbox; its channels go by real time
    names = {
        *app.channels,
        *(channel for one in installed for channel in one.channels),
    }
    with app.db.transaction() as conn:
        found = connections.channels(conn, names, app.clock.real())
    return Connections(
        [
            Connector(one.name, one.connected, list(one.channels))
            for one in app.connections.overview()
        ],
        [
            Carried(
                one.channel,
                carriers.get(one.channel, PEOPLE if one.channel in app.channels else ""),
                *one[1:6],
                one.sent_at and one.sent_at + ahead,
                one.error,
            )
            for one in found
        ],
    )


@router.get("/keys", **needs("settings.read"))
def keys(app: TheApp) -> SecretKeys:
    """Which secrets this installation has, and where each comes from; never what it is."""
    return SecretKeys([SecretKey(*one) for one in secrets_of(app.settings, connector_secrets())])
