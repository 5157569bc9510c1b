"""What a journey wishes for, what a channel is given, and what comes back."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, time, timedelta
from functools import lru_cache
from typing import Literal, NamedTuple
from zoneinfo import ZoneInfo

from siyu.content.model import called
from siyu.content.render.poster import Face, Poster
from siyu.events.model import (
    OURS,
    Batch,
    CallFinished,
    Event,
    LinkClicked,
    Payload,
    TaskDone,
    TouchDelivered,
    TouchFailed,
    TouchRead,
    TouchUnknown,
    TouchWithdrawn,
    TouchWithheld,
)
from siyu.kernel.ids import PublicIds
from siyu.kernel.time import Hours, Opening
from siyu.vault.model import Keys, key_hash

PREFIX = "tch"
ANY = "*"  # every channel, or every purpose
TRIAL = "tst"  # of the token of a test send: what comes back under it is about no touch
NAME_SLOT = "{name}"  # stays in what staff are given: the name is filled in on their screen

Status = Literal["accepted", "rejected", "retry", "awaiting_staff"]
Lane = Literal["now", "window"]
LANES: tuple[Lane, ...] = ("now", "window")  # the urgent one first
MOST_URGENT = 9  # of the priorities; the least is 0
Whereabouts = Literal["delivered", "accepted", "awaiting_staff", "absent", "unknown"]
Halt = Literal["", "material", "quota"]
REFUSED = "provider_refuses"  # why touches of such a material wait
TOO_LATE, NO_CODE = "welcome_over", "no_welcome_code"  # why somebody was not welcomed
GROUP_MESSAGE = "group_message"  # to a group chat: no touch, since it is nobody's
WELCOMES = frozenset({"wecom_welcome"})
WELCOME_WITHIN = timedelta(seconds=20)  # the carrier's limit, from its callback on
# Why a touch did not go out, where it is no vendor that says so: stable codes, shown with these
# words. A vendor's own are shown as they are.
REASONS: Mapping[str, Mapping[str, str]] = {
    REFUSED: {"en": "the provider refuses this material", "zh": "服务商拒绝该素材"},
    "gave_up": {"en": "given up after many tries", "zh": "多次尝试未成功，已放弃"},
    "unreachable": {"en": "the provider can't be reached", "zh": "连不上服务商"},
    "batch_in_doubt": {"en": "the batch before it is in doubt", "zh": "前一批结果未知，稍后再发"},
    "no answer": {"en": "no answer from the provider", "zh": "服务商未应答"},
    "rejected": {"en": "refused by the provider", "zh": "服务商拒收"},
    "no_material": {"en": "its material does not exist", "zh": "素材不存在"},
    "material_unreviewed": {
        "en": "nobody has approved its material yet",
        "zh": "素材尚未审核通过",
    },
    "material_early": {"en": "its material is not valid yet", "zh": "素材尚未生效"},
    "material_expired": {"en": "its material is not valid any more", "zh": "素材已过期"},
    "material_retired": {"en": "its material is retired", "zh": "素材已停用"},
    "no_child": {
        "en": "it names a child's age, and no month of birth is known, or not any more",
        "zh": "文案提到孩子月龄，而出生年月未知或已不能使用",
    },
    "no_picture": {"en": "the file of its picture is not there", "zh": "图片文件不存在"},
    "no_poster": {
        "en": "its poster can't be drawn: the picture can't be read, its link is too long for the "
        "code, or the code is larger than the picture is high",
        "zh": "海报无法生成：图片无法读取，链接太长、二维码放不下，或二维码比图片还高",
    },
    "no_font": {
        "en": "this machine has no font with Chinese for the words of its poster",
        "zh": "本机没有中文字体，无法写出海报上的文字",
    },
    "in_turn": {
        "en": "it waits its turn: others of its batch were handed over before it",
        "zh": "排队中：同一批的其他消息先提交",
    },
    "bad_material": {"en": "its material can't be filled in", "zh": "素材无法填写"},
    "no_mobile": {"en": "not a mobile number of the mainland", "zh": "不是中国大陆手机号"},
    "calls_closed": {"en": "outside the hours in which phones may ring", "zh": "不在可外呼时段"},
    "too_long": {"en": "the text is too long", "zh": "文字超长"},
    TOO_LATE: {"en": "too late for a welcome", "zh": "欢迎语已过时限"},
    NO_CODE: {
        "en": "the carrier gave no code for a welcome (it welcomes by itself, or they have talked)",
        "zh": "平台未提供欢迎语凭证（后台已设欢迎语，或双方已聊过）",
    },
    "not_a_friend": {"en": "not a friend (any more)", "zh": "不是好友，或已不再是"},
    "carrier_cap": {
        "en": "has had as many mass messages as the carrier allows",
        "zh": "已达平台的群发上限",
    },
    "not_pressed": {"en": "staff did not send it", "zh": "员工未发送"},
}

# Done by people: their text is stored, so nothing personal may be in it.
STAFF_CHANNELS = frozenset({"voice_human", "wecom_request"})
# What a carrier lets staff send to many by one press.
MASSES = frozenset({"wecom_mass", "wecom_message"})
CALLS = frozenset({"voice_ai", "voice_human"})
# Which key of a person a channel needs.
ADDRESS: Mapping[str, str] = {
    "sms": "phone",
    "voice_ai": "phone",
    "voice_human": "phone",
    "wecom_request": "phone",
    "wecom_message": "external_userid",
    "wecom_mass": "external_userid",
    "wecom_welcome": "external_userid",
}

# What speaks to whole groups and in Moments, to nobody by name: posts of plans of groups.
POSTED = frozenset({"group_message", "moments"})


class Wish(NamedTuple):
    """A journey wants this touch. `visit_id`, `node`, `round` make it one, however often said."""

    visit_id: int | None
    node: str
    round: int
    customer_id: int
    journey: str
    step: str
    channel: str
    purpose: str
    lane: Lane
    priority: int
    shop: str
    order_no: str
    material: str
    locale: str
    promise_id: int | None
    state_code: str
    due_at: datetime
    valid_until: datetime | None
    probability: float = 1.0
    value: int = 0  # expected worth in minor units: decides within one priority
    off_peak: bool = False  # work that may wait for the guide's quiet hours
    invites: str = ""  # the purpose of the groups that it invites into


class Attachment(NamedTuple):
    """What goes beside the words: a kind of material's with what its form says. `picture` is the
    file itself, where there is one; an address stays in the form. A `poster` is drawn by whoever
    hands it over."""

    kind: str
    form: Mapping[str, str]
    picture: bytes = b""
    poster: Poster | None = None

    def __repr__(self) -> str:
        return f"Attachment({self.kind})"


class Message(NamedTuple):
    """One touch as a channel sends it; `token` is the same at every attempt.

    `to` is the phone or account, empty for channels of people. `customer` is a public id.
    `variables` were filled into the material, for vendors that fill in a template of theirs.
    """

    token: str
    channel: str
    to: str
    text: str
    material: str
    step: str
    journey: str
    order_no: str
    shop: str
    customer: str
    staff: str
    valid_until: datetime | None
    link: str
    variables: Mapping[str, str] = {}
    variant: str = ""
    attachment: Attachment | None = None

    @property
    def template(self) -> str:
        """What a vendor's template or script stands for."""
        return called(self.material, self.variant)

    def __repr__(self) -> str:
        return f"Message({self.token}, {self.channel})"


