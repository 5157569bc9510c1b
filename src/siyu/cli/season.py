"""What `siyu demo --playbooks all` shows: a season's figures, for people."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from typing import Any

from siyu.analytics.views.channels import step_name
from siyu.cli.screen import NOTHING, joined, say, table
from siyu.kernel.money import show as money
from siyu.kernel.sentence import Sentence

Figures = Mapping[str, Any]
WORDS = {
    "Pool": "私域池", "before": "期初", "came": "新增", "left": "删除", "after": "期末",
    "customers": "客户", "New friends by source": "新增好友按来源", "source": "来源",
    "not bought yet (A1–A3)": "尚未购买（A1–A3）", "bought (A4–A5)": "已购买（A4–A5）",
    "Pages for strangers": "落地页", "page": "页面", "opened": "打开",
    "went on to add us": "点击添加", "became friends": "成为好友",
    "step": "步骤", "friends": "好友", "found at the till": "门店收银台",
    "Invited to a store": "邀请到店", "journey": "旅程", "invited": "邀请人数",
    "booked": "预约", "in the store": "到店", "rate": "比率",
    "Repurchase with and without care": "有无关怀的复购", "group": "分组",
    "with care": "有关怀", "without (hold-out)": "无关怀（对照组）", "window over": "窗口已满",
    "bought again": "复购率", "Payback": "回本", "Playbooks": "打法", "playbook": "打法",
    "entered": "进入", "held out": "对照组", "sent": "已发", "withheld": "拦下", "cost": "成本",
    "success": "达成率",
    "in the hold-out": "对照组达成率", "time": "时间", "points": "差异（百分点）",
    "deleted us": "删除好友", "Trust": "信任成本", "channel": "触点",
    "touches compared": "可比触达",
    "more leave": "多流失", "cost each": "每次信任成本", "trust cost": "信任成本",
    "new friends": "新增好友", "Beyond the hold-out": "相对对照组",
}  # fmt: skip


def draw(figures: Figures) -> None:
    """The screen, part after part."""
    _head(figures)
    _pool(figures)
    _care(figures)
    _payback(figures)
    _playbooks(figures)
    _trust(figures)
    _foot(figures)
    sys.stdout.flush()


def _called(word: str) -> Sentence:
    return Sentence(word, WORDS.get(word, word))


def _row(*words: str) -> list[Sentence]:
    return [_called(one) for one in words]


def _told(said: Mapping[str, str]) -> Sentence:
    """What the product's own reports say, in both languages."""
    return Sentence(said["en"], said["zh"])


def _head(figures: Figures) -> None:
    say()
    brand, world = figures["brand"], figures["world"]
    people, days = f"{figures['customers']:,}", figures["days"]
    say(
        Sentence(
            f"{brand}: {people} customers, {days} days, six playbooks at once (world {world})",
            f"{brand}：{people} 位客户，{days} 天，六个打法同时运行（世界 {world}）",
        )
    )


def _pool(figures: Figures) -> None:
    pool = figures["pool"]
    parts = ("before", "came", "left", "after", "customers")
    table(_called("Pool"), _row(*parts), [[f"{pool[one]:,}" for one in parts]])
    _doors(figures)
    visits = [(name, one["invited"], one["booked"], one["came"], _share(one["rate"]))
              for name, one in figures["invitation_to_visit"].items()]  # fmt: skip
    table(_called("Invited to a store"),
          _row("journey", "invited", "booked", "in the store", "rate"), visits)  # fmt: skip


def _doors(figures: Figures) -> None:
    """By which sources friends came, and whether they have bought by now."""
    rows = [
        (
            _told(one["title"]) if one["title"] else one["source"] or _called("found at the till"),
            step_name(one["step"]),
            one["friends"],
            sum(one["stages"].get(stage, 0) for stage in ("A1", "A2", "A3")),
            sum(one["stages"].get(stage, 0) for stage in ("A4", "A5")),
        )
        for one in figures["adds_by_source"]
    ]
    parts = ("source", "step", "friends", "not bought yet (A1–A3)", "bought (A4–A5)")
    table(_called("New friends by source"), _row(*parts), rows)
    rows = [(_told(one["title"]), one["visits"], one["given"], one["friends"])
            for one in figures["pages"]]  # fmt: skip
    parts = ("page", "opened", "went on to add us", "became friends")
    table(_called("Pages for strangers"), _row(*parts), rows)


