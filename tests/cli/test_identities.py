"""`siyu customer merge`, `split` and `history`, on a small home of their own."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest

from siyu.app import catch_up, open_app
from siyu.budget import actions as budget
from siyu.db.embedded import Embedded
from siyu.events.actions import accept
from siyu.events.model import Incoming
from siyu.events.sweep import APPLIER
from siyu.settings import load
from siyu.staff.actions import seed
from siyu.staff.model import Brand

Run = Callable[..., Any]
PHONES = ("13800000001", "13800000002")
BORN = "13800000003"


@pytest.fixture(scope="module")
def home() -> Iterator[Path]:
    """A brand with two buyers, one of whom has an order, and somebody whose birthday is known."""
    found = Path(tempfile.mkdtemp(prefix="siyu-cli-", dir="/tmp"))
    settings = load({}, home=found)
    with Embedded(found, durable=False):
        with open_app(settings) as app:
            with app.db.transaction() as conn:
                seed(conn, Brand("b", "Asia/Shanghai", "CNY", "CN", "zh"))
                budget.set_defaults(conn)
                order = b'{"shop":"s","order_no":"1","currency":"CNY","total_minor":9}'
                one, other, born = ({"phone": phone} for phone in (*PHONES, BORN))
                day = b'{"name":"birthday","month":2,"day":29,"calendar":"lunar"}'
                heard = [
                    _event("1", "order.paid", order, one, app.clock.now().isoformat()),
                    _event("2", "customer.identified", b"{}", other, app.clock.now().isoformat()),
                    _event("3", "profile.dated", day, born, app.clock.now().isoformat()),
                ]
                answers = accept(conn, app.keys, "CN", heard, app.clock.now())
                assert {answer.status for answer in answers} == {"accepted"}
            assert catch_up(app)
        yield found
    shutil.rmtree(found, ignore_errors=True)


def _event(name: str, kind: str, data: bytes, keys: dict[str, str], at: str) -> Incoming:
    raw = msgspec.Raw(data)
    return Incoming(source="t", id=name, kind=kind, occurred_at=at, keys=keys, data=raw)


def test_merge_history_and_split(run: Run, home: Path) -> None:
    where = ("--home", home)
    ids = [run("find", phone, *where, "--json").json["customers"][0] for phone in PHONES]
    assert ids[0] != ids[1]

    said = run("customer", "merge", *PHONES, "--why", "one voice", "--by", "ann", "--yes", *where)

    assert said.code == 0, said.err
    assert "What moves" in said.out
    assert said.out.endswith("Done.\n")
    found = run("customer", "history", ids[1], *where, "--json").json
    assert found["customer"] == ids[0]
    (change,) = found["changes"]
    assert (change["what"], change["by"], change["why"]) == ("merged", "ann", "one voice")
    assert change["event"].startswith("customer.merged siyu/merge/")
    keys = {key["masked"]: key for key in found["keys"] if key["kind"] == "phone"}
    assert not any(phone in str(found) for phone in PHONES)
    (late,) = [key for key in keys.values() if key["was"] == ids[1]]
    shown = run("customer", "history", ids[0], *where).out
    assert late["key"] in shown
    assert ids[1] in run("explain", ids[0], *where).out

    split = ("customer", "split", ids[0], "--keys", late["key"], "--why", "two", "--yes")
    moved = run(*split, "--json", *where).json

    assert moved["applied"] is True
    assert [(one["customer"], one["to"]) for one in moved["moved"]] == [(ids[0], ids[1])]
    assert run("find", PHONES[1], *where, "--json").json["customers"] == [ids[1]]
    after = run("customer", "history", ids[1], *where, "--json").json
    told = [(one["what"], one["undone"]) for one in after["changes"]]
    assert told == [("merged", True), ("split", False)]


def test_nothing_is_done_before_somebody_says_yes(run: Run, home: Path) -> None:
    where = ("--home", home)

    asked = run("customer", "merge", *PHONES, *where)
    silent = run("customer", "merge", *PHONES, "--json", *where)

    assert (asked.code, silent.code) == (1, 1)
    assert silent.json["error"] == "refused"
    assert len({run("find", p, *where, "--json").json["customers"][0] for p in PHONES}) == 2


def test_what_is_wrong_is_said_in_words(run: Run, home: Path) -> None:
    where = ("--home", home)
    one = run("find", PHONES[0], *where, "--json").json["customers"][0]

    assert "no key of ours" in run("customer", "split", one, "--keys", "phone", *where).err
    assert "one customer already" in run("customer", "merge", one, one, "--yes", *where).err
    assert "Nobody" in run("customer", "history", "cus_0000000000000x", *where).err


def test_a_running_server_applies_what_was_told(run: Run, home: Path) -> None:
    """Whoever holds the applier's lock: the command only tells."""
    with open_app(load({}, home=home)) as app:
        lock = app.db.try_lock(APPLIER)
        assert lock is not None
        said = run("customer", "merge", *PHONES, "--yes", "--home", home)
        lock.release()

        assert "the running server applies it" in said.out
        with app.db.transaction() as conn:
            assert conn.fetch("select count(*) from event_pending") == [(1,)]
            conn.execute("delete from event_pending")


def test_a_customers_dates_are_shown(run: Run, home: Path) -> None:
    shown = run("explain", BORN, "--home", home)

    assert "dates: birthday 02-29 (lunar)" in shown.out.splitlines()


def test_a_consent_is_given_and_withdrawn(run: Run, home: Path) -> None:
    where = ("--home", home)
    word = ("--channel", "sms", "--purpose", "promotion", "--evidence", "form 17", "--by", "ana")

    given = run("customer", "consent", BORN, "given", *word, "--basis", "consent", *where)

    assert (given.code, given.out) == (0, "Done.\n"), given.err
    (found,) = run("explain", BORN, *where, "--json").json["consents"]
    assert (found["state"], found["basis"], found["evidence"]) == ("given", "consent", "form 17")

    gone = run("customer", "consent", BORN, "withdrawn", "--channel", "sms", *where, "--json").json

    assert gone["applied"] is True
    assert gone["key"].startswith("key_")
    consents = run("explain", BORN, *where, "--json").json["consents"]
    assert {one["state"] for one in consents} == {"withdrawn"}
    assert len(consents) == 3


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (["given", "--channel", "sms", "--purpose", "promotion"], 1, "basis"),
        (["withdrawn", "--channel", "sms", "--said-at", "yesterday"], 1, "ISO 8601"),
        (["withdrawn", "--channel", "fax"], 1, "wecom"),
        (["withdrawn"], 2, "--channel"),
    ],
)
def test_a_word_that_cannot_be_kept_is_refused(
    run: Run, home: Path, words: list[str], code: int, said: str
) -> None:
    found = run("customer", "consent", BORN, *words, "--home", home)

    assert (found.code, said in found.err) == (code, True), found.err
