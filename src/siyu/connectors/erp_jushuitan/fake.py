"""Jushuitan as the sandbox and the tests have it: its paths, signature, codes, pages and tokens.

The API plane is `app`. The other one is Python: `pay`, `edit`, `audit`, `split`, `merge`, `cancel`
and `send` are what shops, staff and packers do. Its packers work by marks: `rules` says which thing
a word of the remark, a flag or a label puts into the parcel, as a rule of the ERP would.
"""

from __future__ import annotations

import json
from collections import Counter, deque
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from hashlib import md5
from itertools import count
from typing import Any, Literal
from urllib.parse import parse_qsl

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from siyu.connectors.erp_jushuitan.wire import CHINA, LONGEST_WINDOW, PAGE, TIME

Fault = Literal["token", "limit", "500"]
SKEW = timedelta(minutes=5)
TOKEN_DAYS = 30
MOST_REMARK = 500
MOST_LABEL = 10


class _No(Exception):
    """An answer with a code."""

    def __init__(self, code: int, msg: str) -> None:
        self.code = code
        super().__init__(msg)


class Jushuitan:
    """One company. `clock` is virtual time, `real` the wall's, by which signatures are judged.

    `faults` are used up one per call: a token that is over, too many calls, an error; `lost_marks`
    are set without anybody hearing of it. `between` runs after each page that was given: what
    happens while one pages.
    """

    def __init__(
        self,
        app_key: str,
        app_secret: str,
        clock: Callable[[], datetime],
        real: Callable[[], datetime] | None = None,
        *,
        counts: bool = True,
    ) -> None:
        self._key, self._secret = app_key, app_secret
        self._clock, self._real = clock, real or clock
        self._counts = counts  # do answers say how many pages there are?
        self._numbers = count(1000)
        self.orders: dict[int, dict[str, Any]] = {}
        self.left: dict[int, dict[str, Any]] = {}
        self.rules: dict[str, str] = {}
        self.faults: deque[Fault] = deque()
        self.locked: set[int] = set()  # orders that take no mark
        self.lost_marks = 0  # so many marks are set, and nobody hears of it
        self.between: Callable[[], None] = lambda: None
        self.calls: Counter[str] = Counter()
        self.tokens = 0
        self.late_marks = 0
        self.widest = timedelta()
        self.largest = 0
        self.access, self.refresh, self.until = "first", "first-refresh", clock()
        self.renew()
        self.app = Starlette(routes=[Route("/{path:path}", self._answer, methods=["POST"])])

    # ── People ───────────────────────────────────────────────────────────────────────────────────

    def pay(
        self, shop_id: int, so_id: str, skus: Sequence[str] = ("CREAM",), *, amount: float = 99.0
    ) -> int:
        """An order is paid, and here at once; the ERP's number of it."""
        now = self._now()
        items = [_item(sku, amount / len(skus)) for sku in skus]
        return self._add(
            {
                "so_id": so_id, "shop_id": shop_id, "status": "WaitConfirm", "pay_date": now,
                "order_date": now, "remark": "", "labels": "", "seller_flag": None,
                "merge_so_id": "", "is_split": False, "items": items,
            }
        )  # fmt: skip

    def _add(self, order: dict[str, Any]) -> int:
        number = next(self._numbers)
        self.orders[number] = {"o_id": number, **order}
        self.edit(number)
        return number

    def edit(self, o_id: int, **fields: Any) -> None:
        """Staff write something, or touch it at least."""
        self.orders[o_id] |= {**fields, "modified": self._now()}

    def audit(self, o_id: int) -> None:
        """It goes to the warehouse: what its marks say is put on its list."""
        order = self.orders[o_id]
        said = f"{order['remark']} {order['labels']} flag:{order['seller_flag']}"
        gifts = [_item(sku, 0.0, gift=True) for word, sku in self.rules.items() if word in said]
        self.edit(o_id, status="Delivering", items=[*order["items"], *gifts])

    def cancel(self, o_id: int) -> None:
        """The buyer has their money back."""
        self.edit(o_id, status="Cancelled")

    def split(self, o_id: int) -> list[int]:
        """Each thing becomes a parcel of its own."""
        order = self.orders[o_id]
        children = [
            self._add({**order, "items": [item], "is_split": True, "status": order["status"]})
            for item in order["items"]
        ]
        for number in children:
            self.orders[number]["o_id"] = number
        self.edit(o_id, status="Split")
        return children

    def merge(self, into: int, other: int) -> None:
        """Two orders of one receiver become one parcel."""
        first, second = self.orders[into], self.orders[other]
        merged = ",".join(one for one in (first["merge_so_id"], second["so_id"]) if one)
        self.edit(into, merge_so_id=merged, items=[*first["items"], *second["items"]])
        self.edit(other, status="Merged")

    def send(self, o_id: int, *, instead: Mapping[str, str] | None = None) -> int:
        """Packed and handed over. `instead`: the packer takes another thing than the list says."""
        order = self.orders[o_id]
        others = instead or {}
        items = [
            {**item, "sku_id": others.get(item["sku_id"], item["sku_id"])}
            for item in order["items"]
        ]
        now, number = self._now(), next(self._numbers)
        self.left[number] = {
            "io_id": number, "o_id": o_id, "so_id": order["so_id"], "shop_id": order["shop_id"],
            "status": "Confirmed", "io_date": now, "send_date": now, "modified": now,
            "l_id": f"SF{number}", "logistics_company": "顺丰", "merge_so_id": order["merge_so_id"],
            "items": items,
        }  # fmt: skip
        self.edit(o_id, status="Sent")
        return number

    def renew(self) -> None:
        """A new token; the old one is worth nothing."""
        self.tokens += 1
        self.access, self.refresh = f"access-{self.tokens}", f"refresh-{self.tokens}"
        self.until = self._clock() + timedelta(days=TOKEN_DAYS)

    def _now(self) -> str:
        return self._clock().astimezone(CHINA).strftime(TIME)

    # ── The platform ─────────────────────────────────────────────────────────────────────────────

    async def _answer(self, request: Request) -> Response:
        form = dict(parse_qsl((await request.body()).decode(), keep_blank_values=True))
        path = "/" + request.path_params["path"]
        self.calls[path] += 1
        fault = self.faults.popleft() if self.faults else None
        if fault == "500":
            return Response("", 500)
        if fault == "limit":
            return JSONResponse({"code": 199, "msg": "调用频率超限", "data": None})
        try:
            data = self._done(path, form, over=fault == "token")
        except _No as no:
            return JSONResponse({"code": no.code, "msg": str(no), "data": None})
        if self.lost_marks and path.endswith("/upload"):
            self.lost_marks -= 1
            return Response("", 504)
        return JSONResponse({"code": 0, "msg": "执行成功", "data": data})

    def _done(self, path: str, form: dict[str, str], *, over: bool) -> Any:
        self._verify(form)
        if path.startswith("/openWeb/auth/"):
            return self._auth(path, form)
        if over or form.get("access_token") != self.access or self._clock() >= self.until:
            raise _No(100, "token 失效")
        biz = json.loads(form["biz"])
        known: dict[str, Callable[[Any], Any]] = {
            "/open/orders/single/query": self._orders,
            "/open/orders/out/simple/query": self._out,
            "/open/logistic/query": self._out,
            "/open/jushuitan/order/remark/upload": self._remark,
            "/open/jushuitan/order/label/upload": self._label,
        }
        if path not in known:
            raise _No(404, "接口不存在")
        return known[path](biz)

    def _verify(self, form: dict[str, str]) -> None:
        told = form.pop("sign", "")
        text = self._secret + "".join(name + form[name] for name in sorted(form) if form[name])
        if form.get("app_key") != self._key or told != md5(text.encode()).hexdigest():  # noqa: S324 - theirs
            raise _No(110, "签名错误")
        if abs(self._real().timestamp() - int(form["timestamp"])) > SKEW.total_seconds():
            raise _No(120, "时间戳超出范围")

    def _auth(self, path: str, form: dict[str, str]) -> dict[str, Any]:
        if path.endswith("refreshToken") and form.get("refresh_token") != self.refresh:
            raise _No(100, "refresh_token 无效")
        self.renew()
        return {
            "access_token": self.access,
            "refresh_token": self.refresh,
            "expires_in": TOKEN_DAYS * 86_400,
        }

    def _orders(self, biz: dict[str, Any]) -> dict[str, Any]:
        if asked := [str(one) for one in biz.get("o_ids", [])]:
            found = [self.orders[int(one)] for one in asked if int(one) in self.orders]
        elif asked := biz.get("so_ids", []):
            found = [one for one in self.orders.values() if one["so_id"] in asked]
        else:
            return self._paged(list(self.orders.values()), biz, "orders")
        return {"orders": found, "has_next": False, "page_count": 1, "data_count": len(found)}

    def _out(self, biz: dict[str, Any]) -> dict[str, Any]:
        return self._paged(list(self.left.values()), biz, "datas")

    def _paged(self, rows: list[dict[str, Any]], biz: dict[str, Any], name: str) -> dict[str, Any]:
        begin, end = biz["modified_begin"], biz["modified_end"]
        span = datetime.strptime(end, TIME) - datetime.strptime(begin, TIME)  # noqa: DTZ007 - a span
        size, page = int(biz["page_size"]), int(biz["page_index"])
        self.widest, self.largest = max(self.widest, span), max(self.largest, size)
        if span > LONGEST_WINDOW or size > PAGE:
            raise _No(130, "参数错误")
        found = sorted(
            (row for row in rows if begin <= row["modified"] <= end),
            key=lambda row: (row["modified"], row.get("io_id") or row["o_id"]),
        )
        pages = -(-len(found) // size)
        told: dict[str, Any] = {
            name: json.loads(json.dumps(found[(page - 1) * size : page * size])),
            "page_index": page,
            "page_size": size,
            "has_next": page < pages,
        }
        if self._counts:
            told |= {"page_count": pages, "data_count": len(found)}
        self.between()
        return told

    def _remark(self, biz: dict[str, Any]) -> dict[str, Any]:
        order = self._marked(biz)
        if len(biz["remark"]) > MOST_REMARK:
            raise _No(130, "备注过长")
        more = {"seller_flag": biz["seller_flag"]} if "seller_flag" in biz else {}
        self.edit(order["o_id"], remark=biz["remark"], **more)
        return {}

    def _label(self, biz: dict[str, Any]) -> dict[str, Any]:
        order = self._marked(biz)
        if any(len(one) > MOST_LABEL for one in biz["labels"]) or biz["action_type"] not in (1, 2):
            raise _No(130, "标签错误")
        there = [one for one in order["labels"].split(",") if one]
        self.edit(order["o_id"], labels=",".join(dict.fromkeys([*there, *biz["labels"]])))
        return {}

    def _marked(self, biz: dict[str, Any]) -> dict[str, Any]:
        order = self.orders.get(int(biz["o_id"]))
        if order is None or order["o_id"] in self.locked:
            raise _No(130, "订单不存在或被锁定")
        self.late_marks += order["status"] != "WaitConfirm"
        return order


def _item(sku: str, amount: float, *, gift: bool = False) -> dict[str, Any]:
    return {"sku_id": sku, "qty": 1, "amount": str(amount), "is_gift": gift, "name": sku}
