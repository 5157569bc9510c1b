"""The brand's own pages over HTTP: who opens one, by which advertisement, and who comes by it."""

from __future__ import annotations

import re
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest

from siyu.content import actions as content
from siyu.content.model import Material
from siyu.identities import actions as identities
from siyu.pages.render import token as letters

ENTRY = """
page: autumn
title: {zh: 秋季育儿礼包, en: An autumn gift}
words: {zh: "添加顾问 <b>领取</b>", en: Add us and get it.}
picture: https://img.example/a.png
picture_says: {zh: 礼包, en: The gift}
channel: new-orders/card
keep: [utm_source, utm_campaign, gdt_vid]
button: {zh: 添加顾问, en: Add an advisor}
"""
AD = "utm_source=douyin&utm_campaign=autumn-1&gdt_vid=wx08&name=Anna&phone=13800000001"
CARRIER = "https://work.weixin.example/ca/x"


def keep(story: Any, text: str) -> None:
    answer = story.ask("PUT", "/api/v1/pages", {"text": text, "by": "ana"})
    assert answer.status_code == 200, answer.text


def fields(html: str) -> dict[str, str]:
    """The hidden fields of the last form of a page."""
    return dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)">', html))


def leads(story: Any) -> None:
    """A connector with a page of its own, as WeCom's has one."""
    story.app.connections.landing = lambda state: f"{CARRIER}?customer_channel={state}"


def opened(story: Any) -> list[tuple[Any, ...]]:
    return story.facts(
        "select data::jsonb -> 'd', data::jsonb -> 'k' from event where kind = 'page.opened'"
    )


@pytest.fixture
def autumn(story: Any) -> Any:
    keep(story, ENTRY)
    leads(story)
    return story


def test_a_page_is_read_in_the_readers_language_and_loads_nothing_but_its_picture(autumn) -> None:
    zh, en, brand = (
        autumn.http.get("/p/autumn", headers=header)
        for header in (
            {"Accept-Language": "zh-CN"},
            {"Accept-Language": "en-GB,en;q=0.9,zh;q=0.1"},
            {"Accept-Language": ""},
        )
    )

    assert [one.status_code for one in (zh, en, brand)] == [200] * 3
    assert '<html lang="zh-CN">' in zh.text
    assert zh.text.split("<form")[0] == brand.text.split("<form")[0]
    assert "添加顾问 &lt;b&gt;领取&lt;/b&gt;" in zh.text
    assert ('<html lang="en">' in en.text, "Add an advisor" in en.text) == (True, True)
    policy = zh.headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "img-src 'self' data: https://img.example;" in policy
    assert "script" not in zh.text
    assert len(zh.content) < 30_000
    assert zh.headers["cache-control"] == "no-store"


def test_who_goes_on_and_adds_us_is_known_by_page_source_and_advertisement(autumn) -> None:
    page = autumn.http.get(f"/p/autumn?{AD}")
    sent = fields(page.text)
    assert sent.keys() == {"do", "form", "utm_source", "utm_campaign", "gdt_vid"}

    answer = autumn.http.post("/p/autumn", data=sent)
    assert answer.status_code == 303, answer.text
    place, _, state = answer.headers["location"].partition("?customer_channel=")
    assert (place, bool(re.fullmatch(r"p[0-9a-z]{10}", state))) == (CARRIER, True)
    autumn.add("wmANNA", link=f"x/{state}")
    autumn.tick()

    (who,) = autumn.customers("wmANNA", "external_userid")
    lines = autumn.read(f"/api/v1/customers/{who}/timeline?kinds=friend")["lines"]
    assert [one["note"] for one in lines if one["what"] == "by_page"] == [
        "autumn · utm_campaign autumn-1 · utm_source douyin"
    ]
    assert autumn.facts("select source, step, state_code from friend_match") == [
        ("new-orders", "card", state)
    ]
    (kept,) = autumn.facts("select ad from entry_state")[0]
    assert kept == {"utm_source": "douyin", "utm_campaign": "autumn-1", "gdt_vid": "wx08"}
    shown = autumn.read("/api/v1/pages/autumn")
    assert (shown["given"], shown["friends"], shown["url"]) == (1, 1, "https://s.example/p/autumn")


def test_each_who_goes_on_has_a_state_of_their_own(autumn) -> None:
    sent = fields(autumn.http.get("/p/autumn").text)
    places = {autumn.http.post("/p/autumn", data=sent).headers["location"] for _ in range(3)}

    assert len(places) == 3


