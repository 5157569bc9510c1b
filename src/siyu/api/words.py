"""Words that somebody typed into a request: short, and of letters that the database can hold."""

from __future__ import annotations

from typing import Annotated

from pydantic import StringConstraints

Words = Annotated[str, StringConstraints(max_length=500, pattern=r"^[^\x00]*$")]
