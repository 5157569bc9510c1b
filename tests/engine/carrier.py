"""A provider that keeps count of the phones that ring."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence

from siyu.outbox.model import Asked, Found, Message, Result, Stopped


class Killed(BaseException):
    """The process ends here."""


class Carrier:
    """A provider without tokens: whatever it takes rings a phone. It looks at all that comes."""

    def __init__(
        self, looked_at: Callable[[Message], None], rang: Callable[[Message], None]
    ) -> None:
        self._looked_at = looked_at
        self._rang = rang
        self.answers: Sequence[str] = ("accepted",)
        self.finds = "honest"
        self.rang: Counter[str] = Counter()
        self.wrong: list[str] = []

    def send(self, messages: Sequence[Message]) -> list[Result]:
        results: list[Result] = []
        for number, message in enumerate(messages):
            self._looked_at(message)
            answer = self.answers[number % len(self.answers)]
            if answer in ("accepted", "taken, no answer", "taken, killed"):
                self.rang[message.token] += 1
                self._rang(message)
            if "killed" in answer:
                raise Killed
            if answer == "broken":
                raise TimeoutError
            if answer in ("accepted", "rejected", "retry"):
                results.append(Result(message.token, answer))  # type: ignore[arg-type]
        return results

    def cancel(self, asked: Sequence[Asked]) -> list[Stopped]:
        del asked  # texts can't be stopped
        return []

    def reconcile(self, asked: Sequence[Asked]) -> list[Found]:
        tokens = [one.token for one in asked]
        if self.finds == "broken":
            raise TimeoutError
        if self.finds == "unknown":
            return [Found(token, "unknown") for token in tokens[::2]]
        return [Found(token, "accepted" if token in self.rang else "absent") for token in tokens]
