"""What the data of every kind is made of."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from msgspec import Meta, Struct

from siyu.kernel.money import LARGEST_MINOR

Code = Annotated[str, Meta(min_length=1, max_length=120, pattern=r"^[^\x00-\x1f]+$")]
CodeOrNone = Annotated[str, Meta(max_length=120, pattern=r"^[^\x00-\x1f]*$")]
Text = Annotated[str, Meta(max_length=500)]
Minor = Annotated[int, Meta(ge=0, le=LARGEST_MINOR)]
Signed = Annotated[int, Meta(ge=-LARGEST_MINOR, le=LARGEST_MINOR)]
Quantity = Annotated[int, Meta(ge=-1_000_000_000, le=1_000_000_000)]
Positive = Annotated[int, Meta(ge=1, le=1_000_000_000)]
Seconds = Annotated[int, Meta(ge=0, le=86_400)]
Moment = Annotated[datetime, Meta(tz=True)]
Currency = Annotated[str, Meta(pattern=r"^[A-Z]{3}$")]


class Payload(Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """What every kind's data has in common: nothing but strictness."""
