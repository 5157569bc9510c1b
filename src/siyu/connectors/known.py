"""What a connector may know of this installation, each part by a reader of its own, and whom it may
alarm. For a connector by itself, as tests have it, there is one of each that knows nothing."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import NamedTuple, Protocol

from siyu.acquisition.model import Decided, KnownParcel
from siyu.customers.model import TagWord
from siyu.kernel.sentence import Sentence
from siyu.outbox.model import Asked
from siyu.outbox.views import Welcomes


class Parcels(Protocol):
    """What a connector of a warehouse needs to know of parcels; it changes nothing."""

    def decisions(self, after: int, limit: int) -> Sequence[Decided]:
        """Frozen decisions behind this `seq`, in their order: what parcels are to carry."""
        ...

    def deadline(self, shop: str, paid_at: datetime) -> datetime | None:
        """Until when what a parcel carries can be changed, by the figures of the warehouse that
        serves the shop; None: nobody has set them."""
        ...

    def codes(self, shop: str) -> Mapping[str, tuple[str, str]]:
        """The warehouse's codes that mean a gift or a card of ours, each with ours."""
        ...

    def known(self, numbers: Collection[str]) -> Mapping[str, KnownParcel]:
        """Those of these parcels that are planned, with what was decided for them."""
        ...


class NoParcels:
    """`Parcels` of a connector by itself: there are none."""

    def decisions(self, after: int, limit: int) -> Sequence[Decided]:  # noqa: ARG002 - there are none
        """None."""
        return ()

    def deadline(self, shop: str, paid_at: datetime) -> datetime | None:  # noqa: ARG002 - none is set
        """None."""
        return None

    def codes(self, shop: str) -> Mapping[str, tuple[str, str]]:  # noqa: ARG002 - none is ours
        """None."""
        return {}

    def known(self, numbers: Collection[str]) -> Mapping[str, KnownParcel]:  # noqa: ARG002 - as above
        """None."""
        return {}


NONE = NoParcels()


class Alarms(Protocol):
    """What a vendor has told us that somebody has to act on: staff hears of it as it begins."""

    def begin(
        self, name: str, why: Sentence, *, quota: bool = False, until: datetime | None = None
    ) -> None:
        """It lasts from now on, until then or until it ends. `name` is the vendor's word for it;
        `quota`: something that was bought there is used up, or nearly."""
        ...

    def end(self, name: str) -> None:
        """It is over, if it was there at all."""
        ...


class Silent:
    """`Alarms` of a connector by itself: nobody hears them."""

    def begin(
        self, name: str, why: Sentence, *, quota: bool = False, until: datetime | None = None
    ) -> None:
        """Nothing."""

    def end(self, name: str) -> None:
        """Nothing."""


SILENT = Silent()


class Text(NamedTuple):
    """A material that would go out, in the language of the brand: its body with `{{ slots }}`, and
    the values of those that are alike for everybody (`brand`, and `link` with its `{state}`)."""

    material: str
    body: str
    values: Mapping[str, str]


class Texts(Protocol):
    """What is written here, for a connector that compares it with what its vendor has approved."""

    def of(self, channels: Collection[str]) -> Sequence[Text]:
        """The materials that go out over these channels."""
        ...


class NoTexts:
    """`Texts` of a connector by itself: there are none."""

    def of(self, channels: Collection[str]) -> Sequence[Text]:  # noqa: ARG002 - there are none
        """None."""
        return ()


UNWRITTEN = NoTexts()
Place = tuple[datetime, int]  # among what was handed over: when, and which of those


class Touches(Protocol):
    """What was handed over: what was not heard of since, for a vendor that can be asked about it,
    and how quick it was."""

    def unreported(
        self, channel: str, place: Place, until: datetime, limit: int
    ) -> Sequence[tuple[Place, Asked]]:
        """Those behind this place and handed over until then, in order, each with its own."""
        ...

    def welcomes(self, since: datetime, until: datetime) -> Welcomes | None:
        """What became of welcomes that were due in that time, and how quick they were; None: there
        were none."""
        ...


class NoTouches:
    """`Touches` of a connector by itself: there are none."""

    def unreported(
        self, channel: str, place: Place, until: datetime, limit: int
    ) -> Sequence[tuple[Place, Asked]]:
        """None."""
        del channel, place, until, limit
        return ()

    def welcomes(self, since: datetime, until: datetime) -> Welcomes | None:  # noqa: ARG002 - as above
        """None."""
        return None


UNTOUCHED = NoTouches()


class Card(NamedTuple):
    """A friend's card in the book of one of us. `parted_at`: they were no friends for a while."""

    staff: str
    account: str  # the friend's, at the carrier
    parted_at: datetime | None = None


class CardNews(NamedTuple):
    """A customer of whom cards may show something new, and every word on their tags."""

    seq: int
    customer: int
    cards: tuple[Card, ...]
    words: tuple[TagWord, ...]


class Person(NamedTuple):
    """Who a customer is, by what others than the carrier told of them; empty: not known."""

    name: str = ""
    phone: str = ""
    shop: str = ""  # the name of the one where they bought last


class Cards(Protocol):
    """What a carrier's connector needs to know to write on friends' cards; it changes nothing."""

    def news(self, after: int, limit: int) -> Sequence[CardNews]:
        """Customers behind this `seq`, in its order: whoever has changed since, once."""
        ...

    def people(self, customers: Collection[int]) -> Mapping[int, Person]:
        """Who these are."""
        ...


class NoCards:
    """`Cards` of a connector by itself: there are none."""

    def news(self, after: int, limit: int) -> Sequence[CardNews]:  # noqa: ARG002 - there are none
        """None."""
        return ()

    def people(self, customers: Collection[int]) -> Mapping[int, Person]:  # noqa: ARG002 - as above
        """Nobody."""
        return {}


BLANK = NoCards()
