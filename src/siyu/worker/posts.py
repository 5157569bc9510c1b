"""What the calendars of groups say, handed to whoever carries it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta, timezone

from siyu.app import App, Moment, Showing
from siyu.groups import sweep
from siyu.groups.actions.posts import put_down
from siyu.groups.model import Record
from siyu.kernel.errors import BadInput, Refused, SiyuError
from siyu.kernel.sentence import Sentence, kept
from siyu.outbox.channel import Channel
from siyu.outbox.model import Asked, Found, Message, Result, Stopped
from siyu.worker.groups import OURS, chats

CARRIERS_DAY = timezone(timedelta(hours=8))  # within which the same Moment is made once
CALLED_OFF = Sentence("somebody called it off", "已有人取消")


class Window:
    """Moments as a channel: what is sent is a Moment that one of us is asked to publish. Made again
    on the same day it is the same one, so what is in doubt may be made again until then."""

    def __init__(self, showing: Showing, now: datetime) -> None:
        self._showing, self._now = showing, now

    def send(self, messages: Sequence[Message]) -> list[Result]:
        """One Moment each."""
        return [self._made(one) for one in messages]

    def _made(self, one: Message) -> Result:
        moment = Moment(text=one.text, members=(one.staff,) if one.staff else ())
        try:
            return Result(one.token, "awaiting_staff", self._showing.make(moment, OURS))
        except (Refused, BadInput) as error:
            return Result(one.token, "rejected", reason=error.detail)
        except SiyuError as error:
            return Result(one.token, "retry", reason=error.detail)

    def cancel(self, asked: Sequence[Asked]) -> list[Stopped]:  # noqa: ARG002 - by people, on their page
        """None of them."""
        return []

    def reconcile(self, asked: Sequence[Asked]) -> list[Found]:
        """Those of today."""
        return [
            Found(one.token, "absent")
            for one in asked
            if one.handed_at is not None
            and one.handed_at.astimezone(CARRIERS_DAY).date()
            == self._now.astimezone(CARRIERS_DAY).date()
        ]

    def ended(self) -> dict[str, Record]:
        """Moments that somebody has published, or that nobody can any more."""
        found: dict[str, Record] = {}
        for one in self._showing.listed():
            if one.published:
                found[one.id] = Record(0, "sent")
            elif one.state == "failed":
                why = one.why or Sentence("WeCom did not make it", "企业微信没有创建")
                found[one.id] = Record(0, "by_hand", kept(why))
            elif one.state == "cancelled":
                found[one.id] = Record(0, "failed", kept(CALLED_OFF))
        return found


def say(app: App, now: datetime) -> int:
    """What is due by now: put down, handed over, asked about. How much was done."""
    known, showing = chats(app), app.connections.window()
    window = None if showing is None else Window(showing, now)
    channels = _channels(app.channels, window)
    with app.db.transaction() as conn:
        did = put_down(conn, known, (), now, free=app.context.unreviewed)
    did += sweep.send(app.db, channels, app.context, now)
    ended = window.ended() if window is not None else {}
    return did + sweep.look(app.db, channels, ended, app.context, now)


def _channels(carried: Mapping[str, Channel], window: Window | None) -> dict[str, Channel]:
    found: dict[str, Channel] = {} if window is None else {"moments": window}
    if "group_message" in carried:
        found["group_message"] = carried["group_message"]
    return found
