"""What somebody has set aside as they show it in a store; the times that they can choose."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from html import escape
from zoneinfo import ZoneInfo

import segno

from siyu.kernel.sentence import Language, Sentence
from siyu.pages.model import Slot
from siyu.pages.render import Shown, posted

WEEKDAYS = (
    Sentence("Mon", "周一"), Sentence("Tue", "周二"), Sentence("Wed", "周三"),
    Sentence("Thu", "周四"), Sentence("Fri", "周五"), Sentence("Sat", "周六"),
    Sentence("Sun", "周日"),
)  # fmt: skip
STORE = Sentence("Store", "门店")
DAY = Sentence("Day", "日期")
TIME = Sentence("Time", "时间")
LEFT = Sentence("left", "个余位")
SHOW = Sentence("Show this in the store", "到店出示此码")
NONE = Sentence("No times on this day; choose another.", "这一天没有可约时间，请换一天。")


def spoken(code: str) -> str:
    """A code as people read it out, four letters at a time.

    >>> spoken("prm_5q0x8w2n7hc1e")
    '5q0x-8w2n-7hc1-e'
    """
    letters = code.partition("_")[2]
    return "-".join(letters[place : place + 4] for place in range(0, len(letters), 4))


def written(text: str) -> str:
    """The code that somebody typed or scanned, as it is known.

    >>> written(" 5Q0X-8w2n 7hc1e"), written("prm_5q0x8w2n7hc1e")
    ('prm_5q0x8w2n7hc1e', 'prm_5q0x8w2n7hc1e')
    """
    plain = "".join(text.lower().split()).replace("-", "").removeprefix("prm_")
    return f"prm_{plain}"


def code_card(shown: Shown, code: str, lines: Sequence[str], *, plain: bool = False) -> str:
    """A code with its QR picture; `lines` are HTML. `plain`: as it is, as a till knows it."""
    picture = segno.make(code, error="m", micro=False).svg_inline(
        border=2, svgclass="qr", lineclass=None, omitsize=True, dark="#000", light="#fff"
    )
    picture = picture.replace("<svg", f'<svg role="img" aria-label="{shown.say(SHOW)}"', 1)
    said = "".join(f"<p>{one}</p>" for one in lines)
    return (
        f'<section class="card">{said}<div>{picture}</div>'
        f'<p class="code">{escape(code if plain else spoken(code))}</p>'
        f'<p class="soft">{shown.say(SHOW)}</p></section>'
    )


def local(at: datetime, zone: ZoneInfo, language: Language) -> str:
    """A time by the brand's clocks, with its weekday."""
    here = at.astimezone(zone)
    weekday = WEEKDAYS[here.isoweekday() - 1]
    name = weekday.zh if language == "zh" else weekday[:]
    return f"{here:%Y-%m-%d} {name} {here:%H:%M}"


def _current(it_is: bool) -> str:
    return ' aria-current="true"' if it_is else ""


def stores(shown: Shown, names: Mapping[str, str], chosen: str) -> str:
    """The stores to choose from; nothing where there is only one."""
    if len(names) < 2:
        return ""
    links = "".join(
        f'<a href="?store={escape(code, quote=True)}"{_current(code == chosen)}>{escape(name)}</a>'
        for code, name in names.items()
    )
    return f'<nav aria-label="{shown.say(STORE)}">{links}</nav>'


def days(shown: Shown, store: str, of: Sequence[date], chosen: date) -> str:
    """The days to choose from."""
    links = "".join(
        f'<a href="?store={escape(store, quote=True)}&amp;day={day}"'
        f"{_current(day == chosen)}>"
        f"{day:%m-%d} {shown.say(WEEKDAYS[day.isoweekday() - 1])}</a>"
        for day in of
    )
    return f'<nav aria-label="{shown.say(DAY)}">{links}</nav>'


def times(
    shown: Shown, slots: Sequence[Slot], zone: ZoneInfo, does: tuple[str, str], button: str
) -> str:
    """The times of a day as a form. `does`: what it does, and hidden fields as HTML."""
    free = [one for one in slots if one.left]
    if not free:
        return f"<p>{shown.say(NONE)}</p>"
    picks = "".join(
        f'<label class="pick"><input type="radio" name="at" required '
        f'value="{one.starts_at:%Y%m%dT%H%MZ}"><span>{one.starts_at.astimezone(zone):%H:%M}–'
        f'{one.ends_at.astimezone(zone):%H:%M} <span class="soft">{one.left} {shown.say(LEFT)}'
        "</span></span></label>"
        for one in free
    )
    inner = f"{does[1]}<fieldset><legend>{shown.say(TIME)}</legend>{picks}</fieldset>"
    return posted(shown, does[0], inner, button)
