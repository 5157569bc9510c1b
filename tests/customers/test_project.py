"""What becomes known of customers as facts come in."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

import pytest

from siyu.customers import actions, views
from siyu.customers.actions import Tagging
from siyu.customers.model import GroupFigures, Profile, Stage
from siyu.db.pool import Pool
from siyu.events.model import Incoming
from siyu.kernel.sql import Row

Event = Callable[..., Incoming]
Tell = Callable[..., None]
PHONE, ACCOUNT = {"phone": "13800000001"}, {"external_userid": "wm1"}
NOON = datetime(2026, 12, 1, 4, 0, tzinfo=UTC)


def rows(db: Pool, query: str) -> list[Row]:
    with db.transaction() as conn:
        return conn.fetch(query)


def facts_at(event: Incoming) -> datetime:
    return datetime.fromisoformat(event.occurred_at)


def customers(db: Pool) -> list[Profile]:
    """Those who live, in the order of their ids."""
    with db.transaction() as conn:
        ids = conn.fetch("select id from customer where merged_into is null order by id")
        return [one for (id_,) in ids if (one := views.profile(conn, id_)) is not None]


def test_a_stage_rises_and_never_falls(db: Pool, event: Event, tell: Tell) -> None:
    tell(db, [event("consent.given", keys=PHONE)])
    assert customers(db)[0].stage is Stage.AWARE
    tell(db, [event("order.paid", at=2, keys=PHONE, order_no="1", total_minor=1)])
    tell(db, [event("message.received", at=3, keys=PHONE)])
    assert customers(db)[0].stage is Stage.ACT

    with db.transaction() as conn:
        actions.advance(conn, {customers(db)[0].id: Stage.APPEAL})
    assert customers(db)[0].stage is Stage.ACT


@pytest.mark.parametrize("late", [True, False])
def test_the_name_that_was_said_last_holds_whenever_it_comes(
    db: Pool, event: Event, tell: Tell, *, late: bool
) -> None:
    said = [
        event("order.paid", at=at, keys=PHONE, person={"name": name}, order_no=f"{at}",
              total_minor=1)
        for at, name in ((1, "王芳"), (2, "王小芳"))
    ]  # fmt: skip
    for one in reversed(said) if late else said:
        tell(db, [one])

    assert rows(db, "select name_source_id from customer") == [(said[1].id,)]
    with db.transaction() as conn:
        assert views.names(conn, [customers(db)[0].id]).keys() == {customers(db)[0].id}


def test_a_friend_who_left_is_no_friend_even_if_the_addition_is_heard_of_later(
    db: Pool, event: Event, tell: Tell
) -> None:
    tell(db, [event("friend.deleted_by_customer", at=2, keys=ACCOUNT)])
    tell(db, [event("friend.added", at=1, keys=ACCOUNT, way="search")])
    (one,) = customers(db)
    with db.transaction() as conn:
        assert views.friends(conn, [one.id]) == set()
    (friendship,) = one.friendships
    assert (friendship.state, friendship.way) == ("deleted_by_customer", "search")
    assert friendship.added_at is not None

    tell(db, [event("friend.added", at=3, keys=ACCOUNT)])
    (friendship,) = customers(db)[0].friendships
    assert (friendship.state, friendship.way) == ("live", "")
    assert friendship.first_added_at is not None
    assert friendship.added_at is not None
    assert friendship.first_added_at < friendship.added_at
    with db.transaction() as conn:
        assert views.friends(conn, [one.id]) == {one.id}


def test_a_customer_is_a_friend_as_long_as_one_friendship_lives(
    db: Pool, event: Event, tell: Tell
) -> None:
    tell(db, [
        event("friend.added", keys=ACCOUNT, staff="a"),
        event("friend.added", keys=ACCOUNT, staff="b"),
        event("friend.deleted_by_staff", at=1, keys=ACCOUNT, staff="a"),
    ])  # fmt: skip

    (one,) = customers(db)
    assert [friendship.state for friendship in one.friendships] == ["deleted_by_staff", "live"]
    with db.transaction() as conn:
        assert views.friends(conn, [one.id]) == {one.id}


def test_a_consent_is_what_was_said_last_over_all_identities(
    db: Pool, event: Event, tell: Tell
) -> None:
    tell(db, [event("consent.withdrawn", at=2, keys={"member": "m1"}, channels=["sms"])])
    tell(db, [event("consent.given", at=1, keys=PHONE, channels=["sms", "voice", "sms"])])
    tell(db, [event("customer.identified", keys=PHONE | {"member": "m1"})])

    (one,) = customers(db)
    with db.transaction() as conn:
        assert views.consents(conn, [one.id]) == {
            one.id: {
                ("sms", "promotion"): ("withdrawn", ""),
                ("voice", "promotion"): ("given", "consent"),
            }
        }


def test_withdrawing_without_purposes_means_all_of_them(db: Pool, event: Event, tell: Tell) -> None:
    said = event("consent.withdrawn", keys=PHONE, channels=["sms"],
                 purposes=["order_invitation", "promotion", "service"])  # fmt: skip
    tell(db, [said])

    assert {row.purpose for row in customers(db)[0].consents} == {
        "order_invitation",
        "promotion",
        "service",
    }


def test_a_tag_taken_away_does_not_come_back_with_an_older_fact(
    db: Pool, event: Event, tell: Tell
) -> None:
    tell(db, [event("tag.set", at=2, keys=PHONE, name="vip", on=False)])
    tell(db, [event("tag.set", at=1, keys=PHONE, name="vip")])
    assert customers(db)[0].tags == []

    tell(db, [event("tag.set", at=3, keys=PHONE, name="vip")])
    assert [tag.name for tag in customers(db)[0].tags] == ["vip"]


def test_whoever_takes_a_tag_away_means_the_person(db: Pool, event: Event, tell: Tell) -> None:
    tell(db, [event("tag.set", at=1, keys=PHONE, name="vip")])
    tell(db, [event("tag.set", at=2, keys={"member": "m1"}, name="vip", on=False)])
    assert len(customers(db)) == 2

    tell(db, [event("customer.identified", keys=PHONE | {"member": "m1"})])
    (one,) = customers(db)
    assert one.tags == []


def test_a_journey_tags_a_customer_on_their_first_identity(
    db: Pool, event: Event, tell: Tell
) -> None:
    tell(db, [event("customer.identified", keys=PHONE)])
    (one,) = customers(db)
    with db.transaction() as conn:
        actions.tag(conn, [Tagging(one.id, None, "asked", "cascade")] * 2, NOON)
        actions.tag(conn, [], NOON)

    assert [tuple(tag)[:3] for tag in customers(db)[0].tags] == [("asked", "cascade", NOON)]


def test_a_merge_keeps_the_higher_stage_and_moves_every_fact(
    db: Pool, event: Event, tell: Tell
) -> None:
    tell(db, [event("friend.added", keys=ACCOUNT)])
    tell(db, [
        event("order.paid", at=1, keys=PHONE, person={"name": "王芳"}, order_no="1", total_minor=1,
              synthetic=True),
        event("consent.given", at=1, keys=PHONE),
        event("tag.set", at=1, keys=PHONE, name="vip"),
    ])  # fmt: skip
    tell(db, [event("customer.identified", at=2, keys=PHONE | ACCOUNT)])

    (one,) = customers(db)
    assert (one.stage, one.synthetic, one.name_item is not None) == (Stage.ACT, True, True)
    assert (len(one.friendships), len(one.consents), len(one.tags)) == (1, 1, 1)
    with db.transaction() as conn:
        gone = conn.fetch("select id from customer where merged_into is not null")
        went = views.profile(conn, gone[0][0])
        assert views.profile(conn, 999) is None
    assert went is not None
    assert went.merged_into == one.id


def test_the_number_of_statements_does_not_depend_on_the_batch(
    new_db: Callable[[], Pool], event: Event, tell: Tell
) -> None:
    def history(size: int) -> list[Incoming]:
        return [
            one
            for n in range(size)
            for one in (
                event("friend.added", keys={"external_userid": f"wm{n}"}),
                event("consent.given", keys={"phone": f"1380000{n:04}"}),
                event("tag.set", keys={"phone": f"1380000{n:04}"}, name="a"),
                event("tag.set", keys={"phone": f"1380000{n:04}"}, name="b", on=False),
                event("message.received", at=2, keys={"external_userid": f"wm{n}"}),
            )
        ]

    def meetings(size: int) -> list[Incoming]:
        return [
            event("customer.identified", at=3,
                  keys={"external_userid": f"wm{n}", "phone": f"1380000{n:04}"})
            for n in range(size)
        ]  # fmt: skip

    counts: list[int] = []
    for size in (1, 40):
        db = new_db()
        with db.counting() as seen:
            tell(db, history(size))
            tell(db, meetings(size))
        counts.append(len(seen))

    assert counts[0] == counts[1]


@pytest.mark.parametrize("late", [True, False])
def test_who_is_in_a_group_is_told_by_what_happened_last_whenever_it_comes(
    db: Pool, event: Event, tell: Tell, *, late: bool
) -> None:
    facts = [
        event("group.joined", at=1, keys=ACCOUNT, chat="wr1", way="code"),
        event("group.left", at=2, keys=ACCOUNT, chat="wr1"),
        event("group.joined", at=2, keys=ACCOUNT, chat="wr1", way="link"),
        event("group.left", at=3, keys={"external_userid": "wm2"}, chat="wr1"),
        event("friend.added", at=4, keys=ACCOUNT, staff="g", carrier="wecom"),
        event("group.joined", at=5, keys=ACCOUNT, chat="wr2"),
    ]
    for one in reversed(facts) if late else facts:
        tell(db, [one])

    with db.transaction() as conn:
        assert views.chats(conn, "", 9) == ["wr1", "wr2"]
        assert views.chats(conn, "wr1", 9) == ["wr2"]
        found = views.groups(conn, ["wr1", "wr2", "wr3"], facts_at(facts[3]))
    assert found == {
        "wr1": GroupFigures(members=1, friends=1, joined=0, left=1),
        "wr2": GroupFigures(members=1, friends=1, joined=1, left=0),
        "wr3": GroupFigures(),
    }
    assert rows(db, "select way from group_member where joined_at is not null order by chat") == [
        ("link",), ("",),
    ]  # fmt: skip


def test_who_is_in_a_group_goes_with_a_merge(db: Pool, event: Event, tell: Tell) -> None:
    tell(db, [event("group.joined", keys=ACCOUNT, chat="wr1")])
    tell(db, [event("order.paid", at=2, keys=PHONE, order_no="1", total_minor=1)])
    tell(db, [event("customer.identified", at=3, keys=PHONE | ACCOUNT)])

    assert rows(db, "select customer_id from group_member") == rows(
        db, "select id from customer where merged_into is null"
    )
