"""Jushuitan and the connector to it, with parcels as the engine would tell them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
from tests.connectors.bench import Plug, Remembered

from siyu.acquisition.model import Decided, KnownParcel
from siyu.connectors.erp_jushuitan import source
from siyu.connectors.erp_jushuitan.config import Config
from siyu.connectors.erp_jushuitan.fake import Jushuitan
from siyu.connectors.manifest import Pulled, Tools
from siyu.events.check import parse

KEY, SECRET = "app", "what only both of us know"
MORNING = datetime(2026, 11, 20, 2, tzinfo=UTC)
CODES = {"MASK": ("gift", "MASK"), "CARD": ("card", "hello")}


class Hand:
    """A clock that is set by hand."""

    def __init__(self) -> None:
        self.at = MORNING

    def now(self) -> datetime:
        return self.at

    def real(self) -> datetime:
        return self.at


@dataclass
class Told:
    """`Parcels` as the engine would tell them."""

    decided: list[Decided] = field(default_factory=list[Decided])
    figures: bool = True

    def decide(self, so_id: str, content: Any = "card") -> None:
        code, item = {"card": ("hello", "CARD"), "gift": ("MASK", "MASK"), "none": ("", "")}[
            content
        ]
        seq = len(self.decided) + 1
        self.decided.append(Decided(seq, f"tmall/{so_id}", "tmall", so_id, content, code, item, ""))

    def decisions(self, after: int, limit: int) -> Sequence[Decided]:
        return [one for one in self.decided if one.seq > after][:limit]

    def deadline(self, shop: str, paid_at: datetime) -> datetime | None:
        return paid_at + timedelta(minutes=30) if self.figures and shop else None

    def codes(self, shop: str) -> Mapping[str, tuple[str, str]]:
        return CODES if shop else {}

    def known(self, numbers: Any) -> Mapping[str, KnownParcel]:
        return {
            one.parcel_no: KnownParcel(
                one.parcel_no, one.shop, "", one.order_no or "",
                one.code if one.content == "gift" else "",
                one.code if one.content == "card" else "",
            )
            for one in self.decided
            if one.parcel_no in numbers
        }  # fmt: skip


@dataclass
class Desk:
    """The fake, the connector before it, and how far each pull has come."""

    erp: Jushuitan
    config: Config
    tools: Tools
    clock: Hand
    told: Told
    cursors: dict[str, str] = field(default_factory=dict[str, str])
    heard: dict[tuple[str, str], dict[str, Any]] = field(default_factory=dict)
    again: datetime | None = None

    def pull(self, name: str, **config: Any) -> list[tuple[str, dict[str, Any]]]:
        """Run a pull to its end; the facts that nobody had heard."""
        new: list[tuple[str, dict[str, Any]]] = []
        settings = config_of(self.config.base_url, **config)
        run: Callable[..., Iterator[Pulled]] = getattr(source, name)
        for page in run(settings, self.tools, self.cursors.get(name, "")):
            for event in page.events:
                assert not isinstance(parse(event, "CN", self.clock.at), str), event
                told: Any = event
                if (told.kind, told.id) not in self.heard:
                    data = msgspec.json.decode(told.data)
                    self.heard[told.kind, told.id] = {k: v for k, v in data.items() if k != "type"}
                    new.append((told.kind, self.heard[told.kind, told.id]))
            self.cursors[name] = page.cursor
            self.again = page.again
        return new

    def go(self, **span: float) -> None:
        self.clock.at += timedelta(**span)


def config_of(url: str, **more: Any) -> Config:
    given: dict[str, Any] = {"app_key": KEY, "app_secret": SECRET, "shops": {"7": "tmall"}}
    return Config(base_url=url, **(given | more))


def desk_of(vendor: Plug, *, counts: bool = True, ahead: timedelta = timedelta(0)) -> Desk:
    """`ahead`: by how much the vendor's clock is before ours."""
    clock, told = Hand(), Told()
    erp = Jushuitan(KEY, SECRET, lambda: clock.at + ahead, counts=counts)
    erp.rules = {"[卡CARD]": "CARD", "[赠MASK]": "MASK", "放卡片": "CARD", "flag:5": "CARD"}
    url = vendor.into(erp.app)
    return Desk(erp, config_of(url), Tools(clock, Remembered(), parcels=told), clock, told)


def paid(vendor: Plug, many: int) -> Desk:
    """So many orders have been paid, each of a minute of its own."""
    desk = desk_of(vendor)
    for number in range(many):
        desk.erp.pay(7, f"T{number}")
        desk.go(minutes=1)
    return desk
