"""An answer as one HTML file that opens anywhere, without a network."""

from __future__ import annotations

from collections.abc import Iterator
from html import escape
from string import Template
from typing import cast

import msgspec

from siyu.analytics.model.answer import Answer, Cell, Column, Kind, Named, Table, Told
from siyu.analytics.render.answer import PARTS, fresh, plain, span
from siyu.kernel.money import EXPONENTS, show
from siyu.kernel.sentence import Language, Sentence, within

MOST_ROWS = 1_000  # a page with more is no page
_PAGE = Template("""<!doctype html>
<html lang="$lang">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'; \
script-src 'unsafe-inline'; img-src data: blob:">
<title>$title</title>
<style>
:root { color-scheme: light dark; --ink: #1c2430; --soft: #4a5560; --line: #d9dcd6; \
--ground: #f6f6f3; --sheet: #fff }
@media (prefers-color-scheme: dark) { :root { --ink: #e6eaee; --soft: #b4bdc6; --line: #39424b; \
--ground: #14181c; --sheet: #1d2329 } }
body { font: 14px/1.6 "PingFang SC", "Noto Sans SC", "Noto Sans CJK SC", "Microsoft YaHei", \
system-ui, sans-serif; color: var(--ink); background: var(--ground); margin: 0 }
main { max-width: 1100px; margin: 0 auto; padding: 24px 16px 48px }
h1 { font-size: 24px; margin: 0 } h2 { font-size: 16px; margin: 0 0 8px }
.says { font-size: 18px; margin: 16px 0 } .soft, figcaption { color: var(--soft) }
section, figure { background: var(--sheet); border: 1px solid var(--line); border-radius: 6px; \
padding: 16px; margin: 16px 0 }
.wide { overflow-x: auto } .chart { height: 360px }
table { border-collapse: collapse; font-variant-numeric: tabular-nums; white-space: nowrap }
th, td { text-align: left; padding: 4px 16px 4px 0; border-bottom: 1px solid var(--line) }
th { color: var(--soft); font-weight: 500 } .n { text-align: right }
</style>
<main>
<h1>$title</h1>
<p class="soft">$under</p>
<p class="says">$says</p>
$body
</main>
$script
</html>
""")
_PARTS = {
    "none": Sentence("Nothing yet.", "暂无数据。"),
    "no_charts": Sentence(
        "The console is not built here, so this file has no charts; the tables hold every figure. "
        "`make web` builds it.",
        "这里没有构建控制台，所以文件里没有图表；所有数字都在表格里。运行 `make web` 可构建。",
    ),
}


def page(told: Told, language: Language, script: str | None) -> str:
    """The whole file. `script` draws the charts; without it the file says that it has none."""
    question, answer, known = told

    def said(text: str) -> str:
        return escape(within(language, text))

    under = (
        span(answer.period, language),
        within(language, answer.population),
        fresh(known, language),
    )
    parts = [*_charts(answer, language, script), *_tables(answer, language)]
    parts.append(_section(said(PARTS["definition"]), f"<p>{said(answer.definition)}</p>"))
    if answer.notes:
        notes = "".join(f"<li>{said(one)}</li>" for one in answer.notes)
        parts.append(_section(said(PARTS["notes"]), f"<ul>{notes}</ul>"))
    return _PAGE.substitute(
        lang="zh-CN" if language == "zh" else "en",
        title=said(question.title),
        under=escape(" · ".join(one for one in under if one)),
        says=said(answer.says),
        body="\n".join(parts),
        script=_script(told, language, script) if answer.charts and script else "",
    )


def _section(title: str, inner: str) -> str:
    return f"<section><h2>{title}</h2>{inner}</section>"


def _charts(answer: Answer, language: Language, script: str | None) -> Iterator[str]:
    if answer.charts and script is None:
        yield f"<p class='soft'>{escape(within(language, _PARTS['no_charts']))}</p>"
        return
    for chart in answer.charts:
        title = escape(within(language, chart.title))
        name = escape(chart.name, quote=True)
        yield (
            f'<figure><h2>{title}</h2><div class="chart" role="img" aria-label="{title}"'
            f' data-chart="{name}"></div></figure>'
        )


