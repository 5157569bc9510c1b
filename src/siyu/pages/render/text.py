"""A service as a text again, where somebody changes a part of it elsewhere than in its text."""

from __future__ import annotations

from siyu.kernel.document import read
from siyu.pages.check import check_service
from siyu.pages.model import Opening, Service


def closing(text: str, service: Service, store: str, opening: Opening) -> str:
    """The text with these hours of a store; whatever else stands in it stays as it was written."""
    wanted = {**service.stores, store: opening}
    lines, where = read(text).lines, f"stores.{store}"
    rows = text.splitlines()
    first = lines.get(where, 0)
    begin = rows[first - 1] if 0 < first <= len(rows) else ""
    alone = begin.strip().startswith((f"{store}:", f'"{store}":', f"'{store}':"))
    if alone:
        after = [
            line
            for place, line in lines.items()
            if line > first and not place.startswith((f"{where}.", f"{where}["))
        ]
        last = min(after, default=len(rows) + 1)
        indent = begin[: len(begin) - len(begin.lstrip())]
        kept = [*rows[: first - 1], f"{indent}{_store(store, opening)}", *rows[last - 1 :]]
        found = "\n".join(kept) + "\n"
        said = check_service(found)
        if isinstance(said, Service) and dict(said.stores) == wanted:
            return found
    return written(service, wanted)


def written(service: Service, stores: dict[str, Opening]) -> str:
    """The whole of it anew, without what only people read."""
    return "\n".join(
        [
            f"service: {service.service}",
            f"title: {{zh: {_quoted(service.title.zh)}, en: {_quoted(service.title.en)}}}",
            f"minutes: {service.minutes}",
            f"ahead: {service.ahead}",
            f"notice: {service.notice}",
            f"late: {service.late}",
            f"per_customer: {service.per_customer}",
            "stores:",
            *(f"  {_store(store, opening)}" for store, opening in stores.items()),
            "",
        ]
    )


def _store(store: str, opening: Opening) -> str:
    days = ", ".join(day.isoformat() for day in opening.closed)
    closed = f", closed: [{days}]" if days else ""
    week, called = _quoted(opening.week), _quoted(store)
    return f"{called}: {{week: {week}, capacity: {opening.capacity}{closed}}}"


def _quoted(words: str) -> str:
    inner = words.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{inner}"'