class Asked(NamedTuple):
    """A touch that is to be stopped, or asked about: some vendors know it by their own id, some by
    number and day. `to` only where its fate is asked for; empty where it is erased."""

    token: str
    channel: str
    to: str = ""
    vendor_id: str = ""
    handed_at: datetime | None = None

    def __repr__(self) -> str:
        return f"Asked({self.token}, {self.channel})"


class Pace(NamedTuple):
    """How quick an answer was that a carrier takes for seconds only: when the customer did what it
    answers (by the carrier's clock), when we heard of it, when the carrier had it, or when it was
    found to be too late."""

    did_at: datetime
    heard_at: datetime
    ended_at: datetime


class Result(NamedTuple):
    """A provider's answer for one message. `retry`: it was surely not taken; try again later.

    `again` says when, and that it is no fault: nobody gives up on it. `shut`: the provider takes
    nothing for now, whatever it is; `again` is when it wants to be asked, if it said so.
    `halt`: somebody has to act. `material`: the provider does not take this text or its signature,
    so no more of it is sent; `quota`, of one that is shut: what was bought there is used up.
    `pace`: of what has seconds only. `reason`: a code of `REASONS`, a Sentence of ours, or the
    vendor's own words, which stay as it said them.
    """

    token: str
    status: Status
    vendor_id: str = ""
    reason: str = ""
    again: datetime | None = None
    shut: bool = False
    halt: Halt = ""
    pace: Pace | None = None


class Found(NamedTuple):
    """What a provider knows of a message. `absent`: it provably never had it; `awaiting_staff`: it
    has it, and somebody of ours has to press."""

    token: str
    status: Whereabouts
    vendor_id: str = ""
    pace: Pace | None = None


