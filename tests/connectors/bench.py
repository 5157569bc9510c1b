"""What the contract suite needs of a connector: its channel, its fake, how the two are asked."""

from __future__ import annotations

import logging
import re
import traceback
from collections.abc import Callable, Collection, Iterator, Mapping, MutableMapping
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import structlog
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from siyu.connectors.manifest import Called, Heard, Tools
from siyu.events.check import Parsed, parse
from siyu.kernel.errors import SiyuError
from siyu.kernel.sentence import Sentence
from siyu.outbox.channel import Channel
from siyu.outbox.model import Asked, Message

SECRET = "what only both of us know"
PHONE = "+8613800138000"
WORDS = "【肌初】小林，您的面膜在路上"
NOW = datetime(2026, 11, 20, 2, tzinfo=UTC)  # a Friday, ten o'clock in Shanghai
_MOBILE = re.compile(r"(?<![\d.])(?:\+?86)?1[3-9]\d{9}(?!\d)")


class Remembered:
    """A `Store` in memory, for what needs no database; times are not kept."""

    def __init__(self) -> None:
        self.known: dict[str, str] = {}

    def get(self, key: str) -> str | None:
        return self.known.get(key)

    def get_all(self, keys: Collection[str]) -> dict[str, str]:
        return {key: self.known[key] for key in keys if key in self.known}

    def put(self, key: str, value: str, until: datetime | None = None) -> None:  # noqa: ARG002 - as above
        self.known[key] = value

    def put_all(self, values: Mapping[str, str], until: datetime | None = None) -> None:  # noqa: ARG002 - as above
        self.known |= values

    def take(self, key: str) -> str | None:
        return self.known.pop(key, None)

    def keys(self, prefix: str) -> list[str]:
        return sorted(key for key in self.known if key.startswith(prefix))

    def items(self, prefix: str) -> dict[str, str]:
        return {key: self.known[key] for key in self.keys(prefix)}

    def lock(self, key: str) -> AbstractContextManager[None]:  # noqa: ARG002 - one process
        return nullcontext()


class Sounded:
    """`Alarms` in memory: those that last, by name, each with whether it is about a quota."""

    def __init__(self) -> None:
        self.lasting: dict[str, bool] = {}

    def begin(
        self,
        name: str,
        why: Sentence,
        *,
        quota: bool = False,
        until: datetime | None = None,  # noqa: ARG002 - it is kept by the real ones
    ) -> None:
        assert why.zh
        self.lasting[name] = quota

    def end(self, name: str) -> None:
        self.lasting.pop(name, None)


class Overheard(logging.Handler):
    """Everything that is logged, the least of it too, and every exception in its own words, but
    what the vendors of our own are served by."""

    def __init__(self) -> None:
        super().__init__(logging.DEBUG)
        self._told: list[str] = []

    @contextmanager
    def listening(self) -> Iterator[None]:
        """An exception ends what is listened to, and is told."""
        root, before = logging.getLogger(), structlog.get_config()
        level = root.level
        root.addHandler(self)
        root.setLevel(logging.DEBUG)
        structlog.configure(
            processors=[structlog.processors.format_exc_info, self._event],
            wrapper_class=structlog.make_filtering_bound_logger(logging.DEBUG),
        )
        try:
            yield
        except Exception as error:  # noqa: BLE001 - its words are what is looked at
            self._told += [*traceback.format_exception(error), repr(error)]
        finally:
            structlog.configure(**before)
            root.setLevel(level)
            root.removeHandler(self)

    def emit(self, record: logging.LogRecord) -> None:
        if not record.name.startswith(("uvicorn", "asyncio")):
            self._told.append(self.format(record))

    def _event(self, _: Any, __: str, event: MutableMapping[str, Any]) -> Any:
        self._told.append(str(event))
        raise structlog.DropEvent

    @property
    def text(self) -> str:
        return "\n".join(self._told)

    def betrayed(self, *secrets: str) -> list[str]:
        """Which of these were told, and every mobile number in clear."""
        return [one for one in secrets if one in self.text] + _MOBILE.findall(self.text)


class Plug:
    """An address that stays while what answers there changes: a server for each test takes longer
    than the test."""

    def __init__(self) -> None:
        self.url = ""
        self.app: Any = None

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        await self.app(scope, receive, send)

    def into(self, app: Any) -> str:
        """From now on this answers; where."""
        self.app = app
        return self.url


