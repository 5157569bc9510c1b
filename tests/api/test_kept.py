"""What takes long: one thing at a time, the newest question of whoever asks, kept for a while."""

from __future__ import annotations

from threading import Event

from siyu.api.kept import Found, Kept


def test_of_what_somebody_waits_for_only_the_newest_question_is_worked_out() -> None:
    kept, go_on, worked = Kept(), Event(), list[str]()

    def work(what: str) -> str:
        go_on.wait(10)
        worked.append(what)
        return what

    def ask(what: str, asker: str, patience: float = 0) -> Found[str]:
        return kept.ask(what, lambda: work(what), patience, asker)

    ask("first", "ana")  # begun: it goes on
    ask("second", "ana")
    ask("of ben", "ben")
    ask("third", "ana")
    go_on.set()

    assert ask("third", "ana", 10).result == "third"
    assert worked == ["first", "of ben", "third"]


def test_a_result_is_kept_for_a_multiple_of_what_it_took() -> None:
    long, short = Kept(worth=1000), Kept(worth=0)
    worked, never = list[str](), Event()

    def work() -> str:
        worked.append("once")
        never.wait(0.16)  # longer than a page waits
        return "there"

    for kept in (long, long, short, short):
        assert kept.ask("question", work, 10) == Found("there", None)

    assert len(worked) == 3
