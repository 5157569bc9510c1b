"""History, merge and split over HTTP: previews move nothing, what is done is audited."""

from __future__ import annotations

from typing import Any

from siyu.staff.views import audited

PREFIX = "/api/v1/customers"


def _two(story: Any) -> tuple[str, str]:
    for phone in ("13800000001", "13800000002"):
        keys = {"phone": phone, "buyer": f"b/{phone}"}
        story.send([story.event("customer.identified", {}, keys)])
    story.tick()
    one, other = (story.customers(phone)[0] for phone in ("13800000001", "13800000002"))
    return one, other


def test_merge_history_and_split(story: Any) -> None:
    one, other = _two(story)
    assert story.read(f"{PREFIX}/{one}/merge?other={other}")["moves"][0]["customer"] == other
    assert story.customers("13800000002") == [other]

    said = story.ask("POST", f"{PREFIX}/{one}/merge", {"other": other, "by": "ann", "why": "w"})

    assert said.status_code == 200, said.text
    story.tick()
    assert story.customers("13800000002") == [one]
    history = story.read(f"{PREFIX}/{other}/history")
    assert history["customer"] == one
    assert [(change["what"], change["by"]) for change in history["changes"]] == [("merged", "ann")]
    off = [key["key"] for key in history["keys"] if key["was"] == other]
    asked = "&".join(f"keys={key}" for key in off)
    (move,) = story.read(f"{PREFIX}/{one}/split?{asked}")["moves"]
    assert (move["customer"], move["to"], sorted(move["keys"])) == (one, other, sorted(off))

    said = story.ask("POST", f"{PREFIX}/{one}/split", {"keys": off, "by": "ann", "why": "w"})

    assert said.status_code == 200, said.text
    story.tick()
    assert story.customers("13800000002") == [other]
    with story.app.db.transaction() as conn:
        assert [line.action for line in audited(conn)] == ["customer.split", "customer.merge"]


def test_an_event_that_names_both_is_shown_as_a_conflict(story: Any) -> None:
    one, _ = _two(story)
    keys = story.read(f"{PREFIX}/{one}/history")["keys"]
    off = [key["key"] for key in keys if key["kind"] == "buyer"]
    story.ask("POST", f"{PREFIX}/{one}/split", {"keys": off, "by": "ann", "why": ""})
    story.tick()

    history = story.read(f"{PREFIX}/{one}/history")

    (conflict,) = history["conflicts"]  # the event that had joined them
    (parted,) = history["changes"]
    assert (conflict["about"], conflict["others"]) == (one, [parted["to"]])


def test_what_cannot_be_is_refused_with_words(story: Any) -> None:
    one, _ = _two(story)
    keys = [key["key"] for key in story.read(f"{PREFIX}/{one}/history")["keys"]]

    for path, body, status in (
        ("split", {"keys": keys, "by": "a", "why": ""}, 409),
        ("split", {"keys": ["key_x"], "by": "a", "why": ""}, 404),
        ("merge", {"other": one, "by": "a", "why": ""}, 409),
        ("merge", {"other": "cus_x", "by": "a", "why": ""}, 404),
    ):
        said = story.ask("POST", f"{PREFIX}/{one}/{path}", body)
        assert (said.status_code, bool(said.json()["detail"])) == (status, True), said.text
    assert story.ask("GET", f"{PREFIX}/cus_x/history").status_code == 404
