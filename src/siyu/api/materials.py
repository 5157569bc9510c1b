"""Materials: the shelf, what is wrong with a file, taking it in, review, a customer's preview."""

from __future__ import annotations

import re
from base64 import b64encode
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Body, Query, Request
from fastapi import Path as PathOf
from fastapi.responses import FileResponse
from pydantic import StringConstraints
from starlette.concurrency import run_in_threadpool

from siyu.analytics.views import previews
from siyu.api.auth import TheApp, TheCaller, needs
from siyu.api.customers import mine
from siyu.api.imports import with_body
from siyu.api.language import TheLanguage
from siyu.api.words import Number, Who, Words
from siyu.content import actions, views
from siyu.content.actions.files import keep_in, take_in
from siyu.content.check.files import read_file
from siyu.content.check.words import ASSUMED, NAMED
from siyu.content.model import MOST_PICTURE, Kind, Made, State
from siyu.kernel.document import LARGEST
from siyu.kernel.errors import NotFound, Problem, TooLarge
from siyu.kernel.sentence import Language, Sentence, within
from siyu.kernel.sql import Conn
from siyu.kernel.time import zone

router = APIRouter(prefix="/materials", tags=["materials"])
Text = Annotated[str, StringConstraints(max_length=LARGEST, pattern=r"^[^\x00]*$")]
By = Annotated[Words, Query(max_length=200, description="Who does it, with the API key.")]
_FILTER: dict[str, Any] = {"max_length": 120, "pattern": r"^[^\x00]*$"}
OfKind = Annotated[str, Query(**_FILTER, description="Only of this kind.", examples=["poster"])]
Tag = Annotated[str, Query(**_FILTER, description="Only with this tag.", examples=["spring"])]
InState = Annotated[
    str,
    Query(
        **_FILTER,
        description="Only whose newest version is in this state.",
        examples=["in_review"],
    ),
]
Retired = Annotated[bool, Query(description="Retired ones, too.")]
_BINARY = {"schema": {"type": "string", "format": "binary"}}
PictureFile = Annotated[str, PathOf(description="What the picture is called.", max_length=40)]
_NAME = re.compile(r"[0-9a-f]{32}\.(jpg|png)")


@dataclass(frozen=True)
class MaterialLine:
    """A material and its newest version; days are the brand's, both within."""

    code: str
    channel: str
    kind: Kind
    title: str
    tags: list[str]
    owner: str
    valid_from: date | None
    valid_until: date | None
    playbook: str
    retired_at: datetime | None
    retired_by: str
    version: int
    state: State
    made_by: str
    made_at: datetime | None


@dataclass(frozen=True)
class MaterialList:
    materials: list[MaterialLine]


@dataclass(frozen=True)
class MaterialVersion:
    version: int
    state: State
    made_by: str
    made_at: datetime | None
    decided_by: str
    decided_at: datetime | None
    why: str


@dataclass(frozen=True)
class MaterialText:
    """`links`: name → where its short link leads; `form`: what its kind asks for."""

    locale: Literal["zh", "en"]
    variant: str
    weight: int
    body: str
    variables: Mapping[str, str]
    links: Mapping[str, str]
    form: Mapping[str, str]


@dataclass(frozen=True)
class MaterialShown:
    """`texts` are those of `version`."""

    material: MaterialLine
    versions: list[MaterialVersion]
    version: int
    texts: list[MaterialText]


@dataclass(frozen=True)
class MaterialFile:
    """A file of materials (YAML). `draft`: somebody has to approve it before it is sent."""

    text: Text
    draft: bool = False
    by: Words = ""


@dataclass(frozen=True)
class LineProblem:
    where: str
    line: int | None
    why: str


@dataclass(frozen=True)
class MaterialsChecked:
    """`problems` keep a file from being taken in, `advice` does not."""

    problems: list[LineProblem]
    advice: list[LineProblem]


@dataclass(frozen=True)
class NewVersion:
    code: str
    version: int


@dataclass(frozen=True)
class MaterialsTaken:
    """`written`: versions that are new; what says the same as before is none."""

    materials: int
    written: list[NewVersion]
    state: State
    advice: list[LineProblem]


@dataclass(frozen=True)
class MaterialDraft:
    version: Number
    by: Words = ""


