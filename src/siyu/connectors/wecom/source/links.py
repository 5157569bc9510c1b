"""The acquisition link of the settings: made once, remembered, with members who have room.

What a page that redirects a buyer calls; codes and links of a batch are in `ways`. WeCom has no
friend request to a phone number: it is the customer who follows the link, and its state says which
order it was for.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import quote

from siyu.connectors.manifest import Tools
from siyu.connectors.wecom.client import OF, Client, Failed, NotSent, Unclear, adds, unusable
from siyu.connectors.wecom.config import Config
from siyu.connectors.wecom.wire import facts
from siyu.connectors.wecom.wire.answers import inner, text
from siyu.kernel.errors import Broken, Refused
from siyu.kernel.sentence import Sentence

ACQUIRE = f"{OF}/customer_acquisition"
LONGEST_CHANNEL = 64  # bytes of a customer_channel; WeCom cuts what is longer
TURN = timedelta(minutes=10)  # at most so often the members behind a link are changed
FULL = 0.9  # of the cap of contact ways: from then on the check warns
UNREADABLE = Sentence(
    "WeCom can't be reached, or its answer can't be read.",
    "企业微信没有回应，或回应无法读取。",
)


def acquisition_url(config: Config, tools: Tools) -> str:
    """The acquisition link of these settings, created when it is first asked for.

    Members who have had their new friends of the day are taken out of it, and come back.
    """
    key = _key(config)
    said, now = tools.store.get(key), tools.clock.now()
    if said is not None and not _to_look_at(config, said, now):
        return json.loads(said)[1]
    with tools.store.lock(key):
        said = tools.store.get(key)
        if said is None:
            return _made(config, tools, key, now)
        if _to_look_at(config, said, now):
            _turned(config, tools, key, said, now)
        return json.loads(said)[1]


def revive(config: Config, tools: Tools) -> None:
    """Where none of its members can be added they are set anew, and WeCom says whether they can."""
    key, now = _key(config), tools.clock.now()
    with tools.store.lock(key):
        said = tools.store.get(key)
        if said is None or json.loads(said)[0] not in unusable.noted(tools.store):
            return
        try:
            _turned(config, tools, key, said, now)
        except Gone:  # it is made anew when it is next asked for
            tools.store.take(key)
            unusable.over(tools, json.loads(said)[0])


def landing(config: Config, tools: Tools, state: str) -> str:
    """The page on which somebody becomes a friend, who then is known by this state."""
    return with_state(acquisition_url(config, tools), state)


def with_state(url: str, state: str) -> str:
    """The link for one order: its state comes back with the friend.

    >>> with_state("https://work.weixin.qq.com/ca/x", "st_a+1")
    'https://work.weixin.qq.com/ca/x?customer_channel=st_a%2B1'
    """
    if not state or len(state.encode()) > LONGEST_CHANNEL or facts.state_of(state) is None:
        raise ValueError(
            Sentence(
                f"a link's state has 1 to {LONGEST_CHANNEL} bytes",
                f"链接的 state 为 1 到 {LONGEST_CHANNEL} 字节",
            )
        )
    return f"{url}?customer_channel={quote(state, safe='')}"


def settings_link(config: Config, tools: Tools) -> list[tuple[str, str, list[str]]]:
    """The acquisition link of these settings, its id first, and the userids behind it, if it has
    been made."""
    said = tools.store.get(_key(config))
    if said is None:
        return []
    link_id, url, users, _ = json.loads(said)
    return [(link_id, url, users)]


class Gone(Refused):
    """WeCom does not know it any more."""

    zh = "企业微信里已经没有了。"


def _key(config: Config) -> str:
    return f"link/{facts.digest(config.link_name, *config.link_users)}"


def _made(config: Config, tools: Tools, key: str, now: datetime) -> str:
    users = _with_room(config, tools, config.link_users)
    body = {
        "link_name": config.link_name,
        "range": {"user_list": users},
        "skip_verify": config.skip_verify,
    }
    link = inner(done(Client(config, tools), f"{ACQUIRE}/create_link", body), "link")
    if not text(link, "link_id") or not text(link, "url"):
        raise Broken(UNREADABLE)
    unusable.over(tools, text(link, "link_id"))
    _keep(tools, key, (text(link, "link_id"), text(link, "url")), users, now)
    return text(link, "url")


def _to_look_at(config: Config, said: str, now: datetime) -> bool:
    at = datetime.fromisoformat(json.loads(said)[3])
    return config.adds_per_day > 0 and now - at >= TURN


def _turned(config: Config, tools: Tools, key: str, said: str, now: datetime) -> None:
    """Who had their share today steps back, who was back in line returns."""
    link_id, url, users, _ = json.loads(said)
    fresh = _with_room(config, tools, config.link_users)
    if fresh != users or link_id in unusable.noted(tools.store):
        body = {"link_id": link_id, "range": {"user_list": fresh}}
        done(Client(config, tools), f"{ACQUIRE}/update_link", body)
        unusable.over(tools, link_id)
    _keep(tools, key, (link_id, url), fresh, now)


def _keep(
    tools: Tools, key: str, link: tuple[str, str], users: Sequence[str], now: datetime
) -> None:
    tools.store.put(key, json.dumps([*link, list(users), now.isoformat()]))


def _with_room(config: Config, tools: Tools, wanted: Sequence[str]) -> list[str]:
    """Who of these may still get new friends today; all of them if nobody has room."""
    if not wanted:
        raise Refused(
            Sentence(
                "nobody is named who takes new friends: set `link_users` or `way_users`",
                "没有指定接待新好友的成员：请设置 `link_users` 或 `way_users`",
            )
        )
    if not config.adds_per_day:
        return list(wanted)
    now, most = tools.clock.now(), config.adds_per_day
    free = [one for one in wanted if adds.today(tools.store, one, now) < most]
    return free or list(wanted)


def done(client: Client, path: str, body: dict[str, Any]) -> dict[str, Any]:
    """Have it done, or say in words why not."""
    try:
        return client.do(path, body)
    except Failed as failed:
        if failed.meaning == "gone":
            raise Gone from None
        raise Refused(failed.said) from None
    except (NotSent, Unclear):
        raise Broken(UNREADABLE) from None
