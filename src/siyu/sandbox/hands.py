"""What people do with a browser, and staff at the counter: pages and the API over real HTTP."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from html.parser import HTMLParser
from http.client import HTTPConnection, HTTPException
from typing import Any, NamedTuple
from urllib.parse import urlencode, urlsplit

import msgspec

_LINK = re.compile(r"https?://[^\s，。！？、]+")
_OURS = ("/l/", "/p/", "/a/")
_PHONE = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) MicroMessenger/8.0"
_FORM = "application/x-www-form-urlencoded"


class Said(NamedTuple):
    """An answer: where it leads on to, if it does."""

    status: int
    place: str
    body: bytes


@dataclass
class Form:
    """A form as somebody sees it: what it sends by itself, and what can be chosen or written."""

    sends: dict[str, str] = field(default_factory=dict[str, str])
    choices: dict[str, list[str]] = field(default_factory=dict[str, list[str]])
    months: list[str] = field(default_factory=list[str])
    texts: list[str] = field(default_factory=list[str])

    @property
    def does(self) -> str:
        """What pressing its button does."""
        return self.sends.get("do", "")


class Page(NamedTuple):
    """A page before somebody: its forms, the codes that it shows, what it says; `host` as it was
    opened from."""

    path: str
    status: int
    forms: list[Form]
    codes: list[str]
    words: str
    host: str = ""

    def form(self, does: str) -> Form | None:
        """The form that does this."""
        return next((one for one in self.forms if one.does == does), None)


class _Reader(HTMLParser):
    """What a person sees of a page of ours."""

    def __init__(self) -> None:
        super().__init__()
        self.forms: list[Form] = []
        self.codes: list[str] = []
        self.words: list[str] = []
        self._code = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        said = {name: value or "" for name, value in attrs}
        self._code = tag == "p" and said.get("class") == "code"
        if tag == "form":
            self.forms.append(Form())
        elif tag in ("input", "textarea") and self.forms:
            self._field(self.forms[-1], said, said.get("type", "text"))

    def handle_data(self, data: str) -> None:
        (self.codes if self._code else self.words).append(data)

    def handle_endtag(self, tag: str) -> None:
        if tag == "p":
            self._code = False

    @staticmethod
    def _field(form: Form, said: Mapping[str, str], kind: str) -> None:
        name = said.get("name", "")
        if kind == "hidden":
            form.sends[name] = said.get("value", "")
        elif kind in ("radio", "checkbox"):
            form.choices.setdefault(name, []).append(said.get("value", ""))
        elif kind == "month":
            form.months.append(name)
        else:
            form.texts.append(name)


class Hands:
    """One connection that is kept open; whoever uses it says who they are each time."""

    def __init__(self, url: str, api_key: str) -> None:
        parts = urlsplit(url)
        self._http = HTTPConnection(parts.hostname or "127.0.0.1", parts.port, timeout=60)
        self._bearer = {"Authorization": f"Bearer {api_key}", "Content-Type": "application/json"}

    def close(self) -> None:
        """Give the connection back."""
        self._http.close()

    # ── a phone ──

    def opens(self, link: str, host: str = "") -> Page | None:
        """Follow a link of ours to where it ends; None: it leads elsewhere, or nowhere. `host`: the
        address that a phone has, where that matters."""
        path = path_of(link)
        for _ in range(3):
            said = self._browse("GET", path, host=host)
            if said.status not in (302, 303):
                return _page(path, said, host)
            path = path_of(said.place)
            if not path.startswith(_OURS):
                return None
        return None

    def sends(self, page: Page, form: Form, chosen: Mapping[str, str]) -> Page | str:
        """Fill in a form and press its button: what is shown then, or where it leads."""
        body = urlencode({**form.sends, **chosen}).encode()
        said = self._browse("POST", page.path, body, host=page.host)
        return said.place if said.status in (302, 303) else _page(page.path, said, page.host)

    # ── a counter, a guide's sidebar ──

    def asks(self, method: str, path: str, document: Mapping[str, object]) -> dict[str, Any] | None:
        """Staff does something by the API; None: it was refused, as what people do may be."""
        said = self._exchange(method, f"/api/v1{path}", msgspec.json.encode(document), self._bearer)
        return msgspec.json.decode(said.body, type=dict[str, Any]) if said.status < 300 else None

    def customer(self, by: str, value: str) -> str | None:
        """The customer whom a guide has before them, as staff finds them."""
        found = self.asks("POST", "/customers/search", {"by": by, "value": value}) or {}
        return next(iter(found.get("customers", ())), None)

    # ── beneath ──

    def _browse(self, method: str, path: str, body: bytes | None = None, host: str = "") -> Said:
        headers = {"User-Agent": _PHONE, "Accept-Language": "zh-CN"}
        if host:  # as a proxy in front tells it: people of a season share one machine
            headers["X-Forwarded-For"] = host
        if body is not None:
            headers["Content-Type"] = _FORM
        return self._exchange(method, path, body, headers)

    def _exchange(
        self, method: str, path: str, body: bytes | None, headers: Mapping[str, str]
    ) -> Said:
        try:
            self._http.request(method, path, body=body, headers=dict(headers))
            response = self._http.getresponse()
        except (HTTPException, ConnectionError):  # the other side had closed what was kept open
            self._http.close()
            self._http.request(method, path, body=body, headers=dict(headers))
            response = self._http.getresponse()
        return Said(response.status, response.headers.get("Location", ""), response.read())


def links(text: str) -> list[str]:
    """The links of a text.

    >>> links("约个时间：https://s.example/l/abc 到店见。")
    ['https://s.example/l/abc']
    """
    return _LINK.findall(text)


def path_of(link: str) -> str:
    """A link's path with its query: who answers for the brand's domain is known."""
    parts = urlsplit(link)
    return f"{parts.path or '/'}{'?' if parts.query else ''}{parts.query}"


def _page(path: str, said: Said, host: str) -> Page:
    reader = _Reader()
    reader.feed(said.body.decode("utf-8", "replace"))
    return Page(path, said.status, reader.forms, reader.codes, " ".join(reader.words), host)
