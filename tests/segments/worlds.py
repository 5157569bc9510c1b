"""Random customers with their facts, and random texts that ask about them."""

from __future__ import annotations

import json
from datetime import UTC, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from hypothesis import strategies as st
from tests.segments.stocked import stocked

NOW = datetime(2026, 11, 20, 4, 0, tzinfo=UTC)
DAY = timedelta(days=1)
TICK = timedelta(microseconds=1)
CUSTOMERS = 5
ZONE = ZoneInfo("Asia/Shanghai")
LONDON = ZoneInfo("Europe/London")  # whose clocks were put back on 25 October
ZONES = [ZONE, LONDON]

# Times on both sides of every border that the leaves below draw: spans, and midnights.
DAYS = [NOW.date() - age * DAY for age in (-1, 0, 28, 29, 89)]
edges = [NOW - age for age in (0 * DAY, 30 * DAY, 90 * DAY)]
nights = [datetime.combine(day, time(0), zone).astimezone(UTC) for day in DAYS for zone in ZONES]
steps = (-TICK, 0 * TICK, TICK)
times = st.one_of(
    st.sampled_from([edge + step for edge in edges for step in steps]),
    st.sampled_from([night + step for night in nights for step in steps]),
)
known_one = st.integers(1, CUSTOMERS)
who = st.none() | known_one
shops, skus = st.sampled_from("ab"), st.sampled_from(["x", "y%", "z'"])
categories = st.sampled_from(["", "skin", "hair"])
currencies = st.sampled_from(["CNY", "JPY"])
amounts = st.sampled_from([0, 1, 100, 9_999, 10_000])
maybe, ways = st.none() | times, st.sampled_from(["", "card"])
KINDS = ["order.paid", "message.received"]
# Other segments that a text may name.
SEGMENTS: dict[str, object] = {
    "loyal": {"orders": {"at_least": 3}},
    "quiet": {"all": [{"segment": "loyal"}, {"not": {"touched": {"within": "7d"}}}]},
}
withins = st.none() | st.sampled_from(["30d", "90d"])


def rows(**columns: st.SearchStrategy[Any]) -> st.SearchStrategy[list[dict[str, Any]]]:
    return st.lists(st.fixed_dictionaries(dict(columns)), max_size=6)


def heard(draw: st.DrawFn) -> dict[str, list[dict[str, Any]]]:
    """Events, by identities that may be anybody's, or nobody's that is known."""
    of = rows(customer_id=known_one, kind=st.sampled_from(["phone", "buyer"]), created_at=times)
    identities, events = draw(of), draw(rows(kind=st.sampled_from(KINDS), occurred_at=times))
    for number, one in enumerate(identities, 1):
        one["id"] = number
    for number, one in enumerate(events, 1):
        said: dict[str, Any] = {"kind": one["kind"]}
        if one["kind"] == "order.paid":
            said["total_minor"] = draw(st.sampled_from([0, 99, 100]))
            said |= draw(st.sampled_from([{}, {"synthetic": True}, {"shop": "a"}]))
        one.update(id=number, data=json.dumps({"k": [], "s": {}, "d": said}))
    subjects = [
        {"event_id": one["id"], "identity_id": draw(st.integers(1, 6))}
        for one in events
        if draw(st.booleans())
    ]
    return {"identity": identities, "event": events, "event_subject": subjects}


