"""Brand, stores, members: constructors refuse what can't be."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

from siyu.kernel import money, time

Role = Literal["guide", "operator", "engineer", "owner", "auditor"]
ROLES: tuple[Role, ...] = ("guide", "operator", "engineer", "owner", "auditor")
LOCALES = ("zh", "en")


@dataclass(frozen=True, slots=True)
class Brand:
    """One brand is one database. `region` reads phones without a country code (CN, GB);
    `currency` is what the books are kept in; `locale` (zh or en) what is sent."""

    name: str
    time_zone: str
    currency: str
    region: str
    locale: str

    def __post_init__(self) -> None:
        time.zone(self.time_zone)
        money.exponent(self.currency)
        if not re.fullmatch(r"[A-Z]{2}", self.region):
            raise ValueError(f"{self.region!r} is not a region; write two letters, like CN")
        if self.locale not in LOCALES:
            raise ValueError(f"{self.locale!r} is not a language of Siyu; write zh or en")


@dataclass(frozen=True, slots=True)
class Store:
    """A store of the brand."""

    code: str
    name: str
    region: str = ""


@dataclass(frozen=True, slots=True)
class Member:
    """Somebody who works here; `code` is the account on the carrier. No store: head office."""

    code: str
    name: str
    role: Role
    store: str | None = None
    active: bool = True

    def __post_init__(self) -> None:
        if self.role not in ROLES:
            raise ValueError(f"{self.role!r} is not a role; known are {', '.join(ROLES)}")
