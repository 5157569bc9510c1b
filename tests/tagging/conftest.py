"""Facts come in as they do in life: accepted, then applied."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from tests import build

from siyu.events.model import Incoming


@pytest.fixture
def event() -> Callable[..., Incoming]:
    """Makes facts, each with an id of its own."""
    return build.facts()


@pytest.fixture
def tell() -> Callable[..., None]:
    """`tell(db, [events])`."""
    return build.tell