@st.composite
def facts(draw: st.DrawFn) -> dict[str, list[dict[str, Any]]]:
    customers = [
        {
            "id": number,
            "stage": draw(st.integers(1, 5)),
            "synthetic": draw(st.booleans()),
            "merged_into": draw(st.sampled_from([None, None, None, 1])),
            "created_at": draw(times),
        }
        for number in range(1, CUSTOMERS + 1)
    ]
    paid = st.sampled_from(["paid", "paid", "paid", "cancelled", "refunded"])
    orders = draw(
        rows(
            customer_id=who,
            shop=shops,
            state=paid,
            paid_at=times,
            currency=currencies,
            total_minor=amounts,
            refunded_minor=st.sampled_from([0, 0, 1, 100]),
        )
    )
    for number, order in enumerate(orders, 1):
        order["id"] = number
    order_id = st.integers(1, 6)
    items = draw(
        rows(
            order_id=order_id,
            sku=skus,
            category=categories,
            quantity=st.integers(-1, 3),
            amount_minor=amounts,
        )
    )
    changed = {"channel": st.just("sms"), "purpose": st.sampled_from(["service", "promotion"])}
    return {
        "customer": customers,
        "orders": orders,
        "order_item": items,
        "refund": draw(
            rows(
                order_id=st.none() | order_id,
                customer_id=who,
                shop=shops,
                sku=st.just("") | skus,
                quantity=st.integers(1, 2),
                amount_minor=amounts,
                currency=currencies,
                refunded_at=times,
                whole=st.sampled_from([False, False, True]),
            )
        ),
        "friendship": draw(
            rows(
                customer_id=known_one,
                staff=shops,
                way=ways,
                state=st.sampled_from(["live", "deleted_by_customer", "deleted_by_staff"]),
                first_added_at=maybe,
                added_at=maybe,
                deleted_at=maybe,
            )
        ),
        "tag": draw(
            rows(
                customer_id=known_one,
                name=skus,
                source=shops,
                tagged_at=times,
                confidence=st.sampled_from([100, 100, 80, 79]),
                until=st.none() | times | times.map(lambda at: at + 30 * DAY),
            )
        ),
        "group_member": draw(
            rows(
                customer_id=known_one,
                chat=shops,
                way=ways,
                purpose=st.sampled_from(["", "mums", "deals"]),
                joined_at=maybe,
                left_at=maybe,
            )
        ),
        "promise": draw(
            rows(
                customer_id=known_one,
                offer=skus,
                kind=st.sampled_from(["gift", "coupon"]),
                state=st.sampled_from(["promised", "claimable", "lapsed"]),
                promised_at=times,
            )
        ),
        "touch": draw(
            rows(
                customer_id=known_one,
                journey=shops,
                step=skus,
                channel=shops,
                purpose=ways,
                state=st.sampled_from(
                    ["sent", "delivered", "read", "replied", "failed", "withheld"]
                ),
                sent_at=maybe,
                finished_at=maybe,
                outcome=ways,
                intent=st.sampled_from(["", "A", "B", "F"]),
            )
        ),
        "customer_date": draw(
            rows(
                customer_id=known_one,
                name=st.sampled_from(["birthday", "wedding"]),
                calendar=st.sampled_from(["solar", "lunar"]),
                month=st.sampled_from([2, 10, 11, 12]),
                day=st.sampled_from([1, 11, 20, 26, 27, 29]),
            )
        ),
        **stocked(draw, known_one, shops, maybe),
        **heard(draw),
        "consent": draw(
            rows(
                customer_id=known_one,
                state=st.sampled_from(["given", "withdrawn"]),
                changed_at=times,
                **changed,
            )
        ),
        "brand": [{"currency": draw(currencies), "time_zone": str(draw(st.sampled_from(ZONES)))}],
    }


def some(**fields: st.SearchStrategy[Any]) -> st.SearchStrategy[dict[str, Any]]:
    """Fields of a form; those that drew None are left out."""
    drawn = st.fixed_dictionaries(dict(fields))
    return drawn.map(lambda said: {name: v for name, v in said.items() if v is not None})


stages = st.sampled_from(["A1", "A2", "A4", "A5"])


def either(*choices: Any) -> st.SearchStrategy[Any]:
    """One of these, or nothing."""
    return st.sampled_from([None, None, *choices])


def window() -> dict[str, st.SearchStrategy[Any]]:
    return {"within": either("30d", "90d"), "older_than": either("1d", "29d")}


whole = {"whole_days": either(True)}


def said(key: str, **fields: st.SearchStrategy[Any]) -> st.SearchStrategy[dict[str, Any]]:
    return some(**fields).map(lambda form: {key: form})


