"""The stop button: nothing goes out until somebody resumes."""

from __future__ import annotations

from typing import Annotated

import typer

from siyu.cli.screen import By, Home, Json, answer, joined, many, me, opened, say, spoken
from siyu.kernel.sentence import Sentence
from siyu.outbox import actions, views

What = Annotated[
    str, typer.Argument(help="all, channel:NAME (channel:sms) or journey:NAME.", metavar="[WHAT]")
]


def pause(what: What = "all", by: By = "", home: Home = None, json: Json = False) -> None:
    """Stop everything, a channel or a journey: nothing of it goes out until `siyu resume`.

    Calls and tasks that are with a provider or a person are asked back; again asks again.
    """
    with spoken(json=json), opened(home) as app:
        with app.db.transaction() as conn:
            fresh = actions.pause(conn, what, me(by), app.clock.now())
            back = actions.recall(conn, what, app.clock.now())
            waiting, in_hand = views.waiting(conn, what), views.in_hand(conn, what)
            others = [one.scope for one in views.stops(conn) if one.scope != what]
        app.wake()
        said = _paused(what, waiting, fresh=fresh)
        answer(
            {
                "paused": True,
                "was_paused": not fresh,
                "owed": waiting,
                "asked_back": back,
                "in_hand": in_hand,
                "scope": what,
            },
            json=json,
            show=lambda _: say(joined([said, _asked(back, in_hand), _more(ALSO, others)], "")),
        )


def resume(what: What = "all", by: By = "", home: Home = None, json: Json = False) -> None:
    """Go on. What is no longer true, or no longer in its hours, is not sent."""
    with spoken(json=json), opened(home) as app:
        with app.db.transaction() as conn:
            was = actions.resume(conn, what, me(by), app.clock.now())
            waiting = views.waiting(conn, what)
            others = [one.scope for one in views.stops(conn)]
        touches = many(waiting, "touch", "次触达")
        words = Sentence("Resumed", "已恢复") if was else Sentence("Was not paused", "原本没有暂停")
        said = Sentence(f"{words}. Owed: {touches}.", f"{words.zh}。待发：{touches.zh}。")
        answer(
            {"paused": False, "was_paused": was, "owed": waiting, "scope": what},
            json=json,
            show=lambda _: say(joined([said, _more(STILL, others)], "")),
        )


def _paused(what: str, waiting: int, *, fresh: bool) -> Sentence:
    words = Sentence("Paused", "已暂停") if fresh else Sentence("Was paused already", "原已暂停")
    whose = Sentence(f"Nothing of {what} goes out", f"{what} 不再发送")
    if what == "all":
        whose = Sentence("Nothing goes out", "全部不再发送")
    touches = many(waiting, "touch", "次触达")
    return Sentence(f"{words}. {whose}; owed: {touches}.",
                    f"{words.zh}。{whose.zh}；待发：{touches.zh}。")  # fmt: skip


def _asked(back: int, in_hand: int) -> Sentence:
    said: list[Sentence] = []
    if back:
        said.append(Sentence(f" Asked back: {back:,} under way.", f"正在召回：{back:,}。"))
    if in_hand:
        said.append(Sentence(f" Just being handed over: {in_hand:,}; pause again.",
                             f"正在交出：{in_hand:,}；请再暂停一次。"))  # fmt: skip
    return joined(said, "")


ALSO, STILL = Sentence("Also", "另外"), Sentence("Still", "仍然")


def _more(word: Sentence, others: list[str]) -> Sentence:
    listed = ", ".join(others)
    if not others:
        return Sentence("", "")
    return Sentence(f" {word} paused: {listed}.", f"{word.zh}暂停的有：{listed}。")
