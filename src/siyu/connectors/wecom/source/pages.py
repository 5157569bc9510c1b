"""What a page inside WeCom (a sidebar, a guide's list) asks for: who is there, a signature."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from datetime import timedelta
from typing import Literal, NamedTuple, get_args

from siyu.connectors.manifest import Tools
from siyu.connectors.wecom.client import Client, Failed, NotSent, Unclear
from siyu.connectors.wecom.config import Config
from siyu.connectors.wecom.wire import pages
from siyu.connectors.wecom.wire.answers import Json, number, text
from siyu.kernel.errors import Broken, Refused, Unknown
from siyu.kernel.sentence import Sentence

EARLY = timedelta(minutes=5)  # before its end a ticket is fetched anew
OVER = frozenset({40029, 42003, 42022})  # a code that is none, is over, or was used
Kind = Literal["corp", "agent"]


class Visitor(NamedTuple):
    """Who opened a page: one of us by our code, or a customer."""

    staff: str = ""
    external_userid: str = ""


class Signed(NamedTuple):
    """A page is ours: `wx.config` (corp) and `wx.agentConfig` (agent) want it said so."""

    timestamp: int
    nonce: str
    signature: str


def visitor(config: Config, tools: Tools, code: str) -> Visitor:
    """Who came back with this code; it is good once, for five minutes."""
    try:
        found = _asked(config, tools, "auth/getuserinfo", code=code)
    except Failed as failed:
        if failed.code in OVER:
            raise Unknown(
                Sentence("the login is over; open the page again", "登录已失效，请重新打开页面")
            ) from None
        raise Refused(failed.said) from None
    userid, customer = text(found, "userid"), text(found, "external_userid")
    if not userid and not customer:
        raise Unknown(Sentence("nobody we know opened this page", "打开页面的人不在通讯录里"))
    return Visitor(config.staff(userid) if userid else "", customer)


def member(config: Config, tools: Tools, code: str) -> str:
    """Our code of who came back with this one; empty: none of us."""
    return visitor(config, tools, code).staff


def settings(config: Config, tools: Tools, url: str) -> Mapping[str, Mapping[str, str | int]]:
    """What `wx.config` and `wx.agentConfig` are given on this page, beside their `jsApiList`."""
    corp, agent = (signed(config, tools, url, kind) for kind in get_args(Kind))
    return {
        "config": {"appId": config.corpid, **_written(corp)},
        "agentConfig": {"corpid": config.corpid, "agentid": config.agent_id, **_written(agent)},
    }


def _written(signed: Signed) -> Mapping[str, str | int]:
    return {
        "timestamp": signed.timestamp,
        "nonceStr": signed.nonce,
        "signature": signed.signature,
    }


def signed(config: Config, tools: Tools, url: str, kind: Kind) -> Signed:
    """The signature of a page, by its whole address."""
    try:
        ticket = _ticket(config, tools, kind)
    except Failed as failed:
        raise Refused(failed.said) from None
    nonce, timestamp = secrets.token_hex(8), int(tools.clock.now().timestamp())
    proof = pages.signature(ticket, nonce, timestamp, url)
    return Signed(timestamp, nonce, proof)


def _ticket(config: Config, tools: Tools, kind: Kind) -> str:
    """One for all pages: WeCom gives out few an hour."""
    key = f"ticket/{kind}/{config.corpid}/{config.agent_id}"
    found = tools.store.get(key)
    if found is not None:
        return found
    with tools.store.lock(key):
        found = tools.store.get(key)
        if found is not None:
            return found
        if kind == "corp":
            answer = _asked(config, tools, "get_jsapi_ticket")
        else:
            answer = _asked(config, tools, "ticket/get", type="agent_config")
        ticket = text(answer, "ticket")
        if not ticket:
            raise Broken("WeCom's answer can't be read.")
        life = max(timedelta(seconds=number(answer, "expires_in")) - EARLY, timedelta(minutes=1))
        tools.store.put(key, ticket, tools.clock.now() + life)
        return ticket


def _asked(config: Config, tools: Tools, path: str, **query: str) -> Json:
    try:
        return Client(config, tools).get(path, **query)
    except (NotSent, Unclear):
        raise Broken("WeCom can't be reached, or its answer can't be read.") from None
