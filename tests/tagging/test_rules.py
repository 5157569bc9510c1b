"""Rules at work: whom they tag, by which fact, and that order does not matter."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests import build

from siyu.db.pool import Pool
from siyu.events.actions import accept
from siyu.events.model import Incoming
from siyu.events.sweep import apply
from siyu.kernel.errors import BadInput, NotFound
from siyu.kernel.ids import PublicIds
from siyu.kernel.words import Words, plain
from siyu.outbox.project import projection as outbox
from siyu.tagging import actions, project, views
from siyu.tagging.model import Past

Event = Callable[..., Incoming]
IDS = PublicIds(b"s" * 32)
PROJECTIONS = (*build.PROJECTIONS, outbox(IDS), project.PROJECTION)
PHONE, FRIEND = {"phone": "13800000001"}, {"external_userid": "wm1"}
LINE = {"quantity": 1, "unit_minor": 1, "amount_minor": 1}
RULES = """
rule: size-42
when: {product: {sku: [SHOE-42, BOOT-42]}}
unless: {product: {category: gifts}}
tag: size-42
confidence: 0.8
for: 365d
---
rule: winter
when: {product: {title: [羽绒, Down], category: coats}}
tag: winter
---
rule: from-card
when: [{source: {code: card-1}}, {source: {way: search}}]
tag: by-card
---
rule: likes
when: {click: {material: video-1}}
tag: likes-video
---
rule: keen
when: {answer: {intent: [A, B]}}
tag: keen
---
rule: dear
when: {keyword: [太贵, expensive]}
tag: price
"""


@pytest.fixture
def rules(db: Pool) -> Pool:
    with db.transaction() as conn:
        actions.set_rules(conn, build.KEYS, RULES, "li", build.NOW)
    return db


def tell(db: Pool, events: Sequence[Incoming]) -> None:
    with db.transaction() as conn:
        answers = accept(conn, build.KEYS, "CN", events, build.NOW)
    assert [one.status for one in answers] == ["accepted"] * len(events), answers
    while (done := apply(db, PROJECTIONS, build.NOW)).claimed:
        assert done.parked == 0


def tagged(db: Pool) -> list[tuple[Any, ...]]:
    with db.transaction() as conn:
        return conn.fetch(
            "select name, source, confidence, until, tagged_at from tag order by name"
        )


def bought(event: Event, at: float = 0, *lines: dict[str, Any], no: str = "1") -> Incoming:
    some = [{"sku": "x", **LINE, **line} for line in lines]
    return event("order.paid", at=at, keys=PHONE, order_no=no, total_minor=1, lines=some)


def test_a_purchase_tags_from_its_time_on_and_is_told(rules: Pool, event: Event) -> None:
    tell(rules, [bought(event, 1, {"sku": "SHOE-42"})])
    at = build.DAY + timedelta(days=1)
    assert tagged(rules) == [("size-42", "rule:size-42", 80, at + timedelta(days=365), at)]
    with rules.transaction() as conn:
        told = conn.fetch("select data from event where kind = 'tag.set'")
        (hit,) = views.hits(conn, "size-42")
        (one,) = [one for one in views.rules(conn) if one.code == "size-42"]
    assert '"confidence":0.8' in told[0][0]
    assert (hit.code, hit.tag, hit.kind) == ("size-42", "size-42", "order.paid")
    assert (one.hits, one.people, one.last_at) == (1, 1, at)


@pytest.mark.parametrize(
    ("lines", "names"),
    [
        ([{"sku": "SHOE-42"}, {"sku": "y", "category": "gifts"}], []),  # unless
        ([{"category": "coats", "title": "女士轻羽绒服"}], ["winter"]),
        ([{"category": "coats"}, {"title": "down"}], []),  # of one line both
        (
            [{"category": "coats", "title": "Ｄown Jacket"}, {"sku": "BOOT-42"}],
            ["size-42", "winter"],
        ),
    ],
)
def test_all_that_a_form_asks_is_said_by_one_line(
    rules: Pool, event: Event, lines: list[dict[str, Any]], names: list[str]
) -> None:
    tell(rules, [bought(event, 0, *lines)])
    assert [row[0] for row in tagged(rules)] == names


def test_the_way_of_an_add_tags_by_its_word_or_its_channel_code(rules: Pool, event: Event) -> None:
    tell(rules, [event("friend.added", keys=FRIEND | {"state": "card-2"}, way="scan")])
    assert tagged(rules) == []
    tell(rules, [event("friend.added", at=1, keys=FRIEND | {"state": "card-1"}, way="scan")])
    assert [row[0] for row in tagged(rules)] == ["by-card"]


def test_a_message_tags_by_its_words_which_alone_are_kept(rules: Pool, event: Event) -> None:
    said = event("message.received", keys=FRIEND, person={"text": "有点太贵了，Expensive！"},
                 words=["nobody said this"])  # fmt: skip
    tell(rules, [said])
    assert [row[0] for row in tagged(rules)] == ["price"]
    with rules.transaction() as conn:
        ((data,),) = conn.fetch("select data from event where kind = 'message.received'")
    assert '"words":["expensive","太贵"]' in data
    assert "nobody" not in data
    assert "有点" not in data

    with rules.transaction() as conn:
        actions.drop(conn, "dear", "li", build.NOW)
        assert conn.fetch("select word from heard_word") == []
        with pytest.raises(NotFound):
            actions.drop(conn, "dear", "li", build.NOW)


def test_clicks_and_calls_tag_whom_the_touch_was_for(rules: Pool, event: Event) -> None:
    tell(rules, [event("customer.identified", keys=PHONE)])
    with rules.transaction() as conn:
        conn.execute(
            "insert into touch (visit_id, customer_id, journey, step, node, round, channel, lane,"
            " purpose, priority, shop, order_no, material, locale, state, wished_at, due_at)"
            " select n, c.id, 'j', 's', 'n', n, 'sms', 'now', 'service', 1, '', '', 'video-1',"
            " 'zh', 'sent', %(now)s, %(now)s from customer c, generate_series(1, 2) n",
            {"now": build.NOW},
        )
        one, two = (row[0] for row in conn.fetch("select id from touch order by id"))
    tell(rules, [
        event("link.clicked", touch=IDS.encode("tch", one)),
        event("call.finished", touch=IDS.encode("tch", two), answered=True, intent="B"),
    ])  # fmt: skip
    assert [row[0] for row in tagged(rules)] == ["keen", "likes-video"]


def test_a_rule_changed_leaves_the_past_alone_until_it_is_asked(db: Pool, event: Event) -> None:
    tell(db, [bought(event, day, {"sku": "SHOE-42"}, no=str(day)) for day in range(1, 4)])
    with db.transaction() as conn:
        actions.set_rules(conn, build.KEYS, RULES, "li", build.NOW)
    tell(db, [event("customer.identified", keys=PHONE)])
    assert tagged(db) == []

    since = build.DAY + timedelta(days=2)
    for dry, names in ((True, []), (False, ["size-42"]), (False, ["size-42"])):
        with db.transaction() as conn:
            said, people, upto = actions.again(
                conn, IDS, Past(since, ("size-42",), dry=dry), build.NOW
            )
        assert (said.facts, said.hits, len(people), upto) == (2, 2, 1, None)
        assert [row[0] for row in tagged(db)] == names
    with db.transaction() as conn:
        assert len(views.hits(conn)) == 2


def test_nothing_of_a_file_is_kept_where_any_of_it_is_wrong(db: Pool) -> None:
    with db.transaction() as conn:
        with pytest.raises(BadInput):
            actions.set_rules(conn, build.KEYS, RULES + "---\nrule: z\ntag: z\n", "li", build.NOW)
        assert views.rules(conn) == []


WRITTEN = """tag_rule tag_hit tag tag_cleared event event_key event_pending event_subject
identity customer orders"""
SKUS = ("SHOE-42", "BOOT-42", "x")


@settings(max_examples=8)
@given(data=st.data())
def test_facts_in_any_order_and_any_batches_end_the_same(db: Pool, data: st.DataObject) -> None:
    event = build.facts()
    coat = {"category": "coats", "title": "羽绒"}
    said = [
        bought(event, day, {"sku": SKUS[day % 3], **coat}, no=str(day)) for day in range(4)
    ] + [
        event("tag.set", at=2.5, keys=PHONE, name="winter", on=False),
        event("friend.added", at=1, keys=FRIEND | PHONE, way="search"),
        event("message.received", at=3, keys=FRIEND, person={"text": "太贵"}),
    ]  # fmt: skip
    ends: list[Any] = []
    for shuffled in (said, data.draw(st.permutations(said))):
        with db.transaction() as conn:
            for name in WRITTEN.split():
                conn.execute(f"delete from {name}")
            actions.set_rules(conn, build.KEYS, RULES, "li", build.NOW)
        cut = data.draw(st.integers(1, len(said)))
        tell(db, shuffled[:cut])
        if shuffled[cut:]:
            tell(db, shuffled[cut:])
        with db.transaction() as conn:
            ends.append((
                tagged(db),
                conn.fetch("select h.code, e.source_id from tag_hit h join event e on"
                           " e.id = h.event_id order by 1, 2"),
            ))  # fmt: skip
    assert ends[0] == ends[1]
    assert len(ends[0][1]) >= 5


@given(st.lists(st.text("aB码x", max_size=4), max_size=8), st.text("aAbBＡ码x", max_size=12))
def test_words_are_found_as_if_each_was_looked_for(words: list[str], text: str) -> None:
    assert Words(words).found(text) == sorted(
        {word for word in words if plain(word) and plain(word) in plain(text)}
    )
