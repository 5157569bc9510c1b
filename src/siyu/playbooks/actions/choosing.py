"""What a brand chooses beside the settings: checked against what there is, and kept."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

from msgspec.structs import replace

from siyu.analytics.views import connections
from siyu.budget import actions as budget
from siyu.budget import views as rules
from siyu.budget.actions import Change, money
from siyu.kernel.errors import BadInput, NotFound, Problem, Refused
from siyu.kernel.sentence import Sentence
from siyu.kernel.sql import Conn, Db, load
from siyu.offers import views as offers
from siyu.playbooks.check.start import (
    LATELY_DAYS,
    forbidden,
    from_shops,
    permits_of,
    unheard,
)
from siyu.playbooks.model import Playbook
from siyu.playbooks.model.start import Budget, Choices
from siyu.staff import views as staff

SQL = load("siyu.playbooks")


def narrowed(playbook: Playbook, choices: Choices) -> Playbook:
    """Its sources take people from the chosen shops alone."""
    if not choices.shops:
        return playbook
    said = playbook.manifest
    sources = [replace(one, shops=list(choices.shops)) for one in said.sources]
    return replace(playbook, manifest=replace(said, sources=sources))


def permitted(conn: Conn, playbook: Playbook, choices: Choices, by: str, now: datetime) -> None:
    """Refuse what can't be; what shops are to permit is set. Nothing is installed yet."""
    checked(conn, playbook, choices, now)
    if choices.policy:
        budget.change(conn, Change(shops=choices.policy), by, now)
    if not playbook.manifest.sources:
        return
    heard = from_shops(connections.shops(conn), playbook.manifest, choices.shops)
    permits = permits_of(playbook, heard, rules.policy(conn).shops, {}, ())
    for trouble in forbidden([one for one in permits if one.taken_from]):
        if trouble.stops:
            raise Refused(trouble.says)


def checked(conn: Conn, playbook: Playbook, choices: Choices, now: datetime) -> None:
    """Refuse what names something that there isn't. Changes nothing."""
    if wrong := list(_wrong(conn, playbook, choices, now)):
        raise BadInput(
            Sentence("It can't be started like this.", "不能这样启动。"),
            tuple(Problem(where, why) for where, why in wrong),
        )


def _wrong(
    conn: Conn, playbook: Playbook, choices: Choices, now: datetime
) -> Iterator[tuple[str, Sentence]]:
    shops = {one.code for one in connections.shops(conn)}
    guides = {one.code for one in staff.members(conn, "guide")}
    if choices.shops and not playbook.manifest.sources:
        yield "shops", Sentence("it does not take people from the orders of shops",
                                "这个打法不从店铺订单进人")  # fmt: skip
    for code in choices.shops:
        if code not in shops:
            known = ", ".join(sorted(shops)) or "–"
            yield f"shops.{code}", Sentence(f"there is no such shop; known are {known}",
                                            f"没有这个店铺；已有 {known}")  # fmt: skip
    for code in choices.staff:
        if code not in guides:
            known = ", ".join(sorted(guides)) or "–"
            yield f"staff.{code}", Sentence(f"is no guide who works here; known are {known}",
                                            f"不是在职导购；已有 {known}")  # fmt: skip
    params = {"since": now - timedelta(days=LATELY_DAYS)}
    kinds = [row[0] for row in conn.fetch(SQL.categories, params)]
    values = {name: one.said for name, one in playbook.values.items()}
    for name, why in unheard(playbook.manifest.settings, values, kinds).items():
        yield f"settings.{name}", why
    own = {one.code for one in playbook.manifest.offers}
    there = offers.offers(conn)
    for name, value in playbook.values.items():
        if playbook.manifest.settings[name].type == "offer" and value.said not in {*own, *there}:
            known = ", ".join(sorted({*own, *there})) or "–"
            yield (
                f"settings.{name}",
                Sentence(f"there is no offer {value.said!r}; known are {known}",
                         f"没有权益 {value.said!r}；已有 {known}"),
            )  # fmt: skip


def keep(conn: Conn, code: str, choices: Choices, by: str, now: datetime) -> None:
    """Who works for it, whose orders it takes, what it may cost."""
    said = {"code": code, "staff": [*choices.staff], "shops": [*choices.shops]}
    conn.execute(SQL.choose, said)
    if choices.budget is not None:
        money.set_cap(conn, code, *choices.budget, by, now)


def set_budget(db: Db, code: str, budget_: Budget, by: str, now: datetime) -> int:
    """What an installed playbook may cost from now on; how much that waited for it goes on at
    once, when budgets are free for others again. Audited."""
    with db.transaction() as conn:
        if not conn.fetch(SQL.lock, {"code": code}):
            raise NotFound(
                Sentence(f"No playbook {code!r} is installed.", f"没有安装打法 {code!r}。")
            )
        money.set_cap(conn, code, *budget_, by, now)
    with db.transaction() as conn:
        return money.go_on(conn, code, now)