def _care(figures: Figures) -> None:
    found = figures["repurchase"]
    rows = [
        (_called(name), found[key]["people"], _share(found[key]["rate"]))
        for name, key in (("with care", "with_care"), ("without (hold-out)", "without"))
    ]
    again = joined([_called("bought again"), _days(found["within_days"])], " ")
    table(_called("Repurchase with and without care"),
          [*_row("group", "window over"), again], rows)  # fmt: skip
    say(_told(found["says"]))


def _payback(figures: Figures) -> None:
    say()
    said, payback = _told(figures["payback"]["says"]), _called("Payback")
    say(Sentence(f"{payback}: {said}", f"{payback.zh}：{said.zh}"))


def _playbooks(figures: Figures) -> None:
    currency, told = str(figures["currency"]), figures["playbooks"].items()
    parts = ("playbook", "entered", "held out", "sent", "withheld", "new friends", "cost")
    table(_called("Playbooks"), _row(*parts), [
        (name, one["entered"], one["held_out"], one["sent"], one["withheld"], one["new_friends"],
         money(one["cost_minor"], currency))
        for name, one in told
    ])  # fmt: skip
    parts = ("playbook", "time", "success", "in the hold-out", "points", "deleted us",
             "trust cost")  # fmt: skip
    table(_called("Beyond the hold-out"), _row(*parts), [
        (name, _days(one["within_days"]), _of(one["treated"]), _of(one["hold_out"]),
         _points(one), one["treated"].get("deleted"), _trust_cost(one["trust_cost"], currency))
        for name, one in told
    ])  # fmt: skip


def _of(group: Figures) -> str:
    """A rate, and of how many: 60 % of 5 says nothing."""
    rate, over = group.get("rate"), group.get("over")
    return NOTHING if rate is None else f"{_share(rate)} (n={over or 0:,})"


def _days(many: int) -> Sentence:
    return Sentence(f"within {many} days", f"{many} 天内")


def _points(one: Figures) -> str:
    beyond = one["beyond_the_hold_out"]
    if not beyond:
        return NOTHING
    return f"{beyond[0]['points']:+.1f} ({beyond[0]['low']:+.1f} … {beyond[0]['high']:+.1f})"


def _trust_cost(cost: Figures, currency: str) -> str:
    if cost["minor"] is None:
        return NOTHING
    most, low, high = (_money(cost[f"{end}minor"], currency) for end in ("", "low_", "high_"))
    return f"{most} ({low} … {high})" if low != high else most


def in_part(cost: Figures) -> bool:
    """Whether the number alone would say too much: it is none, is not of all, or may be chance."""
    if cost["minor"] is None or cost["counted"] < cost["of_friends"]:
        return True
    return bool(cost["counted"]) and cost["low_minor"] <= 0 <= cost["high_minor"]


def _trust(figures: Figures) -> None:
    currency = str(figures["currency"])
    rows = [
        (_told(one["channel"]), one["touches"], _share(one["more"], 2),
         _money(one["cost"], currency))
        for one in figures["trust"]["by_channel"]
    ]  # fmt: skip
    table(_called("Trust"), _row("channel", "touches compared", "more leave", "cost each"), rows)
    say(_told(figures["trust"]["says"]))
    cost = _called("trust cost")
    for name, one in figures["playbooks"].items():
        if in_part(one["trust_cost"]):
            said = _told(one["trust_cost"]["says"])
            say(Sentence(f"{cost}, {name}: {said}", f"{cost.zh}，{name}：{said.zh}"))


def _foot(figures: Figures) -> None:
    say()
    wall, cpu = figures["wall_seconds"], figures["cpu_seconds"]
    say(
        Sentence(
            f"{wall} s on this machine ({cpu} s of CPU in this process); all of it from the"
            " product's own reports",
            f"本机用时 {wall} 秒（本进程 CPU {cpu} 秒）；各项均来自产品自己的报表",
        )
    )


def _money(amount: float | None, currency: str) -> str:
    return NOTHING if amount is None else money(round(amount), currency)


def _share(rate: float | None, digits: int = 1) -> str:
    return NOTHING if rate is None else f"{rate:.{digits}%}"
