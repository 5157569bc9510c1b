"""Materials: the shelf, taking files in, review, and what a customer would get."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from siyu.analytics.views import previews
from siyu.analytics.views.explain import budget_words
from siyu.app import App
from siyu.cli.codes import NONE, coded, listed
from siyu.cli.screen import (
    By,
    Home,
    Json,
    answer,
    joined,
    local,
    many,
    me,
    opened,
    placed,
    say,
    spoken,
    table,
)
from siyu.content import actions, views
from siyu.content.actions.files import beside, keep_in, take_in
from siyu.content.check.words import ASSUMED, NAMED
from siyu.content.model import Made
from siyu.identities import views as identities
from siyu.kernel.errors import NotFound
from siyu.kernel.sentence import Sentence
from siyu.kernel.time import zone

app = typer.Typer(no_args_is_help=True)
Code = Annotated[str, typer.Argument(help="The material's code.")]
RETIRED = Sentence("retired", "已停用")
VersionArg = Annotated[int | None, typer.Option("--version", help="Default: the newest.")]


@app.command("list")
def listing(
    kind: Annotated[str, typer.Option(help="Only of this kind.")] = "",
    tag: Annotated[str, typer.Option(help="Only with this tag.")] = "",
    state: Annotated[str, typer.Option(help="Only whose newest version is in this state.")] = "",
    *,
    retired: Annotated[bool, typer.Option(help="Retired ones, too.")] = False,
    home: Home = None,
    json: Json = False,
) -> None:
    """The shelf: each material with its newest version."""
    with spoken(json=json), opened(home) as siyu:
        with siyu.db.transaction() as conn:
            found = views.listed(conn, kind=kind, tag=tag, state=state, retired=retired)

        def show(_: object) -> None:
            heads = ["code", "kind", "channel", "title", "tags", "owner", "valid until", "version",
                     "state", "playbook"]  # fmt: skip
            rows = [
                [one.code, coded("material_kind", one.kind), coded("channel", one.channel),
                 one.title, listed(one.tags), one.owner, one.valid_until, one.version,
                 RETIRED if one.retired_at else coded("material_state", one.state), one.playbook]
                for one in found
            ]  # fmt: skip
            table("Materials", heads, rows, local(siyu))

        answer({"materials": [one._asdict() for one in found]}, json=json, show=show)


@app.command("show")
def show_one(code: Code, version: VersionArg = None, home: Home = None, json: Json = False) -> None:
    """A material: what a version says, and who made and reviewed each."""
    with spoken(json=json), opened(home) as siyu:
        with siyu.db.transaction() as conn:
            found, versions = views.one(conn, code)
            texts = views.texts(conn, code, version or found.version)
        if not texts:
            raise NotFound(
                Sentence(f"{code} has no version {version}.", f"{code} 没有版本 {version}。")
            )
        told = {
            "material": found._asdict(),
            "versions": [one._asdict() for one in versions],
            "texts": [asdict(one) for one in texts],
        }

        def show(_: object) -> None:
            kind, channel = coded("material_kind", found.kind), coded("channel", found.channel)
            say(
                Sentence(
                    f"{found.code}: {found.title} ({kind}, {channel})",
                    f"{found.code}：{found.title}（{kind.zh}，{channel.zh}）",
                )
            )
            for one in texts:
                share = Sentence(f", weight {one.weight}", f"，权重 {one.weight}")
                share = share if one.variant else Sentence("", "")
                name = ".".join(part for part in (one.locale, one.variant) if part)
                say(Sentence(f"\n[{name}{share}]", f"\n[{name}{share.zh}]"))
                say(one.body)
                for part in (one.links, one.form):
                    for key, value in part.items():
                        say(f"  {key}: {value}")
            heads = ["version", "state", "made by", "made", "decided by", "decided", "why"]
            rows = [
                (number, coded("material_state", state), *rest) for number, state, *rest in versions
            ]
            table("Versions", heads, rows, local(siyu))

        answer(told, json=json, show=show)


@app.command("import")
def take(
    path: Annotated[
        Path, typer.Argument(help="A file, or a folder with materials.yaml and its pictures.")
    ],
    *,
    draft: Annotated[
        bool, typer.Option("--draft", help="Somebody has to approve it before it is sent.")
    ] = False,
    by: By = "",
    home: Home = None,
    json: Json = False,
) -> None:
    """Take in a file of materials with the pictures beside it: all of it, or nothing."""
    with spoken(json=json), opened(home) as siyu:
        name, text, pictures = beside(path)
        made = Made(me(by), siyu.clock.now(), "draft" if draft else "approved")
        with siyu.db.transaction() as conn:
            done = take_in(conn, text, made, pictures, keep_in(siyu.settings.home), name)
        told = {
            "materials": done.materials,
            "written": [one._asdict() for one in done.written],
            "advice": [str(one) for one in done.advice],
        }

        def show(_: object) -> None:
            new = listed(_version(one.code, one.version) for one in done.written) or NONE
            read = many(done.materials, "material", "个素材")
            say(
                Sentence(
                    f"{read} read; new versions: {new}.", f"已读取 {read.zh}；新版本：{new.zh}。"
                )
            )
            for one in done.advice:
                advice = placed(one)
                say(Sentence(f"  advice: {advice}", f"  建议：{advice.zh}"))

        answer(told, json=json, show=show)


def _review(
    verdict: actions.Verdict, code: str, version: int | None, by: str, why: str, home: Path | None,
    *, json: bool,
) -> None:  # fmt: skip
    with spoken(json=json), opened(home) as siyu:
        with siyu.db.transaction() as conn:
            number = version or views.one(conn, code)[0].version
            actions.review(conn, code, number, verdict, me(by), siyu.clock.now(), why)
            state = next(one.state for one in views.one(conn, code)[1] if one.version == number)
        now_is = coded("material_state", state)
        said = Sentence(
            f"{code}, version {number}, is {now_is}.", f"{code}，版本 {number}：{now_is.zh}。"
        )
        answer(
            {"material": code, "version": number, "state": state},
            json=json,
            show=lambda _: say(said),
        )


@app.command("submit")
def submit(
    code: Code, version: VersionArg = None, by: By = "", home: Home = None, json: Json = False
) -> None:
    """Ask that a draft be looked at."""
    _review("submit", code, version, by, "", home, json=json)


@app.command("approve")
def approve(
    code: Code, version: VersionArg = None, by: By = "", home: Home = None, json: Json = False
) -> None:
    """Say that a version may be sent."""
    _review("approve", code, version, by, "", home, json=json)


@app.command("refuse")
def refuse(
    code: Code,
    why: Annotated[str, typer.Option(help="Why; whoever wrote it reads this.")] = "",
    version: VersionArg = None,
    by: By = "",
    home: Home = None,
    json: Json = False,
) -> None:
    """Say that a version may not be sent (any more)."""
    _review("refuse", code, version, by, why, home, json=json)


@app.command("retire")
def retire(code: Code, by: By = "", home: Home = None, json: Json = False) -> None:
    """Nothing sends it from now on; importing it again puts it back."""
    with spoken(json=json), opened(home) as siyu:
        with siyu.db.transaction() as conn:
            actions.retire(conn, code, me(by), siyu.clock.now())
        said = Sentence(f"{code} is retired.", f"{code} 已停用。")
        answer({"retired": code}, json=json, show=lambda _: say(said))


@app.command("preview")
def preview(
    code: Code,
    customer: Annotated[str, typer.Option(help="Whose: cus_….")],
    locale: Annotated[str, typer.Option(help="zh or en; default: the brand's.")] = "",
    out: Annotated[
        Path | None,
        typer.Option(help="Write a poster here: .png as it is sent, .svg for the printer."),
    ] = None,
    home: Home = None,
    json: Json = False,
) -> None:
    """A material as this customer would get it: their variant, and a masked name."""
    with spoken(json=json), opened(home) as siyu:
        found = _preview(siyu, code, customer, locale)
        if out is not None:
            drawn = found.png if out.suffix.lower() == ".png" else found.poster.encode()
            if not drawn:
                why = f" ({found.unfit})" if found.unfit else ""
                raise NotFound(
                    Sentence(
                        f"{code} is no poster that can be drawn so{why}.",
                        f"{code} 不是能这样绘制的海报{why}。",
                    )
                )
            out.write_bytes(drawn)

        def show(_: object) -> None:
            say(_which(code, found))
            say(found.text)
            if found.assumed:
                some = listed(found.assumed)
                say(Sentence(f"Examples stand for: {some}.", f"以示例值代替：{some.zh}。"))
            if found.wordless:
                say(
                    Sentence(
                        "No font with Chinese here: its words are left out. Name one: poster_font.",
                        "这里没有中文字体：海报上的文字没有画出。请设置 poster_font。",
                    )
                )
            if found.unfit:
                why = Sentence(found.unfit, budget_words(found.unfit, "zh"))
                say(Sentence(f"It would not be sent: {why}.", f"不会发送：{why.zh}。"))

        told = found._asdict()
        del told["png"]  # a picture is looked at as a file: --out
        answer(told, json=json, show=show)


def _version(code: str, version: int) -> Sentence:
    return Sentence(f"{code} ({version})", f"{code}（{version}）")


def _which(code: str, found: previews.Preview) -> Sentence:
    size = many(found.segments, "segment", "段短信")
    parts = (
        Sentence(f"{code}, version {found.version}", f"{code}，版本 {found.version}"),
        found.variant and Sentence(f"variant {found.variant} ({found.probability:.0%})",
                                   f"变体 {found.variant}（{found.probability:.0%}）"),
        found.segments and size,
    )  # fmt: skip
    return joined((one for one in parts if one), ", ", "，")


def _preview(siyu: App, code: str, customer: str, locale: str) -> previews.Preview:
    number = siyu.ids.decode("cus", customer)
    if number is None:
        raise NotFound(
            Sentence(
                f"{customer!r} is no customer of ours; a customer looks like cus_….",
                f"{customer!r} 不是我们的客户；客户编号形如 cus_…。",
            )
        )
    today = siyu.clock.now().astimezone(zone(siyu.brand.time_zone)).date()
    with siyu.db.transaction() as conn:
        whose = identities.survivor(conn, [number])[number]
        found = previews.preview(
            conn, siyu.context, code, whose, locale or siyu.brand.locale, today
        )
    return previews.drawn(found)


@app.command("word")
def word(
    add: Annotated[str, typer.Option(help="A word that your carriers intercept.")] = "",
    allow: Annotated[str, typer.Option(help="A word that your provider lets pass.")] = "",
    by: By = "",
    home: Home = None,
    json: Json = False,
) -> None:
    """The words for which carriers hold Chinese texts back: show them, add one, allow one."""
    with spoken(json=json), opened(home) as siyu:
        with siyu.db.transaction() as conn:
            for one, allowed in ((add, False), (allow, True)):
                if one:
                    actions.intercept(conn, one, me(by), siyu.clock.now(), allowed=allowed)
            own = views.intercepted(conn)

        def show(_: object) -> None:
            yours = (word for word, allowed in own.items() if not allowed)
            passes = (word for word, allowed in own.items() if allowed)
            for title, words in (
                (Sentence("In a provider's rules", "服务商规则中"), sorted(NAMED)),
                (Sentence("Assumed", "推定"), sorted(ASSUMED)),
                (Sentence("Yours", "自定义"), yours),
                (Sentence("Allowed", "已放行"), passes),
            ):
                said = joined(words, " ") or NONE
                say(Sentence(f"{title}: {said}", f"{title.zh}：{said.zh}"))

        told = {"named": sorted(NAMED), "assumed": sorted(ASSUMED), "own": own}
        answer(told, json=json, show=show)