def test_opening_is_a_fact_about_nobody_without_the_click_and_once_a_minute(autumn) -> None:
    for _ in range(2):
        autumn.http.get(f"/p/autumn?{AD}")
    autumn.http.head("/p/autumn")
    autumn.http.get("/p/autumn", headers={"Sec-Purpose": "prefetch"})
    autumn.http.get("/p/autumn", headers={"User-Agent": "Googlebot/2.1"})
    assert len(opened(autumn)) == 1
    autumn.go(minutes=1)
    autumn.http.get("/p/autumn", headers={"User-Agent": "another"})

    found = opened(autumn)

    assert len(found) == 2
    told, keys = found[0]
    assert told == {
        "type": "page.opened", "page": "autumn", "channel": "new-orders/card",
        "source": "new-orders", "origin": "douyin", "campaign": "autumn-1",
    }  # fmt: skip
    assert keys == []


def test_whom_a_token_names_is_told_of_and_merges_with_who_adds(autumn) -> None:
    autumn.pay(autumn.order(), "13800000001")
    autumn.tick()
    (buyer,) = autumn.customers("13800000001")
    made = autumn.ask("POST", "/api/v1/pages/autumn/link", {"customer": buyer})
    assert made.status_code == 200, made.text
    path = made.json()["url"].removeprefix("https://s.example")
    assert buyer.partition("_")[2] not in path

    page = autumn.http.get(path)
    answer = autumn.http.post(path, data=fields(page.text))
    autumn.add("wmANNA", link=f"x/{answer.headers['location'].rpartition('=')[2]}")
    autumn.tick()

    assert autumn.customers("wmANNA", "external_userid") == autumn.customers("13800000001")
    assert [len(keys) for _, keys in opened(autumn)] == [1]


def _tap(story: Any, path: str) -> str:
    """The state with which somebody goes on from a page."""
    answer = story.http.post(path, data=fields(story.http.get(path).text))
    return answer.headers["location"].rpartition("=")[2]


def test_a_link_that_is_passed_on_never_makes_one_of_several_people(autumn) -> None:
    autumn.pay(autumn.order(), "13800000001")
    autumn.tick()
    path = _link(autumn, "13800000001")
    states = [_tap(autumn, path) for _ in range(3)]
    assert len(set(states)) == 1
    for name, state in zip(("wmMEI", "wmLI", "wmWANG"), states, strict=True):
        autumn.add(name, link=f"x/{state}")
        autumn.tick()
    late = {_tap(autumn, path) for _ in range(2)}
    assert len(late | {*states}) == 3
    for name, state in zip(("wmZHAO", "wmSUN"), sorted(late), strict=True):
        autumn.add(name, link=f"x/{state}")
        autumn.tick()

    names = ("wmMEI", "wmLI", "wmWANG", "wmZHAO", "wmSUN")
    people = [autumn.customers(name, "external_userid") for name in names]
    assert people[0] == autumn.customers("13800000001")
    assert len({one for (one,) in people}) == 5
    assert autumn.facts("select distinct source, step from friend_match") == [
        ("new-orders", "card")
    ]
    shown = autumn.read("/api/v1/pages/autumn")
    assert (shown["given"], shown["friends"]) == (3, 5)


def test_who_taps_at_the_same_moment_gets_the_same_state(autumn) -> None:
    autumn.pay(autumn.order(), "13800000001")
    autumn.tick()
    path = _link(autumn, "13800000001")
    with ThreadPoolExecutor(6) as threads:
        states = set(threads.map(lambda _: _tap(autumn, path), range(6)))

    assert len(states) == 1


def _link(story: Any, phone: str) -> str:
    (who,) = story.customers(phone)
    made = story.ask("POST", "/api/v1/pages/autumn/link", {"customer": who})
    return made.json()["url"].removeprefix("https://s.example")