@dataclass(frozen=True)
class MaterialVerdict:
    """`refuse` wants a reason in `why`."""

    version: Number
    verdict: Literal["approve", "refuse"]
    why: Words = ""
    by: Words = ""


@dataclass(frozen=True)
class MaterialPreview:
    """`assumed`: variables of which an example stands for what is known only when it is sent;
    `unfit`: why it would not be sent; `poster`: an SVG with the customer's code, for the printer;
    `png`: the poster as it is sent, in base64; `wordless`: this machine has no font with Chinese,
    so what it says is left out."""

    code: str
    version: int
    locale: Literal["zh", "en"]
    variant: str
    probability: float
    text: str
    segments: int
    bytes: int
    assumed: list[str]
    unfit: str
    form: Mapping[str, str]
    links: Mapping[str, str]
    poster: str
    png: str
    wordless: bool


@dataclass(frozen=True)
class PictureName:
    name: str


@dataclass(frozen=True)
class InterceptedWords:
    """`named` stand in a provider's rules, `assumed` are what practitioners avoid; `own`: yours,
    with whether your provider lets it pass."""

    named: list[str]
    assumed: list[str]
    own: Mapping[str, bool]


@dataclass(frozen=True)
class NewWord:
    word: Words
    allowed: bool = False
    by: Words = ""


@router.get("", **needs("content.read"))
def listed(
    app: TheApp,
    kind: OfKind = "",
    tag: Tag = "",
    state: InState = "",
    *,
    retired: Retired = False,
) -> MaterialList:
    """The shelf, by code."""
    with app.db.transaction() as conn:
        found = views.listed(conn, kind=kind, tag=tag, state=state, retired=retired)
    return MaterialList([_line(one) for one in found])


@router.get("/words", **needs("content.read"))
def words(app: TheApp) -> InterceptedWords:
    """The words for which carriers hold Chinese texts back."""
    with app.db.transaction() as conn:
        return InterceptedWords(sorted(NAMED), sorted(ASSUMED), views.intercepted(conn))


@router.post("/words", **needs("content.write"))
def word(app: TheApp, caller: TheCaller, new: Annotated[NewWord, Body()]) -> InterceptedWords:
    """Add a word that carriers intercept, or say that your provider lets it pass. Audited."""
    by = caller.actor(new.by)
    with app.db.transaction() as conn:
        actions.intercept(conn, new.word, by, app.clock.now(), allowed=new.allowed)
    return words(app)


@router.post("/pictures", **with_body("content.write"))
async def upload(request: Request, app: TheApp, caller: TheCaller, by: By = "") -> PictureName:
    """Hand over a picture (JPG or PNG, at most 2 MB), as it is, as the body; it is named in a file
    of materials by the name that is answered. The same picture has the same name."""
    caller.actor(by)
    content = bytearray()
    async for piece in request.stream():
        content += piece
        if len(content) > MOST_PICTURE:
            most = MOST_PICTURE >> 20
            raise TooLarge(Sentence(f"A picture has at most {most} MB.", f"图片最大 {most} MB。"))
    keep = keep_in(app.settings.home)
    return PictureName(await run_in_threadpool(keep, bytes(content)))


@router.get(
    "/pictures/{name}",
    response_class=FileResponse,
    responses={200: {"content": dict.fromkeys(("image/png", "image/jpeg"), _BINARY)}},
    **needs("content.read"),
)
def picture(app: TheApp, name: PictureFile) -> FileResponse:
    """A picture that was taken in."""
    file = app.settings.home / "materials" / name
    if not _NAME.fullmatch(name) or not file.is_file():
        raise NotFound(Sentence("There is no such picture.", "没有这张图片。"))
    return FileResponse(file, headers={"X-Content-Type-Options": "nosniff"})


@router.post("/check", **needs("content.read", once=False))
def check(
    app: TheApp, new: Annotated[MaterialFile, Body()], locale: TheLanguage
) -> MaterialsChecked:
    """What is wrong with a file of materials, and what could be better; nothing is taken in."""
    with app.db.transaction() as conn:
        found = read_file(new.text, app.brand.region, views.intercepted(conn))
    return MaterialsChecked(_said(found.problems, locale), _said(found.advice, locale))


