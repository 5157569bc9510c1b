"""One token for all, blocks waited out, and nothing secret in anything that is written."""

from __future__ import annotations

import logging
import subprocess
import sys
import traceback
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta

import pytest
from tests.connectors.wecom.bench import CORP, SECRET

from siyu.connectors.wecom.client import Failed, NotSent, Unclear

AGENT = "agent/get"
STAFF = "externalcontact/get_follow_user_list"
# A process of its own on the same database: at each word it calls from four threads at once.
PROCESS = """
import sys
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime

from siyu.connections.actions import Memory
from siyu.connectors.manifest import Tools
from siyu.connectors.wecom.client import Client
from siyu.connectors.wecom.config import Config
from siyu.db.pool import Pool
from siyu.vault.model import Keys

url, database, now, corp, secret, path = sys.argv[1:]

class Clock:
    def now(self):
        return datetime.fromisoformat(now)

    real = now

db, clock = Pool(database), Clock()
config = Config(base_url=url, corpid=corp, agent_id=1000002, secret=secret)
client = Client(config, Tools(clock, Memory(db, Keys(b"m" * 32, b"l" * 32), "wecom", clock)))
db.fetch("select 1")
with ThreadPoolExecutor(4) as pool:
    print("ready", flush=True)
    for _ in sys.stdin:
        print(len(list(pool.map(lambda _: client.get(path), range(8)))), flush=True)
"""


def test_one_token_serves_all_calls_of_all_processes(corp) -> None:
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda _: corp.client().get(STAFF), range(16)))

    assert [one["follow_user"] for one in answers] == [["zhangsan", "lisi"]] * 16
    assert corp.fake.requests == {"gettoken": 1, STAFF: 16}


def test_one_token_serves_two_processes_and_a_dead_one_is_fetched_once_for_both(corp, db) -> None:
    given = [corp.url, db.url, corp.clock.now().isoformat(), CORP, SECRET, STAFF]
    command, pipe = [sys.executable, "-c", PROCESS, *given], subprocess.PIPE
    both = [subprocess.Popen(command, text=True, stdin=pipe, stdout=pipe) for _ in range(2)]

    def said() -> list[str]:
        return [one.stdout.readline().strip() for one in both if one.stdout]

    def go() -> list[str]:
        for one in both:
            print(file=one.stdin, flush=True)
        return said()

    try:
        assert said() == ["ready", "ready"]
        assert go() == ["8", "8"]
        assert corp.fake.requests == {"gettoken": 1, STAFF: 16}
        corp.fake.invalidate()
        assert go() == ["8", "8"]
        assert corp.fake.requests["gettoken"] == 2
    finally:
        for one in both:
            one.kill()
            one.communicate()


def test_a_token_is_fetched_anew_five_minutes_before_its_end(corp) -> None:
    client = corp.client()
    client.get(STAFF)
    corp.clock.advance(seconds=7200 - 301)
    client.get(STAFF)
    assert corp.fake.requests["gettoken"] == 1

    corp.clock.advance(seconds=2)
    client.get(STAFF)
    assert corp.fake.requests["gettoken"] == 2


@pytest.mark.parametrize("end", ["stale token", "invalidated"])
def test_a_token_that_ended_early_is_fetched_once_and_the_call_repeated_once(corp, end) -> None:
    client = corp.client()
    client.get(STAFF)
    if end == "invalidated":
        corp.fake.invalidate()
    else:
        corp.fake.faults.append("stale token")

    assert client.get(STAFF)["follow_user"]
    assert corp.fake.requests == {"gettoken": 2, STAFF: 3}


def test_a_token_that_ends_at_once_again_is_not_fetched_in_a_loop(corp) -> None:
    corp.fake.faults.extend(["stale token", "stale token"])

    with pytest.raises(Failed) as raised:
        corp.client().get(STAFF)

    assert raised.value.meaning == "stale"
    assert corp.fake.requests == {"gettoken": 2, STAFF: 2}


def test_a_wrong_secret_is_asked_once_and_never_in_a_loop(corp) -> None:
    wrong = corp.client(replace(corp.config, secret="not-it"))

    with pytest.raises(Failed) as raised:
        wrong.get(STAFF)

    assert (raised.value.code, raised.value.meaning) == (40001, "settings")
    assert raised.value.said.zh == "应用 Secret 不对（40001）"
    assert corp.fake.requests == {"gettoken": 1}


def test_without_a_token_nothing_has_left_and_a_busy_wecom_is_asked_for_it_again(corp) -> None:
    client, way = corp.client(), "externalcontact/add_contact_way"
    for fault in ("fail", "silent", "hang up after effect", "garbage after effect"):
        corp.fake.token_faults.append(fault)
        with pytest.raises(NotSent):
            client.do(way, {"type": 1, "scene": 2, "user": ["lisi"]})
    assert corp.fake.requests == {"gettoken": 4}

    corp.fake.token_faults.append("frequency")
    for _ in range(2):  # the second time nobody is asked
        with pytest.raises(Failed) as raised:
            client.get(STAFF)
        assert raised.value.meaning == "limited"
    assert corp.fake.requests == {"gettoken": 5}

    corp.clock.advance(seconds=90)
    corp.fake.token_faults.extend(["busy", "busy"])
    assert client.get(STAFF)["follow_user"]
    assert corp.fake.requests == {"gettoken": 8, STAFF: 1}


