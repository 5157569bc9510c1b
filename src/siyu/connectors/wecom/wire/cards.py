"""Which tags a friend's card should carry, and what we wrote there ourselves. Pure.

Of two words on a tag the later one counts, as it does with the facts: what we know here, and what
WeCom's card was seen to say, which may still wait to be applied.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import NamedTuple

from siyu.connectors.wecom.wire.facts import SOURCE
from siyu.customers.model import TagWord

LONGEST_NAME = 30  # characters of a corp tag, and of a group's
LONGEST_REMARK = 20
MOST_MOBILES = 5  # unverified: no document says how many
OF_OURS = ("journey:", "staff:", "rule:", "siyu")  # the sources of tags that were set here


class Mark(NamedTuple):
    """A tag as we set it, or took it away; `turn`: which one of all our turns of writing."""

    on: bool
    turn: int


class Wrote(NamedTuple):
    """What we wrote on the card of the relation that began `since`. `unsure`: the turn of a call
    whose answer is not known. Remarks and phones are digests."""

    since: int = 0
    tags: Mapping[str, Mark] = {}
    unsure: int = 0
    remark: str = ""
    wanted: str = ""  # what the card was last asked to show beside tags
    mobiles: tuple[str, ...] = ()
    remarks: tuple[str, ...] = ()  # all that we ever wrote or tried to: the card may show any

    def open(self) -> set[str]:
        """The tags that the card may show or not."""
        return {tag for tag, mark in self.tags.items() if self.unsure == mark.turn}


class Ours(NamedTuple):
    """What of a card is of our own writing, and no news. `open`: it can't be told yet."""

    on: frozenset[str] = frozenset()
    off: frozenset[str] = frozenset()
    open: frozenset[str] = frozenset()
    turn: int = 0
    mobiles: frozenset[str] = frozenset()
    remarks: frozenset[str] = frozenset()

    def over(self, tags: tuple[str, ...]) -> tuple[str, ...]:
        """What was told of these tags before, with what we did since."""
        kept = tuple(tag for tag in tags if tag not in self.off)
        return (*kept, *sorted(self.on - set(kept)))


def ours(wrote: Wrote | None, since: int, noted: int, turn: int) -> Ours:
    """What we wrote on the card of the relation that began `since`, as an answer shows it that was
    asked for after this `turn`; up to the turn `noted` it was taken note of before."""
    if wrote is None:
        return Ours(turn=noted)
    mobiles, remarks = frozenset(wrote.mobiles), frozenset(wrote.remarks)
    if wrote.since != since:  # it was another relation's card: this one began without our tags
        return Ours(turn=noted, mobiles=mobiles, remarks=remarks)
    unsure = wrote.open()
    later = {tag for tag, mark in wrote.tags.items() if mark.turn > turn} | unsure
    sure = {tag: mark for tag, mark in wrote.tags.items() if tag not in later and mark.turn > noted}
    return Ours(
        frozenset(tag for tag, mark in sure.items() if mark.on),
        frozenset(tag for tag, mark in sure.items() if not mark.on),
        frozenset(later),
        max((mark.turn for mark in sure.values()), default=noted),
        mobiles,
        remarks,
    )


class Rules(NamedTuple):
    """Which tags go out: names, or beginnings with a star."""

    out: tuple[str, ...]
    kept: tuple[str, ...]
    systems: bool

    def lets(self, name: str) -> bool:
        """Whether a tag of this name may stand on a card.

        >>> rules = Rules(("*",), ("_*", "test"), False)
        >>> [rules.lets(name) for name in ("vip", "_vip", "test", "tests")]
        [True, False, False, True]
        """
        return _among(name, self.out) and not _among(name, self.kept)

    def ours(self, source: str) -> bool:
        """Whether a tag goes out if this one set it; what WeCom told is there already."""
        return source.startswith(OF_OURS) or (self.systems and source != SOURCE)


def _among(name: str, patterns: Collection[str]) -> bool:
    return any(name.startswith(one[:-1]) if one.endswith("*") else name == one for one in patterns)


class Said(NamedTuple):
    """The word that counts on a tag here; `goes`: a card is to say so, too."""

    on: bool
    goes: bool
    at: float
    source: str


def said(words: Sequence[TagWord], rules: Rules) -> dict[str, Said]:
    """A customer's tags by name. Where any key carries one it is set: what was set earlier than it
    was taken away is gone from the facts."""
    found: dict[str, Said] = {}
    for word in words:
        before = found.get(word.name)
        at = word.at.timestamp()
        if before is not None and before.on and not word.on:
            continue
        goes = rules.lets(word.name) and (not word.on or rules.ours(word.source))
        if before is not None and before.on == word.on:
            goes = goes or before.goes
            at, source = max((before.at, before.source), (at, word.source))
            found[word.name] = Said(word.on, goes, at, source)
        else:
            found[word.name] = Said(word.on, goes, at, word.source)
    return found


def due(
    wanted: Mapping[str, Said],
    carried: Collection[str],
    unsure: Collection[str],
    seen: Mapping[str, int],
) -> tuple[list[str], list[str]]:
    """By tag's id, what a card is still to be told: tags to set, and to take away.

    `carried`: what it says now, but for `unsure`, which is written again whatever it is; `seen`:
    what cards of this customer were lately seen to say, and when.
    """
    on = [
        tag
        for tag, one in wanted.items()
        if one.on and one.goes and (tag in unsure or tag not in carried) and _counts(one, tag, seen)
    ]
    off = [
        tag
        for tag, one in wanted.items()
        if not one.on and one.goes and (tag in carried or tag in unsure) and _counts(one, tag, seen)
    ]
    undone = [tag for tag in unsure if tag not in on and tag not in off]
    return sorted(on), sorted({*off, *undone})


def _counts(one: Said, tag: str, seen: Mapping[str, int]) -> bool:
    """Whether our word is later than what was seen and says otherwise."""
    at = seen.get(tag, 0)
    return not at or (at > 0) == one.on or (one.at, one.source) > (abs(at), SOURCE)


def place(name: str, group: str) -> tuple[str, str] | None:
    """The group and name of the corp tag that stands for a tag; None: WeCom takes no such names.

    >>> place("状态/复购", "Siyu"), place("vip", "Siyu"), place("x" * 31, "Siyu")
    (('状态', '复购'), ('Siyu', 'vip'), None)
    """
    before, _, behind = name.partition("/")
    found = (before, behind) if before and behind else (group, name)
    return found if all(len(one) <= LONGEST_NAME for one in found) else None


def remark(template: str, name: str, shop: str) -> str:
    """A remark in as many characters as WeCom takes; empty where something is not known.

    >>> remark("{name}-{shop}", "李小姐", "七号店"), remark("{name}-{shop}", "", "七号店")
    ('李小姐-七号店', '')
    """
    values = {"{name}": name, "{shop}": shop}
    if any(field in template and not value.strip() for field, value in values.items()):
        return ""
    written = template.replace("{name}", name).replace("{shop}", shop)
    plain = "".join(char for char in written if char.isprintable())
    return plain.strip()[:LONGEST_REMARK].rstrip()
