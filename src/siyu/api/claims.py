"""`/a/claim/<token>`: the page on which a new friend gives an order number. The answer is the same
whatever becomes of it, so nobody learns here whether there is such an order."""

from __future__ import annotations

import re
from functools import partial
from html import escape
from urllib.parse import parse_qs

import structlog
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from siyu.acquisition import actions
from siyu.acquisition.render import CLAIMS, claimant
from siyu.api.auth import sessions_secret, the_app
from siyu.api.console import GUARDS
from siyu.api.landing import PAGE, UNKNOWN
from siyu.app import App
from siyu.commerce import views as commerce
from siyu.commerce.model import Shop
from siyu.kernel.errors import Throttled
from siyu.kernel.sentence import Sentence
from siyu.staff.actions.sessions import Door, tried

log = structlog.get_logger(__name__)
HEADERS = {**GUARDS, "Cache-Control": "no-store", "Referrer-Policy": "no-referrer"}
LONGEST = 2_000  # bytes of what is posted
TITLE = "填写订单号 · Your order number"
THANKS = PAGE.format(
    title="已收到",
    zh="谢谢！我们已收到，核对后会联系您。",
    en="Thank you! We look into it and come back to you.",
)
ASK = (
    "请填写您的订单号，我们核对后为您登记权益。",
    "Please give your order number, so that we find your order.",
)
WRONG = (
    "请检查：订单号由字母、数字和 # . _ / - 组成；手机尾号为 4 位数字。",
    "Please check: an order number has letters, digits and # . _ / -; of the phone give 4 digits.",
)
_NUMBER = re.compile(r"[A-Za-z0-9#._/-]{2,64}")
_MOBILE = re.compile(r"1[3-9]\d{9}")  # typed by mistake; it must not be kept as an order number
_FOUR = re.compile(r"\d{4}|")
_FIELD = "font:inherit;width:100%;box-sizing:border-box;padding:.5em;margin:.2em 0 1em"
FORM = """<form method="post" style="max-width:24em">
{shops}<label>订单号 · Order number
<input name="order" required maxlength="64" autocomplete="off" style="{field}"></label>
<label>下单手机尾号 4 位（可不填，填了更快） · Last 4 digits of the phone on the order (optional)
<input name="phone" maxlength="4" inputmode="numeric" autocomplete="off" style="{field}"></label>
<button style="{field};background:#222;color:#fff;border:0">提交 · Send</button></form>
"""


async def page(request: Request) -> Response:
    """GET asks, POST takes: fields `order`, `shop` (where there are several) and `phone`."""
    app, token = the_app(request), request.path_params["token"]
    named = claimant(app.settings.derived(CLAIMS), token, app.clock.now())
    customer = app.ids.decode("cus", named) if named else None
    if customer is None:
        return HTMLResponse(UNKNOWN, 404, headers=HEADERS)
    shops = await run_in_threadpool(_shops, app)
    if request.method != "POST":
        return _form(shops, ASK)
    said = await _said(request)
    door = Door(sessions_secret(app), request.client.host if request.client else "")
    try:
        await run_in_threadpool(tried, app.db, door, f"claim {customer}", app.clock.real())
    except Throttled as error:
        return _later(error)
    order, four = said.get("order", ""), said.get("phone", "")
    shop = said.get("shop", "") or (next(iter(shops)) if len(shops) == 1 else "")
    usable = _NUMBER.fullmatch(order) and not _MOBILE.fullmatch(order) and _FOUR.fullmatch(four)
    if not usable or shop not in shops:
        return _form(shops, WRONG, 400)
    await run_in_threadpool(partial(_claim, app, customer, (shop, order), four))
    return HTMLResponse(THANKS, headers=HEADERS)


def _shops(app: App) -> dict[str, Shop]:
    with app.db.transaction() as conn:
        return commerce.shops(conn)


def _claim(app: App, customer: int, order: tuple[str, str], four: str) -> None:
    with app.db.transaction() as conn:
        actions.claim_order(conn, app.keys, customer, order, four, app.clock.now())
    app.wake()


async def _said(request: Request) -> dict[str, str]:
    """The fields of a form; of one that is too long: none."""
    body = bytearray()
    async for piece in request.stream():
        body += piece
        if len(body) > LONGEST:
            return {}
    fields = parse_qs(body.decode("utf-8", "replace"), max_num_fields=None)
    return {name: values[0].strip() for name, values in fields.items()}


def _form(shops: dict[str, Shop], words: tuple[str, str], status: int = 200) -> Response:
    chosen = ""
    if len(shops) > 1:
        options = "".join(
            f'<option value="{escape(one.code)}">{escape(one.name)}</option>'
            for one in shops.values()
        )
        chosen = (
            f'<label>店铺 · Shop<select name="shop" style="{_FIELD}">{options}</select></label>'
        )
    text = PAGE.format(title=TITLE, zh=words[0], en=words[1])
    return HTMLResponse(text + FORM.format(shops=chosen, field=_FIELD), status, headers=HEADERS)


def _later(error: Throttled) -> Response:
    words = error.detail if isinstance(error.detail, Sentence) else Sentence("", "")
    text = PAGE.format(title="请稍后再试", zh=escape(words.zh), en=escape(words[:]))
    return HTMLResponse(text, 429, headers={**HEADERS, "Retry-After": str(error.seconds)})
