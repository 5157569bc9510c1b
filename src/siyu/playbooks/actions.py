"""Read a playbook's folder, and install it: all of it in one transaction, or nothing."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from importlib.resources import files
from pathlib import Path

from siyu.acquisition import actions as acquisition
from siyu.acquisition import views as admitted
from siyu.acquisition.model import ChannelCode, Source
from siyu.content import actions as content
from siyu.content import views as materials
from siyu.content.check.advice import mute
from siyu.content.model import Made, Material
from siyu.journeys import actions as journeys
from siyu.journeys import views as walks
from siyu.journeys.actions import Asked, Publication
from siyu.journeys.check import starts
from siyu.journeys.model import Catalogue, Journey
from siyu.kernel.errors import BadInput, NotFound, Problem
from siyu.kernel.money import to_minor
from siyu.kernel.sentence import Sentence
from siyu.kernel.sql import Conn, load
from siyu.offers import actions as offers
from siyu.offers import views as promised
from siyu.offers.model import Offer
from siyu.playbooks.check import playbook as parsed
from siyu.playbooks.check.offers import terms
from siyu.playbooks.model import OfferText, Playbook, SourceText
from siyu.segments.model import Family
from siyu.segments.views import stored as segments
from siyu.staff.views import brand as the_brand

SQL = load("siyu.playbooks")
MOST_FILES = 200


def shipped() -> list[str]:
    """The playbooks that come with Siyu."""
    folder = files("siyu.playbooks")
    return sorted(one.name for one in folder.iterdir() if one.joinpath("playbook.yaml").is_file())


def texts(name: str) -> dict[str, str]:
    """The files of a shipped playbook by name, or of a folder by path: path → text."""
    folder = Path(str(files("siyu.playbooks").joinpath(name))) if name in shipped() else Path(name)
    if not (folder / "playbook.yaml").is_file():
        raise NotFound(
            Sentence(
                f"no playbook {name!r}; shipped are {', '.join(shipped())}, or name a folder",
                f"没有打法 {name!r}；自带的有 {', '.join(shipped())}，也可以给出文件夹",
            )
        )
    return _texts(folder)


def read(name: str) -> Playbook:
    """A shipped playbook by name, or a folder by path."""
    return parsed(texts(name))


def _texts(folder: Path) -> dict[str, str]:
    paths = [path for path in sorted(folder.rglob("*.yaml")) if path.is_file()]
    if len(paths) > MOST_FILES:
        raise BadInput(
            Sentence(
                f"{folder} holds {len(paths)} files; that is no playbook.",
                f"{folder} 里有 {len(paths)} 个文件；这不是打法。",
            )
        )
    try:
        return {path.relative_to(folder).as_posix(): path.read_text("utf-8") for path in paths}
    except UnicodeDecodeError:
        raise BadInput(
            Sentence(f"A file in {folder} is not UTF-8.", f"{folder} 里有文件不是 UTF-8 编码。")
        ) from None


def install(
    conn: Conn,
    playbook: Playbook,
    currency: str,
    families: Sequence[Family],
    now: datetime,
    by: str = "",
) -> list[str]:
    """Install or update it; the codes of the journeys that are published now, audited with `by`.

    The caller's transaction makes it whole: a problem anywhere leaves nothing behind.
    """
    manifest = playbook.manifest
    name = manifest.playbook
    _refuse_taken(conn, playbook)
    offers.install(conn, [_offer(one, currency) for one in manifest.offers], name)
    said = materials_of(playbook, the_brand(conn).region)
    content.install(
        conn,
        said,
        name,
        {one.code: one.about for one in playbook.materials},
        Made(by or name, now),
    )
    codes = [
        ChannelCode(source.code, code.step, code.staff, code.title)
        for source in manifest.sources
        for code in source.codes
    ]
    acquisition.install(conn, [_source(one) for one in manifest.sources], codes, name)
    known = Catalogue(
        materials={one.code: one.channel for one in playbook.materials},
        offers={one.code: one.kind for one in manifest.offers},
        codes=frozenset(code.code for code in codes),
        sources=frozenset(source.code for source in manifest.sources),
        journeys={**walks.starts(conn, families), **_starts(playbook, families)},
        segments=segments.codes(conn),
        mute=mute(said),
    )
    published: list[str] = []
    for path, text in playbook.journeys.items():
        done = journeys.publish(conn, text, known, families, name, now, Asked(by))
        published.append(done.code)
        _one_draw(path, walks.read(text, families), manifest.sources)
    conn.execute(SQL.install, {"code": name, "digest": playbook.digest, "now": now})
    return published


def materials_of(playbook: Playbook, region: str) -> list[Material]:
    """Its texts for a brand of this region, in both languages."""
    return [text for one in playbook.materials for text in one.texts(region)]


def _starts(playbook: Playbook, families: Sequence[Family]) -> dict[str, frozenset[str]]:
    """The playbook's own journeys, whichever of them is published first."""
    found = {text: walks.read(text, families) for text in playbook.journeys.values()}
    return {one.journey: starts(text, families) for text, one in found.items() if one is not None}


