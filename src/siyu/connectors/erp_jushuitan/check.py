"""What `siyu connect erp_jushuitan` says: is the key right, are there shops, what was too late?"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

import httpx
import msgspec

from siyu.connectors.erp_jushuitan import wire
from siyu.connectors.erp_jushuitan.client import TIMEOUT, Client, Limited, SaidNo
from siyu.connectors.erp_jushuitan.config import Config
from siyu.connectors.erp_jushuitan.source import LATE, OUT
from siyu.connectors.manifest import Check, Tools
from siyu.kernel.sentence import Sentence

_KEY = Sentence("application", "应用")
_FINE = Sentence("fine", "正常")
WHY = {
    "late": Sentence("came after the audit", "晚于审单"),
    "full": Sentence("found no room in the remark", "备注已满"),
    "refused": Sentence("were refused by Jushuitan", "被聚水潭拒绝"),
    "unknown": Sentence("had an order that Jushuitan does not show", "聚水潭查不到订单"),
}


def check(config: Config, tools: Tools) -> list[Check]:
    """Ask for what left in the last minutes, and look at the shops and at what came too late."""
    return [_key(config, tools), *_shops(config, tools), *_late(tools)]


def _key(config: Config, tools: Tools) -> Check:
    if not config.app_key:
        why = Sentence("set app_key and app_secret", "请设置 app_key 与 app_secret")
        return Check(_KEY, "missing", why)
    now = tools.clock.now()
    try:
        with Client(config, tools, timeout=TIMEOUT) as client:
            client.page(OUT, wire.asking((now - wire.OVERLAP, now)), 1)
    except SaidNo as said:
        code = said.code
        why = Sentence(f"Jushuitan said no (code {code})", f"聚水潭拒绝（错误码 {code}）")
        return Check(_KEY, "wrong", why)
    except Limited:
        why = Sentence("too many calls at the moment", "调用过于频繁，请稍后再试")
        return Check(_KEY, "unverified", why)
    except (httpx.HTTPError, msgspec.DecodeError, UnicodeDecodeError):
        why = Sentence("Jushuitan was not reached at base_url", "连不上 base_url")
        return Check(_KEY, "wrong", why)
    return Check(_KEY, "ok", Sentence("Jushuitan knows it and answers", "聚水潭认可并有应答"))


def _shops(config: Config, tools: Tools) -> Iterator[Check]:
    what = Sentence("shops", "店铺")
    if not config.shops:
        why = Sentence("set shops: their number → our shop", "请设置 shops：店铺编号 → 店铺代码")
        yield Check(what, "missing", why)
    for shop in sorted(set(config.shops.values())):
        what = Sentence(f"shop {shop}", f"店铺 {shop}")
        if tools.parcels.deadline(shop, tools.clock.now()) is None:
            why = Sentence(
                "no warehouse serves it: `siyu warehouse set` says until when parcels can change",
                "没有仓库负责该店铺：请用 `siyu warehouse set` 设置截单参数",
            )
            yield Check(what, "missing", why)
        else:
            yield Check(what, "ok", _FINE)


def _late(tools: Tools) -> Iterator[Check]:
    told = [tools.store.get(key) for key in tools.store.keys(LATE)]
    counts = Counter(msgspec.json.decode(one)["why"] for one in told if one is not None)
    for why, many in sorted(counts.items()):
        said = WHY[why]
        yield Check(
            Sentence("decisions of the last 30 days", "近 30 天的决策"),
            "wrong",
            Sentence(f"{many} {said}", f"{many} 条{said.zh}"),
        )
