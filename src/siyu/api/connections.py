"""Connectors: their settings as a form, a test of them, and how what they ask for fares."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Literal

from fastapi import APIRouter, Body

from siyu.api.auth import TheApp, TheCaller, needs
from siyu.api.words import Words
from siyu.connections import views
from siyu.connections.model import Pulled
from siyu.kernel.sentence import Sentence
from siyu.settings import Origin
from siyu.staff.actions import audit

router = APIRouter(prefix="/connections", tags=["connections"])


@dataclass(frozen=True)
class Both:
    """In both languages."""

    zh: str
    en: str


@dataclass(frozen=True)
class SettingField:
    """`value` is what stands there, or would by default; of a secret it is empty. `many` are lists
    and tables, written as JSON. `fixed`: the environment says it, and it can't be changed here."""

    name: str
    kind: Literal["text", "secret", "number", "yes_no", "choice", "many"]
    about: Both
    choices: list[str]
    value: str
    default: str
    origin: Origin
    fixed: bool


@dataclass(frozen=True)
class PullState:
    """Something that is asked for again and again; `error` of the last try that failed."""

    name: str
    title: Both
    running: bool
    ran_at: datetime | None
    due_at: datetime | None
    failures: int
    error: str


@dataclass(frozen=True)
class Connection:
    """`since`: when new settings were taken up, if that was under way. `problem`: why what stands
    in siyu.toml can't be used; the settings before work on. `hook`: what the vendor posts goes to
    addresses below it; empty where it posts nothing."""

    name: str
    title: Both
    connected: bool
    since: datetime | None
    problem: str
    channels: list[str]
    hook: str
    fields: list[SettingField]
    pulls: list[PullState]


@dataclass(frozen=True)
class ConnectorForms:
    connections: list[Connection]


@dataclass(frozen=True)
class Typed:
    """Field → what is typed there; null: as if nobody had set it. Fields not named here stay."""

    fields: dict[str, Words | None]
    by: Words = ""


@dataclass(frozen=True)
class Finding:
    what: Both
    state: Literal["ok", "missing", "wrong", "unverified"]
    why: Both


@dataclass(frozen=True)
class Findings:
    """What was looked at, and what was found."""

    checks: list[Finding]


@router.get("", **needs("settings.read"))
def connections(app: TheApp) -> ConnectorForms:
    """Every installed connector, connected or not."""
    return ConnectorForms([connection(app, name) for name in app.connections.every])


@router.get("/{connector}", **needs("settings.read"))
def connection(app: TheApp, connector: str) -> Connection:
    """One connector, its settings field by field, as they work."""
    app.take_up()
    works = app.connections.of(connector)
    manifest = works.manifest
    with app.db.transaction() as conn:
        states: Mapping[str, Pulled] = {
            one.name: one for one in views.pulls(conn) if one.connector == connector
        }
    fields = [
        SettingField(
            one.name,
            one.kind,
            _both(one.about),
            list(one.choices),
            one.value,
            one.default,
            one.origin,
            one.fixed,
        )
        for one in app.connections.form(connector)
    ]
    return Connection(
        connector,
        _both(manifest.title),
        works.configured,
        app.in_use.since.get(connector),
        app.in_use.problem,
        list(manifest.channels),
        f"/hooks/{connector}/" if manifest.receive is not None else "",
        fields,
        [_pull(one.name, one.title, states.get(one.name)) for one in manifest.pulls],
    )


@router.put("/{connector}", **needs("settings.write"))
def save(
    app: TheApp, caller: TheCaller, connector: str, new: Annotated[Typed, Body()]
) -> Connection:
    """Check what was typed and keep it in HOME/siyu.toml, all of it or nothing; the audit names the
    fields. What runs takes it up between two batches."""
    app.take_up()
    app.connections.of(connector)
    by, fields = caller.actor(new.by), ", ".join(sorted(new.fields))
    app.connections.save(connector, new.fields)
    with app.db.transaction() as conn:
        audit(conn, by, "connection.save", connector, fields, app.clock.now())
    app.take_up()
    app.wake()
    return connection(app, connector)


@router.post("/{connector}/test", **needs("settings.write"))
def tested(app: TheApp, connector: str) -> Findings:
    """Ask the vendor whether the settings work, and say in words what is missing."""
    app.take_up()
    found = app.connections.of(connector).checks()
    return Findings([Finding(_both(one.what), one.state, _both(one.why)) for one in found])


def _pull(name: str, title: Sentence, state: Pulled | None) -> PullState:
    if state is None:
        return PullState(
            name, _both(title), running=False, ran_at=None, due_at=None, failures=0, error=""
        )
    return PullState(
        name, _both(title), state.running, state.ran_at, state.due_at, state.failures, state.error
    )


def _both(said: Sentence) -> Both:
    return Both(said.zh, said[:])
