"""What a sending has learned about people: remembered by the channel, told as facts by a pull."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from siyu.connectors.manifest import Pulled, Tools

AT_ONCE = 200


def untold(
    tools: Tools, prefix: str, cursor: str, fact: Callable[[str, str], object | None]
) -> Iterator[Pulled]:
    """What is remembered under keys that begin so, as facts (key, value → fact, if it is one);
    each is forgotten once its page is stored."""
    keys = tools.store.keys(prefix)
    for start in range(0, len(keys), AT_ONCE):
        told = keys[start : start + AT_ONCE]
        said = {key: tools.store.get(key) for key in told}
        facts = [fact(key, value) for key, value in said.items() if value is not None]
        yield Pulled([one for one in facts if one is not None], cursor)
        for key in told:
            tools.store.take(key)
