"""Rules that tag by what happens, what they did, and tags that wait for somebody to appear."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Body, Query
from pydantic import Field, StringConstraints

from siyu.analytics.views.masked import names
from siyu.api.auth import TheApp, TheCaller, needs
from siyu.api.journeys import Place, Verdict, places
from siyu.api.language import TheLanguage
from siyu.api.paging import Code, Customer, whose
from siyu.api.words import Moment, Who, Words
from siyu.tagging import actions, views
from siyu.tagging.check import check_all
from siyu.tagging.model import Past, Stored

router = APIRouter(prefix="/tags", tags=["customers"])
PAGE = 5_000
NONE: list[Place] = []


@dataclass(frozen=True)
class TagRule:
    """A rule, and what it has done: how often, to how many, when last."""

    code: str
    text: str
    version: int
    set_by: str
    set_at: datetime
    dropped_at: datetime | None
    hits: int
    people: int
    last_at: datetime | None


@dataclass(frozen=True)
class TagRules:
    rules: list[TagRule]


@dataclass(frozen=True)
class RuleText:
    """Rules as a text, several apart by a line `---`."""

    text: Annotated[str, StringConstraints(max_length=200_000, pattern=r"^[^\x00]*$")]
    by: Words = ""


@dataclass(frozen=True)
class TagHit:
    """A rule that tagged somebody. `at`: of the fact, of this `kind`, that `source` told."""

    rule: str
    customer: str
    name_masked: str
    tag: str
    at: datetime
    kind: str
    source: str


@dataclass(frozen=True)
class TagHits:
    hits: list[TagHit]


@dataclass(frozen=True)
class RulesSet:
    codes: list[str]


@dataclass(frozen=True)
class Dropped:
    code: str


@dataclass(frozen=True)
class ThePast:
    """What happened since then, by these rules (none: all); `after`: behind this fact. With `dry`
    nothing is written."""

    since: Moment
    codes: Annotated[list[Words], Field(max_length=1000)]
    after: Annotated[int, Field(ge=0, le=2**63 - 1)] = 0
    dry: bool = True
    by: Words = ""


@dataclass(frozen=True)
class Looked:
    """Of a page: facts looked at, hits, customers hit. `next`: where to go on; null: at the end."""

    facts: int
    hits: int
    people: int
    next: int | None


@dataclass(frozen=True)
class AwaitedTag:
    """How many people a tag waits for, from one source."""

    name: str
    source: str
    people: int
    since: datetime
    until: datetime


@dataclass(frozen=True)
class AwaitedTags:
    waiting: list[AwaitedTag]


def shown(one: Stored) -> TagRule:
    """As it is shown."""
    return TagRule(**one._asdict())


@router.get("/rules", **needs("segments.read"))
def rules(
    app: TheApp,
    *,
    dropped: Annotated[bool, Query(description="Those that were dropped, too.")] = False,
) -> TagRules:
    """The rules that stand, by code."""
    with app.db.transaction() as conn:
        return TagRules([shown(one) for one in views.rules(conn, dropped=dropped)])


@router.get("/hits", **needs("customers.read"))
def hits(
    app: TheApp,
    rule: Code = "",
    customer: Customer = "",
    limit: Annotated[int, Query(ge=1, le=200, description="So many at most.")] = 50,
) -> TagHits:
    """Whom rules have tagged, the latest first, by which kind of fact; names are masked."""
    with app.db.transaction() as conn:
        found = views.hits(conn, rule, whose(app, conn, customer), limit)
        called = names(conn, app.keys, (one.customer_id for one in found))
    return TagHits(
        [
            TagHit(
                one.code,
                app.ids.encode("cus", one.customer_id),
                called.get(one.customer_id, ""),
                one.tag,
                one.at,
                one.kind,
                one.source,
            )
            for one in found
        ]
    )


@router.get("/rules/{rule}", **needs("segments.read"))
def rule(app: TheApp, rule: Words) -> TagRule:
    """One rule with its text, dropped or not."""
    with app.db.transaction() as conn:
        return shown(views.rule(conn, rule))


@router.post("/rules/check", **needs("segments.read", once=False))
def check(text: Annotated[RuleText, Body()], locale: TheLanguage) -> Verdict:
    """What is wrong with a text of rules, line by line; nothing is stored."""
    found = check_all(text.text)
    return Verdict(places(found, locale) if isinstance(found, tuple) else NONE)


@router.put("/rules", **needs("segments.write"))
def keep(app: TheApp, caller: TheCaller, new: Annotated[RuleText, Body()]) -> RulesSet:
    """Keep these rules, all or none; what happened before stays as it is. Audited."""
    with app.db.transaction() as conn:
        by, now = caller.actor(new.by), app.clock.now()
        return RulesSet(actions.set_rules(conn, app.keys, new.text, by, now))


@router.post("/rules/apply", **needs("segments.write"))
def apply(app: TheApp, caller: TheCaller, asked: Annotated[ThePast, Body()]) -> Looked:
    """Apply rules to a page of the past, or only count what they would say (`dry`). Audited."""
    past = Past(asked.since, tuple(asked.codes), asked.after, PAGE, asked.dry)
    with app.db.transaction() as conn:
        now = app.clock.now()
        if not past.dry:
            actions.noted(conn, past, caller.actor(asked.by), now)
        said, people, upto = actions.again(conn, app.ids, past, now)
    app.wake()
    return Looked(said.facts, said.hits, len(people), upto)


@router.post("/rules/{rule}/drop", **needs("segments.write"))
def drop(app: TheApp, caller: TheCaller, rule: Words, who: Who) -> Dropped:
    """A rule hits nothing any more; its tags and its log stay. Audited."""
    with app.db.transaction() as conn:
        actions.drop(conn, rule, caller.actor(who.by), app.clock.now())
    return Dropped(rule)


@router.get("/waiting", **needs("segments.read"))
def waiting(app: TheApp) -> AwaitedTags:
    """Tags that wait for people who are not here yet, counted: nobody's key is shown."""
    with app.db.transaction() as conn:
        found = views.counted(conn, app.clock.now())
    return AwaitedTags([AwaitedTag(**one._asdict()) for one in found])
