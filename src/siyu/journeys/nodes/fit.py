"""Invite to a left-over size that fits."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, time, timedelta
from typing import Literal

from siyu.journeys.model import Act, Fitted, Go, Here, Node, Stay, StepId, Way, asked
from siyu.kernel.sentence import Sentence
from siyu.kernel.time import next_time
from siyu.segments.model import Words
from siyu.segments.predicates.stock import FEW_SIZES, check_few

MOST_FACTOR = 20
INVITED, NOTHING, UNTIL = "invited", "nothing_fits", "until "


@dataclass(frozen=True, kw_only=True)
class Fit(Node):
    """Invite to a left-over size that fits, and go on; later messages of the visit can name
    `style`, `size` and `store`.

    Once a day at `at` everybody who has come here by then is decided on together: who has spent
    most comes first, and there are never more than `factor` invitations at a time for each piece,
    in all journeys. An invitation binds its piece for `lasts`. Who is left waits for the next day,
    until `timeout`; whom nothing fits goes to `else` at once.
    """

    key = "fit"
    title = Words("按尺码邀请", "Invite by size")
    shelf = "give"
    about = Words(
        "只邀请尺码合适、且仍有剩余的客户；每件货最多邀请几人由您决定。",
        "Invite only whom a left-over size fits, and no more for each piece than you say.",
    )
    begins = "{fit: {size_tag: shoe-}}"
    takes_time = False  # whom nothing fits may come round in the moment of the decision

    size_tag: str = field(metadata=asked("Tags that begin so name a size", "尺码标签的开头"))
    otherwise: StepId = field(
        metadata=asked("Where to go when nothing fits, or no piece comes free", "没有合适的货时",
                       name="else")
    )  # fmt: skip
    at: time = field(
        metadata=asked("When it is decided each day, like 10:00", "每天几点决定，如 10:00"),
        default=time(10),
    )
    store: Literal["any", "own"] = field(
        metadata=asked("Of any store, or of a guide's whose friend they are", "哪些门店的货"),
        default="any",
    )
    few: int = field(
        metadata=asked("So many sizes left are broken sizes", "剩几个尺码算断码"),
        default=FEW_SIZES,
    )
    factor: int = field(metadata=asked("Invitations for each piece", "每件货邀请几人"), default=1)
    lasts: timedelta = field(
        metadata=asked("How long an invitation binds its piece", "邀请保留多久"),
        default=timedelta(days=3),
    )
    timeout: timedelta = field(
        metadata=asked("How long to wait for a piece", "最多等多久"), default=timedelta(days=7)
    )

    def __post_init__(self) -> None:
        check_few(self.few)
        if not self.size_tag:
            raise ValueError(Sentence("`size_tag` is empty", "`size_tag` 不能为空"))
        if not 1 <= self.factor <= MOST_FACTOR:
            raise ValueError(
                Sentence(
                    f"`factor` must be between 1 and {MOST_FACTOR}",
                    f"`factor` 必须在 1 到 {MOST_FACTOR} 之间",
                )
            )

    @property
    def ways(self) -> tuple[Way, ...]:
        """Where those go whom nothing fits; all others go on."""
        return (Way(self.otherwise, "otherwise"), Way(None, "else"))

    def step(self, here: Here) -> Act:
        visit, now = here.visit, here.now
        if visit.held_out:  # they take no piece from anybody
            return Go("held_out")
        name = f"{visit.node}/{visit.round}"
        became = str(visit.vars.get(name, ""))
        if became == INVITED:
            return Go("invited")
        if became == NOTHING:
            return Go("nothing_fits", self.otherwise)
        if not became:
            first = next_time(self.at, visit.since, here.facts.zone)
            return Stay(first, effects=(self._asks(here, name, first),))
        due, over = datetime.fromisoformat(became.removeprefix(UNTIL)), visit.since + self.timeout
        if over <= now:
            return Go("no_pieces", self.otherwise)
        if due <= now:
            return Stay(now, effects=(self._asks(here, name, due),))
        return Stay(min(due, over))

    def _asks(self, here: Here, name: str, draw_at: datetime) -> Fitted:
        visit = here.visit
        key = f"visit:{visit.id}/{name}"
        return Fitted(
            key=key,
            size_tag=self.size_tag,
            own_store=self.store == "own",
            few=self.few,
            factor=self.factor,
            lasts=self.lasts,
            draw_at=draw_at,
            gives_up_at=visit.since + self.timeout,
            asked=name,
        )
