"""The file of what a warehouse has shipped: what the packer put into each parcel, and when it left.

A parcel of which a line can't be used is left out whole: half of what was packed would be a lie.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import islice
from pathlib import Path
from typing import NamedTuple

from siyu.acquisition import views as acquisition
from siyu.acquisition.model import KnownParcel
from siyu.commerce import views as commerce
from siyu.commerce.model import Shop, Warehouse
from siyu.connectors.orderfile.source.files import Row
from siyu.connectors.orderfile.source.opened import look_through
from siyu.connectors.orderfile.source.rejects import Rejects
from siyu.connectors.orderfile.wire.cells import clean
from siyu.connectors.orderfile.wire.shipped import (
    COLUMNS,
    NEEDED,
    Line,
    events_of,
    line_of,
    numbers_of,
    places,
)
from siyu.events.actions import accept
from siyu.events.check import apart
from siyu.events.model import Incoming
from siyu.kernel.errors import BadInput, Problem
from siyu.kernel.sentence import Sentence, language_of
from siyu.kernel.sql import Conn, Db
from siyu.kernel.time import zone
from siyu.staff import actions as staff
from siyu.staff.model import Brand
from siyu.vault.model import Keys

MOST_ROWS = 200_000
BATCH = 1_000  # parcels
LOOKED_UP = 5_000  # orders

UNKNOWN = Sentence("no parcel of this order is known here", "这里没有这个订单的包裹")
WHICH_SHOP = Sentence(
    "several shops have this order number: say which", "几个店铺都有这个订单号：请写明店铺"
)
NO_SHOP = Sentence("is no shop of this installation", "不是这里的店铺")
OTHER_LINE = Sentence("another line of this parcel can't be used", "这个包裹的另一行不能用")


class Refused(NamedTuple):
    """A row that could not be used."""

    line: int
    field: str
    why: Sentence


@dataclass
class ShippedReport:
    """What a file told: `packed` and `shipped` parcels that nobody had told of so, `known` facts
    that were here already. `refused` rows with their reasons; `items`: does it say what was packed?
    """

    rows: int = 0
    parcels: int = 0
    packed: int = 0
    shipped: int = 0
    known: int = 0
    rejected: int = 0
    items: bool = True
    refused: list[Refused] = field(default_factory=list[Refused])
    rejects_path: Path | None = None


def import_shipped(  # noqa: PLR0913 - what an import needs, each in one word
    db: Db,
    keys: Keys,
    brand: Brand,
    path: Path,
    by: str,
    now: datetime,
    *,
    sheet: str | None = None,
    rejects: Path | None = None,
) -> ShippedReport:
    """Tell what a shipped file says as facts; again is harmless. Rows that can't be used go to
    `rejects` (FILE.rejects.csv without it) and into the report. Audited."""
    names = [name for several in COLUMNS.values() for name in several]
    opened = look_through(path, sheet, names=names)
    header, found = opened.header, islice(opened.rows(), 1, None)
    where = places(header)
    if missing := [COLUMNS[name][0] for name in NEEDED if name not in where]:
        raise BadInput(
            Sentence(
                f"{path.name} lacks columns ({', '.join(missing)}).",
                f"{path.name} 缺少列（{', '.join(missing)}）。",
            ),
            tuple(
                Problem(name, Sentence("is not in the header", "表头里没有")) for name in missing
            ),
        )
    report = ShippedReport(items="item" in where)
    target = rejects or path.with_name(f"{path.name}.rejects.csv")
    with Rejects(target, path, header, language_of(brand.locale)) as written:
        work = _Import(db, keys, brand, now, report, written, header, where)
        for chunk in iter(lambda: list(islice(found, MOST_ROWS + 1)), []):
            if report.rows + len(chunk) > MOST_ROWS:
                raise BadInput(
                    Sentence(
                        f"{path.name} has more than {MOST_ROWS:,} rows; split it by days.",
                        f"{path.name} 超过 {MOST_ROWS:,} 行；请按天拆开。",
                    )
                )
            work.take(chunk)
        work.finish()
        written.keep()
    report.rejected = written.count
    report.rejects_path = target if written.count else None
    said = f"{report.packed} packed, {report.shipped} shipped, {report.rejected} refused"
    with db.transaction() as conn:
        staff.audit(conn, by, "parcels.shipped", path.name, said, now)
    return report


@dataclass
class _Import:
    """One run. Lines of a parcel may lie anywhere in the file: all are read, then told."""

    db: Db
    keys: Keys
    brand: Brand
    now: datetime
    report: ShippedReport
    rejects: Rejects
    header: Sequence[str]
    where: Mapping[str, int]
    lines: list[Line] = field(default_factory=list[Line])
    rows: dict[int, Row] = field(default_factory=dict[int, Row])
    broken: set[str] = field(default_factory=set[str])  # numbers of orders with a line of no use

    def take(self, found: Sequence[Row]) -> None:
        """Read rows."""
        local = zone(self.brand.time_zone)
        self.report.rows += len(found)
        for row in found:
            self.rows[row.line] = row
            line = row.problem or line_of(row.line, row.cells, self.header, self.where, local)
            if isinstance(line, Line):
                self.lines.append(line)
                continue
            self._refuse(row.line, line)
            place = self.where.get("order_no", -1)
            if 0 <= place < len(row.cells):
                self.broken |= set(numbers_of(clean(row.cells[place])))

    def finish(self) -> None:
        """Tell what can be told, parcel by parcel."""
        with self.db.transaction() as conn:
            houses = {house.code: house for house in commerce.warehouses(conn)}
            parcels = self._by_parcel(conn)
        found = sorted(parcels.items())
        for start in range(0, len(found), BATCH):
            self._tell(found[start : start + BATCH], houses)

    def _by_parcel(self, conn: Conn) -> dict[str, tuple[KnownParcel, list[Line]]]:
        known = commerce.shops(conn)
        shops = _names(known.values())
        numbers = sorted({number for line in self.lines for number in line.orders})
        carried: dict[tuple[str, str], str] = {}
        for start in range(0, len(numbers), LOOKED_UP):
            pairs = {(shop, n) for n in numbers[start : start + LOOKED_UP] for shop in known}
            facts = commerce.parcels_of(conn, pairs)
            carried |= {pair: fact.parcel_no for pair, fact in facts.items()}
        named = {line.parcel_no for line in self.lines if line.parcel_no}
        parcels = acquisition.known_parcels(conn, named | set(carried.values()))
        found: dict[str, tuple[KnownParcel, list[Line]]] = {}
        for line in self.lines:
            numbers = _parcels_of(line, shops, known, carried, parcels)
            if isinstance(numbers, Problem):
                self._refuse(line.line, numbers)
                continue
            first, *others = numbers
            found.setdefault(first, (parcels[first], []))[1].append(line)
            for other in others:  # packed together with the first: nothing was left for it
                found.setdefault(other, (parcels[other], []))[1].append(line._replace(item=""))
        return {number: told for number, told in found.items() if not self._spoilt(told[1])}

    def _spoilt(self, lines: Sequence[Line]) -> bool:
        if not any(number in self.broken for line in lines for number in line.orders):
            return False
        for line in lines:
            self._refuse(line.line, Problem("", OTHER_LINE))
        return True

    def _tell(
        self,
        parcels: Sequence[tuple[str, tuple[KnownParcel, list[Line]]]],
        houses: Mapping[str, Warehouse],
    ) -> None:
        with self.db.transaction() as conn:
            codes = {
                code: acquisition.own_codes(conn, houses.get(code))
                for code in {parcel.warehouse for _, (parcel, _) in parcels}
            }
            told: list[tuple[Incoming, Sequence[Line]]] = []
            for _, (parcel, lines) in parcels:
                facts = events_of(parcel, lines, codes[parcel.warehouse], items=self.report.items)
                told += [(fact, lines) for fact in facts]
            facts = [fact for fact, _ in told]
            answers = accept(conn, self.keys, self.brand.region, facts, self.now)
        self.report.parcels += len(parcels)
        for (fact, lines), answer in zip(told, answers, strict=True):
            if answer.status == "rejected":
                place, why = apart(answer.reason)
                for line in lines:
                    self._refuse(line.line, Problem(place, why))
            elif answer.status == "duplicate":
                self.report.known += 1
            elif fact.kind == "parcel.packed":
                self.report.packed += 1
            else:
                self.report.shipped += 1

    def _refuse(self, line: int, problem: Problem) -> None:
        row = self.rows.pop(line, None)
        if row is None:
            return  # refused before
        if (place := self.where.get(problem.where)) is not None:
            problem = Problem(self.header[place], problem.why)
        self.rejects.add(row, problem)
        why = problem.why
        said = why if isinstance(why, Sentence) else Sentence(why, "这里不能这样写")
        self.report.refused.append(Refused(line, problem.where, said))


def _names(shops: Collection[Shop]) -> dict[str, str]:
    """Code or name of a shop → its code."""
    found = {shop.name: shop.code for shop in shops}
    return found | {shop.code: shop.code for shop in shops}


def _parcels_of(
    line: Line,
    shops: Mapping[str, str],
    known: Mapping[str, Shop],
    carried: Mapping[tuple[str, str], str],
    parcels: Mapping[str, KnownParcel],
) -> list[str] | Problem:
    """The parcels that a line speaks of: by its own number, else by its orders. Of orders that were
    taken for several and packed as one, the first stands for all."""
    if line.parcel_no in parcels:
        return [line.parcel_no]
    if line.shop and line.shop not in shops:
        return Problem("shop", NO_SHOP)
    among = [shops[line.shop]] if line.shop else list(known)
    found = {
        carried[shop, number]
        for shop in among
        for number in line.orders
        if (shop, number) in carried
    }
    if not found:
        return Problem("order_no", UNKNOWN)
    if len({parcels[number].shop for number in found}) > 1:
        return Problem("shop", WHICH_SHOP)
    return sorted(found)
