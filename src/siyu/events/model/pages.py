"""Kinds that are heard of pages and stores: opened, answered, booked, reserved, visited."""

from __future__ import annotations

from siyu.events.model.base import Code, CodeOrNone, Moment, Payload, Positive


class PageOpened(Payload, frozen=True, tag="page.opened", kw_only=True):
    """A page was opened: by a customer, where a token of ours said so, else by nobody who is known.
    `origin`, `medium` and `campaign` of the advertisement (its utm parameters); which click it was
    is not told."""

    page: Code
    channel: CodeOrNone = ""
    source: CodeOrNone = ""
    origin: CodeOrNone = ""
    medium: CodeOrNone = ""
    campaign: CodeOrNone = ""


class SurveyAnswered(Payload, frozen=True, tag="survey.answered", kw_only=True):
    """One answer to one question. `answer` is QUESTION/CHOICE, `skin/dry`, of several choices an
    event each; or QUESTION/MONTH, `moved/2026-05`. Words of one's own come in `person.text`, and
    `answer` is then empty."""

    survey: Code
    version: Positive = 1
    question: Code
    answer: CodeOrNone = ""


class _OfSlot(Payload, frozen=True, kw_only=True):
    service: Code
    store: Code
    starts_at: Moment
    booking: Code


class SlotBooked(_OfSlot, frozen=True, tag="slot.booked", kw_only=True):
    """A customer booked a time in a store; `moved`: instead of another one."""

    moved: bool = False


class SlotCancelled(_OfSlot, frozen=True, tag="slot.cancelled", kw_only=True):
    """The customer, or the store, took it back in time."""


class SlotKept(_OfSlot, frozen=True, tag="slot.kept", kw_only=True):
    """The customer came."""


class SlotMissed(_OfSlot, frozen=True, tag="slot.missed", kw_only=True):
    """The customer did not come, and had not cancelled."""


class StoreVisited(Payload, frozen=True, tag="store.visited", kw_only=True):
    """A customer was in a store; `staff`: who met them."""

    store: Code
    staff: CodeOrNone = ""


class _OfPiece(Payload, frozen=True, kw_only=True):
    promise: Code
    offer: Code
    store: CodeOrNone = ""


class OfferReserved(_OfPiece, frozen=True, tag="offer.reserved", kw_only=True):
    """A customer reserved a piece of an offer on a page, to be collected."""


class OfferReleased(_OfPiece, frozen=True, tag="offer.released", kw_only=True):
    """They gave it back."""


class OfferMissed(_OfPiece, frozen=True, tag="offer.missed", kw_only=True):
    """They did not collect it in time: it went back to the others."""


OfPages = (
    SlotBooked | SlotCancelled | SlotKept | SlotMissed | StoreVisited | OfferReserved
    | OfferReleased | OfferMissed
)  # fmt: skip
