"""The words that worlds are written in, and the part of a world that is a season: what people do
for months, beside what they answer to an invitation."""

from __future__ import annotations

from typing import Annotated

from msgspec import Meta, Struct

Share = Annotated[float, Meta(ge=0, le=1)]
Factor = Annotated[float, Meta(ge=0, le=10)]
Weight = Annotated[float, Meta(ge=0)]
Count = Annotated[float, Meta(ge=0, le=1_000)]
Text = Annotated[str, Meta(min_length=1)]
Span = Annotated[str, Meta(pattern=r"^(\d{1,9}[smhdw])+$")]
Clock = Annotated[str, Meta(pattern=r"^([01]\d|2[0-3]):[0-5]\d$")]
Window = Annotated[str, Meta(pattern=r"^\d\d:\d\d-\d\d:\d\d$")]
Code = Annotated[str, Meta(pattern=r"^[a-z0-9][a-z0-9-]{0,60}$")]


class Part(Struct, frozen=True, forbid_unknown_fields=True):
    """What all parts of a world have in common: unknown words are refused."""


class Delay(Part, frozen=True):
    """How long people take: half of them less than `median`, few more than `longest`."""

    median: Span
    spread: Count
    longest: Span


class Likes(Part, frozen=True):
    """A category: the usual gap between two purchases, and how many people like it best."""

    category: Text
    cycle: Span
    share: Share


class Buys(Part, frozen=True):
    """How often people buy without anybody's doing. `alike`: how alike people are, 1 not at all,
    9 very."""

    likes: Annotated[list[Likes], Meta(min_length=1)]
    alike: Annotated[int, Meta(ge=1, le=9)]


class Care(Part, frozen=True):
    """What being cared for does. Right after one touch somebody buys 1 + `effect` times as often;
    each touch loses half of that in `half_life`; never more than `most` times as often. `by`: by
    which channels."""

    by: list[Text]
    effect: Factor
    half_life: Span
    most: Annotated[float, Meta(ge=1, le=10)]


class Trust(Part, frozen=True):
    """What a touch spoils: of one touch, and so many times as much of each further one within the
    same seven days."""

    deletes: Share
    complains: Share
    opts_out: Share
    each_more: Annotated[float, Meta(ge=1, le=10)]


class Says(Part, frozen=True):
    """Words that people use, and how many of those who write use them."""

    words: Text
    share: Share


class Chats(Part, frozen=True):
    """Of a message: who writes back, `asked` where it asks for a reply (`asks`: how people see
    that it does); what they say otherwise."""

    replies: Share
    asked: Share
    asks: list[Text]
    wants: Text
    says: list[Says]
    pays: Share
    delay: Delay


class Links(Part, frozen=True):
    """Of a link in a message: who follows it, and what they do on the page behind it."""

    follows: Share
    answers: Share
    books: Share
    reserves: Share
    adds: Share
    delay: Delay


class Stores(Part, frozen=True):
    """Who comes: of bookings, of reserved pieces, of those whom a text asks into the store
    (`invites`: how people see that) and who book nothing; who buys there. `why`: what those say
    who are asked why they did not; other questions are answered evenly."""

    invites: list[Text]
    keeps: Share
    collects: Share
    drops_in: Share
    buys: Share
    why: dict[Code, Weight]


class Tells(Part, frozen=True):
    """Who tells what of themselves, to a guide or on a form."""

    birthday: Share
    child: Share
    children_up_to: Annotated[int, Meta(ge=1, le=216)]


class Habits(Part, frozen=True):
    """What people do in a season."""

    buys: Buys
    care: Care
    trust: Trust
    chats: Chats
    links: Links
    stores: Stores
    tells: Tells


class Purse(Part, frozen=True):
    """What people pay for shoes. `middling`: half of them look for less, half for more, in yuan;
    `spread`: how far apart people are, `strays`: and how far the orders of one (of logarithms)."""

    middling: Annotated[float, Meta(gt=0)]
    spread: Factor
    strays: Annotated[float, Meta(gt=0, le=10)]


class StrangersDoor(Part, frozen=True):
    """One way by which strangers come. `opens`: who opens its page a day, for every thousand
    customers of the brand; `adds`: of these, those who become friends."""

    opens: Count
    adds: Share


class Strangers(Part, frozen=True):
    """People who have not bought: by which doors they come, and of those who become friends who
    agrees to be written to, joins a group when asked (`groups`: how people see that they are),
    and buys at all. `claims`: of these, those who give the order's number on the page that the
    greeting named."""

    doors: dict[Code, StrangersDoor]
    agrees: Share
    groups: list[Text]
    joins: Share
    buys: Share
    delay: Delay
    claims: Share


class Season(Part, frozen=True):
    """A brand's season. `before`: of all its customers, those who bought in the year before it;
    `leaves`: of their first orders, those after which somebody buys no more by themselves, unless
    they become a friend (how easily they leave differs widely); `friends`: of these, those who are
    friends already; `purse`: what people pay; `offers`: who agreed to hear of offers; `stores`: of
    all orders, those in a store; `at_the_till`: of those who buy in a store, those who become
    friends there when they are asked; `sized`: whose size is known; `strangers`: who comes without
    having bought."""

    before: Share
    leaves: Annotated[float, Meta(gt=0, lt=1)]
    friends: Share
    purse: Purse
    offers: Share
    stores: Share
    at_the_till: Share
    sized: Share
    strangers: Strangers
