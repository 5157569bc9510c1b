"""`siyu advise`: whether a brand is ready, and what it should start."""

from __future__ import annotations

from typing import Annotated, Literal

import typer

from siyu.cli.codes import coded
from siyu.cli.screen import (
    Home,
    Json,
    answer,
    joined,
    language_named,
    one_of,
    opened,
    say,
    speak,
    spoken,
    table,
    tongue,
)
from siyu.kernel.errors import BadInput
from siyu.kernel.money import show, to_minor
from siyu.kernel.sentence import Language, Sentence, within, wording
from siyu.playbooks.decide import Advice, Limits
from siyu.playbooks.views.advice import advice

Service = Literal["", "heavy", "light"]
LIMITS = Limits()
READY = {
    "ready": Sentence("Ready.", "可以开始。"),
    "not_yet": Sentence("Not yet.", "还不是时候。"),
    "unknown": Sentence("Can't be said yet.", "现在还说不准。"),
}
WORDS = {
    "growth": "增长", "repurchase": "复购",
    "Readiness": "准备情况", "what": "项目", "verdict": "结论", "figure": "数值", "asked": "要求",
    "why": "原因", "yes": "是", "no": "否", "unknown": "未知",
    "Strategy": "策略矩阵", "side": "维度",
    "is": "属于", "from": "分界", "operated by": "由谁运营", "orders a year": "年均订单",
    "price": "客单价", "volume": "客户量", "head_office": "总部", "stores": "门店", "low": "低",
    "high": "高", "small": "少", "large": "多", "Playbooks to start": "建议启动的打法",
    "playbook": "打法", "orders": "订单", "connection": "连接", "margin": "毛利", "content": "素材",
    "service": "服务", "state": "状态", "running": "运行中",
}  # fmt: skip


def advise(
    *,
    margin: Annotated[
        float | None, typer.Option(help="Gross margin in percent, where goods have no cost here.")
    ] = None,
    service: Annotated[
        str, typer.Option(help="heavy or light: how much advice and care the product needs.")
    ] = "",
    frequent: Annotated[
        float, typer.Option(help="Orders per customer and year from which on it is often.")
    ] = LIMITS.frequent,
    dear: Annotated[
        str, typer.Option(help="An order from this amount on is dear (default: 500).")
    ] = "",
    large: Annotated[
        int, typer.Option(help="Customers from which on they are many.")
    ] = LIMITS.large,
    flat: Annotated[
        float, typer.Option(help="Growth in percent below which sales are flat.")
    ] = LIMITS.flat * 100,
    language: Annotated[str, typer.Option("--lang", help="zh or en; default: the brand's.")] = "",
    home: Home = None,
    json: Json = False,
) -> None:
    """Is it time, and what to start: goal of the stage, readiness, place in the strategy matrix,
    playbooks, frequency and staffing, each with the number and the reason."""
    with spoken(json=json), opened(home) as siyu:
        if language:
            speak(siyu, language_named(language))
        if margin is not None and not 0 <= margin <= 100:
            raise BadInput(
                Sentence("A margin is between 0 and 100 percent.", "毛利率在 0 到 100 之间。")
            )
        if frequent < 0 or large < 0:
            raise BadInput(
                Sentence(
                    "--frequent and --large are 0 or more.", "--frequent 和 --large 不能小于 0。"
                )
            )
        limits = LIMITS._replace(
            own_margin=None if margin is None else margin / 100,
            service=one_of(service, Service, Sentence("kind of service", "服务类型")),
            frequent=frequent,
            dear_minor=_dear(dear or "500", siyu.brand.currency),
            large=large,
            flat=flat / 100,
        )
        wecom = any(one.connected for one in siyu.connections.overview() if one.name == "wecom")
        with siyu.db.transaction() as conn:
            found = advice(conn, limits, wecom, siyu.clock.now())
        currency = siyu.brand.currency
        answer(told(found, limits, tongue()), json=json,
               show=lambda _: _show(found, limits, currency))  # fmt: skip


def _dear(text: str, currency: str) -> int:
    try:
        amount = to_minor(text, currency)
    except ValueError as error:
        raise BadInput(wording(error)) from None
    if amount <= 0:
        raise BadInput(Sentence("--dear is an amount above 0.", "--dear 要大于 0。"))
    return amount


def told(found: Advice, limits: Limits, language: Language) -> dict[str, object]:
    """The advice as plain values, in one language."""

    def words(said: str) -> str:
        return within(language, said)

    return {
        "ready": found.ready,
        "goal": found.goal,
        "goal_why": words(found.goal_why),
        "points": [
            {**one._asdict(), "figure": words(one.figure), "why": words(one.why)}
            for one in found.points
        ],
        "matrix": found.cell._asdict(),
        "thresholds": {
            name: getattr(limits, name) for name in ("frequent", "dear_minor", "large", "flat")
        },
        "playbooks": [{**one._asdict(), "why": words(one.why)} for one in found.picks],
        "frequency": words(found.rhythm),
        "staffing": words(found.staffing),
        "next": [words(one) for one in found.next],
    }


def _called(word: str) -> Sentence:
    return Sentence(word.replace("_", " "), WORDS.get(word, word))


def _row(*words: str) -> list[Sentence]:
    return [_called(one) for one in words]


def _show(found: Advice, limits: Limits, currency: str) -> None:
    say(READY[found.ready])
    goal, why = coded("goal", found.goal), found.goal_why
    say(Sentence(f"{goal}: {why}", f"{goal.zh}：{why.zh}"))
    rows = [[*_row(one.what, one.verdict), one.figure, one.asked, one.why]
            for one in found.points]  # fmt: skip
    table(_called("Readiness"), _row("what", "verdict", "figure", "asked", "why"), rows)
    cell = found.cell
    often = "–" if cell.frequency == "unknown" else f"{cell.per_year:g}"
    sides = [
        ["operated by", cell.operated, "–", "–"],
        ["orders a year", cell.frequency, often, f"{limits.frequent:g}"],
        ["price", cell.price, *(show(one, currency)
                                for one in (cell.order_minor, limits.dear_minor))],
        ["volume", cell.volume, "–", f"{limits.large:,}"],
    ]  # fmt: skip
    table(_called("Strategy"), _row("side", "is", "figure", "from"),
          [[*_row(side, value), *rest] for side, value, *rest in sides])  # fmt: skip
    table(_called("Playbooks to start"), _row("playbook", "state", "why"),
          [[one.playbook, _called("running") if one.running else "–", one.why]
           for one in found.picks])  # fmt: skip
    say()
    say(found.rhythm)
    say(found.staffing)
    for one in found.next:
        say(joined(["→", one], " "))
