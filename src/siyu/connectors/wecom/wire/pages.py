"""Pages inside WeCom: where they send people to say who they are, how scripts sign. Pure."""

from __future__ import annotations

from hashlib import sha1
from urllib.parse import quote, urlencode

from siyu.connectors.wecom.config import Config


def asking(config: Config, redirect: str, state: str, agent: str) -> str:
    """Where a browser is sent to say who it is."""
    inside = "wxwork/" in agent.lower()
    return (authorize_url if inside else login_url)(config, redirect, state)


def signature(ticket: str, nonce: str, timestamp: int, url: str) -> str:
    """What `wx.config` and `wx.agentConfig` are given; the part behind # does not count."""
    page = url.partition("#")[0]
    said = f"jsapi_ticket={ticket}&noncestr={nonce}&timestamp={timestamp}&url={page}"
    return sha1(said.encode(), usedforsecurity=False).hexdigest()


def authorize_url(config: Config, redirect: str, state: str) -> str:
    """Inside WeCom: sends a member back to `redirect` with a code that says who it is."""
    query = (
        f"appid={config.corpid}&redirect_uri={quote(redirect, safe='')}&response_type=code"
        f"&scope=snsapi_base&state={quote(state, safe='')}&agentid={config.agent_id}"
    )
    return f"{config.authorize_url}?{query}#wechat_redirect"


def login_url(config: Config, redirect: str, state: str) -> str:
    """In a browser: a QR code that a member scans with WeCom."""
    query = {
        "login_type": "CorpApp",
        "appid": config.corpid,
        "agentid": config.agent_id,
        "redirect_uri": redirect,
        "state": state,
    }
    return f"{config.login_url}?{urlencode(query)}"
