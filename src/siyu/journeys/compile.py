"""Who is next in waves, as one statement over everybody: a wave opens every few days, and what
depends on all who could come (who bought last, who spent most) can't be known of a few alone.
"""

from __future__ import annotations

from datetime import timedelta
from functools import lru_cache

from siyu.journeys.model.waves import BestFirst
from siyu.segments.compile import Compiled, shaped
from siyu.segments.compile.scope import Valued, mark
from siyu.segments.model import Expression, Tree
from siyu.segments.predicates.facts import ibis, table

REACHED = ("delivered", "read", "replied")  # states of a touch that came to somebody
# The people of waves: no table of facts, so that no lake has to write it.
MEMBER = {"journey_id": "int64", "customer_id": "int64", "chosen_at": "timestamp('UTC')"}


@lru_cache(64)
def compile_best(tree: Tree, best: BestFirst, again: timedelta | None) -> Compiled:
    """(customer, their last order, score) of the %(most)s best in the set, the best first, who
    have neither been in a wave of %(journey)s nor had a visit; with `again`, not for so long.
    Scores are `decide.waves.score`; of two alike the elder customer goes first."""
    return shaped(tree, lambda found, scope: _best(found, scope, best, again))


def _best(found: Expression, scope: Valued, best: BestFirst, again: timedelta | None) -> Expression:
    fresh = _fresh(found, scope, again)
    bought, phone, reached = _bought(), _phones(scope), _reached(scope)
    each = fresh.left_join(bought, fresh.id == bought.customer_id)
    each = each.select(fresh.id, bought.last, bought.order_id, bought.spent)
    each = each.left_join(phone, each.id == phone.customer_id)
    each = each.select("id", "last", "order_id", "spent", by_phone=phone.customer_id.notnull())
    each = each.left_join(reached, each.id == reached.customer_id)
    each = each.select(
        "id", "last", "order_id", "spent", "by_phone", got=reached.customer_id.notnull()
    )
    weights = [scope.number(share) for share in best.shares]
    reach = each.by_phone.ifelse(0.5, 0.0) + each.got.ifelse(0.5, 0.0)
    places = (
        _place(each.last.epoch_seconds().coalesce(0)),
        _place(each.spent.coalesce(0)),
        reach,
    )
    parts = [weight * place for weight, place in zip(weights, places, strict=True)]
    scored = each.select("id", "order_id", score=parts[0] + parts[1] + parts[2])
    first = ibis().row_number().over(order_by=[ibis().desc(scored.score), scored.id])
    placed = scored.mutate(place=first)
    best_of_them = placed.filter(placed.place < mark("most", "int64"))
    return best_of_them.order_by("place").select("id", "order_id", "score")


def _place(of: Expression) -> Expression:
    """0 for the least of all, 1 for the most; those alike have the same."""
    return ibis().percent_rank().over(order_by=of)


def _fresh(found: Expression, scope: Valued, again: timedelta | None) -> Expression:
    visit, member = table("visit"), ibis().table(MEMBER, name="wave_member")
    walked, waved = (
        visit.journey_id == mark("journey", "int64"),
        member.journey_id == mark("journey", "int64"),
    )
    if again is not None:
        walked &= visit.entered_at > scope.ago(again)
        waved &= member.chosen_at > scope.ago(again)
    for rows in (visit.filter(walked), member.filter(waved)):
        found = found.anti_join(rows, found.id == rows.customer_id)
    return found


def _bought() -> Expression:
    orders = table("orders")
    stood = orders.filter(orders.state == "paid", orders.customer_id.notnull())
    money = stood.currency == mark("currency", "string")
    return stood.group_by("customer_id").aggregate(
        last=stood.paid_at.max(),
        order_id=stood.id.argmax(stood.paid_at),
        spent=(stood.total_minor - stood.refunded_minor).sum(where=money),
    )


def _phones(scope: Valued) -> Expression:
    identity = table("identity")
    known = identity.kind == scope.text("phone")
    return identity.filter(known).select("customer_id").distinct()


def _reached(scope: Valued) -> Expression:
    touch = table("touch")
    came = touch.state.isin([scope.text(state) for state in REACHED])
    return touch.filter(came).select("customer_id").distinct()
