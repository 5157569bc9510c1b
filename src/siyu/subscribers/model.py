"""A subscription, the facts that it is told, and how a telling ended."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address
from typing import NamedTuple
from urllib.parse import urlsplit

from siyu.events.model import KINDS, Event
from siyu.kernel.sentence import Sentence

PREFIX = "sub"  # of a subscriber's public id
LONGEST_URL = 500
# Addresses of IPv6 that only wrap one of IPv4, which may be anybody's inner one.
_WRAPPED = (IPv6Network("64:ff9b::/96"), IPv6Network("2002::/16"), IPv6Network("2001::/32"))
_HOST = re.compile(r"[A-Za-z0-9.:_-]{1,253}")


@dataclass(frozen=True, slots=True)
class Subscription:
    """Where to tell, and of which kinds of events (none named: of all).

    `private`: whether this installation lets webhooks go to addresses of its own networks.
    """

    url: str
    kinds: tuple[str, ...]
    private: bool = False

    def __post_init__(self) -> None:
        strange = sorted(set(self.kinds) - set(KINDS))
        if strange:
            raise ValueError(
                Sentence(
                    f"kinds: {', '.join(strange)} is no kind of event; the page of events lists "
                    "them",
                    f"kinds：没有 {', '.join(strange)} 这种事件；事件参考页列出了所有种类",
                )
            )
        _check_url(self.url, private=self.private)


def _check_url(url: str, *, private: bool) -> None:
    try:
        parts = urlsplit(url)
        host, _ = parts.hostname or "", parts.port
    except ValueError:
        raise ValueError(
            Sentence(
                "url: must be like https://erp.example/siyu", "url：必须像 https://erp.example/siyu"
            )
        ) from None
    wrong = len(url) > LONGEST_URL or not url.isascii() or re.search(r"[\x00-\x20\x7f]", url)
    if wrong or parts.scheme not in ("https", "http") or not _HOST.fullmatch(host):
        raise ValueError(
            Sentence(
                "url: must be like https://erp.example/siyu", "url：必须像 https://erp.example/siyu"
            )
        )
    if "@" in parts.netloc or parts.fragment:
        raise ValueError(
            Sentence(
                "url: must hold neither a password nor a #part",
                "url：不能含密码，也不能含 # 后的部分",
            )
        )
    if private:
        return
    if parts.scheme != "https":
        raise ValueError(
            Sentence(
                "url: must begin with https, or anybody on the way could read along",
                "url：必须以 https 开头，否则途中的人都能看到",
            )
        )
    if is_address(host) and not is_public(host):
        raise ValueError(
            Sentence(
                "url: leads into an inner network; where that is meant, set subscribers_private",
                "url：指向内部网络；如确需如此，请设置 subscribers_private",
            )
        )


def is_address(host: str) -> bool:
    """Is this a number, not a name that must be looked up?"""
    try:
        ip_address(host)
    except ValueError:
        return False
    return True


def is_public(address: str) -> bool:
    """Does this address lie outside of every inner network?

    >>> [is_public(one) for one in ("93.184.215.14", "127.0.0.1", "::ffff:10.0.0.1")]
    [True, False, False]
    """
    found: IPv4Address | IPv6Address = ip_address(address.partition("%")[0])
    if isinstance(found, IPv6Address) and found.ipv4_mapped is not None:
        found = found.ipv4_mapped
    if isinstance(found, IPv6Address) and any(found in net for net in _WRAPPED):
        return False
    return found.is_global and not found.is_multicast


class Subscriber(NamedTuple):
    """A subscription as it stands."""

    id: int
    url: str
    kinds: Sequence[str]
    created_at: datetime
    active: bool
    stopped_why: str
    told_seq: int
    told_at: datetime | None
    due_at: datetime
    failures: int
    failing_since: datetime | None
    error: str


class Told(NamedTuple):
    """A fact as a subscriber is told it; `customer` is a public id, empty where there is none."""

    seq: int
    event: Event
    customer: str


class Answer(NamedTuple):
    """What a subscriber's door answered; without a status it was not reached, `error` says why."""

    status: int | None
    error: str = ""


class Again(NamedTuple):
    """They did not take it: tell them again then."""

    at: datetime
    error: str


class Stop(NamedTuple):
    """They won't be told any more, until somebody resumes them."""

    why: str
    error: str


FIRST_WAIT = timedelta(seconds=5)
LONGEST_WAIT = timedelta(hours=1)
