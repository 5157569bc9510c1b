"""Rules that tag by what happens, and tags that wait for somebody to appear."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from siyu.api.tags import PAGE, shown
from siyu.app import App, catch_up
from siyu.cli.codes import coded
from siyu.cli.codes import listed as in_a_row
from siyu.cli.customers import the_one
from siyu.cli.journeys import text_of
from siyu.cli.screen import (
    By,
    Home,
    Json,
    answer,
    joined,
    local,
    many,
    me,
    moment,
    opened,
    say,
    spoken,
    table,
    tongue,
)
from siyu.kernel.sentence import Sentence, within
from siyu.tagging import actions, views
from siyu.tagging.model import Past, Retagged

app = typer.Typer(no_args_is_help=True)
rules = typer.Typer(no_args_is_help=True)
app.add_typer(rules, name="rules", help="Rules: list, set, show, hits, apply, drop.")
TAGGED = Sentence("Tagged.", "已打标签。")
UNWRITTEN = Sentence("Nothing was written.", "没有写入。")
Code = Annotated[str, typer.Argument(metavar="RULE", help="The rule's code.")]


@rules.command("list")
def listing(
    dropped: Annotated[
        bool, typer.Option("--dropped", help="Those that were dropped too.")
    ] = False,
    home: Home = None,
    json: Json = False,
) -> None:
    """Every rule, and how often it has hit whom."""
    with spoken(json=json), opened(home) as siyu:
        with siyu.db.transaction() as conn:
            found = views.rules(conn, dropped=dropped)

        def show(_: object) -> None:
            if not found:
                say(
                    Sentence(
                        "No rules yet; `siyu tag rules set FILE` keeps some.",
                        "还没有规则；`siyu tag rules set FILE` 可保存。",
                    )
                )
                return
            heads = ("rule", "version", "hits", "customers", "last", "set by", "set at", "dropped")
            cells = [
                (one.code, one.version, one.hits, one.people, one.last_at, one.set_by, one.set_at,
                 one.dropped_at)
                for one in found
            ]  # fmt: skip
            table("Rules", heads, cells, local(siyu))

        answer({"rules": [asdict(shown(one)) for one in found]}, json=json, show=show)


@rules.command("set")
def keep(
    file: Annotated[Path, typer.Argument(help="Rules (YAML), several apart by a line ---.")],
    by: By = "",
    home: Home = None,
    json: Json = False,
) -> None:
    """Keep the rules of a file, all or none. What happened before stays as it is; audited."""
    with spoken(json=json), opened(home) as siyu:
        with siyu.db.transaction() as conn:
            codes = actions.set_rules(conn, siyu.keys, text_of(file), me(by), siyu.clock.now())
        some, names = many(len(codes), "rule", "条规则"), in_a_row(codes)
        said = Sentence(f"{some} kept: {names}", f"已保存 {some.zh}：{names.zh}")
        answer({"codes": codes}, json=json, show=lambda _: say(said))


@rules.command("show")
def show_one(rule: Code, home: Home = None, json: Json = False) -> None:
    """The text of a rule, and what it has done."""
    with spoken(json=json), opened(home) as siyu:
        with siyu.db.transaction() as conn:
            one = views.rule(conn, rule)

        def show(_: object) -> None:
            say(one.text)
            hits = many(one.hits, "hit", "次")
            say(
                Sentence(
                    f"Version {one.version}, by {one.set_by}: {hits}.",
                    f"版本 {one.version}，{one.set_by} 设定：命中 {hits.zh}。",
                )
            )
            if one.dropped_at:
                say(Sentence("It is dropped.", "已停用。"))

        answer(asdict(shown(one)), json=json, show=show)


@rules.command("hits")
def log(
    rule: Annotated[str, typer.Argument(metavar="RULE", help="Of this rule only.")] = "",
    customer: Annotated[str, typer.Option(help="Of this customer only.")] = "",
    limit: Annotated[int, typer.Option(min=1, max=1000, help="At most so many.")] = 50,
    home: Home = None,
    json: Json = False,
) -> None:
    """Which rule tagged whom, when, and by which fact; the latest first."""
    with spoken(json=json), opened(home) as siyu:
        with siyu.db.transaction() as conn:
            who = the_one(siyu, conn, customer) if customer else None
            found = views.hits(conn, rule, who, limit)
        heads = ("at", "rule", "tag", "customer", "fact", "of")
        whose = [siyu.ids.encode("cus", one.customer_id) for one in found]
        cells = [
            (one.at, one.code, one.tag, who, coded("event", one.kind),
             f"{one.source}/{one.source_id}")
            for one, who in zip(found, whose, strict=True)
        ]  # fmt: skip
        rows = [
            {**one._asdict(), "customer_id": who} for one, who in zip(found, whose, strict=True)
        ]
        zone = local(siyu)
        answer({"hits": rows}, json=json, show=lambda _: table("Hits", heads, cells, zone))


@rules.command("apply")
def apply(
    rule: Annotated[
        list[str] | None, typer.Argument(metavar="[RULE]...", help="These rules; none: all.")
    ] = None,
    *,
    since: Annotated[str, typer.Option(help="From when on, with its offset.")],
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only count.")] = False,
    yes: Annotated[bool, typer.Option("--yes", help="Don't ask after the count.")] = False,
    by: By = "",
    home: Home = None,
    json: Json = False,
) -> None:
    """Apply rules to what happened since then: counted first, then asked; audited.

    What messages said can't be asked any more, but for words that were listened for when they came.
    """
    with spoken(json=json), opened(home) as siyu:
        past = Past(moment(since), tuple(rule or ()), limit=PAGE)
        found = _every(siyu, past)
        facts, hits = many(found.facts, "fact", "条事实"), many(found.hits, "hit", "次")
        people = many(found.people, "customer", "位客户")
        said = Sentence(
            f"{facts} since then; {hits} of {people}.",
            f"此后有 {facts.zh}；命中 {people.zh}，共 {hits.zh}。",
        )
        sure = not dry_run and found.hits > 0
        if sure and not yes and not json:
            say(said)
            sure = typer.confirm(within(tongue(), Sentence("Tag them?", "要打上标签吗？")))
        elif not yes:
            sure = False  # nobody can be asked
        if sure:
            with siyu.db.transaction() as conn:
                actions.noted(conn, past, me(by), siyu.clock.now())
            _every(siyu, past._replace(dry=False))
            catch_up(siyu)
        end = joined([said, TAGGED if sure else UNWRITTEN], " ", "")
        answer({**found._asdict(), "written": sure}, json=json, show=lambda _: say(end))


def _every(siyu: App, past: Past) -> Retagged:
    """All pages, each in a transaction of its own: what is done stays done."""
    facts, hits, everybody = 0, 0, set[int]()
    after: int | None = 0
    while after is not None:
        with siyu.db.transaction() as conn:
            page = past._replace(after=after)
            said, people, after = actions.again(conn, siyu.ids, page, siyu.clock.now())
        facts, hits = facts + said.facts, hits + said.hits
        everybody |= people
    return Retagged(facts, hits, len(everybody))


@rules.command("drop")
def drop(rule: Code, by: By = "", home: Home = None, json: Json = False) -> None:
    """A rule hits nothing any more; its tags and its log stay. Audited."""
    with spoken(json=json), opened(home) as siyu:
        with siyu.db.transaction() as conn:
            actions.drop(conn, rule, me(by), siyu.clock.now())
        said = Sentence(f"{rule} is dropped.", f"{rule} 已停用。")
        answer({"dropped": rule}, json=json, show=lambda _: say(said))


@app.command("waiting")
def waiting(
    tag: Annotated[str, typer.Argument(help="Of this tag, one by one.")] = "",
    limit: Annotated[int, typer.Option(min=1, max=1000, help="At most so many.")] = 50,
    home: Home = None,
    json: Json = False,
) -> None:
    """Tags that wait for people who are not here yet; of their keys only the kind is known."""
    with spoken(json=json), opened(home) as siyu:
        now = siyu.clock.now()
        with siyu.db.transaction() as conn:
            counts = [] if tag else views.counted(conn, now, limit)
            single = views.waiting(conn, tag, now, limit) if tag else []
        zone = local(siyu)

        def show(_: object) -> None:
            if tag:
                heads = ("key", "tag", "source", "since", "until")
                rows = [(_hidden(one.kind), *one[1:]) for one in single]
                table(Sentence(f"Waiting for {tag}", f"等待 {tag}"), heads, rows, zone)
                return
            heads = ("tag", "source", "people", "since", "until")
            table("Tags that wait", heads, [tuple(one) for one in counts], zone)

        found = [one._asdict() for one in (single if tag else counts)]
        answer({"waiting": found}, json=json, show=show)


def _hidden(kind: str) -> Sentence:
    return joined([coded("key", kind), "···"], " ")
