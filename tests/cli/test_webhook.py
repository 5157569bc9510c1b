"""`siyu webhook`: who is told, with the secret at the start and the reason of every failure."""

from __future__ import annotations

from collections.abc import Callable

URL = "https://127.0.0.1:9/erp"


def test_a_subscriber_comes_is_tested_resumed_and_goes(run: Callable, played) -> None:
    home = ("--home", played.home)
    env = {"SIYU_SUBSCRIBERS_PRIVATE": "true", "SIYU_SUBSCRIBERS_DAYS": "5"}

    refused = run("webhook", "add", URL, *home, "--json")
    empty = run("webhook", "list", *home).out
    said = run("webhook", "add", URL, "--kind", "order.paid", *home, "--by", "ana", **env).out
    added = run("webhook", "add", f"{URL}/2", *home, "--json", **env).json
    listed = run("webhook", "list", *home, "--json").json["subscribers"]
    shown = run("webhook", "list", *home).out
    tested = run("webhook", "test", added["id"], *home, "--json", **env)
    resumed = run("webhook", "resume", added["id"], *home, "--json").json
    for one in listed:
        assert run("webhook", "remove", one["id"], *home).out.startswith(one["id"])

    assert (refused.code, "inner network" in refused.json["detail"]) == (1, True)
    assert "Nobody is told" in empty
    assert "order.paid" in said
    assert "secret" in said
    assert len(added["secret"]) == 64
    assert [one["kinds"] for one in listed] == [["order.paid"], []]
    assert "secret" not in listed[0]
    assert f"{URL}/2" in shown
    assert (tested.code, tested.json["status"]) == (1, None)
    assert "was not reached" in tested.json["error"]
    assert resumed == {"id": added["id"], "active": True}
    assert run("webhook", "list", *home, "--json").json == {"subscribers": []}


def test_what_is_no_subscriber_is_said_in_words(run: Callable, played) -> None:
    home = ("--home", played.home)

    assert "webhook list" in run("webhook", "test", "cus_1", *home).err
    assert (
        run("webhook", "remove", "sub_0000000000000", *home, "--json").json["error"] == "not_found"
    )
