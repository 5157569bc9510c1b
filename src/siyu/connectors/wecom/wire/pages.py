"""Pages inside WeCom: where they send people to say who they are, how scripts sign. Pure."""

from __future__ import annotations

from hashlib import sha1
from urllib.parse import quote, urlencode

from siyu.connectors.wecom.config import Config

AUTHORIZE = "https://open.weixin.qq.com/connect/oauth2/authorize"
BY_QR = "https://login.work.weixin.qq.com/wwlogin/sso/login"  # older text: wwopen/sso/qrConnect


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
    return f"{AUTHORIZE}?{query}#wechat_redirect"


def login_url(config: Config, redirect: str, state: str) -> str:
    """In a browser: a QR code that a member scans with WeCom."""
    query = {
        "login_type": "CorpApp",
        "appid": config.corpid,
        "agentid": config.agent_id,
        "redirect_uri": redirect,
        "state": state,
    }
    return f"{BY_QR}?{urlencode(query)}"
