"""What an AI call speaks: a script of the vendor's for each material of ours. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Literal, NamedTuple

from msgspec import Meta

from siyu.kernel.sentence import Sentence
from siyu.outbox.model import Halt, Message, Result

Grade = Literal["A", "B", "C", "D", "E", "F"]


@dataclass(frozen=True, kw_only=True)
class Script:
    """A script and the material that it speaks; a connector adds what its vendor calls it."""

    material: Annotated[
        str,
        Meta(
            min_length=1,
            description="The code of our material, such as invite-call.",
            extra={"zh": "我们的素材代码，如 invite-call。"},
        ),
    ]
    variables: Annotated[
        tuple[str, ...],
        Meta(
            description="Which of our variables it speaks; empty: it is given all of them.",
            extra={"zh": "话术用到的变量；留空则全部传给厂商。"},
        ),
    ] = ()

    @property
    def code(self) -> str:
        """The vendor's id of it."""
        raise NotImplementedError


class Going(NamedTuple):
    """A message that may go, with the script that speaks it."""

    message: Message
    script: Script

    @property
    def phone(self) -> str:
        """As it is dialled in China."""
        return self.message.to.removeprefix("+86")

    @property
    def spoken(self) -> Mapping[str, str]:
        """What the script is given."""
        wanted = self.script.variables
        return {
            name: value
            for name, value in self.message.variables.items()
            if not wanted or name in wanted
        }

    def __repr__(self) -> str:
        return f"Going({self.message.token})"


def ready(scripts: Iterable[Script], message: Message) -> Going | Sentence:
    """The script of a message's material; a sentence says why there is none."""
    script = next((one for one in scripts if one.material == message.template), None)
    if script is None:
        return Sentence(
            f"no script stands for the material {message.template}",
            f"素材 {message.template} 没有对应的话术",
        )
    missing = [name for name in script.variables if not message.variables.get(name)]
    if missing:
        names = ", ".join(missing)
        return Sentence(
            f"script {script.code} wants {names}, which this message does not have",
            f"话术 {script.code} 需要变量 {names}，这条消息里没有",
        )
    return Going(message, script)


def batches(going: Iterable[Going], most: int) -> Iterator[list[Going]]:
    """One script each, at most so many."""
    by_script: dict[str, list[Going]] = {}
    for one in going:
        by_script.setdefault(one.script.code, []).append(one)
    for same in by_script.values():
        yield from (same[start : start + most] for start in range(0, len(same), most))


def each(
    batch: Sequence[Going],
    status: Literal["rejected", "retry"],
    reason: str,
    *,
    shut: bool = False,
    again: datetime | None = None,
    halt: Halt = "",
) -> list[Result]:
    """The same result for everything in a batch."""
    return [Result(one.message.token, status, "", reason, again, shut, halt) for one in batch]