def test_after_a_split_no_link_opens_the_other_persons_page(autumn) -> None:
    text = Material(
        "invite-sms", "zh", "sms", "【{{ brand }}】今天上新 {{ shop }} 拒收请回复R",
        {"brand": "text", "shop": "link"}, links={"shop": "https://s.example/p/autumn"},
    )  # fmt: skip
    with autumn.app.db.transaction() as conn:
        content.install(conn, [text], "cascade")
    phones = ("13800000001", "13800000002")
    for phone in phones:
        autumn.pay(autumn.order(), phone)
        autumn.go(minutes=2)
    short = re.search(r"https://s\.example(/l/[0-9a-z]{13}) ", autumn.got(phones[1])[0].text)
    assert short is not None
    app, ids = autumn.app, autumn.app.ids
    one, two = (ids.decode("cus", autumn.customers(phone)[0]) for phone in phones)
    keys = [row[0] for row in autumn.facts(
        f"select id from identity where customer_id = {two} and kind not in ('order', 'state')"
    )]  # fmt: skip
    with app.db.transaction() as conn:
        identities.merge(conn, ids, one, two, "ann", "same", autumn.now)
    autumn.go(minutes=1)

    def click() -> str:
        return autumn.http.get(short.group(1)).headers["location"].removeprefix("https://s.example")

    merged = [click(), _link(autumn, phones[1])]
    assert [autumn.http.get(path).status_code for path in merged] == [200, 200]
    with app.db.transaction() as conn:
        identities.split(conn, ids, one, keys, "ann", "not the same", autumn.now)
    autumn.go(minutes=1)
    assert autumn.customers(phones[0]) != autumn.customers(phones[1])

    assert [autumn.http.get(path).status_code for path in merged] == [404, 404]
    assert autumn.http.get(click()).status_code == 200
    autumn.tick()
    said = autumn.facts(
        "select i.customer_id from event e join event_subject s on s.event_id = e.id"
        " join identity i on i.id = s.identity_id where e.kind = 'page.opened' order by e.id"
    )
    assert said[-1] == (ids.decode("cus", autumn.customers(phones[1])[0]),)


def test_a_token_is_for_one_kind_of_page_for_some_weeks_and_can_not_be_made_up(autumn) -> None:
    autumn.pay(autumn.order(), "13800000001")
    autumn.tick()
    (buyer,) = autumn.customers("13800000001")
    secret, ids = autumn.app.settings.derived(letters.PURPOSE), autumn.app.ids
    ((number,),) = autumn.facts("select id from identity where kind = 'phone'")
    good = letters.token(secret, ids, "entry", number, autumn.now)
    over = letters.token(secret, ids, "entry", number, autumn.now - timedelta(days=31))
    other = letters.token(secret, ids, "wallet", number, autumn.now)
    forged = good[:-1] + ("0" if good[-1] != "0" else "1")
    nobody = letters.token(secret, ids, "entry", 999_999, autumn.now)

    assert autumn.http.get(f"/p/autumn/{good}").status_code == 200
    for said in (over, other, forged, nobody, "x", buyer, "%00", good.upper()):
        answer = autumn.http.get(f"/p/autumn/{said}")
        assert (answer.status_code, "重新打开" in answer.text) == (404, True), said


def test_what_another_site_sends_or_an_old_form_says_does_nothing(autumn) -> None:
    sent = fields(autumn.http.get("/p/autumn").text)

    cross = autumn.http.post("/p/autumn", data=sent, headers={"Sec-Fetch-Site": "cross-site"})
    wrong = autumn.http.post("/p/autumn", data={**sent, "form": "0" * 44})
    none = autumn.http.post("/p/autumn", data={"do": "add"})
    long = autumn.http.post("/p/autumn", data={**sent, "x": "y" * 30_000})
    autumn.go(hours=13)
    old = autumn.http.post("/p/autumn", data=sent)

    assert [one.status_code for one in (cross, wrong, none, long, old)] == [403, 400, 400, 400, 400]
    assert autumn.facts("select count(*) from entry_state") == [(0,)]


def test_one_address_can_not_ask_for_states_without_end(autumn) -> None:
    sent = fields(autumn.http.get("/p/autumn").text)
    answers = [autumn.http.post("/p/autumn", data=sent).status_code for _ in range(130)]

    assert set(answers) == {303, 429}
    assert answers.count(303) <= 120  # sixty a minute, should one have begun between


def test_where_no_carrier_has_a_page_people_are_asked_to_come_again(story) -> None:
    keep(story, ENTRY)
    answer = story.http.post("/p/autumn", data=fields(story.http.get("/p/autumn").text))

    assert (answer.status_code, "请过一会儿再试" in answer.text) == (503, True)


