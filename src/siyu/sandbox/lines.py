"""Who makes the AI calls of a brand in China: a vendor of the common kind, or Aliyun."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from secrets import token_hex
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol

from starlette.types import ASGIApp

from siyu.connectors.voice_aliyun.fake import Service as OutboundBot
from siyu.connectors.voice_calls.fake import Service as Common
from siyu.kernel.errors import BadInput
from siyu.kernel.sentence import Sentence

if TYPE_CHECKING:
    from siyu.sandbox.world import World

RINGS = "09:00-21:00"  # the carriers' own hours; the brand's are in its rules
NEVER_AGAIN = "不要再打电话给我了"
Contacts = Sequence[Mapping[str, Any]]
Spoken = Callable[[Mapping[str, str]], str]
HOURS = {"workdays": RINGS, "weekends": RINGS, "holiday_hours": RINGS}


class Ended(NamedTuple):
    """How a call ended; one that was answered has the rest."""

    answered: bool
    seconds: int = 0
    intent: str = ""
    refuses: bool = False


class Lines(Protocol):
    """A vendor of calls, as a world and its brand have to do with it."""

    @property
    def app(self) -> ASGIApp: ...

    @property
    def received(self) -> list[tuple[datetime, str]]:
        """Every call that was ever taken: when, and what it is called."""
        ...

    def settings(self, url: str, scripts: Sequence[str]) -> dict[str, Mapping[str, Any]]:
        """What the brand enters; `scripts` are the materials that are spoken."""
        ...

    def call_back(self, engine: str) -> None:
        """From now on the engine listens there."""
        ...

    def ring(self, world: World, spoken: Spoken) -> None:
        """What is taken reaches the people of this world."""
        ...

    def vacant(self, token: str) -> None:
        """The number belongs to nobody."""
        ...

    def finish(self, token: str, ended: Ended) -> None:
        """The call is over."""
        ...

    def next_at(self) -> datetime | None:
        """When something must be told by itself."""
        ...

    def deliver(self, now: datetime) -> None:
        """Tell what is due."""
        ...


class CommonLines:
    """Tells every end by a callback."""

    def __init__(self, clock: Callable[[], datetime]) -> None:
        self._secret = token_hex(16)
        self.service = Common(self._secret, clock)
        self.app: ASGIApp = self.service.app

    @property
    def received(self) -> list[tuple[datetime, str]]:
        return [(one.at, f"c{one.record}") for one in self.service.received]

    def settings(self, url: str, scripts: Sequence[str]) -> dict[str, Mapping[str, Any]]:
        dialogs = [{"material": one, "dialog": one} for one in scripts]
        given = {"base_url": url, "secret": self._secret, "scripts": dialogs}
        return {"voice_calls": {**given, **HOURS}}

    def call_back(self, engine: str) -> None:
        self.service.hook = f"{engine}/hooks/voice_calls"

    def ring(self, world: World, spoken: Spoken) -> None:
        self.service.listen(lambda found: world.on_calls(found, spoken), world.on_cancel)

    def vacant(self, token: str) -> None:
        self.service.finish(token, "VACANT_NUMBER")

    def finish(self, token: str, ended: Ended) -> None:
        self.service.finish(
            token,
            "ANSWERED" if ended.answered else "NO_ANSWER",
            seconds=ended.seconds,
            intent=ended.intent or "D",
            said=(NEVER_AGAIN,) if ended.refuses else (),
        )

    def next_at(self) -> datetime | None:
        return self.service.next_at()

    def deliver(self, now: datetime) -> None:
        self.service.deliver(now)


class AliyunLines:
    """Tells nothing: whoever wants to know how a call ended asks."""

    INSTANCE = "c0de5a4d-0000-4000-8000-000000000001"
    SCRIPT = "s-"

    def __init__(self, clock: Callable[[], datetime], scripts: Sequence[str]) -> None:
        self._key = ("LTAIsandboxcalls", token_hex(15))
        names = [f"{self.SCRIPT}{one}" for one in scripts]
        self.service = OutboundBot(self._key, self.INSTANCE, names, clock)
        self.app: ASGIApp = self.service.app

    @property
    def received(self) -> list[tuple[datetime, str]]:
        return [(one.at, one.job) for one in self.service.received]

    def settings(self, url: str, scripts: Sequence[str]) -> dict[str, Mapping[str, Any]]:
        given = {
            "access_key_id": self._key[0],
            "access_key_secret": self._key[1],
            "base_url": url,
            "instance_id": self.INSTANCE,
            "scripts": [{"material": one, "script": f"{self.SCRIPT}{one}"} for one in scripts],
        }
        return {"voice_aliyun": {**given, **HOURS}}

    def call_back(self, engine: str) -> None:
        """It calls nobody."""

    def ring(self, world: World, spoken: Spoken) -> None:
        def taken(found: Contacts) -> None:
            told = [{**one, "properties": one["extras"]} for one in found]
            world.on_calls(told, spoken)

        self.service.listen(taken, world.on_cancel)

    def vacant(self, token: str) -> None:
        self.service.finish(token, "NotExist")

    def finish(self, token: str, ended: Ended) -> None:
        labels = {"意向等级": ended.intent or "D"}
        if ended.refuses:
            labels["客户说"] = NEVER_AGAIN
        status = "Succeeded" if ended.answered else "NoAnswer"
        self.service.finish(token, status, seconds=ended.seconds, labels=labels)

    def next_at(self) -> datetime | None:
        return None

    def deliver(self, now: datetime) -> None:
        """There is nothing to tell."""


NAMES = ("common", "aliyun")


def lines(name: str, clock: Callable[[], datetime], scripts: Sequence[str]) -> Lines:
    """The vendor of this name."""
    if name not in NAMES:
        raise BadInput(
            Sentence(
                f"--calls {name!r}: known are {', '.join(NAMES)}",
                f"--calls {name!r}：可以是 {', '.join(NAMES)}",
            )
        )
    return CommonLines(clock) if name == "common" else AliyunLines(clock, scripts)
