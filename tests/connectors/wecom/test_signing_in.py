"""Staff sign in with WeCom, and pages inside it are signed: over real HTTP, from the door on."""

from __future__ import annotations

import re
from collections.abc import Iterator
from html import unescape
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from tests.connectors.wecom.installed import CONSOLE, House
from tests.people import People, Person, account

from siyu.api.carrier import _state
from siyu.staff.actions import seed
from siyu.staff.model import Member
from siyu.staff.views import audited

AGENT = {"User-Agent": "Mozilla/5.0 (iPhone) wxwork/4.1.30 MicroMessenger/7.0.1"}


@pytest.fixture
def people(house: House) -> Iterator[People]:
    with house.app.db.transaction() as conn:
        seed(conn, house.app.brand, [], [Member("boss", "陈", "owner")])
    found = People(house.app, house.url)
    yield found
    found.close()


def _asked(person: Person, after: str = "", **headers: str) -> httpx.Response:
    params = {"after": after} if after else {}
    return person.http.get("/auth/wecom", params=params, headers=headers)


def _chosen(place: str, who: str) -> str:
    """What WeCom's page leads to where this member is there; the address of ours is this one."""
    page = httpx.get(place).text
    (link,) = re.findall(rf'href="([^"]+)">{who}<', page)
    return unescape(link).removeprefix(CONSOLE)


def test_a_member_with_an_account_is_signed_in_as_by_a_password(
    house: House, people: People
) -> None:
    account(house.app, "lisi", must_change=True)  # by a password nobody has told
    lisi = people.stranger()
    assert lisi.ask("GET", "session/ways").json()["ways"] == [
        {"title": {"zh": "企业微信", "en": "WeCom"}, "path": "/auth/wecom"}
    ]

    sent = _asked(lisi, "/tasks?staff=lisi", **AGENT)
    place = urlsplit(sent.headers["Location"])
    query = parse_qs(place.query)
    assert place.path == "/connect/oauth2/authorize"
    assert query["redirect_uri"] == [f"{CONSOLE}/auth/wecom/back"]
    assert re.fullmatch("[0-9a-f]{64}", query["state"][0])
    assert "HttpOnly" in sent.headers["set-cookie"]

    came = lisi.http.get(_chosen(sent.headers["Location"], "lisi"))
    assert (came.status_code, came.headers["Location"]) == (303, "/tasks?staff=lisi")
    cookies = {one.split("=")[0]: one for one in came.headers.get_list("set-cookie")}
    assert "SameSite=strict" in cookies["siyu_session"]
    me = lisi.ask("GET", "session").json()
    assert (me["code"], me["role"], me["scope"]["kind"]) == ("lisi", "guide", "own")
    assert me["must_change"] is False
    assert lisi.status("GET", "tasks?staff=lisi") == 200
    assert lisi.status("GET", "audit") == 403
    with house.app.db.transaction() as conn:
        said = audited(conn, 1)[0]
    assert (said.actor, said.action, said.reason) == ("lisi", "session.begin", "wecom")


def test_a_code_is_good_once_and_only_in_the_browser_that_began(
    house: House, people: People
) -> None:
    account(house.app, "lisi")
    lisi, other = people.stranger(), people.stranger()
    asked = _asked(lisi).headers["Location"]
    assert urlsplit(asked).path == "/wwlogin/sso/login"  # no WeCom: a code to scan
    place = _chosen(asked, "lisi")
    kept = lisi.http.cookies["siyu_visit"]

    for stranger in (other, people.stranger()):
        answer = stranger.http.get(place)
        assert answer.status_code == 403
        assert "不是在这个浏览器里发起的" in answer.text
        _asked(other)  # with a visit of its own, too
    assert lisi.http.get(place).status_code == 303
    again = lisi.http.get(place, headers={"Cookie": f"siyu_visit={kept}"})
    assert again.status_code == 401
    assert "登录已失效" in again.text
    assert "set-cookie" not in again.headers or "siyu_session" not in str(again.headers)

    app = house.app
    kept = f"{int(app.clock.real().timestamp()) - 601}.x./"  # ten minutes ago
    sent = {"Cookie": f"siyu_visit={kept}"}
    late = {"state": _state(app, kept), "code": house.fake.opens_page("lisi")}
    late_one = people.stranger().http.get("/auth/wecom/back", params=late, headers=sent)
    assert late_one.status_code == 403


def test_who_has_no_account_or_is_none_of_us_is_told_so(house: House, people: People) -> None:
    house.fake.existing("lisi", "wmANNA0000000000001", house.now)
    account(house.app, "boss")
    for who, words in (
        ("lisi", "lisi 在这里没有账号"),
        ("wmANNA0000000000001", "不是本品牌的员工"),
    ):
        person = people.stranger()
        place = _chosen(_asked(person).headers["Location"], "lisi")
        if who != "lisi":
            place = re.sub("code=[^&]+", f"code={house.fake.opens_page(who)}", place)
        answer = person.http.get(place)
        assert (answer.status_code, words in answer.text) == (403, True)
        assert "Sign in" in answer.text
        assert person.ask("GET", "session").status_code == 401


def test_nobody_is_led_to_another_site(people: People) -> None:
    for after in ("https://evil.example/", "//evil.example", "/\\evil.example", "/a\r\nA: b", "a"):
        answer = _asked(people.stranger(), after)
        assert answer.status_code == 400
        assert "Location" not in answer.headers


def test_pages_of_ours_are_signed_and_no_others(house: House, people: People) -> None:
    account(house.app, "lisi")
    lisi = people.signed_in("lisi")
    for _ in range(3):
        answer = lisi.ask("POST", "pages/signed", {"url": f"{CONSOLE}/tasks?x=1#top"})
    settings = answer.json()["settings"]
    assert settings["config"]["appId"] == "ww0123456789abcdef"
    assert settings["agentConfig"]["agentid"] == 1000002
    assert len(settings["config"]["signature"]) == 40
    assert house.fake.requests["get_jsapi_ticket"] == 1
    assert house.fake.requests["ticket/get"] == 1

    for url in ("https://evil.example/", "http://siyu.example/", f"{CONSOLE}.evil.example/", "x:["):
        assert lisi.status("POST", "pages/signed", {"url": url}) == 400
    assert people.stranger().status("POST", "pages/signed", {"url": CONSOLE}) == 401