def _refuse_taken(conn: Conn, playbook: Playbook) -> None:
    """Two playbooks never share a source, an offer or a text: one would replace the other's."""
    params = {
        "playbook": playbook.manifest.playbook,
        "sources": [one.code for one in playbook.manifest.sources],
        "offers": [one.code for one in playbook.manifest.offers],
        "materials": [one.code for one in playbook.materials],
    }
    problems = tuple(
        Problem(
            f"{what} {code}",
            Sentence(
                f"belongs to the playbook {owner}; give yours another code",
                f"属于打法 {owner}；请换一个编码",
            ),
        )
        for what, code, owner in conn.fetch(SQL.taken, params)
    )
    if problems:
        raise BadInput(Sentence("Another playbook is in the way.", "与另一个打法冲突。"), problems)


def publish(
    conn: Conn,
    text: str,
    families: Sequence[Family],
    now: datetime,
    asked: Asked,
) -> Publication:
    """Publish a journey's text by itself; what it refers to must be installed already."""
    known = catalogue(conn, families)
    return journeys.publish(conn, text, known, families, "own", now, asked)


def catalogue(conn: Conn, families: Sequence[Family]) -> Catalogue:
    """What is installed, so that a text may refer to it."""
    shelf = materials.listing(conn)
    return Catalogue(
        materials={one.code: one.channel for one in shelf},
        offers={code: one.kind for code, one in promised.offers(conn).items()},
        codes=frozenset(code.code for code in admitted.codes(conn)),
        sources=frozenset(admitted.sources(conn)),
        journeys=walks.starts(conn, families),
        segments=segments.codes(conn),
        mute=mute(shelf),
    )


def _offer(one: OfferText, currency: str) -> Offer:
    if currency not in one.value:
        known = ", ".join(sorted(one.value))
        problem = Problem(
            f"offers.{one.code}.value",
            Sentence(
                f"no value in {currency}, only in {known}", f"没有 {currency} 的金额，只有 {known}"
            ),
        )
        raise BadInput(
            Sentence(f"The brand's books are kept in {currency}.", f"品牌的账用 {currency} 记。"),
            (problem,),
        )
    return Offer(
        code=one.code,
        title={"zh": one.title.zh, "en": one.title.en},
        value_minor=to_minor(one.value[currency], currency),
        sku=one.sku or "",
        substitute=one.substitute,
        kind=one.kind,
        terms=terms(one, currency),
    )


def _source(one: SourceText) -> Source:
    return Source(
        code=one.code,
        title={"zh": one.title.zh, "en": one.title.en},
        admission=one.admission,
        shops=tuple(one.shops),
        journey=one.journey,
        holdout=one.holdout,
        gift=one.gift,
        card=one.card,
    )


def _one_draw(path: str, journey: Journey | None, sources: Sequence[SourceText]) -> None:
    """A customer who is held out is held out of touches and of inserts alike."""
    for source in sources:
        if journey and source.journey == journey.journey and source.holdout != journey.holdout:
            why = Sentence(
                f"is {journey.holdout}, but its source {source.code} has {source.holdout}",
                f"是 {journey.holdout}，但它的来源 {source.code} 是 {source.holdout}",
            )
            raise BadInput(
                Sentence("One draw decides both.", "两处由同一次抽签决定。"),
                (Problem(f"{path} holdout", why),),
            )
