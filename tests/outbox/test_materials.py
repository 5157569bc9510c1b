"""Which text goes out: the version in force, on its days, in the variant that was drawn once."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta
from typing import Any

import pytest

from siyu.content import actions as content
from siyu.content.model import About, Made, Material, State
from siyu.outbox.model import Result


def put(house: Any, *weights: int, state: State = "approved", about: About | None = None) -> None:
    """A text with so many variants of these weights."""
    texts = [
        Material(
            "spring", "zh", "sms", f"【{{{{ brand }}}}】{letter} {{{{ shop }}}}",
            {"brand": "text", "shop": "link"}, variant=letter, weight=weight,
            links={"shop": "https://shop.example"},
        )
        for letter, weight in zip("abc", weights, strict=False)
    ]  # fmt: skip
    with house.db.transaction() as conn:
        content.install(conn, texts, "own", {"spring": about or About()}, Made("ana", None, state))


def written(house: Any) -> list[tuple[str, int, float]]:
    sql = "select variant, material_version, probability from touch order by id"
    return [(row[0], row[1], round(row[2], 4)) for row in house.db.fetch(sql)]


def test_variants_are_shared_out_and_each_touch_names_its_own(house: Any) -> None:
    house.ctx = house.ctx._replace(short="https://s.example/")
    put(house, 3, 1)
    house.owed(40, material="spring")

    house.send()

    found = written(house)
    assert {(variant, chance) for variant, _, chance in found} == {("a", 0.75), ("b", 0.25)}
    sent = {message.token: message for message in house.sms.messages}
    assert Counter(one.template for one in sent.values()) == {
        "spring": sum(variant == "a" for variant, *_ in found),
        "spring.b": sum(variant == "b" for variant, *_ in found),
    }
    links = {message.text.rpartition(" ")[2] for message in sent.values()}
    assert len(links) == 40  # each touch has its own
    assert all(link.startswith("https://s.example/l/") for link in links)


def test_a_text_that_is_tried_again_stays_the_one_that_was_drawn(house: Any) -> None:
    put(house, 1, 1)
    house.owed(20, material="spring")
    taken, house.sms.answer = house.sms.answer, lambda m: Result(m.token, "retry", again=house.now)
    house.send()
    before = written(house)
    put(house, 0, 1)  # nobody would be given a any more
    house.sms.answer = taken

    house.send()

    assert {one[0] for one in before} == {"a", "b"}
    assert written(house) == [(variant, 2, chance) for variant, _, chance in before]


@pytest.mark.parametrize(
    ("state", "days", "reason"),
    [
        ("draft", (0, 0), "material_unreviewed"),
        ("approved", (1, 2), "material_early"),
        ("approved", (-2, -1), "material_expired"),
    ],
)
def test_what_may_not_go_is_withheld_with_its_reason(
    house: Any, state: State, days: tuple[int, int], reason: str
) -> None:
    first, last = (house.now.date() + timedelta(days=day) for day in days)
    put(house, 1, state=state, about=About(valid_from=first, valid_until=last))
    (touch,) = house.owed(material="spring")

    house.send()

    found = house.touch(touch)
    assert (found.state, found.reason, house.sms.messages) == ("withheld", reason, [])


def test_where_nobody_needs_to_approve_a_draft_goes(house: Any) -> None:
    house.ctx = house.ctx._replace(unreviewed=True)
    put(house, 1, state="draft")
    (touch,) = house.owed(material="spring")

    house.send()

    assert house.touch(touch).state == "sent"
    assert house.sms.messages[0].text.endswith(" https://shop.example")  # no short links set
