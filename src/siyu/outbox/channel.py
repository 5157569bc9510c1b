"""The way out: what a provider, or people, must be able to do with touches."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from siyu.outbox.model import Asked, Found, Message, Result, Stopped


class InDoubt(Exception):
    """A batch may or may not have been taken; only asking will tell.

    `again` is when the provider wants to be asked, if it said so. Whatever else is raised means
    the same without it.
    """

    def __init__(self, words: str, again: datetime | None = None) -> None:
        super().__init__(words)
        self.again = again


class Channel(Protocol):
    """Declared here, implemented by connectors and by `tasks`. Each method takes a batch.

    Urgent and bulk touches are sent from two threads: methods may run beside one another.
    Whatever raises leaves the whole batch in doubt: the outbox asks `reconcile` and never sends
    blindly again.
    """

    def send(self, messages: Sequence[Message]) -> list[Result]:
        """Hand these over; one result per token. Tokens make a repeated hand-over harmless."""
        ...

    def cancel(self, asked: Sequence[Asked]) -> list[Stopped]:
        """Stop what has not begun; what surely won't happen any more, and what went along with it.

        Who is not named comes too late; `unclear` are those who are asked for again.
        What was stopped may be handed over again under its token: then it is to happen after all.
        What went along is owed again. Who dies before the answer is kept asks again, and has to
        hear of it once more.
        """
        ...

    def reconcile(self, asked: Sequence[Asked]) -> list[Found]:
        """What became of these; a token without an answer stays unknown."""
        ...
