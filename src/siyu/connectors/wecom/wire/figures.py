"""What WeCom counts of a member's day and of a day of their group chats. Pure.

A figure that is not there is not known: it is kept as null, never as 0.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime

from siyu.connectors.figures import Grouped, Worked
from siyu.connectors.wecom.wire import codes
from siyu.connectors.wecom.wire.answers import Json, inner, number, objects

Row = list[float | None]
WORKED = (
    "chat_cnt", "message_cnt", "reply_percentage", "avg_reply_time", "negative_feedback_cnt",
    "new_apply_cnt", "new_contact_cnt",
)  # fmt: skip
GROUPED = (
    "chat_total", "new_chat_cnt", "chat_has_msg", "member_total", "new_member_cnt",
    "member_has_msg", "msg_total",
)  # fmt: skip


def behaviour(answer: Json) -> dict[str, Row]:
    """Day → figures, of `get_user_behavior_data`."""
    return _days(objects(answer, "behavior_data"), WORKED, None)


def groups(answer: Json) -> dict[str, Row]:
    """Day → figures, of `statistic_group_by_day`."""
    return _days(objects(answer, "items"), GROUPED, "data")


def linked(answer: Json) -> tuple[int | None, int | None]:
    """Clicks and new customers, of a link's `statistic`."""
    clicks, added = (
        _figure(answer, name) for name in ("click_link_customer_cnt", "new_customer_cnt")
    )
    return _whole(clicks), _whole(added)


def _days(rows: Iterable[Json], names: tuple[str, ...], within: str | None) -> dict[str, Row]:
    return {
        day_of(number(row, "stat_time")).isoformat(): [
            _figure(inner(row, within) if within else row, name) for name in names
        ]
        for row in rows
        if number(row, "stat_time") > 0
    }


def _figure(row: Mapping[str, object], name: str) -> float | None:
    found = row.get(name)
    if isinstance(found, bool) or not isinstance(found, int | float):
        return None
    return found


def day_of(stat_time: int) -> date:
    """The day that begins then, in WeCom's zone.

    >>> day_of(1600272000).isoformat()
    '2020-09-17'
    """
    return datetime.fromtimestamp(stat_time, UTC).astimezone(codes.WECOM_ZONE).date()


def begins(day: date) -> int:
    """When a day begins there, as WeCom wants it."""
    return int(datetime(day.year, day.month, day.day, tzinfo=codes.WECOM_ZONE).timestamp())


def worked(staff: str, day: date, row: Row) -> Worked:
    """As rooms know it: the share is 0 to 1."""
    chats, messages, percentage, minutes, lost, asked, added = row
    share = None if percentage is None else percentage / 100
    return Worked(
        staff, day, _whole(chats), _whole(messages), share, minutes,
        _whole(lost), _whole(asked), _whole(added),
    )  # fmt: skip


def grouped(staff: str, day: date, row: Row) -> Grouped:
    """As rooms know it."""
    return Grouped(staff, day, *map(_whole, row))


def _whole(figure: float | None) -> int | None:
    return None if figure is None else int(figure)
