"""What a member of staff did, and the four skills by which guides are seen. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from fractions import Fraction
from math import sqrt
from typing import Literal, NamedTuple

from siyu.analytics.decide.ratios import Sums, apart
from siyu.analytics.model import Group, Interval, Z, lift
from siyu.analytics.model.worked import StaffDay

Skill = Literal["sales", "expertise", "voice", "acquisition"]
SKILLS: tuple[Skill, ...] = ("sales", "expertise", "voice", "acquisition")
Than = Literal["above", "below", "alike", "few"]  # beside all others together
FEWEST = 10  # buyers, calls or friends; of fewer nothing is said beside others


class Did(NamedTuple):
    """Of one member of staff, or of several together. Money in minor units of one currency."""

    done: int = 0
    late: int = 0
    overdue: int = 0
    minutes: int = 0
    calls: int = 0
    answered: int = 0
    yes: int = 0
    friends: int = 0
    added: int = 0
    watched: int = 0
    kept: int = 0
    deleted: int = 0
    messages: int = 0
    replied: int = 0
    had: int = 0  # friends at the beginning
    bought: int = 0  # of these
    orders: int = 0
    buyers: int = 0
    net_minor: int = 0
    unknown_minor: int = 0  # of the net, of goods whose cost nobody knows
    margin_minor: int = 0
    squares: float = 0.0
    days_told: int = 0  # of which a carrier counted anything; what follows is what it counted
    chats: int = 0
    wrote: int = 0  # messages in them
    lost: int = 0  # customers who deleted or blocked them
    asked: int = 0  # chats of days of which the share that was answered is known
    replies: float = 0.0  # of these, answered
    timed: int = 0  # chats of days of which the minutes to the first answer are known
    waited: float = 0.0  # minutes in all of these

    @property
    def reply_share(self) -> float | None:
        """Of chats that customers began, the days weighted by their chats."""
        return self.replies / self.asked if self.asked else None

    @property
    def reply_minutes(self) -> float | None:
        """To the first answer, weighted in the same way."""
        return self.waited / self.timed if self.timed else None

    @property
    def sales(self) -> Sums:
        """Net a friend."""
        return Sums.heads(max(self.friends, self.buyers), self.net_minor, self.squares)

    @property
    def expertise(self) -> Group:
        """Of the friends they had at the beginning, those who bought."""
        return Group(self.had, self.bought)

    @property
    def voice(self) -> Group:
        """Of calls that were answered, those that ended with yes."""
        return Group(self.answered, self.yes)

    @property
    def staying(self) -> Group:
        """Of friends whose 30th day it was, those who still were."""
        return Group(self.watched, self.kept)

    @property
    def margin(self) -> int | None:
        """None where no cost is known of anything that was bought."""
        return self.margin_minor if self.net_minor > self.unknown_minor else None

    @property
    def gained(self) -> Interval:
        """How many friends it might as well have been, by chance (Poisson)."""
        half = Z * sqrt(self.added)
        return Interval(max(self.added - half, 0.0), self.added + half)


def together(some: Iterable[Did]) -> Did:
    """All that these did."""
    return Did(*map(sum, zip(Did(), *some, strict=True)))


def counted(days: Iterable[StaffDay]) -> dict[str, Mapping[str, int | float]]:
    """What carriers counted of each, by the names of `Did`; who is not here nobody knows of."""
    found: dict[str, dict[str, int | float]] = {}
    for one in days:
        known = (one.chats, one.messages, one.reply_share, one.reply_minutes, one.lost)
        if all(figure is None for figure in known):
            continue
        chats = one.chats or 0
        day: dict[str, int | float] = {
            "days_told": 1, "chats": chats, "wrote": one.messages or 0, "lost": one.lost or 0,
        }  # fmt: skip
        if one.reply_share is not None:
            day |= {"asked": chats, "replies": one.reply_share * chats}
        if one.reply_minutes is not None:
            day |= {"timed": chats, "waited": one.reply_minutes * chats}
        mine = found.setdefault(one.staff, {})
        for name, figure in day.items():
            mine[name] = mine.get(name, 0) + figure
    return dict(found)


def beside(one: Did, others: Sequence[Did]) -> dict[Skill, Than]:
    """Each skill beside that of all others together: where the 95 % interval of the difference
    leaves nothing out.

    >>> beside(Did(answered=100, yes=60), [Did(answered=100, yes=20)])["voice"]
    'above'
    >>> beside(Did(answered=9, yes=9), [Did(answered=100, yes=20)])["voice"]
    'few'
    """
    rest = together(others)
    many = len(others)
    gained = one.added - rest.added / many if many else 0.0
    half = Z * sqrt(one.added + rest.added / many**2) if many else 0.0
    enough = many > 0 and max(one.added, rest.added // many) >= FEWEST
    return {
        "sales": _than(apart(one.sales, rest.sales)),
        "expertise": _shares(one.expertise, rest.expertise),
        "voice": _shares(one.voice, rest.voice),
        "acquisition": _than(Interval(gained - half, gained + half) if enough else None),
    }


def _shares(one: Group, rest: Group) -> Than:
    found = lift(one, rest)
    enough = min(one.buyers, rest.buyers) >= FEWEST
    return _than(found.interval if found is not None and enough else None)


def _than(gap: Interval | None) -> Than:
    if gap is None:
        return "few"
    return "above" if gap.low > 0 else "below" if gap.high < 0 else "alike"


def metrics(one: Did, scale: int) -> Mapping[str, Fraction | None]:
    """What a formula can ask for, money in major units (`scale` minor ones); None: not known."""
    share = Fraction(one.kept, one.watched) if one.watched else None
    return {
        "done": Fraction(one.done),
        "late": Fraction(one.late),
        "overdue": Fraction(one.overdue),
        "minutes": Fraction(one.minutes),
        "hours": Fraction(one.minutes, 60),
        "calls": Fraction(one.calls),
        "answered": Fraction(one.answered),
        "yes": Fraction(one.yes),
        "friends": Fraction(one.friends),
        "added": Fraction(one.added),
        "kept": Fraction(one.kept),
        "kept_share": share,
        "deleted": Fraction(one.deleted),
        "replied": Fraction(one.replied) if one.messages else None,
        "reply_minutes": _exact(one.reply_minutes),
        "reply_share": _exact(one.reply_share),
        "lost": Fraction(one.lost) if one.days_told else None,
        "had": Fraction(one.had),
        "bought": Fraction(one.bought),
        "orders": Fraction(one.orders),
        "buyers": Fraction(one.buyers),
        "net": Fraction(one.net_minor, scale),
        "margin": None if one.orders and one.margin is None else Fraction(one.margin or 0, scale),
    }


def _exact(figure: float | None) -> Fraction | None:
    """As it is shown: what is paid for can be checked by hand.

    >>> _exact(4.126), _exact(None)
    (Fraction(2063, 500), None)
    """
    return None if figure is None else Fraction(round(figure * 1000), 1000)


METRICS = tuple(metrics(Did(), 1))