def _tables(answer: Answer, language: Language) -> Iterator[str]:
    for table in answer.tables:
        title = escape(within(language, table.title))
        if not table.rows:
            yield _section(title, f"<p class='soft'>{escape(within(language, _PARTS['none']))}</p>")
            continue
        inner = f'<div class="wide" tabindex="0">{_table(table, answer.currency, language)}</div>'
        if len(table.rows) > MOST_ROWS:
            more = Sentence(
                f"The first {MOST_ROWS:,} of {len(table.rows):,} rows; the CSV holds all.",
                f"共 {len(table.rows):,} 行，这里是前 {MOST_ROWS:,} 行；CSV 里是全部。",
            )
            inner += f"<p class='soft'>{escape(within(language, more))}</p>"
        yield _section(title, inner)


def _table(table: Table, currency: str, language: Language) -> str:
    heads = "".join(
        f"<th{_side(one)}>{escape(within(language, one.title))}</th>" for one in _own(table)
    )
    rows = "".join(
        f"<tr>{''.join(_cells(table, row, currency, language))}</tr>"
        for row in table.rows[:MOST_ROWS]
    )
    return f"<table><thead><tr>{heads}</tr></thead><tbody>{rows}</tbody></table>"


def _own(table: Table) -> list[Column]:
    """The columns that stand by themselves: an interval stands in the cell of its value."""
    return [one for one in table.columns if not one.low_of and not one.high_of]


def _side(column: Column) -> str:
    return "" if column.kind in ("text", "day", "month", "customer") else ' class="n"'


def _cells(table: Table, row: tuple[Cell, ...], currency: str, language: Language) -> Iterator[str]:
    known = dict(zip((one.name for one in table.columns), row, strict=True))
    own = str(known.get("currency") or currency)
    ends: dict[str, list[Cell]] = {one.low_of or one.high_of: [] for one in table.columns}
    for one in table.columns:
        ends[one.low_of or one.high_of].append(known[one.name])
    for one in _own(table):
        text = shown(known[one.name], one.kind, own, language)
        found = [cell for cell in ends.get(one.name, []) if cell is not None]
        if len(found) == 2:
            low, high = (shown(cell, one.kind, own, language) for cell in found)
            text += f" ({low}–{high})"
        yield f"<td{_side(one)}>{escape(text)}</td>"


def shown(cell: Cell, kind: Kind, currency: str, language: Language) -> str:
    """A cell as people read it.

    >>> shown(123450, "money", "CNY", "en"), shown(0.25, "rate", "", "en")
    ('¥1,234.50', '25.0%')
    >>> shown(Named("shop", "s1", "Corner"), "text", "", "en")
    'Corner (s1)'
    """
    if cell is None:
        return "–"
    if isinstance(cell, str):
        return within(language, cell.both if isinstance(cell, Named) else cell)
    if not isinstance(cell, int | float):
        return f"{cell:%Y-%m}" if kind == "month" else str(cell)
    match kind:
        case "money" if currency in EXPONENTS:
            return show(round(cell), currency)
        case "rate":
            return f"{cell:.1%}"
        case "number":
            return f"{cell:,.4g}" if abs(cell) < 100 else f"{cell:,.0f}"
        case _:
            return f"{cell:,}"


def _script(told: Told, language: Language, script: str) -> str:
    """The bundle and what it draws. Neither can end the element that it stands in."""
    charted = {one.table for one in told.answer.charts}
    whole = plain(told, called=True)
    drawn = {
        "language": language,
        "currency": whole["currency"],
        "charts": whole["charts"],
        "tables": [one for one in _listed(whole["tables"]) if one["name"] in charted],
    }
    safe = script.replace("</script", "<\\/script").replace("<!--", "<\\!--")
    return (
        f'<script id="told" type="application/json">{in_script(drawn)}</script>'
        f"<script>{safe}</script>"
    )


def _listed(tables: object) -> list[dict[str, object]]:
    return list(cast("list[dict[str, object]]", tables)) if isinstance(tables, list) else []


def in_script(value: object) -> str:
    """JSON that can stand in a script element.

    >>> in_script({"a": "</script><b>&"})
    '{"a":"\\\\u003c/script\\\\u003e\\\\u003cb\\\\u003e\\\\u0026"}'
    """
    text = msgspec.json.encode(value).decode()
    for mark in "<>&\u2028\u2029":
        text = text.replace(mark, f"\\u{ord(mark):04x}")
    return text
