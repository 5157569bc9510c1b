"""What WeCom tells of a member and of departments. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal, NamedTuple, cast

from siyu.connectors.wecom.wire.answers import Json, number, objects, text

INACTIVE, LEFT = (2, 4), 5  # disabled, not activated yet; has left the corp


class Member(NamedTuple):
    """`name` is empty where the app may not see it: WeCom then says the userid, or nothing."""

    userid: str
    name: str
    departments: tuple[int, ...]
    state: Literal["active", "inactive", "left"]


def departments(answer: Json) -> dict[int, str]:
    """Id → name, empty where the app may not see it."""
    return {number(one, "id"): text(one, "name") for one in objects(answer, "department")}


def member(item: Json) -> Member | None:
    userid, name, status = text(item, "userid"), text(item, "name"), number(item, "status")
    if not userid:
        return None
    listed = item.get("department")
    ids = cast("list[object]", listed) if isinstance(listed, list) else []
    state = "left" if status == LEFT else "inactive" if status in INACTIVE else "active"
    return Member(
        userid,
        "" if name == userid else name,
        tuple(one for one in ids if isinstance(one, int)),
        state,
    )


def named(ids: tuple[int, ...], names: Mapping[int, str]) -> tuple[str, ...]:
    """Departments by name; without one by number.

    >>> named((1, 7), {1: "花间"})
    ('花间', '7')
    """
    return tuple(names.get(one) or str(one) for one in ids)