class Stopped(NamedTuple):
    """What surely won't happen any more; or `unclear`: nobody can tell yet, it is asked for again.

    `along` is set where nobody asked for that: it could be stopped only together with what was
    asked, under this id of the vendor's, and is to be handed over again.
    """

    token: str
    along: str = ""
    unclear: bool = False


def no_pictures(name: str) -> bytes | None:  # noqa: ARG001 - as a shelf of pictures answers
    """Nothing is kept anywhere."""
    return None


def no_face() -> Face | None:
    """This machine has no font with Chinese."""
    return None


class Context(NamedTuple):
    """What rendering and addressing need. `link` holds `{state}`, `brand` is its name; `vendors`:
    channel → the connector that carries it."""

    keys: Keys
    ids: PublicIds
    link: str
    zone: ZoneInfo
    currency: str
    brand: str
    vendors: Mapping[str, str] = {}
    short: str = ""  # where short links begin; '': addresses go out as they are, uncounted
    unreviewed: bool = False  # texts that nobody has approved may be sent
    pictures: Callable[[str], bytes | None] = no_pictures  # by name, those that were taken in
    face: Callable[[], Face | None] = no_face  # the font of posters

    def __repr__(self) -> str:
        return f"Context({self.brand})"


class NewTrial(NamedTuple):
    """One step to be tried. `offer`: what it promises; `linked`: it carries a link."""

    step: str
    channel: str
    material: str
    offer: str
    linked: bool


class TouchFact(NamedTuple):
    """How the last touch of a step went; `held`, `open`: one of any round is kept back, one may
    still go out or be asked back."""

    step: str
    node: str
    state: str
    outcome: str
    intent: str
    sent_at: datetime | None
    finished_at: datetime | None
    held: bool = False
    open: bool = False


@lru_cache(64)  # as many as there are channels: it is asked several times of each touch
def consent_channel(channel: str) -> str:
    """The channel that consents, caps and suppressions name: sms, voice or wecom."""
    if channel.startswith("voice"):
        return "voice"
    return "wecom" if channel.startswith("wecom") else channel


def names(channel: str) -> tuple[str, str, str]:
    """Under which a rule may name a channel, the most specific first: voice_ai, voice, *."""
    return channel, consent_channel(channel), ANY


# Where nobody set hours: nobody is woken by an omission.
CAREFUL = Opening((Hours(time(9), time(20)),))


def hours_of(said: Mapping[tuple[str, str], Opening], channel: str, purpose: str) -> Opening:
    """The most specific hours by (channel, purpose): of the channel, its group, all; each by
    purpose first."""
    for name in names(channel):
        for which in (purpose, ANY):
            if (name, which) in said:
                return said[name, which]
    return CAREFUL


def urgencies(lanes: Sequence[str]) -> tuple[list[str], list[int]]:
    """Lane and priority of everything in these lanes, the most urgent first."""
    priorities = range(MOST_URGENT, -1, -1)
    return [lane for lane in lanes for _ in priorities], [*priorities] * len(lanes)


def own_token(touch_id: int) -> str:
    """How our own events name a touch: they never leave the database, so they need no secrecy."""
    return f"#{touch_id}"


def touch_id_of(ids: PublicIds, event: Event, token: str) -> int | None:
    """The touch that an event's token names; None if it is none of ours."""
    if event.source == OURS and token.startswith("#") and token[1:].isdecimal():
        return int(token[1:])
    return ids.decode(PREFIX, token)


ABOUT_TOUCHES: tuple[type[Payload], ...] = (
    TouchDelivered,
    TouchFailed,
    TouchRead,
    TouchWithheld,
    TouchWithdrawn,
    TouchUnknown,
    CallFinished,
    LinkClicked,
    TaskDone,
)


def named_touches(ids: PublicIds, batch: Batch) -> dict[int, int]:
    """Event → the touch that it names, worked out once for all rooms.

    A token of nobody's is no reason to stop: nothing follows from it.
    """
    if batch.touch is None:
        batch.touch = {}
        for event in batch.events:
            token = getattr(event.data, "touch", None)
            if isinstance(event.data, ABOUT_TOUCHES) and isinstance(token, str):
                touch = touch_id_of(ids, event, token)
                if touch is not None:
                    batch.touch[event.id] = touch
    return batch.touch


STAFF_FIELD = "staff_address"  # no look-up leads from it to a person, as from a customer's phone


def staff_subject(keys: Keys, staff: str, kind: str) -> bytes:
    """Under what the vault keeps the phone or account of somebody who works here."""
    return key_hash(keys, f"staff {kind}", staff)
