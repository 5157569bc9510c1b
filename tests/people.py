"""People at the console: signed in over HTTP, with the cookies and the token that a page sends."""

from __future__ import annotations

from contextlib import suppress

import httpx
from tests.served import PLAIN

from siyu.app import App
from siyu.kernel.errors import Refused
from siyu.staff.actions import accounts
from siyu.staff.actions.accounts import USUAL
from siyu.staff.model import Sees

PASSWORD = "a long enough one"


def account(app: App, code: str, sees: Sees = USUAL, *, must_change: bool = False) -> None:
    """This member of staff may sign in, by PASSWORD."""
    now = app.clock.now()
    with app.db.transaction() as conn:
        accounts.add(conn, code, PASSWORD, "ana", now, sees=sees, must_change=must_change)


class Person:
    """A browser: it keeps its cookies."""

    def __init__(self, url: str) -> None:
        self.http = httpx.Client(base_url=url, trust_env=False, timeout=60, verify=PLAIN)

    def sign_in(self, code: str, password: str = PASSWORD) -> httpx.Response:
        said = {"code": code, "password": password}
        return self.http.post("/api/v1/session", json=said)

    def ask(self, method: str, path: str, json: object = None, **headers: str) -> httpx.Response:
        """As a page asks: what it writes bears the token."""
        sent = {"X-CSRF-Token": self.http.cookies.get("siyu_csrf", ""), **headers}
        return self.http.request(method, f"/api/v1/{path}", json=json, headers=sent)

    def status(self, method: str, path: str, json: object = None) -> int:
        return self.ask(method, path, json).status_code


class People:
    """All who sit at the consoles of one installation; closed together."""

    def __init__(self, app: App, url: object) -> None:
        self._app = app
        self._url = str(url)
        self._here: list[Person] = []

    def stranger(self) -> Person:
        """Somebody who has not signed in."""
        self._here.append(Person(self._url))
        return self._here[-1]

    def signed_in(self, code: str, sees: Sees = USUAL) -> Person:
        """Somebody with an account, which is made if there is none."""
        with suppress(Refused):
            account(self._app, code, sees)
        found = self.stranger()
        answer = found.sign_in(code)
        assert answer.status_code == 200, answer.text
        return found

    def close(self) -> None:
        for one in self._here:
            one.http.close()
