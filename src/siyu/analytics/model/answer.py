"""A report as data: a question of the brand, its answer, and how the figures are to be read.

A question is a frozen dataclass: its fields are what it can be asked with (options of the command,
parameters over HTTP, the console's form), its docstring is the help text. How to add one:
docs/guides/add-a-report.md
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import date, datetime
from pathlib import Path
from typing import Any, ClassVar, Literal, NamedTuple, Protocol, Self

from msgspec import Struct

from siyu.analytics.model import Freshness, Interval
from siyu.analytics.model.worked import Carriers
from siyu.kernel.ids import PublicIds
from siyu.kernel.money import sign
from siyu.kernel.sentence import Sentence
from siyu.kernel.sql import Db, Row
from siyu.segments.model import Expression
from siyu.staff.model import Brand, Credit
from siyu.vault.model import Keys

# money: minor units, of the row's column `currency`, else of the answer's. rate: a share.
# number: any other, rounded by whoever shows it. month: a day that stands for its month.
# customer: a public id.
Kind = Literal["text", "count", "money", "rate", "number", "day", "month", "customer"]
Cell = str | int | float | date | None  # a text may be a Sentence, in both languages, or Named


Thing = Literal["shop", "store", "staff"]  # what has a code that people know by a name


class Named(str):
    """A code with the name that people know it by; '' : nobody has said one. Questions leave the
    name to whoever asks them: programs get the code, people read both."""

    __slots__ = ("called", "thing")
    thing: Thing
    called: str

    def __new__(cls, thing: Thing, code: str, called: str = "") -> Self:
        """A code like any other string."""
        made = super().__new__(cls, code)
        made.thing, made.called = thing, called
        return made

    @property
    def both(self) -> Sentence:
        """As people read it.

        >>> Named("shop", "s1", "Corner").both, Named("shop", "s1").both, Named("shop", "s").both.zh
        ('Corner (s1)', 's1', 's')
        """
        code, name = self[:], self.called
        if name in ("", code):
            return Sentence(code, code)
        return Sentence(f"{name} ({code})", f"{name}（{code}）")


class Ask(NamedTuple):
    """What a field of a question is called in a form, what it means, what its choices are called,
    in their order, and in what it is written: money is the brand's, in major units."""

    title: Sentence
    help: Sentence
    words: tuple[Sentence, ...] = ()
    unit: Literal["", "money", "share"] = ""

    def titled(self, currency: str) -> Sentence:
        """With the unit beside it."""
        return beside(self.title, {"money": sign(currency), "share": "0–1", "": ""}[self.unit])


class Column(Struct, frozen=True):
    """`low_of` and `high_of`: the column whose 95 % interval begins or ends here. `counts`:
    a number of people whom `Question.behind` lists, by the cells of its row in these columns."""

    name: str
    title: Sentence
    kind: Kind = "text"
    low_of: str = ""
    high_of: str = ""
    counts: tuple[str, ...] = ()


class Table(Struct, frozen=True):
    """Rows under typed columns, as many cells each."""

    name: str
    title: Sentence
    columns: tuple[Column, ...]
    rows: tuple[tuple[Cell, ...], ...]


class Target(Struct, frozen=True):
    """A dashed line at this height."""

    title: Sentence
    at: float


class Chart(Struct, frozen=True):
    """A picture of a table, by names of its columns.

    `y`: the heights; of a heat map the one that colours. `by`: a line for each of its values; of a
    heat map the other axis. Bands come from the intervals in the table.
    """

    name: str
    title: Sentence
    kind: Literal["line", "bar", "heat", "scatter"]
    table: str
    x: str
    y: tuple[str, ...]
    by: str = ""
    targets: tuple[Target, ...] = ()
    diagonal: bool = False  # where x and y are the same thing, expected and real


class Span(NamedTuple):
    """Whole days by the brand's clocks, both within; None: as far as there are facts."""

    first: date | None
    last: date | None


class Answer(Struct, frozen=True, kw_only=True):
    """What a question comes to. `says` is one sentence with the number and its interval.

    `keys` are what programs get under names of their own, beside all the rest.
    """

    says: Sentence
    definition: Sentence
    population: Sentence
    period: Span
    currency: str
    tables: tuple[Table, ...]
    charts: tuple[Chart, ...] = ()
    notes: tuple[Sentence, ...] = ()  # assumptions, and what the figures can't say
    keys: Mapping[str, object] = {}


class Lake(Protocol):
    """What answers figures over the facts of years: up to which event, and as of when."""

    @property
    def seq(self) -> int: ...
    @property
    def read_at(self) -> datetime | None: ...

    def fetch(self, expression: Expression) -> list[Row]:
        """The rows of an expression over the tables of facts."""
        ...

    def arrays(self, expression: Expression) -> Mapping[str, Any]:
        """The same as an array for each column."""
        ...

    def once(self, expression: Expression) -> Expression:
        """The same rows, worked out now: for what is asked of several times."""
        ...


class Sources(NamedTuple):
    """What a question may look into. `today` is the brand's; `shows_buyers`: whether buyers may be
    called as their shop calls them; `models` is the folder where fitted models are kept;
    `carriers`: what they count of staff; None: nobody has wired them."""

    lake: Lake
    db: Db
    keys: Keys
    ids: PublicIds
    brand: Brand
    now: datetime
    today: date
    models: Path
    shows_buyers: bool = False
    carriers: Carriers | None = None
    credit: Credit = Credit()  # to whom of us orders are credited


class Question:
    """One report."""

    name: ClassVar[str]
    title: ClassVar[Sentence]
    facts: ClassVar[tuple[str, ...]] = ("orders",)  # tables without whose rows it says nothing

    def answer(self, of: Sources) -> Answer:
        """Worked out now."""
        raise NotImplementedError

    def behind(self, of: Sources, cells: Mapping[str, str]) -> list[int]:
        """The customers whom a number counts, by cells of its row (`Column.counts`), in the order
        of their ids."""
        raise NotImplementedError


class Told(NamedTuple):
    """A question, its answer, and from which facts."""

    question: Question
    answer: Answer
    fresh: Freshness


def beside(title: Sentence, unit: str) -> Sentence:
    """What something is called, with the unit that it is told in.

    >>> beside(Sentence("Gift", "赠品"), "¥").zh, beside(Sentence("Gift", "赠品"), "")
    ('赠品（¥）', 'Gift')
    """
    return Sentence(f"{title} ({unit})", f"{title.zh}（{unit}）") if unit else title


def main_currency(of: Sources, found: Iterable[str]) -> str:
    """The brand's, where anything is in it or nothing is in any; else the one of most rows."""
    seen = Counter(found)
    brand = of.brand.currency
    return brand if not seen or brand in seen else seen.most_common(1)[0][0]


def percent(share: float) -> str:
    """A share as people write it.

    >>> percent(0.4697), between(Interval(0.1, 0.25))
    ('47.0%', '10.0%–25.0%')
    """
    return f"{share:.1%}"


def between(span: Interval) -> str:
    """An interval of shares."""
    return f"{span.low:.1%}–{span.high:.1%}"