def test_a_busy_wecom_is_asked_three_times(corp) -> None:
    client = corp.client()
    corp.fake.faults.extend(["busy", "conflict"])  # -1 and 6000
    assert client.get(STAFF)["follow_user"]
    assert corp.fake.requests[STAFF] == 3

    corp.fake.faults.extend(["busy"] * 4)
    with pytest.raises(Failed) as raised:
        client.get(STAFF)
    assert raised.value.meaning == "busy"
    assert corp.fake.requests[STAFF] == 6


def test_a_block_is_waited_out_by_everybody_and_a_second_one_for_longer(corp) -> None:
    client = corp.client()
    corp.fake.faults.append("frequency")
    before = corp.clock.now()

    with pytest.raises(Failed) as raised:
        client.get(STAFF)
    with pytest.raises(Failed) as other:
        corp.client().get(STAFF)

    again = raised.value.again
    assert again is not None
    assert again == other.value.again
    assert timedelta(seconds=60) <= again - before <= timedelta(seconds=66)
    assert corp.fake.requests[STAFF] == 1  # the second one was not even asked
    assert client.get(AGENT, agentid="1000002")["agentid"] == 1000002  # others go on

    corp.clock.set(again)
    corp.fake.faults.append("frequency")
    with pytest.raises(Failed) as raised:
        client.get(STAFF)
    assert raised.value.again is not None
    assert timedelta(hours=1) <= raised.value.again - again <= timedelta(minutes=66)

    corp.clock.set(raised.value.again)
    assert client.get(STAFF)["follow_user"]
    corp.fake.faults.append("frequency")
    with pytest.raises(Failed) as raised:  # a good call has ended the row
        client.get(STAFF)
    assert raised.value.again is not None
    assert raised.value.again - corp.clock.now() <= timedelta(seconds=66)
    assert corp.fake.refused_while_blocked == 0


def test_a_question_is_repeated_after_a_broken_answer_and_a_deed_is_not(corp) -> None:
    client = corp.client()
    corp.fake.faults.extend(["fail", "garbage after effect"])
    assert client.get(STAFF)["follow_user"]

    for fault in ("fail", "fail after effect", "hang up after effect", "garbage after effect"):
        corp.fake.faults.append(fault)
        before = corp.fake.requests["externalcontact/add_contact_way"]
        with pytest.raises(Unclear):
            client.do("externalcontact/add_contact_way", {"type": 1, "scene": 2, "user": ["lisi"]})
        assert corp.fake.requests["externalcontact/add_contact_way"] == before + 1


def test_what_never_left_says_so(corp) -> None:
    client = corp.client(replace(corp.config, base_url="http://127.0.0.1:9"))

    with pytest.raises(NotSent):
        client.get(STAFF)


def test_pages_are_read_to_the_end(corp) -> None:
    for number in range(7):
        corp.fake.existing("lisi", f"wm{number}", corp.clock.now())

    body = {"userid_list": ["lisi"], "limit": 3}
    pages = list(corp.client().pages("externalcontact/batch/get_by_user", body))

    assert [len(one["external_contact_list"]) for one in pages] == [3, 3, 1]


def test_a_path_that_wecom_does_not_have_is_none_of_its_either(corp) -> None:
    with pytest.raises(Unclear, match="404"):
        corp.client().do("externalcontact/add_by_mobile", {"mobile": "13800000001"})


def test_a_call_that_the_app_may_not_make_says_what_to_change(corp) -> None:
    corp.fake.apps[corp.config.secret] = replace(corp.apps[0], permissions=frozenset())

    with pytest.raises(Failed) as raised:
        corp.client().get(STAFF)

    assert (raised.value.code, raised.value.meaning) == (48002, "settings")
    assert "可调用接口的应用" in raised.value.said.zh


@pytest.mark.parametrize(
    "fault", [None, "busy", "refuse", "fail", "frequency", "stale token", "silent"]
)
def test_neither_secret_nor_token_is_in_a_repr_a_log_or_an_exception(corp, fault, caplog) -> None:
    client = corp.client()
    corp.fake.faults.extend([fault] * 3 if fault else [])
    seen = [repr(client), repr(corp.config)]
    with caplog.at_level(logging.DEBUG):
        try:
            client.do(STAFF, {}) if fault == "silent" else client.get(STAFF)
        except Exception as error:  # noqa: BLE001 - its words are what is looked at
            seen += traceback.format_exception(error)
    ours = [one.getMessage() for one in caplog.records if not one.name.startswith("uvicorn")]

    told = "\n".join([*seen, *ours])
    assert "HTTP Request" in told
    assert corp.config.secret not in told
    assert "TOKEN" not in told
    assert "corpsecret" not in told.replace('"corpsecret": self', "")