bought = {
    "sku": st.none() | skus,
    "category": either("skin", "hair"),
    "shop": st.none() | shops,
    "state": either("cancelled", "refunded"),
    "currency": either("JPY"),
    **window(),
    **whole,
}
touched = {
    "state": either("delivered", "replied", "failed", "withheld"),
    "channel": either("a"),
    "outcome": either("card"),
    **window(),
}
befriended = {
    "staff": either("a"),
    "state": either("deleted", "deleted_by_staff", "ever"),
    **window(),
}
event = {"kind": st.sampled_from(KINDS), **window()}
often = {
    "at_least": either(1, 2),
    "at_most": either(2, 3),
}
recency = {"first_within": either("30d", "90d"), "last_older_than": either("30d", "90d")}
spent = st.sampled_from(["0", "0.01", "1.00", "99.99"])
step = st.one_of(
    said("orders", **bought),
    said("touched", **touched),
    said("friend", **befriended),
    said("event", **event),
    said("complaint", state=either("settled"), **window()),
)
leaves = st.one_of(
    st.fixed_dictionaries({"everybody": st.booleans()}),
    st.fixed_dictionaries({"synthetic": st.booleans()}),
    st.fixed_dictionaries({"stage": some(at_least=stages)}),
    st.fixed_dictionaries({"stage": some(at_most=stages)}),
    st.fixed_dictionaries({"share": st.sampled_from(["20", "50", "100"])}),
    said("known", within=st.just("90d"), older_than=either("30d")),
    said("identity", kind=st.sampled_from(["phone", ["phone", "buyer"]]), **window()),
    said("orders", **often, **recency, **bought),
    said("spent", at_least=spent, currency=either("CNY", "JPY"), **window(), **whole),
    said("spent", at_most=st.sampled_from(["0", "100", 10000]), shop=st.none() | shops),
    said("spent", at_least=spent, **{**bought, "state": st.none()}),
    said("friend", yes=st.booleans(), way=either("card"), **befriended),
    said("group", chat=st.none() | shops, ever=st.booleans(), **window()),
    said("complaint", state=either("settled", "ever"), shop=either("a"), **window()),
    said("tag", name=skus, source=st.none() | shops, confidence_at_least=either("0.8"), **window()),
    said("tag", any_of=st.just(["x", "y%"])),
    said("consent", channel=st.just("sms"), purpose=st.sampled_from(["service", "promotion"]),
         state=either("withdrawn")),
    said("lapsed", at_least=either("1"), at_most=either("3"),
         cycles=either(["skin 30d"], ["hair 1d", "skin 30d"]),
         older_than=st.sampled_from(["1d", "29d"]), within=st.sampled_from(["30d", "90d"])),
    said("child_age", at_least=st.sampled_from([0, 1, 12]), at_most=either(12, 24),
         in_days=either(7, 28)),
    said("fits", size_tag=st.sampled_from(["x", "y", "z"]), left_over=either(False), few=either(1),
         store=either("own"), style=either("boot")),
    said("touched", **often, **recency, **touched),
    said(
        "offer",
        offer=st.none() | skus,
        kind=either(["coupon"]),
        state=either(["lapsed"]),
        **window(),
    ),
    said("date", name=st.just("birthday"), in_days=st.sampled_from([1, 7, 8, 40, 366])),
    said(
        "festival",
        name=st.sampled_from(["singles_day", "double_12"]),
        in_days=st.sampled_from([1, 22, 23, 356, 357]),
    ),
    said("event", **often, **event),
    said(
        "sequence",
        first=step,
        then=step,
        within=either("1d", "30d"),
        which=either("first", "last"),
    ),
    said(
        "sequence",
        first=step,
        not_then=step,
        within=either("1d", "30d"),
        which=either("first", "last"),
    ),
)  # fmt: skip
texts = st.recursive(
    leaves,
    lambda part: st.one_of(
        part.map(lambda inner: {"not": inner}),
        st.lists(part, min_size=1, max_size=3).map(lambda parts: {"all": parts}),
        st.lists(part, min_size=1, max_size=3).map(lambda parts: {"any": parts}),
    ),
    max_leaves=5,
)

