"""What `siyu demo` shows: a fortnight's figures, for people."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from siyu.acquisition.model import REASONS as PARCELS
from siyu.analytics.views.channels import step_name
from siyu.analytics.views.explain import budget_words
from siyu.cli.screen import say, table
from siyu.kernel.money import show as money
from siyu.kernel.sentence import Sentence

Figures = Mapping[str, Any]
CONTENT = {
    "packed": "已打包", "gift": "赠品", "card": "卡片", "both": "两者都有", "neither": "两者都无",
}  # fmt: skip

NOT_DUE = {
    "not_in_policy": "打法里没有短信", "guest": "游客", "friend_already": "已是好友",
    "holdout": "对照组", "joined_cascade": "并入进行中的流程", "opted_out": "已退订",
    "no_consent": "未同意短信", "hour": "不在发送时段",
}  # fmt: skip


def draw(figures: Figures, home: Path) -> None:
    """The screen, part after part."""
    say()
    _funnel(figures)
    _steps(figures)
    _parcels(figures)
    _sms(figures)
    rows = [(Sentence(why, budget_words(why, "zh")), count)
            for why, count in figures["withheld"].items()]  # fmt: skip
    table(Sentence("Withheld, and why", "拦下及原因"), ["reason", "touches"], rows)
    _after(figures)
    wall = figures["wall_seconds"]
    say(Sentence(f"{wall} s on this machine; home {home}", f"本机用时 {wall} 秒；目录 {home}"))
    sys.stdout.flush()


def _funnel(figures: Figures) -> None:
    orders, people, scope, invited, added = (
        f"{figures[name]:,}"
        for name in ("orders", "customers", "in_scope", "invited", "friends_added")
    )
    rate, unmatched = f"{figures['add_rate']:.1%}", figures["friends_unmatched"]
    say(
        Sentence(
            f"{orders} orders of {people} customers; {scope} in scope, {invited} invited,"
            f" {added} became friends: {rate}",
            f"{people} 位客户的 {orders} 笔订单；范围内 {scope}，已邀请 {invited}，"
            f"成为好友 {added}：加微率 {rate}",
        )
    )
    currency = str(figures["currency"])
    cost, per_add = money(figures["cost_minor"], currency), figures["cost_per_add_minor"]
    each = "–" if per_add is None else money(per_add, currency)
    say(
        Sentence(
            f"cost {cost}, {each} per friend; {unmatched} friends could not be matched to a buyer",
            f"成本 {cost}，每位好友 {each}；{unmatched} 位好友未能匹配到买家",
        )
    )


def _steps(figures: Figures) -> None:
    title = Sentence(
        "By step: what people received, who followed it last before adding, what it cost",
        "按步骤：客户收到什么、添加前最后跟随哪一步、花费多少",
    )
    currency = str(figures["currency"])
    rows = [(step_name(step), one["touches"], one["adds"], money(one["cost_minor"], currency))
            for step, one in figures["by_step"].items()]  # fmt: skip
    table(title, ["step", "touches", "friends", "cost"], rows)


def _parcels(figures: Figures) -> None:
    parcels = dict(figures["parcels"])
    out = parcels.pop("out_of_scope")
    rows = [(Sentence(name, CONTENT[name]), count) for name, count in parcels.items()]
    for why, count in out.items():
        of = Sentence(why, PARCELS[why]["zh"] if why in PARCELS else why)
        rows.append((Sentence(f"out of scope: {of}", f"范围外：{of.zh}"), count))
    title = Sentence("Parcels: what was really in them", "包裹：里面实际是什么")
    table(title, ["content", "parcels"], rows)


def _sms(figures: Figures) -> None:
    sms, share = figures["sms"], figures["sms_within_60s_share"]
    told = f"{share:.2%}" if share is not None else "–"
    rows = [
        (Sentence("due within a minute", "应在一分钟内"), sms["counted"]),
        (Sentence("received within a minute", "一分钟内收到"), sms["within_60s"]),
        *((_not_due(str(why)), count)
          for why, count in sms["excluded"].items()),
    ]  # fmt: skip
    title = Sentence(
        f"First SMS within a minute of payment: {told}", f"付款一分钟内的首条短信：{told}"
    )
    table(title, ["orders", "count"], rows)


def _not_due(code: str) -> Sentence:
    why = Sentence(code, NOT_DUE.get(code, code))
    return Sentence(f"not due: {why}", f"不计：{why.zh}")


def _after(figures: Figures) -> None:
    raced = figures["raced"]
    many, lag = raced["count"], raced["longest_lag_seconds"]
    after, twice = figures["touches_after_add"], figures["duplicate_touches"]
    say(
        Sentence(
            f"after the add: {after} touches; in flight at the add: {many}"
            f" (longest {lag} s); sent twice: {twice}",
            f"添加之后：{after} 次触达；添加时已在途：{many}（最长 {lag} 秒）；重复发送：{twice}",
        )
    )
    if differs := figures["reconciled"]:
        say(
            Sentence(
                f"the engine's account differs from the world's: {differs}",
                f"引擎的账与世界的账不一致：{differs}",
            )
        )
