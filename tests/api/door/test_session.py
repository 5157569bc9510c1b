"""The console's door: a session comes as a cookie, and writes only what our own page asked for."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from tests.people import PASSWORD, People, Person, account

from siyu.staff.actions import seed
from siyu.staff.model import Member, Store
from siyu.staff.views import audited

PEOPLE = [
    Member("ana", "Ana", "operator"),
    Member("li", "Li", "guide", "w1"),
    Member("eng", "Eng", "engineer"),
    Member("olga", "Olga", "owner"),
    Member("aud", "Aud", "auditor"),
    Member("max", "Max", "operator", "w1"),
    Member("new", "New", "guide", "w1"),
]


@pytest.fixture(scope="module")
def house(door: Any) -> Iterator[Any]:
    with door.app.db.transaction() as conn:
        seed(conn, door.app.brand, [Store("w1", "一号店", "west")], PEOPLE)
    for one in PEOPLE[:-1]:
        account(door.app, one.code)
    door.people = People(door.app, door.http.base_url)
    yield door
    door.people.close()


@pytest.fixture
def ana(house: Any) -> Person:
    return house.people.signed_in("ana")


def _problem(answer: httpx.Response, status: int, code: str) -> dict[str, Any]:
    assert answer.status_code == status, answer.text
    body = answer.json()
    assert body["code"] == code
    return body


def test_signing_in_says_who_one_is_and_sets_a_cookie_that_no_script_reads(house: Any) -> None:
    person = house.people.stranger()
    answer = person.sign_in("li")

    cookies = {one.split("=")[0]: one for one in answer.headers.get_list("set-cookie")}
    assert "HttpOnly" in cookies["siyu_session"]
    assert "HttpOnly" not in cookies["siyu_csrf"]
    assert all("SameSite=strict" in one and "Path=/" in one for one in cookies.values())
    assert not any("Secure" in one for one in cookies.values())
    me = answer.json()
    assert me == person.ask("GET", "session").json() | {"now": me["now"]}
    assert me["scope"] == {"kind": "own", "place": "", "name": ""}
    assert me["store"] == {"code": "w1", "name": "一号店", "region": "west"}
    assert (me["code"], me["role"], me["must_change"]) == ("li", "guide", False)
    assert "tasks.work" in me["permissions"]
    assert "budget.read" not in me["permissions"]
    assert (me["brand"]["name"], me["brand"]["currency"]) == ("花间", "CNY")


def test_behind_https_the_cookies_go_over_nothing_else(house: Any) -> None:
    said = {"code": "li", "password": PASSWORD}
    answer = house.http.post("/api/v1/session", json=said, headers={"X-Forwarded-Proto": "https"})
    house.http.cookies.clear()

    assert all("Secure" in one for one in answer.headers.get_list("set-cookie"))


def test_the_api_key_is_nobody_and_may_everything(house: Any) -> None:
    me = house.http.get("/api/v1/session", headers=house.key).json()

    assert (me["code"], me["role"]) == ("", None)
    assert "staff.manage" in me["permissions"]


def test_a_wrong_password_is_refused_in_the_same_words_for_whoever(house: Any) -> None:
    person = house.people.stranger()
    wrong = [person.sign_in("eng", "wrong one here"), person.sign_in("nobody at all")]

    assert {one.status_code for one in wrong} == {401}
    assert wrong[0].text == wrong[1].text
    assert not any(one.headers.get_list("set-cookie") for one in wrong)


def test_too_many_wrong_passwords_say_when_to_come_again(house: Any) -> None:
    person = house.people.stranger()
    for _ in range(6):
        person.sign_in("guessed", "wrong one here")
    answer = person.sign_in("guessed", "wrong one here")

    _problem(answer, 429, "throttled")
    assert 1 <= int(answer.headers["Retry-After"]) <= 4


def test_signed_out_is_signed_out(ana: Person) -> None:
    kept = dict(ana.http.cookies)
    assert ana.status("GET", "staff") == 200

    assert ana.ask("DELETE", "session").json() == {"code": "ana"}
    assert "siyu_session" not in ana.http.cookies
    ana.http.cookies.update(kept)
    _problem(ana.ask("GET", "staff"), 401, "unauthorized")


@pytest.mark.parametrize(
    "headers",
    [
        {"X-CSRF-Token": ""},
        {"X-CSRF-Token": "0" * 64},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
    ],
    ids=lambda one: str(one)[:50],
)
def test_what_another_site_makes_a_browser_write_is_refused(
    ana: Person, headers: dict[str, str]
) -> None:
    answer = ana.ask("POST", "pause", {"scope": "channel:sms"}, **headers)

    _problem(answer, 403, "forged")
    assert ana.ask("GET", "stops").json() == {"stopped": []}


def test_the_token_of_another_session_is_worth_nothing(ana: Person, house: Any) -> None:
    other = house.people.signed_in("ana").http.cookies["siyu_csrf"]

    _problem(
        ana.ask("POST", "pause", {"scope": "channel:sms"}, **{"X-CSRF-Token": other}), 403, "forged"
    )


def test_another_site_can_sign_nobody_in(house: Any) -> None:
    said = {"code": "li", "password": PASSWORD}
    answer = house.http.post("/api/v1/session", json=said, headers={"Sec-Fetch-Site": "cross-site"})

    _problem(answer, 403, "forged")


@pytest.mark.parametrize(
    "headers", [{"Sec-Fetch-Site": "same-origin", "Origin": "https://elsewhere.example"}, {}]
)
def test_what_a_session_writes_is_done_by_its_account_whatever_the_body_says(
    ana: Person, house: Any, headers: dict[str, str]
) -> None:
    answer = ana.ask("POST", "pause", {"scope": "channel:sms", "by": "boss"}, **headers)

    assert [one["by"] for one in answer.json()["stopped"]] == ["ana"]
    assert ana.status("POST", "resume", {"scope": "channel:sms"}) == 200
    with house.app.db.transaction() as conn:
        assert [one.actor for one in audited(conn, 2)] == ["ana", "ana"]


def test_a_wrong_key_is_not_made_good_by_a_cookie(ana: Person) -> None:
    for header in ("Bearer wrong", "Basic x", ""):
        _problem(ana.ask("GET", "staff", Authorization=header), 401, "unauthorized")


def test_one_key_of_a_write_is_its_askers_own(house: Any, ana: Person) -> None:
    key, body = {"Idempotency-Key": "one"}, {"scope": "channel:voice_ai", "by": "root"}
    olga = house.people.signed_in("olga")

    mine = ana.ask("POST", "pause", body, **key)
    again = house.people.signed_in("ana").ask("POST", "pause", body, **key)
    hers = olga.ask("POST", "pause", body, **key)
    keys = house.http.post("/api/v1/pause", json=body, headers={**house.key, **key})

    assert mine.status_code == 200
    assert again.headers["Idempotency-Replayed"] == "true"
    assert all("Idempotency-Replayed" not in one.headers for one in (hers, keys))
    olga.ask("POST", "resume", body)


def test_a_role_that_does_not_allow_it_is_told_what_is_missing_and_whom_to_ask(house: Any) -> None:
    aud = house.people.signed_in("aud")

    assert aud.status("GET", "budget/rules") == 200
    found = _problem(aud.ask("PUT", "budget/rules", {}), 403, "forbidden")
    assert [(one["where"], one["why"]) for one in found["problems"]] == [
        ("permission", "budget.write"),
        ("role", "operator"),
        ("role", "owner"),
    ]


def test_what_shows_the_whole_brand_is_refused_to_a_narrower_scope(house: Any) -> None:
    _problem(house.people.signed_in("max").ask("GET", "touches"), 403, "out_of_scope")


def test_a_given_password_opens_nothing_before_it_is_changed(house: Any) -> None:
    olga, person = house.people.signed_in("olga"), house.people.stranger()
    given = olga.ask("POST", "staff/new/account", {}).json()["password"]

    assert person.sign_in("new", given).json()["must_change"] is True
    _problem(person.ask("GET", "staff"), 403, "must_change")
    wrong = person.ask("POST", "session/password", {"old": "x", "new": "a very new one"})
    assert [one["where"] for one in _problem(wrong, 400, "bad_input")["problems"]] == ["old"]
    weak = person.ask("POST", "session/password", {"old": given, "new": "short"})
    assert [one["where"] for one in _problem(weak, 400, "bad_input")["problems"]] == ["password"]
    changed = person.ask("POST", "session/password", {"old": given, "new": "a very new one"})
    assert changed.json()["must_change"] is False
    assert person.status("GET", "staff") == 200


def test_an_account_taken_away_is_out_at_once(house: Any) -> None:
    olga = house.people.signed_in("olga")
    given = olga.ask("POST", "staff/aud/account/password", {}).json()
    aud = house.people.stranger()
    aud.sign_in("aud", given["password"])

    off = olga.ask("PUT", "staff/aud/account", {"active": False}).json()

    assert off["active"] is False
    assert aud.status("GET", "session") == 401
    assert aud.sign_in("aud", given["password"]).status_code == 401
    olga.ask("PUT", "staff/aud/account", {"active": True})
    with house.app.db.transaction() as conn:
        accounts_hash = conn.fetch("select count(*) from staff_session where staff = 'aud'")
    assert accounts_hash == [(0,)]


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("POST", "staff/olga/account/password", {}),
        ("PUT", "staff/olga/account", {"active": False}),
        ("PUT", "staff/olga", {"name": "Olga", "role": "guide"}),
        ("PUT", "staff/li", {"name": "Li", "role": "owner"}),
        ("PUT", "staff/li", {"name": "Li", "role": "engineer"}),
        ("PUT", "staff/ana", {"name": "Ana", "role": "owner"}),
    ],
)
def test_nobody_gives_or_takes_what_is_more_than_they_may_themselves(
    ana: Person, method: str, path: str, body: dict[str, Any]
) -> None:
    assert ana.status(method, path, body) in (403, 409)


def test_an_operator_lets_guides_in_and_says_what_they_see(ana: Person) -> None:
    assert ana.ask("PUT", "staff/newer", {"name": "N", "role": "guide", "store": "w1"}).is_success
    assert len(ana.ask("POST", "staff/newer/account", {}).json()["password"]) == 14
    ana.ask("PUT", "staff/newer/account", {"scope": "store"})

    (found,) = [
        one for one in ana.ask("GET", "accounts").json()["accounts"] if one["code"] == "newer"
    ]
    assert (found["scope"], found["place"], found["scope_set"]) == ("store", "w1", "store")
    assert (found["must_change"], found["active"], found["sessions"]) == (True, True, 0)
    assert ana.status("POST", "staff/newer/account", {}) == 409
    assert ana.status("POST", "staff/stranger/account", {}) == 404


def test_a_scope_holds_from_the_next_request_on(house: Any) -> None:
    olga, eng = house.people.signed_in("olga"), house.people.signed_in("eng")
    assert eng.status("GET", "touches") == 200

    olga.ask("PUT", "staff/eng/account", {"scope": "region", "place": "west"})

    assert eng.status("GET", "touches") == 403
    assert eng.ask("GET", "session").json()["scope"] == {
        "kind": "region", "place": "west", "name": "west",
    }  # fmt: skip
    olga.ask("PUT", "staff/eng/account", {})
    assert eng.status("GET", "touches") == 200
