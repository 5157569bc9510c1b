"""Accounts and sessions: who may come in, how often one may guess, when a session is over."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
from argon2 import Type
from tests.conftest import COSTLY

from siyu.db.pool import Pool
from siyu.kernel.errors import BadInput, NotFound, Refused, Throttled, Unknown
from siyu.staff import actions, views
from siyu.staff.actions import accounts, sessions
from siyu.staff.actions.sessions import Door, key_of
from siyu.staff.model import Brand, Member, Scope, Sees, Store

DOOR = Door(b"s" * 32, "10.0.0.7")
GOOD = "a long enough one"
STORES = [Store("w1", "One", "west"), Store("w2", "Two", "west"), Store("e1", "Three", "east")]
PEOPLE = [
    Member("ana", "Ana", "operator"),
    Member("li", "Li", "guide", "w1"),
    Member("bo", "Bo", "guide", "w1"),
    Member("gone", "Gone", "guide", "w1", active=False),
    Member("cy", "Cy", "guide", "w2"),
    Member("eve", "Eve", "guide", "e1"),
    Member("max", "Max", "operator", "w1"),
]


@pytest.fixture
def house(db: Pool, clock: Any) -> Pool:
    """Three stores in two regions; Ana and Li may sign in."""
    with db.transaction() as conn:
        actions.seed(conn, Brand("花间", "Asia/Shanghai", "CNY", "CN", "zh"), STORES, PEOPLE)
        for code in ("ana", "li"):
            accounts.add(conn, code, GOOD, "root", clock.now(), must_change=False)
    return db


def _in(house: Pool, clock: Any, code: str = "li", password: str = GOOD, door: Door = DOOR) -> str:
    return sessions.sign_in(house, door, code, password, clock.now(), clock.real())


def _who(house: Pool, clock: Any, token: str) -> str | None:
    with house.transaction() as conn:
        found = views.signed_in(conn, key_of(DOOR.secret, token), clock.real())
    return found.code if found else None


def _refused(house: Pool, clock: Any, times: int, **how: Any) -> None:
    for _ in range(times):
        with pytest.raises(Unknown):
            _in(house, clock, **{"password": "wrong", **how})


def test_the_right_password_begins_a_session_and_is_stored_nowhere(house: Pool, clock: Any) -> None:
    token = _in(house, clock)

    assert _who(house, clock, token) == "li"
    assert _who(house, clock, token + "x") is None
    with house.transaction() as conn:
        stored = repr(conn.fetch("select * from staff_session")) + repr(
            conn.fetch("select * from staff_account")
        )
    assert token not in stored
    assert GOOD not in stored
    assert "$argon2id$" in stored
    assert COSTLY.type is Type.ID  # as OWASP asks, and more
    assert (COSTLY.memory_cost, COSTLY.time_cost) >= (65_536, 3)


@pytest.mark.parametrize(("code", "password"), [("li", "wrong"), ("nobody", GOOD), ("bo", GOOD)])
def test_a_refusal_says_no_more_than_that_one_of_the_two_is_wrong(
    house: Pool, clock: Any, code: str, password: str
) -> None:
    with pytest.raises(Unknown) as refused:
        _in(house, clock, code, password)

    assert str(refused.value) == "The code or the password is wrong."


@pytest.mark.parametrize("code", ["li", "nobody"])
def test_after_five_wrong_passwords_one_waits_and_longer_each_time(
    house: Pool, clock: Any, code: str
) -> None:
    _refused(house, clock, 6, code=code)

    waited: list[int] = []
    for _ in range(3):
        with pytest.raises(Throttled) as locked:
            _in(house, clock, code)
        waited.append(locked.value.seconds)
        clock.advance(seconds=locked.value.seconds)
        _refused(house, clock, 1, code=code)

    assert waited == [4, 8, 16]


def test_the_right_password_is_taken_again_after_the_wait_and_begins_anew(
    house: Pool, clock: Any
) -> None:
    _refused(house, clock, 6)
    clock.advance(seconds=4)

    assert _in(house, clock)
    _refused(house, clock, 5)


def test_wrong_passwords_for_many_codes_lock_the_address_and_no_other_one(
    house: Pool, clock: Any
) -> None:
    with house.transaction() as conn:  # thirty, without the work of each
        conn.execute(
            "insert into sign_in_attempt values (%(key)s, 30, %(now)s, %(now)s)",
            {"key": key_of(DOOR.secret, f"address {DOOR.address}"), "now": clock.real()},
        )
    _refused(house, clock, 1, code="x1")

    with pytest.raises(Throttled):
        _in(house, clock)
    assert _in(house, clock, door=DOOR._replace(address="10.0.0.8"))


def test_many_tries_at_once_are_no_more_than_one_after_the_other(house: Pool, clock: Any) -> None:
    def guess(number: int) -> type[Exception] | None:
        try:
            _in(house, clock, password=f"wrong {number}")
        except (Unknown, Throttled) as error:
            return type(error)
        return None

    with ThreadPoolExecutor(8) as threads:
        said = list(threads.map(guess, range(16)))

    assert said.count(Unknown) == 6
    assert said.count(Throttled) == 10


def test_colleagues_who_sign_in_at_one_moment_do_not_lock_each_other_out(
    house: Pool, clock: Any
) -> None:
    with house.transaction() as conn:  # whose clock was read a moment later has counted first
        conn.execute(
            "insert into sign_in_attempt values (%(key)s, 1, %(later)s, %(later)s)",
            {
                "key": key_of(DOOR.secret, f"address {DOOR.address}"),
                "later": clock.real() + timedelta(milliseconds=20),
            },
        )

    assert _in(house, clock)


def test_a_day_later_wrong_passwords_are_forgotten(house: Pool, clock: Any) -> None:
    _refused(house, clock, 6)
    clock.advance(days=1, seconds=5)
    _refused(house, clock, 1, code="ana")

    with house.transaction() as conn:
        assert conn.fetch("select count(*) from sign_in_attempt") == [(2,)]
    assert _in(house, clock)


@pytest.mark.parametrize(("hours", "alive"), [(11.9, True), (12.1, False)])
def test_a_session_that_nobody_uses_is_over_after_half_a_day(
    house: Pool, clock: Any, hours: float, alive: bool
) -> None:
    token = _in(house, clock)
    clock.advance(hours=hours)

    assert (_who(house, clock, token) == "li") is alive


def test_a_session_is_over_after_two_weeks_however_it_is_used(house: Pool, clock: Any) -> None:
    token = _in(house, clock)
    for _ in range(13 * 4 + 3):
        clock.advance(hours=6)
        with house.transaction() as conn:
            sessions.seen(conn, DOOR.secret, token, clock.real())
    assert _who(house, clock, token) == "li"

    clock.advance(hours=6)

    assert _who(house, clock, token) is None


def _password(house: Pool, clock: Any) -> None:
    both = (GOOD, "another long one")
    sessions.change_password(house, DOOR.secret, "li", both, clock.now(), clock.real())


def _acts(act: Callable[..., None], *args: object, **more: object) -> Callable[[Pool, Any], None]:
    def do(house: Pool, clock: Any) -> None:
        with house.transaction() as conn:
            act(conn, *args, "root", clock.now(), **more)

    return do


@pytest.mark.parametrize(
    "change",
    [
        _password,
        _acts(accounts.set_password, "li", "another long one", must_change=True),
        _acts(accounts.set_active, "li", active=False),
        _acts(actions.set_member, Member("li", "Li", "guide", "w1", active=False)),
    ],
    ids=["own password", "new password", "account off", "member off"],
)
def test_what_takes_an_account_away_ends_its_sessions_for_good(
    house: Pool, clock: Any, change: Callable[[Pool, Any], None]
) -> None:
    mine, others = _in(house, clock), _in(house, clock, "ana")

    change(house, clock)
    with house.transaction() as conn:
        actions.set_member(conn, Member("li", "Li", "guide", "w1"), "root", clock.now())
        accounts.set_active(conn, "li", "root", clock.now(), active=True)

    assert _who(house, clock, mine) is None
    assert _who(house, clock, others) == "ana"


def test_the_session_that_changes_its_password_goes_on_as_a_new_one(
    house: Pool, clock: Any
) -> None:
    token = sessions.change_password(
        house, DOOR.secret, "li", (GOOD, "another long one"), clock.now(), clock.real()
    )

    assert _who(house, clock, token) == "li"
    assert _in(house, clock, password="another long one")


def test_the_old_password_can_not_be_guessed_at_a_screen_left_open(house: Pool, clock: Any) -> None:
    def change(old: str) -> None:
        both = (old, "another long one")
        sessions.change_password(house, DOOR.secret, "li", both, clock.now(), clock.real())

    for _ in range(6):
        with pytest.raises(BadInput, match="old password"):
            change("wrong")
    with pytest.raises(Throttled):
        change(GOOD)


@pytest.mark.parametrize("password", ["short", "aaaaaaaaaaaa", "max", "x" * 201, ""])
def test_a_password_that_is_easily_guessed_is_refused(
    house: Pool, clock: Any, password: str
) -> None:
    with pytest.raises(BadInput, match="can't be used"), house.transaction() as conn:
        accounts.add(conn, "max", password, "root", clock.now())


def test_made_up_passwords_differ_and_can_be_used() -> None:
    made = {accounts.made_up() for _ in range(50)}

    assert len(made) == 50
    assert all(len(one) == 14 for one in made)


def test_an_account_is_for_somebody_who_works_here_and_made_once(house: Pool, clock: Any) -> None:
    with pytest.raises(NotFound), house.transaction() as conn:
        accounts.add(conn, "stranger", GOOD, "root", clock.now())
    with pytest.raises(Refused), house.transaction() as conn:
        accounts.add(conn, "li", GOOD, "root", clock.now())
    with pytest.raises(NotFound), house.transaction() as conn:
        accounts.set_active(conn, "bo", "root", clock.now(), active=False)


ALL = Scope()


@pytest.mark.parametrize(
    ("code", "sees", "scope"),
    [
        ("ana", Sees(), ALL),
        ("li", Sees(), Scope(("li",))),
        ("max", Sees(), Scope(("bo", "gone", "li", "max"))),
        ("li", Sees("store"), Scope(("bo", "gone", "li", "max"))),
        ("li", Sees("store", "w2"), Scope(("cy", "li"))),
        ("li", Sees("region"), Scope(("bo", "cy", "gone", "li", "max"))),
        ("ana", Sees("region", "east"), Scope(("ana", "eve"))),
        ("ana", Sees("store"), Scope(("ana",))),
        ("li", Sees("head_office"), ALL),
    ],
)
def test_a_scope_is_who_works_at_the_place_and_oneself(
    house: Pool, clock: Any, code: str, sees: Sees, scope: Scope
) -> None:
    with house.transaction() as conn:
        if code == "max":
            accounts.add(conn, code, GOOD, "root", clock.now())
        accounts.set_scope(conn, code, sees, "root", clock.now())
        (found,) = views.accounts(conn, clock.real(), code)

        assert views.scope_of(conn, code, found.scope, found.place) == scope


@pytest.mark.parametrize("sees", [Sees("store", "x"), Sees("region", "w1"), Sees("own", "w1")])
def test_a_scope_of_a_place_that_is_not_there_is_refused(
    house: Pool, clock: Any, sees: Sees
) -> None:
    with pytest.raises(BadInput), house.transaction() as conn:
        accounts.set_scope(conn, "li", sees, "root", clock.now())


def test_all_that_is_done_to_accounts_is_audited(house: Pool, clock: Any) -> None:
    _in(house, clock)
    with house.transaction() as conn:
        accounts.set_scope(conn, "li", Sees("store"), "root", clock.now())
        accounts.set_password(conn, "li", "another long one", "root", clock.now(), must_change=True)
        accounts.set_active(conn, "li", "root", clock.now(), active=False)
        lines = [line[1:] for line in reversed(views.audited(conn, 5))]

    assert lines == [
        ("root", "account.add", "li", "by role and store"),
        ("li", "session.begin", "li", ""),
        ("root", "account.scope", "li", "store"),
        ("root", "account.password", "li", "one-time"),
        ("root", "account.off", "li", ""),
    ]


def test_sessions_that_are_over_are_forgotten(house: Pool, clock: Any) -> None:
    _in(house, clock)
    clock.set(clock.now() + timedelta(days=15))
    _in(house, clock)

    with house.transaction() as conn:
        assert conn.fetch("select count(*) from staff_session") == [(1,)]