def test_a_page_has_versions_and_can_be_retired_and_set_again(autumn) -> None:
    again = autumn.ask("PUT", "/api/v1/pages", {"text": ENTRY, "by": "ana"}).json()
    newer = autumn.ask(
        "PUT", "/api/v1/pages", {"text": ENTRY.replace("gift", "present"), "by": "ana"}
    ).json()
    assert [(one["version"], one["new"]) for one in (again, newer)] == [(1, False), (2, True)]
    assert newer["title"] == autumn.read("/api/v1/pages/autumn")["title"] != {}
    assert "present" in autumn.http.get("/p/autumn", headers={"Accept-Language": "en"}).text

    said = autumn.ask("POST", "/api/v1/pages/autumn/retire", {"by": "ana"})
    assert said.json() == {"code": "autumn"}
    gone = autumn.http.get("/p/autumn")
    assert (gone.status_code, "已下线" in gone.text) == (404, True)
    assert autumn.read("/api/v1/pages")["pages"] == []
    assert [one["code"] for one in autumn.read("/api/v1/pages?retired=true")["pages"]] == ["autumn"]
    assert autumn.ask("POST", "/api/v1/pages/autumn/retire", {"by": "ana"}).status_code == 404

    keep(autumn, ENTRY)
    assert autumn.read("/api/v1/pages/autumn")["version"] == 3
    assert autumn.http.get("/p/autumn").status_code == 200
    audited = {row[0] for row in autumn.facts("select action from audit where object = 'autumn'")}
    assert audited == {"page.set", "page.retire"}


def test_a_wrong_page_is_refused_with_its_line_and_nothing_is_kept(story) -> None:
    wrong = ENTRY.replace("new-orders/card", "nowhere/x")
    said = story.ask("PUT", "/api/v1/pages", {"text": wrong, "by": "ana"})
    assert said.status_code == 400
    (problem,) = said.json()["problems"]
    assert problem["where"] == "channel"
    assert "new-orders/card" in problem["why"]
    said = story.ask("PUT", "/api/v1/pages", {"text": ENTRY + "x: 1\n", "by": "ana"})
    assert said.json()["problems"][0]["line"] == 10
    assert story.read("/api/v1/pages")["pages"] == []
    assert story.ask("GET", "/api/v1/pages/none").status_code == 404
    assert story.http.get("/p/none").status_code == 404
    assert story.http.get("/p/x%00y").status_code == 404
    assert story.http.get("/api/v1/pages").status_code == 401
    assert story.http.put("/api/v1/pages", json={"text": ENTRY}).status_code == 401


def test_a_short_link_to_a_page_of_ours_says_who_opens_it(autumn) -> None:
    text = Material(
        "invite-sms", "zh", "sms", "【{{ brand }}】今天上新 {{ shop }} 拒收请回复R",
        {"brand": "text", "shop": "link"},
        links={"shop": "https://s.example/p/autumn?utm_source=sms"},
    )  # fmt: skip
    with autumn.app.db.transaction() as conn:
        content.install(conn, [text], "cascade")
    autumn.pay(autumn.order(), "13800000001")
    autumn.go(minutes=2)
    (got, *_) = autumn.got("13800000001")
    short = re.search(r"https://s\.example(/l/[0-9a-z]{13}) ", got.text)
    assert short is not None

    place = autumn.http.get(short.group(1)).headers["location"]
    path = place.removeprefix("https://s.example")

    assert re.fullmatch(r"/p/autumn/[0-9a-z]{41}\?utm_source=sms", path)
    assert autumn.http.get(path).status_code == 200
    ((told, keys),) = opened(autumn)
    assert (told["origin"], len(keys)) == ("sms", 1)


def test_the_commands_do_the_same(autumn, tmp_path, monkeypatch) -> None:
    file = tmp_path / "page.yaml"
    file.write_text(ENTRY.replace("autumn\n", "winter\n", 1), "utf-8")
    autumn.pay(autumn.order(), "13800000001")
    autumn.tick()

    said = autumn.siyu("page", "set", file, "--by", "ana")
    assert "winter: version 1." in said.output
    listed = autumn.siyu("page", "list", "--json").output
    assert ('"winter"' in listed, '"autumn"' in listed) == (True, True)
    assert "0 went on from it" in autumn.siyu("page", "show", "winter").output
    linked = autumn.siyu("page", "link", "winter", "13800000001").output.strip()
    path = linked.removeprefix("https://s.example")
    assert autumn.http.get(path).status_code == 200, linked
    autumn.tick()
    monkeypatch.setenv("COLUMNS", "240")
    heads, rows = autumn.siyu("page", "list").output.split("winter", 1)
    assert re.search(r"opened\s+done\s+went on", heads)
    assert re.match(r"\s+entry\s+1\s+1\s+–?0?\s", rows), rows  # once opened, by the link
    assert "retired" in autumn.siyu("page", "retire", "winter", "--by", "ana").output
    assert autumn.siyu("page", "link", "winter", "13800000001").exit_code != 0
