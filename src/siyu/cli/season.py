"""What `siyu demo --playbooks all` shows: a season's figures, for people."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from typing import Any

from siyu.cli.screen import NOTHING, say, table
from siyu.kernel.money import show as money
from siyu.kernel.sentence import Language

Figures = Mapping[str, Any]
Called = Callable[[str], str]
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


def draw(figures: Figures, language: Language) -> None:
    """The screen, part after part."""

    def called(word: str) -> str:
        return WORDS.get(word, word) if language == "zh" else word

    _head(figures, language)
    _pool(figures, called, language)
    _care(figures, called, language)
    _payback(figures, called, language)
    _playbooks(figures, called, language)
    _trust(figures, called, language)
    _foot(figures, language)
    sys.stdout.flush()


def _head(figures: Figures, language: Language) -> None:
    say()
    many, days = f"{figures['customers']:,}", figures["days"]
    if language == "zh":
        say(
            f"{figures['brand']}：{many} 位客户，{days} 天，六个打法同时运行"
            f"（世界 {figures['world']}）"
        )
    else:
        say(f"{figures['brand']}: {many} customers, {days} days, six playbooks at once "
            f"(world {figures['world']})")  # fmt: skip


def _pool(figures: Figures, called: Called, language: Language) -> None:
    pool = figures["pool"]
    heads = ("before", "came", "left", "after", "customers")
    table(called("Pool"), [called(one) for one in heads], [[f"{pool[one]:,}" for one in heads]])
    _doors(figures, called, language)
    visits = [(name, one["invited"], one["booked"], one["came"], _share(one["rate"]))
              for name, one in figures["invitation_to_visit"].items()]  # fmt: skip
    heads = ("journey", "invited", "booked", "in the store", "rate")
    table(called("Invited to a store"), [called(one) for one in heads], visits)


def _doors(figures: Figures, called: Called, language: Language) -> None:
    """By which sources friends came, and whether they have bought by now."""
    rows = [
        (
            one["title"].get(language) or one["source"] or called("found at the till"),
            one["step"],
            one["friends"],
            sum(one["stages"].get(stage, 0) for stage in ("A1", "A2", "A3")),
            sum(one["stages"].get(stage, 0) for stage in ("A4", "A5")),
        )
        for one in figures["adds_by_source"]
    ]
    heads = ("source", "step", "friends", "not bought yet (A1–A3)", "bought (A4–A5)")
    table(called("New friends by source"), [called(one) for one in heads], rows)
    rows = [(one["title"][language], one["visits"], one["given"], one["friends"])
            for one in figures["pages"]]  # fmt: skip
    heads = ("page", "opened", "went on to add us", "became friends")
    table(called("Pages for strangers"), [called(one) for one in heads], rows)


def _care(figures: Figures, called: Called, language: Language) -> None:
    found = figures["repurchase"]
    rows = [
        (called(name), found[key]["people"], _share(found[key]["rate"]))
        for name, key in (("with care", "with_care"), ("without (hold-out)", "without"))
    ]
    within = _days(found["within_days"], language)
    table(called("Repurchase with and without care"),
          [called("group"), called("window over"), f"{called('bought again')} {within}"],
          rows)  # fmt: skip
    say(found["says"][language])


def _payback(figures: Figures, called: Called, language: Language) -> None:
    say()
    say(f"{called('Payback')}: {figures['payback']['says'][language]}")


def _playbooks(figures: Figures, called: Called, language: Language) -> None:
    currency, told = str(figures["currency"]), figures["playbooks"].items()
    heads = ("playbook", "entered", "held out", "sent", "withheld", "new friends", "cost")
    table(called("Playbooks"), [called(one) for one in heads], [
        (name, one["entered"], one["held_out"], one["sent"], one["withheld"], one["new_friends"],
         money(one["cost_minor"], currency))
        for name, one in told
    ])  # fmt: skip
    heads = ("playbook", "time", "success", "in the hold-out", "points", "deleted us",
             "trust cost")  # fmt: skip
    table(called("Beyond the hold-out"), [called(one) for one in heads], [
        (name, _days(one["within_days"], language), _of(one["treated"]), _of(one["hold_out"]),
         _points(one), one["treated"].get("deleted"), _trust_cost(one["trust_cost"], currency))
        for name, one in told
    ])  # fmt: skip


def _of(group: Figures) -> str:
    """A rate, and of how many: 60 % of 5 says nothing."""
    rate, over = group.get("rate"), group.get("over")
    return NOTHING if rate is None else f"{_share(rate)} (n={over or 0:,})"


def _days(many: int, language: Language) -> str:
    return f"{many} 天内" if language == "zh" else f"within {many} days"


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


def _trust(figures: Figures, called: Called, language: Language) -> None:
    currency = str(figures["currency"])
    rows = [
        (one["channel"][language], one["touches"], _share(one["more"], 2),
         _money(one["cost"], currency))
        for one in figures["trust"]["by_channel"]
    ]  # fmt: skip
    heads = ("channel", "touches compared", "more leave", "cost each")
    table(called("Trust"), [called(one) for one in heads], rows)
    say(figures["trust"]["says"][language])
    for name, one in figures["playbooks"].items():
        if in_part(one["trust_cost"]):
            say(f"{called('trust cost')}, {name}: {one['trust_cost']['says'][language]}")


def _foot(figures: Figures, language: Language) -> None:
    say()
    wall, cpu = figures["wall_seconds"], figures["cpu_seconds"]
    if language == "zh":
        say(f"本机用时 {wall} 秒（本进程 CPU {cpu} 秒）；各项均来自产品自己的报表")
    else:
        say(f"{wall} s on this machine ({cpu} s of CPU in this process); all of it from the "
            "product's own reports")  # fmt: skip


def _money(amount: float | None, currency: str) -> str:
    return NOTHING if amount is None else money(round(amount), currency)


def _share(rate: float | None, digits: int = 1) -> str:
    return NOTHING if rate is None else f"{rate:.{digits}%}"
