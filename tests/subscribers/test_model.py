"""Whom a webhook may be sent to: https, nobody's inner network, kinds that exist."""

from __future__ import annotations

import pytest

from siyu.db.pool import Pool
from siyu.kernel.errors import BadInput, NotFound
from siyu.subscribers import actions, views
from siyu.subscribers.model import Subscription, is_public

NONSENSE = (
    "", "erp.example", "ftp://erp.example/", "https://", "https:///x", "https://a b/", "https://[::1",
    "https://erp.example:99999/", "https://erp.example/\x00", "https://例.example/",
    "https://e/" + "x" * 500, "https://ana:secret@erp.example/", "https://erp.example/#x",
    "javascript:alert(1)", "//erp.example/",
)  # fmt: skip
INNER = (
    "127.0.0.1", "127.8.8.8", "10.1.2.3", "172.16.0.1", "192.168.1.1", "169.254.169.254", "0.0.0.1",
    "100.64.0.1", "224.0.0.1", "255.255.255.255", "[::1]", "[::]", "[fe80::1]", "[fc00::1]",
    "[::ffff:127.0.0.1]", "[::ffff:7f00:1]", "[64:ff9b::7f00:1]", "[2002:7f00:1::]", "[ff02::1]",
)  # fmt: skip


@pytest.mark.parametrize("url", NONSENSE)
@pytest.mark.parametrize("private", [True, False])
def test_what_is_no_address_is_refused(url: str, private: bool) -> None:
    with pytest.raises(ValueError, match="url"):
        Subscription(url, (), private)


@pytest.mark.parametrize("host", INNER)
def test_an_inner_address_is_refused_unless_it_is_allowed(host: str) -> None:
    with pytest.raises(ValueError, match="inner network"):
        Subscription(f"https://{host}/x", ())
    assert Subscription(f"http://{host}/x", (), private=True)
    assert not is_public(host.strip("[]"))


def test_plain_http_is_refused_unless_inner_networks_are_allowed() -> None:
    with pytest.raises(ValueError, match="https"):
        Subscription("http://erp.example/", ())


@pytest.mark.parametrize("address", ["93.184.215.14", "2606:2800:21f:cb07:6820:80da:af6b:8b2c"])
def test_addresses_of_the_world_are_public(address: str) -> None:
    assert is_public(address)


def test_a_kind_that_does_not_exist_is_refused_by_name() -> None:
    with pytest.raises(ValueError, match=r"order\.dreamt"):
        Subscription("https://erp.example/", ("order.paid", "order.dreamt"))


def test_a_refusal_is_bad_input_and_stores_nothing(db: Pool, clock) -> None:
    with db.transaction() as conn, pytest.raises(BadInput):
        actions.add(conn, "https://10.0.0.1/", (), "ana", clock.now(), private=False)
    with db.transaction() as conn:
        assert views.page(conn, 0, 10) == []


def test_whatever_is_done_is_audited_and_what_is_not_there_is_not_found(db: Pool, clock) -> None:
    with db.transaction() as conn:
        number = actions.add(
            conn, "https://erp.example/", ("order.paid",) * 2, "ana", clock.now(), private=False
        )
        assert views.get(conn, number).kinds == ["order.paid"]
        actions.resume(conn, number, "bo", clock.now())
        actions.remove(conn, number, "chen", clock.now())
    for act in (actions.resume, actions.remove):
        with pytest.raises(NotFound), db.transaction() as conn:
            act(conn, number, "ana", clock.now())
    with pytest.raises(NotFound), db.transaction() as conn:
        views.get(conn, number)

    assert db.fetch("select actor, action from audit order by id") == [
        ("ana", "subscriber.add"), ("bo", "subscriber.resume"), ("chen", "subscriber.remove"),
    ]  # fmt: skip
