"""What somebody may put into a request, so that the database can hold it; who asks, and why."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Annotated

from pydantic import AwareDatetime, Field, StringConstraints

# Short, and of letters that can be stored.
Words = Annotated[str, StringConstraints(max_length=500, pattern=r"^[^\x00]*$")]
# Whole numbers as large as a column takes; what is below 0 is refused where its meaning is known.
Number = Annotated[int, Field(le=2**31 - 1)]
Amount = Annotated[int, Field(le=2**63 - 1)]
Moment = Annotated[
    AwareDatetime, Field(ge=datetime(1970, 1, 1, tzinfo=UTC), lt=datetime(3000, 1, 1, tzinfo=UTC))
]


@dataclass(frozen=True)
class Who:
    by: Words = ""


@dataclass(frozen=True)
class Reason:
    """Who wants to see it, and why: both go into the audit log."""

    reason: Words
    by: Words = ""
