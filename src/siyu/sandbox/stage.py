"""What the parts of a world share: the agenda, the records, what goes out with the next step."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from siyu.sandbox.agenda import Agenda
from siyu.sandbox.client import Answer, Api
from siyu.sandbox.parameters import World
from siyu.sandbox.phones import Records

SOURCE = "sandbox"


def stamp(at: datetime) -> str:
    """A moment as events carry it."""
    return at.astimezone(UTC).isoformat()


class Stage:
    """One run of one world. `slack`: how late anything may be at least."""

    def __init__(  # noqa: PLR0913 - everything that makes one run
        self,
        world: World,
        seed: str,
        zone: ZoneInfo,
        start: datetime,
        end: datetime,
        api: Api,
        *,
        synthetic: bool = False,
        slack: timedelta = timedelta(0),
    ) -> None:
        self.world = world
        self.seed = seed
        self.zone = zone
        self.start = start
        self.end = end
        self.api = api
        self.synthetic = synthetic
        self.agenda = Agenda(slack)
        self.records = Records()
        self.now = start
        self._events: list[Mapping[str, object]] = []
        self._receipts: list[Mapping[str, object]] = []
        self.receipts_by: datetime | None = None  # when the oldest of them must be told

    def tell(
        self,
        kind: str,
        name: str,
        at: datetime,
        data: Mapping[str, object],
        keys: Mapping[str, str] | None = None,
        person: Mapping[str, str] | None = None,
    ) -> None:
        """An event for the next POST; `name` is its id at the source."""
        event: dict[str, object] = {
            "source": SOURCE,
            "id": name,
            "kind": kind,
            "occurred_at": stamp(at),
            "data": data,
        }
        if keys:
            event["keys"] = keys
        if person:
            event["person"] = person
        self._events.append(event)

    def pass_on(self, event: Mapping[str, object]) -> None:
        """An event that is written already: of a replayed file."""
        self._events.append(event)

    def report(self, token: str, kind: str, at: datetime, by: datetime, **more: object) -> None:
        """A provider's receipt, told by that time together with all that are ready then."""
        receipt = {"id": token, "kind": kind, "at": stamp(at), "receipt_id": f"{kind}/{token}"}
        self._receipts.append({**receipt, **more})
        self.receipts_by = min(by, self.receipts_by or by)

    def flush(self) -> None:
        """Say what was told: at most one POST of events, and one of receipts when it is time."""
        if self._events:
            told, self._events = self._events, []
            self._heard(told, self.api.events(told))
        if self.receipts_by is not None and self.receipts_by <= self.now:
            receipts, self._receipts = self._receipts, []
            self.receipts_by = None
            self._heard(receipts, self.api.receipts(receipts))

    def _heard(self, told: Sequence[Mapping[str, object]], answers: Sequence[Answer]) -> None:
        """Nothing that a world says is refused in silence."""
        for item, answer in zip(told, answers, strict=True):
            if answer.status == "rejected":
                self.records.refused.append(f"{item['kind']}: {answer.reason}")
