"""Install a playbook: all of it in one transaction, or nothing."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import msgspec

from siyu.acquisition import actions as acquisition
from siyu.acquisition import views as admitted
from siyu.acquisition.model import ChannelCode, Source
from siyu.budget.actions import draws
from siyu.content import actions as content
from siyu.content import views as materials
from siyu.content.check.advice import mute
from siyu.content.model import Made, Material
from siyu.journeys import actions as journeys
from siyu.journeys import views as walks
from siyu.journeys.actions import NOBODY, Asked, Publication
from siyu.journeys.check import starts
from siyu.journeys.model import Catalogue
from siyu.kernel.errors import BadInput, Problem
from siyu.kernel.money import to_minor
from siyu.kernel.sentence import Sentence
from siyu.kernel.sql import Conn, load
from siyu.kernel.time import duration
from siyu.offers import actions as offers
from siyu.offers import views as promised
from siyu.offers.model import Offer
from siyu.playbooks.check.offers import terms
from siyu.playbooks.check.whole import Known, codes_of, in_order, wrong
from siyu.playbooks.model import OfferText, OutcomeText, Playbook, SourceText
from siyu.playbooks.source import read, shipped, texts
from siyu.segments import actions as sets
from siyu.segments.model import Family
from siyu.segments.views import stored as segments
from siyu.staff.views import brand as the_brand
from siyu.tagging import actions as tagging
from siyu.tagging.check import check_all
from siyu.vault.model import Keys

SQL = load("siyu.playbooks")
__all__ = [
    "catalogue",
    "codes_of",
    "install",
    "materials_of",
    "problems",
    "publish",
    "read",
    "scopes",
    "shipped",
    "texts",
]
OWNER = "playbook:"  # before its name: who sets its segments and rules; the scope of its hold-out


def problems(
    conn: Conn, playbook: Playbook, currency: str, families: Sequence[Family]
) -> list[Problem]:
    """Everything that is wrong with it here, in all of its files; nothing is changed."""
    known = Known(
        catalogue=catalogue(conn, families),
        when=segments.stock(conn).when,
        taken=_taken(conn, playbook),
        words=materials.intercepted(conn),
        region=the_brand(conn).region,
        currency=currency,
    )
    return wrong(playbook, known, families)


def install(
    conn: Conn,
    playbook: Playbook,
    currency: str,
    families: Sequence[Family],
    now: datetime,
    asked: Asked = NOBODY,
    keys: Keys | None = None,
) -> list[Publication]:
    """Install or update it: the journeys that are published now, audited as `asked` says. `keys`
    are needed where it brings rules of tags.

    The caller's transaction makes it whole: a problem anywhere leaves nothing behind.
    """
    manifest = playbook.manifest
    name = manifest.playbook
    if found := problems(conn, playbook, currency, families):
        raise BadInput(
            Sentence(f"Playbook {name} has problems.", f"打法 {name} 有问题。"), tuple(found)
        )
    offers.install(conn, [_offer(one, currency) for one in manifest.offers], name)
    content.install(
        conn,
        materials_of(playbook, the_brand(conn).region),
        name,
        {one.code: one.about for one in playbook.materials},
        Made(asked.by or name, now),
    )
    codes = [
        ChannelCode(source.code, code.step, code.staff, code.title)
        for source in manifest.sources
        for code in source.codes
    ]
    acquisition.install(conn, [_source(one) for one in manifest.sources], codes, name)
    if playbook.tags and keys is not None:
        tagging.set_rules(conn, keys, playbook.tags, OWNER + name, now)
    _install_segments(conn, playbook, families, now)
    draws.set_share(conn, OWNER + name, manifest.holdout, asked.by, now)
    known = catalogue(conn, families)
    own = {text: walks.read(text, families) for text in playbook.journeys.values()}
    begun = {one.journey: starts(text, families) for text, one in own.items() if one is not None}
    known = known._replace(journeys={**known.journeys, **begun})
    published = [
        journeys.publish(conn, text, known, families, name, now, asked)
        for text in playbook.journeys.values()
    ]
    kept = {"code": name, "digest": playbook.digest, "now": now, **_success(manifest.outcome)}
    conn.execute(SQL.install, kept)
    return published


def _success(one: OutcomeText | None) -> dict[str, object]:
    """What counts as success, for the report."""
    if one is None:
        return {"event": "", "data": "{}", "seconds": 0}
    data = msgspec.json.encode(one.data).decode()
    seconds = int(duration(one.within).total_seconds())
    return {"event": one.event, "data": data, "seconds": seconds}


def _install_segments(
    conn: Conn, playbook: Playbook, families: Sequence[Family], now: datetime
) -> None:
    """What a brand has edited since, or retired, stays as it is."""
    owner = OWNER + playbook.manifest.playbook
    there = segments.stock(conn).by_code
    for text in in_order(playbook):
        (code,) = codes_of([text], "segment")
        before = there.get(code)
        if before is None or (before.set_by == owner and before.retired_at is None):
            sets.keep(conn, text, families, owner, now)


def materials_of(playbook: Playbook, region: str) -> list[Material]:
    """Its texts for a brand of this region, in both languages."""
    return [text for one in playbook.materials for text in one.texts(region)]


def _taken(conn: Conn, playbook: Playbook) -> dict[tuple[str, str], str]:
    """Codes of its that are another playbook's, or the brand's own."""
    manifest = playbook.manifest
    rules = check_all(playbook.tags) if playbook.tags else ()
    params = {
        "playbook": manifest.playbook,
        "owner": OWNER + manifest.playbook,
        "sources": [one.code for one in manifest.sources],
        "offers": [one.code for one in manifest.offers],
        "materials": [one.code for one in playbook.materials],
        "journeys": sorted(codes_of(playbook.journeys.values(), "journey")),
        "segments": sorted(codes_of(playbook.segments.values(), "segment")),
        "rules": [one[0].code for one in rules if not isinstance(one, Problem)],
    }
    return {(what, code): owner for what, code, owner in conn.fetch(SQL.taken, params)}


def scopes(conn: Conn) -> list[str]:
    """Every draw of a hold-out that is made here."""
    return [row[0] for row in conn.fetch(SQL.scopes)]


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
