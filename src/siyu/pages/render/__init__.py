"""A page as HTML: one file, no script, readable on the smallest phone, light and dark."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Iterable
from hashlib import sha256
from html import escape
from typing import NamedTuple
from urllib.parse import urlsplit

from siyu.kernel.sentence import Language, Sentence, within
from siyu.pages.model import Page, Said

STYLE = """
:root{color-scheme:light dark;--ink:#1c1c1e;--soft:#5a5a60;--paper:#fff;--line:#c9c9cf;--do:#0b6b3a;
--on:#fff;--wash:#f4f4f6;--bad:#a3150b}
@media(prefers-color-scheme:dark){:root{--ink:#f2f2f5;--soft:#b4b4bc;--paper:#141416;--line:#4a4a52;
--do:#7fd8a5;--on:#0c1f14;--wash:#222226;--bad:#ff9a90}}
*{box-sizing:border-box}
body{margin:0;background:var(--paper);color:var(--ink);font:17px/1.6 system-ui,-apple-system,
"PingFang SC","Microsoft YaHei",sans-serif;overflow-wrap:anywhere}
main{max-width:34rem;margin:0 auto;padding:1.25rem 1rem 3rem}
img{width:100%;height:auto;border-radius:.75rem;display:block}
h1{font-size:1.5rem;line-height:1.3;margin:1rem 0 .5rem}
h2{font-size:1.1rem;margin:1.75rem 0 .5rem}
p{margin:.5rem 0}
small,.soft{color:var(--soft);font-size:.9rem}
.bad{color:var(--bad);font-weight:600}
.card{background:var(--wash);border-radius:.75rem;padding:.75rem 1rem;margin:.75rem 0}
fieldset{border:0;padding:0;margin:1.25rem 0}
legend{font-weight:600;padding:0;margin-bottom:.25rem}
label.pick{display:flex;gap:.6rem;align-items:center;padding:.55rem .75rem;margin:.4rem 0;
border:1px solid var(--line);border-radius:.6rem}
label.pick input{width:1.2rem;height:1.2rem;flex:none;margin:0}
input[type=text],input[type=month],select,textarea{font:inherit;width:100%;padding:.6rem;
color:inherit;background:var(--paper);border:1px solid var(--line);border-radius:.6rem}
.do,button{display:block;width:100%;font:inherit;font-weight:600;text-align:center;
padding:.8rem 1rem;margin:1rem 0 .5rem;border:0;border-radius:.75rem;background:var(--do);
color:var(--on);text-decoration:none;cursor:pointer}
button.plain{background:transparent;color:var(--ink);border:1px solid var(--line)}
nav{display:flex;flex-wrap:wrap;gap:.4rem;margin:.75rem 0}
nav a{padding:.4rem .75rem;border:1px solid var(--line);border-radius:2rem;color:var(--ink);
text-decoration:none}
nav a[aria-current]{background:var(--ink);color:var(--paper)}
.code{font:600 1.35rem/1.4 ui-monospace,monospace;letter-spacing:.06em}
.qr{width:12rem;max-width:70%;background:#fff;padding:.5rem;border-radius:.5rem}
:focus-visible{outline:3px solid var(--do);outline-offset:2px}
""".replace("\n", "")
_HASH = b64encode(sha256(STYLE.encode()).digest()).decode()
BUTTON = Sentence("Add us", "添加我们")


class Shown(NamedTuple):
    """What a page is drawn from beside its text: in which language, where its forms go to, what
    they carry, and what they keep of the address."""

    language: Language
    path: str
    form: str
    ad: tuple[tuple[str, str], ...] = ()

    def say(self, words: str) -> str:
        """Words of ours in this language, as HTML."""
        return escape(within(self.language, words))


def policy(page: Page | None) -> str:
    """What a page may load: its own style, and the one picture that its text names."""
    host = urlsplit(page.picture).hostname if page and page.picture else ""
    pictures = f"'self' data: https://{host}" if host else "'self' data:"
    return (
        f"default-src 'none'; style-src 'sha256-{_HASH}'; img-src {pictures}; "
        "form-action 'self' https:; frame-ancestors 'none'; base-uri 'none'"
    )


def whole(shown: Shown, title: str, parts: Iterable[str]) -> str:
    """The HTML around these parts; `title` is HTML already."""
    language = "zh-CN" if shown.language == "zh" else "en"
    return (
        f'<!doctype html><html lang="{language}"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width,initial-scale=1">'
        '<meta name="robots" content="noindex"><meta name="referrer" content="no-referrer">'
        f"<title>{title}</title><style>{STYLE}</style></head><body><main>"
        + "".join(parts)
        + "</main></body></html>"
    )


def page(shown: Shown, of: Page, parts: Iterable[str]) -> str:
    """A page of the brand's, with these parts below its own words."""
    title = escape(of.title.of(shown.language))
    return whole(shown, title, [*_head(shown, of, title), *parts])


def message(shown: Shown, title: str, words: str, parts: Iterable[str] = ()) -> str:
    """A few words where there is no page."""
    said = shown.say(title)
    return whole(shown, said, [f"<h1>{said}</h1><p>{shown.say(words)}</p>", *parts])


def _head(shown: Shown, of: Page, title: str) -> Iterable[str]:
    if of.picture and of.picture_says is not None:
        says = escape(of.picture_says.of(shown.language), quote=True)
        place = escape(of.picture, quote=True)
        yield f'<img src="{place}" alt="{says}" referrerpolicy="no-referrer">'
    yield f"<h1>{title}</h1>"
    if of.words is not None:
        yield paragraphs(shown, of.words)


def paragraphs(shown: Shown, said: Said) -> str:
    """A text as paragraphs; an empty line parts them."""
    parts = said.of(shown.language).strip().split("\n\n")
    return "".join(f"<p>{escape(part).replace(chr(10), '<br>')}</p>" for part in parts)


def posted(shown: Shown, does: str, inner: str, button: str, *, plain: bool = False) -> str:
    """A form that does this; `inner` is HTML, `button` words."""
    kept = "".join(
        f'<input type="hidden" name="{escape(name)}" value="{escape(value, quote=True)}">'
        for name, value in shown.ad
    )
    look = ' class="plain"' if plain else ""
    return (
        f'<form method="post" action="{escape(shown.path, quote=True)}">'
        f'<input type="hidden" name="do" value="{does}">'
        f'<input type="hidden" name="form" value="{shown.form}">{kept}{inner}'
        f"<button{look}>{shown.say(button)}</button></form>"
    )


def add_us(shown: Shown, of: Page) -> str:
    """The button that leads on to the carrier; nothing where the page names no channel."""
    if not of.channel:
        return ""
    words = of.button.of(shown.language) if of.button else BUTTON
    return posted(shown, "add", "", words)
