"""Pieces of an offer are set aside, made certain and given back: for shops' own pages and tills."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Literal

from fastapi import APIRouter, Body, Path, Request
from pydantic import Field, StringConstraints

from siyu.api.auth import TheApp, needs
from siyu.api.gather import Gatherer
from siyu.app import App
from siyu.events.sweep import passing
from siyu.kernel.errors import BadInput, NotFound, Problem
from siyu.kernel.sentence import Sentence
from siyu.kernel.sql import Conn
from siyu.offers.actions.reservations import Answer, commit, release, reserve
from siyu.offers.model import REFUSALS, Reservation, Wanted

router = APIRouter(prefix="/offers", tags=["offers"])
PREFIX = "prm"
MOST = 1_000
Name = Annotated[str, StringConstraints(min_length=1, max_length=120, pattern=r"^[^\x00]+$")]
OfferCode = Annotated[
    str, Path(max_length=120, pattern=r"^[^\x00]*$", description="The offer's code.")
]
Text = Annotated[str, StringConstraints(max_length=120, pattern=r"^[^\x00]*$")]


@dataclass(frozen=True)
class Ask:
    """Somebody wants a piece. `key`: a name for it, made by you; asked again with it, it is not
    reserved again and answers the same. `shop` and `order_no`: the order that earned it, whose
    refund takes it back. `store`: where the pieces are the stores'. `commit`: at once."""

    key: Name
    customer: Name
    store: Text = ""
    shop: Text = ""
    order_no: Text = ""
    commit: bool = False


@dataclass(frozen=True)
class Asks:
    asks: Annotated[list[Ask], Field(min_length=1, max_length=MOST)]


@dataclass(frozen=True)
class Answered:
    """What became of an ask. `status` reserved: `state` says how it stands now, and till when.
    refused: `reason` is a code, the `words` say it. `code`: of a coupon, once it is committed."""

    key: str
    status: Literal["reserved", "refused"]
    id: str = ""
    state: str = ""
    reason: str = ""
    words: str = ""
    part: str = ""
    amount_minor: int | None = None
    code: str | None = None
    expires_at: datetime | None = None


@dataclass(frozen=True)
class Answers:
    """One answer per ask, in order."""

    answers: list[Answered]


@dataclass(frozen=True)
class Which:
    """Reservations by their ids, prm_…."""

    reservations: Annotated[list[Name], Field(min_length=1, max_length=MOST)]


def gatherer() -> Gatherer[Wanted, Answer]:
    """One transaction at a time: a second one would only wait for the same row."""
    return Gatherer(_reserve, at_once=1)


def _reserve(app: App, asks: list[Wanted]) -> list[Answer]:
    """Once more where it met somebody crosswise, or the connection was lost: keys make it safe."""
    try:
        return _once(app, asks)
    except Exception as error:
        if not passing(error):
            raise
        return _once(app, asks)


def _once(app: App, asks: list[Wanted]) -> list[Answer]:
    with app.db.transaction() as conn:
        return reserve(conn, app.keys, asks, app.clock.now())


@router.post("/{code}/reservations", **needs("offers.reserve", once=False))
async def reserve_pieces(
    request: Request, app: TheApp, code: OfferCode, asked: Annotated[Ask | Asks, Body()]
) -> Answers:
    """Set a piece aside for each, while there is one: one ask, or up to 1,000 as `asks`.

    What is not committed in time goes back by itself. Nothing is ever given twice: not a piece,
    and not to one customer more than the offer allows.
    """
    asks = asked.asks if isinstance(asked, Asks) else [asked]
    wanted = [_wanted(app, code, one) for one in asks]
    gathered: Gatherer[Wanted, Answer] = request.app.state.reserving
    answers = iter(await gathered.store(app, [one for one in wanted if one is not None]))
    found: list[Answer] = ["unknown" if one is None else next(answers) for one in wanted]
    if "no_offer" in found:
        raise NotFound(Sentence(f"There is no offer {code!r}.", f"没有权益 {code!r}。"))
    if any(isinstance(one, Reservation) for one in found):
        app.wake()
    return Answers([_answered(app, *pair) for pair in zip(asks, found, strict=True)])


@router.post("/{code}/reservations/commit", **needs("offers.reserve", once=False))
def commit_pieces(app: TheApp, code: OfferCode, which: Annotated[Which, Body()]) -> Answers:
    """Make reservations certain; how each stands now. Only what is held is changed."""
    return _moved(app, code, which, commit)


@router.post("/{code}/reservations/release", **needs("offers.reserve", once=False))
def release_pieces(app: TheApp, code: OfferCode, which: Annotated[Which, Body()]) -> Answers:
    """Give reservations back, held or committed ones; how each stands now."""
    return _moved(app, code, which, release)


Move = Callable[[Conn, Sequence[int], datetime], dict[int, Reservation]]


def _moved(app: App, code: str, which: Which, move: Move) -> Answers:
    numbers = {one: app.ids.decode(PREFIX, one) for one in which.reservations}
    known = [number for number in numbers.values() if number is not None]
    with app.db.transaction() as conn:
        found = move(conn, known, app.clock.now())
        wrong = [
            one
            for one, number in numbers.items()
            if number is None or number not in found or found[number].offer != code
        ]
        if wrong:  # nothing is moved
            raise BadInput(
                Sentence("These are no reservations of this offer.", "这些不是该权益的预约。"),
                tuple(Problem("reservations", one) for one in wrong),
            )
    app.wake()
    return Answers([shown(app, found[number]) for number in known])


def _wanted(app: App, code: str, one: Ask) -> Wanted | None:
    """None: the customer is nobody's id."""
    customer = app.ids.decode("cus", one.customer)
    if customer is None:
        return None
    return Wanted(
        key=f"api:{code}:{one.key}",
        offer=code,
        customer_id=customer,
        store=one.store,
        shop=one.shop,
        order_no=one.order_no,
        commit=one.commit,
    )


def _answered(app: App, ask: Ask, found: Answer) -> Answered:
    if isinstance(found, Reservation):
        return shown(app, found, ask.key)
    words = REFUSALS[found]
    return Answered(ask.key, "refused", reason=found, words=Sentence(words["en"], words["zh"]))


def shown(app: App, one: Reservation, key: str = "") -> Answered:
    """As it stands now."""
    return Answered(
        key=key or one.key.removeprefix(f"api:{one.offer}:"),
        status="reserved",
        id=app.ids.encode(PREFIX, one.id),
        state=one.state,
        reason=one.reason,
        part=one.part,
        amount_minor=one.amount_minor,
        code=one.code,
        expires_at=one.expires_at,
    )