@dataclass
class Still:
    """A clock that stands until it is set; `skew`, by how much the machine's own is wrong."""

    at: datetime = NOW
    skew: timedelta = timedelta(0)

    def now(self) -> datetime:
        return self.at

    def real(self) -> datetime:
        return datetime.now(UTC) + self.skew


def _nothing() -> None:
    """Nothing has to happen."""


def _as_it_is(message: Message, number: int) -> Message:
    return message


@dataclass(frozen=True)
class Bench:
    """A channel over real HTTP against its fake.

    `reach(url, secret=…, skew=…)` makes another channel, with the same memory. `shape` makes a
    message into one that this vendor takes, `told` is what of it arrives, `arrived` what did.
    What a vendor can't have `lacks` says, and the suite skips it with that reason.
    """

    channel: Channel
    fake: Any
    url: str
    reach: Callable[..., Channel]
    most: int  # messages in one request
    arrived: Callable[[], list[Any]]
    told: Callable[[Message], Any]
    reject: Callable[[str], None]  # whoever has this number is refused, in words that repeat it
    store: Any = None
    shape: Callable[[Message, int], Message] = _as_it_is
    taken: str = "accepted"  # what is said of what was taken
    cancels: bool = True
    busy: str = "busy"  # the fault after which nothing is taken for now
    refusals: int = 1  # of a batch of two, until each of them is refused
    doubts: tuple[str, ...] = ()  # faults that have to follow until a lost answer is in doubt
    goes_on: Callable[[], None] = _nothing  # so long that the vendor's records are complete
    count: Callable[[], int] | None = None
    handed_at: datetime | None = None
    begin: Callable[[Message], object] | None = None  # from now on it can't be stopped
    waits: Callable[[], list[int]] | None = None  # how many are in each thing that still waits
    lacks: Mapping[str, str] = field(default_factory=dict[str, str])  # claim → why it says nothing

    def requests(self) -> int:
        """How often the vendor was asked."""
        return self.fake.requests if self.count is None else self.count()

    def begins(self, message: Message) -> None:
        """This one has begun, so that it can't be stopped."""
        if self.begin is None:
            kept = message.token
            self.fake.listen(lambda _: None, lambda tokens: [t for t in tokens if t != kept])
        else:
            self.begin(message)

    def anew(self) -> Callable[[], list[int]]:
        """How many at once the vendor is to do from now on."""
        if self.waits is not None:
            return self.waits
        happened: list[int] = []
        self.fake.listen(lambda sent: happened.append(len(sent)), list)
        return lambda: happened

    def asked(self, message: Message) -> Asked:
        """How the outbox asks about it, long after it was handed over."""
        return Asked(message.token, message.channel, message.to, "", self.handed_at)


class Door:
    """`/hooks/…` as the API has it, without a database: what is heard is parsed as it would be."""

    def __init__(self, receive: Callable[..., Heard], config: Any, tools: Tools) -> None:
        self._receive, self._config, self._tools = receive, config, tools
        self.called: list[Called] = []
        self.heard: list[Parsed] = []
        self.refused: list[str] = []
        self.status: int | None = None  # an outage: what every request is answered with
        self.requests = 0
        self._known: set[tuple[str, str]] = set()
        self.app = Starlette(
            routes=[Route("/hooks/{name}/{rest:path}", self._called, methods=["POST"])]
        )

    async def _called(self, request: Request) -> Response:
        self.requests += 1
        if self.status is not None:
            return Response(status_code=self.status)
        clock = self._tools.clock
        called = Called(
            request.method, request.path_params["rest"], dict(request.query_params),
            request.headers, await request.body(), clock.now(), clock.real(),
        )  # fmt: skip
        self.called.append(called)
        try:
            heard = self._receive(self._config, called, self._tools)
        except SiyuError as error:
            self.refused.append(error.code)
            return Response(status_code=401)
        for item in heard.events:
            event = parse(item, "CN", clock.now())
            assert isinstance(event, Parsed), event
            if (event.source, event.id) not in self._known:
                self._known.add((event.source, event.id))
                self.heard.append(event)
        assert heard.reply is not None
        return Response(heard.reply.body, heard.reply.status, media_type=heard.reply.media_type)

    @property
    def kinds(self) -> list[str]:
        return [one.kind for one in self.heard]