@router.post("", **needs("content.write"))
def take(
    app: TheApp, caller: TheCaller, new: Annotated[MaterialFile, Body()], locale: TheLanguage
) -> MaterialsTaken:
    """Take in a file of materials, all of it or nothing. Approved at once by whoever may approve;
    by others, and with `draft`, it waits for somebody who does."""
    by = caller.actor(new.by)
    approves = "content.approve" in caller.may and not new.draft
    made = Made(by, app.clock.now(), "approved" if approves else "draft")
    with app.db.transaction() as conn:
        done = take_in(conn, new.text, made, {}, keep_in(app.settings.home))
    written = [NewVersion(*one) for one in done.written]
    return MaterialsTaken(done.materials, written, made.state, _said(done.advice, locale))


@router.get("/{code}", **needs("content.read"))
def shown(
    app: TheApp,
    code: Words,
    version: Annotated[Number | None, Query(description="This version; empty: the newest.")] = None,
) -> MaterialShown:
    """A material, its versions, and what one of them says."""
    with app.db.transaction() as conn:
        return _shown(conn, code, version)


@router.post("/{code}/submit", **needs("content.write"))
def submit(
    app: TheApp, caller: TheCaller, code: Words, new: Annotated[MaterialDraft, Body()]
) -> MaterialShown:
    """Ask that a draft be looked at. Audited."""
    by = caller.actor(new.by)
    with app.db.transaction() as conn:
        actions.review(conn, code, new.version, "submit", by, app.clock.now())
        return _shown(conn, code, new.version)


@router.post("/{code}/review", **needs("content.approve"))
def review(
    app: TheApp, caller: TheCaller, code: Words, new: Annotated[MaterialVerdict, Body()]
) -> MaterialShown:
    """Say that a version may be sent, or may not (any more). Audited."""
    by = caller.actor(new.by)
    with app.db.transaction() as conn:
        actions.review(conn, code, new.version, new.verdict, by, app.clock.now(), new.why)
        return _shown(conn, code, new.version)


@router.post("/{code}/retire", **needs("content.write"))
def retire(
    app: TheApp, caller: TheCaller, code: Words, new: Annotated[Who, Body()]
) -> MaterialShown:
    """Nothing sends it from now on; what was sent stays. Audited."""
    by = caller.actor(new.by)
    with app.db.transaction() as conn:
        actions.retire(conn, code, by, app.clock.now())
        return _shown(conn, code, None)


@router.get("/{code}/preview", **needs("content.read", scoped=True))
def preview(
    app: TheApp,
    caller: TheCaller,
    code: Words,
    customer: Annotated[str, Query(max_length=30, description="Whose: cus_….")],
    language: Annotated[
        Literal["zh", "en"] | None, Query(description="The text's; empty: the brand's.")
    ] = None,
) -> MaterialPreview:
    """A material as this customer would get it, with their variant and a masked name."""
    today = app.clock.now().astimezone(zone(app.brand.time_zone)).date()
    with app.db.transaction() as conn:
        whose = mine(app, conn, caller, customer)
        found = previews.preview(
            conn, app.context, code, whose, language or app.brand.locale, today
        )
    seen = previews.drawn(found)
    told: dict[str, Any] = seen._asdict()
    told["png"] = b64encode(seen.png).decode()
    return MaterialPreview(**told)


def _shown(conn: Conn, code: str, version: int | None) -> MaterialShown:
    material, versions = views.one(conn, code)
    wanted = material.version if version is None else version
    texts = views.texts(conn, code, wanted)
    if not texts:
        raise NotFound(Sentence(f"{code} has no version {wanted}.", f"{code} 没有第 {wanted} 版。"))
    return MaterialShown(
        _line(material),
        [MaterialVersion(*one) for one in versions],
        wanted,
        [
            MaterialText(
                "zh" if one.locale == "zh" else "en", one.variant, one.weight, one.body,
                one.variables, one.links, one.form,
            )
            for one in texts
        ],
    )  # fmt: skip


def _line(one: views.Listed) -> MaterialLine:
    found: dict[str, Any] = one._asdict()
    return MaterialLine(**found)


def _said(problems: list[Problem], locale: Language) -> list[LineProblem]:
    return [LineProblem(one.where, one.line, within(locale, one.why)) for one in problems]