# One text for each thing that a predicate distinguishes; asked of every world.
ASKED = """
everybody: true | everybody: false | synthetic: true | friend: true | friend: false
stage: {at_least: A2} | stage: {at_most: A4} | stage: {at_least: A2, at_most: A3}
orders: {} | orders: {at_least: 2} | orders: {within: 90d} | orders: {at_least: 2, within: 30d}
orders: {shop: b} | orders: {sku: x} | orders: {sku: y%} | orders: {category: skin}
orders: {sku: x, category: skin} | orders: {sku: x, within: 90d} | orders: {state: cancelled}
orders: {state: refunded, sku: x} | orders: {state: cancelled, category: hair, shop: a}
spent: {at_least: "0"} | spent: {at_least: "0.01"} | spent: {at_least: "99.99"}
spent: {at_least: "100"} | spent: {at_least: "1", currency: JPY}
spent: {at_least: "100", within: 30d}
spent: {at_least: 10000, currency: JPY} | spent: {at_least: "1", currency: CNY, shop: b}
spent: {at_least: "0.01", sku: x} | spent: {at_least: "1", category: skin}
spent: {at_least: "1", sku: y%, category: hair, currency: JPY} | spent: {at_most: "0", sku: x}
spent: {at_least: "1", within: 30d, whole_days: true} | orders: {within: 30d, whole_days: true}
orders: {within: 90d, older_than: 29d, whole_days: true, currency: CNY}
orders: {first_within: 90d, last_older_than: 30d, whole_days: true} | orders: {currency: JPY}
all: [{orders: {}}, {not: {orders: {}}}] | all: [{spent: {at_least: 1}}, {spent: {at_least: 1}}]
all: [{not: {orders: {}}}, {not: {orders: {}}}]
segment: loyal | not: {segment: quiet}
any: [{segment: loyal}, {all: [{segment: quiet}, {tag: x}]}]
tag: x | tag: "z'" | tag: {name: x, older_than: 30d} | tag: {name: y%, older_than: 90d}
child_age: {} | child_age: {at_least: 1, at_most: 12} | child_age: {at_most: 0}
child_age: {at_least: 1, at_most: 1, in_days: 28}
fits: y | fits: {size_tag: x, left_over: false} | fits: {size_tag: y, store: own, few: 1}
fits: {size_tag: z, style: boot, left_over: false, store: own}
consent: {channel: sms, purpose: service} | consent: {channel: sms, purpose: promotion}
consent: {channel: wecom, purpose: service}
consent: {channel: sms, purpose: service, state: withdrawn}
lapsed: {older_than: 29d, within: 90d}
lapsed: {cycles: [skin 30d], older_than: 1d, within: 30d}
lapsed: {cycles: [hair 1d, skin 30d], at_most: "3", older_than: 29d, within: 90d}
known: {within: 30d} | known: {older_than: 30d} | known: {within: 90d, older_than: 30d}
identity: phone | identity: [member, buyer] | identity: {kind: phone, older_than: 30d}
share: "12.5" | share: {percent: "50", of: x} | share: "100"
orders: {at_most: 1} | orders: {within: 90d, older_than: 30d} | orders: {first_within: 90d}
orders: {last_older_than: 30d} | orders: {last_older_than: 30d, first_within: 90d, at_most: 2}
orders: {category: skin, last_older_than: 30d} | spent: {at_most: "0"}
spent: {at_most: "100", at_least: "0.01"} | spent: {at_most: "99.99", within: 90d, older_than: 30d}
friend: {state: ever} | friend: {state: never} | friend: {state: never, staff: a}
friend: {state: deleted, within: 30d} | friend: {state: deleted_by_customer, way: card}
friend: {older_than: 30d, staff: b} | friend: {state: deleted_by_staff}
group: a | group: {ever: true} | group: {purpose: mums} | group: {chat: b, within: 30d, way: card}
complaint: open | complaint: settled | complaint: {state: ever, within: 90d}
complaint: {state: settled, older_than: 30d, shop: b} | not: {complaint: open}
sequence: {first: {complaint: settled}, then: {orders: {}}}
tag: {any_of: [x, "z'"], source: a} | tag: {prefix: y, within: 90d} | tag: {prefix: "%"}
tag: {name: x, confidence_at_least: "0.8"} | tag: {prefix: y, confidence_at_least: "1"}
touched: {} | touched: {at_least: 2, at_most: 2} | touched: {last_older_than: 30d, channel: a}
touched: {state: delivered, within: 30d} | touched: {state: replied, journey: a, step: x}
touched: {state: withheld, older_than: 30d} | touched: {state: failed, purpose: card}
touched: {intent: [A, B], outcome: card} | touched: {first_within: 30d}
offer: x | offer: {state: [claimable, promised], within: 90d} | offer: {}
date: {name: birthday, in_days: 1} | date: {name: birthday, in_days: 8}
date: {name: wedding, in_days: 366} | festival: double_12 | festival: {name: laba, in_days: 60}
festival: {name: mothers_day, in_days: 200} | festival: {name: double_12, in_days: 23}
event: message.received | event: {kind: order.paid, at_least: 2, within: 90d}
event: {kind: order.paid, where: total_minor, value_at_least: 100}
event: {kind: order.paid, where: total_minor, is: 99}
event: {kind: order.paid, where: shop, is: a}
event: {kind: order.paid, where: synthetic, is: false, older_than: 30d, at_most: 1}
sequence: {first: {orders: {category: skin}}, then: {orders: {}}, within: 60d}
sequence: {first: {orders: {}}, not_then: {orders: {}}, within: 30d, which: first}
sequence: {first: {touched: {state: delivered}}, then: {orders: {}}, which: last}
sequence: {first: {friend: {state: ever}}, not_then: {event: message.received}}
sequence: {first: {orders: {within: 90d}}, not_then: {touched: {}}, within: 30d}
"""


TEXTS = [text for line in ASKED.strip().splitlines() for text in line.split(" | ")]
